"""Weather and hour change the picture and nothing else; stills show the same place as sensors."""

from functools import cache

import numpy as np
import pytest

from bridge.render.sky import sky_of, sun_direction
from bridge.scene import Environment
from bridge.types import Frame
from tests.bridge.render_town import town
from tests.bridge.test_render import camera, opened

WEATHERS: dict[str, dict] = {
    "clear": {},
    "rain": {"weather": "rain", "rain": 0.6, "wetness": 1.0, "cloud_cover": 1.0, "visibility_m": 3000.0},
    "fog": {"weather": "fog", "visibility_m": 120.0, "cloud_cover": 0.9},
    "snow": {"weather": "snow", "snowfall": 0.5, "snow_cover": 0.9, "visibility_m": 1500.0},
    "night": {"time_of_day_h": 23.0, "lamps_lit": True},
    "storm": {"weather": "storm", "rain": 1.0, "wetness": 1.0, "cloud_cover": 1.0, "wind_m_s": 18.0},
}


@cache
def frame(
    weather: str = "clear", name: str = "gl", eye: str = "street", quality: str = "fast", attempt: int = 1
) -> Frame:
    """What a camera sees in a weather; `attempt` tells repeated frames apart."""
    renderer = opened(name, quality=quality)
    renderer.load(town(houses=20, trees=20, lamps=8, **WEATHERS[weather]))
    seen = renderer.observe([camera(eye)])[0]
    renderer.close()
    return seen


@pytest.mark.parametrize("weather", list(WEATHERS)[1:])
@pytest.mark.parametrize("name", ["gl", "rays"])
def test_weather_changes_the_picture_only(name, weather):
    clear, seen = frame("clear", name), frame(weather, name)
    for modality in ("depth", "segmentation", "normals"):
        assert getattr(seen, modality).tobytes() == getattr(clear, modality).tobytes(), modality
    assert np.abs(seen.rgb.astype(int) - clear.rgb).mean() > 8


@pytest.mark.parametrize("weather", list(WEATHERS))
def test_both_renderers_show_the_same_weather(weather):
    a, b = frame(weather, "gl"), frame(weather, "rays")
    assert abs(a.rgb.mean() - b.rgb.mean()) < 12


def test_fog_hides_what_is_far():
    fog = frame("fog")
    far = (fog.depth > 110) & (fog.segmentation > 0)
    assert far.any()
    assert fog.rgb[far].std(axis=0).max() < 16


def test_snow_whitens_what_faces_up():
    bare, snowy = frame(eye="drone"), frame("snow", eye="drone")
    grass = bare.segmentation == 1
    assert snowy.rgb[grass].min(axis=-1).mean() > bare.rgb[grass].min(axis=-1).mean() + 40


def test_windows_glow_only_after_dusk():
    day, night = frame(), frame("night")
    assert night.rgb.mean() < 0.6 * day.rgb.mean()
    assert night.rgb.max() > 200


def test_a_still_does_not_show_what_was_drawn_before_it():
    renderer = opened("gl", quality="high")
    renderer.load(town(houses=20, trees=20, lamps=8, **WEATHERS["rain"]))
    shore, _, again = (renderer.observe([camera(eye)])[0].rgb for eye in ("shore", "street", "shore"))
    renderer.close()
    np.testing.assert_array_equal(shore, again)


def test_water_shaded_at_half_the_size_looks_alike_and_changes_nothing_else(monkeypatch):
    half = frame("rain", eye="shore")
    monkeypatch.setattr("bridge.render.picture._MUCH_WATER", 2.0)
    whole = frame("rain", eye="shore", attempt=2)
    is_water = half.segmentation == 2
    assert 0.1 < is_water.mean() < 0.9
    np.testing.assert_array_equal(half.rgb[~is_water], whole.rgb[~is_water])
    off = np.abs(half.rgb.astype(int) - whole.rgb)[is_water]
    assert 0 < off.mean() < 6


@pytest.mark.parametrize("weather", ["clear", "rain", "snow"])
def test_a_tone_curve_in_the_shading_shows_what_one_after_it_does(weather, monkeypatch):
    at_once = frame(weather, eye="shore")
    monkeypatch.setattr("bridge.render.passes._is_toned", lambda is_fine, has_lamps: False)
    after = frame(weather, eye="shore", attempt=3)
    off = np.abs(at_once.rgb.astype(int) - after.rgb)
    is_water = after.segmentation == 2
    assert off[~is_water].max() <= 1
    assert off[is_water].mean() < 0.2  # what water shows of the town is taken from the picture with its 256 steps


@pytest.mark.parametrize("name", ["gl", "rays"])
def test_stills_show_what_sensors_see(name):
    fast, high = frame(name=name), frame(name=name, quality="high")
    assert (fast.segmentation == high.segmentation).mean() > 0.97
    assert np.abs(fast.rgb.astype(int) - high.rgb).mean() < 16


@pytest.mark.parametrize("weather", ["rain", "night"])
def test_stills_are_the_same_bytes_twice(weather):
    first, second = (frame(weather, quality="high", attempt=attempt) for attempt in (1, 2))
    assert first.rgb.tobytes() == second.rgb.tobytes()


def test_the_sun_is_in_the_south_at_noon_and_in_the_east_in_the_morning():
    noon = sun_direction(Environment(time_of_day_h=12.0))
    assert noon[1] < 0
    assert abs(noon[0]) < 1e-9
    assert sun_direction(Environment(time_of_day_h=7.0))[0] > 0.5
    np.testing.assert_allclose(np.linalg.norm(noon), 1)


def test_the_noon_sun_stands_at_90_degrees_less_latitude_plus_declination():
    """45° north in summer, declination 22°: 90 - 45 + 22 = 67°."""
    noon = sun_direction(Environment(season="summer", time_of_day_h=12.0, latitude_rad=np.radians(45)))
    assert np.degrees(np.arcsin(noon[2])) == pytest.approx(67.0)


def test_skies_are_never_black_nor_negative():
    for hour in (0, 5, 6, 12, 18, 20, 22):
        for weather in ("clear", "overcast", "storm", "fog"):
            sky = sky_of(Environment(time_of_day_h=float(hour), weather=weather))
            picture = sky.map()
            assert picture.min() > 0.001
            assert np.isfinite(picture).all()
