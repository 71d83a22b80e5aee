"""A robot's policy in another process: asked for a chunk of actions, a part of which is carried out before it is asked again."""

import logging
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action
from bridge.errors import SimbridgeError, UsageError
from bridge.observation import Observation
from policies.remote.link import PolicyServer
from policies.remote.mapping import Meaning, action, chunk, request

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Config:
    """Flags of policies in other processes."""

    address: str = "ws://localhost:8000"
    """Where the policy is served."""
    api_key_env: str = "OPENPI_API_KEY"
    """Environment variable that holds the key, if the server wants one."""
    sends: tuple[str, ...] = ()
    """Lines of KEY=SOURCE: what the policy is sent (see policies.remote.mapping)."""
    actions_key: str = "actions"
    acts: Meaning = "joints"
    """What the numbers of an action mean."""
    gripper_at: int | None = -1
    """Where in an action the gripper is; None for robots without one."""
    size_px: int = 224
    """Side of the pictures sent; 0 sends them as they are."""
    carry_out: int = 8
    """Actions of a chunk that are carried out before the next is asked for."""
    step_s: float = 0.1
    """Simulated time of one action."""
    first_timeout_s: float = 180.0
    """Wall-clock time of a connection's first answer; models are compiled meanwhile."""
    timeout_s: float = 10.0
    retry_s: float = 5.0
    """Wall-clock time after a fault until the server is asked again; the robot holds still."""


class RemoteRobot:
    """A Policy. It never raises for what a server does: the robot holds still, and `report()` tells."""

    def __init__(self, config: Config) -> None:
        if config.carry_out < 1 or config.step_s <= 0 or config.timeout_s <= 0 or config.first_timeout_s <= 0:
            raise UsageError("carry_out, step_s and the timeouts have to be above 0.")
        self._config = config
        self._server = PolicyServer(
            config.address,
            api_key_env=config.api_key_env,
            first_timeout_s=config.first_timeout_s,
            timeout_s=config.timeout_s,
        )
        self._start()

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self._server.close()  # a new connection is a new episode to servers that remember
        self._start()

    def act(self, observation: Observation) -> Action:
        if observation.time_s < self._due_s - 1e-9:
            return self._last
        try:
            if not self._left:
                self._refill(observation)
            if not self._left:
                return Action()
            config = self._config
            self._last = action(
                self._left.popleft(), config.acts, observation, gripper_at=config.gripper_at, step_s=config.step_s
            )
        except UsageError:
            raise
        except SimbridgeError as error:
            self._left.clear()
            self._held += 1
            self._again_s = time.monotonic() + self._config.retry_s
            kind = type(error).__name__
            self._faults[kind] = self._faults.get(kind, 0) + 1
            self._last_fault = str(error)
            _log.warning("%s holds still: %s", observation.agent, error)
            return Action()
        self._due_s = observation.time_s + self._config.step_s
        return self._last

    def report(self) -> dict[str, object]:
        """What the server did since the last reset, as a JSON document; times are wall-clock."""
        return {
            "calls": self._calls, "seconds": self._seconds, "held_still": self._held, "faults": dict(self._faults),
            "last_fault": self._last_fault, "server": {str(key): str(value)[:200] for key, value in self._server.metadata.items()},
        }  # fmt: skip

    def close(self) -> None:
        self._server.close()

    def _start(self) -> None:
        self._left: deque[NDArray[np.float64]] = deque()
        self._last = Action()
        self._due_s = self._again_s = float("-inf")
        self._calls = self._held = 0
        self._seconds = 0.0
        self._faults: dict[str, int] = {}
        self._last_fault = ""

    def _refill(self, observation: Observation) -> None:
        """Asks for the next chunk, unless the server failed a moment ago."""
        if time.monotonic() < self._again_s:
            self._held += 1
            return
        begun = time.monotonic()
        self._calls += 1
        answer = self._server.infer(request(self._config.sends, observation, size_px=self._config.size_px))
        self._seconds += time.monotonic() - begun
        self._left.extend(chunk(answer, key=self._config.actions_key)[: self._config.carry_out])
