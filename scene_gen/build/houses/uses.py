"""Decides what every parcel is for: landmarks first, then each zone's mixture, then the numbers that were asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.lots import frontage, is_buildable
from scene_gen.build.houses.styles import canonical
from scene_gen.build.site import Parcel
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Landmark, Plan
from scene_gen.seeds import stream

USES: tuple[str, ...] = tuple(k.name for k in KINDS.values() if k.realised == "building" and not k.members)
"""Every kind that is a building by itself."""

_SMALL = (5.0, 45.0)
NEEDS: dict[str, tuple[float, float]] = {
    "house": (5.5, 60), "cottage": (6, 60), "cabin": (5, 45), "villa": (13, 260), "townhouse": (4.2, 45),
    "apartment-block": (11, 180), "shop": _SMALL, "bakery": _SMALL, "restaurant": (6, 70), "cafe": _SMALL,
    "inn": (8, 100), "hotel": (12, 200), "office": (11, 180), "skyscraper": (16, 300), "warehouse": (11, 180),
    "factory": (18, 400), "workshop": (8, 90), "church": (11, 260), "cathedral": (20, 700), "chapel": (7, 80),
    "monastery": (20, 600), "mosque": (14, 300), "temple": (12, 200), "pagoda": (9, 110), "synagogue": (11, 180),
    "school": (16, 320), "university": (18, 400), "library": (12, 200), "museum": (15, 280), "hospital": (18, 400),
    "pharmacy": _SMALL, "police-station": (11, 160), "fire-station": (12, 170), "town-hall": (13, 230),
    "station": (16, 300), "post-office": (8, 100), "bank": (8, 100), "market-hall": (12, 220), "theater": (13, 260),
    "castle": (24, 800), "farmhouse": (9, 130), "barn": (9, 130), "greenhouse": (7, 80), "shed": (3.4, 15),
    "boathouse": (7, 80), "fish-market": (11, 150), "gas-station": (14, 240), "ruin": (5, 45), "tower-house": (6, 60),
}  # fmt: skip
"""Frontage [m] and area [m²] with which a use looks right; on less it is built smaller."""

_MIX: dict[str, str] = {
    "Q": "warehouse 4 boathouse 2 fish-market 1 restaurant 2 inn 2 shop 2 office 1 townhouse 4 workshop 1 cafe 1",
    "R": "townhouse 9 house 5 apartment-block 4 shop 1.4 cafe 0.5 bakery 0.4 pharmacy 0.2 office 0.4",
    "S": "house 13 villa 3 cottage 1.5",
    "O": "townhouse 10 house 5 shop 3 inn 0.8 workshop 0.8 bakery 0.7 cafe 0.8 restaurant 0.7 chapel 0.1",
    "C": "shop 8 office 4 restaurant 2.5 cafe 2 bank 0.7 hotel 1 pharmacy 0.6 bakery 0.9 apartment-block 3 townhouse 2"
         " post-office 0.4 theater 0.3",
    "T": "skyscraper 10 office 5 hotel 1.5 apartment-block 2.5 shop 1 bank 0.5",
    "I": "warehouse 7 factory 4 workshop 4 office 0.8 gas-station 0.2",
    "V": "town-hall 1 library 1 museum 1 bank 1 post-office 1 market-hall 0.6 theater 0.8 inn 1 cafe 2 shop 3 townhouse 3"
         " restaurant 2 hotel 0.6",
    "E": "university 5 library 1.5 school 2 apartment-block 2 cafe 0.6 office 1",
    "X": "ruin 8 house 1 cottage 1",
    "A": "farmhouse 4 barn 3 shed 1 greenhouse 0.6 cottage 1",
    "Y": "farmhouse 3 barn 1.5 cottage 2 villa 0.6",
    "G": "cottage 3 farmhouse 2 cabin 2 barn 1",
    "H": "cottage 3 house 2 cabin 2",
    "F": "cabin 5 cottage 1",
    "M": "cabin 5 cottage 1 house 1",
    "D": "house 4 shop 1",
    "B": "boathouse 3 cabin 2 cafe 1 restaurant 1",
    "P": "cafe 1",
}  # fmt: skip
_SHARE = {
    "S": 0.93,
    "X": 0.8,
    "A": 0.7,
    "Y": 0.7,
    "G": 0.6,
    "F": 0.5,
    "H": 0.6,
    "M": 0.5,
    "E": 0.85,
    "I": 0.9,
    "P": 0.1,
    "B": 0.4,
}
_RARE = {
    "town-hall": 1, "library": 2, "museum": 2, "market-hall": 1, "theater": 1, "post-office": 1, "bank": 4, "hospital": 1,
    "fish-market": 1, "gas-station": 2, "school": 3, "university": 6, "hotel": 8, "chapel": 1, "pharmacy": 4,
}  # fmt: skip
"""How many of a use a town has at most where nobody asked for more."""
_ONLY = ("town-hall",)
"""Uses that even a large town has no second one of."""
_STYLE_SWAPS: dict[str, dict[str, str]] = {
    "medieval": {"office": "townhouse", "apartment-block": "townhouse", "factory": "workshop", "skyscraper": "tower-house",
                 "hotel": "inn", "cafe": "inn", "restaurant": "inn", "gas-station": "workshop", "museum": "townhouse",
                 "theater": "townhouse", "bank": "townhouse", "pharmacy": "shop", "post-office": "shop", "villa": "house",
                 "university": "monastery", "greenhouse": "shed"},
    "rustic": {"office": "townhouse", "apartment-block": "townhouse", "skyscraper": "townhouse", "factory": "workshop",
               "villa": "farmhouse"},
    "neon": {"town-hall": "office", "library": "office", "museum": "office", "market-hall": "restaurant", "villa": "apartment-block",
             "cottage": "apartment-block", "house": "apartment-block", "inn": "hotel", "chapel": "shop"},
    "arabic": {"office": "house", "villa": "house", "cottage": "house", "townhouse": "house"},
    "asian": {"villa": "house", "cottage": "house"},
    "abandoned": {},
}  # fmt: skip


Bounds = tuple[str, tuple[int, int | None]]
"""A kind, and the least and the most of it."""


@dataclass
class _Town:
    """The parcels while their uses are being decided."""

    parcels: list[Parcel]
    sizes: np.ndarray
    middles: np.ndarray
    is_free: np.ndarray
    fixed: set[int] = field(default_factory=set)

    def count(self, uses: Sequence[str]) -> int:
        return sum(parcel.use in uses for parcel in self.parcels)

    def give(self, index: int, use: str, *, clause: int | None = None, words: tuple[str, ...] = ()) -> None:
        parcel = self.parcels[index]
        self.parcels[index] = replace(
            parcel,
            use=use,
            clause=parcel.clause if clause is None else clause,
            attributes=tuple(dict.fromkeys((*parcel.attributes, *words))),
        )

    def shortfall(self, index: int | np.ndarray, use: str) -> np.ndarray:
        """How much too small parcels are for a use: 0 fits, 1 is nothing of what it needs."""
        width, area = NEEDS[use]
        size = self.sizes[index]
        return np.maximum(np.maximum(1 - size[..., 0] / width, 1 - size[..., 2] / area), 0.0)


def assign_uses(plan: Plan, parcels: Sequence[Parcel], *, seed: int) -> tuple[Parcel, ...]:
    """The same parcels with `use` set, or "" for gardens. Deterministic for each parcel's name and the seed."""
    if not parcels:
        return ()
    banned = {use for kind in plan.absent if kind in KINDS for use in members(kind)}
    town = _Town(
        list(parcels),
        np.array([frontage(parcel) for parcel in parcels]),
        np.array([parcel.polygon.mean(axis=0) for parcel in parcels]),
        np.array([is_buildable(parcel) for parcel in parcels]),
    )
    for index, parcel in enumerate(town.parcels):
        if parcel.use in banned or (parcel.use and not town.is_free[index]):
            town.give(index, "")
        elif parcel.use:
            town.fixed.add(index)
    _landmarks(plan, town, banned)
    _mixture(plan, town, banned, seed)
    _amounts(plan, town, banned, seed)
    _describe(plan, town)
    return tuple(town.parcels)


