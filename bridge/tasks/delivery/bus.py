"""Bus lines: one along each main street, to and fro by a timetable, with stops at addresses.

The bus is a timetable, not a body: who rides waits at the stop, and stands at the other one when the bus has got there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Scene
from bridge.tasks.delivery.config import Transport


@dataclass(frozen=True)
class Line:
    """A line: the street's name, its `stops` (addresses) in order, and how far each lies along it [m]."""

    name: str
    stops: tuple[str, ...]
    along_m: tuple[float, ...]


@dataclass(frozen=True)
class Ride:
    """A ride by bus: when it leaves and arrives [s], how long it is [m], and with which line."""

    leaves_s: float
    arrives_s: float
    length_m: float
    line: str


def lines_of(scene: Scene, doors: Sequence[tuple[str, int]], apart_m: float) -> tuple[Line, ...]:
    """A line for each main street that has two stops and more `apart_m` from each other; `doors` are addresses with nodes."""
    found = []
    for name in dict.fromkeys(street.name for street in scene.roads.streets if street.kind == "main"):
        own = [(address, scene.navigation.nodes[node, :2]) for address, node in doors if _street(address) == name]
        if len(own) < 2:
            continue
        chain = _chain(scene, name)
        arcs = np.array([_arc(chain, at) for _, at in own])
        stops: list[tuple[str, float]] = []
        for index in np.argsort(arcs, kind="stable").tolist():
            if not stops or arcs[index] - stops[-1][1] >= apart_m:
                stops.append((own[index][0], float(arcs[index])))
        if len(stops) > 1:
            found.append(Line(name, tuple(stop for stop, _ in stops), tuple(arc for _, arc in stops)))
    return tuple(found)


def ride(
    lines: Sequence[Line], start: str, goal: str, now_s: float, transport: Transport, factor: float
) -> Ride | None:
    """The next ride from stop to stop without a change, the first to arrive; None if no line has both.

    A line's bus leaves either end every `bus_headway_s` from second 0 on and stands `bus_dwell_s` at each stop.
    """
    best: Ride | None = None
    for line in lines:
        if start not in line.stops or goal not in line.stops or start == goal:
            continue
        a, b = line.stops.index(start), line.stops.index(goal)
        if a > b:
            line = replace(
                line, stops=line.stops[::-1], along_m=tuple(line.along_m[-1] - arc for arc in line.along_m[::-1])
            )
            a, b = len(line.stops) - 1 - a, len(line.stops) - 1 - b
        pace = transport.bus_m_s * factor
        passes_s = [(arc - line.along_m[0]) / pace + i * transport.bus_dwell_s for i, arc in enumerate(line.along_m)]
        waves = max(np.ceil((now_s - passes_s[a]) / transport.bus_headway_s), 0.0)
        leaves = float(waves * transport.bus_headway_s + passes_s[a])
        took = passes_s[b] - passes_s[a]
        found = Ride(leaves, leaves + took, line.along_m[b] - line.along_m[a], line.name)
        if best is None or found.arrives_s < best.arrives_s:
            best = found
    return best


def _street(address: str) -> str:
    """The street's name in an address: "14 Quay Street" lies in Quay Street."""
    return address.lstrip("0123456789 ")


def _chain(scene: Scene, name: str) -> NDArray[np.float64]:
    """The points (k,2) of a street from one end to the other, its stretches one after the other."""
    left = [street for street in scene.roads.streets if street.name == name]
    ends = [end for street in left for end in (street.start, street.end)]
    at = next((end for end in sorted(ends) if ends.count(end) == 1), left[0].start)
    points: list[NDArray[np.float64]] = []
    while left:
        street = next((street for street in left if at in (street.start, street.end)), None)
        if street is None:
            break
        left.remove(street)
        forward = street.start == at
        points.append(street.centreline[:, :2] if forward else street.centreline[::-1, :2])
        at = street.end if forward else street.start
    return np.concatenate(points)


def _arc(chain: NDArray[np.float64], at: NDArray[np.float64]) -> float:
    """How far along a line of points the nearest one to a place lies [m]."""
    a, along = chain[:-1], np.diff(chain, axis=0)
    squares = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((at - a) * along).sum(axis=1) / squares, 0.0, 1.0)
    gaps = np.hypot(*(a + share[:, None] * along - at).T)
    sizes = np.sqrt(squares)
    nearest = int(np.argmin(gaps))
    return float(sizes[:nearest].sum() + share[nearest] * sizes[nearest])
