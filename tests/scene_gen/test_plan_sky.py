"""Weather, season, hour, styles and materials as a plan carries them."""

import pytest

from scene_gen.kit.materials import MATERIALS, in_season
from scene_gen.plan import rules
from scene_gen.plan.atmosphere import sun_height_rad, sunset_h
from scene_gen.plan.said import MATERIAL_FAMILIES
from scene_gen.plan.styles import STYLES, TREES
from tests.scene_gen.briefs import RAINY_HARBOR, brief, read, thing

PLANNER = rules.make(rules.Config())


def sky(*places, **more):
    return PLANNER.plan(brief("", *(places or ("town",)), **more), seed=0).environment


def look(*places, **more):
    return PLANNER.plan(brief("", *(places or ("town",)), **more), seed=0).look


def test_rain_is_grey_wet_and_lit():
    made = PLANNER.plan(RAINY_HARBOR, seed=0).environment
    assert (made.weather, made.rain, made.wetness, made.cloud_cover) == ("rain", 0.6, 1.0, 1.0)
    assert 1500 <= made.visibility_m <= 3000
    assert 16 <= made.time_of_day_h <= 17
    assert made.lamps_lit


def test_a_clear_day_at_two_in_the_afternoon_is_the_default():
    made = sky()
    assert (made.weather, made.time_of_day_h, made.lamps_lit, made.rain) == ("clear", 14.0, False, 0.0)


def test_fog_storm_and_snow():
    assert sky(weather=["fog"]).visibility_m == 150
    storm = sky(weather=["storm"])
    assert storm.wind_m_s > 10
    assert storm.rain > 0.8
    snow = sky(weather=["snow"])
    assert (snow.season, snow.snow_cover) == ("winter", 0.9)
    assert snow.snowfall > 0
    both = sky(weather=["rain", "fog"])
    assert both.rain > 0
    assert both.visibility_m == 150


def test_how_hard_it_rains():
    assert (
        sky(weather=["rain"], weather_strength=0.1).rain < 0.3 < 0.8 < sky(weather=["rain"], weather_strength=1.0).rain
    )


def test_refused_weather_does_not_come():
    assert sky("town", not_weather=["clear"]).weather != "clear"
    assert sky("mountain", season="winter", not_weather=["snow"]).snow_cover == 0.0


@pytest.mark.parametrize("season", ["spring", "summer", "autumn", "winter"])
@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("dawn", 4.5, 7.5),
        ("morning", 6.5, 11.5),
        ("noon", 11.5, 13),
        ("afternoon", 12.5, 18),
        ("evening", 17, 22),
        ("dusk", 17, 21.5),
    ],
)
def test_words_for_hours(season, word, first, last):
    assert first <= sky(season=season, time_of_day=word).time_of_day_h <= last


def test_a_clock_time_wins_and_nights_are_lit():
    assert sky(time_of_day="night", time_of_day_h=7.5).time_of_day_h == 7.5
    assert sky(time_of_day="night").lamps_lit
    assert sky(time_of_day="midnight").time_of_day_h == 0.0


def test_the_sun_sets_late_in_summer_and_is_down_at_sunset():
    assert sunset_h("summer", 0.785) > 19 > 17 > sunset_h("winter", 0.785)
    assert sun_height_rad(sunset_h("autumn", 0.9), "autumn", 0.9) == pytest.approx(0.0, abs=1e-9)


def test_neon_is_shown_at_night_on_wet_streets():
    made = sky("neon", "city")
    assert made.time_of_day_h >= 21
    assert made.lamps_lit
    assert made.wetness > 0.3
    assert look("neon", "city").storeys["T"][1] >= 25


def test_places_have_their_styles():
    assert look("harbor", "town").style == "maritime"
    assert look("medieval").style == "medieval"
    assert look("desert", "town").style == "adobe"
    assert look("mountain", "village").style == "alpine"
    assert look("desert").roof_shapes["flat"] > 0.8
    assert look("medieval").grid < 0.1 < 0.6 < look("neon").grid


