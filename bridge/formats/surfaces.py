"""Terrain and water as meshes, for formats that have neither."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.meshes import mesh
from bridge.scene import Material, Mesh, Scene, Terrain, Water

_WATERS = {
    "water-sea": Material("water-sea", (0.012, 0.069, 0.112), 0.05, pattern="water"),
    "water-river": Material("water-river", (0.025, 0.102, 0.098), 0.05, pattern="water"),
}


def terrain_mesh(terrain: Terrain) -> Mesh:
    """The height field's triangles, split from south-west to north-east, smooth, each of one surface."""
    rows, cols = terrain.heights.shape
    u, v = np.meshgrid(np.arange(cols), np.arange(rows))
    x, y = terrain.origin[0] + u * terrain.cell_m, terrain.origin[1] + v * terrain.cell_m
    vertices = np.stack([x, y, terrain.heights.astype(np.float64)], axis=-1).reshape(-1, 3)
    corner = (np.arange(rows - 1)[:, None] * cols + np.arange(cols - 1)).reshape(-1)
    sw, se, nw, ne = corner, corner + 1, corner + cols, corner + cols + 1
    triangles = np.stack([sw, se, ne, sw, ne, nw], axis=1).reshape(-1, 3)
    a, b, c = terrain.surface.reshape(-1)[triangles].T
    material = np.where(b == c, b, a)
    return mesh(vertices, triangles, terrain.surfaces, material, terrain_normals(terrain))


def terrain_normals(terrain: Terrain) -> NDArray[np.float32]:
    """Unit normals at the vertices, row by row, shape (rows · cols, 3)."""
    slope_y, slope_x = np.gradient(terrain.heights.astype(np.float64), terrain.cell_m)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], axis=-1)
    return (normal / np.linalg.norm(normal, axis=-1, keepdims=True)).reshape(-1, 3).astype(np.float32)


def water_mesh(water: Water) -> Mesh:
    """The still surface of a body of water."""
    flat, triangles = filled([water.polygon, *water.holes])
    vertices = np.column_stack([flat, np.full(len(flat), water.level_m)])
    return mesh(vertices, triangles, (water_material(water).name,))


def water_material(water: Water) -> Material:
    """What a body of water is made of where the scene does not say."""
    return _WATERS["water-river" if water.kind in ("river", "canal", "pond") else "water-sea"]


def materials_with_water(scene: Scene) -> dict[str, Material]:
    """The scene's materials and those of its waters, by name."""
    return {water_material(water).name: water_material(water) for water in scene.waters} | dict(scene.materials)


def filled(rings: list[ArrayLike]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Points (n,2) and counter-clockwise triangles (m,3) of a polygon: its open outer ring, then its holes."""
    import mapbox_earcut

    points = [np.asarray(ring, dtype=np.float64) for ring in rings]
    flat, ends = np.concatenate(points), np.cumsum([len(ring) for ring in points]).astype(np.uint32)
    triangles = mapbox_earcut.triangulate_float64(flat, ends).reshape(-1, 3).astype(np.int32)
    a, b, c = np.moveaxis(flat[triangles], 1, 0)
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    return flat, triangles[area != 0]
