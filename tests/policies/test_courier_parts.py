"""What scripted couriers are made of: distances learned, orders valued, routes searched. Numbers are worked by hand."""

import itertools
import math
from dataclasses import fields, replace

import pytest

from bridge.tasks.delivery.config import Body, Config, Demand, Food, Pay, Transport
from bridge.tasks.delivery.terms import terms
from policies.courier import care
from policies.courier.atlas import Atlas
from policies.courier.burden import burden_s, price
from policies.courier.legs import Legs
from policies.courier.margin import Margin
from policies.courier.routes import Terms, best_route, gain, hopeless, inserted, judged, visits
from policies.courier.rules import Rules, rules
from policies.courier.search import chosen
from policies.courier.situation import Situation, read
from policies.courier.takings import Takings
from policies.courier.worth import worth
from tests.policies.seen import NOTES, order, seen


def situation(**parts) -> Situation:
    """The notes with parts replaced, read."""
    now = read(seen(notes={**NOTES, **parts}))
    assert now is not None
    return now


def on_foot(**more) -> dict:
    return {**NOTES["me"], "owns_scooter": False, "battery_pct": None, "energy_pct": 100.0, **more}


def line(number: int, shop_at: float, to_at: float, **more) -> dict:
    """An order on a straight street: its shop and its customer so many metres along it, from where the courier stands at 0."""
    return {
        **order(number, shop=f"shop {shop_at}", shop_address=f"{shop_at:g} Line", to=f"{to_at:g} Line"),
        "shop_away_m": abs(shop_at), "trip_m": abs(to_at - shop_at), "shop_xy_m": [shop_at, 0.0], "to_xy_m": [to_at, 0.0],
        "ready_s": 0.0, "bids_end_s": 105.0, "deadline_s": 1260.0, **more,
    }  # fmt: skip


def terms_of(*orders: dict, per_s: float = 0.01) -> Terms:
    now = situation(me=on_foot(at_xy_m=[0.0, 0.0]), orders={"open": list(orders), "mine": []}, shops=[])
    atlas = Atlas()
    atlas.learn(now)
    return Terms.of(now, atlas, per_s=per_s)


def test_distances_told_at_an_address_are_known_from_there_ever_after():
    atlas = Atlas()
    atlas.learn(situation(me=on_foot(near="1 Home Lane")))
    atlas.learn(situation(me=on_foot(near="", at_xy_m=[400.0, 0.0]), shops=[]))
    assert atlas.metres("1 Home Lane", "8 Mill Lane") == atlas.metres("8 Mill Lane", "1 Home Lane") == 120.0
    assert atlas.metres("3 Mill Lane", "14 Quay Street") == 340.0
    assert atlas.metres("3 Mill Lane", "3 Mill Lane") == 0.0


def test_unknown_ways_are_guessed_from_both_ends_distances():
    atlas = Atlas()
    atlas.learn(situation(orders={"open": [], "mine": []}))
    assert atlas.metres("3 Mill Lane", "8 Mill Lane") == pytest.approx(math.hypot(120.0, 60.0))


def test_an_order_in_time_brings_pay_tip_and_bonus_and_a_late_one_less():
    now = situation(orders={"open": [line(1, 100, 300)], "mine": []})
    one = now.open[0]  # placed at 60 s, 1200 s allowed
    assert worth(one, 1260.0, 300.0, now.rules) == pytest.approx(8.0 * 1.15 + 3.0)
    assert worth(one, 60 + 1.2 * 1200, 300.0, now.rules) == pytest.approx(
        8.0 / 1.2 + 0.8 + 1.5
    )  # 3 stars for time, 5 for food
    assert worth(one, 60 + 2.0 * 1200, 300.0, now.rules) == -2.0
    assert worth(one, 1260.0, 3600.0, now.rules) < worth(one, 1260.0, 300.0, now.rules)  # cold


def test_a_route_takes_its_ways_its_stops_and_the_wait_for_the_kitchen():
    terms = terms_of(line(1, 100, 300, ready_s=400.0))
    terms = replace(terms, now=replace(terms.now, ends_s=460.0))  # so little is left that metres cost no rest
    _, seconds = judged(visits(terms.orders["order-1"]), terms)
    pace = 1.0 / (2.0 * 0.9)
    assert seconds == pytest.approx((400.0 - 60.0) + 200.0 * pace + 1.0)


def test_two_orders_on_one_way_are_bundled():
    terms = terms_of(line(1, 150, 500), line(2, 200, 550))
    route = best_route(terms.orders.values(), terms)
    assert [(visit.what, visit.about) for visit in route] == [
        ("pick_up", "order-1"), ("pick_up", "order-2"), ("drop_off", "order-1"), ("drop_off", "order-2"),
    ]  # fmt: skip


def test_the_best_route_is_the_best_of_all_sequences():
    terms = terms_of(line(1, 50, 400), line(2, -80, 200), line(3, 120, -300))
    stops = [visit for one in terms.orders.values() for visit in visits(one)]
    every = (
        way
        for way in itertools.permutations(stops)
        if all(way.index(visits(one)[0]) < way.index(visits(one)[1]) for one in terms.orders.values())
    )
    assert gain(best_route(terms.orders.values(), terms), terms) == pytest.approx(
        max(gain(way, terms) for way in every)
    )


def test_a_full_bag_is_emptied_before_more_is_fetched():
    many = ["soup"] * 3
    terms = terms_of(line(1, 50, 400, food=many), line(2, 100, 450, food=many))
    route = best_route(terms.orders.values(), terms)
    whats = [(visit.what, visit.about) for visit in route]
    first = whats[0][1]
    assert whats.index(("drop_off", first)) == 1


