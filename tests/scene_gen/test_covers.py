"""What streets are covered with: it follows style, place and land, and paint lies on asphalt alone."""

from dataclasses import replace

import pytest

import scene_gen
from scene_gen.build.ground.covers import covers_of, is_painted
from scene_gen.build.ground.layout import lay_out
from scene_gen.kit.materials import MATERIALS
from scene_gen.plan.artefacts import Look, Plan
from tests.scene_gen.briefs import brief
from tests.scene_gen.plans import hill_village, river_city


def place(style: str, *places: str, letter: str = "") -> Plan:
    """The hill village in a style, called a kind of place, its open land of a letter."""
    plan = hill_village()
    lattice = tuple(row.replace("G", letter or "G") for row in plan.lattice)
    return replace(plan, brief=brief("somewhere", *places), look=Look(style=style, grid=0.0), lattice=lattice)


@pytest.mark.parametrize(
    ("style", "places", "letter", "main", "street"),
    [
        ("maritime", ["harbor", "town"], "", "asphalt", "asphalt"),
        ("medieval", ["medieval", "town"], "", "cobble", "cobble"),
        ("canal", ["old-town"], "", "cobble", "cobble"),
        ("mediterranean", ["village", "vineyard"], "", "cobble", "cobble"),
        ("alpine", ["mountain", "village"], "", "cobble", "gravel"),
        ("rustic", ["farm"], "", "gravel", "dirt-road"),
        ("american", ["ranch"], "", "gravel", "dirt-road"),
        ("adobe", ["desert", "oasis", "village"], "D", "cobble-sand", "packed-sand"),
        ("arabic", ["town"], "D", "cobble-sand", "packed-sand"),
        ("neon", ["city", "desert"], "D", "asphalt", "asphalt"),
        ("tropical", ["jungle", "village"], "", "dirt-road", "dirt-road"),
        ("mediterranean", ["city", "village"], "", "asphalt", "cobble"),
    ],
)
def test_main_streets_and_streets_are_covered_as_their_place_is(style, places, letter, main, street):
    carriage = covers_of(place(style, *places, letter=letter)).carriage
    assert (carriage["main"], carriage["street"]) == (main, street)


def test_every_cover_is_a_material_of_the_palette():
    for style, letter in [("modern", ""), ("adobe", "D"), ("medieval", ""), ("tropical", ""), ("rustic", "")]:
        covers = covers_of(place(style, "village", letter=letter))
        used = {*covers.carriage.values(), covers.sidewalk, covers.curb, covers.square, covers.lot, covers.yards}
        assert used <= set(MATERIALS)


def test_nothing_is_painted_on_sand():
    site = lay_out(place("adobe", "desert", "village", letter="D"), seed=1)
    assert {"lane-marking", "crossing"}.isdisjoint(part.kind for part in site.parts)
    roads = [part for part in site.parts if part.kind == "carriageway"]
    assert roads
    assert not any(is_painted(name) for part in roads for name in part.mesh.materials)


def test_paint_lies_on_asphalt_and_bridges_are_covered_like_their_street():
    site = lay_out(river_city(), seed=1)
    cover = {p.name.rpartition("/")[0]: p.mesh.materials[0] for p in site.parts if p.kind == "carriageway"}
    painted = [part for part in site.parts if part.kind in ("lane-marking", "crossing")]
    assert painted
    assert {cover[part.name.rpartition("/")[0]] for part in painted} == {"asphalt"}
    assert all("asphalt" in part.mesh.materials for part in site.parts if part.kind == "bridge")


def test_a_medieval_town_has_no_asphalt_anywhere():
    scene = scene_gen.generate("a tiny medieval village, 300 m", seed=2)
    assert "asphalt" not in scene.materials
    assert "cobble" in scene.materials
