"""Going somewhere on foot or by vehicle: plans a route, follows it round people and things, and says why it failed."""

import math
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.detour import detour, is_free, led_round
from bridge.control.manoeuvre import BACK_S, backing, faces, way_past
from bridge.control.places import Place, Target
from bridge.control.steering import Line, pursuit, walking
from bridge.control.town import Town
from bridge.engine import Action, Skill, Velocity
from bridge.errors import UnknownBody, UnknownName
from bridge.plugins import unknown_name
from bridge.types import AgentState, WorldState

Array = NDArray[np.float64]
Status = Literal["running", "done", "failed"]
_FOOT_M = 0.32
"""Radius of somebody on foot, with a little to spare."""
_OFF_WAYS_M = 25.0
_PATIENCE_S, _RETRY_S, _MOST_ROUNDS = 10.0, 3.0, 8
_HEEDS_M, _MOMENTS_S = 4.0, (0.15, 0.35, 0.6, 0.9, 1.3)
"""Who is nearer is got out of the way of, and when they and the walls are thought of."""
_QUEUES_M, _AT_DOOR_M, _STANDS_M_S = 0.35, 1.0, 0.2
"""Whoever finds somebody at the door they go to waits this much farther away, and what is meant by standing at a door."""
_SIDES = np.radians([0, 15, -15, 30, -30, 50, -50, 70, -70, 95, -95, 120, -120, 180])
_BRAKE_M_S2, _ACROSS_M_S2, _NARROW_M_S = 2.5, 2.0, 1.5
_PULLS_OVER_M, _PARKS_M, _KERB_ROOM_M = 9.0, 1.5, 0.7
"""How long before the end of a lane one pulls over, how far, and how much room there has to be."""


class Controller(Protocol):
    """A skill under way: what to do next at each state, until it is done or has failed, with the reason in `failure`."""

    agent: str
    status: Status
    failure: str

    def act(self, state: WorldState) -> Action:
        """What the agent does now."""
        ...

    def hurry(self, walk_m_s: float, drive_m_s: float) -> None:
        """From now on it goes at these speeds [m/s], on foot and by vehicle."""
        ...


