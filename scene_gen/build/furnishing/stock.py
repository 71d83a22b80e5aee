"""What there is to place: the kit's assets by kind and season, and how much ground each keeps for itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat
from bridge.meshes import extent
from bridge.scene import Asset, Collider

Array = NDArray[np.float64]
WHOLE = frozenset({"building", "boat", "animal"})
"""Classes that keep all their ground, not just that under their solids."""
REACHING_OUT = ("crane", "wind-turbine", "parasol")
HEAD_M = 2.4
"""Solids of trees, lamps and of REACHING_OUT that begin above this height keep no ground."""


class Stock:
    """The kit's assets and how much ground they need."""

    def __init__(self, catalog: Any, season: str, snow_cover: float) -> None:
        self._catalog = catalog
        self._season, self._snow_cover = season, snow_cover
        self._names: dict[str, tuple[str, ...]] = {}
        self._spans: dict[str, float] = {}
        self._feet: dict[str, tuple[float, float, float, float]] = {}

    def names(self, kind: str) -> tuple[str, ...]:
        """Names of the assets of a kind as they look in this season; () if the kit has none."""
        if kind not in self._names:
            self._names[kind] = tuple(self._catalog.for_season(kind, self._season, self._snow_cover))
        return self._names[kind]

    def asset(self, name: str) -> Asset:
        """The asset of a name."""
        return self._catalog.asset(name)

    def riding(self, name: str) -> str:
        """The asset of somebody's riding pose; "" for who has none."""
        told = getattr(self._catalog, "riding", None)
        return "" if told is None else told(name)

    def chosen(self, kind: str, attributes: Sequence[str] = ()) -> tuple[str, ...]:
        """Names of the assets of a kind that fit the adjectives best, or all of them where none does."""
        if not attributes:
            return self.names(kind)
        fitting = set(self._catalog.matching(kind, tuple(attributes)))
        usual = self._catalog.names_of_kind(kind)
        return tuple(now for name, now in zip(usual, self.names(kind), strict=True) if name in fitting)

    def without(self, kind: str, *words: str) -> tuple[str, ...]:
        """Names of the assets of a kind that none of the adjectives fits, or all of them if nothing else is left."""
        unfit = {name for word in words for name in self.chosen(kind, (word,))}
        rest = tuple(name for name in self.names(kind) if name not in unfit)
        return rest or self.names(kind)

    def foot(self, name: str) -> tuple[float, float, float, float]:
        """The rectangle an asset keeps for itself, in its frame [m]: sides along x and y, middle x and y.

        That of its solids below head height: what hangs over others (a lamp's arm, a tree's crown) keeps no ground.
        """
        if name not in self._feet:
            asset = self.asset(name)
            low, high = (corner[:2] for corner in extent(asset.lods[0]))
            solids = [solid_box(solid) for solid in asset.colliders if solid.shape != "mesh"]
            if asset.semantic in ("tree", "lamp") or asset.kind in REACHING_OUT:
                solids = [box for box in solids if box[0, 2] < HEAD_M]
            if solids and asset.semantic not in WHOLE:
                low = np.min([box[0, :2] for box in solids], axis=0)
                high = np.max([box[1, :2] for box in solids], axis=0)
            self._feet[name] = tuple(float(v) for v in (*(high - low), *((low + high) / 2)))  # type: ignore[assignment]
        return self._feet[name]

    def span(self, name: str) -> float:
        """How far any of an asset reaches from its origin, seen from above [m]."""
        if name not in self._spans:
            low, high = extent(self.asset(name).lods[0])
            self._spans[name] = float(np.hypot(*np.maximum(np.abs(low[:2]), np.abs(high[:2]))))
        return self._spans[name]

    def depth(self, kind: str) -> float:
        """The deepest foot of a kind along its x axis [m]; 0 if the kit has none."""
        return max((self.foot(name)[0] for name in self.names(kind)), default=0.0)

    def width(self, kind: str) -> float:
        """The widest foot of a kind along its y axis [m]; 0 if the kit has none."""
        return max((self.foot(name)[1] for name in self.names(kind)), default=0.0)

    def reach(self, kind: str) -> float:
        """The longer side of the largest foot of a kind [m]; 0 if the kit has none."""
        return max(self.depth(kind), self.width(kind))

    def length(self, kind: str) -> float:
        """The longest asset of a kind [m], all of it; 0 if the kit has none."""
        return max((self.asset(name).size[0] for name in self.names(kind)), default=0.0)


def solid_box(solid: Collider) -> Array:
    """Lowest and highest corner (2,3) of a solid in its asset's frame."""
    half = np.array(solid.size) / 2
    low, high = -half, half
    if solid.shape == "hull" and solid.points is not None:
        low, high = solid.points.min(axis=0), solid.points.max(axis=0)
    place = np.array(solid.pose[:3])
    if solid.pose[3] >= 1.0:
        return np.stack([low + place, high + place])
    unit = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners = (low + unit * (high - low)) @ matrix_from_quat(solid.pose[3:]).T + place
    return np.stack([corners.min(axis=0), corners.max(axis=0)])
