"""How far a sphere can go until it touches something: seen by cameras along its way, so that any engine can tell."""

import math
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bridge.frames import look_at
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.stage import INVALID, Stage
from bridge.gateways.unrealcv.units import Triple, is_far
from bridge.types import Camera, Pose

RADIUS_M = 0.35
"""Of Unreal's default pawn."""
_SKIN_M = 0.01
_PIXELS = 48
_WIDEST, _NARROWEST = math.radians(120.0), math.radians(0.5)


def swept(stage: Stage, start: Triple, end: Triple) -> Triple:
    """Where a sphere of RADIUS_M that starts at one place [m] towards another comes to rest, world frame.

    Water is no obstacle. Pictures from wide to narrow look along the way, so that far and near are both seen finely.
    """
    if is_far((*end, 1.0, 0.0, 0.0, 0.0)):
        raise CommandFailed(INVALID)
    way = np.subtract(end, start)
    distance = float(np.linalg.norm(way))
    if distance < 1e-6:
        return end
    stage.flush()
    position, quat = look_at(start, end)
    narrowest = max(2 * math.atan(RADIUS_M / distance), _NARROWEST)
    angles = [_WIDEST]
    while angles[-1] / 2 > narrowest:
        angles.append(angles[-1] / 2)
    cameras = [
        Camera(f"sweep-{index}", _PIXELS, _PIXELS, angle, Pose(position, quat)) for index, angle in enumerate(angles)
    ]
    waters = [row.id for row in stage.scene.instances() if row.semantic == "water"]
    free = distance
    for angle, frame in zip(angles, stage.engine.observe(cameras, ["depth", "segmentation"]), strict=True):
        ids, depth = cast(NDArray[np.int32], frame.segmentation), cast(NDArray[np.float32], frame.depth)
        depth = np.where(np.isin(ids, waters), np.inf, depth)
        free = min(free, _free_m(depth, math.tan(angle / 2)))
    x, y, z = (np.asarray(start) + way * (max(free, 0.0) / distance)).tolist()
    return x, y, z


def _free_m(depth: NDArray[np.floating], tan: float) -> float:
    """How far the sphere can go [m] before what a picture shows (depths (n,n), half its extent at distance 1)."""
    across = ((np.arange(_PIXELS) + 0.5) / _PIXELS * 2 - 1) * tan
    off = np.hypot(across[None, :], across[:, None]) * depth
    is_met = off < RADIUS_M
    if not is_met.any():
        return math.inf
    touching = depth[is_met] - np.sqrt(RADIUS_M**2 - off[is_met] ** 2)
    return float(touching.min()) - _SKIN_M
