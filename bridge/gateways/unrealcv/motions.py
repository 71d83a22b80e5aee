"""What blueprints do over many ticks: walking for a while, turning, following a path; stepped with the stage's ticks."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from bridge.control.going import GoTo
from bridge.control.town import Town
from bridge.engine import TICK_S, Action, Velocity
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.reach import carrier
from bridge.gateways.unrealcv.stage import INVALID, Stage
from bridge.gateways.unrealcv.units import Pose7

LOOKS_TICKS = 5
"""Who finds a way looks round ten times a second."""
_TURN_IN_PLACE_RAD = math.radians(60)
_FASTEST_TURN_RAD_S = math.radians(360)
_FASTEST_M_S, _FASTEST_RAD_S = 300.0, 100.0
"""Speeds beyond these mean nothing to a body on the ground."""
_EXACT_RAD, _LATE_TICKS, _BRAKES_RAD_S2 = math.radians(0.3), 50, 12.0
"""How exact turns are, how much longer they may take for that, and how soon before their end they slow down."""


class Motion(Protocol):
    """Something that takes its time."""

    def act(self, stage: Stage, actor: Actor) -> Action | None:
        """What the actor does in the next tick; None once it is over."""
        ...


class Motions:
    """All motions under way on one stage, at most one an actor. It is among `Stage.before_tick` while there are any."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._under_way: dict[Actor, tuple[Motion, Actor]] = {}
        """By who acts: the motion, and what is to move by it, which is what they rode then or they themselves."""
        self.is_held: Callable[[Stage, Actor], bool] = lambda stage, actor: False
        """Whether somebody waits, for a red light say; their motion goes on afterwards."""

    def begin(self, actor: Actor, motion: Motion) -> None:
        """Starts a motion in the place of the actor's last one. Raises CommandFailed for what cannot act."""
        if not actor.is_agent:
            raise CommandFailed(f"{actor.name} cannot act")
        self._under_way[actor] = motion, carrier(self._stage, actor)
        if self not in self._stage.before_tick:
            self._stage.before_tick.append(self)

    def end(self, actor: Actor) -> None:
        """Forgets what an actor was about."""
        self._under_way.pop(actor, None)

    def of(self, actor: Actor) -> Motion | None:
        """What an actor is about."""
        motion, _ = self._under_way.get(actor, (None, None))
        return motion

    def __call__(self, stage: Stage) -> None:
        """Before a tick."""
        for actor, (motion, body) in tuple(self._under_way.items()):
            if stage.actor(actor.name) is not actor or stage.actor(body.name) is not body:  # destroyed meanwhile
                self.end(actor)
                continue
            if self.is_held(stage, actor):
                stage.act(actor, Action())
                continue
            action = motion.act(stage, actor)
            if action is None:
                self.end(actor)
            stage.act(actor, action or Action())
        if not self._under_way:
            stage.before_tick.remove(self)


def motions(stage: Stage) -> Motions:
    """The motions of a stage."""
    return stage.kept(Motions)


def town(stage: Stage) -> Town:
    """The stage's scene for those who find their way in it; it knows the sizes of what was spawned, too."""
    return stage.kept(_Peopled).town(stage)


class _Peopled:
    """A scene with those who were spawned into it, who are looked for when the world has other bodies than before."""

    def __init__(self, stage: Stage) -> None:
        self._town, self._names = Town(stage.scene), None
        self._entered: set[str] = set()

    def town(self, stage: Stage) -> Town:
        names = stage.state.names if stage.state is not None else ()
        if names is not self._names:
            self._names = names
            for actor in stage.actors():
                if actor.asset and actor.is_agent and actor.thing not in self._entered:
                    self._entered.add(actor.thing)
                    self._town.census.enter(actor.thing, stage.scene.assets[actor.asset], np.array(actor.scale))
        return self._town


def velocity(forward_m_s: float, left_m_s: float = 0.0, yaw_rate_rad_s: float = 0.0) -> Velocity:
    """A velocity that a body can be told. Raises CommandFailed for one that is beyond all bodies."""
    if not (math.hypot(forward_m_s, left_m_s) <= _FASTEST_M_S and abs(yaw_rate_rad_s) <= _FASTEST_RAD_S):
        raise CommandFailed(INVALID)
    return Velocity(forward_m_s, left_m_s, yaw_rate_rad_s)


