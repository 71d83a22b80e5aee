"""Light and air in Unreal's units, by numbers worked by hand."""

import math

import pytest
from simbridge_town.level import plan_level
from simbridge_town.sky import fog_density, quat_along


def ahead(quat) -> tuple[float, float, float]:
    """Where a rotation turns X."""
    x, y, z, w = quat
    return 1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)


@pytest.mark.parametrize(
    "forward", [(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, 0, -1), (0.6, 0, -0.8), (-0.36, 0.48, -0.8), (0.48, -0.64, 0.6)]
)
def test_the_suns_rotation_points_where_its_light_goes(forward):
    assert ahead(quat_along(forward)) == pytest.approx(forward, abs=1e-12)


def test_light_falls_from_the_sun(tiny, tiny_folder):
    from bridge.formats.sky import daylight

    x, y, z = daylight(tiny.environment).sun_from
    assert ahead(plan_level(tiny_folder).sky.sun.quat_xyzw) == pytest.approx((-x, y, -z), abs=1e-8)


def test_the_meteorological_range_leaves_a_twentieth_of_a_contrast():
    """Unreal lets exp(-(ln 2)^2 * density / 1000 * centimetres) through on a level ray."""
    for visibility_m in (200.0, 2400.0, 20000.0):
        density = fog_density(visibility_m)
        assert math.exp(-(math.log(2) ** 2) * density / 1000 * visibility_m * 100) == pytest.approx(0.05)


def test_an_overcast_town_is_lit_by_what_its_clouds_scatter(spoilt):
    """No direct sun, 3000 lux of sky, the sun 30 degrees up (sine 0.5), all overcast: 0 + 1 * 3000 / 0.5 = 6000 lux."""

    def overcast(level):
        level["environment"]["cloud_cover"] = 1.0
        level["sun"].update(lux=0.0, sky_lux=3000.0, direction_to=[math.cos(math.pi / 6), 0.0, 0.5])

    sky = plan_level(spoilt("level.json", overcast)).sky
    assert sky.sun.lux == pytest.approx(6000)
    assert sky.has_clouds


def test_a_clear_sky_adds_nothing_to_the_sun(spoilt):
    def clear(level):
        level["environment"]["cloud_cover"] = 0.0
        level["sun"]["lux"] = 80000.0

    sky = plan_level(spoilt("level.json", clear)).sky
    assert (sky.sun.lux, sky.has_clouds) == (80000, False)


def test_lamps_are_the_scenes(tiny, tiny_folder):
    """lamp-1 hangs at (-20, -8.9, ground + 4.3) m."""
    lamps = plan_level(tiny_folder).sky.lamps
    assert [lamp.owner for lamp in lamps] == list(tiny.lights.owners)
    assert lamps[0].position_cm == pytest.approx((-2000, 890, 630))
    assert (lamps[0].lumens, lamps[0].reach_cm, lamps[0].is_lit) == (4000, 2500, True)
