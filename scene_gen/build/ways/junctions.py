"""Corners at junctions: where the sidewalks of neighbouring streets meet, and how far each street's mouth reaches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scene_gen.build.ways.along import Ways

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Corners:
    """Mouths and corners of all streets.

    `begin`, `finish` (streets, 2) [m]: how far from its start (end) the walking line on the street's left (column 0)
    and right (column 1) begins. Corner i joins the left side, seen from the junction, of the arm `left_street[i]` (its
    end if `left_at_end[i]`) to the right side of the next arm counter-clockwise, `right_street[i]`.
    """

    begin: Array
    finish: Array
    left_street: NDArray[np.intp]
    left_at_end: NDArray[np.bool_]
    right_street: NDArray[np.intp]
    right_at_end: NDArray[np.bool_]


def corners(ways: Ways, junctions: int) -> Corners:
    """The corners of a road network with `junctions` junctions."""
    count = len(ways.streets)
    begin, finish = np.zeros((count, 2)), np.zeros((count, 2))
    empty = np.zeros(0, dtype=np.intp)
    if not count:
        return Corners(begin, finish, empty, empty.astype(bool), empty, empty.astype(bool))
    reach = np.array([s.width_m / 2 + s.sidewalk_m / 2 if s.sidewalk_m > 0 else 0.0 for s in ways.streets])
    street = np.tile(np.arange(count), 2)
    at_end = np.repeat([False, True], count)
    junction = np.array([s.start for s in ways.streets] + [s.end for s in ways.streets])
    look = np.minimum(12.0, ways.length_m / 2)  # the direction a little way up the street, past its first bend
    mouth, _ = ways.at(street, np.where(at_end, ways.length_m[street], 0.0))
    ahead, _ = ways.at(street, np.where(at_end, ways.length_m[street] - look[street], look[street]))
    bearing = np.arctan2(ahead[:, 1] - mouth[:, 1], ahead[:, 0] - mouth[:, 0])
    order = np.lexsort((bearing, junction))
    sorted_junction = junction[order]
    is_last = np.append(sorted_junction[1:] != sorted_junction[:-1], True)
    size = np.bincount(sorted_junction, minlength=junctions)
    successor = np.arange(1, len(order) + 1)
    successor[is_last] = np.flatnonzero(is_last) - size[sorted_junction[is_last]] + 1
    a, b = order, order[successor]
    turn = np.mod(bearing[b] - bearing[a], 2 * np.pi)
    turn = np.where(a == b, 2 * np.pi, turn)
    ra, rb = reach[street[a]], reach[street[b]]
    sine, cosine = np.sin(turn), np.cos(turn)
    limit = np.minimum(0.4 * ways.length_m[street], 30.0)
    is_inner = (turn > np.radians(12)) & (turn < np.radians(168))
    safe = np.where(is_inner, sine, 1.0)
    left_trim = np.where(is_inner, (rb + ra * cosine) / safe, 0.0)
    right_trim = np.where(is_inner, (ra + rb * cosine) / safe, 0.0)
    sharp = turn <= np.radians(12)
    left_trim = np.where(sharp, limit[a], left_trim)
    right_trim = np.where(sharp, limit[b], right_trim)
    left_trim = np.clip(left_trim, 0.0, limit[a])
    right_trim = np.clip(right_trim, 0.0, limit[b])
    for arm, trim, is_left in ((a, left_trim, True), (b, right_trim, False)):
        s, e = street[arm], at_end[arm]
        # Seen from its end, a street's own right is on the left.
        column = np.where(e, int(is_left), int(not is_left))
        begin[s[~e], column[~e]] = trim[~e]
        finish[s[e], column[e]] = trim[e]
    middle_only = reach == 0
    begin[middle_only] = finish[middle_only] = 0.0
    return Corners(begin, finish, street[a], at_end[a], street[b], at_end[b])
