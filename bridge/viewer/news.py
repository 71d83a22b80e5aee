"""What a stage tells its audience: the state of the world, pictures, notices, another light."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.imagination import Dream
from bridge.scene import Scene
from bridge.types import WorldState

TrafficState = Literal["off", "coming", "on"]


@dataclass(frozen=True, eq=False)
class Status:
    """How the world goes: the clock, who does what, what is wrong.

    `is_ended` says that a recording is at its last tick; `traffic` whether there is any, or will be in a moment.
    """

    state: WorldState
    is_paused: bool
    speed: float
    rate: float
    trouble: str = ""
    is_ended: bool = False
    traffic: TrafficState = "off"


@dataclass(frozen=True, eq=False)
class Picture:
    """What a camera sees, rgb uint8 (H,W,3), at a tick, under the sky of that number."""

    camera: str
    tick: int
    rgb: NDArray[np.uint8]
    sky: int = 0


@dataclass(frozen=True)
class Notice:
    """What could not be done, for whoever asked (None: for all); `ends_pictures` if no more of them will come."""

    text: str
    asker: object = None
    ends_pictures: bool = False


@dataclass(frozen=True, eq=False)
class Light:
    """The scene under another sky; `sky` counts them, so that pictures can be told from those under the last one."""

    scene: Scene
    sky: int = 0


News = Status | Picture | Notice | Light | Dream
