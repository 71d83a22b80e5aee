"""What a driver is told in numbers: the way on, limit and lights, and how far it is free."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.sight import free_ahead
from bridge.control.signals import Signals
from bridge.control.yielding import Claims
from bridge.tasks.drive.ride import Ride
from bridge.tasks.drive.roads import Roads

Array = NDArray[np.float64]
Bounds = tuple[tuple[float, float], ...]
WAYPOINTS_M = (2.0, 4.0, 6.0, 9.0, 12.0, 16.0, 20.0, 26.0)
"""How far ahead along the route the points lie that a driver is told."""
FAR_M, FAST_M_S = 100.0, 50.0
TOLD: Mapping[str, Bounds] = {
    "waypoints": ((-FAR_M, FAR_M),) * (2 * len(WAYPOINTS_M)),
    "lane": ((-FAR_M, FAR_M), (-np.pi, np.pi)),
    "speed": ((-FAST_M_S, FAST_M_S),),
    "limit": ((0.0, FAST_M_S),),
    "signal": ((0.0, FAR_M), (0.0, 2.0)),
    "ahead": ((0.0, FAR_M), (0.0, FAST_M_S)),
    "junction": ((0.0, FAR_M), (0.0, 1.0)),
    "crossing": ((0.0, FAR_M),),
    "left": ((0.0, 1e5),),
}
"""Least and most of each number.

`waypoints` are x, y [m] of points of the route in the car's frame (X ahead, Y left), WAYPOINTS_M from where it is; `lane` how far
it is to the left of the route [m] and turned from it [rad, left positive]; `speed` ahead and `limit` [m/s]; `signal` how far the
bumper is from the next stop line with a light [m] and its colour (0 green, 1 amber, 2 red); `ahead` how far before the bumper
the route is taken [m] and how fast what is there goes along it [m/s]; `junction` how far the next turn is [m] and whether
somebody is in it whose way crosses; `crossing` how far the next crossing is that somebody is on or waits at [m]; `left` what is
left of the route [m]. FAR_M stands for nothing.
"""
_ARCS = np.arange(0.0, 45.0)
_IN_M = 2.3


def told(ride: Ride, row: int, bodies: Bodies, roads: Roads, signals: Signals, claims: Claims, time_s: float) -> dict[str, Array]:  # fmt: skip
    """What the driver of a body, `row` of the bodies, is told now."""
    route, yaw, at = ride.route, float(bodies.yaw[row]), bodies.xy[row]
    cos, sin = np.cos(yaw), np.sin(yaw)
    into = np.array([[cos, -sin], [sin, cos]])
    speed = float(bodies.velocity[row] @ [cos, sin])
    points = (route.at(ride.done_m + np.array(WAYPOINTS_M)) - at) @ into
    here = min(int(np.searchsorted(route.arc_m, ride.done_m)), len(route.arc_m) - 1)
    heading = route.headings[here]
    off = np.arctan2(cos * -heading[1] + sin * heading[0], cos * heading[0] + sin * heading[1])
    nose = ride.done_m + ride.half_m[0]
    gap, pace = _free(ride, row, bodies, speed)
    signal_m, colour = _next_light(ride, nose, signals, time_s)
    junction_m, is_taken = _next_turn(ride, row, nose, bodies, roads)
    numbers = {
        "waypoints": points.reshape(-1), "lane": [ride.aside_m, off], "speed": [speed], "limit": [route.limit_m_s[here]],
        "signal": [signal_m, colour], "ahead": [gap, pace], "junction": [junction_m, is_taken],
        "crossing": [_claimed(ride, nose, claims)], "left": [route.length_m - ride.done_m],
    }  # fmt: skip
    return {name: np.clip(np.array(value, float), *np.array(TOLD[name]).T) for name, value in numbers.items()}


def _free(ride: Ride, row: int, bodies: Bodies, speed: float) -> tuple[float, float]:
    """How far before the bumper the route is taken [m], FAR_M if it is not, and the pace of who is there [m/s]."""
    route = ride.route
    index = np.minimum(np.searchsorted(route.arc_m, ride.done_m + _ARCS), len(route.arc_m) - 1)
    path = route.at(ride.done_m + _ARCS)
    gap, pace, _ = free_ahead(
        bodies, np.array([row]), path[None], _ARCS[None], route.headings[index][None], np.array([max(speed, 0.0)])
    )
    return (float(max(gap[0], 0.0)), float(pace[0])) if np.isfinite(gap[0]) else (FAR_M, 0.0)


def _next_light(ride: Ride, nose_m: float, signals: Signals, time_s: float) -> tuple[float, float]:
    lit = signals.turn_phase[ride.route.turns] >= 0
    lines, turns = ride.route.arc_m[ride.route.entries][lit], ride.route.turns[lit]
    coming = np.flatnonzero(lines >= nose_m)
    if not len(coming) or lines[coming[0]] - nose_m > FAR_M:
        return FAR_M, 0.0
    return float(lines[coming[0]] - nose_m), float(signals.colours(time_s)[turns[coming[0]]])


def _next_turn(ride: Ride, row: int, nose_m: float, bodies: Bodies, roads: Roads) -> tuple[float, float]:
    lanes, lines = roads.lanes, ride.route.arc_m[ride.route.entries]
    coming = np.flatnonzero(lines >= nose_m)
    if not len(coming):
        return FAR_M, 0.0
    turn = int(ride.route.turns[coming[0]])
    crossing = np.flatnonzero(lanes.conflicts[turn])
    rows = [np.arange(lanes.first[edge], lanes.first[edge + 1]) for edge in crossing.tolist()]
    others = np.flatnonzero(bodies.is_there & ~bodies.is_person)
    others = others[(others != row) & (bodies.half[others, 0] > 0.6)]
    is_taken = False
    if rows and len(others):
        spots = lanes.points[np.concatenate(rows)]
        near = others[np.linalg.norm(bodies.xy[others] - spots.mean(axis=0), axis=1) < 40.0]
        is_taken = bool(len(near)) and bool(
            (np.linalg.norm(bodies.xy[near][:, None] - spots, axis=2).min(axis=1) < _IN_M).any()
        )
    return min(float(lines[coming[0]] - nose_m), FAR_M), float(is_taken)


def _claimed(ride: Ride, nose_m: float, claims: Claims) -> float:
    """How far the next crossing is that somebody is on or waits at [m]."""
    samples, crossings = ride.route.crossings.T
    arcs = ride.route.arc_m[samples]
    wanted = arcs[claims.claimed[crossings] & (arcs >= nose_m)] if len(arcs) else arcs
    return float(min(wanted[0] - nose_m, FAR_M)) if len(wanted) else FAR_M
