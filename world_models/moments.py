"""A moment of an engine's world as world models are shown it: the views at the models' size, and the things that are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Engine, Loaded, Spawn
from bridge.errors import UnknownCamera
from bridge.frames import matrix_from_quat, quat_inverse, quat_product
from bridge.imagination import TaskName, Thing
from bridge.plugins import unknown_name
from bridge.scene import Asset, Scene
from bridge.types import Camera, Modality, Pose, WorldState
from world_models import views
from world_models.finer import FINER, most_frequent, near_depth, smaller

Array = NDArray[np.float64]
"""Depths that differ by no more than this factor belong to one surface."""
_ABOUT_M, _MOST = 60.0, 254
"""How far from the body that acts things are known, and how many at most: labels are bytes."""
_ROAD_USERS = ("vehicle", "bicycle", "scooter", "person", "animal")
BODY = 255
"""The label of the body that acts."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What is seen at one moment: `rgb` uint8 (v,H,W,3); `depth` float32 (v,H,W) [m] and `labels` (v,H,W) are
    instance ids, or those of Past once they are `coded`. None is what nobody asked for."""

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    labels: NDArray | None = None

    def coded(self, code: Mapping[int, int]) -> "Moment":
        """The same with labels as `code` calls each instance id, 0 for those it does not know."""
        if self.labels is None:
            return self
        table = np.zeros(max(int(self.labels.max()), *code, 0) + 1, dtype=np.uint8)
        for instance, value in code.items():
            table[instance] = value
        return replace(self, labels=table[np.maximum(self.labels, 0)])


class Bodies:
    """The assets and scales of a world's bodies, by name, and their ids in label images; told of what is spawned."""

    def __init__(self, scene: Scene, loaded: Loaded) -> None:
        self._scene = scene
        self.assets: dict[str, tuple[Asset, Array]] = {}
        for group in scene.placements:
            for name, scale in zip(group.names, group.scale, strict=True):
                self.assets[name] = scene.assets[group.asset], np.asarray(scale, dtype=np.float64)
        rows = [*scene.instances(), *loaded.added]
        self.ids = {row.name: row.id for row in rows}
        self._next = max(self.ids.values(), default=0) + 1

    def spawn(self, change: Spawn) -> None:
        """Takes note of a new body."""
        scale = np.ones(3) if change.scale is None else np.array(change.scale)
        self.assets[change.name] = self._scene.assets[change.asset], scale
        if change.name not in self.ids:
            self.ids[change.name], self._next = self._next, self._next + 1

    def size_m(self, name: str) -> tuple[float, float, float]:
        """The full extents of a body."""
        asset, scale = self.assets[name]
        x, y, z = (np.array(asset.size) * scale).tolist()
        return x, y, z

    def semantic(self, name: str) -> str:
        """The class of a body, "" for one that nobody told of."""
        return self.assets[name][0].semantic if name in self.assets else ""


def task_of(agent: str, state: WorldState) -> TaskName:
    """What an agent is there for: arms have a tool, all others drive."""
    return "manipulate" if f"{agent}/tool" in state.names else "drive"


def pose(state: WorldState, name: str) -> Array:
    """The pose (7,) of a body."""
    return state.poses[state.names.index(name)]


def body_of(agent: str, task: str) -> str:
    """The name of the body that acts."""
    return f"{agent}/tool" if task == "manipulate" else agent


def cameras_of(task: TaskName, agent: str, loaded: Loaded, bodies: Bodies, names: Sequence[str]) -> tuple[Camera, ...]:
    """The views `names` of a task as an engine mounts them. Raises UnknownCamera where the agent has no camera of the kind."""
    known = dict(loaded.cameras)
    if f"{agent}/front" not in known and agent in bodies.assets:
        known[f"{agent}/front"] = views.windscreen(agent, bodies.size_m(agent))
    wanted = {camera.name: camera for camera in views.cameras(task, agent, known)}
    unknown = [name for name in names if name not in wanted]
    if unknown:
        raise UnknownCamera(f"In the task '{task}': {unknown_name('view', unknown[0], wanted)}")
    return tuple(wanted[name] for name in names or views.VIEWS[task])


def on_body(camera: Camera, state: WorldState, body: str) -> Camera:
    """The same camera as a Past tells it: in the "world", or on the "body" that acts, which what carries it is firmly joined to."""
    if camera.mount == "world":
        return camera
    mount, acts = (state.poses[state.names.index(name)] for name in (camera.mount, body))
    at, quat = mount[:3] + matrix_from_quat(mount[3:]) @ camera.mount_from_camera.position, mount[3:]
    own = quat_product(quat_inverse(acts[3:]), quat_product(quat, camera.mount_from_camera.quat_wxyz))
    return replace(camera, mount="body", mount_from_camera=Pose(matrix_from_quat(acts[3:]).T @ (at - acts[:3]), own))


def look(engine: Engine, cameras: Sequence[Camera], *, needs_depth: bool = False, labels: bool = False) -> Moment:
    """What cameras see now, drawn at twice the size: colours averaged, depth that of the nearest surface, labels the most frequent."""
    kinds: list[Modality] = ["rgb", *(["depth"] if needs_depth else []), *(["segmentation"] if labels else [])]
    large = [replace(camera, width=FINER * camera.width, height=FINER * camera.height) for camera in cameras]
    frames = engine.observe(large, kinds)
    rgb = smaller(np.stack([cast(np.ndarray, frame.rgb) for frame in frames]))
    depth = near_depth(np.stack([cast(np.ndarray, frame.depth) for frame in frames])) if needs_depth else None
    ids = most_frequent(np.stack([cast(np.ndarray, frame.segmentation) for frame in frames])) if labels else None
    return Moment(rgb, depth, ids)


def things_about(task: TaskName, agent: str, state: WorldState, bodies: Bodies) -> tuple[Thing, ...]:
    """What is about beside the body that acts, at one moment: all on the table, or everybody on the road within 60 m, the nearest first."""
    rows = []
    here = state.poses[state.names.index(agent), :3]
    for row, name in enumerate(state.names):
        if name == agent or name.startswith(f"{agent}/") or name not in bodies.assets:
            continue
        far = float(np.linalg.norm(state.poses[row, :3] - here))
        if task == "manipulate" or (bodies.semantic(name) in _ROAD_USERS and far <= _ABOUT_M):
            rows.append((far if task == "drive" else 0.0, row, name))
    return tuple(
        Thing(name, bodies.semantic(name), bodies.size_m(name), state.poses[row][None].copy())
        for _, row, name in sorted(rows)[:_MOST]
    )


def label_of(agent: str, things: Sequence[Thing], bodies: Bodies) -> dict[int, int]:
    """What instance ids are called in labels: i for the i-th thing, 255 for the body and its links."""
    found = {bodies.ids[thing.name]: i + 1 for i, thing in enumerate(things) if thing.name in bodies.ids}
    own = {id_: BODY for name, id_ in bodies.ids.items() if name == agent or name.startswith(f"{agent}/")}
    return {**found, **own}
