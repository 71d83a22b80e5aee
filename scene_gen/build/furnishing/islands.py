"""Wide squares have something in their middle: seats round the fountain, and groups of trees, lamps and benches."""

import numpy as np
import shapely
from numpy.typing import NDArray

from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.spots import areas, around, edge
from scene_gen.build.furnishing.street_furniture import is_neon, lamp_look
from scene_gen.build.furnishing.woods import NOT_IN_PAVEMENTS, Stand, stand_trees, tree_weights

Array = NDArray[np.float64]
WIDE_M2 = 500.0
"""From this size on a square gets groups of its own."""
_RING_M, _BESIDE_M = 10.5, 14.0
"""Between rings of groups, and between the groups of a ring [m]: people and carts pass between them."""
_SEAT_M, _FOCUS_M = 2.0, 6.0
"""How far benches stand from the middle of their group, and from the fountain [m]."""
_ON = ("square",)


def seat_focus(grounds: Grounds) -> None:
    """Benches and planters by turns in a circle round the fountain, statue or well of each wide square."""
    rng = grounds.rng("square-seats")
    for shape in _wide(grounds):
        middle = _middle(shape)
        near = [spots for kind in ("fountain", "statue", "well", "obelisk") if len(spots := grounds.spots(kind))]
        if not near:
            continue
        focus = np.concatenate(near)
        away = np.linalg.norm(focus - middle, axis=1)
        if away.min() > 0.35 * np.sqrt(shapely.area(shape)):
            continue
        xy, yaw = around(focus[away.argmin()], 12, _FOCUS_M)
        grounds.put("bench", xy[::2], yaw[::2], rng=rng, on=_ON, tolerance_m=0.03, spacing_m=2.0)
        grounds.put("planter", xy[1::4], yaw[1::4], rng=rng, on=_ON, tolerance_m=0.03, spacing_m=2.0)


def furnish_islands(grounds: Grounds) -> None:
    """Groups between the rim and the middle of wide squares: a tree or a lamp by turns, with benches that look away."""
    if grounds.plan.look.props_density <= 0:
        return
    spots = np.concatenate([np.zeros((0, 2)), *(_groups(shape) for shape in _wide(grounds))])
    if not len(spots):
        return
    rng = grounds.rng("square-islands")
    is_lit = np.arange(len(spots)) % 3 < (2 if is_neon(grounds) else 1)
    looks = grounds.stock.chosen("lamp", lamp_look(grounds))
    turn = rng.uniform(-np.pi, np.pi, len(spots))
    grounds.put("lamp", spots[is_lit], turn[is_lit], rng=rng, assets=looks, on=_ON, spacing_m=9.0)
    weights = tree_weights(grounds)
    broad = {kind: weight for kind, weight in weights.items() if kind not in NOT_IN_PAVEMENTS} or weights
    if broad and grounds.plan.look.trees_density > 0:
        stand_trees(grounds, [Stand(spots[~is_lit], broad, rng, (0.5, 0.7), 0.6)], on=_ON, spacing_m=6.0)
    grounds.put("planter", spots, turn, rng=rng, on=_ON, tolerance_m=0.03, spacing_m=6.0)
    angle = np.concatenate([turn, turn + np.pi / 2 + np.pi * rng.integers(0, 2, len(spots))])
    seats = np.tile(spots, (2, 1)) + _SEAT_M * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    grounds.put("bench", seats, angle, rng=rng, on=_ON, tolerance_m=0.03, spacing_m=2.4)


def _wide(grounds: Grounds) -> list[shapely.Geometry]:
    return [shape for _, shape in areas(grounds, "square") if shapely.area(shape) >= WIDE_M2]


def _middle(shape: shapely.Geometry) -> Array:
    return shapely.get_coordinates(shapely.centroid(shape))[0]


def _groups(shape: shapely.Geometry) -> Array:
    """Places (n,2) of groups in rings inside a square, the middle kept for what it has."""
    found = [np.zeros((0, 2))]
    inset = 7.5
    while True:
        ring, _ = edge(shape, _BESIDE_M, inset)
        if not len(ring):
            break
        found.append(ring)
        inset += _RING_M
    spots = np.concatenate(found)
    return spots[np.linalg.norm(spots - _middle(shape), axis=1) > _FOCUS_M + _SEAT_M + 1.5]
