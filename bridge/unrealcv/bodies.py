"""Where things of a town are in an Unreal world, read and written many at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import unreal_rotator_from_world_quat
from bridge.unrealcv.answers import rows
from bridge.unrealcv.border import said
from bridge.unrealcv.town import Town

Array = NDArray[np.float64]


def pose_lines(names: Sequence[str]) -> list[str]:
    """What asks for the places of so many things, by Unreal's names: two lines each."""
    return [f"vget /object/{name}/{what}" for name in names for what in ("location", "rotation")]


def poses_of(town: Town, names: Sequence[str], lines: Sequence[str], answers: Sequence[bytes]) -> Array:
    """Poses (n,7) in our world of what `pose_lines` asked for; `names` are the scene's. Raises EngineFailed, DamagedData."""
    table = rows(lines, answers, 3).reshape(-1, 6)
    location = table[:, :3].copy()
    location[:, 2] -= [town.lift_cm.get(name, 0.0) for name in names]
    return town.border.pose(location, table[:, 3:])


def place_lines(town: Town, poses: Mapping[str, ArrayLike]) -> list[str]:
    """What puts things, by the scene's names, at poses (7,) in our world: two lines each."""
    names = list(poses)
    if not names:
        return []
    table = np.array([np.asarray(poses[name], np.float64) for name in names])
    location = town.border.location_cm(table[:, :3])
    location[:, 2] += [town.lift_cm.get(name, 0.0) for name in names]
    rotator = unreal_rotator_from_world_quat(table[:, 3:])
    lines = []
    for name, at, turned in zip(names, location, rotator, strict=True):
        thing = f"vset /object/{town.there[name]}"
        lines += [f"{thing}/location {said(at)}", f"{thing}/rotation {said(turned)}"]
    return lines
