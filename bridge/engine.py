"""What an engine is: physics and pictures of one world, in ticks; and the words in which it is told what to do.

Frames and units are those of bridge.types. Engines know physics, not tasks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Instance, Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, Pose, WorldState

TICK_S = 0.02
"""What every engine calls a tick; how many physics steps it takes is the engine's affair."""

VERBS = ("pick_up", "put_down", "sit", "stand", "ride", "dismount", "open", "close", "wait")
"""What engines carry out themselves; going somewhere is `bridge.control`'s."""

Capability = Literal[
    "rgb",
    "depth",
    "segmentation",
    "normals",
    "flow",
    "edit",
    "contacts",
    "lidar",
    "robots",
    "skills",
    "control",
    "leaps",
]
"""`leaps`: where nothing is near, bodies go exactly as they are told, and steps of many ticks cost little more than one."""


@dataclass(frozen=True)
class EngineInfo:
    """Which engine this is and what it can do."""

    name: str
    version: str
    tick_s: float = TICK_S
    capabilities: tuple[Capability, ...] = ()


@dataclass(frozen=True)
class Velocity:
    """How a body shall move: `forward_m_s`, `left_m_s` (walkers and robots; wheels ignore it), `yaw_rate_rad_s`."""

    forward_m_s: float = 0.0
    left_m_s: float = 0.0
    yaw_rate_rad_s: float = 0.0


@dataclass(frozen=True)
class Drive:
    """Pedals and wheel: `throttle` -1 (backwards) to 1, `steer` -1 (right) to 1 (left), `brake` 0 to 1."""

    throttle: float = 0.0
    steer: float = 0.0
    brake: float = 0.0


@dataclass(frozen=True, eq=False)
class Joints:
    """Targets (k,) for a robot's joints [rad or m], in the order of its description."""

    targets: NDArray[np.float64]


@dataclass(frozen=True)
class EndEffector:
    """Where a robot's tool shall be, in the robot's base frame."""

    base_from_tool: Pose


@dataclass(frozen=True)
class Skill:
    """Something an agent knows how to do: `verb` as in VERBS, on `target` (a name in the scene)."""

    verb: str
    target: str = ""
    text: str = ""


@dataclass(frozen=True, eq=False)
class Action:
    """What an agent does until it is told otherwise; one without motion holds still.

    `gripper` is 0 open to 1 closed, None as it is; bodies without one refuse it. `say` is for the task to hand on: engines
    carry it and do nothing with it.
    """

    motion: Velocity | Drive | Joints | EndEffector | Skill | None = None
    gripper: float | None = None
    say: str = ""


@dataclass(frozen=True, eq=False)
class Spawn:
    """A new thing, a copy of an asset of the scene; `is_agent` if somebody may control it.

    `scale` is times the size of the asset along its own axes; None is 1, or what bore the name before had.
    """

    name: str
    asset: str
    pose: Pose
    is_agent: bool = False
    scale: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class Move:
    """Puts a thing somewhere else, at rest."""

    name: str
    pose: Pose


@dataclass(frozen=True)
class Remove:
    """Takes a thing away."""

    name: str


@dataclass(frozen=True)
class Resize:
    """Gives a placed thing another size: its asset's times `scale`, along its own axes; it stands still afterwards."""

    name: str
    scale: tuple[float, float, float]


@dataclass(frozen=True)
class Hide:
    """Makes a thing invisible, or visible again; it stays where it is, and others still touch it."""

    name: str
    is_hidden: bool = True


@dataclass(frozen=True)
class Paint:
    """Gives a thing one colour, linear rgb 0 to 1."""

    name: str
    color: tuple[float, float, float]


@dataclass(frozen=True)
class Weather:
    """Changes the weather and the hour; what is None stays as it is."""

    weather: Literal["clear", "overcast", "rain", "storm", "fog", "snow"] | None = None
    time_of_day_h: float | None = None
    visibility_m: float | None = None
    wetness: float | None = None
    snow_cover: float | None = None
    lamps_lit: bool | None = None


Change = Spawn | Move | Remove | Resize | Hide | Paint | Weather
SCALES = (0.01, 100.0)
"""The least and the greatest that things are scaled by."""
Actions = Mapping[str, Action]


@dataclass(frozen=True, eq=False)
class Loaded:
    """What an engine says of a scene it has loaded: who can be controlled, and cameras by name.

    `added` are instances that the engine put at the end of the scene's table: links of robots it knows more of.
    """

    agents: tuple[str, ...]
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    added: tuple[Instance, ...] = ()


class Engine(Protocol):
    """One world. Calls raise errors of bridge.errors and leave the world as it was when they fail."""

    info: EngineInfo

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; replaces the one before. `reset` follows before the first step."""
        ...

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode: everything where the scene says. The same seed gives the same world."""
        ...

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; agents that are not named keep doing what they do."""
        ...

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing; one that is not empty counts in the state's revision.

        In label images what is spawned gets the next ids after the scene's and `Loaded.added`, in that order, and keeps
        them until the next load or reset, also when it is gone; a name that comes again has the id it had.
        """
        ...

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the present tick."""
        ...

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        ...

    def close(self) -> None:
        """Gives everything back; the engine cannot be used afterwards."""
        ...
