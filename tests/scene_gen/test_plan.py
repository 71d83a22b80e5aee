"""What a plan by rules promises, for every kind of place."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from bridge import plugins
from bridge.digest import digest
from bridge.errors import InvalidPlan
from scene_gen.brief import PLACES
from scene_gen.plan import rules
from scene_gen.plan.artefacts import SYMBOLS
from scene_gen.plan.cells import beside, built, is_any, labelled, letters_of, wet
from scene_gen.plan.describe import describe
from scene_gen.plan.retheme import retheme
from scene_gen.plan.shoreline import at_cells
from tests.scene_gen.briefs import COURIERS, RAINY_HARBOR, brief, relation, thing

PLANNER = rules.make(rules.Config())
BLENDS = [
    ("harbor", "neon"),
    ("mountain", "village"),
    ("canal", "city"),
    ("island", "fishing-village"),
    ("river", "harbor", "town"),
]


def plan(asked, seed=0, **given):
    return PLANNER.plan(asked, seed=seed, **given)


def slope(made):
    """Rise over run at every height, and the lattice letter there, away from the water."""
    n = len(made.heights)
    gradient = np.hypot(*np.gradient(made.heights.astype(float), made.size_m / (n - 1)))
    letters = letters_of(made.lattice)
    inland = ~(wet(letters) | beside(wet(letters)) | beside(beside(wet(letters))))
    cell = np.clip(np.arange(n) * 32 // (n - 1), 0, 31)
    return gradient, letters[::-1][np.ix_(cell, cell)], inland[::-1][np.ix_(cell, cell)]


def test_the_planner_is_found_by_name():
    assert "rules" in plugins.plugins("scene_gen.plan")


def test_the_same_brief_and_seed_give_the_same_plan():
    assert digest(plan(RAINY_HARBOR, 7)) == digest(plan(RAINY_HARBOR, 7))


def test_twenty_seeds_give_twenty_different_towns():
    lattices = [letters_of(plan(RAINY_HARBOR, seed).lattice) for seed in range(20)]
    assert np.mean([(a != b).mean() for a, b in combinations(lattices, 2)]) > 0.15
    assert min((a != b).mean() for a, b in combinations(lattices, 2)) > 0.15


@pytest.mark.parametrize("seed", range(4))
def test_a_harbor_town_has_sea_quay_and_a_third_built(seed):
    letters = letters_of(plan(RAINY_HARBOR, seed).lattice)
    assert 0.2 < (letters == "W").mean() < 0.45
    assert 0.30 <= built(letters).mean() <= 0.45
    quay = letters == "Q"
    assert quay.sum() >= 6
    assert (beside(letters == "W") & quay).sum() == quay.sum()
    works = letters == "I"
    assert np.hypot(*(np.argwhere(works)[:, None] - np.argwhere(quay)[None]).transpose(2, 0, 1)).min() <= 3


@pytest.mark.parametrize("places", [(place,) for place in PLACES] + BLENDS, ids="+".join)
def test_every_kind_of_place_gives_a_sound_lattice(places):
    made = plan(brief(" ".join(places), *places), 1)
    letters = letters_of(made.lattice)
    assert set(np.unique(letters)) <= set(SYMBOLS)
    homes, dry = built(letters), letters != "W"
    assert homes.mean() > 0.04
    assert len(np.unique(labelled(dry)[0][homes])) == 1, "all built cells hang together over land and bridges"
    assert labelled(letters == "#")[1] == 1, "the main roads are one network"
    assert np.array_equal(at_cells(made.heights) < 0, wet(letters)), "water lies under water, land does not"


@pytest.mark.parametrize(
    ("places", "letters"),
    [(("neon",), "T"), (("industrial",), "I"), (("campus",), "E"), (("suburb",), "S"), (("medieval",), "O"), (("ruins",), "X"),
     (("vineyard",), "Y"), (("farm",), "A"), (("forest",), "F"), (("desert",), "D"), (("mountain",), "M"), (("hills",), "H"),
     (("island",), "WB"), (("river",), "W"), (("canal",), "W"), (("oasis",), "WD"), (("resort",), "BW")],
)  # fmt: skip
def test_places_are_made_of_their_own_letters(places, letters):
    found = letters_of(plan(brief("", *places), 2).lattice)
    for letter in letters:
        assert (found == letter).mean() > 0.015


@pytest.mark.parametrize("side", ["north", "south", "east", "west", "southeast"])
def test_sides_are_kept(side):
    way = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0), "southeast": (0.7, -0.7)}[side]
    made = plan(replace(RAINY_HARBOR, relations=(relation("sea", "in", side=side),)), 3)
    rows, columns = np.nonzero(letters_of(made.lattice) == "W")
    assert (columns.mean() - 15.5) * way[0] - (rows.mean() - 15.5) * way[1] > 4
    assert f"sea to the {'south-east' if side == 'southeast' else side}" in describe(made)


def test_mountains_stand_where_they_are_asked_and_are_high():
    made = plan(brief("", "mountain", "village", relations=[relation("mountain", "north-of", "town")]), 0)
    rows = np.nonzero(letters_of(made.lattice) == "M")[0]
    assert rows.mean() < 12
    assert 0.12 * made.size_m < made.heights.max() <= 0.45 * made.size_m


@pytest.mark.parametrize(
    "places", [("harbor", "town"), ("mountain",), ("hills", "vineyard"), ("island",)], ids="+".join
)
def test_streets_can_keep_to_twelve_in_a_hundred(places):
    gradient, letter, inland = slope(plan(brief("", *places), 0))
    town = is_any(letter, "ROSCTIVEX") & inland
    assert np.quantile(gradient[town], 0.98) < 0.12


def test_quays_are_level_and_the_sea_is_deep():
    made = plan(RAINY_HARBOR, 1)
    quay = at_cells(made.heights)[letters_of(made.lattice) == "Q"]
    assert quay.min() >= 1.6
    assert quay.max() <= 2.2
    assert -9.0 < made.heights.min() < -4.0


def test_rivers_are_two_metres_deep_and_bridged():
    made = plan(brief("", "river", "town"), 1)
    assert -6.0 < made.heights.min() <= -1.5
    letters = letters_of(made.lattice)
    assert (wet(letters) & (letters == "#")).any()
    assert made.waters[0].kind == "river"


def test_heights_grow_with_the_map_and_rows_begin_in_the_south():
    small, large = plan(RAINY_HARBOR, 0), plan(RAINY_HARBOR, 0, size_m=3000.0)
    assert small.heights.shape == (129, 129)
    assert large.heights.shape == (513, 513)
    assert small.heights.dtype == np.float32
    rows = np.nonzero(letters_of(small.lattice) == "W")[0]
    assert (small.heights[:64] < 0).mean() > (small.heights[64:] < 0).mean() or rows.mean() < 16


def test_sizes_follow_the_words():
    assert plan(RAINY_HARBOR).size_m == 512.0
    assert plan(brief("", "village")).size_m < 512.0 < plan(brief("", "city")).size_m
    assert plan(brief("", "town", size_m=2000.0)).size_m == 2000.0
    assert plan(brief("", "town", size_m=2000.0), size_m=500.0).size_m == 500.0
    assert plan(brief("", "town", things=[thing("house", 900, 1000)])).size_m > 1000.0


@pytest.mark.parametrize(("asked", "given"), [(9.0, 240.0), (90_000.0, 6000.0)])
def test_sizes_out_of_range_are_clamped_and_said(asked, given):
    made = plan(brief("", "town", size_m=asked))
    assert made.size_m == given
    assert any("240 to 6000" in note for note in made.notes)


def test_what_is_not_a_size_is_refused():
    with pytest.raises(InvalidPlan, match="size_m is nan"):
        plan(RAINY_HARBOR, size_m=float("nan"))


def test_a_given_lattice_is_kept():
    given = plan(brief("", "lake"), 4).lattice
    made = plan(RAINY_HARBOR, 0, lattice=given)
    assert made.lattice == given
    assert np.array_equal(at_cells(made.heights) < 0, wet(letters_of(given)))


def test_a_given_lattice_with_a_fault_is_refused_by_row_and_column():
    rows = ["G" * 32] * 31 + ["G" * 4 + "?" + "G" * 27]
    with pytest.raises(InvalidPlan, match=r"row 32, column 5 is '\?'"):
        plan(RAINY_HARBOR, 0, lattice=tuple(rows))


def test_given_heights_decide_where_the_water_is():
    east = np.linspace(-12.0, 30.0, 200)
    made = plan(RAINY_HARBOR, 0, heights=np.tile(east, (200, 1)))
    letters = letters_of(made.lattice)
    assert (letters[:, :7] == "W").all()
    assert not (letters[:, 12:] == "W").any()
    assert built(letters).mean() > 0.2
    n = len(made.heights)
    np.testing.assert_allclose(made.heights[n // 2], np.linspace(-12, 30, n), atol=0.3)


def test_given_heights_far_above_the_sea_come_down_to_it_with_a_note():
    made = plan(brief("", "village"), 0, heights=np.full((64, 64), 812.0) + np.arange(64) * 0.2)
    assert made.heights.min() == pytest.approx(2.0, abs=0.02)
    assert any("-810.0 m" in note for note in made.notes)


def test_steep_given_ground_is_not_built_on():
    x = np.linspace(-1, 1, 129)
    cone = 200 * np.maximum(0.8 - np.hypot(x[None, :], x[:, None]), 0)
    letters = letters_of(plan(brief("", "village"), 0, heights=cone).lattice)
    assert not built(letters)[14:18, 14:18].any()
    assert is_any(letters, "HM").mean() > 0.2


def test_flat_heights_leave_the_water_to_the_words():
    made = plan(RAINY_HARBOR, 0, heights=np.zeros((40, 40)))
    assert (letters_of(made.lattice) == "W").mean() > 0.2
    assert any("flat" in note for note in made.notes)


def test_heights_without_land_are_refused():
    sunk = np.linspace(-30.0, -2.0, 1600).reshape(40, 40)
    with pytest.raises(InvalidPlan, match="under water at its highest"):
        plan(brief("", "village"), 0, heights=sunk)


def test_agents_and_name_come_along():
    made = plan(replace(RAINY_HARBOR, agents=(COURIERS,)), 5)
    assert (made.agents[0].kind, made.agents[0].count, made.agents[0].vehicle) == ("courier", 4, "scooter")
    assert made.name == "a-rainy-harbor-town-5"
    assert made.brief.prompt == "a rainy harbor town"


def test_somebody_can_act_in_every_town_unless_nobody_shall():
    assert [(who.kind, who.count, who.vehicle) for who in plan(RAINY_HARBOR, 5).agents] == [("courier", 2, "foot")]
    lonely = replace(RAINY_HARBOR, things=(*RAINY_HARBOR.things, thing("person", 0, 0)))
    assert plan(lonely, 5).agents == ()


def test_retheming_keeps_the_lattice_and_changes_the_sky():
    made = plan(RAINY_HARBOR, 2)
    themed = retheme(made, brief("at night, in snow", weather=["snow"], time_of_day="night"))
    assert themed.lattice == made.lattice
    assert themed.heights is made.heights
    assert themed.landmarks == made.landmarks
    assert themed.environment.snow_cover == 0.9
    assert themed.environment.rain == 0.0
    assert themed.environment.lamps_lit
    assert themed.look.style == made.look.style
    other = retheme(made, brief("as a medieval town", style=["medieval"]))
    assert other.look.style == "medieval"
    assert other.environment.rain == made.environment.rain


def test_the_description_names_water_share_and_weather():
    line = describe(plan(RAINY_HARBOR, 0))
    assert line.startswith("32×32 lattice, 512 m: sea to the ")
    assert "% built" in line
    assert line.endswith("wet, rain, autumn, 16:30, lamps lit")
