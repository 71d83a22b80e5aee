"""An episode as one agent's rows of numbers: at even ticks, what it was like and what it was told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Drive, EndEffector, Joints, Skill, Velocity
from bridge.episode import Episode, Step
from bridge.errors import InvalidInput, NotSupported
from bridge.frames import yaw_from_quat
from bridge.types import WorldState

ActionsOf = Literal["told", "done"]
_VELOCITY = ("forward_m_s", "left_m_s", "yaw_rate_rad_s")
_DRIVE = ("throttle", "steer", "brake")
_POSE = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz")
_TWIST = ("vx_m_s", "vy_m_s", "vz_m_s", "wx_rad_s", "wy_rad_s", "wz_rad_s")


@dataclass(frozen=True, eq=False)
class Rows:
    """`observation` (n,k) and `action` (n,m) float32 of one agent; `numbers` (n,) of the events whose frames belong to them.

    Row i is at `ticks[i]`: the state before the action, and the action in force until the next row.
    """

    ticks: NDArray[np.int64]
    numbers: NDArray[np.int64]
    observation: NDArray[np.float32]
    action: NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """What the columns of all episodes mean: names of observations and actions, the motion they come from."""

    agent: str
    observations: tuple[str, ...]
    actions: tuple[str, ...]
    motion: type | None
    has_gripper: bool
    joints: int


def shape_of(episodes: Sequence[Episode], agent: str, actions: ActionsOf) -> Shape:
    """The columns for an agent (the one told most if empty). Raises InvalidInput, NotSupported."""
    told = Counter(name for episode in episodes for event in episode.events if isinstance(event, Step)
                   for name in event.actions)  # fmt: skip
    names = dict.fromkeys(one.name for episode in episodes for one in episode.begin.state.agents)
    agent = agent or (min(told, key=lambda name: (-told[name], name)) if told else next(iter(names), ""))
    if agent not in names:
        raise InvalidInput(
            f"There is no agent '{agent}' in the recording. Choose one with --agent: {', '.join(names)}."
        )
    given = [event.actions[agent] for episode in episodes for event in episode.events
             if isinstance(event, Step) and agent in event.actions]  # fmt: skip
    kinds = {type(action.motion) for action in given if action.motion is not None}
    has_gripper = actions == "told" and any(action.gripper is not None for action in given)
    joints = max((_joints(state, agent).size for episode in episodes for state in episode.states()), default=0)
    columns, motion = _VELOCITY, None
    if actions == "told":
        if len(kinds) > 1 or Skill in kinds:
            words = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise NotSupported(
                f"'{agent}' was told {words}, which is no one vector of numbers. Export what it did instead, with "
                "--actions done, or choose another --agent."
            )
        motion = next(iter(kinds), Velocity)
        width = max((action.motion.targets.size for action in given if isinstance(action.motion, Joints)), default=0)
        targets = tuple(f"target_{i}" for i in range(width))
        columns = {Velocity: _VELOCITY, Drive: _DRIVE, EndEffector: _POSE, Joints: targets}[motion]
    return Shape(
        agent,
        (*_POSE, *_TWIST, *(f"joint_{i}" for i in range(joints))),
        (*columns, *(("gripper",) if has_gripper else ())),
        motion,
        has_gripper,
        joints,
    )


def spacing(episodes: Sequence[Episode], every_ticks: int) -> int:
    """How many ticks are between rows: as asked for, or the longest step."""
    if every_ticks < 0:
        raise InvalidInput(f"every_ticks is {every_ticks}; expected 1 or more, or 0 for the longest step.")
    steps = [event.ticks for episode in episodes for event in episode.events if isinstance(event, Step)]
    if not steps:
        raise InvalidInput("No step was recorded; there is nothing to export.")
    return every_ticks or max(steps)


def rows_of(episode: Episode, shape: Shape, every_ticks: int) -> Rows:
    """The rows of an episode; the last state, after which nothing was told, has none. Raises InvalidInput."""
    told, now, number = Action(), episode.begin.state, episode.first
    found: dict[int, tuple[int, WorldState, Action]] = {}
    for index, event in enumerate(episode.events, start=1):
        if isinstance(event, Step):
            told = event.actions.get(shape.agent, told)
            found[now.tick] = (number, now, told)
        now, number = event.state, episode.first + index
    start = episode.begin.state.tick
    ticks = np.arange(start, now.tick - every_ticks + 1, every_ticks)
    missing = next((tick for tick in ticks if tick not in found), None)
    if missing is not None:
        raise InvalidInput(
            f"Rows every {every_ticks} ticks need tick {missing}, which was not recorded. Choose --every-ticks by the "
            "steps that were made, or record steps of even length."
        )
    kept = [found[tick] for tick in ticks.tolist()]
    states = [state for _, state, _ in kept]
    if shape.motion is None:
        actions = _done([*states, now] if len(states) else [], shape.agent)
    else:
        actions = np.array([_numbers(action, shape) for *_, action in kept], np.float32)
    return Rows(
        ticks,
        np.array([number for number, *_ in kept], np.int64),
        np.array([_observed(state, shape) for state in states], np.float32).reshape(-1, len(shape.observations)),
        actions.reshape(-1, len(shape.actions)),
    )


def _observed(state: WorldState, shape: Shape) -> NDArray[np.float64]:
    pose, twist = _body(state, shape.agent)
    joints = np.zeros(shape.joints)
    found = _joints(state, shape.agent)
    joints[: found.size] = found
    return np.concatenate([pose, twist, joints])


def _body(state: WorldState, agent: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if agent not in state.names:
        raise InvalidInput(f"'{agent}' is not in the world at tick {state.tick}. Choose another --agent.")
    row = state.names.index(agent)
    return state.poses[row], np.zeros(6) if state.velocities is None else state.velocities[row]


def _joints(state: WorldState, agent: str) -> NDArray[np.float64]:
    joints = next((one.joints for one in state.agents if one.name == agent), None)
    return np.zeros(0) if joints is None else joints


def _numbers(action: Action, shape: Shape) -> list[float]:
    """One action as numbers; no motion is all zeros."""
    motion = action.motion
    if isinstance(motion, Joints):
        numbers = motion.targets.tolist()
    elif isinstance(motion, EndEffector):
        numbers = [*motion.base_from_tool.position, *motion.base_from_tool.quat_wxyz]
    else:
        numbers = [] if motion is None else [float(value) for value in vars(motion).values()]
    numbers = [*numbers, *[0.0] * (len(shape.actions) - shape.has_gripper - len(numbers))]
    return [*numbers, action.gripper or 0.0] if shape.has_gripper else numbers


def _done(states: Sequence[WorldState], agent: str) -> NDArray[np.float32]:
    """How the agent moved until the next state, in its own frame: forward and left [m/s], yaw rate [rad/s]."""
    if len(states) < 2:
        return np.zeros((0, 3), np.float32)
    poses = np.array([_body(state, agent)[0] for state in states])
    seconds = np.diff([state.time_s for state in states])[:, None]
    velocity = np.diff(poses[:, :2], axis=0) / seconds
    yaw = yaw_from_quat(poses[:, 3:])
    cos, sin = np.cos(yaw[:-1]), np.sin(yaw[:-1])
    turned = (np.diff(yaw) + np.pi) % (2 * np.pi) - np.pi
    forward = velocity[:, 0] * cos + velocity[:, 1] * sin
    left = velocity[:, 1] * cos - velocity[:, 0] * sin
    return np.stack([forward, left, turned / seconds[:, 0]], axis=1).astype(np.float32)
