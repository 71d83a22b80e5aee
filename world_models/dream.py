"""A world model posing as an engine: after the first moment nothing is simulated or drawn any more, only imagined.

Whatever runs on an engine (rollouts, tasks, policies) so runs in a dream. The inner engine gives the world's first moment; then
actions lead the body that acts by a follower (see world_models.adapters), and the model answers with the pictures and with where
things went.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bridge.engine import Action, Actions, Capability, Change, Engine, EngineInfo, Loaded, Move, Remove, Spawn
from bridge.engines.embedded.orders import check_ticks
from bridge.episode import Edit, Episode, Reset, Step
from bridge.errors import EngineFailed, InvalidInput, NotSupported, UnknownBody
from bridge.imagination import TaskName, WorldModel
from bridge.plugins import unknown_name
from bridge.robots.description import Robot, read_robot
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from world_models import moments, views
from world_models.cast import MOVERS, Cast
from world_models.dreaming import Dream, Dreamt, Settings
from world_models.memory import Instant, Memory
from world_models.orders import check_orders
from world_models.pictures import Views

__all__ = ["DreamEngine", "Dreamt", "Settings"]
_CAN: tuple[Capability, ...] = ("rgb", "contacts", "control")


class DreamEngine:
    """`model` imagines the world in which `agent` acts, from the inner engine's first moment on. Also a context manager.

    It gives the pictures of the model's views and the places of what the model knows; contacts are derived from places, and pedals
    and targets are followed as fitted. What was never imagined (other cameras, depth, physics) is NotSupported. `film` holds all
    frames; `instruction` is what the model is told in words, by `instruct` or from the start.
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
        self._is_open, self._is_begun, self._is_acting = True, False, False

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; cameras are those that show what is imagined. Raises what the inner engine raises."""
        self._opened()
        loaded = self._inner.load(scene)
        self._scene, self._loaded, self._state, self._cast = scene, loaded, None, None
        for name, task in ((f"{self.agent}/hand", "manipulate"), (f"{self.agent}/front", "drive")):
            if name in loaded.cameras:
                width, height = (
                    (self.model.info.width, self.model.info.height) if self.model.info.width else views.SIZES[task]
                )
                return replace(loaded, cameras={name: replace(loaded.cameras[name], width=width, height=height)})
        return replace(loaded, cameras={})

    def reset(self, *, seed: int) -> WorldState:
        """The first tick, of the inner engine. The seed is also the dream's: the same one gives the same dream."""
        self._opened()
        if self._scene is None:
            raise EngineFailed("This dream has no world yet. Call load(scene), then reset(seed=0).")
        self._state = self._inner.reset(seed=seed)
        self._seed, self._is_acting, self._is_begun, self._cast = int(seed), False, False, None
        self._known: tuple[tuple[str, ...], set[str]] | None = None
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
        if self._cast is not None and self._is_acting:
            return self._dreamt_of(state, changes)
        self._state = self._inner_state = self._inner.edit(changes)
        for change in changes:
            if isinstance(change, Spawn):
                self._bodies.spawn(change)
        if changes:
            self._events.append(Edit(tuple(changes), self._state))
            self._revision = self._state.revision
            if not self._is_acting:
                self._is_begun, self._cast = False, None
        return self._state

    def instruct(self, briefings: Mapping[str, str]) -> None:
        """Before the first step: what the agent is told to do is what the model is told."""
        self.instruction = briefings.get(self.agent, "")
        if not self._is_acting:
            self._is_begun, self._cast = False, None

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Leads everybody by what they are told, and asks the model for the frames that become due. Raises UnknownBody, InvalidAction."""
        self._ready()
        check_ticks(ticks)
        self._begun()
        check_orders(actions, self._actors(), self._ready().names, self._robots())
        self._is_acting = True
        self._orders |= actions
        if self._cast is not None:
            self._cast.tell(actions)
        told: Actions = dict(actions)
        while ticks:
            run = min(ticks, self._due_tick - self._tick)
            self._pass(told, run)
            told, ticks = {}, ticks - run
            if self._tick == self._due_tick:
                self._due_tick += self._frame_ticks
                self._frame()
        self._state = self._events[-1].state
        return self._state

    def _pass(self, told: Actions, ticks: int) -> None:
        """So many ticks pass before the next frame: in the dream, and in the inner engine as long as anybody looks at it."""
        self._tick += ticks
        if self._cast is None or self.settings.keyframe_every:
            self._inner_state = self._inner.step(told, ticks)
        if self._cast is None:
            self._events.append(Step(told, ticks, self._inner_state))
        else:
            self._cast.advance(ticks)
            self._events.append(Step(told, ticks, self._now(self._cast)))

    def _begun(self) -> None:
        """The first moment, as far as nobody looked at it yet."""
        if self._is_begun:
            return
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
        mounted = {f"{self.agent}/hand": "wrist", f"{self.agent}/front": "front"}
        there = {camera.name for camera in cameras}
        self._views = Views(cameras, {alias: view for alias, view in mounted.items() if view in there})
        self._cameras = cameras
        self._task: TaskName = task
        self._frame_ticks = max(round((model.frame_s or views.FRAME_S[task]) / self.info.tick_s), 1)
        self._tick, self._due_tick = state.tick, state.tick + self._frame_ticks
        self._orders: dict[str, Action] = {}
        self._looks: list[tuple[WorldState, moments.Moment]] = []
        self._frames, self._revision, self.film = 0, state.revision, []
        self._robot = read_robot(self._kind()) if task == "manipulate" else None
        self._is_begun, self._inner_state = True, state
        self._look(state)

    def _look(self, state: WorldState) -> None:
        """Looks at the real world; when that was often enough, the dream begins, or begins anew."""
        needs_depth, settings = self.model.info.needs_depth, self.settings
        ids = self._bodies.ids if needs_depth else None
        moment = moments.look(self._inner, self._cameras, needs_depth=needs_depth, labels=ids is not None)
        self._looks = [*self._looks, (state, moment)][-settings.seen_frames :]
        if self._cast is None:
            self.film.append(Dreamt(self._tick, state.time_s, moment.rgb, is_seen=True))
        if len(self._looks) == settings.seen_frames and (self._cast is None or self._is_keyframe()):
            self._fall_asleep(state)

    def _is_keyframe(self) -> bool:
        every = self.settings.keyframe_every
        return bool(every) and self._frames > 0 and self._frames % every == 0

    def _fall_asleep(self, state: WorldState) -> None:
        """From now on all is imagined, until a keyframe."""
        assert self._scene is not None
        cast = self._cast = Cast(self._scene, self.agent, self._task, state, self._bodies, self._robot)
        cast.tell(self._orders)
        things = moments.things_about(self._task, self.agent, state, self._bodies)
        code = moments.label_of(self.agent, things, self._bodies)
        body, seen = cast.body, []
        for then, moment in self._looks:
            own = next((one for one in then.agents if one.name == self.agent), None)
            poses = {thing.name: moments.pose(then, thing.name) for thing in things if thing.name in then.names}
            instant = Instant(then.time_s, moments.pose(then, body), None if own is None else own.gripper, poses)
            seen.append((instant, moment.coded(code)))
        told = tuple(moments.on_body(camera, state, body) for camera in self._cameras)
        memory = Memory(told, things, self._scene, self.instruction, seen)
        self._dream = Dream(
            self.model, self.settings, memory, self._episode, self._events,
            seed=self._seed, frame_ticks=self._frame_ticks, tick_s=self.info.tick_s,
        )  # fmt: skip

    def _frame(self) -> None:
        """A frame is due: it is looked at, or dreamt."""
        self._frames += 1
        cast, settings = self._cast, self.settings
        if cast is None:
            self._look(self._inner_state)
            return
        every = settings.keyframe_every
        if every and -self._frames % every < settings.seen_frames:
            self._look(self._inner_state)
        if self._is_keyframe():
            assert self._cast is not None
            self.film.append(Dreamt(self._tick, self._inner_state.time_s, self._looks[-1][1].rgb, is_seen=True))
            self._events[-1] = replace(self._events[-1], state=self._inner_state)
            return
        self.film += self._dream.frame(self._tick, cast, frozenset(self._orders))
        self._events[-1] = replace(self._events[-1], state=self._now(cast))

    def _kind(self) -> str:
        """The description of the agent's robot."""
        assert self._scene is not None
        return next((one.kind for one in self._scene.agents if one.name == self.agent), self.agent)

    def _actors(self) -> set[str]:
        """Who can be told what to do."""
        if self._known is None or self._known[0] is not self._ready().names:
            names = self._ready().names
            agents = {*self._loaded.agents, self.agent}
            self._known = names, {name for name in names if name in agents or self._bodies.semantic(name) in MOVERS}
        return self._known[1]

    def _robots(self) -> dict[str, Robot]:
        return {} if self._robot is None else {self.agent: self._robot}

    def _dreamt_of(self, state: WorldState, changes: Sequence[Change]) -> WorldState:
        """Changes of what is imagined, all or none."""
        cast, dream = self._cast, self._dream
        assert cast is not None
        known = {thing.name for thing in dream.memory.things}
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
                dream.moved[change.name] = pose
                cast.move(change.name, pose)
            elif isinstance(change, Remove):
                dream.removed |= {change.name}
                self._orders.pop(change.name, None)
                cast.remove(change.name)
        if changes:
            self._revision += 1
            dream.forget_plans()
            if self.settings.keyframe_every:
                self._inner_state = self._inner.edit(changes)
            state = self._state = self._now(cast)
            self._events.append(Edit(tuple(changes), state))
        return state

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
        hasher = hashlib.blake2b(str((state.tick, state.names, state.revision)).encode(), digest_size=8)
        hasher.update(state.poses.tobytes())
        if state.velocities is not None:
            hasher.update(state.velocities.tobytes())
        for own in state.agents:
            hasher.update(
                repr((own.name, own.gripper)).encode() + (b"" if own.joints is None else own.joints.tobytes())
            )
        if self._is_acting and self._cast is not None:
            hasher.update(self._cast.digest())
            hasher.update(np.ascontiguousarray(self.film[-1].rgb).tobytes())
        return int.from_bytes(hasher.digest(), "little")

    def close(self) -> None:
        """Closes the inner engine; the model is its owner's. The engine cannot be used afterwards."""
        if self._is_open:
            self._inner.close()
        self._is_open, self._cast, self._state = False, None, None

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
