"""Laws of physics that poses can break: things last, stay out of each other, do not float, and move when something moves them.

Every law gives one number a moment (n,), 0 where it is kept, for the poses of a dream; and the same for the poses of the engine beside
it, since boxes around things are no exact shapes: a cube in a bowl overlaps the bowl's box in truth, too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat
from evaluation.measures.case import Case
from evaluation.measures.means import mean_known

Array = NDArray[np.float64]
SELF_MOVING = ("vehicle", "bicycle", "scooter", "person", "animal", "robot", "boat")
"""Classes that move by themselves; what is asked of them is that tyres and legs could do it."""
MOST_M_S2 = 12.0
"""More than tyres on dry road give (about 1 g), with some room."""
_LEAP_M, _OUT_M = 2.0, 500.0
_REACH_M = 0.14
"""How far from the tool's middle a hand may touch things."""
_TOUCH_M, _STILL_M, _GAP_M = 0.03, 0.008, 0.015


@dataclass(frozen=True, eq=False)
class Motion:
    """Poses (n + 1,7) of things by name, the first moment being now, their full extents [m], classes, the body's poses, and times (n + 1,)."""

    poses: Mapping[str, Array]
    sizes: Mapping[str, Array]
    classes: Mapping[str, str]
    body: Array
    times_s: Array

    def middles(self, name: str) -> Array:
        """The middles (n + 1,3) of a thing: poses are those of its underside's middle."""
        return self.poses[name][:, :3] + matrix_from_quat(self.poses[name][:, 3:])[..., 2] * self.sizes[name][2] / 2


Law = Callable[[Motion], Array]


def lasting(motion: Motion) -> Array:
    """The share of things that are gone (not finite, or farther than 500 m from where they were), or leap by more than 2 m beyond what
    MOST_M_S2 explains."""
    rows = []
    for poses in motion.poses.values():
        at = poses[:, :3]
        is_out = ~np.isfinite(poses).all(axis=1) | (np.linalg.norm(np.nan_to_num(at) - at[0], axis=1) > _OUT_M)
        rows.append((is_out | np.concatenate([[False], _leaps(at, motion.times_s)]))[1:])
    return np.mean(rows, axis=0)


def penetration(motion: Motion) -> Array:
    """How deep [m] boxes of things are in each other, the deepest pair: the least move that parts them (separating axes)."""
    names = [name for name in motion.poses if np.isfinite(motion.poses[name]).all()]
    worst = np.zeros(len(motion.times_s))
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            near = (np.linalg.norm(motion.sizes[one]) + np.linalg.norm(motion.sizes[other])) / 2
            apart = np.linalg.norm(motion.middles(one) - motion.middles(other), axis=1)
            for moment in np.flatnonzero(apart < near).tolist():
                worst[moment] = max(worst[moment], _depth(motion, one, other, moment))
    return worst[1:]


def floating(motion: Motion) -> Array:
    """How far [m] things that rest hang over what could bear them (where they lay, other things), at the worst; those at the tool are held,
    those that fall do fall."""
    worst = np.zeros(len(motion.times_s))
    for name, poses in motion.poses.items():
        if motion.classes[name] in SELF_MOVING or not np.isfinite(poses).all():
            continue
        at = poses[:, :3]
        step = np.linalg.norm(np.diff(at, axis=0, prepend=at[:1]), axis=1)
        is_held = np.linalg.norm(motion.middles(name) - motion.body[:, :3], axis=1) < _REACH_M
        low = _undersides(motion, name)
        ground = min(float(_undersides(motion, one)[0]) for one in motion.poses if np.isfinite(motion.poses[one]).all())
        for moment in np.flatnonzero(~is_held & (step < _STILL_M)).tolist():
            if moment == 0:
                continue
            tops = [_top(motion, other, moment) for other in motion.poses if other != name and _is_under(motion, other, name, moment)]  # fmt: skip
            gap = min(abs(low[moment] - bearer) if low[moment] > bearer else 0.0 for bearer in (ground, *tops))
            worst[moment] = max(worst[moment], gap if gap > _GAP_M else 0.0)
    return worst[1:]


def unmoved(motion: Motion) -> Array:
    """How far [m] things move within a step that nothing touches, neither the tool nor another thing, the farthest; those that fall do so
    rightly, and those that move by themselves count with what is beyond MOST_M_S2."""
    worst = np.zeros(len(motion.times_s) - 1)
    finite = [name for name in motion.poses if np.isfinite(motion.poses[name]).all()]
    for name in finite:
        at = motion.poses[name][:, :3]
        if motion.classes[name] in SELF_MOVING:
            worst = np.maximum(worst, np.maximum(_beyond(at, motion.times_s), 0.0))
            continue
        away = np.linalg.norm(motion.middles(name) - motion.body[:, :3], axis=1)
        near_tool = np.minimum(away[:-1], away[1:]) < _REACH_M
        near_other = np.zeros(len(near_tool), bool)
        for other in finite:
            if other != name:
                gap = np.linalg.norm(motion.middles(name)[:, :2] - motion.middles(other)[:, :2], axis=1)
                reach = (np.hypot(*motion.sizes[name][:2]) + np.hypot(*motion.sizes[other][:2])) / 2 + _TOUCH_M
                near_other |= np.minimum(gap[:-1], gap[1:]) < reach
        step = np.diff(at, axis=0)
        moved = np.where(step[:, 2] < 0, np.linalg.norm(step[:, :2], axis=1), np.linalg.norm(step, axis=1))
        worst = np.maximum(worst, np.where(near_tool | near_other | (moved < _STILL_M), 0.0, moved))
    return worst


