"""A scene on the graphics card: static triangles, models with their instances, and the maps that shaders look up."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import transform_from_pose, yaw_from_quat
from bridge.render.batches import (
    THIN_M,
    Chunks,
    Model,
    Statics,
    Triangles,
    boxes_in_view,
    level_of_detail,
    levelled_terrain,
    models,
    run_of,
    statics,
)
from bridge.render.camera import View
from bridge.render.ground import drowned
from bridge.render.labels import Bodies, Labels
from bridge.render.palette import Palette
from bridge.scene import Scene

_TERRAIN_ERROR_PIXELS = 0.2
"""How far off, seen from the camera, a coarse piece of terrain may be."""
_EXACT_TO_M = 100.0
"""Up to here the terrain is drawn as it is."""
_THIN_PIXELS = 0.7
"""Details thinner than this part of a pixel are left out."""
INSTANCE_COLUMNS = 2048
"""Instances a row in the table that shaders look places up in."""


class Owned:
    """Things of the graphics card that are given back together."""

    def __init__(self) -> None:
        self._things: list[Any] = []

    def __call__(self, thing: Any) -> Any:
        self._things.append(thing)
        return thing

    def release(self) -> None:
        while self._things:
            self._things.pop().release()


def vertex_rows(triangles: Triangles) -> NDArray[np.float32]:
    """Interleaved positions, normals, ids and materials, (n,8); the last two are bits of integers."""
    rows = np.empty((len(triangles.positions), 8), dtype=np.float32)
    rows[:, :3] = triangles.positions
    rows[:, 3:6] = triangles.normals
    rows[:, 6] = triangles.ids.view(np.float32)
    rows[:, 7] = triangles.materials.view(np.float32)
    return rows


VERTEX = ("3f 3f 1u 1u", "in_position", "in_normal", "in_id", "in_material")
INSTANCE = ("4f 4f 4f 1u/i", "in_x", "in_y", "in_z", "in_instance")


class Drawn:
    """Static triangles with vertex arrays by pass; draws those runs of triangles that are asked for."""

    def __init__(self, ctx: Any, own: Owned, triangles: Triangles, programs: dict[str, Any]) -> None:
        self._ctx = ctx
        self.is_empty = not len(triangles.indices)
        if self.is_empty:
            return
        buffer = own(ctx.buffer(vertex_rows(triangles)))
        index = own(ctx.buffer(np.ascontiguousarray(triangles.indices)))
        self._arrays = {
            name: own(ctx.vertex_array(program, [_bound(program, buffer, VERTEX)], index_buffer=index))
            for name, program in programs.items()
        }
        self._commands = own(ctx.buffer(reserve=20 * 4096)) if ctx.version_code >= 430 else None

    def draw(self, what: str, first: NDArray[np.int64], count: NDArray[np.int64]) -> None:
        """Draws runs of triangles in their order; neighbouring runs are joined."""
        if self.is_empty or not len(first):
            return
        starts = np.concatenate([[True], first[1:] != first[:-1] + count[:-1]])
        group = np.cumsum(starts) - 1
        first, count = first[starts], np.bincount(group, weights=count).astype(np.int64)
        array = self._arrays[what]
        if self._commands is None:
            for begin, number in zip(first.tolist(), count.tolist(), strict=True):
                array.render(vertices=3 * number, first=3 * begin)
            return
        for part in range(0, len(first), 4096):
            some = slice(part, part + 4096)
            commands = np.zeros((len(first[some]), 5), dtype=np.uint32)
            commands[:, 0] = 3 * count[some]
            commands[:, 1] = 1
            commands[:, 2] = 3 * first[some]
            self._commands.orphan()
            self._commands.write(commands.tobytes())
            array.render_indirect(self._commands, count=len(commands))


def _bound(program: Any, buffer: Any, layout: tuple[str, ...]) -> tuple[Any, ...]:
    """A buffer's layout for a program, with padding for the attributes that the program does not read."""
    kinds, names = layout[0].split("/")[0].split(), layout[1:]
    formats, used = [], []
    for kind, name in zip(kinds, names, strict=True):
        if program.get(name, None) is not None:
            formats.append(kind)
            used.append(name)
        else:
            formats.append(f"{4 * int(kind[0])}x")
    per = "/i" if layout[0].endswith("/i") else ""
    return (buffer, " ".join(formats) + per, *used)


