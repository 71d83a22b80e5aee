"""Measures of pictures against formulas written out plainly."""

import numpy as np
import pytest

from bridge.errors import InvalidInput
from evaluation.measures import pixels

RNG = np.random.default_rng(5)
A = RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)
B = np.clip(A.astype(int) + RNG.integers(-40, 41, A.shape), 0, 255).astype(np.uint8)


def test_a_picture_is_most_like_itself():
    assert pixels.psnr(A, A) == pixels.MOST_DB
    assert pixels.rmse(A, A) == 0
    assert pixels.ssim(A, A) == pytest.approx(1.0)
    assert pixels.ms_ssim(A, A) == pytest.approx(1.0)


def test_psnr_of_a_known_difference():
    """Every channel off by 51 of 255, a fifth: 10 log10(1 / 0.04) = 13.979 dB."""
    grey = np.full((16, 16, 3), 100, np.uint8)
    assert pixels.psnr(grey, grey + np.uint8(51)) == pytest.approx(13.979, abs=1e-3)
    assert pixels.rmse(grey, grey + np.uint8(51)) == pytest.approx(0.2)


def test_only_what_moves_counts_where_it_is_asked_for():
    last = np.zeros((16, 16, 3), np.uint8)
    truth, dream = last.copy(), last.copy()
    truth[:4, :4] = 255  # 16 pixels move
    dream[:4, :4] = 204  # a fifth too dark there
    dream[10:] = 255  # wrong where nothing moves
    assert pixels.psnr_moving(truth, dream, last) == pytest.approx(13.979, abs=1e-3)
    assert np.isnan(pixels.psnr_moving(last, dream, last))


def test_ssim_is_what_its_formula_says():
    assert pixels.ssim(A, B) == pytest.approx(_plain_ssim(A, B)[0], abs=1e-9)


def test_ms_ssim_is_a_weighted_product_over_three_scales():
    """At 64 px the window of 11 fits into 64, 32 and 16: weights 0.0448, 0.2856 and 0.3001 made to sum to 1."""
    weights, x, y, product = np.array([0.0448, 0.2856, 0.3001]), A / 255.0, B / 255.0, 1.0
    for scale, weight in enumerate(weights / weights.sum()):
        full, contrast = _plain_ssim(255 * x, 255 * y)
        product *= (full if scale == 2 else contrast) ** weight
        x, y = (np.mean([p[i::2, j::2] for i in (0, 1) for j in (0, 1)], axis=0) for p in (x, y))
    assert pixels.ms_ssim(A, B) == pytest.approx(product, abs=1e-9)


def test_many_pictures_are_measured_as_each_is():
    pair = np.stack([A, B])[:, None]
    for score in (pixels.psnr, pixels.ssim, pixels.ms_ssim):
        np.testing.assert_allclose(score(pair, pair[::-1])[0, 0], score(A, B))


def test_pictures_smaller_than_the_window_are_refused():
    with pytest.raises(InvalidInput, match="11 by 11"):
        pixels.ssim(A[:8], B[:8])


def _plain_ssim(a, b):
    """Window by window, for the three channels."""
    taps = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    window = np.outer(taps, taps) / taps.sum() ** 2
    full, contrast = [], []
    for channel in range(3):
        x, y = a[..., channel] / 255.0, b[..., channel] / 255.0
        for i in range(x.shape[0] - 10):
            for j in range(x.shape[1] - 10):
                p, q = x[i : i + 11, j : j + 11], y[i : i + 11, j : j + 11]
                mp, mq = (window * p).sum(), (window * q).sum()
                vp, vq, c = (
                    (window * p * p).sum() - mp**2,
                    (window * q * q).sum() - mq**2,
                    (window * p * q).sum() - mp * mq,
                )
                cs = (2 * c + 0.03**2) / (vp + vq + 0.03**2)
                contrast.append(cs)
                full.append(cs * (2 * mp * mq + 0.01**2) / (mp**2 + mq**2 + 0.01**2))
    return np.mean(full), np.mean(contrast)
