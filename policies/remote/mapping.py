"""What a robot policy is sent and what its numbers mean: lines like "observation/state=joints+gripper"."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, EndEffector, Joints, Velocity
from bridge.errors import DamagedData, UsageError
from bridge.observation import Observation
from bridge.types import Pose

Meaning = Literal["joints", "joint_velocities", "end_effector", "velocity"]
_WIDTH: dict[Meaning, int | None] = {"joints": None, "joint_velocities": None, "end_effector": 7, "velocity": 3}
"""Numbers of an action without its gripper; None for as many as there are joints."""


def request(lines: Sequence[str], observation: Observation, *, size_px: int) -> dict[str, Any]:
    """The document that lines of KEY=SOURCE make of an observation; "a>b" puts b into a. Raises UsageError.

    Sources: `instruction`; `camera:NAME` (uint8 (size,size,3), padded), `camera-chw:NAME`; numbers, joined by "+": `joints`,
    `gripper`, `position` (3,), `quat_wxyz` (4,), `velocity` (6,), `told:NAME`.
    """
    document: dict[str, Any] = {}
    for line in lines:
        key, equals, source = line.partition("=")
        if not equals:
            raise UsageError(f"'{line}' is no KEY=SOURCE.")
        *outer, last = key.split(">")
        inside = document
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = _source(source, observation, size_px)
    return document


def _source(source: str, observation: Observation, size_px: int) -> Any:
    if source == "instruction":
        return observation.instruction
    kind, _, name = source.partition(":")
    if kind in ("camera", "camera-chw"):
        frame = observation.frames.get(name)
        if frame is None or frame.rgb is None:
            raise UsageError(
                f"The policy wants the camera '{name}'; the agent has {', '.join(observation.frames) or 'none'}."
            )
        picture = padded(frame.rgb, size_px)
        return picture if kind == "camera" else np.ascontiguousarray(picture.transpose(2, 0, 1))
    return np.concatenate([_numbers(part, observation) for part in source.split("+")]).astype(np.float32)


def _numbers(name: str, observation: Observation) -> NDArray[np.float64]:
    found: Any = None
    if name.startswith("told:"):
        found = observation.told.get(name.removeprefix("told:"))
    elif name in ("position", "quat_wxyz"):
        found = getattr(observation.pose, name)
    elif name in ("joints", "gripper", "velocity"):
        found = getattr(observation, name)
    else:
        raise UsageError(
            f"'{name}' is nothing that an agent perceives: joints, gripper, position, quat_wxyz, velocity, told:NAME."
        )
    if found is None:
        raise UsageError(f"The policy wants '{name}', which {observation.agent} does not have.")
    return np.atleast_1d(np.asarray(found, dtype=np.float64)).ravel()


def padded(rgb: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    """A picture (H,W,3) scaled into a square of `size_px`, black beside it; 0 leaves it as it is."""
    if size_px <= 0 or rgb.shape[:2] == (size_px, size_px):
        return np.ascontiguousarray(rgb)
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.pad(Image.fromarray(rgb), (size_px, size_px), Image.Resampling.BILINEAR))


def chunk(answer: Mapping[str, Any], *, key: str) -> NDArray[np.float64]:
    """The actions (n, k) in an answer. Raises DamagedData."""
    found = answer.get(key)
    if not isinstance(found, np.ndarray) or found.ndim not in (1, 2) or found.size == 0:
        shape = found.shape if isinstance(found, np.ndarray) else type(found).__name__
        raise DamagedData(f"the answer's '{key}' is {shape}, not actions (n, k); it has {', '.join(map(str, answer))}")
    actions = np.atleast_2d(found).astype(np.float64)
    if not np.isfinite(actions).all():
        raise DamagedData(f"the answer's '{key}' holds numbers that are not finite")
    return actions


def action(
    numbers: NDArray[np.float64], meaning: Meaning, observation: Observation, *, gripper_at: int | None, step_s: float
) -> Action:
    """One action (k,) of a policy, as an engine takes it; the gripper 0 open to 1 closed. Raises DamagedData.

    `joints` are targets, `joint_velocities` are led on for `step_s` from where the joints are, `end_effector` is position [m]
    and quat_wxyz in the robot's base frame, `velocity` is forward, left [m/s] and yaw rate [rad/s].
    """
    gripper = None
    if gripper_at is not None:
        if not -len(numbers) <= gripper_at < len(numbers):
            raise DamagedData(f"an action of {len(numbers)} numbers has no gripper at {gripper_at}")
        gripper = float(np.clip(numbers[gripper_at], 0.0, 1.0))
        numbers = np.delete(numbers, gripper_at)
    width = _WIDTH[meaning] or (len(numbers) if observation.joints is None else len(observation.joints))
    if len(numbers) != width:
        raise DamagedData(f"an action has {len(numbers)} numbers for {meaning}; {width} are expected")
    if meaning == "velocity":
        return Action(Velocity(*map(float, numbers)), gripper)
    if meaning == "end_effector":
        length = np.linalg.norm(numbers[3:])
        if abs(length - 1.0) > 0.1:
            raise DamagedData(f"an end effector's quaternion has length {length:.3g}")
        return Action(EndEffector(Pose(numbers[:3].copy(), numbers[3:] / length)), gripper)
    if meaning == "joint_velocities":
        if observation.joints is None:
            raise DamagedData(f"{observation.agent} has no joints to be led on")
        numbers = observation.joints + numbers * step_s
    return Action(Joints(numbers), gripper)
