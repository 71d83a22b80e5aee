"""A scene as few large arrays to draw: triangles with normals, ids and materials, cut into chunks that can be culled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.ground import terrain_triangles, water_triangles
from bridge.render.palette import Palette
from bridge.scene import Mesh, Scene

CHUNK_M = 64.0
"""Parts wider than 1.5 times this are cut along a grid of this size, so that their far ends can be culled."""


@dataclass(frozen=True, eq=False)
class Triangles:
    """`positions` and `normals` float32 (n,3), `ids` and `materials` uint32 (n,), `indices` uint32 (m,3).

    All corners of a triangle carry the same id and material.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    ids: NDArray[np.uint32]
    materials: NDArray[np.uint32]
    indices: NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Chunks:
    """Runs of triangles: boxes `low` and `high` float64 (k,3), `first` and `count` int64 (k,), in triangles.

    `is_closed` bool (k,): no back of a face can be seen from outside, so that backs need not be drawn. `layer` int (k,):
    0 ground, 1 paving on it, 2 paint on that, for depth order; `part` is the part's index or -1.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    layer: NDArray[np.int64]
    part: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Model:
    """One level of detail of an asset, in its own frame; `ids` are zero."""

    triangles: Triangles
    is_closed: bool


@dataclass(frozen=True, eq=False)
class Statics:
    """Everything that exists once. `water` holds the waters' surfaces, which are drawn apart."""

    solid: Triangles
    solid_chunks: Chunks
    water: Triangles
    water_chunks: Chunks


LAYERS = {"road": 1, "sidewalk": 1, "crossing": 2, "lane-marking": 2}


def drawable(mesh: Mesh, material_of: NDArray[np.uint32], ids: int = 0) -> Triangles:
    """A mesh ready to draw: flat faces get their own corners where neighbours differ, shared ones stay shared.

    `material_of` maps the mesh's material indices to the palette's.
    """
    return _split(
        mesh.vertices,
        mesh.triangles.astype(np.int64),
        material_of[mesh.material],
        np.full(len(mesh.triangles), ids, np.uint32),
        mesh.normals,
    )