def _landmarks(plan: Plan, town: _Town, banned: set[str]) -> None:
    for mark in plan.landmarks:
        if mark.kind not in KINDS or KINDS[mark.kind].realised != "building":
            continue
        uses = [use for use in members(mark.kind) if use in NEEDS and use not in banned]
        carried = [i for i in town.fixed if town.parcels[i].clause == mark.clause and town.parcels[i].use in uses]
        if mark.clause < 0:
            carried = [i for i in carried if _near(mark, town.middles[i])]
        for _ in range(mark.count - len(carried)):
            index, use = _best(plan, mark, uses, town)
            if index is None:
                break
            town.give(index, use, clause=mark.clause, words=mark.attributes)
            town.fixed.add(index)


def _describe(plan: Plan, town: _Town) -> None:
    """Adjectives of an uncounted kind ("white villas") are those of every one of them."""
    for thing in plan.brief.things:
        if thing.most is not None or not thing.attributes or thing.kind not in NEEDS:
            continue
        for index, parcel in enumerate(town.parcels):
            if parcel.use == thing.kind and parcel.clause < 0:
                town.give(index, parcel.use, words=thing.attributes)


def _near(mark: Landmark, middle: np.ndarray) -> bool:
    return mark.at is None or float(np.hypot(*(middle - np.asarray(mark.at)))) <= mark.radius_m + 30.0


