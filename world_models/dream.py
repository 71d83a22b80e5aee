"""A world model posing as an engine: after the first moment nothing is simulated or drawn any more, only imagined.

Whatever runs on an engine (rollouts, tasks, policies) so runs in a dream. The inner engine gives the world's first moment; then
actions lead the body that acts by a follower (see world_models.adapters), and the model answers with the pictures and with where
things went.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.engine import Action, Actions, Capability, Change, Engine, EngineInfo, Loaded, Move, Remove, Spawn
from bridge.engines.embedded.orders import check_ticks
from bridge.episode import Edit, Episode, Reset, Step
from bridge.errors import EngineFailed, InvalidInput, NotSupported, UnknownBody
from bridge.imagination import Course, Prediction, TaskName, WorldModel
from bridge.plugins import unknown_name
from bridge.robots.kinematics import gap
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from world_models import moments, views
from world_models.cast import Cast
from world_models.memory import Memory
from world_models.orders import check_orders
from world_models.pictures import Views

Array = NDArray[np.float64]
_CAN: tuple[Capability, ...] = ("rgb", "contacts", "control")
_GRIP, _WAY_M = 0.1, 0.1
"""How far a gripper and those whose way is given may be from what a frame supposed that was foreseen."""


@dataclass(frozen=True)
class Settings:
    """How one dreams. The model is asked after every `chunk` frames; until it answers things stay as they were.

    With `ahead` frames it is asked for that many at once, as if everybody went on as told; they are kept as long as the body
    comes where it was supposed to, within `off_m` and `off_rad`. 0 asks for what was walked and no more.
    `keyframe_every` frames the real world is looked at again, which the inner engine, told the same, has gone on with: 0 is never.
    With `given_ways` what others on the road are told is where they go, and the model only pictures it; without, it imagines it.
    """

    chunk: int = 1
    ahead: int = 0
    off_m: float = 0.005
    off_rad: float = 0.02
    keyframe_every: int = 0
    given_ways: bool = False

    def __post_init__(self) -> None:
        if self.chunk < 1 or self.ahead < 0 or self.keyframe_every < 0:
            raise InvalidInput(
                f"A dream was to ask every {self.chunk} frames, {self.ahead} ahead, with a keyframe every {self.keyframe_every}. "
                "Ask every 1 or more, and give 0 or more for the others."
            )
        if self.ahead and self.chunk > 1:
            raise InvalidInput(
                "A dream that asks ahead asks after every frame: give ahead, or a chunk above 1, not both."
            )


@dataclass(frozen=True, eq=False)
class Dreamt:
    """One frame of a dream, for those who look back: `rgb` uint8 (v,H,W,3), `success` and `trust` as the model told them, if it did.

    `is_seen` is True for what was drawn by the inner engine: the first moment and keyframes.
    """

    tick: int
    time_s: float
    rgb: NDArray[np.uint8]
    is_seen: bool
    success: float | None = None
    trust: float | None = None


@dataclass(frozen=True, eq=False)
class _Walked:
    """A frame that is due: when, where the body that acts and the things that are led then are."""

    time_s: float
    body: Array
    gripper: float | None
    poses: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class _Foreseen:
    """A frame that will be if everybody comes where they were supposed to."""

    supposed: _Walked
    prediction: Prediction
    index: int


class DreamEngine:
    """`model` imagines the world in which `agent` acts, from the inner engine's first moment on. Also a context manager.

    It gives the pictures of the model's views and the places of what the model knows; contacts are derived from places, and pedals
    and targets are followed as fitted. What was never imagined (other cameras, depth, physics) is NotSupported. `film` holds all
    frames; `instruction` is what the model is told in words, to be set before the first step.
    """

    def __init__(
        self, inner: Engine, model: WorldModel, agent: str, *, settings: Settings | None = None, instruction: str = ""
    ) -> None:
        self.info = EngineInfo(f"dream of {model.info.name}", inner.info.version, inner.info.tick_s, _CAN)
        self.model, self.agent, self.instruction = model, agent, instruction
        self.settings = settings or Settings()
        self.film: list[Dreamt] = []
        self._inner, self._scene = inner, None
        self._state: WorldState | None = None
        self._cast: Cast | None = None
        self._is_open, self._is_acting = True, False

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; cameras are those that show what is imagined. Raises what the inner engine raises."""
        self._opened()
        loaded = self._inner.load(scene)
        self._scene, self._loaded, self._state, self._cast = scene, loaded, None, None
        mine = {name: camera for name, camera in loaded.cameras.items() if name.startswith(f"{self.agent}/")}
        return replace(loaded, cameras={name: mine[name] for name in mine if name.endswith(("/hand", "/front"))})

    def reset(self, *, seed: int) -> WorldState:
        """The first tick, of the inner engine. The seed is also the dream's: the same one gives the same dream."""
        self._opened()
        if self._scene is None:
            raise EngineFailed("This dream has no world yet. Call load(scene), then reset(seed=0).")
        self._state = self._inner.reset(seed=seed)
        self._seed, self._is_acting, self._cast = int(seed), False, None
        self._episode = Episode(self._scene.digest(), self._inner.info, Reset(int(seed), self._state), ())
        self._events: list[Step | Edit] = []
        self._bodies = moments.Bodies(self._scene, self._loaded)
        self.film = []
        return self._state

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """Before the first step whatever the inner engine can change; after it, things of the dream are moved or removed.

        Raises NotSupported for what cannot be imagined, UnknownBody, and what the inner engine raises.
        """
        state = self._ready()
        if not self._is_acting:
            self._state = self._inner.edit(changes)
            for change in changes:
                if isinstance(change, Spawn):
                    self._bodies.spawn(change)
            self._events.append(Edit(tuple(changes), self._state))
            self._cast = None
            return self._state
        return self._dreamt_of(state, changes)

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Leads everybody by what they are told, and asks the model for the frames that become due. Raises UnknownBody, InvalidAction."""
        self._ready()
        check_ticks(ticks)
        cast = self._begun()
        check_orders(actions, self.agent, self._loaded.agents, cast, self._bodies)
        if self.settings.keyframe_every:
            self._inner_state = self._inner.step(actions, ticks)
        self._is_acting = True
        self._orders |= actions
        cast.tell(actions)
        told: Actions = dict(actions)
        while ticks:
            run = min(ticks, self._due_tick - self._tick)
            cast.advance(run)
            self._tick, ticks = self._tick + run, ticks - run
            self._events.append(Step(told, run, self._now(cast)))
            told = {}
            if self._tick == self._due_tick:
                self._due_tick += self._frame_ticks
                cast = self._frame(cast)
                self._events[-1] = replace(self._events[-1], state=self._now(cast))
        self._state = self._events[-1].state
        return self._state

    def _begun(self) -> Cast:
        """The dream of the first moment, as far as it was not begun."""
        if self._cast is not None:
            return self._cast
        state, model = self._ready(), self.model.info
        if self.agent not in state.names:
            raise UnknownBody(unknown_name("body to dream of", self.agent, state.names))
        assert self._scene is not None
        task = moments.task_of(self.agent, state)
        if model.task not in ("any", task):
            raise InvalidInput(
                f"The world model '{model.name}' is for the task '{model.task}', and '{self.agent}' is there for '{task}'. Choose another."
            )
        cameras = moments.cameras_of(task, self.agent, self._loaded, self._bodies, model.views)
        if model.width:
            cameras = tuple(replace(camera, width=model.width, height=model.height) for camera in cameras)
        self._cameras = cameras
        mounted = {"wrist": f"{self.agent}/hand", "front": f"{self.agent}/front"}
        names = model.views or views.VIEWS[task]
        self._views = Views(cameras, dict(zip(names, [camera.name for camera in cameras], strict=True)) | {
            alias: camera.name for name, camera in zip(names, cameras, strict=True) if (alias := mounted.get(name))
        })  # fmt: skip
        self._task: TaskName = task
        self._frame_s = model.frame_s or views.FRAME_S[task]
        self._frame_ticks = max(round(self._frame_s / self.info.tick_s), 1)
        self._tick = state.tick
        self._removed: frozenset[str] = frozenset()
        self._moved: dict[str, Array] = {}
        self._orders: dict[str, Action] = {}
        self._frames, self._revision, self.film = 0, state.revision, []
        return self._keyframe(state)

    def _keyframe(self, state: WorldState) -> Cast:
        """Begins, or begins again, from what the inner engine shows now."""
        assert self._scene is not None
        info = self.model.info
        cast = self._cast = Cast(self._scene, self.agent, self._task, state, self._bodies)
        cast.tell(self._orders)
        things = moments.things_about(self._task, self.agent, state, self._bodies)
        label = moments.label_of(self.agent, things, self._bodies) if info.needs_depth else None
        seen = moments.look(self._inner, self._cameras, needs_depth=info.needs_depth, label=label)
        told = tuple(moments.on_body(camera, state, cast.body) for camera in self._cameras)
        self._memory = Memory(told, things, self._scene, self.instruction)
        self._memory.see(state.time_s, seen, cast.acting.body.copy(), cast.acting.gripper, {})
        self._marks = [len(self._events)]
        self.film.append(Dreamt(self._tick, state.time_s, seen.rgb, is_seen=True))
        self._due_tick = self._tick + self._frame_ticks
        self._pending: list[_Walked] = []
        self._foreseen: list[_Foreseen] = []
        return cast

    def _frame(self, cast: Cast) -> Cast:
        """A frame is due: it is seen, or was foreseen, or the model is asked for it, or it waits for others."""
        self._frames += 1
        every = self.settings.keyframe_every
        if every and self._frames % every == 0:
            self._events[-1] = replace(self._events[-1], state=self._inner_state)
            return self._keyframe(self._inner_state)
        names = tuple(thing.name for thing in self._memory.things)
        walked = _Walked(self._tick * self.info.tick_s, cast.acting.body.copy(), cast.acting.gripper, cast.where(names))
        self._pending.append(walked)
        self._marks.append(len(self._events))
        if self._foreseen and self._comes_true(self._foreseen[0].supposed, walked):
            foreseen = self._foreseen.pop(0)
            self._take(cast, foreseen.prediction, foreseen.index)
        elif len(self._pending) >= self.settings.chunk:
            self._ask(cast)
        return cast

    def _comes_true(self, supposed: _Walked, walked: _Walked) -> bool:
        """Whether everybody has come where a frame that was foreseen supposed them to be."""
        settings, off = self.settings, gap(supposed.body, walked.body)
        is_near = np.linalg.norm(off[:3]) <= settings.off_m and np.linalg.norm(off[3:]) <= settings.off_rad
        grips = abs((supposed.gripper or 0.0) - (walked.gripper or 0.0)) <= _GRIP
        ways = all(np.linalg.norm(pose[:3] - walked.poses[name][:3]) <= _WAY_M for name, pose in supposed.poses.items())
        return bool(is_near and grips and ways)

    def _ask(self, cast: Cast) -> None:
        """Asks the model for the frames that wait, and for some ahead of them; takes the former."""
        memory, info, settings = self._memory, self.model.info, self.settings
        first = memory.real if info.needs_depth else len(memory)
        passed = [
            _Walked(memory.times_s[row], memory.body[row], memory.gripper[row], memory.where(row)) for row in range(first, len(memory))
        ]  # fmt: skip
        ahead = self._supposed(cast, max(settings.ahead - len(self._pending), 0))
        way = [*passed, *self._pending, *ahead]
        grips = [one.gripper for one in way if one.gripper is not None]
        begun, ended = self._marks[first - 1], len(self._events)
        told = [(event.actions, event.ticks) for event in self._events[begun:ended] if isinstance(event, Step)]
        course = Course(
            np.array([one.time_s for one in way]),
            np.stack([one.body for one in way]),
            np.array(grips) if len(grips) == len(way) else None,
            self._given(way, len(passed)),
            self._removed,
            (*told, *[({}, self._frame_ticks)] * len(ahead)),
        )
        episode = replace(self._episode, events=tuple(self._events[:begun]))
        kept = self._marks[first - 1] if info.needs_depth else self._tick
        seed = int(stream(self._seed, "dream", str(kept)).integers(1 << 31))
        prediction = self.model.predict(memory.past(first, episode), course, samples=1, seed=seed)
        if prediction.rgb.shape[1:] != (len(way), *memory.rgb[-1].shape):
            raise EngineFailed(
                f"The world model '{info.name}' was asked for {len(way)} frames of {memory.rgb[-1].shape} and answered with pictures of "
                f"the shape {prediction.rgb.shape}. It has to answer with one frame a moment, in the views of the past."
            )
        index = len(passed)
        for _ in range(len(self._pending)):
            self._take(cast, prediction, index)
            index += 1
        self._foreseen = [_Foreseen(one, prediction, index + row) for row, one in enumerate(ahead)]
        if not info.needs_depth:
            self._moved = {}

    def _supposed(self, cast: Cast, count: int) -> list[_Walked]:
        """The next frames, if everybody goes on as told."""
        if not count:
            return []
        acting = cast.acting.copy()
        names = tuple(thing.name for thing in self._memory.things) if self.settings.given_ways else ()
        ways = cast.ways(names, self._frame_ticks, count)
        found = []
        for index in range(count):
            acting.advance(self._frame_ticks)
            time_s = (self._tick + (index + 1) * self._frame_ticks) * self.info.tick_s
            found.append(
                _Walked(time_s, acting.body.copy(), acting.gripper, {name: way[index] for name, way in ways.items()})
            )
        return found

    def _given(self, way: Sequence[_Walked], passed: int) -> dict[str, Array]:
        """The ways (n,7) of those whose way is given: what was moved by hand, and with `given_ways` who is told where to go."""
        given = {}
        for thing in self._memory.things:
            name = thing.name
            is_told = self.settings.given_ways and name in self._orders
            if name in self._removed or not (is_told or name in self._moved):
                continue
            rows = [one.poses.get(name, thing.poses[-1]) for one in way]
            if name in self._moved:
                rows = [*rows[:passed], *[self._moved[name]] * (len(way) - passed)]
            given[name] = np.stack(rows)
        return given

    def _take(self, cast: Cast, prediction: Prediction, index: int) -> None:
        """The first frame that waits is as the model says."""
        walked, memory = self._pending.pop(0), self._memory
        said = {name: np.asarray(way[0, index], dtype=np.float64) for name, way in prediction.poses.items()}
        said = {name: pose for name, pose in said.items() if name not in self._removed}
        rgb = prediction.rgb[0, index]
        before = memory.where(len(memory) - 1)
        memory.add(walked.time_s, rgb, said.get(cast.body, walked.body), walked.gripper, {**walked.poses, **said})
        if not self._pending:
            cast.imagine(said, before, self._frame_s)
        success = None if prediction.success is None else float(prediction.success[0, index])
        trust = None if prediction.trust is None else float(prediction.trust[index])
        tick = round(walked.time_s / self.info.tick_s)
        self.film.append(Dreamt(tick, walked.time_s, rgb, is_seen=False, success=success, trust=trust))

    def _dreamt_of(self, state: WorldState, changes: Sequence[Change]) -> WorldState:
        """Changes of what is imagined, all or none."""
        cast = self._begun()
        known = {thing.name for thing in self._memory.things}
        for change in changes:
            if not isinstance(change, Move | Remove):
                raise NotSupported(
                    f"A dream that has begun cannot {type(change).__name__.lower()} anything: things are moved and removed there. Make "
                    "other changes before the first step."
                )
            if change.name not in state.names:
                raise UnknownBody(unknown_name("body", change.name, state.names))
            if change.name not in known:
                raise NotSupported(
                    f"'{change.name}' is nothing that is imagined, so that it cannot be moved or removed. These can: "
                    f"{', '.join(sorted(known)) or 'none'}."
                )
        for change in changes:
            if isinstance(change, Move):
                pose = np.concatenate([change.pose.position, change.pose.quat_wxyz]).astype(np.float64)
                self._moved[change.name] = pose
                cast.move(change.name, pose)
            elif isinstance(change, Remove):
                self._removed |= {change.name}
                self._orders.pop(change.name, None)
                cast.remove(change.name)
        if changes:
            self._foreseen, self._revision = [], self._revision + 1
            if self.settings.keyframe_every:
                self._inner.edit(changes)
            self._state = self._now(cast)
            self._events.append(Edit(tuple(changes), self._state))
        assert self._state is not None
        return self._state

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """The last imagined frame, through cameras that show (a part of) one of the model's views, in the size asked for.

        A view goes by its own name ("wrist") and by the engine's ("panda/hand"). Raises UnknownCamera, InvalidInput, NotSupported.
        """
        self._ready()
        if isinstance(cameras, str) or isinstance(modalities, str):
            raise InvalidInput(f"cameras is {cameras!r} and modalities {modalities!r}; expected lists of them.")
        unknown = [name for name in modalities if name not in MODALITIES]
        if unknown:
            raise InvalidInput(f"There is no picture of '{unknown[0]}' here. Ask for some of: {', '.join(MODALITIES)}.")
        missing = [name for name in modalities if name != "rgb"]
        if missing:
            raise NotSupported(f"'{missing[0]}' is not imagined. A dream shows rgb: ask for that alone.")
        self._begun()
        rgb = self.film[-1].rgb
        return tuple(self._views.frame(one, rgb, self._tick) for one in cameras)

    def state_hash(self) -> int:
        """64 bits of everything that is imagined, and of what everybody is told."""
        state = self._ready()
        hasher = hashlib.blake2b(str((state.tick, state.names, sorted(self._removed))).encode(), digest_size=8)
        hasher.update(state.poses.tobytes())
        if state.velocities is not None:
            hasher.update(state.velocities.tobytes())
        for own in state.agents:
            hasher.update(
                repr((own.name, own.gripper)).encode() + (b"" if own.joints is None else own.joints.tobytes())
            )
        if self._cast is not None:
            hasher.update(self._cast.digest())
            hasher.update(np.ascontiguousarray(self.film[-1].rgb).tobytes())
        return int.from_bytes(hasher.digest(), "little")

    def close(self) -> None:
        """Closes the inner engine; the model is its owner's. The engine cannot be used afterwards."""
        if self._is_open:
            self._inner.close()
        self._is_open, self._cast = False, None

    def __enter__(self) -> "DreamEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _now(self, cast: Cast) -> WorldState:
        poses, velocities = cast.poses.copy(), cast.velocities.copy()
        for array in (poses, velocities):
            array.setflags(write=False)
        return WorldState(
            tick=self._tick,
            time_s=self._tick * self.info.tick_s,
            names=cast.names,
            poses=poses,
            velocities=velocities,
            contacts=cast.contacts(),
            agents=cast.agents(),
            revision=self._revision,
        )

    def _opened(self) -> None:
        if not self._is_open:
            raise EngineFailed("This dream was closed. Make another with DreamEngine(engine, model, agent).")

    def _ready(self) -> WorldState:
        self._opened()
        if self._state is None:
            raise EngineFailed("The dream was not begun. Call load(scene), then reset(seed=0), before the first step.")
        return self._state
