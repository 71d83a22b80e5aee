"""Works at a table as the expert does, but for one fault: an unsteady hand, a grasp beside, a wrong cube, a hand that opens early."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, EndEffector
from bridge.errors import InvalidInput
from bridge.observation import Observation
from bridge.types import Pose
from policies import manipulate_expert
from policies.policy import Policy
from policies.seeds import stream

Array = NDArray[np.float64]
Fault = Literal["none", "aside", "beside", "early", "other"]
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_AWAY_M, _LAG_S = 0.16, 0.6
_EARLY_S = (0.5, 1.7)


@dataclass(frozen=True)
class Config:
    """Flags of the policy `clumsy`.

    Faults: "aside" grasps `off_m` beside the thing, "beside" lets it go `off_m` beside where it belongs, "early" opens the
    hand on the way, "other" takes another thing than it was told. `drift_m` is how far (one sigma, each axis) the hand
    strays slowly from where it seems to be.
    """

    fault: Fault = "none"
    off_m: float = 0.0
    drift_m: float = 0.0


class Clumsy:
    """A Policy for an arm. Once the errand is done it draws back and waits. The same seed and agent bring the same faults."""

    def __init__(self, config: Config, inner: Policy) -> None:
        if config.off_m < 0 or config.drift_m < 0:
            raise InvalidInput(
                f"clumsy was given off_m={config.off_m:g}, drift_m={config.drift_m:g}. Give 0 or more of each."
            )
        self._config, self._inner = config, inner

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode, with faults drawn for it."""
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)
        random = stream(seed, agent, "clumsy")
        angle = float(random.uniform(-np.pi, np.pi))
        self._off = self._config.off_m * np.array([np.cos(angle), np.sin(angle), 0.0])
        self._holds_s, self._choice = float(random.uniform(*_EARLY_S)), float(random.random())
        self._drift_random = stream(seed, agent, "drift")
        self._drift = self._config.drift_m * self._drift_random.standard_normal(3)
        self._last_s: float | None = None
        self._closed_s: float | None = None
        self._rest: Array | None = None

    def act(self, observation: Observation) -> Action:
        """What the expert would do, with the fault. Raises InvalidInput where the expert does, and for "other" where nobody
        tells where other things are."""
        if observation.notes.get("is_done") or self._rest is not None:
            return self._drawn_back(observation)
        self._stray(observation.time_s)
        action = self._inner.act(self._misled(observation))
        if self._config.fault == "early":
            action = self._opened(action, observation.time_s)
        if isinstance(action.motion, EndEffector):
            aim = action.motion.base_from_tool
            action = replace(action, motion=EndEffector(Pose(aim.position + self._drift, aim.quat_wxyz)))
        return action

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()

    def _misled(self, observation: Observation) -> Observation:
        """What the expert is made to believe."""
        told = dict(observation.told)
        tool = np.array(told["tool"])
        tool[:3] -= self._drift
        told["tool"] = tool
        things = np.array(told.get("objects", ()), dtype=np.float64).reshape(-1, 7)
        if self._config.fault == "aside" and len(things):
            things[0, :3] += self._off
        elif self._config.fault == "beside" and len(things) > 1:
            things[1, :3] += self._off
        elif self._config.fault == "other":
            things[0] = self._another(observation, things[0])
        if len(things):
            told["objects"] = things.reshape(-1)
        return replace(observation, told=told)

    def _another(self, observation: Observation, thing: Array) -> Array:
        """A thing that lies about and is not the one it was told of."""
        if "strewn" not in observation.told:
            raise InvalidInput("clumsy with the fault 'other' has to be told where things lie about ('strewn').")
        strewn = np.asarray(observation.told["strewn"], dtype=np.float64).reshape(-1, 7)
        others = strewn[np.linalg.norm(strewn[:, :3] - thing[:3], axis=1) > 1e-3]
        return others[int(self._choice * len(others))]

    def _opened(self, action: Action, now_s: float) -> Action:
        """The hand opens some time after it closed, wherever it is then."""
        if action.gripper is None or action.gripper < 0.5:
            self._closed_s = None
            return action
        self._closed_s = now_s if self._closed_s is None else self._closed_s
        return replace(action, gripper=0.0) if now_s - self._closed_s > self._holds_s else action

    def _drawn_back(self, observation: Observation) -> Action:
        """Up from where it was done, open, and stay."""
        if self._rest is None:
            tool = np.asarray(observation.told["tool"], dtype=np.float64)
            self._rest = np.array([*tool[:2], max(tool[2], _AWAY_M + 0.04)])
            self._turn = tool[3:].copy()
        return Action(EndEffector(Pose(self._rest.copy(), self._turn.copy())), gripper=0.0)

    def _stray(self, now_s: float) -> None:
        """The drift goes on: an Ornstein-Uhlenbeck process, exact for any step."""
        past_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        keeps = float(np.exp(-past_s / _LAG_S))
        fresh = self._config.drift_m * np.sqrt(1.0 - keeps**2)
        self._drift = keeps * self._drift + fresh * self._drift_random.standard_normal(3)


def make(config: Config) -> Clumsy:
    """A policy for one arm."""
    return Clumsy(config, manipulate_expert.make(manipulate_expert.Config()))
