"""Who touches whom in a dream, derived from where everything is: what a gripper holds, and what a car has run into.

No physics is asked: contacts here say that bodies are where only a touch lets them be. Forces are not known and told as 0.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat, yaw_from_quat
from bridge.types import Contacts

Array = NDArray[np.float64]
Size = tuple[float, float, float]
_BETWEEN_M, _ALONG_M = 0.03, 0.04
"""How far the middle of a thing is from the tool, at most, so that the fingers close on it: aside, and along them."""
_LOOSE = 0.04
"""How much wider than a thing the gripper stands, as a share of its way, that has let it go."""


def between_fingers(tool: Array, things: Mapping[str, tuple[Array, Size]]) -> str:
    """The thing that a gripper at a pose (7,) closes on, "" if there is none; things are poses (7,) of their undersides, and sizes [m]."""
    names = list(things)
    if not names:
        return ""
    poses = np.stack([pose for pose, _ in things.values()])
    heights = np.array([size[2] for _, size in things.values()])
    off = (poses[:, :3] + matrix_from_quat(poses[:, 3:])[:, :, 2] * heights[:, None] / 2 - tool[:3]) @ matrix_from_quat(
        tool[3:]
    )
    aside = np.hypot(off[:, 0], off[:, 1])
    aside[(aside > _BETWEEN_M) | (np.abs(off[:, 2]) > _ALONG_M)] = np.inf
    nearest = int(np.argmin(aside))
    return names[nearest] if np.isfinite(aside[nearest]) else ""


def closes_to(size: Size, open_m: float) -> float:
    """How far (0 open to 1 closed) a gripper that is `open_m` wide can close on a thing."""
    return float(np.clip(1.0 - min(size[0], size[1]) / open_m, 0.0, 1.0))


def holds(closed: float, most: float) -> bool:
    """Whether a gripper closed so far touches what lets it close to `most`."""
    return closed >= most - _LOOSE


def run_into(car: tuple[Array, Size], others: Mapping[str, tuple[Array, Size]]) -> tuple[str, ...]:
    """Whose boxes a car's box overlaps, seen from above and in height: the separating axes of two rectangles."""
    pose, size = car
    found = []
    corners, axes = _rectangle(pose, size)
    for name, (other, its) in others.items():
        if np.hypot(*(other[:2] - pose[:2])) > (np.hypot(*size[:2]) + np.hypot(*its[:2])) / 2:
            continue
        if other[2] > pose[2] + size[2] or pose[2] > other[2] + its[2]:
            continue
        theirs, more = _rectangle(other, its)
        if all(_overlap(corners @ axis, theirs @ axis) for axis in (*axes, *more)):
            found.append(name)
    return tuple(found)


def _rectangle(pose: Array, size: Size) -> tuple[Array, Array]:
    """Corners (4,2) and axes (2,2) of a body seen from above."""
    yaw = float(yaw_from_quat(pose[3:]))
    ahead = np.array([np.cos(yaw), np.sin(yaw)])
    axes = np.stack([ahead, [-ahead[1], ahead[0]]])
    signs = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) / 2
    return pose[:2] + (signs * size[:2]) @ axes, axes


def _overlap(one: Array, other: Array) -> bool:
    return bool(one.max() > other.min() and other.max() > one.min())


def contacts(pairs: Sequence[tuple[str, str]], places: Sequence[Array]) -> Contacts:
    """Pairs of names that touch, at places (3,) [m]."""
    positions = np.array(places, dtype=np.float64).reshape(-1, 3)
    return Contacts(tuple(pairs), positions, np.zeros(len(pairs)))
