"""A scene as triangles for rays: what exists once, what is placed many times, each alone or all of it together."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from bridge.frames import transform_from_pose
from bridge.render.batches import Triangles, joined, run_of, statics
from bridge.render.instances import asset_models
from bridge.render.labels import labels_of
from bridge.render.palette import palette_of
from bridge.scene import Scene


class SolidScene:
    """Everything of a scene that rays can meet, as it was modelled; nothing here moves.

    `group` (n,) says of every placement which of `models` it is (levels of detail, fine first); `local_centre` (n,3) [m]
    and `local_radius` (n,) [m] are spheres around them in their assets' frames, before scaling.
    """

    def __init__(self, scene: Scene) -> None:
        self.labels, self.palette = labels_of(scene), palette_of(scene)
        fixed = statics(scene, self.palette)
        self.chunks, self.solid, self.water = fixed.chunks, fixed.solid, fixed.water
        shapes = asset_models(scene, self.palette)
        self.models = [shapes[group.asset] for group in scene.placements]
        self.group = np.repeat(np.arange(len(self.models)), np.diff(self.labels.starts))
        spans = [group[0].triangles.positions for group in self.models]
        low = np.array([span.min(axis=0) for span in spans]).reshape(-1, 3)
        high = np.array([span.max(axis=0) for span in spans]).reshape(-1, 3)
        self.local_centre = ((low + high) / 2)[self.group]
        self.local_radius = (np.linalg.norm(high - low, axis=1) / 2)[self.group]

    def radius(self) -> NDArray[np.float64]:
        """Radii [m] of the spheres around all placements, scaled, shape (n,)."""
        return self.local_radius * np.abs(self.labels.scales).max(axis=1, initial=0)

    def single(self, without: Collection[int] = ()) -> Triangles:
        """Terrain, parts and waters in the world, but for the parts with these indices."""
        if not len(without):
            return joined([self.solid, self.water])
        keep = np.repeat(~np.isin(self.chunks.part, list(without)), self.chunks.count)
        solid = self.solid
        rest = Triangles(solid.positions, solid.normals, solid.ids, solid.materials, solid.indices[keep])
        return joined([rest, self.water])

    def part(self, index: int) -> Triangles:
        """One part where it was modelled, world frame."""
        some = np.flatnonzero(self.chunks.part == index)
        return joined([run_of(self.solid, int(self.chunks.first[at]), int(self.chunks.count[at])) for at in some])

    def placed(self, rows: NDArray[np.int64], poses: NDArray, level: NDArray[np.int64]) -> Triangles:
        """Some placements (k,) at poses (k,7) and levels of detail (k,), in the world."""
        matrix = transform_from_pose(poses, self.labels.scales[rows])
        pieces = []
        key = self.group[rows] * 8 + level
        for value in np.unique(key):
            some = np.flatnonzero(key == value)
            shape = self.models[int(value) // 8][int(value) % 8].triangles
            m = matrix[some].astype(np.float32)
            positions = np.einsum("nij,vj->nvi", m[:, :3, :3], shape.positions) + m[:, None, :3, 3]
            squared = (m[:, :3, :3] ** 2).sum(axis=1)
            normals = np.einsum("nij,nvj->nvi", m[:, :3, :3], shape.normals[None] / squared[:, None])
            count, vertices = len(some), len(shape.positions)
            ids = (self.labels.first_placed_id + rows[some]).astype(np.uint32)
            offsets = (np.arange(count, dtype=np.uint32) * np.uint32(vertices))[:, None, None]
            pieces.append(
                Triangles(
                    positions.reshape(-1, 3),
                    normals.reshape(-1, 3),
                    np.repeat(ids, vertices),
                    np.tile(shape.materials, count),
                    (shape.indices[None] + offsets).reshape(-1, 3),
                )
            )
        return joined(pieces)
