"""All goes on as it went: things keep their velocities, and pictures the affine flow between the last two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.frames import quat_inverse, quat_product
from bridge.imagination import Course, ModelInfo, Past, Prediction
from world_models.asked import check_asked
from world_models.flow import affine_flow, warped

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Config:
    """Nothing to choose."""


class ConstantVelocity:
    """The baseline for what moves by itself. What it knows of motion are the past's last two moments; of a past with one it copies it."""

    info = ModelInfo("constant-velocity", "any")

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """Poses turned and moved on, pictures drawn along. All samples are alike. Raises InvalidInput."""
        check_asked(past, course, samples)
        n, ahead_s = len(course.times_s), course.times_s - past.times_s[-1]
        poses = {thing.name: np.stack([thing.poses[-1]] * n) for thing in past.things}
        frames = np.stack([past.rgb[-1]] * n)
        if len(past.times_s) > 1:
            shares = ahead_s / (past.times_s[-1] - past.times_s[-2])
            poses = {
                one.name: np.stack([_led_on(one.poses[-2], one.poses[-1], share) for share in shares])
                for one in past.things
            }
            for view in range(past.rgb.shape[1]):
                flow = affine_flow(past.rgb[-2, view], past.rgb[-1, view])
                frames[:, view] = [warped(past.rgb[-1, view], share * flow) for share in shares]
        poses |= {name: np.asarray(way) for name, way in course.others.items()}
        found = {name: way[None].repeat(samples, axis=0) for name, way in poses.items()}
        return Prediction(course.times_s, frames[None].repeat(samples, axis=0), found, trust=np.zeros(n))

    def close(self) -> None:
        """Nothing to give back."""


def _led_on(before: Array, now: Array, share: float) -> Array:
    """The pose (7,) that follows if the step between two goes on for `share` of its time."""
    turn = quat_product(now[3:], quat_inverse(before[3:]))
    turn = turn if turn[0] >= 0 else -turn
    half = float(np.arctan2(np.linalg.norm(turn[1:]), turn[0]))
    axis = turn[1:] / max(float(np.sin(half)), 1e-12)
    more = np.concatenate([[np.cos(share * half)], np.sin(share * half) * axis])
    quat = quat_product(more, now[3:])
    return np.concatenate([now[:3] + share * (now[:3] - before[:3]), quat / np.linalg.norm(quat)])


def make(config: Config) -> ConstantVelocity:
    """The model."""
    return ConstantVelocity()
