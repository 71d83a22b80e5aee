"""How quadrupeds walk: a trot drawn on the ground, its feet planted while they stand and lifted in diagonal pairs.

The gait is kinematic: the trunk is led like everybody on foot, by bounded forces on a capsule; legs follow it and push
nobody. Feet that stand do not slide, swinging ones land where the hip will be half a stance later (Raibert 1986), on the
ground's own height; the trunk leans with the ground under it. Two links a leg are solved in closed form.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded.compile import DEEP_M
from bridge.engines.embedded.motion import PITCH, ROLL
from bridge.frames import matrix_from_quat, quat_from_matrix
from bridge.robots.legs import FEET, HIPS, KNEES, link_names

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]
_THIGH, _SHANK = (float(np.linalg.norm((a - b)[0])) for a, b in ((HIPS, KNEES), (KNEES, FEET)))
_FOOT_M, _LIFT_M, _STANCE = float(FEET[0, 2]), 0.07, 0.55
_PAIR = np.array([0.0, 0.5, 0.5, 0.0])
"""When each leg's step begins: diagonal ones together."""
_DEEP = np.array([0.0, 0.0, DEEP_M, 1.0, 0.0, 0.0, 0.0])


class Gait:
    """The legs of all quadrupeds of a world; `scales` are theirs by name. Feet are (4,3) in the world's frame [m]."""

    def __init__(self, world: "World", scales: Mapping[str, float]) -> None:
        self._world, self._scales = world, dict(scales)
        self.names = tuple(link for name in scales for link in link_names(name))
        self._phase = dict.fromkeys(scales, 0.0)
        self._feet: dict[str, Array] = {}
        self._from: dict[str, Array] = {}
        self._poses = np.tile(_DEEP, (len(self.names), 1))
        self._before = self._poses

    def advance(self, tick_s: float = TICK_S) -> None:
        """A tick of all legs, after physics; none of time after somebody was put somewhere else."""
        if not self._scales:
            return
        self._before, poses = self._poses, []
        for name, scale in self._scales.items():
            slot = self._world.slot.get(name)
            poses.append(np.tile(_DEEP, (8, 1)) if slot is None else self._walk(name, slot, scale, tick_s))
        self._poses = np.concatenate(poses)
        self._before = self._before if tick_s else self._poses

    def _walk(self, name: str, slot: int, scale: float, tick_s: float) -> Array:
        """Where one's eight links are, a tick later."""
        world = self._world
        trunk = world.pose(slot)
        dof = int(world.compiled.dof[slot])
        velocity, spin = world.data.qvel[dof : dof + 2], float(world.data.qvel[dof + 3])
        turn = matrix_from_quat(trunk[3:])
        rest = trunk[:3] + (FEET * scale) @ turn.T
        arms = rest[:, :2] - trunk[:2]
        speed = velocity + spin * np.stack([-arms[:, 1], arms[:, 0]], axis=1)
        fast = float(np.linalg.norm(speed, axis=1).max())
        feet = self._feet.get(name)
        if feet is None or np.linalg.norm(feet[:, :2] - rest[:, :2], axis=1).max() > 0.5 * scale + 0.1:
            feet = self._grounded(rest, trunk[2], scale)
            self._from[name] = feet.copy()
        strays = np.linalg.norm(feet[:, :2] - rest[:, :2], axis=1).max() > 0.03 * scale
        steps = fast > 0.05 or strays or self._phase[name] % 0.5 > 1e-9
        before = self._phase[name]
        rate = (1.4 + 0.7 * min(fast, 2.5)) / np.sqrt(scale) if steps else 0.0
        after = before + rate * tick_s
        if fast <= 0.05 and not strays and np.floor(2 * before) != np.floor(2 * after):
            after = np.floor(2 * after) / 2
        self._phase[name] = after = float(after % 1.0)
        share = (after + _PAIR) % 1.0
        swings = (share >= _STANCE) & (rate > 0)
        begun = swings & ~((before + _PAIR) % 1.0 >= _STANCE)
        self._from[name][begun] = feet[begun]
        if swings.any():
            done = np.clip((share - _STANCE) / (1 - _STANCE), 0.0, 1.0)[:, None]
            left = (1 - done) * (1 - _STANCE) / max(rate, 1e-9)
            aim = rest[:, :2] + speed * (left + 0.5 * _STANCE / max(rate, 1e-9))
            target = self._grounded(np.column_stack([aim, rest[:, 2]]), trunk[2], scale)
            ease = done * done * (3 - 2 * done)
            path = self._from[name] + ease * (target - self._from[name])
            path[:, 2] += (_LIFT_M * scale * np.sin(np.pi * done))[:, 0]
            feet = np.where(swings[:, None], path, feet)
        landed = ~swings
        feet = np.where(landed[:, None], self._grounded(feet, trunk[2], scale), feet)
        self._feet[name] = feet
        if tick_s:
            self._lean(slot, feet, scale)
        return _links(trunk[:3], turn, feet, scale)

    def _grounded(self, points: Array, level: float, scale: float) -> Array:
        """Points (4,3) put on the ground, their feet's balls above it; not farther down than legs reach."""
        height = self._world.ground.height(np.column_stack([points[:, :2], np.full(4, level)]))
        height = np.clip(height, level - 0.25 * scale, level + 0.3 * scale)
        return np.column_stack([points[:, :2], height + _FOOT_M * scale])

    def _lean(self, slot: int, feet: Array, scale: float) -> None:
        """The trunk leans, little by little, with the ground under its feet."""
        height = feet[:, 2] - _FOOT_M * scale
        long, wide = 0.6 * scale, 0.44 * scale
        pitch = -np.arctan2(height[:2].mean() - height[2:].mean(), long)
        roll = np.arctan2(height[[0, 2]].mean() - height[[1, 3]].mean(), wide)
        own = self._world.own
        own[slot, PITCH] += 0.08 * (np.clip(pitch, -0.5, 0.5) - own[slot, PITCH])
        own[slot, ROLL] += 0.08 * (np.clip(roll, -0.5, 0.5) - own[slot, ROLL])

    def poses(self) -> Array:
        """World poses (n,7) of `names`; of who is not there, deep below."""
        return self._poses

    def velocities(self) -> Array:
        """Velocities (n,6): linear [m/s] as over the last tick; turning is not told."""
        return np.column_stack([(self._poses[:, :3] - self._before[:, :3]) / TICK_S, np.zeros((len(self.names), 3))])

    def keep(self) -> tuple:
        """All state, to go on in another model of the world."""
        return self._phase, self._feet, self._from, self._poses, self._before

    def resume(self, kept: tuple) -> None:
        """Goes on as another gait left off."""
        self._phase, self._feet, self._from, self._poses, self._before = kept

    def digest(self) -> bytes:
        """Everything that what happens next depends on."""
        numbers = [value for name in self._feet for value in (self._feet[name], self._from[name])]
        return repr(self._phase).encode() + b"".join(array.tobytes() for array in numbers)


