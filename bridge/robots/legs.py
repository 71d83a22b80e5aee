"""Quadrupeds taken apart: the kit's four-legged robots have one mesh; here it becomes a trunk, thighs and shanks."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bridge.meshes import bounds, mesh, transformed
from bridge.robots.placing import LINK_KIND
from bridge.scene import Asset, Mesh, Placements, Scene

LEGS = ("front-left", "front-right", "rear-left", "rear-right")
_KIND = "quadruped"
_HEIGHT = 0.74
"""The height that the joints below are measured for [m]; others are scaled."""
HIPS = np.array([[x, y, 0.53] for x in (0.3, -0.3) for y in (0.22, -0.22)])
KNEES = np.array([[x - 0.14, np.sign(y) * 0.23, 0.3] for x, y, _ in HIPS])
FEET = np.array([[x + 0.02, np.sign(y) * 0.23, 0.0375] for x, y, _ in HIPS])


@dataclass(frozen=True, eq=False)
class Pieces:
    """A quadruped's trunk, and for each of LEGS its thigh (origin at the hip) and shank (origin at the knee)."""

    trunk: Mesh
    thighs: tuple[Mesh, ...]
    shanks: tuple[Mesh, ...]


def with_legs(scene: Scene) -> tuple[Scene, dict[str, float]]:
    """The scene with the legs of its quadrupeds as links of their own, "name/front-left-thigh" and so on, and their scales.

    Those whose mesh does not come apart like the kit's stay whole.
    """
    scales: dict[str, float] = {}
    assets, groups, links = dict(scene.assets), [], []
    for group in scene.placements:
        asset = scene.assets[group.asset]
        pieces = _pieces(asset) if asset.kind == _KIND else None
        if pieces is None:
            groups.append(group)
            continue
        trunk = replace(asset, name=f"{asset.name} trunk", lods=(pieces.trunk,))
        assets[trunk.name] = trunk
        groups.append(replace(group, asset=trunk.name))
        for kind, meshes in (("thigh", pieces.thighs), ("shank", pieces.shanks)):
            for leg, shape in zip(LEGS, meshes, strict=True):
                link = _link(asset, f"{leg}-{kind}", shape)
                assets[link.name] = link
                names = tuple(f"{name}/{leg}-{kind}" for name in group.names)
                links.append(Placements(link.name, names, group.poses, group.scale))
        scales |= {
            name: float(scale[2]) * asset.size[2] / _HEIGHT
            for name, scale in zip(group.names, group.scale, strict=True)
        }
    if not scales:
        return scene, {}
    return replace(scene, assets=assets, placements=(*groups, *links)), scales


def link_names(name: str) -> tuple[str, ...]:
    """The names of a quadruped's links: four thighs, then four shanks."""
    return tuple(f"{name}/{leg}-{kind}" for kind in ("thigh", "shank") for leg in LEGS)


def _link(asset: Asset, part: str, shape: Mesh) -> Asset:
    low, high = bounds(shape.vertices)
    size = tuple((high - low).astype(float).tolist())
    return replace(
        asset, name=f"{asset.name}/{part}", kind=LINK_KIND, lods=(shape,), colliders=(), size=size, mass_kg=1.0
    )


def _pieces(asset: Asset) -> Pieces | None:
    """An asset's mesh in pieces; None if some leg has no thigh or no shank."""
    shape, unit = asset.lods[0], asset.size[2] / _HEIGHT
    label = _components(shape)
    middles = np.array(
        [shape.vertices[shape.triangles[label == one]].mean(axis=(0, 1)) for one in range(label.max() + 1)]
    )
    x, y, z = (middles / unit).T
    is_leg = (np.abs(y) > 0.19) & (z < 0.48)
    leg = 2 * (x + 0.1 < 0) + (y < 0)
    row = np.where(is_leg, 1 + leg + 4 * (z < 0.3), 0)
    chosen = [_part(shape, row[label] == index) for index in range(9)]
    if any(one is None for one in chosen):
        return None
    moved = [one for one in chosen if one is not None]
    thighs = tuple(transformed(one, _from(hip * unit)) for one, hip in zip(moved[1:5], HIPS, strict=True))
    shanks = tuple(transformed(one, _from(knee * unit)) for one, knee in zip(moved[5:], KNEES, strict=True))
    return Pieces(moved[0], thighs, shanks)


def _components(shape: Mesh) -> NDArray[np.int64]:
    """Which connected piece each triangle belongs to; corners at one place hang together."""
    _, place = np.unique(np.round(shape.vertices, 5), axis=0, return_inverse=True)
    corners = place.reshape(-1)[shape.triangles]
    count = int(place.max()) + 1
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]]])
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    label = connected_components(graph, directed=False)[1][corners[:, 0]]
    return np.unique(label, return_inverse=True)[1]


def _part(shape: Mesh, kept: NDArray[np.bool_]) -> Mesh | None:
    if not kept.any():
        return None
    used, triangles = np.unique(shape.triangles[kept], return_inverse=True)
    normals = None if shape.normals is None else shape.normals[used]
    return mesh(shape.vertices[used], triangles.reshape(-1, 3), shape.materials, shape.material[kept], normals)


def _from(origin: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, 3] = -origin
    return matrix
