"""Tasks whose episodes last as long as is asked, whatever is done by then, and that say at every step how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Actions, Change
from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat, quat_inverse, quat_product
from bridge.scene import Scene
from bridge.tasks.drive import DriveTask, ride
from bridge.tasks.manipulate import ManipulateTask
from bridge.tasks.manipulate.success import pose, progress
from bridge.tasks.manipulate.tables import ARM, BOWL, CAN, CUBES
from bridge.tasks.task import Briefings, Outcome
from bridge.types import WorldState

STANDS = "stands"
"""What outcomes call whether the errand is done at that moment."""
STREWN = (*CUBES, CAN, BOWL)
"""What lies on the table, in this order."""


@dataclass(frozen=True, eq=False)
class Lasting:
    """An episode: the task's own state, and when it began."""

    own: Any
    begun_s: float | None = None
    is_over: bool = False


class _LastingTask:
    """What both have in common: the task inside decides everything but the end, which comes after `lasts_s`."""

    def __init__(self, task: Any, lasts_s: float) -> None:
        self.inner, self.lasts_s = task, lasts_s
        self.told, self.verbs = task.told, task.verbs

    def agents(self, scene: Scene) -> tuple[str, ...]:
        """Those of the task."""
        return self.inner.agents(scene)

    def setup(self, scene: Scene, rng: np.random.Generator) -> tuple[Lasting, Sequence[Change], Briefings]:
        """As the task does."""
        own, changes, briefings = self.inner.setup(scene, rng)
        return Lasting(own), changes, briefings

    def advance(
        self, task_state: Lasting, before: WorldState, actions: Actions, after: WorldState
    ) -> tuple[Lasting, Mapping[str, Outcome], Briefings]:
        """The task's outcomes, which end nothing before it is time; each says under STANDS how things stand."""
        if task_state.is_over:
            return task_state, {}, {}
        begun_s = before.time_s if task_state.begun_s is None else task_state.begun_s
        own, found, briefings = self.inner.advance(task_state.own, before, actions, after)
        is_over = after.time_s - begun_s >= self.lasts_s - 1e-9
        outcomes = {}
        for agent, info in self._standing(own, after, is_over).items():
            outcome = found.get(agent, Outcome())
            outcomes[agent] = Outcome(outcome.reward, False, is_over, {**info, **outcome.info})
        return Lasting(own, begun_s, is_over), outcomes, briefings

    def _standing(self, own: Any, state: WorldState, is_last: bool) -> Mapping[str, Mapping[str, Any]]:
        raise NotImplementedError

    def tells(self, task_state: Lasting, state: WorldState) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
        """As the task does."""
        return self.inner.tells(task_state.own, state)

    def shows(self, task_state: Lasting, state: WorldState, agent: str) -> Mapping[str, Any]:
        """As the task does."""
        return self.inner.shows(task_state.own, state, agent)

    def refuses(self, task_state: Lasting, state: WorldState, agent: str, action: Action) -> str:
        """As the task does."""
        return self.inner.refuses(task_state.own, state, agent, action)


class LastingTable(_LastingTask):
    """Work at a table. It tells besides where all things lie: `strewn` (7 k,), poses in the frame of the arm's base, as STREWN."""

    inner: ManipulateTask

    def place(self) -> Scene:
        """The table."""
        return self.inner.place()

    def tells(self, task_state: Lasting, state: WorldState) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
        """What the task tells, and `strewn` where there are such things."""
        told = self.inner.tells(task_state.own, state)
        if any(name not in state.names for name in STREWN):
            return told
        rows = [_from(pose(state, ARM), pose(state, name)) for name in STREWN]
        return {agent: {**numbers, "strewn": np.concatenate(rows)} for agent, numbers in told.items()}

    def _standing(self, own: Any, state: WorldState, is_last: bool) -> Mapping[str, Mapping[str, Any]]:
        now = progress(own.errand, state, self.inner.config)
        last = {"success": now.is_done} if is_last else {}
        return {ARM: {STANDS: now.is_done, "left_m": now.left_m, **last}}


class LastingDrive(_LastingTask):
    """Driving. A ride stands well as long as it broke no rule, touched nothing and kept to its lanes."""

    inner: DriveTask

    def leads(self, task_state: Lasting, state: WorldState) -> Actions:
        """What the task leads."""
        return self.inner.leads(task_state.own, state)

    def _standing(self, own: Any, state: WorldState, is_last: bool) -> Mapping[str, Mapping[str, Any]]:
        told = {}
        for agent, one in own.rides.items():
            is_clean = not sum(one.counts.values()) and one.off_road_m + one.wrong_lane_m <= 0.0
            told[agent] = {STANDS: is_clean, **({**ride.summary(one), "success": is_clean} if is_last else {})}
        return told


def lasting(task: Any, lasts_s: float) -> LastingTable | LastingDrive:
    """A task that lasts so long. Raises InvalidInput for one that world models know nothing of, and for no time."""
    if lasts_s <= 0:
        raise InvalidInput(f"Episodes of {lasts_s:g} s were asked for. Ask for more than 0.")
    if isinstance(task, ManipulateTask):
        return LastingTable(task, lasts_s)
    if isinstance(task, DriveTask):
        return LastingDrive(task, lasts_s)
    raise InvalidInput(f"World models know 'manipulate' and 'drive', not {type(task).__name__}.")


def _from(base: NDArray[np.float64], world: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pose (7,) in the frame of another."""
    at = matrix_from_quat(base[3:]).T @ (world[:3] - base[:3])
    return np.concatenate([at, quat_product(quat_inverse(base[3:]), world[3:])])
