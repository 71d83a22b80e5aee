"""Decisions as lines of JSON: what an agent perceived in words and numbers, and what it decided; written, and read again."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bridge.engine import Action, Drive, EndEffector, Joints, Skill, Velocity
from bridge.episode import Episode, Step
from bridge.errors import InvalidInput
from bridge.types import Pose

_PLAIN = {"velocity": Velocity, "drive": Drive, "skill": Skill}


@dataclass(frozen=True, eq=False)
class Deed:
    """One decision. `notes` are empty where they were not written."""

    time_s: float
    agent: str
    action: Action
    notes: dict[str, Any]


def document(action: Action) -> dict[str, Any]:
    """An action as a JSON document, which `action` reads."""
    row: dict[str, Any] = {}
    motion = action.motion
    if isinstance(motion, Joints):
        row["joints"] = np.asarray(motion.targets).tolist()
    elif isinstance(motion, EndEffector):
        pose = motion.base_from_tool
        row["tool"] = [*np.asarray(pose.position).tolist(), *np.asarray(pose.quat_wxyz).tolist()]
    elif motion is not None:
        row[type(motion).__name__.lower()] = asdict(motion)
    if action.gripper is not None:
        row["gripper"] = action.gripper
    if action.say:
        row["say"] = action.say
    return row


def action(row: dict[str, Any]) -> Action:
    """The action in a document. Raises KeyError, TypeError or ValueError for what is none."""
    motion: Any = None
    if "joints" in row:
        motion = Joints(np.array(row["joints"], dtype=np.float64))
    elif "tool" in row:
        numbers = np.array(row["tool"], dtype=np.float64)
        if numbers.shape != (7,):
            raise ValueError(f"tool has shape {numbers.shape}, expected (7,)")
        motion = EndEffector(Pose(numbers[:3], numbers[3:]))
    else:
        motion = next((kind(**row[name]) for name, kind in _PLAIN.items() if name in row), None)
    return Action(motion, gripper=row.get("gripper"), say=row.get("say", ""))


def line(deed: Deed) -> str:
    """A decision as one line."""
    row = {"time_s": deed.time_s, "agent": deed.agent, "action": document(deed.action)}
    return json.dumps(row | ({"notes": deed.notes} if deed.notes else {}), sort_keys=True) + "\n"


def of_episode(episode: Episode, agent: str) -> Iterator[Deed]:
    """What an agent was told in an episode (of a recording, say), with the times at which it was told."""
    now_s = episode.begin.state.time_s
    for event in episode.events:
        if isinstance(event, Step) and agent in event.actions:
            yield Deed(now_s, agent, event.actions[agent], {})
        now_s = event.state.time_s


def deeds(path: Path) -> Iterator[Deed]:
    """The decisions in a file, in its order. Raises InvalidInput with the line that is none."""
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}. Give one that the wrapper `written` wrote.")
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            try:
                row = json.loads(text)
                yield Deed(float(row["time_s"]), str(row["agent"]), action(row["action"]), row.get("notes", {}))
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidInput(
                    f"{path}, line {number}: {error!r}. Expected a decision as the wrapper `written` writes them."
                ) from error
