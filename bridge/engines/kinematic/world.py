"""A world whose bodies go as they are told: the embedded engine's things and geometry, moved in closed form.

MuJoCo's compiled model serves as the book of who is where and for rays (who is in reach, where there is room to stand);
its dynamics are never run.
"""

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.control.clearance import Clearance
from bridge.engine import TICK_S
from bridge.engines.embedded.compile import Compiled
from bridge.engines.embedded.courses import Course
from bridge.engines.embedded.led import LedWorld
from bridge.engines.embedded.motion import HOLD, MODE, ORDER
from bridge.engines.embedded.reach import surface_m
from bridge.engines.embedded.roster import MOVING
from bridge.engines.embedded.walkers import WADE_M
from bridge.engines.kinematic.meeting import Meetings
from bridge.engines.kinematic.touches import Touches

Array = NDArray[np.float64]
Slots = NDArray[np.int64]
FREE = MOVING.index("free")
_STILL = 1e-9


class KinematicWorld(LedWorld):
    """The world of the kinematic engine. `go` advances it."""

    def use(self, compiled: Compiled) -> None:
        """Starts from a model's first state."""
        super().use(compiled)
        self.contacts = Touches()
        self.meetings = Meetings(self)
        self.survey()

    def survey(self) -> None:
        """Brings the geometry that rays see to where bodies are."""
        mujoco.mj_kinematics(self.model, self.data)

    @property
    def room(self) -> Clearance:
        """How far it is to the nearest wall or water [m]."""
        return self._room.now()

    def detach(self, slot: int, pose: Array) -> None:
        """Lets a carried slot go, at rest, somewhere; what is loose comes to lie on what is below."""
        if self.role[slot] == FREE:
            self.survey()
            level = surface_m(self, pose, 0.05, int(self.body[slot]))
            pose = np.array([*pose[:2], level if np.isfinite(level) else pose[2], *pose[3:]])
        super().detach(slot, pose)

    def go(self, ticks: int) -> None:
        """So many ticks at once."""
        slots = self._going()
        self.contacts.clear()
        self.motion.shorebound = slots[:0]
        if len(slots):
            course = self.courses.ahead(slots, self.tick, ticks)
            met = self.meetings.resolve(course)
            self._arrive(course, met, ticks)
        self.tick += ticks
        if self.doors.names:
            for _ in range(ticks):
                self.doors.advance()
        self.state.follow()
        self.gait.advance(ticks * TICK_S)

    def _going(self) -> Slots:
        """Those that move or are told to, and that nobody carries."""
        slots = self._upright
        rates = self.data.qvel[self.courses.dofs[slots]]
        told = (self.own[slots, MODE] != HOLD) & (self.own[slots, ORDER] != 0).any(axis=1)
        going = slots[told | (np.abs(rates) > _STILL).any(axis=1)]
        if self.follows and len(going):
            going = going[~np.isin(going, list(self.follows))]
        return going

    def _arrive(self, course: Course, met: NDArray[np.bool_], ticks: int) -> None:
        """Writes down where everybody is after these ticks, on the ground there."""
        slots, rows, dofs = course.slots, self.courses.rows[course.slots], self.courses.dofs[course.slots]
        before = self.data.qpos[rows]
        end = np.column_stack([course.xy[-1], before[:, 2], course.yaw[-1]])
        wheels = course.role == MOVING.index("wheels")
        walks = course.role == MOVING.index("walker")
        if walks.any():
            end[walks, 2], depth = self._stand(end[walks])
            deep = met[walks] & (depth > WADE_M - 0.25)
            self.motion.shorebound = slots[walks][deep]
        if wheels.any():
            end[wheels, 2] = self.courses.land(slots[wheels], end[wheels], self.own)
        self.data.qpos[rows] = end
        self.data.qvel[dofs[:, 0]], self.data.qvel[dofs[:, 1]] = course.velocity[-1].T
        self.data.qvel[dofs[:, 2]] = (end[:, 2] - before[:, 2]) / (ticks * TICK_S)
        self.data.qvel[dofs[:, 3]] = course.rate[-1]
        if met.any():
            for slot in slots[met].tolist():
                self.courses.begin(slot, self.tick + ticks)

    def _stand(self, state: Array) -> tuple[Array, Array]:
        """Where the ground is under feet (n,), and how deep the water over it just ahead."""
        height = self.ground.height(state[:, :3])
        ahead = state[:, :2] + 0.6 * np.column_stack([np.cos(state[:, 3]), np.sin(state[:, 3])])
        return height, self.waters.surface(ahead) - self.ground.height(np.column_stack([ahead, state[:, 2]]))

    def digest(self, more: bytes) -> int:
        """64 bits of everything that what happens next depends on; `more` is what else does."""
        return super().digest(more + self.courses.bytes(self.order))
