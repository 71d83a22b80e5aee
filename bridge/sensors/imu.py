"""An inertial measurement unit: specific force and angular rate of a point on a body, with noise and drifting bias."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat, quat_inverse, quat_product
from bridge.sensors.moment import Moment, check_not_negative, check_positive
from bridge.sensors.noise import drift, stream
from bridge.sensors.places import AT_MOUNT, halfway, mount_pose, mount_velocity, rotation_vector, sensor_pose
from bridge.sensors.readings import Imu, frozen
from bridge.types import Pose, WorldState

_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Config:
    """An inertial unit on body `mount`; the defaults are of a good phone's.

    Noise densities are one-sided, as in data sheets, per root hertz: white noise of standard deviation density · √rate.
    Biases are Gauss-Markov processes with the standard deviations given, forgotten after `bias_correlation_s`. Readings
    stop at `most_force_m_s2` and `most_rate_rad_s`.
    """

    name: str = "imu"
    mount: str = "world"
    mount_from_sensor: Pose = AT_MOUNT
    rate_hz: float = 50.0
    gravity_m_s2: float = 9.81
    force_noise_m_s2_per_root_hz: float = 1.5e-3
    rate_noise_rad_s_per_root_hz: float = 1.7e-4
    force_bias_m_s2: float = 0.02
    rate_bias_rad_s: float = 5e-4
    bias_correlation_s: float = 300.0
    most_force_m_s2: float = 157.0
    most_rate_rad_s: float = 35.0

    def __post_init__(self) -> None:
        check_positive(
            f"Sensor '{self.name}'", rate_hz=self.rate_hz, most_force_m_s2=self.most_force_m_s2,
            most_rate_rad_s=self.most_rate_rad_s,
        )  # fmt: skip
        check_not_negative(
            f"Sensor '{self.name}'", force_noise_m_s2_per_root_hz=self.force_noise_m_s2_per_root_hz,
            rate_noise_rad_s_per_root_hz=self.rate_noise_rad_s_per_root_hz, force_bias_m_s2=self.force_bias_m_s2,
            rate_bias_rad_s=self.rate_bias_rad_s, bias_correlation_s=self.bias_correlation_s,
        )  # fmt: skip

    def read(self, moment: Moment) -> Imu | None:
        """What it reads; None before there are two states, or three from an engine that tells no velocities."""
        before, after = moment.before, moment.after
        if before is None or after.time_s <= before.time_s:
            return None
        if moment.earlier is None and mount_velocity(after, self.mount) is None:
            return None
        force, rate = motion(self, moment)
        noisy = stream(moment.seed, self.name, after.tick).standard_normal(6)
        bias = drift(moment.seed, self.name, after.tick, correlation_s=self.bias_correlation_s, size=6)
        root = np.sqrt(self.rate_hz)
        force = force + self.force_noise_m_s2_per_root_hz * root * noisy[:3] + self.force_bias_m_s2 * bias[:3]
        rate = rate + self.rate_noise_rad_s_per_root_hz * root * noisy[3:] + self.rate_bias_rad_s * bias[3:]
        force = np.clip(force, -self.most_force_m_s2, self.most_force_m_s2)
        rate = np.clip(rate, -self.most_rate_rad_s, self.most_rate_rad_s)
        frozen(force, rate)
        return Imu(after.tick, after.time_s, force, rate)


def motion(config: Config, moment: Moment) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Specific force (3,) [m/s²] and angular rate (3,) [rad/s] without error, sensor frame: means over the tick.

    The rate is the turn from one orientation to the next, what a gyro integrates. The acceleration is the change of the
    sensor's velocity (the body's, and the arm's by the body's turning); without velocities it is that of the last three
    positions, half a tick late. Raises InvalidInput where states are missing.
    """
    before, after = moment.before, moment.after
    if before is None or after.time_s <= before.time_s:
        raise InvalidInput("An inertial unit needs a state before and one after it. Step the engine once.")
    span_s = after.time_s - before.time_s
    start, end = (sensor_pose(moment.scene, s, config.mount, config.mount_from_sensor) for s in (before, after))
    rate = rotation_vector(quat_product(quat_inverse(start[3:]), end[3:])) / span_s
    speeds = [_velocity(config, moment, state, pose) for state, pose in ((before, start), (after, end))]
    if speeds[0] is not None and speeds[1] is not None:
        acceleration, turned = (speeds[1] - speeds[0]) / span_s, halfway(start[3:], end[3:])
    else:
        earlier = moment.earlier
        if earlier is None or before.time_s <= earlier.time_s:
            raise InvalidInput(
                f"The engine tells no velocity of '{config.mount}'. Hand the state before `before` over as `earlier`."
            )
        origin = sensor_pose(moment.scene, earlier, config.mount, config.mount_from_sensor)
        first, turned = before.time_s - earlier.time_s, start[3:]
        steps = (end[:3] - start[:3]) / span_s, (start[:3] - origin[:3]) / first
        acceleration = (steps[0] - steps[1]) / (0.5 * (span_s + first))
    force = matrix_from_quat(turned).T @ (acceleration + config.gravity_m_s2 * _UP)
    return force, rate


def _velocity(config: Config, moment: Moment, state: WorldState, pose: NDArray) -> NDArray[np.float64] | None:
    """Velocity (3,) [m/s] of the sensor in the world, or None where the engine does not tell."""
    body = mount_velocity(state, config.mount)
    if body is None:
        return None
    arm = pose[:3] - mount_pose(moment.scene, state, config.mount)[:3]
    return body[:3] + np.cross(body[3:], arm)
