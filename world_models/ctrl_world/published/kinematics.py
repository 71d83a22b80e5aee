"""Where the Panda's flange is for its joints: the Denavit-Hartenberg rows that Franka Robotics publishes, and the way to the tool."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_QUARTER = np.pi / 2
ROWS: tuple[tuple[float, float, float], ...] = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -_QUARTER),
    (0.0, 0.316, _QUARTER),
    (0.0825, 0.0, _QUARTER),
    (-0.0825, 0.384, -_QUARTER),
    (0.0, 0.0, _QUARTER),
    (0.088, 0.0, _QUARTER),
    (0.0, 0.107, 0.0),
)
"""a [m], d [m] and alpha [rad] of the seven joints and the flange, in Craig's convention (Franka Control Interface, robot parameters)."""
_HAND_TURN, _HAND_TO_TOOL_M = -np.pi / 4, 0.1034


def flange(joints_rad: ArrayLike) -> Array:
    """The flange in the base's frame, matrices (..., 4, 4), for joints (..., 7)."""
    joints = np.asarray(joints_rad, dtype=np.float64)
    thetas = np.concatenate([joints, np.zeros((*joints.shape[:-1], 1))], axis=-1)
    pose = np.broadcast_to(np.eye(4), (*joints.shape[:-1], 4, 4))
    for index, (a, d, alpha) in enumerate(ROWS):
        pose = pose @ _row(a, d, alpha, thetas[..., index])
    return pose


def flange_from_tool() -> Array:
    """The tool between the finger tips in the flange's frame, a matrix (4, 4): the hand is turned by -45 degrees."""
    made = np.eye(4)
    cosine, sine = np.cos(_HAND_TURN), np.sin(_HAND_TURN)
    made[:2, :2] = [[cosine, -sine], [sine, cosine]]
    made[2, 3] = _HAND_TO_TOOL_M
    return made


def _row(a: float, d: float, alpha: float, theta: Array) -> Array:
    """Rot(x, alpha) Trans(x, a) Rot(z, theta) Trans(z, d), (..., 4, 4)."""
    ct, st, ca, sa = np.cos(theta), np.sin(theta), np.cos(alpha), np.sin(alpha)
    made = np.zeros((*theta.shape, 4, 4))
    made[..., 0, 0], made[..., 0, 1], made[..., 0, 3] = ct, -st, a
    made[..., 1, 0], made[..., 1, 1], made[..., 1, 2], made[..., 1, 3] = st * ca, ct * ca, -sa, -d * sa
    made[..., 2, 0], made[..., 2, 1], made[..., 2, 2], made[..., 2, 3] = st * sa, ct * sa, ca, d * ca
    made[..., 3, 3] = 1.0
    return made
