"""Bodies that meet walls, water or each other: whose way is free goes on untouched, the others are led.

A few ticks at a time. Seen from above everybody is one disc, and what is long three. Walkers are pushed out of what they
run into and slide along it; what rolls or floats stops before it.
"""

import math
from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.control.clearance import plan_size
from bridge.engine import TICK_S
from bridge.engines.embedded.courses import BOAT, WALKER, Course
from bridge.engines.embedded.roster import MOVING
from bridge.engines.embedded.shapes import mass_kg, walker_size

if TYPE_CHECKING:
    from bridge.engines.kinematic.world import KinematicWorld

Array = NDArray[np.float64]
FREE = MOVING.index("free")
_GRAZE_M = 0.1
"""How much nearer than their radius walkers come to what stands: the grid of what stands is coarse."""
_PUSH_M = 0.12
"""How far somebody goes at most before it is looked anew who is in the way."""
_ALL = np.ones(6, dtype=np.uint8)


class Meetings:
    """Who is how large in one world, and what comes of it when ways cross."""

    def __init__(self, world: "KinematicWorld") -> None:
        self._world = world
        self._known: tuple[object, Array, Array, NDArray[np.int64]] | None = None

    def resolve(self, course: Course) -> NDArray[np.bool_]:
        """Changes the ways of those who meet something; who that is, (n,)."""
        radius, reach, others = self._sizes(course)
        walls = self._walled(course, radius, reach)
        pairs = self._pairs(course, radius, reach, others)
        met = walls.copy()
        met[pairs[:, 0]] = True
        if met.any():
            self._lead(course, met, walls, pairs, radius, reach)
        return met

    def _sizes(self, course: Course) -> tuple[Array, Array, NDArray[np.int64]]:
        """By slot: the radius of discs, how far the outer discs lie ahead, and the slots that can be met."""
        world = self._world
        if self._known is None or self._known[0] is not world.order:
            radius, reach = np.zeros(len(world.slots)), np.zeros(len(world.slots))
            for slot in world.order.tolist():
                thing = world.things[world.slots[slot]]
                if world.role[slot] == WALKER:
                    radius[slot] = walker_size(thing)[0]
                elif world.role[slot] != FREE:
                    half = 0.5 * np.array(plan_size(thing.asset)) * thing.scale[:2]
                    radius[slot] = float(half.min())
                    reach[slot] = max(float(half.max() - half.min()), 0.0)
            solid = world.order[world.role[world.order] != FREE]
            self._known = world.order, radius, reach, solid
        _, radius, reach, solid = self._known
        if world.follows:
            solid = solid[~np.isin(solid, list(world.follows))]
        return radius, reach, np.asarray(solid, dtype=np.int64)

    def _walled(self, course: Course, radius: Array, reach: Array) -> NDArray[np.bool_]:
        """Who (n,) comes too near to something that stands, and nearer than they are."""
        nose = self._noses(course.xy, course.yaw, reach[course.slots], course)
        room = self._world.room.at(nose)
        keeps = self._keeps(course, radius)
        afloat = course.role == BOAT
        met = ((room[1:] < keeps) & (room[1:] < room[0] - 1e-6)).any(axis=0) & ~afloat
        for row in np.flatnonzero(afloat):
            met[row] = self._world.waters.reach(nose[1:, row]).min() < radius[course.slots[row]]
        return met

    def _keeps(self, course: Course, radius: Array) -> Array:
        """How near to what stands everybody may come [m]."""
        return np.where(
            course.role == WALKER, np.maximum(radius[course.slots] - _GRAZE_M, 0.05), 0.7 * radius[course.slots]
        )

    def _noses(self, xy: Array, yaw: Array, reach: Array, course: Course) -> Array:
        """The foremost disc's middle, in the direction of travel."""
        way = np.sign((course.velocity[-1] * np.stack([np.cos(yaw[-1]), np.sin(yaw[-1])], axis=-1)).sum(axis=-1))
        return xy + (way * reach)[:, None] * np.stack([np.cos(yaw), np.sin(yaw)], axis=-1)

    def _pairs(self, course: Course, radius: Array, reach: Array, others: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the course and the slots (p,2) that they run into."""
        world, slots = self._world, course.slots
        if len(others) < 2:
            return np.zeros((0, 2), dtype=np.int64)
        at = world.data.qpos[world.courses.rows[others, :2]]
        row_of = np.full(len(world.slots), -1, dtype=np.int64)
        row_of[slots] = np.arange(len(slots))
        moved = np.abs(np.diff(course.xy, axis=0)).sum(axis=2).sum(axis=0)
        goes = np.where(row_of[others] >= 0, moved[row_of[others]], 0.0)
        bound = (radius + reach)[slots] + moved
        most = float(bound.max() + (radius + reach)[others].max() + moved.max())
        low, high = course.xy[0].min(axis=0) - most, course.xy[0].max(axis=0) + most
        about = ((at > low) & (at < high)).all(axis=1)
        others, at, goes = others[about], at[about], goes[about]
        gap_x, gap_y = course.xy[0, :, None, 0] - at[:, 0], course.xy[0, :, None, 1] - at[:, 1]
        near = gap_x * gap_x + gap_y * gap_y < np.square(bound[:, None] + ((radius + reach)[others] + goes))
        near &= slots[:, None] != others
        rows, columns = np.nonzero(near)
        if not len(rows):
            return np.zeros((0, 2), dtype=np.int64)
        slot = others[columns]
        mine = _discs(course.xy[:, rows], course.yaw[:, rows], reach[slots[rows]])
        theirs = self._theirs(course, slot, row_of, reach)
        apart = np.sqrt(((mine[..., :, None, :] - theirs[..., None, :, :]) ** 2).sum(axis=-1)).min(axis=(2, 3))
        apart -= radius[slots[rows]] + radius[slot]
        meets = ((apart[1:] < 0) & (apart[1:] < apart[:-1] - 1e-9)).any(axis=0)
        return np.column_stack([rows[meets], slot[meets]])

    def _theirs(self, course: Course, slot: NDArray[np.int64], row_of: NDArray[np.int64], reach: Array) -> Array:
        """The discs (k+1,p,3,2) of those who are met, whether they move or not."""
        world = self._world
        state = world.data.qpos[world.courses.rows[slot]]
        row = row_of[slot]
        xy = np.where((row >= 0)[:, None], course.xy[:, row], state[:, :2])
        yaw = np.where(row >= 0, course.yaw[:, row], state[:, 3])
        return _discs(xy, yaw, reach[slot])

    def _lead(
        self, course: Course, met: NDArray[np.bool_], walls: NDArray[np.bool_], pairs: NDArray[np.int64],
        radius: Array, reach: Array,
    ) -> None:  # fmt: skip
        """Those who meet something, a few ticks at a time, short enough that nobody is pushed far."""
        world, rows, ticks = self._world, np.flatnonzero(met).tolist(), len(course.velocity)
        keeps = self._keeps(course, radius)
        mates = {
            row: [self._mate(course, int(slot), radius, reach) for slot in pairs[pairs[:, 0] == row, 1]] for row in rows
        }
        own = {row: _Body(int(course.slots[row]), row, radius, reach) for row in rows}
        planned, yaws = course.xy[:, rows].copy(), course.yaw
        fastest = max(float(np.hypot(*course.velocity[:, row].T).max()) for row in rows)
        block = int(np.clip(_PUSH_M / max(fastest * TICK_S, 1e-6), 1, 5))
        for begin in range(0, ticks, block):
            end = min(begin + block, ticks)
            for column, row in enumerate(rows):
                here = course.xy[begin, row].copy()
                there = here + planned[end, column] - planned[begin, column]
                is_walker, is_last = course.role[row] == WALKER, end == ticks
                if walls[row]:
                    there = self._off_walls(course, begin, own[row], here, there, keeps[row], is_last=is_last)
                for mate in mates[row]:
                    tick = end if mate.row in rows[:column] else begin  # some have gone already
                    was = _closest(own[row], here, float(yaws[begin, row]), mate, *mate.place(course, tick))
                    now = _closest(own[row], there, float(yaws[end, row]), mate, *mate.place(course, tick))
                    gap = now[0] - own[row].radius - mate.radius
                    if gap >= 0:
                        continue
                    if is_last:
                        self._touch(own[row].slot, world.slots[mate.slot], now[2])
                    if is_walker:
                        shares = tick == begin and mate.row in rows and course.role[mate.row] == WALKER
                        there = there - (0.5 if shares else 1.0) * gap * now[1]  # the other does the rest in its turn
                    elif now[0] < was[0] - 1e-9:
                        there = here
                        yaws[begin + 1 :, row] = yaws[begin, row]
                        planned[begin:, column] = planned[begin, column]
                        course.rate[begin:, row] = 0.0
                passed = np.arange(1, end - begin + 1)[:, None] / (end - begin)
                course.xy[begin + 1 : end + 1, row] = here + passed * (there - here)
                course.velocity[begin:end, row] = (there - here) / ((end - begin) * TICK_S)

    def _mate(self, course: Course, slot: int, radius: Array, reach: Array) -> "_Body":
        """Somebody who is met; where they are if they do not move."""
        row = np.flatnonzero(course.slots == slot)
        body = _Body(slot, int(row[0]) if len(row) else -1, radius, reach)
        if body.row < 0:
            x, y, _, body.yaw = self._world.data.qpos[self._world.courses.rows[slot]].tolist()
            body.at = np.array([x, y])
        return body

    def _off_walls(
        self, course: Course, tick: int, body: "_Body", here: Array, there: Array, keeps: float, *, is_last: bool
    ) -> Array:
        """Where a body comes that runs into something that stands: along it on foot, no farther by wheel."""
        world, slot, row = self._world, body.slot, body.row
        if course.role[row] == BOAT:
            return here if world.waters.reach(there[None])[0] < body.radius else there
        yaw = float(course.yaw[tick, row])
        heading = np.array([np.cos(yaw), np.sin(yaw)])
        nose = heading * body.reach * np.sign(course.velocity[-1, row] @ heading)
        was, room = world.room.at(np.stack([here + nose, there + nose]))
        if room >= keeps or room >= was - 1e-6:
            return there
        away = world.room.away(there + nose)
        if is_last:
            name = self._wall(slot, there + nose, -away)
            self._touch(slot, name, there - away * keeps)
        if course.role[row] != WALKER:
            course.yaw[tick + 1 :, row] = yaw
            return here
        slid = there + away * (min(keeps, was) - room)
        return slid if world.room.at(slid) >= min(keeps, was) - 1e-3 else here

    def _wall(self, slot: int, at: Array, way: Array) -> str:
        """What stands in some direction of somebody."""
        world = self._world
        if not way.any():
            return "terrain"
        geom = np.zeros(1, dtype=np.int32)
        z = float(world.data.qpos[world.courses.rows[slot, 2]])
        for height in (0.5, 1.0, 0.2):
            start, ahead = np.array([*at, z + height]), np.array([*way, 0.0])
            found = mujoco.mj_ray(world.model, world.data, start, ahead, _ALL, 1, int(world.body[slot]), geom)
            owner = int(world.compiled.owner[geom[0]]) if 0 <= found < 2.0 else 0
            if owner < 0:
                return world.compiled.standing[-1 - owner]
        return "terrain"

    def _touch(self, slot: int, other: str, at: Array) -> None:
        world = self._world
        thing = world.things[world.slots[slot]]
        z = float(world.data.qpos[world.courses.rows[slot, 2]]) + 0.5
        world.contacts.add(thing.name, other, np.array([*at, z]), mass_kg(thing))


class _Body:
    """One who meets another: `row` in the course or -1 for who stands at `at`, `offsets` of its discs [m]."""

    def __init__(self, slot: int, row: int, radius: Array, reach: Array) -> None:
        self.slot, self.row, self.radius, self.reach = slot, row, float(radius[slot]), float(reach[slot])
        self.offsets = (0.0, self.reach, -self.reach) if self.reach > 0 else (0.0,)
        self.at, self.yaw = np.zeros(2), 0.0

    def place(self, course: Course, tick: int) -> tuple[Array, float]:
        """Where it is at a tick, and its heading."""
        if self.row < 0:
            return self.at, self.yaw
        return course.xy[tick, self.row], float(course.yaw[tick, self.row])


def _closest(
    one: _Body, at: Array, yaw: float, other: _Body, there: Array, its_yaw: float
) -> tuple[float, Array, Array]:
    """How near the middles of two bodies' nearest discs are [m], the direction to the first (2,), and the point between."""
    x, y, u, v = float(at[0]), float(at[1]), float(there[0]), float(there[1])
    cos, sin, its_cos, its_sin = math.cos(yaw), math.sin(yaw), math.cos(its_yaw), math.sin(its_yaw)
    best = (math.inf, 0.0, 0.0, 0.0, 0.0)
    for ahead in one.offsets:
        px, py = x + ahead * cos, y + ahead * sin
        for along in other.offsets:
            dx, dy = px - u - along * its_cos, py - v - along * its_sin
            apart = math.hypot(dx, dy)
            if apart < best[0]:
                best = apart, dx, dy, px, py
    apart, dx, dy, px, py = best
    size = max(apart, 1e-9)
    return apart, np.array([dx / size, dy / size]), np.array([px - dx / 2, py - dy / 2])


def _discs(xy: Array, yaw: Array, reach: Array) -> Array:
    """The middles (..., 3, 2) of a body's discs: its own, ahead and behind."""
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=-1) * reach[..., None]
    return np.stack([xy, xy + ahead, xy - ahead], axis=-2)
