"""Buildings stand on their parcels, open to the street, and are closed solids of known materials."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

from bridge.digest import digest
from bridge.errors import InvalidScene
from bridge.meshes import face_normals
from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.build.houses.buildings import raise_buildings
from scene_gen.build.houses.styles import STYLES
from scene_gen.build.houses.uses import NEEDS, USES
from scene_gen.build.site import Parcel
from scene_gen.kit.materials import MATERIALS
from scene_gen.plan.artefacts import Look, Plan

SEED = 5


def plan(style="modern", zone="R", **look):
    return Plan(
        "test",
        Brief("test"),
        512.0,
        (zone * 32,) * 32,
        np.zeros((33, 33), np.float32),
        Environment(),
        Look(style=style, **look),
    )


def parcel(use, ring=None, *, width=24.0, depth=28.0, at=(0.0, 0.0), turn=0.0, base=0.0, **options):
    """A parcel whose first side is its front; `ring` in its own frame, moved to `at` and turned."""
    ring = np.array(ring if ring is not None else [(0, 0), (width, 0), (width, depth), (0, depth)], dtype=float)
    c, s = math.cos(turn), math.sin(turn)
    ring = ring @ np.array([[c, s], [-s, c]]) + np.array(at)
    fields = {"zone": "R", "street": "Quay Street", "number": 14} | options
    return Parcel(
        f"parcel-{use}-{at}",
        ring,
        ring[:2].copy(),
        base,
        fields.pop("zone"),
        fields.pop("street"),
        fields.pop("number"),
        use,
        **fields,
    )


def raise_one(use, style="modern", **options):
    raised = raise_buildings(plan(style), [parcel(use, **options)], seed=SEED)
    return raised.buildings[0], raised.parts[0]


def roomy(use):
    """A parcel on which a use need not be made smaller."""
    width, area = NEEDS[use]
    side = max(14.0, width * 1.3, math.sqrt(area) * 1.3)
    return {"width": side, "depth": side * 1.2}


@pytest.mark.parametrize("use", USES)
def test_every_use_stands_inside_its_parcel(use):
    lot = parcel(use, turn=0.7, at=(40.0, -25.0), base=3.0, **roomy(use))
    building = raise_buildings(plan(), [lot], seed=SEED).buildings[0]
    outline, ground = shapely.Polygon(building.footprint), shapely.Polygon(lot.polygon)
    assert outline.is_valid
    assert outline.area > 6.0
    assert shapely.is_ccw(outline.exterior)
    assert ground.buffer(-0.005).contains(outline)
    assert building.address == "14 Quay Street"
    assert building.base_m == 3.0
    assert building.use == use


@pytest.mark.parametrize("use", USES)
def test_every_use_has_a_door_that_faces_the_street(use):
    building, _ = raise_one(use, base=2.0, **roomy(use))
    assert building.doors
    for door in building.doors:
        x, y, z = door.position
        assert math.isclose(door.yaw_rad, -math.pi / 2, abs_tol=1e-6), "out of the house, towards the street"
        assert z == pytest.approx(2.0)
        assert shapely.distance(shapely.Point(x, y), shapely.Polygon(building.footprint)) < 4.5
        assert door.width_m >= 0.8
        assert door.height_m >= 1.9
        assert door.node == -1


@pytest.mark.parametrize("use", USES)
def test_every_use_has_a_sound_mesh(use):
    building, part = raise_one(use, base=2.0, **roomy(use))
    mesh = part.mesh
    assert mesh.triangles.max() < len(mesh.vertices)
    assert len(mesh.triangles) <= 6000
    assert set(mesh.materials) <= set(MATERIALS)
    assert set(building.materials) <= set(MATERIALS)
    assert np.isfinite(mesh.vertices).all()
    is_flat = np.abs(face_normals(part.mesh)).sum(axis=1) == 0
    assert not is_flat.any(), "triangles without area"
    heights = mesh.vertices[:, 2]
    assert heights.min() <= 1.01, "the foundation reaches a metre below the ground floor"
    top = building.base_m + building.height_m + building.roof_m
    assert heights.max() == pytest.approx(top, abs=3.5)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_style_builds_a_row_and_a_garden_suburb(style):
    row = [parcel("townhouse", width=7, depth=20, at=(7.0 * i, 0.0), is_attached=True) for i in range(4)]
    suburb = [parcel("house", width=18, depth=26, at=(18.0 * i, 60.0), zone="S") for i in range(3)]
    raised = raise_buildings(plan(style), [replace(p, name=f"p{i}") for i, p in enumerate(row + suburb)], seed=SEED)
    assert [b.name for b in raised.buildings] == [f"townhouse-{i}" for i in range(1, 5)] + [
        "house-1",
        "house-2",
        "house-3",
    ]
    for part in raised.parts:
        assert set(part.mesh.materials) <= set(MATERIALS)


def test_names_and_order_follow_the_parcels():
    uses = ["house", "", "shop", "house"]
    lots = [parcel(use, at=(30.0 * i, 0.0)) for i, use in enumerate(uses)]
    raised = raise_buildings(plan(), lots, seed=SEED)
    assert [b.name for b in raised.buildings] == ["house-1", "shop-1", "house-2"]
    assert [p.name for p in raised.parts] == ["house-1", "shop-1", "house-2"]
    assert [p.kind for p in raised.parts] == ["house", "shop", "house"]
    assert all(p.semantic == "building" for p in raised.parts)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_town():
    lots = [parcel("house", at=(30.0 * i, 0.0), zone="S") for i in range(6)]
    first, again, other = (raise_buildings(plan("maritime"), lots, seed=s) for s in (1, 1, 2))
    assert digest(first) == digest(again)
    assert digest(first) != digest(other)


def test_one_building_does_not_depend_on_the_others():
    lots = [parcel("house", at=(30.0 * i, 0.0), zone="S") for i in range(3)]
    alone, together = raise_buildings(plan(), lots[:1], seed=SEED), raise_buildings(plan(), lots, seed=SEED)
    assert digest(alone.parts[0]) == digest(together.parts[0])


def test_attached_houses_stand_wall_to_wall_four_centimetres_apart():
    lots = [parcel("townhouse", width=7, depth=20, at=(7.0 * i, 0.0), is_attached=True) for i in range(3)]
    outlines = [shapely.Polygon(b.footprint) for b in raise_buildings(plan(), lots, seed=SEED).buildings]
    assert shapely.distance(outlines[0], outlines[1]) == pytest.approx(0.04, abs=1e-6)
    assert shapely.distance(outlines[1], outlines[2]) == pytest.approx(0.04, abs=1e-6)


def test_nothing_of_an_attached_house_reaches_over_its_party_walls():
    lots = [parcel("townhouse", width=7, depth=20, at=(7.0 * i, 0.0), is_attached=True) for i in range(3)]
    for style in ("maritime", "medieval", "victorian"):
        middle = raise_buildings(plan(style), lots, seed=SEED).parts[1].mesh.vertices
        assert middle[:, 0].min() >= 7.0
        assert middle[:, 0].max() <= 14.0


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (11, 0), (13, 19), (-2, 17)],
        [(0, 0), (9, 0), (6, 21), (2, 21)],
        [(0, 0), (14, 0), (18, 8), (12, 22), (1, 16)],
        [(0, 0), (16, 0), (16, 18), (9, 18), (9, 9), (0, 9)],
    ],
    ids=["wider behind", "narrower behind", "five sides", "an L"],
)
@pytest.mark.parametrize("is_attached", [False, True])
def test_crooked_parcels_keep_their_buildings_inside(ring, is_attached):
    for use in ("house", "shop", "church", "warehouse"):
        lot = parcel(use, ring, is_attached=is_attached, turn=2.1, at=(5.0, 9.0))
        building = raise_buildings(plan("maritime"), [lot], seed=SEED).buildings[0]
        outline = shapely.Polygon(building.footprint)
        assert shapely.Polygon(lot.polygon).buffer(-0.005).contains(outline)
        assert outline.area > 0.15 * shapely.Polygon(lot.polygon).area


def test_a_parcel_too_small_for_any_building_is_refused_by_name():
    with pytest.raises(InvalidScene, match=r"parcel-house.*no room for a house"):
        raise_buildings(plan(), [parcel("house", width=2.0, depth=2.0)], seed=SEED)


def test_words_about_a_building_win_over_the_style():
    for word, family in (
        ("red", "red"),
        ("blue", "blue"),
        ("wooden", "planks"),
        ("brick", "brick"),
        ("stone", "stone"),
    ):
        building, _ = raise_one("house", "mediterranean", attributes=(word,))
        assert family in building.materials[0]
    tall, low = raise_one("house", attributes=("tall",))[0], raise_one("house", attributes=("small",))[0]
    assert tall.storeys > low.storeys == 1


def test_the_look_weighs_materials_roofs_and_storeys():
    look = {
        "walls": {"brick": 1.0},
        "roofs": {"shingles-slate": 1.0},
        "roof_shapes": {"hip": 1.0},
        "storeys": {"R": (3, 3)},
    }
    building = raise_buildings(plan(**look), [parcel("townhouse")], seed=SEED).buildings[0]
    assert building.materials[0].startswith("brick-")
    assert building.materials[1] == "shingles-slate"
    assert building.roof == "hip"
    assert building.storeys == 3


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_lit_windows_are_a_share_of_all(share):
    lots = [parcel("house", at=(30.0 * i, 0.0)) for i in range(8)]
    parts = raise_buildings(plan(lit_windows=share), lots, seed=SEED).parts
    lit = sum(np.sum(np.array([name == "glass-lit" for name in p.mesh.materials])[p.mesh.material]) for p in parts)
    dark = sum(np.sum(np.array([name == "glass" for name in p.mesh.materials])[p.mesh.material]) for p in parts)
    assert lit / (lit + dark) == pytest.approx(share, abs=0.3)


def test_colliders_enclose_the_walls_and_not_the_garden():
    building, part = raise_one("house", width=16, depth=30)
    boxes = np.concatenate([c.points for c in part.colliders if c.points is not None])
    low, high = boxes[:, :2].min(axis=0), boxes[:, :2].max(axis=0)
    np.testing.assert_allclose(low, building.footprint.min(axis=0), atol=1e-3)
    np.testing.assert_allclose(high, building.footprint.max(axis=0), atol=1e-3)
    assert boxes[:, 2].min() == pytest.approx(-1.0)


def test_gardens_are_enclosed_but_the_way_to_the_door_is_open():
    lots = [parcel("house", width=20, depth=30, at=(20.0 * i, 0.0), zone="S") for i in range(8)]
    raised = raise_buildings(plan("nordic"), lots, seed=SEED)
    assert raised.extras
    ground = shapely.union_all([shapely.Polygon(lot.polygon) for lot in lots])
    for extra in raised.extras:
        assert extra.semantic in ("fence", "wall", "vegetation")
        rails = shapely.MultiPoint(extra.mesh.vertices[:, :2].astype(float))
        assert ground.buffer(0.05).covers(rails)
        for building in raised.buildings:
            assert shapely.distance(rails, shapely.Polygon(building.footprint)) > 0.4
            for door in building.doors:
                x, y, _ = door.position
                way = shapely.LineString([(x, y), (x, y - 8.0)])
                assert shapely.distance(rails, way) > 0.8


def test_a_plan_without_fences_gets_none():
    lots = [parcel("house", width=20, depth=30, at=(20.0 * i, 0.0), zone="S") for i in range(8)]
    without = replace(plan("nordic"), absent=("fence", "hedge", "stone-wall"))
    assert raise_buildings(without, lots, seed=SEED).extras == ()


@pytest.mark.parametrize("use", ["town-hall", "library", "museum", "school"])
def test_public_buildings_are_of_the_places_own_material(use):
    desert, _ = raise_one(use, "adobe", **roomy(use))
    assert desert.materials[0] in ("plaster-sand", "plaster-adobe", "stone-warm", "plaster-ochre", "plaster-white")
    assert not any("slate" in name or "metal" in name for name in desert.materials)
    neon, _ = raise_one(use, "neon", **roomy(use))
    assert neon.materials[0].startswith(("concrete-dark", "curtain-wall"))


def test_red_roofed_stone_houses_have_red_roofs_and_stone_walls():
    for k in range(6):
        house, _ = raise_one("house", "rustic", attributes=("stone", "red-roofed"), at=(40.0 * k, 0.0))
        assert house.materials[0].startswith("stone-")
        assert house.materials[1] in ("roof-tiles-red", "roof-tiles-orange")


def test_a_church_keeps_the_roof_that_was_asked_for():
    church, _ = raise_one("church", "rustic", attributes=("green-roofed",), **roomy("church"))
    assert church.materials[1] in ("shingles-green", "roof-copper")


def test_barns_are_roofed_as_they_are_said_to_be():
    barn, _ = raise_one("barn", "rustic", attributes=("slate-roofed",), **roomy("barn"))
    assert barn.materials[1] == "shingles-slate"