class GoTo:
    """Goes to an address, a name or a point; `arrive_m` from it is there.

    Whoever rides goes by lane, stops nearest to the goal, gets off and walks the rest. Call `act` at least five times a
    second of simulated time. `status` becomes "failed" with a reason: "no way there: ...", "blocked for 10 s by ...".
    """

    def __init__(
        self, town: Town, agent: str, target: Target, *, speed_m_s: float = 1.5, drive_m_s: float = 7.0, arrive_m: float = 0.6
    ) -> None:  # fmt: skip
        self.agent, self.failure = agent, ""
        self.status: Status = "running"
        self._town, self._target, self._arrive_m = town, target, arrive_m
        self._speed, self._drive = speed_m_s, drive_m_s
        self._place: Place | None = None
        self._line: Line | None = None
        self._vehicle = ""
        self._best_m, self._best_s = np.inf, 0.0
        self._retried_s, self._rounds = 0.0, 0
        self._backs_until_s, self._narrow_to_m = -np.inf, 0.0
        self._is_spot = False

    def hurry(self, walk_m_s: float, drive_m_s: float) -> None:
        """From now on it goes at these speeds [m/s], on foot and by vehicle."""
        self._speed, self._drive = walk_m_s, drive_m_s

    def act(self, state: WorldState) -> Action:
        """What to do now; a still Action once it is over."""
        if self.status != "running":
            return Action()
        bodies = self._town.census.bodies(state)
        if self.agent not in bodies.index:
            raise UnknownBody(unknown_name("body", self.agent, state.names))
        own = next((agent for agent in state.agents if agent.name == self.agent), AgentState(self.agent))
        row = bodies.index[own.riding or self.agent]
        try:
            if self._line is None or own.riding != self._vehicle:
                self._plan(state, bodies, row, own.riding)
        except _NoWay as reason:
            return self._fail(f"no way there: {reason}")
        assert self._line is not None
        return self._drive_on(state, bodies, row) if own.riding else self._walk_on(state, bodies, row)

    def _plan(self, state: WorldState, bodies: Bodies, row: int, vehicle: str) -> None:
        town, self._vehicle = self._town, vehicle
        if self._place is None:
            try:
                self._place = town.places.find(self._target, state)
            except UnknownName as error:
                raise _NoWay(str(error)) from None
        self._is_spot = isinstance(self._target, str) and self._place.name not in bodies.index
        self._line = Line(_planned(town, bodies.xy[row], self._place, by_lane=bool(vehicle)))
        if vehicle and not is_free(town.room, self._line.points[0], self._line.points[1], float(bodies.half[row, 1])):
            self._pass(way_past(town.room, bodies, row, self._line))  # to the lane, from a yard
        self._best_m, self._best_s, self._retried_s = np.inf, state.time_s, state.time_s

    def _fail(self, reason: str) -> Action:
        self.status, self.failure = "failed", reason
        return Action()

    def _is_blocked(self, state: WorldState, left_m: float) -> bool:
        """Notes progress; whether there was none for too long."""
        if left_m < self._best_m - 0.3:
            self._best_m, self._best_s = left_m, state.time_s
        return state.time_s - self._best_s >= _PATIENCE_S

    def _walk_on(self, state: WorldState, bodies: Bodies, row: int) -> Action:
        line, at = self._line, bodies.xy[row]
        assert line is not None
        assert self._place is not None
        off_m = line.advance(at)
        to_goal = math.dist(at, line.points[-1])
        if to_goal <= self._arrive_m or (to_goal <= self._arrive_m + _QUEUES_M and self._is_taken(bodies, row)):
            self.status = "done"
            return Action()
        if self._is_blocked(state, line.left_m + off_m):
            return self._fail(f"blocked for {_PATIENCE_S:g} s by {_culprit(self._town, state, bodies, row)}")
        stalls = state.time_s - max(self._best_s, self._retried_s) >= _RETRY_S
        if stalls or off_m > 2.5:
            self._retried_s = state.time_s
            self._go_round(at, _others(bodies, row))
            line = self._line or line
        room, ahead = self._town.room, min(line.left_m, 1.4)
        while ahead > 0.4 and not is_free(room, at, line.at(line.done_m + ahead), _FOOT_M - 0.04):
            ahead -= 0.3
        aim = line.at(line.done_m + ahead)
        discs = _others(bodies, row, within_m=_HEEDS_M)
        velocity = None if len(discs[0]) else self._straight(at, aim)
        if velocity is None:
            velocity = self._dodging(at, aim, discs, bodies.velocity)
        slow = min(1.0, 0.35 + to_goal / 1.5)
        return Action(walking(float(bodies.yaw[row]), velocity * slow))

    def _is_taken(self, bodies: Bodies, row: int) -> bool:
        """Whether somebody stands at the very door one goes to: then next to them is there, too."""
        if not self._is_spot or self._line is None:
            return False
        way = bodies.xy - self._line.points[-1]
        stands = bodies.is_there & bodies.is_person & (np.hypot(way[:, 0], way[:, 1]) < _AT_DOOR_M)
        stands[row] = False
        return bool((np.hypot(*bodies.velocity[stands].T) < _STANDS_M_S).any())

    def _straight(self, at: Array, aim: Array) -> Array | None:
        """The velocity (2,) straight to `aim`, if no wall is near the way: what `_dodging` finds where nobody is near."""
        room, x, y = self._town.room, float(at[0]), float(at[1])
        way_x, way_y = float(aim[0]) - x, float(aim[1]) - y
        reach = math.hypot(way_x, way_y)
        if reach < 1e-9 or room.of(x, y) < _FOOT_M - 0.06:
            return None
        cos, sin = way_x / reach, way_y / reach
        for time_s in _MOMENTS_S:
            used = min(self._speed * time_s, max(reach, 0.3))
            if room.of(x + used * cos, y + used * sin) < _FOOT_M - 0.06:
                return None
        return np.array([self._speed * cos, self._speed * sin])

    def _dodging(self, at: Array, aim: Array, discs: "_Discs", velocities: Array) -> Array:
        """A velocity (2,) towards `aim` that meets nobody within the next moments and leads into no wall."""
        way = aim - at
        straight = np.arctan2(way[1], way[0])
        headings = np.stack([np.cos(straight + _SIDES), np.sin(straight + _SIDES)], axis=1)
        times = np.array(_MOMENTS_S)
        points = at + self._speed * headings[:, None] * times[:, None]
        reach = max(float(np.linalg.norm(way)), 0.3)
        used = np.minimum(self._speed * times, reach)  # beyond the aim the line may turn
        keeps = min(_FOOT_M - 0.06, float(self._town.room.at(at)) - 0.04)  # from a wall, not through it
        walls = (self._town.room.at(at + headings[:, None] * used[:, None]) - keeps).min(axis=1)
        whose, centres, radii = discs
        gaps = np.full((len(headings), len(times)), np.inf)
        if len(whose):
            moved = centres + velocities[whose] * times[:, None, None]
            distance = np.linalg.norm(points[:, :, None] - moved, axis=-1) - radii
            now = np.linalg.norm(centres - at, axis=1) - radii
            distance = np.where((distance > now) & (now < _FOOT_M), np.inf, distance)  # stepping apart is no meeting
            gaps = distance.min(axis=2) - _FOOT_M
        meets = np.where(gaps < 0.0, np.maximum(1.4 - times, 0.0), 0.0).max(axis=1)
        price = np.abs(_SIDES) * 0.6 + 4.0 * meets + 12.0 * np.clip(-walls, 0.0, 1.0) + (walls < 0) * 2.0
        best = int(np.argmin(price))
        speed = self._speed * (0.15 if meets[best] > 0.9 else 0.5 if meets[best] > 0.3 else 1.0)
        return headings[best] * speed

    def _go_round(self, at: Array, discs: "_Discs") -> None:
        """Replaces the next metres of the line by a way round what stands there now."""
        line = self._line
        assert line is not None
        shape = discs[1], discs[2] + 0.05
        way = led_round(self._town.room, at, line, aheads_m=(4.0, 8.0, 14.0), radius_m=_FOOT_M - 0.02, discs=shape)
        if way is not None:
            self._line = way
            self._rounds += 1  # a longer way is progress too, but nobody goes round for ever
            longest = np.inf if self._rounds <= _MOST_ROUNDS else self._best_m
            self._best_m = min(longest, way.left_m + 0.1)

    def _drive_on(self, state: WorldState, bodies: Bodies, row: int) -> Action:
        line, at = self._line, bodies.xy[row]
        assert line is not None
        off_m = line.advance(at, window_m=12.0)
        speed = float(np.hypot(*bodies.velocity[row]))
        if state.time_s < self._backs_until_s - 1e-9:
            back = backing(self._town.room, bodies, row, line.at(line.done_m + 3.0))
            if back is not None:
                return Action(back)
            self._backs_until_s = -np.inf
        left = line.left_m
        if left < 1.5 or (left < 4.0 and speed < 0.3):
            self._best_s = state.time_s
            return Action(Velocity()) if speed > 0.1 else Action(Skill("dismount"))
        if self._is_blocked(state, left + off_m):
            return self._fail(f"blocked for {_PATIENCE_S:g} s by {_culprit(self._town, state, bodies, row)}")
        if speed < 0.3 and state.time_s - max(self._best_s, self._retried_s) >= _RETRY_S:
            return self._start_anew(state, bodies, row)
        arcs = np.arange(0.0, 24.0, 1.0)
        path = line.along(line.done_m + arcs)
        limits = _cornering(path, self._drive)
        ahead = np.sqrt(limits**2 + 2 * _BRAKE_M_S2 * np.maximum(arcs - 1.0, 0.0)).min()
        free = self._free_m(bodies, row, path, arcs)
        wanted = min(self._drive, ahead, np.sqrt(2 * _BRAKE_M_S2 * max(free - 1.5, 0.0)), np.sqrt(2 * 1.5 * left))
        is_narrow = line.done_m < self._narrow_to_m
        wanted = min(wanted, _NARROW_M_S) if is_narrow else wanted
        aim = self._towards_kerb(line.done_m + (1.5 if is_narrow else max(2.5, 0.7 * speed)), left)
        rate = float(pursuit(at, bodies.yaw[row], aim, np.array(max(wanted, 0.3))))
        return Action(Velocity(float(wanted), 0.0, rate))

    def _towards_kerb(self, arc_m: float, left_m: float) -> Array:
        """A point (2,) of the lane to steer to; at the end of it beside the lane, where what is parked holds up nobody."""
        line = self._line
        assert line is not None
        aim, aside = line.at(arc_m), _PARKS_M * min(max((_PULLS_OVER_M - left_m) / 6.0, 0.0), 1.0)
        if aside > 0.0:
            ahead = line.heading(arc_m)
            beside = aim + aside * np.array([ahead[1], -ahead[0]])
            if self._town.room.at(beside) > _KERB_ROOM_M:
                return beside
        return aim

    def _pass(self, past: Line | None) -> None:
        """Takes a way past something, if there is one."""
        if past is not None:
            self._line, self._narrow_to_m = past, min(12.0, past.length_m)

    def _start_anew(self, state: WorldState, bodies: Bodies, row: int) -> Action:
        """Passes what stands in the way, having backed off where it cannot set off that way; not for ever."""
        line, self._retried_s = self._line, state.time_s
        assert line is not None
        self._rounds += 1
        if self._rounds > _MOST_ROUNDS:
            return Action(Velocity())
        past = way_past(self._town.room, bodies, row, line)
        self._pass(past)
        if past is None or not faces(bodies, row, past):
            self._backs_until_s = state.time_s + BACK_S
        self._best_m, self._best_s = np.inf, max(self._best_s, state.time_s - _PATIENCE_S / 2)
        return Action(Velocity())

    def _free_m(self, bodies: Bodies, row: int, path: Array, arcs: Array) -> float:
        """How far the path is free of others [m]."""
        _, centres, radii = _others(bodies, row, within_m=30.0)
        half, width = bodies.half[row]
        gaps = np.hypot(path[:, None, 0] - centres[:, 0], path[:, None, 1] - centres[:, 1]) - radii - width - 0.2
        hit = (gaps < 0).any(axis=1) & (arcs > half)
        return float(arcs[hit][0] - half) if hit.any() else np.inf


