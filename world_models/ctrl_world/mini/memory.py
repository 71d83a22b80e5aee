"""Which earlier frames the model is shown beside the current one."""

import numpy as np
from numpy.typing import NDArray

from world_models.ctrl_world.mini.poses import apart
from world_models.ctrl_world.mini.shape import Shape

Array = NDArray[np.float64]


def recalled(shape: Shape, past: Array, coming: Array) -> NDArray[np.int64]:
    """Rows of `past` (t,7), oldest first, that are remembered: (memories,), none with memory "none".

    The last row is the current frame, which is given anyway. "implicit": every `stride`-th before it, the first row where there are
    no more. "nearest": of those before it the ones whose tool was nearest to where it will be (`coming` (n,7)), each of these moments
    taking the next best in turn; the current one fills up what is missing.
    """
    now = len(past) - 1
    if shape.memory == "none" or shape.memories == 0:
        return np.zeros(0, dtype=np.int64)
    if shape.memory == "implicit":
        return np.maximum(now - shape.stride * np.arange(shape.memories, 0, -1), 0)
    found: list[int] = []
    if now > 0 and len(coming):
        far = apart(past[:now], coming)
        order = np.argsort(far, axis=0, kind="stable")
        for rank in range(now):
            for row in order[rank, np.argsort(far[order[rank], np.arange(far.shape[1])], kind="stable")].tolist():
                if row not in found:
                    found.append(row)
            if len(found) >= shape.memories:
                break
    kept = sorted(found[: shape.memories])
    return np.array([*kept, *[now] * (shape.memories - len(kept))], dtype=np.int64)