class Copies:
    """One model drawn many times."""

    def __init__(self, ctx: Any, own: Owned, shape: Model, capacity: int, programs: dict[str, Any]) -> None:
        self.is_closed = shape.is_closed
        self.is_empty = not len(shape.triangles.indices)
        if self.is_empty:
            return
        buffer = own(ctx.buffer(vertex_rows(shape.triangles)))
        index = own(ctx.buffer(np.ascontiguousarray(shape.triangles.indices)))
        self._rows = own(ctx.buffer(reserve=52 * capacity, dynamic=True))
        self._arrays = {
            name: own(
                ctx.vertex_array(
                    program,
                    [_bound(program, buffer, VERTEX), _bound(program, self._rows, INSTANCE)],
                    index_buffer=index,
                )
            )
            for name, program in programs.items()
        }

    def draw(self, what: str, rows: NDArray[np.uint32]) -> None:
        """Draws the instances of `rows` (n,13): a matrix's three rows, then the id."""
        if not self.is_empty and len(rows):
            self._rows.write(rows.tobytes())
            self._arrays[what].render(instances=len(rows))


def asset_models(scene: Scene, palette: Palette) -> dict[str, list[Model]]:
    """The levels of detail of every asset that is placed, by its key in the scene."""
    names = sorted({group.asset for group in scene.placements})
    made = models([mesh for name in names for mesh in scene.assets[name].lods], palette)
    ends = np.cumsum([len(scene.assets[name].lods) for name in names])
    return {name: made[end - len(scene.assets[name].lods) : end] for name, end in zip(names, ends, strict=True)}


