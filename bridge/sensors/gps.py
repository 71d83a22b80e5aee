"""A satellite receiver: position and velocity in the scene's ENU frame and in WGS84, with an error that wanders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.errors import InvalidInput
from bridge.scene import Scene
from bridge.sensors.moment import Moment, check_not_negative, check_positive
from bridge.sensors.noise import drift, stream
from bridge.sensors.places import AT_MOUNT, mount_pose, mount_velocity, sensor_pose
from bridge.sensors.readings import Fix, frozen
from bridge.types import Pose

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1 / 298.257223563
_E2 = FLATTENING * (2 - FLATTENING)
"""WGS84's ellipsoid (NIMA TR8350.2): semi-major axis, flattening, squared eccentricity."""


@dataclass(frozen=True)
class Config:
    """A receiver on body `mount`; the defaults are of a single-frequency one under an open sky.

    Errors are standard deviations a coordinate: `wander_m` (level) and `wander_up_m` of a Gauss-Markov process forgotten
    after `correlation_s`, and `noise_m`, drawn anew for every fix, up and level alike. A town lies on the ellipsoid where its
    environment's latitude is, on the meridian `origin_longitude_rad`, its sea level at `origin_altitude_m`.
    """

    name: str = "gps"
    mount: str = "world"
    mount_from_sensor: Pose = AT_MOUNT
    rate_hz: float = 5.0
    wander_m: float = 1.2
    wander_up_m: float = 2.5
    correlation_s: float = 60.0
    noise_m: float = 0.15
    velocity_noise_m_s: float = 0.05
    origin_longitude_rad: float = 0.0
    origin_altitude_m: float = 0.0

    def __post_init__(self) -> None:
        check_positive(f"Sensor '{self.name}'", rate_hz=self.rate_hz)
        check_not_negative(
            f"Sensor '{self.name}'", wander_m=self.wander_m, wander_up_m=self.wander_up_m, noise_m=self.noise_m,
            correlation_s=self.correlation_s, velocity_noise_m_s=self.velocity_noise_m_s,
        )  # fmt: skip

    def read(self, moment: Moment) -> Fix | None:
        """What it reads; None where the speed cannot be known: one state, of an engine that tells no velocities."""
        velocity = _velocity(self, moment)
        if velocity is None:
            return None
        after = moment.after
        true = sensor_pose(moment.scene, after, self.mount, self.mount_from_sensor)[:3]
        wander = np.array([self.wander_m, self.wander_m, self.wander_up_m])
        noise = stream(moment.seed, self.name, after.tick).standard_normal(6)
        drifting = drift(moment.seed, self.name, after.tick, correlation_s=self.correlation_s, size=3)
        position = true + wander * drifting + self.noise_m * noise[:3]
        velocity = velocity + self.velocity_noise_m_s * noise[3:]
        latitude, longitude, altitude = wgs84_from_enu(position, origin(self, moment.scene)).tolist()
        frozen(position, velocity)
        return Fix(
            after.tick, after.time_s, position, velocity, latitude, longitude, altitude,
            float(np.hypot(self.wander_m, self.noise_m)), float(np.hypot(self.wander_up_m, self.noise_m)),
        )  # fmt: skip


def origin(config: Config, scene: Scene) -> NDArray[np.float64]:
    """Where the scene's origin lies: latitude and longitude [rad], altitude [m], shape (3,)."""
    return np.array([scene.environment.latitude_rad, config.origin_longitude_rad, config.origin_altitude_m])


def wgs84_from_enu(position: ArrayLike, origin: ArrayLike) -> NDArray[np.float64]:
    """Latitude, longitude [rad] and altitude [m], shape (..., 3), of points ENU [m] (..., 3) from an origin (3,).

    Bowring's formula (1985), twice: exact to a micrometre wherever a town may be.
    """
    x, y, z = np.moveaxis(_ecef(origin) + np.asarray(position, np.float64) @ _axes(origin), -1, 0)
    level = np.hypot(x, y)
    reduced = np.arctan2(z, (1 - FLATTENING) * level)
    latitude = np.zeros_like(level)
    for _ in range(2):
        rise = z + _E2 / (1 - FLATTENING) * SEMI_MAJOR_M * np.sin(reduced) ** 3
        latitude = np.arctan2(rise, level - _E2 * SEMI_MAJOR_M * np.cos(reduced) ** 3)
        reduced = np.arctan2((1 - FLATTENING) * np.sin(latitude), np.cos(latitude))
    sine = np.sin(latitude)
    height = level * np.cos(latitude) + z * sine - SEMI_MAJOR_M * np.sqrt(1 - _E2 * sine**2)
    return np.stack([latitude, np.arctan2(y, x), height], axis=-1)


def enu_from_wgs84(place: ArrayLike, origin: ArrayLike) -> NDArray[np.float64]:
    """Points ENU [m] (..., 3) from an origin (3,), of latitude, longitude [rad] and altitude [m] (..., 3)."""
    return (_ecef(place) - _ecef(origin)) @ _axes(origin).T


def _ecef(place: ArrayLike) -> NDArray[np.float64]:
    """Earth-centred coordinates [m], shape (..., 3)."""
    latitude, longitude, altitude = np.moveaxis(np.asarray(place, np.float64), -1, 0)
    across = SEMI_MAJOR_M / np.sqrt(1 - _E2 * np.sin(latitude) ** 2)
    level = (across + altitude) * np.cos(latitude)
    up = (across * (1 - _E2) + altitude) * np.sin(latitude)
    return np.stack([level * np.cos(longitude), level * np.sin(longitude), up], axis=-1)


def _axes(origin: ArrayLike) -> NDArray[np.float64]:
    """East, north and up at a place as rows, earth-centred, shape (3,3)."""
    latitude, longitude, _ = np.asarray(origin, np.float64)
    (sa, ca), (so, co) = (np.sin(latitude), np.cos(latitude)), (np.sin(longitude), np.cos(longitude))
    return np.array([[-so, co, 0.0], [-sa * co, -sa * so, ca], [ca * co, ca * so, sa]])


def _velocity(config: Config, moment: Moment) -> NDArray[np.float64] | None:
    """The antenna's velocity (3,) [m/s] in the world: the engine's, or the way of the last tick."""
    scene, before, after = moment.scene, moment.before, moment.after
    here = sensor_pose(scene, after, config.mount, config.mount_from_sensor)[:3]
    body = mount_velocity(after, config.mount)
    if body is not None:
        return body[:3] + np.cross(body[3:], here - mount_pose(scene, after, config.mount)[:3])
    if before is None:
        return None
    if after.time_s <= before.time_s:
        raise InvalidInput(f"`before` is at {before.time_s} s, `after` at {after.time_s} s. Give the states in order.")
    return (here - sensor_pose(scene, before, config.mount, config.mount_from_sensor)[:3]) / (
        after.time_s - before.time_s
    )
