"""Which asset of a scene a blueprint of SimWorld's or UnrealZoo's becomes, and plain ones for what a scene may lack."""

import itertools
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bridge.formats.simworld_assets import BUILDINGS_CM, ROAD, ROAD_LENGTH_CM, ROAD_WIDTH_CM, USES
from bridge.gateways.unrealcv.prepared import CUBE, prepared
from bridge.meshes import merge, mesh
from bridge.riders import poses_of_riders
from bridge.scene import Asset, Collider, Material, Mesh, Scene

MATERIALS = (
    Material("unreal-wall", (0.62, 0.58, 0.52), pattern="curtain-wall"),
    Material("unreal-brick", (0.36, 0.15, 0.1), pattern="brick"),
    Material("unreal-plaster", (0.66, 0.58, 0.44), pattern="plaster"),
    Material("unreal-concrete", (0.42, 0.42, 0.4), pattern="concrete"),
    Material("unreal-glass", (0.05, 0.07, 0.09), pattern="glass", roughness=0.12),
    Material("unreal-roof", (0.25, 0.25, 0.27), pattern="concrete"),
    Material("unreal-asphalt", (0.06, 0.06, 0.065), pattern="asphalt"),
    Material("unreal-paint", (0.35, 0.08, 0.07), roughness=0.4),
    Material("unreal-dark", (0.03, 0.03, 0.035), roughness=0.6),
    Material("unreal-skin", (0.55, 0.36, 0.26)),
    Material("unreal-leaf", (0.06, 0.16, 0.03), pattern="foliage"),
    Material("unreal-bark", (0.12, 0.08, 0.05), pattern="bark"),
    Material("unreal-metal", (0.4, 0.41, 0.42), roughness=0.35, metallic=1.0),
)
_KERB_M = 0.02
"""How thick a street's slab is: nobody stumbles over it."""


@dataclass(frozen=True)
class _Rule:
    """Blueprints whose names have one of some `words` become a thing of one of these `kinds` or `classes`; else `plain`."""

    words: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    plain: str = ""


_RULES = (
    _Rule(("humanoid", "user", "agent", "pedestrian", "deliveryman", "delivery", "player", "character", "target", "metahuman"),
          classes=("person",), plain="unreal-person"),
    _Rule(("dog", "spotrobot", "spot", "quadruped"), kinds=("dog", "quadruped"), plain="unreal-dog"),
    _Rule(("animal", "cat", "cow", "horse"), kinds=("cat", "cow", "dog"), classes=("animal",), plain="unreal-dog"),
    _Rule(("scooter", "motorbike", "motorcycle"), classes=("scooter",), plain="unreal-scooter"),
    _Rule(("bicycle", "bike"), classes=("bicycle",), plain="unreal-scooter"),
    _Rule(("taxi",), kinds=("taxi", "car"), classes=("vehicle",), plain="unreal-car"),
    _Rule(("truck", "van", "bus"), kinds=("bus", "van", "pickup", "car"), classes=("vehicle",), plain="unreal-car"),
    _Rule(("vehicle", "car", "sedan", "suv", "sportscar", "drone"), kinds=("car",), classes=("vehicle",), plain="unreal-car"),
    _Rule(("boat", "ship"), classes=("boat",)),
    _Rule(("trafficlight", "trafficsignal", "signal", "pedestrianlight"), kinds=("traffic-light",), classes=("signal",), plain="unreal-signal"),
    _Rule(("tree", "plant"), classes=("tree",), plain="unreal-tree"),
    _Rule(("hydrant",), kinds=("hydrant", "bollard"), plain="unreal-box"),
    _Rule(("trash", "bin", "can"), kinds=("bin",), plain="unreal-box"),
    _Rule(("table",), kinds=("table",), plain="unreal-box"),
    _Rule(("chair", "bench", "couch", "sofa"), kinds=("bench", "chair"), plain="unreal-box"),
    _Rule(("mailbox", "postbox"), kinds=("mailbox",), plain="unreal-box"),
    _Rule(("cone", "bollard"), kinds=("bollard",), plain="unreal-box"),
    _Rule(("cart",), kinds=("cart", "market-stall"), plain="unreal-box"),
    _Rule(("box", "crate", "package", "parcel", "food", "bag"), kinds=("parcel", "crate"), plain="unreal-box"),
    _Rule(("lamp", "streetlight"), kinds=("lamp",), plain="unreal-signal"),
    _Rule(("sign", "billboard"), kinds=("sign",), plain="unreal-box"),
)  # fmt: skip
_PARCEL_KG = 5.0
_WALLS = ("unreal-brick", "unreal-plaster", "unreal-concrete")
_STOREY_M, _SILL, _RECESS_M, _ROOF_M, _TOWER_M = 3.6, 0.5, 0.15, 0.5, 60.0
"""How high storeys are, which share of that is wall, how deep windows lie; roofs; what is higher is all glass."""
_BAY_M, _PIER_M = 4.0, 1.8
"""From pier to pier, and how wide each is."""


