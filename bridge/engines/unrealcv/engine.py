"""The engine `unrealcv`: the Engine protocol over a server of UnrealCV's protocol, in one batch a step.

Where the server is our own gateway, states are exact; elsewhere they are what UnrealCV can say: places to a hundredth of a
millimetre, velocities from how these change, and of what agents ride and hold what they were told and answered.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge.engine import TICK_S, Action, Actions, Capability, Change, EngineInfo, Loaded, Spawn, Weather
from bridge.engines.embedded.cameras import camera_named, check_cameras, named_cameras
from bridge.engines.embedded.orders import check_actions, check_ticks
from bridge.engines.embedded.roster import MOVING, things
from bridge.engines.unrealcv.changes import Setting, make, planned
from bridge.engines.unrealcv.checks import check_changes
from bridge.engines.unrealcv.clock import clock_of
from bridge.engines.unrealcv.orders import Orders
from bridge.engines.unrealcv.world import Known
from bridge.errors import EngineFailed, InvalidInput, NotSupported, SimbridgeError
from bridge.formats.wellformed import check_scene
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.unrealcv.answers import all_ok, color, refusal, text
from bridge.unrealcv.bodies import place_lines, pose_lines, poses_of
from bridge.unrealcv.channel import Channel, connect, leave
from bridge.unrealcv.dialect import EDIT, LEVEL, STATE, tongue_of
from bridge.unrealcv.extension import Exact, check_made, edit_line
from bridge.unrealcv.found import found_town
from bridge.unrealcv.looking import Looking, Witness
from bridge.unrealcv.spawned import read_blueprints, spawned_town
from bridge.unrealcv.town import Town

if TYPE_CHECKING:
    from bridge.engines.unrealcv import Config

VERSION = "1"
_MOVED_M = 0.01
_DISMOUNTED = "Base_User_Agent_C_"
"""How SimWorld names the humanoid that it makes of a rider."""
_log = logging.getLogger("bridge.unrealcv")


class UnrealCvEngine:
    """One connection to one Unreal world. Also a context manager."""

    def __init__(self, config: "Config") -> None:
        self._config = config
        self._blueprints = read_blueprints(config.blueprints)
        self._known: Known | None = None
        self._exact: Exact | None = None
        self._is_open, self._is_reset, self._broken, self._hash = True, False, "", 0
        self._connect()
        self._looking = Looking(self._connected, timeout_s=config.timeout_s, tries=config.tries)
        self.info = EngineInfo("unrealcv", self._version(), TICK_S, self._capabilities())

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene: as the world has it, or spawned. Raises InvalidScene, NotSupported, EngineFailed, EngineUnavailable."""
        self._opened()
        check_scene(scene)
        roster = {thing.name: thing for thing in things(scene, ())}
        joints = next((name for name, thing in roster.items() if thing.role == "robot"), "")
        if joints:
            raise NotSupported(f"Engine 'unrealcv' commands no joints, and '{joints}' of '{scene.name}' moves by them.")
        self._reconnect()
        town = self._town_of(scene)
        self._scene, self._roster = scene, roster
        self._is_reset, self._broken = False, ""
        known = self._begin(town)
        return Loaded(tuple(known.agents), named_cameras(known.as_cameras_see_it(), {}))

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode: everything back in its place. What Unreal leaves to chance, no seed governs."""
        town = self._loaded().town
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise InvalidInput(f"reset was given the seed {seed!r}. Give it a whole number.")
        if self._reconnect():
            town = self._town_of(self._scene)
        self._is_reset = False
        known = self._begin(self._restored(town))
        all_ok(lines := self._clock.begin(), self._ask(lines))
        self._is_reset, self._broken = True, ""
        return self._look_around(known)

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; agents that are not named keep doing what they do. Raises UnknownBody, InvalidAction."""
        known = self._ready()
        check_ticks(ticks)
        check_actions(actions, known.actors(), known.things, {})
        if "control" not in self.info.capabilities and any(one.motion is not None for one in actions.values()):
            raise NotSupported("This Unreal binary has no functions to move agents by. Use SimWorld's or UnrealZoo's.")
        told = known.orders.take(actions) + known.orders.lines(ticks, known.poses)
        lines = [one.line for one in told]
        with self._steady():
            asking: list[str] = []
            if self._clock.kind == "tick":
                if not any(one.skill for one in told):  # after skills, who is there is another question
                    asking = self._asking(known)
                answers, seen = self._ticked(lines, asking, ticks)
            else:
                answers, seen = self._ask(lines), []
                self._clock.run(self._connected(), ticks, self._config.timeout_s)
            for one, answer in zip(told, answers, strict=True):
                known.orders.heard(one, answer)
                if one.skill is None:
                    text(one.line, answer)
            self._welcome(known, [one.skill[0].name for one in told if one.skill and one.skill[1].verb == "dismount"])
            known.tick += ticks
            return self._look_around(known, ticks, asking, seen)

    def _welcome(self, known: Known, names: Sequence[str]) -> None:
        """Whoever gets off a scooter in SimWorld is another actor than the one who got on: it takes over the name."""
        for name in names if self._tongue.dialect == "simworld" else ():
            listed = text("vget /objects", self._ask(["vget /objects"])[0]).split()
            there = known.town.there[name]
            fresh = [actor for actor in listed if actor.startswith(_DISMOUNTED)]
            if fresh and there.casefold() not in {actor.casefold() for actor in listed}:
                all_ok(lines := [f"vset /object/{fresh[-1]}/name {there}"], self._ask(lines))

    def _ticked(self, lines: Sequence[str], asking: Sequence[str], ticks: int) -> tuple[list[bytes], list[bytes]]:
        """A step in one batch: the answers to `lines`, and to what asks for the state after them and so many ticks."""
        passing = self._clock.tick_lines(ticks, is_ours=self._tongue.is_ours)
        answers = self._ask([*lines, *passing, *asking], ticks)
        passed = answers[len(lines) : len(lines) + len(passing)]
        for line, answer in zip(passing, passed, strict=True):
            if line.startswith("vset"):
                text(line, answer)
        self._clock.passed(ticks)
        return answers[: len(lines)], answers[len(lines) + len(passing) :]

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks: checked whole first, undone where Unreal refuses one in the midst."""
        known = self._ready()
        if not changes:
            assert known.state is not None
            return known.state
        parts = [part.name for part in known.scene.parts if part.name not in known.gone]
        check_changes(changes, known.scene, known.things, parts)
        spawned = [change.name for change in changes if isinstance(change, Spawn)]
        with self._steady():
            if known.is_exact and self._tongue.has(EDIT):
                check_made(self._ask([edit_line(changes)])[0])
            else:
                setting = Setting(
                    known.town, self._tongue, known.poses, known.spawned, {name: known.next_id(name) for name in spawned},
                    self._weather_manager(changes), known.environment, self._blueprints, known.town.scales,
                    known.scene.assets,
                )  # fmt: skip
                make(self._connected(), planned(changes, setting), self._config.timeout_s)
            known.note(changes)
            self._learn_colors(known, [name for name in spawned if name in known.things])
            return self._look_around(known)

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, proven to be of the present tick. Raises UnknownCamera, InvalidInput, EngineFailed."""
        known = self._ready()
        if isinstance(cameras, str) or isinstance(modalities, str):
            raise InvalidInput(f"cameras is {cameras!r} and modalities {modalities!r}; expected lists of them.")
        unknown = [name for name in modalities if name not in MODALITIES]
        if unknown:
            raise InvalidInput(f"There is no picture of '{unknown[0]}' here. Ask for some of: {', '.join(MODALITIES)}.")
        assert known.state is not None
        riding = {agent.name: agent.riding for agent in known.state.agents if agent.riding}
        look = known.as_cameras_see_it()
        found = [camera_named(look, one, riding) if isinstance(one, str) else one for one in cameras]
        check_cameras(found, [*known.things, *(part.name for part in known.scene.parts)])
        asked: list[Modality] = [name for name in MODALITIES if name in modalities]
        with self._steady():
            return self._looking.observe(
                [known.in_the_world(camera) for camera in found], asked, tick=known.tick, border=known.town.border,
                witness=self._witness(known), id_of=known.id_of,
            )  # fmt: skip

    def state_hash(self) -> int:
        """64 bits of the state: the gateway's own where it tells one, else of what is known of the world."""
        known = self._ready()
        if known.is_exact:
            return self._hash
        assert known.state is not None
        state, orders = known.state, known.orders.agents.values()
        hasher = hashlib.blake2b(digest_size=8)
        hasher.update(f"{known.tick};{known.environment!r};{state.names!r};{state.agents!r};".encode())
        hasher.update(";".join(f"{one.name}{one.order.motion!r}" for one in orders).encode())
        hasher.update(np.ascontiguousarray(state.poses).tobytes())
        return int.from_bytes(hasher.digest(), "little")

    def close(self) -> None:
        """Gives everything back; the engine cannot be used afterwards. The game, which was paused for us, runs on."""
        self._is_open = False
        channel, self._channel = self._channel, None
        if channel is not None:
            leave(channel, min(self._config.timeout_s, 5.0))

    def __enter__(self) -> "UnrealCvEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the scene is not in Unreal as the scene says, in sentences."""
        return self._loaded().town.notes

    @property
    def lag_s(self) -> float:
        """How far the game's time is from that of the ticks: 0 where it ticks, else what pausing it costs."""
        return self._clock.ran_s - self._clock.asked_s

    # ---- the world

    def _begin(self, town: Town) -> Known:
        is_exact = self._tongue.is_ours and not town.is_spawned
        self._exact = Exact() if is_exact else None
        self._known = Known(
            self._scene, town, self._roster, self._tongue.dialect, is_exact=is_exact, watch_m=self._config.watch_m
        )
        return self._known

    def _asking(self, known: Known) -> list[str]:
        """What asks for the state."""
        return [self._exact.line] if self._exact is not None else known.asking()

    def _look_around(
        self, known: Known, ticks: int = 0, asking: Sequence[str] = (), answers: Sequence[bytes] = ()
    ) -> WorldState:
        """The state, of answers that came with a step's, or asked for now."""
        if not answers:
            asking = self._asking(known)
            answers = self._ask(asking)
        if self._exact is not None:
            told, self._hash = self._exact.read(answers[0])
            return known.told(told)
        return known.seen(asking, answers, ticks, self._clock.time_of(known.tick))

    def _witness(self, known: Known) -> Witness:
        if self._exact is not None:
            return Witness((self._exact.line,), tells_the_moment=True)
        on_foot = [name for name in known.orders.agents if name not in known.aboard()]
        return Witness(tuple(pose_lines([known.town.there[name] for name in on_foot])))

    def _learn_colors(self, known: Known, names: Sequence[str]) -> None:
        """How new things look in masks."""
        if not known.is_exact:
            for name in names:
                known.label(name, None)
            return
        lines = [f"vget /object/{known.town.there[name]}/color" for name in names]
        for name, line, answer in zip(names, lines, self._ask(lines), strict=True):
            if not refusal(answer):
                known.label(name, color(line, answer))

    def _weather_manager(self, changes: Sequence[Change]) -> str:
        if not any(isinstance(change, Weather) for change in changes):
            return ""
        names = text("vget /objects", self._ask(["vget /objects"])[0]).split()
        return next((name for name in names if "weather" in name.casefold()), "")

    def _town_of(self, scene: Scene) -> Town:
        channel, config = self._connected(), self._config
        self._looking.forget()
        found = found_town(channel, self._tongue, scene, config.timeout_s) if config.world != "spawn" else None
        if found is not None:
            return found
        if config.world == "as-is":
            raise EngineFailed(
                f"{channel.where} has no world of the scene '{scene.name}'. Open its level, or let it spawn."
            )
        return spawned_town(
            channel, self._tongue, scene, config.timeout_s, blueprints=self._blueprints, ground_z_cm=config.ground_z_cm
        )  # fmt: skip

    def _restored(self, town: Town) -> Town:
        """Everything back where the scene says. Our gateway loads its level anew; elsewhere things are put back."""
        known = self._loaded()
        if known.is_exact and self._tongue.has(LEVEL):
            (name,) = self._ask(["vget /level/name"])
            line = f"vset /action/game/level {text('vget /level/name', name)}"
            all_ok([line], self._ask([line]))
            self._looking.forget()
        else:
            there = known.town.there
            aboard = known.aboard()
            self._ask([f"vbp {there[vehicle]} GetOffScooter" for vehicle in aboard.values()])
            self._welcome(known, list(aboard))
            self._ask([f"vset /object/{there[name]}/destroy" for name in known.spawned])
            self._ask([f"vset /object/{there[name]}/show" for name in sorted(known.gone) if name in town.there])
            self._put_back(known.original(town))
        return known.original(town)

    def _put_back(self, town: Town) -> None:
        """Everything that moves stops, and stands where the scene says."""
        home = {name: thing.pose for name, thing in self._roster.items() if thing.role in MOVING and name in town.there}
        if "control" in self.info.capabilities:
            halted = Orders(self._tongue.dialect, self._roster, town.there)
            halted.enrol(agent.name for agent in self._scene.agents if agent.name in town.there)
            halted.take({name: Action() for name in halted.agents})
            self._ask([one.line for one in halted.lines(1, {})])
        if home:
            lines = pose_lines([town.there[name] for name in home])
            now = poses_of(town, list(home), lines, self._ask(lines))
            astray = {
                name: pose
                for (name, pose), at in zip(home.items(), now, strict=True)
                if np.linalg.norm(pose[:3] - at[:3]) > _MOVED_M or abs(float(pose[3:] @ at[3:])) < 1 - 1e-5
            }
            all_ok(moves := place_lines(town, astray), self._ask(moves))

    # ---- the connection

    def _ask(self, lines: Sequence[str], ticks: int = 0) -> list[bytes]:
        return self._connected().ask(lines, self._config.timeout_s + 10 * ticks * TICK_S)

    def _connect(self) -> None:
        config = self._config
        self._channel: Channel | None = connect(
            config.engine_address, config.connect_timeout_s, token_file=config.token_file
        )
        try:
            self._tongue = tongue_of(self._channel, config.dialect, config.timeout_s)
            self._clock = clock_of(self._tongue, config.clock)
        except BaseException:
            self._channel.close()
            raise

    def _connected(self) -> Channel:
        if self._channel is None or not self._channel.is_open:
            raise EngineFailed("The connection to Unreal is closed. Reset the world to connect again.")
        return self._channel

    def _reconnect(self) -> bool:
        """Connects anew where the connection broke; whether it had."""
        if self._channel is not None and self._channel.is_open:
            return False
        self._connect()
        _log.warning("Connected to %s anew.", self._connected().where)
        return True

    @contextmanager
    def _steady(self) -> Iterator[None]:
        """While the connection lasts: if it breaks, nobody knows what became of the world until a reset."""
        try:
            yield
        except SimbridgeError as error:
            if self._channel is None or not self._channel.is_open:
                self._broken = (
                    f"The connection to Unreal broke ({error}) What became of the world is not known: reset it."
                )
            raise

    def _version(self) -> str:
        tongue, channel = self._tongue, self._connected()
        return f"{VERSION} ({tongue.dialect} {tongue.version}, {channel.project} at {channel.where})"

    def _capabilities(self) -> tuple[Capability, ...]:
        found: list[Any] = ["rgb", "depth", "segmentation", "normals"]
        found += ["edit", "control"] if self._tongue.dialect != "unrealcv" else []
        found += ["contacts", "skills"] if self._tongue.has(STATE) else []
        return tuple(found)

    def _opened(self) -> None:
        if not self._is_open:
            raise EngineFailed("This engine was closed. Open another with bridge.engines.open_engine('unrealcv').")

    def _loaded(self) -> Known:
        self._opened()
        if self._known is None:
            raise EngineFailed(
                "This engine has no world yet. Call load(bridge.read_scene(folder)), then reset(seed=0)."
            )
        return self._known

    def _ready(self) -> Known:
        known = self._loaded()
        if self._broken:
            raise EngineFailed(self._broken)
        if not self._is_reset:
            raise EngineFailed("The world was loaded but not reset. Call reset(seed=0) before the first step.")
        return known
