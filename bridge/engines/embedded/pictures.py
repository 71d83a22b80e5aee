"""Pictures of a world by any renderer: opened when first asked, shown the world as it is, told where everything is.

What was removed keeps its row in the table of instances, deep below the ground, and what is spawned gets rows at its
end, so that ids stay the same until the next load or reset.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from bridge.engine import TICK_S
from bridge.engines.embedded.compile import DEEP_M
from bridge.engines.embedded.world import World
from bridge.render import open_renderer
from bridge.riders import TWO_WHEELERS, Shown, shown
from bridge.scene import Scene
from bridge.types import Camera, Frame, Modality, Renderer, WorldState


class Pictures:
    """The renderer of an engine, and the scene it is shown; `address` and `token_file` for one that is another program."""

    def __init__(self, renderer: str, address: str = "", token_file: str = "") -> None:
        self._wanted = renderer
        self._reach = {"engine_address": address} if address else {}
        if token_file:
            self._reach["token_file"] = token_file
        self._renderer: Renderer | None = None
        self._shown: Shown | None = None
        self._of: tuple[Scene, tuple[str, ...]] | None = None
        self._sunk: frozenset[str] = frozenset()
        """What the renderer was last told to be deep below."""

    def observe(
        self,
        scene: Scene,
        world: World,
        hidden: Sequence[str],
        riding: Mapping[str, str],
        cameras: Sequence[Camera],
        modalities: Sequence[Modality],
    ) -> tuple[Frame, ...]:
        """Frames of `world`, which looks like `scene` without what is `hidden`; `riding` says who sits on what."""
        if self._renderer is None:
            self._renderer = open_renderer(self._wanted, **self._reach)
        agents = tuple(world.agents())
        if self._shown is None or self._of is None or self._of[0] is not scene or self._of[1] != agents:
            self._shown, self._of = shown(scene, agents), (scene, agents)
            self._renderer.load(self._shown.scene)
            self._sunk = frozenset()
        look = self._shown
        astride = [name for name, on in riding.items() if world.things[on].asset.semantic in TWO_WHEELERS]
        risen = self._sunk.difference(hidden)
        self._sunk = frozenset(hidden)
        self._renderer.pose(look.state(_everything(world, hidden, risen), astride))
        frames = self._renderer.observe([look.camera(camera, astride) for camera in cameras], modalities)
        return tuple(look.frame(frame) for frame in frames)

    def close(self) -> None:
        """Gives the renderer back."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = self._shown = self._of = None


def _everything(world: World, hidden: Sequence[str], risen: Collection[str]) -> WorldState:
    """Where everything is that is not where the scene says, and what has `risen` from where it was hidden."""
    stood = [
        thing
        for thing in world.things.values()
        if thing.role == "static" and (thing is not world.start.get(thing.name) or thing.name in risen)
    ]
    parts = [part.name for part in world.parts if part.name in risen]
    names = (*world.names, *(thing.name for thing in stood), *parts)
    home = np.tile([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], (len(parts), 1))
    poses = np.concatenate([world.poses(), np.array([thing.pose for thing in stood]).reshape(-1, 7), home])
    if hidden:
        rows = {name: row for row, name in enumerate(names)}
        here, away = [rows[name] for name in hidden if name in rows], [name for name in hidden if name not in rows]
        deep = np.array([0.0, 0.0, DEEP_M, 1.0, 0.0, 0.0, 0.0])
        poses = np.concatenate([poses, np.tile(deep, (len(away), 1))])
        poses[here] = deep
        names = (*names, *away)
    return WorldState(world.tick, world.tick * TICK_S, names, poses)
