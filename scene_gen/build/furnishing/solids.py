"""What walkers would bump into: plans of all that stands between knee and head height, seen from above."""

import numpy as np
import shapely

from bridge.frames import transform_from_pose
from bridge.scene import Asset, Placements
from scene_gen.build.furnishing.ground_layers import WALLS, plans
from scene_gen.build.furnishing.stock import solid_box
from scene_gen.build.site import Raised, Site

_STEP_M, _HEAD_M = 0.35, 1.8
_GOES_AWAY = ("person", "robot", "animal", "boat")


def standing(
    site: Site, raised: Raised, assets: dict[str, Asset], placements: tuple[Placements, ...]
) -> list[shapely.Geometry]:
    """Plans of placed things, garden walls and fences; not of houses, and of nobody who goes away by himself."""
    found: list[shapely.Geometry] = [shape for part in raised.extras if part.semantic in WALLS for shape in plans(part)]
    found += [shape for part in site.parts if part.semantic in WALLS for shape in plans(part)]
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=float)
    for group in placements:
        asset = assets[group.asset]
        if asset.semantic in _GOES_AWAY or not len(group.poses):
            continue
        matrix = transform_from_pose(group.poses)
        for solid in asset.colliders:
            if solid.shape == "mesh":
                continue
            low, high = solid_box(solid)
            scale = group.scale
            is_met = (low[2] * scale[:, 2] < _HEAD_M) & (high[2] * scale[:, 2] > _STEP_M)
            corners = low[:2] + unit * (high - low)[:2]
            local = corners[None] * scale[:, None, :2]
            rings = np.einsum("nij,nkj->nki", matrix[:, :2, :2], local) + matrix[:, None, :2, 3]
            found += np.asarray(shapely.polygons(rings[is_met]), dtype=object).tolist()
    return found
