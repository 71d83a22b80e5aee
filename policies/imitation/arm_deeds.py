"""What an arm was told and did, decision by decision: the rows that the policy `arm-cloning` learns from, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat

Array = NDArray[np.float64]
CHUNK = 3
"""How many decisions are foreseen at once."""
STEP = 5
"""Numbers a decision has: where the tool goes (3), how far it turns, the gripper."""
_COARSE_M, _FINE_M, _FAR_M, _TURN_RAD = 0.2, 0.02, 0.25, 0.5
_HALF_CUBE_M = 0.025
FEATURES = 19
"""Numbers a row has."""


@dataclass(frozen=True, eq=False)
class ArmDeeds:
    """One episode of d decisions, in the frame of the arm's base: what the task told, and what was decided.

    `tool` (d,7) position [m] and quaternion (wxyz); `gripper` (d,) as measured; `objects` (d,14) the thing to be moved and what it goes
    into; `target` (d,3) where the tool was sent [m], `yaw_rad` (d,) and `closed` (d,) how, 0 open to 1 closed; `time_s` (d,).
    """

    time_s: Array
    tool: Array
    gripper: Array
    objects: Array
    target: Array
    yaw_rad: Array
    closed: Array

    def __len__(self) -> int:
        return len(self.time_s)

    def until(self, time_s: float) -> "ArmDeeds":
        """What was decided before a time."""
        kept = self.time_s < time_s - 1e-9
        return ArmDeeds(*(getattr(self, item.name)[kept] for item in fields(self)))

    def save(self, path: Path) -> None:
        """Writes the episode (.npz), all of it or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        with draft.open("wb") as file:
            np.savez_compressed(file, **{item.name: getattr(self, item.name) for item in fields(self)})
        draft.replace(path)


def read_deeds(path: Path) -> ArmDeeds:
    """An episode that was saved. Raises InvalidInput for a file that is none."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            return ArmDeeds(*(kept[item.name].astype(np.float64) for item in fields(ArmDeeds)))
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(
            f"{path} holds no decisions of an arm ({error}). Remove it, and run the same again."
        ) from error


def told_row(told: Mapping[str, Array]) -> Array:
    """What the task tells as the numbers (FEATURES,) of one row; none of them knows where on the table it is.

    Raises InvalidInput where the task does not tell of a thing and of what it goes into.
    """
    if "objects" not in told or np.size(told["objects"]) != 14:
        raise InvalidInput(
            "arm-cloning needs the task 'manipulate' with is_privileged and a skill about two things, such as pick-place: it is "
            f"told {', '.join(sorted(told)) or 'nothing'}."
        )
    return features(
        np.asarray(told["tool"])[None], np.asarray(told["gripper"]).reshape(1), np.asarray(told["objects"])[None]
    )[0]


def features(tool: Array, gripper: Array, objects: Array) -> Array:
    """Rows (d, FEATURES): the ways from the tool to the grasp and to the goal, coarse and fine, the turns there, and the gripper."""
    thing, under = objects[:, :7], objects[:, 7:]
    grasp = thing[:, :3] + [0.0, 0.0, _HALF_CUBE_M]
    to_grasp, to_goal = grasp - tool[:, :3], under[:, :3] - tool[:, :3]
    yaw = yaws(tool[:, 3:])
    turns = np.column_stack([_wrapped(_squared(yaws(pose[:, 3:])) - yaw) for pose in (thing, under)])
    return np.column_stack(
        [
            to_grasp / _COARSE_M, np.tanh(to_grasp / _FINE_M), to_goal / _COARSE_M, np.tanh(to_goal / (2 * _FINE_M)),
            turns / _TURN_RAD, 2.0 * gripper - 0.5, tool[:, 2] / _COARSE_M, thing[:, 2] / _COARSE_M,
            np.linalg.norm((grasp - under[:, :3])[:, :2], axis=1) / _COARSE_M, np.tanh(10.0 * (gripper - 0.2)),
        ]
    )  # fmt: skip


def aims(deeds: ArmDeeds) -> Array:
    """What was decided from each row on, CHUNK decisions (d, CHUNK * STEP) seen from where the tool was then; the last one lasts.

    Ways longer than 25 cm are cut to that: nothing gets farther until it decides anew.
    """
    count = len(deeds)
    now, yaw = deeds.tool[:, :3], yaws(deeds.tool[:, 3:])
    found = []
    for ahead in range(CHUNK):
        rows = np.minimum(np.arange(count) + ahead, count - 1)
        way = deeds.target[rows] - now
        far = np.linalg.norm(way, axis=1, keepdims=True)
        way = way * np.minimum(1.0, _FAR_M / np.maximum(far, 1e-9))
        turn = _wrapped(deeds.yaw_rad[rows] - yaw)
        found.append(np.column_stack([way / _COARSE_M, turn / _TURN_RAD, deeds.closed[rows]]))
    return np.concatenate(found, axis=1)


def decision(aim: Array, tool: Array) -> tuple[Array, float, float]:
    """Where the tool goes (3,) [m], its yaw [rad] and the gripper, of the numbers (STEP,) of one decision and where the tool was."""
    yaw = float(yaws(tool[None, 3:])[0])
    return tool[:3] + _COARSE_M * aim[:3], yaw + _TURN_RAD * float(aim[3]), float(aim[4] > 0.5)


def rows_of(episodes: Sequence[ArmDeeds]) -> tuple[Array, Array]:
    """The rows (n, FEATURES) of episodes and what was decided (n, CHUNK * STEP)."""
    kept = [one for one in episodes if len(one)]
    if not kept:
        return np.zeros((0, FEATURES)), np.zeros((0, CHUNK * STEP))
    told = [features(one.tool, one.gripper, one.objects) for one in kept]
    return np.concatenate(told), np.concatenate([aims(one) for one in kept])


def yaws(quats: Array) -> Array:
    """Yaws (n,) [rad] of quaternions (n,4)."""
    matrices = np.stack([matrix_from_quat(quat) for quat in quats])
    return np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])


def _squared(yaw: Array) -> Array:
    """The same grasp of a cube with the hand turned least: up to quarter turns."""
    return yaw - np.pi / 2 * np.round(yaw / (np.pi / 2))


def _wrapped(angle: Array) -> Array:
    return np.arctan2(np.sin(angle), np.cos(angle))
