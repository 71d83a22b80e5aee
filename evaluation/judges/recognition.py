"""Action and character recognition: whether video shows what the body does and holds, read by a small net trained on engine video.

After UNIVERSE (Hendriksen et al. 2025, "Adapting Vision-Language Models for Evaluating World Models"), which asks a fine-tuned VLM the same
two questions of rollouts. The answer is right if it is what the course does in the engine; what a net makes of the engine's own pictures of the
same moments is its ceiling, and the difference is the measure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.imagination import Past
from evaluation.judges.action_net import ActionNet, fits, inputs, shipped
from evaluation.judges.deeds import QUESTIONS, REACH, deeds
from evaluation.measures.case import Case

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Score:
    """Of n moments: the share told rightly, the mean of that share over the answers that occur (`balanced`), and how often (true, said)."""

    n: int
    accuracy: float
    balanced: float
    confusion: NDArray[np.int64]


def score(said: Codes, true: Codes, answers: int) -> Score:
    """How often answers (k,) are right; true ones below 0 are unknown and left out. nan where none is known."""
    known = true >= 0
    confusion = np.zeros((answers, answers), np.int64)
    np.add.at(confusion, (true[known], said[known]), 1)
    return of_confusion(confusion)


def of_confusion(confusion: NDArray[np.int64]) -> Score:
    """A score from how often (true, said)."""
    total, occurs = int(confusion.sum()), confusion.sum(axis=1) > 0
    if not total:
        return Score(0, float("nan"), float("nan"), confusion)
    shares = np.diag(confusion)[occurs] / confusion.sum(axis=1)[occurs]
    return Score(total, float(np.trace(confusion) / total), float(shares.mean()), confusion)


def said(net: ActionNet, last: Past, rgb: NDArray[np.uint8]) -> Mapping[str, Codes]:
    """What a net reads in pictures (n,v,H,W,3) that follow the last one seen: by question (n,), -1 at moments with too few around."""
    video, reach = np.concatenate([last.rgb[-1:], rgb]), REACH[net.task]
    found = {name: np.full(len(video), -1) for name in QUESTIONS[net.task]}
    for row, given in enumerate(inputs(net.task, video)):
        for name, shares in net.answers(given).items():
            found[name][row + reach] = int(shares.argmax())
    return {name: codes[1:] for name, codes in found.items()}


def done(case: Case) -> Mapping[str, Codes]:
    """What was done in truth, by question (n,); -1 where too few moments are around."""
    from dataclasses import replace

    truth, last = case.truth, case.last
    joined = replace(
        truth, times_s=np.concatenate([last.times_s, truth.times_s]), body=np.concatenate([last.body, truth.body]),
        gripper=None if truth.gripper is None or last.gripper is None else np.concatenate([last.gripper, truth.gripper]),
        things=tuple(
            replace(one, poses=np.concatenate([before.poses, one.poses])) for one, before in zip(truth.things, last.things, strict=True)
        ),
    )  # fmt: skip
    return {name: codes[1:] for name, codes in deeds(case.task, joined).items()}


def recognised(case: Case, rgb: NDArray[np.uint8], *, net: ActionNet | None = None) -> Mapping[str, Score] | None:
    """How often what pictures (n,v,H,W,3) show is told as what was done, by question; None where no net comes for such pictures.

    Raises Unavailable for a car without OpenCV.
    """
    known = net or shipped(case.task)
    if known is None or not fits(case.task, rgb) or (case.task == "manipulate" and case.truth.gripper is None):
        return None
    true, read = done(case), said(known, case.last, rgb)
    found = {}
    for name, answers in QUESTIONS[case.task].items():
        codes = np.where(read[name] >= 0, true[name], -1)
        found[name] = score(read[name], codes, len(answers))
    return found
