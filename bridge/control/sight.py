"""What drivers see on their way: how far it is free, of whom, and the speed from which one still stops."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies

Array = NDArray[np.float64]
STANDSTILL_M = 2.0
_BRAKE_M_S2, _REACTION_S = 2.2, 0.5
_ASIDE_WALKER_M, _ASIDE_PERSON_M, _ASIDE_M, _ASIDE_ONCOMING_M = 0.35, 0.15, 0.0, -0.1
"""What must be free beside a car: from walkers, from who stands (at the kerb, say), from other things, from oncoming cars."""
_LEAST_SIGHT_M, _SIGHT_M = 24.0, 34.0


def free_ahead(
    bodies: Bodies, rows: NDArray[np.int64], path: Array, arc: Array, tangent: Array, speed: Array
) -> tuple[Array, Array, NDArray[np.int64]]:
    """How far ahead of its bumper each car's way is free (n,) [m], how fast what is there goes, who it is.

    `rows` (n,) are the cars among the bodies; `path` (n,k,2) their ways, `arc` (n,k) [m] along them from the middles of
    the cars, `tangent` (n,k,2) the lanes' directions there. Paces are along the way [m/s]; who is a row of bodies, or -1.
    """
    half = bodies.half[rows]
    whose, centre, radius = bodies.discs()
    velocity, is_person = bodies.velocity[whose], bodies.is_person[whose]
    walks = is_person & (np.hypot(*velocity.T) > 0.2)
    soon = centre[walks] + 0.8 * velocity[walks]
    whose, centre = np.r_[whose, whose[walks]], np.concatenate([centre, soon])
    radius, velocity = np.r_[radius, radius[walks]], bodies.velocity[whose]
    way = centre[None] - bodies.xy[rows][:, None]
    direction = np.stack([np.cos(bodies.yaw[rows]), np.sin(bodies.yaw[rows])], axis=1)
    sight = half[:, :1] + np.clip(5.0 + speed**2 / (2 * _BRAKE_M_S2) + speed, _LEAST_SIGHT_M, _SIGHT_M)[:, None]
    seen = ((way**2).sum(axis=2) < sight**2) & (np.einsum("nki,ni->nk", way, direction) > -2.0)
    seen &= whose[None] != rows[:, None]
    car, disc = np.nonzero(seen)
    gap, pace, who = np.full(len(rows), np.inf), np.zeros(len(rows)), np.full(len(rows), -1, dtype=np.int64)
    if not len(car):
        return gap, pace, who
    heading = np.stack([np.cos(bodies.yaw[whose[disc]]), np.sin(bodies.yaw[whose[disc]])], axis=1)
    person = bodies.is_person[whose[disc]]
    comes = ~person & ((heading * direction[car]).sum(axis=1) < -0.6)
    goes = np.hypot(*velocity[disc].T) > 0.2
    beside_person = np.where(goes, _ASIDE_WALKER_M, _ASIDE_PERSON_M)
    aside = np.where(person, beside_person, np.where(comes, _ASIDE_ONCOMING_M, _ASIDE_M))
    room = half[car, 1] + radius[disc] + aside
    distance2 = ((path[car] - centre[disc][:, None]) ** 2).sum(axis=2)
    hits = (distance2 < (room**2)[:, None]) & (arc[car] > 0.0)
    first = np.argmax(hits, axis=1)
    found = hits[np.arange(len(car)), first]
    car, disc, first = car[found], disc[found], first[found]
    there = arc[car, first] - half[car, 0]
    pace_of = np.maximum((velocity[disc] * tangent[car, first]).sum(axis=1), 0.0)
    order = np.lexsort((disc, there - STANDSTILL_M + pace_of**2 / (2 * _BRAKE_M_S2), car))
    leaders = order[np.r_[True, np.diff(car[order]) > 0]] if len(order) else order
    gap[car[leaders]], pace[car[leaders]] = there[leaders], pace_of[leaders]
    who[car[leaders]] = whose[disc[leaders]]
    return gap, pace, who


def braked(gap: Array, pace: Array | float) -> Array:
    """The speed from which one still stops behind something that goes at `pace` and brakes likewise."""
    b, t = _BRAKE_M_S2, _REACTION_S
    return np.maximum(-b * t + np.sqrt((b * t) ** 2 + np.square(pace) + 2 * b * np.maximum(gap, 0.0)), 0.0)
