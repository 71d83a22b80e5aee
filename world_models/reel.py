"""Reel: many clips laid end to end in arrays, so that training can pick any moment of any of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.types import Camera
from world_models.clips import Clip

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reel:
    """c clips of f frames together; clip i has the frames `starts[i]:starts[i + 1]`.

    `times_s` (f,); `rgb` uint8 (f,v,H,W,3); `labels` uint8 (f,v,H,W) as in Past; `body` (f,7); `gripper` (f,), 0 without one;
    `things` (f,k,7) the poses of `names`, in this order, not a number where a clip does not know one; `success` bool (f,);
    `cameras` and `instructions` by clip; `sizes_m` (k,3).
    """

    starts: NDArray[np.int64]
    times_s: Array
    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    body: Array
    gripper: Array
    things: Array
    success: NDArray[np.bool_]
    cameras: tuple[tuple[Camera, ...], ...]
    instructions: tuple[str, ...]
    names: tuple[str, ...]
    sizes_m: Array

    @property
    def count(self) -> int:
        """How many clips there are."""
        return len(self.starts) - 1

    def clip_of(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """The clip that each frame belongs to."""
        return np.searchsorted(self.starts, frames, side="right") - 1


def reel(clips: Iterable[Clip]) -> Reel:
    """Clips laid end to end. Raises InvalidInput for none, and for clips that differ in views, size or labels known."""
    kept = [clip for clip in clips if len(clip) > 1]
    if not kept:
        raise InvalidInput(
            "There are no clips of two frames or more in this data. Collect some with `simbridge collect`."
        )
    first = kept[0].seen
    names = tuple(thing.name for thing in first.things)
    for clip in kept:
        seen = clip.seen
        if seen.rgb.shape[1:] != first.rgb.shape[1:]:
            raise InvalidInput(
                f"A clip of seed {clip.seed} has pictures {seen.rgb.shape[1:]} where the first has {first.rgb.shape[1:]} (views, "
                "height, width, 3). Train on clips of one task and size."
            )
    count = sum(len(clip) for clip in kept)
    things = np.full((count, len(names), 7), np.nan)
    starts = np.cumsum([0, *(len(clip) for clip in kept)])
    for start, clip in zip(starts, kept, strict=False):
        known = {thing.name: thing.poses for thing in clip.seen.things}
        for row, name in enumerate(names):
            if name in known:
                things[start : start + len(clip), row] = known[name]
    return Reel(
        starts=starts,
        times_s=np.concatenate([clip.seen.times_s for clip in kept]),
        rgb=np.concatenate([clip.seen.rgb for clip in kept]),
        labels=np.concatenate([_labels(clip) for clip in kept]),
        body=np.concatenate([clip.seen.body for clip in kept]),
        gripper=np.concatenate([_gripper(clip) for clip in kept]),
        things=things,
        success=np.concatenate([clip.success for clip in kept]),
        cameras=tuple(clip.seen.cameras for clip in kept),
        instructions=tuple(clip.seen.instruction for clip in kept),
        names=names,
        sizes_m=np.array([thing.size_m for thing in first.things], dtype=np.float64).reshape(-1, 3),
    )


def _labels(clip: Clip) -> NDArray[np.uint8]:
    seen = clip.seen
    return np.zeros(seen.rgb.shape[:-1], np.uint8) if seen.labels is None else seen.labels


def _gripper(clip: Clip) -> Array:
    seen = clip.seen
    return np.zeros(len(seen.times_s)) if seen.gripper is None else np.asarray(seen.gripper, dtype=np.float64)
