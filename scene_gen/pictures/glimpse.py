"""Glimpses: tiny depth and label frames by rays against a coarse town, cheap enough to try a hundred viewpoints."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat, transform_from_pose
from bridge.scene import Scene
from bridge.types import Camera, Frame

FAR_M = 4000.0


class Glimpser:
    """The town's triangles (placements at their coarsest level, water as plates) in one Embree scene."""

    def __init__(self, scene: Scene):
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        corners, ids = _triangles(scene)
        self._ids = np.append(ids, 0).astype(np.int32)
        self._scene = EmbreeScene()
        self._mesh = TriangleMesh(self._scene, corners)

    def glimpse(self, cameras: Sequence[Camera]) -> list[Frame]:
        """Depth [m] (planar, inf: sky) and instance ids, as a renderer's frames."""
        frames = []
        for camera in cameras:
            rays = _rays(camera)
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


def _rays(camera: Camera) -> NDArray[np.float64]:
    """Directions (h*w,3) in the camera frame with z = 1, so that distances along them are planar depths."""
    focal = 0.5 * camera.height / np.tan(0.5 * camera.fov_y_rad)
    x = (np.arange(camera.width) + 0.5 - camera.width / 2) / focal
    y = (np.arange(camera.height) + 0.5 - camera.height / 2) / focal
    grid = np.stack([*np.meshgrid(x, y), np.ones((camera.height, camera.width))], axis=-1)
    return grid.reshape(-1, 3)


def _triangles(scene: Scene) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Corners (m,3,3) [m] and instance ids (m,) of everything."""
    terrain = scene.terrain
    rows, cols = terrain.heights.shape
    x = terrain.origin[0] + terrain.cell_m * np.arange(cols)
    y = terrain.origin[1] + terrain.cell_m * np.arange(rows)
    grid = np.stack([*np.meshgrid(x, y), terrain.heights], axis=-1).astype(np.float32)
    quads = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    pieces = [np.stack([quads[a], quads[b], quads[c]], axis=2).reshape(-1, 3, 3) for a, b, c in ((0, 1, 2), (0, 2, 3))]
    ids = [np.full(len(piece), 1) for piece in pieces]
    number = 2
    for water in scene.waters:
        low, high = water.polygon.min(axis=0), water.polygon.max(axis=0)
        plate = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
        ring = np.array([[*corner, water.level_m] for corner in plate], dtype=np.float32)
        pieces.append(ring[[[0, 1, 2], [0, 2, 3]]])
        ids.append(np.full(2, number))
        number += 1
    for part in scene.parts:
        pieces.append(part.mesh.vertices[part.mesh.triangles])
        ids.append(np.full(len(part.mesh.triangles), number))
        number += 1
    for group in scene.placements:
        mesh = scene.assets[group.asset].lods[-1]
        matrix = transform_from_pose(group.poses, group.scale)
        corners = mesh.vertices[mesh.triangles].reshape(-1, 3).astype(np.float64)
        placed = np.einsum("nij,kj->nki", matrix[:, :3, :3], corners) + matrix[:, None, :3, 3]
        pieces.append(placed.reshape(-1, 3, 3).astype(np.float32))
        ids.append(np.repeat(number + np.arange(len(group.names)), len(mesh.triangles)))
        number += len(group.names)
    return np.ascontiguousarray(np.concatenate(pieces), dtype=np.float32), np.concatenate(ids).astype(np.int32)
