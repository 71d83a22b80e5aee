"""What one agent perceives at one tick: all that a policy is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UnknownBody
from bridge.frames import matrix_from_quat
from bridge.plugins import unknown_name
from bridge.types import AgentState, Frame, Pose, WorldState

if TYPE_CHECKING:
    from bridge.sensors.readings import Boxes2D, Fix, Imu, LidarScan, Reading


@dataclass(frozen=True)
class Message:
    """Something another agent, or the task ("task"), said at a tick."""

    sender: str
    text: str
    tick: int


@dataclass(frozen=True, eq=False)
class Observation:
    """What `agent` perceives. `pose` is its own, world frame; `velocity` (6,) linear [m/s] and angular [rad/s], body frame.

    `doing` is the skill still under way, "" once it is done or has failed, and then `failure` says why it failed.
    `joints` (k,) [rad or m] and `gripper` (0 open to 1 closed) are as measured, None for bodies without them.
    `frames` are by camera, without the agent's name ("front"); `contacts` the names of what it touches, the strongest
    first; `told` is what the task tells in numbers beside, by name (goal (2,): distance [m] and bearing [rad], 0 ahead,
    left positive), `notes` what it shows this agent beside, as a JSON document with units in its keys; `verbs` are the
    skills that the agent may be told, each with a line on its use.
    `readings` are by sensor name, of the sensors that were asked for (see bridge.sensors), each read when it
    is looked up: in sensor frames (X forward, Y left, Z up), in SI units, with the tick they are of.
    """

    tick: int
    time_s: float
    agent: str
    pose: Pose
    velocity: NDArray[np.float64]
    riding: str = ""
    holding: tuple[str, ...] = ()
    doing: str = ""
    failure: str = ""
    joints: NDArray[np.float64] | None = None
    gripper: float | None = None
    contacts: tuple[str, ...] = ()
    frames: Mapping[str, Frame] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    instruction: str = ""
    told: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    verbs: Mapping[str, str] = field(default_factory=dict)
    readings: "Mapping[str, Reading | None]" = field(default_factory=dict)

    @property
    def lidar(self) -> "LidarScan | None":
        """The last sweep; None without a lidar, as below without that sensor or before its first reading."""
        return self.readings.get("lidar")  # type: ignore[return-value]

    @property
    def imu(self) -> "Imu | None":
        """Specific force [m/s²] and angular rate [rad/s], means since the step before."""
        return self.readings.get("imu")  # type: ignore[return-value]

    @property
    def gps(self) -> "Fix | None":
        """The last satellite fix: where the agent thinks it is, east, north and up of the scene's origin and in WGS84."""
        return self.readings.get("gps")  # type: ignore[return-value]

    @property
    def boxes(self) -> "Boxes2D | None":
        """Rectangles [px] around what the agent's camera shows."""
        return self.readings.get("boxes")  # type: ignore[return-value]


def observation(
    state: WorldState,
    agent: str,
    *,
    frames: Iterable[Frame] = (),
    messages: tuple[Message, ...] = (),
    instruction: str = "",
    told: Mapping[str, NDArray[np.float64]] | None = None,
    notes: Mapping[str, Any] | None = None,
    verbs: Mapping[str, str] | None = None,
    doing: str = "",
    failure: str = "",
    readings: "Mapping[str, Reading | None] | None" = None,
) -> Observation:
    """The share of a world's state that one agent perceives of itself, with what it saw and heard. Raises UnknownBody.

    `doing` and `failure` tell of skills that the engine does not know of (control's and the task's), before its own.
    """
    if agent not in state.names:
        raise UnknownBody(unknown_name("body", agent, state.names))
    own = next((one for one in state.agents if one.name == agent), AgentState(agent))
    row = state.names.index(own.riding if own.riding in state.names else agent)
    pose = state.poses[row]
    velocity = np.zeros(6) if state.velocities is None else state.velocities[row]
    body_from_world = matrix_from_quat(pose[3:]).T
    return Observation(
        tick=state.tick,
        time_s=state.time_s,
        agent=agent,
        pose=Pose(pose[:3].copy(), pose[3:].copy()),
        velocity=np.concatenate([body_from_world @ velocity[:3], body_from_world @ velocity[3:]]),
        riding=own.riding,
        holding=own.holding,
        doing=doing or own.doing,
        failure=failure or own.failure,
        joints=None if own.joints is None else own.joints.copy(),
        gripper=own.gripper,
        contacts=touched(state, state.names[row]),
        frames={frame.camera.removeprefix(f"{agent}/"): frame for frame in frames},
        messages=messages,
        instruction=instruction,
        told=dict(told or {}),
        notes=dict(notes or {}),
        verbs=dict(verbs or {}),
        readings={} if readings is None else readings,
    )


def touched(state: WorldState, name: str) -> tuple[str, ...]:
    """The names of all that a body touches, the strongest first, each once."""
    pairs = state.contacts.names if state.contacts is not None else ()
    return tuple(dict.fromkeys(b if a == name else a for a, b in pairs if name in (a, b)))
