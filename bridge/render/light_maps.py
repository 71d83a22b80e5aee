"""What the sun sees and what stands around: shadow maps and the canopy, drawn once or when things move."""

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import View
from bridge.render.canopy import CELLS, Canopy, canopy_of
from bridge.render.instances import Instances
from bridge.render.labels import Bodies
from bridge.render.lookups import Lookups
from bridge.render.uploaded import Ground, Owned
from bridge.scene import Terrain

_MOVERS_PX = 1024
_MOVERS_HALF_M = 50.0
_COARSEST = 2
_TERRAIN_ERROR_M = 0.4
_COARSE_M = 1.0
"""Texels taken to be so large [m] hide all thin things."""


class LightMaps:
    """A far shadow map of all that stands still, a near one around the camera, and heights seen from above.

    The far one is there at two sizes, one above the other; the near one holds everything for stills, and only what
    moves for sensors.
    """

    def __init__(
        self, ctx: Any, own: Owned, ground: Ground, instances: Instances, programs: dict[str, Any], terrain: Terrain,
        sun: NDArray[np.floating], lookups: Lookups, *, is_fine: bool, has_shadows: bool, shadow_px: int,
    ) -> None:  # fmt: skip
        self._ctx, self._ground, self._instances, self._programs = ctx, ground, instances, programs
        self._terrain, self._sun = terrain, sun
        self._is_fine, self._has_shadows = is_fine, has_shadows
        keep = ground.chunks.part >= 0
        low = np.concatenate([ground.tile_low, ground.chunks.low[keep]]).min(axis=0)
        high = np.concatenate([ground.tile_high, ground.chunks.high[keep]]).max(axis=0)
        if len(instances.centres):
            high[2] = max(high[2], float((instances.centres[:, 2] + instances.radii).max()))
        self.canopy: Canopy = canopy_of(self._tops(low, high), low[:2], high[:2])
        lookups.add_canopy(self.canopy, terrain)
        self.sun_from_world = self.near_from_world = _ortho(sun, low, high)
        far_px = shadow_px // 2 if is_fine else shadow_px
        self.texel_m = float(np.linalg.norm(high - low)) / far_px
        self.near_half_m = _MOVERS_HALF_M
        self.near_texel_m = 2 * _MOVERS_HALF_M / _MOVERS_PX
        if not has_shadows:
            return
        self._far = _shadow_map(ctx, own, far_px, far_px + far_px // 4)
        self._far_px = far_px
        lookups.keep("sun_depth", self._far[0])
        self._near_px = shadow_px // 2 if is_fine else _MOVERS_PX
        self._near = _shadow_map(ctx, own, self._near_px, self._near_px)
        lookups.keep("near_sun_depth", self._near[0])
        self.shade_still(np.zeros(len(instances.centres), bool))

    def shade_still(self, is_mover: NDArray[np.bool_]) -> None:
        """Draws the far shadow map, of everything that has never moved."""
        if self._has_shadows:
            standing = self._ground.standing() & (self._ground.chunks.part >= 0)
            target, side = self._far[1], self._far_px
            target.clear(depth=1.0)
            levels = self._instances.levels_of(_COARSEST)
            for corner, size in ((0, side), (side, side // 4)):
                target.viewport = (0, corner, size, size)
                self._draw(target, self.sun_from_world, standing, ~is_mover, levels, _COARSE_M)

    def shade_near(self, view: View, bodies: Bodies) -> None:
        """Draws the near shadow map, around what a camera looks at."""
        if not self._has_shadows:
            return
        ground = float(self._terrain.height_at(view.position[:2]))
        half = _MOVERS_HALF_M
        if self._is_fine:
            half = float(np.clip(40.0 + 1.6 * max(float(view.position[2]) - ground, 2.0), 45.0, 260.0))
        ahead = view.axes[:, 2] * [1, 1, 0]
        centre = view.position + ahead / max(float(np.linalg.norm(ahead)), 0.2) * half * 0.85
        centre[2] = float(self._terrain.height_at(centre[:2]))
        reach = np.full(3, half * 0.72)
        matrix = _ortho(self._sun, centre - reach, centre + reach, depth_m=900.0)
        self.near_from_world, self.near_half_m = matrix, half
        self.near_texel_m = 2 * half / self._near_px
        scale = float(np.linalg.norm(matrix[0, :3]))
        at = self._instances.centres @ matrix[:2, :3].T + matrix[:2, 3]
        rows = np.abs(at).max(axis=1) < 1 + self._instances.radii * scale
        chunks = self._ground.chunks
        standing = np.zeros(len(chunks.part), bool)
        if self._is_fine:
            corners = np.stack([np.where([k & 1, k & 2, k & 4], chunks.high, chunks.low) for k in range(8)])
            at = corners @ matrix[:2, :3].T + matrix[:2, 3]
            standing = ((at.min(axis=0) < 1) & (at.max(axis=0) > -1)).all(axis=1)
            standing &= self._ground.standing() & (chunks.part >= 0)
        else:
            rows &= bodies.is_mover
        self._near[1].clear(depth=1.0)
        level = self._instances.levels_at(self.near_texel_m) if self._is_fine else self._instances.levels_of(1)
        self._draw(self._near[1], matrix, standing, rows, level, self.near_texel_m, has_terrain=self._is_fine)

    def _tops(self, low: NDArray, high: NDArray) -> NDArray[np.float32]:
        """Heights of everything from straight above (CELLS, CELLS), row 0 south."""
        depth = self._ctx.depth_texture((CELLS, CELLS))
        target = self._ctx.framebuffer(depth_attachment=depth)
        scale = 2 / (high - low)
        matrix = np.diag([scale[0], scale[1], -scale[2], 1.0])
        matrix[:3, 3] = -np.diag(matrix)[:3] * (low + high) / 2
        target.clear(depth=1.0)
        everything = np.ones(len(self._instances.centres), bool)
        self._draw(
            target, matrix, self._ground.chunks.part >= 0, everything, self._instances.levels_of(_COARSEST), _COARSE_M
        )
        values = np.frombuffer(depth.read(), np.float32).reshape(CELLS, CELLS)
        target.release()
        depth.release()
        return (high[2] - values * (high[2] - low[2])).astype(np.float32)

    def _draw(
        self, target: Any, matrix: NDArray, chunks: NDArray, rows: NDArray, level: NDArray[np.int64], texel_m: float,
        *, has_terrain: bool = True,
    ) -> None:  # fmt: skip
        """Depth of chunks and instances at their levels of detail, as a light sees them in texels of some size."""
        ctx = self._ctx
        target.use()
        ctx.enable_only(moderngl.DEPTH_TEST)
        ctx.depth_func = "<="
        ctx.polygon_offset = 1.2, 4.0
        for name in ("shadow", "shadow_instanced"):
            self._programs[name]["light_from_world"].write(matrix.T.astype(np.float32).tobytes())
        if has_terrain:
            self._ground.draw_all_terrain("shadow", _TERRAIN_ERROR_M)
        index = np.flatnonzero(chunks)
        self._ground.draw("shadow", index, self._ground.drawn(index, pixel_m=texel_m))
        self._ground.draw_moved("shadow")
        which = np.flatnonzero(rows)
        self._instances.draw("shadow", *self._instances.in_order(which, level[which], np.zeros(len(which))))
        ctx.polygon_offset = 0.0, 0.0


def _shadow_map(ctx: Any, own: Owned, width: int, height: int) -> tuple[Any, Any]:
    """A depth texture and the frame that draws into it."""
    texture = own(ctx.depth_texture((width, height)))
    texture.compare_func = ""
    texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
    texture.repeat_x = texture.repeat_y = False
    return texture, own(ctx.framebuffer(depth_attachment=texture))


def _ortho(light: NDArray, low: NDArray, high: NDArray, depth_m: float | None = None) -> NDArray[np.float64]:
    """The parallel projection (4,4) along a light that holds a box; z grows away from the light."""
    side = np.cross([0.0, 0.0, 1.0], light) if abs(light[2]) < 0.99 else np.array([1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    axes = np.stack([side, np.cross(light, side), -light])
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    seen = corners @ axes.T
    centre, half = (seen.min(axis=0) + seen.max(axis=0)) / 2, (seen.max(axis=0) - seen.min(axis=0)) / 2 + 0.5
    if depth_m is not None:
        half[2] = depth_m / 2
    matrix = np.eye(4)
    matrix[:3, :3] = axes / half[:, None]
    matrix[:3, 3] = -centre / half
    return matrix
