"""Real places: an OpenStreetMap extract becomes streets, footprints, water and a lattice; a bad one says why not."""

import json

import numpy as np
import pytest

from bridge.errors import InvalidInput
from scene_gen.brief import Brief
from scene_gen.pipeline import Inputs, make_plan, make_town
from scene_gen.sources.osm import LEVEL_M, read_osm, survey_lattice
from tests.scene_gen.osm_extract import write_extract

METRE = 1 / 111_319.49


def place(x: float, y: float) -> dict[str, float]:
    """Longitude and latitude of metres east and north of 0° 0°."""
    return {"lon": x * METRE, "lat": y * METRE}


def way(number: int, tags: dict[str, str], *points: tuple[float, float]) -> dict:
    return {"type": "way", "id": number, "tags": tags, "geometry": [place(*point) for point in points]}


def box(x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]


SMALL = [
    way(1, {"highway": "primary", "name": "Long Street"}, (-150, 0), (150, 0)),
    way(2, {"highway": "residential", "name": "Cross Street"}, (0, -150), (0, 150)),
    way(3, {"building": "church"}, *box(20, 20, 30, 14)),
    way(4, {"building": "yes", "building:levels": "3", "addr:housenumber": "7"}, *box(-40, 20, 12, 12)),
    way(5, {"building": "yes"}, *box(-35, 24, 12, 12)),
    way(6, {"natural": "water", "water": "pond"}, *box(60, -100, 60, 60)),
    way(7, {"landuse": "forest"}, *box(-120, -120, 80, 80)),
]


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "place.json"
    path.write_text(json.dumps({"elements": SMALL}))
    return path


def test_streets_keep_their_names_kinds_and_lengths(extract):
    survey = read_osm(extract)
    streets = {street.name: street for street in survey.streets}
    assert streets["Long Street"].kind == "main"
    assert streets["Cross Street"].kind == "street"
    length = np.linalg.norm(np.diff(streets["Cross Street"].line, axis=0), axis=1).sum()
    assert length == pytest.approx(300, abs=0.5)


def test_houses_that_overlap_are_told_apart(extract):
    survey = read_osm(extract)
    assert sorted(b.use for b in survey.buildings) == ["church", "house"]
    assert survey.notes == ("1 buildings that overlap others were left out",)


def test_storeys_and_numbers_come_along(extract):
    house = next(b for b in read_osm(extract).buildings if b.use == "house")
    assert (house.storeys, house.number) == (3, "7")


def test_the_lattice_shows_water_forest_and_the_main_street(extract):
    lattice = survey_lattice(read_osm(extract))
    assert len(lattice) == 32
    assert {"W", "F", "#", "R"} <= set("".join(lattice))


def test_the_licence_of_the_map_is_carried(extract):
    assert "ODbL" in read_osm(extract).attribution


def test_xml_says_the_same_as_json(tmp_path, extract):
    rows, nodes = [], []
    for item in SMALL:
        refs = []
        for point in item["geometry"]:
            nodes.append(f'<node id="{len(nodes)}" lon="{point["lon"]}" lat="{point["lat"]}"/>')
            refs.append(f'<nd ref="{len(nodes) - 1}"/>')
        tags = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in item["tags"].items())
        rows.append(f'<way id="{item["id"]}">{"".join(refs)}{tags}</way>')
    path = tmp_path / "place.osm"
    path.write_text(f"<osm>{''.join(nodes)}{''.join(rows)}</osm>")
    assert survey_lattice(read_osm(path)) == survey_lattice(read_osm(extract))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("cut.json", '{"elements": [', "is not JSON"),
        ("other.json", '{"features": []}', "no list 'elements'"),
        ("empty.json", '{"elements": []}', "holds no ways"),
        ("cut.osm", "<osm><way id='1'>", "is not XML"),
        ("bomb.osm", '<!DOCTYPE o [<!ENTITY a "aaaa">]><osm>&a;</osm>', "declares an XML entity"),
        ("moon.json", json.dumps({"elements": [{"type": "way", "id": 1, "tags": {"highway": "path"},
                                                "geometry": [{"lon": 900, "lat": 0}, {"lon": 0, "lat": 0}]}]}), "not on Earth"),
        ("field.json", json.dumps({"elements": [way(1, {"landuse": "forest"}, *box(0, 0, 9, 9))]}), "neither streets"),
        ("broken.osm.pbf", "not a pbf", "not a readable .pbf"),
    ],
)  # fmt: skip
def test_a_bad_extract_names_file_place_and_remedy(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InvalidInput, match=complaint) as caught:
        read_osm(path)
    assert name in str(caught.value)


def surveyed_plan(extract, heights=None):
    return make_plan(Brief("a town"), seed=0, planner="rules", inputs=Inputs(osm=read_osm(extract), heights=heights))


def height_at(plan, x: float, y: float) -> float:
    """The plan's height at the vertex next to a point."""
    row, column = (round((v / plan.size_m + 0.5) * (len(plan.heights) - 1)) for v in (y, x))
    return float(plan.heights[row, column])


def pond_of(plan) -> np.ndarray:
    return next(area for area in plan.survey.areas if area.kind == "pond").polygon.mean(axis=0)


def test_surveyed_ground_is_level_and_sinks_under_water(extract):
    plan = surveyed_plan(extract)
    assert float(plan.heights.max()) == LEVEL_M
    assert height_at(plan, *pond_of(plan)) == -3.0
    assert [water.kind for water in plan.waters] == ["pond"]
    assert not any("height map" in note for note in plan.notes)


def test_a_height_map_lies_under_a_survey_with_its_water_at_zero(extract):
    """A slope that rises 60 m from west to east: it stays one, moved so that the pond's surface is at 0."""
    slope = np.tile(np.linspace(100.0, 160.0, 64), (64, 1))
    plan = surveyed_plan(extract, slope)
    x, y = pond_of(plan)
    rise_per_m = 60.0 / plan.size_m
    assert height_at(plan, x, y) == -3.0
    north = plan.size_m / 2 - 4.0
    for east in (20.0, 60.0):
        assert height_at(plan, x + east, north) == pytest.approx(rise_per_m * east, abs=0.5)
    assert height_at(plan, -plan.size_m / 2, north) == LEVEL_M / 2, "land beside water lies above it"
    assert any("The height map was moved by" in note and "surveyed water lies at 0 m" in note for note in plan.notes)


def test_a_missing_extract_says_so(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_osm(tmp_path / "nowhere.osm")


def test_a_town_that_was_mapped_house_by_house_comes_back(tmp_path):
    mapped = make_town("a medieval town on a river", seed=3).scene
    path = tmp_path / "mapped.osm"
    write_extract(mapped, path, turn_rad=0.2)
    town = make_town("a rainy town", inputs=Inputs(osm=read_osm(path)))
    assert town.report.failed == ()
    assert len(town.scene.buildings) > 0.9 * len(mapped.buildings)
    there, back = ({s.name for s in scene.roads.streets} for scene in (mapped, town.scene))
    assert len(there - back) <= 0.1 * len(there), "only streets that leave the square may be lost"
    assert any(part.kind == "bridge" for part in town.scene.parts)
