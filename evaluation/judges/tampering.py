"""Errors put into engine episodes that a judge has to see: another instruction, a thing that vanishes or leaps, frames out of order, views that
do not belong together, and nothing done at all.

Each takes a clip to what a model so wrong would say, as a Case beside the truth; None where it cannot be done in a clip. Only pictures and poses
are changed: no engine is needed, so that data sets can be judged with.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from bridge.control.seeds import stream
from bridge.imagination import Past, Prediction
from evaluation.judges.instruction import LEFT, RIGHT, STAND, asked, manoeuvre
from evaluation.measures.case import Case, case_of
from evaluation.measures.geometry import projected
from world_models.clips import Clip

Pictures = NDArray[np.uint8]
Tampering = Callable[[Clip, int], Case | None]
_LEAP_M = np.array([0.0, 0.2, 0.0])
_LEAST_PX = 6


def truth(clip: Clip, now: int) -> Case:
    """The engine posing as a dream of its own episode."""
    return case_of(clip, _prediction(clip.seen, now, clip.seen.rgb), now)


def _prediction(
    seen: Past, now: int, rgb: Pictures, poses: Mapping[str, NDArray[np.float64]] | None = None
) -> Prediction:
    after = slice(now + 1, None)
    told = {one.name: (poses or {}).get(one.name, one.poses)[None, after] for one in seen.things}
    return Prediction(
        seen.times_s[after], rgb[None, after], told, None if seen.depth is None else seen.depth[None, after]
    )


def wrong_instruction(clip: Clip, now: int) -> Case | None:
    """What another instruction would have asked for, taken for a dream of this one: at the table another cube, on the road the mirrored
    pictures of a turn. Only episodes in which it is done can fail it."""
    if clip.task == "drive":
        what, _ = manoeuvre(clip.seen.body[now:, :3])
        if what not in (LEFT, RIGHT):
            return None
        return case_of(clip, _prediction(clip.seen, now, clip.seen.rgb[..., ::-1, :]), now)
    names = [one.name for one in clip.seen.things]
    about = asked(clip.seen.instruction, names)
    others = [name for name in names if name.endswith("-cube") and about is not None and name not in about]
    if about is None or not others or not clip.success[-1]:
        return None
    words = clip.seen.instruction.replace(about[0].replace("-", " "), others[0].replace("-", " "))
    case = truth(clip, now)
    return replace(case, truth=replace(case.truth, instruction=words), success=np.zeros_like(case.success))


def vanishing(clip: Clip, now: int) -> Case | None:
    """The thing that the instruction is about (the largest in sight on the road) is gone from the middle on, in pictures and poses."""
    index = _subject(clip, now)
    if index is None:
        return None
    since = now + 1 + (len(clip) - now - 1) // 2
    rgb, poses = clip.seen.rgb.copy(), clip.seen.things[index].poses.copy()
    assert clip.seen.labels is not None
    for moment in range(since, len(clip)):
        for view in range(rgb.shape[1]):
            rgb[moment, view] = _without(rgb[moment, view], clip.seen.labels[moment, view] == index + 1)
    poses[since:] = np.nan
    return case_of(clip, _prediction(clip.seen, now, rgb, {clip.seen.things[index].name: poses}), now)


def leaping(clip: Clip, now: int) -> Case | None:
    """At the table a thing that the instruction is not about stands 20 cm farther for every other three moments, in the outer views and in
    poses; on the road the largest vehicle leaps by 6 m, in poses alone."""
    index = _subject(clip, now, is_asked_about=False)
    if index is None:
        return None
    thing, rgb = clip.seen.things[index], clip.seen.rgb.copy()
    poses = thing.poses.copy()
    assert clip.seen.labels is not None
    rows = [moment for moment in range(now + 1, len(clip)) if (moment - now) % 6 >= 3]
    poses[rows, :3] += _LEAP_M if clip.task == "manipulate" else 30.0 * _LEAP_M
    for moment in rows if clip.task == "manipulate" else ():
        for view, camera in enumerate(clip.seen.cameras):
            if camera.mount != "world":
                continue
            spots = projected(np.stack([thing.poses[moment, :3], poses[moment, :3]]), camera, clip.seen.body[moment])
            shown = clip.seen.labels[moment, view] == index + 1
            rgb[moment, view] = _moved(rgb[moment, view], shown, np.rint(spots[1] - spots[0]).astype(int))
    return case_of(clip, _prediction(clip.seen, now, rgb, {thing.name: poses}), now)


def shuffled(clip: Clip, now: int) -> Case | None:
    """All moments after now in another order."""
    rows = np.arange(len(clip))
    rows[now + 1 :] = rows[now + 1 :][stream(clip.seed, "tampering", "shuffle").permutation(len(clip) - now - 1)]
    poses = {one.name: one.poses[rows] for one in clip.seen.things}
    depth = None if clip.seen.depth is None else clip.seen.depth[rows]
    told = _prediction(clip.seen, now, clip.seen.rgb[rows], poses)
    return case_of(clip, replace(told, depth=None if depth is None else depth[None, now + 1 :]), now)


def torn(clip: Clip, now: int) -> Case | None:
    """The first view is four moments late, the others are not: only where there are several."""
    if clip.seen.rgb.shape[1] < 2:
        return None
    rgb = clip.seen.rgb.copy()
    rgb[now + 1 :, 0] = rgb[np.maximum(np.arange(now + 1, len(clip)) - 4, now), 0]
    return case_of(clip, _prediction(clip.seen, now, rgb), now)


def standing(clip: Clip, now: int) -> Case | None:
    """The last picture seen, for ever: nothing is done. Only of episodes in which something is."""
    if clip.task == "drive" and manoeuvre(clip.seen.body[now:, :3])[0] == STAND:
        return None
    return truth(clip, now).as_copied


TAMPERINGS: Mapping[str, Tampering] = {
    "wrong instruction": wrong_instruction, "vanishing": vanishing, "leaping": leaping, "shuffled": shuffled, "torn views": torn,
    "standing": standing,
}  # fmt: skip
"""All of them by name."""
MEANT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "manipulate": {
        "instruction": ("wrong instruction", "vanishing", "standing"), "physics": ("vanishing", "leaping", "shuffled"),
        "consistency": ("torn views",), "recognition": ("shuffled", "standing"),
    },
    "drive": {
        "instruction": ("wrong instruction", "shuffled", "standing"), "physics": ("vanishing", "leaping", "shuffled"),
        "consistency": ("shuffled", "standing"), "recognition": ("wrong instruction", "shuffled", "standing"),
    },
}  # fmt: skip
"""Which of them each judge is there to see, by task; for the others it may well be blind."""


def _subject(clip: Clip, now: int, *, is_asked_about: bool = True) -> int | None:
    """Which thing is tampered with; None where none is in sight."""
    labels = clip.seen.labels
    if labels is None:
        return None
    names = [one.name for one in clip.seen.things]
    about = asked(clip.seen.instruction, names) if clip.task == "manipulate" else None
    if about is not None and is_asked_about:
        return names.index(about[0])
    pixels = np.array(
        [
            0 if about is not None and name in about else (labels[now + 1 :] == row).sum()
            for row, name in enumerate(names, start=1)
        ]
    )
    return int(pixels.argmax()) if len(pixels) and pixels.max() >= _LEAST_PX * (len(clip) - now) else None


def _without(picture: Pictures, shown: NDArray[np.bool_]) -> Pictures:
    """A picture without a thing: every pixel of it has the colour of the nearest that is none of it."""
    if not shown.any() or shown.all():
        return picture
    nearest = np.asarray(distance_transform_edt(shown, return_distances=False, return_indices=True))
    return picture[nearest[0], nearest[1]]


def _moved(picture: Pictures, shown: NDArray[np.bool_], by: NDArray[np.int64]) -> Pictures:
    """A picture in which a thing's pixels are elsewhere by (x, y) px; what leaves the picture is gone."""
    found = _without(picture, shown).copy()
    rows, columns = np.nonzero(shown)
    there = (rows + by[1], columns + by[0])
    inside = (there[0] >= 0) & (there[0] < len(picture)) & (there[1] >= 0) & (there[1] < picture.shape[1])
    found[there[0][inside], there[1][inside]] = picture[rows[inside], columns[inside]]
    return found
