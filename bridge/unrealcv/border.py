"""Places and colours as UnrealCV's lines say them: centimetres, left-handed, degrees; and ours again.

A map that is flat where the scene is not is met half way: there heights are told above its ground, not above the sea.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import (
    quat_product,
    unreal_from_world_cm,
    unreal_rotator_from_world_quat,
    world_from_unreal_cm,
    world_quat_from_unreal_rotator,
)
from bridge.scene import Terrain

Array = NDArray[np.float64]
_FORWARD = np.array([0.5, 0.5, -0.5, 0.5])
"""From OpenCV's camera axes to a body that looks along X with Z up, as Unreal's cameras do."""
_BACK = np.array([0.5, -0.5, 0.5, -0.5])


@dataclass(frozen=True)
class Border:
    """What lies between our frame and a map's. `flattened` is the terrain that the map does not have, None if it has it."""

    flattened: Terrain | None = None
    ground_z_cm: float = 0.0

    def location_cm(self, position: ArrayLike) -> Array:
        """Unreal's locations (..., 3) of our positions [m]."""
        position = np.asarray(position, np.float64)
        if self.flattened is not None:
            position = position - self._rise(position)
        return unreal_from_world_cm(position) + np.array([0.0, 0.0, self.ground_z_cm])

    def position(self, location_cm: ArrayLike) -> Array:
        """Our positions [m], shape (..., 3), of Unreal's locations."""
        position = world_from_unreal_cm(np.asarray(location_cm, np.float64) - np.array([0.0, 0.0, self.ground_z_cm]))
        return position + self._rise(position) if self.flattened is not None else position

    def _rise(self, position: Array) -> Array:
        assert self.flattened is not None
        height = self.flattened.height_at(position[..., :2])
        return np.stack([np.zeros_like(height), np.zeros_like(height), height], axis=-1)

    def pose(self, location_cm: ArrayLike, rotator_deg: ArrayLike) -> Array:
        """Our poses (..., 7)."""
        return np.concatenate([self.position(location_cm), world_quat_from_unreal_rotator(rotator_deg)], axis=-1)


def is_level(terrain: Terrain) -> bool:
    """Whether a scene's ground is as flat as a map's, to 10 cm."""
    return bool(np.ptp(terrain.heights) < 0.1)


def camera_rotator_deg(quat_wxyz: ArrayLike) -> Array:
    """Unreal's rotator (3,) of a camera whose rotation in our world, OpenCV's axes, is this."""
    return unreal_rotator_from_world_quat(quat_product(quat_wxyz, _FORWARD))


def camera_quat(rotator_deg: ArrayLike) -> Array:
    """The rotation (4,) of a camera in our world, OpenCV's axes, of Unreal's rotator."""
    return quat_product(world_quat_from_unreal_rotator(rotator_deg), _BACK)


def said(values: ArrayLike) -> str:
    """Numbers as UnrealCV's lines take them, to the last bit, without exponents."""
    return " ".join(
        np.format_float_positional(value, trim="0") for value in np.asarray(values, np.float64).ravel() + 0.0
    )


def mask_color(number: int) -> tuple[int, int, int]:
    """A colour for label images by a number from 1: no two alike below 2**24, none of them the background's black."""
    mixed = number * 5_039_741 % (1 << 24)  # an odd factor, so that no two numbers meet
    return mixed >> 16, mixed >> 8 & 255, mixed & 255
