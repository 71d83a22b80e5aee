"""The passes of a frame on OpenGL: geometry, then the picture shaded from it, sky, water, halos, tone curve."""

from collections.abc import Sequence
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import View
from bridge.render.frame_block import frame_block
from bridge.render.hidden import Curtain
from bridge.render.instances import Instances
from bridge.render.labels import Bodies, labels_of
from bridge.render.lamps import lamp_grid
from bridge.render.light_maps import LightMaps
from bridge.render.lookups import Lookups
from bridge.render.palette import palette_of
from bridge.render.programs import KIND_DEPTH, TEXTURE_UNITS, geometry_programs, scene_programs
from bridge.render.sky import sky_over
from bridge.render.targets import Targets, depths
from bridge.render.uploaded import Ground, Owned
from bridge.scene import Scene
from bridge.types import Modality, WorldState

_LAYER_BIAS = 8e-7
"""Depth by which paving wins over the ground it lies on, in normalised device units: some seven steps of 24 bits."""
_BATCH_TRIANGLES = 10_000
"""So many triangles of parts are drawn before it is asked what they hide."""
_WORTH_ASKING = 0.9
"""It is asked again only if less than this part of the rest is still to be seen."""
_AT_HAND_M = 12.0
"""Parts nearer than this are drawn before it is asked."""
_NEAR_TERRAIN_M = 80.0
"""Terrain nearer than this is drawn before that, too."""
_MUCH_WATER = 0.1
"""Sensors have water shaded at half the picture's size where it fills more of it than this."""
_HALOS_TO_M = 400.0
_MARCH_STEPS = {False: 6, True: 14}
"""Steps in which reflections are looked for, for sensors and for stills."""


