"""What a dream has seen and imagined so far, moment by moment, as the past of the next question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.episode import Episode
from bridge.imagination import Past, Thing
from bridge.scene import Scene
from bridge.types import Camera
from world_models.moments import Moment

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Instant:
    """When, where the body that acts is (7,) and how far its gripper is closed, and poses (7,) of things by name."""

    time_s: float
    body: Array
    gripper: float | None
    poses: Mapping[str, Array]


class Memory:
    """Moments in order, the first of them really seen. Poses of things are those of `things`, in order; who is not told of stays."""

    def __init__(
        self, cameras: tuple[Camera, ...], things: tuple[Thing, ...], scene: Scene, instruction: str,
        seen: Sequence[tuple[Instant, Moment]],
    ) -> None:  # fmt: skip
        self._cameras, self.things, self._scene, self._instruction = cameras, things, scene, instruction
        self._has_gripper = all(instant.gripper is not None for instant, _ in seen)
        self._times_s, self._rgb, self._body, self._gripper, self._poses, self._depth = (_Rows() for _ in range(6))
        labels = [moment.labels for _, moment in seen if moment.labels is not None]
        self._labels = np.stack(labels) if len(labels) == len(seen) else None
        self._last: tuple[int, tuple[Thing, ...], Past] | None = None
        self.has_depth = True
        for instant, moment in seen:
            self.add(instant, moment.rgb, moment.depth)

    def add(self, instant: Instant, rgb: NDArray[np.uint8], depth: NDArray[np.float32] | None) -> None:
        """A moment more: pictures (v,H,W,3), and depth (v,H,W) [m] if it is known."""
        homes = [thing.poses[-1] for thing in self.things] if not len(self._poses) else self._poses.all[-1]
        rows = np.array(homes, dtype=np.float64).reshape(-1, 7).copy()
        for row, thing in enumerate(self.things):
            if thing.name in instant.poses:
                rows[row] = instant.poses[thing.name]
        self._times_s.add(instant.time_s)
        self._rgb.add(rgb)
        self._body.add(instant.body)
        self._gripper.add(0.0 if instant.gripper is None else instant.gripper)
        self._poses.add(rows)
        self.has_depth = self.has_depth and depth is not None
        if depth is not None:
            self._depth.add(depth)

    def __len__(self) -> int:
        return len(self._times_s)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the pictures of one moment: (v,H,W,3)."""
        return self._rgb.all.shape[1:]

    def at(self, row: int) -> Instant:
        """One moment, without its pictures."""
        poses = dict(zip((thing.name for thing in self.things), self._poses.all[row], strict=True))
        grip = float(self._gripper.all[row]) if self._has_gripper else None
        return Instant(float(self._times_s.all[row]), self._body.all[row], grip, poses)

    def past(self, count: int, episode: Episode) -> Past:
        """The first `count` moments. Asked again for the same ones it gives the same object, so that models can know it again."""
        if self._last is not None and self._last[0] == count and self._last[1] is self.things:
            return self._last[2]
        poses = self._poses.all[:count]
        is_deep = len(self._depth) >= count > 0
        past = Past(
            self._times_s.all[:count],
            self._cameras,
            self._rgb.all[:count],
            self._body.all[:count],
            self._gripper.all[:count] if self._has_gripper else None,
            self._depth.all[:count] if is_deep else None,
            self._labels[:count] if self._labels is not None and len(self._labels) >= count else None,
            tuple(replace(thing, poses=poses[:, row]) for row, thing in enumerate(self.things)),
            self._instruction,
            self._scene,
            episode,
        )
        self._last = count, self.things, past
        return past


class _Rows:
    """An array that grows by its first axis; what was handed out of it stays as it was."""

    def __init__(self) -> None:
        self._room: NDArray[Any] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: Any) -> None:
        """One more at the end."""
        row = np.asarray(row)
        if self._room is None:
            self._room = np.zeros((8, *row.shape), dtype=row.dtype)
        elif self._count == len(self._room):
            self._room = np.concatenate([self._room, np.zeros_like(self._room)])
        self._room[self._count] = row
        self._count += 1

    @property
    def all(self) -> NDArray[Any]:
        """All rows so far; nobody may write to them."""
        assert self._room is not None
        rows = self._room[: self._count]
        rows.setflags(write=False)
        return rows
