"""How large everybody is, seen from above, and how far apart they are: upright bodies and loose things are round, what
rolls or floats has corners.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.control.clearance import plan_size
from bridge.engines.embedded.roster import MOVING
from bridge.engines.embedded.shapes import trunk_m, walker_size

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]
Slots = NDArray[np.int64]
WALKER, FREE = MOVING.index("walker"), MOVING.index("free")
_CORNERS = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]])


class Outlines:
    """The outlines of all slots of one world.

    By slot: a box of half extents `half` (slots,2) grown by `round` (slots,); `bound`, how far it reaches from its
    middle, and its `height` [m].
    """

    def __init__(self, world: "World") -> None:
        self._world, count = world, len(world.slots)
        self._of: object = None
        self.half, self.round, self.height = np.zeros((count, 2)), np.zeros(count), np.zeros(count)
        self.bound = np.zeros(count)

    def update(self) -> None:
        """Measures anew who is there, if somebody came or went."""
        world = self._world
        if self._of is world.order:
            return
        self._of = world.order
        for slot in world.order.tolist():
            thing, role = world.things[world.slots[slot]], world.role[slot]
            half = 0.5 * np.array(plan_size(thing.asset)) * thing.scale[:2]
            if role == WALKER:
                self.half[slot], self.round[slot] = (trunk_m(thing), 0.0), walker_size(thing)[0]
            elif role == FREE:  # it may lie in any way
                self.half[slot], self.round[slot] = 0.0, half.max()
            else:
                self.half[slot], self.round[slot] = half, 0.0
            self.height[slot] = thing.size.max() if role == FREE else thing.size[2]
            self.bound[slot] = np.hypot(*self.half[slot]) + self.round[slot]

    def discs(self) -> tuple[Array, Array]:
        """The same, coarser, by slot: the radius of three discs, and how far the outer two lie ahead and behind."""
        low, high = self.half.min(axis=1), self.half.max(axis=1)
        return low + self.round, high - low

    def apart(self, one: Slots, xy: Array, yaw: Array, other: Slots, their_xy: Array, their_yaw: Array) -> Array:
        """How far apart (..., p) pairs of slots (p,) are at places (..., p, 2) and headings (..., p); below 0, how far one is in
        the other [m].
        """
        gaps = np.minimum(
            self._corners_off(one, xy, yaw, other, their_xy, their_yaw),
            self._corners_off(other, their_xy, their_yaw, one, xy, yaw),
        )
        return gaps - self.round[one] - self.round[other]

    def _corners_off(self, one: Slots, xy: Array, yaw: Array, other: Slots, at: Array, its_yaw: Array) -> Array:
        """How far the nearest corner of each first box is from the second box, below 0 inside."""
        corners = _CORNERS * self.half[one][:, None]
        cos, sin = np.cos(yaw)[..., None], np.sin(yaw)[..., None]
        x = xy[..., 0, None] - at[..., 0, None] + cos * corners[..., 0] - sin * corners[..., 1]
        y = xy[..., 1, None] - at[..., 1, None] + sin * corners[..., 0] + cos * corners[..., 1]
        cos, sin = np.cos(its_yaw)[..., None], np.sin(its_yaw)[..., None]
        half = self.half[other][:, None]
        along = np.abs(cos * x + sin * y) - half[..., 0]
        aside = np.abs(cos * y - sin * x) - half[..., 1]
        outside = np.hypot(np.maximum(along, 0.0), np.maximum(aside, 0.0))
        return (outside + np.minimum(np.maximum(along, aside), 0.0)).min(axis=-1)
