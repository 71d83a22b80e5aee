"""What agents carry: for every kind of agent which sensors, and where on its body; and the user's choice among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bridge.errors import InvalidInput, UnknownCamera, UnknownName
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.sensors import boxes, flow
from bridge.sensors.gps import Config as Gps
from bridge.sensors.imu import Config as Imu
from bridge.sensors.lidar import CHANNELS_16, CHANNELS_32
from bridge.sensors.lidar import Config as Lidar
from bridge.sensors.moment import Sensor
from bridge.sensors.places import AT_MOUNT
from bridge.sensors.suite import SensorSuite
from bridge.sensors.touch import Config as Touch
from bridge.types import Camera, Pose

_SMALL, _ROOF = replace(CHANNELS_16, columns=512), replace(CHANNELS_32, columns=512)
_IMU, _GPS, _TOUCH = Imu(), Gps(), Touch()
Place = tuple[float, float, float]
"""Where a sensor sits: a share of the body's length ahead of its middle, a share of its height, and metres above that."""


@dataclass(frozen=True)
class Config:
    """What one kind of agent carries. Descriptions say what sensors are like; mounts and places are the agent's.

    `lidar_at`, `imu_at` and `gps_at` are Places; what looks, looks through the agent's camera of the name `camera`.
    """

    lidar: Lidar = _SMALL
    imu: Imu = _IMU
    gps: Gps = _GPS
    touch: Touch = _TOUCH
    lidar_at: Place = (0.0, 1.0, 0.15)
    imu_at: Place = (0.0, 0.5, 0.0)
    gps_at: Place = (0.0, 1.0, 0.05)
    camera: str = "front"
    classes: tuple[str, ...] = boxes.ROAD_USERS
    least_pixels: int = 4


OUTFITS: Mapping[str, Config] = {
    "person": Config(imu_at=(0.0, 0.6, 0.0)),
    "robot": Config(lidar_at=(0.15, 1.0, 0.08)),
    "vehicle": Config(lidar=_ROOF, lidar_at=(0.0, 1.0, 0.25), imu_at=(0.0, 0.3, 0.0), gps_at=(-0.2, 1.0, 0.05)),
    "boat": Config(lidar_at=(0.0, 1.0, 0.3), imu_at=(0.0, 0.2, 0.0)),
}  # fmt: skip
"""By the semantic class of who carries; all others are dressed as `Config()` says."""

_UNSEEN_M = (0.5, 0.56, 1.75)
"""How large an agent is that the scene does not draw."""


_BLANK = Camera("", 128, 96, 1.0, Pose(np.zeros(3)))
"""Stands for the agent's own camera until it is known."""

NAMED: Mapping[str, Callable[[Config], Sensor]] = {
    "lidar": lambda outfit: outfit.lidar,
    "imu": lambda outfit: outfit.imu,
    "gps": lambda outfit: outfit.gps,
    "touch": lambda outfit: outfit.touch,
    "boxes": lambda outfit: boxes.Flat(_BLANK, classes=outfit.classes, least_pixels=outfit.least_pixels),
    "boxes-3d": lambda outfit: boxes.Solid(_BLANK, classes=outfit.classes, least_pixels=outfit.least_pixels),
    "flow": lambda _: flow.Config(_BLANK),
}
"""The sensors that can be asked for by name."""
_PLACES = {Lidar: "lidar_at", Imu: "imu_at", Gps: "gps_at"}


def described(sensors: Sequence[str | Sensor], outfit: Config) -> tuple[Any, ...]:
    """Descriptions of the sensors asked for, not mounted yet. Raises UnknownName, InvalidInput."""
    if isinstance(sensors, str):
        raise InvalidInput(f"sensors is the text '{sensors}'; expected a list: ['{sensors}'].")
    unknown = [one for one in sensors if isinstance(one, str) and one not in NAMED]
    if unknown:
        raise UnknownName(unknown_name("sensor", str(unknown[0]), NAMED))
    return tuple(NAMED[one](outfit) if isinstance(one, str) else one for one in sensors)


def carried(
    agent: str,
    sensors: Sequence[str | Sensor],
    scene: Scene,
    cameras: Mapping[str, Camera],
    *,
    outfits: Mapping[str, Config] = OUTFITS,
) -> SensorSuite:
    """The suite of one agent: sensors by name as its kind carries them, or described by the user.

    A description without a mount ("world") and place of its own is put where the agent's kind carries such a sensor.
    What looks, looks through the agent's own of `cameras` (by name). Raises UnknownName, UnknownCamera, InvalidInput, and NameTaken for
    two of a name.
    """
    semantic, extent = _body(agent, scene)
    outfit = outfits.get(semantic, Config())
    return SensorSuite(tuple(_mounted(one, agent, outfit, extent, cameras) for one in described(sensors, outfit)))


def agent_camera(agent: str, which: str, cameras: Mapping[str, Camera]) -> Camera | None:
    """An agent's camera of a name; of those that came later, whose cameras nobody described, one like the others'."""
    known = cameras.get(f"{agent}/{which}")
    if known is None:
        example = next((camera for name, camera in cameras.items() if name.endswith(f"/{which}")), None)
        known = example and replace(example, name=f"{agent}/{which}", mount=agent)
    return known


def sized_camera(agent: str, which: str, cameras: Mapping[str, Camera], *, width: int, height: int) -> Camera | str:
    """An agent's camera with pictures of a size [px]; its name, for the engine's own size, where nobody described one."""
    known = agent_camera(agent, which, cameras)
    return f"{agent}/{which}" if known is None else replace(known, width=width, height=height)


def _mounted(
    sensor: Any,
    agent: str,
    outfit: Config,
    extent: np.ndarray,
    cameras: Mapping[str, Camera],
) -> Sensor:
    if getattr(sensor, "camera", None) is not None:
        if sensor.camera is not _BLANK:
            return sensor
        camera = agent_camera(agent, outfit.camera, cameras)
        if camera is None:
            wanted = unknown_name("camera", f"{agent}/{outfit.camera}", cameras)
            raise UnknownCamera(f"Sensor '{sensor.name}' looks through it: {wanted}")
        return replace(sensor, camera=camera)
    if getattr(sensor, "mount", None) != "world":
        return sensor
    if sensor.mount_from_sensor is not AT_MOUNT:
        return replace(sensor, mount=agent)
    ahead, up, above = getattr(outfit, _PLACES.get(type(sensor), ""), (0.0, 0.0, 0.0))
    place = np.array([ahead * extent[0], 0.0, up * extent[2] + above])
    return replace(sensor, mount=agent, mount_from_sensor=Pose(place))


def _body(agent: str, scene: Scene) -> tuple[str, np.ndarray]:
    """Semantic class and extents (3,) [m] of an agent."""
    for group in scene.placements:
        if agent in group.names:
            asset = scene.assets[group.asset]
            return asset.semantic, np.asarray(asset.size) * group.scale[group.names.index(agent)]
    return "person", np.array(_UNSEEN_M)