def test_searching_sets_finds_what_trying_all_sets_finds():
    terms = terms_of(line(1, 50, 400), line(2, 100, 450), line(3, -500, -900), line(4, 60, 380), per_s=0.02)
    found = chosen([], list(terms.orders.values()), terms, room=2, beam=4, breadth=6)

    def of(pair):
        route = ()
        for one in pair:
            route, total = inserted(route, one, terms)
        return total

    every = max(of(pair) for pair in itertools.permutations(terms.orders.values(), 2))
    assert found.gain == pytest.approx(every)
    assert "order-3" not in {one.id for one in found.orders}


def test_an_order_that_comes_too_late_in_any_case_is_hopeless():
    late = line(2, 100, 300, deadline_s=70.0, bids_end_s=55.0, state="assigned")
    terms = terms_of(line(1, 50, 250, state="assigned"), late)
    assert [one.id for one in hopeless(list(terms.orders.values()), terms)] == ["order-2"]


def test_a_margin_never_asks_for_the_whole_pay():
    now = situation(orders={"open": [line(1, 100, 300)], "mine": []})
    assert Margin(1.0, raises=0.1, yields=0.1).ask(now.open[0], 5.0) == 7.99
    assert Margin(0.5, raises=0.1, yields=0.1).ask(now.open[0], 5.0) == 5.5


def test_time_is_worth_what_came_in_for_it():
    takings = Takings()
    for time_s, money in ((0.0, 100.0), (900.0, 118.0), (900.0, 38.0)):  # $18 earned, then $80 spent
        takings.look(situation(clock={**NOTES["clock"], "now_s": time_s}, me=on_foot(money=money)))
    assert takings.per_s == pytest.approx((0.008 * 900 + 18.0) / 1800.0)


def test_what_the_delivery_task_tells_by_default_are_the_rules_couriers_take_for_usual():
    usual, told = Rules(), rules({"setting": "competitive", "terms": terms(Config())})
    for item in fields(Rules):
        ours, theirs = getattr(usual, item.name), getattr(told, item.name)
        assert theirs == (pytest.approx(ours) if isinstance(ours, float) else ours), item.name


def test_rules_changed_in_the_task_reach_the_courier():
    config = Config(
        setting="mixed", demand=Demand(bidding_s=20.0), body=Body(per_m={**Body().per_m, "walk": 0.2}),
        pay=Pay(fails_at=3.0, late_least=0.25, failure_fee=7.0, tip_share=(0.0,) * 6, star_bonus=(0.0, 0, 0, 0, 0, 9)),
        food=Food(cooling_per_s=0.01, bag=0.5, weights=(0.2, 0.5, 0.3)),
        transport=Transport(battery_per_m=0.1, charge_pct_per_min=30.0),
    )  # fmt: skip
    told = rules({"setting": config.setting, "terms": terms(config)})
    assert told.is_pooled
    assert (told.gives_up, told.late_least, told.fee, told.bonus[5], told.tip_share[5]) == (3.0, 0.25, 7.0, 9.0, 0.0)
    assert (told.bidding_s, told.warmth_weight, told.other_weights) == (20.0, 0.2, pytest.approx(0.8))
    assert told.cooling_per_s == pytest.approx(0.005)
    assert told.walk_pct_per_m == pytest.approx(0.2)
    assert told.battery_pct_per_m == pytest.approx(0.1)
    assert told.charge_pct_per_s == pytest.approx(0.5)


def test_who_is_nearer_and_has_less_in_hand_has_less_trouble_with_an_order():
    terms = terms_of(line(1, 100, 300), line(2, -400, -600))
    near, far = terms.orders["order-1"], terms.orders["order-2"]
    assert burden_s((), visits(near), near, terms) < burden_s((), visits(far), far, terms)
    busy = burden_s(visits(far), (*visits(far), *visits(near)), near, terms)
    assert busy > burden_s((), visits(near), near, terms) + 60.0


def test_the_less_the_trouble_the_lower_the_bid_and_never_above_the_pay():
    one = terms_of(line(1, 100, 300)).orders["order-1"]
    asked = [price(one, trouble_s) for trouble_s in (-50.0, 0.0, 130.0, 290.0, 1e6)]
    assert asked == [7.95, 7.95, 7.97, 7.99, 8.0]


def test_a_scooter_is_as_fast_as_the_ways_gone_with_it():
    now = situation(me={**NOTES["me"], "pace_m_s": {"walk": 1.7, "scooter": 5.0}})
    legs = Legs()
    assert legs.scooter_m_s(5.0) == pytest.approx(3.0)  # told ones count six tenths: 150 m in 50 s
    legs.set_out(now, "3 Mill Lane", 210.0)
    legs.set_out(replace(now, now_s=now.now_s + 60.0), "3 Mill Lane", 90.0)  # the same way goes on
    legs.arrived(replace(now, now_s=now.now_s + 150.0), "3 Mill Lane")
    assert legs.scooter_m_s(5.0) == pytest.approx((150.0 + 210.0) / (50.0 + 150.0))


def test_energy_is_bought_only_as_far_as_the_shift_will_take_it():
    meals = {"name": "Inn", "address": "1 Inn Lane", "sells": {"energy-drink": 4.0}, "away_m": 0.0}
    for ends_s, expected in ((700.0, None), (7200.0, "buy")):
        now = situation(clock={**NOTES["clock"], "ends_s": ends_s}, me=on_foot(near="1 Inn Lane", energy_pct=70.0),
                        shops=[meals])  # fmt: skip
        bought = care.treat(now, 0.04)
        assert (bought and bought.what) == expected
