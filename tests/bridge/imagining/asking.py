"""Pasts and courses of a few moments for tests."""

import numpy as np

from bridge.imagination import Course, Past, Thing
from bridge.types import Camera, Pose


def poses(*times: float) -> np.ndarray:
    """A body that goes ahead at 1 m/s, looking ahead."""
    made = np.zeros((len(times), 7))
    made[:, 0], made[:, 3] = times, 1.0
    return made


def past(moments: int = 3, *, views: int = 2) -> Past:
    times = 0.1 * np.arange(moments)
    rgb = np.random.default_rng(0).integers(0, 200, (moments, views, 6, 8, 3), dtype=np.uint8)
    cameras = tuple(Camera(f"view-{row}", 8, 6, 1.0, Pose(np.zeros(3)), "body") for row in range(views))
    depth = np.full((moments, views, 6, 8), np.inf, np.float32)
    thing = Thing("cart", "vehicle", (4.0, 2.0, 1.5), poses(*(times + 5.0)))
    return Past(times, cameras, rgb, poses(*times), np.linspace(0, 1, moments), depth, rgb[..., 0], (thing,), "go on")


def course(moments: int = 4) -> Course:
    times = 0.3 + 0.1 * np.arange(moments)
    return Course(times, poses(*times), np.ones(moments), {"cart": poses(*times)}, frozenset({"bin"}))
