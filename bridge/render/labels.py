"""Names to ids and bodies to poses: which instance of a label image is which thing, and where it stands now."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UnknownName
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.types import WorldState


@dataclass(frozen=True, eq=False)
class Labels:
    """`part_ids` by a part's name and `placed` by a placement's: its id and its row among all placements.

    Placements are numbered through all groups in order: group g holds rows `starts[g]` to `starts[g + 1]`.
    """

    part_ids: dict[str, int]
    parts: dict[str, int]
    placed: dict[str, int]
    first_placed_id: int
    starts: NDArray[np.int64]
    poses: NDArray[np.float64]
    scales: NDArray[np.float64]


def labels_of(scene: Scene) -> Labels:
    """The names and initial poses of everything in a scene."""
    first_part = 2 + len(scene.waters)
    names = [name for group in scene.placements for name in group.names]
    counts = [len(group.names) for group in scene.placements]
    poses = [np.asarray(group.poses, dtype=np.float64).reshape(-1, 7) for group in scene.placements]
    scales = [np.asarray(group.scale, dtype=np.float64).reshape(-1, 3) for group in scene.placements]
    return Labels(
        {part.name: first_part + index for index, part in enumerate(scene.parts)},
        {part.name: index for index, part in enumerate(scene.parts)},
        {name: row for row, name in enumerate(names)},
        first_part + len(scene.parts),
        np.cumsum([0, *counts]).astype(np.int64),
        np.concatenate([np.zeros((0, 7)), *poses]),
        np.concatenate([np.zeros((0, 3)), *scales]),
    )


class Bodies:
    """Where things are: the scene's poses, and those that world states have changed since.

    `placed` float64 (n,7) world_from_asset of all placements; `moved_parts` maps a part's index to the rigid motion
    (7,) of its mesh from where it was modelled; `others` are bodies the scene does not draw (cameras may ride on them).
    """

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.placed = labels.poses.copy()
        self.is_mover = np.zeros(len(self.placed), dtype=bool)
        self.moved_parts: dict[int, NDArray[np.float64]] = {}
        self.others: dict[str, NDArray[np.float64]] = {}
        self.tick = 0

    def move(self, state: WorldState) -> None:
        """Takes a world state's poses over."""
        poses = np.asarray(state.poses, dtype=np.float64).reshape(-1, 7)
        rows = np.array([self.labels.placed.get(name, -1) for name in state.names], dtype=np.int64)
        is_placed = rows >= 0
        changed = is_placed.copy()
        changed[is_placed] = np.abs(self.placed[rows[is_placed]] - poses[is_placed]).max(axis=1) > 1e-9
        self.is_mover[rows[changed]] = True
        self.placed[rows[is_placed]] = poses[is_placed]
        for index in np.flatnonzero(~is_placed):
            name = state.names[index]
            if name in self.labels.parts:
                self.moved_parts[self.labels.parts[name]] = poses[index]
            else:
                self.others[name] = poses[index]
        self.tick = state.tick

    def pose_of(self, mount: str) -> NDArray[np.float64] | None:
        """The pose (7,) of the body a camera is mounted on; None for the world."""
        if mount == "world":
            return None
        if mount in self.others:
            return self.others[mount]
        if mount in self.labels.placed:
            return self.placed[self.labels.placed[mount]]
        if mount in self.labels.parts:
            return self.moved_parts.get(self.labels.parts[mount], np.array([0, 0, 0, 1.0, 0, 0, 0]))
        known = [*self.others, *self.labels.placed, *self.labels.parts, "world"]
        raise UnknownName(unknown_name("body to mount a camera on", mount, known[:40]))
