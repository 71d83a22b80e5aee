"""The shaders' surface, sky and picture formulas on arrays of points, for renderers without a graphics library.

The words and numbers are those of shading/*.glsl; left out are bumps in the smallest details, puddles' rings and stars.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.canopy import Canopy
from bridge.render.lamps import LampGrid
from bridge.render.palette import Palette
from bridge.render.patterns import SIZE
from bridge.render.sky import Sky, cloud_field, map_coordinates
from bridge.scene import Terrain

Array = NDArray[np.floating]
EXPOSURE = 0.80
"""What the tone curve multiplies light by first; the shaders get the same number."""
SATURATION = 0.86
"""How much of its colour light keeps; the rest turns grey, as on film."""


@dataclass(frozen=True, eq=False)
class Points:
    """Seen points, (n,) each: `p` (n,3) [m], unit normal `n` (n,3) towards the viewer, `view` (n,3) unit to the viewer,
    `far` [m] from the viewer, `ids`, `materials`, `lit` 0 to 1 of the sun, `stand` (n,4) place and heading of the thing, `eye_z` height of the viewer.
    """

    p: Array
    n: Array
    view: Array
    far: Array
    ids: NDArray[np.int64]
    materials: NDArray[np.int64]
    lit: Array
    stand: Array
    eye_z: float


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Everything about a scene that shading needs."""

    sky: Sky
    sky_map: Array
    haze: tuple[Array, Array]
    palette: Palette
    tiles: tuple[Array, ...]
    terrain: Terrain
    surface_numbers: NDArray[np.int64]
    canopy: Canopy
    lamps: LampGrid
    has_lamps: bool


def shaded(points: Points, around: Surroundings, pixel_rad: float) -> Array:
    """Linear radiance (n,3) of points that are not water, haze included."""
    sky, env, palette = around.sky, around.sky.environment, around.palette
    p, n, view = points.p, points.n, points.view
    material = points.materials.copy()
    is_ground = material == 0
    terrain = around.terrain
    on_map = (p[:, :2] - np.array(terrain.origin, np.float32)) / np.float32(terrain.cell_m)
    rows, cols = terrain.heights.shape
    beyond = on_map - np.clip(on_map, 0, np.array([cols - 1, rows - 1], np.float32))
    is_far_land = (beyond != 0).any(axis=1)
    wide = field_at(p[:, :2] * np.where(is_far_land, 0.0011, 0.0125)[:, None])
    patches = 0.55 + 0.8 * _smooth((wide - 0.35) / 0.3)
    warped = on_map + 0.5 + ((wide - 0.5) * 1.6)[:, None]
    col, row = np.clip(warped.astype(np.int64), 0, [cols - 1, rows - 1]).T
    material[is_ground] = around.surface_numbers[row, col][is_ground]
    rise = (p[:, 2] - terrain.height_at(p[:, :2])).astype(np.float32)
    table = palette.rows[material]
    base, rough, metallic = table[:, :3].copy(), table[:, 3].copy(), table[:, 7]
    pattern = table[:, 8].astype(np.int64)

    c, s = points.stand[:, 2], points.stand[:, 3]
    q = p[:, :2] - points.stand[:, :2]
    qx, qy = c * q[:, 0] + s * q[:, 1], c * q[:, 1] - s * q[:, 0]
    nx, ny = c * n[:, 0] + s * n[:, 1], c * n[:, 1] - s * n[:, 0]
    rough_x, rough_y = np.floor(nx * 12 + 0.5), np.floor(ny * 12 + 0.5)
    length = np.maximum(np.hypot(rough_x, rough_y), 1.0)
    steep = np.maximum(length / 12, 0.25)
    lies = np.abs(n[:, 2]) > 0.88
    u = np.where(lies, qx, (rough_x * qy - rough_y * qx) / length)
    v = np.where(lies, qy, p[:, 2] / steep)
    uv = np.stack([u, v], axis=1)
    grazing = np.maximum(np.abs((n * view).sum(axis=1)), 0.12)
    lod = np.log2(points.far * pixel_rad * SIZE / table[:, 10] / np.sqrt(grazing) + 0.001)
    tile = tile_at(around.tiles, pattern, uv / table[:, 10:11], lod)
    base *= tile[:, :1] * 2
    base += (base * 0.35 + 0.03 - base) * tile[:, 3:]
    own = _own(points.ids)[:, None]
    tint = np.array([0.93, 0.95, 0.98], np.float32) * (1 - own) + np.array([1.06, 1.03, 0.99], np.float32) * own
    base = np.where(is_ground[:, None], base, base * tint)
    base *= np.where(is_far_land, patches, 0.86 + 0.28 * wide).astype(np.float32)[:, None]
    splash = (1 - np.abs(n[:, 2])) * np.exp(-np.maximum(rise, 0) * 1.6) * (rise > -0.5)
    base *= (1 - 0.30 * splash)[:, None]

    is_leaf = pattern == palette.layer("foliage")
    tops = around.canopy.at(p[:, :2] + n[:, :2] * 2.2)
    opening = 1 - 0.42 * _unit((tops[:, 0] - p[:, 2]) / 5) - 0.30 * _unit((tops[:, 1] - p[:, 2] - 1) / 12)
    opening = opening * np.where(is_leaf, 0.55 + 0.45 * _unit(0.5 + 0.6 * n[:, 2]), 1) * (1 - 0.22 * splash)
    if env.snow_cover > 0:
        drift = field_at(p[:, :2] * 0.11 + p[:, 2:] * 0.07)
        lying = _unit((n[:, 2] - 0.28 + (drift - 0.5) * 0.9) * 3.2) * _unit(env.snow_cover * 1.35 + (drift - 0.5) * 1.1)
        base += (np.array([0.80, 0.83, 0.88], np.float32) * (0.94 + 0.10 * drift)[:, None] - base) * lying[:, None]
        rough += (0.75 - rough) * lying
    if env.wetness > 0:
        soak = env.wetness * _unit(n[:, 2] * 1.4 + 0.35) * ~is_leaf
        base *= (1 - 0.42 * soak * _unit(rough * 1.3))[:, None]
        rough += (0.32 - rough) * 0.75 * soak * _unit(n[:, 2])

    facing = n @ sky.sun.astype(np.float32)
    lit = points.lit * _smooth((facing + 0.05 + 0.4 * is_leaf) / 0.17)
    sunlight = sky.sun_color.astype(np.float32) * lit[:, None]
    diffuse = sunlight * _unit(np.where(is_leaf, facing * 0.7 + 0.3, facing))[:, None]
    diffuse = diffuse + ambient(sky, n) * opening[:, None]
    if around.has_lamps:
        lux, toward = around.lamps.at(p, rise)
        length = np.linalg.norm(toward, axis=1)
        diffuse += lux * sky.lamp_gain * _unit((n * toward).sum(axis=1) + 0.15 * (1 - length))[:, None]
    shine = 0.04 + (base - 0.04) * metallic[:, None]
    cosine = _unit((n * view).sum(axis=1))
    fresnel = ((1 - cosine) ** 5)[:, None]
    gloss = shine + (np.maximum(1 - rough[:, None], shine) - shine) * fresnel
    is_glass = (pattern == palette.layer("glass")) | (pattern == palette.layer("curtain-wall"))
    gloss = np.where(is_glass[:, None], np.maximum(gloss, 0.10 + 0.7 * fresnel), gloss)
    r = 2 * (n * view).sum(axis=1)[:, None] * n - view
    town = 0.25 + 0.75 * _smooth((r[:, 2] + 0.05) / 0.27)
    r[:, 2] = np.maximum(r[:, 2], 0.02)
    mirrored = sky_at(around.sky_map, r) * town[:, None]
    polish = (_unit(1.15 - rough) ** 2)[:, None]
    result = base * (1 - metallic[:, None]) * diffuse + mirrored * gloss * polish
    glow = 1 + (sky.glow - 1) * table[:, 9:10]
    result += table[:, 4:7] * glow
    return hazed(result, -view, points.far, points.eye_z, around)


def ambient(sky: Sky, n: Array) -> Array:
    """Diffuse sky light (n,3) on normals (n,3)."""
    order = sky.ambient.astype(np.float32)
    return np.maximum(order[0] + n @ order[1:], 0)


def hazed(color: Array, direction: Array, far: Array, eye_z: float, around: Surroundings) -> Array:
    """Colours (n,3) seen through so much air [m] in unit directions (n,3) from an eye at a height."""
    away, sunward = around.haze
    level = around.sky.real_sun[:2] / max(float(np.hypot(*around.sky.real_sun[:2])), 1e-6)
    along = direction[:, :2] @ level / np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-6)
    haze = away + (sunward - away) * (np.clip(0.5 + 0.5 * along, 0, 1) ** 3)[:, None]
    kept = around.sky.kept(eye_z, direction[:, 2] * far, far)[:, None]
    return (haze + (color - haze) * kept).astype(np.float32)


def sky_at(picture: Array, directions: Array) -> Array:
    """Radiance (n,3) of the sky map in directions (n,3) of any length."""
    unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    height, width = picture.shape[:2]
    xy = map_coordinates(unit) * [width, height] - 0.5
    base = np.floor(xy).astype(np.int64)
    fx, fy = np.moveaxis((xy - base).astype(np.float32), -1, 0)[..., None]
    x, y = np.clip(base[..., 0], 0, width - 1), np.clip(base[..., 1], 0, height - 1)
    x1, y1 = np.minimum(x + 1, width - 1), np.minimum(y + 1, height - 1)
    low = picture[y, x] * (1 - fx) + picture[y, x1] * fx
    return low * (1 - fy) + (picture[y1, x] * (1 - fx) + picture[y1, x1] * fx) * fy


def field_at(uv: Array) -> Array:
    """The cloud noise at fractions (n,2), nearest."""
    field = cloud_field()
    x, y = (np.floor(uv * len(field)).astype(np.int64) % len(field)).T
    return field[y, x]


def tile_at(levels: tuple[Array, ...], layer: NDArray[np.int64], uv: Array, lod: Array) -> Array:
    """Channels (n,4) from 0 to 1 of pattern tiles at fractions (n,2), on the nearest of the `halved` levels."""
    level = np.clip(np.rint(lod), 0, len(levels) - 1).astype(np.int64)
    out = np.empty((len(uv), 4), np.float32)
    part = uv - np.floor(uv)
    for index, tiles in enumerate(levels):
        some = np.flatnonzero(level == index)
        if len(some):
            size = tiles.shape[1]
            x, y = np.minimum((part[some] * size).astype(np.int64), size - 1).T
            out[some] = tiles[layer[some], y, x]
    return out / 255


def toned(light: Array) -> Array:
    """Display values from 0 to 1 of radiances, by Narkowicz's fit of the ACES film curve, in sRGB."""
    x = np.maximum(light, 0)
    gray = (x @ np.array([0.25, 0.60, 0.15], x.dtype))[..., None]
    seen = np.clip(gray * 18 + 0.35, 0, 1)
    cold = np.array([0.80, 0.98, 1.35], x.dtype)
    gray = gray * (cold + (1 - cold) * seen)
    x = (gray + (x - gray) * SATURATION * seen) * EXPOSURE
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * np.maximum(x, 0.0031308) ** (1 / 2.4) - 0.055)


def halved(tiles: NDArray) -> tuple[Array, ...]:
    """Pattern tiles at full size, at half of it and so on down to one texel."""
    levels: list[Array] = [tiles.astype(np.float32)]
    while levels[-1].shape[1] > 1:
        fine = levels[-1]
        levels.append((fine[:, ::2, ::2] + fine[:, 1::2, ::2] + fine[:, ::2, 1::2] + fine[:, 1::2, 1::2]) / 4)
    return tuple(levels)


def _own(ids: NDArray[np.int64]) -> Array:
    """The shaders' hash of an id, 0 to 1."""
    x = (ids.astype(np.uint64) * np.uint64(747796405)) & np.uint64(0xFFFFFFFF)
    for factor, first, second in ((0x7FEB352D, 16, 15), (0x846CA68B, 0, 16)):
        x ^= x >> np.uint64(first) if first else np.uint64(0)
        x = (x * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
        x ^= x >> np.uint64(second)
    return ((x & np.uint64(0xFFFF)).astype(np.float32) / 65535).astype(np.float32)


def _unit(x: NDArray) -> Array:
    return np.clip(x, 0, 1).astype(np.float32)


def _smooth(x: NDArray) -> Array:
    t = _unit(x)
    return t * t * (3 - 2 * t)
