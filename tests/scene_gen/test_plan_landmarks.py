"""Things that the sentence names get a place that meets what it says about them, or a note that says why not."""

import numpy as np
import pytest

from scene_gen.plan import rules
from scene_gen.plan.cells import cell_at, is_any, letters_of, wet, widened
from scene_gen.plan.shoreline import at_cells
from tests.scene_gen.briefs import brief, relation, thing

PLANNER = rules.make(rules.Config())
SEEDS = range(5)


def marks(made, kind):
    return [mark for mark in made.landmarks if mark.kind == kind]


def spot(made, kind):
    return np.array(marks(made, kind)[0].at)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lighthouse_north_of_the_pier(seed):
    asked = brief(
        "", "town", things=[thing("lighthouse"), thing("pier")], relations=[relation("lighthouse", "north-of", "pier")]
    )
    made = PLANNER.plan(asked, seed=seed)
    step = spot(made, "lighthouse") - spot(made, "pier")
    assert step[1] > abs(step[0])
    assert marks(made, "lighthouse")[0].clause == 0
    assert not made.notes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_church_on_the_hill(seed):
    asked = brief("", "village", things=[thing("church")], relations=[relation("church", "on", "hill")])
    made = PLANNER.plan(asked, seed=seed)
    letters = letters_of(made.lattice)
    cell = cell_at(*spot(made, "church"), made.size_m)
    assert widened(is_any(letters, "HM"), 2, corners=True)[cell]
    heights = at_cells(made.heights)
    assert (heights[letters != "W"] < heights[cell]).mean() > 0.55
    assert not made.notes


@pytest.mark.parametrize("seed", SEEDS)
def test_houses_along_the_river_stand_by_it(seed):
    asked = brief(
        "", "village", "river", things=[thing("house", 18, 22)], relations=[relation("house", "along", "river")]
    )
    made = PLANNER.plan(asked, seed=seed)
    water = wet(letters_of(made.lattice))
    for mark in marks(made, "house"):
        assert widened(water, 2, corners=True)[cell_at(*mark.at, made.size_m)]
    assert sum(mark.count for mark in marks(made, "house")) == 20
    assert made.amounts["house"] == (18, 22)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_end_of_the_pier_is_in_the_water(seed):
    asked = brief(
        "", "harbor", things=[thing("pier"), thing("statue")], relations=[relation("statue", "at-end-of", "pier")]
    )
    made = PLANNER.plan(asked, seed=seed)
    gap = np.hypot(*(spot(made, "statue") - spot(made, "pier")))
    assert 30 < gap < 80
    assert letters_of(made.lattice)[cell_at(*spot(made, "statue"), made.size_m)] == "W"
    mark = marks(made, "statue")[0]
    assert (mark.near, mark.relation) == ("pier", "at-end-of")


@pytest.mark.parametrize(("predicate", "far"), [("near", False), ("far-from", True)])
def test_near_and_far(predicate, far):
    asked = brief(
        "", "town", things=[thing("museum"), thing("school")], relations=[relation("museum", predicate, "school")]
    )
    for seed in SEEDS:
        made = PLANNER.plan(asked, seed=seed)
        gap = np.hypot(*(spot(made, "museum") - spot(made, "school")))
        assert (gap > 0.25 * made.size_m) if far else (gap < 70)


@pytest.mark.parametrize("side", ["north", "southwest", "center"])
def test_things_on_a_side_of_the_map(side):
    asked = brief("", "town", things=[thing("windmill")], relations=[relation("windmill", "in", side=side)])
    x, y = spot(PLANNER.plan(asked, seed=1), "windmill")
    assert {"north": y > 80, "southwest": x + y < -100, "center": np.hypot(x, y) < 110}[side]


def test_a_thing_between_two_others():
    things = [thing("fountain"), thing("church"), thing("school")]
    asked = brief("", "town", things=things, relations=[relation("fountain", "between", "church", "school")])
    made = PLANNER.plan(asked, seed=2)
    a, b, c = spot(made, "church"), spot(made, "fountain"), spot(made, "school")
    assert 0.1 < (b - a) @ (c - a) / ((c - a) @ (c - a)) < 0.9


def test_nothing_is_planned_that_was_refused():
    things = [thing("boat", 0, 0), thing("car", 0, 0), thing("church", 0, 0)]
    made = PLANNER.plan(brief("", "harbor", "town", things=things), seed=0)
    assert {"boat", "fishing-boat", "ferry", "car", "church"} <= set(made.absent)
    assert not {mark.kind for mark in made.landmarks} & set(made.absent)


