"""Traffic signals: every junction that has lights goes through its phases by the clock, seeded, the same on every engine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.control.lane_map import LaneMap
from bridge.control.seeds import stream
from bridge.scene import Scene

Array = NDArray[np.float64]
GREEN_S, AMBER_S, CLEAR_S = 14.0, 3.0, 2.0
_PHASE_S = GREEN_S + AMBER_S + CLEAR_S
_REACH_M = 14.0
_CROSSING_REACH_M = 26.0


@dataclass(frozen=True, eq=False)
class Signals:
    """When which turn and which crossing is open.

    `turn_phase` (m,) is 0 or 1 for turns with lights and -1 for all other lane edges; `crossing_phase` (c,) the phase
    whose traffic a crossing stops for, or -1; `offset_s` of each is when its cycle began.
    """

    turn_phase: NDArray[np.int64]
    turn_offset_s: Array
    crossing_phase: NDArray[np.int64]
    crossing_offset_s: Array

    def may_enter(self, time_s: float) -> NDArray[np.bool_]:
        """Which lane edges (m,) may be entered now: green, or without lights."""
        phase, since = self._now(time_s, self.turn_offset_s)
        return (self.turn_phase < 0) | ((phase == self.turn_phase) & (since < GREEN_S))

    def colours(self, time_s: float) -> NDArray[np.int64]:
        """Of each lane edge (m,): 0 green or without lights, 1 amber, 2 red."""
        phase, since = self._now(time_s, self.turn_offset_s)
        shown = np.where(phase != self.turn_phase, 2, np.digitize(since, [GREEN_S, GREEN_S + AMBER_S]))
        return np.where(self.turn_phase < 0, 0, shown)

    def may_walk(self, time_s: float, needs_s: Array) -> NDArray[np.bool_]:
        """Which crossings (c,) may be begun now by somebody who needs that long [s]: traffic is held, or no lights."""
        phase, since = self._now(time_s, self.crossing_offset_s)
        left = _PHASE_S - since
        return (self.crossing_phase < 0) | (
            (phase != self.crossing_phase) & (left > np.minimum(needs_s, GREEN_S - 2.0))
        )

    def _now(self, time_s: float, offset_s: Array) -> tuple[NDArray[np.int64], Array]:
        """Each one's phase, and for how long it lasts already."""
        at = np.mod(time_s - offset_s, 2 * _PHASE_S)
        return (at >= _PHASE_S).astype(np.int64), np.mod(at, _PHASE_S)


def signals(scene: Scene, lanes: LaneMap, *, seed: int) -> Signals:
    """The lights of a town: junctions near which a thing of class "signal" stands."""
    posts = [
        group.poses[:, :2] for group in scene.placements if scene.assets[group.asset].semantic == "signal"
    ]  # fmt: skip
    count = len(lanes.edges)
    phase, offset = np.full(count, -1, dtype=np.int64), np.zeros(count)
    crossing_phase = np.full(len(lanes.crossings), -1, dtype=np.int64)
    crossing_offset = np.zeros(len(lanes.crossings))
    places = np.concatenate(posts) if posts else np.zeros((0, 2))
    for junction in range(int(lanes.junction.max(initial=-1)) + 1):
        turns = np.flatnonzero(lanes.junction == junction)
        entries = lanes.points[lanes.first[turns]]
        middle = entries.mean(axis=0)
        is_lit = len(places) and (np.linalg.norm(places - middle, axis=1) < _REACH_M).sum() >= 2
        heading = lanes.headings[lanes.first[turns]]
        across = np.abs(heading @ heading[0]) < np.cos(np.pi / 4)
        if not is_lit or not across.any():
            continue
        begun = float(stream(seed, "signals", junction).uniform(0.0, 2 * _PHASE_S))
        phase[turns], offset[turns] = across.astype(np.int64), begun
        for index, ends in enumerate(lanes.crossings):
            at = ends.mean(axis=0)
            if np.linalg.norm(at - middle) > _CROSSING_REACH_M or crossing_phase[index] >= 0:
                continue
            way = ends[1] - ends[0]
            along = np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1e-9)
            arrives = (np.abs(heading @ along) > 0.7) & (np.linalg.norm(entries - at, axis=1) < 15.0)
            if arrives.any():
                crossing_phase[index], crossing_offset[index] = phase[turns[arrives][0]], begun
    return Signals(phase, offset, crossing_phase, crossing_offset)