def asset_of(scene: Scene, class_name: str, name: str = "") -> str | None:
    """The asset that a blueprint becomes, None for one that nothing here is like; people differ by their `name`."""
    short = short_name(class_name)
    if short in scene.assets:
        return short
    if short == "StaticMeshActor":
        return CUBE if CUBE in scene.assets else None
    made = f"unreal-{short}"
    if made in scene.assets:
        return made
    words = _words(short)
    for rule in _RULES:
        if words & set(rule.words):
            return _like(scene, rule, name)
    return None


def short_name(path: str) -> str:
    """The class a path in Unreal's content ends in: /Game/Cars/BP_Taxi.BP_Taxi_C is BP_Taxi_C."""
    return path.rpartition("/")[2].rpartition(".")[2].strip("'\"")


def assets(scene: Scene) -> list[Asset]:
    """What blueprints need that a scene may lack: SimWorld's buildings and road as plain volumes, and stand-ins."""
    made = [_building(name, size) for name, size in BUILDINGS_CM.items()]
    made += [_building(name, size) for name, size in USES.values()]
    made.append(_road())
    stand_ins = {rule.plain for rule in _RULES if rule.plain and _like(scene, rule, "") is None}
    return [*made, *(_PLAIN[name]() for name in sorted(stand_ins))]


def furnished(scene: Scene) -> Scene:
    """The scene with all that clients written for Unreal may spawn."""
    return prepared(scene, assets(scene), MATERIALS)


def _like(scene: Scene, rule: _Rule, name: str) -> str | None:
    riding = poses_of_riders(scene.assets)
    known = sorted((asset for asset in scene.assets.values() if asset.name not in riding), key=lambda one: one.name)
    for kind in rule.kinds:
        found = [asset.name for asset in known if asset.kind == kind]
        if found:
            return found[0]
    found = [asset.name for asset in known if asset.semantic in rule.classes]
    if found:
        return found[zlib.crc32(name.casefold().encode()) % len(found)]
    return rule.plain if rule.plain in scene.assets else None


def _words(short: str) -> set[str]:
    """The words of a class's name in small letters, alone and two by two: BP_TrafficLight_02_C has trafficlight."""
    parts = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", short) if word not in ("BP", "C")]
    return {*parts, *(first + second for first, second in itertools.pairwise(parts)), "".join(parts)}


# Plain volumes


def _box(size: Sequence[float], at: Sequence[float], material: str) -> Mesh:
    """A box of full extents `size` whose underside's middle is `at`."""
    half = np.array(size) / 2
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (0, 2)]) * half + np.array(at)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return mesh(corners, [half for a, b, c, d in sides for half in ((a, b, c), (a, c, d))], (material,))


def _asset(
    name: str, kind: str, semantic: str, boxes: Sequence[Mesh], size: tuple[float, float, float], mass_kg: float,
    *, is_movable: bool = False,
) -> Asset:  # fmt: skip
    solid = Collider("box", size, (0.0, 0.0, size[2] / 2, 1.0, 0.0, 0.0, 0.0))
    return Asset(name, kind, semantic, (merge(boxes),), (solid,), size, mass_kg, is_movable)


def _building(blueprint: str, size_cm: tuple[int, int, int]) -> Asset:
    """A block of storeys with windows between piers; the tallest are glass all over."""
    x, y, z = (float(extent) / 100 for extent in size_cm)
    wall = _WALLS[zlib.crc32(blueprint.encode()) % len(_WALLS)]
    boxes = [_box((x, y, _ROOF_M), (0, 0, z - _ROOF_M), "unreal-roof")]
    if z > _TOWER_M:
        boxes.append(_box((x, y, z - _ROOF_M), (0, 0, 0), "unreal-wall"))
    else:
        storeys = max(1, round((z - _ROOF_M) / _STOREY_M))
        high = (z - _ROOF_M) / storeys
        sill = high * _SILL
        for storey in range(storeys):
            foot = storey * high
            boxes.append(_box((x, y, sill), (0, 0, foot), wall))
            boxes.append(_box((x - 2 * _RECESS_M, y - 2 * _RECESS_M, high - sill), (0, 0, foot + sill), "unreal-glass"))
        boxes += [_box((_PIER_M, y, z - _ROOF_M), (at, 0, 0), wall) for at in _piers(x)]
        boxes += [_box((x, _PIER_M, z - _ROOF_M), (0, at, 0), wall) for at in _piers(y)]
    return _asset(f"unreal-{blueprint}", "house", "building", boxes, (x, y, z), 1e6)


