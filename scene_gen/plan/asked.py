"""The Brief's things as the plan needs them: how many at least and at most, what must not be, what gets a place."""

from dataclasses import dataclass

from scene_gen.brief import Brief, Relation, Thing
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import AgentsPlanned
from scene_gen.plan.styles import FABRIC

_TYPICAL = {
    "boat": 8, "fishing-boat": 6, "sailing-boat": 5, "rowing-boat": 5, "motor-boat": 4, "ship": 2, "tree": 40, "car": 12,
    "vehicle": 12, "pier": 3, "person": 12, "bench": 10, "lamp": 20, "market-stall": 8, "stall": 8, "crate": 14, "barrel": 10,
    "container": 12, "cow": 6, "sheep": 8, "goat": 6, "chicken": 8, "seagull": 8, "duck": 6, "camel": 4, "horse": 4, "dog": 3,
    "cat": 3, "house": 30, "cottage": 12, "shop": 8, "warehouse": 4, "skyscraper": 8, "cactus": 20, "flower-bed": 8, "flower": 8,
    "bush": 20, "parasol": 10, "neon-sign": 24, "hologram": 5, "bicycle": 8, "scooter": 6, "tent": 5, "hay-bale": 12, "fence": 8,
    "gravestone": 16, "rock": 10, "boulder": 8, "crane": 3, "buoy": 4, "street": 8, "building": 30, "home": 30, "bollard": 12,
    "ruin": 5, "barn": 2, "factory": 3, "cabin": 4, "villa": 4, "farmhouse": 2, "office": 4, "university": 3, "townhouse": 12,
    "vine": 40, "reed": 12, "animal": 6, "solar-panel": 10, "wind-turbine": 4, "hedge": 8, "lantern": 10, "table": 6, "chair": 12,
}  # fmt: skip
"""How many "some" are; what is not in the table is 1 where the word is a building or a large thing, else 3."""

LONE = frozenset({"crane", "lighthouse", "windmill", "water-tower", "clock-tower", "bell-tower", "watchtower", "silo", "chimney", "dome",
                    "obelisk", "fountain", "well", "statue", "wind-turbine", "gate", "playground", "square", "bridge", "footbridge",
                    "campfire", "breakwater", "cargo-ship", "ferry", "antenna", "hologram", "billboard"})  # fmt: skip
"""Kinds that stand by themselves: several of them get several places."""

_OF_MANY = 12
"""How many there are at least of what a place is made of, where that is tents or temples, which no parcel becomes by itself."""

_BULK = frozenset({"house", "home", "building", "tree", "lamp", "street", "alley", "person", "townhouse", "cottage", "apartment-block",
                   "vehicle", "car", "shop", "villa", "cabin", "skyscraper", "office"})  # fmt: skip
"""Kinds that the town has anyway, all over: without a relation or an adjective only their number matters."""


@dataclass(frozen=True)
class Wanted:
    """Something that needs a place: `count` of a kind, the relations it must meet, and its clause."""

    kind: str
    count: int
    relations: tuple[Relation, ...] = ()
    attributes: tuple[str, ...] = ()
    clause: int = -1


def typical(kind: str) -> int:
    """How many "some" of a kind are."""
    is_small = kind in KINDS and KINDS[kind].realised == "asset" and kind not in LONE
    return _TYPICAL.get(kind, 3 if is_small else 1)


def number_of(least: int, most: int | None, kind: str) -> int:
    """One number for a range: its middle; without an upper bound, "some" gives the usual number."""
    if most is not None:
        return (least + most + 1) // 2
    return max(least, typical(kind)) if least <= 2 else least


ALSO_REFUSED = {"car": ("taxi", "police-car"), "lamp": ("lantern",)}
"""Kinds that somebody who says "no cars" does not want to see either."""


def absent(brief: Brief) -> tuple[str, ...]:
    """Kinds that must not appear, groups with all their members, and what goes by the same word; less what was asked."""
    refused = {
        name for thing in brief.things if thing.most == 0 and thing.kind in KINDS for name in members(thing.kind)
    }
    asked = {thing.kind for thing in brief.things if thing.most != 0}
    also = {name for kind in refused for name in ALSO_REFUSED.get(kind, ()) if name not in asked}
    return tuple(sorted(refused | also))


def amounts(brief: Brief) -> dict[str, tuple[int, int | None]]:
    """Bounds for the number of each kind that stands on the lattice's zones; mentions of one kind add up."""
    result: dict[str, tuple[int, int | None]] = {}
    for thing in brief.things:
        if thing.kind not in KINDS or KINDS[thing.kind].realised == "zone" or thing.most == 0:
            continue
        least, most = result.get(thing.kind, (0, 0))
        result[thing.kind] = least + thing.least, None if most is None or thing.most is None else most + thing.most
    return {kind: result[kind] for kind in sorted(result)}


def wanted(brief: Brief) -> list[Wanted]:
    """Things that need a place of their own, in the order of the sentence."""
    result: list[Wanted] = []
    placed = {thing.kind for thing in brief.things}
    referred = {word for relation in brief.relations for word in relation.objects}
    told: set[int] = set()
    made_of = {read.value for read in brief.made_of} - FABRIC
    for index, thing in enumerate(brief.things):
        if thing.most == 0 or thing.kind not in KINDS or KINDS[thing.kind].realised == "zone":
            continue
        own = [i for i, relation in enumerate(brief.relations) if relation.subject == thing.kind and i not in told]
        told.update(own)
        relations = tuple(brief.relations[i] for i in own)
        if _needs_place(thing, relations):
            count = number_of(thing.least, thing.most, thing.kind)
            if thing.kind in referred and (thing.least, thing.most) == (1, None):
                count = 1
            if thing.kind in made_of and thing.most is None:
                count = max(count, _OF_MANY)
            result.append(Wanted(thing.kind, count, relations, thing.attributes, index))
    for index, relation in enumerate(brief.relations):
        kind = relation.subject
        if kind in placed or kind not in KINDS or KINDS[kind].realised == "zone":
            continue
        count = number_of(1, 1 if KINDS[kind].realised == "building" else None, kind)
        result.append(Wanted(kind, count, (relation,), (), len(brief.things) + index))
        placed.add(kind)
    return result


def agents_planned(brief: Brief) -> tuple[AgentsPlanned, ...]:
    """Who acts, with one number each; "couriers" are four. Where none are asked for there are two, on foot.

    A town that nobody acts in cannot be tried out; somebody who says "no people" gets one.
    """
    if not brief.agents and not {"person", "courier"} & set(absent(brief)):
        return (AgentsPlanned("courier", 2, "foot", ""),)
    result = []
    for asked in brief.agents:
        if asked.most == 0:
            continue
        count = (
            (asked.least + asked.most + 1) // 2
            if asked.most is not None
            else max(asked.least, 4 if asked.least <= 1 else 0)
        )
        result.append(AgentsPlanned(asked.kind, count, asked.vehicle, asked.instruction))
    return tuple(result)


def _needs_place(thing: Thing, relations: tuple[Relation, ...]) -> bool:
    if relations or thing.attributes:
        return True
    if thing.kind in _BULK:
        return False
    return thing.most is None or thing.most <= 60
