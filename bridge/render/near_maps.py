"""The shadow maps around cameras that are drawn together: of everything for stills, else of what moves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import Views
from bridge.render.instances import Instances
from bridge.render.labels import Bodies
from bridge.render.light_maps import LightMaps, ortho, shadow_map
from bridge.render.programs import TEXTURE_UNITS
from bridge.render.uploaded import Ground, Owned
from bridge.scene import Terrain

_MOVERS_PX = 1024
_MOVERS_HALF_M = 50.0
_DEPTH_M = 900.0


class NearMaps:
    """A shadow map for each view, aimed at what it looks at.

    `from_world` (k,4,4) are its projections, `half_m` and `texel_m` (k,) half its extent and the size of its texels.
    """

    def __init__(
        self, ctx: Any, own: Owned, ground: Ground, instances: Instances, maps: LightMaps, terrain: Terrain,
        sun: NDArray[np.floating], *, is_fine: bool, shadow_px: int,
    ) -> None:  # fmt: skip
        self._ctx, self._own = ctx, own
        self._ground, self._instances, self._maps = ground, instances, maps
        self._terrain, self._sun, self._is_fine = terrain, sun, is_fine
        self._px = shadow_px // 2 if is_fine else _MOVERS_PX
        self._whole = (0, 0, self._px, self._px)
        self._kept: list[tuple[Any, Any]] = []
        self._drawn: list[tuple[int, ...]] = []

    def aim(self, views: Views) -> None:
        """Says where the maps of views lie."""
        position, forward = views.position, views.axes[:, :, 2]
        self.half_m = np.full(len(views), _MOVERS_HALF_M)
        if self._is_fine:
            above = position[:, 2] - self._terrain.height_at(position[:, :2])
            self.half_m = np.clip(40.0 + 1.6 * np.maximum(above, 2.0), 45.0, 260.0)
        self.texel_m = 2 * self.half_m / self._px
        ahead = forward * [1, 1, 0]
        ahead = ahead / np.maximum(np.linalg.norm(ahead, axis=1), 0.2)[:, None]
        centre = position + ahead * (self.half_m * 0.85)[:, None]
        centre[:, 2] = self._terrain.height_at(centre[:, :2])
        reach = (self.half_m * 0.72)[:, None]
        self.from_world = ortho(self._sun, centre - reach, centre + reach, depth_m=_DEPTH_M)

    def line_up(self, bodies: Bodies) -> None:
        """Lines up what casts shadows in the maps, in place of what the scene's parts and placements had lined up."""
        instances, maps = self._instances, self.from_world[:, :2]
        reach = instances.radii * np.linalg.norm(maps[:, 0, :3], axis=1)[:, None]
        at = maps[:, :, :3] @ instances.centres.T + maps[:, :, 3:]
        rows = np.abs(at).max(axis=1) < 1 + reach
        self._solid: dict[int, slice] = {}
        if self._is_fine:
            self._solid = self._solid_within(maps)
            level = np.stack([instances.levels_at(texel_m) for texel_m in self.texel_m.tolist()])
        else:
            rows &= bodies.is_mover
            level = np.broadcast_to(instances.levels_of(1), rows.shape)
        which, index = np.nonzero(rows)
        self._placed = instances.line_up_shadows(which, index, level[which, index])
        is_all = self._is_fine or self._ground.has_moved
        self._held = [self._whole] * len(maps) if is_all else self._boxes(at, reach, rows)

    def draw(self) -> None:
        """Draws the views' maps, after what those before left in them was cleared."""
        while len(self._kept) < len(self._held):
            self._kept.append(shadow_map(self._ctx, self._own, self._px, self._px))
            self._drawn.append(self._whole)
        for view, held in enumerate(self._held):
            target = self._kept[view][1]
            target.scissor = None
            target.clear(depth=1.0, viewport=self._drawn[view])
            target.scissor = self._drawn[view] = held
            self._maps.cast(
                target, self.from_world[view], self._solid.get(view), self._placed.get(view),
                has_terrain=self._is_fine,
            )  # fmt: skip

    def use(self, view: int) -> None:
        """Puts a view's map where shaders find it."""
        self._kept[view][0].use(TEXTURE_UNITS["near_sun_depth"])

    def _solid_within(self, maps: NDArray[np.float64]) -> dict[int, slice]:
        """Lines up the chunks that reach into maps (k,2,4)."""
        chunks = self._ground.chunks
        corners = np.stack([np.where([k & 1, k & 2, k & 4], chunks.high, chunks.low) for k in range(8)])
        at = (maps[:, :, :3] @ corners.reshape(-1, 3).T + maps[:, :, 3:]).reshape(len(maps), 2, 8, -1)
        is_within = ((at.min(axis=2) < 1) & (at.max(axis=2) > -1)).all(axis=1)
        which, index = np.nonzero(is_within & self._ground.standing() & (chunks.part >= 0))
        return self._ground.line_up(which, index, self._ground.drawn(index, pixel_m=self.texel_m[which]))

    def _boxes(self, at: NDArray, reach: NDArray, rows: NDArray) -> list[tuple[int, ...]]:
        """The texels of each map (left, low, width, height) that rows (k,n) at (k,2,n) reach: a fraction is quick to clear."""
        reach = reach[:, None] + 2 / self._px
        low = np.where(rows[:, None], at - reach, 1.0).min(axis=2, initial=1.0)
        high = np.where(rows[:, None], at + reach, -1.0).max(axis=2, initial=-1.0)
        first, last = (np.clip((ends * 0.5 + 0.5) * self._px, 0, self._px).astype(np.int64) for ends in (low, high))
        return [tuple(box) for box in np.concatenate([first, np.maximum(last + 1 - first, 0)], axis=1).tolist()]
