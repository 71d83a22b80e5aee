"""The market: the lowest acceptable bid wins, orders are shared and handed over, and nobody waits for ever."""

import pytest

from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand
from tests.bridge.tasks.delivery.street import Street

TASK = make(Config(agents=3, hours=1.0, most_orders=2, demand=Demand(orders_per_agent_h=20.0, unclaimed_s=300.0)))
ONE, TWO, THREE = "courier-1", "courier-2", "courier-3"


@pytest.fixture
def street() -> Street:
    return Street(task=TASK, seed=1)


def won(street: Street, name: str = ONE):
    """An order that is somebody's."""
    order = street.order()
    assert street.do(name, "accept", order.id) == ""
    street.go(TASK.config.demand.bidding_s + 1)
    assert street.shift.orders[order.id].agent == name
    return street.shift.orders[order.id]


def fetched(street: Street, name: str = ONE):
    """An order that somebody carries."""
    order = won(street, name)
    street.go(max(order.ready_s - street.shift.now_s, 0.0) + 1.0)
    street.put(name, order.shop)
    assert street.do(name, "pick_up_order", order.id) == ""
    return street.shift.orders[order.id]


def test_the_lowest_bid_wins_at_its_own_price(street):
    order = street.order()
    for name, price in ((ONE, 3.5), (TWO, 2.75), (THREE, 3.0)):
        assert street.do(name, "bid", order.id, price=price) == ""
    assert street.shift.orders[order.id].state == "open"
    street.go(46.0)
    order = street.shift.orders[order.id]
    assert (order.agent, order.price, order.state) == (TWO, 275, "assigned")


def test_of_equal_bids_the_earlier_wins_and_then_the_first_name(street):
    order = street.order()
    street.do(THREE, "bid", order.id, price=3.0)
    street.do(ONE, "bid", order.id, price=3.0)
    street.go(46.0)
    assert street.shift.orders[order.id].agent == THREE


def test_a_new_bid_replaces_the_old_one_and_loses_its_place_in_time(street):
    order = street.order()
    street.do(ONE, "bid", order.id, price=3.0)
    street.do(TWO, "bid", order.id, price=3.0)
    street.do(ONE, "bid", order.id, price=3.0)
    street.go(46.0)
    assert street.shift.orders[order.id].agent == TWO


def test_bids_above_the_pay_or_after_the_window_are_refused_with_the_reason(street):
    order = street.order()
    assert f"$0.01 to ${order.pay / 100:.2f}" in street.do(ONE, "bid", order.id, price=order.pay / 100 + 0.01)
    street.go(46.0)
    assert "Bidding for" in street.do(ONE, "bid", order.id, price=1.0)


def test_who_has_enough_orders_does_not_win(street):
    for _ in range(2):
        won(street, ONE)
    order = street.order()
    street.do(ONE, "bid", order.id, price=1.0)
    street.do(TWO, "bid", order.id, price=4.0)
    street.go(46.0)
    assert street.shift.orders[order.id].agent == TWO
    order = street.order()
    assert "You have 2 orders already" in street.do(ONE, "accept", order.id)


def test_an_order_without_bids_goes_to_the_first_who_accepts_it_at_its_pay(street):
    order = street.order()
    street.go(46.0)
    assert street.do(TWO, "accept", order.id) == ""
    assert "courier-2 has it" in street.do(ONE, "accept", order.id)
    order = street.shift.orders[order.id]
    assert (order.agent, order.price) == (TWO, order.pay)


def test_an_order_that_nobody_takes_is_withdrawn(street):
    order = street.order()
    street.go(301.0)
    assert street.shift.orders[order.id].state == "expired"
    assert order.id not in street.shift.live


def test_an_order_can_be_given_back_until_it_is_fetched(street):
    order = won(street)
    assert street.do(ONE, "decline", order.id) == ""
    assert street.shift.orders[order.id].state == "open"
    assert street.do(TWO, "accept", order.id) == ""  # at once: bids were taken before
    assert street.shift.orders[order.id].agent == TWO
    order = fetched(street, THREE)
    assert "You carry food" in street.do(THREE, "decline", order.id)


def test_the_customer_gives_up_at_twice_the_time_and_the_courier_pays(street):
    order = fetched(street)
    money = street.money(ONE)
    street.go(order.placed_s + 2 * order.allowed_s - street.shift.now_s + 1)
    order = street.shift.orders[order.id]
    assert order.state == "failed"
    assert street.money(ONE) == pytest.approx(money - 2.0)
    assert street.shift.food_of(ONE) == ()
    assert street.shift.couriers[ONE].tally.failed == 1


