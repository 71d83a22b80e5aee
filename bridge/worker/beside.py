"""UnrealCV's clients beside the server: two ways to one world, on the one thread that owns its engine.

What these clients do happens between the server's orders, and is told with the report of the next one.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from bridge.edits import ByOthers
from bridge.engine import Actions, Change, Engine, Loaded
from bridge.errors import NotSupported, UnknownBody
from bridge.gateways.unrealcv.all_commands import all_commands
from bridge.gateways.unrealcv.draft import Draft
from bridge.gateways.unrealcv.images import Files
from bridge.gateways.unrealcv.listening import Settings
from bridge.gateways.unrealcv.server import Gateway
from bridge.gateways.unrealcv.stage import Stage
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState

QUIET_S, LONGEST_S = 0.1, 2.0
"""What clients build by the clock reaches the engine when nothing has come for so long, or after so long in any case."""


class Overheard:
    """An engine that notes what it is told, for those who must know of it."""

    def __init__(self, engine: Engine):
        self.info, self._engine = engine.info, engine
        self.deeds = ByOthers()

    def load(self, scene: Scene) -> Loaded:
        """Is the server's affair. Raises NotSupported."""
        raise NotSupported("Another scene is loaded by the server's clients: scenegen --to ADDRESS does it.")

    def reset(self, *, seed: int) -> WorldState:
        """See bridge.engine.Engine."""
        state = self._engine.reset(seed=seed)
        self.deeds = ByOthers(have_reset=True)
        return state

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """See bridge.engine.Engine."""
        return self._engine.step(actions, ticks)

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """See bridge.engine.Engine."""
        state = self._engine.edit(changes)
        self.deeds.changes += changes
        return state

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """See bridge.engine.Engine."""
        return self._engine.observe(cameras, modalities)

    def state_hash(self) -> int:
        """See bridge.engine.Engine."""
        return self._engine.state_hash()

    def close(self) -> None:
        """Whoever opened the engine closes it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class Beside:
    """The gateway at an engine that a server drives. Raises what listening raises.

    `is_paced`: the server's steps are the clock's, and are left out while one of the clients holds the time.
    """

    def __init__(self, engine: Engine, settings: Settings, *, is_paced: bool):
        self._engine, self._is_paced = Overheard(engine), is_paced
        files = Files(Path(settings.folder) if settings.folder else None)
        self.stage = Stage(self._engine, files=files, project=settings.project, size=(settings.width, settings.height))
        self.gateway = Gateway(partial(all_commands().answer, self.stage), settings)
        self.stage.port = self.gateway.port
        self._setting: tuple[Scene, Loaded] | None = None
        self._news = (0, 0.0, 0.0)
        """How much of a new world the engine has not been told of, since when, and when there came more of it."""
        if is_paced:
            self.stage.puts_off = self._puts_off

    @property
    def has_begun(self) -> bool:
        """Whether there is a world that clients can be told of."""
        return self._setting is not None and self.stage.state is not None

    def prepared(self, scene: Scene) -> Scene:
        """The scene with what clients may want to put into it."""
        return self.stage.prepared(scene)

    def loaded(self, scene: Scene, loaded: Loaded) -> None:
        """Another scene, which waits for its reset; as does what clients ask for."""
        self._setting = scene, loaded
        self.stage.begin(scene, loaded)

    def began(self, state: WorldState) -> None:
        """The server has reset the world."""
        assert self._setting is not None
        self._engine.deeds = ByOthers()
        self.stage.begin(*self._setting, state)

    def edited(self, state: WorldState, changes: Sequence[Change]) -> None:
        """The server has changed the world."""
        self.stage.took(state, changes)

    def state(self) -> WorldState | None:
        """The world as it is, with all that clients have changed."""
        if self.has_begun:
            self.stage.flush()
        return self.stage.state

    def step(self, actions: Actions, ticks: int) -> WorldState:
        """The server's step, with what clients have told agents to do.

        While one of them holds the time, the clock moves nothing: what agents are told is done when time goes on. It also
        goes as fast as they have said.
        """
        stage = self.stage
        passing = stage.clock.passing(ticks) if self._is_paced else ticks
        if passing:
            return stage.step(actions, passing)
        stage.settle()
        for name, action in actions.items():
            actor = stage.of_thing(name)
            if actor is None:
                raise UnknownBody(f"No agent '{name}' is there any more: one of UnrealCV's clients took it away.")
            stage.act(actor, action)
        assert stage.state is not None
        return stage.state

    def _puts_off(self, draft: Draft) -> bool:
        """Whether clients are still building: what comes, goes or grows costs an engine as much one by one as all at once."""
        now, count = perf_counter(), len(draft.spawned) + len(draft.removed) + len(draft.resized)
        before, since, latest = self._news
        if count == 0 or before == 0:
            since = now
        if count != before:
            latest = now
        is_put_off = count > 0 and now - latest < QUIET_S and now - since < LONGEST_S
        self._news = (count if is_put_off else 0, since, latest)
        return is_put_off

    def drain(self) -> ByOthers:
        """What clients have done since the last time."""
        deeds, self._engine.deeds = self._engine.deeds, ByOthers()
        return deeds

    def close(self) -> None:
        """Ends all connections."""
        self.gateway.close()
        self.stage.files.close()