def _links(at: Array, turn: Array, feet: Array, scale: float) -> Array:
    """Poses (8,7) of thighs and shanks of a trunk at a place with a rotation (3,3), whose feet are at (4,3)."""
    reach = (feet - at) @ turn - HIPS * scale
    thigh, shank = _THIGH * scale, _SHANK * scale
    rest_out = np.arctan2((FEET - HIPS)[:, 1], -(FEET - HIPS)[:, 2])
    out = np.arctan2(reach[:, 1], -reach[:, 2])
    ahead, down = reach[:, 0], np.hypot(reach[:, 1], reach[:, 2])
    length = np.clip(np.hypot(ahead, down), abs(thigh - shank) + 1e-3, thigh + shank - 1e-3)
    lean = np.arctan2(ahead, down)
    hip = np.arccos(np.clip((thigh**2 + length**2 - shank**2) / (2 * thigh * length), -1, 1))
    knee = np.arccos(np.clip((thigh**2 + shank**2 - length**2) / (2 * thigh * shank), -1, 1))
    thigh_at = lean - hip  # knees point back
    shank_at = thigh_at + np.pi - knee
    rest_thigh = np.arctan2((KNEES - HIPS)[:, 0], -(KNEES - HIPS)[:, 2])
    rest_shank = np.arctan2((FEET - KNEES)[:, 0], -(FEET - KNEES)[:, 2])
    poses = []
    knees = np.zeros((4, 3))
    for leg in range(4):
        roll = _about_x(out[leg] - rest_out[leg])
        rotation = roll @ _about_y(-(thigh_at[leg] - rest_thigh[leg]))
        knees[leg] = HIPS[leg] * scale + rotation @ ((KNEES - HIPS)[leg] * scale)
        poses.append(_pose(at + turn @ (HIPS[leg] * scale), turn @ rotation))
    for leg in range(4):
        rotation = _about_x(out[leg] - rest_out[leg]) @ _about_y(-(shank_at[leg] - rest_shank[leg]))
        poses.append(_pose(at + turn @ knees[leg], turn @ rotation))
    return np.array(poses)


def _pose(at: Array, rotation: Array) -> Array:
    return np.concatenate([at, quat_from_matrix(rotation)])


def _about_x(angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _about_y(angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
