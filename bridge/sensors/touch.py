"""A sense of touch: what one body is in contact with, where on it, and how hard."""

from dataclasses import dataclass

import numpy as np

from bridge.errors import NotSupported
from bridge.frames import matrix_from_quat
from bridge.sensors.moment import Moment, check_not_negative, check_positive
from bridge.sensors.places import AT_MOUNT, sensor_pose
from bridge.sensors.readings import Touch, frozen
from bridge.types import Pose


@dataclass(frozen=True)
class Config:
    """Touch of body `mount`, contacts under `least_n` [N] left out; positions are told in the sensor's frame."""

    name: str = "touch"
    mount: str = "world"
    mount_from_sensor: Pose = AT_MOUNT
    rate_hz: float = 50.0
    least_n: float = 0.0

    def __post_init__(self) -> None:
        check_positive(f"Sensor '{self.name}'", rate_hz=self.rate_hz)
        check_not_negative(f"Sensor '{self.name}'", least_n=self.least_n)

    def read(self, moment: Moment) -> Touch:
        """What the body touches. Raises NotSupported where the engine tells no contacts."""
        after, contacts = moment.after, moment.after.contacts
        if contacts is None:
            raise NotSupported(
                f"Sensor '{self.name}' needs contacts and the engine tells none. Leave it out, or use an engine that has them."
            )
        pose = sensor_pose(moment.scene, after, self.mount, self.mount_from_sensor)
        forces = np.asarray(contacts.forces, np.float64)
        rows = [k for k, pair in enumerate(contacts.names) if self.mount in pair and forces[k] >= self.least_n]
        names = tuple(b if a == self.mount else a for a, b in (contacts.names[k] for k in rows))
        world = np.asarray(contacts.positions, np.float64).reshape(-1, 3)[rows]
        positions, felt = (world - pose[:3]) @ matrix_from_quat(pose[3:]), forces[rows]
        frozen(positions, felt)
        return Touch(after.tick, after.time_s, names, positions, felt)