def _piers(extent: float) -> list[float]:
    """Where piers stand along a side [m] from its middle: evenly; the last ones behind the windows round the corner."""
    half = (extent - _PIER_M) / 2 - 2 * _RECESS_M
    return np.linspace(-half, half, max(2, round(extent / _BAY_M) + 1)).tolist()


def _road() -> Asset:
    x, y = ROAD_LENGTH_CM / 100, ROAD_WIDTH_CM / 100
    slab = _box((x, y, _KERB_M), (0, 0, 0), "unreal-asphalt")
    return Asset(f"unreal-{ROAD}", "carriageway", "road", (slab,), (), (x, y, _KERB_M), 1e6)


def _person() -> Asset:
    boxes = [
        _box((0.25, 0.4, 0.85), (0, 0, 0), "unreal-dark"), _box((0.28, 0.48, 0.6), (0, 0, 0.85), "unreal-paint"),
        _box((0.2, 0.18, 0.27), (0, 0, 1.47), "unreal-skin"),
    ]  # fmt: skip
    return _asset("unreal-person", "person", "person", boxes, (0.5, 0.56, 1.75), 75.0)


def _dog() -> Asset:
    boxes = [
        _box((0.7, 0.25, 0.25), (0, 0, 0.35), "unreal-paint"),
        _box((0.2, 0.18, 0.2), (0.4, 0, 0.5), "unreal-paint"),
    ]
    boxes += [_box((0.07, 0.07, 0.35), (x, y, 0), "unreal-dark") for x in (-0.28, 0.28) for y in (-0.09, 0.09)]
    return _asset("unreal-dog", "dog", "animal", boxes, (0.9, 0.3, 0.7), 30.0)


def _scooter() -> Asset:
    boxes = [
        _box((1.0, 0.18, 0.12), (0, 0, 0.1), "unreal-paint"), _box((0.06, 0.06, 0.9), (0.45, 0, 0.2), "unreal-metal"),
        _box((0.06, 0.5, 0.05), (0.43, 0, 1.08), "unreal-dark"),
    ]  # fmt: skip
    return _asset("unreal-scooter", "scooter", "scooter", boxes, (1.15, 0.5, 1.13), 20.0)


def _car() -> Asset:
    boxes = [
        _box((4.3, 1.75, 0.75), (0, 0, 0.25), "unreal-paint"), _box((2.2, 1.55, 0.5), (-0.2, 0, 1.0), "unreal-dark"),
    ]  # fmt: skip
    return _asset("unreal-car", "car", "vehicle", boxes, (4.3, 1.8, 1.5), 1300.0)


def _tree() -> Asset:
    boxes = [_box((0.35, 0.35, 3.0), (0, 0, 0), "unreal-bark"), _box((4.0, 4.0, 4.5), (0, 0, 3.0), "unreal-leaf")]
    trunk = Collider("cylinder", (0.4, 0.4, 3.0), (0.0, 0.0, 1.5, 1.0, 0.0, 0.0, 0.0))
    return Asset("unreal-tree", "tree", "tree", (merge(boxes),), (trunk,), (4.0, 4.0, 7.5), 2000.0)


def _signal() -> Asset:
    boxes = [_box((0.12, 0.12, 3.2), (0, 0, 0), "unreal-metal"), _box((0.3, 0.3, 0.9), (0, 0, 3.2), "unreal-dark")]
    return _asset("unreal-signal", "traffic-light", "signal", boxes, (0.3, 0.3, 4.1), 150.0)


def _crate() -> Asset:
    side = (0.4, 0.3, 0.3)
    return _asset(
        "unreal-box", "crate", "crate", [_box(side, (0, 0, 0), "unreal-roof")], side, _PARCEL_KG, is_movable=True
    )


_PLAIN: dict[str, Callable[[], Asset]] = {
    "unreal-person": _person, "unreal-dog": _dog, "unreal-scooter": _scooter, "unreal-car": _car, "unreal-tree": _tree,
    "unreal-signal": _signal, "unreal-box": _crate,
}  # fmt: skip
