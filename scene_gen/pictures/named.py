"""The places that a map names: public buildings, landmarks, and piers, bridges and squares, by number where several."""

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Scene

_LANDMARKS = ("lighthouse", "windmill", "crane", "fountain", "statue", "well", "water-tower", "clock-tower", "obelisk",
            "wind-turbine", "playground", "bus-stop", "ferry", "cargo-ship", "dome", "watchtower", "bell-tower")  # fmt: skip
_PLAIN = frozenset({"house", "cottage", "cabin", "villa", "townhouse", "apartment-block", "shop", "office", "warehouse",
                    "workshop", "shed", "barn", "skyscraper", "cafe", "restaurant", "farmhouse", "bakery", "ruin"})  # fmt: skip
_WORKS = ("pier", "breakwater", "bridge", "square")


def named_places(scene: Scene) -> list[tuple[tuple[str, ...], NDArray[np.float64]]]:
    """Words for a place, the longest first, and where it is (2,) [m]; one of several works goes by its own name or number."""
    found: list[tuple[tuple[str, ...], NDArray[np.float64]]] = []
    found += [((b.use,), b.footprint.mean(axis=0)) for b in scene.buildings if b.use not in _PLAIN]
    for group in scene.placements:
        kind = scene.assets[group.asset].kind
        if kind in _LANDMARKS:
            found += [((kind,), pose[:2]) for pose in group.poses]
    for kind in _WORKS:
        parts = [part for part in scene.parts if part.kind == kind and part.outline is not None]
        for part in parts:
            words = (part.name, part.name.rpartition("-")[2]) if len(parts) > 1 else (kind,)
            found.append((words, np.asarray(part.outline).mean(axis=0)))
    return found
