"""What world models are given and what they answer: a past that was seen, the course a body will take, and a prediction.

Frames and units are those of bridge.types; poses are position [m] and quat_wxyz, world frame. Nobody here knows a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Actions
from bridge.episode import Episode
from bridge.scene import Scene
from bridge.types import Camera

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Thing:
    """Something that is about beside the body that acts: its class, full extents (3,) [m] along its own axes, and poses (t,7)."""

    name: str
    semantic: str
    size_m: tuple[float, float, float]
    poses: Array


@dataclass(frozen=True, eq=False)
class Past:
    """What was seen up to now, the last moment being now: t moments, v views.

    `times_s` (t,). `cameras` say what each view looks through, mounted in the "world" or on the "body" that acts; `rgb` uint8 (t,v,H,W,3); `depth` float32 (t,v,H,W) planar [m],
    inf where nothing is, None where nobody measured it; `labels` uint8 (t,v,H,W): 0 elsewhere, i for `things[i - 1]`, 255 the
    body itself, None where unknown. `body` (t,7) is the body that acts: an arm's tool, a car. `gripper` (t,) 0 open
    to 1 closed, None without one. `things` are the others as far as they are known.

    `scene` and `episode` are where it comes from, for those who can go back there (an engine); models have no use for them.
    """

    times_s: Array
    cameras: tuple[Camera, ...]
    rgb: NDArray[np.uint8]
    body: Array
    gripper: Array | None = None
    depth: NDArray[np.float32] | None = None
    labels: NDArray[np.uint8] | None = None
    things: tuple[Thing, ...] = ()
    instruction: str = ""
    scene: Scene | None = None
    episode: Episode | None = None


@dataclass(frozen=True, eq=False)
class Course:
    """What the body that acts will do: n moments after the past's last.

    `times_s` (n,); `body` (n,7); `gripper` (n,) or None. `others` (n,7) by name are ways of things that are given, not
    imagined: who wants a vehicle to swerve says so here; `removed` are things that shall be gone. `actions`, with the ticks
    each lasts, are what an engine would be told to the same end.
    """

    times_s: Array
    body: Array
    gripper: Array | None = None
    others: Mapping[str, Array] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    actions: tuple[tuple[Actions, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Prediction:
    """What would follow: s samples at the course's n moments.

    `times_s` (n,); `rgb` uint8 (s,n,v,H,W,3) in the views of the past; `poses` (s,n,7) by the name of a thing; `depth`
    float32 (s,n,v,H,W) [m] and `success` (s,n), the probability that what was to be done is done, of models that say so.
    `trust` (n,) is 1 where the model trusts itself and 0 where it does not.
    """

    times_s: Array
    rgb: NDArray[np.uint8]
    poses: Mapping[str, Array] = field(default_factory=dict)
    depth: NDArray[np.float32] | None = None
    success: Array | None = None
    trust: Array | None = None


@dataclass(frozen=True, eq=False)
class Dream:
    """A moment as the engine showed it and as a model had imagined it.

    `engine` and `dream` uint8 (v,H,W,3) by `views`; `horizon_s` is how long the model had not seen the engine then;
    `psnr_db` how near they are; `trust` None where the model does not say. With a `trouble` there are no pictures.
    """

    model: str
    agent: str
    tick: int
    time_s: float
    horizon_s: float
    views: tuple[str, ...]
    engine: NDArray[np.uint8]
    dream: NDArray[np.uint8]
    psnr_db: float
    trust: float | None = None
    trouble: str = ""


TaskName = Literal["manipulate", "drive"]


@dataclass(frozen=True)
class ModelInfo:
    """What a world model is for: the task, its views by name, their size [px], the time between frames and how many it imagines at once.

    `weights` names them and their digest, "" for a model that learned nothing; `needs_depth` of the past's last moment.
    """

    name: str
    task: TaskName | Literal["any"]
    views: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    frame_s: float = 0.0
    frames_at_once: int = 1
    needs_depth: bool = False
    weights: str = ""


@runtime_checkable
class Instructed(Protocol):
    """A world that wants to know what its agents were told in words: one that is imagined, by who understands them."""

    def instruct(self, briefings: Mapping[str, str]) -> None:
        """What each agent is told at the start of an episode, by agent."""
        ...


class WorldModel(Protocol):
    """Imagines what would follow a past if its body took a course."""

    info: ModelInfo

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """The same past, course and seed give the same prediction. A course longer than `frames_at_once` is imagined piece by
        piece, each on top of what was imagined before. Raises InvalidInput for a past or a course that does not fit.
        """
        ...

    def close(self) -> None:
        """Gives memory and engines back."""
        ...
