"""Errors of known size, put into engine episodes: what a dream might get wrong, from hardly to badly.

Most are drawn anew by the engine's renderer (shifted, removed, painted things; another way of acting), some are done to pictures (blur, noise,
light) or to the order of frames (delay, shuffle). Each gives a Prediction as a world model would, which says places and success rightly unless
the edit changes them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from bridge.control.seeds import stream
from bridge.engine import Paint
from bridge.imagination import Past, Prediction
from evaluation.measures.staged import Staged, staged
from policies import careless, clumsy

Pictures = NDArray[np.uint8]
_MAGENTA = (0.6, 0.02, 0.5)


@dataclass(frozen=True, eq=False)
class Stage:
    """One engine episode of `task` and `seed`, and where it is cut: `now`."""

    task: str
    seed: int
    frames: int
    now: int
    town: str = ""

    @cached_property
    def true(self) -> Staged:
        """The episode as the expert does it."""
        return self.by(0.0)

    def by(self, fault: float) -> Staged:
        """The same episode, had the expert been so unsteady: drifting by so many mm at the table, by so many % of the wheel in a car."""
        if self.task == "drive":
            who: tuple[str, Any] = "careless", careless.Config("unsteady" if fault else "none", fault / 100.0)
        else:
            who = "clumsy", clumsy.Config(drift_m=fault / 1000.0)
        return staged(self.task, *who, seed=self.seed, frames=self.frames, town=self.town)

    def prediction(self, past: Past | None = None, *, success: NDArray[np.bool_] | None = None) -> Prediction:
        """What follows now in `past`, as a world model would say it; the truth without."""
        seen = self.true.clip.seen if past is None else past
        after = slice(len(seen.times_s) - (self.frames - 1 - self.now), None)
        told = self.true.clip.success if success is None else success
        return Prediction(
            self.true.clip.seen.times_s[self.now + 1 :], seen.rgb[None, after],
            {one.name: one.poses[None, after] for one in seen.things},
            None if seen.depth is None else seen.depth[None, after], told[None, self.now + 1 :].astype(np.float64),
        )  # fmt: skip

    def resting(self) -> tuple[str, ...]:
        """Things that lie where they lay in truth to the end, and show in the first view, the largest there first."""
        seen = self.true.clip.seen
        still = [
            (i, one.name) for i, one in enumerate(seen.things, start=1) if np.ptp(one.poses[:, :3], axis=0).max() < 0.02
        ]
        assert seen.labels is not None
        pixels = {name: int((seen.labels[self.now :, 0] == i).sum()) for i, name in still}
        return tuple(sorted((name for name, count in pixels.items() if count), key=lambda name: (-pixels[name], name)))


@dataclass(frozen=True, eq=False)
class EditKind:
    """A way of being wrong: `sizes` grow, in `unit`; `made` takes a stage and a size to what a model wrong by that much would say."""

    name: str
    unit: str
    sizes: tuple[float, ...]
    made: Callable[[Stage, float], Prediction]
    tasks: tuple[str, ...] = ("manipulate", "drive")


def _shifted(stage: Stage, size_m: float) -> Prediction:
    name = stage.resting()[0]
    return stage.prediction(stage.true.again(shifts={name: np.array([0.0, size_m, 0.0])}, since=stage.now + 1))


def _removed(stage: Stage, count: float) -> Prediction:
    return stage.prediction(stage.true.again(gone=stage.resting()[: int(count)], since=stage.now + 1))


def _painted(stage: Stage, count: float) -> Prediction:
    paints = [Paint(name, _MAGENTA) for name in stage.resting()[: int(count)]]
    return stage.prediction(stage.true.again(paints=paints, since=stage.now + 1))


def _acted(stage: Stage, size: float) -> Prediction:
    """What would have come of another way of acting, shown as what comes of this one."""
    other = stage.by(size).clip
    return stage.prediction(_same_things(other.seen, stage.true.clip.seen), success=other.success)


def _same_things(other: Past, wanted: Past) -> Past:
    """Another course of events, with places of the things alone that both know."""
    names = {one.name for one in wanted.things}
    return replace(other, things=tuple(one for one in other.things if one.name in names))


def _on_pictures(
    change: Callable[[Pictures, float, np.random.Generator], NDArray],
) -> Callable[[Stage, float], Prediction]:
    """An edit of pixels alone: models that blur or flicker, and know everything else."""

    def made(stage: Stage, size: float) -> Prediction:
        told = stage.prediction()
        rng = stream(stage.seed, "edit", change.__name__)
        return replace(told, rgb=np.clip(np.rint(change(told.rgb, size, rng)), 0, 255).astype(np.uint8))

    return made


def _blurred(rgb: Pictures, sigma_px: float, rng: np.random.Generator) -> NDArray:
    return gaussian_filter(rgb.astype(np.float32), (0, 0, 0, sigma_px, sigma_px, 0))


def _noisy(rgb: Pictures, level: float, rng: np.random.Generator) -> NDArray:
    return rgb + level * rng.standard_normal(rgb.shape)


def _lighter(rgb: Pictures, percent: float, rng: np.random.Generator) -> NDArray:
    return rgb * (1.0 + percent / 100.0)


def _delayed(stage: Stage, frames: float) -> Prediction:
    """Everything as it was so many frames before, as a model that reacts late."""
    seen = stage.true.clip.seen
    rows = np.maximum(np.arange(stage.now + 1, stage.frames) - int(frames), stage.now)
    return _reordered(stage, seen, rows)


def _shuffled(stage: Stage, share: float) -> Prediction:
    """A share of the frames in another order: each is a true picture, at the wrong time."""
    seen = stage.true.clip.seen
    rows = np.arange(stage.now + 1, stage.frames)
    picked = stream(stage.seed, "edit", "shuffle").permutation(len(rows))[: max(2, round(share * len(rows)))]
    rows[picked] = rows[np.roll(picked, 1)]
    return _reordered(stage, seen, rows)


def _reordered(stage: Stage, seen: Past, rows: NDArray[np.int64]) -> Prediction:
    told = replace(
        seen, rgb=seen.rgb[rows], things=tuple(replace(one, poses=one.poses[rows]) for one in seen.things),
        depth=None if seen.depth is None else seen.depth[rows], times_s=seen.times_s[rows],
    )  # fmt: skip
    after = np.concatenate([np.zeros(stage.now + 1, bool), stage.true.clip.success[rows]])
    return stage.prediction(told, success=after)


def edits(task: str) -> Sequence[EditKind]:
    """All edits of a task, in the order of the table."""
    return [one for one in _EDITS if task in one.tasks]


_EDITS = (
    EditKind("shift", "m", (0.01, 0.02, 0.05, 0.10), _shifted, ("manipulate",)),
    EditKind("remove", "things", (1, 2, 3), _removed, ("manipulate",)),
    EditKind("paint", "things", (1, 2, 3), _painted, ("manipulate",)),
    EditKind("wrong action", "mm of drift", (5, 10, 20, 40), _acted, ("manipulate",)),
    EditKind("wrong action", "% of wheel", (5, 10, 25), _acted, ("drive",)),
    EditKind("delay", "frames", (1, 2, 4, 8), _delayed),
    EditKind("shuffle", "share of frames", (0.25, 0.5, 1.0), _shuffled),
    EditKind("blur", "px", (0.5, 1.0, 2.0, 4.0), _on_pictures(_blurred)),
    EditKind("noise", "of 255", (2, 5, 10, 20), _on_pictures(_noisy)),
    EditKind("light", "%", (5, 10, 20, 40), _on_pictures(_lighter)),
)  # fmt: skip
