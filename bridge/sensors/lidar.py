"""A rotating lidar: ranges, ids and intensities of a sweep, traced with Embree, weakened by weather, with lost and false echoes.

A sweep is taken at one instant, the end of a tick: nothing is bent by the sensor's own motion.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat
from bridge.scene import Environment, Scene
from bridge.sensors.moment import Moment, check_not_negative, check_positive
from bridge.sensors.noise import stream
from bridge.sensors.places import AT_MOUNT, sensor_pose
from bridge.sensors.readings import LidarScan, frozen
from bridge.types import Pose

if TYPE_CHECKING:
    from bridge.render.embree import Hit
    from bridge.render.palette import Palette

_PLANT_ALBEDO = 0.45
"""What leaves give back in the near infrared, far more than of visible light."""
_PLANTS = ("foliage", "grass", "crops")
_WET_LOSS = 0.4
"""How much less fully wet ground gives back."""
_DROP_MEAN_M = 4.0
"""Mean distance of the drops and flakes that are taken for things."""


@dataclass(frozen=True)
class Config:
    """A lidar on body `mount`, through which its beams pass, as through the bodies in `ignores` and the links of robots
    in it ("panda" stands for "panda/link1" too).

    `elevations_rad` are its channels, the highest first; each has `columns` beams over `azimuth_span_rad` about forward.
    What is nearer than `least_m` or farther than `most_m` gives no range. `dark_range_m` is how far a surface that gives
    back a tenth is seen in clear air, head on; beams that come back weaker are lost. `range_noise_m` and
    `signal_noise` (a share) are standard deviations. `false_echo` is the share of beams that the heaviest rain or snow
    sends back early. With `is_ideal` beams meet what they meet: no noise, no weather, nothing lost.
    """

    name: str = "lidar"
    mount: str = "world"
    mount_from_sensor: Pose = AT_MOUNT
    rate_hz: float = 10.0
    elevations_rad: tuple[float, ...] = tuple(np.radians(np.linspace(15, -15, 16)).tolist())
    columns: int = 1024
    azimuth_span_rad: float = 2 * math.pi
    least_m: float = 0.4
    most_m: float = 100.0
    dark_range_m: float = 50.0
    range_noise_m: float = 0.02
    signal_noise: float = 0.15
    false_echo: float = 0.03
    is_ideal: bool = False
    ignores: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"Sensor '{self.name}'"
        check_positive(where, rate_hz=self.rate_hz, most_m=self.most_m, dark_range_m=self.dark_range_m)
        check_not_negative(
            where, least_m=self.least_m, range_noise_m=self.range_noise_m, signal_noise=self.signal_noise,
            false_echo=self.false_echo,
        )  # fmt: skip
        if not self.elevations_rad or self.columns < 1 or not 0 < self.azimuth_span_rad <= 2 * math.pi + 1e-9:
            raise InvalidInput(
                f"{where} has {len(self.elevations_rad)} channels of {self.columns} columns over {self.azimuth_span_rad} "
                "rad. Give it at least one of each, and a span above 0 and up to 2 pi."
            )
        if not max(abs(angle) for angle in self.elevations_rad) <= math.pi / 2:
            raise InvalidInput(f"{where}: elevations_rad reach beyond a right angle. Give radians, not degrees.")

    def read(self, moment: Moment) -> LidarScan:
        """A sweep at the end of the tick. Raises RendererUnavailable where Embree is not installed."""
        from bridge.render.tracer import tracer_of  # brings the builders of triangles along

        scene, after = moment.scene, moment.after
        pose = sensor_pose(scene, after, self.mount, self.mount_from_sensor)
        beams = directions(self)
        tracer = tracer_of(scene)
        rays = beams.reshape(-1, 3).astype(np.float64) @ matrix_from_quat(pose[3:]).T
        passes = [name for name in after.names if name.startswith(tuple(f"{robot}/" for robot in self.ignores))]
        passes += [name for name in (self.mount, *self.ignores) if name != "world"]
        hit = tracer.hits(pose[:3], rays, after, most_m=self.most_m, absent=moment.absent, passes=passes)
        intensity = _reflected(hit, rays, tracer.palette, scene)
        ranges, ids = hit.depth, hit.ids.astype(np.int32)
        if not self.is_ideal:
            rng = stream(moment.seed, self.name, after.tick)
            ranges, ids, intensity = _through_air(self, scene.environment, rng, ranges, ids, intensity)
        is_none = ~((ranges >= self.least_m) & (ranges <= self.most_m))
        ranges = np.where(is_none, np.inf, ranges).astype(np.float32)
        ids = np.where(is_none, 0, ids).astype(np.int32)
        intensity = np.where(is_none, 0, intensity).astype(np.float32)
        shape = beams.shape[:2]
        ranges, ids, intensity = ranges.reshape(shape), ids.reshape(shape), intensity.reshape(shape)
        frozen(ranges, ids, intensity, beams, pose)
        return LidarScan(after.tick, after.time_s, ranges, ids, intensity, beams, pose)


CHANNELS_16 = Config()
"""16 channels over 30°, 100 m: the class of sensor that small robots carry."""
CHANNELS_32 = Config(
    elevations_rad=tuple(np.radians(np.linspace(22.5, -22.5, 32)).tolist()), columns=1024, most_m=120.0, dark_range_m=70.0
)  # fmt: skip
"""32 channels over 45°, 120 m."""
CHANNELS_64 = Config(
    elevations_rad=tuple(np.radians(np.linspace(2.0, -24.8, 64)).tolist()), columns=2048, most_m=120.0, dark_range_m=60.0
)  # fmt: skip
"""64 channels, most of them downwards, 120 m: what recorded driving data sets carry on the roof."""


def directions(config: Config) -> NDArray[np.float32]:
    """Unit beams (channels, columns, 3), sensor frame; columns run clockwise, the one in the middle looks forward."""
    up = np.asarray(config.elevations_rad, dtype=np.float64)[:, None]
    turn = (0.5 - (np.arange(config.columns) + 0.5) / config.columns) * config.azimuth_span_rad
    rise = np.broadcast_to(np.sin(up), (len(up), config.columns))
    return np.stack([np.cos(up) * np.cos(turn), np.cos(up) * np.sin(turn), rise], axis=-1).astype(np.float32)


def prepare(scene: Scene) -> None:
    """Makes a scene ready for beams, which takes seconds for a town; otherwise the first sweep does."""
    from bridge.render.tracer import tracer_of

    tracer_of(scene)


def attenuation_per_m(environment: Environment) -> float:
    """Extinction of the air [1/m], by Koschmieder's law from the visibility (contrast 5 %)."""
    return -math.log(0.05) / max(environment.visibility_m, 1.0)


