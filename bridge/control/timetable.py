"""Everyday life for long episodes: the same cars and pedestrians as Ambient's, on their tracks, looked at twice a second.

Everybody keeps to a track (lanes and turns, sidewalks and crossings), slows down behind what is ahead, waits at lights,
at junctions that are taken and at kerbs where traffic comes. Walkers pass who stands in their way or comes towards them on
the side where there is room; otherwise they stop.
"""

import numpy as np
from numpy.typing import NDArray

from bridge.control.ambient import Ambient
from bridge.control.bodies import Bodies
from bridge.control.lane_map import LaneMap
from bridge.control.town import Town
from bridge.engine import TICK_S, Action, Spawn, Velocity
from bridge.types import WorldState

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
_TOWN_M_S, _TURN_M_S, _BRAKE_M_S2, _GAIN_M_S2 = 8.0, 4.5, 2.5, 1.5
_CAR_KEEPS_M, _FOOT_KEEPS_M = 2.0, 0.35
_ASIDE_M = 0.25
"""How much more than both halves apart others pass each other."""
_OFF_CARS_M, _STEPS_BACK_S, _STEP_M_S, _CAR_M = 0.3, 1.0, 0.8, 4.0
"""Walkers whom a car that stands keeps from going on step away from it, and set foot on no crossing that one stands on."""
_STUCK_S, _INSISTS_S = 6.0, 3.0
"""After how long those who block one another are no longer waited for, and for how long."""
_REACTS_S, _KERB_M = 0.6, 3.0
"""How soon drivers see somebody step onto a crossing, and how far before it they stop."""
_HELD_S, _RETIRES = 3.0, 3
"""After how long without getting on a walker sets out for somewhere else, and how often before it stays where it is."""
_BACKS_S, _BACK_M_S, _ROUND_S, _ROUND_M_S, _ASIDE_STEP_M, _MOST_ASIDE_M = 1.5, -1.2, 6.0, 2.5, 0.8, 2.4
"""A car that something holds goes back so long and so fast, and gets past farther to the left each time."""
_ACROSS_M_S2 = 2.0
_SEES_M, _TOUCH_M, _PASS_M, _WALL_M = 2.5, 0.62, 0.72, 0.36
"""How far ahead walkers look for others, how near to their line those are in the way, and how they pass people and walls."""


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
        self._back_s, self._round_s = np.full(count, -np.inf), np.full(count, -np.inf)
        self._bend_m_s = _bend_speeds(self._ambient.lanes)
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
        ahead[cars:] = self._passing(bodies, rows[cars:], ahead[cars:])
        back = np.zeros(len(rows), dtype=bool)
        back[cars:], ahead[cars:] = self._stepping_back(bodies, rows, ahead[cars:], state.time_s, cars)
        far = np.where(back, 1.0, far)
        way[cars:] = ahead[cars:] * far[cars:, None]
        wanted = np.minimum(top, self._free(bodies, rows, ahead, state.time_s, step_s, cars))
        wanted[:cars] = np.minimum(wanted[:cars], speed[:cars] + _GAIN_M_S2 * step_s + 0.3)
        wanted = np.where(wanted < 0.08, 0.0, wanted)
        wanted = np.where(state.time_s < self._back_s, _BACK_M_S, wanted)
        wanted = np.where(back, _STEP_M_S, wanted)
        stands = ((wanted < 0.1) & (top > 0.1)) | back
        self._still_s = np.where(stands, np.minimum(self._still_s, state.time_s), np.inf)
        stuck = state.time_s - self._still_s > _STUCK_S
        self._insists_s[stuck] = state.time_s + _INSISTS_S
        self._still_s[stuck] = np.inf
        self._wanted = wanted
        return self._orders(way, far, yaw, wanted, step_s, cars)

    def _notice(self, time_s: float, at: Array, step_s: float, cars: int) -> None:
        """Walkers who do not get on though nobody is in their way set out for somewhere else, or stay; cars go round it."""
        made = np.hypot(*(at - self._before).T)
        self._before = at.copy()
        held = (self._wanted > 0.3) & (made < 0.3 * self._wanted * step_s)
        self._held_s = np.where(held, self._held_s + step_s, 0.0)
        self._failed[(made > 0.5 * self._wanted * step_s) & (self._wanted > 0.3) & (time_s > self._round_s)] = 0
        for row in np.flatnonzero(self._held_s > _HELD_S).tolist():
            self._held_s[row] = 0.0
            self._failed[row] += 1
            if row < cars:
                self._back_s[row], self._round_s[row] = time_s + _BACKS_S, time_s + _BACKS_S + _ROUND_S
            else:
                stays_s = np.inf if self._failed[row] >= _RETIRES else 0.0
                self.crowd.give_up(row - cars, at[row], time_s, stays_s)

    def _passing(self, bodies: Bodies, rows: Ints, ahead: Array) -> Array:
        """The directions (n,2) of walkers, led past the nearest one in each one's way, to the right if that is all the same."""
        at, persons = bodies.xy[rows], np.flatnonzero(bodies.is_there & bodies.is_person)
        way = bodies.xy[persons] - at[:, None]
        along = (way * ahead[:, None]).sum(axis=2)
        aside = way[..., 1] * ahead[:, None, 0] - way[..., 0] * ahead[:, None, 1]
        follows = bodies.velocity[persons] @ ahead.T > 0.4
        blocks = (along > 0.0) & (along < _SEES_M) & (np.abs(aside) < _TOUCH_M) & ~follows.T
        blocks &= persons != rows[:, None]
        who = np.flatnonzero(blocks.any(axis=1))
        if not len(who):
            return ahead
        nearest = np.argmin(np.where(blocks[who], along[who], np.inf), axis=1)
        to = np.arctan2(aside[who, nearest], along[who, nearest])
        past = np.arcsin(np.minimum(_PASS_M / np.maximum(np.hypot(*way[who, nearest].T), 1e-6), 0.97))
        right = to >= -1e-6
        found = ahead.copy()
        is_open = np.zeros(len(who), dtype=bool)
        for turn in (np.where(right, to - past, to + past), np.where(right, to + past, to - past)):
            cos, sin, (x, y) = np.cos(turn), np.sin(turn), ahead[who].T
            led = np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)
            fits = ~is_open & (self._town.room.at(at[who, None] + led[:, None] * [[0.4], [0.8]]) > _WALL_M).all(axis=1)
            found[who[fits]] = led[fits]
            is_open |= fits
        return found

    def _stepping_back(
        self, bodies: Bodies, rows: Ints, ahead: Array, time_s: float, cars: int
    ) -> tuple[NDArray[np.bool_], Array]:
        """Which walkers (n,) step away from a car they and it wait for each other at, and the directions (n,2) of all."""
        at = bodies.xy[rows[cars:]]
        waits = time_s - self._still_s[cars:] >= _STEPS_BACK_S
        whose, centres, radii = bodies.discs()
        is_car = np.zeros(len(bodies.names), dtype=bool)
        is_car[rows[:cars]] = np.hypot(*bodies.velocity[rows[:cars]].T) < 0.5
        discs = is_car[whose]
        if not waits.any() or not discs.any():
            return np.zeros(len(at), dtype=bool), ahead
        way = at[:, None] - centres[discs]
        apart = np.hypot(way[..., 0], way[..., 1])
        gaps = apart - radii[discs] - 0.28
        nearest, index = np.argmin(gaps, axis=1), np.arange(len(at))
        away = way[index, nearest] / np.maximum(apart[index, nearest], 1e-6)[:, None]
        back = waits & (gaps[index, nearest] < _OFF_CARS_M) & (self._town.room.at(at + 0.5 * away) > _WALL_M)
        return back, np.where(back[:, None], away, ahead)

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
        rate = np.where(wanted < 0, 0.0, rate)
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
        yields &= minds | (is_car[:, None] & ((mate < 0) | ((same > 0.3) & ~person)))  # nobody drives into a queue
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
        bends = np.square(self._bend_m_s[way[:, :12]]) + 2 * _GAIN_M_S2 * np.maximum(np.arange(12.0) - 2.0, 0.0)
        top = np.minimum(top, np.sqrt(bends.min(axis=1)))
        look = np.clip(np.rint(0.8 * speed + 1.0), 3, 7).astype(np.int64)
        goes_round = time_s < self._round_s[: len(at)]
        aside = np.where(goes_round, np.minimum(_ASIDE_STEP_M * self._failed[: len(at)], _MOST_ASIDE_M), 0.0)
        ahead = lanes.headings[way[index, look]]
        aim = path[index, look] + aside[:, None] * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        return aim, np.where(goes_round, np.minimum(top, _ROUND_M_S), top)

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
                comes |= np.hypot(way[..., 0], way[..., 1]) < _CAR_M
                may &= ~comes.any(axis=1)
            crowd.crosses(waits[may])
            top[waits[~may]] = 0.0
        return aim, top


def _bend_speeds(lanes: LaneMap) -> Array:
    """How fast each sample of the lanes lets a car go (k,) [m/s], by how much the lane bends around it."""
    count = len(lanes.points)
    at, edge = np.arange(count), np.repeat(np.arange(len(lanes.edges)), np.diff(lanes.first))
    before, after = np.maximum(at - 2, lanes.first[edge]), np.minimum(at + 3, lanes.first[edge + 1] - 1)
    turn = np.arccos(np.clip((lanes.headings[before] * lanes.headings[after]).sum(axis=1), -1.0, 1.0))
    return np.sqrt(_ACROSS_M_S2 / np.maximum(turn / np.maximum(after - before, 1), 1e-3))
