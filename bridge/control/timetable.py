"""Everyday life for long episodes: the same cars and pedestrians as Ambient's, on their tracks, looked at twice a second.

Everybody keeps to a track (lanes and turns, sidewalks and crossings), slows down behind what is ahead, waits at lights,
at junctions that are taken and at kerbs where traffic comes. Nobody swerves: whoever walks through the town meanwhile
goes round them, or they stop.
"""

import numpy as np
from numpy.typing import NDArray

from bridge.control.ambient import Ambient
from bridge.control.bodies import Bodies
from bridge.control.town import Town
from bridge.engine import TICK_S, Action, Spawn, Velocity
from bridge.types import WorldState

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
_TOWN_M_S, _TURN_M_S, _BRAKE_M_S2, _GAIN_M_S2 = 8.0, 4.5, 2.5, 1.5
_CAR_KEEPS_M, _FOOT_KEEPS_M = 2.0, 0.35
_ASIDE_M = 0.25
"""How much more than both halves apart others pass each other."""
_STUCK_S, _INSISTS_S = 6.0, 3.0
"""After how long those who block one another are no longer waited for, and for how long."""
_REACTS_S, _KERB_M = 0.6, 3.0
"""How soon drivers see somebody step onto a crossing, and how far before it they stop."""
_HELD_S, _RETIRES = 3.0, 3
"""After how long without getting on a walker sets out for somewhere else, and how often before it stays where it is."""
_PER_M = 2.0
"""Samples a metre of walkers' tracks."""


