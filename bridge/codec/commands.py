"""What an engine is told, as messages and back: actions of agents, changes of the world."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np

from bridge.codec import fields
from bridge.codec.tensors import array_of_message, finite_array, message_of_array, message_of_pose, pose_of_message
from bridge.engine import (
    SCALES,
    VERBS,
    Action,
    Actions,
    Change,
    Drive,
    EndEffector,
    Hide,
    Joints,
    Move,
    Paint,
    Remove,
    Resize,
    Skill,
    Spawn,
    Velocity,
    Weather,
)
from bridge.errors import InvalidAction, InvalidInput
from bridge.scene import Environment
from bridge.v1 import types_pb2
from bridge.v1 import world_pb2 as pb

MAX_SPEED_M_S = 1000.0
MAX_JOINTS = 256
WEATHERS: tuple[str, ...] = get_args(Environment.__annotations__["weather"])


def message_of_action(action: Action) -> pb.Action:
    """An action as it travels."""
    made = pb.Action(say=action.say)
    if action.gripper is not None:
        made.gripper = action.gripper
    match action.motion:
        case None:
            pass
        case Velocity(forward, left, yaw_rate):
            made.velocity.SetInParent()
            made.velocity.forward_m_s, made.velocity.left_m_s = forward, left
            made.velocity.yaw_rate_rad_s = yaw_rate
        case Drive(throttle, steer, brake):
            made.drive.SetInParent()
            made.drive.throttle, made.drive.steer, made.drive.brake = throttle, steer, brake
        case Joints(targets):
            made.joints.CopyFrom(message_of_array(np.asarray(targets, np.float64)))
        case EndEffector(pose):
            made.end_effector.base_from_tool.CopyFrom(message_of_pose(pose))
        case Skill(verb, target, text):
            made.skill.CopyFrom(pb.Skill(verb=verb, target=target, text=text))
        case other:
            raise InvalidInput(f"A motion cannot be a {type(other).__name__}; see bridge.engine.Action.")
    return made


def action_of_message(message: pb.Action, path: str) -> Action:
    """The action, each number within what it means."""
    kind = message.WhichOneof("motion")
    gripper = None
    if message.HasField("gripper"):
        gripper = fields.finite(message.gripper, f"{path}.gripper", low=0.0, high=1.0)
    motion = None if kind is None else _MOTIONS[kind](getattr(message, kind), f"{path}.{kind}")
    return Action(motion, gripper, fields.text(message.say, f"{path}.say"))


def actions_of_map(messages: Mapping[str, pb.Action], path: str) -> dict[str, Action]:
    """Actions by agent, in the order of names: that of a map on the wire means nothing."""
    return {
        fields.name(agent, f"{path}[{agent!r}]"): action_of_message(messages[agent], f"{path}['{agent}']")
        for agent in sorted(messages)
    }


def map_of_actions(actions: Actions) -> dict[str, pb.Action]:
    """Actions by agent as they travel."""
    for agent, action in actions.items():
        if not isinstance(action, Action):
            raise InvalidAction(
                f"'{agent}' was sent a {type(action).__name__}. Send an Action, say Action(Velocity(1.0))."
            )
    return {agent: message_of_action(action) for agent, action in actions.items()}


def _velocity(message: pb.Velocity, path: str) -> Velocity:
    keys = ("forward_m_s", "left_m_s", "yaw_rate_rad_s")
    limit = MAX_SPEED_M_S
    return Velocity(*(fields.finite(getattr(message, key), f"{path}.{key}", low=-limit, high=limit) for key in keys))


def _drive(message: pb.Drive, path: str) -> Drive:
    return Drive(
        fields.finite(message.throttle, f"{path}.throttle", low=-1.0, high=1.0),
        fields.finite(message.steer, f"{path}.steer", low=-1.0, high=1.0),
        fields.finite(message.brake, f"{path}.brake", low=0.0, high=1.0),
    )


def _joints(message: types_pb2.Tensor, path: str) -> Joints:
    targets = finite_array(array_of_message(message, path), path, limit=1e6)
    if len(targets) > MAX_JOINTS:
        raise InvalidInput(f"{path} has {len(targets)} targets; robots have at most {MAX_JOINTS} joints.")
    return Joints(targets)


def _skill(message: pb.Skill, path: str) -> Skill:
    if message.verb not in VERBS:
        raise InvalidInput(f"{path}.verb is '{message.verb[:40]}'; expected one of {', '.join(VERBS)}.")
    target = fields.text(message.target, f"{path}.target", limit=fields.MAX_NAME)
    return Skill(message.verb, target, fields.text(message.text, f"{path}.text"))


_MOTIONS: dict[str, Callable[[Any, str], Any]] = {
    "velocity": _velocity,
    "drive": _drive,
    "joints": _joints,
    "end_effector": lambda message, path: EndEffector(
        pose_of_message(message.base_from_tool, f"{path}.base_from_tool")
    ),
    "skill": _skill,
}


def message_of_change(change: Change) -> pb.Change:
    """A change as it travels."""
    match change:
        case Spawn(name, asset, pose, is_agent, scale):
            size = None if scale is None else _vector(scale)
            made = pb.Spawn(name=name, asset=asset, pose=message_of_pose(pose), is_agent=is_agent, scale=size)
            return pb.Change(spawn=made)
        case Move(name, pose):
            return pb.Change(move=pb.Move(name=name, pose=message_of_pose(pose)))
        case Remove(name):
            return pb.Change(remove=pb.Remove(name=name))
        case Resize(name, scale):
            return pb.Change(resize=pb.Resize(name=name, scale=_vector(scale)))
        case Hide(name, is_hidden):
            return pb.Change(hide=pb.Hide(name=name, is_hidden=is_hidden))
        case Paint(name, color):
            return pb.Change(paint=pb.Paint(name=name, color=_vector(color)))
        case Weather():
            given = {key: value for key, value in vars(change).items() if value is not None}
            return pb.Change(weather=pb.Weather(**given))
    raise InvalidInput(f"A change cannot be a {type(change).__name__}; see bridge.engine.Change.")


def changes_of_messages(messages: Sequence[pb.Change], path: str) -> list[Change]:
    """The changes of a batch, in their order."""
    made: list[Change] = []
    for index, message in enumerate(messages):
        place, kind = f"{path}[{index}]", message.WhichOneof("what")
        if kind is None:
            raise InvalidInput(
                f"{place} holds no change; expected spawn, move, remove, resize, hide, paint or weather."
            )
        made.append(_CHANGES[kind](getattr(message, kind), f"{place}.{kind}"))
    return made


def _paint(message: pb.Paint, path: str) -> Paint:
    red, green, blue = (
        fields.finite(getattr(message.color, key), f"{path}.color.{key}", low=0.0, high=1.0) for key in "xyz"
    )
    return Paint(fields.name(message.name, f"{path}.name"), (red, green, blue))


def _spawn(message: pb.Spawn, path: str) -> Spawn:
    return Spawn(
        fields.name(message.name, f"{path}.name"),
        fields.name(message.asset, f"{path}.asset"),
        pose_of_message(message.pose, f"{path}.pose"),
        message.is_agent,
        _scale(message.scale, f"{path}.scale") if message.HasField("scale") else None,
    )


def _scale(message: types_pb2.Vector3, path: str) -> tuple[float, float, float]:
    x, y, z = (fields.finite(getattr(message, key), f"{path}.{key}", low=SCALES[0], high=SCALES[1]) for key in "xyz")
    return x, y, z


def _vector(numbers: Sequence[float]) -> types_pb2.Vector3:
    x, y, z = numbers
    return types_pb2.Vector3(x=x, y=y, z=z)


def weather_of_message(message: pb.Weather, path: str) -> Weather:
    """Weather, each number within what a sky can be."""
    given: dict[str, Any] = {field.name: value for field, value in message.ListFields()}
    weather = given.get("weather")
    if weather is not None and weather not in WEATHERS:
        raise InvalidInput(f"{path}.weather is '{weather[:40]}'; expected one of {', '.join(WEATHERS)}.")
    for key, low, high in (
        ("time_of_day_h", 0.0, 24.0),
        ("visibility_m", 1.0, 1e6),
        ("wetness", 0.0, 1.0),
        ("snow_cover", 0.0, 1.0),
    ):
        if key in given:
            fields.finite(given[key], f"{path}.{key}", low=low, high=high)
    return Weather(**given)


_CHANGES: dict[str, Callable[[Any, str], Change]] = {
    "spawn": _spawn,
    "move": lambda message, path: Move(
        fields.name(message.name, f"{path}.name"), pose_of_message(message.pose, f"{path}.pose")
    ),
    "remove": lambda message, path: Remove(fields.name(message.name, f"{path}.name")),
    "resize": lambda message, path: Resize(
        fields.name(message.name, f"{path}.name"), _scale(message.scale, f"{path}.scale")
    ),
    "hide": lambda message, path: Hide(fields.name(message.name, f"{path}.name"), message.is_hidden),
    "paint": _paint,
    "weather": weather_of_message,
}