class Instances:
    """All placements: where they are, which are seen and how finely, and the drawing of them."""

    def __init__(
        self, ctx: Any, own: Owned, scene: Scene, palette: Palette, labels: Labels, programs: dict[str, Any]
    ) -> None:
        self._labels = labels
        self._copies: list[list[Copies]] = []
        counts = np.diff(labels.starts)
        self._group = np.repeat(np.arange(len(counts)), counts)
        centres, radii, levels = [], [], []
        shapes_of = asset_models(scene, palette)
        for group, count in zip(scene.placements, counts, strict=True):
            asset = scene.assets[group.asset]
            shapes = shapes_of[group.asset]
            vertices = asset.lods[0].vertices.astype(np.float64)
            low, high = vertices.min(axis=0), vertices.max(axis=0)
            centres.append((low + high) / 2)
            radii.append(np.linalg.norm(high - low) / 2)
            levels.append(len(shapes))
            self._copies.append([Copies(ctx, own, shape, max(int(count), 1), programs) for shape in shapes])
        self._local_centre = np.array(centres).reshape(-1, 3)[self._group]
        self._local_radius = np.array(radii)[self._group] if len(radii) else np.zeros(0)
        self._levels = np.array(levels, dtype=np.int64)[self._group] if len(levels) else np.zeros(0, np.int64)
        self.rows = np.zeros((len(self._group), 13), dtype=np.uint32)
        self.centres = np.zeros((len(self._group), 3))
        self.radii = np.zeros(len(self._group))
        self.place(labels.poses)

    def place(self, poses: NDArray[np.float64]) -> None:
        """Takes poses (n,7) of all placements over."""
        scale = self._labels.scales
        matrix = transform_from_pose(poses, scale) if len(poses) else np.zeros((0, 4, 4))
        self.rows[:, :12] = np.ascontiguousarray(matrix[:, :3, :].reshape(-1, 12).astype(np.float32)).view(np.uint32)
        self.rows[:, 12] = self._labels.first_placed_id + np.arange(len(poses))
        self.centres = np.einsum("nij,nj->ni", matrix[:, :3, :3], self._local_centre) + matrix[:, :3, 3]
        self.radii = self._local_radius * np.abs(scale).max(axis=1, initial=0)

    def seen(self, view: View) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Rows in view, from near to far within each model, with their levels of detail and distances."""
        planes = view.planes()
        inside = ((self.centres @ planes[:, :3].T + planes[:, 3]) >= -self.radii[:, None]).all(axis=1)
        rows = np.flatnonzero(inside)
        distance = np.linalg.norm(self.centres[rows] - view.position, axis=1)
        size = 2 * self.radii[rows]
        level = level_of_detail(size, distance - self.radii[rows], view.pixel_rad, self._levels[rows])
        keep = level >= 0
        return rows[keep], level[keep], distance[keep]

    def draw(self, what: str, rows: NDArray, level: NDArray, distance: NDArray, closed: bool | None = None) -> None:
        """Draws rows at their levels; `closed` picks models whose backs cannot be seen, or the others."""
        if not len(rows):
            return
        key = self._group[rows] * 8 + level
        order = np.lexsort((distance, key))
        rows, key = rows[order], key[order]
        for some in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(key)) + 1):
            copies = self._copies[int(key[some[0]]) // 8][int(key[some[0]]) % 8]
            if closed is None or copies.is_closed == closed:
                copies.draw(what, self.rows[rows[some]])

    def levels_of(self, rows: NDArray, wanted: int) -> NDArray[np.int64]:
        """The level `wanted` of rows, or their coarsest."""
        return np.minimum(wanted, self._levels[rows] - 1)


def instance_table(labels: Labels, bodies: Bodies) -> NDArray[np.float32]:
    """Place x, y and heading as cosine and sine by id, (rows, INSTANCE_COLUMNS, 4): patterns are fixed to things."""
    count = labels.first_placed_id + len(bodies.placed)
    table = np.zeros((-(-count // INSTANCE_COLUMNS) * INSTANCE_COLUMNS, 4), dtype=np.float32)
    table[:, 2] = 1.0
    if len(bodies.placed):
        table[labels.first_placed_id : count] = _stand(bodies.placed)
    first_part = labels.first_placed_id - len(labels.parts)
    for index, pose in bodies.moved_parts.items():
        table[first_part + index] = _stand(pose)
    return table.reshape(-1, INSTANCE_COLUMNS, 4)


def _stand(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    yaw = yaw_from_quat(poses[..., 3:])
    return np.stack([poses[..., 0], poses[..., 1], np.cos(yaw), np.sin(yaw)], axis=-1)


class Ground:
    """The static part of a scene: its chunks, what of them is in view, and parts that have moved away."""

    def __init__(
        self,
        ctx: Any,
        own: Owned,
        scene: Scene,
        palette: Palette,
        programs: dict[str, Any],
        instanced: dict[str, Any],
    ) -> None:
        self._ctx, self._own, self._instanced = ctx, own, instanced
        self.statics: Statics = statics(scene, palette, has_terrain=False)
        self._terrain = levelled_terrain(scene)
        corners = self._terrain.triangles.positions[self._terrain.triangles.indices[:, 0]]
        fine = self._terrain.first[:, 0]
        ends = np.stack([fine, fine + self._terrain.count[:, 0]], axis=1).ravel()[:-1]
        self.tile_low = np.minimum.reduceat(corners, ends)[::2].astype(np.float64)
        self.tile_high = np.maximum.reduceat(corners, ends)[::2].astype(np.float64)
        self.tile_high[:, :2] += scene.terrain.cell_m
        self._drowned = drowned(scene.waters, self.tile_low, self.tile_high)
        self._solid = Drawn(ctx, own, self.statics.solid, programs)
        self._tiles = Drawn(ctx, own, self._terrain.triangles, programs)
        self._water = Drawn(ctx, own, self.statics.water, programs)
        self._moved: dict[int, tuple[list[Copies], NDArray[np.uint32]]] = {}

    @property
    def chunks(self) -> Chunks:
        """The chunks of parts and of the apron."""
        return self.statics.chunks

    def move_parts(self, moved: dict[int, NDArray[np.float64]], first_part_id: int) -> None:
        """Draws parts as single instances from now on, where their rigid motion puts them."""
        chunks, solid = self.chunks, self.statics.solid
        for part, pose in moved.items():
            if part not in self._moved:
                copies = []
                for index in np.flatnonzero(chunks.part == part):
                    piece = run_of(solid, int(chunks.first[index]), int(chunks.count[index]))
                    shape = Model(piece, bool(chunks.is_closed[index]))
                    copies.append(Copies(self._ctx, self._own, shape, 1, self._instanced))
                self._moved[part] = (copies, np.zeros((1, 13), np.uint32))
            row = self._moved[part][1]
            matrix = transform_from_pose(pose)[:3].astype(np.float32)
            row[0, :12] = np.ascontiguousarray(matrix).reshape(12).view(np.uint32)
            row[0, 12] = first_part_id + part

    def seen(self, view: View) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Chunks in view from near to far, and their distances."""
        chunks = self.chunks
        index = np.flatnonzero(boxes_in_view(chunks.low, chunks.high, view.planes()) & self.standing())
        distance = _gap(chunks.low[index], chunks.high[index], view.position)
        order = np.argsort(distance, kind="stable")
        return index[order], distance[order]

    def standing(self) -> NDArray[np.bool_]:
        """Chunks that have not moved."""
        return ~np.isin(self.chunks.part, list(self._moved)) if self._moved else np.ones(len(self.chunks.part), bool)

    def draw(self, what: str, index: NDArray[np.int64], view: View | None = None, *, is_coarse: bool = False) -> None:
        """Draws chunks in the order given; for a view without what is too thin to be seen in it."""
        chunks = self.chunks
        count = chunks.stout[index, -1] if is_coarse else chunks.count[index]
        if view is not None:
            pixel_m = view.pixel_rad * _gap(chunks.low[index], chunks.high[index], view.position)
            level = (np.array(THIN_M)[None] < _THIN_PIXELS * pixel_m[:, None]).sum(axis=1)
            count = chunks.stout[index, level]
        self._solid.draw(what, chunks.first[index], count)

    def draw_terrain(self, what: str, view: View) -> None:
        """Draws the terrain's tiles in view from near to far: exactly nearby, off by a fifth of a pixel further out."""
        terrain = self._terrain
        distance = _gap(self.tile_low, self.tile_high, view.position)
        allowed = np.where(distance < _EXACT_TO_M, 1e-5, _TERRAIN_ERROR_PIXELS * view.pixel_rad * distance)
        level = (terrain.error_m <= allowed[:, None]).sum(axis=1) - 1
        # Between tiles of the finest level no gap can open.
        grid = np.pad(level.reshape(-1, terrain.columns), 1, mode="edge")
        around = np.maximum.reduce([grid[:-2, 1:-1], grid[2:, 1:-1], grid[1:-1, :-2], grid[1:-1, 2:]]).ravel()
        tiles = np.flatnonzero(boxes_in_view(self.tile_low, self.tile_high, view.planes()) & ~self._drowned)
        tiles = tiles[np.argsort(distance[tiles], kind="stable")]
        level, around = level[tiles], around[tiles]
        count = np.where(level + around == 0, terrain.bare[tiles, level], terrain.count[tiles, level])
        self._tiles.draw(what, terrain.first[tiles, level], count)

    def draw_all_terrain(self, what: str, level: int) -> None:
        """Draws all tiles at one level."""
        self._tiles.draw(what, self._terrain.first[:, level], self._terrain.count[:, level])

    def draw_moved(self, what: str) -> None:
        """Draws the parts that have moved."""
        for copies, row in self._moved.values():
            for copy in copies:
                copy.draw(what, row)

    def water_seen(self, view: View) -> NDArray[np.int64]:
        """Waters in view."""
        chunks = self.statics.water_chunks
        return np.flatnonzero(boxes_in_view(chunks.low, chunks.high, view.planes()))

    def draw_water(self, what: str, index: NDArray[np.int64]) -> None:
        """Draws waters' surfaces."""
        self._water.draw(what, self.statics.water_chunks.first[index], self.statics.water_chunks.count[index])


def _gap(low: NDArray, high: NDArray, point: NDArray) -> NDArray[np.float64]:
    """Distances (k,) from a point to boxes."""
    return np.linalg.norm(np.maximum(np.maximum(low - point, point - high), 0), axis=1)
