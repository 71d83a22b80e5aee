"""An engine whose answers are ready, so that what is measured is the way to it; a plug-in like any other."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.engine import EngineInfo, Loaded
from bridge.types import Camera, Frame, Pose, WorldState

HEIGHT, WIDTH = 480, 640
CAMERA = "courier-1/front"
PICTURE = "SIMBRIDGE_PICTURE"


@dataclass(frozen=True)
class Config:
    """Nothing to choose."""


def make(config: Config) -> "Prepared":
    """The engine."""
    return Prepared()


class Prepared:
    """One agent, one camera, one picture."""

    def __init__(self) -> None:
        self.info = EngineInfo("prepared", "1", capabilities=("rgb",))
        self.camera = Camera(CAMERA, WIDTH, HEIGHT, 1.0, Pose(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])))
        self.tick = 0
        self._picture = prepared_picture()

    def load(self, scene: Any) -> Loaded:
        return Loaded(("courier-1",), {CAMERA: self.camera})

    def reset(self, *, seed: int) -> WorldState:
        return self._state()

    def step(self, actions: Any, ticks: int = 1) -> WorldState:
        self.tick += ticks
        return self._state()

    def edit(self, changes: Any) -> WorldState:
        return self._state()

    def observe(self, cameras: Any, modalities: Any = ()) -> tuple[Frame, ...]:
        return (Frame(CAMERA, self.tick, rgb=self._picture),)

    def state_hash(self) -> int:
        return self.tick

    def close(self) -> None:
        pass

    def _state(self) -> WorldState:
        return WorldState(self.tick, self.tick * 0.02, ("courier-1",), np.zeros((1, 7)), np.zeros((1, 6)))


def prepared_picture() -> np.ndarray:
    """The picture in the file that SIMBRIDGE_PICTURE names, or one with slopes and grain: uint8 (480,640,3)."""
    if PICTURE in os.environ:
        return np.load(os.environ[PICTURE])
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    smooth = np.stack([128 + 90 * np.sin(columns / 40 + rows / 70), columns / 3, rows / 2], -1)
    return np.clip(smooth + np.random.default_rng(0).normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
