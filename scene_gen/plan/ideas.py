"""What a place has without being told: a harbor its piers and boats, a village its well, a farm its barns."""

from collections.abc import Iterable

import numpy as np

from scene_gen.seeds import stream

_IDEAS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "town": (("church", 1, 1), ("town-hall", 1, 1), ("fountain", 1, 1), ("school", 1, 1), ("inn", 1, 2), ("statue", 1, 1),
             ("bakery", 1, 2), ("playground", 1, 1)),
    "city": (("cathedral", 1, 1), ("town-hall", 1, 1), ("museum", 1, 1), ("hospital", 1, 1), ("station", 1, 1),
             ("theater", 1, 1), ("library", 1, 1), ("fountain", 1, 2), ("school", 2, 3), ("hotel", 2, 3), ("bus", 3, 5), ("taxi", 3, 6)),
    "downtown": (("hotel", 2, 3), ("bank", 2, 3), ("theater", 1, 1), ("fountain", 1, 1), ("taxi", 4, 8), ("bus", 2, 4)),
    "village": (("church", 1, 1), ("well", 1, 1), ("inn", 1, 1), ("bakery", 1, 1), ("barn", 1, 2), ("horse", 2, 3)),
    "harbor": (("pier", 3, 6), ("breakwater", 1, 1), ("lighthouse", 1, 1), ("crane", 2, 4), ("fishing-boat", 5, 8),
               ("sailing-boat", 3, 6), ("motor-boat", 2, 4), ("rowing-boat", 2, 4), ("cargo-ship", 0, 1), ("warehouse", 3, 5),
               ("fish-market", 1, 1), ("container", 10, 18), ("crate", 14, 24), ("barrel", 8, 14), ("fishing-net", 3, 5),
               ("buoy", 2, 4), ("seagull", 6, 12)),
    "fishing-village": (("pier", 2, 3), ("lighthouse", 1, 1), ("fishing-boat", 5, 8), ("rowing-boat", 3, 5), ("boathouse", 2, 3),
                        ("church", 1, 1), ("fishing-net", 4, 6), ("barrel", 6, 10), ("crate", 6, 10), ("seagull", 6, 10)),
    "old-town": (("church", 1, 1), ("well", 1, 1), ("clock-tower", 1, 1), ("fountain", 1, 1), ("inn", 1, 2), ("lantern", 6, 12)),
    "medieval": (("town-wall", 1, 1), ("gate", 2, 4), ("castle", 1, 1), ("church", 1, 1), ("well", 1, 2), ("market-stall", 6, 10),
                 ("inn", 1, 2), ("watchtower", 1, 2), ("cart", 3, 5), ("hay-bale", 4, 8), ("horse", 2, 4), ("chicken", 3, 6)),
    "industrial": (("factory", 3, 5), ("chimney", 3, 5), ("warehouse", 5, 8), ("water-tower", 1, 1), ("silo", 2, 4), ("truck", 4, 7),
                   ("container", 12, 20), ("crane", 1, 2), ("pallet", 8, 14)),
    "campus": (("university", 3, 5), ("library", 1, 1), ("clock-tower", 1, 1), ("fountain", 1, 1), ("statue", 1, 2), ("bicycle", 10, 18),
               ("cafe", 1, 2)),
    "suburb": (("school", 1, 1), ("playground", 1, 2), ("gas-station", 1, 1), ("church", 1, 1), ("mailbox", 8, 14)),
    "market": (("market-hall", 1, 1), ("market-stall", 12, 18), ("fountain", 1, 1), ("church", 1, 1), ("town-hall", 1, 1), ("crate", 10, 16),
               ("cart", 2, 4)),
    "farm": (("farmhouse", 2, 3), ("barn", 2, 4), ("silo", 2, 3), ("windmill", 1, 1), ("tractor", 1, 2), ("hay-bale", 12, 20),
             ("cow", 5, 8), ("chicken", 4, 7), ("sheep", 4, 8)),
    "ranch": (("farmhouse", 1, 2), ("barn", 2, 3), ("water-tower", 1, 1), ("windmill", 1, 1), ("horse", 5, 9), ("cow", 6, 10), ("hay-bale", 8, 12)),
    "vineyard": (("villa", 1, 2), ("chapel", 1, 1), ("barn", 1, 2), ("well", 1, 1), ("barrel", 6, 10), ("tractor", 1, 1)),
    "mountain": (("chapel", 1, 1), ("cabin", 3, 6), ("goat", 3, 6), ("boulder", 8, 14)),
    "hills": (("windmill", 1, 1), ("sheep", 5, 9)),
    "desert": (("well", 1, 2), ("market-stall", 3, 6), ("cactus", 18, 30), ("camel", 5, 9), ("palm", 24, 36), ("tent", 2, 4), ("rock", 8, 14)),
    "oasis": (("well", 1, 1), ("camel", 4, 7), ("tent", 4, 7), ("market-stall", 4, 7)),
    "island": (("pier", 1, 2), ("lighthouse", 1, 1), ("fishing-boat", 2, 4), ("sailing-boat", 2, 4), ("rowing-boat", 1, 3)),
    "coast": (("pier", 1, 2), ("lighthouse", 1, 1), ("sailing-boat", 3, 5), ("fishing-boat", 2, 3), ("parasol", 6, 12), ("seagull", 5, 9)),
    "resort": (("hotel", 3, 5), ("parasol", 14, 24), ("yacht", 2, 4), ("sailing-boat", 2, 4), ("pier", 1, 2), ("restaurant", 2, 3)),
    "river": (("bridge", 1, 2), ("rowing-boat", 2, 4), ("willow", 5, 9)),
    "lake": (("jetty", 1, 2), ("rowing-boat", 2, 4), ("sailing-boat", 1, 3), ("duck", 5, 9)),
    "canal": (("bridge", 3, 6), ("footbridge", 1, 3), ("motor-boat", 3, 5), ("rowing-boat", 3, 6), ("bicycle", 12, 20)),
    "forest": (("cabin", 2, 4), ("campfire", 1, 1)),
    "jungle": (("cabin", 2, 4), ("campfire", 1, 1), ("rock", 6, 10)),
    "neon": (("skyscraper", 6, 10), ("neon-sign", 24, 40), ("hologram", 4, 7), ("taxi", 5, 9), ("antenna", 3, 5), ("billboard", 4, 7),
             ("market-stall", 4, 8)),
    "sci-fi": (("skyscraper", 5, 9), ("dome", 2, 4), ("hologram", 4, 7), ("antenna", 2, 4), ("robot", 2, 4), ("solar-panel", 8, 14)),
    "ruins": (("ruin", 4, 7), ("obelisk", 1, 1), ("dead-tree", 6, 10), ("boulder", 8, 14)),
}  # fmt: skip
_AT_THE_SEA = (("pier", 1, 2), ("fishing-boat", 2, 4), ("rowing-boat", 1, 3))
_BY_STYLE: dict[str, dict[str, str]] = {
    "arabic": {"church": "mosque", "cathedral": "mosque", "chapel": "mosque", "inn": "cafe"},
    "asian": {"church": "temple", "cathedral": "pagoda", "chapel": "temple"},
    "adobe": {"church": "chapel", "barn": "shed", "horse": "camel"},
    "neon": {"church": "temple", "town-hall": "hotel", "museum": "theater", "library": "theater"},
}
_COUNTED_BY_SIZE = frozenset({"pier", "fishing-boat", "sailing-boat", "motor-boat", "rowing-boat", "crate", "barrel", "container",
                              "neon-sign", "taxi", "bus", "market-stall", "warehouse", "crane", "skyscraper", "school", "parasol"})  # fmt: skip


