"""Where bodies go from what they are told, many ticks at once: speeds ease to what is wanted, headings and places add up.

Speeds at a tick are a function of the speed when the order came and of the time since, so that it does not matter how
many steps the way is cut into.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded import boats
from bridge.engines.embedded.grip import grip, pace
from bridge.engines.embedded.motion import DRIVE, MODE, ORDER, PITCH, ROLL, STEER, VELOCITY
from bridge.engines.embedded.roster import MOVING
from bridge.engines.embedded.walkers import RUN_M_S
from bridge.engines.embedded.wheels import GRAVITY_M_S2, TYRES, drivetrain, pedalled

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]
Slots = NDArray[np.int64]
WALKER, WHEELS, BOAT = (MOVING.index(role) for role in ("walker", "wheels", "boat"))
_STEP_M_S2, _TURN_RAD_S, _TURN_RAD_S2, _ROW_M_S2 = 3.5, 3.0, 20.0, 0.6
_AHEAD, _LEFT = np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])


@dataclass(eq=False)
class Course:
    """The way of n bodies over k ticks: `xy` (k+1,n,2), `yaw` (k+1,n), from where they are now on; `velocity` (k,n,2) and
    `rate` (k,n) in each tick. Written over where bodies meet."""

    slots: Slots
    role: NDArray[np.int8]
    xy: Array
    yaw: Array
    velocity: Array
    rate: Array

    def part(self, rows: NDArray, ticks: int) -> "Course":
        """The first ticks of the way of those in some rows: their indices, or a mask (n,)."""
        return Course(
            self.slots[rows], self.role[rows], self.xy[: ticks + 1, rows], self.yaw[: ticks + 1, rows],
            self.velocity[:ticks, rows], self.rate[:ticks, rows],
        )  # fmt: skip


class Courses:
    """The motion of all slots of one world. `since` (slots,4): forward, left [m/s] and yaw rate when the order came, and its tick."""

    def __init__(self, world: "World") -> None:
        self._world, compiled = world, world.compiled
        self.rows, self.dofs = compiled.qpos[:, None] + np.arange(4), compiled.dof[:, None] + np.arange(4)
        count = len(world.slots)
        self.since = np.zeros((count, 4))
        assets = [world.scene.assets.get(name) for name in compiled.assets]
        trains = [drivetrain(asset.kind, asset.semantic) if asset else drivetrain("", "") for asset in assets]
        self._train = np.array([[t.engine_m_s2, t.top_m_s, t.back_m_s, t.brake_m_s2] for t in trains]).reshape(count, 4)
        self._most_steer = np.array([train.steer_rad for train in trains])
        self._base_m = np.array([train.base for train in trains]) * compiled.size[:, 0]
        self._track_m = np.array([train.track for train in trains]) * compiled.size[:, 1]
        self._sails_m_s = np.array([boats.top_speed_m_s(asset.kind if asset else "") for asset in assets])

    def begin(self, slot: int, tick: int) -> None:
        """A new order, or a new place: speeds ease from those of now."""
        dof, compiled, data = int(self._world.compiled.dof[slot]), self._world.compiled, self._world.data
        x, y, _, rate = data.qvel[dof : dof + 4].tolist()
        yaw = data.qpos.item(int(compiled.qpos[slot]) + 3)
        cos, sin = math.cos(yaw), math.sin(yaw)
        self.since[slot] = cos * x + sin * y, cos * y - sin * x, rate, tick

    def ahead(self, slots: Slots, tick: int, ticks: int) -> Course:
        """Where these go in the next ticks if nothing is in their way."""
        world = self._world
        role = world.role[slots]
        state = world.data.qpos[self.rows[slots]]
        count = len(slots)
        time_s = (tick + 1 + np.arange(ticks)[:, None] - self.since[slots, 3]) * TICK_S
        body = np.zeros((ticks, count, 2))
        rate = np.zeros((ticks, count))
        for kind, speeds in ((WALKER, self._walked), (WHEELS, self._rolled), (BOAT, self._sailed)):
            which = np.flatnonzero(role == kind)
            if len(which):
                body[:, which], rate[:, which] = speeds(slots[which], time_s[:, which])
        yaw = np.cumsum(np.concatenate([state[None, :, 3], rate * TICK_S]), axis=0)
        cos, sin = np.cos(yaw[:-1]), np.sin(yaw[:-1])
        velocity = np.empty_like(body)
        velocity[..., 0] = cos * body[..., 0] - sin * body[..., 1]
        velocity[..., 1] = sin * body[..., 0] + cos * body[..., 1]
        xy = np.cumsum(np.concatenate([state[None, :, :2], velocity * TICK_S]), axis=0)
        return Course(slots, role, xy, yaw, velocity, rate)

    def _walked(self, slots: Slots, time_s: Array) -> tuple[Array, Array]:
        """Feet: bounded by grip, and nobody runs faster than people do."""
        world, env = self._world, self._world.environment
        wanted = np.where((world.own[slots, MODE] == VELOCITY)[:, None], world.own[slots, ORDER], 0.0)
        speed = np.hypot(wanted[:, 0], wanted[:, 1])
        wanted[:, :2] *= (np.minimum(speed, RUN_M_S * pace(env)) / np.maximum(speed, 1e-9))[:, None]
        begun = self.since[slots]
        more = wanted[:, :2] - begun[:, :2]
        size = np.hypot(more[:, 0], more[:, 1])
        share = np.minimum(_STEP_M_S2 * grip(env) * time_s / np.maximum(size, 1e-9), 1.0)
        turn = np.clip(wanted[:, 2], -_TURN_RAD_S, _TURN_RAD_S)
        return begun[:, :2] + share[..., None] * more, eased(begun[:, 2], turn, _TURN_RAD_S2 * time_s)

    def _rolled(self, slots: Slots, time_s: Array) -> tuple[Array, Array]:
        """Wheels: a bicycle model whose tyres hold only so much; the wheel is turned at once."""
        world = self._world
        mode, order, train = world.own[slots, MODE], world.own[slots, ORDER], self._train[slots]
        begun = self.since[slots, 0]
        wanted = np.where(mode == VELOCITY, np.clip(order[:, 0], -train[:, 2], train[:, 1]), 0.0)
        slows = np.abs(wanted) < np.abs(begun)
        speed = eased(begun, wanted, np.where(slows, train[:, 3], train[:, 0]) * time_s)
        hold = TYRES * grip(world.environment) * GRAVITY_M_S2
        steer, base = self._most_steer[slots], self._base_m[slots]
        drives = np.flatnonzero(mode == DRIVE)
        if len(drives):
            speed[:, drives] = self._pedalled(slots[drives], len(time_s))
        most = np.minimum(np.abs(speed) * np.tan(steer) / base, hold / np.maximum(np.abs(speed), 0.5))
        rate = np.where(mode == VELOCITY, order[:, 2], 0.0)
        rate = np.where(mode == DRIVE, speed * np.tan(order[:, 1] * steer) / base, rate)
        return np.stack([speed, np.zeros_like(speed)], axis=-1), np.clip(rate, -most, most)

    def _pedalled(self, slots: Slots, ticks: int) -> Array:
        """Speeds (k,n) of those who are driven by pedals, tick by tick."""
        world = self._world
        order, train = world.own[slots, ORDER], self._train[slots]
        velocity, yaw = world.data.qvel[self.dofs[slots]], world.data.qpos[self.rows[slots, 3]]
        speed = np.cos(yaw) * velocity[:, 0] + np.sin(yaw) * velocity[:, 1]
        found = np.empty((ticks, len(slots)))
        downhill = np.where(order[:, 2] == 0, GRAVITY_M_S2 * np.sin(world.own[slots, PITCH]), 0.0)
        for tick in range(ticks):
            speed = speed + (pedalled(speed, order[:, 0], order[:, 2], train) + downhill) * TICK_S
            found[tick] = speed
        return found

    def _sailed(self, slots: Slots, time_s: Array) -> tuple[Array, Array]:
        """Boats: they answer slowly, and turn only under way."""
        world = self._world
        mode, order, top = world.own[slots, MODE], world.own[slots, ORDER], self._sails_m_s[slots]
        wanted = np.where(mode == VELOCITY, order[:, 0], np.where(mode == DRIVE, order[:, 0] * top, 0.0))
        speed = eased(self.since[slots, 0], np.clip(wanted, -0.4 * top, top), _ROW_M_S2 * time_s)
        helm = np.where(
            mode == VELOCITY, np.clip(order[:, 2], -0.5, 0.5), np.where(mode == DRIVE, 0.5 * order[:, 1], 0)
        )
        return np.stack([speed, np.zeros_like(speed)], axis=-1), helm * np.clip(speed / (0.3 * top), -1.0, 1.0)

    def turn_wheels(self, slots: Slots) -> None:
        """Sets the front wheels of some vehicles as they must stand for the curves they drive."""
        world = self._world
        slots = slots[world.role[slots] == WHEELS]
        velocity, yaw = world.data.qvel[self.dofs[slots]], world.data.qpos[self.rows[slots, 3]]
        speed = np.cos(yaw) * velocity[:, 0] + np.sin(yaw) * velocity[:, 1]
        rolls = np.abs(speed) > 0.1
        angle = np.arctan(velocity[:, 3] * self._base_m[slots] / np.where(rolls, speed, 1.0))
        most = self._most_steer[slots]
        world.own[slots, STEER] = np.where(rolls, np.clip(angle, -most, most), world.own[slots, STEER])

    def lean(self, slots: Slots, course: Course) -> None:
        """Leans what has its wheels in one line into the curves at the end of its course."""
        leans = (course.role == WHEELS) & (self._track_m[slots] < 1e-6)
        speed = np.hypot(course.velocity[-1, leans, 0], course.velocity[-1, leans, 1])
        self._world.own[slots[leans], ROLL] = -np.arctan(speed * course.rate[-1, leans] / GRAVITY_M_S2)

    def land(self, slots: Slots, state: Array, own: Array) -> Array:
        """Heights (n,) of wheels at `state` (n,4) on the ground; their tilt goes to `own`."""
        cos, sin = np.cos(state[:, 3, None]), np.sin(state[:, 3, None])
        base, track = self._base_m[slots], self._track_m[slots]
        along, aside = _AHEAD * base[:, None] / 2, _LEFT * track[:, None] / 2
        points = np.stack(
            [
                state[:, 0, None] + cos * along - sin * aside,
                state[:, 1, None] + sin * along + cos * aside,
                np.repeat(state[:, 2, None], 4, axis=1),
            ],
            axis=-1,
        )
        height = self._world.ground.height(points)
        front, rear = (height[:, 0] + height[:, 1]) / 2, (height[:, 2] + height[:, 3]) / 2
        rise = (height[:, 0] + height[:, 2] - height[:, 1] - height[:, 3]) / 2
        own[slots, PITCH] = -np.arctan2(front - rear, base)
        own[slots, ROLL] = np.where(track < 1e-6, 0.0, np.arctan2(rise, np.maximum(track, 1e-6)))
        return (front + rear) / 2

    def bytes(self, order: Slots) -> bytes:
        """Everything of it that what happens next depends on."""
        return self.since[order].tobytes()


def eased(begun: Array, wanted: Array, most: Array) -> Array:
    """From `begun` (n,) towards `wanted` (n,), by at most `most` (k,n)."""
    return begun + np.clip(wanted - begun, -most, most)
