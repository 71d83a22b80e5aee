"""The picture: shaded from what the geometry pass saw, with sky, water, mirrors, halos, glare and tone curve."""

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.lookups import Lookups
from bridge.render.palette import Palette
from bridge.render.programs import TEXTURE_UNITS, scene_programs
from bridge.render.sky import Sky
from bridge.render.targets import Targets
from bridge.render.uploaded import Owned
from bridge.scene import Scene

_MUCH_WATER = 0.1
"""Sensors have water shaded at half the picture's size where it fills more of it than this."""
_HALOS_TO_M = 400.0


class Picture:
    """Programs that shade a scene's weather and hour, and the order they are drawn in."""

    def __init__(
        self, ctx: Any, own: Owned, scene: Scene, sky: Sky, palette: Palette, lookups: Lookups,
        *, is_fine: bool, is_toned: bool, has_shadows: bool, has_lamps: bool,
    ) -> None:  # fmt: skip
        self._ctx, self._sky, self._palette, self._lookups = ctx, sky, palette, lookups
        self._is_fine, self._samples, self._is_toned = is_fine, 2 if is_fine else 1, is_toned
        self._has_shadows, self._has_lamps, self._has_movers = has_shadows, has_lamps, False
        self._corner = own(ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], np.float32)))
        self._halo_rows = _halo_rows(scene, sky.fog_per_m)
        self._halo_buffer = own(ctx.buffer(reserve=max(self._halo_rows.nbytes, 32), dynamic=True))
        self._square = own(ctx.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32)))
        self._shaders: Owned = Owned()
        self._screen = self._compiled()

    def expect_movers(self) -> None:
        """From now on things that moved cast shadows of their own."""
        if not self._has_movers:
            self._has_movers = True
            self._screen = self._compiled()

    def release(self) -> None:
        """Gives the programs back."""
        self._shaders.release()

    def _compiled(self) -> dict[str, tuple[Any, Any]]:
        """Programs with what they are drawn by."""
        self._shaders.release()
        made = scene_programs(
            self._ctx, self._sky, self._palette, is_fine=self._is_fine, is_toned=self._is_toned,
            has_shadows=self._has_shadows, has_lamps=self._has_lamps, has_movers=self._has_movers,
        )  # fmt: skip
        own = self._shaders
        screen = {}
        for name, built in made.items():
            layout = [(self._corner, "2f", "in_corner")]
            if name == "halo":
                layout = [(self._square, "2f", "in_corner"), (self._halo_buffer, "4f 4f/i", "in_lamp", "in_light")]
            screen[name] = (own(built), own(self._ctx.vertex_array(built, layout)))
        return screen

    def begin(self) -> None:
        """Puts what all pictures look up where shaders find it."""
        self._lookups.use()

    def draw(self, targets: Targets, planes: NDArray, position: NDArray, sees_water: int) -> None:
        """The picture of what the geometry pass left in targets, with so many samples of water in it, which it marked.

        The camera stands at `position` (3,) and sees what lies within `planes` (5,4).
        """
        targets.seen.use(TEXTURE_UNITS["g_seen"])
        targets.depth_map.use(TEXTURE_UNITS["depth_map"])
        shading = targets.shading if self._is_fine or sees_water else targets.dry
        stages = [(shading, (self._samples, 0))]
        own = Owned()
        if self._is_fine:
            self._sort(targets.sorting, stages[0][1])
            targets.shading.clear()  # or samples beside water see what the frame before left there
            listed, samples, sampling = targets.listed_edges(self._ctx, own)
            listed.use(TEXTURE_UNITS["edge_list"])
            stages.append((sampling, (1, 1)))
            self._sort(*stages[1])
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func = ">=" if shading is not targets.shading or self._is_fine else ">"
        self._in_stages(stages, "surface")
        self._ctx.depth_func = "==" if self._is_fine else "<"
        self._in_stages(stages, "sky")
        self._ctx.depth_func = "=="
        is_much = not self._is_fine and sees_water > _MUCH_WATER * targets.color.width * targets.color.height
        if is_much:
            targets.color.use(TEXTURE_UNITS["color_map"])
        elif sees_water or "mirror" in self._screen:
            self._ctx.copy_framebuffer(targets.copy, shading)
            targets.behind.use(TEXTURE_UNITS["color_map"])
        if sees_water and not is_much:
            self._in_stages(stages, "water")
        elif sees_water:
            self._ctx.depth_func = "<="
            targets.pools.clear(depth=1.0)
            self._in_stages([(targets.pools, (1, 0))], "pools")
            self._ctx.depth_func = "=="
            targets.waters.clear()
            self._in_stages([(targets.waters, (1, 0))], "half_water")
            targets.water.use(TEXTURE_UNITS["water_map"])
            self._in_stages(stages, "spread")
        if "mirror" in self._screen:
            self._ctx.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
            self._ctx.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
            self._in_stages(stages, "mirror")
        if self._is_fine:
            targets.glowing.clear()
        if self._has_lamps:
            self._draw_halos(planes, position, targets.glowing if self._is_fine else shading)
        self._ctx.enable_only(moderngl.NOTHING)
        if self._is_toned:
            return
        targets.color.use(TEXTURE_UNITS["color_map"])
        if self._is_fine:
            targets.glow.use(TEXTURE_UNITS["glow_map"])
            self._gather_glare(targets)
            targets.color.use(TEXTURE_UNITS["color_map"])
            targets.glare[0].use(TEXTURE_UNITS["glare_map"])
            samples.use(TEXTURE_UNITS["sample_map"])
            targets.edge_index.use(TEXTURE_UNITS["edge_index"])
        targets.final.use()
        self._draw_screen("resolve")
        own.release()

    def _sort(self, target: Any, stage: tuple[int, int]) -> None:
        """Writes what kind of thing pixels see into a depth buffer, by which later passes pick theirs."""
        target.depth_mask = True
        target.clear(depth=1.0)
        self._ctx.depth_func = "<="
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._in_stages([(target, stage)], "kinds")
        target.depth_mask = False

    def _in_stages(self, stages: list[tuple[Any, tuple[int, int]]], *names: str, **drawn: Any) -> None:
        for target, stage in stages:
            target.use()
            for name in names:
                built = self._screen[name][0]
                if built.get("stage", None) is not None:
                    built["stage"] = stage
                self._draw_screen(name, **drawn)

    def _draw_screen(self, name: str, **drawn: Any) -> None:
        self._screen[name][1].render(**drawn)

    def _draw_halos(self, planes: NDArray, position: NDArray, target: Any) -> None:
        rows = self._halo_rows
        shown = (rows[:, :3] @ planes[:, :3].T + planes[:, 3] >= -rows[:, 3:4]).all(axis=1)
        shown &= np.linalg.norm(rows[:, :3] - position, axis=1) < _HALOS_TO_M
        if shown.any():
            self._halo_buffer.write(np.ascontiguousarray(rows[shown]))
            self._ctx.enable_only(moderngl.BLEND)
            self._ctx.blend_func = moderngl.ONE, moderngl.ONE
            stage = (self._samples, 0)
            self._in_stages([(target, stage)], "halo", mode=moderngl.TRIANGLE_STRIP, instances=int(shown.sum()))

    def _gather_glare(self, targets: Targets) -> None:
        targets.glares[0].use()
        self._draw_screen("bright")
        for source, along in ((0, (1.0, 0.0)), (1, (0.0, 1.0))):
            targets.glare[source].use(TEXTURE_UNITS["color_map"])
            targets.glares[1 - source].use()
            self._screen["blur"][0]["along"] = along
            self._draw_screen("blur")


def _halo_rows(scene: Scene, fog_per_m: float) -> NDArray[np.float32]:
    """Per lamp its place, the reach of its glow in the air, its colour and its intensity [cd]."""
    lights = scene.lights
    rows = np.zeros((len(lights.positions), 8), np.float32)
    if len(rows):
        rows[:, :3] = lights.positions
        rows[:, 3] = np.clip(2.5 + 900.0 * fog_per_m + 3.0 * scene.environment.rain, 2.5, 14.0)
        rows[:, 4:7] = lights.colors
        rows[:, 7] = np.asarray(lights.lumens) / (4 * np.pi)
    return rows
