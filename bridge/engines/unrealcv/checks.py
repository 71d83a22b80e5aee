"""Changes checked whole before the first command: names, assets, places, colours, weathers."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.engine import SCALES, Change, Hide, Move, Paint, Remove, Resize, Spawn, Weather
from bridge.errors import InvalidChange, NameTaken, UnknownBody, UnknownName
from bridge.plugins import unknown_name
from bridge.scene import Asset, Scene
from bridge.types import Pose
from bridge.unrealcv.town import name_there
from bridge.weather import WEATHERS

MOST_CHANGES, MOST_CHARACTERS = 10_000, 200
_RANGES = {"time_of_day_h": (0.0, 24.0), "visibility_m": (1.0, 1e6), "wetness": (0.0, 1.0), "snow_cover": (0.0, 1.0)}


def check_changes(changes: Sequence[Change], scene: Scene, things: Collection[str], parts: Collection[str]) -> None:
    """Raises InvalidChange, UnknownBody, UnknownName or NameTaken for the first change that cannot be made.

    `things` are the names of what can be moved, `parts` of what stands; each change sees what those before it made.
    """
    if len(changes) > MOST_CHANGES:
        raise InvalidChange(f"A batch of {len(changes)} changes came. Send at most {MOST_CHANGES} at once.")
    here, standing = set(things), set(parts)
    waters = {water.name for water in scene.waters}
    for index, change in enumerate(changes):
        which = f"Change {index} ({type(change).__name__})"
        if isinstance(change, Spawn):
            _spawn(change, which, here | standing | waters, scene.assets)
            _place(change.pose, scene, which)
            if change.scale is not None:
                _scale(change.scale, which)
            here.add(change.name)
        elif isinstance(change, Move):
            if change.name in standing:
                raise InvalidChange(
                    f"{which}: '{change.name}' is built where it stands. Only placed things can be moved."
                )
            _known(change.name, here, which)
            _place(change.pose, scene, which)
        elif isinstance(change, Remove):
            _known(change.name, here | standing, which)
            here.discard(change.name)
            standing.discard(change.name)
        elif isinstance(change, Resize):
            if change.name in standing:
                raise InvalidChange(
                    f"{which}: '{change.name}' is built as large as it is. Only placed things have a scale."
                )
            _known(change.name, here, which)
            _scale(change.scale, which)
        elif isinstance(change, Hide):
            _known(change.name, here | standing, which)
        elif isinstance(change, Paint):
            _known(change.name, here | standing, which)
            if len(change.color) != 3 or not all(math.isfinite(share) and 0 <= share <= 1 for share in change.color):
                raise InvalidChange(f"{which}: color is {change.color}. Give linear red, green and blue from 0 to 1.")
        elif isinstance(change, Weather):
            _weather(change, which)
        else:
            raise InvalidChange(f"{which} is no change. Send Spawn, Move, Remove, Resize, Hide, Paint or Weather.")


def pose_numbers(pose: Pose, which: str) -> NDArray[np.float64]:
    """A pose as seven numbers, its quaternion of length 1. Raises InvalidChange."""
    numbers = np.concatenate([np.ravel(pose.position), np.ravel(pose.quat_wxyz)]).astype(np.float64)
    if numbers.shape != (7,) or not np.isfinite(numbers).all() or np.abs(numbers[:3]).max() > 1e6:
        raise InvalidChange(f"{which}: pose {numbers.tolist()} is not 7 finite numbers within 1000 km. Correct it.")
    length = float(np.linalg.norm(numbers[3:]))
    if abs(length - 1) > 1e-3:
        raise InvalidChange(f"{which}: quat_wxyz {numbers[3:].tolist()} has length {length:g}, not 1. Normalise it.")
    numbers[3:] /= length
    return numbers


def _spawn(change: Spawn, which: str, taken: Collection[str], assets: Mapping[str, Asset]) -> None:
    name = change.name
    if not name or len(name) > MOST_CHARACTERS or not name.isprintable() or "/" in name or name in ("world", "terrain"):
        raise InvalidChange(
            f"{which}: {name[:60]!r} cannot be a name. Use 1 to {MOST_CHARACTERS} printable characters without '/'."
        )
    if name in taken or name_there(name).casefold() in {name_there(one).casefold() for one in taken}:
        raise NameTaken(
            f"{which}: there is a '{name}' already, in this case or another. Choose another name, or remove it first."
        )
    if change.asset not in assets:
        raise UnknownName(f"{which}: " + unknown_name("asset", change.asset, assets))


def _place(pose: Pose, scene: Scene, which: str) -> None:
    x, y = pose_numbers(pose, which)[:2]
    x0, y0, x1, y1 = scene.bounds
    if not (x0 <= x <= x1 and y0 <= y <= y1):
        raise InvalidChange(
            f"{which}: ({x:g}, {y:g}) lies off the map, which spans ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}). Move it in."
        )


def _scale(scale: tuple[float, float, float], which: str) -> None:
    if len(scale) != 3 or not all(math.isfinite(one) and SCALES[0] <= one <= SCALES[1] for one in scale):
        raise InvalidChange(f"{which}: scale is {scale}. Give three numbers from {SCALES[0]:g} to {SCALES[1]:g}.")


def _known(name: str, here: Collection[str], which: str) -> None:
    if name not in here:
        raise UnknownBody(f"{which}: " + unknown_name("thing", name, here)[:1000])


def _weather(change: Weather, which: str) -> None:
    if change.weather is not None and change.weather not in WEATHERS:
        raise InvalidChange(f"{which}: " + unknown_name("weather", str(change.weather), WEATHERS))
    for field, (least, most) in _RANGES.items():
        value = getattr(change, field)
        if value is not None and not (math.isfinite(value) and least <= value <= most):
            raise InvalidChange(f"{which}: {field} is {value!r}. Give a number from {least:g} to {most:g}.")
