"""Footings: where the ground falls away under a wall, the wall goes on down to it."""

from dataclasses import replace

import numpy as np
import shapely

from bridge.scene import Building, Part, Terrain

DEEPER_M = 0.15
STEP_M = 2.0


def footed(buildings: tuple[Building, ...], parts: tuple[Part, ...], terrain: Terrain) -> tuple[Part, ...]:
    """The buildings' parts, those that would float drawn down to `DEEPER_M` below the lowest ground at their walls."""
    if not buildings:
        return parts
    rings = [np.vstack([building.footprint, building.footprint[:1]]) for building in buildings]
    walls = shapely.segmentize(shapely.linestrings(np.concatenate(rings), indices=_owners(rings)), STEP_M)
    points, owner = shapely.get_coordinates(walls, return_index=True)
    lowest = np.full(len(buildings), np.inf)
    np.minimum.at(lowest, owner, terrain.height_at(points))
    mended = []
    for part, ground in zip(parts, lowest, strict=True):
        heights = part.mesh.vertices[:, 2]
        bottom = float(heights.min())
        if bottom > ground:
            vertices = part.mesh.vertices.copy()
            vertices[heights < bottom + 1e-3, 2] = ground - DEEPER_M
            vertices.setflags(write=False)
            part = replace(part, mesh=replace(part.mesh, vertices=vertices))
        mended.append(part)
    return tuple(mended)


def _owners(rings: list[np.ndarray]) -> np.ndarray:
    return np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
