"""What goes wrong at an expert's wheel: it weaves, is late, too slow or fast, off its lane, blind, brakes for nothing, or aimless."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Drive
from bridge.errors import InvalidInput
from bridge.observation import Observation
from policies.policy import Policy
from policies.seeds import stream
from policies.wrappers.noise import Level, Noise

Array = NDArray[np.float64]
Unseen = Literal["signal", "ahead", "junction", "crossing"]
_FAR_M, _LAG_S, _BRAKE_S = 100.0, 0.7, (0.6, 1.6)


@dataclass(frozen=True)
class DriverFaults:
    """All that may go wrong; nothing does unless it is said.

    `weaves` is how far the wheel strays slowly (one sigma, 1 is all of it), `jerks` the spread of pedals and wheel as a share
    of them, anew at each decision; `late` is how many decisions old what it does is. `pace` times what is allowed is taken
    for what is allowed, and it pulls away by `pulls_m_s2`. It keeps `aside_m` to the left of its lane (below 0: right), does not see what is `unseen`, and begins
    to brake for nothing `brakes_hz` times a second. One that is `aimless` pushes and turns as it likes.
    """

    weaves: float = 0.0
    jerks: float = 0.0
    late: int = 0
    pace: float = 1.0
    pulls_m_s2: float = 1.4
    aside_m: float = 0.0
    unseen: tuple[Unseen, ...] = ()
    brakes_hz: float = 0.0
    aimless: bool = False


class Impaired:
    """A Policy for a car that drives as `inner` says, but for its faults. The same seed and agent bring the same ones."""

    def __init__(self, inner: Policy, faults: DriverFaults) -> None:
        self._inner: Policy = Noise(inner, Level(motion=faults.jerks))
        self._faults = faults

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new ride."""
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)
        self._random = stream(seed, agent, "faults at the wheel")
        self._stray = self._random.standard_normal(2)
        self._pending: deque[Action] = deque()
        self._last_s: float | None = None
        self._brakes_until_s = -np.inf

    def act(self, observation: Observation) -> Action:
        """What the car is told in the end. Raises InvalidInput for an inner policy that says no pedals, and what that raises."""
        faults, now_s = self._faults, observation.time_s
        action = self._inner.act(self._believed(observation))
        drive = action.motion
        if not isinstance(drive, Drive):
            raise InvalidInput(
                f"The wheel needs pedals and wheel of its policy, which answered {type(drive).__name__}."
            )
        past_s = self._passed(now_s)
        if faults.aimless:
            push = float(np.clip(0.3 + 0.6 * self._stray[1], -1.0, 1.0))
            drive = Drive(max(push, 0.0), float(np.clip(0.5 * self._stray[0], -1.0, 1.0)), max(-push, 0.0))
        else:
            drive = replace(drive, steer=float(np.clip(drive.steer + faults.weaves * self._stray[0], -1.0, 1.0)))
        if faults.brakes_hz and self._is_braking(now_s, past_s):
            drive = Drive(0.0, drive.steer, 0.8)
        self._pending.append(replace(action, motion=drive))
        return Action(Drive()) if len(self._pending) <= faults.late else self._pending.popleft()

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()

    def _believed(self, observation: Observation) -> Observation:
        """What the expert is made to believe of the road."""
        faults, told = self._faults, dict(observation.told)
        if "limit" in told:
            told["limit"] = np.asarray(told["limit"]) * faults.pace
        for name in faults.unseen:
            told[name] = np.array([_FAR_M]) if name == "crossing" else np.array([_FAR_M, 0.0])
        if faults.aside_m and "waypoints" in told:
            points = np.asarray(told["waypoints"], dtype=np.float64).reshape(-1, 2)
            ahead = np.gradient(points, axis=0)
            ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-6)
            told["waypoints"] = (points + faults.aside_m * np.column_stack([-ahead[:, 1], ahead[:, 0]])).reshape(-1)
        return replace(observation, told=told)

    def _passed(self, now_s: float) -> float:
        """The time since the last decision; what it strays by goes on, an Ornstein-Uhlenbeck process exact for any step."""
        past_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        keeps = float(np.exp(-past_s / _LAG_S))
        self._stray = keeps * self._stray + np.sqrt(1.0 - keeps**2) * self._random.standard_normal(2)
        return past_s

    def _is_braking(self, now_s: float, past_s: float) -> bool:
        lot, long_s = float(self._random.random()), float(self._random.uniform(*_BRAKE_S))
        if now_s >= self._brakes_until_s and lot < 1.0 - float(np.exp(-self._faults.brakes_hz * past_s)):
            self._brakes_until_s = now_s + long_s
        return now_s < self._brakes_until_s
