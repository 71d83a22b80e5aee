"""Gymnasium spaces of observations and actions, and the way from them to ours and back."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from bridge.engine import Action, Velocity
from bridge.errors import NameTaken
from bridge.observation import Observation
from bridge.sensors.moment import Sensor
from bridge.tasks.episodes import View
from bridge.tasks.sensed import sensed, sensor_space
from bridge.tasks.task import SteeredTask, Task
from bridge.types import WorldState

Kind = Literal["continuous", "discrete"]
FAR_M = 1000.0
_ANY_SPEED = 100.0
FASTEST_M_S, FASTEST_RAD_S = 1.6, 2.0
DISCRETE: tuple[Velocity, ...] = (
    Velocity(),
    Velocity(FASTEST_M_S),
    Velocity(0.0, 0.0, 1.2),
    Velocity(0.0, 0.0, -1.2),
    Velocity(1.2, 0.0, 0.8),
    Velocity(1.2, 0.0, -0.8),
    Velocity(0.0, 0.8, 0.0),
    Velocity(0.0, -0.8, 0.0),
)
"""Stand, ahead, turn left, turn right, ahead to the left, ahead to the right, step left, step right."""


def action_space(kind: Kind, task: Task[Any] | None = None) -> spaces.Box | spaces.Discrete:
    """Continuous: (forward, left, yaw rate) as shares of the fastest, -1 to 1; discrete: an index into DISCRETE.

    For a SteeredTask its `controls` and `choices` instead.
    """
    steered = task if isinstance(task, SteeredTask) else None
    if kind == "discrete":
        return spaces.Discrete(len(DISCRETE if steered is None else steered.choices))
    return spaces.Box(-1.0, 1.0, (3 if steered is None else len(steered.controls),), np.float32)


def action(
    kind: Kind, chosen: Any, task: Task[Any] | None = None, state: WorldState | None = None, agent: str = ""
) -> Action:
    """Our action of a member of the space; a SteeredTask is asked what it means at a state."""
    if isinstance(task, SteeredTask) and state is not None:
        numbers = task.choices[int(chosen)] if kind == "discrete" else np.clip(np.asarray(chosen, float), -1.0, 1.0)
        return task.controlled(state, agent, [float(number) for number in numbers])
    if kind == "discrete":
        return Action(DISCRETE[int(chosen)])
    ahead, left, turn = np.clip(np.asarray(chosen, dtype=np.float64), -1.0, 1.0).tolist()
    return Action(Velocity(FASTEST_M_S * ahead, FASTEST_M_S * left, FASTEST_RAD_S * turn))


def member(motion: Velocity) -> np.ndarray:
    """The member of the continuous space for a velocity; what is too fast is cut."""
    shares = [motion.forward_m_s / FASTEST_M_S, motion.left_m_s / FASTEST_M_S, motion.yaw_rate_rad_s / FASTEST_RAD_S]
    return np.clip(shares, -1.0, 1.0).astype(np.float32)


def observation_space(
    told: Mapping[str, tuple[tuple[float, float], ...]], view: View | None, sensors: Sequence[Sensor] = ()
) -> spaces.Dict:
    """A Dict of `velocity` (forward, left [m/s], yaw rate [rad/s]), `touches` (0 or 1), what the task tells, pictures, and
    sensors by name.

    `depth` is in metres along the optical axis, FAR_M where nothing is nearer, shape (height, width); sensors' arrays are
    those of bridge.tasks.sensed. Raises NameTaken for a sensor with the name of something else.
    """
    found: dict[str, spaces.Space] = {
        "velocity": spaces.Box(-_ANY_SPEED, _ANY_SPEED, (3,), np.float32),
        "touches": spaces.Box(0.0, 1.0, (1,), np.float32),
    }
    for name, bounds in told.items():
        low, high = np.array(bounds, dtype=np.float32).T
        found[name] = spaces.Box(low, high, dtype=np.float32)
    if view is not None and "rgb" in view.modalities:
        found["rgb"] = spaces.Box(0, 255, (view.height, view.width, 3), np.uint8)
    if view is not None and "depth" in view.modalities:
        found["depth"] = spaces.Box(0.0, FAR_M, (view.height, view.width), np.float32)
    for sensor in sensors:
        if sensor.name in found:
            raise NameTaken(f"A sensor is called '{sensor.name}', as something else in the observation. Rename it.")
        found[sensor.name] = sensor_space(sensor)
    return spaces.Dict(found)


def seen(observed: Observation, view: View | None, sensors: Sequence[Sensor] = ()) -> dict[str, np.ndarray]:
    """The member of the observation space for an observation."""
    found: dict[str, np.ndarray] = {
        "velocity": np.clip(observed.velocity[[0, 1, 5]], -_ANY_SPEED, _ANY_SPEED).astype(np.float32),
        "touches": np.array([float(bool(observed.contacts))], dtype=np.float32),
    }
    found |= {name: np.asarray(value, dtype=np.float32) for name, value in observed.told.items()}
    if view is not None and view.modalities:
        frame = observed.frames[view.camera]
        if frame.rgb is not None:
            found["rgb"] = np.array(frame.rgb)
        if frame.depth is not None:
            found["depth"] = np.minimum(frame.depth, np.float32(FAR_M))
    return found | {sensor.name: sensed(sensor, observed.readings[sensor.name]) for sensor in sensors}
