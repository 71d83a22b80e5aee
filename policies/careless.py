"""Drives as the expert does, but for one fault: unsteady, too fast, cutting corners, off its lane, braking for nothing, blind, aimless."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Drive
from bridge.errors import InvalidInput
from bridge.observation import Observation
from policies import drive_expert
from policies.policy import Policy
from policies.seeds import stream

Array = NDArray[np.float64]
Fault = Literal["none", "unsteady", "fast", "cuts", "aside", "brakes", "blind", "aimless"]
_FAR_M = 100.0
_LAG_S = 0.7
_BRAKE_S, _FREE_S = (0.8, 2.0), (1.0, 4.0)


@dataclass(frozen=True)
class Config:
    """Flags of the policy `careless`.

    Faults: "unsteady" turns the wheel by `amount` (one sigma, 1 is all of it) too much or too little, "fast" drives `amount`
    times what is allowed, "cuts" aims `amount` metres ahead whatever lies between, "aside" keeps `amount` metres to the left
    of its way (below 0 right), "brakes" without a reason, "blind" sees nobody and no light, "aimless" turns and pushes at random.
    """

    fault: Fault = "none"
    amount: float = 0.0


class Careless:
    """A Policy for a car. The same seed and agent bring the same faults."""

    def __init__(self, config: Config, inner: Policy) -> None:
        self._config, self._inner = config, inner

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new ride."""
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)
        self._random = stream(seed, agent, "careless")
        self._stray = self._random.standard_normal(2)
        self._last_s: float | None = None
        self._until_s, self._is_braking = -1.0, True

    def act(self, observation: Observation) -> Action:
        """What the expert would do, with the fault. Raises InvalidInput where the expert does."""
        fault, amount, now_s = self._config.fault, self._config.amount, observation.time_s
        action = self._inner.act(self._misled(observation))
        drive = action.motion
        if not isinstance(drive, Drive):
            raise InvalidInput(f"careless drives a car, and its expert answered with {type(drive).__name__}.")
        self._go_astray(now_s)
        if fault == "unsteady":
            drive = replace(drive, steer=float(np.clip(drive.steer + amount * self._stray[0], -1.0, 1.0)))
        elif fault == "aimless":
            push = float(np.clip(0.5 + 0.6 * self._stray[1], -1.0, 1.0))
            drive = Drive(max(push, 0.0), float(np.clip(0.5 * self._stray[0], -1.0, 1.0)), max(-push, 0.0))
        elif fault == "brakes" and self._brakes(now_s):
            drive = Drive(0.0, drive.steer, 0.8)
        return replace(action, motion=drive)

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()

    def _misled(self, observation: Observation) -> Observation:
        """What the expert is made to believe."""
        fault, amount, told = self._config.fault, self._config.amount, dict(observation.told)
        if fault == "fast":
            told["limit"] = np.asarray(told["limit"]) * amount
        elif fault == "blind":
            told |= {"ahead": np.array([_FAR_M, 0.0]), "signal": np.array([_FAR_M, 0.0])}
            told |= {"junction": np.array([_FAR_M, 0.0]), "crossing": np.array([_FAR_M])}
        elif fault in ("cuts", "aside") and "waypoints" in told:
            points = np.asarray(told["waypoints"], dtype=np.float64).reshape(-1, 2)
            told["waypoints"] = (_cut(points, amount) if fault == "cuts" else _aside(points, amount)).reshape(-1)
        return replace(observation, told=told)

    def _brakes(self, now_s: float) -> bool:
        """Whether it brakes just now; by turns for some seconds."""
        if now_s >= self._until_s:
            self._is_braking = not self._is_braking
            self._until_s = now_s + float(self._random.uniform(*(_BRAKE_S if self._is_braking else _FREE_S)))
        return self._is_braking

    def _go_astray(self, now_s: float) -> None:
        """What it errs by goes on: an Ornstein-Uhlenbeck process of sigma 1, exact for any step."""
        past_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        keeps = float(np.exp(-past_s / _LAG_S))
        self._stray = keeps * self._stray + np.sqrt(1.0 - keeps**2) * self._random.standard_normal(2)


def _cut(points: Array, ahead_m: float) -> Array:
    """A straight line (n,2) to the first point so far ahead; from there on as it was."""
    away = np.linalg.norm(points, axis=1)
    aim = int(np.argmax(away >= ahead_m)) if (away >= ahead_m).any() else len(points) - 1
    shares = (away[: aim + 1] / max(away[aim], 1e-6))[:, None]
    return np.vstack([np.clip(shares, 0.0, 1.0) * points[aim], points[aim + 1 :]])


def _aside(points: Array, left_m: float) -> Array:
    """The way (n,2) moved to the left of itself."""
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-6)
    return points + left_m * np.column_stack([-ahead[:, 1], ahead[:, 0]])


_TOPS = {"fast": drive_expert.Config(across_m_s2=3.5, speed_up_m_s2=2.5)}
"""Who hurries takes bends and pedals as it likes, too."""


def make(config: Config) -> Careless:
    """A policy for one car."""
    return Careless(config, drive_expert.make(_TOPS.get(config.fault, drive_expert.Config())))
