"""The task at the table: lays things out, tells where they are, and judges from the state what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Actions, Change, Drive, Skill, Velocity
from bridge.frames import matrix_from_quat, quat_inverse, quat_product
from bridge.scene import Scene
from bridge.tasks.manipulate import leading
from bridge.tasks.manipulate.config import Config
from bridge.tasks.manipulate.success import handle, opening_m, pose, progress
from bridge.tasks.manipulate.tables import ARM, DRAWER, TRAY, Errand, laid, table
from bridge.tasks.task import Briefings, Outcome
from bridge.types import AgentState, WorldState

Array = NDArray[np.float64]
Bounds = tuple[tuple[float, float], ...]
FAR_M = 10.0
_JOINTS = 7
_POSE: Bounds = ((-FAR_M, FAR_M),) * 3 + ((-1.0, 1.0),) * 4
_COUNT = {"reach": 0, "push": 1, "pick-place": 2, "stack": 2, "drawer": 1}
"""How many things each skill is about."""


@dataclass(frozen=True, eq=False)
class ManipulateState:
    """An episode: its errand, what was left of it [m] at the last step, and when it began."""

    errand: Errand
    left_m: float | None = None
    begun_s: float | None = None
    is_over: bool = False


class ManipulateTask:
    """The task; holds nothing of an episode.

    What it tells, all in the frame of the arm's base: `joints` (7,) [rad], `gripper` (1,) 0 open to 1 closed, `tool` (7,) position [m] and
    quaternion (wxyz), `goal` (3,) [m] where the tool, the cube or the drawer's bar has to be, and with `is_privileged` `objects` (7 k,), the poses of what
    the errand is about: the cube, then the bowl or the cube below; for the drawer its bar. Without it `goal` is told of "reach" only.
    """

    verbs: Mapping[str, str] = {}

    def __init__(self, config: Config) -> None:
        self.config = config
        by_tool = config.control == "tool"
        self.controls: tuple[str, ...] = leading.TOOL_CONTROLS if by_tool else leading.JOINT_CONTROLS
        self.choices: tuple[tuple[float, ...], ...] = leading.choices(len(self.controls))
        self.told: Mapping[str, Bounds] = {"joints": ((-4.0, 4.0),) * _JOINTS, "gripper": ((0.0, 1.0),), "tool": _POSE}
        if config.is_privileged or config.skill == "reach":
            self.told = {**self.told, "goal": _POSE[:3]}
        if config.is_privileged and _COUNT[config.skill]:
            self.told = {**self.told, "objects": _POSE * _COUNT[config.skill]}

    def place(self) -> Scene:
        """The table of the skill."""
        return table(self.config.skill)

    def agents(self, scene: Scene) -> tuple[str, ...]:
        """The arm."""
        return (ARM,)

    def setup(self, scene: Scene, rng: np.random.Generator) -> tuple[ManipulateState, Sequence[Change], Briefings]:
        """Things at seeded places, and what is to be done with them."""
        errand, changes = laid(self.config.skill, rng)
        return ManipulateState(errand), changes, {ARM: errand.words}

    def controlled(self, state: WorldState, agent: str, numbers: Sequence[float]) -> Action:
        """The arm led on by a learner's numbers (see `controls`)."""
        if self.config.control == "tool":
            return leading.by_tool(_from_base(state, pose(state, f"{ARM}/tool")), numbers)
        return leading.by_joints(_arm(state)[0], numbers)

    def advance(
        self, task_state: ManipulateState, before: WorldState, actions: Actions, after: WorldState
    ) -> tuple[ManipulateState, Mapping[str, Outcome], Briefings]:
        """Done terminates, the time limit truncates."""
        if task_state.is_over:
            return task_state, {}, {}
        config, errand = self.config, task_state.errand
        begun_s = before.time_s if task_state.begun_s is None else task_state.begun_s
        left_m = progress(errand, before, config).left_m if task_state.left_m is None else task_state.left_m
        now = progress(errand, after, config)
        is_late = not now.is_done and after.time_s - begun_s >= config.limit_s - 1e-9
        reward = (config.success if now.is_done else 0.0) + (left_m - now.left_m if config.is_dense else 0.0)
        info: dict[str, Any] = {"left_m": now.left_m}
        if now.is_done or is_late:
            info |= {"success": now.is_done, "took_s": after.time_s - begun_s, "skill": config.skill}
        state = ManipulateState(errand, now.left_m, begun_s, now.is_done or is_late)
        return state, {ARM: Outcome(float(reward), now.is_done, is_late, info)}, {}

    def tells(self, task_state: ManipulateState, state: WorldState) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
        """What the arm feels, and where things are."""
        joints, gripper = _arm(state)
        told = {"joints": joints, "gripper": np.array([gripper]), "tool": _from_base(state, pose(state, f"{ARM}/tool"))}
        if "goal" in self.told:
            told["goal"] = _from_base(state, self._goal(task_state.errand, state))[:3]
        if "objects" in self.told:
            rows = [_from_base(state, row) for row in _things(task_state.errand, state)]
            told["objects"] = np.concatenate(rows)
        return {ARM: {name: np.clip(value, *np.array(self.told[name]).T) for name, value in told.items()}}

    def _goal(self, errand: Errand, state: WorldState) -> Array:
        """Where the tool, the cube or the drawer's bar has to be: a pose (7,), world frame."""
        turn = np.array([1.0, 0.0, 0.0, 0.0])
        if errand.goal is not None:
            return np.concatenate([errand.goal, turn])
        if errand.skill == "drawer":
            out = matrix_from_quat(pose(state, DRAWER)[3:])[:, 0]
            return np.concatenate([handle(state) - (self.config.open_m - opening_m(state)) * out, turn])
        return np.concatenate([pose(state, errand.onto)[:3], turn])

    def shows(self, task_state: ManipulateState, state: WorldState, agent: str) -> Mapping[str, Any]:
        """The errand, and what is left of it where places are told."""
        errand = task_state.errand
        notes: dict[str, Any] = {"skill": errand.skill, "thing": errand.moved, "onto": errand.onto}
        if self.config.is_privileged:
            now = progress(errand, state, self.config)
            notes |= {"left_m": round(now.left_m, 3), "is_done": now.is_done}
        return notes

    def refuses(self, task_state: ManipulateState, state: WorldState, agent: str, action: Action) -> str:
        """Arms do not drive, walk or go anywhere."""
        motion = action.motion
        if isinstance(motion, Drive | Velocity) or (isinstance(motion, Skill) and motion.verb != "wait"):
            what = motion.verb if isinstance(motion, Skill) else type(motion).__name__
            return (
                f"{agent} is bolted to the table and cannot '{what}'. Give it Joints, or an EndEffector, and a gripper."
            )
        return ""


def _arm(state: WorldState) -> tuple[Array, float]:
    own = next(agent for agent in state.agents if agent.name == ARM)
    return _joints(own), float(own.gripper or 0.0)


def _joints(own: AgentState) -> Array:
    return np.zeros(_JOINTS) if own.joints is None else own.joints.copy()


def _things(errand: Errand, state: WorldState) -> list[Array]:
    if errand.skill == "drawer":
        return [np.concatenate([handle(state), pose(state, TRAY)[3:]])]
    return [pose(state, name) for name in errand.things]


def _from_base(state: WorldState, world: Array) -> Array:
    """A pose (7,) in the frame of the arm's base; the quaternion's first number is not negative."""
    base = pose(state, ARM)
    at = matrix_from_quat(base[3:]).T @ (world[:3] - base[:3])
    turn = quat_product(quat_inverse(base[3:]), world[3:])
    return np.concatenate([at, turn if turn[0] >= 0 else -turn])
