"""Casts rays with Embree where there is no OpenGL: the same depth, ids and normals, and nearly the same picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.errors import SimbridgeError
from bridge.frames import transform_from_pose
from bridge.render.air import RAIN_TAN, rain_tile, snow_tile
from bridge.render.batches import Triangles, joined, level_of_detail
from bridge.render.camera import View, view_of
from bridge.render.canopy import CELLS, canopy_of
from bridge.render.embree import Hit, Solids, nearest, open_embree
from bridge.render.instances import instance_table
from bridge.render.labels import Bodies
from bridge.render.lamps import lamp_grid
from bridge.render.patterns import pattern_tiles
from bridge.render.ray_light import RayLight
from bridge.render.shade import Surroundings, halved, toned
from bridge.render.sky import sky_over
from bridge.render.solid_scene import SolidScene
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState

_BAND_ROWS = 240
"""Rows shaded at a time, so that large pictures fit into memory."""
_STAND_STILL_M = 12.0
"""A camera may move so far [m] before levels of detail are chosen anew."""


@dataclass(frozen=True)
class Config:
    """`quality`: "fast" for sensors, "high" for stills (four samples a pixel). `shadows`: whether the sun casts them.

    `shadow_px` means something to other renderers only: rays need no shadow map.
    """

    quality: Literal["fast", "high"] = "fast"
    shadows: bool = True
    shadow_px: int = 4096


class RaysRenderer:
    """The `Renderer` of bridge.types on Embree."""

    name = "rays"

    def __init__(self, config: Config) -> None:
        self._config = config
        self._embree = open_embree()
        self._is_open = True
        self._scene: Scene | None = None

    def load(self, scene: Scene) -> None:
        """Prepares a scene for drawing; replaces the one before."""
        self._opened()
        self._scene = scene
        self._shapes = SolidScene(scene)
        self.bodies = Bodies(self._shapes.labels)
        self._time_s = 0.0
        self._static = Solids(self._embree, self._shapes.single())
        self._radius = self._shapes.radius()
        self._levels = np.array([len(group) for group in self._shapes.models], np.int64)[self._shapes.group]
        self._placed: tuple[NDArray, float, Solids] | None = None
        self._movers: Solids | None = None
        self._around = self._surroundings(scene)
        self._stands = instance_table(self._shapes.labels, self.bodies).reshape(-1, 4)

    def pose(self, state: WorldState) -> None:
        """Moves placements to their poses and parts by them (a part's pose is the motion of its world-frame mesh)."""
        self._loaded()
        before, parts = self.bodies.is_mover.copy(), set(self.bodies.moved_parts)
        self.bodies.move(state)
        self._time_s = state.time_s
        self._movers = None
        if (before != self.bodies.is_mover).any():
            self._placed = None
        if parts != set(self.bodies.moved_parts):
            self._static = Solids(self._embree, self._shapes.single(self.bodies.moved_parts))
        self._stands = instance_table(self._shapes.labels, self.bodies).reshape(-1, 4)

    def observe(self, cameras: Sequence[Camera], modalities: Sequence[Modality] = MODALITIES) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the same tick."""
        self._loaded()
        return tuple(self._frame(camera, modalities) for camera in cameras)

    def close(self) -> None:
        """Gives everything back; the renderer cannot be used afterwards."""
        self._scene = None
        self._is_open = False

    def __enter__(self) -> "RaysRenderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> None:
        if not self._is_open:
            raise SimbridgeError("This renderer was closed. Open another with bridge.render.open_renderer().")

    def _loaded(self) -> Scene:
        self._opened()
        if self._scene is None:
            raise SimbridgeError("This renderer has no scene yet. Call load(scene) first.")
        return self._scene

    def _frame(self, camera: Camera, modalities: Sequence[Modality]) -> Frame:
        view = view_of(camera, self.bodies.pose_of(camera.mount))
        samples = 2 if self._config.quality == "high" else 1
        fine = View(view.position, view.axes, view.width * samples, view.height * samples, view.tan_x, view.tan_y)
        groups = self._solids(view)
        rays = fine.rays()
        seen: dict[str, list[NDArray]] = {name: [] for name in modalities}
        for start in range(0, fine.height, _BAND_ROWS):
            band = rays[start : start + _BAND_ROWS]
            shape = band.shape[:2]
            hit = self._hit(fine.position, band.reshape(-1, 3), groups)
            picked = slice(samples // 2, None, samples)
            for name in modalities:
                if name == "rgb":
                    shaded_rays = _to_shade(hit, shape) if samples > 1 else np.ones(len(hit.depth), bool)
                    seen[name].append(
                        _averaged(
                            self._picture(hit.at(shaded_rays), band.reshape(-1, 3)[shaded_rays], view, fine, groups),
                            shaded_rays.reshape(shape),
                            samples,
                        )
                    )
                else:
                    values = {"depth": hit.depth, "segmentation": hit.ids.astype(np.int32), "normals": hit.normals}[
                        name
                    ]
                    seen[name].append(values.reshape(*shape, *values.shape[1:])[picked, picked])
        arrays = {name: np.concatenate(bands) for name, bands in seen.items()}
        if "rgb" in arrays:
            arrays["rgb"] = self._aired(arrays["rgb"], view)
        for array in arrays.values():
            array.setflags(write=False)
        return Frame(camera.name, self.bodies.tick, **arrays)

    def _solids(self, view: View) -> list[Solids]:
        """The static part, the placements at the levels of detail this view asks for, and what moves."""
        if not len(self._levels):
            return [self._static, *([self._moving()] if self.bodies.moved_parts else [])]
        if (
            self._placed is None
            or np.linalg.norm(self._placed[0] - view.position) > _STAND_STILL_M
            or abs(self._placed[1] / view.pixel_rad - 1) > 0.2
        ):
            rows = np.flatnonzero(~self.bodies.is_mover)
            self._placed = (view.position, view.pixel_rad, Solids(self._embree, self._instanced(rows, view)))
        return [self._static, self._placed[2], self._moving()]

    def _moving(self) -> Solids:
        if self._movers is None:
            pieces = [self._instanced(np.flatnonzero(self.bodies.is_mover), None)]
            for part, pose in self.bodies.moved_parts.items():
                matrix, piece = transform_from_pose(pose), self._shapes.part(part)
                positions = (piece.positions @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
                normals = (piece.normals @ matrix[:3, :3].T).astype(np.float32)
                pieces.append(Triangles(positions, normals, piece.ids, piece.materials, piece.indices))
            self._movers = Solids(self._embree, joined(pieces))
        return self._movers

    def _instanced(self, rows: NDArray[np.int64], view: View | None) -> Triangles:
        """Placements as triangles in the world, at the levels of detail for a view (None: the finest)."""
        if not len(rows):
            return joined([])
        poses = self.bodies.placed[rows]
        level = np.zeros(len(rows), np.int64)
        if view is not None:
            matrix = transform_from_pose(poses, self._shapes.labels.scales[rows])
            centre = np.einsum("nij,nj->ni", matrix[:, :3, :3], self._shapes.local_centre[rows]) + matrix[:, :3, 3]
            far = np.linalg.norm(centre - view.position, axis=1) - self._radius[rows]
            level = level_of_detail(2 * self._radius[rows], far, view.pixel_rad, self._levels[rows])
            level = np.where(level < 0, self._levels[rows] - 1, level)
        return self._shapes.placed(rows, poses, level)

    def _hit(self, eye: NDArray, rays: NDArray, groups: list[Solids]) -> Hit:
        origins = np.broadcast_to(eye.astype(np.float32), rays.shape).copy()
        return nearest(origins, rays, groups)

    def _picture(self, hit: Hit, rays: NDArray, view: View, fine: View, groups: list[Solids]) -> NDArray[np.float32]:
        """Display values (n,3), 0 to 1."""
        origins = np.broadcast_to(view.position.astype(np.float32), rays.shape)
        light = RayLight(self._around, self._stands, groups, self._config.shadows)
        return toned(light.along(hit, origins, rays, fine.pixel_rad))

    def _aired(self, rgb: NDArray, view: View) -> NDArray[np.uint8]:
        """Rain or snow in the air and the step to bytes."""
        env = self._around.sky.environment
        height, width = rgb.shape[:2]
        if env.rain > 0 or env.snowfall > 0:
            y, x = np.mgrid[0:height, 0:width].astype(np.float32)
            x, y = (x / width * 2 - 1) * view.tan_x, (y / height * 2 - 1) * view.tan_y
            if env.rain > 0:
                u, v = (x + 0.05 * y) / RAIN_TAN, y * 0.45 / RAIN_TAN
                tile, time = rain_tile(), self._time_s
                veil = 0.6 * _wrapped(tile, u, v - time * 3.1)
                veil += 0.4 * _wrapped(tile, u * 1.83 + 0.37, v * 1.83 + 0.21 - time * 2.6)
                veil *= 0.34 * min(env.rain * 1.4, 1.0)
            else:
                sway = 0.05 * np.sin(y * 6 + self._time_s)
                u, v = x / RAIN_TAN, y / RAIN_TAN
                veil = _wrapped(snow_tile(), u + sway, v - 0.45 * self._time_s)
                veil += 0.7 * _wrapped(snow_tile(), u * 1.9 + 0.43 + sway, v * 1.9 + 0.43 - 0.36 * self._time_s)
                veil = np.clip(veil * 0.75 * min(env.snowfall * 1.5, 1.0), 0, 1)
            air = toned(self._around.sky.ambient[0] * 1.5 + 0.02)
            rgb = rgb + (np.maximum(air, rgb * 1.04) - rgb) * veil[..., None]
        return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)

    def _surroundings(self, scene: Scene) -> Surroundings:
        chunks, terrain, palette = self._shapes.chunks, scene.terrain, self._shapes.palette
        keep = chunks.part != -2
        low, high = chunks.low[keep].min(axis=0), chunks.high[keep].max(axis=0)
        x = low[0] + (np.arange(CELLS) + 0.5) / CELLS * (high[0] - low[0])
        y = low[1] + (np.arange(CELLS) + 0.5) / CELLS * (high[1] - low[1])
        top = float(high[2]) + 100.0
        xx, yy = np.meshgrid(x, y)
        origins = np.stack([xx, yy, np.full_like(xx, top)], -1).reshape(-1, 3).astype(np.float32)
        downward = np.tile(np.array([[0, 0, -1]], np.float32), (len(origins), 1))
        rows = np.arange(len(self._levels))
        trees = Solids(self._embree, self._instanced(rows, View(np.array([0, 0, 1e4]), np.eye(3), 1, 1, 1.0, 1.0)))
        fall = np.minimum(self._static.hits(origins, downward)[0], trees.hits(origins, downward)[0])
        tops = np.where(np.isfinite(fall), top - fall, low[2]).reshape(CELLS, CELLS)
        sky = sky_over(scene)
        return Surroundings(
            sky, sky.map(), sky.haze(), palette, halved(pattern_tiles(palette.patterns)), terrain, palette.indices(terrain.surfaces).astype(np.int64)[terrain.surface],
            canopy_of(tops, low[:2], high[:2]), lamp_grid(scene.lights, terrain),
            bool(scene.environment.lamps_lit and len(scene.lights.positions) and sky.night > 0.02),
        )  # fmt: skip


def _to_shade(hit: Hit, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which of a band's rays (n,), four a pixel, are shaded: all where a pixel sees an edge, else the first."""
    rows, cols = shape[0] // 2, shape[1] // 2

    def by_pixel(values: NDArray) -> NDArray:
        return np.moveaxis(values.reshape(rows, 2, cols, 2, *values.shape[1:]), 2, 1).reshape(rows, cols, 4, -1)

    label = by_pixel(hit.ids * 1024 + hit.materials)[..., 0]
    has_edge = (label != label[..., :1]).any(axis=-1)
    normals, depth = by_pixel(hit.normals), by_pixel(np.where(np.isfinite(hit.depth), hit.depth, 0))[..., 0]
    has_edge |= np.abs(normals - normals[..., :1, :]).max(axis=(2, 3)) > 0.15
    has_edge |= np.abs(depth @ np.array([1, -1, -1, 1], np.float32)) > 0.004 * depth[..., 0]
    chosen = np.repeat(np.repeat(has_edge, 2, axis=0), 2, axis=1)
    chosen[::2, ::2] = True
    return chosen.ravel()


def _averaged(values: NDArray, chosen: NDArray[np.bool_], samples: int) -> NDArray[np.float32]:
    """A picture (rows, cols, 3) of the values (n,3) of the chosen rays, the mean of those that a pixel has."""
    rows, cols = chosen.shape[0] // samples, chosen.shape[1] // samples
    full = np.zeros((*chosen.shape, 3), np.float32)
    full[chosen] = values
    count = chosen.reshape(rows, samples, cols, samples).sum(axis=(1, 3))
    return full.reshape(rows, samples, cols, samples, 3).sum(axis=(1, 3)) / count[..., None].astype(np.float32)


def _wrapped(tile: NDArray[np.uint8], u: NDArray, v: NDArray) -> NDArray[np.float32]:
    """A seamless square picture at fractions, from 0 to 1, nearest."""
    size = len(tile)
    row, column = np.floor(v * size).astype(np.int64) % size, np.floor(u * size).astype(np.int64) % size
    return (tile[row, column] / 255).astype(np.float32)


def make(config: Config) -> RaysRenderer:
    """The renderer; raises RendererUnavailable where Embree is not installed."""
    return RaysRenderer(config)
