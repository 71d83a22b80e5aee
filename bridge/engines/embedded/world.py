"""The physics of one town while it runs: who is there, what they were told, and a tick of it."""

import hashlib
from collections import Counter
from dataclasses import replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.compile import DEEP_M, Compiled, compile_world
from bridge.engines.embedded.contacts import ContactLog
from bridge.engines.embedded.crew import Crew
from bridge.engines.embedded.doors import Doors
from bridge.engines.embedded.gait import Gait
from bridge.engines.embedded.grip import grip
from bridge.engines.embedded.ground import Ground, Waters
from bridge.engines.embedded.motion import HOLD, MODE, ORDER, PITCH, ROLL, Motion
from bridge.engines.embedded.poses import tilt_from_quat
from bridge.engines.embedded.robots import RobotBody
from bridge.engines.embedded.roster import MOVING, Thing, example, things
from bridge.engines.embedded.shapes import FRICTION, touch
from bridge.engines.embedded.states import States
from bridge.errors import EngineFailed
from bridge.formats.ground_field import ground_field
from bridge.riders import poses_of_riders
from bridge.scene import Environment, Part

Array = NDArray[np.float64]


class World:
    """A compiled scene and its state. Names become slots in `slot`; `names` and `order` list who is there.

    Robots with joints and doors have no slot; their names come after all others.
    """

    def __init__(self, crew: Crew, *, reserve: int, sleeps: bool) -> None:
        self.scene, self._descriptions, self._legged = crew.scene, crew.robots, crew.legged
        self._reserve, self._sleeps, scene = reserve, sleeps, crew.scene
        self.field = ground_field(scene)
        self.waters = Waters(scene, self.field)
        self.start = {thing.name: thing for thing in things(scene, crew.robots)}
        self.parts: tuple[Part, ...] = scene.parts
        self._first = self._compile(self.start, scene.parts)
        self.reset()

    def reset(self) -> None:
        """Everything where the scene says, at rest."""
        self.things, self.parts = dict(self.start), self.scene.parts
        self._use(self._first)
        self.tick = 0
        self.set_weather(self.scene.environment)
        for slot in self.order.tolist():
            thing = self.things[self.slots[slot]]
            if MOVING[self.role[slot]] != "free":
                self.own[slot, [PITCH, ROLL]] = np.ravel(tilt_from_quat(thing.pose[None, 3:]))
            self._fresh |= {slot} if thing.is_agent else set()
        if self.robots:
            mujoco.mj_forward(self.model, self.data)  # so that their sensors read something at the first tick

    def _use(self, compiled: Compiled) -> None:
        """Starts from a model's first state."""
        self.compiled, self.model = compiled, compiled.model
        self.data = mujoco.MjData(self.model)
        self.slots = list(compiled.slots)
        self.role, self.body = compiled.role, compiled.body
        self._fresh: set[int] = set()
        self.model.geom_conaffinity[:] = compiled.conaffinity
        for slot, name in enumerate(self.slots):
            touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=bool(name))
        self.robots = {
            name: RobotBody(name, robot, self.model, self.data) for name, robot in self._descriptions.items()
        }
        for name, robot in self.robots.items():
            robot.start(self.things[name].pose)
        self.doors = Doors(compiled.doors, self.things, self.model, self.data)
        self.gait = Gait(self, self._legged)
        self.state = States(compiled, self.data, self.robots, (self.gait, self.doors))
        self.own, self.follows = self.state.own, self.state.follows
        self.ground = Ground(self.field, compiled, self.data)
        is_elliptic = self.model.opt.cone == mujoco.mjtCone.mjCONE_ELLIPTIC
        self.contacts = ContactLog(compiled.owner, len(compiled.standing), is_elliptic=is_elliptic)
        self.enrol()
        self.motion = Motion(self)
        self.gait.advance()

    def _compile(self, present: dict[str, Thing], parts: tuple[Part, ...]) -> Compiled:
        """The model of what is there, with spares of all that moves."""
        moving = [thing for thing in present.values() if thing.role in MOVING]
        standing = [thing for thing in present.values() if thing.role == "static"]
        doors = [thing for thing in present.values() if thing.role == "door"]
        poses = poses_of_riders(self.scene.assets)
        spares = {name: (example(one), self._reserve) for name, one in self.scene.assets.items() if name not in poses}
        spares = {name: spare for name, spare in spares.items() if spare[0].role in MOVING}
        return compile_world(
            self.scene, self.field, parts, standing, moving, spares, self._descriptions, doors, sleeps=self._sleeps
        )

    def enrol(self) -> None:
        """Lists anew who is there, in the order of `things`."""
        self.slot = {name: slot for slot, name in enumerate(self.slots) if name}
        single = [name for name in self.things if name in self.slot]
        self.order = np.array([self.slot[name] for name in single], dtype=np.int64)
        self.names = (*single, *(part for robot in self.robots.values() for part in robot.names))
        self.names = (*self.names, *self.gait.names, *self.doors.names)
        self._names_digest = hashlib.blake2b("\n".join(self.names).encode()).digest()
        self.state.enrol(self.order)

    def agents(self) -> list[str]:
        """Names of all who act."""
        return [name for name, thing in self.things.items() if thing.is_agent]

    @property
    def bodies(self) -> tuple[str, ...]:
        """Who contacts are between: slots, then links."""
        return (*self.slots, *self.compiled.links)

    def become(self, wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> None:
        """Makes the world hold these things and parts; those in `placed` are put where they say, at rest."""
        self._become(wanted, parts, placed)
        self.gait.advance(0.0)
        self.state.forget()

    def _become(self, wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> None:
        """What moves and has a spare body needs no new model; what stands elsewhere than before does."""
        here = self.things
        fixed = ("static", "door")
        stands_anew = any(thing.role in fixed and here.get(name) is not thing for name, thing in wanted.items())
        stands_anew |= any(thing.role == "door" and name not in wanted for name, thing in here.items())
        arriving = [thing for name, thing in wanted.items() if thing.role in MOVING and self._is_new(name, thing)]
        leaving = [name for name, thing in here.items() if name not in wanted or self._is_new(name, wanted[name])]
        needs = Counter((thing.asset.name, *thing.scale.tolist()) for thing in arriving)
        spares = Counter(
            (self.compiled.assets[slot], *self.compiled.scales[slot].tolist())
            for slot, name in enumerate(self.slots)
            if not name or name in leaving
        )
        if stands_anew or needs - spares:
            self._rebuild(wanted, parts, placed)
            return
        gone = {*leaving, *(part.name for part in self.parts)} - {*wanted, *(part.name for part in parts)}
        gone |= {name for name in leaving if here[name].role == "static"}
        self.things, self.parts = dict(wanted), parts
        if gone:
            absent = [-1 - index for index, name in enumerate(self.compiled.standing) if name in gone]
            self.model.geom_conaffinity[np.isin(self.compiled.owner, absent)] = 0
        for name in leaving:
            if name in self.slot:
                self._park(self.slot[name])
        for thing in arriving:
            key = thing.asset.name, *thing.scale.tolist()
            slot = next(
                slot
                for slot, name in enumerate(self.slots)
                if not name and (self.compiled.assets[slot], *self.compiled.scales[slot].tolist()) == key
            )
            self.slots[slot] = thing.name
            touch(self.model, int(self.body[slot]), thing.role, touches=True)
        self.enrol()
        for name in placed:
            self._put(name, wanted[name].pose)

    def _put(self, name: str, pose: Array) -> None:
        """Puts what moves somewhere, at rest; what stands is put there by a new model."""
        if name in self.slot:
            self.place(self.slot[name], pose)
        elif name in self.robots:
            self.robots[name].place(pose)
            self.state.forget()

    def _is_new(self, name: str, thing: Thing) -> bool:
        """Whether a thing is not the one of that name that is here, moved or not."""
        old = self.things.get(name)
        return old is None or old.asset is not thing.asset or bool((old.scale != thing.scale).any())

    def _park(self, slot: int) -> None:
        """Makes a slot a spare."""
        touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=False)
        self.own[slot] = 0.0
        self.place(slot, np.array([0.0, 0.0, DEEP_M, 1.0, 0.0, 0.0, 0.0]))
        self._fresh.discard(slot)
        self.slots[slot] = ""

    def _rebuild(self, wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> None:
        """A new model for what does not fit into this one; what stays goes on as it was."""
        environment = self.environment
        slots = {
            name: slot for name, slot in self.slot.items() if name in wanted and not self._is_new(name, wanted[name])
        }
        kept = {name: (self.pose(slot), self.own[slot].copy(), *self.state.share(slot)) for name, slot in slots.items()}
        ajar, strides = self.doors.keep(), self.gait.keep()
        machines = {name: robot.keep() for name, robot in self.robots.items()}
        awake = dict(zip(slots, self.awake(np.array(list(slots.values()), dtype=np.int64)).tolist(), strict=True))
        follows = {self.slots[s]: (self.slots[c] if c >= 0 else "", offset) for s, (c, offset) in self.follows.items()}
        now = {
            name: replace(thing, pose=kept[name][0])
            if name in kept and name not in placed and name not in follows
            else thing
            for name, thing in wanted.items()
        }
        compiled = self._compile(now, parts)
        self.things, self.parts = dict(wanted), parts
        self._use(compiled)
        self.set_weather(environment)
        self.doors.resume(ajar)
        self.gait.resume(strides)
        for name, kept_robot in machines.items():
            self.robots[name].resume(kept_robot)
            if name in placed:
                self._put(name, wanted[name].pose)
        for name, slot in self.slot.items():
            if name in placed or name not in kept:
                self.place(slot, wanted[name].pose)
                continue
            _, own, state, rates = kept[name]
            self.own[slot] = own
            if awake[name]:
                at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
                self.data.qpos[at : at + len(state)] = state
                self.data.qvel[dof : dof + len(rates)] = rates
                self._fresh.add(slot)
        for name, (carrier, offset) in follows.items():
            slot = self.slot[name]
            self.follows[slot] = self.slot[carrier] if carrier else -1, offset
            touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=False)
        self.state.follow()

    def set_weather(self, environment: Environment) -> None:
        """Changes what weather does to friction."""
        self.environment = environment
        movers = (self.compiled.owner >= 0) & (self.compiled.owner < len(self.slots))
        roles = self.role[self.compiled.owner[movers]]
        dry = np.array([FRICTION[role] for role in MOVING])
        self.model.geom_friction[movers, 0] = dry[roles] * grip(environment)
        stands = self.compiled.owner < 0
        still = FRICTION["static"] * grip(environment)
        self.model.geom_friction[stands, 0] = np.where(self.model.geom_friction[stands, 0] == 0.1, 0.1, still)

    def advance(self, *, reports: bool = True) -> None:
        """One tick; contacts are gathered if somebody will ask for them."""
        self.data.qfrc_applied[:] = 0.0
        self.motion.push()
        for robot in self.robots.values():
            robot.lead()
        self.doors.advance()
        for slot in self._fresh:
            height = int(self.compiled.dof[slot]) + 2
            if self.data.qfrc_applied[height] == 0.0:
                self.data.qfrc_applied[height] = -0.0  # wakes it, and does nothing else
        self._fresh.clear()
        self.contacts.clear()
        for _ in range(self.compiled.substeps):
            mujoco.mj_step(self.model, self.data)
            if reports:
                self.contacts.add(self.data)
        self.motion.settle()
        self.doors.yield_way()
        self.tick += 1
        self.state.follow()
        self.gait.advance()
        if not np.isfinite(self.data.qpos).all() or not np.isfinite(self.data.qvel).all():
            raise EngineFailed(
                f"The physics broke down at tick {self.tick}. Reset the world; report what was done before."
            )

    def awake(self, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these slots physics is not letting rest."""
        if not self._sleeps:
            return np.ones(len(slots), dtype=bool)
        return self.data.tree_asleep[self.model.body_treeid[self.body[slots]]] < 0

    def poses(self) -> Array:
        """World poses of `names`, shape (n,7)."""
        return self.state.poses()

    def velocities(self) -> Array:
        """Linear and angular velocities of `names` in the world's frame, shape (n,6)."""
        return self.state.velocities()

    def pose(self, slot: int) -> Array:
        """The pose (7,) of one slot."""
        return self.state.pose(slot)

    def place(self, slot: int, pose: Array) -> None:
        """Puts a slot somewhere, at rest."""
        self.state.put(slot, pose)
        self._fresh.add(slot)
        self.motion.forget()

    def attach(self, slot: int, carrier: int, offset: Array) -> None:
        """From now on a slot is carried: `offset` (7,) is its pose in its carrier's frame; -1 is the world."""
        self.follows[slot] = carrier, np.asarray(offset, dtype=np.float64)
        touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=False)
        self.order_of(slot, HOLD, (0.0, 0.0, 0.0))
        self.state.follow()

    def detach(self, slot: int, pose: Array) -> None:
        """Lets a carried slot go, at rest, somewhere."""
        del self.follows[slot]
        touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=True)
        self.place(slot, pose)

    def order_of(self, slot: int, mode: float, numbers: tuple[float, float, float]) -> None:
        """Tells a body what to do until it is told otherwise."""
        self.own[slot, MODE] = mode
        self.own[slot, ORDER] = numbers

    def digest(self, more: bytes) -> int:
        """64 bits of everything that what happens next depends on; `more` is what else does."""
        hasher = hashlib.blake2b(digest_size=8)
        hasher.update(f"{self.tick};{self.environment!r};".encode())
        hasher.update(self._names_digest)
        for slot, (carrier, offset) in self.follows.items():
            hasher.update(
                f"{self.slots[slot]} {self.slots[carrier] if carrier >= 0 else ''}".encode() + offset.tobytes()
            )
        hasher.update(more)
        for piece in (
            *self.state.bytes(),
            *(robot.digest() for robot in self.robots.values()),
            self.doors.digest(),
            self.gait.digest(),
        ):
            hasher.update(piece)
        return int.from_bytes(hasher.digest(), "little")
