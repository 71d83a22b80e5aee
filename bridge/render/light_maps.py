"""What the sun sees and what stands around: the far shadow map and the canopy, drawn once or when things move."""

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.canopy import CELLS, Canopy, canopy_of
from bridge.render.instances import Instances
from bridge.render.lookups import Lookups
from bridge.render.uploaded import Ground, Owned
from bridge.scene import Terrain

_COARSEST = 2
_TERRAIN_ERROR_M = 0.4
_COARSE_M = 1.0
"""Texels taken to be so large [m] hide all thin things."""


class LightMaps:
    """A shadow map of all that stands still, there at two sizes, one above the other, and heights seen from above."""

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
        lookups.add_ground(self.canopy, terrain)
        self.sun_from_world = ortho(sun, low, high)
        far_px = shadow_px // 2 if is_fine else shadow_px
        self.texel_m = float(np.linalg.norm(high - low)) / far_px
        if not has_shadows:
            return
        self._far = shadow_map(ctx, own, far_px, far_px + far_px // 4)
        self._far_px = far_px
        lookups.keep("sun_depth", self._far[0])
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
        self, target: Any, matrix: NDArray, chunks: NDArray, rows: NDArray, level: NDArray[np.int64], texel_m: float
    ) -> None:
        """Depth of chunks and instances at their levels of detail, as a light sees them in texels of some size."""
        index, which = np.flatnonzero(chunks), np.flatnonzero(rows)
        count = self._ground.drawn(index, pixel_m=texel_m)
        solid = self._ground.line_up(np.zeros(len(index), np.int64), index, count)
        placed = self._instances.line_up_shadows(np.zeros(len(which), np.int64), which, level[which])
        self.cast(target, matrix, solid.get(0), placed.get(0))

    def cast(
        self, target: Any, matrix: NDArray, solid: slice | None, placed: slice | None, *, has_terrain: bool = True
    ) -> None:
        """Depth of what is lined up, and of what has moved, as a light sees it."""
        ctx = self._ctx
        target.use()
        ctx.enable_only(moderngl.DEPTH_TEST)
        ctx.depth_func = "<="
        ctx.polygon_offset = 1.2, 4.0
        for name in ("shadow", "shadow_instanced"):
            self._programs[name]["light_from_world"].write(matrix.T.astype(np.float32).tobytes())
        if has_terrain:
            self._ground.draw_all_terrain("shadow", _TERRAIN_ERROR_M)
        if solid:
            self._ground.solid.show("shadow", solid)
        self._ground.draw_moved("shadow")
        if placed:
            self._instances.show("shadow", placed)
        ctx.polygon_offset = 0.0, 0.0


def shadow_map(ctx: Any, own: Owned, width: int, height: int) -> tuple[Any, Any]:
    """A depth texture and the frame that draws into it."""
    texture = own(ctx.depth_texture((width, height)))
    texture.compare_func = ""
    texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
    texture.repeat_x = texture.repeat_y = False
    return texture, own(ctx.framebuffer(depth_attachment=texture))


def ortho(light: NDArray, low: NDArray, high: NDArray, depth_m: float | None = None) -> NDArray[np.float64]:
    """The parallel projections (..., 4, 4) along a light that hold boxes (..., 3); z grows away from the light."""
    side = np.cross([0.0, 0.0, 1.0], light) if abs(light[2]) < 0.99 else np.array([1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    axes = np.stack([side, np.cross(light, side), -light])
    seen = np.stack([np.where([k & 4, k & 2, k & 1], high, low) for k in range(8)], axis=-2) @ axes.T
    least, most = seen.min(axis=-2), seen.max(axis=-2)
    centre, half = (least + most) / 2, (most - least) / 2 + 0.5
    if depth_m is not None:
        half[..., 2] = depth_m / 2
    matrix = np.zeros((*half.shape[:-1], 4, 4))
    matrix[..., :3, :3] = axes / half[..., None]
    matrix[..., :3, 3] = -centre / half
    matrix[..., 3, 3] = 1.0
    return matrix
