"""What lies under a point: the terrain, and by rays from above (Embree) everything else that one can stand on."""

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Scene

STANDABLE = {"road", "sidewalk", "crossing", "dock", "bridge", "terrain"}


class Ground:
    """The terrain and the parts that carry something: streets, sidewalks, squares, quays, piers, bridges."""

    def __init__(self, scene: Scene):
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        self._terrain = scene.terrain
        pieces = [part.mesh.vertices[part.mesh.triangles] for part in scene.parts if part.semantic in STANDABLE]
        corners = np.concatenate([np.zeros((1, 3, 3)), *pieces]).astype(np.float32)
        self._scene = EmbreeScene()
        self._mesh = TriangleMesh(self._scene, corners)

    def below(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height of the first surface under points (n,3) [m], -inf where there is none."""
        if not len(points):
            return np.zeros(0)
        origins = np.ascontiguousarray(points, dtype=np.float32)
        down = np.broadcast_to(np.array([0, 0, -1], dtype=np.float32), origins.shape).copy()
        distance = self._scene.run(origins, down, query="DISTANCE").astype(np.float64)
        built = np.where(distance < 1e6, origins[:, 2].astype(np.float64) - distance, -np.inf)
        return np.maximum(built, self._soil_below(points))

    def _soil_below(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        terrain = self._terrain
        reach = terrain.cell_m * (np.array(terrain.heights.shape[::-1]) - 1)
        inside = ((points[:, :2] >= terrain.origin) & (points[:, :2] <= terrain.origin + reach)).all(axis=1)
        height = terrain.height_at(points[:, :2])
        return np.where(inside & (height <= points[:, 2]), height, -np.inf)