def _reflected(hit: "Hit", rays: NDArray, palette: "Palette", scene: Scene) -> NDArray[np.float64]:
    """What surfaces give back of a beam, 0 to 1, whatever their distance, (n,).

    Rough surfaces give back their albedo times the cosine of incidence (Lambert); smooth ones as much less as they are
    smooth, and a highlight head on, so that water and glass are mostly dark.
    """
    rows = palette.rows.astype(np.float64)
    albedo = rows[:, :3].mean(axis=1)
    plants = [palette.layer(name) for name in _PLANTS if palette.layer(name) >= 0]
    albedo = np.where(np.isin(rows[:, 8].astype(np.int64), plants), np.maximum(albedo, _PLANT_ALBEDO), albedo)
    roughness = rows[:, 3]
    cosine = np.clip(-(hit.normals * rays).sum(axis=1), 0.0, 1.0)
    soil = albedo[hit.materials] * (1 - _WET_LOSS * scene.environment.wetness * np.clip(hit.normals[:, 2], 0, 1))
    matte = np.clip(roughness / 0.4, 0.05, 1.0)[hit.materials]
    highlight = 0.3 * (1 - matte) * cosine**200
    return np.clip(soil * matte * cosine + highlight, 0.0, 1.0) * (hit.ids > 0)


def _through_air(
    config: Config,
    environment: Environment,
    rng: np.random.Generator,
    ranges: NDArray,
    ids: NDArray,
    intensity: NDArray,
) -> tuple[NDArray, NDArray, NDArray]:
    """What comes back of beams: noisy, weaker by distance and weather, some lost, some sent back early by drops.

    The signal of a surface is intensity · exp(-2 a r) / r², with `a` the air's extinction; it is lost below what a tenth
    gives at `dark_range_m`. False echoes are a simple model, not fitted to a device.
    """
    range_noise, signal_noise = rng.standard_normal((2, len(ranges)))
    chance, drop_m = rng.random(len(ranges)), rng.exponential(_DROP_MEAN_M, len(ranges)) + config.least_m
    air = attenuation_per_m(environment)
    r = np.maximum(np.where(np.isfinite(ranges), ranges, 1.0), 1e-3).astype(np.float64)  # beams may begin in a thing
    signal = (
        intensity * np.exp(-2 * air * r) * (config.dark_range_m / r) ** 2 * (1 + config.signal_noise * signal_noise)
    )
    is_lost = (signal < 0.1) | ~np.isfinite(ranges)
    far = np.where(is_lost, np.inf, r + config.range_noise_m * range_noise)
    thick = max(
        environment.rain, environment.snowfall, 1 - math.exp(-air / 0.02) if environment.weather == "fog" else 0.0
    )
    is_drop = (chance < config.false_echo * thick) & (drop_m < ranges)
    faint = 0.02 * np.exp(-2 * air * drop_m)
    return np.where(is_drop, drop_m, far), np.where(is_drop | is_lost, 0, ids), np.where(is_drop, faint, intensity)
