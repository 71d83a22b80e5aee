"""The solids of a scene as seen from above: oriented boxes with a height range, for overlap and standing checks."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportReturnType=false

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat
from bridge.scene import Asset, Collider, Scene


@dataclass(frozen=True, eq=False)
class Solids:
    """Boxes: `owner` int (n,) row in Scene.instances(), `corners` (n,4,2) [m] ccw, `low` and `high` (n,) [m]."""

    owner: NDArray[np.int64]
    corners: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def polygons(self) -> NDArray[np.object_]:
        """Shapely polygons, shape (n,)."""
        return shapely.polygons(self.corners)


def collider_box(solid: Collider, asset: Asset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest corner of a collider's bounding box in its own frame, shape (3,) each."""
    if solid.shape == "mesh":
        vertices = asset.lods[0].vertices.astype(np.float64)
        return vertices.min(axis=0), vertices.max(axis=0)
    if solid.shape == "hull" and solid.points is not None:
        points = solid.points.astype(np.float64)
        return points.min(axis=0), points.max(axis=0)
    half = 0.5 * np.array(solid.size)
    return -half, half


def placement_solids(scene: Scene) -> Solids:
    """One box for each collider of each placement."""
    first = 1 + len(scene.waters) + len(scene.parts)
    owners, poses, scales, boxes = [], [], [], []
    for group in scene.placements:
        asset, count = scene.assets[group.asset], len(group.names)
        for solid in asset.colliders:
            owners.append(first + np.arange(count))
            poses.append(group.poses)
            scales.append(group.scale)
            boxes.append((count, *collider_box(solid, asset), solid.pose))
        first += count
    if not owners:
        return Solids(np.zeros(0, int), np.zeros((0, 4, 2)), np.zeros(0), np.zeros(0))
    counts, lowest, highest, local = (np.array(column) for column in zip(*boxes, strict=True))
    turn = matrix_from_quat(local[:, 3:])
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners = lowest[:, None] + corners * (highest - lowest)[:, None]
    corners = corners @ np.swapaxes(turn, 1, 2) + local[:, None, :3]
    which = np.repeat(np.arange(len(boxes)), counts)
    placed, scale = np.concatenate(poses), np.concatenate(scales)
    world_from_owner = matrix_from_quat(placed[:, 3:])
    world = (corners[which] * scale[:, None]) @ np.swapaxes(world_from_owner, 1, 2) + placed[:, None, :3]
    rings = _plan_box(world, world_from_owner @ turn[which])
    return Solids(np.concatenate(owners), rings, world[..., 2].min(axis=1), world[..., 2].max(axis=1))


def _plan_box(points: NDArray[np.float64], turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners (n,4,2) of boxes seen from above, along the most level axis of each body, around points (n,k,3)."""
    level = np.linalg.norm(turn[:, :2, :], axis=1)
    axis = turn[np.arange(len(turn)), :2, np.argmax(level[:, :2], axis=1)]
    axis = axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    across = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    u = np.einsum("nki,ni->nk", points[..., :2], axis)
    v = np.einsum("nki,ni->nk", points[..., :2], across)
    ends = [(u.min(1), v.min(1)), (u.max(1), v.min(1)), (u.max(1), v.max(1)), (u.min(1), v.max(1))]
    return np.stack([a[:, None] * axis + b[:, None] * across for a, b in ends], axis=1)


def overlapping_pairs(
    a: NDArray[np.object_], b: NDArray[np.object_] | None = None, *, margin_m: float = 0.005
) -> NDArray[np.int64]:
    """Index pairs (m,2) of polygons that overlap by more than `margin_m` seen from above; of `a` alone, each pair once."""
    other = a if b is None else b
    if not len(a) or not len(other):
        return np.zeros((0, 2), dtype=np.int64)
    tree = shapely.STRtree(other)
    first, second = tree.query(a, predicate="intersects")
    if b is None:
        once = first < second
        first, second = first[once], second[once]
    if not len(first):
        return np.zeros((0, 2), dtype=np.int64)
    shared = shapely.intersection(a[first], other[second])
    deep = ~shapely.is_empty(shapely.buffer(shared, -margin_m / 2, quad_segs=2, join_style="mitre"))
    return np.stack([first[deep], second[deep]], axis=1)
