"""Instruction following: was what the instruction says done, as far as the pictures of a dream show it, or the poses it tells?

Graded as WorldModelBench grades it (Li et al. 2025): 0 nothing moves or what it is about is not there, 1 something is done but not that, 2 it is
begun, 3 it is done. Nothing is taken from the course: at a table things and the tool are located in the pictures (evaluation.measures.reading), on
the road the way is that of visual odometry. The engine's own grade is by its states and the task's verdict, and what the same eyes read
in the engine's pictures stands beside both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.measures.case import Case
from evaluation.measures.odometry import driven
from evaluation.measures.reading import TOOL, Reading

Array = NDArray[np.float64]
GRADES = ("nothing", "something else", "begun", "done")
LEFT, STRAIGHT, RIGHT, STAND = "turn left", "go straight", "turn right", "stand"
_INSIDE_M, _ON_TOP_M, _BELOW_M, _ABOVE_M = 0.06, 0.035, 0.03, 0.12
"""How far aside of a bowl, or of what it is put on, a thing may be read and count as put there; and how far below and above."""
_MOVED_M, _TOOL_MOVED_M, _RESTS_M, _LET_GO_M = 0.05, 0.08, 0.03, 0.06
_STANDS_M, _TURN_RAD, _OF_LENGTH = 1.0, 0.35, 0.2


@dataclass(frozen=True)
class Grades:
    """Of one episode: what is `asked`, and the grades 0 to 3 of the engine by its states, of its pictures and of a dream's; `told` is that of the
    poses a dream tells, of those that tell some. None where it cannot be graded."""

    asked: str
    engine: int
    read_engine: int | None
    dream: int | None
    told: int | None = None


def followed(case: Case, *, instruction: str | None = None) -> Grades | None:
    """The grades of a case; None where the instruction names nothing that can be followed up. Another `instruction` may be held against it: words
    at a table, one of the manoeuvres on the road. Of several samples the first is graded.

    Raises Unavailable on the road without OpenCV.
    """
    if case.task == "drive":
        return _followed_by_car(case, instruction)
    if case.task != "manipulate":
        return None
    words = case.truth.instruction if instruction is None else instruction
    about = asked(words, [one.name for one in case.truth.things])
    if about is None:
        return None
    moved, onto = about
    true = {one.name: np.concatenate([before.poses[:, :3], one.poses[:, :3]]) for one, before in zip(case.truth.things, case.last.things, strict=True)}  # fmt: skip
    tool = np.concatenate([case.last.body[:, :3], case.truth.body[:, :3]])
    engine = handled(moved, onto, true, tool)
    if instruction is None:  # the task knows better whether it is done than places do
        engine = 3 if case.success[-1] else min(engine, 2)
    told = None
    if {moved, onto} <= set(case.prediction.poses):
        said = {name: np.concatenate([true[name][:1], poses[0, :, :3]]) for name, poses in case.prediction.poses.items() if name in true}  # fmt: skip
        told = handled(moved, onto, said, None)
    return Grades(
        words, engine,
        None if case.engine is None else handled(moved, onto, *_tracks(case.engine, true)),
        None if case.dreamt is None else handled(moved, onto, *_tracks(case.dreamt[0], true)),
        told,
    )  # fmt: skip


def asked(words: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Which thing shall be moved and onto which, by an instruction that names both in that order; None for another."""
    text = words.casefold()
    found = sorted((text.find(name.replace("-", " ")), name) for name in names if name.replace("-", " ") in text)
    return (found[0][1], found[1][1]) if len(found) == 2 else None


def handled(moved: str, onto: str, places: Mapping[str, Array], tool: Array | None) -> int:
    """The grade of a thing that shall be put onto another, by places (n + 1,3) [m] from now on, nan where unknown.

    Where nobody tells the `tool`, a thing that rests counts as let go.
    """
    thing = places.get(moved)
    others = [_path_m(place) > _MOVED_M for name, place in places.items() if name != moved]
    acts = any(others) or (tool is not None and _path_m(tool) > _TOOL_MOVED_M)
    if thing is None or not np.isfinite(thing[1:]).any():
        return 1 if acts else 0
    if _rests_on(thing, places.get(onto), tool, is_inside=onto == "bowl") and _path_m(thing) > _MOVED_M:
        return 3
    if _path_m(thing) > _MOVED_M:
        return 2
    return 1 if acts else 0