class _NoWay(Exception):
    """Why there is no route."""


_Discs = tuple[NDArray[np.int64], Array, Array]


def _planned(town: Town, at: Array, place: Place, *, by_lane: bool) -> Array:
    """The points (k,2) of a route to a place, led round what stands on the graph's ways."""
    ways, goal = (town.lanes if by_lane else town.walks), place.position[:2]
    if not by_lane and np.linalg.norm(goal - at) < 6.0 and is_free(town.room, at, goal, _FOOT_M):
        return np.vstack([at, goal])
    for what, point in (("the start", at), (place.name, goal)):
        holds = ways.footholds(point, count=1)
        if not holds:
            raise _NoWay(f"this town has no {'lanes' if by_lane else 'ways'}")
        if holds[0].away_m > _OFF_WAYS_M * (3.0 if by_lane else 1.0):
            raise _NoWay(f"{what} lies {holds[0].away_m:.0f} m from the nearest {'lane' if by_lane else 'way'}")
    route = ways.route(at, goal)
    if route is None:
        raise _NoWay(f"no {'lane' if by_lane else 'way'} leads from ({at[0]:.1f}, {at[1]:.1f}) to {place.name}")
    if by_lane:
        return np.vstack([at, route.points[:, :2]])
    return _cleared(town, np.vstack([at, route.points[:, :2], goal]))


