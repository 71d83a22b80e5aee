"""What lies under a point: heights of the terrain and of everything one can stand on, by rays from above (Embree)."""

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Scene

STANDABLE = {"road", "sidewalk", "crossing", "dock", "bridge", "terrain"}


class Ground:
    """Rays against the terrain and the parts that carry something: streets, sidewalks, squares, quays, piers, bridges."""

    def __init__(self, scene: Scene):
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        self._scene = EmbreeScene()
        pieces = [terrain_triangles(scene)]
        pieces += [part.mesh.vertices[part.mesh.triangles] for part in scene.parts if part.semantic in STANDABLE]
        corners = np.concatenate(pieces).astype(np.float32)
        self._mesh = TriangleMesh(self._scene, corners)

    def below(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height of the first surface under points (n,3) [m], -inf where there is none."""
        if not len(points):
            return np.zeros(0)
        origins = np.ascontiguousarray(points, dtype=np.float32)
        down = np.broadcast_to(np.array([0, 0, -1], dtype=np.float32), origins.shape).copy()
        distance = self._scene.run(origins, down, query="DISTANCE").astype(np.float64)
        hit = distance < 1e6
        return np.where(hit, origins[:, 2].astype(np.float64) - distance, -np.inf)


def terrain_triangles(scene: Scene) -> NDArray[np.float32]:
    """Corners (m,3,3) of the terrain's triangles [m]."""
    terrain = scene.terrain
    rows, cols = terrain.heights.shape
    x = terrain.origin[0] + terrain.cell_m * np.arange(cols)
    y = terrain.origin[1] + terrain.cell_m * np.arange(rows)
    grid = np.stack([*np.meshgrid(x, y), terrain.heights], axis=-1).astype(np.float32)
    sw, se, nw, ne = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
    lower = np.stack([sw, se, ne], axis=2).reshape(-1, 3, 3)
    upper = np.stack([sw, ne, nw], axis=2).reshape(-1, 3, 3)
    return np.concatenate([lower, upper])
