"""roads.xodr: roads without jumps, and junctions whose lanes lead from where they should to where they should."""

import dataclasses
import itertools
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.formats.polyline import cut, kept
from bridge.scene import RoadNetwork, Scene, Street
from scene_gen.export.reference_line import through
from tests.scene_gen.test_export import export
from tests.scenes import tiny_scene


def crossing() -> Scene:
    """Four streets of several kinds that meet, one of them curved and one-way; slopes included."""
    angles = np.linspace(0, 1.2, 9)
    curve = np.stack([60 * np.sin(angles), 60 * (1 - np.cos(angles)), 3 * angles], axis=1)
    far = np.array([[0.0, 0, 0], [-50, 5, 2], [0, -40, -1], [5, 45, 1], curve[-1]])
    line = lambda i: np.linspace(far[0], far[i], 6)  # noqa: E731
    streets = (
        Street("West Street", "main", 0, 1, line(1), 12.0, 2.0, (2, 2)),
        Street("South Street", "street", 2, 0, line(2)[::-1], 6.0, 1.5, (1, 1)),
        Street("North Street", "street", 0, 3, line(3), 4.0, 1.0, (1, 0)),
        Street("The Curve", "street", 0, 4, curve, 7.0, 0.0, (1, 1)),
        Street("Foot Path", "path", 1, 3, np.linspace(far[1], far[3], 4), 2.0, 0.0, (0, 0)),
    )
    return dataclasses.replace(tiny_scene(), roads=RoadNetwork(far, streets))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = export("opendrive", crossing(), tmp_path_factory.mktemp("xodr"))[0]
    return ElementTree.parse(path).getroot()


def numbers(element, *names: str) -> list[float]:
    return [float(element.get(name)) for name in names]


def plan(road, s: float) -> tuple[np.ndarray, float]:
    """Position and heading of a road's reference line, as the standard says."""
    geometry = [g for g in road.iter("geometry") if float(g.get("s")) <= s + 1e-9][-1]
    s0, x, y, heading, length = numbers(geometry, "s", "x", "y", "hdg", "length")
    cubic = geometry.find("paramPoly3")
    if cubic is None:
        local, slope = np.array([s - s0, 0.0]), np.array([1.0, 0.0])
    else:
        p = (s - s0) / length
        u, v = (np.array(numbers(cubic, *(letter + axis for letter in "abcd"))) for axis in "UV")
        powers, slopes = np.array([1, p, p * p, p**3]), np.array([0, 1, 2 * p, 3 * p * p])
        local, slope = np.array([u @ powers, v @ powers]), np.array([u @ slopes, v @ slopes])
    turn = np.array([[np.cos(heading), -np.sin(heading)], [np.sin(heading), np.cos(heading)]])
    along = turn @ slope
    return turn @ local + [x, y], float(np.arctan2(along[1], along[0]))


def height(road, s: float) -> float:
    entry = [e for e in road.iter("elevation") if float(e.get("s")) <= s + 1e-9][-1]
    s0, *cubic = numbers(entry, "s", *"abcd")
    return float(np.array(cubic) @ [1, s - s0, (s - s0) ** 2, (s - s0) ** 3])


def lane_width(lane, s: float) -> float:
    return float(np.array(numbers(lane.find("width"), *"abcd")) @ [1, s, s**2, s**3])


def lane_middle(road, lane_id: int, *, at_end: bool) -> np.ndarray:
    """Where the middle of a lane begins or ends, (3,)."""
    s = float(road.get("length")) if at_end else 0.0
    position, heading = plan(road, s)
    offset = road.find("lanes/laneOffset")
    t = float(offset.get("a")) if offset is not None else 0.0
    sign = np.sign(lane_id)
    for number in range(1, abs(lane_id) + 1):
        lane = road.find(f".//lane[@id='{int(sign * number)}']")
        width = lane_width(lane, s)
        t += sign * width * (1.0 if number < abs(lane_id) else 0.5)
    return np.array([*(position + t * np.array([-np.sin(heading), np.cos(heading)])), height(road, s)])


def test_every_street_for_vehicles_is_a_road_by_its_name(root):
    names = [road.get("name") for road in root.iter("road") if road.get("junction") == "-1"]
    assert names == ["West Street", "South Street", "North Street", "The Curve"]


def test_reference_lines_have_no_jumps_and_no_kinks(root):
    for road in root.iter("road"):
        pieces = list(road.iter("geometry"))
        assert float(road.get("length")) == pytest.approx(sum(float(p.get("length")) for p in pieces), abs=1e-6)
        for before, after in itertools.pairwise(pieces):
            s = float(after.get("s"))
            position, heading = plan(road, s - 1e-7)
            np.testing.assert_allclose(position, numbers(after, "x", "y"), atol=1e-5)
            assert heading == pytest.approx(float(after.get("hdg")), abs=1e-5)
            assert height(road, s - 1e-7) == pytest.approx(height(road, s + 1e-7), abs=1e-5)
            assert s == pytest.approx(float(before.get("s")) + float(before.get("length")))


