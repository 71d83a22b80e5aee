"""What a body is doing at each moment, told from the engine's states: the words that a recogniser learns to read in video.

At a table: the phase of handling things, and what is held. On the road: which way the car turns, and whether it speeds up or brakes.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat, yaw_from_quat
from bridge.imagination import Past

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
QUESTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "manipulate": {
        "phase": ("idle", "reach", "grasp", "lift", "carry", "release"),
        "held": ("nothing", "red-cube", "green-cube", "blue-cube", "can"),
    },
    "drive": {"turning": ("left", "straight", "right"), "pace": ("braking", "steady", "speeding up", "standing")},
})  # fmt: skip
"""By task, what is asked of every moment and the possible answers."""
REACH = MappingProxyType({"manipulate": 1, "drive": 2})
"""How many moments before and after a moment say what is being done in it."""
_GRIPS, _SHUT, _AT_TOOL_M = 0.1, 0.95, 0.045
"""Between these a gripper is closed on something: nearer to 1 it closed on nothing."""
_STILL_M, _RISEN_M, _TAKEN_M = 0.012, 0.015, 0.03
TURNS_RAD_S, PACES_M_S2, STANDS_M_S = 0.08, 0.7, 0.3
"""From where on a car turns, changes its pace, and moves at all."""


def deeds(task: str, seen: Past) -> Mapping[str, Codes]:
    """What is being done at every moment of `seen`, by question: (t,) indices into QUESTIONS, -1 where too few moments are around.

    Raises InvalidInput for a task without questions, and an arm without a gripper.
    """
    if task == "manipulate":
        return _handling(seen)
    if task == "drive":
        return _driving(seen)
    raise InvalidInput(f"Nobody says what is done in the task '{task}'. Give one of {', '.join(QUESTIONS)}.")


def held_things(seen: Past) -> Codes:
    """Which thing (t,) the gripper is closed on, by its index; -1 where none."""
    if seen.gripper is None:
        raise InvalidInput(
            "These moments have no gripper, by which things are held. Collect them of an arm that has one."
        )
    closed = (seen.gripper > _GRIPS) & (seen.gripper < _SHUT)
    found = np.full(len(seen.times_s), -1)
    best = np.full(len(seen.times_s), _AT_TOOL_M)
    for index, thing in enumerate(seen.things):
        middle = thing.poses[:, :3] + matrix_from_quat(thing.poses[:, 3:])[..., 2] * thing.size_m[2] / 2
        away = np.linalg.norm(middle - seen.body[:, :3], axis=1)
        nearer = closed & (away < best)
        found[nearer], best[nearer] = index, away[nearer]
    return found


def _handling(seen: Past) -> Mapping[str, Codes]:
    phases, answers = QUESTIONS["manipulate"]["phase"], QUESTIONS["manipulate"]["held"]
    holds = held_things(seen)
    names = ["nothing", *(one.name if one.name in answers else "nothing" for one in seen.things)]
    held = np.array([answers.index(names[index + 1]) for index in holds])
    phase = np.full(len(holds), -1)
    for t in range(1, len(holds) - 1):
        phase[t] = phases.index(_phase(seen, holds, t))
    held[[0, -1]] = -1
    return {"phase": phase, "held": held}


def _phase(seen: Past, holds: Codes, t: int) -> str:
    """The phase of moment t, by the moments before and after it."""
    way = seen.body[t + 1, :3] - seen.body[t - 1, :3]
    if holds[t] < 0:
        if holds[t + 1] >= 0:
            return "grasp"
        if holds[t - 1] >= 0:
            return "release"
        return "idle" if np.linalg.norm(way) < _STILL_M else "reach"
    if holds[t + 1] < 0:
        return "release"
    thing = seen.things[holds[t]].poses[:, :3]
    taken_at = thing[
        t - int(np.argmin((holds[: t + 1] == holds[t])[::-1])) if (holds[: t + 1] != holds[t]).any() else 0
    ]
    moved = thing[t] - taken_at
    if moved[2] < _RISEN_M and np.linalg.norm(moved[:2]) < _TAKEN_M and way[2] < 2 * _RISEN_M:
        return "grasp"
    return "lift" if way[2] > np.linalg.norm(way[:2]) and way[2] > _STILL_M else "carry"


def _driving(seen: Past) -> Mapping[str, Codes]:
    """Turning by the yaw rate, pace by the difference of the speeds of the two moments before and the two after."""
    turns, paces = QUESTIONS["drive"]["turning"], QUESTIONS["drive"]["pace"]
    many = len(seen.times_s)
    turning, pace = np.full(many, -1), np.full(many, -1)
    yaw = np.unwrap(yaw_from_quat(seen.body[:, 3:]))
    for t in range(2, many - 2):
        lasts = float(seen.times_s[t + 2] - seen.times_s[t - 2])
        rate = float(yaw[t + 2] - yaw[t - 2]) / lasts
        turning[t] = turns.index("left" if rate > TURNS_RAD_S else "right" if rate < -TURNS_RAD_S else "straight")
        before, after = (float(np.linalg.norm(seen.body[b, :3] - seen.body[a, :3])) / (lasts / 2) for a, b in ((t - 2, t), (t, t + 2)))  # fmt: skip
        change = (after - before) / (lasts / 2)
        if before < STANDS_M_S and after < STANDS_M_S:
            pace[t] = paces.index("standing")
        else:
            pace[t] = paces.index("speeding up" if change > PACES_M_S2 else "braking" if change < -PACES_M_S2 else "steady")  # fmt: skip
    return {"turning": turning, "pace": pace}
