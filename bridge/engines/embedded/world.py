"""The physics of one town while it runs: who is there, what they were told, and a tick of it."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.compile import Compiled, compile_world, raise_land
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
from bridge.formats.ground_field import GroundField, ground_field, land
from bridge.riders import poses_of_riders
from bridge.scene import Environment, Part, Scene

Array = NDArray[np.float64]


class World:
    """A compiled scene and its state. Names become slots in `slot`; `names` and `order` list who is there.

    Robots with joints and doors have no slot; their names come after all others. `fresh` are slots that physics shall
    wake. How a world comes to hold other things is in `becoming`. `meanwhile` is done while MuJoCo compiles, on another
    thread. What goes many ticks at once (`leaps`) goes by `go`.
    """

    leaps = False

    def __init__(
        self, crew: Crew, *, reserve: int, sleeps: bool, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        self.scene, self._descriptions, self._legged = crew.scene, crew.robots, crew.legged
        self._reserve, self._sleeps, scene = reserve, sleeps, crew.scene
        self._land, self.start = land(scene), {thing.name: thing for thing in things(scene, crew.robots)}
        self.parts: tuple[Part, ...] = scene.parts
        surveys: list[Future[tuple[GroundField, Waters]]] = []
        with ThreadPoolExecutor(1) as beside:

            def begins() -> None:
                surveys.append(beside.submit(_surveyed, scene, meanwhile))

            self._first = self._compiled(self.start, scene.parts, begins)
            self.field, self.waters = surveys[0].result()
        raise_land(self._first.model, self._land, self.field)
        self.reset()

    def reset(self) -> None:
        """Everything where the scene says, at rest."""
        self.things, self.parts = dict(self.start), self.scene.parts
        self.use(self._first)
        self.tick = 0
        self.set_weather(self.scene.environment)
        for slot in self.order.tolist():
            thing = self.things[self.slots[slot]]
            if MOVING[self.role[slot]] != "free":
                self.own[slot, [PITCH, ROLL]] = np.ravel(tilt_from_quat(thing.pose[None, 3:]))
            self.fresh |= {slot} if thing.is_agent else set()
        if self.robots:
            mujoco.mj_forward(self.model, self.data)  # so that their sensors read something at the first tick

    def use(self, compiled: Compiled) -> None:
        """Starts from a model's first state."""
        self.compiled, self.model = compiled, compiled.model
        self.data = mujoco.MjData(self.model)
        self.slots = list(compiled.slots)
        self.role, self.body = compiled.role, compiled.body
        self.fresh: set[int] = set()
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

    def compiled_with(self, present: dict[str, Thing], parts: tuple[Part, ...]) -> Compiled:
        """The model of what is there, with spares of all that moves."""
        compiled = self._compiled(present, parts)
        raise_land(compiled.model, self._land, self.field)
        return compiled

    def _compiled(
        self, present: dict[str, Thing], parts: tuple[Part, ...], begins: Callable[[], None] = lambda: None
    ) -> Compiled:
        """The same, on level ground; for `begins` see `compile_world`."""
        moving = [thing for thing in present.values() if thing.role in MOVING]
        standing = [thing for thing in present.values() if thing.role == "static"]
        doors = [thing for thing in present.values() if thing.role == "door"]
        poses = poses_of_riders(self.scene.assets)
        spares = {name: (example(one), self._reserve) for name, one in self.scene.assets.items() if name not in poses}
        spares = {name: spare for name, spare in spares.items() if spare[0].role in MOVING}
        return compile_world(
            self.scene, self._land, parts, standing, moving, spares, self._descriptions, doors, sleeps=self._sleeps,
            begins=begins,
        )  # fmt: skip

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
        self._push_and_settle(reports=reports)
        self.gait.advance()

    def go(self, ticks: int) -> None:
        """So many ticks, of which the last one's contacts are gathered."""
        for left in reversed(range(ticks)):
            self.advance(reports=not left)

    def survey(self) -> None:
        """Brings the geometry that rays see to where bodies are; here every tick does."""

    def _push_and_settle(self, *, reports: bool) -> None:
        """A tick of everything but legs, which follow their trunks."""
        self.data.qfrc_applied[:] = 0.0
        self.motion.push()
        for robot in self.robots.values():
            robot.lead()
        self.doors.advance()
        for slot in self.fresh:
            height = int(self.compiled.dof[slot]) + 2
            if self.data.qfrc_applied[height] == 0.0:
                self.data.qfrc_applied[height] = -0.0  # wakes it, and does nothing else
        self.fresh.clear()
        self.contacts.clear()
        for _ in range(self.compiled.substeps):
            mujoco.mj_step(self.model, self.data)
            if reports:
                self.contacts.add(self.data)
        self.motion.settle()
        self.doors.yield_way()
        self.tick += 1
        self.state.follow()
        if not np.isfinite(self.data.qpos).all() or not np.isfinite(self.data.qvel).all():
            raise EngineFailed(
                f"The physics broke down at tick {self.tick}. Reset the world; report what was done before."
            )

    def awake(self, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these slots physics is not letting rest."""
        if not self._sleeps:
            return np.ones(len(slots), dtype=bool)
        return self.data.tree_asleep[self.model.body_treeid[self.body[slots]]] < 0

    def live(self, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these slots are to be pushed: those that are awake or were told something, and that nobody carries."""
        live = self.awake(slots)
        if not live.all():
            live |= (self.own[slots, MODE] > 0) & (self.own[slots, ORDER] != 0).any(axis=1)
        if self.follows:
            live &= ~np.isin(slots, list(self.follows))
        return live

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
        self.fresh.add(slot)
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


def _surveyed(scene: Scene, then: Callable[[], object]) -> tuple[GroundField, Waters]:
    field = ground_field(scene)
    waters = Waters(scene, field)
    then()
    return field, waters
