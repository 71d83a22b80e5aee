"""What stands around a house's garden: picket fences, low walls and hedges, open where the way to the door is."""

import math
from collections.abc import Sequence

import numpy as np
import shapely

from bridge.scene import Building, Collider, Part
from scene_gen.build.houses.compose import block
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.sketch import BACK, FRONT, STANDING, Sketch
from scene_gen.build.houses.styles import canonical
from scene_gen.build.site import Parcel
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

_ZONES = "SGHYAMFRE"
_HOMES = ("house", "cottage", "villa", "cabin", "farmhouse")
_INSET = 0.25
_GATE = 1.1
"""Half the width of the opening before a door [m]."""
_SEMANTIC = {"fence": "fence", "stone-wall": "wall", "hedge": "vegetation"}
_LIKED = {
    "nordic": {"fence": 5, "hedge": 1}, "american": {"fence": 4, "hedge": 2}, "maritime": {"fence": 4, "stone-wall": 1},
    "colorful": {"fence": 4, "hedge": 1}, "mediterranean": {"stone-wall": 5, "hedge": 1}, "rustic": {"stone-wall": 3, "fence": 3},
    "medieval": {"stone-wall": 2, "fence": 3}, "arabic": {"stone-wall": 1}, "asian": {"stone-wall": 2, "hedge": 2},
    "alpine": {"fence": 3}, "abandoned": {"fence": 3}, "victorian": {"stone-wall": 2, "hedge": 3},
}  # fmt: skip


def enclosures(plan: Plan, homes: Sequence[tuple[Parcel, Building]], *, seed: int) -> tuple[Part, ...]:
    """One Part a garden at most, around detached homes with a front garden; none of the kinds that must be absent."""
    style = canonical(plan.look.style)
    weights = _LIKED.get(style, {"hedge": 4, "fence": 3, "stone-wall": 1})
    weights = {kind: float(w) for kind, w in weights.items() if not {kind, _SEMANTIC[kind]} & set(plan.absent)}
    chosen = [pair for pair in homes if weights and _has_garden(*pair)]
    if not chosen:
        return ()
    plots = [shapely.Polygon(parcel.polygon) for parcel, _ in chosen]
    rings = [plot.buffer(-_INSET, join_style="mitre") for plot in plots]
    tree = shapely.STRtree(plots)
    sketch = Sketch()
    named: list[tuple[str, str, list[Collider]]] = []
    counts = dict.fromkeys(_SEMANTIC, 0)
    for index, ((parcel, building), ring) in enumerate(zip(chosen, rings, strict=True)):
        dice = Dice(stream(seed, "garden", building.name))
        kind = dice.weigh(weights)
        if not dice.chance(0.8) or ring.geom_type != "Polygon" or ring.is_empty:
            continue
        frame = sketch.frame(len(named), 0.0, 0.0, parcel.base_m, 0.0)
        material = _material(kind, style, dice)
        solids = []
        for start, end, is_front in _runs(ring, parcel, building, tree, index):
            solids += _run(sketch, frame, start, end, kind, material, is_front, dice)
        if solids:
            counts[kind] += 1
            named.append((f"garden-{kind}-{counts[kind]}", kind, solids))
    meshes = sketch.meshes(len(named))
    return tuple(
        Part(name, kind, _SEMANTIC[kind], mesh, tuple(solids))
        for (name, kind, solids), mesh in zip(named, meshes, strict=True)
    )


def _has_garden(parcel: Parcel, building: Building) -> bool:
    if parcel.is_attached or parcel.zone not in _ZONES or building.use not in _HOMES or not building.doors:
        return False
    (x0, y0), (x1, y1) = parcel.front.tolist()
    length = math.hypot(x1 - x0, y1 - y0)
    ahead = (building.footprint - parcel.front[0]) @ np.array([-(y1 - y0), x1 - x0]) / length
    return length > 7.0 and float(ahead.min()) > 1.6


def _material(kind: str, style: str, dice: Dice) -> str:
    if kind == "hedge":
        return dice.pick(("foliage-oak", "foliage-dark", "foliage-light"))
    if kind == "stone-wall":
        if style in ("arabic", "mediterranean"):
            return (
                dice.pick(("plaster-adobe", "plaster-sand"))
                if style == "arabic"
                else dice.pick(("plaster-white", "stone-light", "stone-warm"))
            )
        return dice.pick(("stone-grey", "stone-warm", "brick-red"))
    if style in ("rustic", "medieval", "alpine", "abandoned", "asian"):
        return dice.pick(("planks-weathered", "planks-natural", "wood"))
    return dice.pick(("planks-white", "planks-white", "planks-natural", "planks-weathered"))


