"""What a dream has seen and imagined so far, moment by moment, as the past of the next question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bridge.episode import Episode
from bridge.imagination import Past, Thing
from bridge.scene import Scene
from bridge.types import Camera
from world_models.moments import Moment

Array = NDArray[np.float64]


@dataclass
class Memory:
    """Moments in order; the first `real` of them were seen, all later ones imagined. Poses of things are those of `things`, in order."""

    cameras: tuple[Camera, ...]
    things: tuple[Thing, ...]
    scene: Scene
    instruction: str = ""
    real: int = 0
    times_s: list[float] = field(default_factory=list)
    rgb: list[NDArray[np.uint8]] = field(default_factory=list)
    depth: list[NDArray[np.float32]] = field(default_factory=list)
    labels: list[NDArray[np.uint8]] = field(default_factory=list)
    body: list[Array] = field(default_factory=list)
    gripper: list[float | None] = field(default_factory=list)
    poses: list[Array] = field(default_factory=list)
    _last: tuple[int, tuple[Thing, ...], Past] | None = None

    def see(
        self, time_s: float, moment: Moment, body: Array, gripper: float | None, poses: Mapping[str, Array]
    ) -> None:
        """A moment that was really seen; it comes before all that is imagined."""
        self.add(time_s, moment.rgb, body, gripper, poses)
        if moment.depth is not None:
            self.depth.append(moment.depth)
        if moment.labels is not None:
            self.labels.append(moment.labels)
        self.real += 1

    def add(
        self, time_s: float, rgb: NDArray[np.uint8], body: Array, gripper: float | None, poses: Mapping[str, Array]
    ) -> None:
        """A moment that was imagined: pictures (v,H,W,3), the body (7,) and poses (7,) of things by name; others stay."""
        before = self.poses[-1] if self.poses else np.stack([one.poses[-1] for one in self.things] or [np.zeros(7)])
        rows = before.copy()
        for row, thing in enumerate(self.things):
            if thing.name in poses:
                rows[row] = poses[thing.name]
        self.times_s.append(time_s)
        self.rgb.append(rgb)
        self.body.append(body)
        self.gripper.append(gripper)
        self.poses.append(rows)

    def forget(self, names: Sequence[str]) -> None:
        """Things that are gone."""
        kept = [row for row, thing in enumerate(self.things) if thing.name not in names]
        self.things = tuple(self.things[row] for row in kept)
        self.poses = [rows[kept] for rows in self.poses]
        self._last = None

    def where(self, row: int) -> dict[str, Array]:
        """Poses (7,) of things by name, at one moment."""
        return {thing.name: self.poses[row][index] for index, thing in enumerate(self.things)}

    def __len__(self) -> int:
        return len(self.times_s)

    def past(self, count: int, episode: Episode) -> Past:
        """The first `count` moments. Asked again for the same ones it gives the same object, so that models can know it again."""
        if self._last is not None and self._last[0] == count and self._last[1] is self.things:
            return self._last[2]
        part = slice(0, count)
        grips = [grip for grip in self.gripper[part] if grip is not None]
        poses = np.stack(self.poses[part])
        past = Past(
            np.array(self.times_s[part]),
            self.cameras,
            np.stack(self.rgb[part]),
            np.stack(self.body[part]),
            np.array(grips) if len(grips) == count else None,
            np.stack(self.depth[part]) if len(self.depth) >= count else None,
            np.stack(self.labels[part]) if len(self.labels) >= count else None,
            tuple(replace(thing, poses=poses[:, row]) for row, thing in enumerate(self.things)),
            self.instruction,
            self.scene,
            episode,
        )
        self._last = count, self.things, past
        return past