def _best(plan: Plan, mark: Landmark, uses: list[str], town: _Town) -> tuple[int | None, str]:
    open_ = town.is_free.copy()
    open_[[i for i, parcel in enumerate(town.parcels) if parcel.use]] = False
    choice = np.flatnonzero(open_)
    if not len(choice) or not uses:
        return None, ""
    use = uses[0] if len(uses) == 1 else _member(uses)
    cost = 400.0 * town.shortfall(choice, use)
    if mark.at is None:
        at = np.zeros(2) if use in _RARE or use in ("church", "cathedral", "mosque", "temple") else None
    else:
        at = np.asarray(mark.at)
    letters = np.array([town.parcels[i].zone for i in choice])
    if at is not None:
        distance = np.hypot(*(town.middles[choice] - at).T)
        cost += distance + 2.0 * np.maximum(distance - mark.radius_m, 0.0)
    if mark.at is None:
        natural = [zone for zone, mix in _MIX.items() if f"{use} " in f"{mix} "]
        cost += 150.0 * ~np.isin(letters, natural or ["V", "O", "C", "R"])
        cost -= 0.02 * np.minimum(town.sizes[choice, 2], 2000.0)
    _, area = NEEDS[use]
    cost += 0.01 * np.maximum(town.sizes[choice, 2] - 4 * area, 0.0)
    best = int(np.argmin(cost))
    return int(choice[best]), use


def _member(uses: list[str]) -> str:
    return "house" if "house" in uses else uses[0]


