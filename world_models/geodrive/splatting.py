"""Draws points as a camera would see them: z-buffered splats, each a patch of the surface that its point lies on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import View
from world_models.geodrive.cloud import NEAR_M, Cloud

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
_WIDEST_PX = 24.0
"""No patch is wider: what was that far away shows too little to fill more."""
_REACH = np.float32(0.6)
"""Patches reach a little beyond half the way to the next point, so that rounding opens no cracks between them."""
_FAR_LOG, _LOGS = np.float32(np.log(20_000.0)), np.float32(np.log(20_000.0 / NEAR_M))


@dataclass(frozen=True, eq=False)
class Splat:
    """What a camera sees of a cloud. `mask` bool (H,W) is where it sees anything; elsewhere the others mean nothing.

    `rgb` uint8 (H,W,3); `depth` float32 (H,W) planar [m], inf for what is infinitely far, and where nothing is;
    `things` int16 (H,W) as in Cloud; `stretch` float32 (H,W) is how many pixels of the picture a point came to cover, 0 for none.
    """

    rgb: NDArray[np.uint8]
    depth: Floats
    mask: NDArray[np.bool_]
    things: NDArray[np.int16]
    stretch: Floats


@dataclass(frozen=True, eq=False)
class _Patches:
    """Points as they fall into the picture: `middle` (2,n) [px], depth `z` (n,) [m], and the ways `right` and `down` (2,n) [px] to the next ones."""

    middle: Floats
    z: Floats
    right: Floats
    down: Floats
    is_seen: NDArray[np.bool_]


def splat(cloud: Cloud, view: View, moved: Mapping[int, Array] | None = None) -> Splat:
    """The cloud seen from `view`, after the points of some things were moved by world transforms (4,4), by number.

    Points are projected (u = f X / Z + W / 2, v = f Y / Z + H / 2; GeoDrive, section 3.1). A point's patch is spanned by the ways to
    the next points of its surface, with colour and depth in between; of the patches over a pixel's middle the nearest counts.
    """
    height, width = view.height, view.width
    patches = _patches(cloud, view, moved or {})
    seen = np.flatnonzero(patches.is_seen)
    seen = seen[_far_first(patches.z[seen], cloud.places[3, seen])]
    pixels, points, along = _covered(patches, seen, width, height)
    front = np.full(height * width, -1, np.int32)
    front[pixels] = np.arange(
        len(pixels), dtype=np.int32
    )  # of those that share a pixel the last one stays: the nearest
    mask = front >= 0
    shown = front[mask]
    at, (across, down) = points.take(shown), along.take(shown, axis=1)
    aside = np.where(across > 0, cloud.beside[0, at], cloud.beside[2, at])
    upright = np.where(down > 0, cloud.beside[1, at], cloud.beside[3, at])
    across, down = np.minimum(np.abs(across), 0.5), np.minimum(np.abs(down), 0.5)
    rgb, depth = np.zeros((height * width, 3), np.uint8), np.full(height * width, np.inf, np.float32)
    things, stretch = np.zeros(height * width, np.int16), np.zeros(height * width, np.float32)
    rest = 1 - across - down
    shares = zip((rest, across, down), (at, aside, upright))
    mixed = sum(share[:, None] * cloud.colors.take(which, axis=0) for share, which in shares)
    rgb[mask] = mixed + np.float32(0.5)
    z = patches.z
    mixed_z = np.maximum(z.take(at) * rest + z.take(aside) * across + z.take(upright) * down, NEAR_M)
    depth[mask] = np.where(cloud.places[3, at] > 0, mixed_z, np.float32(np.inf))
    things[mask] = cloud.things[at]
    (ax, ay), (bx, by) = patches.right.take(at, axis=1), patches.down.take(at, axis=1)
    stretch[mask] = np.abs(ax * by - ay * bx)
    shape = (height, width)
    return Splat(
        rgb.reshape(*shape, 3), depth.reshape(shape), mask.reshape(shape), things.reshape(shape), stretch.reshape(shape)
    )


def _patches(cloud: Cloud, view: View, moved: Mapping[int, Array]) -> _Patches:
    x, y, z = _in_camera(cloud, view, moved)
    focal = np.float32(view.height / (2 * view.tan_y))
    is_before = z > NEAR_M
    scale = focal / np.where(is_before, z, np.float32(1.0))
    middle = np.stack([x * scale + np.float32(view.width / 2), y * scale + np.float32(view.height / 2)])
    own = np.minimum(cloud.spacing_m * scale, np.float32(_WIDEST_PX))
    right, down = (_way(middle, cloud.beside[axis], cloud.beside[axis + 2], own, is_before, axis) for axis in (0, 1))
    reach = (np.abs(right) + np.abs(down) + 1) / 2
    is_in = (middle + reach > 0) & (middle - reach < np.array([[view.width], [view.height]], np.float32))
    return _Patches(middle, z, right, down, is_before & is_in.all(axis=0))


def _in_camera(cloud: Cloud, view: View, moved: Mapping[int, Array]) -> Floats:
    """Points in the camera's frame (3,n): right, down, forward."""
    rigid = np.column_stack([view.axes.T, -view.axes.T @ view.position])
    found = rigid.astype(np.float32) @ cloud.places
    if moved:
        movable = np.flatnonzero(cloud.things)
        numbers = cloud.things[movable]
        for number, world_from_before in moved.items():
            mine = movable[numbers == number]
            if len(mine):
                found[:, mine] = (rigid @ world_from_before).astype(np.float32) @ cloud.places[:, mine]
    return found


