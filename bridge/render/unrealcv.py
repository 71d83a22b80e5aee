"""Pictures from any Unreal binary that has UnrealCV, whose bodies are put where another engine has them; not run against a real Unreal here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.errors import EngineFailed, NotSupported
from bridge.frames import matrix_from_quat, quat_product
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, Pose, WorldState
from bridge.unrealcv.answers import all_ok
from bridge.unrealcv.bodies import place_lines, pose_lines, poses_of
from bridge.unrealcv.channel import Channel, connect, leave
from bridge.unrealcv.dialect import Dialect, tongue_of
from bridge.unrealcv.found import found_town
from bridge.unrealcv.looking import Looking, Witness
from bridge.unrealcv.spawned import read_blueprints, spawned_town
from bridge.unrealcv.town import Town

PAUSE = "vset /action/game/pause"
_NEAR_M, _NEAR_COSINE = 0.01, 0.9999
"""How far from where it was put a body may be found: what is printed, and what Unreal keeps, is rounded."""


@dataclass(frozen=True)
class Config:
    """Where Unreal is and what is made of it; see bridge.engines.unrealcv.Config, whose words these are."""

    engine_address: str = "localhost:9000"
    token_file: str = ""
    dialect: Dialect = "auto"
    world: Literal["auto", "as-is", "spawn"] = "auto"
    blueprints: str = ""
    ground_z_cm: float = 0.0
    tries: int = 5
    connect_timeout_s: float = 10.0
    timeout_s: float = 30.0


class UnrealCvRenderer:
    """The `Renderer` of bridge.types on a connection to Unreal, whose game is paused: nothing moves but what is put.

    What is shown is known here whole, so that a connection that broke is made good by the next picture.
    """

    name = "unrealcv"

    def __init__(self, config: Config) -> None:
        self._config, self._blueprints = config, read_blueprints(config.blueprints)
        self._looking = Looking(self._connected, timeout_s=config.timeout_s, tries=config.tries)
        self._scene: Scene | None = None
        self._town: Town | None = None
        self._tick = 0
        self._connect()

    @property
    def device(self) -> str:
        """Which Unreal draws, and where."""
        return f"{self._channel.project} at {self._channel.where} ({self._tongue.dialect} {self._tongue.version})"

    def load(self, scene: Scene) -> None:
        """Prepares a scene for drawing; of a scene spawned before stays what is the same in both."""
        if not self._channel.is_open:
            self._connect()
        self._show(scene)

    def pose(self, state: WorldState) -> None:
        """Moves the instances named in `state`; frames drawn from now on carry its tick. They are put with the next look."""
        self._loaded()
        self._tick = state.tick
        self._now |= {name: pose for name, pose in zip(state.names, state.poses, strict=True) if name in self._now}

    def observe(self, cameras: Sequence[Camera], modalities: Sequence[Modality] = MODALITIES) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the tick of the poses. Raises EngineFailed where that cannot be proven."""
        scene = self._loaded()
        if not self._channel.is_open:
            now = self._now
            self._connect()
            self._show(scene)
            self._now |= {name: pose for name, pose in now.items() if name in self._now}
        town = self._town
        assert town is not None
        moved = self._put(town)
        asked: list[Modality] = [name for name in MODALITIES if name in modalities]
        return self._looking.observe(
            [self._in_the_world(camera) for camera in cameras], asked, tick=self._tick, border=town.border,
            witness=self._witness(town, moved), id_of=town.id_of,
        )  # fmt: skip

    def close(self) -> None:
        """Ends the connection; the renderer cannot be used afterwards. The game, which was paused for us, runs on."""
        leave(self._channel, min(self._config.timeout_s, 5.0))
        self._scene = self._town = None

    def _connect(self) -> None:
        config = self._config
        self._town = None
        self._channel = connect(config.engine_address, config.connect_timeout_s, token_file=config.token_file)
        try:
            self._tongue = tongue_of(self._channel, config.dialect, config.timeout_s)
        except BaseException:
            self._channel.close()
            raise
        self._looking.forget()

    def _show(self, scene: Scene) -> None:
        """The scene as the level has it, or spawned; everything where the scene says."""
        config, channel = self._config, self._channel
        all_ok([PAUSE], channel.ask([PAUSE], config.timeout_s))
        former = self._town if self._town is not None and self._town.is_spawned else None
        town = None
        if former is None and config.world != "spawn":
            town = found_town(channel, self._tongue, scene, config.timeout_s)
        if town is None and config.world == "as-is":
            raise NotSupported(
                f"{channel.where} has no world of the scene '{scene.name}'. Open its level, or let it spawn."
            )
        self._town = town or spawned_town(
            channel, self._tongue, scene, config.timeout_s, blueprints=self._blueprints, ground_z_cm=config.ground_z_cm,
            former=former,
        )  # fmt: skip
        self._scene = scene
        self._now: dict[str, NDArray[np.float64]] = {
            name: pose
            for group in scene.placements
            for name, pose in zip(group.names, group.poses, strict=True)
            if name in self._town.there
        }
        self._told = dict(self._now) if town is None and former is None else {}

    def _put(self, town: Town) -> list[str]:
        """Puts everything that is elsewhere than it was put last, and says what that is."""
        moved = [
            name
            for name, pose in self._now.items()
            if name not in self._told or not np.array_equal(pose, self._told[name])
        ]
        lines = place_lines(town, {name: self._now[name] for name in moved})
        all_ok(lines, self._channel.ask(lines, self._config.timeout_s))
        self._told |= {name: self._now[name] for name in moved}
        return moved

    def _witness(self, town: Town, moved: Sequence[str]) -> Witness:
        """What was moved has to be found where it was put, before the pictures and after them."""
        lines = pose_lines([town.there[name] for name in moved])

        def finds(answers: Sequence[bytes]) -> str:
            found = poses_of(town, moved, lines, answers) if moved else np.zeros((0, 7))
            wanted = np.array([self._now[name] for name in moved]).reshape(-1, 7)
            away = np.linalg.norm(found[:, :3] - wanted[:, :3], axis=1)
            turned = np.abs((found[:, 3:] * wanted[:, 3:]).sum(axis=1))
            for name, metres, cosine in zip(moved, away, turned, strict=True):
                if metres > _NEAR_M or cosine < _NEAR_COSINE:
                    self._told.pop(name, None)
                    return f"'{name}' is {metres:.2f} m from where it was put"
            return ""

        return Witness(tuple(lines), finds=finds)

    def _in_the_world(self, camera: Camera) -> Camera:
        """A camera that is mounted on a body, where that is now."""
        pose, mount = self._now.get(camera.mount), camera.mount_from_camera
        if camera.mount == "world" or pose is None:
            return replace(camera, mount="world")
        position = pose[:3] + matrix_from_quat(pose[3:]) @ np.asarray(mount.position)
        return replace(camera, mount="world", mount_from_camera=Pose(position, quat_product(pose[3:], mount.quat_wxyz)))

    def _connected(self) -> Channel:
        return self._channel

    def _loaded(self) -> Scene:
        if self._scene is None:
            raise EngineFailed("This renderer has no scene. Call load(scene) first.")
        return self._scene


def make(config: Config) -> UnrealCvRenderer:
    """The renderer, connected. Raises EngineUnavailable where Unreal is not up, TooLate where it is slow."""
    return UnrealCvRenderer(config)
