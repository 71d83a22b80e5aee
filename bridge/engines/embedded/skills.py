"""What agents know how to do: take and put down, ride and dismount, sit and stand; each takes a moment and may fail."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Action, Drive, Skill, Velocity
from bridge.engines.embedded import deeds, opening
from bridge.engines.embedded.motion import DRIVE, HOLD, VELOCITY
from bridge.types import AgentState

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]
_LASTS_S = {
    "pick_up": 0.6,
    "put_down": 0.6,
    "sit": 0.8,
    "stand": 0.8,
    "ride": 1.0,
    "dismount": 1.0,
    "open": 0.4,
    "close": 0.4,
}
_STILL = (0.0, 0.0, 0.0)
_DEEDS = {
    "pick_up": deeds.pick_up, "put_down": deeds.put_down, "sit": deeds.sit, "stand": deeds.stand, "ride": deeds.ride,
    "dismount": deeds.dismount, "open": opening.open_or_close, "close": opening.open_or_close,
}  # fmt: skip


@dataclass
class Doer:
    """One who acts: what they ride, hold and sit on, the skill under way, and why the last one failed."""

    name: str
    slot: int
    riding: str = ""
    holding: list[str] = field(default_factory=list)
    seat: str = ""
    stood_at: Array | None = None
    motion: object = None
    skill: Skill | None = None
    last: Skill | None = None
    ticks_left: int = 0
    failure: str = ""
    shown: AgentState | None = None
    written: tuple[object, str] = (None, "None")

    def order(self) -> str:
        """The present order as text; written anew only when it is another."""
        if self.written[0] is not self.motion:
            self.written = self.motion, repr(self.motion)
        return self.written[1]


class Skills:
    """The doings of all who act in one world."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.doers: dict[str, Doer] = {}
        self._riders: dict[str, str] = {}
        self.enrol()

    def enrol(self) -> None:
        """Takes new agents in and lets those go who are no more."""
        world = self.world
        for name in [name for name in self.doers if name not in world.slot]:
            del self.doers[name]
        for name in world.agents():
            if name not in world.robots:
                self.doer(name)
        for name, doer in self.doers.items():
            doer.slot = world.slot[name]
        self.actors = {name for name in world.slot if world.things[name].role != "free"} | world.robots.keys()
        """Names of all that can be sent actions."""

    def doer(self, name: str) -> Doer:
        """Who acts under a name; anything that moves by itself can."""
        if name not in self.doers:
            self.doers[name] = Doer(name, self.world.slot[name])
        return self.doers[name]

    def riding(self) -> dict[str, str]:
        """Who rides what."""
        return {name: doer.riding for name, doer in self.doers.items() if doer.riding}

    def begin(self, name: str, action: Action) -> None:
        """Takes an action that was checked (see orders)."""
        if name in self.world.robots:
            self.world.robots[name].tell(action)
            return
        doer, motion = self.doer(name), action.motion
        if isinstance(motion, Skill):
            is_repeated = motion == doer.last and not doer.failure
            if not is_repeated:
                self._tell(doer, HOLD, _STILL)
                doer.skill = doer.last = doer.motion = motion
                doer.failure = ""
                doer.ticks_left = round(_LASTS_S.get(motion.verb, 0.0) / TICK_S)
            return
        if motion is not None and (motion is doer.motion or motion == doer.motion):
            return
        doer.skill = doer.last = None
        doer.motion, doer.failure = _plain(motion), ""
        if isinstance(motion, Velocity):
            self._tell(doer, VELOCITY, (motion.forward_m_s, motion.left_m_s, motion.yaw_rate_rad_s))
        elif isinstance(motion, Drive):
            self._tell(doer, DRIVE, (motion.throttle, motion.steer, motion.brake))
        else:
            self._tell(doer, HOLD, _STILL)

    def _tell(self, doer: Doer, mode: float, numbers: tuple[float, float, float]) -> None:
        """Passes an order on to whoever's body or vehicle carries it out."""
        world, rider = self.world, self._riders.get(doer.name, "")
        if mode != HOLD:
            if doer.seat:
                doer.failure = f"{doer.name} sits on {doer.seat}. Stand up first."
            elif mode == DRIVE and not doer.riding and world.things[doer.name].role == "walker":
                doer.failure = f"{doer.name} is on foot. Ride something before driving, or send a Velocity."
            elif rider:
                doer.failure = f"{doer.name} is ridden by {rider}, who steers. Send the action to {rider}."
            if doer.failure:
                mode, numbers = HOLD, _STILL
        if not rider:
            world.order_of(world.slot[doer.riding] if doer.riding else doer.slot, mode, numbers)

    def mount(self, doer: Doer, vehicle: str) -> None:
        """Notes that somebody rides a vehicle, or none ("")."""
        for name in (doer.riding, vehicle):
            if name:
                self._riders.pop(name, None)
                self.world.order_of(self.world.slot[name], HOLD, _STILL)
                if name in self.doers:
                    self.doers[name].motion = None
        doer.riding = vehicle
        if vehicle:
            self._riders[vehicle] = doer.name

    def rider(self, vehicle: str) -> str:
        """Who rides a vehicle, "" if nobody does."""
        return self._riders.get(vehicle, "")

    def holder(self, thing: str) -> str:
        """Who holds a thing, "" if nobody does."""
        return next((name for name, doer in self.doers.items() if thing in doer.holding), "")

    def advance(self) -> None:
        """One tick of all skills under way; each is carried out when its moment is over."""
        for doer in self.doers.values():
            skill = doer.skill
            if skill is None or skill.verb == "wait":
                continue
            doer.ticks_left -= 1
            if doer.ticks_left <= 0:
                doer.skill = None
                try:
                    _DEEDS[skill.verb](self, doer, skill)
                except deeds.Refused as refused:
                    doer.failure = str(refused)

    def soonest(self) -> int | None:
        """In how many ticks the next skill is carried out; None if none is under way."""
        return min((d.ticks_left for d in self.doers.values() if d.skill and d.skill.verb != "wait"), default=None)

    def skip(self, ticks: int) -> None:
        """So many ticks of all skills under way, none of which ends meanwhile."""
        for doer in self.doers.values():
            if doer.skill is not None and doer.skill.verb != "wait":
                doer.ticks_left -= ticks

    def notice(self) -> None:
        """What agents learn of a tick that is over: that deep water stopped them."""
        for slot in self.world.motion.shorebound.tolist():
            doer = self.doers.get(self.world.slots[slot])
            if doer is not None:
                doer.failure = f"{doer.name} stands before deep water and wades no further. Turn back, or take a boat."

    def states(self) -> tuple[AgentState, ...]:
        """What everybody is up to."""
        return (*map(_shown, self.doers.values()), *(robot.state() for robot in self.world.robots.values()))

    def digest(self) -> bytes:
        """Everything about skills that what happens next depends on."""
        return "\n".join(
            f"{d.name};{d.riding};{d.holding};{d.seat};{d.order()};{d.last};{d.ticks_left};{d.failure}"
            for d in self.doers.values()
            if d.motion is not None or d.riding or d.holding or d.seat or d.failure
        ).encode()


def _plain(motion: object) -> object:
    """The motion in Python's own floats: the hash shall not tell whether 1, 1.0 or NumPy's 1.0 was asked for."""
    if isinstance(motion, Velocity | Drive):
        return type(motion)(*(float(value) for value in vars(motion).values()))
    return motion


def _shown(doer: Doer) -> AgentState:
    """What one is up to; the same object as long as that is the same."""
    doing = doer.skill.verb if doer.skill else ("sit" if doer.seat else "")
    holding, shown = tuple(doer.holding), doer.shown
    if shown is None or (shown.riding, shown.holding, shown.doing, shown.failure) != (
        doer.riding,
        holding,
        doing,
        doer.failure,
    ):
        shown = doer.shown = AgentState(doer.name, doer.riding, holding, doing=doing, failure=doer.failure)
    return shown
