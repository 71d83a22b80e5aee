"""What parcels are for: landmarks near their place, numbers as asked, nothing that must be absent."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from bridge.scene import Environment
from scene_gen.brief import Brief, Source, Thing
from scene_gen.build.houses.uses import USES, assign_uses
from scene_gen.build.site import Parcel
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import BUILT, Landmark, Look, Plan

SEED = 3


def plan(*, style="modern", density=None, **options):
    look = Look(style=style, density=density or {})
    return Plan(
        "test", Brief("test"), 512.0, ("R" * 32,) * 32, np.zeros((33, 33), np.float32), Environment(), look, **options
    )


def town(zones="QROSCTIVE", rows=2, columns=8):
    """Rows of parcels, a zone a block, 20 m × 30 m each (9 m × 20 m and attached in the old town)."""
    lots = []
    for k, zone in enumerate(zones):
        for row in range(rows):
            for column in range(columns):
                width, depth = (9.0, 20.0) if zone in "OR" else (20.0, 30.0)
                x, y = column * width - 80.0, k * 80.0 + row * 40.0 - 300.0
                ring = np.array([(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)])
                lots.append(
                    Parcel(
                        f"{zone}{row}-{column}", ring, ring[:2].copy(), 0.0, zone, "Lane", column + 1, "", zone in "OR"
                    )
                )
    return lots


def count(parcels, kind):
    return sum(parcel.use in members(kind) for parcel in parcels)


def test_every_building_kind_is_a_use():
    assert set(USES) == {k.name for k in KINDS.values() if k.realised == "building" and not k.members}


def test_parcels_stay_the_same_but_for_their_use():
    before = town()
    after = assign_uses(plan(), before, seed=SEED)
    assert [p.name for p in after] == [p.name for p in before]
    assert all(a.polygon is b.polygon and a.number == b.number for a, b in zip(after, before, strict=True))
    assert {p.use for p in after} <= {*USES, ""}


def test_the_same_seed_assigns_the_same_uses():
    first, again, other = (assign_uses(plan(), town(), seed=s) for s in (1, 1, 2))
    assert [p.use for p in first] == [p.use for p in again]
    assert [p.use for p in first] != [p.use for p in other]


def test_zones_get_what_belongs_there():
    lots = assign_uses(plan(), town(), seed=SEED)
    by_zone = {zone: Counter(p.use for p in lots if p.zone == zone) for zone in BUILT}
    assert by_zone["S"]["house"] > 6
    assert by_zone["I"]["warehouse"] + by_zone["I"]["factory"] + by_zone["I"]["workshop"] > 8
    assert by_zone["T"]["skyscraper"] > 4
    assert by_zone["S"]["skyscraper"] == by_zone["S"]["factory"] == 0


@pytest.mark.parametrize("bounds", [(20, 20), (3, 5), (0, 0), (60, None)])
def test_numbers_are_met(bounds):
    least, most = bounds
    lots = assign_uses(plan(amounts={"house": bounds}), town(), seed=SEED)
    assert least <= count(lots, "house") <= (most if most is not None else len(lots))


def test_twenty_houses_are_not_joined_by_cottages_nobody_counted():
    lots = assign_uses(plan(amounts={"house": (20, 20)}), town(), seed=SEED)
    assert count(lots, "home") == 20


def test_groups_are_counted_with_their_members():
    lots = assign_uses(plan(amounts={"building": (30, 40), "shop": (6, 6), "church": (2, 2)}), town(), seed=SEED)
    assert 30 <= count(lots, "building") <= 40
    assert count(lots, "shop") == 6
    assert count(lots, "church") == 2


def test_what_must_be_absent_is_absent():
    lots = assign_uses(plan(absent=("shop", "home")), town(), seed=SEED)
    assert count(lots, "shop") == count(lots, "home") == 0


def test_landmarks_go_to_the_nearest_parcel_that_fits():
    mark = Landmark("church", 1, at=(0.0, 100.0), radius_m=60.0, attributes=("white",), clause=4)
    lots = assign_uses(plan(landmarks=(mark,)), town(), seed=SEED)
    church = next(p for p in lots if p.clause == 4)
    assert church.use == "church"
    assert "white" in church.attributes
    assert np.hypot(*(church.polygon.mean(axis=0) - [0.0, 100.0])) < 90.0


def test_a_landmark_already_carried_is_not_built_twice():
    lots = town()
    lots[5] = replace(lots[5], use="church", clause=4)
    after = assign_uses(plan(landmarks=(Landmark("church", 1, at=(0.0, 0.0), clause=4),)), lots, seed=SEED)
    assert [p.name for p in after if p.use == "church"] == [lots[5].name]


def test_density_empties_parcels():
    lots = assign_uses(plan(density={"S": 0.3}), town(), seed=SEED)
    built = [p for p in lots if p.zone == "S" and p.use]
    assert 1 <= len(built) <= 9, "of 16"


def test_no_parcels_no_uses():
    assert assign_uses(plan(), [], seed=SEED) == ()


@pytest.mark.parametrize("style", ["medieval", "arabic", "neon", "rustic"])
def test_styles_keep_out_what_does_not_belong_to_them(style):
    lots = assign_uses(plan(style=style), town(), seed=SEED)
    if style == "medieval":
        assert not {"skyscraper", "gas-station", "office", "factory"} & {p.use for p in lots}
    assert count(lots, "building") > 100


@pytest.mark.parametrize("kind", ["cabin", "villa", "townhouse"])
def test_most_houses_are_of_the_kind_that_the_place_is_made_of(kind):
    base = plan()
    made = assign_uses(replace(base, look=replace(base.look, homes={kind: 1.0})), town("RSO"), seed=SEED)
    homes = [p for p in made if p.use in members("home")]
    wide_enough = [p for p in homes if kind != "villa" or not p.is_attached]
    assert sum(p.use == kind for p in wide_enough) > 0.8 * len(wide_enough)


def test_a_city_of_skyscrapers_is_mostly_skyscrapers():
    base = plan()
    made = assign_uses(replace(base, look=replace(base.look, homes={"skyscraper": 1.0})), town("TTC"), seed=SEED)
    assert count(made, "skyscraper") > 0.7 * sum(p.use != "" for p in made)


def test_adjectives_of_an_uncounted_kind_are_those_of_every_one_and_of_no_other():
    white = Brief("white villas", things=(Thing("villa", 2, None, Source("white villas", 0, 12), ("white",)),))
    made = assign_uses(replace(plan(), brief=white), town("S"), seed=SEED)
    assert count(made, "villa") > 2
    assert all(("white" in p.attributes) == (p.use == "villa") for p in made)