def _cleared(town: Town, points: Array) -> Array:
    """The same line with detours where something that stands leaves too little room."""
    line = Line(points[np.r_[True, np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-3]])
    arcs = np.r_[np.arange(0.0, line.length_m, 0.2), line.length_m]
    track = line.along(arcs)
    tight = town.room.at(track) < _FOOT_M
    tight[[0, -1]] = False
    if not tight.any():
        return line.points
    runs = np.flatnonzero(np.diff(np.r_[0, tight.astype(int), 0]))
    out, done = [track[:1]], 0
    for begin, end in zip(runs[::2], runs[1::2], strict=True):
        first, last = max(begin - 4, done), min(end + 4, len(track) - 1)
        if first < done or last <= first:
            continue
        round_it = detour(town.room, track[first], track[last], radius_m=_FOOT_M)
        if round_it is None:
            continue
        out += [track[done:first], round_it]
        done = last
    return np.vstack([*out, track[done:]])


def _cornering(path: Array, top_m_s: float) -> Array:
    """Speeds [m/s] that a path (n,2) of even steps allows at each of its points."""
    steps = np.diff(path, axis=0)
    length = np.linalg.norm(steps, axis=1)
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    turn = np.abs(np.diff(heading))
    turn = np.minimum(turn, 2 * np.pi - turn)
    turn = np.where((length[1:] > 0.05) & (length[:-1] > 0.05), turn, 0.0)
    turn = np.convolve(turn, np.ones(5) / 5, mode="same") if len(turn) >= 5 else turn
    bend = np.r_[0.0, turn, 0.0] / max(float(length.max(initial=1e-3)), 1e-3)
    return np.minimum(top_m_s, np.sqrt(_ACROSS_M_S2 / np.maximum(bend, 1e-3)))


def _others(bodies: Bodies, row: int, *, within_m: float = 40.0) -> _Discs:
    """The discs of everybody else whose middles lie near by."""
    whose, centres, radii = bodies.discs()
    away = np.hypot(centres[:, 0] - bodies.xy[row, 0], centres[:, 1] - bodies.xy[row, 1])
    others = np.flatnonzero(away < within_m)
    others = others[whose[others] != row]
    return whose[others], centres[others], radii[others]


def _culprit(town: Town, state: WorldState, bodies: Bodies, row: int) -> str:
    """Who or what touches a body, or is nearest in its way."""
    name, contacts = bodies.names[row], state.contacts
    for pair in contacts.names if contacts is not None else ():
        if name in pair and "terrain" not in pair:
            return pair[0] if pair[1] == name else pair[1]
    whose, centres, radii = _others(bodies, row)
    gaps = np.linalg.norm(centres - bodies.xy[row], axis=1) - radii
    if len(gaps) and gaps.min() < 3.0:
        return bodies.names[whose[int(np.argmin(gaps))]]
    return "a wall" if town.room.at(bodies.xy[row]) < 1.0 else "something unseen"
