"""What is within reach, and where there is room to stand or to put something down."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.world import World
from bridge.frames import matrix_from_quat

Array = NDArray[np.float64]
_ALL = np.ones(6, dtype=np.uint8)
_UNEVEN_M, _PAST_M = 0.4, 1e-4


def gap_m(world: World, slot: int, pose: Array, size: Array) -> float:
    """How far [m] a body stands from a box of extents `size` (3,) that stands on `pose` (7,), seen from above."""
    local = matrix_from_quat(pose[3:]).T @ (world.pose(slot)[:3] - pose[:3])
    return float(np.hypot(*np.maximum(np.abs(local[:2]) - 0.5 * size[:2], 0.0)))


def surface_m(world: World, spot: Array, above_m: float, without: int) -> float:
    """Height of the first thing below a point `above_m` over `spot` (3,), but for one body; -inf if there is none."""
    eye = np.array([spot[0], spot[1], spot[2] + above_m])
    distance = _ray(world, eye, np.array([0.0, 0.0, -1.0]), without)
    return float(eye[2] - distance) if distance >= 0 else -np.inf


def is_clear(world: World, start: Array, end: Array, without: int) -> bool:
    """Whether nothing but one body is between two points (3,)."""
    way = end - start
    length = float(np.linalg.norm(way))
    if length < 1e-6:
        return True
    distance = _ray(world, start, way / length, without)
    return distance < 0 or distance > length


def _ray(world: World, start: Array, way: Array, without: int) -> float:
    """How far it is to the first thing along `way` (3,), -1 if there is none; what is carried is in nobody's way."""
    geom, gone = np.zeros(1, dtype=np.int32), 0.0
    carried = {int(world.body[slot]) for slot in world.follows}
    while True:
        distance = mujoco.mj_ray(world.model, world.data, start + gone * way, way, _ALL, 1, without, geom)
        if distance < 0:
            return -1.0
        gone += distance
        if int(world.model.geom_bodyid[geom[0]]) not in carried:
            return gone
        gone += _PAST_M


def standing_place(world: World, spots: Array, radius_m: float, height_m: float, without: int) -> Array | None:
    """The first of some spots (n,3) where somebody can stand, dry and upright, on its ground; None if none is free."""
    ring = radius_m * np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float64)
    for spot in spots:
        level = surface_m(world, spot, height_m, without)
        if not np.isfinite(level) or abs(level - spot[2]) > 1.5:
            continue
        water = world.waters.level(spot[None, :2])[0]
        if np.isfinite(water) and level < water - 0.3:
            continue
        around = np.array([surface_m(world, np.array([*(spot[:2] + step), level]), height_m, without) for step in ring])
        if (np.abs(around - level) <= _UNEVEN_M).all():
            return np.array([spot[0], spot[1], level + 0.02])
    return None
