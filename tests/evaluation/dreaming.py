"""A world model for tests: it dreams what it was told to, blurred more and more, and gives success a growing probability."""

from dataclasses import dataclass

import numpy as np

from bridge.imagination import Course, ModelInfo, Past, Prediction


@dataclass(frozen=True)
class Config:
    """Each moment mixes so much more grey into the last picture; a body that moves brightens it by `heed`."""

    fade: float = 0.1
    heed: float = 0.0


class Fading:
    """Deterministic, and different for a body that stays."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.info = ModelInfo("fading", "any", weights="made up")

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        n = len(course.times_s)
        moved = np.linalg.norm(course.body[:, :3] - past.body[-1, :3], axis=1)
        share = np.minimum(self._config.fade * np.arange(1, n + 1), 1.0)[:, None, None, None, None]
        brighter = (self._config.heed * moved)[:, None, None, None, None]
        rgb = (1.0 - share) * past.rgb[-1].astype(np.float64) + share * 128.0 + brighter
        shown = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)[None]
        success = np.linspace(0.1, 0.9, n)[None]
        return Prediction(
            course.times_s, np.repeat(shown, samples, axis=0), success=np.repeat(success, samples, axis=0)
        )

    def close(self) -> None:
        """Nothing to give back."""


def make(config: Config) -> Fading:
    return Fading(config)
