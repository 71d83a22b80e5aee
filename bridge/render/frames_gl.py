"""The passes of a frame on OpenGL: shadow maps, geometry, shading, sky, water, halos, the final picture."""

from collections.abc import Sequence
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from bridge.render.air import RAIN_TAN, rain_tile, snow_tile
from bridge.render.camera import View
from bridge.render.canopy import CELLS, canopy_of
from bridge.render.hidden import Curtain
from bridge.render.labels import Bodies, labels_of
from bridge.render.lamps import lamp_grid
from bridge.render.palette import palette_of
from bridge.render.patterns import pattern_tiles
from bridge.render.programs import TEXTURE_UNITS, program
from bridge.render.sky import cloud_field, sky_of
from bridge.render.uploaded import Ground, Instances, Owned, instance_table
from bridge.scene import Scene
from bridge.types import Modality, WorldState

FAR_M = 12_000.0
_LAYER_BIAS = 8e-7
"""Depth by which paving wins over the ground it lies on, in normalised device units: some seven steps of 24 bits."""
_NEAR_TRIANGLES = 25_000
"""So many triangles of parts are drawn before it is asked what they hide."""
_HALO_CORNERS = np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32)


class Targets:
    """The pictures that passes draw into, for one size."""

    def __init__(self, ctx: Any, width: int, height: int, samples: int) -> None:
        self.own = own = Owned()
        self.size = wide, high = width * samples, height * samples
        self.surface = own(ctx.texture((wide, high), 4, dtype="f4"))
        self.label = own(ctx.texture((wide, high), 1, dtype="u4"))
        self.color = own(ctx.texture((wide, high), 4, dtype="f2"))
        self.behind = own(ctx.texture((wide, high), 4, dtype="f2"))
        depth = own(ctx.depth_texture((wide, high)))
        self.shown = own(ctx.texture((width, height), 4))
        for texture in (self.surface, self.label, self.color, self.behind):
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
            texture.repeat_x = texture.repeat_y = False
        self.geometry = own(ctx.framebuffer([self.surface, self.label], depth))
        self.shading = own(ctx.framebuffer([self.color], depth))
        self.copy = own(ctx.framebuffer([self.behind]))
        self.final = own(ctx.framebuffer([self.shown]))
        self.glare_size = max(wide // (4 * samples), 1), max(high // (4 * samples), 1)
        self.glare = [own(ctx.texture(self.glare_size, 4, dtype="f2")) for _ in range(2)]
        for texture in self.glare:
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.repeat_x = texture.repeat_y = False
        self.glares = [own(ctx.framebuffer([texture])) for texture in self.glare]


class Passes:
    """A scene on the card, ready to be seen from anywhere."""

    def __init__(self, ctx: Any, scene: Scene, is_fine: bool, has_shadows: bool, shadow_px: int) -> None:
        self._ctx, self._own = ctx, Owned()
        own = self._own
        self._is_fine, self._samples = is_fine, 2 if is_fine else 1
        self.labels = labels_of(scene)
        self.bodies = Bodies(self.labels)
        self._time_s = 0.0
        self._sky = sky = sky_of(scene.environment)
        self._scene = scene
        self._haze = sky.haze()
        palette = palette_of(scene)
        self._palette = palette
        self._has_halos = bool(scene.environment.lamps_lit and len(scene.lights.positions))
        self._has_lamps = self._has_halos and sky.night > 0.02
        self._has_shadows = has_shadows and float(sky.sun_color.max()) > 0.02
        self._has_movers = False
        self._programs = self._compiled()
        names = self._programs
        self.ground = Ground(
            ctx, own, scene, palette,
            {
                "solid": {"geometry": names["geometry"], "shadow": names["shadow"]},
                "instanced": {"geometry": names["geometry_instanced"], "shadow": names["shadow_instanced"]},
                "water": {"geometry": names["geometry"], "water": names["water"]},
            },
        )  # fmt: skip
        self.instances = Instances(
            ctx, own, scene, palette, self.labels,
            {"geometry": names["geometry_instanced"], "shadow": names["shadow_instanced"]},
        )  # fmt: skip
        self._frame_block = own(ctx.buffer(reserve=4 * 4 * 46))
        corner = own(ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], np.float32).tobytes()))
        self._screen = {
            key: own(ctx.vertex_array(names[key], [(corner, "2f", "in_corner")]))
            for key in ("surface", "sky", "resolve", "bright", "blur", "mirror")
            if key in names
        }
        self._targets: dict[tuple[int, int], Targets] = {}
        self._textures: dict[str, Any] = {}
        self._shadow_px = shadow_px
        self._fill_textures(scene)
        self._light_maps()
        if self._has_halos:
            square = own(ctx.buffer(_HALO_CORNERS.tobytes()))
            self._halo_rows = self._halos(scene)
            self._halo_buffer = own(ctx.buffer(reserve=max(self._halo_rows.nbytes, 32), dynamic=True))
            self._halo = own(
                ctx.vertex_array(
                    names["halo"], [(square, "2f", "in_corner"), (self._halo_buffer, "4f 4f/i", "in_lamp", "in_light")]
                )
            )

    def release(self) -> None:
        """Gives everything back."""
        for targets in self._targets.values():
            targets.own.release()
        self._targets.clear()
        self._own.release()

    def _compiled(self) -> dict[str, Any]:
        ctx, sky = self._ctx, self._sky
        environment = sky.environment
        defines: dict[str, object] = {}
        if self._has_shadows:
            defines["SHADOWS"] = 1
        if self._is_fine:
            defines["FINE"] = 1
        if self._has_lamps:
            defines["LAMPS"] = 1
        if sky.glow > 0:
            defines["GLOWING"] = 1
        if environment.snow_cover > 0:
            defines["SNOWY"] = 1
        if environment.wetness > 0:
            defines["WET"] = 1
        if environment.rain > 0:
            defines["RAINY"] = 1
        elif environment.snowfall > 0:
            defines["SNOWING"] = 1
        if environment.rain > 0 or environment.snowfall > 0:
            defines["AIR"] = 1
        if sky.night > 0:
            defines["DARK"] = 1
        marching: dict[str, object] = {"MARCH_STEPS": 6, "MARCH_GROWTH": 2.3, "MARCH_REFINE": 3}
        if self._is_fine:
            marching = {"MARCH_STEPS": 36, "MARCH_GROWTH": 1.13, "MARCH_REFINE": 4}
        own = self._own
        made = {
            "geometry": program(ctx, "geometry.vert", "geometry.frag", {"WATER": 1}),
            "geometry_instanced": program(ctx, "geometry.vert", "geometry.frag", {"INSTANCED": 1}),
            "shadow": program(ctx, "shadow.vert", "shadow.frag"),
            "shadow_instanced": program(ctx, "shadow.vert", "shadow.frag", {"INSTANCED": 1}),
            "surface": program(ctx, "screen.vert", "surface.frag", defines),
            "sky": program(ctx, "screen.vert", "sky.frag", defines),
            "water": program(ctx, "geometry.vert", "water.frag", {**defines, **marching, "WATER": 1}),
            "resolve": program(
                ctx, "screen.vert", "resolve.frag",
                {**defines, "SAMPLES": self._samples, **({"GLARE": 1} if self._is_fine else {})},
            ),
        }  # fmt: skip
        if self._is_fine:
            made["bright"] = program(ctx, "screen.vert", "bright.frag", {"GLARE_STEP": 4 * self._samples})
            if environment.wetness > 0:
                made["mirror"] = program(ctx, "screen.vert", "mirror.frag", {**defines, **marching})
            made["blur"] = program(ctx, "screen.vert", "blur.frag", {"RADIUS": 14})
        if self._has_halos:
            made["halo"] = program(ctx, "halo.vert", "halo.frag", defines)
        for item in made.values():
            own(item)
        return made

    def _fill_textures(self, scene: Scene) -> None:
        ctx, own, textures = self._ctx, self._own, self._textures
        linear, nearest = (moderngl.LINEAR, moderngl.LINEAR), (moderngl.NEAREST, moderngl.NEAREST)
        mipmapped = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)

        def texture(name: str, array: NDArray, dtype: str, sampling: tuple[int, int], repeat: bool = False) -> None:
            channels = 1 if array.ndim == 2 else array.shape[2]
            made = own(ctx.texture(array.shape[1::-1], channels, np.ascontiguousarray(array).tobytes(), dtype=dtype))
            if sampling == mipmapped:
                made.build_mipmaps()
            made.filter = sampling
            made.repeat_x = made.repeat_y = repeat
            textures[name] = made

        rows = self._palette.rows.reshape(-1, 3, 4)
        texture("palette", rows, "f4", nearest)
        self._instance_texture()
        stack = pattern_tiles(self._palette.patterns)
        tiles = own(ctx.texture_array((*stack.shape[2:0:-1], stack.shape[0]), 4, stack.tobytes()))
        tiles.build_mipmaps()
        tiles.filter = mipmapped
        textures["tiles"] = tiles
        picture = self._sky.map()
        small = picture.reshape(48, 8, 48, 8, 3).mean(axis=(1, 3))
        soft = gaussian_filter(small, (2.5, 2.5, 0), mode="nearest")
        for name, values in (("sky_map", picture), ("soft_sky_map", soft)):
            padded = np.concatenate([values, np.ones((*values.shape[:2], 1), np.float32)], axis=-1)
            texture(name, padded.astype(np.float32), "f4", linear)
        clouds = np.rint(cloud_field() * 255).astype(np.uint8)
        texture("cloud_map", clouds, "f1", mipmapped, repeat=True)
        if scene.environment.rain > 0 or scene.environment.snowfall > 0:
            texture("air_map", rain_tile() if scene.environment.rain > 0 else snow_tile(), "f1", linear, repeat=True)
        terrain = scene.terrain
        numbers = self._palette.indices(terrain.surfaces)[terrain.surface]
        colors = np.sqrt(self._palette.rows[numbers, :3])
        texture("ground_map", np.concatenate([colors, terrain.heights[..., None]], axis=-1).astype("f4"), "f4", linear)
        texture("surface_map", numbers.astype(np.uint16), "u2", nearest)
        grid = lamp_grid(scene.lights, terrain)
        self._lamp_map = grid
        for name, values in (("lamp_light", grid.lux), ("lamp_from", grid.toward)):
            levels, rows_, cols, _ = values.shape
            padded = np.concatenate([values, np.zeros((*values.shape[:3], 1), np.float32)], axis=-1).astype(np.float16)
            made = own(ctx.texture3d((cols, rows_, levels), 4, padded.tobytes(), dtype="f2"))
            made.filter = linear
            made.repeat_x = made.repeat_y = made.repeat_z = False
            textures[name] = made

    def _instance_texture(self) -> None:
        table = instance_table(self.labels, self.bodies)
        if "instances" in self._textures:
            self._textures["instances"].write(table.tobytes())
            return
        made = self._own(self._ctx.texture(table.shape[1::-1], 4, table.tobytes(), dtype="f4"))
        made.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._textures["instances"] = made

    def _halos(self, scene: Scene) -> NDArray[np.float32]:
        lights = scene.lights
        reach = np.clip(2.5 + 900.0 * self._sky.fog_per_m + 3.0 * scene.environment.rain, 2.5, 14.0)
        rows = np.zeros((len(lights.positions), 8), np.float32)
        rows[:, :3] = lights.positions
        rows[:, 3] = reach
        rows[:, 4:7] = lights.colors
        rows[:, 7] = np.asarray(lights.lumens) / (4 * np.pi)
        return rows

    def move(self, state: WorldState) -> None:
        """Takes a world state over."""
        before = self.bodies.is_mover.copy()
        self.bodies.move(state)
        self._time_s = state.time_s
        self.instances.place(self.bodies.placed)
        self.ground.move_parts(self.bodies.moved_parts, 2 + len(self._scene.waters))
        self._instance_texture()
        if (before != self.bodies.is_mover).any():
            self._shade_static()

    # Light maps ------------------------------------------------------------------------------------------------------

    def _light_maps(self) -> None:
        own, ctx = self._own, self._ctx
        chunks = self.ground.chunks
        keep = chunks.part >= 0
        low = np.concatenate([self.ground.tile_low, chunks.low[keep]]).min(axis=0)
        high = np.concatenate([self.ground.tile_high, chunks.high[keep]]).max(axis=0)
        if len(self.instances.centres):
            reach = self.instances.radii[:, None]
            high[2] = max(high[2], float((self.instances.centres + reach)[:, 2].max()))
        self._box = low, high
        tops = self._tops(low, high)
        canopy = canopy_of(tops, low[:2], high[:2])
        self._canopy = canopy
        made = own(ctx.texture((CELLS, CELLS), 2, canopy.heights.astype("f4").tobytes(), dtype="f4"))
        made.filter = (moderngl.LINEAR, moderngl.LINEAR)
        made.repeat_x = made.repeat_y = False
        self._textures["canopy"] = made
        self._sun_from_world = _ortho(self._sky.sun, low, high)
        self._near_from_world = self._sun_from_world
        self._texel = float(np.linalg.norm(high - low)) / self._shadow_px
        self._near_half = 0.0
        if not self._has_shadows:
            return
        self._sun_depth = own(ctx.depth_texture((self._shadow_px, self._shadow_px)))
        self._sun_target = own(ctx.framebuffer(depth_attachment=self._sun_depth))
        _as_shadow(self._sun_depth)
        self._textures["sun_depth"] = self._sun_depth
        if self._is_fine:
            near = own(ctx.depth_texture((self._shadow_px, self._shadow_px)))
            self._near_target = own(ctx.framebuffer(depth_attachment=near))
            _as_shadow(near)
            self._textures["near_sun_depth"] = near
        self._shade_static()

    def _tops(self, low: NDArray, high: NDArray) -> NDArray[np.float32]:
        """Heights of everything from straight above (CELLS, CELLS), row 0 south."""
        ctx = self._ctx
        depth = ctx.depth_texture((CELLS, CELLS))
        target = ctx.framebuffer(depth_attachment=depth)
        scale = 2 / (high - low)
        matrix = np.diag([scale[0], scale[1], -scale[2], 1.0])
        matrix[:3, 3] = -np.diag(matrix)[:3] * (low + high) / 2
        self._draw_depth(target, matrix, self.ground.standing(), np.ones(len(self.instances.centres), bool), 2)
        values = np.frombuffer(depth.read(), np.float32).reshape(CELLS, CELLS)
        target.release()
        depth.release()
        return (high[2] - values * (high[2] - low[2])).astype(np.float32)

    def _draw_depth(self, target: Any, matrix: NDArray, chunks: NDArray, rows: NDArray, level: int) -> None:
        ctx = self._ctx
        target.use()
        target.clear(depth=1.0)
        ctx.enable_only(moderngl.DEPTH_TEST)
        ctx.depth_func = "<="
        for name in ("shadow", "shadow_instanced"):
            self._programs[name]["light_from_world"].write(matrix.T.astype(np.float32).tobytes())
        self.ground.draw_all_terrain("shadow", 1)
        self.ground.draw("shadow", np.flatnonzero(chunks))
        which = np.flatnonzero(rows)
        self.instances.draw("shadow", which, self.instances.levels_of(which, level), np.zeros(len(which)))

    def _shade_static(self) -> None:
        """The far shadow map, of everything that does not move."""
        if not self._has_shadows:
            return
        chunks = self.ground.standing()
        chunks &= self.ground.chunks.part >= 0
        self._ctx.polygon_offset = 1.2, 4.0
        self._draw_depth(self._sun_target, self._sun_from_world, chunks, ~self.bodies.is_mover, 1)
        self._ctx.polygon_offset = 0.0, 0.0

    def _shade_near(self, view: View) -> None:
        """The near shadow map, around what the camera looks at."""
        height = max(float(view.position[2] - self._scene.terrain.height_at(view.position[:2])), 2.0)
        half = float(np.clip(40.0 + 1.6 * height, 45.0, 260.0))
        ahead = view.axes[:, 2] * [1, 1, 0]
        centre = view.position + ahead / max(float(np.linalg.norm(ahead)), 0.2) * half * 0.85
        centre[2] = float(self._scene.terrain.height_at(centre[:2]))
        reach = np.array([half, half, half])
        matrix = _ortho(self._sky.sun, centre - reach * 0.72, centre + reach * 0.72, depth_m=900.0)
        self._near_from_world, self._near_half = matrix, half
        chunks, low, high = self.ground.standing(), self.ground.chunks.low, self.ground.chunks.high
        corners = np.stack([np.where([k & 1, k & 2, k & 4], high, low) for k in range(8)])
        at = corners @ matrix[:2, :3].T + matrix[:2, 3]
        chunks &= ((at.min(axis=0) < 1) & (at.max(axis=0) > -1)).all(axis=1)
        chunks &= self.ground.chunks.part >= 0
        scale = np.linalg.norm(matrix[0, :3])
        at = self.instances.centres @ matrix[:2, :3].T + matrix[:2, 3]
        rows = (np.abs(at) < 1 + self.instances.radii[:, None] * scale).all(axis=1)
        self._ctx.polygon_offset = 1.2, 4.0
        self._draw_depth(self._near_target, matrix, chunks, rows, 0)
        self._ctx.polygon_offset = 0.0, 0.0

    # A frame ---------------------------------------------------------------------------------------------------------

    def frame(self, view: View, modalities: Sequence[Modality]) -> dict[str, NDArray]:
        """The arrays of a Frame that were asked for."""
        wants_rgb = "rgb" in modalities
        samples = self._samples
        targets = self._target(view.width, view.height, samples)
        if wants_rgb and self._has_shadows and self._is_fine:
            self._shade_near(view)
        rows, level, distance = self.instances.seen(view)
        index, gaps = self.ground.seen(view)
        near = self._near_plane(view, rows, distance, index, gaps)
        self._write_frame(view, near, targets.size)
        waters = self.ground.water_seen(view)
        self._geometry(targets, view, rows, level, distance, index, gaps, waters)
        seen: dict[str, NDArray] = {}
        if wants_rgb:
            self._shade(targets, view, waters)
            shown = np.frombuffer(targets.final.read(components=4), np.uint8).reshape(view.height, view.width, 4)
            seen["rgb"] = np.ascontiguousarray(shown[..., :3])
        if "segmentation" in modalities:
            label = np.frombuffer(targets.geometry.read(components=1, attachment=1, dtype="u4"), np.uint32)
            label = label.reshape(targets.size[::-1])[samples // 2 :: samples, samples // 2 :: samples]
            seen["segmentation"] = (label & 0x3FFFFF).astype(np.int32)
        if "depth" in modalities or "normals" in modalities:
            surface = np.frombuffer(targets.geometry.read(components=4, dtype="f4"), np.float32)
            surface = surface.reshape(*targets.size[::-1], 4)[samples // 2 :: samples, samples // 2 :: samples]
            if "depth" in modalities:
                seen["depth"] = np.ascontiguousarray(surface[..., 3])
            if "normals" in modalities:
                seen["normals"] = np.ascontiguousarray(surface[..., :3])
        for array in seen.values():
            array.setflags(write=False)
        return seen

    def _target(self, width: int, height: int, samples: int) -> Targets:
        if (width, height) not in self._targets:
            self._targets[width, height] = Targets(self._ctx, width, height, samples)
        return self._targets[width, height]

    def _near_plane(self, view: View, rows: NDArray, distance: NDArray, index: NDArray, gaps: NDArray) -> float:
        """As far ahead as nothing can be cut off: depth is the finer the further this is."""
        clearance = float(view.position[2] - self._scene.terrain.height_at(view.position[:2]))
        nearest = [max(clearance, 0.0) * 0.5]
        if len(rows):
            nearest.append(float((distance - self.instances.radii[rows]).min()) * 0.6)
        built = gaps[self.ground.chunks.part[index] >= 0]
        if len(built):
            nearest.append(float(built.min()) * 0.6)
        return float(np.clip(min(nearest), 0.06, 3.0))

    def _write_frame(self, view: View, near: float, size: tuple[int, int]) -> None:
        sky, env, terrain = self._sky, self._sky.environment, self._scene.terrain
        rows, cols = terrain.heights.shape
        # Row and column 0 of the maps lie at the vertices, so that texels stand half a cell around them.
        extent = terrain.cell_m * np.array([cols, rows])
        origin = np.array(terrain.origin) - terrain.cell_m / 2
        wind = -env.wind_m_s * np.array([np.cos(env.wind_from_rad), np.sin(env.wind_from_rad)])
        right, down, forward = view.axes.T
        lamps, canopy = self._lamp_map, self._canopy
        vec4s: list[NDArray] = [
            *view.clip_from_world(near, FAR_M).T,
            *self._sun_from_world.T,
            *self._near_from_world.T,
            np.array([*view.position, view.pixel_rad / (size[1] / view.height)]),
            np.array([*right, view.tan_x]),
            np.array([*down, view.tan_y]),
            np.array([*forward, self._time_s]),
            np.array([*size, 1 / size[0], 1 / size[1]]),
            np.array([*sky.sun, float(sky.is_moon)]),
            np.array([*sky.sun_color, sky.cover]),
            np.array([*sky.real_sun, sky.overcast]),
            *[np.array([*row, 0.0]) for row in sky.ambient],
            np.array([*sky.fog_color, sky.fog_per_m]),
            np.array([*sky.zenith, sky.veil]),
            np.array([*sky.horizon_away, sky.night]),
            np.array([*sky.horizon_sun, sky.glow]),
            np.array([*sky.glow_color, sky.lamp_gain]),
            np.array([*sky.cloud_bright, wind[0]]),
            np.array([*sky.cloud_dark, wind[1]]),
            np.array([env.rain, env.snowfall, env.snow_cover, env.wetness]),
            np.array([*origin, *(1 / extent)]),
            np.array([*canopy.low, *(1 / (canopy.high - canopy.low))]),
            np.array([*lamps.low, *(1 / (lamps.high - lamps.low))]),
            np.array([*self._haze[0], 0.0]),
            np.array([*self._haze[1], RAIN_TAN]),
            np.array([self._texel, 2 * self._near_half / self._shadow_px, self._near_half, self._palette.first_water]),
        ]
        block = np.stack(vec4s).astype(np.float32)
        if block.nbytes != self._frame_block.size:
            self._frame_block.orphan(block.nbytes)
        self._frame_block.write(block.tobytes())
        self._frame_block.bind_to_uniform_block(0)

    def _geometry(
        self, targets: Targets, view: View, rows: NDArray, level: NDArray, distance: NDArray, index: NDArray, gaps: NDArray,
        waters: NDArray,
    ) -> None:  # fmt: skip
        ctx = self._ctx
        targets.geometry.use()
        targets.geometry.depth_mask = True
        targets.geometry.clear(0.0, 0.0, 0.0, float("inf"), depth=1.0)
        ctx.depth_func = "<="
        ctx.front_face = "cw"
        ctx.cull_face = "back"
        self._programs["geometry_instanced"]["layer_bias"] = 0.0
        # Near things first; what they hide of the rest is not drawn at all.
        is_near = np.cumsum(self.ground.chunks.count[index]) <= _NEAR_TRIANGLES
        is_near |= gaps < 12.0
        self._draw_chunks(index[is_near], view)
        ctx.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._programs["geometry"]["layer_bias"] = 0.0
        self.ground.draw_terrain("geometry", view)
        rest = index[~is_near]
        if not self._is_fine and len(rest) + len(rows):
            surface = np.frombuffer(targets.geometry.read(components=4, dtype="f4"), np.float32)
            curtain = Curtain(surface.reshape(*targets.size[::-1], 4)[..., 3], view)
            chunks, reach = self.ground.chunks, self.instances.radii[rows, None]
            rest = rest[~curtain.hides(chunks.low[rest], chunks.high[rest])]
            centre = self.instances.centres[rows]
            shown = ~curtain.hides(centre - reach, centre + reach)
            rows, level, distance = rows[shown], level[shown], distance[shown]
        self._draw_chunks(rest, view)
        for closed in (True, False):
            ctx.enable_only(moderngl.DEPTH_TEST | (moderngl.CULL_FACE if closed else 0))
            self.instances.draw("geometry", rows, level, distance, closed)
        self.ground.draw_moved("geometry")
        self._programs["geometry"]["layer_bias"] = 0.0
        self.ground.draw_water("geometry", waters)

    def _draw_chunks(self, index: NDArray, view: View) -> None:
        """Draws static chunks from near to far, without backs where they cannot be seen, by layers of paving."""
        chunks = self.ground.chunks
        for closed in (True, False):
            self._ctx.enable_only(moderngl.DEPTH_TEST | (moderngl.CULL_FACE if closed else 0))
            for layer in (0, 1, 2):
                self._programs["geometry"]["layer_bias"] = layer * _LAYER_BIAS
                some = index[(chunks.layer[index] == layer) & (chunks.is_closed[index] == closed)]
                self.ground.draw("geometry", some, view)

    def _shade(self, targets: Targets, view: View, waters: NDArray) -> None:
        ctx = self._ctx
        for name, texture in self._textures.items():
            texture.use(TEXTURE_UNITS[name])
        targets.surface.use(TEXTURE_UNITS["g_surface"])
        targets.label.use(TEXTURE_UNITS["g_label"])
        targets.shading.use()
        targets.shading.depth_mask = False
        ctx.enable_only(moderngl.DEPTH_TEST)
        ctx.front_face = "ccw"
        ctx.depth_func = ">"
        self._screen["surface"].render()
        ctx.depth_func = "<="
        self._screen["sky"].render()
        if len(waters):
            ctx.copy_framebuffer(targets.copy, targets.shading)
            targets.behind.use(TEXTURE_UNITS["color_map"])
            targets.shading.use()
            ctx.depth_func = "<="
            self._programs["water"]["layer_bias"] = 0.0
            self.ground.draw_water("water", waters)
        if "mirror" in self._screen:
            ctx.copy_framebuffer(targets.copy, targets.shading)
            targets.behind.use(TEXTURE_UNITS["color_map"])
            targets.shading.use()
            ctx.enable_only(moderngl.BLEND)
            ctx.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
            self._screen["mirror"].render()
        if self._has_halos:
            self._draw_halos(view)
        targets.color.use(TEXTURE_UNITS["color_map"])
        ctx.enable_only(moderngl.NOTHING)
        if self._is_fine:
            self._glare(targets)
        targets.color.use(TEXTURE_UNITS["color_map"])
        targets.glare[0].use(TEXTURE_UNITS["glare_map"])
        targets.final.use()
        self._screen["resolve"].render()

    def _draw_halos(self, view: View) -> None:
        rows = self._halo_rows
        planes = view.planes()
        inside = (rows[:, :3] @ planes[:, :3].T + planes[:, 3] >= -rows[:, 3:4]).all(axis=1)
        near_enough = np.linalg.norm(rows[:, :3] - view.position, axis=1) < 400.0
        shown = np.ascontiguousarray(rows[inside & near_enough])
        if not len(shown):
            return
        self._halo_buffer.write(shown.tobytes())
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        self._halo.render(moderngl.TRIANGLE_STRIP, instances=len(shown))

    def _glare(self, targets: Targets) -> None:
        targets.glares[0].use()
        self._screen["bright"].render()
        for source, along in ((0, (1.0, 0.0)), (1, (0.0, 1.0))):
            targets.glare[source].use(TEXTURE_UNITS["color_map"])
            targets.glares[1 - source].use()
            self._programs["blur"]["along"] = along
            self._screen["blur"].render()


def _as_shadow(texture: Any) -> None:
    texture.compare_func = "<="
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False


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
