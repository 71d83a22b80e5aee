"""Buildings by a split grammar: every parcel with a use gets a building with mesh, colliders, doors and an address."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Building, Door, Part
from scene_gen.build.design import design, habit
from scene_gen.build.dice import Dice
from scene_gen.build.lots import Lot, lot
from scene_gen.build.masses import Built, ordinary
from scene_gen.build.site import Parcel, Raised
from scene_gen.build.sketch import Sketch
from scene_gen.build.styles import Design
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Builder = Callable[[Sketch, Lot, int, Design, Dice], Built]

BUILDERS: dict[str, Builder] = {}
"""Builders of uses that are more than an ordinary building."""


def raise_buildings(plan: Plan, parcels: Sequence[Parcel], *, seed: int) -> Raised:
    """A building on every parcel whose use is set, in the parcels' order; names count per use from 1."""
    sketch = Sketch()
    counts: Counter[str] = Counter()
    named: list[tuple[str, Parcel, Lot, Built, int]] = []
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
        named.append((name, parcel, place, built, frame))
    meshes = sketch.meshes(len(named))
    buildings, parts = [], []
    for (name, parcel, place, built, frame), surface in zip(named, meshes, strict=True):
        outline = _ring(sketch.to_world(frame, built.outline)[:, :2])
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
                doors=_doors(sketch, frame, place, built, parcel.base_m),
            )
        )
        parts.append(Part(name, parcel.use, "building", surface, built.colliders, outline))
    return Raised(tuple(buildings), tuple(parts))


def _doors(sketch: Sketch, frame: int, place: Lot, built: Built, base: float) -> tuple[Door, ...]:
    doors = []
    for entrance in built.entrances:
        x, y, _ = sketch.to_world(frame, [(entrance.x, entrance.y)])[0]
        yaw = math.remainder(place.yaw_rad + entrance.yaw_rad, math.tau)
        doors.append(Door((float(x), float(y), base), yaw, entrance.width, entrance.height, -1))
    return tuple(doors)


def _ring(points: NDArray[np.float64]) -> NDArray[np.float64]:
    ring = np.ascontiguousarray(points)
    ring.setflags(write=False)
    return ring
