"""Simple ways to fill what no point covers: from the nearest seen pixel, or smoothly from all around."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

Floats = NDArray[np.floating]


def nearest(picture: NDArray, mask: NDArray[np.bool_]) -> NDArray:
    """The picture (H,W,...) with each hole showing its nearest seen pixel; as it is where nothing was seen at all."""
    if mask.all() or not mask.any():
        return picture
    rows, columns = distance_transform_edt(~mask, return_distances=False, return_indices=True)  # type: ignore[misc]
    return picture[rows, columns]


def smooth(picture: Floats, mask: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
    """The picture float32 (H,W,c) with holes filled from coarse to fine by what was seen around them; 0.5 where nothing was seen at all.

    Push and pull over a pyramid (Gortler et al., The Lumigraph, 1996, section 3.4.2); `weight` (H,W) makes some pixels count for more.
    """
    share = mask.astype(np.float32) if weight is None else mask * weight
    return np.where(mask[..., None], picture, _pulled(picture * share[..., None], share))


def _pulled(total: Floats, share: Floats) -> Floats:
    """Weighted means, where nothing weighs from the next coarser picture."""
    own = total / np.maximum(share, 1e-6)[..., None]
    if share.min() > 1e-3:
        return own
    height, width = share.shape
    if max(height, width) == 1:
        return np.where(share[..., None] > 0, own, np.float32(0.5))
    pad = ((0, height % 2), (0, width % 2))
    coarse_share, coarse_total = np.pad(share, pad), np.pad(total, (*pad, (0, 0)))
    coarse_share = coarse_share[::2] + coarse_share[1::2]
    coarse_share = coarse_share[:, ::2] + coarse_share[:, 1::2]
    coarse_total = coarse_total[::2] + coarse_total[1::2]
    coarse_total = coarse_total[:, ::2] + coarse_total[:, 1::2]
    most = np.maximum(coarse_share, 1.0)
    below = _pulled(coarse_total / most[..., None], coarse_share / most)
    finer = _finer(below)[:height, :width]
    trust = np.minimum(share, 1.0)[..., None]
    return own * trust + finer * (1 - trust)


def _finer(picture: Floats) -> Floats:
    """A picture of twice the size, linear in between."""
    for axis in (0, 1):
        ahead = np.concatenate([picture[:1], picture[:-1]]) if axis == 0 else np.concatenate([picture[:, :1], picture[:, :-1]], axis=1)  # fmt: skip
        after = np.concatenate([picture[1:], picture[-1:]]) if axis == 0 else np.concatenate([picture[:, 1:], picture[:, -1:]], axis=1)  # fmt: skip
        pair = np.stack([0.75 * picture + 0.25 * ahead, 0.75 * picture + 0.25 * after], axis=axis + 1)
        shape = list(picture.shape)
        shape[axis] *= 2
        picture = pair.reshape(shape)
    return picture
