"""The geometry pass: depth, normals and labels of what cameras see, without what near things hide."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import Views
from bridge.render.hidden import Curtain
from bridge.render.instances import FACES, Instances
from bridge.render.programs import TEXTURE_UNITS, sky_geometry
from bridge.render.sights import Chosen, Sights
from bridge.render.targets import Targets
from bridge.render.uploaded import Ground, Owned, pass_of

_LAYER_BIAS = 8e-7
"""Depth by which paving wins over the ground it lies on, in normalised device units: some seven steps of 24 bits."""
_LAYERS = 3
_BATCH_TRIANGLES = 10_000
"""So many triangles of parts are drawn before it is asked what they hide."""
_WORTH_ASKING = 0.9
"""It is asked again only if less than this part of the rest is still to be seen."""
_AT_HAND_M = 12.0
"""Parts nearer than this are drawn before it is asked."""
_NEAR_TERRAIN_M = 80.0
"""Terrain nearer than this is drawn before that, too."""
_WAYS = len(FACES) * _LAYERS
"""Ways in which chunks are drawn, in order: those without backs before the others, of each the layers, flat before smooth."""


class Geometry:
    """Draws what cameras see into the targets of each, in rounds: all cameras' near things, then what these leave."""

    def __init__(
        self, ctx: Any, own: Owned, ground: Ground, instances: Instances, programs: dict[str, Any], *, is_fine: bool
    ) -> None:
        self._ctx, self._ground, self._instances, self._programs = ctx, ground, instances, programs
        corner = own(ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], np.float32)))
        self._sky = own(ctx.vertex_array(own(sky_geometry(ctx)), [(corner, "2f", "in_corner")]))
        self._is_fine = is_fine
        self._depths = np.empty((0, 0, 0), np.float32)
        chunks = ground.chunks
        self._way = (~chunks.is_closed * _LAYERS + chunks.layer) * 2 + chunks.is_smooth

    def draw(
        self, sights: Sights, views: Views, targets: Sequence[Targets], waters: Sequence[slice | None], *,
        use_block: Callable[[int], None], meanwhile: Callable[[], None],
    ) -> Iterator[int]:  # fmt: skip
        """Draws all views, each after its block was put to use, and yields each when it is drawn.

        `waters` are what of the ground's water was lined up for each. Whoever takes a view may draw elsewhere before the
        next one. `meanwhile` may, too: it is called when nothing is left to be rasterised, but much to be worked out.
        """
        at_hand = sights.tiles.distance < _NEAR_TERRAIN_M
        near_land, tiles = sights.tiles.only(at_hand), sights.tiles.only(~at_hand)
        due, chunks = self._due(sights.chunks, sights.chunks.distance < _AT_HAND_M)
        parts, land = self._lined_up(due), self._land(near_land)
        for view, target in enumerate(targets):
            self._resume(target)  # before clearing, which the part of another target that was drawn on would cut off
            target.distances.clear(depth=1.0)
            use_block(view)
            self._show_chunks(parts, view)
            self._show_land(land, view)
        is_asking = np.full(len(views), not self._is_fine)
        while len(chunks.which):
            chunks = self._shown(chunks, is_asking, sights, views, targets, meanwhile)
            due, chunks = self._due(chunks, ~is_asking[chunks.which])
            parts = self._lined_up(due)
            for view in np.unique(due.which).tolist():
                self._resume(targets[view])
                use_block(view)
                self._show_chunks(parts, view)
        placed, tiles = self._unhidden(sights.placed, tiles, is_asking, sights, views, targets, meanwhile)
        models = self._instances.line_up(
            placed.which, placed.index, placed.much, placed.distance, views.pixel_rad[placed.which]
        )
        land = self._land(tiles)
        for view, target in enumerate(targets):
            self._resume(target)
            use_block(view)
            self._show_rest(models, land, view, target, waters[view])
            self._pause()
            yield view

    def mark_water(self, targets: Targets, water: slice) -> None:
        """Sorts the pixels last drawn into targets by what they see: depths, but WATER_DEPTH where that is water."""
        targets.seen.use(TEXTURE_UNITS["g_seen"])
        targets.sorting.use()  # before copying, which the part of another target that was drawn on would cut off
        self._ctx.copy_framebuffer(targets.shading, targets.unsorted)
        self._ctx.depth_func = "1"
        self._cull(False)
        self._ground.water.show("mark", water)
        self._ctx.enable_only(moderngl.NOTHING)

    def _show_rest(
        self, models: dict[int, slice], land: dict[int, slice], view: int, target: Targets, water: slice | None
    ) -> None:
        """Placements, what has moved, the rest of the land, and water."""
        for face, (is_closed, is_smooth) in enumerate(FACES):
            if some := models.get(view * len(FACES) + face):
                self._cull(is_closed)
                self._instances.show(pass_of("geometry", is_smooth), some)
        self._cull(False)
        self._ground.draw_moved("geometry")
        self._show_land(land, view)
        if water:
            with target.water_samples:
                self._ground.water.show(pass_of("geometry", False), water)
        self._cull(False)
        self._sky.render()

    def _resume(self, target: Targets) -> None:
        """Goes on drawing into a target."""
        self._ctx.depth_func = "<="
        self._ctx.front_face = "cw"
        self._ctx.cull_face = "back"
        target.geometry.use()

    def _pause(self) -> None:
        self._ctx.front_face = "ccw"
        self._ctx.enable_only(moderngl.NOTHING)

    def _shown(
        self, chunks: Chosen, is_asking: NDArray[np.bool_], sights: Sights, views: Views, targets: Sequence[Targets],
        meanwhile: Callable[[], None],
    ) -> Chosen:  # fmt: skip
        """Chunks that are not hidden so far; views where few are hidden stop asking."""
        asked = is_asking[chunks.which]
        if not asked.any():
            return chunks
        looking = np.unique(chunks.which[asked])
        curtain = self._curtain(looking, sights, views, targets, meanwhile)
        low, high = self._ground.chunks.low[chunks.index], self._ground.chunks.high[chunks.index]
        is_shown = ~asked
        is_shown[asked] = ~curtain.hides(chunks.which[asked], low[asked], high[asked])
        count = np.bincount(chunks.which, minlength=len(views))
        still = np.bincount(chunks.which, weights=is_shown, minlength=len(views))
        is_asking &= still < _WORTH_ASKING * count
        return chunks.only(is_shown)

    def _unhidden(
        self, placed: Chosen, tiles: Chosen, is_asking: NDArray[np.bool_], sights: Sights, views: Views,
        targets: Sequence[Targets], meanwhile: Callable[[], None],
    ) -> tuple[Chosen, Chosen]:  # fmt: skip
        """Placements and land that what was drawn so far does not hide in views that are still asking."""
        asked, land = is_asking[placed.which], is_asking[tiles.which]
        if not asked.any() and not land.any():
            return placed, tiles
        curtain = self._curtain(np.flatnonzero(is_asking), sights, views, targets, meanwhile)
        centre, reach = self._instances.centres[placed.index[asked]], self._instances.radii[placed.index[asked], None]
        index = tiles.index[land]
        is_hidden = curtain.hides(
            np.concatenate([tiles.which[land], placed.which[asked]]),
            np.concatenate([self._ground.tile_low[index], centre - reach]),
            np.concatenate([self._ground.tile_high[index], centre + reach]),
        )
        land[land], asked[asked] = is_hidden[: len(index)], is_hidden[len(index) :]
        return placed.only(~asked), tiles.only(~land)

    def _curtain(
        self, looking: NDArray[np.int64], sights: Sights, views: Views, targets: Sequence[Targets],
        meanwhile: Callable[[], None],
    ) -> Curtain:  # fmt: skip
        """What the views that are looking have drawn so far hides; nothing of the others."""
        shape = len(views), views.height, views.width
        if self._depths.shape != shape:
            self._depths = np.empty(shape, np.float32)
        self._depths[np.setdiff1d(np.arange(len(views)), looking, assume_unique=True)] = 1.0
        for view in looking.tolist():
            targets[view].read_depth(self._depths[view])
        self._pause()
        meanwhile()
        return Curtain(self._depths, sights.near_m, views)

    def _due(self, chunks: Chosen, is_due: NDArray[np.bool_]) -> tuple[Chosen, Chosen]:
        """The nearest chunks of each view, with those that are due in any case, and the rest."""
        before = np.cumsum(chunks.much) - chunks.much
        starts = np.flatnonzero(np.diff(chunks.which, prepend=-1))
        before -= np.repeat(before[starts], np.diff(starts, append=len(before)))
        is_due = is_due | (before < _BATCH_TRIANGLES)
        return chunks.only(is_due), chunks.only(~is_due)

    def _lined_up(self, chunks: Chosen) -> dict[int, slice]:
        key = chunks.which * _WAYS + self._way[chunks.index]
        order = np.argsort(key, kind="stable")
        return self._ground.line_up(key[order], chunks.index[order], chunks.much[order])

    def _land(self, tiles: Chosen) -> dict[int, slice]:
        return self._ground.tiles.line_up(tiles.which, tiles.much[:, 0], tiles.much[:, 1])

    def _show_chunks(self, parts: dict[int, slice], view: int) -> None:
        """Draws chunks from near to far, without backs where they cannot be seen, by layers of paving."""
        for way in range(_WAYS):
            if some := parts.get(view * _WAYS + way):
                self._cull(way < _WAYS // 2)
                what = pass_of("geometry", bool(way % 2))
                self._bias(what, way // 2 % _LAYERS * _LAYER_BIAS)
                self._ground.solid.show(what, some)

    def _show_land(self, land: dict[int, slice], view: int) -> None:
        self._cull(True)
        self._bias("geometry", 0.0)
        self._bias("geometry_flat", 0.0)
        if some := land.get(view):
            self._ground.tiles.show("geometry", some)

    def _cull(self, is_closed: bool) -> None:
        self._ctx.enable_only(moderngl.DEPTH_TEST | (moderngl.CULL_FACE if is_closed else 0))

    def _bias(self, what: str, depth: float) -> None:
        """Draws what stands still nearer by so much than it is."""
        self._programs[what]["layer_bias"] = depth
