"""How much room there is to walk: the distance to the nearest wall, fixed thing or water, on a grid over the town."""

import math
import weakref

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import matrix_from_quat
from bridge.scene import Asset, Collider, Scene

Array = NDArray[np.float64]
CELL_M = 0.25
FAR_M = 20.0
MOVES = ("person", "robot", "animal", "vehicle", "bicycle", "scooter", "boat")
"""Classes of things that engines move; they are no walls."""
_BESIDE_M = CELL_M * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
_FLOORS = ("terrain", "road", "sidewalk", "crossing", "lane-marking", "dock", "bridge")
_HEAD_M, _STEP_M = 1.8, 0.35
"""What begins higher is passed under; what ends lower is stepped over."""


class Clearance:
    """The room around points, from `CELL_M` to `FAR_M`; 0 inside of what stands, and in the water."""

    def __init__(self, scene: Scene) -> None:
        x0, y0, x1, y1 = scene.bounds
        self._origin = np.array([x0, y0])
        self._shape = math.ceil((y1 - y0) / CELL_M) + 1, math.ceil((x1 - x0) / CELL_M) + 1
        self._room = self._measured(self._blocked(scene))
        self._cells = self._room.reshape(-1).data

    def at(self, points: ArrayLike) -> Array:
        """The distance [m] to the nearest obstacle at points (..., 2), shape (...); 0 off the map."""
        value, inside = self._sampled(np.asarray(points, dtype=np.float64))
        return np.where(inside, value, 0.0)

    def of(self, x: float, y: float) -> float:
        """The same as `at` for one point, to the last bit, without arrays."""
        rows, cols = self._shape
        u, v = (x - float(self._origin[0])) / CELL_M, (y - float(self._origin[1])) / CELL_M
        if not (0.0 <= u <= cols - 1 and 0.0 <= v <= rows - 1):
            return 0.0
        u, v = min(u, cols - 1.001), min(v, rows - 1.001)
        j, i = int(u), int(v)
        fu, fv, at, cells = u - j, v - i, i * cols + j, self._cells
        low = cells[at] * (1 - fu) + cells[at + 1] * fu
        high = cells[at + cols] * (1 - fu) + cells[at + cols + 1] * fu
        return low * (1 - fv) + high * fv

    def away(self, points: ArrayLike) -> Array:
        """Unit vectors (..., 2) that lead away from the nearest obstacle; zero where there is none."""
        room = self.at(np.asarray(points, dtype=np.float64)[..., None, :] + _BESIDE_M)
        slope = np.stack([room[..., 0] - room[..., 1], room[..., 2] - room[..., 3]], axis=-1)
        size = np.linalg.norm(slope, axis=-1, keepdims=True)
        return np.where(size > 1e-9, slope / np.maximum(size, 1e-9), 0.0)

    def _sampled(self, points: Array) -> tuple[Array, NDArray[np.bool_]]:
        rows, cols = self._shape
        place = (points[..., :2] - self._origin) / CELL_M
        u, v = np.clip(place[..., 0], 0, cols - 1.001), np.clip(place[..., 1], 0, rows - 1.001)
        j, i = u.astype(np.int64), v.astype(np.int64)
        fu, fv = u - j, v - i
        flat, at = self._room.reshape(-1), i * cols + j
        low = flat[at] * (1 - fu) + flat[at + 1] * fu
        high = flat[at + cols] * (1 - fu) + flat[at + cols + 1] * fu
        inside = ((place >= 0) & (place <= [cols - 1, rows - 1])).all(axis=-1)
        return low * (1 - fv) + high * fv, np.asarray(inside)

    def _measured(self, blocked: NDArray[np.bool_]) -> NDArray[np.float32]:
        from scipy.ndimage import distance_transform_edt

        if not blocked.any():
            return np.full(self._shape, FAR_M, dtype=np.float32)
        return np.minimum(np.asarray(distance_transform_edt(~blocked)) * CELL_M, FAR_M).astype(np.float32)

    def _blocked(self, scene: Scene) -> NDArray[np.bool_]:
        from PIL import Image, ImageDraw

        image = Image.new("L", (self._shape[1], self._shape[0]), 0)
        draw = ImageDraw.Draw(image)

        def fill(ring: ArrayLike, value: int) -> None:
            at = (np.asarray(ring, dtype=np.float64)[:, :2] - self._origin) / CELL_M
            draw.polygon([(float(x), float(y)) for x, y in at], fill=value, outline=value)

        for water in scene.waters:
            fill(water.polygon, 1)
            for hole in water.holes:
                fill(hole, 0)
        for part in scene.parts:
            if part.semantic in _FLOORS and part.semantic != "terrain" and len(part.mesh.triangles):
                self._fill_floor(draw, part.mesh.vertices, part.mesh.triangles)
        for ring in _standing(scene):
            fill(ring, 1)
        return np.asarray(image) > 0

    def _fill_floor(self, draw, vertices: NDArray, triangles: NDArray) -> None:
        """Marks what a floor's upper side covers as dry."""
        corners = (vertices[:, :2].astype(np.float64) - self._origin) / CELL_M
        a, b, c = corners[triangles].transpose(1, 0, 2)
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        for corner in np.stack([a, b, c], axis=1)[area > 0.05]:
            draw.polygon([(float(x), float(y)) for x, y in corner], fill=0, outline=0)


