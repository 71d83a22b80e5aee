"""A small network that learned from demonstrations how an arm puts a cube into a bowl, several decisions at a time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge.engine import Action, EndEffector
from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw, quat_product
from bridge.observation import Observation
from bridge.types import Pose
from policies.imitation.arm_deeds import CHUNK, STEP, decision, told_row
from policies.imitation.perceptron import load
from policies.seeds import stream

SHIPPED = Path(__file__).parent / "imitation" / "arm.npz"
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_LOW, _HIGH = np.array([0.2, -0.55, 0.008]), np.array([0.85, 0.55, 0.7])
"""Where the tool is led [m], as the task leads a learner's."""
_LASTS = 0.9
"""How much of the noise of one chunk goes on in the next: it errs to one side for a while, as hands do."""


@dataclass(frozen=True)
class Config:
    """Flags of the policy `arm-cloning`.

    `weights` are those `simbridge improve` writes, "" those that come with the package. `explores_m` [m] is the spread of the noise on
    where the tool goes, for who wants to find something better; it wanders slowly and is another one each episode.
    """

    weights: str = ""
    explores_m: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.explores_m <= 0.1:
            raise InvalidInput(f"explores_m is {self.explores_m:g} m. Give 0 to 0.1.")


class ArmCloning:
    """A Policy for one arm: it looks, decides on the next few tenths of a second, does that, and looks again."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._network = load(Path(config.weights) if config.weights else SHIPPED)
        self.reset(seed=0, agent="", instruction="")

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._random = stream(seed, agent, "explores")
        self._aside = self._random.standard_normal(3)
        self._next: list[Action] = []

    def act(self, observation: Observation) -> Action:
        """Where the tool goes now. Raises InvalidInput for a task that does not tell of a thing and of what it goes into."""
        if not self._next:
            row = told_row(observation.told)
            tool = np.asarray(observation.told["tool"], dtype=np.float64)
            steps = self._network(row[None])[0].reshape(CHUNK, STEP)
            self._aside = _LASTS * self._aside + np.sqrt(1 - _LASTS**2) * self._random.standard_normal(3)
            off = self._config.explores_m * self._aside
            self._next = [_action(aim, tool, off) for aim in steps]
        return self._next.pop(0)

    def close(self) -> None:
        """Nothing to give back."""


def _action(aim: np.ndarray, tool: np.ndarray, off: np.ndarray) -> Action:
    at, yaw, closed = decision(aim, tool)
    turn = quat_product(quat_from_yaw(yaw), _DOWN)
    return Action(EndEffector(Pose(np.clip(at + off, _LOW, _HIGH), turn)), gripper=closed)


def make(config: Config) -> ArmCloning:
    """A policy for one arm. Raises InvalidInput for weights that are none."""
    return ArmCloning(config)
