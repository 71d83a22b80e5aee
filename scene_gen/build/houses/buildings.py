"""Buildings by a split grammar: every parcel with a use gets a building with mesh, colliders, doors and an address."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.scene import Building, Mesh, Part
from scene_gen.build.houses import (
    cathedral,
    civic,
    eastern,
    industry,
    porticoes,
    rural,
    sacred,
    services,
    strongholds,
    towers,
    waterside,
)
from scene_gen.build.houses.compose import Built
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.design import design, habit
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.gardens import enclosures
from scene_gen.build.houses.lots import Lot, lot
from scene_gen.build.houses.masses import ordinary
from scene_gen.build.houses.sketch import Sketch
from scene_gen.build.site import Parcel, Raised
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Builder = Callable[[Sketch, Lot, int, Design, Dice], Built]

BUILDERS: dict[str, Builder] = {
    "church": sacred.church,
    "chapel": sacred.chapel,
    "cathedral": cathedral.cathedral,
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
    "boathouse": waterside.boathouse,
    "fish-market": waterside.fish_market,
    "gas-station": industry.gas_station,
    "barn": rural.barn,
    "cabin": rural.cabin,
    "greenhouse": rural.greenhouse,
    "town-hall": civic.town_hall,
    "station": civic.station,
    "school": civic.school,
    "hospital": civic.hospital,
    "museum": porticoes.columned,
    "library": porticoes.columned,
    "bank": porticoes.columned,
    "university": porticoes.columned,
    "theater": services.theater,
    "fire-station": services.fire_station,
    "police-station": services.badged,
    "post-office": services.badged,
    "market-hall": services.market_hall,
    "skyscraper": towers.skyscraper,
    "office": towers.office,
}
"""Builders of uses that are more than an ordinary building."""


_AT_ONCE = 400
"""Buildings whose solids become triangles together, so that memory stays bounded."""
_TOUCH = 0.25
"""Walls nearer than this [m] are blind: nobody looks out on a neighbour's wall."""
_FREE_STANDING = tuple(use for use in BUILDERS if use not in ("office", "workshop"))


def raise_buildings(plan: Plan, parcels: Sequence[Parcel], *, seed: int) -> Raised:
    """A building on every parcel whose use is set, in the parcels' order; names count per use from 1.

    Raises InvalidScene where a parcel is too small for any building.
    """
    counts: Counter[str] = Counter()
    sites: list[tuple[str, Parcel, Design, Lot, Dice]] = []
    for parcel in parcels:
        if not parcel.use:
            continue
        counts[parcel.use] += 1
        name = f"{parcel.use}-{counts[parcel.use]}"
        dice = Dice(stream(seed, "building", name))
        d = design(plan, parcel, dice)
        place = lot(parcel, habit(parcel.use).room, slack=dice.share(), fill=dice.between(0.88, 1.0))
        sites.append((name, parcel, d, place, dice))
    party = _party_walls(sites)
    made: list[Built] = []
    meshes: list[Mesh] = []
    for start in range(0, len(sites), _AT_ONCE):
        sketch = Sketch()
        for owner, (_, parcel, d, place, dice) in enumerate(sites[start : start + _AT_ONCE]):
            frame = sketch.frame(owner, *place.origin, place.yaw_rad)
            place = replace(place, party=party[start + owner])
            made.append(BUILDERS.get(parcel.use, ordinary)(sketch, place, frame, d, dice))
        meshes += sketch.meshes(len(made) - start)
    buildings, parts = [], []
    for (name, parcel, *_), built, surface in zip(sites, made, meshes, strict=True):
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
    gardens = enclosures(
        plan, [(site[1], building) for site, building in zip(sites, buildings, strict=True)], seed=seed
    )
    return Raised(tuple(buildings), tuple(parts), gardens)


def _party_walls(sites: Sequence[tuple[str, Parcel, Design, Lot, Dice]]) -> list[tuple[bool, bool]]:
    """Whether a built neighbour fills the frontage up to the left and the right wall of each building."""
    fills = [place.party[0] and parcel.use not in _FREE_STANDING for _, parcel, _, place, _ in sites]
    party = [(False, False)] * len(sites)
    rows = [i for i, is_filled in enumerate(fills) if is_filled]
    if not rows:
        return party
    quads = [_in_world(sites[i][3], sites[i][3].corners) for i in rows]
    tree = shapely.STRtree([shapely.Polygon(quad) for quad in quads])
    points = np.array([[q[0] + (q[3] - q[0]) * 0.4, q[1] + (q[2] - q[1]) * 0.4] for q in quads]).reshape(-1, 2)
    asked, found = tree.query(shapely.points(points), predicate="dwithin", distance=_TOUCH)
    touches = np.zeros(len(points), dtype=bool)
    touches[asked[found != asked // 2]] = True
    for k, i in enumerate(rows):
        party[i] = (bool(touches[2 * k]), bool(touches[2 * k + 1]))
    return party
    tree = shapely.STRtree([shapely.Polygon(sites[i][1].polygon) for i in rows])
    points = []
    for i in rows:
        place = sites[i][3]
        a, b, c, d = place.corners
        for x, y in (
            (a[0] + (d[0] - a[0]) * 0.3 - 0.6, place.depth * 0.3),
            (b[0] + (c[0] - b[0]) * 0.3 + 0.6, place.depth * 0.3),
        ):
            cos, sin = math.cos(place.yaw_rad), math.sin(place.yaw_rad)
            points.append((place.origin[0] + cos * x - sin * y, place.origin[1] + sin * x + cos * y))
    asked, _ = tree.query(shapely.points(points), predicate="within")
    touches = np.zeros(len(points), dtype=bool)
    touches[asked] = True
    for k, i in enumerate(rows):
        party[i] = (bool(touches[2 * k]), bool(touches[2 * k + 1]))
    return party


def _in_world(place: Lot, points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    c, s = math.cos(place.yaw_rad), math.sin(place.yaw_rad)
    x, y = np.array(points).T
    return np.stack([place.origin[0] + c * x - s * y, place.origin[1] + s * x + c * y], axis=1)


def _ring(points: NDArray[np.float64]) -> NDArray[np.float64]:
    ring = np.ascontiguousarray(points)
    ring.setflags(write=False)
    return ring