_KNOWN: weakref.WeakKeyDictionary[Scene, Clearance] = weakref.WeakKeyDictionary()


def clearance(scene: Scene) -> Clearance:
    """The room in a scene; measured once for all who ask, since scenes do not change."""
    if scene not in _KNOWN:
        _KNOWN[scene] = Clearance(scene)
    return _KNOWN[scene]


def _standing(scene: Scene):
    """Plans (k,2) of all convex solids that stand in the way of somebody on foot."""
    for part in scene.parts:
        if part.semantic not in _FLOORS:
            for solid in part.colliders:
                if solid.shape != "mesh":
                    points = _points(solid)
                    floor = float(scene.terrain.height_at(points[:, :2].mean(axis=0)))
                    if points[:, 2].min() < floor + _HEAD_M and points[:, 2].max() > floor + _STEP_M:
                        yield _ring(points[:, :2])
    for group in scene.placements:
        asset = scene.assets[group.asset]
        if not is_moving(asset):
            plans = [_points(solid) for solid in asset.colliders if solid.shape != "mesh"]
            plans = [p for p in plans if p[:, 2].min() < _HEAD_M and p[:, 2].max() > _STEP_M]
            for pose, scale in zip(group.poses, group.scale, strict=True):
                turn = matrix_from_quat(pose[3:])
                for points in plans:
                    yield _ring(((points * scale) @ turn.T + pose[:3])[:, :2])


def is_moving(asset: Asset) -> bool:
    """Whether engines move such a thing, so that its place is a matter of the world's state."""
    return asset.semantic in MOVES or asset.is_movable


def plan_size(asset: Asset) -> tuple[float, float]:
    """Length and width [m] of what can be bumped into of a thing; mirrors and twigs do not count."""
    plans = [_points(solid)[:, :2] for solid in asset.colliders if solid.shape != "mesh"]
    if not plans:
        return asset.size[0], asset.size[1]
    x, y = 2 * np.abs(np.concatenate(plans)).max(axis=0)
    return float(x), float(y)


def _points(solid: Collider) -> Array:
    """Points in the owner's frame whose hull, seen from above, is the solid's plan."""
    if solid.shape == "hull":
        assert solid.points is not None
        local = solid.points.astype(np.float64)
    else:
        x, y, z = (0.5 * extent for extent in solid.size)
        if solid.shape == "box":
            ring = np.array([[x, y], [-x, y], [-x, -y], [x, -y]])
        else:
            angle = np.arange(12) * (np.pi / 6)
            ring = x * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        local = np.concatenate([np.column_stack([ring, np.full(len(ring), h)]) for h in (-z, z)])
    return local @ matrix_from_quat(solid.pose[3:]).T + np.asarray(solid.pose[:3])


def _ring(points: Array) -> Array:
    """The convex hull of points (n,2), counter-clockwise (Andrew's monotone chain)."""
    rows = sorted(set(map(tuple, points.tolist())))
    if len(rows) < 3:
        return np.array([*rows, *rows, *rows][:3])

    def chain(ordered: list[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for x, y in ordered:
            while len(kept) > 1:
                (ax, ay), (bx, by) = kept[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    return np.array(chain(rows) + chain(rows[::-1]))
