"""Bridges that were asked for: where the water is narrow near their places, with ways from both banks to the streets."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from scene_gen.build.ground.drawing import Drawing, Way
from scene_gen.build.ground.paths import PathGrid, curved
from scene_gen.build.ground.polygons import lines_of, resampled
from scene_gen.plan.artefacts import Plan

Array = NDArray[np.float64]


def draw_bridges(plan: Plan, drawing: Drawing, grid: PathGrid, water: BaseGeometry, decks: BaseGeometry) -> None:
    """Roads and paths over the water for bridges that are asked for and that no road has built yet."""
    if water.is_empty:
        return
    wanted = [mark for mark in plan.landmarks if mark.kind in ("bridge", "footbridge") for _ in range(mark.count)]
    there = [np.asarray(piece.centroid.coords[0]) for piece in lines_of(drawing.lines.intersection(water), 5.0)]
    for mark in wanted:
        at = np.asarray(mark.at) if mark.at is not None else np.asarray(water.representative_point().coords[0])
        if mark.kind == "bridge":
            near = [k for k, place in enumerate(there) if np.linalg.norm(place - at) < mark.radius_m + 45.0]
            if near:
                there.pop(min(near, key=lambda k: float(np.linalg.norm(there[k] - at))))
                continue
        span = _span(plan, water, at, drawing.lines, decks)
        if span is None:
            continue
        kind, role = ("main", "link") if mark.kind == "bridge" else ("path", "footbridge")
        first = len(drawing.ways)
        drawing.add(span, kind, role)
        others = MultiLineString([way.points for way in drawing.ways[:first]])
        for end, inward in ((span[0], span[0] - span[-1]), (span[-1], span[-1] - span[0])):
            goals = np.concatenate([resampled(way.points, 10.0) for way in drawing.ways[:first]])
            way = grid.way(end[None], goals, MultiLineString())
            ahead = end + inward / np.linalg.norm(inward) * 9.0
            gap = np.linalg.norm(goals - end, axis=1)
            close = goals[int(np.argmin(gap))]
            straight = way is None or (gap.min() < 30.0 and LineString([end, close]).intersection(water).length < 1.0)
            points = np.stack([end, close]) if way is None or straight else np.concatenate([[end, ahead], way[2:]])
            drawing.ways.append(Way(_onto(curved(points), others), kind, role))


def _onto(points: Array, streets: BaseGeometry) -> Array:
    """A way cut where it first meets the streets, or led onto them at its end."""
    line = LineString(points)
    hits = shapely.get_coordinates(line.intersection(streets))
    if len(hits):
        first = min(line.project(Point(hit)) for hit in hits)
        return np.asarray(shapely.ops.substring(line, 0, first).coords) if first > 0.5 else points[:2]
    target, _ = nearest_points(streets, Point(points[-1]))
    return np.concatenate([points, [[target.x, target.y]]])


def _span(plan: Plan, water: BaseGeometry, at: Array, streets: BaseGeometry, decks: BaseGeometry) -> Array | None:
    """The shortest straight way over the water near a place, 12 m onto both banks, clear of other bridges."""
    half = plan.size_m / 2 - 20.0
    best: tuple[float, Array] | None = None
    spacing = np.linspace(-40.0, 40.0, 5)
    for place in [at, *(at + np.array([dx, dy]) for dx in spacing for dy in spacing)]:
        if not shapely.intersects_xy(water, *place):
            on, _ = nearest_points(water, Point(place))
            place = np.array([on.x, on.y]) + (np.array([on.x, on.y]) - place) * 0.05
        for angle in np.arange(12) * np.pi / 12:
            unit = np.array([np.cos(angle), np.sin(angle)])
            ray = LineString([place - 130 * unit, place + 130 * unit])
            pieces = [p for p in lines_of(ray.intersection(water), 2.0) if p.distance(Point(place)) < 3.0]
            if len(pieces) != 1 or pieces[0].length > 150.0:
                continue
            if water.boundary.distance(pieces[0].interpolate(0.5, normalized=True)) < 0.3 * pieces[0].length:
                continue
            ends = np.asarray(pieces[0].coords)[[0, -1]]
            ends = ends + np.array([[-12.0], [12.0]]) * unit * (1 if (ends[1] - ends[0]) @ unit > 0 else -1)
            line = LineString(ends)
            if np.abs(ends).max() > half or line.intersection(water).length > pieces[0].length + 1.0:
                continue
            if not decks.is_empty and line.distance(decks) < 5.0:
                continue
            wet_streets = streets.intersection(water)
            if not wet_streets.is_empty and line.distance(wet_streets) < 22.0:
                continue
            cost = (
                pieces[0].length
                + 0.5 * float(np.linalg.norm(ends.mean(axis=0) - at))
                - min(streets.distance(Point(ends[0])), 0.0)
            )
            if best is None or cost < best[0]:
                best = (cost, resampled(ends, 5.0))
    return None if best is None else best[1]
