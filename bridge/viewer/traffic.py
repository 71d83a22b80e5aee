"""Cars and walkers that go about by themselves in a world that is watched: brought in, told where to go, taken out."""

from collections.abc import Mapping

from bridge.control import Ambient, Town
from bridge.engine import Action, Engine, Remove
from bridge.errors import NotAllowed, NotSupported
from bridge.scene import Scene
from bridge.types import WorldState
from bridge.viewer.show import Show

CARS, WALKERS = 10, 20
LOOKS_EVERY_TICKS = 5
"""Steps are no longer than this, so that nobody walks on blindly where the world goes faster than the clock."""


def may_have_traffic(show: Show, scene: Scene) -> bool:
    """Whether somebody could walk or drive there, and this viewer may bring them."""
    semantics = {asset.semantic for asset in scene.assets.values()}
    is_peopled = bool({"person", "vehicle"} & semantics) and len(scene.navigation.edges) > 0
    return is_peopled and show.film is None and show.steps and show.edits and show.drives


def check_traffic(show: Show, scene: Scene) -> None:
    """Raises NotAllowed where there can be none."""
    if not may_have_traffic(show, scene):
        raise NotAllowed("There can be no traffic from here: the world is recorded, only watched, or has no ways.")


class Traffic:
    """The traffic of one town. Preparing it takes a moment, and may be done on any thread."""

    def __init__(self, scene: Scene, *, seed: int) -> None:
        self._town, self._seed = Town(scene), seed
        self._begin()
        if not self._ambient.names:
            raise NotSupported(
                f"Nobody can drive or walk in '{scene.name}': it has no lanes with cars and no sidewalks."
            )

    def _begin(self) -> None:
        self._ambient = Ambient(self._town, seed=self._seed, vehicles=CARS, pedestrians=WALKERS)
        self._spawns = self._ambient.spawns()

    @property
    def names(self) -> tuple[str, ...]:
        """Who goes about."""
        return self._ambient.names

    @property
    def spawned(self) -> Mapping[str, str]:
        """The asset of everybody."""
        return {spawn.name: spawn.asset for spawn in self._spawns}

    def enter(self, engine: Engine, *, anew: bool = False) -> WorldState:
        """Brings everybody in, `anew` after a reset. Raises NameTaken where somebody else has brought them."""
        if anew:
            self._begin()
        return engine.edit(self._spawns)

    def leave(self, engine: Engine, state: WorldState) -> WorldState:
        """Takes out whoever is still there."""
        there = set(state.names)
        return engine.edit([Remove(name) for name in self.names if name in there])

    def is_whole(self, state: WorldState) -> bool:
        """Whether all are there still; somebody else may have taken some away."""
        return set(self.names) <= set(state.names)

    def act(self, state: WorldState) -> dict[str, Action]:
        """What everybody does from now on; to be asked before every step."""
        return self._ambient.act(state)
