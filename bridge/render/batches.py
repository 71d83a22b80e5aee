"""A scene as few large arrays to draw: triangles with normals, ids and materials, cut into chunks that can be culled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.ground import TILE, Sheet, apron, terrain_levels, terrain_tiles, water_sheets
from bridge.render.palette import Palette
from bridge.scene import Mesh, Scene

CHUNK_M = 64.0
"""Parts wider than 1.5 times this are cut along a grid of this size, so that their far ends can be culled."""
_OPEN_SHARE = 0.12
"""How much of a part's faces may be sheets on its walls (panes, signs) for its backs to count as hidden."""


THIN_M = (0.06, 0.10, 0.16, 0.26, 0.42, 0.70)
"""Thicknesses [m] of details that may be left out where they are far thinner than a pixel."""


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

    Thin details (frames, bars, sills) come last: `stout` int64 (k, 1 + len(THIN_M)) is how many triangles there are
    without those thinner than none of THIN_M, the first of them, and so on.

    `is_closed` bool (k,): no back of a face can be seen from outside, so that backs need not be drawn. `layer` int (k,):
    0 ground, 1 paving on it, 2 paint on that, for depth order; `part` is the part's index, or -1 (terrain), -2 (apron).
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    layer: NDArray[np.int64]
    part: NDArray[np.int64]
    stout: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Model:
    """One level of detail of an asset, in its own frame; `ids` are zero."""

    triangles: Triangles
    is_closed: bool


@dataclass(frozen=True, eq=False)
class Statics:
    """Everything that exists once: `solid` holds the terrain's finest tiles, the apron and the parts, in this order.

    `water` holds the waters' surfaces, which are drawn apart.
    """

    solid: Triangles
    chunks: Chunks
    water: Triangles
    water_chunks: Chunks


@dataclass(frozen=True, eq=False)
class TerrainLevels:
    """Tiles of the terrain, row by row, at all levels of detail: `first`, `count` int64 (tiles, levels) in triangles.

    `bare` are the counts without skirts, `error_m` (tiles, levels) is how far below the true ground a level lies at
    most; `columns` is how many tiles there are in a row.
    """

    triangles: Triangles
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    bare: NDArray[np.int64]
    error_m: NDArray[np.float64]
    columns: int


LAYERS = {"road": 1, "sidewalk": 1, "crossing": 2, "lane-marking": 2}


def statics(scene: Scene, palette: Palette, *, has_terrain: bool = True) -> Statics:
    """Terrain (if wanted), parts and waters of a scene as two sets of triangles with their chunks."""
    ground = [*(terrain_tiles(scene) if has_terrain else ()), apron(scene)]
    pieces = [_labelled(sheet, 1, 0) for sheet in ground]
    chunks = [_chunks_of(pieces, [-1] * (len(ground) - 1) + [-2], np.ones(len(ground), bool), [0] * len(ground))]
    first_part = 2 + len(scene.waters)
    cut = [(mesh, index) for index, part in enumerate(scene.parts) for mesh in _cut(part.mesh)]
    for is_smooth in (False, True):
        some = [(mesh, index) for mesh, index in cut if (mesh.normals is not None) == is_smooth]
        if some:
            layers = [LAYERS.get(scene.parts[index].semantic, 0) for _, index in some]
            piece, table = _merged(some, palette, first_part, layers)
            pieces.append(piece)
            chunks.append(table)
    waters = [
        _labelled(sheet, 2 + index, palette.water(scene.waters[index].kind))
        for index, sheet in enumerate(water_sheets(scene))
    ]
    none = len(waters)
    water_chunks = _chunks_of(waters, [-1] * none, np.zeros(none, bool), [0] * none)
    return Statics(joined(pieces), _in_a_row(chunks), joined(waters), water_chunks)


