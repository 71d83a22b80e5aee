"""A table with an arm bolted to it and things to grasp: a small scene of its own for manipulation."""

import hashlib

import numpy as np
import trimesh
from numpy.typing import NDArray

from bridge.frames import pose_array
from bridge.meshes import merge, mesh
from bridge.robots.description import read_robot
from bridge.robots.placing import with_robot
from bridge.robots.solids import smooth
from bridge.scene import (
    Asset,
    Collider,
    Environment,
    Lights,
    Material,
    Mesh,
    NavigationGraph,
    Part,
    Placements,
    Provenance,
    RoadNetwork,
    Scene,
    Terrain,
)

TABLE_M = 0.75
"""Height of the table top."""
CUBE_M = 0.05
TABLE_X, TABLE_Y = (-0.3, 0.9), (-0.6, 0.6)
REACH_X, REACH_Y = (0.35, 0.65), (-0.35, 0.35)
"""Where things are put so that the arm can grasp them from above."""
_APART_M = 0.13
_COLORS = {
    "red": (0.55, 0.03, 0.02), "green": (0.04, 0.3, 0.06), "blue": (0.03, 0.1, 0.5), "yellow": (0.7, 0.45, 0.02),
    "cream": (0.75, 0.68, 0.52), "tin": (0.55, 0.56, 0.58), "table-wood": (0.42, 0.26, 0.13), "floor": (0.33, 0.33, 0.34),
    "wall": (0.72, 0.72, 0.7),
}  # fmt: skip


def tabletop_scene(*, robot: str = "panda", seed: int | None = None) -> Scene:
    """Three cubes, a can and a bowl on a table before an arm named like its description.

    Without a seed everything lies in a fixed order; with one it is strewn within reach, no two nearer than 13 cm.
    """
    assets = {asset.name: asset for asset in (*(_cube(color) for color in ("red", "green", "blue")), _can(), _bowl())}
    names = ["red-cube", "green-cube", "blue-cube", "can", "bowl"]
    yaws = np.zeros(len(names))
    spots = np.array([[0.45, -0.2], [0.5, 0.0], [0.4, 0.2], [0.6, -0.2], [0.6, 0.22]])
    if seed is not None:
        spots, yaws = _strewn(len(names), seed)
    placements = tuple(
        Placements(name, (name,), pose_array([[*spot, TABLE_M]], [yaw]), np.ones((1, 3)))
        for name, spot, yaw in zip(names, spots.tolist(), yaws.tolist(), strict=True)
    )
    ground = np.zeros((9, 9))
    bare = Scene(
        name="tabletop" if seed is None else f"tabletop-{seed}",
        bounds=(-2.0, -2.0, 2.0, 2.0),
        terrain=Terrain((-2.0, -2.0), 0.5, ground.astype(np.float32), ground.astype(np.uint8), ("floor",)),
        waters=(),
        roads=RoadNetwork(np.zeros((0, 3)), ()),
        buildings=(),
        parts=(_table(), *_walls()),
        assets=assets,
        placements=placements,
        materials={name: _material(name, color) for name, color in _COLORS.items()},
        lights=Lights((), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), np.zeros(0)),
        environment=Environment(time_of_day_h=13.0, cloud_cover=0.3),
        navigation=NavigationGraph(
            np.zeros((0, 3)), np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)
        ),
        provenance=Provenance(prompt="a table with things to grasp", seed=seed or 0, planner="by hand"),
    )
    arm = read_robot(robot)
    return with_robot(bare, arm, name=arm.name, origin=pose_array([0.0, 0.0, TABLE_M], 0.0))


