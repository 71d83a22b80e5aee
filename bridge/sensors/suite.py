"""What a robot carries: a set of sensors, and all their readings of one tick."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bridge.errors import NameTaken
from bridge.scene import Scene
from bridge.sensors.moment import Moment, Sensor, is_due
from bridge.sensors.readings import Reading
from bridge.types import Camera, Frame, WorldState


@dataclass(frozen=True)
class SensorSuite:
    """Sensors with different names, on any bodies; `sense` reads those that are due.

    `SensorSuite((imu.Config(mount="car-1"), replace(lidar.CHANNELS_16, mount="car-1"), boxes.Flat(camera)))`
    """

    sensors: tuple[Sensor, ...]

    def __post_init__(self) -> None:
        names = [sensor.name for sensor in self.sensors]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise NameTaken(f"Two sensors are called '{twice[0]}'. Give each a name of its own; it keys the noise.")

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras whose frames sensors look at, with depth and segmentation, each once: observe these."""
        found = (getattr(sensor, "camera", None) for sensor in self.sensors)
        return tuple({camera.name: camera for camera in found if camera is not None}.values())

    def sense(
        self,
        scene: Scene,
        before: WorldState | None,
        after: WorldState,
        frames: Sequence[Frame] = (),
        *,
        seed: int,
        earlier: WorldState | None = None,
        absent: Collection[str] = (),
    ) -> dict[str, Reading]:
        """Readings by sensor name at the end of the tick from `before` to `after`, of the sensors that are due.

        `before` is None at an episode's start, where what needs two states (an IMU, flow) reads nothing. The rest is as in
        Moment. The same arguments give the same readings, whatever was asked before.
        """
        moment = Moment(scene, before, after, frames, seed, earlier, absent)
        due = [sensor for sensor in self.sensors if is_due(sensor.rate_hz, moment)]
        readings = {sensor.name: sensor.read(moment) for sensor in due}
        return {name: reading for name, reading in readings.items() if reading is not None}