def test_trees_follow_the_climate():
    assert max(look("desert").trees, key=look("desert").trees.get) == "palm"
    assert max(look("mountain").trees, key=look("mountain").trees.get) == "pine"


def test_materials_that_are_asked_for_win():
    walls = look("harbor", materials=["brick"]).walls
    assert all(name.startswith("brick-") for name in walls)
    red = look("village", things=[thing("house", 20, 20, "red", "wooden")]).walls
    assert set(red) == {"planks-red"}
    impossible = PLANNER.plan(brief("", "town", materials=["glass"], things=[thing("house", 5, 5, "pink")]), seed=0)
    assert any("pink" in note for note in impossible.notes)


def test_what_is_said_of_roofs_says_nothing_of_walls():
    made = look("village", things=[thing("house", 2, None, "stone", "red-roofed")])
    assert all(name.startswith("stone-") for name in made.walls)
    assert set(made.roofs) == {"roof-tiles-red", "roof-tiles-orange"}
    white = look("village", things=[thing("house", 2, None, "white", "blue-roofed")])
    assert {name.rsplit("-", 1)[-1] for name in white.walls} == {"white"}
    assert set(white.roofs) == {"roof-tiles-blue"}


def test_what_is_said_of_walls_says_nothing_of_roofs():
    assert look("village", things=[thing("house", 2, None, "red", "brick")]).roofs == look("village").roofs
    assert set(look("village", things=[thing("house", 2, None, "red", "brick")]).walls) == {"brick-red"}


def test_adjectives_of_one_kind_among_several_are_not_the_towns():
    two = [thing("villa", 2, None, "white"), thing("cottage", 2, None, "red")]
    assert look("village", things=two).walls == look("village").walls


@pytest.mark.parametrize(("kind", "letter"), [("cabin", "S"), ("skyscraper", "T"), ("warehouse", "I")])
def test_a_place_made_of_one_kind_has_quarters_for_it(kind, letter):
    plain = PLANNER.plan(brief("", "town"), seed=0)
    plan = PLANNER.plan(brief("", "town", made_of=[read(kind)]), seed=0)
    assert plan.look.homes == {kind: 1.0}
    assert "".join(plan.lattice).count(letter) > 1.5 * "".join(plain.lattice).count(letter)


def test_the_style_that_is_asked_for_wins():
    assert look("harbor", style=["nordic"]).style == "nordic"
    assert look("harbor", style=["asian"]).style == "asian"


@pytest.mark.parametrize("name", sorted(STYLES))
def test_styles_use_what_there_is(name):
    style = STYLES[name]
    assert set(style.walls) | set(style.roofs) <= set(MATERIALS)
    made = look(style=[name])
    assert sum(made.walls.values()) == pytest.approx(1.0, abs=0.01)
    assert all(low <= high for low, high in made.storeys.values())


def test_material_words_name_the_palette():
    for starts in MATERIAL_FAMILIES.values():
        assert any(name.startswith(starts) for name in MATERIALS)
    assert len(STYLES) >= 14
    assert len(TREES) >= 6


def test_density_of_building_follows_the_word():
    assert look("town", density="sparse").density["R"] < 1.0 < look("town", density="dense").density["R"]


def test_a_pine_forest_is_mostly_pines():
    trees = look("village", "forest", things=[thing("pine", 50, None)]).trees
    assert trees["pine"] > 0.7
    assert 0 < trees["oak"] < look("village", "forest").trees["oak"]


def test_grass_yellows_in_autumn_and_walls_do_not():
    grass, brick = MATERIALS["grass"], MATERIALS["brick-red"]
    red, green, _ = in_season(grass, "autumn").base_color
    assert red / green > grass.base_color[0] / grass.base_color[1]
    assert in_season(brick, "autumn") == brick
    assert in_season(grass, "summer") == grass
