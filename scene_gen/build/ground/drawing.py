"""Streets as they are drawn: ways with a kind and a role, led squarely onto those that are there already."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from scene_gen.build.ground.polygons import lines_of, resampled, smoothed

Array = NDArray[np.float64]
_CLEAR_M = 13.0


@dataclass(frozen=True, eq=False)
class Way:
    """A street as drawn: points (k,2), its kind (a key of fabric.PROFILES), and what it is for."""

    points: Array
    kind: str
    role: str = ""


@dataclass
class Drawing:
    """The ways drawn so far."""

    ways: list[Way] = field(default_factory=list)
    junctions: list[Array] = field(default_factory=list)

    @property
    def lines(self) -> BaseGeometry:
        """All ways as one geometry."""
        return MultiLineString([way.points for way in self.ways]) if self.ways else MultiLineString()

    def add(self, points: Array, kind: str, role: str = "") -> None:
        """Draws a way as it is."""
        self.ways.append(Way(points, kind, role))

    def attach(self, points: Array, kind: str, role: str = "", *, free_start: bool = False) -> None:
        """Draws those parts of a way that are not on streets already, and leads their ends squarely onto these."""
        streets = self.lines
        if streets.is_empty:
            self.add(points, kind, role)
            return
        line = LineString(points)
        pieces = lines_of(line.difference(streets.buffer(_CLEAR_M)), 8.0)
        for piece in pieces:
            part = resampled(np.asarray(piece.coords), 5.0)
            is_start = bool(np.allclose(part[0], points[0], atol=1e-6))
            is_end = bool(np.allclose(part[-1], points[-1], atol=1e-6))
            head = None if is_start and free_start else self._landing(part[0], streets)
            tail = (
                None
                if is_end and streets.distance(Point(part[-1])) > 4 * _CLEAR_M
                else self._landing(part[-1], streets)
            )
            if head is not None and tail is not None and np.linalg.norm(head - tail) < 25.0:
                continue
            parts = [
                p
                for p in (head[None] if head is not None else None, part, tail[None] if tail is not None else None)
                if p is not None
            ]
            self.add(smoothed(resampled(np.concatenate(parts), 5.0), 6), kind, role)

    def _landing(self, point: Array, streets: BaseGeometry) -> Array:
        _, on = nearest_points(Point(point), streets)
        landing = np.array([on.x, on.y])
        if self.junctions:
            known = np.array(self.junctions)
            gap = np.linalg.norm(known - landing, axis=1)
            best = int(np.argmin(gap))
            if gap[best] < 16.0:
                return known[best]
        self.junctions.append(landing)
        return landing
