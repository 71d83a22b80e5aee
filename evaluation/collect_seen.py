"""A recorded episode as it would have been seen: its states posed on a renderer at equal times, through a task's views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.episode import Edit, Episode
from bridge.errors import InvalidInput
from bridge.imagination import Past, Thing
from bridge.scene import Scene
from bridge.sensors.present import Present
from bridge.tasks.manipulate.tables import BOWL, CAN, CUBES, DRAWER, MARK, TRAY
from bridge.types import Camera, Frame, Modality, Renderer, WorldState
from world_models.finer import FINER, most_frequent, near_depth, smaller
from world_models.moments import BODY, on_body

Array = NDArray[np.float64]
MOST_THINGS = 254
_ABOUT_M = 60.0
_ACTING = ("vehicle", "bicycle", "scooter", "person", "animal", "robot")
"""What else is about in streets."""


@dataclass(frozen=True)
class Sight:
    """What is looked at: `agent` acts with `body` (its tool, itself); `things` by name, in this order.

    Those that a scene does not have are left out. `things` None are those of the classes that act which come into view, or near, by name.
    """

    agent: str
    body: str
    things: tuple[str, ...] | None = None
    has_depth: bool = False


def frames_at(episode: Episode, frame_s: float, count: int, *, from_s: float = 0.0) -> tuple[WorldState, ...]:
    """The states of `count` moments at equal times from `from_s` after the first edit on, or as many as there are.

    Raises InvalidInput where a moment was not recorded.
    """
    states = episode.states()
    last: dict[int, WorldState] = {state.tick: state for state in states}
    first = states[0].tick + round(from_s / TICK_S)
    step = round(frame_s / TICK_S)
    found = []
    for tick in range(first, first + count * step, step):
        if tick > states[-1].tick:
            break
        if tick not in last:
            raise InvalidInput(f"Tick {tick} was not recorded. Record an episode whose steps meet every {frame_s:g} s.")
        found.append(last[tick])
    return tuple(found)


def seen(
    episode: Episode,
    states: Sequence[WorldState],
    scene: Scene,
    renderer: Renderer,
    cameras: Sequence[Camera],
    sight: Sight,
    *,
    instruction: str = "",
) -> Past:
    """What cameras saw at the states of an episode; times count from the first of them.

    `scene` is the one the engine had, with the links of its robots. Pictures are drawn FINER times as large and averaged;
    of labels the most frequent is kept, of depth the mean of the nearest surface.
    """
    present = Present(None, scene)
    for event in episode.events:
        if isinstance(event, Edit):
            present.change(event.changes)
    whole = [present.whole(state) for state in states]
    renderer.load(present.scene)
    modalities: tuple[Modality, ...] = ("rgb", "segmentation", *(("depth",) if sight.has_depth else ()))
    large = [replace(camera, width=FINER * camera.width, height=FINER * camera.height) for camera in cameras]
    frames: list[tuple[Frame, ...]] = []
    for state in whole:
        renderer.pose(state)
        frames.append(renderer.observe(large, modalities))
    ids = np.stack([[_found(frame.segmentation, frame) for frame in row] for row in frames])
    table = {row.name: row.id for row in present.scene.instances()}
    if sight.things is None:
        names = _about(present.scene, whole, ids, sight)
    else:
        names = tuple(name for name in sight.things if name in table)
    own = [number for name, number in table.items() if name == sight.agent or name.startswith(f"{sight.agent}/")]
    code = np.zeros(max(table.values()) + 1, np.uint8)
    for index, name in enumerate(names, start=1):
        code[table[name]] = index
    code[own] = BODY
    things = tuple(_thing(present.scene, whole, name) for name in names)
    grip = [next((one.gripper for one in state.agents if one.name == sight.agent), None) for state in states]
    depth = None
    if sight.has_depth:
        depth = near_depth(np.stack([[_found(frame.depth, frame) for frame in row] for row in frames]))
    return Past(
        times_s=np.array([state.time_s - states[0].time_s for state in states]),
        cameras=tuple(on_body(camera, states[0], sight.body) for camera in cameras),
        rgb=smaller(np.stack([[_found(frame.rgb, frame) for frame in row] for row in frames])),
        body=_poses(states, sight.body),
        gripper=None if None in grip else np.array(grip, dtype=np.float64),
        depth=depth,
        labels=most_frequent(code[ids]),
        things=things,
        instruction=instruction,
    )


def _about(scene: Scene, states: Sequence[WorldState], ids: NDArray[np.int32], sight: Sight) -> tuple[str, ...]:
    """Those who act and are in view at some moment, or move and come near; the nearest if they are too many."""
    in_view = set(np.unique(ids).tolist())
    body = _poses(states, sight.body)[:, :3]
    moving = set(states[0].names)
    found: dict[str, float] = {}
    for row in scene.instances():
        if row.semantic not in _ACTING or row.name == sight.agent or row.name.startswith(f"{sight.agent}/"):
            continue
        if row.name not in moving and row.id not in in_view:
            continue
        away = np.linalg.norm(_poses_of(scene, states, row.name)[:, :3] - body, axis=1).min()
        if row.id in in_view or away < _ABOUT_M:
            found[row.name] = float(away)
    return tuple(sorted(sorted(found, key=lambda name: (found[name], name))[:MOST_THINGS]))


def _thing(scene: Scene, states: Sequence[WorldState], name: str) -> Thing:
    group, row = next((group, group.names.index(name)) for group in scene.placements if name in group.names)
    asset = scene.assets[group.asset]
    length, width, height = (np.array(asset.size) * group.scale[row]).tolist()
    return Thing(name, asset.semantic, (length, width, height), _poses_of(scene, states, name))


def _poses_of(scene: Scene, states: Sequence[WorldState], name: str) -> Array:
    """Poses (t,7) of something that may stand where the scene says for ever."""
    if all(name in state.names for state in states):
        return _poses(states, name)
    home = next(group.poses[group.names.index(name)] for group in scene.placements if name in group.names)
    return np.stack([_pose(state, name) if name in state.names else home for state in states])


def _poses(states: Sequence[WorldState], name: str) -> Array:
    return np.stack([_pose(state, name) for state in states])


def _pose(state: WorldState, name: str) -> Array:
    return np.asarray(state.poses[state.names.index(name)], dtype=np.float64)


def _found(picture: NDArray | None, frame: Frame) -> NDArray:
    if picture is None:
        raise InvalidInput(f"The renderer left out something of camera '{frame.camera}' that it was asked for.")
    return picture


SIGHTS: Mapping[str, Sight] = {
    "manipulate": Sight("panda", "panda/tool", (*CUBES, CAN, BOWL, MARK, DRAWER, TRAY)),
    "drive": Sight("ego-1", "ego-1", None, has_depth=True),
}
"""What is looked at, by task."""
