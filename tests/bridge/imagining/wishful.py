"""A world model for tests: imagines the last picture, one shade brighter each moment; says how sure it is, and can fail."""

import os
from dataclasses import dataclass

import numpy as np

from bridge.errors import InvalidInput
from bridge.imagination import Course, ModelInfo, Past, Prediction


@dataclass(frozen=True)
class Config:
    """`fails` is how: not at all, with an error, or with its process; `shade` how much brighter a moment is."""

    shade: int = 1
    fails: str = ""


class Wishful:
    def __init__(self, config: Config) -> None:
        if config.fails == "at once":
            raise InvalidInput("This model is made to fail.")
        self._config = config
        self.info = ModelInfo("wishful", "any", frame_s=0.1, frames_at_once=2, weights="none")

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        if self._config.fails == "crash":
            os._exit(9)
        if self._config.fails == "error":
            raise InvalidInput("The past does not please it.")
        if self._config.fails == "surprise":
            raise ZeroDivisionError("nothing")
        count = len(course.times_s)
        shades = self._config.shade * np.arange(1, count + 1, dtype=np.uint8)
        rgb = np.repeat((past.rgb[-1] + shades[:, None, None, None, None])[None], samples, axis=0)
        poses = {
            one.name: np.repeat(one.poses[-1][None, None], count, axis=1).repeat(samples, axis=0) for one in past.things
        }
        trust = 1.0 / np.arange(1, count + 1)
        success = np.full((samples, count), (seed % 10) / 10)
        depth = None if past.depth is None else np.repeat(np.repeat(past.depth[-1][None, None], count, 1), samples, 0)
        return Prediction(course.times_s, rgb, poses, depth, success, trust)

    def close(self) -> None:
        pass


def make(config: Config) -> Wishful:
    return Wishful(config)