class Timetable:
    """Lean ambient life over the same town, seed and numbers; used like Ambient."""

    def __init__(self, town: Town, *, seed: int, vehicles: int = 10, pedestrians: int = 20) -> None:
        self._ambient = Ambient(town, seed=seed, vehicles=vehicles, pedestrians=pedestrians)
        self._town, self.names = town, self._ambient.names
        self.traffic, self.crowd = self._ambient.traffic, self._ambient.crowd
        self._needs_s = np.linalg.norm(np.diff(self._ambient.lanes.crossings, axis=1), axis=2).ravel() / 1.2
        count = len(self.names)
        self._still_s, self._insists_s = np.full(count, np.inf), np.zeros(count)
        self._held_s, self._failed = np.zeros(count), np.zeros(count, dtype=np.int64)
        self._before, self._wanted = np.full((count, 2), np.inf), np.zeros(count)
        self._told: list[Velocity] = [Velocity()] * count
        self._rows: tuple[tuple[str, ...], Ints] | None = None
        self._last_s = -1.0

    def spawns(self) -> list[Spawn]:
        """What brings everybody into the world."""
        return self._ambient.spawns()

    def act(self, state: WorldState) -> dict[str, Action]:
        """What those do from now on who do something else than before."""
        if not self.names:
            return {}
        bodies = self._town.census.bodies(state)
        if self._rows is None or self._rows[0] is not bodies.names:
            index = bodies.index
            self._rows = bodies.names, np.array([index[name] for name in self.names], dtype=np.int64)
        rows, cars = self._rows[1], len(self.traffic.names)
        step_s = min(max(state.time_s - self._last_s, TICK_S), 1.0) if self._last_s >= 0 else 0.5
        self._last_s = state.time_s
        at, yaw = bodies.xy[rows], bodies.yaw[rows]
        speed = np.hypot(*bodies.velocity[rows].T)
        self._notice(state.time_s, at, step_s, cars)
        aim, top = np.empty((len(rows), 2)), np.empty(len(rows))
        if cars:
            aim[:cars], top[:cars] = self._driven(state.time_s, at[:cars], speed[:cars], step_s)
        if cars < len(rows):
            aim[cars:], top[cars:] = self._walked(state.time_s, at[cars:], bodies, rows[:cars], step_s)
        way = aim - at
        far = np.hypot(way[:, 0], way[:, 1])
        ahead = np.where((far > 0.05)[:, None], way / np.maximum(far, 1e-9)[:, None], 0.0)
        heading = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
        ahead[:cars] = heading[:cars]
        wanted = np.minimum(top, self._free(bodies, rows, ahead, state.time_s, step_s, cars))
        wanted[:cars] = np.minimum(wanted[:cars], speed[:cars] + _GAIN_M_S2 * step_s + 0.3)
        wanted = np.where(wanted < 0.08, 0.0, wanted)
        stands = (wanted < 0.1) & (top > 0.1)
        self._still_s = np.where(stands, np.minimum(self._still_s, state.time_s), np.inf)
        stuck = state.time_s - self._still_s > _STUCK_S
        self._insists_s[stuck] = state.time_s + _INSISTS_S
        self._still_s[stuck] = np.inf
        self._wanted = wanted
        return self._orders(way, far, yaw, wanted, step_s, cars)

    def _notice(self, time_s: float, at: Array, step_s: float, cars: int) -> None:
        """Walkers who do not get on though nobody is in their way set out for somewhere else, or stay."""
        made = np.hypot(*(at - self._before).T)
        self._before = at.copy()
        held = (self._wanted > 0.3) & (made < 0.3 * self._wanted * step_s)
        self._held_s = np.where(held, self._held_s + step_s, 0.0)
        self._failed[(made > 0.5 * self._wanted * step_s) & (self._wanted > 0.3)] = 0
        for row in np.flatnonzero(self._held_s > _HELD_S).tolist():
            self._held_s[row] = 0.0
            if row >= cars:
                self._failed[row] += 1
                stays_s = np.inf if self._failed[row] >= _RETIRES else 0.0
                self.crowd.give_up(row - cars, at[row], time_s, stays_s)

    def _orders(self, way: Array, far: Array, yaw: Array, wanted: Array, step_s: float, cars: int) -> dict[str, Action]:
        """Wheels drive an arc to their aim; feet go straight to it and turn there."""
        cos, sin = np.cos(yaw), np.sin(yaw)  # of the body
        along, aside = cos * way[:, 0] + sin * way[:, 1], cos * way[:, 1] - sin * way[:, 0]
        turn = np.arctan2(aside, along)
        rate = np.where(far > 0.05, np.clip(turn / step_s, -2.8, 2.8), 0.0)
        rate[:cars] = wanted[:cars] * 2 * aside[:cars] / np.maximum(far[:cars] ** 2, 0.25)
        rate = np.where(wanted > 0, rate, 0.0)
        half = -0.5 * rate * step_s  # the body turns while it goes: on the whole it goes where it was to
        forward, left = wanted * np.cos(turn + half), wanted * np.sin(turn + half)
        forward[:cars], left[:cars] = wanted[:cars], 0.0
        orders = {}
        numbers = np.round(np.column_stack([forward, left, rate]), 3).tolist()
        for row, (name, (v, w, r)) in enumerate(zip(self.names, numbers, strict=True)):
            told = self._told[row]
            if (v, w, r) != (told.forward_m_s, told.left_m_s, told.yaw_rate_rad_s):
                self._told[row] = told = Velocity(v, w, r)
                orders[name] = Action(told)
        return orders

    def _free(self, bodies: Bodies, rows: Ints, ahead: Array, time_s: float, step_s: float, cars: int) -> Array:
        """Speeds (n,) that still stop behind whoever is ahead, in the width of one's own body."""
        moves = bodies.is_there & (bodies.is_person | (np.hypot(*bodies.velocity.T) > 0.05))
        moves[rows] = True
        others = np.flatnonzero(moves)
        way = bodies.xy[others] - bodies.xy[rows][:, None]
        gap = (way * ahead[:, None]).sum(axis=2)
        aside = np.abs(way[..., 0] * ahead[:, None, 1] - way[..., 1] * ahead[:, None, 0])
        half = bodies.half[rows]
        is_car = np.arange(len(rows)) < cars
        wide, long = np.where(is_car, half[:, 1], 0.28), np.where(is_car, half[:, 0], 0.28)
        heads = np.stack([np.cos(bodies.yaw[others]), np.sin(bodies.yaw[others])], axis=1)
        same = ahead @ heads.T
        turned = np.abs(same)
        person = bodies.is_person[others]
        theirs = np.where(person, 0.28, bodies.half[others].T)
        across = theirs[1] * turned + theirs[0] * np.sqrt(np.maximum(1 - turned**2, 0.0))
        along = theirs[0] * turned + theirs[1] * np.sqrt(np.maximum(1 - turned**2, 0.0))
        is_ahead = (gap > 0) & (aside < wide[:, None] + across + np.where(is_car, _ASIDE_M, 0.0)[:, None])
        own = np.full(len(bodies.names), -1, dtype=np.int64)
        own[rows] = np.arange(len(rows))
        mate = own[others]
        is_ahead &= mate != np.arange(len(rows))[:, None]
        yields = (mate < 0) | (same > 0.3) | (person & is_car[:, None]) | (mate < np.arange(len(rows))[:, None])
        minds = (time_s >= self._insists_s)[:, None]
        yields &= minds | (is_car[:, None] & (mate < 0))
        meets = is_ahead & yields
        keeps = np.where(is_car, _CAR_KEEPS_M, _FOOT_KEEPS_M)
        room = np.where(meets, gap - along - (long + keeps)[:, None], np.inf)
        pace = np.where(same > 0.3, np.maximum((bodies.velocity[others] * heads).sum(axis=1), 0.0), 0.0) * same
        stop = np.sqrt(2 * _BRAKE_M_S2 * np.maximum(room, 0.0) + pace**2)
        return np.minimum(stop, np.maximum(room, 0.0) / step_s + pace).min(axis=1)

    def _driven(self, time_s: float, at: Array, speed: Array, step_s: float) -> tuple[Array, Array]:
        """Where cars aim on their lanes, and how fast bends, lights and junctions let them go."""
        traffic, lanes = self.traffic, self._ambient.lanes
        way, edge = traffic.ways(at)
        index = np.arange(len(at))
        path = lanes.points[way]
        turns = lanes.is_turn[edge]
        on = turns[:, 1]
        first = np.where(turns[:, 2:].any(axis=1), np.argmax(turns[:, 2:], axis=1) + 2, way.shape[1] - 1)
        entry = edge[index, first]
        line_m = np.maximum(first - 1.0 - lanes.setback_m[entry] - 2.6, 0.0)  # from the middle of the car to the line
        near = (first < 14) & ~on
        here = edge[:, 1]
        busy = lanes.conflicts[entry[:, None], here[None]] & on[None]
        rival = lanes.conflicts[entry[:, None], entry[None]] & near[None]
        sooner = (line_m[None] < line_m[:, None] - 0.5) | (
            (np.abs(line_m[None] - line_m[:, None]) <= 0.5) & (index[None] < index[:, None])
        )
        open_ = self._ambient.signals.may_enter(time_s)[entry] & ~busy.any(axis=1)
        open_ &= ~(rival & sooner & (speed > 0.1)[None]).any(axis=1)
        top = np.where(on, _TURN_M_S, _TOWN_M_S) * traffic.pace
        top = np.minimum(top, np.sqrt(_TURN_M_S**2 + 2 * _GAIN_M_S2 * np.maximum(first - 3.0, 0.0)))
        stop = np.minimum(np.sqrt(2 * _BRAKE_M_S2 * line_m), line_m / step_s)
        top = np.where(near & ~open_, np.minimum(top, stop), top)
        look = np.clip(np.rint(0.8 * speed + 1.0), 3, 7).astype(np.int64)
        return path[index, look], top

    def _walked(self, time_s: float, at: Array, bodies: Bodies, cars: Ints, step_s: float) -> tuple[Array, Array]:
        """Where walkers aim on their tracks, and how fast kerbs and the end of the trip let them go."""
        crowd = self.crowd
        for row in crowd.over(at, time_s):
            crowd.begin_trip(row, at[row], time_s)
        aim, left_m, crossing, pace, rests = crowd.ahead(at, time_s, step_s)
        top = np.where(rests, 0.0, np.minimum(pace, left_m / step_s + 0.05))
        waits = np.flatnonzero(crossing >= 0)
        if len(waits):
            may = self._ambient.signals.may_walk(time_s, self._needs_s)[crossing[waits]]
            middle = self._ambient.lanes.crossings[crossing[waits]].mean(axis=1)
            if len(cars):
                way = middle[:, None] - bodies.xy[cars]
                fast = np.hypot(*bodies.velocity[cars].T)
                heading = np.stack([np.cos(bodies.yaw[cars]), np.sin(bodies.yaw[cars])], axis=1)
                gap = (way * heading).sum(axis=2)
                aside = np.abs(way[..., 0] * heading[:, 1] - way[..., 1] * heading[:, 0])
                stops_m = fast * _REACTS_S + fast**2 / (2 * _BRAKE_M_S2) + _KERB_M
                comes = (gap > -4.0) & (gap < stops_m) & (aside < 6.0) & (fast > 0.3)
                may &= ~comes.any(axis=1)
            crowd.crosses(waits[may])
            top[waits[~may]] = 0.0
        return aim, top
