"""Ambient traffic: cars keep to their lanes and their distance, yield at crossings and junctions, and obey the signals."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.lane_map import LaneMap
from bridge.control.seeds import stream
from bridge.control.signals import Signals
from bridge.control.steering import pursuit
from bridge.control.yielding import Claims
from bridge.engine import Action, Velocity

Array = NDArray[np.float64]
_AHEAD = 44
"""Samples of its way that a car has in mind, about 44 m."""
_TOWN_M_S, _TURN_M_S = 8.0, 4.5
_BRAKE_M_S2, _HARD_M_S2, _ACROSS_M_S2 = 2.2, 5.0, 1.8
_REACTION_S, _STANDSTILL_M = 0.5, 2.0
_ASIDE_PERSON_M, _ASIDE_M, _ASIDE_ONCOMING_M = 0.35, 0.0, -0.1
"""What must be free beside a car: from people, from other things, from cars that come the other way."""
_LEAST_SIGHT_M, _SIGHT_M = 24.0, 34.0
_BEFORE_CROSSING_M, _QUEUE_M = 2.2, 7.0
"""How far before the middle of a crossing one stops, and how near to a junction a crossing is no place to wait on."""
_BETWEEN_M = 7.0
"""Less room than this between two turns is none to wait in."""
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
        self._loose: list[list[tuple[int, int]]] = [[] for _ in names]
        self._held: list[set[int]] = [set() for _ in names]
        self._arrived_s = np.full(count, np.inf)

    def begin(self, starts: list[tuple[int, int]]) -> None:
        """Puts each car on a lane: edge and sample of the edge."""
        for row, (edge, sample) in enumerate(starts):
            self._edges[row] = [edge]
            first, last = int(self._lanes.first[edge]), int(self._lanes.first[edge + 1])
            self._loose[row] = [(at, edge) for at in range(first + sample, last)]
            self._refill(row, 0)
        self._held = [set() for _ in self.names]
        self._arrived_s[:] = np.inf

    def _refill(self, row: int, passed: int) -> None:
        """Forgets samples that were passed and looks farther ahead."""
        way = self._loose[row]
        del way[:passed]
        while len(way) < _AHEAD:
            edge = self._next(row, self._edges[row][-1])
            self._edges[row].append(edge)
            first, last = int(self._lanes.first[edge]), int(self._lanes.first[edge + 1])
            way += [(at, edge) for at in range(first + 1, last)]
        ahead = {edge for _, edge in way}
        self._edges[row] = [edge for edge in self._edges[row] if edge in ahead][-12:]
        self._way[row], self._edge[row] = np.array(way[:_AHEAD]).T

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
        near = self._lanes.points[self._way[:, :14]]
        place = np.argmin(((near - at[:, None]) ** 2).sum(axis=2), axis=1)
        for row in np.flatnonzero(place > 2):
            self._refill(int(row), int(place[row]) - 1)
            place[row] = 1
        path = self._lanes.points[self._way]
        steps = np.linalg.norm(np.diff(path, axis=1), axis=2)
        arc = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(steps, axis=1)], axis=1)
        tangent = self._lanes.headings[self._way]
        index = np.arange(len(rows))
        along = ((at - path[index, place]) * tangent[index, place]).sum(axis=1)
        arc = arc - arc[index, place][:, None] - along[:, None]  # from the middle of the car
        free = self._free(bodies, rows, path, arc, tangent, half, speed)
        stop = self._stops(time_s, arc, half, speed, free[0], claims)
        top = np.where(self._lanes.is_turn[self._edge], _TURN_M_S, _TOWN_M_S) * self._pace[:, None]
        top = np.minimum(top, np.sqrt(_ACROSS_M_S2 / np.maximum(_bend(tangent, steps), 1e-4)))
        ahead = np.where(arc > -1.0, arc, np.inf)
        wanted = np.sqrt(top**2 + 2 * 1.5 * np.maximum(ahead - 1.0, 0.0)).min(axis=1)
        wanted = np.minimum(wanted, _braked(free[0] - _STANDSTILL_M, free[1]))
        wanted = np.minimum(wanted, _braked(stop - 0.5, 0.0))
        wanted = np.minimum(wanted, speed + 1.5 * 0.4)
        look = np.clip(0.5 * speed, 2.4, 5.0)
        aim_at = np.argmax(arc >= look[:, None], axis=1)
        rate = pursuit(at, yaw, path[index, aim_at], np.maximum(wanted, 0.2))
        return {
            name: Action(Velocity(v, 0.0, w) if v > 0.05 else Velocity())
            for name, v, w in zip(self.names, wanted.tolist(), rate.tolist(), strict=True)
        }

    def _free(
        self,
        bodies: Bodies,
        rows: NDArray[np.int64],
        path: Array,
        arc: Array,
        tangent: Array,
        half: Array,
        speed: Array,
    ) -> tuple[Array, Array]:
        """How far ahead of its bumper each car's way is free (n,) [m], and how fast what is there goes the same way."""
        whose, centre, radius = bodies.discs()
        velocity, is_person = bodies.velocity[whose], bodies.is_person[whose]
        walks = is_person & (np.hypot(*velocity.T) > 0.2)
        soon = centre[walks] + 0.8 * velocity[walks]
        whose, centre = np.r_[whose, whose[walks]], np.concatenate([centre, soon])
        radius, velocity = np.r_[radius, radius[walks]], bodies.velocity[whose]
        way = centre[None] - bodies.xy[rows][:, None]
        direction = np.stack([np.cos(bodies.yaw[rows]), np.sin(bodies.yaw[rows])], axis=1)
        sight = half[:, :1] + np.clip(5.0 + speed**2 / (2 * _BRAKE_M_S2) + speed, _LEAST_SIGHT_M, _SIGHT_M)[:, None]
        seen = ((way**2).sum(axis=2) < sight**2) & (np.einsum("nki,ni->nk", way, direction) > -2.0)
        seen &= whose[None] != rows[:, None]
        car, disc = np.nonzero(seen)
        gap, pace = np.full(len(rows), np.inf), np.zeros(len(rows))
        if not len(car):
            return gap, pace
        heading = np.stack([np.cos(bodies.yaw[whose[disc]]), np.sin(bodies.yaw[whose[disc]])], axis=1)
        person = bodies.is_person[whose[disc]]
        comes = ~person & ((heading * direction[car]).sum(axis=1) < -0.6)
        aside = np.where(person, _ASIDE_PERSON_M, np.where(comes, _ASIDE_ONCOMING_M, _ASIDE_M))
        room = half[car, 1] + radius[disc] + aside
        distance2 = ((path[car] - centre[disc][:, None]) ** 2).sum(axis=2)
        hits = (distance2 < (room**2)[:, None]) & (arc[car] > 0.0)
        first = np.argmax(hits, axis=1)
        found = hits[np.arange(len(car)), first]
        car, disc, first = car[found], disc[found], first[found]
        there = arc[car, first] - half[car, 0]
        pace_of = np.maximum((velocity[disc] * tangent[car, first]).sum(axis=1), 0.0)
        order = np.lexsort((disc, there - _STANDSTILL_M + pace_of**2 / (2 * _BRAKE_M_S2), car))
        leaders = order[np.r_[True, np.diff(car[order]) > 0]] if len(order) else order
        gap[car[leaders]], pace[car[leaders]] = there[leaders], pace_of[leaders]
        return gap, pace

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
        blocked = np.zeros(len(lanes.edges), dtype=bool)
        for held in self._held:
            for edge in held:
                blocked |= lanes.conflicts[edge]
        for row in np.lexsort((index, self._arrived_s)):
            if not asks[row]:
                break
            turns, ends_m = self._turns_from(int(row), int(at[row]), arc[row])
            if not green[turns[0]] or free[row] < ends_m + 0.8:
                continue
            is_free = not blocked[turns].any()
            if is_free:
                self._held[row] |= set(turns)
            if is_free or line[row] < _HOLDS_M:
                blocked |= lanes.conflicts[turns].any(axis=0)
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


def _braked(gap: Array, pace: Array | float) -> Array:
    """The speed from which one still stops behind something that goes at `pace` and brakes likewise."""
    b, t = _BRAKE_M_S2, _REACTION_S
    return np.maximum(-b * t + np.sqrt((b * t) ** 2 + np.square(pace) + 2 * b * np.maximum(gap, 0.0)), 0.0)


def _bend(tangent: Array, steps: Array) -> Array:
    """How much ways bend [1/m] at each of their samples: directions (n,k,2), distances between samples (n,k-1)."""
    turn = np.arccos(np.clip((tangent[:, 1:] * tangent[:, :-1]).sum(axis=2), -1.0, 1.0))
    padded_turn, padded_way = np.pad(turn, ((0, 0), (2, 3))), np.pad(steps, ((0, 0), (2, 3)))
    count = tangent.shape[1]
    angle, way = (sum(array[:, i : i + count] for i in range(5)) for array in (padded_turn, padded_way))
    return angle / np.maximum(way, 1.0)
