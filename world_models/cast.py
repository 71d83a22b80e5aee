"""Where everybody is in a dream, between one imagined moment and the next: who acts is led, things go as imagined, others as told."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Action, Actions
from bridge.imagination import TaskName
from bridge.robots.description import Robot
from bridge.scene import Scene
from bridge.types import AgentState, Contacts, WorldState
from world_models import touching
from world_models.adapters import numbers
from world_models.adapters.arm import Arm, into, out_of
from world_models.adapters.car import Car, Walker
from world_models.moments import Bodies, body_of

Array = NDArray[np.float64]
WHEELS = ("vehicle", "bicycle", "scooter")
WALKERS = ("person", "animal", "robot")
MOVERS = (*WHEELS, *WALKERS, "boat")
_NEAR_M = 15.0
"""Who is farther away is not asked whether it touches."""


class Cast:
    """All bodies, beginning at a state. `acting` is the follower of the agent; `names` are those who are there.

    What the model says where something is holds from that moment on: on the road it goes on as fast as it went, on a table it
    stays, or goes with the gripper that holds it. Who is told where to go, and of whom the model says nothing, goes as told.
    """

    def __init__(
        self, scene: Scene, agent: str, task: TaskName, state: WorldState, bodies: Bodies, robot: Robot | None
    ) -> None:
        self._scene, self._agent, self._task, self._bodies = scene, agent, task, bodies
        self.body = body_of(agent, task)
        self.names = state.names
        self._row = {name: row for row, name in enumerate(state.names)}
        self.poses = state.poses.copy()
        self.velocities = np.zeros((len(state.names), 6)) if state.velocities is None else state.velocities.copy()
        self._agents = {one.name: one for one in state.agents}
        self._led: dict[str, Car | Walker] = {}
        self._imagined: dict[str, tuple[Array, Array]] = {}
        self._since_s = 0.0
        self._open_m = 0.0
        self._held = ""
        self._loose = {
            name: bodies.size_m(name)
            for name in (state.names if task == "manipulate" else ())
            if name in bodies.assets and name != agent and not name.startswith(f"{agent}/")
        }
        self._links: NDArray[np.int64] | None = None
        self.acting: Arm | Car | Walker = self._follower(state, robot)
        self._touch()

    def _follower(self, state: WorldState, robot: Robot | None) -> Arm | Car | Walker:
        if robot is not None:
            if robot.gripper is not None:
                self._open_m = 2 * abs(robot.gripper.open - robot.gripper.closed)
            return Arm(robot, self._agent, state, numbers.lag(robot.name))
        row = self._row[self._agent]
        if self._bodies.semantic(self._agent) not in WHEELS:
            return Walker(self._scene.terrain, self.poses[row])
        return self._car(self._agent, self.poses[row], self.velocities[row])

    def _car(self, name: str, pose: Array, velocity: Array) -> Car:
        return Car(numbers.chassis(), self._bodies.size_m(name)[0], self._scene.terrain, pose, velocity)

    def tell(self, actions: Actions) -> None:
        """What everybody does from now on."""
        for name, action in actions.items():
            if name == self._agent:
                self.acting.tell(action)
            elif name in self._row:
                self._leader(name, action).tell(action)

    def _leader(self, name: str, action: Action) -> Car | Walker:
        if name not in self._led:
            pose, velocity = self.poses[self._row[name]], self.velocities[self._row[name]]
            is_car = self._bodies.semantic(name) in WHEELS
            self._led[name] = self._car(name, pose, velocity) if is_car else Walker(self._scene.terrain, pose)
        return self._led[name]

    def advance(self, ticks: int) -> None:
        """So many ticks pass."""
        acting, held = self.acting, self._held
        grasp = into(acting.body, self.poses[self._row[held]]) if held else None
        acting.advance(ticks)
        if grasp is not None:
            self._put(held, out_of(acting.body, grasp), acting.velocity)
        self._since_s += ticks * TICK_S
        self._put(self.body, acting.body, acting.velocity)
        if isinstance(acting, Arm):
            names, poses = acting.links()
            if self._links is None:
                self._links = np.array([self._row[name] for name in names])
            self.poses[self._links] = poses
        for name, led in self._led.items():
            led.advance(ticks)
            if name not in self._imagined and name in self._row:
                self._put(name, led.body, led.velocity)
        if self._task == "drive":
            for name, (pose, velocity) in self._imagined.items():
                self._put(name, np.concatenate([pose[:3] + velocity[:3] * self._since_s, pose[3:]]), velocity)
        self._touch()

    def _put(self, name: str, pose: Array, velocity: Array) -> None:
        row = self._row[name]
        self.poses[row], self.velocities[row] = pose, velocity

    def imagine(self, poses: Mapping[str, Array], before: Mapping[str, Array], frame_s: float) -> None:
        """What the model says where things are now, and where they were `frame_s` before: poses (7,) by name."""
        self._since_s = 0.0
        for name, pose in poses.items():
            if name not in self._row:
                continue
            if name == self.body:
                self.acting.put(pose, frame_s)
                self._put(name, pose, self.acting.velocity)
                continue
            length = float(np.linalg.norm(pose[3:]))
            pose = np.concatenate([pose[:3], pose[3:] / length]) if length > 1e-9 else self.poses[self._row[name]]
            velocity = np.zeros(6)
            if name in before:
                velocity[:3] = (pose[:3] - before[name][:3]) / frame_s
            self._imagined[name] = pose, velocity
            self._put(name, pose, velocity)
        self._touch()

    def where(self, names: tuple[str, ...]) -> dict[str, Array]:
        """Poses (7,) of those of the names that are there."""
        return {name: self.poses[self._row[name]].copy() for name in names if name in self._row}

    def ways(self, names: tuple[str, ...], ticks: int, count: int) -> dict[str, Array]:
        """Where those of the names who are told where to go will be, at `count` moments that many ticks apart: poses (count,7)."""
        found = {}
        for name in names:
            if name in self._led:
                led, rows = self._led[name].copy(), []
                for _ in range(count):
                    led.advance(ticks)
                    rows.append(led.body)
                found[name] = np.stack(rows)
        return found

    def move(self, name: str, pose: Array) -> None:
        """Puts a body somewhere, at rest."""
        self._put(name, pose, np.zeros(6))
        self._led.pop(name, None)
        if name in self._imagined:
            self._imagined[name] = pose, np.zeros(6)

    def remove(self, name: str) -> None:
        """Takes a body away."""
        kept = [row for row, one in enumerate(self.names) if one != name]
        self.names = tuple(self.names[row] for row in kept)
        self.poses, self.velocities = self.poses[kept], self.velocities[kept]
        self._row = {one: row for row, one in enumerate(self.names)}
        self._links = None
        self._loose.pop(name, None)
        self._led.pop(name, None)
        self._imagined.pop(name, None)
        self._agents.pop(name, None)
        self._touch()

    def _touch(self) -> None:
        """Looks anew what touches what."""
        if isinstance(self.acting, Arm):
            loose = {name: (self.poses[self._row[name]], size) for name, size in self._loose.items()}
            self._held = touching.between_fingers(self.acting.body, loose)
            most = touching.closes_to(loose[self._held][1], self._open_m) if self._held and self._open_m else 1.0
            self.acting.blocked = most
            is_held = bool(self._held) and touching.holds(self.acting.gripper or 0.0, most)
            self._held = self._held if is_held else ""

    def contacts(self) -> Contacts:
        """What touches what, as far as it can be told from where it is."""
        if isinstance(self.acting, Arm):
            if not self._held:
                return touching.contacts((), ())
            finger = next((name for name in self.names if name.startswith(f"{self._agent}/") and "finger" in name), "")
            return touching.contacts([(finger or self.body, self._held)], [self.acting.body[:3]])
        if self._task != "drive" or self._agent not in self._bodies.assets:
            return touching.contacts((), ())
        row = self._row[self._agent]
        near = np.flatnonzero(np.linalg.norm(self.poses[:, :2] - self.poses[row, :2], axis=1) < _NEAR_M)
        others = {
            name: (self.poses[index], self._bodies.size_m(name))
            for index in near.tolist()
            if (name := self.names[index]) != self._agent and self._bodies.semantic(name) in (*WHEELS, *WALKERS)
        }
        own = self.poses[row], self._bodies.size_m(self._agent)
        found = touching.run_into(own, others)
        return touching.contacts([(self._agent, name) for name in found], [others[name][0][:3] for name in found])

    def agents(self) -> tuple[AgentState, ...]:
        """What agents tell of themselves."""
        if isinstance(self.acting, Arm):
            self._agents[self._agent] = self.acting.agent()
        return tuple(self._agents.values())

    def digest(self) -> bytes:
        """What everybody is told and how they are about to do it."""
        led = (self.acting, *(self._led[name] for name in sorted(self._led)))
        return b"".join(one.digest() for one in led)
