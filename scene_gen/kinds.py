"""The words for things: one table that understanding, planning, building, the kit and the checks share."""

from dataclasses import dataclass
from typing import Literal

Realised = Literal["building", "asset", "part", "zone"]


@dataclass(frozen=True)
class Kind:
    """How a word for a thing becomes real.

    building: a Building whose `use` is the kind. asset: placements of assets whose `kind` is the kind or one of
    `members`. part: a Part of that kind. zone: lattice cells with that letter.
    """

    name: str
    plural: str
    realised: Realised
    semantic: str
    members: tuple[str, ...] = ()
    zone: str = ""


def _table() -> dict[str, Kind]:
    rows: list[Kind] = []

    def add(realised: Realised, semantic: str, *names: str) -> None:
        rows.extend(Kind(name, _plural(name), realised, semantic) for name in names)

    add("building", "building", "house", "cottage", "cabin", "villa", "townhouse", "apartment-block", "shop", "bakery",
        "restaurant", "cafe", "inn", "hotel", "office", "skyscraper", "warehouse", "factory", "workshop", "church",
        "cathedral", "chapel", "monastery", "mosque", "temple", "pagoda", "synagogue", "school", "university", "library",
        "museum", "hospital", "pharmacy", "police-station", "fire-station", "town-hall", "station", "post-office",
        "bank", "market-hall", "theater", "castle", "farmhouse", "barn", "greenhouse", "shed", "boathouse",
        "fish-market", "gas-station", "ruin", "tower-house")  # fmt: skip
    add("part", "dock", "pier", "quay", "breakwater", "jetty", "marina")
    add("part", "bridge", "bridge", "footbridge")
    add("part", "sidewalk", "square", "promenade", "steps")
    add("part", "wall", "town-wall", "gate")
    add("part", "road", "street", "alley", "parking-lot")
    add("asset", "building", "lighthouse", "windmill", "water-tower", "clock-tower", "bell-tower", "watchtower", "silo",
        "chimney", "tent", "dome", "obelisk", "yurt")  # fmt: skip
    add("asset", "tree", "oak", "pine", "palm", "cypress", "birch", "willow", "maple", "cherry-tree", "olive-tree",
        "dead-tree", "fruit-tree")  # fmt: skip
    add("asset", "vegetation", "bush", "hedge", "cactus", "flower-bed", "reed", "vine", "hay-bale")
    add("asset", "boat", "fishing-boat", "sailing-boat", "rowing-boat", "motor-boat", "ferry", "cargo-ship", "tugboat",
        "yacht")  # fmt: skip
    add("asset", "vehicle", "car", "taxi", "van", "bus", "truck", "tractor", "tram", "cart", "police-car")
    add("asset", "scooter", "scooter")
    add("asset", "bicycle", "bicycle")
    add("asset", "lamp", "lamp", "lantern")
    add("asset", "street-furniture", "bench", "bin", "hydrant", "bollard", "fountain", "well", "statue", "mailbox",
        "bus-stop", "parasol", "planter", "flagpole", "gravestone", "solar-panel", "antenna", "crane", "wind-turbine",
        "market-stall", "playground", "buoy", "fishing-net", "billboard", "power-pole")  # fmt: skip
    add("asset", "fence", "fence", "stone-wall")
    add("asset", "sign", "sign", "neon-sign", "hologram")
    add("asset", "signal", "traffic-light")
    add("asset", "container", "container")
    add("asset", "crate", "crate", "barrel", "pallet")
    add("asset", "furniture", "chair")
    add("asset", "table", "table")
    add("asset", "other", "rock", "boulder", "campfire", "snowman")
    add("asset", "person", "person")
    add("asset", "animal", "dog", "cat", "horse", "sheep", "cow", "goat", "chicken", "camel", "seagull", "duck")
    add("asset", "robot", "robot", "quadruped")

    def group(name: str, realised: Realised, semantic: str, *members: str) -> None:
        rows.append(Kind(name, _plural(name), realised, semantic, members))

    kinds = {row.name: row for row in rows}
    by_semantic = lambda *classes: tuple(k.name for k in kinds.values() if k.semantic in classes)  # noqa: E731
    group("tree", "asset", "tree", *by_semantic("tree"))
    group("boat", "asset", "boat", *by_semantic("boat"))
    group("ship", "asset", "boat", "cargo-ship", "ferry", "tugboat", "yacht")
    group("vehicle", "asset", "vehicle", *by_semantic("vehicle"))
    group("animal", "asset", "animal", *by_semantic("animal"))
    group("building", "building", "building", *by_semantic("building"))
    group("home", "building", "building", "house", "cottage", "cabin", "villa", "townhouse", "apartment-block",
          "farmhouse", "tower-house")  # fmt: skip
    group("flower", "asset", "vegetation", "flower-bed")
    group("stall", "asset", "street-furniture", "market-stall")

    def zone(name: str, letter: str, semantic: str = "terrain") -> None:
        rows.append(Kind(name, _plural(name), "zone", semantic, zone=letter))

    for name, letter in (("sea", "W"), ("lake", "W"), ("river", "W"), ("canal", "W"), ("pond", "W"), ("beach", "B"),
                         ("park", "P"), ("forest", "F"), ("field", "A"), ("vineyard", "Y"), ("orchard", "Y"),
                         ("meadow", "G"), ("hill", "H"), ("mountain", "M"), ("dune", "D"), ("garden", "P"),
                         ("cemetery", "P"), ("campus", "E"), ("factory-district", "I"), ("downtown", "T"),
                         ("old-quarter", "O"), ("suburb", "S"), ("shopping-district", "C")):  # fmt: skip
        zone(name, letter)
    return {row.name: row for row in rows}


def _plural(name: str) -> str:
    irregular = {"person": "people", "church": "churches", "bench": "benches", "bus": "buses", "ranch": "ranches",
                 "sheep": "sheep", "beach": "beaches", "cactus": "cacti", "bush": "bushes", "gas-station": "gas stations",
                 "steps": "steps", "hydrant": "hydrants"}  # fmt: skip
    if name in irregular:
        return irregular[name]
    words = name.replace("-", " ")
    if words.endswith("y") and words[-2] not in "aeiou":
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("ch", "sh", "x", "s")) else "s")


KINDS: dict[str, Kind] = _table()
"""Every kind by name. A group ("tree", "boat", "home") counts all its members."""


def members(kind: str) -> tuple[str, ...]:
    """The kind itself and all kinds that count as it."""
    return (kind, *KINDS[kind].members)
