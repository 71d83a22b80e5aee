"""For how long bodies on their courses keep clear of everything: of others, loose things, walls, water, cliffs and doors.

What is asked of a tick does not depend on how many are asked about at once, nor on where that began.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded.courses import BOAT, WALKER, Course
from bridge.engines.embedded.outlines import FREE, Outlines
from bridge.engines.embedded.room import Room

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_NOBODY = np.zeros(0, dtype=np.int64)
_NEAR_M = 0.05
"""How near to each other those come whom physics takes over, at the end of a tick."""
_LOOKS = 5
"""Ticks between two looks at the slope of the ground: those that are multiples of it."""
_SHRINKS = 1.42
"""How much the room shrinks at most per metre of the way: it is known on a grid."""
_CLOSER_M = 1e-4
"""Who comes nearer by less than this in a tick does not come nearer."""
_INSIDE_M = 0.02
"""Who goes, is nearer than this to something and does not leave it is near it, whichever way they go."""
_SHORE_M, _DOOR_M, _OVER_M = 0.6, 2.5, 0.3
_STEEP = 0.98
"""The rise per metre from which on feet may not get up."""


class Company:
    """What is about everybody in one world."""

    def __init__(self, world: "World", room: Room, rows: NDArray[np.int64]) -> None:
        self._world, self._room, self._rows = world, room, rows
        self._outlines = Outlines(world)

    def free_ticks(self, course: Course, handed: Mask) -> NDArray[np.int64]:
        """How many ticks (n,) of the course each one has before something is near; `handed` (slots,) says who is moved
        by physics, and thus keeps to a course but roughly.
        """
        self._outlines.update()
        ticks = len(course.velocity)
        moved = np.abs(np.diff(course.xy, axis=0)).sum(axis=(0, 2))
        free = _first(self._walled(course, moved) | self._steep(course) | self._at_doors(course), ticks)
        rows, found = self._met(course, moved, handed)
        np.minimum.at(free, rows, found)
        return free

    def _walled(self, course: Course, moved: Array) -> Mask:
        """When (k,n) everybody is near something that stands, or water, and comes nearer."""
        near = np.zeros(course.velocity.shape[:2], dtype=bool)
        radius, reach = self._outlines.discs()
        radius, reach = radius[course.slots], reach[course.slots]
        keeps = np.where(course.role == WALKER, np.maximum(radius, 0.1), 0.8 * radius)
        room = self._room.now()
        close = np.flatnonzero(room.at(course.xy[0]) < keeps + _SHRINKS * (moved + 2 * reach))
        ahead = reach[close, None] * _headings(course.yaw[:, close])
        xy = course.xy[:, close]
        at = np.stack([xy, xy + ahead, xy - ahead]) if ahead.any() else xy[None]
        gaps = room.at(at)
        is_nearer = (gaps[:, 1:] < gaps[:, :-1] - _CLOSER_M) | (gaps[:, 1:] < _INSIDE_M)
        near[:, close] = ((gaps[:, 1:] < keeps[close]) & is_nearer).any(axis=0)
        for row in np.flatnonzero(course.role == BOAT):
            hull = course.xy[1:, row] + reach[row] * _headings(course.yaw[1:, row]) * np.array(
                [[[0.0]], [[1.0]], [[-1.0]]]
            )
            shore = np.stack([self._world.waters.reach(points) for points in hull])
            near[:, row] = shore.min(axis=0) < radius[row] + _SHORE_M
        return near

    def _steep(self, course: Course) -> Mask:
        """When (k,n) those on foot come to where it is too steep to go up."""
        steep = np.zeros(course.velocity.shape[:2], dtype=bool)
        walks = np.flatnonzero(course.role == WALKER)
        looks = np.arange(-(self._world.tick + 1) % _LOOKS, len(course.velocity), _LOOKS)
        if len(walks) and len(looks):
            ground, at = self._world.ground, course.xy[looks[:, None] + 1, walks]
            slope = ground.slope(at)
            climbs = (slope * course.velocity[looks[:, None], walks]).sum(axis=-1) > 0
            which, columns = np.nonzero(climbs & ((slope**2).sum(axis=-1) > _STEEP**2))
            if len(which):  # unless there is a deck above
                level = self._world.data.qpos[self._rows[course.slots[walks[columns]], 2]]
                rise = ground.under(np.column_stack([at[which, columns], level]))[1]
                steep[looks[which], walks[columns]] = np.hypot(rise[:, 0], rise[:, 1]) > _STEEP
        return steep

    def _at_doors(self, course: Course) -> Mask:
        """When (k,n) somebody is near a door that swings."""
        doors = self._world.doors.swinging()
        if not len(doors):
            return np.zeros(course.velocity.shape[:2], dtype=bool)
        return np.hypot(*np.moveaxis(course.xy[1:, :, None] - doors, -1, 0)).min(axis=2) < _DOOR_M

    def _met(self, course: Course, moved: Array, handed: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the course and after how many ticks another is near them, both (p,)."""
        world, slots, outlines = self._world, course.slots, self._outlines
        others = world.order
        if world.follows:
            others = others[~np.isin(others, list(world.follows))]
        if len(others) < 2 or not len(slots):
            return _NOBODY, _NOBODY
        at = world.data.qpos[self._rows[others, :3]]
        row_of = np.full(len(world.slots), -1, dtype=np.int64)
        row_of[slots] = np.arange(len(slots))
        goes = np.where(row_of[others] >= 0, moved[row_of[others]], self._strays(others, handed, len(course.velocity)))
        gap_x, gap_y = course.xy[0, :, None, 0] - at[:, 0], course.xy[0, :, None, 1] - at[:, 1]
        bound = (outlines.bound[slots] + moved + _NEAR_M)[:, None] + (outlines.bound[others] + goes)
        near = (gap_x * gap_x + gap_y * gap_y < bound * bound) & (slots[:, None] != others)
        rows, columns = np.nonzero(near)
        slot = others[columns]
        z, level = world.data.qpos[self._rows[slots[rows], 2]], at[columns, 2]
        beside = (z < level + outlines.height[slot] + _OVER_M) & (level < z + outlines.height[slots[rows]] + _OVER_M)
        rows, columns, slot = rows[beside], columns[beside], slot[beside]
        if not len(rows):
            return _NOBODY, _NOBODY
        mine = course.xy[:, rows], course.yaw[:, rows]
        apart = outlines.apart(slots[rows], *mine, slot, *self._theirs(course, slot, row_of))
        stray = np.where(row_of[slot] >= 0, 0.0, goes[columns])
        goes_on = np.abs(np.diff(mine[0], axis=0)).sum(axis=2) > _CLOSER_M
        is_nearer = apart[1:] < apart[:-1] + np.where(goes_on & (apart[1:] < _INSIDE_M), _CLOSER_M, -_CLOSER_M)
        meets = (apart[1:] < _NEAR_M + stray) & (is_nearer | (stray > 0))
        return rows, _first(meets, len(course.velocity))

    def _strays(self, others: NDArray[np.int64], handed: Mask, ticks: int) -> Array:
        """How far (n,) those whom physics moves could come in so many ticks, though they want to go nowhere [m]."""
        world = self._world
        speed = np.hypot(*world.data.qvel[world.compiled.dof[others] + np.arange(2)[:, None]])
        return np.where(handed[others] & (speed > 0.01), 1.5 * speed * ticks * TICK_S, 0.0)

    def _theirs(self, course: Course, slot: NDArray[np.int64], row_of: NDArray[np.int64]) -> tuple[Array, Array]:
        """Places (k+1,p,2) and headings (k+1,p) of others, whether they move or not."""
        world = self._world
        state, row = world.data.qpos[self._rows[slot]], row_of[slot]
        xy = np.where((row >= 0)[:, None], course.xy[:, row], state[:, :2])
        return xy, np.where(row >= 0, course.yaw[:, row], np.where(world.role[slot] == FREE, 0.0, state[:, 3]))


def _headings(yaw: Array) -> Array:
    return np.stack([np.cos(yaw), np.sin(yaw)], axis=-1)


def _first(when: Mask, ticks: int) -> NDArray[np.int64]:
    """The first row in which each column of (k,n) holds, `ticks` where none does."""
    return np.where(when.any(axis=0), np.argmax(when, axis=0), ticks)
