"""How large things are: the smallest upright box around each instance, in the instance's own frame."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bridge.frames import quat_from_yaw
from bridge.meshes import bounds
from bridge.render.labels import Bodies
from bridge.scene import Asset, Part, Scene
from bridge.sensors.places import composed, labels

_STILL = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


def world_boxes(scene: Scene, bodies: Bodies, ids: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Poses (n,7) and full extents (n,3) [m] of boxes around placements and parts with these ids, where they are now.

    Extents are nan for the terrain and waters, which no box describes.
    """
    known = labels(scene)
    poses, sizes = np.tile(_STILL, (len(ids), 1)), np.full((len(ids), 3), np.nan)
    first_part = known.first_placed_id - len(scene.parts)
    for at, number in enumerate(np.asarray(ids).tolist()):
        if number >= known.first_placed_id:
            row = number - known.first_placed_id
            group = scene.placements[int(np.searchsorted(known.starts, row, side="right")) - 1]
            low, high = _asset_bounds(scene.assets[group.asset])
            scale = known.scales[row]
            middle = np.concatenate([(low + high) / 2 * scale, [1.0, 0.0, 0.0, 0.0]])
            poses[at], sizes[at] = composed(bodies.placed[row], middle), (high - low) * np.abs(scale)
        elif number >= first_part:
            index = number - first_part
            box, sizes[at] = upright_box(scene.parts[index])
            poses[at] = composed(bodies.moved_parts.get(index, _STILL), box)
    return poses, sizes


@lru_cache(maxsize=4096)
def _asset_bounds(asset: Asset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = bounds(asset.lods[0].vertices.astype(np.float64))
    return low, high


@lru_cache(maxsize=16384)
def upright_box(part: Part) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """World pose (7,) and full extents (3,) [m] of the upright box of least area around a part's mesh, as modelled.

    Its X lies along the longer side; extents are nan for a part without a mesh.
    """
    points = np.unique(part.mesh.vertices[:, :2].astype(np.float64), axis=0)
    if not len(points):
        return _STILL, np.full(3, np.nan)
    ring = _hull(points)
    edges = np.roll(ring, -1, axis=0) - ring
    yaws = np.unique(np.round(np.arctan2(edges[:, 1], edges[:, 0]) % (np.pi / 2), 9))
    turns = np.stack([np.cos(yaws), np.sin(yaws), -np.sin(yaws), np.cos(yaws)], axis=-1).reshape(-1, 2, 2)
    spans = np.einsum("aij,nj->ani", turns, ring)
    low, high = spans.min(axis=1), spans.max(axis=1)
    best = int(np.argmin((high - low).prod(axis=1)))
    yaw, size = float(yaws[best]), high[best] - low[best]
    middle = (low[best] + high[best]) / 2 @ turns[best]
    if size[1] > size[0]:
        yaw, size = yaw + np.pi / 2, size[::-1]
    z = part.mesh.vertices[:, 2].astype(np.float64)
    centre = [*middle, (z.min() + z.max()) / 2]
    return np.concatenate([centre, quat_from_yaw(yaw)]), np.array([*size, z.max() - z.min()])


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The convex hull (k,2) of sorted distinct points (n,2), counter-clockwise (Andrew's monotone chain)."""
    if len(points) < 3:
        return points

    def chain(some: NDArray) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for x, y in some.tolist():
            while len(kept) > 1:
                (ax, ay), (bx, by) = kept[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    return np.array(chain(points) + chain(points[::-1]))
