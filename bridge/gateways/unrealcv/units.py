"""The border to Unreal's units for one pose at a time: centimetres, left-handed, degrees; see bridge.frames for many.

A pose is a tuple of seven floats here: position [m] and quat_wxyz in the world. NumPy would take longer to be called than
these few numbers take, and clients ask for one pose after the other.
"""

import math
from typing import cast

import numpy as np

from bridge.types import Pose

Pose7 = tuple[float, float, float, float, float, float, float]
Triple = tuple[float, float, float]
Quat = tuple[float, float, float, float]
_POLE = 0.999999
_FAR_M = 1e7


def is_far(pose: Pose7) -> bool:
    """Whether a place is farther than anything can be drawn or reckoned with: 10,000 km."""
    return max(abs(pose[0]), abs(pose[1]), abs(pose[2])) > _FAR_M


def location_cm(pose: Pose7) -> Triple:
    """Where a pose is to Unreal [cm]."""
    return 100.0 * pose[0], -100.0 * pose[1] + 0.0, 100.0 * pose[2]


def rotator(pose: Pose7) -> Triple:
    """Pitch, yaw and roll [degrees] of a pose to Unreal, as FQuat::Rotator finds them."""
    w, x, y, z = pose[3], -pose[4], pose[5], -pose[6]
    sine = max(-1.0, min(1.0, 2 * (z * x - w * y)))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    if abs(sine) > _POLE:
        pitch = math.copysign(math.pi / 2, sine)
        roll = _wrapped(math.copysign(1.0, sine) * yaw - 2 * math.atan2(x, w))
    else:
        pitch, roll = math.asin(sine), math.atan2(-2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    return math.degrees(pitch) + 0.0, math.degrees(yaw) + 0.0, math.degrees(roll) + 0.0


def position_m(location: Triple) -> Triple:
    """Where in the world Unreal's centimetres are [m]."""
    return 0.01 * location[0], -0.01 * location[1] + 0.0, 0.01 * location[2]


def quat(rotator_deg: Triple) -> Quat:
    """The rotation, wxyz, in the world, of Unreal's pitch, yaw and roll [degrees]."""
    pitch, yaw, roll = (math.radians(angle) / 2 for angle in rotator_deg)
    sp, sy, sr, cp, cy, cr = (*map(math.sin, (pitch, yaw, roll)), *map(math.cos, (pitch, yaw, roll)))
    return (
        cr * cp * cy + sr * sp * sy, -(cr * sp * sy - sr * cp * cy), -cr * sp * cy - sr * cp * sy,
        -(cr * cp * sy - sr * sp * cy),
    )  # fmt: skip


def turned(rotation: Quat, vector: Triple) -> Triple:
    """A vector turned by a rotation (wxyz)."""
    w, x, y, z = rotation
    a, b, c = vector
    tx, ty, tz = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return a + w * tx + y * tz - z * ty, b + w * ty + z * tx - x * tz, c + w * tz + x * ty - y * tx


def product(first: Quat, second: Quat) -> Quat:
    """The rotation that does `second` first and `first` then."""
    aw, ax, ay, az = first
    bw, bx, by, bz = second
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def composed(parent: Pose7, child: Pose7) -> Pose7:
    """world_from_child of world_from_parent and parent_from_child."""
    dx, dy, dz = turned(parent[3:], child[:3])
    return parent[0] + dx, parent[1] + dy, parent[2] + dz, *product(parent[3:], child[3:])


def relative(parent: Pose7, child: Pose7) -> Pose7:
    """parent_from_child of world_from_parent and world_from_child."""
    back = (parent[3], -parent[4], -parent[5], -parent[6])
    offset = turned(back, (child[0] - parent[0], child[1] - parent[1], child[2] - parent[2]))
    return *offset, *product(back, child[3:])


def pose_of(pose: Pose7) -> Pose:
    """A pose as the engine takes it, its rotation of length 1."""
    length = math.sqrt(sum(share * share for share in pose[3:]))
    return Pose(np.array(pose[:3]), np.array(pose[3:]) / length)


def pose7(pose: Pose) -> Pose7:
    """A pose of the engine's as seven floats."""
    return cast(Pose7, (*pose.position.tolist(), *pose.quat_wxyz.tolist()))


def triple_text(values: Triple) -> str:
    """Three numbers as UnrealCV writes vectors and rotators."""
    return f"{values[0]:.3f} {values[1]:.3f} {values[2]:.3f}".replace("-0.000", "0.000")


def _wrapped(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi
