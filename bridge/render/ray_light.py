"""What light comes back along rays: surfaces and water with the sun's shadows and one reflection, and the sky."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.embree import Hit, Solids, nearest
from bridge.render.shade import Points, Surroundings, ambient, hazed, shaded, sky_at, tile_at


@dataclass(frozen=True, eq=False)
class RayLight:
    """A scene that rays meet: its `groups` of solids, and where things stand by id, `stands` (ids, 4)."""

    around: Surroundings
    stands: NDArray[np.float32]
    groups: list[Solids]
    has_shadows: bool

    def along(
        self, hit: Hit, origins: NDArray, rays: NDArray, pixel_rad: float, is_first: bool = True
    ) -> NDArray[np.float32]:
        """Radiance (n,3) that comes back along rays."""
        around = self.around
        light = np.empty((len(rays), 3), np.float32)
        nothing = ~np.isfinite(hit.depth)
        light[nothing] = self._sky(rays[nothing])
        is_water = ~nothing & (hit.materials >= around.palette.first_water)
        solid = np.flatnonzero(~nothing & ~is_water)
        length = np.linalg.norm(rays, axis=1)
        lit = np.ones(len(rays), np.float32)
        if self.has_shadows and around.sky.sun_color.max() > 0.02:
            some = np.flatnonzero(~nothing)
            start = origins[some] + rays[some] * hit.depth[some, None] + hit.normals[some] * 0.04
            toward = np.broadcast_to(around.sky.sun.astype(np.float32), start.shape).copy()
            faces = hit.normals[some] @ around.sky.sun.astype(np.float32) > -0.05
            shade = np.zeros(len(some), bool)
            for group in self.groups:
                shade[faces] |= group.blocked(start[faces], toward[faces])
            lit[some] = ~shade
        points = Points(
            origins[solid] + rays[solid] * hit.depth[solid, None], hit.normals[solid],
            -rays[solid] / length[solid, None], hit.depth[solid] * length[solid], hit.ids[solid], hit.materials[solid],
            lit[solid], self.stands[hit.ids[solid]], float(origins[0, 2]),
        )  # fmt: skip
        light[solid] = shaded(points, around, pixel_rad)
        wet = np.flatnonzero(is_water)
        if len(wet):
            p = origins[wet] + rays[wet] * hit.depth[wet, None]
            unit = rays[wet] / length[wet, None]
            light[wet] = self._water(
                p,
                unit,
                hit.depth[wet] * length[wet],
                hit.materials[wet],
                lit[wet],
                pixel_rad,
                is_first,
                float(origins[0, 2]),
            )
        return light

    def _water(
        self, p: NDArray, ray: NDArray, far: NDArray, material: NDArray, lit: NDArray, pixel_rad: float,
        is_first: bool, eye_z: float,
    ) -> NDArray[np.float32]:  # fmt: skip
        """Radiance (n,3) of water at points seen along unit rays."""
        around, env = self.around, self.around.sky.environment
        layer = np.full(len(p), around.palette.layer("water"))
        lod = np.log2(far * pixel_rad * 256 / 24 / np.maximum(np.abs(ray[:, 2]), 0.06) + 0.001)
        tilt = np.zeros((len(p), 2), np.float32)
        for size, gain, extra in ((31.0, 1.0, -0.4), (11.3, 0.9, 1.0), (4.1, 0.8, 2.4)):
            tilt += (tile_at(around.tiles, layer, p[:, :2] / size, lod + extra)[:, 1:3] - 0.5) * gain
        tilt *= 0.10 + 0.030 * env.wind_m_s + 0.10 * env.rain
        n = np.column_stack([tilt, np.ones(len(p), np.float32)])
        n /= np.linalg.norm(n, axis=1, keepdims=True)
        facing = np.clip(-(n * ray).sum(axis=1), 0.04, 1)
        fresnel = np.minimum(0.02 + 0.98 * (1 - facing) ** 5, 0.9)[:, None]
        terrain = around.terrain
        bed = terrain.height_at(p[:, :2])
        rows, cols = terrain.heights.shape
        on_map = (p[:, :2] - np.array(terrain.origin)) / (terrain.cell_m * np.array([cols - 1, rows - 1]))
        outside = np.maximum(np.maximum(-on_map, on_map - 1), 0).sum(axis=1)
        through = (np.maximum(p[:, 2] - bed, 0) + 60 * outside) / np.maximum(0.25 - 0.75 * ray[:, 2], 0.2)
        kept = np.exp(-through[:, None] * np.array([0.85, 0.38, 0.30]))
        up = np.array([[0.0, 0.0, 1.0]], np.float32)
        sky = around.sky
        light = sky.sun_color * lit[:, None] * max(sky.sun[2], 0) + ambient(sky, up) * 0.9
        cell = np.clip(np.rint(on_map * [cols - 1, rows - 1]).astype(int), 0, [cols - 1, rows - 1])
        sand = around.palette.rows[around.surface_numbers[cell[:, 1], cell[:, 0]], :3]
        body = around.palette.rows[material, :3] * light * 1.1 + sand * 0.7 * light * kept
        bent = np.column_stack([tilt * 0.6, np.ones(len(p))])
        bent /= np.linalg.norm(bent, axis=1, keepdims=True)
        r = ray - 2 * (ray * bent).sum(axis=1)[:, None] * bent
        r[:, 2] = np.maximum(np.abs(r[:, 2]), 0.015)
        r = (r / np.linalg.norm(r, axis=1, keepdims=True)).astype(np.float32)
        if is_first:
            start = (p + [0, 0, 0.05]).astype(np.float32)
            mirrored = self.along(nearest(start, r, self.groups), start, r, pixel_rad * 2, False)
        else:
            mirrored = sky_at(around.sky_map, r)
        return hazed((body + (mirrored - body) * fresnel).astype(np.float32), ray, far, eye_z, around)

    def _sky(self, rays: NDArray) -> NDArray[np.float32]:
        around = self.around
        light = sky_at(around.sky_map, rays)
        unit = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        sky = around.sky
        disc = np.clip((unit @ sky.sun - 0.99990) * 30000, 0, 1)[:, None] * (1 - sky.overcast)
        color = sky.sun_color * 14 if not sky.is_moon else np.array([1.15, 1.13, 1.05])
        return (light + disc * color).astype(np.float32)
