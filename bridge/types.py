"""Poses, cameras, frames and world states: what engines and renderers exchange.

World frame right-handed, Z up, metres. Body frame X forward, Y left, Z up. Cameras follow OpenCV: x right, y down,
z forward. Quaternions are `wxyz`, scalar first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Scene

Modality = Literal["rgb", "depth", "segmentation", "normals"]
MODALITIES: tuple[Modality, ...] = ("rgb", "depth", "segmentation", "normals")


@dataclass(frozen=True, eq=False)
class Pose:
    """Where a body is: `position` [m], shape (3,), and `quat_wxyz`, shape (4,), as parent_from_body."""

    position: NDArray[np.float64]
    quat_wxyz: NDArray[np.float64] = field(default_factory=lambda: np.array([1.0, 0.0, 0.0, 0.0]))


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera with square pixels, mounted in the world or on a body.

    `mount` is "world" or the name of a body; `mount_from_camera` is the camera's pose there, in the OpenCV camera
    frame (x right, y down, z forward).
    """

    name: str
    width: int
    height: int
    fov_y_rad: float
    mount_from_camera: Pose
    mount: str = "world"


@dataclass(frozen=True, eq=False)
class Frame:
    """What one camera saw at one tick; a modality that was not asked for is None.

    rgb uint8 (H,W,3) sRGB; depth float32 (H,W) [m] along the optical axis, inf where nothing is; segmentation int32
    (H,W) instance ids as in `Scene.instances()`, 0 for sky; normals float32 (H,W,3) unit, world frame, 0 for sky.
    """

    camera: str
    tick: int
    rgb: NDArray[np.uint8] | None = None
    depth: NDArray[np.float32] | None = None
    segmentation: NDArray[np.int32] | None = None
    normals: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Contacts:
    """What touched during the last tick, the strongest first: pairs of `names`, `positions` (k,3) [m], `forces` (k,) [N]."""

    names: tuple[tuple[str, str], ...]
    positions: NDArray[np.float64]
    forces: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Readings:
    """What the sensors of a robot's own description read: sensor i has `values[starts[i]:starts[i + 1]]`.

    `starts` int64 (n + 1,) for n `names`; `values` float64 (m,) in the units of the description's format.
    """

    names: tuple[str, ...]
    starts: NDArray[np.int64]
    values: NDArray[np.float64]

    def of(self, name: str) -> NDArray[np.float64]:
        """The numbers of one sensor. Raises ValueError where there is none of that name."""
        index = self.names.index(name)
        return self.values[self.starts[index] : self.starts[index + 1]]


@dataclass(frozen=True, eq=False)
class AgentState:
    """What an agent is up to: what it rides and holds, its `joints` (k,) [rad or m], the skill under way.

    `failure` says why the last skill ended, if it failed; empty otherwise. `gripper` is 0 open to 1 closed as measured,
    None without one; `readings` are those of a robot's own sensors, if it has any.
    """

    name: str
    riding: str = ""
    holding: tuple[str, ...] = ()
    joints: NDArray[np.float64] | None = None
    doing: str = ""
    failure: str = ""
    gripper: float | None = None
    readings: Readings | None = None


@dataclass(frozen=True, eq=False)
class WorldState:
    """Ground truth at one tick: what can move, by name, with `poses` (n,7) as position [m] and quat_wxyz, world frame.

    `velocities` (n,6): linear [m/s] and angular [rad/s], world frame; None where an engine does not know them. The order
    of names stays the same until something is loaded, spawned or removed. Policies never see this; tasks and tests do.
    `revision` counts the edits since the reset; `epoch` counts the worlds of a server, of which load, reset and a restart
    begin another, and is 0 where there is none.
    """

    tick: int
    time_s: float
    names: tuple[str, ...]
    poses: NDArray[np.float64]
    velocities: NDArray[np.float64] | None = None
    contacts: Contacts | None = None
    agents: tuple[AgentState, ...] = ()
    epoch: int = 0
    revision: int = 0


class Renderer(Protocol):
    """Draws a scene; an engine without pictures of its own takes any."""

    name: str

    def load(self, scene: Scene) -> None:
        """Prepares a scene for drawing; replaces the one before."""
        ...

    def pose(self, state: WorldState) -> None:
        """Moves the instances named in `state`; frames drawn from now on carry its tick."""
        ...

    def observe(self, cameras: Sequence[Camera], modalities: Sequence[Modality] = MODALITIES) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the same tick."""
        ...

    def close(self) -> None:
        """Gives everything back; the renderer cannot be used afterwards."""
        ...
