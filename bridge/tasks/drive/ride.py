"""One car's ride, judged step by step from states alone: progress, infractions as they happen, ease, and the score they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bridge.control.signals import Signals
from bridge.frames import yaw_from_quat
from bridge.observation import touched
from bridge.tasks.drive import comfort
from bridge.tasks.drive.config import PENALTIES, Config
from bridge.tasks.drive.roads import Roads, Route
from bridge.types import WorldState

Array = NDArray[np.float64]
RED = 2
_THERE_M, _STANDS_M_S, _AGAIN_S = 2.0, 0.1, 2.0
"""How near the end of a route is there; below which speed one stands; after how long a touch of the same thing counts anew."""


@dataclass(frozen=True, eq=False)
class Motion:
    """A car at a moment: `xy` (2,) [m], `yaw_rad`, `velocity` (2,) [m/s] ahead and to the left, `yaw_rate_rad_s`."""

    xy: Array
    yaw_rad: float
    velocity: Array
    yaw_rate_rad_s: float


@dataclass(frozen=True, eq=False)
class Ride:
    """A ride so far. `half_m` is half the car's length and width; `counts` the infractions by kind (see PENALTIES).

    `driven_m` is the whole way, `stray_m` the part of it off the lanes or against them; `touched_s` when each thing was touched last.
    `fast_s` and `still_s` are since when it is too fast and stands, None if it does not; `ended` is "" while it goes on.
    """

    route: Route
    half_m: tuple[float, float]
    limit_s: float
    done_m: float = 0.0
    aside_m: float = 0.0
    driven_m: float = 0.0
    off_road_m: float = 0.0
    wrong_lane_m: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    touched_s: Mapping[str, float] = field(default_factory=dict)
    fast_s: float | None = None
    is_counted_fast: bool = False
    still_s: float | None = None
    ease: comfort.Ease = field(default_factory=comfort.begun)
    ended: str = ""

    @property
    def completion(self) -> float:
        """The share of the route that is done, 0 to 1."""
        return 1.0 if self.ended == "arrived" else min(self.done_m / max(self.route.length_m, 1e-9), 1.0)

    @property
    def penalty(self) -> float:
        """What infractions leave of the score, 0 to 1: the product over all of them."""
        return float(np.prod([PENALTIES[kind] ** count for kind, count in self.counts.items()]))

    @property
    def score(self) -> float:
        """Completion times penalty, less the share of the way that was off the lanes or against them, 0 to 1."""
        astray = (self.off_road_m + self.wrong_lane_m) / max(self.driven_m, 1.0)
        return self.completion * self.penalty * (1.0 - min(astray, 1.0))


@dataclass(frozen=True, eq=False)
class Street:
    """What rides are judged by: the town's roads and lights, and what it counts as to touch each thing; what is not in `kinds` is static."""

    roads: Roads
    signals: Signals
    floors: frozenset[str]
    kinds: Mapping[str, str]


def motion(state: WorldState, name: str) -> Motion:
    """A car's motion at a state; at rest where an engine does not know velocities."""
    row = state.names.index(name)
    yaw = float(yaw_from_quat(state.poses[row, 3:]))
    velocity = np.zeros(6) if state.velocities is None else state.velocities[row]
    cos, sin = np.cos(yaw), np.sin(yaw)
    ahead, left = cos * velocity[0] + sin * velocity[1], cos * velocity[1] - sin * velocity[0]
    return Motion(state.poses[row, :2], yaw, np.array([ahead, left]), float(velocity[5]))


