"""What moves by itself, tick by tick: orders become forces before physics, wheels find the ground after it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded import boats, walkers, wheels
from bridge.engines.embedded.grip import grip, pace
from bridge.engines.embedded.roster import MOVING

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]
GRAVITY_M_S2 = 9.81
HOLD, VELOCITY, DRIVE = 0.0, 1.0, 2.0
MODE, ORDER, STEER, PITCH, ROLL, FALL = 0, slice(1, 4), 4, 5, 6, 7
"""Columns of a world's `own`: what a body was told (mode and three numbers), its front wheels' angle, its tilt [rad],
and how fast it falls [m/s] where the ground does not carry it by contact."""
_AHEAD, _LEFT = np.array([[1.0], [1.0], [-1.0], [-1.0]]), np.array([[1.0], [-1.0], [1.0], [-1.0]])
"""Where the four wheels are, in half wheelbases and half tracks."""
_STILL_M_S = 2e-3
"""What is slower than this and wants nothing is left to rest."""


class Motion:
    """The forces of everything that walks, rolls or floats in one compiled world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        compiled, model = world.compiled, world.model
        count = len(world.slots)
        self._dofs = compiled.dof[:, None] + np.arange(4)
        self._qpos = compiled.qpos[:, None] + np.arange(4)
        self._mass = model.body_mass[compiled.body]
        self._inertia = model.dof_M0[np.minimum(compiled.dof + 3, model.nv - 1)]
        assets = [world.scene.assets.get(name) for name in compiled.assets]
        trains = [
            wheels.drivetrain(asset.kind, asset.semantic) if asset else wheels.drivetrain("", "") for asset in assets
        ]
        self._train = np.array([[t.engine_m_s2, t.top_m_s, t.back_m_s, t.brake_m_s2] for t in trains]).reshape(count, 4)
        self._most_steer = np.array([train.steer_rad for train in trains])
        self._base_m = np.array([train.base for train in trains]) * compiled.size[:, 0]
        self._track_m = np.array([train.track for train in trains]) * compiled.size[:, 1]
        self._top = np.array([boats.top_speed_m_s(asset.kind if asset else "") for asset in assets])
        self._order, self._of_kind = np.zeros(0, dtype=np.int64), [np.zeros(0, dtype=np.int64)] * 3
        self._walking = np.zeros(0, dtype=np.int64)
        self.forget()
        self._came = np.zeros((0, 4)), np.zeros(0)
        self.shorebound = np.zeros(0, dtype=np.int64)
        """Who of those on foot deep water stopped in the tick just over."""
        self._rolling = np.zeros(0, dtype=np.int64)
        self._sailing = np.zeros(0, dtype=np.int64)

    def forget(self) -> None:
        """Looks for the ground anew: somebody was put somewhere else."""
        nowhere = np.zeros(0)
        self._stood = np.zeros(0, dtype=np.int64), nowhere, np.zeros((0, 2)), nowhere

    def push(self) -> None:
        """Writes this tick's forces."""
        world = self._world
        if world.order is not self._order:
            self._order, role = world.order, world.role[world.order]
            self._of_kind = [world.order[role == MOVING.index(kind)] for kind in ("walker", "wheels", "boat")]
        self._walking, self._rolling, self._sailing = map(self._live, self._of_kind)
        if len(self._walking):
            self._walk(self._walking)
        if len(self._rolling):
            self._roll(self._rolling)
        if len(self._sailing):
            self._sail(self._sailing)

    def _live(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the slots that are to be pushed."""
        if not len(slots):
            return slots
        live = self._world.live(slots)
        return slots if live.all() else slots[live]

    def _state(self, slots: NDArray[np.int64]) -> tuple[Array, Array]:
        """qpos and qvel (n,4) of upright slots."""
        return self._world.data.qpos[self._qpos[slots]], self._world.data.qvel[self._dofs[slots]]

    def _apply(self, slots: NDArray[np.int64], forces: Array) -> None:
        self._world.data.qfrc_applied[self._dofs[slots][:, [0, 1, 3]]] = forces

    def _walk(self, slots: NDArray[np.int64]) -> None:
        world = self._world
        state, rates = self._state(slots)
        velocity = rates[:, [0, 1, 3]]
        wanted = np.where(world.own[slots, MODE, None] == VELOCITY, world.own[slots, ORDER], 0.0)
        stood, height, slope, depth = self._stood
        if not np.array_equal(stood, slots):
            height, slope, depth = self._ground(state)
        self._came = state, depth
        on_ground = (np.abs(rates[:, 2]) < 0.3) | (state[:, 2] - height < 0.1)
        env = world.environment
        forces = walkers.walking_forces(
            velocity, state[:, 3], wanted, slope, on_ground, self._mass[slots], self._inertia[slots],
            grip=grip(env), pace=pace(env),
        )  # fmt: skip
        rests = (np.abs(velocity).max(axis=1) < _STILL_M_S) & (wanted == 0).all(axis=1) & on_ground
        forces[rests] = 0.0
        self._apply(slots, forces)

    def _roll(self, slots: NDArray[np.int64]) -> None:
        world = self._world
        state, rates = self._state(slots)
        velocity, yaw = rates[:, [0, 1, 3]], state[:, 3]
        mode, order, train = world.own[slots, MODE], world.own[slots, ORDER], self._train[slots]
        speed = np.cos(yaw) * velocity[:, 0] + np.sin(yaw) * velocity[:, 1]
        most, base = self._most_steer[slots], self._base_m[slots]
        course = np.arctan(
            base * order[:, 2] / np.where(np.abs(speed) < 0.5, np.copysign(0.5, order[:, 0] + 1e-12), speed)
        )
        wanted = np.where(
            mode == DRIVE, order[:, 1] * most, np.where(mode == VELOCITY, np.clip(course, -most, most), 0.0)
        )
        world.own[slots, STEER] = angle = wheels.steered(world.own[slots, STEER], wanted)
        pedals = wheels.pedalled(speed, order[:, 0], order[:, 2], train)
        parks = mode == HOLD
        along = np.where(mode == DRIVE, pedals, wheels.held_speed(speed, np.where(parks, 0.0, order[:, 0]), train))
        coasts = (mode == DRIVE) & (order[:, 2] == 0)
        along = np.where(coasts, along + GRAVITY_M_S2 * np.sin(world.own[slots, PITCH]), along)
        forces = wheels.tyre_forces(
            velocity, yaw, angle, along, base, self._mass[slots], self._inertia[slots], grip=grip(world.environment)
        )
        rests = (np.abs(velocity).max(axis=1) < _STILL_M_S) & ((order == 0).all(axis=1) | parks)
        forces[rests] = 0.0
        self._apply(slots, forces)

    def _sail(self, slots: NDArray[np.int64]) -> None:
        world = self._world
        state, rates = self._state(slots)
        velocity, yaw = rates[:, [0, 1, 3]], state[:, 3]
        mode, order, top = world.own[slots, MODE], world.own[slots, ORDER], self._top[slots]
        turn = np.clip(order[:, 2] / 0.5, -1, 1)
        helm = np.where(
            (mode == VELOCITY)[:, None],
            np.stack(
                [np.sign(order[:, 0]) * np.minimum(order[:, 0] / top, 1.0) ** 2, turn, np.zeros(len(slots))], axis=1
            ),
            np.where((mode == DRIVE)[:, None], order, [0.0, 0.0, 1.0]),
        )
        size, mass, inertia = world.compiled.size[slots], self._mass[slots], self._inertia[slots]
        forces = boats.boat_forces(velocity, yaw, helm, top, size[:, 0], mass, inertia)
        soon = boats.ahead(velocity)
        now_m = self._reach(state[:, :2], yaw, size)
        soon_m = self._reach(state[:, :2] + soon[:, :2], yaw + soon[:, 2], size)
        aground = soon_m < np.minimum(boats.CLEAR_M, now_m) - 1e-6
        forces[aground] = boats.stopped(velocity, mass, inertia)[aground]
        rests = (np.abs(velocity).max(axis=1) < _STILL_M_S) & (helm[:, :2] == 0).all(axis=1)
        forces[rests] = 0.0
        self._before = state, now_m
        self._apply(slots, forces)

    def _reach(self, position: Array, yaw: Array, size: Array) -> Array:
        """How far from the shore hulls are [m], (n,)."""
        return self._world.waters.reach(boats.outline(position, yaw, size).reshape(-1, 2)).reshape(-1, 4).min(axis=1)

    def settle(self) -> None:
        """Puts feet and wheels on the ground and keeps boats off the shore, after physics."""
        self.shorebound = self._walking[:0]
        if len(self._walking):
            self._stand(self._walking)
        if len(self._rolling):
            self._land(self._rolling)
        if len(self._sailing):
            self._keep_afloat(self._sailing)

    def _ground(self, state: Array) -> tuple[Array, Array, Array]:
        """Height (n,) and slope (n,2) of the ground under feet, and how deep they are in water (n,)."""
        height, slope = self._world.ground.under(state[:, :3])
        return height, slope, self._world.waters.surface(state[:, :2]) - height

    def _stand(self, slots: NDArray[np.int64]) -> None:
        """Lifts feet that gravity drew into the ground, and takes back steps into deep water."""
        data = self._world.data
        state, rates = self._state(slots)
        height, slope, depth = self._ground(state)
        before, came = self._came
        sinks = walkers.out_of_depth(depth, came)
        self.shorebound = slots[sinks]
        if sinks.any():
            data.qpos[self._qpos[slots[sinks]][:, :2]] = state[sinks, :2] = before[sinks, :2]
            data.qvel[self._dofs[slots[sinks]][:, :2]] = rates[sinks, :2] = 0.0
            height[sinks], slope[sinks], depth[sinks] = self._ground(state[sinks])
        self._stood = slots, height, slope, depth
        sunk = state[:, 2] <= height + 1e-9
        data.qpos[self._qpos[slots, 2]] = np.where(sunk, height, state[:, 2])
        data.qvel[self._dofs[slots, 2]] = np.where(sunk, 0.0, rates[:, 2])

    def _land(self, slots: NDArray[np.int64]) -> None:
        world, data = self._world, self._world.data
        state, rates = self._state(slots)
        yaw, own = state[:, 3], world.own
        cos, sin, base, track = np.cos(yaw), np.sin(yaw), self._base_m[slots] / 2, self._track_m[slots] / 2
        ahead, left = np.empty((len(slots), 1, 2)), np.empty((len(slots), 1, 2))
        ahead[:, 0, 0], ahead[:, 0, 1] = cos * base, sin * base
        left[:, 0, 0], left[:, 0, 1] = -sin * track, cos * track
        points = np.empty((len(slots), 4, 3))
        points[..., :2] = _AHEAD * ahead + _LEFT * left + state[:, None, :2]
        points[..., 2] = state[:, 2, None]
        height = world.ground.height(points)
        front, rear = (height[:, 0] + height[:, 1]) / 2, (height[:, 2] + height[:, 3]) / 2
        leans = track < 1e-6
        rise = (height[:, 0] + height[:, 2]) / 2 - (height[:, 1] + height[:, 3]) / 2
        tilt = np.arctan2(rise, np.where(leans, 1.0, 2 * track))
        speed = cos * rates[:, 0] + sin * rates[:, 1]
        tilt = np.where(leans, -np.arctan(speed * rates[:, 3] / GRAVITY_M_S2), tilt)
        moving = np.abs(rates[:, [0, 1, 3]]).max(axis=1) > _STILL_M_S
        ease = np.where(moving, 0.2, 0.0)
        own[slots, PITCH] += ease * (-np.arctan2(front - rear, 2 * base) - own[slots, PITCH])
        own[slots, ROLL] += ease * (tilt - own[slots, ROLL])
        target, z = (front + rear) / 2, state[:, 2]
        falls = z > target + 0.05
        fall = np.where(falls, own[slots, FALL] - GRAVITY_M_S2 * TICK_S, 0.0)
        own[slots, FALL] = fall
        data.qpos[self._qpos[slots, 2]] = np.where(
            falls, np.maximum(z + fall * TICK_S, target), np.where(moving, target, z)
        )
        data.qvel[self._dofs[slots, 2]] = 0.0

    def _keep_afloat(self, slots: NDArray[np.int64]) -> None:
        data, (before, reached) = self._world.data, self._before
        state, _ = self._state(slots)
        now_m = self._reach(state[:, :2], state[:, 3], self._world.compiled.size[slots])
        out = slots[(now_m < 0) & (now_m < reached - 1e-6)]
        data.qpos[self._qpos[out]] = before[np.isin(slots, out)]
        data.qvel[self._dofs[out]] = 0.0
        data.qpos[self._qpos[slots, 2]] = before[:, 2]
        data.qvel[self._dofs[slots, 2]] = 0.0
