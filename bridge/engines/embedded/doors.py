"""Doors that open: leaves on a hinge that swing by themselves once somebody has opened or closed them.

A door is a placed thing of kind "door" or "gate". It hangs on its left edge, seen from behind (y = half its width in its
own frame), swings a quarter turn away from who opens it, and stops while somebody is in the way. The doors that are
painted on houses are not among them: houses have no inside.
"""

from collections.abc import Mapping, Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded.roster import Thing
from bridge.frames import matrix_from_quat, quat_from_yaw, quat_product

Array = NDArray[np.float64]
WIDE_RAD, SWING_RAD_S = float(np.radians(90)), float(np.radians(110))
"""How far doors open, and how fast they swing."""
_PRESS_RAD = 0.03
"""How far a door goes back from who stands in its way."""


class Doors:
    """The doors of one compiled world: `angle` and `target` (n,) [rad], 0 closed; either sign is open."""

    def __init__(self, names: Sequence[str], things: Mapping[str, Thing], model: mujoco.MjModel, data: mujoco.MjData) -> None:  # fmt: skip
        self.names, self._model, self._data = tuple(names), model, data
        self._row = {name: row for row, name in enumerate(self.names)}
        bodies = [mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, name) for name in self.names]
        self._bodies = np.array(bodies, dtype=np.int64)
        self._mocap = model.body_mocapid[self._bodies].astype(np.int64)
        self._closed = np.array([things[name].pose for name in self.names]).reshape(-1, 7)
        self._hinge = np.array([[0.0, float(things[name].size[1]) / 2, 0.0] for name in self.names]).reshape(-1, 3)
        self.angle, self.target = np.zeros(len(self.names)), np.zeros(len(self.names))
        self._hang(np.arange(len(self.names)))

    def swing(self, name: str, *, is_open: bool, ahead: float) -> None:
        """Opens or closes a door from now on; `ahead` > 0 if whoever does it stands on its X side."""
        row = self._row[name]
        self.target[row] = (-WIDE_RAD if ahead > 0 else WIDE_RAD) if is_open else 0.0

    def is_open(self, name: str) -> bool:
        """Whether a door is, or is about to be, anything but closed."""
        return bool(self.target[self._row[name]] != 0.0)

    def advance(self) -> None:
        """A tick of swinging."""
        moving = np.flatnonzero(self.angle != self.target)
        if len(moving):
            step = SWING_RAD_S * TICK_S
            self.angle[moving] += np.clip(self.target[moving] - self.angle[moving], -step, step)
            self._hang(moving)

    def swinging(self) -> Array:
        """Where the doors are that swing just now [m], seen from above, shape (n,2)."""
        return self._closed[self.angle != self.target, :2]

    def yield_way(self) -> None:
        """After physics: doors that touch somebody on their way go back a little instead of pressing on."""
        moving = np.flatnonzero(self.angle != self.target)
        if not len(moving) or not self._data.ncon:
            return
        touching = np.unique(self._model.geom_bodyid[self._data.contact.geom])
        pressed = moving[np.isin(self._bodies[moving], touching)]
        if len(pressed):
            way = np.sign(self.target[pressed] - self.angle[pressed])
            self.angle[pressed] -= way * (SWING_RAD_S * TICK_S + _PRESS_RAD)
            self.angle[pressed] = np.clip(self.angle[pressed], -WIDE_RAD, WIDE_RAD)
            self._hang(pressed)

    def _hang(self, rows: NDArray[np.int64]) -> None:
        """Puts leaves where their angles say."""
        for row in rows.tolist():
            closed, hinge = self._closed[row], self._hinge[row]
            turn = quat_from_yaw(self.angle[row])
            local = hinge - matrix_from_quat(turn) @ hinge
            self._data.mocap_pos[self._mocap[row]] = closed[:3] + matrix_from_quat(closed[3:]) @ local
            self._data.mocap_quat[self._mocap[row]] = quat_product(closed[3:], turn)

    def poses(self) -> Array:
        """World poses (n,7)."""
        return np.concatenate([self._data.mocap_pos[self._mocap], self._data.mocap_quat[self._mocap]], axis=1)

    def velocities(self) -> Array:
        """Velocities (n,6) are told as zero: leaves are led, not pushed."""
        return np.zeros((len(self.names), 6))

    def keep(self) -> dict[str, tuple[float, float]]:
        """Angle and target of every door."""
        return dict(zip(self.names, zip(self.angle.tolist(), self.target.tolist(), strict=True), strict=True))

    def resume(self, kept: Mapping[str, tuple[float, float]]) -> None:
        """Goes on where doors of these names left off."""
        for row, name in enumerate(self.names):
            self.angle[row], self.target[row] = kept.get(name, (0.0, 0.0))
        self._hang(np.arange(len(self.names)))

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        return self.angle.tobytes() + self.target.tobytes()