def _runs(
    ring: shapely.Polygon, parcel: Parcel, building: Building, tree: shapely.STRtree, index: int
) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """Stretches of the enclosure: start and end (2,), counter-clockwise, and whether it runs along the street."""
    points = shapely.get_coordinates(ring)[:-1]
    if not shapely.is_ccw(ring.exterior):
        points = points[::-1]
    front = shapely.LineString(parcel.front)
    house = shapely.Polygon(building.footprint)
    runs: list[tuple[np.ndarray, np.ndarray, bool]] = []
    for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
        length = float(np.hypot(*(b - a)))
        if length < 1.2 or shapely.distance(shapely.LineString([a, b]), house) < 0.75:
            continue
        along = (b - a) / length
        middle = (a + b) / 2
        is_front = shapely.distance(shapely.Point(middle), front) < _INSET + 0.1
        if is_front:
            runs += [
                (a + along * low, a + along * high, True) for low, high in _beside_doors(a, along, length, building)
            ]
            continue
        across = middle + np.array([along[1], -along[0]]) * (_INSET + 0.6)
        others = tree.query(shapely.Point(across), predicate="within")
        if not any(other < index for other in others):
            runs.append((a, b, False))
    return runs


def _beside_doors(a: np.ndarray, along: np.ndarray, length: float, building: Building) -> list[tuple[float, float]]:
    stops = [0.0]
    for door in sorted(building.doors, key=lambda door: float((np.array(door.position[:2]) - a) @ along)):
        at = float((np.array(door.position[:2]) - a) @ along)
        stops += [at - _GATE, at + _GATE]
    stops.append(length)
    return [(low, high) for low, high in zip(stops[::2], stops[1::2], strict=True) if high - low > 0.6]


def _run(
    sketch: Sketch,
    parent: int,
    start: np.ndarray,
    end: np.ndarray,
    kind: str,
    material: str,
    is_front: bool,
    dice: Dice,
) -> list[Collider]:
    length = float(np.hypot(*(end - start)))
    yaw = math.atan2(end[1] - start[1], end[0] - start[0])
    frame = sketch.within(parent, float(start[0]), float(start[1]), 0.0, yaw)
    if kind == "hedge":
        height = 0.95 if is_front else 1.5
        count = max(1, round(length / 2.2))
        for i in range(count):
            a, b = length * i / count, length * (i + 1) / count
            top = height * dice.between(0.92, 1.06)
            sketch.box(frame, (a, b), (-0.02, 0.6), (-0.3, top), material, STANDING)
            sketch.box(frame, (a + 0.1, b - 0.1), (0.1, 0.48), (top, top + 0.12), material, STANDING)
        return [block(sketch, frame, (0.0, length), (-0.02, 0.6), (-0.3, height))]
    if kind == "stone-wall":
        height = (1.5 if material.startswith("plaster") else 0.9) * (1.0 if is_front else 1.15)
        sketch.box(frame, (0.0, length), (0.0, 0.3), (-0.4, height), material, STANDING)
        cap = "stone-light" if material != "stone-light" else "stone-grey"
        sketch.box(frame, (-0.03, length + 0.03), (-0.04, 0.34), (height, height + 0.08), cap, STANDING | 32)
        return [block(sketch, frame, (0.0, length), (0.0, 0.3), (-0.4, height + 0.08))]
    height = 1.0
    count = max(1, round(length / 2.2))
    for i in range(count + 1):
        x = min(max(length * i / count, 0.05), length - 0.05)
        sketch.box(frame, (x - 0.05, x + 0.05), (0.02, 0.12), (-0.3, height + 0.08), material, STANDING)
    for z in (0.3, 0.75):
        sketch.box(frame, (0.0, length), (0.05, 0.09), (z, z + 0.08), material, STANDING | 32)
    if is_front:
        pickets = max(1, int(length / 0.28))
        for i in range(pickets):
            x = length * (i + 0.5) / pickets
            sketch.box(frame, (x - 0.055, x + 0.055), (0.02, 0.05), (0.08, height), material, FRONT | BACK)
    else:
        sketch.box(frame, (0.0, length), (0.05, 0.09), (0.1, 0.18), material, STANDING | 32)
    return [block(sketch, frame, (0.0, length), (0.02, 0.12), (-0.3, height + 0.08))]
