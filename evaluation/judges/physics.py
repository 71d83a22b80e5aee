"""Physics adherence: the laws of evaluation.measures.laws as one graded score, on poses a dream tells and on places read in its pictures.

WorldModelBench (Li et al. 2025) has annotators say which of five laws a video breaks; here a law is kept at a moment if it is broken by no more than
a tolerance beyond what the engine's own episode says there (boxes are no exact shapes, and readings err). The score of a law is the
share of moments at which it is kept, that of an episode the mean of its laws. The engine's own score is by the tolerance alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.measures import laws, states
from evaluation.measures.case import Case
from evaluation.measures.means import mean_known
from evaluation.measures.reading import TOOL, Reading

Array = NDArray[np.float64]
LABELS: Mapping[str, str] = {
    "permanence": "things last", "no penetration": "things stay out of each other", "gravity": "nothing floats",
    "contact": "nothing moves untouched", "no collision": "no vehicle is inside of another", "no jump": "nothing leaps",
    "permanence, seen": "things last in pictures", "contact, seen": "nothing moves untouched in pictures",
}  # fmt: skip
_PENETRATION_M, _COLLISION_M, _FLOATING_M, _MOVED_M, _SEEN_MOVED_M, _GONE = 0.01, 0.2, 0.02, 0.02, 0.06, 0.0


@dataclass(frozen=True)
class Kept:
    """The share of moments at which a law is kept, in a dream and in the engine's own episode read the same way."""

    dream: float
    engine: float


def adherence(case: Case) -> Mapping[str, Kept]:
    """How well every law is kept that the case tells something about, by its name; empty where nothing is told or read."""
    found: dict[str, Kept] = {}
    told = _TOLD.get(case.task, {})
    for name, (law, tolerance) in told.items():
        dream, engine = laws.kept(case, law), laws.kept_by_engine(case, law)
        if dream is not None and engine is not None:
            found[name] = _kept(dream, engine, tolerance)
    if case.task == "manipulate" and case.dreamt is not None and case.engine is not None:
        gone, come = states.vanished(case), states.appeared(case)
        assert gone is not None
        assert come is not None
        found["permanence, seen"] = Kept(float(np.mean((gone <= _GONE) & (come <= _GONE))), 1.0)
        engine = laws.unmoved(_motion(case, case.engine))
        dream = mean_known([laws.unmoved(_motion(case, one)) for one in case.dreamt])
        found["contact, seen"] = _kept(dream, engine, _SEEN_MOVED_M)
    return found


def score(kept: Mapping[str, Kept]) -> Kept | None:
    """The mean of all laws; None of none."""
    if not kept:
        return None
    return Kept(
        float(np.mean([one.dream for one in kept.values()])), float(np.mean([one.engine for one in kept.values()]))
    )


def _collision(motion: laws.Motion) -> Array:
    """How deep [m] vehicles are in each other, and in people, the deepest pair."""
    names = [name for name, what in motion.classes.items() if what in laws.SELF_MOVING]
    return laws.penetration(
        laws.Motion({n: motion.poses[n] for n in names}, motion.sizes, motion.classes, motion.body, motion.times_s)
    )


_TOLD: Mapping[str, Mapping[str, tuple[Callable[[laws.Motion], Array], float]]] = {
    "manipulate": {
        "permanence": (laws.lasting, _GONE), "no penetration": (laws.penetration, _PENETRATION_M),
        "gravity": (laws.floating, _FLOATING_M), "contact": (laws.unmoved, _MOVED_M),
    },
    "drive": {
        "permanence": (laws.lasting, _GONE), "no collision": (_collision, _COLLISION_M), "no jump": (laws.unmoved, 0.5),
    },
}  # fmt: skip


def _kept(dream: Array, engine: Array, tolerance: float) -> Kept:
    return Kept(float(np.mean(dream <= engine + tolerance)), float(np.mean(engine <= tolerance)))


def _motion(case: Case, reading: Reading) -> laws.Motion:
    """What was read as a motion: things where they were last seen while nothing shows them, upright, and the tool as it was read."""
    first = {one.name: one.poses[0, :3] for one in case.last.things}
    things = [one for one in case.truth.things if one.name in reading.places]
    upright = np.tile([1.0, 0.0, 0.0, 0.0], (len(case) + 1, 1))

    def track(name: str, begin: Array) -> Array:
        return np.concatenate([_held_on(np.concatenate([begin[None], reading.places[name]])), upright], axis=1)

    body = np.concatenate([case.last.body, case.truth.body])
    return laws.Motion(
        {one.name: track(one.name, first[one.name]) for one in things},
        {one.name: np.asarray(one.size_m, dtype=np.float64) for one in things}, {one.name: one.semantic for one in things},
        track(TOOL, body[0, :3]) if TOOL in reading.places else body,
        np.concatenate([case.last.times_s, case.truth.times_s]),
    )  # fmt: skip


def _held_on(track: Array) -> Array:
    """A track (n + 1,3) whose first place is known, with the last known one where none is."""
    known = np.isfinite(track).all(axis=1)
    return track[np.maximum.accumulate(np.where(known, np.arange(len(track)), 0))]
