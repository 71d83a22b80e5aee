"""Plane geometry holds where the library underneath slips."""

import pytest
import shapely

from scene_gen.build.ground.polygons import inset


def test_an_inset_square_loses_twice_the_distance_on_each_side():
    assert inset(shapely.box(0, 0, 10, 20), 2.0).area == pytest.approx(6 * 16)


def test_what_is_too_small_to_inset_is_empty():
    assert inset(shapely.box(0, 0, 3, 3), 2.0).is_empty


def test_a_town_of_a_seed_whose_outline_geos_could_not_inset_has_streets():
    from scene_gen.build.ground.layout import lay_out
    from scene_gen.pipeline import Inputs, make_plan
    from scene_gen.understand import understand

    plan = make_plan(understand("a rainy harbor town"), seed=16, planner="rules", inputs=Inputs())
    assert len(lay_out(plan, seed=16).parcels) > 150
