"""A scene as changes leave it: with what was spawned, in other colours and weather; instances keep their ids."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from bridge.scene import Asset, Environment, Material, Mesh, Part, Placements, Scene

Color = tuple[float, float, float]
"""Linear red, green and blue, 0 to 1."""
Scale = tuple[float, float, float]
"""Times the size of an asset, along its own axes."""


def dressed(
    scene: Scene,
    spawned: Sequence[Placements],
    paints: Mapping[str, Color],
    environment: Environment,
    scales: Mapping[str, Scale] = MappingProxyType({}),
) -> Scene:
    """The scene with things more at the end of its table, with colours and sizes by name, and under another sky."""
    groups: list[Placements] = []
    assets, materials = dict(scene.assets), dict(scene.materials)
    for group in (*scene.placements, *spawned):
        if scales:
            group = _scaled(group, scales)
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


def _scaled(group: Placements, scales: Mapping[str, Scale]) -> Placements:
    rows = [row for row, name in enumerate(group.names) if name in scales]
    if not rows:
        return group
    sizes = np.array(group.scale, dtype=np.float64)
    sizes[rows] = [scales[group.names[row]] for row in rows]
    return replace(group, scale=sizes)


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
