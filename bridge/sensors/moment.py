"""What there is to sense at one tick, and what a sensor is: a frozen description that reads it."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.errors import InvalidInput
from bridge.scene import Scene
from bridge.sensors.readings import Reading
from bridge.types import Camera, Frame, WorldState


@dataclass(frozen=True, eq=False)
class Moment:
    """Ground truth at the end of a tick, `after`; `before` is the state that came before it, None at an episode's start.

    `earlier` is the state before `before`: engines that tell no velocities need it for accelerations. `frames` are what
    cameras saw, of `after` and, for flow forwards, of `before`. `absent` names what is in the scene but gone from the world.
    """

    scene: Scene
    before: WorldState | None
    after: WorldState
    frames: Sequence[Frame] = ()
    seed: int = 0
    earlier: WorldState | None = None
    absent: Collection[str] = ()

    def frame(self, camera: Camera, tick: int, *modalities: str) -> Frame:
        """What a camera saw at a tick, with these modalities. Raises InvalidInput."""
        for frame in self.frames:
            if frame.camera == camera.name and frame.tick == tick:
                missing = [name for name in modalities if getattr(frame, name) is None]
                if missing:
                    raise InvalidInput(
                        f"The frame of '{camera.name}' at tick {tick} has no {' and no '.join(missing)}. Observe it with "
                        f"modalities {list(modalities)}."
                    )
                shape = getattr(frame, modalities[0]).shape[:2]
                if shape != (camera.height, camera.width):
                    raise InvalidInput(
                        f"The frame of '{camera.name}' at tick {tick} is {shape[1]}x{shape[0]}; its camera is "
                        f"{camera.width}x{camera.height}. Give the sensor the camera that was observed."
                    )
                return frame
        have = ", ".join(f"'{frame.camera}' at {frame.tick}" for frame in self.frames) or "none"
        raise InvalidInput(
            f"There is no frame of '{camera.name}' at tick {tick} (frames given: {have}). Observe the cameras of "
            "`SensorSuite.cameras` and hand the frames over."
        )


class Sensor(Protocol):
    """A sensor as it is described: its name, how often it reads, and what it reads of a moment."""

    @property
    def name(self) -> str:
        """What it is called; keys its noise."""
        ...

    @property
    def rate_hz(self) -> float:
        """Readings a second; at most one a tick."""
        ...

    def read(self, moment: Moment) -> Reading | None:
        """The reading, or None where there cannot be one yet."""
        ...


def is_due(rate_hz: float, moment: Moment) -> bool:
    """Whether a sensor with this rate reads at the end of this tick: always at an episode's start, then at each 1/rate."""
    if moment.before is None:
        return True
    turns = (math.floor(state.time_s * rate_hz + 1e-6) for state in (moment.before, moment.after))
    return next(turns) < next(turns)


def check_positive(where: str, **values: Any) -> None:
    """Raises InvalidInput for the first value that is not a finite number above 0."""
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise InvalidInput(f"{where}: {name} is {value}. Give a number above 0.")


def check_not_negative(where: str, **values: Any) -> None:
    """Raises InvalidInput for the first value that is not a finite number from 0 on."""
    for name, value in values.items():
        if not (math.isfinite(value) and value >= 0):
            raise InvalidInput(f"{where}: {name} is {value}. Give 0 or more.")