def _split(
    vertices: NDArray[np.float32],
    triangles: NDArray[np.int64],
    materials: NDArray[np.uint32],
    ids: NDArray[np.uint32],
    normals: NDArray[np.float32] | None,
) -> Triangles:
    """Splits vertices whose faces differ in material or, for flat meshes, in direction; linear in the triangles."""
    corners = vertices[triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    face = (face / np.maximum(np.linalg.norm(face, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    flat = triangles.ravel()
    uses = np.maximum(np.bincount(flat, minlength=len(vertices)), 1)
    by_corner = np.repeat(np.arange(len(triangles)), 3)
    of_vertex = np.zeros(len(vertices), dtype=np.int64)
    of_vertex[flat] = by_corner
    differs = materials[by_corner] != materials[of_vertex[flat]]
    if normals is None:
        differs |= np.abs(face[by_corner] - face[of_vertex[flat]]).max(axis=1) > 2e-4
        normals = face[of_vertex]
        own = face[by_corner]
    else:
        own = normals[flat]
    is_split = np.bincount(flat, weights=differs, minlength=len(vertices)) > 0
    corner_split = is_split[flat] & (uses[flat] > 1)
    added = np.flatnonzero(corner_split)
    indices = flat.copy()
    indices[added] = len(vertices) + np.arange(len(added))
    of_all = np.concatenate([of_vertex, by_corner[added]])
    return Triangles(
        np.concatenate([vertices, vertices[flat[added]]]).astype(np.float32),
        np.concatenate([normals, own[added]]).astype(np.float32),
        ids[of_all] if len(ids) else np.zeros(len(of_all), np.uint32),
        materials[of_all] if len(materials) else np.zeros(len(of_all), np.uint32),
        indices.reshape(-1, 3).astype(np.uint32),
    )


def model(mesh: Mesh, palette: Palette) -> Model:
    """One level of detail of an asset, ready to draw."""
    return Model(drawable(mesh, palette.indices(mesh.materials)), _is_closed(mesh))


def statics(scene: Scene, palette: Palette) -> Statics:
    """Terrain, parts and waters of a scene as two sets of triangles with their chunks."""
    pieces: list[Triangles] = []
    rows: list[tuple[NDArray, NDArray, int, int, bool, int, int]] = []
    start = 0
    for tile in terrain_triangles(scene):
        count = len(tile.indices)
        normals, positions = tile.normals, tile.positions
        pieces.append(Triangles(positions, normals, _full(tile.ids, 1), _full(tile.ids, 0), tile.indices))
        rows.append((positions.min(axis=0), positions.max(axis=0), start, count, True, 0, -1))
        start += count
    first_part = 2 + len(scene.waters)
    for index, part in enumerate(scene.parts):
        if not len(part.mesh.triangles):
            continue
        for mesh in _cut(part.mesh):
            piece = drawable(mesh, palette.indices(mesh.materials), first_part + index)
            low, high = piece.positions.min(axis=0), piece.positions.max(axis=0)
            layer = LAYERS.get(part.semantic, 0)
            rows.append((low, high, start, len(piece.indices), _is_closed(mesh), layer, index))
            pieces.append(piece)
            start += len(piece.indices)
    water: list[Triangles] = []
    water_rows: list[tuple[NDArray, NDArray, int, int, bool, int, int]] = []
    start = 0
    for index, positions, indices in water_triangles(scene):
        normals = np.tile(np.array([0, 0, 1], np.float32), (len(positions), 1))
        ids = np.full(len(positions), 2 + index, np.uint32)
        water.append(Triangles(positions, normals, ids, _full(ids, palette.water(scene.waters[index].kind)), indices))
        water_rows.append((positions.min(axis=0), positions.max(axis=0), start, len(indices), False, 0, -1))
        start += len(indices)
    return Statics(joined(pieces), _chunks(rows), joined(water), _chunks(water_rows))


def joined(pieces: Sequence[Triangles]) -> Triangles:
    """Many sets of triangles as one."""
    if not pieces:
        none = np.zeros((0, 3), np.float32)
        return Triangles(none, none, np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros((0, 3), np.uint32))
    starts = np.cumsum([0] + [len(piece.positions) for piece in pieces[:-1]])
    return Triangles(
        np.concatenate([piece.positions for piece in pieces]),
        np.concatenate([piece.normals for piece in pieces]),
        np.concatenate([piece.ids for piece in pieces]),
        np.concatenate([piece.materials for piece in pieces]),
        np.concatenate([piece.indices + np.uint32(start) for piece, start in zip(pieces, starts, strict=True)]),
    )


def _full(like: NDArray, value: int) -> NDArray[np.uint32]:
    return np.full(len(like), value, np.uint32)


def _cut(mesh: Mesh) -> list[Mesh]:
    """The mesh in pieces along a grid, if it is wide."""
    low, high = mesh.vertices[:, :2].min(axis=0), mesh.vertices[:, :2].max(axis=0)
    if (high - low).max() <= 1.5 * CHUNK_M or len(mesh.triangles) < 64:
        return [mesh]
    middle = mesh.vertices[mesh.triangles].mean(axis=1)[:, :2]
    cell = np.floor((middle - low) / CHUNK_M).astype(np.int64)
    key = cell[:, 0] * 65536 + cell[:, 1]
    order = np.argsort(key, kind="stable")
    pieces = []
    for faces in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        used, triangles = np.unique(mesh.triangles[faces], return_inverse=True)
        normals = None if mesh.normals is None else mesh.normals[used]
        triangles = triangles.reshape(-1, 3).astype(np.int32)
        pieces.append(Mesh(mesh.vertices[used], triangles, mesh.material[faces], mesh.materials, normals))
    return pieces


def _is_closed(mesh: Mesh) -> bool:
    """Whether the faces' areas cancel, but for an open underside: then no back of a face shows from outside."""
    a, b, c = np.moveaxis(mesh.vertices[mesh.triangles].astype(np.float64), 1, 0)
    area = np.cross(b - a, c - a) / 2
    total = np.linalg.norm(area, axis=1).sum()
    rest = area.sum(axis=0)
    return bool(np.abs(rest[:2]).max() <= 2e-3 * total and rest[2] >= -2e-3 * total)


def _chunks(rows: list[tuple[NDArray, NDArray, int, int, bool, int, int]]) -> Chunks:
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 7
    return Chunks(
        np.array(columns[0], dtype=np.float64).reshape(-1, 3),
        np.array(columns[1], dtype=np.float64).reshape(-1, 3),
        np.array(columns[2], dtype=np.int64),
        np.array(columns[3], dtype=np.int64),
        np.array(columns[4], dtype=bool),
        np.array(columns[5], dtype=np.int64),
        np.array(columns[6], dtype=np.int64),
    )


def boxes_in_view(low: NDArray, high: NDArray, planes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes (k,3) reach into the frustum of `planes` (5,4)."""
    centre, half = (low + high) / 2, (high - low) / 2
    reach = centre @ planes[:, :3].T + planes[:, 3] + half @ np.abs(planes[:, :3]).T
    return (reach >= 0).all(axis=1)


def level_of_detail(size_m: NDArray, distance_m: NDArray, pixel_rad: float, levels: NDArray) -> NDArray[np.int64]:
    """The level to draw (0 fine) of things so large, so far, that have so many levels; -1 where under half a pixel."""
    pixels = size_m / np.maximum(distance_m, 0.1) / pixel_rad
    wanted = (pixels < 150).astype(np.int64) + (pixels < 45)
    return np.where(pixels < 0.5, -1, np.minimum(wanted, levels - 1))
