"""The affine flow from one picture to the next, and pictures drawn along such a flow: NumPy alone.

Lucas and Kanade, "An iterative image registration technique with an application to stereo vision" (IJCAI 1981), for one affine
motion of the whole picture, from coarse to fine.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_LEAST_PX, _ROUNDS, _FAR = 16, 6, 0.5
"""No level is smaller than this; how often each is gone over; and what share of the picture's side is no flow any more."""


def affine_flow(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Array:
    """What moves pictures (H,W,3) from `before` to `after`: (2,3), the flow (x, y) [px] at (x, y, 1), measured from the middle.

    0 where it cannot be told.
    """
    one, other = _grey(before), _grey(after)
    levels = [(one, other)]
    while min(levels[-1][0].shape) >= 2 * _LEAST_PX:
        levels.append((_halved(levels[-1][0]), _halved(levels[-1][1])))
    flow = np.zeros((2, 3))
    for index, (small, large) in enumerate(reversed(levels)):
        flow[:, 2] *= 2.0 if index else 1.0
        flow = _refined(small, large, flow)
    side = max(one.shape)
    is_sound = np.isfinite(flow).all() and np.abs(flow[:, 2]).max() < _FAR * side and np.abs(flow[:, :2]).max() < _FAR
    is_nearer = is_sound and _off(one, other, flow) < _off(one, other, np.zeros((2, 3)))
    return flow if is_nearer else np.zeros((2, 3))


def warped(picture: NDArray[np.uint8], flow: Array) -> NDArray[np.uint8]:
    """A picture (H,W,3) moved by a flow; what comes in at the edges is as the edges are."""
    drawn = _moved(picture.astype(np.float64), flow)
    return np.rint(np.clip(drawn, 0, 255)).astype(np.uint8)


def _refined(before: Array, after: Array, flow: Array) -> Array:
    """The flow after some rounds of least squares on what is left."""
    height, width = before.shape
    x, y = _middle(width)[None, :].repeat(height, 0), _middle(height)[:, None].repeat(width, 1)
    inner = np.zeros(before.shape, dtype=bool)
    inner[2:-2, 2:-2] = True
    for _ in range(_ROUNDS):
        moved = _moved(before, flow)
        down, right = np.gradient(moved)
        columns = [right * x, right * y, right, down * x, down * y, down]
        system = np.stack([column[inner] for column in columns], axis=1)
        rest = (moved - after)[inner]
        weight = np.abs(rest) < 3.0 * np.median(np.abs(rest)) + 1e-3
        system, rest = system[weight], rest[weight]
        normal = system.T @ system + 1e-6 * np.eye(6) * max(float((system**2).sum()), 1e-12)
        change = np.linalg.solve(normal, system.T @ rest).reshape(2, 3)
        flow = flow + change
        if np.abs(change[:, 2]).max() < 1e-3:
            break
    return flow


def _off(before: Array, after: Array, flow: Array) -> float:
    return float(np.abs(_moved(before, flow) - after).mean())


def _moved(picture: Array, flow: Array) -> Array:
    """A picture (H,W) or (H,W,c) drawn where the flow moves it: each new pixel looks back along the flow."""
    height, width = picture.shape[:2]
    x, y = _middle(width)[None, :].repeat(height, 0), _middle(height)[:, None].repeat(width, 1)
    turn = np.eye(2) + flow[:, :2]
    back = np.linalg.inv(turn if abs(np.linalg.det(turn)) > 1e-6 else np.eye(2))
    shifted = np.stack([x - flow[0, 2], y - flow[1, 2]], axis=-1) @ back.T
    column = np.clip(shifted[..., 0] + (width - 1) / 2, 0, width - 1)
    row = np.clip(shifted[..., 1] + (height - 1) / 2, 0, height - 1)
    j, i = np.minimum(column.astype(int), width - 2), np.minimum(row.astype(int), height - 2)
    u, v = column - j, row - i
    if picture.ndim == 3:
        u, v = u[..., None], v[..., None]
    top = picture[i, j] * (1 - u) + picture[i, j + 1] * u
    return top * (1 - v) + (picture[i + 1, j] * (1 - u) + picture[i + 1, j + 1] * u) * v


def _middle(count: int) -> Array:
    """Where pixels are, from the middle [px]."""
    return (np.arange(count) - (count - 1) / 2).astype(np.float64)


def _grey(picture: NDArray[np.uint8]) -> Array:
    return picture.astype(np.float64).mean(axis=2) / 255.0


def _halved(picture: Array) -> Array:
    rows, columns = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    return np.asarray(picture[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)), np.float64)
