"""Triangles on the graphics card: what stands still once, models many times, and the drawing of both."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import transform_from_pose
from bridge.render.batches import (
    THIN_M,
    Chunks,
    Statics,
    Triangles,
    boxes_in_view,
    joined,
    labelled,
    run_of,
    statics,
)
from bridge.render.camera import Views
from bridge.render.ground import drowned
from bridge.render.palette import Palette
from bridge.render.programs import water_mark
from bridge.render.relief import relief
from bridge.scene import Scene

_TERRAIN_ERROR_PIXELS = (0.12, 0.5)
"""How far off, seen from the camera, a coarse piece of terrain may be at all, and if it is seen from above."""
_TERRAIN_ERROR_OF_HEIGHT = 2e-3
"""How far off it may be at most, as a part of how far the camera is above it: depth is as far off as a part of depth."""
_EXACT_TO_M = 80.0
"""Up to here the terrain is drawn as it is."""
_THIN_PIXELS = {False: 1.1, True: 0.7}
"""Details thinner than so many pixels are left out, for sensors and for stills."""


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


def vertex_rows(triangles: Triangles) -> NDArray[np.uint32]:
    """Interleaved positions, packed normals and labels, (n,6): bits of three numbers, three times 16 bits, a label."""
    rows = np.zeros((len(triangles.positions), 6), dtype=np.uint32)
    rows[:, :3] = np.ascontiguousarray(triangles.positions).view(np.uint32)
    rows.view(np.int16)[:, 6:9] = np.rint(triangles.normals * 32767)
    rows[:, 5] = triangles.ids | triangles.materials << np.uint32(22)
    return rows


def pass_of(what: str, is_smooth: bool) -> str:
    """The program to draw with for depth, normals and ids ("geometry") or a shadow: flat faces have their own."""
    return "geometry_flat" if what == "geometry" and not is_smooth else what


_FIRST = np.zeros(1, np.int64)
VERTEX = ("3f 2u 1u", "in_position", "in_normal", "in_label")
INSTANCE = ("4f 4f 4f 1u/i", "in_x", "in_y", "in_z", "in_instance")


class Commands:
    """Many draws in one call, on OpenGL 4.3 or newer."""

    def __init__(self, ctx: Any, own: Owned) -> None:
        self.are_known = ctx.version_code >= 430
        if self.are_known:
            self._buffer = own(ctx.buffer(reserve=20 * 256))

    def write(self, first: NDArray, count: NDArray, copies: NDArray | int, first_copy: NDArray | int) -> None:
        """Takes runs of triangles to draw, each so many times, in place of those before."""
        commands = np.zeros((len(first), 5), dtype=np.uint32)
        commands[:, 0] = 3 * count
        commands[:, 1] = copies
        commands[:, 2] = 3 * first
        commands[:, 4] = first_copy
        self._buffer.orphan(max(commands.nbytes, self._buffer.size))
        self._buffer.write(commands)

    def draw(self, array: Any, some: slice) -> None:
        """Draws some of them."""
        array.render_indirect(self._buffer, count=some.stop - some.start, first=some.start)


def slices(keys: NDArray[np.int64]) -> dict[int, slice]:
    """Where each key stands in keys (n,) of which the same follow one another."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1)).tolist()
    return {
        key: slice(*ends) for key, *ends in zip(keys[starts].tolist(), starts, [*starts[1:], len(keys)], strict=True)
    }


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
        self._commands = Commands(ctx, own)

    def line_up(self, key: NDArray[np.int64], first: NDArray[np.int64], count: NDArray[np.int64]) -> dict[int, slice]:
        """Takes runs of triangles to draw, in place of all before, and says which to `show` for each key.

        The same keys follow one another; neighbouring runs are joined.
        """
        if self.is_empty or not len(first):
            return {}
        starts = np.flatnonzero(
            np.concatenate([[True], (first[1:] != first[:-1] + count[:-1]) | (key[1:] != key[:-1])])
        )
        first, count = first[starts], np.add.reduceat(count, starts)
        if self._commands.are_known:
            self._commands.write(first, count, 1, 0)
        else:
            self._runs = first, count
        return slices(key[starts])

    def show(self, what: str, some: slice) -> None:
        """Draws what was lined up, in order."""
        array = self._arrays[what]
        if self._commands.are_known:
            self._commands.draw(array, some)
            return
        for begin, number in zip(*(each[some].tolist() for each in self._runs), strict=True):
            array.render(vertices=3 * number, first=3 * begin)

    def draw(self, what: str, first: NDArray[np.int64], count: NDArray[np.int64]) -> None:
        """Draws runs of triangles in their order."""
        for some in self.line_up(np.zeros(len(first), np.int64), first, count).values():
            self.show(what, some)


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
    """Models that are drawn many times each, all in one buffer.

    `drawn` (shapes, k) are the first so many triangles of a shape that each of its k variants is; all, if left out.
    """

    def __init__(
        self, ctx: Any, own: Owned, shapes: Sequence[Triangles], capacity: int, programs: dict[str, Any],
        drawn: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        self._ctx = ctx
        count = np.array([len(shape.indices) for shape in shapes], np.int64)
        drawn = count[:, None] if drawn is None else drawn
        self._first, self._count = np.repeat(np.cumsum(count) - count, drawn.shape[1]), drawn.ravel()
        if not count.sum() or not capacity:
            self._count = np.zeros_like(count)
            return
        together = joined(shapes)
        buffer = own(ctx.buffer(vertex_rows(together)))
        index = own(ctx.buffer(np.ascontiguousarray(together.indices)))
        self._rows = own(ctx.buffer(reserve=52 * capacity, dynamic=True))
        self._commands = Commands(ctx, own)
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

    def line_up(self, key: NDArray[np.int64], shape: NDArray[np.int64], rows: NDArray[np.uint32]) -> dict[int, slice]:
        """Takes instances to draw, in place of those before, and says which to `show` for each key.

        These are shapes' variants (n,) by `rows` (n,13), a matrix and an id; variants count through, shape by shape.
        The same keys follow one another, and of each the same variants.
        """
        drawn = self._count[shape] > 0
        key, shape, rows = key[drawn], shape[drawn], rows[drawn]
        if not len(shape):
            return {}
        start = np.flatnonzero(np.concatenate([[True], (shape[1:] != shape[:-1]) | (key[1:] != key[:-1])]))
        number = np.diff(np.append(start, len(shape)))
        first, count = self._first[shape[start]], self._count[shape[start]]
        if self._commands.are_known:
            self._rows.orphan(max(rows.nbytes, self._rows.size))
            self._rows.write(rows)
            self._commands.write(first, count, number, start)
        else:
            self._runs = rows, np.stack([first, count, number, start], axis=1)
        return slices(key[start])

    def show(self, what: str, some: slice) -> None:
        """Draws what was lined up, in order."""
        if self._commands.are_known:
            self._commands.draw(self._arrays[what], some)
            return
        rows, runs = self._runs
        for first, count, number, start in runs[some].tolist():
            self._rows.write(rows[start : start + number])
            self._arrays[what].render(vertices=3 * count, first=3 * first, instances=number)


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
        *,
        is_fine: bool,
    ) -> None:
        self._ctx, self._own, self._instanced = ctx, own, instanced
        self._thin_pixels = _THIN_PIXELS[is_fine]
        self.statics: Statics = statics(scene, palette, has_terrain=False, shares_corners=True)
        self._terrain = relief(scene)
        corners = self._terrain.sheet.positions[self._terrain.sheet.indices[:, 0]]
        fine = self._terrain.first[:, 0]
        ends = np.stack([fine, fine + self._terrain.count[:, 0]], axis=1).ravel()[:-1]
        self.tile_low = np.minimum.reduceat(corners, ends)[::2].astype(np.float64)
        self.tile_high = np.maximum.reduceat(corners, ends)[::2].astype(np.float64)
        self.tile_high[:, :2] += scene.terrain.cell_m
        self._drowned = drowned(scene.waters, self.tile_low, self.tile_high)
        self.solid = Drawn(ctx, own, self.statics.solid, programs)
        self.tiles = Drawn(ctx, own, labelled(self._terrain.sheet, 1, 0), programs)
        marking = {"mark": own(water_mark(ctx))}
        self.water = Drawn(ctx, own, self.statics.water, {**programs, **marking})
        self._moved: dict[int, tuple[Copies, bool]] = {}

    @property
    def chunks(self) -> Chunks:
        """The chunks of parts and of the apron."""
        return self.statics.chunks

    def move_parts(self, moved: dict[int, NDArray[np.float64]], first_part_id: int) -> None:
        """Draws parts as single instances from now on, where their rigid motion puts them."""
        chunks, solid = self.chunks, self.statics.solid
        for part, pose in moved.items():
            if part not in self._moved:
                which = np.flatnonzero(chunks.part == part)
                pieces = [run_of(solid, int(chunks.first[index]), int(chunks.count[index])) for index in which]
                copies = Copies(self._ctx, self._own, [joined(pieces)], 1, self._instanced)
                self._moved[part] = (copies, bool(chunks.is_smooth[which].any()))
            row = np.zeros((1, 13), np.uint32)
            row[0, :12] = transform_from_pose(pose)[:3].astype(np.float32).reshape(12).view(np.uint32)
            row[0, 12] = first_part_id + part
            self._moved[part][0].line_up(_FIRST, _FIRST, row)

    def seen(self, views: Views) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Which view sees which chunk, view by view and from near to far, and the chunks' distances [m]."""
        chunks = self.chunks
        which, index = np.nonzero(boxes_in_view(chunks.low, chunks.high, views.planes) & self.standing())
        distance = _gap(chunks.low[index], chunks.high[index], views.position[which])
        order = np.lexsort((distance, which))
        return which[order], index[order], distance[order]

    @property
    def has_moved(self) -> bool:
        """Whether any part has moved away from where it was modelled."""
        return bool(self._moved)

    def standing(self) -> NDArray[np.bool_]:
        """Chunks that have not moved."""
        return ~np.isin(self.chunks.part, list(self._moved)) if self._moved else np.ones(len(self.chunks.part), bool)

    def drawn(self, index: NDArray[np.int64], *, pixel_m: NDArray | float) -> NDArray[np.int64]:
        """How many triangles of chunks are drawn where a pixel has some size at each."""
        level = np.searchsorted(THIN_M, np.broadcast_to(self._thin_pixels * np.asarray(pixel_m), len(index)))
        return self.chunks.stout[index, level]

    def line_up(self, key: NDArray[np.int64], index: NDArray[np.int64], count: NDArray[np.int64]) -> dict[int, slice]:
        """Takes chunks to draw, of each its first triangles; says which of `solid` to show for each key."""
        return self.solid.line_up(key, self.chunks.first[index], count)

    def terrain_seen(self, views: Views) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Which view sees which tile of terrain, view by view and from near to far, their distances [m], and triangles.

        These are the first and how many (n,2): exact nearby, off by half a pixel further out.
        """
        terrain = self._terrain
        distance = _gap(self.tile_low, self.tile_high, views.position[:, None])
        which, tiles = np.nonzero(boxes_in_view(self.tile_low, self.tile_high, views.planes) & ~self._drowned)
        order = np.lexsort((distance[which, tiles], which))
        which, tiles = which[order], tiles[order]
        low, high = (pixels * views.pixel_rad[:, None] * distance for pixels in _TERRAIN_ERROR_PIXELS)
        above = views.position[:, 2:] - self.tile_high[:, 2]
        allowed = np.clip(_TERRAIN_ERROR_OF_HEIGHT * above, low, high)
        allowed[distance < _EXACT_TO_M] = 0.0
        level = (terrain.error_m <= allowed[:, :, None]).sum(axis=2) - 1
        # Between tiles of the finest level no gap can open.
        grid = np.pad(level.reshape(len(views), -1, terrain.columns), ((0, 0), (1, 1), (1, 1)), mode="edge")
        sides = grid[:, :-2, 1:-1], grid[:, 2:, 1:-1], grid[:, 1:-1, :-2], grid[:, 1:-1, 2:]
        around = np.maximum.reduce(sides).reshape(level.shape)[which, tiles]
        level = level[which, tiles]
        count = np.where(level + around == 0, terrain.bare[tiles, level], terrain.count[tiles, level])
        return which, tiles, distance[which, tiles], np.stack([terrain.first[tiles, level], count], axis=1)

    def draw_all_terrain(self, what: str, error_m: float) -> None:
        """Draws all tiles, off by no more than that."""
        terrain = self._terrain
        tile, level = np.arange(len(terrain.first)), (terrain.error_m <= error_m).sum(axis=1) - 1
        self.tiles.draw(what, terrain.first[tile, level], terrain.count[tile, level])

    def draw_moved(self, what: str) -> None:
        """Draws the parts that have moved."""
        for copies, is_smooth in self._moved.values():
            copies.show(pass_of(what, is_smooth), slice(0, 1))

    def line_up_water(self, views: Views) -> dict[int, slice]:
        """What of `water` each view has to show."""
        chunks = self.statics.water_chunks
        which, index = np.nonzero(boxes_in_view(chunks.low, chunks.high, views.planes))
        return self.water.line_up(which, chunks.first[index], chunks.count[index])


def _gap(low: NDArray, high: NDArray, point: NDArray) -> NDArray[np.float64]:
    """Distances (...) from points (..., 3) to boxes."""
    return np.linalg.norm(np.maximum(np.maximum(low - point, point - high), 0), axis=-1)
