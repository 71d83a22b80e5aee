"""The water's edge as places with directions, and what has been built into the water so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.scene import Part
from scene_gen.build.ground.polygons import lines_of, resampled, smoothed
from scene_gen.build.ground.quays import Quay
from scene_gen.build.site import Area, Mooring
from scene_gen.plan.artefacts import Landmark, Plan

Array = NDArray[np.float64]
CURB_M = 0.12


@dataclass
class Harbor:
    """What has been built in the water so far; `heads` are ends of breakwaters (x, y, z, heading)."""

    parts: list[Part] = field(default_factory=list)
    moorings: list[Mooring] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    heads: list[tuple[float, float, float, float]] = field(default_factory=list)
    edges: list[tuple[Array, Array, float]] = field(default_factory=list)
    """Places on quay edges: point (2,), direction out over the water (2,), level of the deck."""
    taken: list[BaseGeometry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Shore:
    """Places along the water's edge: points (n,2), directions out (n,2), water level, deck level (nan on natural shores)."""

    points: Array
    out: Array
    water_m: Array
    deck_m: Array


def shore_of(plan: Plan, water: BaseGeometry, bodies: Sequence[tuple[Polygon, int]], quays: Sequence[Quay]) -> Shore:
    points, outs, waters, decks = [], [], [], []

    def line(piece: LineString, wet: BaseGeometry, level: float, deck: float, smooth: int) -> None:
        at = resampled(np.asarray(piece.coords)[:, :2], 3.0)
        soft = smoothed(at, smooth)
        step = np.gradient(soft, axis=0)
        step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
        out = np.stack([-step[:, 1], step[:, 0]], -1)
        probe = at + 2.5 * out
        out = np.where(shapely.contains_xy(wet, probe[:, 0], probe[:, 1])[:, None], out, -out)
        points.append(at)
        outs.append(out)
        waters.append(np.full(len(at), level))
        decks.append(np.full(len(at), deck))

    for quay in quays:
        for wall in quay.wall.geoms:
            for a, b in zip(list(wall.coords)[:-1], list(wall.coords)[1:], strict=True):
                side = LineString([a, b])
                if side.length > 7.0:
                    inner = shapely.ops.substring(side, 3.0, side.length - 3.0)
                    line(inner, water, quay.water_m, quay.level_m + CURB_M, 0)
    half = plan.size_m / 2 - 8.0
    frame = shapely.box(-half, -half, half, half)
    near_decks = shapely.union_all([quay.deck.buffer(10.0) for quay in quays])
    for polygon, kind in bodies:
        edge = polygon.boundary.intersection(frame).difference(near_decks)
        for piece in lines_of(shapely.line_merge(edge) if hasattr(edge, "geoms") else edge, 20.0):
            line(piece, polygon, plan.waters[kind].level_m, np.nan, 8)
    if not points:
        return Shore(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), np.zeros(0))
    return Shore(np.concatenate(points), np.concatenate(outs), np.concatenate(waters), np.concatenate(decks))


def distance_wished(points: Array, mark: Landmark) -> Array:
    """How far places (n,2) are from where a landmark is wanted, beyond its radius twice."""
    if mark.at is None:
        return np.zeros(len(points))
    gap = np.linalg.norm(points - np.asarray(mark.at), axis=1)
    return gap + 2.0 * np.maximum(gap - mark.radius_m, 0.0)
