"""One prediction beside what came true: cut to the moments both know, checked once, and read once."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.imagination import Past, Prediction
from evaluation.measures.reading import Reading, read
from world_models.clips import Clip

Array = NDArray[np.float64]
_SAME_TIME_S = 0.01


@dataclass(frozen=True, eq=False)
class Case:
    """An imagined episode and the engine's, both for the same n moments.

    `last` is the one moment (t = 1) at which the past ended, `truth` the n moments that followed, `success` bool (n,) whether the errand
    was done at each of them; `prediction` has the same n. `task` is that of the clip.
    """

    task: str
    last: Past
    truth: Past
    success: NDArray[np.bool_]
    prediction: Prediction

    def __len__(self) -> int:
        return len(self.truth.times_s)

    @cached_property
    def dreamt(self) -> tuple[Reading, ...] | None:
        """What a small recogniser reads in each sample's pictures; None where it knows no views like these."""
        return _read_all(self.task, self.truth, self.prediction.rgb)

    @cached_property
    def engine(self) -> Reading | None:
        """What the same recogniser reads in the engine's pictures: how well it can do at best."""
        found = _read_all(self.task, self.truth, self.truth.rgb[None])
        return None if found is None else found[0]

    @cached_property
    def as_copied(self) -> "Case":
        """The same case, had the last picture and the last poses been copied for ever."""
        n = len(self)
        poses = {one.name: np.repeat(one.poses[None], n, axis=1) for one in self.last.things}
        depth = None if self.last.depth is None else np.repeat(self.last.depth[None], n, axis=1)
        copied = Prediction(self.truth.times_s, np.repeat(self.last.rgb[None], n, axis=1), poses, depth)
        return Case(self.task, self.last, self.truth, self.success, copied)


def case_of(truth: Clip, prediction: Prediction, now: int) -> Case:
    """A case from an episode, of which `prediction` tells what follows moment `now`; a clip that ends sooner cuts it.

    Raises InvalidInput for a `now` outside of the clip, times that are not the clip's, pictures of another size, and poses that do not fit.
    """
    if not 0 <= now < len(truth) - 1:
        raise InvalidInput(f"Moment {now} was given as now, of {len(truth)} moments. Give 0 to {len(truth) - 2}.")
    n = min(len(prediction.times_s), len(truth) - 1 - now)
    course, seen = truth.course(now, n), truth.past(now + n)
    if n == 0 or np.abs(prediction.times_s[:n] - course.times_s).max() > _SAME_TIME_S:
        raise InvalidInput(
            f"The prediction is for {_told(prediction.times_s[:n])} s, and the clip went on at {_told(course.times_s)} s. "
            "Predict along Clip.course of the same moment."
        )
    shape, wanted = prediction.rgb.shape, (len(prediction.times_s), *seen.rgb.shape[1:])
    if prediction.rgb.ndim != 6 or shape[0] < 1 or shape[1:] != wanted:
        raise InvalidInput(
            f"The prediction's pictures are {shape}, and (samples, {', '.join(map(str, wanted))}) were expected."
        )
    for name, poses in prediction.poses.items():
        if poses.shape != (shape[0], wanted[0], 7):
            raise InvalidInput(
                f"The poses of '{name}' are {poses.shape}, and {(shape[0], wanted[0], 7)} were expected."
            )
    if prediction.depth is not None and prediction.depth.shape != shape[:-1]:
        raise InvalidInput(f"The predicted depth is {prediction.depth.shape}, and {shape[:-1]} was expected.")
    cut = replace(
        prediction, times_s=prediction.times_s[:n], rgb=prediction.rgb[:, :n],
        poses={name: poses[:, :n] for name, poses in prediction.poses.items()},
        depth=None if prediction.depth is None else prediction.depth[:, :n],
        success=None if prediction.success is None else prediction.success[:, :n],
        trust=None if prediction.trust is None else prediction.trust[:n],
    )  # fmt: skip
    after = slice(now + 1, now + 1 + n)
    return Case(truth.task, _part(seen, slice(now, now + 1)), _part(seen, after), truth.success[after], cut)


def _part(seen: Past, part: slice) -> Past:
    """Some moments of what was seen."""
    return replace(
        seen, times_s=seen.times_s[part], rgb=seen.rgb[part], body=seen.body[part],
        gripper=None if seen.gripper is None else seen.gripper[part],
        depth=None if seen.depth is None else seen.depth[part],
        labels=None if seen.labels is None else seen.labels[part],
        things=tuple(replace(one, poses=one.poses[part]) for one in seen.things),
    )  # fmt: skip


def _read_all(task: str, truth: Past, rgb: NDArray[np.uint8]) -> tuple[Reading, ...] | None:
    found = [read(task, truth.cameras, truth.things, truth.body, sample) for sample in rgb]
    kept = tuple(one for one in found if one is not None)
    return kept if len(kept) == len(found) else None


def _told(times_s: Array) -> str:
    return f"{times_s[0]:.2f} to {times_s[-1]:.2f}" if len(times_s) else "no moment"