def test_a_partner_gets_the_offered_part_of_the_pay(street):
    order = won(street)
    assert street.do(ONE, "share", order.id, **{"with": TWO, "part": 0.4}) == ""
    assert "accept it?" in street.shift.news[TWO]
    assert street.do(TWO, "accept", order.id) == ""
    street.go(max(order.ready_s - street.shift.now_s, 0.0) + 1)
    street.put(TWO, order.shop)
    assert street.do(TWO, "pick_up_order", order.id) == ""
    street.put(TWO, order.home)
    had = {name: street.money(name) for name in (ONE, TWO)}
    assert street.do(TWO, "drop_off", order.id, method=order.wish) == ""
    (paid,) = [event for event in street.events if event["kind"] == "delivered"]
    part = round(0.4 * order.price) / 100
    assert street.money(TWO) - had[TWO] == pytest.approx(part)
    assert street.money(ONE) - had[ONE] == pytest.approx(order.price / 100 - part + paid["tip"] + paid["bonus"])
    assert street.shift.couriers[ONE].tally.shared == 1


def test_two_can_carry_one_order_and_the_last_item_completes_it(street):
    order = won(street)
    while len(order.dishes) < 2:
        street.do(ONE, "decline", order.id)
        order = won(street)
    street.do(ONE, "share", order.id, **{"with": TWO})
    street.do(TWO, "accept", order.id)
    street.go(max(order.ready_s - street.shift.now_s, 0.0) + 1)
    for name in (ONE, TWO):
        street.put(name, order.shop)
    assert street.do(ONE, "pick_up_order", order.id, items=1) == ""
    assert street.do(TWO, "pick_up_order", order.id) == ""
    assert len(street.shift.food_of(TWO)) == len(order.dishes) - 1
    for name, state in ((TWO, "carried"), (ONE, "delivered")):
        street.put(name, order.home)
        assert street.do(name, "drop_off", order.id, method=order.wish) == ""
        assert street.shift.orders[order.id].state == state


def test_food_goes_from_hand_to_hand_only_where_hands_meet(street):
    order = fetched(street)
    assert street.do(ONE, "hand_over", order.id, to=TWO) == ""
    street.put(TWO, street.poses[ONE][:2] + [30.0, 0.0])
    assert "Meet within 3 m" in street.do(TWO, "take_over", order.id)
    street.put(TWO, street.poses[ONE][:2] + [1.0, 0.0])
    assert street.do(TWO, "take_over", order.id) == ""
    assert street.shift.orders[order.id].agent == TWO
    assert street.shift.food_of(ONE) == ()
    assert len(street.shift.food_of(TWO)) == len(order.dishes)
    assert street.shift.couriers[ONE].tally.handed_over == 1


def test_an_order_still_in_the_shop_is_handed_over_from_afar(street):
    order = won(street)
    street.do(ONE, "hand_over", order.id, to=TWO)
    street.put(TWO, street.poses[ONE][:2] + [60.0, 0.0])
    assert "Nobody offers" in street.do(THREE, "take_over", order.id)
    assert street.do(TWO, "take_over", order.id) == ""
    assert street.shift.orders[order.id].agent == TWO


@pytest.mark.parametrize(
    ("verb", "target", "text", "reason"),
    [
        ("bid", "order-1", "", '"price" is'),
        ("bid", "order-1", '{"price": "cheap"}', "give a number"),
        ("bid", "order-1", "3.5", "Arguments are a JSON object"),
        ("bid", "order-999", '{"price": 3}', "No order named 'order-999'"),
        ("share", "order-1", '{"with": "nobody"}', "No courier named 'nobody'"),
        ("share", "order-1", '{"with": "courier-1"}', "yourself"),
        ("take_over", "order-1", "", "Nobody offers"),
        ("drop_off", "order-1", "", "You carry nothing"),
        ("drop_off", "order-1", '{"method": "window"}', 'food is given to "hand" or left at the "door"'),
        ("pick_up_order", "order-1", "", "you have no part in it"),
        ("decline", "order-1", "", "nothing to decline"),
        ("accept_request", "request-1", "", "The board is empty"),
    ],
)
def test_what_cannot_be_done_says_why_before_and_after(street, verb, target, text, reason):
    from bridge.engine import Action, Skill

    street.order()
    action = Action(Skill(verb, target, text))
    assert reason in street.task.refuses(street.shift, street.state(), ONE, action)
    before = street.shift
    street.step({ONE: action})
    assert reason in street.shift.failures[ONE]
    assert street.task.affairs(street.shift, ONE).failure == street.shift.failures[ONE]
    assert street.shift.orders == before.orders
    assert street.shift.ledger is before.ledger
    assert street.shift.couriers[ONE].tally.refused == 1


def test_nobody_takes_over_more_than_fits_into_the_bag():
    street = Street(task=make(Config(agents=2, hours=1.0, demand=Demand(orders_per_agent_h=30.0))), seed=1)
    order = fetched(street)
    street.shift = street.shift.with_courier(TWO, slots=len(order.dishes) - 1)
    street.put(TWO, street.poses[ONE][:2])
    street.do(ONE, "hand_over", order.id, to=TWO)
    assert "do not fit into your bag" in street.do(TWO, "take_over", order.id)
    assert len(street.shift.food_of(ONE)) == len(order.dishes)
