"""Nothing changes: every frame is the last that was seen, and things stay where they are."""

from dataclasses import dataclass

import numpy as np

from bridge.imagination import Course, ModelInfo, Past, Prediction
from world_models.asked import check_asked


@dataclass(frozen=True)
class Config:
    """Nothing to choose."""


class CopyLast:
    """The baseline that every model has to beat, and nearly unbeatable for a moment."""

    info = ModelInfo("copy-last", "any")

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """The past's last moment, again and again; what is removed or led elsewhere stays in the pictures. Raises InvalidInput."""
        check_asked(past, course, samples)
        n = len(course.times_s)
        rgb = np.broadcast_to(past.rgb[-1], (samples, n, *past.rgb.shape[1:]))
        poses = {thing.name: np.broadcast_to(thing.poses[-1], (samples, n, 7)) for thing in past.things}
        given = {name: np.broadcast_to(way, (samples, n, 7)) for name, way in course.others.items()}
        return Prediction(course.times_s, rgb, {**poses, **given}, trust=np.zeros(n))

    def close(self) -> None:
        """Nothing to give back."""


def make(config: Config) -> CopyLast:
    """The model."""
    return CopyLast()
