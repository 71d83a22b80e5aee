"""Moves an arm's tool about without an aim: from place to place over the table, opening and closing; or low, through what lies there."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, EndEffector
from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw, quat_product
from bridge.observation import Observation
from bridge.types import Pose
from policies.seeds import stream

Array = NDArray[np.float64]
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_LOW, _HIGH = np.array([0.3, -0.4, 0.02]), np.array([0.7, 0.4, 0.35])
_NEAR_M, _MOST_S = 0.02, 1.2
_SWEPT_M, _ACROSS_M = 0.035, 0.16


@dataclass(frozen=True)
class Config:
    """Flags of the policy `restless`: "about" goes from anywhere to anywhere, "sweep" through things, near the table."""

    way: Literal["about", "sweep"] = "about"


class Restless:
    """A Policy for an arm whose base stands on the table. The same seed and agent bring the same way."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._random = stream(seed, agent, "restless")
        self._queue: list[tuple[Array, float, float]] = []
        self._since_s = 0.0

    def act(self, observation: Observation) -> Action:
        """On to the next place. Raises InvalidInput where nobody tells where the tool is and, to sweep, what lies about."""
        needs = {"tool"} if self._config.way == "about" else {"tool", "strewn"}
        if missing := sorted(needs - observation.told.keys()):
            raise InvalidInput(f"restless is not told {', '.join(missing)}. Use it for the task 'manipulate'.")
        tool, now_s = observation.told["tool"], observation.time_s
        if self._queue and (np.linalg.norm(tool[:3] - self._queue[0][0]) < _NEAR_M or now_s - self._since_s > _MOST_S):
            self._queue.pop(0)
            self._since_s = now_s
        if not self._queue:
            self._since_s = now_s
            self._queue = self._about() if self._config.way == "about" else self._swept(observation)
        at, yaw, gripper = self._queue[0]
        return Action(EndEffector(Pose(at.copy(), quat_product(quat_from_yaw(yaw), _DOWN))), gripper=gripper)

    def close(self) -> None:
        """Nothing to give back."""

    def _about(self) -> list[tuple[Array, float, float]]:
        """Anywhere; as often low as not."""
        at = self._random.uniform(_LOW, _HIGH)
        if self._random.random() < 0.5:
            at[2] = self._random.uniform(_LOW[2], 0.08)
        return [(at, float(self._random.uniform(-1.0, 1.0)), float(self._random.random() < 0.5))]

    def _swept(self, observation: Observation) -> list[tuple[Array, float, float]]:
        """Down before a thing, on through it, and up behind it."""
        strewn = np.asarray(observation.told["strewn"], dtype=np.float64).reshape(-1, 7)
        thing = strewn[int(self._random.integers(len(strewn))), :3]
        angle = float(self._random.uniform(-np.pi, np.pi))
        ahead = np.array([np.cos(angle), np.sin(angle), 0.0])
        low = np.array([*thing[:2], _SWEPT_M])
        start, end = low - _ACROSS_M * ahead, low + _ACROSS_M * ahead
        up = np.array([0.0, 0.0, 0.12])
        places = [np.clip(at, _LOW, _HIGH) for at in (start + up, start, low, end, end + up)]
        return [(at, angle % np.pi - np.pi / 2, 1.0) for at in places]


def make(config: Config) -> Restless:
    """A policy for one arm."""
    return Restless(config)
