"""What streets, squares and lots are covered with: asphalt, cobbles, pale stone, gravel or earth, by style and place."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scene_gen.build.ground.network import Network
from scene_gen.plan.artefacts import Plan

DRIEST = 0.12
"""The share of desert in a lattice from which on the land counts as a desert."""
_MODERN = frozenset({"modern", "neon", "futuristic", "industrial", "american", "victorian", "resort"})
_LARGE = frozenset({"city", "downtown", "industrial"})
_SMALL = frozenset({"village", "fishing-village", "vineyard", "mountain", "forest", "oasis", "island"})
_FARMED = frozenset({"farm", "ranch"})
_OLD = frozenset({"medieval", "old-town"})
_COBBLED_LANES = frozenset({"rustic", "mediterranean", "arabic", "abandoned"})


@dataclass(frozen=True)
class Covers:
    """Materials by use: `carriage` by kind of street, then sidewalks, their curbs, squares, parking lots.

    `yards` is what lies open between the houses of dense quarters.
    """

    carriage: Mapping[str, str]
    sidewalk: str = "paving"
    curb: str = "curb"
    square: str = "paving-warm"
    lot: str = "asphalt"
    yards: str = "paving"


def is_painted(material: str) -> bool:
    """Whether lanes and crossings are painted on a carriageway of this material."""
    return material == "asphalt"


def is_desert(plan: Plan) -> bool:
    """Whether sand covers so much of the land that the town stands in it."""
    return "".join(plan.lattice).count("D") > DRIEST * sum(len(row) for row in plan.lattice)


def covers_of(plan: Plan) -> Covers:
    """What a plan's streets are made of. Modern styles have asphalt wherever they are; others go by place and land."""
    style, places = plan.look.style, {read.value for read in plan.brief.places}
    has_old_town = any("O" in row for row in plan.lattice)
    if style in _MODERN and not (style == "american" and places & _FARMED):
        return Covers(_carriage("asphalt", "asphalt", "asphalt"), square="cobble" if has_old_town else "paving-warm")
    if style == "adobe" or is_desert(plan):
        carriage = _carriage("cobble-sand", "packed-sand", "packed-sand", lane="packed-sand")
        return Covers(carriage | {"track": "packed-sand", "path": "packed-sand"}, "paving-sand", "curb-sand",
                      "paving-sand", "packed-sand", "packed-sand")  # fmt: skip
    if style == "tropical":
        carriage = _carriage("dirt-road", "dirt-road", "dirt-road", lane="dirt-road")
        return Covers(carriage, "gravel", "stone-grey", "paving-warm", "gravel", "gravel")
    if style == "medieval" or places & _OLD:
        carriage = _carriage("cobble", "cobble", "dirt-road" if style == "medieval" else "gravel")
        return Covers(carriage, "paving-warm", "stone-light", "cobble", "gravel", "gravel")
    if places & _FARMED and not places & _LARGE:
        carriage = _carriage("gravel", "dirt-road", "dirt-road", lane="dirt-road")
        return Covers(carriage, "paving-warm", "stone-grey", "paving-warm", "gravel", "gravel")
    if places & _SMALL and not places & (_LARGE | {"town"}):
        carriage = _carriage("cobble", "cobble" if style in ("mediterranean", "arabic") else "gravel", "gravel")
        return Covers(carriage, "paving-warm", "stone-light", "cobble", "gravel", "gravel")
    street = "cobble" if style in _COBBLED_LANES else "asphalt"
    return Covers(
        _carriage("asphalt", street, "dirt-road" if style == "rustic" and not places & _LARGE else "asphalt"),
        sidewalk="paving-warm" if style in _COBBLED_LANES else "paving",
        square="cobble" if has_old_town else "paving-warm",
    )


def chain_covers(plan: Plan, net: Network, covers: Covers) -> list[str]:
    """The carriageway's material of each street (chain): by its kind, but cobbles where it runs through the old town."""
    found: list[str] = []
    kinds = {edge.chain: edge.kind for edge in reversed(net.edges) if edge.kind != "bridge"}
    points: dict[int, list[np.ndarray]] = {}
    for edge in net.edges:
        points.setdefault(edge.chain, []).append(edge.points[:, :2])
    for chain in range(1 + max(edge.chain for edge in net.edges)):
        kind = kinds.get(chain, "main")
        material = covers.carriage.get(kind, covers.carriage["main"])
        if kind == "street" and is_painted(material) and chain in points:
            in_old_town = (plan.zone_at(np.concatenate(points[chain])) == "O").mean() > 0.5
            material = "cobble" if in_old_town else material
        found.append(material)
    return found


def _carriage(main: str, street: str, road: str, *, lane: str = "cobble") -> dict[str, str]:
    return {"main": main, "street": street, "lane": lane, "road": road, "track": "dirt-road", "path": "gravel"}
