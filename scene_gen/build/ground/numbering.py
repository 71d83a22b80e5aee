"""House numbers: each lot finds its street, and along it gets the next odd number on the left, even on the right."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportIndexIssue=false

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.frames import read_only
from scene_gen.build.ground.fabric import grain
from scene_gen.build.ground.fronts import Fronted
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.polygons import Height
from scene_gen.build.site import Parcel

Array = NDArray[np.float64]
STEP_UP_M = 0.15
"""Ground floors lie this much above the carriageway: a curb and a threshold."""


def numbered(lots: Sequence[Fronted], net: Network, names: Sequence[str], level: Height) -> list[Parcel]:
    """Parcels of lots, street by street, the left side first, in the order one passes them."""
    if not lots:
        return []
    fronts = np.array([lot.front for lot in lots])
    middle = fronts.mean(axis=1)
    out = np.stack([fronts[:, 1, 1] - fronts[:, 0, 1], fronts[:, 0, 0] - fronts[:, 1, 0]], axis=-1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    lines = np.array([shapely.LineString(edge.points[:, :2]) for edge in net.edges], dtype=object)
    owner = _streets(middle, out, lines, np.array([edge.profile.half_m for edge in net.edges]))
    own, place = lines[owner], shapely.points(middle)
    length = shapely.length(own)
    s = shapely.line_locate_point(own, place)
    before = shapely.get_coordinates(shapely.line_interpolate_point(own, np.maximum(s - 1.0, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(own, np.minimum(s + 1.0, length)))
    run, off = after - before, middle - before
    chainage = _chainage(net)
    offset = np.array([chainage[k][0] for k in owner.tolist()])
    backwards = np.array([chainage[k][1] for k in owner.tolist()])
    left = (run[:, 0] * off[:, 1] - run[:, 1] * off[:, 0] > 0) != backwards
    along = offset + np.where(backwards, length - s, s)
    chain = np.array([net.edges[k].chain for k in owner.tolist()])
    heights = level(middle + out)
    parcels: list[Parcel] = []
    numbers: dict[tuple[int, bool], int] = {}
    for k in np.lexsort((along, ~left, chain)).tolist():
        lot, key = lots[k].lot, (int(chain[k]), bool(left[k]))
        numbers[key] = numbers.get(key, -1 if left[k] else 0) + 2
        parcels.append(
            Parcel(
                name=f"parcel-{len(parcels) + 1}",
                polygon=read_only(lots[k].ring),
                front=read_only(lots[k].front),
                base_m=round(float(heights[k]) + STEP_UP_M, 4),
                zone=lot.letter,
                street=names[key[0]],
                number=numbers[key],
                is_attached=grain(lot.letter).is_attached,
            )
        )
    return parcels


def _streets(middle: Array, out: Array, lines: NDArray[np.object_], reach: Array) -> NDArray[np.intp]:
    """Which street (n,) each front looks at: the one whose edge is nearest two metres before it."""
    tree = shapely.STRtree(lines)
    owner = np.asarray(tree.nearest(shapely.points(middle)))
    who, street = tree.query(shapely.points(middle), predicate="dwithin", distance=14.0)
    gap = shapely.distance(shapely.points(middle + 2.0 * out)[who], lines[street]) - reach[street]
    order = np.lexsort((street, gap, who))
    found, first = np.unique(who[order], return_index=True)
    owner[found] = street[order][first]
    return owner


def _chainage(net: Network) -> dict[int, tuple[float, bool]]:
    """For each edge the way already gone along its street when it begins, and whether it is walked backwards."""
    chains: dict[int, list[int]] = {}
    for index, edge in enumerate(net.edges):
        chains.setdefault(edge.chain, []).append(index)
    found: dict[int, tuple[float, bool]] = {}
    for own in chains.values():
        at: dict[int, list[int]] = {}
        for index in own:
            at.setdefault(net.edges[index].a, []).append(index)
            at.setdefault(net.edges[index].b, []).append(index)
        ends = sorted(node for node, here in at.items() if len(here) == 1)
        node = ends[0] if ends else net.edges[own[0]].a
        gone, todo = 0.0, set(own)
        while todo:
            here = [index for index in at[node] if index in todo]
            if not here:
                index = min(todo)
                node = net.edges[index].a
                continue
            index = min(here)
            edge = net.edges[index]
            backwards = edge.b == node and edge.a != node
            found[index] = (gone, backwards)
            gone += edge.length_m
            node = edge.a if backwards else edge.b
            todo.remove(index)
    return found
