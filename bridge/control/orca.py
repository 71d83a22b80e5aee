"""Optimal reciprocal collision avoidance for many discs at once: van den Berg, Guy, Lin and Manocha, "Reciprocal n-body
collision avoidance", ISRR 2009, in NumPy.

Each neighbour forbids a half-plane of velocities; each disc takes the allowed velocity nearest to the one it prefers.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_EPS = 1e-9
_DIRECTIONS = 24


def half_planes(
    position: Array, velocity: Array, radius: Array, *, share: Array, horizon_s: float, step_s: float
) -> tuple[Array, Array]:
    """The half-planes that neighbours forbid, as a point (n,k,2) and an outward normal (n,k,2).

    `position` and `velocity` (n,k,2) are the neighbours' relative to the disc, `radius` (n,k) the sum of both radii,
    `share` (n,k) which part of the avoiding is the disc's own. Velocities are relative to the disc's present one.
    """
    v = -velocity
    distance2 = (position**2).sum(axis=-1)
    overlaps = distance2 <= radius**2
    inverse = np.where(overlaps, 1.0 / step_s, 1.0 / horizon_s)
    w = v - inverse[..., None] * position
    w_size = np.sqrt((w**2).sum(axis=-1))
    dot = (w * position).sum(axis=-1)
    unit_w = w / np.maximum(w_size, _EPS)[..., None]
    lost = w_size < _EPS
    unit_w[lost] = -position[lost] / np.maximum(np.sqrt(distance2[lost]), _EPS)[..., None]
    in_cap = overlaps | ((dot < 0) & (dot**2 > radius**2 * w_size**2))
    leg = np.sqrt(np.maximum(distance2 - radius**2, 0.0))
    px, py = position[..., 0], position[..., 1]
    is_left = px * w[..., 1] - py * w[..., 0] > 0
    side = np.where(is_left, 1.0, -1.0)
    along = np.stack([px * leg - side * py * radius, side * px * radius + py * leg], axis=-1)
    along /= np.maximum(distance2, _EPS)[..., None]
    u_leg = (v * along).sum(axis=-1)[..., None] * along - v
    normal_leg = np.stack([-side * along[..., 1], side * along[..., 0]], axis=-1)
    u_cap = (radius * inverse - w_size)[..., None] * unit_w
    u = np.where(in_cap[..., None], u_cap, u_leg)
    normal = np.where(in_cap[..., None], unit_w, normal_leg)
    return share[..., None] * u, normal


def chosen(preferred: Array, top: Array, point: Array, normal: Array, active: NDArray[np.bool_]) -> Array:
    """Velocities (n,2) nearest to `preferred` (n,2), no faster than `top` (n,), on the allowed side of all half-planes.

    `point`, `normal` (n,k,2) are absolute, `active` (n,k) marks those that count. Where the half-planes leave nothing,
    the velocity that breaks the worst of them least, among a fan of candidates.
    """
    speed = np.hypot(preferred[:, 0], preferred[:, 1])
    result = preferred * np.minimum(1.0, top / np.maximum(speed, _EPS))[:, None]
    feasible = np.ones(len(result), dtype=bool)
    for index in range(point.shape[1]):
        breaks = active[:, index] & (((result - point[:, index]) * normal[:, index]).sum(axis=1) < -1e-7) & feasible
        rows = np.flatnonzero(breaks)
        if len(rows):
            best, possible = _on_line(preferred[rows], top[rows], point[rows], normal[rows], active[rows], index)
            result[rows[possible]] = best[possible]
            feasible[rows[~possible]] = False
    rows = np.flatnonzero(~feasible)
    if len(rows):
        result[rows] = _least_bad(preferred[rows], top[rows], point[rows], normal[rows], active[rows])
    return result


def _on_line(
    preferred: Array, top: Array, point: Array, normal: Array, active: NDArray[np.bool_], index: int
) -> tuple[Array, NDArray[np.bool_]]:
    """The best velocity on the border of half-plane `index`, inside the disc and the half-planes before it."""
    origin, n = point[:, index], normal[:, index]
    along = np.stack([n[:, 1], -n[:, 0]], axis=1)
    dot = (origin * along).sum(axis=1)
    root = dot**2 + top**2 - (origin**2).sum(axis=1)
    reach = np.sqrt(np.maximum(root, 0.0))
    low, high = -dot - reach, -dot + reach
    possible = root >= 0
    for other in range(index):
        slope = (along * normal[:, other]).sum(axis=1)
        offset = ((point[:, other] - origin) * normal[:, other]).sum(axis=1)
        parallel = np.abs(slope) < 1e-6
        counts = active[:, other]
        possible &= ~(counts & parallel & (offset > 1e-7))
        bound = offset / np.where(parallel, 1.0, slope)
        low = np.where(counts & ~parallel & (slope > 0), np.maximum(low, bound), low)
        high = np.where(counts & ~parallel & (slope < 0), np.minimum(high, bound), high)
    possible &= low <= high + 1e-9
    share = np.clip(((preferred - origin) * along).sum(axis=1), low, np.maximum(high, low))
    return origin + share[:, None] * along, possible


def _least_bad(preferred: Array, top: Array, point: Array, normal: Array, active: NDArray[np.bool_]) -> Array:
    """Of a fan of velocities the one whose worst offence is smallest; ties go to the preferred one."""
    angle = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    fan = np.concatenate([np.zeros((1, 2)), *(share * ring for share in (0.25, 0.5, 0.75, 1.0))])
    candidates = top[:, None, None] * fan
    depth = -((candidates[:, :, None] - point[:, None]) * normal[:, None]).sum(axis=-1)
    worst = np.where(active[:, None], depth, -np.inf).max(axis=2)
    price = np.maximum(worst, 0.0) + 0.02 * np.linalg.norm(candidates - preferred[:, None], axis=-1)
    return candidates[np.arange(len(top)), np.argmin(price, axis=1)]
