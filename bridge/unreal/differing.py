"""How a scene that is to be shown differs from the one that was told: as changes, so that not all of it is told again.

Engines show their renderers the scene anew with every spawn, paint and shower (bridge/dressed.py); those are the same
arrays with a few rows more, a colour more, another sky. Whatever else differs is no such scene.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bridge.dressed import Color, Scale
from bridge.engine import Change, Paint, Resize, Spawn, Weather
from bridge.scene import Asset, Environment, Scene
from bridge.types import Pose
from bridge.weather import changed, told

_PAINT = "paint "
"""What materials that bridge.dressed makes are called, before their colour."""


@dataclass(frozen=True)
class Appearance:
    """A scene as it differs from one that was told: things more; other sizes and colours by name; and its sky."""

    spawned: Mapping[str, Spawn] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    paints: Mapping[str, Color] = field(default_factory=dict)
    environment: Environment = field(default_factory=Environment)

    def since(self, other: "Appearance") -> list[Change] | None:
        """The changes that make this of `other`; None where something would have to be undone."""
        kept = ((self.spawned, other.spawned), (self.scales, other.scales), (self.paints, other.paints))
        if any(there.keys() - here.keys() for here, there in kept):
            return None
        if any(self.spawned[name].asset != spawn.asset for name, spawn in other.spawned.items()):
            return None
        made: list[Change] = [spawn for name, spawn in self.spawned.items() if name not in other.spawned]
        made += [Resize(name, scale) for name, scale in self.scales.items() if other.scales.get(name) != scale]
        made += [Paint(name, color) for name, color in self.paints.items() if other.paints.get(name) != color]
        if self.environment != other.environment:
            weather = told(self.environment)
            if changed(other.environment, weather) != self.environment:
                return None
            made.append(Weather(**vars(weather)))
        return made


def appearance(scene: Scene, base: Scene) -> Appearance | None:
    """What is to be seen of `scene` beyond `base`; None where it is another scene."""
    if (
        scene.terrain is not base.terrain
        or scene.waters is not base.waters
        or scene.lights is not base.lights
        or len(scene.parts) != len(base.parts)
    ):
        return None
    paints: dict[str, Color] = {}
    for part, known in zip(scene.parts, base.parts):
        if part is known:
            continue
        color = _color(scene, part.mesh.materials)
        if part.name != known.name or part.mesh.vertices is not known.mesh.vertices or color is None:
            return None
        paints[part.name] = color
    stood = {
        name: (group.asset, tuple(scale))
        for group in base.placements
        for name, scale in zip(group.names, np.asarray(group.scale).tolist())
    }
    missing, spawned, scales = set(stood), {}, {}
    for group in scene.placements:
        asset = scene.assets[group.asset]
        plain, color = _undressed(scene, base, asset)
        if plain is None:
            return None
        for name, pose, scale in zip(group.names, group.poses, map(tuple, np.asarray(group.scale).tolist())):
            was, usual = stood.get(name, (plain, (1.0, 1.0, 1.0)))
            if was != plain:
                return None
            if name not in stood:
                spawned[name] = Spawn(name, plain, Pose(np.array(pose[:3]), np.array(pose[3:])))
            missing.discard(name)
            if scale != usual:
                scales[name] = scale
            if color is not None:
                paints[name] = color
    return None if missing else Appearance(spawned, scales, paints, scene.environment)


def _undressed(scene: Scene, base: Scene, asset: Asset) -> tuple[str | None, Color | None]:
    """The asset of the scene that was told which this one is, and the colour it was painted; None for a new one."""
    if base.assets.get(asset.name) is asset:
        return asset.name, None
    name, paint, _ = asset.name.rpartition(f" {_PAINT}")
    known = base.assets.get(name)
    if not paint or known is None or not asset.lods or asset.lods[0].vertices is not known.lods[0].vertices:
        return None, None
    color = _color(scene, asset.lods[0].materials)
    return (name, color) if color is not None else (None, None)


def _color(scene: Scene, materials: tuple[str, ...]) -> Color | None:
    """The colour of what has one paint and nothing else."""
    if len(materials) != 1 or not materials[0].startswith(_PAINT):
        return None
    return scene.materials[materials[0]].base_color
