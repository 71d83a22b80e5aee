"""What goes wrong with an expert's hand: it shakes, is off, late, slow, weak, lets go, mixes places up, stops, or has no aim."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, EndEffector
from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw, quat_product
from bridge.observation import Observation
from bridge.types import Pose
from policies.policy import Policy
from policies.seeds import stream
from policies.wrappers.noise import Level, Noise

Array = NDArray[np.float64]
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_LOW, _HIGH = np.array([0.3, -0.4, 0.03]), np.array([0.7, 0.4, 0.4])
_AIMLESS_S = (0.4, 1.2)
_NOISE_M = 0.02
"""What the noise of policies.wrappers moves a tool by at a spread of 1."""


@dataclass(frozen=True)
class HandFaults:
    """All that may go wrong; nothing does unless it is said.

    `shake_m` is the spread of where the tool is sent, anew at each decision. `aside_m` (x, y, z) is how far the hand is from
    where it believes itself to be, in the base's frame; `late` how many decisions old what it does is. The tool is led no
    faster than `speed_m_s`, the hand closes no further than `grip` (1 is shut), and opens `holds_s` after it closed.
    With probability `mixes_up` it takes left for right in an episode, and with `stops` it stands still for good at a
    moment between `stops_s`. One that is `aimless` goes from anywhere to anywhere.
    """

    shake_m: float = 0.0
    aside_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    late: int = 0
    speed_m_s: float = float("inf")
    grip: float = 1.0
    holds_s: float = float("inf")
    mixes_up: float = 0.0
    stops: float = 0.0
    stops_s: tuple[float, float] = (0.5, 3.0)
    aimless: bool = False


class Hampered:
    """A Policy for an arm that acts as `inner` says, but for its faults. The same seed and agent bring the same ones."""

    def __init__(self, inner: Policy, faults: HandFaults) -> None:
        self._inner: Policy = Noise(inner, Level(motion=faults.shake_m / _NOISE_M))
        self._faults = faults

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode, with its lots drawn."""
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)
        faults = self._faults
        lots = stream(seed, agent, "lots of the hand").random(3)
        self._is_mixed_up = bool(lots[0] < faults.mixes_up)
        self._stops_s = float(np.interp(lots[2], (0.0, 1.0), faults.stops_s)) if lots[1] < faults.stops else np.inf
        self._aims = stream(seed, agent, "aims of the hand")
        self._aim, self._until_s = Action(), -np.inf
        self._pending: deque[Action] = deque()
        self._begun_s: float | None = None
        self._last_s, self._closed_s = 0.0, np.inf

    def act(self, observation: Observation) -> Action:
        """What the hand comes to do. Raises InvalidInput where nobody tells where the tool is, and what `inner` raises."""
        if "tool" not in observation.told:
            raise InvalidInput(
                "A hand has to be told where its tool is. Use the ladder's arms for the task 'manipulate'."
            )
        now_s = observation.time_s
        if self._begun_s is None:
            self._begun_s = self._last_s = now_s
        if now_s - self._begun_s >= self._stops_s:
            return self._still(observation)
        action = self._aimless(now_s) if self._faults.aimless else self._inner.act(self._believed(observation))
        self._pending.append(action)
        if len(self._pending) <= self._faults.late:
            return self._still(observation)
        return self._carried_out(self._pending.popleft(), observation)

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()

    def _believed(self, observation: Observation) -> Observation:
        """What the expert is made to believe: the tool where it takes it to be, and things on the other side."""
        told = dict(observation.told)
        tool = np.array(told["tool"], dtype=np.float64)
        tool[:3] -= self._faults.aside_m
        told["tool"] = tool
        if self._is_mixed_up and "objects" in told:
            things = np.array(told["objects"], dtype=np.float64).reshape(-1, 7)
            things[0, 1] *= -1.0
            told["objects"] = things.reshape(-1)
        return replace(observation, told=told)

    def _carried_out(self, action: Action, observation: Observation) -> Action:
        """What becomes of a decision on its way to the hand."""
        motion, now_s = action.motion, observation.time_s
        if isinstance(motion, EndEffector):
            aim = motion.base_from_tool
            at = self._led(aim.position + self._faults.aside_m, observation)
            action = replace(action, motion=EndEffector(Pose(at, aim.quat_wxyz)))
        self._last_s = now_s
        return replace(action, gripper=self._gripped(action.gripper, now_s))

    def _led(self, at: Array, observation: Observation) -> Array:
        """On towards a place (3,) [m], no farther than is allowed until the next decision."""
        if not np.isfinite(self._faults.speed_m_s):
            return at
        here = np.asarray(observation.told["tool"], dtype=np.float64)[:3]
        most_m = self._faults.speed_m_s * max(observation.time_s - self._last_s, 0.1)
        way = at - here
        return here + way * min(1.0, most_m / max(float(np.linalg.norm(way)), 1e-9))

    def _gripped(self, gripper: float | None, now_s: float) -> float | None:
        if gripper is None or gripper < 0.5:
            self._closed_s = np.inf
            return gripper
        self._closed_s = min(self._closed_s, now_s)
        return 0.0 if now_s - self._closed_s > self._faults.holds_s else min(gripper, self._faults.grip)

    def _still(self, observation: Observation) -> Action:
        tool = np.asarray(observation.told["tool"], dtype=np.float64)
        return Action(EndEffector(Pose(tool[:3].copy(), tool[3:].copy())))

    def _aimless(self, now_s: float) -> Action:
        """Anywhere over the table, open or closed, for a while."""
        if now_s >= self._until_s:
            at, turn = self._aims.uniform(_LOW, _HIGH), quat_from_yaw(float(self._aims.uniform(-1.0, 1.0)))
            self._aim = Action(
                EndEffector(Pose(at, quat_product(turn, _DOWN))), gripper=float(self._aims.random() < 0.5)
            )
            self._until_s = now_s + float(self._aims.uniform(*_AIMLESS_S))
        return self._aim
