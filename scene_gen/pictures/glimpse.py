"""Glimpses: tiny depth and label frames by rays against a coarse town, cheap enough to try a hundred viewpoints."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.formats.solids import convex_points
from bridge.frames import matrix_from_quat, transform_from_pose
from bridge.scene import Building, Part, Scene, Terrain, Water
from bridge.types import Camera, Frame

TERRAIN_SIDE = 104
TOWER_M = 3.0
SEEN_M = 1.3
"""Things smaller than this in every direction are less than a few pixels."""


class Glimpser:
    """A coarse town in one Embree scene: houses without towers are blocks under a roof, fences boxes, waters plates; small
    things are left out. Its cost is the number of triangles."""

    def __init__(self, scene: Scene):
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        corners, ids = coarse_triangles(scene)
        self._ids = np.append(ids, 0).astype(np.int32)
        self._scene = EmbreeScene()
        self._mesh = TriangleMesh(self._scene, corners)

    def glimpse(self, cameras: Sequence[Camera]) -> list[Frame]:
        """Depth [m] (planar, inf: sky) and instance ids, as a renderer's frames."""
        frames = []
        rays_of = {lens: _rays(*lens) for lens in {(c.width, c.height, c.fov_y_rad) for c in cameras}}
        for camera in cameras:
            rays = rays_of[camera.width, camera.height, camera.fov_y_rad]
            turn = matrix_from_quat(camera.mount_from_camera.quat_wxyz)
            directions = np.ascontiguousarray(rays @ turn.T, dtype=np.float32)
            eye = camera.mount_from_camera.position.astype(np.float32)
            origins = np.ascontiguousarray(np.broadcast_to(eye, directions.shape))
            out = self._scene.run(origins, directions, output=True)
            shape = (camera.height, camera.width)
            hit = out["primID"].astype(np.int64)
            depth = np.where(hit >= 0, out["tfar"], np.float32(np.inf)).astype(np.float32)
            frames.append(Frame(camera.name, 0, depth=depth.reshape(shape), segmentation=self._ids[hit].reshape(shape)))
        return frames


def _rays(width: int, height: int, fov_y_rad: float) -> NDArray[np.float64]:
    """Directions (h*w,3) in the camera frame with z = 1, so that distances along them are planar depths."""
    focal = 0.5 * height / np.tan(0.5 * fov_y_rad)
    x = (np.arange(width) + 0.5 - width / 2) / focal
    y = (np.arange(height) + 0.5 - height / 2) / focal
    return np.stack([*np.meshgrid(x, y), np.ones((height, width))], axis=-1).reshape(-1, 3)


def coarse_triangles(scene: Scene) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Corners (m,3,3) [m] and instance ids (m,) of what is large enough to be seen in a tiny frame."""
    buildings = {building.name: building for building in scene.buildings}
    pieces = [_terrain(scene.terrain), *(_plate(water) for water in scene.waters)]
    for part in scene.parts:
        if part.name in buildings and not _has_tower(part, buildings[part.name]):
            pieces.append(_block(buildings[part.name]))
        elif part.colliders and all(solid.shape == "box" for solid in part.colliders):
            pieces.append(np.concatenate([convex_points(solid)[_BOX] for solid in part.colliders]))
        else:
            pieces.append(part.mesh.vertices[part.mesh.triangles])
    ids = [np.repeat(np.arange(1, len(pieces) + 1), [len(piece) for piece in pieces])]
    number = len(pieces) + 1
    for group in scene.placements:
        asset = scene.assets[group.asset]
        if max(asset.size) >= SEEN_M:
            mesh = asset.lods[-1]
            matrix = transform_from_pose(group.poses, group.scale)
            corners = mesh.vertices[mesh.triangles].reshape(-1, 3).astype(np.float64)
            placed = corners @ np.swapaxes(matrix[:, :3, :3], 1, 2) + matrix[:, None, :3, 3]
            pieces.append(placed.reshape(-1, 3, 3))
            ids.append(np.repeat(number + np.arange(len(group.names)), len(mesh.triangles)))
        number += len(group.names)
    return np.concatenate(pieces, dtype=np.float32), np.concatenate(ids).astype(np.int32)


_BOX = np.array([[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7], [0, 4, 2],
                 [2, 4, 6], [1, 3, 5], [3, 7, 5]])  # fmt: skip
"""Triangles of a box whose corners are numbered x first, then y, then z."""


def _terrain(terrain: Terrain) -> NDArray[np.float32]:
    """Corners (m,3,3) of a field with at most `TERRAIN_SIDE` cells a side."""
    chosen = [np.linspace(0, n - 1, min(n, TERRAIN_SIDE + 1)).round().astype(int) for n in terrain.heights.shape]
    x = terrain.origin[0] + terrain.cell_m * chosen[1]
    y = terrain.origin[1] + terrain.cell_m * chosen[0]
    grid = np.stack([*np.meshgrid(x, y), terrain.heights[np.ix_(*chosen)]], axis=-1).astype(np.float32)
    sw, se, ne, nw = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    return np.stack([sw, se, ne, sw, ne, nw], axis=2).reshape(-1, 3, 3)


def _plate(water: Water) -> NDArray[np.float64]:
    low, high = water.polygon.min(axis=0), water.polygon.max(axis=0)
    ring = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    return np.column_stack([ring, np.full(4, water.level_m)])[[[0, 1, 2], [0, 2, 3]]]


def _has_tower(part: Part, building: Building) -> bool:
    """Whether a building reaches well over its roof's ridge."""
    ridge = building.base_m + building.height_m + building.roof_m
    return len(part.mesh.vertices) > 0 and float(part.mesh.vertices[:, 2].max()) > ridge + TOWER_M


def _block(building: Building) -> NDArray[np.float64]:
    """Walls up to the eaves and a roof that rises to one point."""
    a = building.footprint
    b, flat = np.roll(a, -1, axis=0), np.zeros(len(a))
    eaves = building.base_m + building.height_m
    low = [np.column_stack([ring, flat + building.base_m - 1.0]) for ring in (a, b)]
    high = [np.column_stack([ring, flat + eaves]) for ring in (a, b)]
    apex = np.broadcast_to([*a.mean(axis=0), eaves + building.roof_m], (len(a), 3))
    faces = [(low[0], low[1], high[1]), (low[0], high[1], high[0]), (high[0], high[1], apex)]
    return np.concatenate([np.stack(face, axis=1) for face in faces])
