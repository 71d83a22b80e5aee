"""Moments of a world as they pass: each a Past of length one, joined to what a model is asked and held against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bridge.engine import Engine, Loaded
from bridge.imagination import Course, Past
from bridge.scene import Scene
from bridge.types import WorldState

Take = Callable[[Engine, WorldState], Past]
"""Looks at a world: a Past of one moment."""
MakeTake = Callable[[Scene, Loaded], Take]
_EARLY_S = 1e-6


def joined(moments: Sequence[Past]) -> Past:
    """Moments one after another; things that were not there all the time are left out."""
    last = moments[-1]
    names = set.intersection(*({one.name for one in moment.things} for moment in moments))
    things = tuple(
        replace(one, poses=np.concatenate([_named(moment, one.name).poses for moment in moments]))
        for one in last.things
        if one.name in names
    )

    def stacked(name: str) -> Any:
        parts = [getattr(moment, name) for moment in moments]
        return None if any(part is None for part in parts) else np.concatenate(parts)

    return replace(
        last, times_s=stacked("times_s"), rgb=stacked("rgb"), body=stacked("body"), gripper=stacked("gripper"),
        depth=stacked("depth"), labels=stacked("labels") if len(things) == len(last.things) else None, things=things,
    )  # fmt: skip


def course_of(moments: Sequence[Past]) -> Course:
    """What a body did over moments, as something that it will do."""
    whole = joined(moments)
    return Course(whole.times_s, whole.body, whole.gripper)


def _named(moment: Past, name: str) -> Any:
    return next(one for one in moment.things if one.name == name)


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of a world for a model to imagine: what was seen up to its first moment, and what happened then.

    `ticks` are those of `after`'s moments.
    """

    past: Past
    after: tuple[Past, ...]
    ticks: tuple[int, ...]


class Witness:
    """Watches one world on its engine's thread: a moment every `frame_s`, a segment every `frames` of them.

    A world that leaps over a moment, begins anew or is edited loses the segment under way.
    """

    def __init__(self, frame_s: float, frames: int, *, memory: int = 6) -> None:
        self._frame_s, self._frames, self._memory = frame_s, frames, memory
        self._world: tuple[int, int] = (0, 0)
        self._moments: list[tuple[int, Past]] = []
        self._since = 0

    def look(self, engine: Engine, state: WorldState, epoch: int, take: Take) -> Segment | None:
        """What is to be imagined now, if a segment has just come to its end."""
        if self._world != (epoch, state.revision) or (self._moments and state.tick < self._moments[-1][0]):
            self._world, self._moments, self._since = (epoch, state.revision), [], 0
        if self._moments:
            late_s = state.time_s - (self._moments[-1][1].times_s[-1] + self._frame_s)
            if late_s < -_EARLY_S:
                return None
            if late_s > 0.5 * self._frame_s:
                self._moments, self._since = [], 0
        self._moments.append((state.tick, take(engine, state)))
        self._since += 1
        if self._since <= self._frames:
            return None
        before, after = self._moments[: -self._frames], self._moments[-self._frames :]
        segment = Segment(
            joined([past for _, past in before]), tuple(past for _, past in after), tuple(tick for tick, _ in after)
        )
        self._moments, self._since = self._moments[-self._memory :], 1
        return segment