def _mixture(plan: Plan, town: _Town, banned: set[str], seed: int) -> None:
    bounded = _bounded(plan)
    swaps = _STYLE_SWAPS.get(canonical(plan.look.style), {})
    counts = Counter(parcel.use for parcel in town.parcels)
    limits = {
        use: most if use in _ONLY else max(most, 1 + len(town.parcels) * most // 400) for use, most in _RARE.items()
    }
    order = np.argsort(-town.sizes[:, 2], kind="stable")
    homes = {use: weight for use, weight in plan.look.homes.items() if use in NEEDS and use not in banned | bounded}
    tables = {
        zone: _mostly(_mix(zone, swaps, banned | bounded), homes) for zone in {parcel.zone for parcel in town.parcels}
    }
    remaining = {zone: (sum(tables[zone].values()) / sum(_mix(zone, swaps, set()).values())) ** 0.7 for zone in tables}
    for index in order.tolist():
        parcel = town.parcels[index]
        if parcel.use or not town.is_free[index]:
            continue
        dice = Dice(stream(seed, "use", parcel.name))
        share = _SHARE.get(parcel.zone, 0.97) * plan.look.density.get(parcel.zone, 1.0) * remaining[parcel.zone]
        if not dice.chance(share):
            continue
        width, _, area = town.sizes[index]
        table = {}
        for use, weight in tables[parcel.zone].items():
            need_width, need_area = NEEDS[use]
            if width < need_width or area < need_area or counts[use] >= limits.get(use, 10**9):
                continue
            excess = area / need_area
            roomy = 1.0 if excess < 6 or use in homes else 6.0 / excess
            table[use] = weight * roomy * (0.15 if use in _RARE and excess < 1.2 else 1.0)
        if parcel.is_attached:
            for use in ("villa", "cottage", "cabin", "gas-station", "farmhouse"):
                if use not in homes:
                    table.pop(use, None)
            if "townhouse" in table and "house" in table:
                table["house"] *= 0.3
        if not table:
            table = {
                use: 1.0
                for use in (*homes, "house", "townhouse", "shop")
                if use not in banned | bounded and width >= NEEDS[use][0]
            }
        if table:
            use = dice.weigh(table)
            counts[use] += 1
            town.give(index, use)


_DWELLINGS = frozenset(members("home"))
_MOSTLY = 0.92


def _mostly(mix: Mapping[str, float], homes: Mapping[str, float]) -> dict[str, float]:
    """A zone's mixture with nearly all its dwellings replaced by `homes`; by works and towers, nearly everything."""
    table = dict(mix)
    if not homes:
        return table
    are_dwellings = _DWELLINGS.issuperset(homes)
    replaced = [use for use in table if use in _DWELLINGS or not are_dwellings]
    freed = _MOSTLY * sum(table[use] for use in replaced)
    for use in replaced:
        table[use] *= 1 - _MOSTLY
    for use, weight in homes.items():
        table[use] = table.get(use, 0.0) + freed * weight
    return table


def _bounded(plan: Plan) -> set[str]:
    """Uses of which a number was asked for, with what would be taken for them: nobody else may add to these."""
    uses: set[str] = set()
    for kind, (_, most) in plan.amounts.items():
        if most is None or kind not in KINDS or kind == "building":
            continue
        uses.update(members(kind))
        if kind == "house":
            uses.update(members("home"))
    return {use for use in uses if use in NEEDS}


def _mix(zone: str, swaps: Mapping[str, str], banned: set[str]) -> dict[str, float]:
    words = _MIX.get(zone, _MIX["G"]).split()
    table: dict[str, float] = {}
    for use, weight in zip(words[::2], words[1::2], strict=True):
        use = swaps.get(use, use)
        if use not in banned:
            table[use] = table.get(use, 0.0) + float(weight)
    return table


def _amounts(plan: Plan, town: _Town, banned: set[str], seed: int) -> None:
    """Raises and lowers numbers until each bound holds, first the single kinds, then the groups."""
    wanted = sorted(
        (
            (kind, bounds)
            for kind, bounds in plan.amounts.items()
            if kind in KINDS and KINDS[kind].realised == "building"
        ),
        key=lambda item: (len(members(item[0])), item[0]),
    )
    promised = {use for kind, (least, _) in wanted if least for use in members(kind)}
    rng = stream(seed, "amounts")
    rank = rng.permutation(len(town.parcels))
    for kind, (least, most) in wanted:
        uses = tuple(use for use in members(kind) if use in NEEDS and use not in banned)
        if not uses:
            continue
        if most is not None and town.count(uses) > most:
            _lower(town, kind, uses, most, wanted, rank)
        if town.count(uses) < least:
            _raise(plan, town, kind, uses, least, promised, wanted, rank)


def _lower(
    town: _Town, kind: str, uses: tuple[str, ...], most: int, wanted: Sequence[Bounds], rank: np.ndarray
) -> None:
    """Empties parcels until `most` are left; landmarks last, and nothing below what another bound asks for."""
    least = {name: bounds[0] for name, bounds in wanted if name != kind}
    counts = {name: town.count(members(name)) for name in least}
    having = [i for i, parcel in enumerate(town.parcels) if parcel.use in uses]
    excess = len(having) - most
    for index in sorted(having, key=lambda i: (i in town.fixed, rank[i])):
        if excess <= 0:
            return
        parcel = town.parcels[index]
        counting = [name for name in least if parcel.use in members(name)]
        if (index in town.fixed and parcel.clause >= 0) or any(counts[name] <= least[name] for name in counting):
            continue
        for name in counting:
            counts[name] -= 1
        town.give(index, "")
        town.fixed.discard(index)
        excess -= 1


def _raise(
    plan: Plan,
    town: _Town,
    kind: str,
    uses: tuple[str, ...],
    least: int,
    promised: set[str],
    wanted: Sequence[Bounds],
    rank: np.ndarray,
) -> None:
    use = uses[0] if len(uses) == 1 or kind in NEEDS else _member(list(uses))
    counted = {name: set(members(name)) for name, _ in wanted}

    def spare(index: int) -> int:
        """0 empty, 1 a filler that nobody asked for, 2 not to be touched."""
        parcel = town.parcels[index]
        if index in town.fixed or not town.is_free[index] or parcel.use in uses:
            return 2
        if not parcel.use:
            return 0
        return 1 if parcel.use not in promised else 2

    while town.count(uses) < least:
        free = [i for i in range(len(town.parcels)) if spare(i) < 2]
        if not free:
            return
        choice = np.array(free)
        cost = 6.0 * town.shortfall(choice, use)
        cost += np.array([1.0 * spare(i) for i in free])
        natural = np.array([f"{use} " in f"{_MIX.get(town.parcels[i].zone, '')} " for i in free])
        cost += 1.5 * ~natural + rank[choice] / (2.0 * len(rank))
        need = least - town.count(uses)
        for index in choice[np.argsort(cost, kind="stable")][:need].tolist():
            town.give(index, use)
    for name, (_, most) in wanted:
        if most is not None and use in counted[name] and name != kind and town.count(tuple(counted[name])) > most:
            _lower(town, name, tuple(counted[name]), most, wanted, rank)
