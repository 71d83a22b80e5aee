"""What a server knows of its world: what is loaded, and the last state that the engine told."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bridge.codec import message_of_state
from bridge.engine import Loaded
from bridge.errors import Refused
from bridge.scene import Instance
from bridge.types import WorldState


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
    watchers: set[asyncio.Event] = field(default_factory=set)
    _names: tuple[str, ...] | None = None

    def begin(self, loaded: Loaded, instances: tuple[Instance, ...], scene_digest: str) -> None:
        """Another scene is loaded; it waits for its reset."""
        self.epoch += 1
        self.loaded, self.agents = loaded, dict.fromkeys(loaded.agents)
        self.instances, self.scene_digest = instances, scene_digest
        self.state, self.is_loaded, self.lost_by = None, True, ""
        self.wake()

    def lose(self, crash: str) -> list[str]:
        """The engine crashed: what was loaded will be loaded again, and waits for its reset; agents that are gone."""
        gone = [agent for agent in self.agents if agent not in self.loaded.agents]
        self.epoch += 1
        self.agents, self.state, self.lost_by = dict.fromkeys(self.loaded.agents), None, crash
        self.wake()
        return gone

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
