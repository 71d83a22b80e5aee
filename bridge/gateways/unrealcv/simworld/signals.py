"""SimWorld's traffic lights: green for vehicles, walk for people, each for its time; and what heeds them."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, function
from bridge.gateways.unrealcv.motions import motions, yaw_of
from bridge.gateways.unrealcv.reach import RIDDEN, carrier
from bridge.gateways.unrealcv.stage import NOT_FOUND, Stage
from bridge.types import WorldState

Places = NDArray[np.float64]

GREEN_S, YELLOW_S, WALK_S = 10.0, 2.0, 30.0
"""What SimWorld's configuration says unless it is told otherwise."""
_AHEAD_M, _ASIDE_M = (0.5, 12.0), 9.0
"""A light is heeded that stands so far ahead and no farther aside."""


@dataclass(eq=False)
class Signal:
    """One light: how long its phases last [s], in which it is, since and until when [s]; others may follow it."""

    green_s: float = GREEN_S
    yellow_s: float = YELLOW_S
    walk_s: float = WALK_S
    phase: str = "stop"
    since_s: float = 0.0
    ends_s: float = math.inf
    is_cycling: bool = False
    vehicles: list["Signal"] = field(default_factory=list)
    walkers: list["Signal"] = field(default_factory=list)

    def begin(self, phase: str, time_s: float) -> None:
        """Another phase from now on, for those that follow it as well: what lets vehicles go holds people."""
        ends_s = time_s + self._lasts(phase)
        seen: set[Signal] = {self}
        due: list[tuple[Signal, str, float]] = [(self, phase, ends_s)]
        while due:
            signal, shown, until_s = due.pop()
            signal.phase, signal.since_s, signal.ends_s = shown, time_s, until_s
            walks, walks_until_s = (shown, until_s) if shown == "walk" else ("stop", math.inf)
            due += [(one, shown, until_s) for one in signal.vehicles if one not in seen]
            due += [(one, walks, walks_until_s) for one in signal.walkers if one not in seen]
            seen.update(signal.vehicles, signal.walkers)

    def go_on(self, time_s: float) -> None:
        """Through the phases that have ended by now."""
        cycle_s = self.green_s + self.yellow_s + self.walk_s
        if self.is_cycling and time_s - self.ends_s > cycle_s:
            self.begin(self.phase, self.since_s + cycle_s * ((time_s - self.ends_s) // cycle_s))
        while time_s >= self.ends_s:
            self.begin(self._following(), self.ends_s)

    def now(self, time_s: float) -> tuple[bool, bool, float]:
        """Whether vehicles have green, whether people may walk, and for how long [s] it stays so."""
        left = self.ends_s - time_s if math.isfinite(self.ends_s) else 0.0
        return self.phase == "green", self.phase == "walk", left

    def _lasts(self, phase: str) -> float:
        return {"green": self.green_s, "yellow": self.yellow_s, "walk": self.walk_s}.get(phase, math.inf)

    def _following(self) -> str:
        if self.phase == "green":
            return "yellow"
        if not self.is_cycling:
            return "stop"
        return "walk" if self.phase == "yellow" else "green"


class Signals:
    """All lights of a stage that a client has told something, by actor."""

    def __init__(self, stage: Stage) -> None:
        self._of: dict[Actor, Signal] = {}
        self._at: tuple[WorldState | None, Places] | None = None
        motions(stage).is_held = self.is_held

    def of(self, actor: Actor) -> Signal:
        """The light of an actor; it shows red until it is told something else."""
        self._at = None
        return self._of.setdefault(actor, Signal())

    def told(self, stage: Stage) -> dict[Actor, Signal]:
        """All of them, as they are now; those that were destroyed are gone."""
        self._of = {actor: signal for actor, signal in self._of.items() if stage.actor(actor.name) is actor}
        for signal in self._of.values():
            signal.go_on(now_s(stage))
        return self._of

    def is_held(self, stage: Stage, actor: Actor) -> bool:
        """Whether somebody who goes by vehicle stands before a light that does not let vehicles go."""
        if not self._of:
            return False
        body = carrier(stage, actor)
        if not body.asset or stage.scene.assets[body.asset].semantic not in RIDDEN:
            return False
        pose = stage.pose(body)
        cos, sin = math.cos(yaw_of(pose)), math.sin(yaw_of(pose))
        away = self._closed(stage) - pose[:2]
        ahead, aside = away[:, 0] * cos + away[:, 1] * sin, away[:, 1] * cos - away[:, 0] * sin
        return bool(((_AHEAD_M[0] <= ahead) & (ahead <= _AHEAD_M[1]) & (abs(aside) <= _ASIDE_M)).any())

    def _closed(self, stage: Stage) -> Places:
        """Where the lights stand that do not let vehicles go [m], shape (n, 2); looked up once a tick for everybody."""
        if self._at is None or self._at[0] is not stage.state:
            closed = [stage.pose(actor)[:2] for actor, signal in self.told(stage).items() if signal.phase != "green"]
            self._at = stage.state, np.array(closed).reshape(-1, 2)
        return self._at[1]


def signals(stage: Stage) -> Signals:
    """The lights of a stage."""
    return stage.kept(Signals)


def now_s(stage: Stage) -> float:
    """The game's time."""
    return stage.state.time_s if stage.state is not None else 0.0


@function("SwitchVehicleFrontGreen")
def switch_green(stage: Stage, actor: Actor) -> None:
    """Vehicles go, then they are warned, then they stop."""
    signals(stage).of(actor).begin("green", now_s(stage))


@function("SetPedestrianWalk")
def set_walk(stage: Stage, actor: Actor) -> None:
    """People walk, vehicles stop."""
    signals(stage).of(actor).begin("walk", now_s(stage))


@function("SetDuration")
def set_duration(stage: Stage, actor: Actor, green: float, yellow: float, walk: float) -> None:
    """How long its phases last [s]."""
    if not (TICK_S <= green <= 3600 and 0 <= yellow <= 3600 and TICK_S <= walk <= 3600):
        raise CommandFailed(INVALID)
    signal = signals(stage).of(actor)
    signal.green_s, signal.yellow_s, signal.walk_s = green, yellow, walk


@function("AddVehicleSignal")
def add_vehicle_signal(stage: Stage, actor: Actor, name: str) -> None:
    """Another light shows what this one does."""
    _follow(stage, actor, name, "vehicles")


@function("AddPedSignal")
def add_walkers_signal(stage: Stage, actor: Actor, name: str) -> None:
    """A light for people goes with this one."""
    _follow(stage, actor, name, "walkers")


@function("StartSimulation")
def start_simulation(stage: Stage, actor: Actor) -> None:
    """Green, yellow, walk and so on, by itself."""
    signal = signals(stage).of(actor)
    signal.is_cycling = True
    signal.begin("green", now_s(stage))


def _follow(stage: Stage, actor: Actor, name: str, kind: str) -> None:
    other = stage.actor(name)
    if other is None:
        raise CommandFailed(NOT_FOUND)
    if other is actor:
        raise CommandFailed(INVALID)
    leader, follower = signals(stage).of(actor), signals(stage).of(other)
    if _leads(follower, leader):
        raise CommandFailed(INVALID)
    followers = leader.vehicles if kind == "vehicles" else leader.walkers
    if follower not in followers:
        followers.append(follower)


def _leads(signal: Signal, other: Signal) -> bool:
    """Whether one follows the other, by others too."""
    seen, due = {signal}, [signal]
    while due:
        one = due.pop()
        followers = {*one.vehicles, *one.walkers} - seen
        seen |= followers
        due += followers
    return other in seen - {signal}
