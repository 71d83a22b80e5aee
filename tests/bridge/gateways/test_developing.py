"""What settings of a camera make of its picture, in numbers."""

import numpy as np
import pytest

from bridge.engine import Weather
from bridge.gateways.unrealcv.developing import MIDDLE_GREY, PHYSICAL_GAIN, _linear, lit
from bridge.gateways.unrealcv.looks import colors, depth, normals


@pytest.fixture(autouse=True)
def _small(ask):
    ask("vset /camera/0/size 96 64")
    ask("vset /camera/0/location -1720 1350 300")
    ask("vset /camera/0/rotation 0 0 0")
    ask.stage.edit([Weather("clear", time_of_day_h=12.0, lamps_lit=False)])


def light(ask) -> np.ndarray:
    return _linear(lit(ask.stage, ask.stage.sights[0]))


def test_without_settings_the_picture_is_the_engines(ask):
    sight = ask.stage.sights[0]
    np.testing.assert_array_equal(lit(ask.stage, sight), colors(ask.stage, sight))


@pytest.mark.parametrize(("bias", "gain"), [("1", 2.0), ("-2", 0.25)])
def test_a_bias_of_one_stop_doubles_the_light(ask, bias, gain):
    before = light(ask)
    ask(f"vset /camera/0/exposure_bias {bias}")
    fits = before * gain < 0.95
    np.testing.assert_allclose(light(ask)[fits], (before * gain)[fits], atol=0.01)


def test_manual_exposure_is_the_engines_and_a_physical_camera_overexposes_daylight(ask):
    before = light(ask)
    ask("vset /camera/0/exposure_method manual")
    np.testing.assert_array_equal(light(ask), before)
    ask("vset /camera/0/physical_exposure 1")
    np.testing.assert_allclose(light(ask), np.minimum(before * PHYSICAL_GAIN, 1.0), atol=0.01)
    assert pytest.approx(2**15 / 960) == PHYSICAL_GAIN


def brightness(ask) -> float:
    return float((light(ask) @ [0.2126, 0.7152, 0.0722]).mean())


def test_auto_exposure_brings_the_mean_to_middle_grey(ask):
    ask("vset /camera/0/rotation -60 0 0")  # the street, which is darker than that and has no highlights
    assert not 0.9 * MIDDLE_GREY < brightness(ask) < 1.1 * MIDDLE_GREY
    ask("vset /camera/0/exposure_method basic")
    assert brightness(ask) == pytest.approx(MIDDLE_GREY, rel=0.05)


def test_auto_exposure_stays_within_the_brightness_it_was_given(ask):
    ask("vset /camera/0/exposure_method histogram")
    ask("vset /camera/0/auto_brightness 0.18 0.18")  # whatever it sees, it takes for middle grey
    np.testing.assert_array_equal(lit(ask.stage, ask.stage.sights[0]), colors(ask.stage, ask.stage.sights[0]))


def test_brightnesses_in_the_wrong_order_are_left_as_they_were_and_bias_has_limits(ask):
    assert ask("vset /camera/0/auto_brightness 2 1") == "ok"
    assert "auto_brightness" not in ask.stage.sights[0].settings
    ask("vset /camera/0/exposure_bias -1500")
    assert light(ask).max() == 0.0
    assert ask("vset /camera/0/exposure_bias 99999999") == "error Argument Invalid"


def test_auto_exposure_takes_its_time(ask):
    """From the street to the bright sky at a stop a second: after 0.1 s it is a tenth of a stop darker."""
    sight = ask.stage.sights[0]
    ask("vset /camera/0/exposure_method basic")
    ask("vset /camera/0/auto_speed 1 1")
    ask("vset /camera/0/rotation -60 0 0")
    lit(ask.stage, sight)
    first, _ = sight.adapted
    ask("vset /camera/0/rotation 60 0 0")
    ask.stage.tick(5)
    lit(ask.stage, sight)
    assert sight.adapted[0] == pytest.approx(first - 0.1)


def test_motion_blurs_along_the_motion(ask):
    sight = ask.stage.sights[0]
    ask("vset /camera/0/motion_blur 1 50 0 0")
    lit(ask.stage, sight)
    still = colors(ask.stage, sight).astype(float)
    np.testing.assert_array_equal(lit(ask.stage, sight), still)  # nothing moves at the start
    ask.stage.tick(1)
    ask("vset /camera/0/rotation 0 6 0")
    sharp, blurred = colors(ask.stage, sight).astype(float), lit(ask.stage, sight).astype(float)

    def edges(picture: np.ndarray, axis: int) -> float:
        return float(np.abs(np.diff(picture, axis=axis)).mean())

    assert edges(blurred, 1) < 0.75 * edges(sharp, 1)
    assert edges(blurred, 0) > 0.8 * edges(sharp, 0)


def test_the_most_blur_is_a_share_of_the_width(ask):
    sight = ask.stage.sights[0]
    ask("vset /camera/0/motion_blur 1 0 0 0")
    lit(ask.stage, sight)
    ask.stage.tick(1)
    ask("vset /camera/0/rotation 0 6 0")
    np.testing.assert_allclose(lit(ask.stage, sight), colors(ask.stage, sight), atol=1)


def test_what_is_in_focus_is_sharp_and_what_is_behind_is_not(ask):
    sight = ask.stage.sights[0]
    ask("vset /camera/0/focal 100 600")  # to the back of the car, 5 m away
    away, sharp, made = depth(ask.stage, sight), colors(ask.stage, sight).astype(int), lit(ask.stage, sight).astype(int)
    near = (away > 300) & (away < 650)
    np.testing.assert_allclose(made[near], sharp[near], atol=1)
    far = (away > 3000) & (away < 10_000)
    assert far.sum() > 100
    assert np.abs(made - sharp)[far].mean() > 1.0


def test_other_sources_are_other_pictures(ask):
    sight = ask.stage.sights[0]

    def of(source: str) -> np.ndarray:
        ask(f"vset /camera/0/lit_source {source}")
        return lit(ask.stage, sight)

    np.testing.assert_array_equal(of("normal"), normals(ask.stage, sight))
    np.testing.assert_array_equal(of("ldr"), colors(ask.stage, sight))
    away = depth(ask.stage, sight)
    np.testing.assert_allclose(of("scene_depth")[..., 0] / 255, away / 65504, atol=1 / 255)
    np.testing.assert_allclose(of("device_depth")[..., 0] / 255, 10 / away, atol=1 / 255)
    np.testing.assert_allclose(of("sc_hdr") / 255, _linear(colors(ask.stage, sight)), atol=1 / 255)


def test_base_colours_are_those_of_the_materials_without_light(ask):
    sight = ask.stage.sights[0]
    ask("vset /camera/0/lit_source base")
    made = _linear(lit(ask.stage, sight))
    red = ask.stage.scene.materials["paint-red"].base_color
    car = made[(depth(ask.stage, sight) > 495) & (depth(ask.stage, sight) < 505)]
    assert (np.abs(car - red).max(axis=-1) < 0.01).mean() > 0.5
