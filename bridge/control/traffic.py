"""Ambient traffic: cars keep to their lanes and their distance, yield at crossings and junctions, and obey the signals."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.lane_map import LaneMap
from bridge.control.overtaking import PACE_M_S, SWING_OUT_M, is_free, is_free_behind, other_lane_m, way_round
from bridge.control.seeds import stream
from bridge.control.sight import STANDSTILL_M, braked, free_ahead
from bridge.control.signals import Signals
from bridge.control.steering import pursuit
from bridge.control.yielding import Claims
from bridge.engine import Action, Velocity

Array = NDArray[np.float64]
_AHEAD = 44
"""Samples of its way that a car has in mind, about 44 m."""
_TOWN_M_S, _TURN_M_S = 8.0, 4.5
_HARD_M_S2, _ACROSS_M_S2 = 5.0, 1.8
_BEFORE_CROSSING_M, _QUEUE_M = 2.2, 7.0
"""How far before the middle of a crossing one stops, and how near to a junction a crossing is no place to wait on."""
_BETWEEN_M = 7.0
"""Less room than this between two turns is none to wait in."""
_OVERTAKES_S, _BACKS_S, _GOES_ELSEWHERE_S, _BACK_M_S, _BACK_S = 5.0, 10.0, 20.0, 0.9, 2.5
"""How long one stands before one gets past what is in the way, goes back a little, takes another turn."""
_HOLDS_M = 9.0
"""Who waits this near to a junction keeps later comers from entering in front."""


class Traffic:
    """Cars on the lanes of one town. Row i of every array is `names[i]`."""

    def __init__(self, lanes: LaneMap, signals: Signals, names: tuple[str, ...], *, seed: int) -> None:
        self.names, self._lanes, self._signals = names, lanes, signals
        self._streams = [stream(seed, name, "turns") for name in names]
        self._pace = np.array([stream(seed, name, "pace").uniform(0.8, 1.1) for name in names])
        count = len(names)
        self._edges: list[list[int]] = [[] for _ in names]
        self._way = np.zeros((count, _AHEAD), dtype=np.int64)
        self._edge = np.zeros((count, _AHEAD), dtype=np.int64)
        self._shift = np.zeros((count, _AHEAD))
        self._loose: list[list[tuple[int, int, float]]] = [[] for _ in names]
        self._held: list[set[int]] = [set() for _ in names]
        self._arrived_s = np.full(count, np.inf)
        self._still_s = np.full(count, np.inf)
        self._back_until_s, self._tried_s = np.full(count, -np.inf), np.full(count, -np.inf)
        self._waits = np.zeros(count, dtype=bool)

    def begin(self, starts: list[tuple[int, int]]) -> None:
        """Puts each car on a lane: edge and sample of the edge."""
        for row, (edge, sample) in enumerate(starts):
            self._edges[row] = [edge]
            first, last = int(self._lanes.first[edge]), int(self._lanes.first[edge + 1])
            self._loose[row] = [(at, edge, 0.0) for at in range(first + sample, last)]
            self._refill(row, 0)
        self._held = [set() for _ in self.names]
        self._arrived_s[:] = np.inf

    @property
    def pace(self) -> Array:
        """How fast each one drives, as a share of what the streets allow (n,)."""
        return self._pace

    def ways(self, at: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The samples of the lanes ahead of cars at `at` (n,2), and their edges, (n,k); the second is the nearest."""
        near = self._lanes.points[self._way[:, :14]]
        place = np.argmin(((near - at[:, None]) ** 2).sum(axis=2), axis=1)
        for row in np.flatnonzero(place > 1):
            self._refill(int(row), int(place[row]) - 1)
        return self._way, self._edge

    def _refill(self, row: int, passed: int) -> None:
        """Forgets samples that were passed and looks farther ahead."""
        way = self._loose[row]
        del way[:passed]
        while len(way) < _AHEAD:
            edge = self._next(row, self._edges[row][-1])
            self._edges[row].append(edge)
            first, last = int(self._lanes.first[edge]), int(self._lanes.first[edge + 1])
            way += [(at, edge, 0.0) for at in range(first + 1, last)]
        del self._edges[row][:-12]
        at, edges, shift = zip(*way[:_AHEAD], strict=True)
        self._way[row], self._edge[row], self._shift[row] = at, edges, shift

    def _next(self, row: int, edge: int) -> int:
        lanes = self._lanes
        choice = [other for other in lanes.successors[edge] if lanes.used[other]] or list(lanes.successors[edge])
        return choice[int(self._streams[row].integers(len(choice)))]

    def act(self, time_s: float, bodies: Bodies, rows: NDArray[np.int64], claims: Claims) -> dict[str, Action]:
        """What all cars do now; `rows` are theirs among the bodies, `claims` who is on a crossing or wants to be."""
        at, yaw = bodies.xy[rows], bodies.yaw[rows]
        heading = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
        speed = np.maximum((bodies.velocity[rows] * heading).sum(axis=1), 0.0)
        half = bodies.half[rows]
        path = self._path()
        near = path[:, :14]
        place = np.argmin(((near - at[:, None]) ** 2).sum(axis=2), axis=1)
        for row in np.flatnonzero(place > 2):
            self._refill(int(row), int(place[row]) - 1)
            place[row] = 1
        path = self._path()
        steps = np.linalg.norm(np.diff(path, axis=1), axis=2)
        arc = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(steps, axis=1)], axis=1)
        tangent = self._lanes.headings[self._way]
        index = np.arange(len(rows))
        along = ((at - path[index, place]) * tangent[index, place]).sum(axis=1)
        arc = arc - arc[index, place][:, None] - along[:, None]  # from the middle of the car
        free = free_ahead(bodies, rows, path, arc, tangent, speed)
        stop = self._stops(time_s, arc, half, speed, free[0], claims)
        top = np.where(self._lanes.is_turn[self._edge], _TURN_M_S, _TOWN_M_S) * self._pace[:, None]
        top = np.minimum(top, np.sqrt(_ACROSS_M_S2 / np.maximum(_bend(tangent, steps), 1e-4)))
        ahead = np.where(arc > -1.0, arc, np.inf)
        wanted = np.sqrt(top**2 + 2 * 1.5 * np.maximum(ahead - 1.0, 0.0)).min(axis=1)
        wanted = np.minimum(wanted, braked(free[0] - self._keeps_m(bodies, rows, free[2]), free[1]))
        wanted = np.minimum(wanted, braked(stop - 0.5, 0.0))
        wanted = np.where(self._shift.any(axis=1), np.minimum(wanted, PACE_M_S), wanted)
        wanted = np.minimum(wanted, speed + 1.5 * 0.4)
        wanted = self._patience(time_s, bodies, rows, wanted, arc, free, stop)
        look = np.clip(0.5 * speed, 2.4, 5.0)
        aim_at = np.argmax(arc >= look[:, None], axis=1)
        rate = pursuit(at, yaw, path[index, aim_at], np.maximum(wanted, 0.2))
        return {
            name: Action(Velocity(v, 0.0, w if v > 0 else 0.0) if abs(v) > 0.05 else Velocity())
            for name, v, w in zip(self.names, wanted.tolist(), rate.tolist(), strict=True)
        }

    def _path(self) -> Array:
        """The ways ahead (n,k,2) [m], ways round obstacles included."""
        ahead = self._lanes.headings[self._way]
        return self._lanes.points[self._way] + self._shift[..., None] * np.stack(
            [-ahead[..., 1], ahead[..., 0]], axis=-1
        )

    def _patience(
        self, time_s: float, bodies: Bodies, rows: NDArray[np.int64], wanted: Array, arc: Array,
        free: tuple[Array, Array, NDArray[np.int64]], stop: Array,
    ) -> Array:  # fmt: skip
        """Speeds (n,) after those who cannot go on have done what they can: get past, go back a little, go elsewhere."""
        is_still = (np.hypot(*bodies.velocity[rows].T) < 0.3) & ~self._waits
        self._still_s = np.where(is_still, np.minimum(self._still_s, time_s), np.inf)
        for row in np.flatnonzero(time_s - self._still_s > _OVERTAKES_S):
            still_s, (gap, _, other) = time_s - self._still_s[row], (part[row] for part in free)
            if time_s - self._tried_s[row] < 2.0:
                continue
            self._tried_s[row] = time_s
            is_in_lane = other >= 0 and gap < 2 * SWING_OUT_M and gap < stop[row]
            is_stray = is_in_lane and other not in rows
            if is_stray and self._overtakes(int(row), bodies, rows, arc, float(gap), int(other)):
                continue
            queues = other in rows and np.cos(bodies.yaw[other] - bodies.yaw[rows[row]]) > 0.5
            backs = is_in_lane and not queues and gap < 4.0 and not bodies.is_person[other] and still_s > _BACKS_S
            if backs and is_free_behind(bodies, int(rows[row]), _BACK_S * _BACK_M_S):
                self._back_until_s[row] = time_s + _BACK_S
            elif still_s > _GOES_ELSEWHERE_S:
                self._go_elsewhere(int(row))
        wanted = np.where(time_s < self._back_until_s + _BACK_S, np.minimum(wanted, 0.0), wanted)  # the others' turn
        return np.where(time_s < self._back_until_s, -_BACK_M_S, wanted)

    def _keeps_m(self, bodies: Bodies, rows: NDArray[np.int64], other: NDArray[np.int64]) -> Array:
        """How far behind others (n,) cars stop: far enough to swing out from behind what is left standing there."""
        moves = bodies.is_person | (np.hypot(*bodies.velocity.T) > 0.2)
        moves[rows] = True
        on_turn = self._lanes.is_turn[self._edge[:, :14]].any(axis=1)
        return np.where((other >= 0) & ~moves[other] & ~on_turn, SWING_OUT_M, STANDSTILL_M)

    def _overtakes(self, row: int, bodies: Bodies, rows: NDArray[np.int64], arc: Array, gap: float, other: int) -> bool:
        """Leads a car's way round what stands on it, if the other side of the street is free; whether it does."""
        lanes, me = self._lanes, int(rows[row])
        half = bodies.half[me]
        at = int(np.clip(np.searchsorted(arc[row], gap + half[0]), 0, _AHEAD - 1))
        place, ahead = lanes.points[self._way[row, at]], lanes.headings[self._way[row, at]]
        other_m = other_lane_m(lanes.points, lanes.headings, place, ahead)
        long_m = float(2 * bodies.half[other].max())
        is_turn = lanes.is_turn[self._edge[row]]
        shift = way_round(arc[row], is_turn, half, from_m=gap + float(half[0]), long_m=long_m, other_m=other_m)
        length_m = gap + long_m + 2 * float(half[0]) + 12.0
        own = lanes.headings[self._way[row, 2]]
        if not other_m or shift is None or not is_free(bodies, me, bodies.xy[me], own, other_m, length_m):
            return False
        for index, aside in enumerate(shift.tolist()):
            self._loose[row][index] = (*self._loose[row][index][:2], aside)
        self._refill(row, 0)
        return True

    def _go_elsewhere(self, row: int) -> None:
        """Takes another turn at the end of the lane, if there is one and this one is not begun."""
        lanes, edge = self._lanes, int(self._edge[row, 2])
        if lanes.is_turn[edge] or any(lanes.is_turn[held] for held in self._held[row]):
            return
        turn = next((int(e) for e in self._edge[row] if e != edge), -1)
        if turn < 0 or len([other for other in lanes.successors[edge] if lanes.used[other]]) < 2:
            return
        self._loose[row] = [entry for entry in self._loose[row] if entry[1] == edge]
        self._edges[row] = [edge]
        while (after := self._next(row, edge)) == turn:
            pass
        self._edges[row].append(after)
        first, last = int(lanes.first[after]), int(lanes.first[after + 1])
        self._loose[row] += [(at, after, 0.0) for at in range(first + 1, last)]
        self._refill(row, 0)

    def _stops(self, time_s: float, arc: Array, half: Array, speed: Array, free: Array, claims: Claims) -> Array:
        """How far ahead of its bumper each car has to stop for a junction or a crossing (n,) [m]."""
        lanes = self._lanes
        bumper = arc - half[:, :1]
        can_stop = bumper > (speed**2 / (2 * _HARD_M_S2))[:, None]
        on = lanes.crossing[self._way]
        claimed = (on >= 0) & np.r_[claims.claimed, False][on] & can_stop & (bumper > 0.3)
        stop = np.where(claimed, bumper - _BEFORE_CROSSING_M, np.inf).min(axis=1)
        index = np.arange(len(arc))
        is_out = arc < -half[:, :1] - 0.5
        for row in np.flatnonzero(
            [bool(held) for held in self._held]
        ):  # who holds a turn keeps it until the rear is out
            self._held[row] &= set(self._edge[row, ~is_out[row]].tolist())
        begins = np.concatenate([np.ones((len(arc), 1), bool), self._edge[:, 1:] != self._edge[:, :-1]], axis=1)
        entry = lanes.is_turn[self._edge] & begins & (bumper > -0.5)
        for row in np.flatnonzero([bool(held) for held in self._held]):
            entry[row] &= ~np.isin(self._edge[row], list(self._held[row]))
        wants = entry.any(axis=1)
        at = np.argmax(entry, axis=1)
        line = np.where(wants, bumper[index, at] - lanes.setback_m[self._edge[index, at]], np.inf)
        on_way = (on >= 0) & (bumper > 0.3) & (bumper < line[:, None] + 1.0) & (bumper > line[:, None] - _QUEUE_M)
        line = np.minimum(line, np.where(on_way, bumper - _BEFORE_CROSSING_M, np.inf).min(axis=1))
        asks = wants & (line < speed**2 / (2 * 1.5) + 8.0)
        self._arrived_s[~asks] = np.inf
        self._arrived_s[asks & ~np.isfinite(self._arrived_s)] = time_s
        green = self._signals.may_enter(time_s)
        self._waits[:] = False
        taken = np.zeros((len(arc), len(lanes.edges)), dtype=bool)
        for row, held in enumerate(self._held):
            if held:
                taken[row] = lanes.conflicts[list(held)].any(axis=0)
        shut = taken.sum(axis=0)
        reserved = np.zeros(len(lanes.edges), dtype=bool)
        for row in np.lexsort((index, self._arrived_s)):
            if not asks[row]:
                break
            turns, ends_m = self._turns_from(int(row), int(at[row]), arc[row])
            self._waits[row] = not green[turns[0]]
            if not green[turns[0]] or free[row] < ends_m + 0.8:
                continue
            others = shut[turns] - taken[row, turns]  # what one holds oneself is no obstacle
            is_free = not others.any() and not reserved[turns].any()
            if is_free:
                self._held[row] |= set(turns)
            if is_free or line[row] < _HOLDS_M:
                reserved |= lanes.conflicts[turns].any(axis=0)
            line[row] = np.inf if is_free else line[row]
        return np.minimum(stop, line - 0.3)

    def _turns_from(self, row: int, at: int, arc: Array) -> tuple[list[int], float]:
        """The turns one has to enter together, because there is no room to wait between them, and where they end [m]."""
        turns: list[int] = []
        end = at
        for sample in range(at, _AHEAD):
            edge = int(self._edge[row, sample])
            if self._lanes.is_turn[edge]:
                end = sample
                if edge not in turns:
                    turns.append(edge)
            elif arc[sample] - arc[end] > _BETWEEN_M:
                break
        return turns, float(arc[min(end + 1, _AHEAD - 1)]) + 0.5


def _bend(tangent: Array, steps: Array) -> Array:
    """How much ways bend [1/m] at each of their samples: directions (n,k,2), distances between samples (n,k-1)."""
    turn = np.arccos(np.clip((tangent[:, 1:] * tangent[:, :-1]).sum(axis=2), -1.0, 1.0))
    padded_turn, padded_way = np.pad(turn, ((0, 0), (2, 3))), np.pad(steps, ((0, 0), (2, 3)))
    count = tangent.shape[1]
    angle, way = (sum(array[:, i : i + count] for i in range(5)) for array in (padded_turn, padded_way))
    return angle / np.maximum(way, 1.0)
