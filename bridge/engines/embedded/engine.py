"""The embedded engine: the `Engine` protocol over one world, its skills, its changes and its pictures."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from bridge.collecting import not_collecting
from bridge.engine import TICK_S, Action, Actions, Capability, Change, EngineInfo, Loaded
from bridge.engines.embedded.cameras import camera_named, check_cameras, named_cameras
from bridge.engines.embedded.changes import Changes
from bridge.engines.embedded.crew import Crew, crewed
from bridge.engines.embedded.near import NearWorld
from bridge.engines.embedded.orders import check_actions, check_ticks
from bridge.engines.embedded.pictures import Pictures
from bridge.engines.embedded.skills import Skills
from bridge.engines.embedded.world import World
from bridge.errors import EngineFailed, InvalidInput
from bridge.formats.wellformed import check_scene
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState

if TYPE_CHECKING:
    from bridge.engines.embedded import Config


class EmbeddedEngine:
    """MuJoCo's physics and any renderer's pictures. Also a context manager."""

    def __init__(self, config: "Config") -> None:
        import mujoco

        words: tuple[Capability, ...] = (
            "rgb", "depth", "segmentation", "normals", "edit", "contacts", "robots", "skills", "control",
        )  # fmt: skip
        self.info = EngineInfo("embedded", mujoco.__version__, TICK_S, words)
        if config.detail == "near":
            self.info = EngineInfo("embedded", f"{mujoco.__version__} in near detail", TICK_S, (*words, "leaps"))
        self._config = config
        self._pictures = Pictures(config.renderer, config.renderer_address, config.renderer_token_file)
        self._world: World | None = None
        self._prepared: tuple[Scene, tuple[Crew, World]] | None = None
        self._is_open = True
        self._broken = ""

    def load(self, scene: Scene) -> Loaded:
        """Takes a scene; replaces the one before. `reset` follows before the first step. Raises InvalidScene, InvalidInput."""
        self._opened()
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared[0] is scene:
            crew, world = prepared[1]
        else:
            check_scene(scene)
            crew, world = self._built(scene, lambda: None)
        self._world, self._is_reset, self._broken = world, False, ""
        self._begin(world)
        added = crew.scene.instances()[len(scene.instances()) :]
        return Loaded(tuple(world.agents()), named_cameras(world, {}), added)

    def prepare(self, scene: Scene) -> None:
        """Does beforehand what `load` of this very scene will take, while the world stays as it is; raises the same.

        The scene keeps the rules of bridge.formats.wellformed: nobody looks after that again. Afterwards its digest is
        known as well.
        """
        self._opened()
        self._prepared = None
        self._prepared = scene, self._built(scene, scene.digest)

    def _built(self, scene: Scene, meanwhile: Callable[[], object]) -> tuple[Crew, World]:
        with not_collecting():
            crew = crewed(scene, self._config.robot, self._config.robot_at)
            return crew, self._made(crew, meanwhile)

    def _made(self, crew: Crew, meanwhile: Callable[[], object]) -> World:
        kind = NearWorld if self._config.detail == "near" else World
        return kind(crew, reserve=self._config.reserve, sleeps=self._config.sleeps, meanwhile=meanwhile)

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode. Nothing in this engine is left to chance: all seeds give the same world."""
        world = self._loaded()
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise InvalidInput(f"reset was given the seed {seed!r}. Give it a whole number.")
        world.reset()
        self._begin(world)
        self._is_reset, self._broken = True, ""
        return self._state()

    def _begin(self, world: World) -> None:
        self._checked: dict[str, Action] = {}
        self._skills = Skills(world)
        self._changes = Changes(world, self._skills)

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; agents that are not named keep doing what they do. Raises UnknownBody, InvalidAction."""
        world = self._ready()
        check_ticks(ticks)
        fresh = {name: action for name, action in actions.items() if self._checked.get(name) is not action}
        check_actions(fresh, self._skills.actors, world.things, world.robots)
        self._checked |= fresh
        for name, action in actions.items():
            self._skills.begin(name, action)
        try:
            self._run(world, ticks)
        except EngineFailed as error:
            self._broken = str(error)
            raise
        return self._state()

    def _run(self, world: World, ticks: int) -> None:
        """Skills, physics, and what agents notice of it: tick by tick, or from one end of a skill to the next at once."""
        skills = self._skills
        if not world.leaps:
            for left in reversed(range(ticks)):
                skills.advance()
                world.advance(reports=not left)
                skills.notice()
            return
        while ticks:
            soonest = skills.soonest()
            if soonest is None or soonest > 1:
                run = ticks if soonest is None else min(ticks, soonest - 1)
                skills.skip(run)
            else:
                run = 1
                world.survey()
                skills.advance()
            world.go(run)
            skills.notice()
            ticks -= run

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing. Raises InvalidChange, UnknownBody, UnknownName."""
        self._ready()
        self._changes.make(changes)
        self._checked.clear()
        return self._state()

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the present tick. Raises UnknownCamera, InvalidInput."""
        world = self._ready()
        if isinstance(cameras, str) or isinstance(modalities, str):
            raise InvalidInput(f"cameras is {cameras!r} and modalities {modalities!r}; expected lists of them.")
        unknown = [name for name in modalities if name not in MODALITIES]
        if unknown:
            raise InvalidInput(f"There is no picture of '{unknown[0]}' here. Ask for some of: {', '.join(MODALITIES)}.")
        riding = self._skills.riding()
        found = [camera_named(world, one, riding) if isinstance(one, str) else one for one in cameras]
        check_cameras(found, [*world.things, *(part.name for part in world.parts)])
        if not found:
            return ()
        return self._pictures.observe(self._changes.scene, world, self._changes.hidden, riding, found, modalities)

    @property
    def options(self) -> dict[str, object]:
        """What physics depends on of what this engine was opened with, where it is not the usual."""
        told = {item.name: (getattr(self._config, item.name), item.default) for item in fields(self._config)}
        return {
            name: value for name, (value, usual) in told.items() if value != usual and not name.startswith("renderer")
        }

    @property
    def scene(self) -> Scene:
        """The scene as it is now, with what was spawned, painted and weathered; its instances are those of frames."""
        self._loaded()
        return self._changes.scene

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        return self._ready().digest(self._skills.digest())

    def close(self) -> None:
        """Gives everything back; the engine cannot be used afterwards."""
        self._pictures.close()
        self._world = self._prepared = None
        self._is_open = False

    def __enter__(self) -> "EmbeddedEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _state(self) -> WorldState:
        world = self._loaded()
        poses, velocities = world.poses(), world.velocities()
        for array in (poses, velocities):
            array.setflags(write=False)
        return WorldState(
            tick=world.tick,
            time_s=world.tick * TICK_S,
            names=world.names,
            poses=poses,
            velocities=velocities,
            contacts=world.contacts.report(world.bodies, world.compiled.standing),
            agents=self._skills.states(),
            revision=self._changes.revision,
        )

    def _opened(self) -> None:
        if not self._is_open:
            raise EngineFailed("This engine was closed. Open another with bridge.engines.open_engine('embedded').")

    def _loaded(self) -> World:
        self._opened()
        if self._world is None:
            raise EngineFailed(
                "This engine has no world yet. Call load(bridge.read_scene(folder)), then reset(seed=0)."
            )
        return self._world

    def _ready(self) -> World:
        world = self._loaded()
        if self._broken:
            raise EngineFailed(self._broken)
        if not self._is_reset:
            raise EngineFailed("The world was loaded but not reset. Call reset(seed=0) before the first step.")
        return world