def test_connecting_roads_begin_and_end_in_the_lanes_they_link(root):
    roads = {road.get("id"): road for road in root.iter("road")}
    connections = list(root.iter("connection"))
    assert connections
    for connection in connections:
        road = roads[connection.get("connectingRoad")]
        assert road.get("junction") == "1"
        lane = road.find(".//right/lane")
        before, after = road.find("link/predecessor"), road.find("link/successor")
        assert before.get("elementId") == connection.get("incomingRoad")
        link = connection.find("laneLink")
        assert link.get("from") == lane.find("link/predecessor").get("id")
        ends = [
            lane_middle(roads[at.get("elementId")], int(lane.find(f"link/{which}").get("id")), at_end=at.get("contactPoint") == "end")
            for which, at in (("predecessor", before), ("successor", after))
        ]  # fmt: skip
        np.testing.assert_allclose(lane_middle(road, -1, at_end=False), ends[0], atol=1e-6)
        np.testing.assert_allclose(lane_middle(road, -1, at_end=True), ends[1], atol=1e-6)


def test_one_can_drive_from_every_lane_that_arrives_to_every_other_street_that_leaves(root):
    """Arriving: West Street 2 lanes, South Street 1, The Curve 1. Leaving: West, South, North, Curve. No U turns."""
    pairs = {(c.get("incomingRoad"), c.find("laneLink").get("from")) for c in root.iter("connection")}
    assert len(pairs) == 4
    assert len(list(root.iter("connection"))) == 2 * 3 + 3 + 3


def test_traffic_keeps_to_the_right(root):
    """South Street runs north into the crossing: its arriving lane -1 lies east of its leaving lane 1."""
    road = next(road for road in root.iter("road") if road.get("name") == "South Street")
    assert lane_middle(road, -1, at_end=True)[0] > lane_middle(road, 1, at_end=True)[0]
    assert lane_middle(road, -1, at_end=True)[0] == pytest.approx(1.5, abs=1e-6)


def test_a_one_way_street_is_centred_on_its_centreline(root):
    road = next(road for road in root.iter("road") if road.get("name") == "North Street")
    start, _ = plan(road, 0.0)
    np.testing.assert_allclose(lane_middle(road, -1, at_end=False)[:2], start, atol=1e-6)
    assert road.find(".//lane[@id='1']").get("type") == "sidewalk"


def test_roads_follow_the_centreline(root):
    scene = crossing()
    curve = scene.roads.streets[3].centreline
    road = next(road for road in root.iter("road") if road.get("name") == "The Curve")
    for s in np.linspace(0, float(road.get("length")), 30):
        position, _ = plan(road, s)
        radius = np.linalg.norm(position - [0, 60])
        assert radius == pytest.approx(60, abs=0.15), "the curve is an arc of 60 m around (0, 60)"
    assert height(road, float(road.get("length"))) == pytest.approx(curve[-1, 2])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(-5, 5)), min_size=3, max_size=12))
def test_a_line_goes_through_its_points(points):
    array = np.array(points)
    steps = np.linalg.norm(np.diff(array[:, :2], axis=0), axis=1)
    array = array[np.concatenate([[True], steps > 1.0])]
    if len(array) < 2 or (np.linalg.norm(np.diff(array[:, :2], axis=0), axis=1) < 1.0).any():
        return
    line = through(array)
    assert len(line.pieces) == len(array) - 1
    for piece, point in zip(line.pieces, array, strict=False):
        np.testing.assert_allclose([piece.x, piece.y, piece.elevation[0]], point, atol=1e-9)
    np.testing.assert_allclose(line.end(at_start=False)[0], array[-1], atol=1e-6)
    assert line.length_m >= np.linalg.norm(np.diff(array[:, :2], axis=0), axis=1).sum() - 1e-6


def test_a_polyline_is_cut_by_its_length():
    """10 m east and 10 m north, without the first 4 and the last 3 metres."""
    line = np.array([[0.0, 0, 0], [10, 0, 1], [10, 10, 3]])
    np.testing.assert_allclose(cut(line, from_start_m=4, from_end_m=3), [[4, 0, 0.4], [10, 0, 1], [10, 7, 2.4]])


def test_a_polyline_keeps_the_points_it_needs():
    line = np.array([[0.0, 0], [1, 0.01], [2, 0], [3, 2], [4, 0]])
    assert kept(line, 0.05) == [0, 2, 3, 4]
