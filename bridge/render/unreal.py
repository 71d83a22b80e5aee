"""Pictures from UE5 with the plug-in SimBridge, whose bodies are put where another engine has them; not run against a real Unreal here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge import codec, ring
from bridge.engine import Spawn
from bridge.errors import EngineFailed, NotSupported
from bridge.frames import quat_from_matrix, read_only
from bridge.render.camera import view_of
from bridge.render.labels import Bodies, labels_of
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, Pose, WorldState
from bridge.unreal.channel import Channel, reach
from bridge.unreal.differing import Appearance, appearance
from bridge.unreal.looks import Instant, Looks
from bridge.unreal.telling import tell
from bridge.v1 import link_pb2 as pb

_STILL = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class Config:
    """Where Unreal is and how long it may take; see bridge.engines.unreal.Config, whose words these are."""

    engine_address: str = ""
    token_file: str = ""
    connect_timeout_s: float = 10.0
    step_timeout_s: float = 30.0
    load_timeout_s: float = 240.0
    shared_memory: Literal["auto", "never"] = "auto"


class UnrealRenderer:
    """The `Renderer` of bridge.types on a line to Unreal. What is shown is known here whole, so that a line that broke is
    made good by the next picture: it connects, tells the scene and puts everything in its place.

    Frames carry the tick of the poses and are proven to be of it, see bridge.unreal.looks.
    """

    name = "unreal"

    def __init__(self, config: Config) -> None:
        where = reach(config.engine_address, config.token_file, connect_timeout_s=config.connect_timeout_s)
        self._config, self._channel = config, Channel(where)
        self._looks = Looks(self._channel, ring.folder() if config.shared_memory == "auto" and where.is_here else None)
        self._scene: Scene | None = None
        self._told: Scene | None = None
        self._shown = Appearance()
        self._bodies: Bodies | None = None
        self._epoch = self._revision = self._version = 0
        self._time_s = 0.0
        self._spawned: list[str] = []
        self._sent: NDArray[np.float64] | None = None
        self._connect()

    @property
    def device(self) -> str:
        """Which Unreal draws, and where."""
        return self._device

    def load(self, scene: Scene) -> None:
        """Prepares a scene for drawing; replaces the one before. What differs by changes alone is told as changes."""
        self._scene, self._bodies = scene, Bodies(labels_of(scene))
        self._show()

    def pose(self, state: WorldState) -> None:
        """Moves the instances named in `state`; frames drawn from now on carry its tick. They are told with the next look."""
        self._loaded().move(state)
        self._time_s = state.time_s

    def observe(self, cameras: Sequence[Camera], modalities: Sequence[Modality] = MODALITIES) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the same tick. Raises Refused where Unreal shows another."""
        bodies = self._loaded()
        codec.numbers_of_modalities(modalities)
        missing = [name for name in modalities if name not in self._offered]
        if missing:
            raise NotSupported(f"Unreal at {self._channel.address} has no {', '.join(missing)} to show.")
        if not cameras or not modalities:
            return tuple(Frame(camera.name, bodies.tick) for camera in cameras)
        if not self._channel.is_up:
            self._connect()
            self._show()
        standing = [_in_world(camera, bodies.pose_of(camera.mount)) for camera in cameras]
        instant, limit_s = Instant(self._epoch, bodies.tick, self._revision), self._config.step_timeout_s
        poses = self._poses(bodies)
        put, self._sent = self._put(bodies, poses), None
        frames = self._looks.observe(standing, modalities, instant, limit_s=limit_s, first=put)
        self._sent = poses
        return tuple(
            frame if frame.segmentation is None else replace(frame, segmentation=self._true_ids(frame.segmentation))
            for frame in frames
        )

    def close(self) -> None:
        """Takes leave of Unreal, which goes on; the renderer cannot be used afterwards."""
        self._channel.close()
        self._looks.close()
        self._scene = self._bodies = None

    def _connect(self) -> None:
        self._told = self._sent = None
        report = self._channel.open()
        with self._channel.reading("open"):
            told = codec.info_of_message(report.engine)
        self._offered = told.capabilities
        self._device = f"{told.name} {told.version} at {self._channel.address}"

    def _show(self) -> None:
        """Has Unreal show the scene: as changes of what it shows if that will do, else told whole."""
        scene = self._scene
        assert scene is not None
        if not self._channel.is_up:
            self._connect()
        found = appearance(scene, self._told) if self._told is not None else None
        changes = found.since(self._shown) if found is not None else None
        if found is None or changes is None:
            if found is None:
                self._tell(scene)
                found = appearance(scene, scene)
                assert found is not None
            self._reset()
            changes = found.since(self._shown) or []
        if changes:
            edit = pb.EditWorld(changes=[codec.message_of_change(change) for change in changes])
            self._ask(pb.Order(edit=edit), "edit")
            self._revision += 1
            self._spawned += [change.name for change in changes if isinstance(change, Spawn)]
        self._shown = found
        self._number(scene)

    def _tell(self, scene: Scene) -> None:
        self._told, end = None, monotonic() + self._config.load_timeout_s
        for piece in tell(scene):
            order = pb.Order(epoch=self._epoch + 1, build=piece)
            self._channel.ask(order, f"load ({piece.WhichOneof('piece')})", max(end - monotonic(), 0.05))
        self._told = scene

    def _reset(self) -> None:
        """Everything as it was told."""
        assert self._told is not None
        self._epoch += 1
        self._ask(pb.Order(reset=pb.ResetWorld(seed=0)), "reset")
        self._revision, self._sent, self._spawned = 0, None, []
        self._shown = Appearance(environment=self._told.environment)

    def _number(self, scene: Scene) -> None:
        """Which ids Unreal gives: those of the scene as it was told, then what was spawned since, in that order."""
        assert self._told is not None
        ids = {row.name: row.id for row in scene.instances()}
        order = [row.name for row in self._told.instances()] + self._spawned
        self._ids = np.array([0, *(ids.get(name, 0) for name in order)], np.int32)
        placed = [name for group in self._told.placements for name in group.names]
        names = (*placed, *self._spawned, *(part.name for part in self._told.parts))
        self._version, self._names, self._sent = self._version + 1, names, None
        rows = {name: row for row, name in enumerate(name for group in scene.placements for name in group.names)}
        self._rows = np.array([rows[name] for name in names[: len(names) - len(scene.parts)]], np.int64)

    def _true_ids(self, seen: NDArray[np.int32]) -> NDArray[np.int32]:
        """The scene's ids of Unreal's. Raises EngineFailed for ids that nothing was given."""
        if seen.size and (int(seen.min()) < 0 or int(seen.max()) >= len(self._ids)):
            raise EngineFailed(
                f"Unreal at {self._channel.address} shows the instance {int(seen.max())}; {len(self._ids) - 1} were told. "
                "Install the plug-in of this simbridge there."
            )
        return read_only(self._ids[seen], np.int32)

    def _poses(self, bodies: Bodies) -> NDArray[np.float64]:
        """Where everything is that has a name in Unreal, shape (n,7)."""
        parts = np.tile(_STILL, (len(bodies.labels.parts), 1))
        for index, motion in bodies.moved_parts.items():
            parts[index] = motion
        return np.concatenate([bodies.placed[self._rows].reshape(-1, 7), parts])

    def _put(self, bodies: Bodies, poses: NDArray[np.float64]) -> pb.Order:
        """The order that puts everything there, and tells of what is there already nothing."""
        told = pb.SetPoses(tick=bodies.tick, time_s=self._time_s, names_version=self._version)
        if self._sent is None:
            told.names.extend(self._names)
            told.poses.CopyFrom(codec.message_of_array(poses))
        else:
            rows = np.flatnonzero((poses != self._sent).any(axis=1))
            told.rows.CopyFrom(codec.message_of_array(rows.astype(np.int32)))
            told.poses.CopyFrom(codec.message_of_array(poses[rows]))
        return pb.Order(set_poses=told)

    def _ask(self, order: pb.Order, what: str) -> pb.Report:
        order.epoch = self._epoch
        return self._channel.ask(order, what, self._config.step_timeout_s)

    def _loaded(self) -> Bodies:
        if self._bodies is None:
            raise EngineFailed("This renderer has no scene. Call load(scene) first.")
        return self._bodies


def _in_world(camera: Camera, mount: NDArray[np.float64] | None) -> Camera:
    """The camera where it stands, so that it matters to nobody else what it is mounted on."""
    view = view_of(camera, mount)
    if mount is None:
        return camera
    return replace(camera, mount="world", mount_from_camera=Pose(view.position, quat_from_matrix(view.axes)))


def make(config: Config) -> UnrealRenderer:
    """The renderer, connected. Raises EngineUnavailable where Unreal is not up, TooLate where it is slow."""
    return UnrealRenderer(config)