def _way(
    middle: Floats,
    after: NDArray[np.int32],
    before: NDArray[np.int32],
    own: Floats,
    is_before: NDArray[np.bool_],
    axis: int,
) -> Floats:
    """The way (2,n) [px] from points to the next ones along an axis; where there is none, as far as from the one before, or a pixel's extent."""
    itself = np.arange(len(own), dtype=np.int32)
    has_after = (after != itself) & is_before[after]
    has_before = (before != itself) & is_before[before]
    way = np.where(has_after, middle.take(after, axis=1) - middle, middle - middle.take(before, axis=1))
    alone = np.zeros_like(way)
    alone[axis] = own
    is_usable = (has_after | has_before) & (np.abs(way).max(axis=0) <= _WIDEST_PX)
    return np.where(is_usable, way, alone)


def _far_first(depth: Floats, weight: Floats) -> NDArray[np.intp]:
    """The order from far to near: by 16 bits of the depth's logarithm, which sorts in linear time, to 0.02 %."""
    key = (_FAR_LOG - np.log(depth)) * (np.float32(65534.0) / _LOGS)
    key = np.where(weight > 0, np.clip(key, 1.0, 65535.0), 0.0).astype(np.uint16)
    return np.argsort(key, kind="stable")


def _covered(
    patches: _Patches, seen: NDArray[np.intp], width: int, height: int
) -> tuple[NDArray[np.int32], NDArray[np.intp], Floats]:
    """Pixels whose middles lie in patches, and those of the points themselves; the point of each, in the order of `seen`, and how
    far along its ways that is (2,k)."""
    middle, right, down = (way.take(seen, axis=1) for way in (patches.middle, patches.right, patches.down))
    reach = np.maximum(_REACH * (np.abs(right) + np.abs(down)), np.float32(0.5)) + np.float32(0.5)
    most = np.array([[width], [height]], np.float32)
    low = np.clip(np.ceil(middle - reach), 0, most).astype(np.int32)
    high = np.clip(np.ceil(middle + reach - 1), low, most).astype(np.int32)
    columns, rows = high - low
    counts = columns * rows
    owner = np.repeat(np.arange(len(seen), dtype=np.int32), counts)
    starts = np.cumsum(counts, dtype=np.int32) - counts
    within = np.arange(len(owner), dtype=np.int32) - starts.take(owner)
    row = within // columns.take(owner)
    column = within - row * columns.take(owner) + low[0].take(owner)
    row += low[1].take(owner)
    into, limits = _inward(middle - np.float32(0.5), right, down)
    xx, xy, x0, yx, yy, y0 = into.take(owner, axis=1)
    across, along = xx * column + xy * row + x0, yx * column + yy * row + y0
    row *= width
    row += column
    middles = np.floor(middle).astype(np.int32)
    is_own = row == (middles[1] * width + middles[0]).take(owner)
    chosen = np.flatnonzero((np.maximum(np.abs(across), np.abs(along)) <= 1) | is_own)
    owner = owner[chosen]
    ways = np.stack([across[chosen], along[chosen]]) * limits.take(owner, axis=1)
    return row[chosen], seen[owner], ways


def _inward(corner: Floats, right: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Maps (6,n) from pixels to where they lie in patches, 1 being as far as a patch reaches, and that reach in ways (2,n)."""
    (ax, ay), (bx, by) = right, down
    area = ax * by - ay * bx
    is_flat = np.abs(area) < 1e-3  # seen edge on: the pixel of the point itself
    area = np.where(is_flat, np.float32(1.0), area)
    limits = np.stack([np.hypot(ax, ay), np.hypot(bx, by)])
    limits = np.maximum(_REACH, np.float32(0.5) / np.maximum(limits, np.float32(1e-3)))
    limits[:, is_flat] = 0.5
    one, none = np.float32(1.0), np.float32(0.0)
    xx, xy = np.where(is_flat, one, by / area) / limits[0], np.where(is_flat, none, -bx / area) / limits[0]
    yx, yy = np.where(is_flat, none, -ay / area) / limits[1], np.where(is_flat, one, ax / area) / limits[1]
    x, y = corner
    return np.stack([xx, xy, -(xx * x + xy * y), yx, yy, -(yx * x + yy * y)]), limits
