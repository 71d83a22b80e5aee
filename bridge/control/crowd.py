"""Ambient pedestrians: trips along sidewalks from door to door, round each other (ORCA), off the walls, out of the sea."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.clearance import Clearance
from bridge.control.orca import chosen, half_planes
from bridge.control.seeds import stream
from bridge.control.steering import walking
from bridge.control.ways import CROSSING, Ways
from bridge.control.yielding import Claims
from bridge.engine import Action, Velocity
from bridge.scene import NODE_KINDS, NavigationGraph

Array = NDArray[np.float64]
_STEP_M = 0.5
_AHEAD = 12
_ROOM_M, _RADIUS_M = 0.42, 0.3
_NEIGHBOURS, _NEIGHBOUR_M, _HORIZON_S = 6, 5.0, 2.5
_IMPATIENT_S, _GIVES_UP_S = 1.5, 9.0
_LETS_PASS_M_S, _BEFORE_KERB_M = 0.2, 0.75
_ASKS_AGAIN_S = 3.0
"""After how long somebody who found no way looks for another goal."""
_DOOR, _SIDEWALK = NODE_KINDS.index("door"), NODE_KINDS.index("sidewalk")


class Crowd:
    """Walkers of one town. Row i of every array is `names[i]`. `given_up` counts trips that led nowhere."""

    def __init__(
        self, graph: NavigationGraph, walks: Ways, room: Clearance, names: tuple[str, ...], *, seed: int, step_s: float
    ) -> None:
        self.names, self._walks, self._room, self._step_s = names, walks, room, step_s
        count = len(names)
        self._streams = [stream(seed, name, "trips") for name in names]
        self._speed = np.array([stream(seed, name, "pace").normal(1.3, 0.15) for name in names]).clip(0.9, 1.7)
        self._narrow, self._goals = _narrow(walks, room), _goals(graph, walks, room)
        self._crossing_of = np.cumsum(walks.kind == CROSSING) - 1
        self._tracks: list[Array] = [np.zeros((0, 2))] * count
        self._on: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)] * count
        self._at = np.zeros(count, dtype=np.int64)
        self._aim, self._crossing = np.zeros((count, 2)), np.full((count, _AHEAD), -1, dtype=np.int64)
        self._left_m, self._rests_s, self._asks_s = np.zeros(count), np.zeros(count), np.zeros(count)
        self._begun, self._hindered_s = np.full(count, -1, dtype=np.int64), np.zeros(count)
        self._stuck_s, self._swerve = np.zeros(count), np.zeros(count)
        self.given_up = 0
        self._sheet: Array | None = None

    def starts(self) -> Array:
        """A place to begin for each walker, (n,3) [m]: somewhere on a sidewalk with room around."""
        spots = self._goals if len(self._goals) else np.zeros((0, 3))
        picks = [int(random.integers(len(spots))) for random in self._streams]
        return spots[picks] if picks else np.zeros((0, 3))

    def waiting(self, crossings: int) -> NDArray[np.bool_]:
        """Which crossings (c,) somebody stands at and wants to begin."""
        asked = np.zeros(crossings, dtype=bool)
        first = self._next_crossing(3)
        asked[first[(first >= 0) & (first != self._begun)]] = True
        return asked

    def _next_crossing(self, samples: int) -> NDArray[np.int64]:
        """The first crossing on the next samples of each one's way, or -1."""
        near = self._crossing[:, :samples]
        return near[np.arange(len(near)), np.argmax(near >= 0, axis=1)]

    def act(
        self, time_s: float, bodies: Bodies, rows: NDArray[np.int64], claims: Claims, may_walk: NDArray[np.bool_]
    ) -> dict[str, Action]:
        """What all walkers do now; `rows` are theirs among the bodies, `may_walk` (c,) what the signals say."""
        at, yaw, velocity = bodies.xy[rows], bodies.yaw[rows], bodies.velocity[rows]
        for row in range(len(rows)):
            self._look_ahead(row, at[row], time_s)
        way = self._aim - at
        gap = np.hypot(*way.T)
        speed = np.where(time_s < self._rests_s, 0.0, np.minimum(self._speed, 1.2 * self._left_m))
        speed = np.minimum(speed, self._before_crossing(claims, may_walk))
        speed = np.where(self._meets_cars(bodies, rows), np.minimum(speed, _LETS_PASS_M_S), speed)
        preferred = way / np.maximum(gap, 1e-6)[:, None] * speed[:, None]
        preferred = self._impatient(preferred, velocity, time_s)
        wanted = self._avoiding(bodies, rows, preferred)
        wanted = self._off_walls(at, wanted)
        return {
            name: Action(walking(float(turn), each)) if each @ each > 0.0025 else Action(Velocity())
            for name, turn, each in zip(self.names, yaw, wanted, strict=True)
        }

    def _look_ahead(self, row: int, at: Array, time_s: float) -> None:
        """Moves on along one's track; a new trip where the last one ends."""
        track, index = self._tracks[row], int(self._at[row])
        if len(track):
            near = ((track[index : index + 8] - at) ** 2).sum(axis=1)
            index += int(np.argmin(near))
            self._at[row] = index
        is_over = (not len(track) or len(track) - index <= 2) and time_s >= self._asks_s[row]
        gives_up = self._stuck_s[row] > _GIVES_UP_S
        if is_over or gives_up:
            self.given_up += int(gives_up)
            if is_over and len(track):
                self._rests_s[row] = time_s + float(self._streams[row].uniform(1.0, 8.0))
            self._begin_trip(row, at, time_s)
            track, index = self._tracks[row], 0
        self._left_m[row] = max(len(track) - 1 - index, 0) * _STEP_M
        self._aim[row] = track[min(index + 2, len(track) - 1)]
        on = self._on[row][index : index + _AHEAD]
        self._crossing[row, : len(on)], self._crossing[row, len(on) :] = on, -1
        if self._begun[row] >= 0 and self._begun[row] not in on[:2]:
            self._begun[row] = -1

    def over(self, at: Array, time_s: float) -> list[int]:
        """Moves everybody on along their tracks; whose trips are over, and who rests first."""
        if self._sheet is None:
            self._sheet = np.zeros((len(self.names), 1, 2))
            self._last = np.zeros(len(self.names), dtype=np.int64)
        near = np.minimum(self._at[:, None] + np.arange(6), self._last[:, None])
        spots = self._sheet[np.arange(len(at))[:, None], near]
        index = near[np.arange(len(at)), np.argmin(((spots - at[:, None]) ** 2).sum(axis=2), axis=1)]
        self._at = np.maximum(self._at, index)
        done = (self._last - self._at <= 1) & (time_s >= self._asks_s)
        return np.flatnonzero(done).tolist()

    def begin_trip(self, row: int, at: Array, time_s: float) -> None:
        """A new trip for one whose last one is over."""
        assert self._sheet is not None
        if len(self._tracks[row]):
            self._rests_s[row] = time_s + float(self._streams[row].uniform(1.0, 8.0))
        self._begin_trip(row, at, time_s)
        track = self._tracks[row]
        if len(track) > self._sheet.shape[1]:
            more = len(track) + 100 - self._sheet.shape[1]
            self._sheet = np.concatenate([self._sheet, np.zeros((len(self.names), more, 2))], axis=1)
        self._sheet[row, : len(track)] = track
        self._last[row] = len(track) - 1

    def give_up(self, row: int, at: Array, time_s: float, stays_s: float) -> None:
        """Ends a trip that leads nowhere; the next one begins after `stays_s`, which may be never."""
        self.given_up += 1
        self.begin_trip(row, at, time_s)
        self._rests_s[row] = time_s + stays_s

    def ahead(
        self, at: Array, time_s: float, step_s: float
    ) -> tuple[Array, Array, NDArray[np.int64], Array, NDArray[np.bool_]]:
        """Where each aims (n,2), how far the trip still leads [m], the crossing it comes to and has not begun (or -1), its
        pace [m/s], and who rests."""
        assert self._sheet is not None
        rows = np.arange(len(at))
        samples = np.maximum(np.rint(self._speed * step_s / _STEP_M).astype(np.int64), 1) + 1
        aim = self._sheet[rows, np.minimum(self._at + samples, self._last)]
        left = np.linalg.norm(self._sheet[rows, self._last] - at, axis=1)
        crossing = np.full(len(at), -1, dtype=np.int64)
        for row in range(len(at)):
            on = self._on[row][self._at[row] : self._at[row] + 4]
            begun = self._begun[row]
            if on.size and on.max() >= 0:
                first = int(on[on >= 0][0])
                crossing[row] = first if first != begun and on[0] != first else -1
            elif begun >= 0:
                self._begun[row] = -1
        return aim, left, crossing, self._speed, time_s < self._rests_s

    def crosses(self, rows: NDArray[np.int64]) -> None:
        """These begin the crossing they stand at."""
        for row in rows.tolist():
            on = self._on[row][self._at[row] : self._at[row] + 4]
            self._begun[row] = int(on[on >= 0][0])

    def _begin_trip(self, row: int, at: Array, time_s: float) -> None:
        self._stuck_s[row], self._at[row], self._begun[row] = 0.0, 0, -1
        random = self._streams[row]
        away = np.linalg.norm(self._goals[:, :2] - at, axis=1)
        near = np.flatnonzero((away > 15.0) & (away < 220.0))
        for attempt in range(6):
            if not len(near):
                break
            goal = self._goals[near[int(random.integers(len(near)))]]
            closed = self._narrow if attempt < 4 else frozenset()  # rather squeeze by than stand for ever
            route = self._walks.route(at, goal, closed=closed)
            if route is not None and route.length_m > 10.0:
                shift = float(random.uniform(-0.35, 0.35))
                self._tracks[row], self._on[row] = self._sampled(at, route.points[:, :2], route.edges, shift)
                return
        self._asks_s[row] = time_s + _ASKS_AGAIN_S
        self._tracks[row], self._on[row] = np.repeat(at[None], 2, axis=0), np.full(2, -1, dtype=np.int64)

    def _sampled(
        self, at: Array, points: Array, edges: NDArray[np.int64], shift_m: float
    ) -> tuple[Array, NDArray[np.int64]]:
        """A track every half metre, a little aside where there is room, and the crossing under each sample."""
        points = np.vstack([at, points])
        kinds = np.r_[-1, np.where(self._walks.kind[edges] == CROSSING, self._crossing_of[edges], -1)]
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        arc = np.r_[0.0, np.cumsum(steps)]
        marks = np.arange(0.0, max(arc[-1], _STEP_M) + 1e-6, _STEP_M)
        track = np.stack([np.interp(marks, arc, points[:, axis]) for axis in (0, 1)], axis=1)
        piece = np.clip(np.searchsorted(arc, marks, side="right") - 1, 0, len(kinds) - 1)
        ahead = np.gradient(track, axis=0) if len(track) > 1 else np.array([[1.0, 0.0]])
        ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
        aside = track + shift_m * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        fits = (self._room.at(aside) > _ROOM_M + 0.1) & (kinds[piece] < 0)
        fits[:1] = False
        return np.where(fits[:, None], aside, track), kinds[piece]

    def _before_crossing(self, claims: Claims, may_walk: NDArray[np.bool_]) -> Array:
        """The speed (n,) that still stops at the kerb of a crossing one must not begin."""
        near = self._crossing[:, :6] >= 0
        first = np.argmax(near, axis=1)
        crossing = self._next_crossing(6)
        wants = near.any(axis=1) & (crossing != self._begun)
        is_on = first == 0  # who got onto it already is sooner off it by going on, lights or not
        may = np.r_[claims.safe, True][crossing] & (np.r_[may_walk, True][crossing] | is_on)
        begins = wants & may & (first <= 2)
        self._begun[begins] = crossing[begins]
        waits = wants & ~may
        return np.where(waits, np.maximum(first * _STEP_M - _BEFORE_KERB_M, 0.0) * 1.2, np.inf)

    def _meets_cars(self, bodies: Bodies, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Who (n,) would soon step in front of something that drives, and is on no crossing."""
        drives = bodies.is_there & ~bodies.is_person & (np.hypot(*bodies.velocity.T) > 0.8)
        cars = np.flatnonzero(drives)
        if not len(cars):
            return np.zeros(len(rows), dtype=bool)
        velocity = bodies.velocity[cars]
        ahead = velocity / np.hypot(*velocity.T)[:, None]
        way = bodies.xy[rows][:, None] - bodies.xy[cars]
        along = np.einsum("nki,ki->nk", way, ahead)
        aside = way[..., 1] * ahead[:, 0] - way[..., 0] * ahead[:, 1]
        inward = bodies.velocity[rows][:, None, 1] * ahead[:, 0] - bodies.velocity[rows][:, None, 0] * ahead[:, 1]
        keeps = bodies.half[cars, 1] + _RADIUS_M + 0.2
        soon = np.abs(aside) - np.maximum(-inward * np.sign(aside), 0.0) * 1.5 < keeps
        reach = bodies.half[cars, 0] + 2.0 * np.hypot(*velocity.T)
        meets = (along > -bodies.half[cars, 0]) & (along < reach) & (np.abs(aside) > keeps) & soon
        return meets.any(axis=1) & (self._begun < 0)

    def _impatient(self, preferred: Array, velocity: Array, time_s: float) -> Array:
        """Who is held up by others for a while swerves, seeded; keeps time of that."""
        size = np.hypot(*preferred.T)
        made = (velocity * preferred).sum(axis=1) / np.maximum(size, 1e-6)
        held = (size > 0.3) & (made < 0.3 * size)
        self._hindered_s = np.where(
            held, self._hindered_s + self._step_s, np.maximum(self._hindered_s - self._step_s, 0)
        )
        self._stuck_s = np.where(held, self._stuck_s + self._step_s, np.maximum(self._stuck_s - 0.5 * self._step_s, 0))
        for row in np.flatnonzero(held & (self._hindered_s >= _IMPATIENT_S)):
            self._swerve[row] = float(self._streams[row].uniform(-2.2, 1.4))
            self._hindered_s[row] = 0.0
        self._swerve *= 0.5 ** (self._step_s / 1.0)
        turn = self._swerve - 0.15 * held
        cos, sin = np.cos(turn), np.sin(turn)
        return np.stack(
            [cos * preferred[:, 0] - sin * preferred[:, 1], sin * preferred[:, 0] + cos * preferred[:, 1]], 1
        )

    def _avoiding(self, bodies: Bodies, rows: NDArray[np.int64], preferred: Array) -> Array:
        """The velocities nearest to the preferred ones that meet nobody soon."""
        whose, centre, radius = bodies.discs()
        if len(whose) < 2:
            return preferred
        way = centre[None] - bodies.xy[rows][:, None]
        distance = np.sqrt((way**2).sum(axis=2)) - radius
        distance[whose[None] == rows[:, None]] = np.inf
        count = min(_NEIGHBOURS, len(whose))
        near = np.argpartition(distance, count - 1, axis=1)[:, :count]
        gaps = np.take_along_axis(distance, near, axis=1)
        order = np.argsort(gaps, axis=1, kind="stable")
        near, gaps = np.take_along_axis(near, order, axis=1), np.take_along_axis(gaps, order, axis=1)
        own = bodies.velocity[rows]
        in_crowd = np.zeros(len(bodies.names), dtype=bool)
        in_crowd[rows] = True
        share = np.where(in_crowd[whose[near]], 0.5, 1.0)
        u, normal = half_planes(
            np.take_along_axis(way, near[..., None], axis=1), bodies.velocity[whose[near]] - own[:, None],
            radius[near] + _RADIUS_M + 0.03, share=share, horizon_s=_HORIZON_S, step_s=2.5 * self._step_s,
        )  # fmt: skip
        return chosen(preferred, self._speed * 1.25, own[:, None] + u, normal, gaps < _NEIGHBOUR_M)

    def _off_walls(self, at: Array, wanted: Array) -> Array:
        """Takes away what leads into walls or water, and steps off them."""
        for ahead_s in (0.5, 0.25):
            soon = at + ahead_s * wanted
            room = self._room.at(soon)
            away = self._room.away(soon)
            away = np.where((away == 0).all(axis=1, keepdims=True), self._room.away(at), away)
            into = np.minimum((wanted * away).sum(axis=1), 0.0)
            wanted = np.where((room < _ROOM_M)[:, None], wanted - into[:, None] * away, wanted)
        here, away = self._room.at(at), self._room.away(at)
        return wanted + np.where(here < _ROOM_M - 0.1, 0.4, 0.0)[:, None] * away


def _narrow(walks: Ways, room: Clearance) -> frozenset[int]:
    """Edges on which somebody would graze what stands there."""
    a, b = walks.nodes[walks.edges].transpose(1, 0, 2)[..., :2]
    share = np.linspace(0.0, 1.0, 25)[:, None]
    track = a[:, None] + share * (b - a)[:, None]
    return frozenset(np.flatnonzero(room.at(track).min(axis=1) < _ROOM_M).tolist())


def _goals(graph: NavigationGraph, walks: Ways, room: Clearance) -> Array:
    """Where trips begin and end, (k,3) [m]: doors and sidewalks of the largest piece of the ways that are wide enough."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    wide = np.ones(len(walks.edges), dtype=bool)
    wide[list(_narrow(walks, room))] = False
    edges, count = walks.edges[wide], len(walks.nodes)
    if not len(edges):
        return np.zeros((0, 3))
    label = connected_components(
        csr_array((np.ones(len(edges)), tuple(edges.T)), shape=(count, count)), directed=False
    )[1]
    best = np.bincount(label[edges[:, 0]]).argmax()
    fits = (label == best) & np.isin(graph.node_kind, (_DOOR, _SIDEWALK)) & (room.at(graph.nodes[:, :2]) > _ROOM_M)
    return graph.nodes[fits]
