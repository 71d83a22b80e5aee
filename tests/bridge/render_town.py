"""A small made-up town for the renderers' tests: houses with windows and roofs, trees, lamps, a street and the sea."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bridge.frames import pose_array
from bridge.meshes import merge, mesh, transformed
from bridge.scene import (
    Asset,
    Environment,
    Lights,
    Material,
    Mesh,
    NavigationGraph,
    Part,
    Placements,
    RoadNetwork,
    Scene,
    Terrain,
    Water,
)  # fmt: skip

MATERIALS = {
    material.name: material
    for material in (
        Material("plaster", (0.75, 0.66, 0.50), pattern="plaster"),
        Material("brick", (0.30, 0.10, 0.07), pattern="brick"),
        Material("tiles", (0.35, 0.09, 0.04), 0.8, pattern="roof-tiles"),
        Material("glass", (0.05, 0.07, 0.10), 0.08, pattern="glass"),
        Material("lit", (0.15, 0.12, 0.08), 0.3, emission=(1.1, 0.62, 0.21), glows_at_night=True, pattern="glass"),
        Material("asphalt", (0.07, 0.07, 0.075), pattern="asphalt"),
        Material("paint", (0.7, 0.7, 0.66), 0.7),
        Material("leaf", (0.07, 0.16, 0.03), pattern="foliage"),
        Material("bark", (0.10, 0.06, 0.03), pattern="bark"),
        Material("iron", (0.04, 0.04, 0.04), 0.6, 0.7, pattern="metal"),
        Material("glow", (0.8, 0.7, 0.5), emission=(3.0, 1.8, 0.7), glows_at_night=True),
        Material("grass", (0.11, 0.20, 0.045), pattern="grass"),
        Material("sand", (0.65, 0.52, 0.27), pattern="sand"),
    )
}


def _box(size: tuple[float, float, float], material: str, base: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    x, y, z = size
    corners = np.array([[i, j, k] for k in (0, 1) for j in (-0.5, 0.5) for i in (-0.5, 0.5)]) * [x, y, z] + base
    quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [1, 3, 7, 5], [3, 2, 6, 7], [2, 0, 4, 6]]
    triangles = [[q[0], q[k], q[k + 1]] for q in quads for k in (1, 2)]
    return mesh(corners, triangles, (material,))


def _cone(radius: float, low: float, high: float, material: str, sides: int = 12) -> Mesh:
    angle = np.arange(sides) / sides * 2 * np.pi
    ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.full(sides, low)])
    vertices = np.concatenate([ring, [[0, 0, high], [0, 0, low]]])
    here, after = np.arange(sides), (np.arange(sides) + 1) % sides
    up, down = np.full(sides, sides), np.full(sides, sides + 1)
    triangles = np.concatenate([np.stack([here, after, up], 1), np.stack([after, here, down], 1)])
    return mesh(vertices, triangles, (material,))


def _house(rng: np.random.Generator) -> Mesh:
    width, depth, storeys = rng.uniform(8, 13), rng.uniform(8, 11), int(rng.integers(2, 5))
    height = 3.0 * storeys
    wall = "brick" if rng.random() < 0.4 else "plaster"
    pieces = [_box((width, depth, height + 4), wall, (0, 0, -4))]
    for side in range(4):
        along, out = (width, depth) if side % 2 == 0 else (depth, width)
        for storey in range(storeys):
            for x in np.arange(-along / 2 + 1.5, along / 2 - 1, 2.6):
                pane = _box((1.2, 0.12, 1.5), "lit" if rng.random() < 0.4 else "glass", (x, out / 2, 3 * storey + 0.9))
                turn = np.eye(4)
                a = side * np.pi / 2
                turn[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
                pieces.append(transformed(pane, turn))
    x, y = width / 2 + 0.4, depth / 2 + 0.4
    ridge = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0], [-x, 0, 3.5], [x, 0, 3.5]]) + [0, 0, height]
    triangles = [[0, 1, 5], [0, 5, 4], [2, 3, 4], [2, 4, 5], [1, 2, 5], [3, 0, 4], [0, 2, 1], [0, 3, 2]]
    pieces.append(mesh(ridge, triangles, ("tiles",)))
    return merge(pieces)


def _ground(x: NDArray, y: NDArray) -> NDArray:
    shore = 1 / (1 + np.exp((x + y + 130) / 12.0))
    return 2.5 + 1.2 * np.sin(x / 60) * np.cos(y / 50) - 8.0 * shore


def town(houses: int = 60, trees: int = 80, lamps: int = 24, *, seed: int = 0, **environment: object) -> Scene:
    """A scene of some 300 m; `environment` are fields of Environment."""
    rng = np.random.default_rng(seed)
    axis = np.arange(101) * 3.0 - 150
    xx, yy = np.meshgrid(axis, axis)
    heights = _ground(xx, yy).astype(np.float32)
    terrain = Terrain((-150.0, -150.0), 3.0, heights, (heights < 1.0).astype(np.uint8), ("grass", "sand"))
    parts: list[Part] = []
    spots = [(x, y) for x in range(-108, 140, 18) for y in range(-108, 140, 18) if x + y > -60 and abs(y) > 10]
    order = rng.permutation(len(spots))
    for index in order[:houses]:
        x, y = spots[index]
        turn = np.eye(4)
        turn[:3, 3] = x, y, float(terrain.height_at([x, y]))
        house = transformed(_house(rng), turn)
        parts.append(Part(f"house-{len(parts)}", "house", "building", house))
    x = np.linspace(-40, 150, 96)
    for name, half, lift, material, semantic in (
        ("street", 4.0, 0.05, "asphalt", "road"), ("line", 0.08, 0.07, "paint", "lane-marking")
    ):  # fmt: skip
        rows = [np.column_stack([x, np.full_like(x, s * half), _ground(x, 0 * x) + lift + 0.05]) for s in (-1, 1)]
        here = np.arange(len(x) - 1)
        n = len(x)
        triangles = np.concatenate(
            [np.stack([here, here + 1, here + 1 + n], 1), np.stack([here, here + 1 + n, here + n], 1)]
        )
        parts.append(Part(name, name, semantic, mesh(np.concatenate(rows), triangles, (material,))))
    tree = [
        merge([_cone(0.25, 0, 3, "bark", 8), *(_cone(2.2 - 0.5 * k, 1.5 + 1.6 * k, 4.5 + 1.6 * k, "leaf", s) for k in range(3))])
        for s in (20, 10, 5)
    ]  # fmt: skip
    lamp = merge([_box((0.14, 0.14, 5.0), "iron"), _box((0.4, 0.4, 0.35), "glow", (0, 0, 4.8))])
    crate = _box((1.0, 1.0, 1.0), "bark")
    assets = {
        "fir": Asset("fir", "pine", "tree", tuple(tree), (), (4.4, 4.4, 7.7), 200.0),
        "lamp": Asset("lamp", "lamp", "lamp", (lamp,), (), (0.4, 0.4, 5.15), 80.0, light=(0.0, 0.0, 4.95)),
        "crate": Asset("crate", "crate", "crate", (crate,), (), (1.0, 1.0, 1.0), 20.0, is_movable=True),
    }
    at = rng.uniform(-140, 140, (trees * 3, 2))
    at = at[(at.sum(axis=1) > -90) & (np.abs(at[:, 1]) > 6)][:trees]
    lamp_x = np.linspace(-35, 145, lamps)
    lamp_at = np.column_stack([lamp_x, np.where(np.arange(lamps) % 2, 5.2, -5.2)])
    crates = np.array([[0.0, 2.0], [4.0, -2.5], [9.0, 1.0]])
    groups = []
    for asset, where in (("fir", at), ("lamp", lamp_at), ("crate", crates)):
        places = np.column_stack([where, terrain.height_at(where)])
        names = tuple(f"{asset}-{k}" for k in range(len(where)))
        size = rng.uniform(0.8, 1.3, (len(where), 1)) if asset == "fir" else np.ones((len(where), 1))
        groups.append(Placements(asset, names, pose_array(places, rng.uniform(0, 6, len(where))), size * np.ones(3)))
    heads = groups[1].poses[:, :3] + [0, 0, 4.95]
    lights = Lights(
        groups[1].names, heads, np.tile([1.0, 0.75, 0.45], (lamps, 1)), np.full(lamps, 4000.0), np.full(lamps, 22.0)
    )
    sea = Water("sea", "sea", np.array([[-150, -150], [150, -150], [150, 150], [-150, 150]], float), 0.0)
    return Scene(
        "test-town", (-150, -150, 150, 150), terrain, (sea,), RoadNetwork(np.zeros((0, 3)), ()), (), tuple(parts),
        assets, tuple(groups), MATERIALS, lights, replace(Environment(), **environment),
        NavigationGraph(np.zeros((0, 3)), np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)),
    )  # fmt: skip
