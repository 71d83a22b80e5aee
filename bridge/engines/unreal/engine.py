"""The engine `unreal`: the `Engine` protocol over the line to UE5 with our plug-in, in lockstep.

When the line breaks the world is lost, and every call says so until `reset` or `load` connects again and tells the scene
anew: nothing goes on as if nothing had been.
"""

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from bridge import codec, ring
from bridge.codec import fields
from bridge.engine import TICK_S, Action, Actions, Capability, Change, EngineInfo, Loaded
from bridge.engines.embedded.orders import check_actions, check_ticks
from bridge.engines.unreal.known import Known, check_changes
from bridge.errors import DamagedData, EngineFailed, InvalidInput, NotSupported
from bridge.formats.wellformed import check_scene
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.unreal.channel import Channel, reach
from bridge.unreal.looks import Instant, Looks
from bridge.unreal.telling import tell
from bridge.v1 import link_pb2 as pb

if TYPE_CHECKING:
    from bridge.engines.unreal import Config

_ANEW_S = 45.0
"""How long a reset may take in all that connects and tells the scene again: less than a server waits for any call but a load."""
_WORDS = get_args(Capability)


class UnrealEngine:
    """One world in Unreal; used by one thread. Also a context manager."""

    info: EngineInfo

    def __init__(self, config: "Config") -> None:
        where = reach(config.engine_address, config.token_file, connect_timeout_s=config.connect_timeout_s)
        self._config, self._channel = config, Channel(where)
        self._looks = Looks(self._channel, ring.folder() if config.shared_memory == "auto" and where.is_here else None)
        self._known: Known | None = None
        self._state: WorldState | None = None
        self._names: dict[int, tuple[str, ...]] = {}
        self._told: dict[str, tuple[Action, Any]] = {}
        self._hash: int | None = None
        self._epoch, self._is_told, self._is_open = 0, False, True
        self._connect()

    def load(self, scene: Scene) -> Loaded:
        """Tells Unreal a scene, piece by piece; the one before stays until all of it is there. Raises InvalidScene, NotSupported."""
        self._opened()
        check_scene(scene)
        known = Known(scene)
        if not self._channel.is_up:
            self._connect()
        loaded = self._tell(known, self._config.load_timeout_s)
        self._known, self._state = known, None
        return loaded

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode. The same seed gives the same world. After a broken line it connects, and tells the scene again."""
        known = self._loaded()
        seed = fields.whole(seed, "seed", low=0, high=(1 << 64) - 1)
        limit_s = self._config.step_timeout_s
        if not self._is_told or not self._channel.is_up:
            end = monotonic() + _ANEW_S
            if not self._channel.is_up:
                self._connect()
            self._tell(known, min(end - monotonic(), self._config.load_timeout_s))
            limit_s = min(limit_s, max(end - monotonic(), 1.0))
        state = self._moved(pb.Order(epoch=self._epoch + 1, reset=pb.ResetWorld(seed=seed)), "reset", limit_s)
        self._epoch += 1
        known.begin()
        self._told.clear()
        return state

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; agents that are not named keep doing what they do. Raises UnknownBody, InvalidAction."""
        known, before = self._ready()
        check_ticks(ticks)
        fresh = {name: action for name, action in actions.items() if self._said_before(name) is not action}
        if fresh:
            check_actions(fresh, known.actors, known.things, {})
            self._told |= {name: (action, codec.message_of_action(action)) for name, action in fresh.items()}
        told = {name: self._told[name][1] for name in actions}
        order = pb.Order(epoch=self._epoch, advance=pb.Advance(actions=told, ticks=ticks))
        try:
            limit_s = self._config.step_timeout_s + 10 * ticks * self.info.tick_s
            state = self._moved(order, "step", limit_s)
        except BaseException:
            self._told = {name: told for name, told in self._told.items() if name not in fresh}
            raise
        if state.tick != before.tick + ticks:
            self._state = None
            raise EngineFailed(
                f"Unreal at {self._channel.address} was asked for {ticks} ticks from tick {before.tick} on, and is at tick "
                f"{state.tick}. Somebody else lets it run: leave the level to simbridge alone, and reset."
            )
        return state

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing. Raises InvalidChange, UnknownBody, UnknownName, NameTaken."""
        known, _ = self._ready()
        check_changes(changes)
        made = [codec.message_of_change(change) for change in changes]
        state = self._moved(
            pb.Order(epoch=self._epoch, edit=pb.EditWorld(changes=made)), "edit", self._config.step_timeout_s
        )
        known.apply(changes)
        self._told.clear()
        return state

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all proven to be of the present tick. Raises Refused where they are not."""
        known, state = self._ready()
        if isinstance(cameras, str) or isinstance(modalities, str):
            raise InvalidInput(f"cameras is {cameras!r} and modalities {modalities!r}; expected lists of them.")
        codec.numbers_of_modalities(modalities)
        missing = [name for name in modalities if name not in self.info.capabilities]
        if missing:
            raise NotSupported(
                f"Unreal at {self._channel.address} has no {', '.join(missing)}: see its info.capabilities."
            )
        found = known.looking(cameras, state)
        if not found or not modalities:
            return tuple(Frame(camera.name, state.tick) for camera in found)
        instant = Instant(state.epoch, state.tick, state.revision)
        return self._looks.observe(found, modalities, instant, limit_s=self._config.step_timeout_s)

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        self._ready()
        if self._hash is None:
            order = pb.Order(epoch=self._epoch, stand_still=pb.StandStill(), wants_hash=True)
            self._hash = self._channel.ask(order, "state_hash", self._config.step_timeout_s).state_hash
        return self._hash

    def close(self) -> None:
        """Takes leave of Unreal, which goes on; the engine cannot be used afterwards."""
        if self._is_open:
            self._is_open = False
            self._channel.close()
            self._looks.close()

    def __enter__(self) -> "UnrealEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> None:
        """A new connection, at which nothing is told yet. Raises NotSupported for an Unreal with other ticks."""
        self._is_told, self._state, self._names, self._hash = False, None, {}, None
        report = self._channel.open()
        with self._channel.reading("open"):
            told = codec.info_of_message(report.engine)
        if abs(told.tick_s - TICK_S) > 1e-9:
            self._channel.close()
            raise NotSupported(
                f"Unreal at {self._channel.address} has ticks of {told.tick_s:g} s; expected {TICK_S:g} s, which tasks count "
                "on. Set the plug-in's tick to that."
            )
        version = f"{told.name} {told.version} at {self._channel.address}"
        self.info = EngineInfo(
            "unreal", version, told.tick_s, tuple(word for word in _WORDS if word in told.capabilities)
        )

    def _tell(self, known: Known, limit_s: float) -> Loaded:
        """Tells the scene; what Unreal says of it. Whatever fails, this end has changed nothing."""
        end, scene, cameras = monotonic() + limit_s, known.scene, known.cameras()
        report = pb.Report()
        for piece in tell(scene, tuple(cameras.values())):
            order = pb.Order(epoch=self._epoch + 1, build=piece)
            report = self._channel.ask(order, f"load ({piece.WhichOneof('piece')})", max(end - monotonic(), 0.05))
        agents = known.agents
        if sorted(report.scene.agents) != sorted(agents) or report.scene.scene_digest not in ("", scene.digest()):
            self._is_told = False
            raise EngineFailed(
                f"Unreal at {self._channel.address} has loaded something else than scene '{scene.name}': its agents are "
                f"{list(report.scene.agents)[:8]}, expected {list(agents)[:8]}. Install the plug-in of this simbridge there."
            )
        self._epoch, self._is_told, self._hash = self._epoch + 1, True, None
        self._told.clear()
        with self._channel.reading("load"):
            return Loaded(agents, cameras, codec.instances_of_message(report.scene))

    def _moved(self, order: pb.Order, what: str, limit_s: float) -> WorldState:
        """The state after an order that may have moved the world."""
        order.wants_state = True
        order.known_names = next(iter(self._names), 0)
        self._hash = None
        report = self._channel.ask(order, what, limit_s)
        told = report.state
        if told.names:
            self._names = {told.names_version: tuple(told.names)}
        self._state = None
        if not report.HasField("state") or told.names_version not in self._names:
            raise DamagedData(
                f"Unreal at {self._channel.address} answered '{what}' without a state or with names of version "
                f"{told.names_version}, which were never told. Install the plug-in of this simbridge there, and reset."
            )
        with self._channel.reading(what):
            state = codec.state_of_message(told, known=self._names)
        if not np.isfinite(state.poses).all():
            lost = state.names[int(np.argmin(np.isfinite(state.poses).all(axis=1)))]
            raise EngineFailed(
                f"In Unreal at {self._channel.address} '{lost}' is nowhere: its pose is not finite. Its physics broke down: "
                "look at its log, and reset."
            )
        self._state = state
        return state

    def _said_before(self, name: str) -> Action | None:
        found = self._told.get(name)
        return found[0] if found is not None else None

    def _opened(self) -> None:
        if not self._is_open:
            raise EngineFailed(
                "This engine was closed. Open another with bridge.engines.open_engine('unreal', engine_address=...)."
            )

    def _loaded(self) -> Known:
        self._opened()
        if self._known is None:
            raise EngineFailed(
                "This engine has no world yet. Call load(bridge.read_scene(folder)), then reset(seed=0)."
            )
        return self._known

    def _ready(self) -> tuple[Known, WorldState]:
        known = self._loaded()
        if not self._channel.is_up or not self._is_told:
            raise EngineFailed(
                f"The world in Unreal at {self._channel.address} was lost when the connection broke. Call reset(seed=...): it "
                "connects again, tells the scene anew and begins it."
            )
        if self._state is None:
            raise EngineFailed(
                "The world was not reset, or has come to harm since. Call reset(seed=0), which begins it."
            )
        return known, self._state