def kept(case: Case, law: Law) -> Array | None:
    """A law on the poses of a dream: the mean of its samples; None where it tells no poses of things."""
    known = [one for one in case.truth.things if one.name in case.prediction.poses]
    if not known:
        return None
    samples = len(case.prediction.rgb)
    return mean_known([law(_motion(case, lambda name, s=s: case.prediction.poses[name][s])) for s in range(samples)])


def kept_by_engine(case: Case, law: Law) -> Array | None:
    """The same law on the same things' true poses."""
    true = {one.name: one.poses for one in case.truth.things}
    return law(_motion(case, lambda name: true[name])) if any(n in true for n in case.prediction.poses) else None


def _motion(case: Case, poses_of: Callable[[str], Array]) -> Motion:
    known = [one for one in case.last.things if one.name in case.prediction.poses]
    return Motion(
        {one.name: np.concatenate([one.poses, poses_of(one.name)]) for one in known},
        {one.name: np.asarray(one.size_m, dtype=np.float64) for one in known},
        {one.name: one.semantic for one in known},
        np.concatenate([case.last.body, case.truth.body]),
        np.concatenate([case.last.times_s, case.truth.times_s]),
    )


def _leaps(at: Array, times_s: Array) -> NDArray[np.bool_]:
    return np.nan_to_num(_beyond(at, times_s), nan=np.inf) > _LEAP_M


def _beyond(at: Array, times_s: Array) -> Array:
    """How much farther [m] (n,) steps go than the speed before and MOST_M_S2 explain; the first is taken to be within them up to 40 m/s."""
    steps, lasts = np.diff(at, axis=0), np.diff(times_s)
    before = np.concatenate([steps[:1], steps[:-1] * (lasts[1:] / lasts[:-1])[:, None]])
    beyond = np.linalg.norm(steps - before, axis=1) - MOST_M_S2 * lasts * lasts
    beyond[0] = np.linalg.norm(steps[0]) - 40.0 * lasts[0]
    return beyond


def _corners(motion: Motion, name: str) -> Array:
    """Corners (n + 1,8,3) of a thing's box."""
    signs = np.stack(np.meshgrid([-0.5, 0.5], [-0.5, 0.5], [0.0, 1.0], indexing="ij"), axis=-1).reshape(8, 3)
    turned = np.einsum("nij,kj->nki", matrix_from_quat(motion.poses[name][:, 3:]), signs * motion.sizes[name])
    return motion.poses[name][:, None, :3] + turned


def _undersides(motion: Motion, name: str) -> Array:
    return _corners(motion, name)[..., 2].min(axis=1)


def _top(motion: Motion, name: str, moment: int) -> float:
    return float(_corners(motion, name)[moment, :, 2].max())


def _is_under(motion: Motion, other: str, name: str, moment: int) -> bool:
    """Whether a thing's middle is over another's box, or one stands in the other (a cube in a bowl)."""
    if not np.isfinite(motion.poses[other]).all():
        return False
    gap = np.linalg.norm(motion.middles(other)[moment, :2] - motion.middles(name)[moment, :2])
    return bool(gap < np.hypot(*motion.sizes[other][:2]) / 2 + np.hypot(*motion.sizes[name][:2]) / 4)


def _depth(motion: Motion, one: str, other: str, moment: int) -> float:
    """The least way that parts two boxes [m], 0 if they are apart (Gottschalk et al. 1996, fifteen axes)."""
    a, b = (matrix_from_quat(motion.poses[name][moment, 3:]) for name in (one, other))
    crossed = [np.cross(a[:, i], b[:, j]) for i in range(3) for j in range(3)]
    axes: Sequence[Array] = [
        *a.T,
        *b.T,
        *(axis / np.linalg.norm(axis) for axis in crossed if np.linalg.norm(axis) > 1e-6),
    ]
    between = motion.middles(other)[moment] - motion.middles(one)[moment]
    least = np.inf
    for axis in axes:
        reach = np.abs(axis @ a) @ motion.sizes[one] / 2 + np.abs(axis @ b) @ motion.sizes[other] / 2
        least = min(least, float(reach - abs(axis @ between)))
        if least <= 0.0:
            return 0.0
    return least