def judged(
    ride: Ride, name: str, street: Street, config: Config, begun_s: float, before: WorldState, after: WorldState
) -> tuple[Ride, tuple[str, ...], bool]:
    """The ride after a step, the infractions of the step, and whether it was comfortable."""
    was, now = motion(before, name), motion(after, name)
    time_s, step_m = after.time_s, float(np.linalg.norm(now.xy - was.xy))
    done_m, aside_m = ride.route.place(now.xy, ride.done_m)
    found: list[str] = []
    touches = dict(ride.touched_s)
    for other in touched(after, name):
        if other not in street.floors:
            if time_s - touches.get(other, -np.inf) > _AGAIN_S:
                found.append(f"collision_{street.kinds.get(other, 'static')}")
            touches[other] = time_s
    if _passes_red(ride, done_m, street.signals, time_s):
        found.append("red_light")
    speed, limit = float(np.hypot(*now.velocity)), _limit(ride.route, done_m)
    is_fast = speed > config.speeding_share * limit
    fast_s = (ride.fast_s if ride.fast_s is not None else time_s) if is_fast else None
    counts_fast = fast_s is not None and not ride.is_counted_fast and time_s - fast_s >= config.speeding_s
    if counts_fast:
        found.append("speeding")
    stands = speed < _STANDS_M_S
    still_s = (ride.still_s if ride.still_s is not None else before.time_s) if stands else None
    off_m = against_m = 0.0
    if step_m > 0:
        off_m = step_m if street.roads.off_m(now.xy) > config.off_road_m else 0.0
        way = np.array([np.cos(now.yaw_rad), np.sin(now.yaw_rad)])
        against_m = step_m if not off_m and street.roads.is_against(now.xy, way) else 0.0
    sample = np.array([time_s, *now.velocity, now.yaw_rate_rad_s])
    ease, is_eased = comfort.felt(ride.ease, sample, config.comfort)
    counts = dict(ride.counts)
    for kind in found:
        counts[kind] = counts.get(kind, 0) + 1
    ride = replace(
        ride, done_m=max(done_m, ride.done_m), aside_m=aside_m, driven_m=ride.driven_m + step_m,
        off_road_m=ride.off_road_m + off_m, wrong_lane_m=ride.wrong_lane_m + against_m, counts=counts, touched_s=touches,
        fast_s=fast_s, is_counted_fast=is_fast and (ride.is_counted_fast or counts_fast), still_s=still_s, ease=ease,
    )  # fmt: skip
    return replace(ride, ended=_ended(ride, config, now, time_s, begun_s)), tuple(found), is_eased


def _passes_red(ride: Ride, done_m: float, signals: Signals, time_s: float) -> bool:
    """Whether the bumper passes the line of a turn in this step while its light is red."""
    lines, nose = ride.route.arc_m[ride.route.entries], ride.half_m[0]
    passes = (lines > ride.done_m + nose) & (lines <= done_m + nose)
    return bool((signals.colours(time_s)[ride.route.turns[passes]] == RED).any())


def _limit(route: Route, arc_m: float) -> float:
    return float(route.limit_m_s[min(int(np.searchsorted(route.arc_m, arc_m)), len(route.arc_m) - 1)])


def _ended(ride: Ride, config: Config, now: Motion, time_s: float, begun_s: float) -> str:
    """Why a ride is over: "arrived", "strayed", "blocked", "time"; "" if it is not."""
    if ride.route.length_m - ride.done_m <= _THERE_M and abs(ride.aside_m) < config.stray_m / 4:
        return "arrived"
    if float(np.linalg.norm(ride.route.at(ride.done_m) - now.xy)) > config.stray_m:
        return "strayed"
    if ride.still_s is not None and time_s - ride.still_s >= config.blocked_s - 1e-9:
        return "blocked"
    return "time" if time_s - begun_s >= ride.limit_s - 1e-9 else ""


def summary(ride: Ride) -> dict[str, object]:
    """How a ride stands, for people and metrics; lengths [m], shares 0 to 1."""
    return {
        "score": ride.score,
        "progress": ride.completion,
        "penalty": ride.penalty,
        "comfort": ride.ease.share,
        "driven_m": ride.driven_m,
        "off_road_m": ride.off_road_m,
        "wrong_lane_m": ride.wrong_lane_m,
        "collisions": sum(count for kind, count in ride.counts.items() if kind.startswith("collision")),
        **{kind: ride.counts.get(kind, 0) for kind in PENALTIES},
        "most_forward_m_s2": ride.ease.most_forward_m_s2,
        "most_lateral_m_s2": ride.ease.most_lateral_m_s2,
        "most_jerk_m_s3": ride.ease.most_jerk_m_s3,
    }
