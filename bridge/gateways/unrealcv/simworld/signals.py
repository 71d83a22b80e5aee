"""SimWorld's traffic lights: green for vehicles, walk for people, each for its time; and what heeds them."""

import math
from dataclasses import dataclass, field

from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.functions import INVALID, function
from bridge.gateways.unrealcv.motions import motions, yaw_of
from bridge.gateways.unrealcv.reach import RIDDEN, carrier
from bridge.gateways.unrealcv.stage import NOT_FOUND, Stage

GREEN_S, YELLOW_S, WALK_S = 10.0, 2.0, 30.0
"""What SimWorld's configuration says unless it is told otherwise."""
_AHEAD_M, _ASIDE_M = (0.5, 12.0), 9.0
"""A light is heeded that stands so far ahead and no farther aside."""


@dataclass(eq=False)
class Signal:
    """One light: how long its phases last [s], and since when [s] it is in which; others may follow it."""

    green_s: float = GREEN_S
    yellow_s: float = YELLOW_S
    walk_s: float = WALK_S
    phase: str = "stop"
    since_s: float = 0.0
    is_cycling: bool = False
    vehicles: list["Signal"] = field(default_factory=list)
    walkers: list["Signal"] = field(default_factory=list)

    def begin(self, phase: str, time_s: float) -> None:
        """Another phase from now on, for those that follow it as well: what lets vehicles go holds people."""
        self.phase, self.since_s = phase, time_s
        for other in self.vehicles:
            other.begin(phase, time_s)
        for other in self.walkers:
            other.begin("stop" if phase in ("green", "yellow") else phase, time_s)

    def now(self, time_s: float) -> tuple[bool, bool, float]:
        """Whether vehicles have green, whether people may walk, and for how long [s] it stays so."""
        lasts = {"green": self.green_s, "yellow": self.yellow_s, "walk": self.walk_s}
        after = {"green": "yellow", "yellow": "walk" if self.is_cycling else "stop", "walk": "stop"}
        while self.phase in lasts and time_s >= self.since_s + lasts[self.phase]:
            ended = self.since_s + lasts[self.phase]
            following = after[self.phase]
            self.begin("green" if following == "stop" and self.is_cycling else following, ended)
        left = self.since_s + lasts[self.phase] - time_s if self.phase in lasts else 0.0
        return self.phase == "green", self.phase == "walk", left


class Signals:
    """All lights of a stage that a client has told something, by actor."""

    def __init__(self, stage: Stage) -> None:
        self._of: dict[Actor, Signal] = {}
        motions(stage).is_held = is_held

    def of(self, actor: Actor) -> Signal:
        """The light of an actor; it shows red until it is told something else."""
        return self._of.setdefault(actor, Signal())

    def told(self) -> dict[Actor, Signal]:
        """All of them."""
        return self._of


def signals(stage: Stage) -> Signals:
    """The lights of a stage."""
    return stage.kept(Signals)


def now_s(stage: Stage) -> float:
    """The game's time."""
    return stage.state.time_s if stage.state is not None else 0.0


def is_held(stage: Stage, vehicle: Actor) -> bool:
    """Whether a light ahead of a vehicle does not show green."""
    told = signals(stage).told()
    body = carrier(stage, vehicle)
    if not told or not body.asset or stage.scene.assets[body.asset].semantic not in RIDDEN:
        return False
    pose, time_s = stage.pose(body), now_s(stage)
    cos, sin = math.cos(yaw_of(pose)), math.sin(yaw_of(pose))
    for actor, signal in told.items():
        place = stage.pose(actor)
        dx, dy = place[0] - pose[0], place[1] - pose[1]
        ahead, aside = dx * cos + dy * sin, dy * cos - dx * sin
        if _AHEAD_M[0] <= ahead <= _AHEAD_M[1] and abs(aside) <= _ASIDE_M and not signal.now(time_s)[0]:
            return True
    return False


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
    if not (0 < green <= 3600 and 0 <= yellow <= 3600 and 0 < walk <= 3600):
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
    return any(one is other or _leads(one, other) for one in (*signal.vehicles, *signal.walkers))
