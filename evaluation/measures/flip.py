"""FLIP: how much two pictures differ to somebody who flips between them (Andersson et al., HPG 2020); by NVIDIA's own evaluator."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import Unavailable

Array = NDArray[np.float64]
PIXELS_PER_DEGREE = 67.0
"""The evaluator's own: a screen of 0.7 m with 3840 px, 0.7 m away."""


def flip(truth: NDArray[np.uint8], dream: NDArray[np.uint8]) -> Array:
    """Mean FLIP error (...), 0 to 1, of pictures (..., H, W, 3). Raises Unavailable without flip-evaluator."""
    evaluator = _evaluator()
    shape = truth.shape[:-3]
    a, b = (one.reshape(-1, *one.shape[-3:]).astype(np.float32) / 255.0 for one in (truth, dream))
    found = [evaluator.evaluate(x, y, "LDR", applyMagma=False, parameters={"ppd": PIXELS_PER_DEGREE})[1] for x, y in zip(a, b, strict=True)]  # fmt: skip
    return np.asarray(found, dtype=np.float64).reshape(shape)


def _evaluator() -> Any:
    try:
        import flip_evaluator
    except ImportError as error:
        raise Unavailable('FLIP needs flip-evaluator. Run `pip install "simbridge[world-models]"`.') from error
    return flip_evaluator