def levelled_terrain(scene: Scene) -> TerrainLevels:
    """All levels of detail of the terrain's tiles."""
    tiles = list(terrain_levels(scene))
    sheets = [sheet for levels in tiles for sheet in levels]
    count = np.array([len(sheet.indices) for sheet in sheets], np.int64)
    shape = (len(tiles), -1)
    return TerrainLevels(
        joined([_labelled(sheet, 1, 0) for sheet in sheets]),
        (np.cumsum(count) - count).reshape(shape),
        count.reshape(shape),
        (count - np.array([sheet.skirt for sheet in sheets])).reshape(shape),
        np.array([sheet.error_m for sheet in sheets]).reshape(shape),
        -(-(scene.terrain.heights.shape[1] - 1) // TILE),
    )


def models(meshes: Sequence[Mesh], palette: Palette) -> list[Model]:
    """Levels of detail of assets, ready to draw, in the order given."""
    made: dict[int, Model] = {}
    for is_smooth in (False, True):
        which = [index for index, mesh in enumerate(meshes) if (mesh.normals is not None) == is_smooth]
        some = [(meshes[index], 0) for index in which if len(meshes[index].triangles)]
        if not some:
            continue
        merged, chunks = _merged(some, palette, 0, [0] * len(some), open_share=2e-3)
        full = [index for index in which if len(meshes[index].triangles)]
        for place, index in enumerate(full):
            piece = run_of(merged, int(chunks.first[place]), int(chunks.count[place]))
            made[index] = Model(piece, bool(chunks.is_closed[place]))
    return [made.get(index, Model(joined([]), True)) for index in range(len(meshes))]


def run_of(solid: Triangles, first: int, count: int) -> Triangles:
    """A run of triangles by itself."""
    used, local = np.unique(solid.indices[first : first + count], return_inverse=True)
    return Triangles(
        solid.positions[used],
        solid.normals[used],
        solid.ids[used],
        solid.materials[used],
        local.reshape(-1, 3).astype(np.uint32),
    )


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


def boxes_in_view(low: NDArray, high: NDArray, planes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes (k,3) reach into the frustum of `planes` (5,4)."""
    centre, half = (low + high) / 2, (high - low) / 2
    reach = centre @ planes[:, :3].T + planes[:, 3] + half @ np.abs(planes[:, :3]).T
    return np.asarray((reach >= 0).all(axis=1))


def level_of_detail(size_m: NDArray, distance_m: NDArray, pixel_rad: float, levels: NDArray) -> NDArray[np.int64]:
    """The level to draw (0 fine) of things so large, so far, that have so many levels; -1 where under a pixel."""
    pixels = size_m / np.maximum(distance_m, 0.1) / pixel_rad
    wanted = (pixels < 120).astype(np.int64) + (pixels < 40)
    return np.where(pixels < 1.0, -1, np.minimum(wanted, levels - 1))


def _labelled(sheet: Sheet, instance: int, material: int) -> Triangles:
    count = len(sheet.positions)
    ids, materials = np.full(count, instance, np.uint32), np.full(count, material, np.uint32)
    return Triangles(sheet.positions, sheet.normals, ids, materials, sheet.indices)


def _merged(
    some: list[tuple[Mesh, int]],
    palette: Palette,
    first_part: int,
    layers: list[int],
    open_share: float = _OPEN_SHARE,
) -> tuple[Triangles, Chunks]:
    """Meshes with their parts' indices as one set of triangles, a chunk each; all smooth or all flat."""
    meshes = [mesh for mesh, _ in some]
    parts = np.array([part for _, part in some], np.int64)
    points = np.array([len(mesh.vertices) for mesh in meshes])
    count = np.array([len(mesh.triangles) for mesh in meshes])
    tables = [palette.indices(mesh.materials) for mesh in meshes]
    owner = np.repeat(np.arange(len(meshes)), count)
    table = np.cumsum([0] + [len(table) for table in tables[:-1]])
    materials = np.concatenate(tables)[np.concatenate([mesh.material for mesh in meshes]) + table[owner]]
    vertices = np.concatenate([mesh.vertices for mesh in meshes])
    start = np.cumsum(points) - points
    triangles = np.concatenate([mesh.triangles for mesh in meshes]).astype(np.int64) + start[owner, None]
    normals = None
    if meshes[0].normals is not None:
        normals = np.concatenate([mesh.normals for mesh in meshes if mesh.normals is not None])
    area = _areas(vertices, triangles)
    first = np.cumsum(count) - count
    rest = np.add.reduceat(area, first)
    total = np.add.reduceat(np.linalg.norm(area, axis=1), first)
    rank = _thinness(vertices, triangles, area)
    order = np.argsort(owner * 8 + rank, kind="stable")
    triangles, materials = triangles[order], materials[order]
    ids = (first_part + parts[owner]).astype(np.uint32)
    levels = len(THIN_M) + 1
    by_rank = np.bincount(owner * levels + rank, minlength=levels * len(meshes)).reshape(-1, levels)
    chunks = Chunks(
        np.minimum.reduceat(vertices, start).astype(np.float64),
        np.maximum.reduceat(vertices, start).astype(np.float64),
        first,
        count.astype(np.int64),
        _hides_backs(rest, total, open_share),
        np.array(layers, np.int64),
        parts,
        np.cumsum(by_rank, axis=1)[:, ::-1],
    )
    return _split(vertices, triangles, area[order], materials, ids, normals), chunks


def _thinness(vertices: NDArray, triangles: NDArray[np.int64], area: NDArray) -> NDArray[np.int64]:
    """Per triangle 0 for stout ones, up to len(THIN_M) for the thinnest.

    A detail is a run of triangles that shares no vertex with what comes before or after. It is as thick as its thickest
    triangle is high; only the edges of a slab and the moulding around a pane, triangles that are lower than those that
    make up half of the detail's area, count by themselves.
    """
    a, b, c = triangles.T
    reached = np.maximum.accumulate(np.maximum(np.maximum(a, b), c))
    to_come = np.minimum.accumulate(np.minimum(np.minimum(a, b), c)[::-1])[::-1]
    starts = np.concatenate([[True], to_come[1:] > reached[:-1]])
    first = np.flatnonzero(starts)
    detail = np.cumsum(starts) - 1
    longest = np.zeros(len(triangles), np.float32)
    for here, there in ((a, b), (b, c), (c, a)):
        side = vertices[there] - vertices[here]
        longest = np.maximum(longest, np.einsum("ij,ij->i", side, side))
    size = np.linalg.norm(area, axis=1)
    height = 2 * size / np.sqrt(np.maximum(longest, 1e-12))
    order = np.lexsort((height, detail))
    lower = np.cumsum(size[order])
    before = np.concatenate([[0.0], lower])[first]
    half = before + np.add.reduceat(size, first) / 2
    edges = np.zeros(len(triangles), bool)
    edges[order] = lower < half[detail]
    # A triangle as high as the one in the middle is no edge, whatever order the two came in.
    typical = np.full(len(first), np.inf)
    np.minimum.at(typical, detail[~edges], height[~edges])
    edges &= height < 0.9 * typical[detail]
    thickness = np.where(edges, height, np.maximum.reduceat(height, first)[detail])
    return len(THIN_M) - np.searchsorted(THIN_M, thickness, side="right")


def _split(
    vertices: NDArray[np.float32],
    triangles: NDArray[np.int64],
    area: NDArray[np.float64],
    materials: NDArray[np.uint32],
    ids: NDArray[np.uint32],
    normals: NDArray[np.float32] | None,
) -> Triangles:
    """Splits vertices whose faces differ in material or, for flat meshes, in direction; linear in the triangles."""
    face = area / np.maximum(np.linalg.norm(area, axis=1, keepdims=True), 1e-20)
    flat = triangles.ravel()
    of_corner = np.repeat(np.arange(len(triangles)), 3)
    of_vertex = np.zeros(len(vertices), dtype=np.int64)
    of_vertex[flat] = of_corner
    differs = materials[of_corner] != materials[of_vertex[flat]]
    is_flat = normals is None
    if is_flat:
        face = face.astype(np.float32)
        differs |= np.abs(face[of_corner] - face[of_vertex[flat]]).max(axis=1) > 2e-4
    is_split = np.zeros(len(vertices), bool)
    is_split[flat[differs]] = True
    added = np.flatnonzero(is_split[flat])
    indices = flat.astype(np.uint32)
    indices[added] = len(vertices) + np.arange(len(added), dtype=np.uint32)
    owner = np.concatenate([of_vertex, of_corner[added]])
    if normals is None:
        all_normals = face[owner] if len(face) else np.zeros((len(owner), 3), np.float32)
    else:
        all_normals = np.concatenate([normals, normals[flat[added]]])
    has_faces = len(triangles) > 0
    return Triangles(
        np.concatenate([vertices, vertices[flat[added]]]).astype(np.float32),
        all_normals.astype(np.float32),
        ids[owner] if has_faces else np.zeros(len(owner), np.uint32),
        materials[owner].astype(np.uint32) if has_faces else np.zeros(len(owner), np.uint32),
        indices.reshape(-1, 3),
    )


def _areas(vertices: NDArray, triangles: NDArray) -> NDArray[np.float64]:
    """Area vectors (m,3) of triangles [m²]."""
    a = vertices[triangles[:, 0]].astype(np.float64)
    u, v = vertices[triangles[:, 1]] - a, vertices[triangles[:, 2]] - a
    x = u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1]
    y = u[:, 2] * v[:, 0] - u[:, 0] * v[:, 2]
    z = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return np.stack([x, y, z], axis=1) / 2


def _hides_backs(rest: NDArray, total: NDArray, share: float) -> NDArray[np.bool_]:
    """Whether faces' areas cancel, but for an open underside: then no back of a face shows from outside."""
    return (np.abs(rest[:, :2]).max(axis=1) <= share * total) & (rest[:, 2] >= -share * total)


def _cut(mesh: Mesh) -> list[Mesh]:
    """The mesh in pieces along a grid, if it is wide; nothing of an empty one."""
    if not len(mesh.triangles):
        return []
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


def _chunks_of(pieces: list[Triangles], parts: list[int], is_closed: NDArray[np.bool_], layers: list[int]) -> Chunks:
    """A chunk for each piece."""
    count = np.array([len(piece.indices) for piece in pieces], np.int64)
    return Chunks(
        np.array([piece.positions.min(axis=0) for piece in pieces], np.float64).reshape(-1, 3),
        np.array([piece.positions.max(axis=0) for piece in pieces], np.float64).reshape(-1, 3),
        np.cumsum(count) - count,
        count,
        is_closed,
        np.array(layers, np.int64),
        np.array(parts, np.int64),
        np.repeat(count[:, None], len(THIN_M) + 1, axis=1),
    )


def _in_a_row(tables: list[Chunks]) -> Chunks:
    """Tables of chunks whose triangles follow one another, as one."""
    totals = np.cumsum([0] + [int(table.count.sum()) for table in tables[:-1]])
    return Chunks(
        np.concatenate([table.low for table in tables]),
        np.concatenate([table.high for table in tables]),
        np.concatenate([table.first + total for table, total in zip(tables, totals, strict=True)]),
        np.concatenate([table.count for table in tables]),
        np.concatenate([table.is_closed for table in tables]),
        np.concatenate([table.layer for table in tables]),
        np.concatenate([table.part for table in tables]),
        np.concatenate([table.stout for table in tables]),
    )