def test_own_ideas_keep_out_of_what_was_counted():
    made = PLANNER.plan(brief("", "harbor", things=[thing("boat", 5, 5)]), seed=0)
    afloat = [mark for mark in made.landmarks if "boat" in mark.kind or mark.kind == "cargo-ship"]
    assert [(mark.kind, mark.count, mark.clause) for mark in afloat] == [("boat", 5, 0)]
    assert made.amounts == {"boat": (5, 5)}


def test_a_harbor_has_piers_cranes_boats_and_a_light_without_being_told():
    made = PLANNER.plan(brief("", "harbor", "town"), seed=3)
    have = {mark.kind: mark for mark in made.landmarks}
    assert {"pier", "crane", "lighthouse", "breakwater", "fishing-boat", "church"} <= set(have)
    assert 3 <= have["pier"].count <= 6
    assert all(mark.clause == -1 for mark in made.landmarks)


def test_zones_that_were_counted_are_separate():
    made = PLANNER.plan(brief("", "town", things=[thing("park", 3, 3), thing("forest", 1, None)]), seed=1)
    letters = letters_of(made.lattice)
    assert (letters == "P").any()
    assert (letters == "F").any()
    assert not made.notes


@pytest.mark.parametrize("kind", ["forest", "beach", "field"])
def test_refused_zones_are_not_on_the_lattice(kind):
    letter = {"forest": "F", "beach": "B", "field": "A"}[kind]
    made = PLANNER.plan(brief("", "coast", "village", things=[thing(kind, 0, 0)]), seed=1)
    assert letter not in "".join(made.lattice)


def test_things_bring_the_water_they_need():
    made = PLANNER.plan(brief("", "village", things=[thing("pier")]), seed=0)
    assert (letters_of(made.lattice) == "W").mean() > 0.15
    dry = PLANNER.plan(brief("", "village", things=[thing("sea", 0, 0), thing("lake", 0, 0)]), seed=0)
    assert "W" not in "".join(dry.lattice)


def test_relations_that_cannot_be_met_are_named():
    lattice = tuple(["G" * 32] * 10 + ["G" * 10 + "R" * 12 + "G" * 10] * 12 + ["G" * 32] * 10)
    asked = brief("", "town", things=[thing("church")], relations=[relation("church", "near", "sea")])
    made = PLANNER.plan(asked, seed=0, lattice=lattice)
    assert any("church near sea" in note and "no sea" in note for note in made.notes)


def test_a_town_wall_goes_round_and_gates_stand_on_roads():
    made = PLANNER.plan(brief("", "medieval"), seed=2)
    wall = marks(made, "town-wall")[0]
    letters = letters_of(made.lattice)
    for gate in marks(made, "gate"):
        assert letters[cell_at(*gate.at, made.size_m)] == "#"
        assert abs(np.hypot(*(np.array(gate.at) - wall.at)) - wall.radius_m) < 2 * made.cell_m


def test_every_landmark_lies_on_the_map():
    for places in (("harbor", "city"), ("farm",), ("neon",), ("oasis",)):
        made = PLANNER.plan(brief("", *places), seed=4)
        assert made.landmarks
        assert all(max(map(abs, mark.at)) <= made.size_m / 2 for mark in made.landmarks if mark.at)


def test_no_cars_means_no_taxis_either_unless_they_are_asked_for():
    without = PLANNER.plan(brief("", "town", things=[thing("car", 0, 0)]), seed=0)
    assert {"car", "taxi", "police-car"} <= set(without.absent)
    but = PLANNER.plan(brief("", "town", things=[thing("car", 0, 0), thing("taxi")]), seed=0)
    assert "taxi" not in but.absent


@pytest.mark.parametrize("seed", range(4))
def test_a_thing_on_the_hill_and_beside_another_takes_the_other_along(seed):
    wish = [relation("church", "on", "hill"), relation("church", "near", "school")]
    plan = PLANNER.plan(brief("", "village", things=[thing("church"), thing("school")], relations=wish), seed=seed)
    church, school = (next(m for m in plan.landmarks if m.kind == kind) for kind in ("church", "school"))
    assert np.hypot(church.at[0] - school.at[0], church.at[1] - school.at[1]) < 90
    assert not plan.notes
