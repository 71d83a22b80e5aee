"""What a server knows of its world: what is loaded, and the last state that the engine told."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.codec import message_of_state
from bridge.edits import ByOthers, Edits, Ledger
from bridge.engine import Change, Engine, Loaded
from bridge.errors import Refused
from bridge.scene import Asset, Environment, Instance, Scene
from bridge.types import WorldState
from bridge.weather import changed, told


@dataclass(eq=False)
class World:
    """The world as it was last told of. `epoch` counts loads and resets; `names_version` changes of the names."""

    epoch: int = 0
    loaded: Loaded = field(default_factory=lambda: Loaded(()))
    agents: dict[str, None] = field(default_factory=dict)
    instances: tuple[Instance, ...] = ()
    scene_digest: str = ""
    is_loaded: bool = False
    state: WorldState | None = None
    lost_by: str = ""
    names_version: int = 0
    environment: Environment = field(default_factory=Environment)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    watchers: set[asyncio.Event] = field(default_factory=set)
    on_begin: Callable[[Scene, Loaded], None] = lambda scene, loaded: None
    """Hears of each scene that is loaded, on the engine's thread."""
    _names: tuple[str, ...] | None = None

    def begin(self, loaded: Loaded, scene: Scene, digest: str) -> None:
        """Another scene, of that digest, is loaded; it waits for its reset."""
        self.epoch += 1
        self.loaded, self.agents = loaded, dict.fromkeys(loaded.agents)
        self.instances, self.scene_digest, self.environment = scene.instances(), digest, scene.environment
        self.assets = scene.assets
        self.ledger = Ledger()
        self.state, self.is_loaded, self.lost_by = None, True, ""
        self.on_begin(scene, loaded)
        self.wake()

    def lose(self, crash: str) -> list[str]:
        """The engine crashed: what was loaded will be loaded again, and waits for its reset; agents that are gone."""
        gone = [agent for agent in self.agents if agent not in self.loaded.agents]
        self.epoch += 1
        self.agents, self.state, self.lost_by = dict.fromkeys(self.loaded.agents), None, crash
        self.wake()
        self.ledger = Ledger()
        return gone

    def restart(self, state: WorldState) -> WorldState:
        """Keeps the first state after a reset; called on the engine's thread."""
        self.epoch += 1
        self.ledger = Ledger()
        return self.show(state)

    def edited(self, changes: Sequence[Change], state: WorldState) -> WorldState:
        """Keeps the state after changes, and them; called on the engine's thread."""
        self.ledger.take(changes)
        return self.show(state)

    def heard(self, made: ByOthers) -> None:
        """Keeps what others did, whose state is still to be shown; called on the engine's thread."""
        if made.have_reset:
            self.epoch += 1
            self.ledger = Ledger()
        self.ledger.take(made.changes)

    def catch_up(self, engine: Engine) -> None:
        """Before it is told of: the world as others have left it, if others act on it at all; on the engine's thread."""
        look = getattr(engine, "catch_up", None)
        state = look() if look is not None and self.state is not None else None
        if state is not None:
            self.show(state)

    def edits(self) -> Edits:
        """What the scene has become since its reset. Raises Refused before one; called on the engine's thread."""
        now, ledger = self.present(), self.ledger
        return Edits(
            ledger.changes(), told(changed(self.environment, ledger.weather)), epoch=self.epoch, revision=now.revision,
            instances=self._spawned(),
        )  # fmt: skip

    def _spawned(self) -> tuple[Instance, ...]:
        """The rows of label images that the scene's table does not have; "other" for assets that are the engine's own."""
        rows = (*self.instances, *self.loaded.added)
        begun = {row.name for row in rows} if self.ledger.rows else set()
        fresh = [(name, asset) for name, asset in self.ledger.rows.items() if name not in begun]
        found = []
        for number, (name, key) in enumerate(fresh, start=len(rows) + 1):
            asset = self.assets.get(key)
            found.append(Instance(number, name, asset.kind if asset else key, asset.semantic if asset else "other"))
        return tuple(found)

    def show(self, state: WorldState) -> WorldState:
        """Keeps a new state; called on the engine's thread."""
        if state.names != self._names:
            self._names = state.names
            self.names_version += 1
        self.state = state
        return state

    def wake(self) -> None:
        """Lets those who watch look again."""
        for event in self.watchers:
            event.set()

    def present(self) -> WorldState:
        """The present state. Raises Refused before a reset."""
        if self.state is None:
            if self.lost_by:
                raise Refused(f"The engine was started anew after crash {self.lost_by}. Reset the world and go on.")
            missing = "Reset it first." if self.is_loaded else "Load a scene and reset it first."
            raise Refused(f"The world has not begun. {missing}")
        return self.state

    def message(self, state: WorldState, known_names: int = 0) -> Any:
        """A state as it travels, without names if the reader has those of that version."""
        return message_of_state(state, epoch=self.epoch, names_version=self.names_version, known_names=known_names)
