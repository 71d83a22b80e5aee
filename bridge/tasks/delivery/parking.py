"""Where there is room for a scooter or a car that somebody buys or rents: by the roadside, near the shop."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.town import Town
from bridge.frames import quat_from_yaw
from bridge.types import Pose

Array = NDArray[np.float64]
_ALONG_M, _FURTHEST_M, _LIFT_M = 1.5, 80.0, 0.15
_GAP_M = 0.4
_APART_M, _BODY_M = 0.6, 0.35


class Parks:
    """Parking along a town's lanes."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def spot(self, near_xy: Array, others_xy: Array, *, length_m: float, width_m: float) -> Pose | None:
        """The free spot nearest to a point (2,): beside a lane, headed along it, clear of walls and of `others_xy` (n,2).

        None where there is none within 80 m.
        """
        lanes, room = self._town.lanes, self._town.room
        spots, headings = self._kerbs(lanes, near_xy, width_m)
        if not len(spots):
            spots, headings = self._rings(near_xy)
        away = np.hypot(*(spots - near_xy).T)
        near = np.argsort(away, kind="stable")
        near = near[away[near] <= _FURTHEST_M]
        ends = 0.5 * length_m * np.stack([np.cos(headings), np.sin(headings)], axis=1)
        free = np.min([room.at(spots[near] + side * ends[near]) for side in (-1, 0, 1)], axis=0) > 0.5 * width_m
        near = near[free]
        least = 0.5 * length_m + 0.5 + _GAP_M
        for index in near.tolist():
            spot = spots[index]
            if not len(others_xy) or np.hypot(*(others_xy - spot).T).min() > least:
                return Pose(np.array([*spot, self._level(spot)]), quat_from_yaw(float(headings[index])))
        return None

    def standing(self, door: Array, others_xy: Array) -> Array:
        """Where one can stand at a door (3,) with nobody else (n,2) there: at it, or a step or two aside."""
        radius, angle = np.meshgrid([0.8, 1.5], np.arange(8) * (np.pi / 4), indexing="ij")
        around = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).reshape(-1, 2)
        spots = np.vstack([door[:2], door[:2] + around])
        near = others_xy[np.hypot(*(others_xy - door[:2]).T) < 3.0]
        gaps = np.hypot(*(spots[:, None] - near).transpose(2, 0, 1)).min(axis=1, initial=np.inf)
        free = np.flatnonzero((gaps > _APART_M) & (self._town.room.at(spots) > _BODY_M))
        return np.array([*spots[free[0] if len(free) else 0], door[2]])

    def _kerbs(self, lanes, near_xy: Array, width_m: float) -> tuple[Array, Array]:
        """Spots to the right of the lanes around a point, with their headings."""
        if not len(lanes.edges):
            return np.zeros((0, 2)), np.zeros(0)
        a, b = lanes.nodes[lanes.edges[:, 0], :2], lanes.nodes[lanes.edges[:, 1], :2]
        close = np.minimum(np.hypot(*(a - near_xy).T), np.hypot(*(b - near_xy).T)) < _FURTHEST_M + 20.0
        spots, headings = [], []
        for tail, head in zip(a[close], b[close], strict=True):
            way = head - tail
            length = float(np.hypot(*way))
            if length < 0.5:
                continue
            heading = float(np.arctan2(way[1], way[0]))
            along = np.arange(0.5 * min(_ALONG_M, length), length, _ALONG_M)
            right = np.array([np.sin(heading), -np.cos(heading)])
            spots.append(tail + along[:, None] * way / length + (0.9 + 0.5 * width_m) * right)
            headings.append(np.full(len(along), heading))
        return (np.concatenate(spots), np.concatenate(headings)) if spots else (np.zeros((0, 2)), np.zeros(0))

    def _rings(self, near_xy: Array) -> tuple[Array, Array]:
        """Spots around a point, for towns without lanes."""
        radius, angle = np.meshgrid(np.arange(1.5, 20.0, 1.0), np.arange(16) * (np.pi / 8), indexing="ij")
        ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).reshape(-1, 2)
        return near_xy + ring, np.zeros(len(ring))

    def _level(self, xy: Array) -> float:
        """A height from which a vehicle settles on whatever the ground there is: the lane's or the terrain's."""
        terrain = float(self._town.scene.terrain.height_at(xy))
        holds = self._town.lanes.footholds(xy, count=1)
        lane = float(holds[0].point[2]) if holds and holds[0].away_m < 4.0 else terrain
        return max(terrain, lane) + _LIFT_M
