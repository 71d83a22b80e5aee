"""Rotations of one body as plain numbers: many a tick, each in a microsecond or two. Quaternions are wxyz, of length 1."""

import math

Quat = tuple[float, float, float, float]
Vector = tuple[float, float, float]


def product(a: Quat, b: Quat) -> Quat:
    """The rotation that does `b` first and `a` second."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def between(start: Quat, end: Quat) -> Vector:
    """The rotation vector [rad] that brings one to another, the short way round, in their common frame."""
    w, x, y, z = product(end, (start[0], -start[1], -start[2], -start[3]))
    if w < 0:
        w, x, y, z = -w, -x, -y, -z
    sine = math.sqrt(x * x + y * y + z * z)
    scale = 2.0 * math.atan2(sine, w) / sine if sine > 1e-12 else 0.0
    return (scale * x, scale * y, scale * z)


def turned(quat: Quat, by: Vector) -> Quat:
    """A rotation, turned by a rotation vector [rad] in its parent's frame."""
    x, y, z = by
    angle = math.sqrt(x * x + y * y + z * z)
    if angle < 1e-12:
        return quat
    share = math.sin(angle / 2) / angle
    w, x, y, z = product((math.cos(angle / 2), share * x, share * y, share * z), quat)
    length = math.sqrt(w * w + x * x + y * y + z * z)
    return (w / length, x / length, y / length, z / length)
