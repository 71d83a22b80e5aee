"""Buildings by a split grammar: every parcel with a use gets a building with mesh, colliders, doors and an address."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Building, Part
from scene_gen.build import civic, eastern, industry, rural, sacred, strongholds, towers
from scene_gen.build.compose import Built
from scene_gen.build.design import design, habit
from scene_gen.build.dice import Dice
from scene_gen.build.lots import Lot, lot
from scene_gen.build.masses import ordinary
from scene_gen.build.site import Parcel, Raised
from scene_gen.build.sketch import Sketch
from scene_gen.build.styles import Design
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Builder = Callable[[Sketch, Lot, int, Design, Dice], Built]

BUILDERS: dict[str, Builder] = {
    "church": sacred.church,
    "chapel": sacred.chapel,
    "cathedral": sacred.cathedral,
    "monastery": sacred.monastery,
    "synagogue": sacred.synagogue,
    "mosque": eastern.mosque,
    "temple": eastern.temple,
    "pagoda": eastern.pagoda,
    "castle": strongholds.castle,
    "tower-house": strongholds.tower_house,
    "ruin": strongholds.ruin,
    "warehouse": industry.warehouse,
    "factory": industry.factory,
    "workshop": industry.workshop,
    "boathouse": industry.boathouse,
    "fish-market": industry.fish_market,
    "gas-station": industry.gas_station,
    "barn": rural.barn,
    "cabin": rural.cabin,
    "greenhouse": rural.greenhouse,
    "town-hall": civic.town_hall,
    "station": civic.station,
    "school": civic.school,
    "hospital": civic.hospital,
    "museum": civic.columned,
    "library": civic.columned,
    "bank": civic.columned,
    "university": civic.columned,
    "theater": civic.theater,
    "fire-station": civic.fire_station,
    "police-station": civic.badged,
    "post-office": civic.badged,
    "market-hall": civic.market_hall,
    "skyscraper": towers.skyscraper,
    "office": towers.office,
}
"""Builders of uses that are more than an ordinary building."""


def raise_buildings(plan: Plan, parcels: Sequence[Parcel], *, seed: int) -> Raised:
    """A building on every parcel whose use is set, in the parcels' order; names count per use from 1."""
    sketch = Sketch()
    counts: Counter[str] = Counter()
    named: list[tuple[str, Parcel, Built]] = []
    for parcel in parcels:
        if not parcel.use:
            continue
        counts[parcel.use] += 1
        name = f"{parcel.use}-{counts[parcel.use]}"
        dice = Dice(stream(seed, "building", name))
        d = design(plan, parcel, dice)
        place = lot(parcel, habit(parcel.use).room, slack=dice.share(), fill=dice.between(0.88, 1.0))
        frame = sketch.frame(len(named), *place.origin, place.yaw_rad)
        built = BUILDERS.get(parcel.use, ordinary)(sketch, place, frame, d, dice)
        named.append((name, parcel, built))
    meshes = sketch.meshes(len(named))
    buildings, parts = [], []
    for (name, parcel, built), surface in zip(named, meshes, strict=True):
        outline = _ring(built.outline)
        buildings.append(
            Building(
                name=name,
                use=parcel.use,
                address=f"{parcel.number} {parcel.street}",
                footprint=outline,
                base_m=parcel.base_m,
                height_m=round(built.eaves_m, 4),
                roof_m=round(built.roof_m, 4),
                storeys=built.storeys,
                roof=built.roof,
                zone=parcel.zone,
                materials=built.materials,
                doors=built.doors,
            )
        )
        parts.append(Part(name, parcel.use, "building", surface, built.colliders, outline))
    return Raised(tuple(buildings), tuple(parts))


def _ring(points: NDArray[np.float64]) -> NDArray[np.float64]:
    ring = np.ascontiguousarray(points)
    ring.setflags(write=False)
    return ring