def ideas(places: Iterable[str], waters: Iterable[str], style: str, size_m: float, seed: int) -> dict[str, int]:
    """Kinds and how many of each the planner would add by itself; twice named kinds keep the larger number."""
    names = list(places) or ["town"]
    if not any(name in ("town", "city", "village", "medieval", "old-town", "suburb", "fishing-village", "farm", "ranch", "campus",
                        "industrial", "downtown", "neon", "sci-fi", "ruins", "resort", "market", "vineyard") for name in names):  # fmt: skip
        names.append("town" if "harbor" in names or "canal" in names else "village")
    rows = [row for name in names for row in _IDEAS.get(name, ())]
    if "sea" in waters and not any(kind == "pier" for kind, *_ in rows):
        rows += _AT_THE_SEA
    swaps = _BY_STYLE.get(style, {})
    scale = float(np.clip(size_m / 512.0, 0.6, 3.0))
    result: dict[str, int] = {}
    for kind, least, most in rows:
        number = int(stream(seed, "plan", "idea", kind).integers(least, most + 1))
        if kind in _COUNTED_BY_SIZE and number > 1:
            number = max(round(number * scale), 1)
        kind = swaps.get(kind, kind)
        result[kind] = max(result.get(kind, 0), number)
    if "cathedral" in result:
        result.pop("church", None)
    return {kind: number for kind, number in result.items() if number}
