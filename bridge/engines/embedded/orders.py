"""Actions read and refused: who is meant, whether the numbers mean something, what the body shall do."""

import math
from collections.abc import Collection, Mapping
from numbers import Real

import numpy as np

from bridge.engine import VERBS, Action, Actions, Drive, EndEffector, Joints, Skill, Velocity
from bridge.engines.embedded.robots import RobotBody
from bridge.errors import InvalidAction, UnknownBody
from bridge.plugins import unknown_name
from bridge.robots.description import Robot

FASTEST_M_S, FASTEST_RAD_S = 1000.0, 1000.0
MOST_TICKS = 50_000
MOST_CHARACTERS = 2000


def check_ticks(ticks: int) -> None:
    """Raises InvalidAction unless a step lasts 1 to 50,000 ticks."""
    if isinstance(ticks, bool) or not isinstance(ticks, int) or not 1 <= ticks <= MOST_TICKS:
        raise InvalidAction(f"A step of {ticks!r} ticks was asked for. Ask for a whole number from 1 to {MOST_TICKS}.")


def check_actions(
    actions: Actions, actors: Collection[str], bodies: Collection[str], robots: Mapping[str, RobotBody]
) -> None:
    """Raises UnknownBody or InvalidAction for the first action that cannot be meant; `robots` are those with joints."""
    for name, action in actions.items():
        if name not in actors:
            if name in bodies:
                raise InvalidAction(f"'{name}' does not move by itself. Send actions to agents, walkers or vehicles.")
            raise UnknownBody(unknown_name("body", str(name), actors))
        if not isinstance(action, Action):
            raise InvalidAction(
                f"'{name}' was sent a {type(action).__name__}. Send an Action, say Action(Velocity(1.0))."
            )
        if name in robots:
            _check_robot(name, action, robots[name].robot)
        else:
            _check(name, action)
        if len(action.say) > MOST_CHARACTERS:
            raise InvalidAction(f"Action of '{name}': say is longer than {MOST_CHARACTERS} characters. Say less.")


def _check(name: str, action: Action) -> None:
    motion = action.motion
    if isinstance(motion, Velocity):
        for field, most in (("forward_m_s", FASTEST_M_S), ("left_m_s", FASTEST_M_S), ("yaw_rate_rad_s", FASTEST_RAD_S)):
            _number(name, field, getattr(motion, field), -most, most)
    elif isinstance(motion, Drive):
        for field, least in (("throttle", -1.0), ("steer", -1.0), ("brake", 0.0)):
            _number(name, field, getattr(motion, field), least, 1.0)
    elif isinstance(motion, Skill):
        if motion.verb not in VERBS:
            raise InvalidAction(f"Action of '{name}': " + unknown_name("verb", str(motion.verb), VERBS))
        if len(motion.target) > MOST_CHARACTERS or len(motion.text) > MOST_CHARACTERS:
            raise InvalidAction(f"Action of '{name}': a target or text is longer than {MOST_CHARACTERS} characters.")
    elif isinstance(motion, Joints | EndEffector):
        raise InvalidAction(
            f"'{name}' was sent {type(motion).__name__}, but has no joints to command. Send Velocity, Drive or a Skill."
        )
    elif motion is not None:
        raise InvalidAction(f"Action of '{name}': {type(motion).__name__} is no motion. Send one of bridge.engine's.")
    if action.gripper is not None:
        raise InvalidAction(f"'{name}' was told to move a gripper, but has none. Leave gripper out, or use pick_up.")


def _check_robot(name: str, action: Action, robot: Robot) -> None:
    motion = action.motion
    if isinstance(motion, Joints):
        targets = np.asarray(motion.targets)
        names = robot.joints.names
        if targets.shape != (len(names),) or targets.dtype.kind not in "fiu" or not np.isfinite(targets).all():
            raise InvalidAction(
                f"Action of '{name}': joint targets have the shape {targets.shape}. Give {len(names)} finite numbers, for "
                f"{', '.join(names)}."
            )
    elif isinstance(motion, EndEffector):
        if not robot.tool:
            raise InvalidAction(
                f"'{name}' was sent EndEffector, but its description has no site named 'tool'. Add one, or send Joints."
            )
        pose = motion.base_from_tool
        numbers = np.concatenate([np.ravel(pose.position), np.ravel(pose.quat_wxyz)])
        if numbers.shape != (7,) or not np.isfinite(numbers).all() or abs(np.linalg.norm(numbers[3:]) - 1) > 1e-3:
            raise InvalidAction(
                f"Action of '{name}': base_from_tool is {numbers.tolist()}. Give a place of 3 finite numbers and a "
                "quaternion wxyz of length 1."
            )
    elif isinstance(motion, Skill) and motion.verb not in VERBS:
        raise InvalidAction(f"Action of '{name}': " + unknown_name("verb", str(motion.verb), VERBS))
    elif motion is not None and not (isinstance(motion, Skill) and motion.verb == "wait"):
        what = f"the skill '{motion.verb}'" if isinstance(motion, Skill) else type(motion).__name__
        raise InvalidAction(f"'{name}' was sent {what}, but moves by its joints. Send Joints or EndEffector.")
    if action.gripper is not None:
        if robot.gripper is None:
            raise InvalidAction(
                f"'{name}' was told to move a gripper, but its description has no actuator of that name."
            )
        _number(name, "gripper", action.gripper, 0.0, 1.0)


def _number(name: str, field: str, value: float, least: float, most: float) -> None:
    if not isinstance(value, Real) or not math.isfinite(value) or not least <= value <= most:
        raise InvalidAction(f"Action of '{name}': {field} is {value!r}. Give a number from {least:g} to {most:g}.")
