"""What is watched: an engine with a town in it, opened on the thread that will own it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.edits import Edits
from bridge.engine import Engine, Loaded
from bridge.errors import InvalidInput, NotAllowed, NotSupported, Refused, UnknownBody
from bridge.imagining import RemoteModel
from bridge.plugins import unknown_name
from bridge.scene import Environment, Scene
from bridge.types import WorldState


class Film(Protocol):
    """What of a world was recorded: it has an end, and can be seen from anywhere on."""

    @property
    def span(self) -> tuple[int, int]:
        """The first tick and the last one."""
        ...

    @property
    def spawned(self) -> Mapping[str, str]:
        """The assets of what came into the world meanwhile, by name."""
        ...

    def seek(self, tick: int) -> WorldState:
        """The last state up to that tick."""
        ...

    def environment(self) -> Environment:
        """The air at this moment."""
        ...


@dataclass(frozen=True, eq=False)
class Show:
    """An engine and the first state of its world.

    Where `steps` is False somebody else steps the world and `look` says how it is; `drives` and `edits` say whether this
    viewer may move agents and change the world. Where others may change it, too, `changed` says what it has become. A
    recorded world has a `film`, and waits for its audience. `dreams` connects to the world model beside the world, if any.
    """

    engine: Engine
    loaded: Loaded
    state: WorldState
    steps: bool = True
    drives: bool = True
    edits: bool = True
    look: Callable[[], WorldState] | None = None
    film: Film | None = None
    changed: Callable[[], Edits] | None = None
    dreams: Callable[[], RemoteModel | None] = lambda: None

    def has_ended(self, state: WorldState) -> bool:
        """Whether that is the last state of a recording."""
        return self.film is not None and state.tick >= self.film.span[1]

    def check_steps(self) -> None:
        """Raises NotAllowed where somebody else steps the world."""
        if not self.steps:
            raise NotAllowed("This world is only watched; whoever drives it steps it. View the town itself to do so.")

    def check_drives(self, agent: str) -> None:
        """Raises NotAllowed where nobody is driven from here, UnknownBody for who is no agent."""
        if not self.drives:
            raise NotAllowed("This world is only watched, its agents cannot be driven from here.")
        if agent not in self.loaded.agents:
            raise UnknownBody(unknown_name("agent", agent, self.loaded.agents))


Opening = Callable[[], Show]


def own_world(make_engine: Callable[[], Engine], scene: Scene, *, seed: int) -> Opening:
    """A world of our own on any engine."""

    def open_show() -> Show:
        engine = make_engine()
        try:
            loaded = engine.load(scene)
            return Show(engine, loaded, engine.reset(seed=seed), edits="edit" in engine.info.capabilities)
        except BaseException:
            engine.close()
            raise

    return open_show


def served_world(
    address: str, scene: Scene, *, is_observer: bool, seed: int, tls: Any = None, token: str = ""
) -> Opening:
    """The world of a running server, as one of its clients; it must have the same town. Raises InvalidInput."""

    def dreams() -> RemoteModel | None:
        try:
            return RemoteModel(address, tls=tls, token=token)
        except NotSupported:
            return None

    def open_show() -> Show:
        import bridge

        role = "observer" if is_observer else "controller"
        engine: Any = bridge.connect(address, client_name="viewer", role=role, tls=tls, token=token)
        try:
            found = engine.instances()
            if [row.name for row in found] != [row.name for row in scene.instances()]:
                raise InvalidInput(
                    f"The server at {address} has another town than '{scene.name}': {len(found)} things instead of "
                    f"{len(scene.instances())}. Give the folder of the town that is served there."
                )
            try:
                state = engine.state()
            except Refused:
                if is_observer:
                    raise
                state = engine.reset(seed=seed)
            may = not is_observer
            loaded, look, changed = engine.loaded(), engine.state, engine.edits
            return Show(
                engine, loaded, state, steps=may, drives=may, edits=may, look=look, changed=changed, dreams=dreams
            )
        except BaseException:
            engine.close()
            raise

    return open_show
