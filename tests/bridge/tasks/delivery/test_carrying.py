"""Fetching and bringing: at the door only, paid less when late, rated lower when cold, tipped when left as wished."""

from dataclasses import replace

import pytest

from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand, Food, Pay
from tests.bridge.tasks.delivery.street import Street
from tests.bridge.tasks.delivery.test_market import ONE, THREE, TWO, fetched, won

PATIENT = Pay(fails_at=10.0)
TASK = make(Config(agents=3, hours=2.0, most_orders=3, pay=PATIENT, demand=Demand(orders_per_agent_h=15.0)))


@pytest.fixture
def street() -> Street:
    return Street(task=TASK, seed=2)


def brought(street: Street, order, name: str = ONE, *, method: str = "") -> dict:
    """Drops an order off; the event of its delivery."""
    street.put(name, order.home)
    assert street.do(name, "drop_off", order.id, method=method or order.wish) == ""
    return next(event for event in street.events if event["kind"] == "delivered" and event["order"] == order.id)


def test_food_is_fetched_at_the_shop_s_door_when_it_is_ready(street):
    order = won(street)
    street.put(ONE, order.home)
    assert "you must be within 3 m" in street.do(ONE, "pick_up_order", order.id)
    street.put(ONE, order.shop)
    if street.shift.now_s < order.ready_s:
        assert "is ready in" in street.do(ONE, "pick_up_order", order.id)
        street.go(order.ready_s - street.shift.now_s + 1)
    assert "you have no part in it" in street.do(TWO, "pick_up_order", order.id)
    assert street.do(ONE, "pick_up_order", order.id) == ""
    assert "you must be within 3 m" in street.do(ONE, "drop_off", order.id)


def test_who_says_they_are_there_is_not_believed(street):
    order = fetched(street)
    street.step({})
    at = street.shift.world.places.doors[order.home, :2] + [3.2, 0.0]
    street.put(ONE, at)
    assert "3 m from you" in street.do(ONE, "drop_off", order.id)
    assert street.shift.orders[order.id].state == "carried"


def test_quick_and_warm_food_is_paid_whole_with_tip_and_bonus(street):
    order = fetched(street)
    had = street.money(ONE)
    paid = brought(street, order)
    assert paid["stars"] == 5
    assert paid["paid"] == pytest.approx(order.price / 100)
    assert paid["tip"] == pytest.approx(round(0.15 * order.price) / 100)
    assert paid["bonus"] == 3.0
    assert street.money(ONE) - had == pytest.approx(paid["paid"] + paid["tip"] + paid["bonus"])
    assert street.outcomes[ONE].reward == pytest.approx(street.money(ONE) - had)


def test_food_left_otherwise_than_wished_is_not_tipped(street):
    order = fetched(street)
    paid = brought(street, order, method="door" if order.wish == "hand" else "hand")
    assert paid["tip"] == 0.0
    assert paid["stars"] == 5


def test_what_comes_late_is_paid_by_time_allowed_over_time_taken(street):
    order = fetched(street)
    street.go(order.placed_s + 1.25 * order.allowed_s - street.shift.now_s)
    paid = brought(street, order)
    assert paid["ratio"] == pytest.approx(1.25, abs=0.01)
    assert paid["paid"] == pytest.approx(order.price / 100 / 1.25, abs=0.02)
    assert paid["stars"] <= 4
    assert street.shift.couriers[ONE].tally.on_time == 0


def test_however_late_half_the_pay_is_left(street):
    order = fetched(street)
    street.go(order.placed_s + 3.0 * order.allowed_s - street.shift.now_s, step_s=5.0)
    paid = brought(street, order)
    assert paid["paid"] == pytest.approx(order.price / 200, abs=0.01)
    assert paid["bonus"] <= 0.0


def test_cold_food_loses_stars_and_a_thermal_bag_saves_some():
    freezing = replace(
        TASK.config, food=replace(Food(), cooling_per_s=1 / 300), pay=replace(PATIENT, allowed_base_s=5000.0)
    )
    temperatures = {}
    for has_bag in (False, True):
        street = Street(task=make(freezing), seed=2)
        if has_bag:
            dealer = next(row for row, shop in street.shift.world.places.shop_at.items() if "thermal-bag" in shop.sells)
            street.put(ONE, dealer)
            assert street.do(ONE, "buy", item="thermal-bag") == ""
        order = fetched(street)
        street.go(600.0, step_s=5.0)
        note = next(row for row in street.task.shows(street.shift, street.state(), ONE)["orders"]["mine"])
        temperatures[has_bag] = note["temperature_c"]
        if not has_bag:
            assert brought(street, order)["stars"] < 5
    serve, room = street.shift.items[street.shift.food_of(ONE)[0].name].temp_c, 22.0
    assert abs(temperatures[True] - room) > abs(temperatures[False] - room)
    assert abs(serve - room) > abs(temperatures[True] - room)


def test_a_full_bag_takes_no_more_and_the_rest_waits_in_the_shop():
    street = Street(task=make(replace(TASK.config, bag_slots=1)), seed=2)
    order = fetched(street)
    while len(order.dishes) < 2:
        brought(street, order)
        order = fetched(street)
    assert len(street.shift.food_of(ONE)) == 1
    assert "wait in the shop" in street.shift.news[ONE]
    assert "Your bag is full" in street.do(ONE, "pick_up_order", order.id)
    street.put(ONE, order.home)
    street.do(ONE, "drop_off", order.id, method=order.wish)
    assert "are missing" in street.shift.news[ONE]
    assert street.shift.orders[order.id].state == "carried"


def test_a_collision_jolts_what_is_in_the_bag_once_while_it_lasts(street):
    order = fetched(street)
    fragile = max(street.shift.food_of(ONE), key=lambda item: item.damage)
    street.touching = ((ONE, "bench-1"), (ONE, "terrain"), (THREE, "bench-1"))
    street.go(3.0)
    street.touching = ()
    street.go(1.0)
    assert street.shift.couriers[ONE].tally.collisions == 1
    assert street.shift.gauge(ONE, "jolt") == pytest.approx(0.08)
    assert fragile.damage == 0.0
    note = next(row for row in street.task.shows(street.shift, street.state(), ONE)["orders"]["mine"])
    assert note["id"] == order.id
    assert note["damage_pct"] > 0.0
