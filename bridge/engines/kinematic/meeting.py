"""Bodies that meet walls, water or each other: whose way is free goes on untouched, the others are led tick by tick.

Seen from above everybody is one disc, and what is long three. Walkers are pushed out of what they run into and slide
along it; what rolls or floats stops before it.
"""

from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded.roster import MOVING
from bridge.engines.embedded.shapes import mass_kg, walker_size
from bridge.engines.kinematic.courses import BOAT, WALKER, Course

if TYPE_CHECKING:
    from bridge.engines.kinematic.world import KinematicWorld

Array = NDArray[np.float64]
FREE = MOVING.index("free")
_GRAZE_M = 0.1
"""How much nearer than their radius walkers come to what stands: the grid of what stands is coarse."""
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
            self._lead(course, met, walls, pairs, radius, reach, others)
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
                    half = 0.5 * thing.size[:2]
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
        gap = np.hypot(course.xy[0, :, None, 0] - at[:, 0], course.xy[0, :, None, 1] - at[:, 1])
        near = gap < bound[:, None] + ((radius + reach)[others] + goes)
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
        radius: Array, reach: Array, others: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Tick by tick, those who meet something."""
        world, rows = self._world, np.flatnonzero(met)
        row_of = np.full(len(world.slots), -1, dtype=np.int64)
        row_of[course.slots] = np.arange(len(course.slots))
        keeps = self._keeps(course, radius)
        step = course.velocity * TICK_S
        last = len(step) - 1
        for tick in range(len(step)):
            for row in rows.tolist():
                here, slot = course.xy[tick, row], int(course.slots[row])
                there = here + step[tick, row]
                is_walker = course.role[row] == WALKER
                if walls[row]:
                    there = self._off_walls(
                        course, tick, row, here, there, keeps[row], reach[slot], is_last=tick == last
                    )
                for other in pairs[pairs[:, 0] == row, 1].tolist():
                    mate = int(row_of[other])
                    if mate >= 0:
                        at, yaw = course.xy[tick + (mate < row), mate], course.yaw[tick, mate]
                    else:
                        x, y, _, yaw = world.data.qpos[world.courses.rows[other]]
                        at = np.array([x, y])
                    mine = _discs(there, np.asarray(course.yaw[tick + 1, row]), np.asarray(reach[slot]))
                    theirs = _discs(at, np.asarray(yaw), np.asarray(reach[other]))
                    way = mine[:, None] - theirs[None]
                    apart = np.sqrt((way**2).sum(axis=-1))
                    one, two = np.unravel_index(int(np.argmin(apart)), apart.shape)
                    gap = float(apart[one, two]) - radius[slot] - radius[other]
                    if gap >= 0:
                        continue
                    before = _discs(here, np.asarray(course.yaw[tick, row]), np.asarray(reach[slot]))
                    was = float(np.sqrt(((before[:, None] - theirs[None]) ** 2).sum(axis=-1)).min())
                    if tick == last:
                        self._touch(slot, world.slots[other], (mine[one] + theirs[two]) / 2)
                    if is_walker:
                        normal = way[one, two] / max(float(apart[one, two]), 1e-9)
                        share = 0.5 if mate >= 0 and course.role[mate] == WALKER else 1.0
                        there = there - share * gap * normal
                    elif float(apart[one, two]) < was - 1e-9:
                        there = here
                        course.yaw[tick + 1 :, row] = course.yaw[tick, row]
                        step[tick:, row] = 0.0
                course.xy[tick + 1, row] = there
                course.velocity[tick, row] = (there - here) / TICK_S

    def _off_walls(
        self,
        course: Course,
        tick: int,
        row: int,
        here: Array,
        there: Array,
        keeps: float,
        reach: float,
        *,
        is_last: bool,
    ) -> Array:
        """Where a body comes that runs into something that stands: along it on foot, no farther by wheel."""
        world, slot = self._world, int(course.slots[row])
        if course.role[row] == BOAT:
            return here if world.waters.reach(there[None])[0] < keeps / 0.7 else there
        yaw = float(course.yaw[tick, row])
        nose = (
            np.array([np.cos(yaw), np.sin(yaw)])
            * reach
            * np.sign(course.velocity[-1, row] @ [np.cos(yaw), np.sin(yaw)])
        )
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
        return slid if world.room.at(slid) >= min(keeps, was) - 0.05 else here

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


def _discs(xy: Array, yaw: Array, reach: Array) -> Array:
    """The middles (..., 3, 2) of a body's discs: its own, ahead and behind."""
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=-1) * reach[..., None]
    return np.stack([xy, xy + ahead, xy - ahead], axis=-2)
