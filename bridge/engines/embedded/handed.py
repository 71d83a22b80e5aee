"""Who is moved by physics in a world where the others keep to courses: for MuJoCo the others sleep, wherever they are put.

MuJoCo has no call for letting a tree of bodies sleep. It takes `tree_asleep` for the truth, and looks at it anew in the step
in which it wakes some tree; it wakes one that is asleep by that account and awake by `tree_awake`. Looking for pairs of bodies
takes it most of a step where a town has many: while physics is at work, those far from everybody it moves touch nothing.
"""

from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Mask = NDArray[np.bool_]
Slots = NDArray[np.int64]
_REACH_M = 3.0
"""Who is farther than this from somebody is not met within a beat."""
_WIDE_AWAKE = -11
"""What MuJoCo writes for a tree that was woken: it would sleep after ten still steps. Here it is told when to."""


class Handed:
    """Which slots of one compiled world MuJoCo moves: `mask` (slots,)."""

    def __init__(self, world: "World") -> None:
        self._model, self._data = world.model, world.data
        self._bodies = world.body
        self._trees = world.model.body_treeid[world.body].astype(np.int64)
        self.survey()
        self._extent = _extents(world.model, world.data)
        self._bits = world.model.body_contype.copy(), world.model.body_conaffinity.copy()
        self.mask: Mask = self._data.tree_asleep[self._trees] < 0

    def dofs_of(self, slot: int) -> slice:
        """Where a slot's velocities are."""
        tree = self._trees[slot]
        first = int(self._model.tree_dofadr[tree])
        return slice(first, first + int(self._model.tree_dofnum[tree]))

    def survey(self) -> None:
        """Brings the geometry of all bodies to where they are, also of those that sleep."""
        model, data = self._model, self._data
        asleep, awake = data.tree_asleep.copy(), data.tree_awake.copy()
        model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)
        mujoco.mj_kinematics(model, data)
        model.opt.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
        data.tree_asleep[:], data.tree_awake[:] = asleep, awake

    def rouse(self) -> None:
        """Before physics: those handed over wake with the next step, the others sleep where they are now."""
        self.survey()
        data, trees = self._data, self._trees
        lone = trees[data.tree_asleep[trees] < 0]
        data.tree_asleep[lone] = lone  # who sleeps already may do so in a ring with those it lies on
        data.tree_awake[trees] = self.mask
        data.qvel[~data.tree_awake.astype(bool)[self._model.dof_treeid]] = 0.0  # whoever has some is woken
        self._leave_out_far_ones()

    def _leave_out_far_ones(self) -> None:
        """Keeps bodies that are far from everybody handed over out of MuJoCo's search for pairs."""
        model = self._model
        self._bits = model.body_contype.copy(), model.body_conaffinity.copy()
        low, high = self._extent + self._data.xpos[:, :2]
        at = self._data.xpos[self._bodies[self.mask]]
        reach = (self._extent[1] - self._extent[0])[self._bodies[self.mask]].max(axis=1) + _REACH_M
        is_far = np.ones(len(low), dtype=bool)
        for (x, y, _), reach_m in zip(at.tolist(), reach.tolist(), strict=True):
            is_far &= (
                (low[:, 0] > x + reach_m)
                | (high[:, 0] < x - reach_m)
                | (low[:, 1] > y + reach_m)
                | (high[:, 1] < y - reach_m)
            )
        model.body_contype[is_far], model.body_conaffinity[is_far] = 0, 0

    def stop(self) -> None:
        """After physics: everybody touches again what they did before."""
        self._model.body_contype[:], self._model.body_conaffinity[:] = self._bits
        self.lull()

    def keep_awake(self) -> None:
        """After each tick of physics: nobody falls asleep but by `mask`."""
        asleep = self._data.tree_asleep
        asleep[asleep < 0] = _WIDE_AWAKE

    def woken(self) -> Slots:
        """Who was touched by somebody and is awake now, though nobody handed them over."""
        return np.flatnonzero((self._data.tree_asleep[self._trees] < 0) & ~self.mask)

    def lull(self) -> None:
        """Lets those sleep who are not in `mask` any more."""
        data, trees = self._data, self._trees[~self.mask]
        trees = trees[data.tree_asleep[trees] < 0]
        data.tree_asleep[trees], data.tree_awake[trees] = trees, 0


def _extents(model: mujoco.MjModel, data: mujoco.MjData) -> NDArray[np.float64]:
    """How far bodies reach at most from where they are, seen from above: (2, nbody, 2), the least and the most x and y [m]."""
    from_middle = model.body_treeid[model.geom_bodyid] >= 0  # it turns, or swings
    from_middle |= model.body_mocapid[model.geom_bodyid] >= 0
    offset = data.geom_xpos[:, :2] - data.xpos[model.geom_bodyid, :2]
    radius = model.geom_rbound + np.where(from_middle, np.linalg.norm(model.geom_pos, axis=1), 0.0)
    low = np.where(from_middle[:, None], -radius[:, None], offset - radius[:, None])
    high = np.where(from_middle[:, None], radius[:, None], offset + radius[:, None])
    extent = np.zeros((2, model.nbody, 2))
    np.minimum.at(extent[0], model.geom_bodyid, low)
    np.maximum.at(extent[1], model.geom_bodyid, high)
    return extent