def _rests_on(thing: Array, under: Array | None, tool: Array | None, *, is_inside: bool) -> bool:
    """Whether a thing ends upon another, at rest and let go."""
    if under is None or not np.isfinite(under).any() or not np.isfinite(thing[-3:]).any():
        return False
    known = thing[np.isfinite(thing).all(axis=1)]
    end, below = known[-1], np.nanmedian(under[len(under) // 2 :] if np.isfinite(under[len(under) // 2 :]).any() else under, axis=0)  # fmt: skip
    aside, over = float(np.linalg.norm(end[:2] - below[:2])), float(end[2] - below[2])
    if aside > (_INSIDE_M if is_inside else _ON_TOP_M) or not -_BELOW_M < over < _ABOVE_M:
        return False
    if not is_inside and over < _BELOW_M:
        return False
    if len(known) > 1 and np.linalg.norm(known[-1] - known[-2]) > _RESTS_M:
        return False
    return tool is None or not np.isfinite(tool[-1]).all() or float(np.linalg.norm(tool[-1] - end)) > _LET_GO_M


def _path_m(track: Array) -> float:
    """The farthest that a track is from where it begins, at two moments at least: one alone may be misread."""
    known = track[np.isfinite(track).all(axis=1)]
    if len(known) < 3:
        return 0.0
    return float(np.sort(np.linalg.norm(known - known[0], axis=1))[-2])


def _tracks(reading: Reading, true: Mapping[str, Array]) -> tuple[Mapping[str, Array], Array | None]:
    """What was read, from where things are known to be now on."""
    places = {name: np.concatenate([true[name][:1], track]) for name, track in reading.places.items() if name in true}
    return places, reading.places.get(TOOL)


def manoeuvre(positions: Array) -> tuple[str, float]:
    """What a car does on its way (n + 1,3) [m]: LEFT, STRAIGHT, RIGHT or STAND, and how far it goes."""
    steps = np.diff(positions[:, :2], axis=0)
    length = float(np.linalg.norm(steps, axis=1).sum())
    if length < _STANDS_M:
        return STAND, length
    third = max(len(steps) // 3, 1)
    before, after = steps[:third].sum(axis=0), steps[-third:].sum(axis=0)
    turned = float(np.arctan2(before[0] * after[1] - before[1] * after[0], before @ after))
    return (LEFT if turned > _TURN_RAD else RIGHT if turned < -_TURN_RAD else STRAIGHT), length


def drove(wanted: str, length_m: float, positions: Array) -> int:
    """The grade of a way (n + 1,3) [m] that shall be a manoeuvre, and so long."""
    what, length = manoeuvre(positions)
    if wanted == STAND:
        return 3 if what == STAND else 1
    if what == STAND:
        return 0
    if what != wanted:
        return 1
    return 3 if abs(length - length_m) <= max(_OF_LENGTH * length_m, _STANDS_M) else 2


def _followed_by_car(case: Case, instruction: str | None) -> Grades | None:
    """What the course does, held against the ways that pictures show."""
    if case.last.depth is None or case.truth.depth is None or case.truth.cameras[0].mount == "world":
        return None
    true = np.concatenate([case.last.body[:, :3], case.truth.body[:, :3]])
    what, length = manoeuvre(true)
    wanted = what if instruction is None else instruction
    dream, engine = (
        drove(wanted, length, driven(case, rgb).positions) for rgb in (case.prediction.rgb[0], case.truth.rgb)
    )
    return Grades(wanted, drove(wanted, length, true), engine, dream)


def with_instruction(case: Case, words: str) -> Case:
    """The same case under another instruction, read anew by nobody."""
    return replace(case, truth=replace(case.truth, instruction=words))
