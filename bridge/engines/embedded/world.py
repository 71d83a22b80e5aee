"""The physics of one town while it runs: who is where, what they were told, and a tick of it."""

import hashlib
from collections import Counter
from dataclasses import replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.compile import DEEP_M, SUBSTEPS, Compiled, compile_world
from bridge.engines.embedded.contacts import ContactLog
from bridge.engines.embedded.grip import grip
from bridge.engines.embedded.ground import Ground, Waters
from bridge.engines.embedded.motion import FALL, HOLD, MODE, ORDER, PITCH, ROLL, STEER, Motion
from bridge.engines.embedded.poses import composed, quat_from_tilt, tilt_from_quat
from bridge.engines.embedded.roster import MOVING, Thing, example, things
from bridge.engines.embedded.shapes import FRICTION, touch
from bridge.errors import EngineFailed
from bridge.formats.ground_field import ground_field
from bridge.frames import matrix_from_quat, yaw_from_quat
from bridge.scene import Environment, Part, Scene

Array = NDArray[np.float64]
FREE = MOVING.index("free")


class World:
    """A compiled scene and its state. Names become slots in `slot`; `names` and `order` list who is there."""

    def __init__(self, scene: Scene, *, reserve: int, sleeps: bool) -> None:
        self.scene, self._reserve, self._sleeps = scene, reserve, sleeps
        self.field = ground_field(scene)
        self.waters = Waters(scene)
        self.start = {thing.name: thing for thing in things(scene)}
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

    def _use(self, compiled: Compiled) -> None:
        """Starts from a model's first state."""
        self.compiled, self.model = compiled, compiled.model
        self.data = mujoco.MjData(self.model)
        self.slots = list(compiled.slots)
        self.role, self.body = compiled.role, compiled.body
        self.own = np.zeros((len(self.slots), 8))
        self.follows: dict[int, tuple[int, Array]] = {}
        self._fresh: set[int] = set()
        self.model.geom_conaffinity[:] = compiled.conaffinity
        for slot, name in enumerate(self.slots):
            touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=bool(name))
        self.ground = Ground(self.field, compiled, self.data)
        self.contacts = ContactLog(compiled.owner, len(compiled.standing))
        self.enrol()
        self.motion = Motion(self)

    def _compile(self, present: dict[str, Thing], parts: tuple[Part, ...]) -> Compiled:
        """The model of what is there, with spares of all that moves."""
        moving = [thing for thing in present.values() if thing.role != "static"]
        standing = [thing for thing in present.values() if thing.role == "static"]
        spares = {asset.name: (example(asset), self._reserve) for asset in self.scene.assets.values()}
        spares = {name: spare for name, spare in spares.items() if spare[0].role != "static"}
        return compile_world(self.scene, self.field, parts, standing, moving, spares, sleeps=self._sleeps)

    def enrol(self) -> None:
        """Lists anew who is there, in the order of `things`."""
        self.slot = {name: slot for slot, name in enumerate(self.slots) if name}
        self.names = tuple(name for name in self.things if name in self.slot)
        self.order = np.array([self.slot[name] for name in self.names], dtype=np.int64)
        is_free = self.role[self.order] == FREE
        self._free, self._upright = np.flatnonzero(is_free), np.flatnonzero(~is_free)
        at, dof = self.compiled.qpos[self.order], self.compiled.dof[self.order]
        self._free_qpos = at[is_free][:, None] + np.arange(7)
        self._free_dof = dof[is_free][:, None] + np.arange(6)
        self._upright_qpos, self._upright_dof = (first[~is_free][:, None] + np.arange(4) for first in (at, dof))
        widths = np.where(is_free, 7, 4)
        self._hash_qpos = np.concatenate([np.zeros(0, int), *map(np.arange, at, at + widths)])
        self._hash_dof = np.concatenate([np.zeros(0, int), *map(np.arange, dof, dof + np.where(is_free, 6, 4))])
        self._trees = self.model.body_treeid[self.body[self.order]]
        self._names_digest = hashlib.blake2b("\n".join(self.names).encode()).digest()
        self._known: tuple[Array, Array] | None = None

    def become(self, wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> None:
        """Makes the world hold these things and parts; those in `placed` are put where they say, at rest.

        What moves and has a spare body needs no new model; what stands elsewhere than before does.
        """
        here = self.things
        stands_anew = any(thing.role == "static" and here.get(name) is not thing for name, thing in wanted.items())
        arriving = [thing for name, thing in wanted.items() if thing.role != "static" and self._is_new(name, thing)]
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
            if name in self.slot:
                self.place(self.slot[name], wanted[name].pose)

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
        kept = {
            name: (self.pose(slot), self.own[slot].copy(), *self._free_or_upright(slot)) for name, slot in slots.items()
        }
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
        self.follow()

    def _free_or_upright(self, slot: int) -> tuple[Array, Array]:
        """A slot's share of qpos and qvel; copies."""
        at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
        positions, rates = (7, 6) if self.role[slot] == FREE else (4, 4)
        return self.data.qpos[at : at + positions].copy(), self.data.qvel[dof : dof + rates].copy()

    def set_weather(self, environment: Environment) -> None:
        """Changes what weather does to friction."""
        self.environment = environment
        movers = self.compiled.owner >= 0
        roles = self.role[self.compiled.owner[movers]]
        dry = np.array([FRICTION[role] for role in MOVING])
        self.model.geom_friction[movers, 0] = dry[roles] * grip(environment)
        still = FRICTION["static"] * grip(environment)
        self.model.geom_friction[~movers, 0] = np.where(self.model.geom_friction[~movers, 0] == 0.1, 0.1, still)

    def advance(self, *, reports: bool = True) -> None:
        """One tick; contacts are gathered if somebody will ask for them."""
        self.data.qfrc_applied[:] = 0.0
        self.motion.push()
        for slot in self._fresh:
            height = int(self.compiled.dof[slot]) + 2
            if self.data.qfrc_applied[height] == 0.0:
                self.data.qfrc_applied[height] = -0.0  # wakes it, and does nothing else
        self._fresh.clear()
        self.contacts.clear()
        for substep in range(SUBSTEPS):
            mujoco.mj_step(self.model, self.data)
            if reports and substep % 2 == 0:  # no touch is over in 8 ms
                self.contacts.add(self.data)
        self.motion.settle()
        self.tick += 1
        self._known = None
        self.follow()
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
        return self._states()[0]

    def velocities(self) -> Array:
        """Linear and angular velocities of `names` in the world's frame, shape (n,6)."""
        return self._states()[1]

    def pose(self, slot: int) -> Array:
        """The pose (7,) of one slot."""
        at = int(self.compiled.qpos[slot])
        if slot in self.follows:
            carrier, offset = self.follows[slot]
            return offset.copy() if carrier < 0 else composed(self.pose(carrier), offset)
        if self.role[slot] == FREE:
            return self.data.qpos[at : at + 7].copy()
        x, y, z, yaw = self.data.qpos[at : at + 4]
        tilt = quat_from_tilt(*(np.array([angle]) for angle in (yaw, self.own[slot, PITCH], self.own[slot, ROLL])))
        return np.concatenate([[x, y, z], tilt[0]])

    def _states(self) -> tuple[Array, Array]:
        if self._known is None:
            poses, velocities = np.zeros((len(self.names), 7)), np.zeros((len(self.names), 6))
            state, rates = self.data.qpos[self._upright_qpos], self.data.qvel[self._upright_dof]
            poses[self._upright, :3] = state[:, :3]
            tilt = self.own[self.order[self._upright]]
            poses[self._upright, 3:] = quat_from_tilt(state[:, 3], tilt[:, PITCH], tilt[:, ROLL])
            velocities[self._upright, :3], velocities[self._upright, 5] = rates[:, :3], rates[:, 3]
            poses[self._free] = self.data.qpos[self._free_qpos]
            rates = self.data.qvel[self._free_dof]
            velocities[self._free, :3] = rates[:, :3]
            turn = matrix_from_quat(poses[self._free, 3:])
            velocities[self._free, 3:] = np.einsum("nij,nj->ni", turn, rates[:, 3:])
            for slot in self.follows:
                poses[self.names.index(self.slots[slot])] = self.pose(slot)
            self._known = poses, velocities
        return self._known

    def place(self, slot: int, pose: Array) -> None:
        """Puts a slot somewhere, at rest."""
        at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
        if self.role[slot] == FREE:
            self.data.qpos[at : at + 7] = pose
            self.data.qvel[dof : dof + 6] = 0.0
        else:
            self.data.qpos[at : at + 4] = [*pose[:3], float(yaw_from_quat(pose[3:]))]
            self.data.qvel[dof : dof + 4] = 0.0
            self.own[slot, [PITCH, ROLL]] = np.ravel(tilt_from_quat(pose[None, 3:]))
            self.own[slot, [FALL, STEER]] = 0.0
        self._fresh.add(slot)
        self._known = None
        self.motion.forget()

    def attach(self, slot: int, carrier: int, offset: Array) -> None:
        """From now on a slot is carried: `offset` (7,) is its pose in its carrier's frame; -1 is the world."""
        self.follows[slot] = carrier, np.asarray(offset, dtype=np.float64)
        touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=False)
        self.order_of(slot, HOLD, (0.0, 0.0, 0.0))
        self.follow()

    def detach(self, slot: int, pose: Array) -> None:
        """Lets a carried slot go, at rest, somewhere."""
        del self.follows[slot]
        touch(self.model, int(self.body[slot]), MOVING[self.role[slot]], touches=True)
        self.place(slot, pose)

    def follow(self) -> None:
        """Moves what is carried to where its carrier is."""
        for slot in self.follows:
            pose, carrier = self.pose(slot), self.follows[slot][0]
            at, dof = int(self.compiled.qpos[slot]), int(self.compiled.dof[slot])
            while carrier in self.follows:
                carrier = self.follows[carrier][0]
            if self.role[slot] == FREE:
                self.data.qpos[at : at + 7] = pose
                self.data.qvel[dof : dof + 6] = 0.0
            else:
                self.data.qpos[at : at + 4] = [*pose[:3], float(yaw_from_quat(pose[3:]))]
                self.data.qvel[dof : dof + 4] = 0.0
            if carrier >= 0:
                first = int(self.compiled.dof[carrier])
                self.data.qvel[dof : dof + 3] = self.data.qvel[first : first + 3]
        self._known = None

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
        hasher.update(self.data.qpos[self._hash_qpos].tobytes())
        hasher.update(self.data.qvel[self._hash_dof].tobytes())
        hasher.update(self.data.act.tobytes())
        hasher.update(self.own[self.order].tobytes())
        hasher.update(np.minimum(self.data.tree_asleep[self._trees], 0).tobytes())
        return int.from_bytes(hasher.digest(), "little")