def _strewn(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places (n,2) and yaws (n,) within reach."""
    rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(f"{seed}/tabletop".encode(), digest_size=8).digest()))
    spots: list[NDArray[np.float64]] = []
    while len(spots) < count:
        spot = rng.uniform([REACH_X[0], REACH_Y[0]], [REACH_X[1], REACH_Y[1]])
        if all(np.hypot(*(spot - other)) > _APART_M for other in spots):
            spots.append(spot)
    return np.array(spots), rng.uniform(-np.pi / 4, np.pi / 4, count)


def _material(name: str, color: tuple[float, float, float]) -> Material:
    if name == "table-wood":
        return Material(name, color, roughness=0.6, pattern="planks")
    return Material(name, color, roughness=0.35 if name == "tin" else 0.6, metallic=0.8 if name == "tin" else 0.0)


def _box(size: tuple[float, float, float], at: tuple[float, float, float], material: str) -> Mesh:
    """A box around its middle."""
    made = trimesh.creation.box(size)
    return mesh(np.asarray(made.vertices) + at, made.faces, (material,))


def _solid(size: tuple[float, float, float], at: tuple[float, float, float]) -> Collider:
    return Collider("box", size, (*at, 1.0, 0.0, 0.0, 0.0))


def _table() -> Part:
    (x0, x1), (y0, y1) = TABLE_X, TABLE_Y
    top = (x1 - x0, y1 - y0, 0.04), ((x0 + x1) / 2, (y0 + y1) / 2, TABLE_M - 0.02)
    legs = [((0.06, 0.06, TABLE_M - 0.04), (x, y, (TABLE_M - 0.04) / 2)) for x in (x0 + 0.06, x1 - 0.06) for y in (y0 + 0.06, y1 - 0.06)]  # fmt: skip
    boxes = [top, *legs]
    outline = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    shape = merge(_box(size, at, "table-wood") for size, at in boxes)
    return Part("table", "table", "table", shape, tuple(_solid(size, at) for size, at in boxes), outline)


def _walls() -> tuple[Part, ...]:
    """Two walls behind the arm and beside it, so that there is something to be seen."""
    rows = (("wall-back", (0.1, 4.0, 2.2), (-1.9, 0.0, 1.1)), ("wall-side", (4.0, 0.1, 2.2), (0.0, 1.9, 1.1)))
    return tuple(
        Part(name, "wall", "wall", _box(size, at, "wall"), (_solid(size, at),), None) for name, size, at in rows
    )


def _cube(color: str) -> Asset:
    side = (CUBE_M, CUBE_M, CUBE_M)
    at = (0.0, 0.0, CUBE_M / 2)
    return Asset(f"{color}-cube", "cube", "tabletop-object", (_box(side, at, color),), (_solid(side, at),), side, 0.08, is_movable=True)  # fmt: skip


def _can() -> Asset:
    """A tin of 6 cm across and 9 cm high."""
    made = trimesh.creation.cylinder(radius=0.03, height=0.09, sections=32)
    shape = smooth(np.asarray(made.vertices) + [0.0, 0.0, 0.045], np.asarray(made.faces), "tin")
    label = trimesh.creation.cylinder(radius=0.0303, height=0.06, sections=32)
    band = smooth(np.asarray(label.vertices) + [0.0, 0.0, 0.045], np.asarray(label.faces), "yellow")
    solid = Collider("cylinder", (0.06, 0.06, 0.09), (0.0, 0.0, 0.045, 1.0, 0.0, 0.0, 0.0))
    return Asset("can", "can", "tabletop-object", (merge([shape, band]),), (solid,), (0.06, 0.06, 0.09), 0.15, is_movable=True)  # fmt: skip


def _bowl() -> Asset:
    """A bowl of 16 cm across and 5 cm high with an open inside."""
    inner, outer, high, floor = 0.072, 0.08, 0.05, 0.008
    profile = np.array([[0.0, 0.0], [0.05, 0.0], [outer, high], [inner, high], [0.045, floor], [0.0, floor]])
    made = trimesh.creation.revolve(profile, sections=40)
    shape = smooth(np.asarray(made.vertices), np.asarray(made.faces), "cream")
    solids = [Collider("cylinder", (0.1, 0.1, floor), (0.0, 0.0, floor / 2, 1.0, 0.0, 0.0, 0.0))]
    sides, lean = 12, float(np.arctan2(outer - 0.05, high))
    tall, wide = high / np.cos(lean), 2 * 0.066 * np.tan(np.pi / sides)
    for index in range(sides):
        turn = 2 * np.pi * index / sides
        yaw, tilt = np.array([np.cos(turn / 2), 0, 0, np.sin(turn / 2)]), np.array([np.cos(lean / 2), 0, np.sin(lean / 2), 0])  # fmt: skip
        w, z, c, s = yaw[0], yaw[3], tilt[0], tilt[2]
        pose = (0.0625 * np.cos(turn), 0.0625 * np.sin(turn), high / 2, w * c, -z * s, w * s, z * c)
        solids.append(Collider("box", (0.006, float(wide), float(tall)), pose))
    return Asset("bowl", "bowl", "tabletop-object", (shape,), tuple(solids), (2 * outer, 2 * outer, high), 0.2, is_movable=True)  # fmt: skip
