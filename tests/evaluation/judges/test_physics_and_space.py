"""Laws as scores, and views and moments that agree on one solid world, on episodes that break them by a known amount."""

from dataclasses import replace

import numpy as np

from bridge.frames import look_at
from bridge.imagination import Past
from bridge.types import Camera, Pose
from evaluation.judges.consistency import consistency, meeting, photometric
from evaluation.judges.physics import adherence, score
from evaluation.judges.tampering import TAMPERINGS, truth
from tests.evaluation.judges.tables import clip, read_as, true_case


def test_the_engine_keeps_to_every_law_as_well_as_itself():
    """By the tolerance alone it does not: what lies in a bowl is inside of the box around the bowl."""
    kept = adherence(true_case())
    assert score(kept).dream == 1.0
    assert {name for name, one in kept.items() if one.engine < 1.0} == {"no penetration"}


def test_a_cube_that_vanishes_half_way_lasts_for_half_of_the_moments():
    case = TAMPERINGS["vanishing"](clip(), 1)
    assert adherence(case)["permanence"].dream == 0.5


def test_a_cube_that_leaps_moves_untouched():
    assert adherence(TAMPERINGS["leaping"](clip(), 1))["contact"].dream < 1.0


def test_what_is_read_to_vanish_breaks_permanence_in_pictures():
    places = true_case().engine.places["blue-cube"].copy()
    places[5:] = np.nan
    assert adherence(read_as(true_case(), {"blue-cube": places}))["permanence, seen"].dream == 0.5


def test_lines_of_sight_of_one_world_meet():
    case = true_case()
    pixels, metres = meeting(case, case.engine)
    np.testing.assert_allclose(pixels, 0.0, atol=1e-6)
    np.testing.assert_allclose(metres, 0.0, atol=1e-6)


def test_a_view_that_is_10_px_off_across_does_not_meet_the_other():
    case = true_case()
    reading = case.engine
    off = replace(
        reading, spots={name: spots + np.array([[[0.0, 0.0], [0.0, 10.0]]]) for name, spots in reading.spots.items()}
    )
    pixels, metres = meeting(case, off)
    assert pixels.min() > 1.0
    assert metres.min() > 0.02


def test_the_engine_is_its_own_floor():
    found = consistency(true_case())
    assert {name: one.dream == one.engine for name, one in found.items()} == {"views_px": True, "views_m": True}


def drive(shift_px=0):
    """A wall 10 m ahead with vertical stripes, past which a car slides by 1 px of it a moment."""
    camera = Camera("front", 40, 24, 0.9, Pose(*look_at((0.0, 0.0, 1.0), (1.0, 0.0, 1.0))), "body")
    focal = 24 / (2 * np.tan(0.45))
    body = np.zeros((4, 7))
    body[:, 3] = 1.0
    body[:, 1] = 10.0 / focal * np.arange(4)
    stripes = (127 + 100 * np.sin(0.4 * np.arange(60))).astype(np.uint8)
    rgb = np.stack(
        [np.tile(np.roll(stripes, (1 + shift_px) * t)[:40, None], (24, 1, 3)).reshape(24, 40, 3) for t in range(4)]
    )
    return Past(0.4 * np.arange(4), (camera,), rgb[:, None], body, None, np.full((4, 1, 24, 40), 10.0, np.float32))


def test_colours_stay_with_points_of_a_wall_that_is_passed():
    """The car goes left by a pixel's width on the wall, so the wall goes right by a pixel."""
    assert photometric(drive())[:, 0].max() < 1.0


def test_a_picture_that_moves_twice_as_fast_is_not_of_that_wall():
    assert photometric(drive(1))[:, 0].min() > 10.0


def test_a_drive_is_held_against_the_engines_floor():
    from world_models.clips import Clip

    true = Clip("drive", drive(), np.ones(4, bool))
    case = truth(true, 0)
    wrong = replace(case, prediction=replace(case.prediction, rgb=drive(1).rgb[None, 1:]))
    found = consistency(wrong)["photometric"]
    assert found.dream > 10.0 > found.engine


def test_every_error_changes_what_is_told_and_leaves_the_truth():
    made = clip()
    for name, tampered in TAMPERINGS.items():
        case = tampered(made, 1)
        np.testing.assert_array_equal(case.truth.rgb, made.seen.rgb[2:])
        same = np.array_equal(case.prediction.rgb[0], made.seen.rgb[2:])
        assert same == (name == "wrong instruction"), name


def test_what_vanishes_leaves_no_pixel_of_its_colour():
    case = TAMPERINGS["vanishing"](clip(), 1)
    red = (case.prediction.rgb[0] == (200, 40, 40)).all(axis=-1).sum(axis=(1, 2, 3))
    assert (red[:5] > 0).all()
    assert (red[5:] == 0).all()
