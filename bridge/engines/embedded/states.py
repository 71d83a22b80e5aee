"""Where everything of a compiled world is and how fast it moves: rows by name, read from and written to the physics."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.compile import Compiled
from bridge.engines.embedded.motion import FALL, PITCH, ROLL, STEER
from bridge.engines.embedded.poses import composed, quat_from_tilt, tilt_from_quat
from bridge.engines.embedded.robots import RobotBody
from bridge.engines.embedded.roster import MOVING
from bridge.frames import matrix_from_quat, yaw_from_quat

Array = NDArray[np.float64]
FREE = MOVING.index("free")


class Led(Protocol):
    """What moves without being a body of physics, or as one that is led: doors, legs."""

    names: tuple[str, ...]

    def poses(self) -> Array:
        """World poses (n,7) of `names`."""
        ...

    def velocities(self) -> Array:
        """Velocities (n,6) of `names` in the world's frame."""
        ...


class States:
    """The state of one compiled world: of slots, which have one body each, and of robots.

    `own` (slots,8) holds what bodies were told and how they lean (see motion); `follows` says which slots are carried by
    which (-1: the world), with their pose (7,) in their carrier's frame.
    """

    def __init__(
        self, compiled: Compiled, data: mujoco.MjData, robots: Mapping[str, RobotBody], led: Sequence[Led]
    ) -> None:
        self.compiled, self.data, self._robots, self._led = compiled, data, robots, led
        self.own = np.zeros((len(compiled.slots), 8))
        self.follows: dict[int, tuple[int, Array]] = {}
        self._known: tuple[Array, Array] | None = None
        self.enrol(np.zeros(0, dtype=np.int64))

    def enrol(self, order: NDArray[np.int64]) -> None:
        """Takes these slots, in this order, for the rows of poses and velocities; robots' links come after them."""
        self._order = order
        self._row = {slot: row for row, slot in enumerate(order.tolist())}
        is_free = self.compiled.role[order] == FREE
        self._free, self._upright = np.flatnonzero(is_free), np.flatnonzero(~is_free)
        at, dof = self.compiled.qpos[order], self.compiled.dof[order]
        self._free_qpos = at[is_free][:, None] + np.arange(7)
        self._free_dof = dof[is_free][:, None] + np.arange(6)
        self._upright_qpos, self._upright_dof = (first[~is_free][:, None] + np.arange(4) for first in (at, dof))
        widths = np.where(is_free, 7, 4)
        self._hash_qpos = np.concatenate([np.zeros(0, int), *map(np.arange, at, at + widths)])
        self._hash_dof = np.concatenate([np.zeros(0, int), *map(np.arange, dof, dof + np.where(is_free, 6, 4))])
        self._trees = self.compiled.model.body_treeid[self.compiled.body[order]]
        self.forget()

    def forget(self) -> None:
        """Reads the physics anew when asked next."""
        self._known = None

    def poses(self) -> Array:
        """World poses (n,7): slots, then robots' links, then what is led."""
        return self._read()[0]

    def velocities(self) -> Array:
        """Linear and angular velocities (n,6) in the world's frame, in the same order."""
        return self._read()[1]

    def pose(self, slot: int) -> Array:
        """The pose (7,) of one slot."""
        at = int(self.compiled.qpos[slot])
        if slot in self.follows:
            carrier, offset = self.follows[slot]
            return offset.copy() if carrier < 0 else composed(self.pose(carrier), offset)
        if self.compiled.role[slot] == FREE:
            return self.data.qpos[at : at + 7].copy()
        x, y, z, yaw = self.data.qpos[at : at + 4]
        tilt = quat_from_tilt(*(np.array([angle]) for angle in (yaw, self.own[slot, PITCH], self.own[slot, ROLL])))
        return np.concatenate([[x, y, z], tilt[0]])

    def _read(self) -> tuple[Array, Array]:
        if self._known is None:
            count = len(self._order)
            poses, velocities = np.zeros((count, 7)), np.zeros((count, 6))
            state, rates = self.data.qpos[self._upright_qpos], self.data.qvel[self._upright_dof]
            poses[self._upright, :3] = state[:, :3]
            tilt = self.own[self._order[self._upright]]
            poses[self._upright, 3:] = quat_from_tilt(state[:, 3], tilt[:, PITCH], tilt[:, ROLL])
            velocities[self._upright, :3], velocities[self._upright, 5] = rates[:, :3], rates[:, 3]
            poses[self._free] = self.data.qpos[self._free_qpos]
            rates = self.data.qvel[self._free_dof]
            velocities[self._free, :3] = rates[:, :3]
            if rates[:, 3:].any():
                turn = matrix_from_quat(poses[self._free, 3:])
                velocities[self._free, 3:] = np.einsum("nij,nj->ni", turn, rates[:, 3:])
            for slot in self.follows:
                poses[self._row[slot]] = self.pose(slot)
            if self._robots:
                self._catch_up()
                poses = np.concatenate([poses, *(robot.poses() for robot in self._robots.values())])
                velocities = np.concatenate([velocities, *(robot.velocities() for robot in self._robots.values())])
            for led in self._led:
                if led.names:
                    poses = np.concatenate([poses, led.poses()])
                    velocities = np.concatenate([velocities, led.velocities()])
            self._known = poses, velocities
        return self._known

    def _catch_up(self) -> None:
        """Brings what follows from joints to the state that the last step left."""
        model = self.compiled.model
        stages = (
            mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_tendon, mujoco.mj_transmission, mujoco.mj_comVel,
        )  # fmt: skip
        for compute in stages:
            compute(model, self.data)

    def share(self, slot: int) -> tuple[Array, Array]:
        """A slot's share of qpos and qvel; copies."""
        at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
        positions, rates = (7, 6) if self.compiled.role[slot] == FREE else (4, 4)
        return self.data.qpos[at : at + positions].copy(), self.data.qvel[dof : dof + rates].copy()

    def put(self, slot: int, pose: Array) -> None:
        """Puts a slot somewhere, at rest."""
        at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
        if self.compiled.role[slot] == FREE:
            self.data.qpos[at : at + 7] = pose
            self.data.qvel[dof : dof + 6] = 0.0
        else:
            self.data.qpos[at : at + 4] = [*pose[:3], float(yaw_from_quat(pose[3:]))]
            self.data.qvel[dof : dof + 4] = 0.0
            self.own[slot, [PITCH, ROLL]] = np.ravel(tilt_from_quat(pose[None, 3:]))
            self.own[slot, [FALL, STEER]] = 0.0
        self.forget()

    def follow(self) -> None:
        """Moves what is carried to where its carrier is."""
        for slot in self.follows:
            pose, carrier = self.pose(slot), self.follows[slot][0]
            at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
            while carrier in self.follows:
                carrier = self.follows[carrier][0]
            if self.compiled.role[slot] == FREE:
                self.data.qpos[at : at + 7] = pose
                self.data.qvel[dof : dof + 6] = 0.0
            else:
                self.data.qpos[at : at + 4] = [*pose[:3], float(yaw_from_quat(pose[3:]))]
                self.data.qvel[dof : dof + 4] = 0.0
            if carrier >= 0:
                first = int(self.compiled.dof[carrier])
                self.data.qvel[dof : dof + 3] = self.data.qvel[first : first + 3]
        self.forget()

    def bytes(self) -> list[bytes]:
        """Everything of slots that what happens next depends on."""
        return [
            self.data.qpos[self._hash_qpos].tobytes(),
            self.data.qvel[self._hash_dof].tobytes(),
            self.own[self._order].tobytes(),
            np.minimum(self.data.tree_asleep[self._trees], 0).tobytes(),
        ]
