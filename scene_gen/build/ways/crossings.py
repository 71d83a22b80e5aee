"""Crossings as they are painted: one plan for each zebra, whatever parts their stripes belong to."""

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from scene_gen.build.site import Site

STRIPE_GAP_M = 2.0
"""Stripes whose middles are nearer than this belong to one crossing."""


def crossing_plans(site: Site) -> list[shapely.Geometry]:
    """The hull of every painted crossing, seen from above, in the order of the parts."""
    found: list[shapely.Geometry] = []
    for part in site.parts:
        if part.kind != "crossing" or not len(part.mesh.triangles):
            continue
        corners = part.mesh.vertices[part.mesh.triangles][:, :, :2].astype(np.float64)
        middle = corners.mean(axis=1)
        pairs = cKDTree(middle).query_pairs(STRIPE_GAP_M, output_type="ndarray")
        matrix = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(middle), len(middle)))
        label = connected_components(matrix, directed=False)[1]
        order = np.argsort(label, kind="stable")
        stripes = shapely.multipoints(corners[order].reshape(-1, 2), indices=np.repeat(label[order], 3))
        found += np.atleast_1d(np.asarray(shapely.convex_hull(stripes), dtype=object)).tolist()
    return found
