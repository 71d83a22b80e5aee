"""plan.json: the same plan comes back, a person can read it, and every fault is named with its key."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bridge.digest import digest
from bridge.errors import InvalidPlan
from scene_gen.plan import rules
from scene_gen.plan.store import read_plan, write_plan
from scene_gen.plan.survey import Survey, SurveyedArea, SurveyedBuilding, SurveyedStreet
from tests.scene_gen.briefs import COURIERS, brief, read, relation, thing

FULL = rules.make(rules.Config()).plan(
    brief(
        "two red boats north of the pier",
        "harbor",
        "town",
        weather=["fog"],
        time_of_day_h=18.25,
        style=["nordic"],
        things=[thing("boat", 2, 2, "red"), thing("pier", 1, None), thing("car", 0, 0)],
        relations=[relation("boat", "north-of", "pier"), relation("harbor", "in", side="east")],
        agents=[COURIERS],
    ),
    seed=3,
)


@pytest.fixture
def path(tmp_path):
    return write_plan(FULL, tmp_path / "plan.json")


def changed(path, *keys, to):
    """The file with the value at `keys` replaced."""
    plan = json.loads(path.read_text("utf-8"))
    place = plan
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    path.write_text(json.dumps(plan), "utf-8")
    return path


def test_a_plan_comes_back_exactly(path):
    assert digest(read_plan(path)) == digest(FULL)
    assert read_plan(path.parent).lattice == FULL.lattice


def test_heights_that_are_no_whole_centimetres_come_back_exactly(tmp_path):
    odd = replace(FULL, heights=(FULL.heights + np.float32(1 / 3)).astype(np.float32))
    assert digest(read_plan(write_plan(odd, tmp_path / "p.json"))) == digest(odd)


def test_the_same_plan_gives_the_same_bytes(path, tmp_path):
    again = write_plan(read_plan(path), tmp_path / "again.json")
    assert again.read_bytes() == path.read_bytes()


def test_surveyed_streets_and_footprints_come_back_exactly(tmp_path):
    ring = np.array([[0.0, 0.1], [10.0, 0.3], [10.0, 12.7]])
    survey = Survey(
        640.0,
        (SurveyedStreet("Quay Street", "main", ring, 7.5, True),),
        (SurveyedBuilding(ring, "house", 2, "Quay Street", "14"),),
        (SurveyedArea("lake", ring, (ring / 3,)),),
        "somebody",
    )
    plan = replace(FULL, survey=survey)
    assert digest(read_plan(write_plan(plan, tmp_path / "p.json"))) == digest(plan)


def test_a_person_can_read_it(path):
    lines = path.read_text("utf-8").splitlines()
    start = lines.index(' "lattice": [')
    assert [line.strip(' ",') for line in lines[start + 1 : start + 33]] == list(FULL.lattice)
    assert any("quay: paved waterfront" in line for line in lines)


def test_a_changed_letter_is_read(path):
    rows = ["M" * 32, *FULL.lattice[1:]]
    assert read_plan(changed(path, "lattice", to=rows)).lattice[0] == "M" * 32


def test_heights_lie_north_row_first_like_the_lattice(path):
    rows = json.loads(path.read_text("utf-8"))["heights_m"]
    np.testing.assert_array_equal(np.array(rows[0], dtype=np.float32), FULL.heights[-1])


@pytest.mark.parametrize(
    ("keys", "to", "says"),
    [
        (("version",), 9, "format and version"),
        (("size_m",), "big", "size_m: is 'big'; expected a number"),
        (("size_m",), 12, "size_m is 12.0; expected 240 to 6000"),
        (("lattice", 4), "GG", "row 5 has 2 letters"),
        (("lattice", 4), "z" * 32, "row 5, column 1 is 'z'"),
        (("lattice",), ["G" * 32], "1 rows"),
        (("heights_m", 2), [1.0], r"heights_m\[2\]: has 1 heights"),
        (("heights_m", 2, 3), None, r"heights_m\[2\]\[3\]: is None; expected a height"),
        (("heights_m", 0, 0), 1e30, r"heights\[128\]\[0\]"),
        (("environment", "weather"), "hail", "environment.weather: is 'hail'; expected one of"),
        (("environment", "rain"), 7, "environment.rain is 7.0; expected 0 to 1"),
        (("environment", "fogg"), 1, "key 'fogg' that means nothing"),
        (("look", "walls"), {"cheese": 1.0}, "look.walls.cheese is unknown"),
        (("look", "storeys", "R"), [4, 2], "look.storeys.R"),
        (("landmarks", 0, "kind"), "ufo", r"landmarks\[0\].kind is 'ufo'"),
        (("landmarks", 0, "at"), [9000.0, 0.0], r"landmarks\[0\].at"),
        (("landmarks", 0, "count"), 1.5, r"landmarks\[0\].count: is 1.5; expected a whole number"),
        (("amounts",), {"boat": [5, 2]}, "amounts.boat"),
        (("absent",), ["ufo"], "absent is 'ufo'"),
        (("brief", "places"), 3, "brief.places: is 3; expected a list"),
        (("surprise",), 1, "key 'surprise'"),
    ],
)
def test_faults_are_named_with_file_and_key(path, keys, to, says):
    with pytest.raises(InvalidPlan, match=says) as caught:
        read_plan(changed(path, *keys, to=to))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "not JSON at line 1"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"format": NaN}', "holds NaN"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b"[]", "holds a list"),
        (b'{"format": "simbridge-plan", "version": 1}', "has no 'name'"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path, text, says):
    path = tmp_path / "plan.json"
    path.write_bytes(text)
    with pytest.raises(InvalidPlan, match=says):
        read_plan(path)


def test_a_missing_file_says_what_to_give(tmp_path):
    with pytest.raises(InvalidPlan, match="no such file"):
        read_plan(tmp_path / "nothing.json")


def test_unsound_plans_are_not_written(tmp_path):
    with pytest.raises(InvalidPlan, match="shape"):
        write_plan(replace(FULL, heights=np.zeros((3, 4), np.float32)), tmp_path / "p.json")
    assert not list(tmp_path.iterdir())


def test_briefs_keep_their_numbers_apart_from_words(tmp_path):
    plan = replace(FULL, brief=replace(FULL.brief, wind_m_s=read(7.0), size_m=read(640.0)))
    assert digest(read_plan(write_plan(plan, tmp_path / "p.json"))) == digest(plan)
