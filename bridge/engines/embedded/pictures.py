"""Pictures of a world by any renderer: opened when first asked, shown the world as it is, told where everything is.

What was removed keeps its row in the table of instances, deep below the ground, and what is spawned gets rows at its
end, so that ids stay the same until the next load or reset.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bridge.engine import TICK_S
from bridge.engines.embedded.compile import DEEP_M
from bridge.engines.embedded.roster import Thing
from bridge.engines.embedded.world import World
from bridge.render import open_renderer
from bridge.scene import Asset, Environment, Material, Mesh, Part, Placements, Scene
from bridge.types import Camera, Frame, Modality, Renderer, WorldState

Color = tuple[float, float, float]


class Pictures:
    """The renderer of an engine, and the scene it is shown."""

    def __init__(self, renderer: str) -> None:
        self._wanted = renderer
        self._renderer: Renderer | None = None
        self._shown: Scene | None = None

    def observe(
        self,
        scene: Scene,
        world: World,
        hidden: Sequence[str],
        cameras: Sequence[Camera],
        modalities: Sequence[Modality],
    ) -> tuple[Frame, ...]:
        """Frames of `world`, which looks like `scene` without what is `hidden`."""
        if self._renderer is None:
            self._renderer = open_renderer(self._wanted)
        if self._shown is not scene:
            self._renderer.load(scene)
            self._shown = scene
        self._renderer.pose(_everything(world, hidden))
        return self._renderer.observe(cameras, modalities)

    def close(self) -> None:
        """Gives the renderer back."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = self._shown = None


def _everything(world: World, hidden: Sequence[str]) -> WorldState:
    """Where everything is that is not where the scene says."""
    stood = [
        thing for thing in world.things.values() if thing.role == "static" and thing is not world.start.get(thing.name)
    ]
    names = (*world.names, *(thing.name for thing in stood), *hidden)
    deep = np.tile([0.0, 0.0, DEEP_M, 1.0, 0.0, 0.0, 0.0], (len(hidden), 1))
    poses = np.concatenate([world.poses(), np.array([thing.pose for thing in stood]).reshape(-1, 7), deep])
    return WorldState(world.tick, world.tick * TICK_S, names, poses)


def dressed(scene: Scene, spawned: Sequence[Thing], paints: dict[str, Color], environment: Environment) -> Scene:
    """The scene with things more, other colours and other weather; instances keep their ids."""
    groups: list[Placements] = []
    assets, materials = dict(scene.assets), dict(scene.materials)
    more = [Placements(t.asset.name, (t.name,), t.pose[None], t.scale[None]) for t in spawned]
    for group in (*scene.placements, *more):
        painted = [row for row, name in enumerate(group.names) if name in paints]
        cuts = sorted({0, len(group.names), *painted, *(row + 1 for row in painted)})
        for first, last in itertools.pairwise(cuts):
            piece = replace(
                group, names=group.names[first:last], poses=group.poses[first:last], scale=group.scale[first:last]
            )
            if first in painted:
                asset = _painted_asset(scene.assets[group.asset], paints[group.names[first]], materials)
                assets[asset.name] = asset
                piece = replace(piece, asset=asset.name)
            groups.append(piece if len(cuts) > 2 else group if not painted else piece)
    parts = tuple(
        _painted_part(part, paints[part.name], materials) if part.name in paints else part for part in scene.parts
    )
    return replace(
        scene, parts=parts, assets=assets, placements=tuple(groups), materials=materials, environment=environment
    )  # fmt: skip


def _painted_asset(asset: Asset, color: Color, materials: dict[str, Material]) -> Asset:
    material = _paint(color, materials)
    lods = tuple(_painted(mesh, material) for mesh in asset.lods)
    return replace(asset, name=f"{asset.name} {material}", lods=lods)


def _painted_part(part: Part, color: Color, materials: dict[str, Material]) -> Part:
    return replace(part, mesh=_painted(part.mesh, _paint(color, materials)))


def _paint(color: Color, materials: dict[str, Material]) -> str:
    name = "paint " + " ".join(repr(float(share)) for share in color)
    materials[name] = Material(name, color, roughness=0.6)
    return name


def _painted(mesh: Mesh, material: str) -> Mesh:
    return replace(mesh, material=np.zeros_like(mesh.material), materials=(material,))
