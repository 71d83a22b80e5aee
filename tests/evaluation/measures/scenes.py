"""A small made-up episode for measures: coloured things before a camera, everything known in closed form."""

import numpy as np

from bridge.frames import look_at
from bridge.imagination import Past, Prediction, Thing
from bridge.types import Camera, Pose
from world_models.clips import Clip

CAMERA = Camera("exterior-1", 64, 64, 0.8, Pose(*look_at((1.5, 0.0, 1.2), (0.0, 0.0, 0.0))))


def clip(frames: int = 8, *, views: int = 2, seed: int = 0, task: str = "manipulate") -> Clip:
    """Two boxes on a plane, one of which slides 5 cm a frame; pictures are coloured noise that drifts with time."""
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 256, (views, 64, 64 + 2 * frames, 3), dtype=np.uint8)
    rgb = np.stack([base[:, :, 2 * t : 2 * t + 64] for t in range(frames)])
    still = np.tile([0.5, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0], (frames, 1))
    slides = np.tile([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], (frames, 1))
    slides[:, 0] = 0.05 * np.arange(frames)
    tool = slides.copy()
    tool[:, 2] = 0.05
    things = tuple(Thing(name, "tabletop-object", (0.05, 0.05, 0.05), p) for name, p in (("still", still), ("slides", slides)))  # fmt: skip
    cameras = tuple(CAMERA for _ in range(views))
    labels = np.zeros((frames, views, 64, 64), np.uint8)
    seen = Past(0.3 * np.arange(frames), cameras, rgb, tool, np.zeros(frames), None, labels, things)
    return Clip(task, seen, np.arange(frames) >= frames - 2)


def true_prediction(of: Clip, now: int, *, samples: int = 1) -> Prediction:
    """What a perfect model says."""
    after = slice(now + 1, None)

    def twice(array):
        return np.repeat(np.asarray(array)[None, after], samples, axis=0)

    return Prediction(
        of.seen.times_s[after], twice(of.seen.rgb), {one.name: twice(one.poses) for one in of.seen.things}, None,
        twice(of.success.astype(float)),
    )  # fmt: skip