class Passes:
    """A scene on the card, ready to be seen from anywhere."""

    def __init__(self, ctx: Any, scene: Scene, is_fine: bool, has_shadows: bool, shadow_px: int) -> None:
        self._ctx, self._own, self._scene = ctx, Owned(), scene
        own = self._own
        self._is_fine, self._samples = is_fine, 2 if is_fine else 1
        self.labels = labels_of(scene)
        self.bodies = Bodies(self.labels)
        self._time_s = 0.0
        self._sky = sky_over(scene)
        self._haze = self._sky.haze()
        self._palette = palette_of(scene)
        is_dark = self._sky.night > 0.02
        self._has_lamps = bool(scene.environment.lamps_lit and len(scene.lights.positions) and is_dark)
        self._has_shadows = has_shadows and float(self._sky.sun_color.max()) > 0.02
        self._has_movers = False
        self._is_toned = _is_toned(is_fine, self._has_lamps)
        self._corner = own(ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], np.float32)))
        self._shaders: Owned = Owned()
        self._single, many = geometry_programs(ctx, own, {}), geometry_programs(ctx, own, {"INSTANCED": 1})
        shadows = {"shadow": self._single["shadow"], "shadow_instanced": many["shadow"]}
        self.ground = Ground(ctx, own, scene, self._palette, self._single, many, is_fine=is_fine)
        self.instances = Instances(ctx, own, scene, self._palette, self.labels, many, is_fine=is_fine)
        self._lamps = lamp_grid(scene.lights, scene.terrain, is_lit=self._has_lamps)
        self._lookups = Lookups(ctx, own, scene, self._palette, self._sky, self._lamps if self._has_lamps else None)
        self._lookups.place(self.labels, self.bodies)
        self._maps = LightMaps(
            ctx, own, self.ground, self.instances, shadows, scene.terrain, self._sky.sun, self._lookups,
            is_fine=is_fine, has_shadows=self._has_shadows, shadow_px=shadow_px,
        )  # fmt: skip
        self._water_samples = ctx.query(samples=True)
        self._sees_water = 0
        self._block = own(ctx.buffer(reserve=16 * 64))
        self._halo_rows = _halo_rows(scene, self._sky.fog_per_m)
        self._halo_buffer = own(ctx.buffer(reserve=max(self._halo_rows.nbytes, 32), dynamic=True))
        self._square = own(ctx.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32)))
        self._targets: dict[tuple[int, int], Targets] = {}
        self._screen = self._compiled()

    def release(self) -> None:
        """Gives everything back."""
        for targets in self._targets.values():
            targets.release()
        self._targets.clear()
        self._shaders.release()
        self._own.release()

    def _compiled(self) -> dict[str, tuple[Any, Any]]:
        """Programs that shade this scene's weather and hour, with what they are drawn by."""
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

    def move(self, state: WorldState) -> None:
        """Takes a world state over."""
        before, parts = self.bodies.is_mover.copy(), len(self.bodies.moved_parts)
        self.bodies.move(state)
        self._time_s = state.time_s
        self.instances.place(self.bodies.placed)
        self.ground.move_parts(self.bodies.moved_parts, 2 + len(self._scene.waters))
        self._lookups.place(self.labels, self.bodies)
        if (before != self.bodies.is_mover).any() or parts != len(self.bodies.moved_parts):
            self._maps.shade_still(self.bodies.is_mover)
            if not self._has_movers:
                self._has_movers = True
                self._screen = self._compiled()

    def frame(self, view: View, modalities: Sequence[Modality]) -> dict[str, NDArray]:
        """The arrays of a Frame that were asked for."""
        targets = self._target(view)
        if "rgb" in modalities and (self._is_fine or self._has_movers):
            self._maps.shade_near(view, self.bodies)
        rows, level, distance = self.instances.seen(view)
        index, gaps = self.ground.seen(view)
        near_m = self._near_m(view, rows, distance, index, gaps)
        block = frame_block(
            view, near_m, self._samples, self._time_s, self._sky, self._haze, self._scene.terrain, self._maps,
            self._lamps, self._lookups.sky_scale, _MARCH_STEPS[self._is_fine], self._palette.first_water,
        )  # fmt: skip
        self._block.write(block)
        self._block.bind_to_uniform_block(0)
        self._geometry(targets, view, near_m, (rows, level, distance), index, gaps)
        seen: dict[str, NDArray] = {}
        if "rgb" in modalities:
            self._shade(targets, view)
            seen["rgb"] = np.empty((view.height, view.width, 3), np.uint8)
            targets.final.read_into(seen["rgb"], components=3, alignment=1)
        seen.update(self._read(targets, modalities))
        for array in seen.values():
            array.setflags(write=False)
        return seen

    def _read(self, targets: Targets, modalities: Sequence[Modality]) -> dict[str, NDArray]:
        """Labels, depth and normals, of the sample nearest to the middle of each pixel."""
        picked = slice(self._samples // 2, None, self._samples)
        seen: dict[str, NDArray] = {}
        if set(modalities) <= {"rgb"}:
            return seen
        words = targets.words()[picked, picked]
        if "segmentation" in modalities:
            seen["segmentation"] = (words[..., 2] & 0x3FFFFF).view(np.int32)
        if "depth" in modalities:
            seen["depth"] = depths(words)
        if "normals" in modalities:
            seen["normals"] = normals = np.empty((*words.shape[:2], 3), np.float32)
            for axis in range(3):  # by axis: four times as fast as all at once
                np.multiply(words.view(np.int16)[..., axis], np.float32(1 / 32767), out=normals[..., axis])
        return seen

    def _target(self, view: View) -> Targets:
        size = view.width, view.height
        if size not in self._targets:
            self._targets[size] = Targets(self._ctx, *size, self._samples, is_toned=self._is_toned)
        return self._targets[size]

    def _near_m(self, view: View, rows: NDArray, distance: NDArray, index: NDArray, gaps: NDArray) -> float:
        """As far ahead as nothing can be cut off: depth is the finer the further this is."""
        clearance = float(view.position[2] - self._scene.terrain.height_at(view.position[:2]))
        nearest = [max(clearance, 0.0) * 0.5]
        if len(rows):
            nearest.append(float((distance - self.instances.radii[rows]).min()) * 0.6)
        built = gaps[self.ground.chunks.part[index] >= 0]
        if len(built):
            nearest.append(float(built.min()) * 0.6)
        return float(np.clip(min(nearest), 0.06, 3.0))

    def _geometry(
        self,
        targets: Targets,
        view: View,
        near_m: float,
        instances: tuple[NDArray, NDArray, NDArray],
        index: NDArray,
        gaps: NDArray,
    ) -> None:
        """Depth, normals and labels: near things first; what they hide of the rest is not drawn at all."""
        ctx = self._ctx
        targets.geometry.use()
        targets.geometry.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        ctx.depth_func = "<="
        ctx.front_face = "cw"
        ctx.cull_face = "back"
        rows, level, distance = instances
        tiles, tile_gaps, runs = self.ground.terrain_seen(view)
        at_hand = tile_gaps < _NEAR_TERRAIN_M
        count = self.ground.drawn(index, pixel_m=view.pixel_rad * gaps)
        index, count = self._draw_batch(index, count, gaps < _AT_HAND_M)
        self._draw_terrain(runs[at_hand])
        tiles, runs = tiles[~at_hand], runs[~at_hand]
        chunks = self.ground.chunks
        is_worth_asking = not self._is_fine
        while len(index):
            if is_worth_asking:
                curtain = Curtain(targets.depth_buffer(), near_m, view)
                shown = ~curtain.hides(chunks.low[index], chunks.high[index])
                is_worth_asking = shown.mean() < _WORTH_ASKING
                index, count = index[shown], count[shown]
            index, count = self._draw_batch(index, count, np.full(len(index), not is_worth_asking))
        if not self._is_fine:
            curtain = Curtain(targets.depth_buffer(), near_m, view)
            runs = runs[~curtain.hides(self.ground.tile_low[tiles], self.ground.tile_high[tiles])]
            centre, reach = self.instances.centres[rows], self.instances.radii[rows, None]
            shown = ~curtain.hides(centre - reach, centre + reach)
            rows, level, distance = rows[shown], level[shown], distance[shown]
        placed = self.instances.in_order(rows, level, distance, view.pixel_rad)
        for closed in (True, False):
            ctx.enable_only(moderngl.DEPTH_TEST | (moderngl.CULL_FACE if closed else 0))
            self.instances.draw("geometry", *placed, closed)
        self.ground.draw_moved("geometry")
        self._draw_terrain(runs)
        with self._water_samples:
            self.ground.draw_water("geometry", self.ground.water_seen(view))
        self._sees_water = self._water_samples.samples
        ctx.front_face = "ccw"
        ctx.enable_only(moderngl.NOTHING)

    def _draw_batch(
        self, index: NDArray[np.int64], count: NDArray[np.int64], is_due: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draws the nearest of chunks, and those that are due in any case; returns the rest."""
        is_due = is_due | (np.cumsum(count) - count < _BATCH_TRIANGLES)
        self._draw_chunks(index[is_due], count[is_due])
        return index[~is_due], count[~is_due]

    def _draw_terrain(self, runs: NDArray[np.int64]) -> None:
        self._ctx.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._bias(0.0)
        self.ground.draw_terrain("geometry", runs)

    def _draw_chunks(self, index: NDArray[np.int64], count: NDArray[np.int64]) -> None:
        """Draws static chunks from near to far, without backs where they cannot be seen, by layers of paving."""
        chunks = self.ground.chunks
        is_closed, layers = chunks.is_closed[index], chunks.layer[index]
        for closed in (True, False):
            self._ctx.enable_only(moderngl.DEPTH_TEST | (moderngl.CULL_FACE if closed else 0))
            for layer in (0, 1, 2):
                some = (layers == layer) & (is_closed == closed)
                if some.any():
                    self._bias(layer * _LAYER_BIAS)
                    self.ground.draw("geometry", index[some], count[some])

    def _bias(self, depth: float) -> None:
        """Draws what stands still nearer by so much than it is."""
        for name in ("geometry", "geometry_flat"):
            self._single[name]["layer_bias"] = depth

    def _shade(self, targets: Targets, view: View) -> None:
        """The picture."""
        self._lookups.use()
        targets.seen.use(TEXTURE_UNITS["g_seen"])
        targets.depth_map.use(TEXTURE_UNITS["depth_map"])
        is_sorted = self._is_fine or self._sees_water
        shading = targets.shading if is_sorted else targets.dry
        stages = [(shading, (self._samples, 0))]
        own = Owned()
        if is_sorted:
            self._sort(targets.sorting, stages[0][1])
        if self._is_fine:
            targets.shading.clear()  # or samples beside water see what the frame before left there
            listed, samples, sampling = targets.listed_edges(self._ctx, own)
            listed.use(TEXTURE_UNITS["edge_list"])
            stages.append((sampling, (1, 1)))
            self._sort(*stages[1])
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func = ">=" if is_sorted else ">"
        for name in ("surface", "sky"):
            self._screen[name][0]["kind_depth"] = KIND_DEPTH[name] if is_sorted else 1.0
        self._in_stages(stages, "surface")
        self._ctx.depth_func = "=="
        self._in_stages(stages, "sky")
        is_much = not self._is_fine and self._sees_water > _MUCH_WATER * view.width * view.height
        if is_much:
            targets.color.use(TEXTURE_UNITS["color_map"])
        elif self._sees_water or "mirror" in self._screen:
            self._ctx.copy_framebuffer(targets.copy, shading)
            targets.behind.use(TEXTURE_UNITS["color_map"])
        if self._sees_water and not is_much:
            self._in_stages(stages, "water")
        elif self._sees_water:
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
            self._draw_halos(view, targets.glowing if self._is_fine else shading)
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

    def _draw_halos(self, view: View, target: Any) -> None:
        rows = self._halo_rows
        planes = view.planes()
        shown = (rows[:, :3] @ planes[:, :3].T + planes[:, 3] >= -rows[:, 3:4]).all(axis=1)
        shown &= np.linalg.norm(rows[:, :3] - view.position, axis=1) < _HALOS_TO_M
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


def _is_toned(is_fine: bool, has_lamps: bool) -> bool:
    """Whether nothing is added to a pixel's light once it is shaded, so that the tone curve needs no pass of its own."""
    return not is_fine and not has_lamps


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
