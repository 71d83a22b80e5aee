"""What several cameras have in view: chunks, terrain, placements, culled for all of them at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import Views
from bridge.render.instances import Instances
from bridge.render.uploaded import Ground
from bridge.scene import Terrain

_NEAREST_M, _FURTHEST_M = 0.06, 3.0


@dataclass(frozen=True, eq=False)
class Chosen:
    """Things in view (n,), view by view: `which` view, `index` of the thing, how far it is [m], and what to draw of it.

    `much` is how many triangles of a chunk, the level of detail of a placement, or triangles (n,2) of a tile of terrain.
    """

    which: NDArray[np.int64]
    index: NDArray[np.int64]
    distance: NDArray[np.float64]
    much: NDArray[np.int64]

    def only(self, some: NDArray[np.bool_]) -> "Chosen":
        """Those of them."""
        return Chosen(self.which[some], self.index[some], self.distance[some], self.much[some])

    def of(self, first: int, last: int) -> "Chosen":
        """Those that the views from `first` up to `last` see, which count from 0 on."""
        some = slice(*np.searchsorted(self.which, (first, last)))
        return Chosen(self.which[some] - first, self.index[some], self.distance[some], self.much[some])


@dataclass(frozen=True, eq=False)
class Sights:
    """All that views see, and from where on ahead (k,) [m] nothing can be cut off: depth is the finer the further."""

    chunks: Chosen
    tiles: Chosen
    placed: Chosen
    near_m: NDArray[np.float64]

    def of(self, first: int, last: int) -> "Sights":
        """What the views from `first` up to `last` see; these count from 0 on."""
        chunks, tiles, placed = (some.of(first, last) for some in (self.chunks, self.tiles, self.placed))
        return Sights(chunks, tiles, placed, self.near_m[first:last])


def sights(views: Views, ground: Ground, instances: Instances, terrain: Terrain) -> Sights:
    """What is in view, nearest first but for placements."""
    which, index, gap = ground.seen(views)
    chunks = Chosen(which, index, gap, ground.drawn(index, pixel_m=views.pixel_rad[which] * gap))
    tile_of, tiles, tile_gap, runs = ground.terrain_seen(views)
    view, rows, level, distance = instances.seen(views)
    clearance = views.position[:, 2] - terrain.height_at(views.position[:, :2])
    nearest = np.maximum(clearance, 0.0) * 0.5
    np.minimum.at(nearest, view, (distance - instances.radii[rows]) * 0.6)
    built = ground.chunks.part[index] >= 0
    np.minimum.at(nearest, which[built], gap[built] * 0.6)
    return Sights(
        chunks,
        Chosen(tile_of, tiles, tile_gap, runs),
        Chosen(view, rows, distance, level),
        np.clip(nearest, _NEAREST_M, _FURTHEST_M),
    )
