"""Coloured points of pictures: what was seen from one place, kept where it is in the world, to be seen from another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.render.camera import View

NEAR_M, FAR_M = 0.1, 100.0
"""Nothing nearer is drawn, and depth beyond counts as far (GeoDrive, arXiv 2505.22421, section 3.1: depth in [0.1, 100] m)."""
_STEP = 0.06
"""Neighbouring pixels show one surface where their depths differ by less than this share, above what a slope allows."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points (n,) in the order of the pixels that saw them.

    `places` float32 (4,n), homogeneous, world frame: what is infinitely far away has a last number of 0 and turns with the
    camera only. `colors` uint8 (n,3). `things` int16 (n,): 0 what stands still, i for the i-th thing, as labels have it.
    `spacing_m` float32 (n,) is the extent of a pixel at a point (for what is infinitely far, at distance 1). `beside`
    int32 (4,n) are the points of the pixels to the right, below, to the left and above on the same surface, and the point
    itself where that ends.
    """

    places: NDArray[np.float32]
    colors: NDArray[np.uint8]
    things: NDArray[np.int16]
    spacing_m: NDArray[np.float32]
    beside: NDArray[np.int32]

    def __len__(self) -> int:
        return self.places.shape[1]


def cloud_of(
    rgb: NDArray[np.uint8],
    depth: NDArray[np.float32],
    view: View,
    *,
    labels: NDArray[np.integer] | None = None,
    kept: NDArray[np.bool_] | None = None,
) -> Cloud:
    """What a picture (H,W,3) with planar depth (H,W) [m] shows, seen from `view`; `labels` (H,W) say what belongs to which thing.

    Only pixels of `kept` (H,W) become points; None keeps all. Raises InvalidInput for depth that does not fit the picture, or is not positive.
    """
    height, width = depth.shape
    if rgb.shape != (height, width, 3) or (view.height, view.width) != (height, width):
        raise InvalidInput(
            f"A picture {rgb.shape[:2]} came with depth {depth.shape} and a camera of {(view.height, view.width)}. Give all three one size."
        )
    if not (depth > 0).all():
        raise InvalidInput("Depth must be above 0 m everywhere, and inf where nothing is. Check the depth estimator.")
    labels = np.zeros((height, width), np.int16) if labels is None else labels.astype(np.int16)
    is_far = ~np.isfinite(depth)
    reach = np.where(is_far, np.float32(1.0), depth)[..., None]
    rays = view.rays()
    eye = view.position.astype(np.float32) * ~is_far[..., None]
    places = np.concatenate([eye + rays * reach, ~is_far[..., None]], axis=-1)
    spacing = reach[..., 0] * np.float32(2 * view.tan_y / height)
    numbers = np.arange(height * width, dtype=np.int32).reshape(height, width)
    beside = np.stack([numbers] * 4)
    if kept is None:
        kept = np.ones((height, width), bool)
    for direction, axis in enumerate((1, 0)):
        here, there = _halves(axis)
        is_one = _is_joined(depth, labels, axis) & kept[here] & kept[there]
        beside[direction][here] = np.where(is_one, numbers[there], numbers[here])
        beside[direction + 2][there] = np.where(is_one, numbers[here], numbers[there])
    order = np.flatnonzero(kept)
    renumbered = np.zeros(height * width, np.int32)
    renumbered[order] = np.arange(len(order), dtype=np.int32)
    return Cloud(
        np.ascontiguousarray(places.reshape(-1, 4)[order].T, dtype=np.float32), rgb.reshape(-1, 3)[order], labels.reshape(-1)[order],
        spacing.reshape(-1)[order].astype(np.float32), renumbered[beside.reshape(4, -1)[:, order]],
    )  # fmt: skip


def joined(first: Cloud, second: Cloud) -> Cloud:
    """The points of both."""
    start = np.int32(len(first))
    return Cloud(
        np.concatenate([first.places, second.places], axis=1), np.concatenate([first.colors, second.colors]),
        np.concatenate([first.things, second.things]), np.concatenate([first.spacing_m, second.spacing_m]),
        np.concatenate([first.beside, second.beside + start], axis=1),
    )  # fmt: skip


def _halves(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """All pixels that have a next one along an axis, and those next ones."""
    whole = slice(None)
    return ((slice(-1), whole), (slice(1, None), whole)) if axis == 0 else ((whole, slice(-1)), (whole, slice(1, None)))


def _is_joined(depth: NDArray[np.float32], labels: NDArray[np.int16], axis: int) -> NDArray[np.bool_]:
    """Whether pixels and their next ones show one surface: of planes inverse depth is linear in the picture."""
    here, there = _halves(axis)
    inverse = np.where(np.isfinite(depth), 1.0 / depth, 0.0)
    step = np.abs(inverse[there] - inverse[here])
    near = np.maximum(inverse[there], inverse[here])
    slope = np.full_like(step, np.inf)
    inner, outer = _halves(axis)
    slope[inner] = np.minimum(slope[inner], step[outer])
    slope[outer] = np.minimum(slope[outer], step[inner])
    same = np.isfinite(depth[here]) == np.isfinite(depth[there])
    return (
        same & (labels[here] == labels[there]) & (step <= np.maximum(_STEP * near, 1.5 * np.minimum(slope, 0.3 * near)))
    )