def tell(stage: Stage, actor: Actor, action: Action) -> None:
    """Does something from now on, in the place of what is under way. Raises CommandFailed for what cannot act."""
    stage.act(actor, action)
    motions(stage).end(actor)


def yaw_of(pose: Pose7) -> float:
    """Heading of a pose [rad], anticlockwise from east."""
    w, x, y, z = pose[3:]
    return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def wrapped(angle_rad: float) -> float:
    """An angle between -pi and pi."""
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi


class Timed:
    """One action for so many seconds."""

    def __init__(self, action: Action, seconds: float) -> None:
        self._action, self._left = action, max(1, round(seconds / TICK_S))

    def act(self, stage: Stage, actor: Actor) -> Action | None:
        """The action until its time is over."""
        self._left -= 1
        return self._action if self._left >= 0 else None


class Turn:
    """Turns by an angle [rad], anticlockwise, within so many seconds; `forward_m_s`: while going on."""

    def __init__(self, angle_rad: float, seconds: float, forward_m_s: float = 0.0) -> None:
        self._angle, self._left, self._forward = angle_rad, max(1, round(seconds / TICK_S)), forward_m_s
        self._last_rad: float | None = None

    def act(self, stage: Stage, actor: Actor) -> Action | None:
        """As fast as what is left takes in the time that is left, seen from how far it came."""
        yaw = yaw_of(stage.pose(actor))
        if self._last_rad is not None:
            self._angle -= wrapped(yaw - self._last_rad)
        self._last_rad = yaw
        if (self._left <= 0 and abs(self._angle) < _EXACT_RAD) or self._left <= -_LATE_TICKS:
            return None
        brakes = math.sqrt(2 * _BRAKES_RAD_S2 * abs(self._angle))
        rate = min(abs(self._angle) / (max(self._left, 2) * TICK_S), brakes, _FASTEST_RAD_S)
        self._left -= 1
        return Action(Velocity(self._forward, 0.0, math.copysign(rate, self._angle)))


class Path:
    """Goes straight from point to point (x, y) [m] in the world, until it is within `near_m` of the last.

    Raises CommandFailed for a speed at which nobody gets ahead, or nobody can go.
    """

    def __init__(self, points: Sequence[tuple[float, float]], speed_m_s: float, near_m: float) -> None:
        if not 0 < speed_m_s <= _FASTEST_M_S:
            raise CommandFailed(INVALID)
        self._points, self._speed, self._near = deque(points), speed_m_s, near_m

    def act(self, stage: Stage, actor: Actor) -> Action | None:
        """Towards the next point; who faces elsewhere turns before going."""
        pose = stage.pose(actor)
        while self._points and math.dist(pose[:2], self._points[0]) <= self._near:
            self._points.popleft()
        if not self._points:
            return None
        x, y = self._points[0]
        off = wrapped(math.atan2(y - pose[1], x - pose[0]) - yaw_of(pose))
        rate = max(-_FASTEST_TURN_RAD_S / 2, min(_FASTEST_TURN_RAD_S / 2, 4.0 * off))
        ahead = self._speed * max(0.0, math.cos(off)) if abs(off) < _TURN_IN_PLACE_RAD else 0.0
        return Action(Velocity(min(ahead, math.dist(pose[:2], (x, y)) / TICK_S), 0.0, rate))


class Going:
    """Finds its way over the town's walks or lanes to a point (x, y, z) [m] or a named thing, round who is in the way."""

    def __init__(self, stage: Stage, actor: Actor, target: object, speed_m_s: float, near_m: float) -> None:
        self._controller = GoTo(
            town(stage), actor.thing, target,  # type: ignore[arg-type]
            speed_m_s=speed_m_s, drive_m_s=max(speed_m_s, 1.0), arrive_m=near_m,
        )  # fmt: skip
        self._due, self._action = 0, Action()

    @property
    def status(self) -> str:
        """running, done or failed."""
        return self._controller.status

    @property
    def failure(self) -> str:
        """Why it failed, if it has."""
        return self._controller.failure

    def act(self, stage: Stage, actor: Actor) -> Action | None:
        """What the controller says."""
        if self._due <= 0:
            assert stage.state is not None
            town(stage)
            self._action, self._due = self._controller.act(stage.state), LOOKS_TICKS
        self._due -= 1
        return self._action if self._controller.status == "running" else None
