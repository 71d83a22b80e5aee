"""Street names: one for each street of the network, fitting its kind and what lies beside it, none twice."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.mains import Square
from scene_gen.build.ground.network import Network, lines
from scene_gen.build.ground.quays import Quay
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_SEA = ("Harbor", "Anchor", "Fisher", "Lighthouse", "Sail", "Net", "Salt", "Gull", "Ferry", "Mast", "Herring", "Rope",
        "Captain", "Tide", "Shell", "Mariner", "Beacon", "Drift", "Oyster", "Pilot")  # fmt: skip
_TOWN = ("Church", "Mill", "School", "Bridge", "Well", "Garden", "Orchard", "Chapel", "Baker", "Smith", "Weaver", "Cooper",
         "Potter", "Tanner", "Castle", "Station", "Court", "Abbey", "Tower", "Fountain", "Linden", "Chestnut", "Maple",
         "Willow", "Cherry", "Hazel", "Birch", "Rose", "Ivy", "Laurel", "Meadow", "Hill", "Spring", "Brook", "Park",
         "Sun", "Star", "Dove", "Swan", "Lion", "Fox", "Heron", "Bell", "Lantern", "Candle", "Silver", "Copper", "Iron",
         "Glass", "Barley", "Wheat", "Honey", "Cider", "Malt", "Pepper", "Saddle", "Wheel", "Stone", "Slate", "Clay",
         "Juniper", "Aspen", "Alder", "Rowan", "Elm", "Poplar", "Quince", "Plum", "Almond", "Walnut", "Sparrow", "Finch",
         "Robin", "Thrush", "Wren", "Falcon", "Badger", "Otter", "Deer", "Hare", "Pine", "Cedar", "Heather", "Fern",
         "Clover", "Thyme", "Sage", "Mint", "Poet", "Painter", "Scholar", "Doctor", "Miller", "Gardener", "Bishop",
         "Friar", "Guild", "Exchange", "Assembly", "Liberty", "Union", "Victory", "Concord", "Commerce")  # fmt: skip
_WORK = (
    "Foundry",
    "Dock",
    "Depot",
    "Forge",
    "Engine",
    "Freight",
    "Timber",
    "Coal",
    "Factory",
    "Boiler",
    "Crane",
    "Yard",
)
_ENDINGS = {
    "main": ("Street", "Road", "Avenue"),
    "street": ("Street", "Street", "Street", "Way", "Row", "Terrace", "Close"),
    "lane": ("Lane", "Lane", "Row", "Alley", "Passage", "Steps", "Wynd"),
    "road": ("Road", "Road", "Way"),
    "track": ("Track", "Lane"),
    "path": ("Path", "Walk"),
    "bridge": ("Street", "Road"),
}
_BEFORE = (
    "",
    "Old ",
    "Upper ",
    "Lower ",
    "Little ",
    "New ",
    "Great ",
    "North ",
    "South ",
    "East ",
    "West ",
    "Long ",
    "Far ",
)


def name_streets(
    plan: Plan,
    net: Network,
    quays: Sequence[Quay],
    squares: Sequence[Square],
    *,
    seed: int,
    known: Mapping[int, str] | None = None,
) -> list[str]:
    """A name for each chain of the network, by its index; `known` names are kept."""
    rng = stream(seed, "street names")
    chains = 1 + max((edge.chain for edge in net.edges), default=-1)
    members: list[list[int]] = [[] for _ in range(chains)]
    for index, edge in enumerate(net.edges):
        members[edge.chain].append(index)
    letters = "".join(plan.lattice)
    by_water = "Q" in letters or any(water.kind == "sea" for water in plan.waters)
    sea = list(rng.permutation(_SEA)) if by_water else []
    town, work = list(rng.permutation(_TOWN)), list(rng.permutation(_WORK))
    lengths = [sum(net.edges[i].length_m for i in own) for own in members]
    decks: BaseGeometry = shapely.union_all([quay.deck.buffer(14.0) for quay in quays])
    names = [""] * chains
    taken: set[str] = set()

    def give(chain: int, name: str) -> None:
        names[chain] = name
        taken.add(name)

    for chain, name in (known or {}).items():
        give(chain, name)
    along = [lines([net.edges[i] for i in own]).intersection(decks).length if quays else 0.0 for own in members]
    for rank, chain in enumerate(sorted(range(chains), key=lambda c: -along[c])):
        if along[chain] > 40.0 and rank < 3 and not names[chain]:
            give(chain, ("Quay Street", "Harbor Street", "Wharf Street")[rank])
    for rank, square in enumerate(squares):
        touching = [c for c in range(chains) if not names[c] and all(net.edges[i].role == "square" for i in members[c])
                    and lines([net.edges[i] for i in members[c]]).distance(square.around) < 1.0]  # fmt: skip
        for part, chain in enumerate(touching):
            base = ("Market Square", "Church Square", "Old Square")[rank]
            give(chain, base if part == 0 else f"{base} {('North', 'East', 'South', 'West')[(part - 1) % 4]}")
    mains = [
        c
        for c in sorted(range(chains), key=lambda c: -lengths[c])
        if not names[c] and net.edges[members[c][0]].kind == "main"
    ]
    if mains and "High Street" not in taken:
        give(mains[0], "High Street")
    for chain in range(chains):
        if names[chain]:
            continue
        first = net.edges[members[chain][len(members[chain]) // 2]]
        middle = first.points[len(first.points) // 2, :2]
        zone = str(plan.zone_at(middle[None])[0])
        near_sea = by_water and bool(quays) and decks.distance(shapely.points(middle)) < 90.0
        pool = work if zone == "I" else sea if near_sea and sea else town
        endings = _ENDINGS[first.kind]
        names[chain] = _fresh(pool or town, sea, town, endings, taken, rng)
    return names


def _fresh(pool: list, sea: list, town: list, endings: Sequence[str], taken: set[str], rng: np.random.Generator) -> str:
    ending = endings[int(rng.integers(len(endings)))]
    for source in (pool, town, sea):
        if source:
            stem = str(source.pop(0))
            name = f"{stem} {ending}"
            if name not in taken:
                taken.add(name)
                return name
    everything = _TOWN + _WORK
    for before in _BEFORE:
        for ending in dict.fromkeys([*endings, "Street", "Lane"]):
            for stem in everything:
                name = f"{before}{stem} {ending}"
                if name not in taken:
                    taken.add(name)
                    return name
    number = len(taken) + 1
    name = f"{number}th Street"
    taken.add(name)
    return name
