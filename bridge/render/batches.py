"""A scene as few large arrays to draw: triangles with normals, ids and materials, cut into chunks that can be culled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.faces import THIN_M, areas, corners_apart, corners_shared, thinness
from bridge.render.ground import Sheet, apron_sectors, terrain_tiles, water_sheets
from bridge.render.palette import Palette
from bridge.scene import Mesh, Scene

CHUNK_M = 64.0
"""Parts wider than 1.5 times this are cut along a grid of this size, so that their far ends can be culled."""
_OPEN_SHARE = 0.12
"""How much of a part's faces may be sheets on its walls (panes, signs) for its backs to count as hidden."""


@dataclass(frozen=True, eq=False)
class Triangles:
    """`positions` and `normals` float32 (n,3), `ids` and `materials` uint32 (n,), `indices` uint32 (m,3).

    All corners of a triangle carry the same id and material, or, where corners are shared, its last one carries them and
    the normal of a flat face.
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
    `is_smooth` bool (k,): normals differ over a triangle.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    layer: NDArray[np.int64]
    part: NDArray[np.int64]
    stout: NDArray[np.int64]
    is_smooth: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Model:
    """One level of detail of an asset, in its own frame; `ids` are zero. `stout` is as in Chunks."""

    triangles: Triangles
    is_closed: bool
    is_smooth: bool
    stout: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Statics:
    """Everything that exists once: `solid` holds the terrain's finest tiles, the apron and the parts, in this order.

    `water` holds the waters' surfaces, which are drawn apart.
    """

    solid: Triangles
    chunks: Chunks
    water: Triangles
    water_chunks: Chunks


LAYERS = {"road": 1, "sidewalk": 1, "crossing": 2, "lane-marking": 2}


def statics(scene: Scene, palette: Palette, *, has_terrain: bool = True, shares_corners: bool = False) -> Statics:
    """Terrain (if wanted), parts and waters of a scene as two sets of triangles with their chunks."""
    beyond = list(apron_sectors(scene))
    ground = [*(terrain_tiles(scene) if has_terrain else ()), *beyond]
    pieces = [labelled(sheet, 1, 0) for sheet in ground]
    numbers = [-1] * (len(ground) - len(beyond)) + [-2] * len(beyond)
    chunks = [_chunks_of(pieces, numbers, np.ones(len(ground), bool), [0] * len(ground))]
    first_part = 2 + len(scene.waters)
    cut = [(mesh, index) for index, part in enumerate(scene.parts) for mesh in _cut(part.mesh)]
    for is_smooth in (False, True):
        some = [(mesh, index) for mesh, index in cut if (mesh.normals is not None) == is_smooth]
        if some:
            layers = [LAYERS.get(scene.parts[index].semantic, 0) for _, index in some]
            piece, table = _merged(some, palette, first_part, layers, shares_corners)
            pieces.append(piece)
            chunks.append(table)
    waters = [
        labelled(sheet, 2 + index, palette.water(scene.waters[index].kind))
        for index, sheet in enumerate(water_sheets(scene))
    ]
    none = len(waters)
    water_chunks = _chunks_of(waters, [-1] * none, np.zeros(none, bool), [0] * none)
    return Statics(joined(pieces), _in_a_row(chunks), joined(waters), water_chunks)


def models(meshes: Sequence[Mesh], palette: Palette, *, shares_corners: bool = False) -> list[Model]:
    """Levels of detail of assets, ready to draw, in the order given."""
    made: dict[int, Model] = {}
    for is_smooth in (False, True):
        which = [index for index, mesh in enumerate(meshes) if (mesh.normals is not None) == is_smooth]
        some = [(meshes[index], 0) for index in which if len(meshes[index].triangles)]
        if not some:
            continue
        merged, chunks = _merged(some, palette, 0, [0] * len(some), shares_corners, open_share=2e-3)
        full = [index for index in which if len(meshes[index].triangles)]
        for place, index in enumerate(full):
            piece = run_of(merged, int(chunks.first[place]), int(chunks.count[place]))
            made[index] = Model(piece, bool(chunks.is_closed[place]), is_smooth, chunks.stout[place])
    nothing = Model(joined([]), True, True, np.zeros(len(THIN_M) + 1, np.int64))
    return [made.get(index, nothing) for index in range(len(meshes))]


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
    """Which boxes (n,3) reach into the frusta of `planes` (k,5,4), shape (k,n)."""
    centre, half = (low + high).T / 2, (high - low).T / 2
    reach = planes[:, :, :3] @ centre + planes[:, :, 3:] + np.abs(planes[:, :, :3]) @ half
    return np.asarray((reach >= 0).all(axis=1))


def level_of_detail(
    size_m: NDArray, distance_m: NDArray, pixel_rad: NDArray | float, levels: NDArray
) -> NDArray[np.int64]:
    """The level to draw (0 fine) of things so large, so far, that have so many levels; -1 where under a pixel."""
    pixels = size_m / np.maximum(distance_m, 0.1) / pixel_rad
    wanted = (pixels < 120).astype(np.int64) + (pixels < 40)
    return np.where(pixels < 1.0, -1, np.minimum(wanted, levels - 1))


def labelled(sheet: Sheet, instance: int, material: int) -> Triangles:
    """A sheet with one id and one material."""
    count = len(sheet.positions)
    ids, materials = np.full(count, instance, np.uint32), np.full(count, material, np.uint32)
    return Triangles(sheet.positions, sheet.normals, ids, materials, sheet.indices)


def _merged(
    some: list[tuple[Mesh, int]],
    palette: Palette,
    first_part: int,
    layers: list[int],
    shares_corners: bool,
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
    area, size = areas(vertices, triangles)
    first = np.cumsum(count) - count
    rank = thinness(vertices, triangles, area, size)
    levels = len(THIN_M) + 1
    by_rank = np.bincount(owner * levels + rank, minlength=levels * len(meshes)).reshape(-1, levels)
    is_smooth = meshes[0].normals is not None
    x, y, z = np.ascontiguousarray(vertices.T)
    chunks = Chunks(
        np.stack([np.minimum.reduceat(axis, start) for axis in (x, y, z)], axis=1).astype(np.float64),
        np.stack([np.maximum.reduceat(axis, start) for axis in (x, y, z)], axis=1).astype(np.float64),
        first,
        count.astype(np.int64),
        _hides_backs(np.add.reduceat(area, first, axis=1).T, np.add.reduceat(size, first), open_share),
        np.array(layers, np.int64),
        parts,
        np.cumsum(by_rank, axis=1)[:, ::-1],
        np.full(len(meshes), is_smooth),
    )
    order = np.argsort((owner * levels + rank).astype(np.int32), kind="stable")
    triangles, materials = triangles[order], materials[order]
    face = None
    if not is_smooth:
        face = np.ascontiguousarray((area / np.maximum(size, 1e-20)).T[order], dtype=np.float32)
    if face is not None and shares_corners:
        indices, vertex, triangle = corners_shared(len(vertices), triangles, materials, face)
    else:
        indices, vertex, triangle = corners_apart(len(vertices), triangles, materials, face)
    normals = (
        face[triangle]
        if face is not None
        else np.concatenate([mesh.normals for mesh in meshes if mesh.normals is not None])[vertex]
    )
    ids = (first_part + parts[owner]).astype(np.uint32)
    return Triangles(vertices[vertex], normals, ids[triangle], materials[triangle], indices), chunks


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
        np.ones(len(count), bool),
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
        np.concatenate([table.is_smooth for table in tables]),
    )
