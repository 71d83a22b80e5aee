"""Grades of what was done: by places at a table, and by ways on the road, worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.judges.instruction import LEFT, RIGHT, STAND, STRAIGHT, asked, drove, followed, handled, manoeuvre
from evaluation.judges.tampering import truth
from tests.evaluation.judges.tables import clip, read_as, true_case

CASE = true_case()
TRUE = {one.name: one.poses[:, :3] for one in CASE.truth.things}
HERE = np.zeros((8, 3))


def test_an_instruction_names_what_is_moved_and_onto_what():
    assert asked("Put the red cube into the bowl.", ["bowl", "blue-cube", "red-cube"]) == ("red-cube", "bowl")


@pytest.mark.parametrize("words", ["Open the drawer.", "Push the red cube to the mark.", ""])
def test_an_instruction_that_names_fewer_than_two_things_is_not_graded(words):
    assert asked(words, ["bowl", "red-cube"]) is None


def test_the_engine_posing_as_a_dream_is_graded_as_the_engine():
    found = followed(CASE)
    assert (found.engine, found.read_engine, found.dream, found.told) == (3, 3, 3, 3)


def test_a_dream_in_which_the_cube_stays_is_something_else_done():
    still = np.repeat(TRUE["red-cube"][:1], len(CASE), axis=0)
    assert followed(read_as(CASE, {"red-cube": still})).dream == 1


def test_a_dream_that_drops_the_cube_beside_the_bowl_has_begun():
    beside = TRUE["red-cube"] - np.outer(np.linspace(0, 1, len(CASE)), [0.0, 0.12, 0.0])
    assert followed(read_as(CASE, {"red-cube": beside})).dream == 2


def test_a_cube_that_is_never_seen_again_is_not_done():
    gone = np.full((len(CASE), 3), np.nan)
    assert followed(read_as(CASE, {"red-cube": gone})).dream == 1


def test_another_instruction_over_the_same_pictures_is_not_done():
    found = followed(CASE, instruction="Put the blue cube into the bowl.")
    assert (found.engine, found.dream) == (1, 1)


def test_the_task_knows_better_than_places_whether_it_is_done():
    failed = replace(clip(), success=np.zeros(12, bool))
    assert followed(read_as(truth(failed, 1), {})).engine == 2


def test_nothing_that_moves_is_nothing_done():
    assert handled("cube", "bowl", {"cube": HERE, "bowl": HERE + 1.0}, HERE) == 0


def test_what_is_still_held_over_the_bowl_is_not_done():
    cube = HERE.copy()
    cube[:, 1] = np.minimum(0.1 * np.arange(8), 0.3)
    bowl = HERE + [0.0, 0.3, 0.0]
    assert handled("cube", "bowl", {"cube": cube, "bowl": bowl}, cube + [0.0, 0.0, 0.02]) == 2
    assert handled("cube", "bowl", {"cube": cube, "bowl": bowl}, cube + [0.0, 0.0, 0.2]) == 3


def test_one_place_misread_is_no_movement():
    cube = HERE.copy()
    cube[4] = [0.5, 0.0, 0.0]
    assert handled("cube", "bowl", {"cube": cube, "bowl": HERE + 1.0}, HERE) == 0


def arc(turn_rad, length=20.0, many=21):
    """A way of constant curvature, along x at first."""
    heading = np.linspace(0.0, turn_rad, many - 1)
    steps = np.stack([np.cos(heading), np.sin(heading), 0 * heading], axis=1) * length / (many - 1)
    return np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])


@pytest.mark.parametrize(("turn", "what"), [(1.2, LEFT), (0.0, STRAIGHT), (-1.2, RIGHT)])
def test_a_way_is_named_for_its_turn(turn, what):
    assert manoeuvre(arc(turn)) == (what, pytest.approx(20.0))


def test_a_car_that_hardly_moves_stands():
    assert manoeuvre(arc(1.2, length=0.4))[0] == STAND


@pytest.mark.parametrize(("way", "grade"), [(arc(1.2), 3), (arc(1.2, 12.0), 2), (arc(0.0), 1), (arc(1.2, 0.2), 0)])
def test_ways_are_graded_against_a_left_turn_of_20_m(way, grade):
    assert drove(LEFT, 20.0, way) == grade


def test_who_shall_stand_and_drives_does_something_else():
    assert (drove(STAND, 0.0, arc(0.0)), drove(STAND, 0.0, arc(0.0, 0.2))) == (1, 3)
