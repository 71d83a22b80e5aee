"""The help board: a bounty leaves the pocket when it is posted, and goes to the helper or back, never anywhere else."""

import pytest

from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand
from tests.bridge.tasks.delivery.street import Street
from tests.bridge.tasks.delivery.test_market import won

ONE, TWO, THREE = "courier-1", "courier-2", "courier-3"
TASK = make(Config(agents=3, hours=0.5, request_s=120.0, demand=Demand(orders_per_agent_h=20.0)))


@pytest.fixture
def street() -> Street:
    street = Street(task=TASK, seed=5)
    assert street.do(ONE, "post_request", text="Buy me a drink, please", bounty=7.5) == ""
    return street


def test_a_bounty_is_in_escrow_from_the_moment_it_is_posted(street):
    assert street.money(ONE) == 92.5
    assert street.shift.ledger.balance("escrow request-1") == 750
    assert "asks for help" in street.shift.news[TWO]
    shown = street.task.shows(street.shift, street.state(), TWO)["board"]
    assert shown[0]["text"] == "Buy me a drink, please"
    assert "costs $99.00 and you have $92.50" in street.do(ONE, "post_request", text="More", bounty=99)


def test_the_one_who_asked_confirms_and_the_helper_is_paid(street):
    assert "is your own" in street.do(ONE, "accept_request", "request-1")
    assert street.do(TWO, "accept_request", "request-1") == ""
    assert "accepted by courier-2" in street.do(THREE, "accept_request", "request-1")
    assert street.do(ONE, "confirm_request", "request-1") == ""
    assert (street.money(ONE), street.money(TWO)) == (92.5, 107.5)
    assert "nothing to confirm" in street.do(ONE, "confirm_request", "request-1")


def test_silence_after_a_report_is_consent(street):
    street.do(TWO, "accept_request", "request-1")
    street.do(TWO, "confirm_request", "request-1")
    assert "reports request-1 done" in street.shift.news[ONE]
    street.go(119.0)
    assert street.money(TWO) == 100.0
    street.go(2.0)
    assert street.money(TWO) == 107.5


def test_who_objects_opens_the_request_again(street):
    street.do(TWO, "accept_request", "request-1")
    street.do(TWO, "confirm_request", "request-1")
    assert street.do(ONE, "decline", "request-1") == ""
    street.go(200.0)
    assert street.money(TWO) == 100.0
    assert street.shift.requests["request-1"].state == "open"
    assert street.do(ONE, "decline", "request-1") == ""
    assert street.money(ONE) == 100.0


def test_at_the_end_what_was_reported_is_paid_and_the_rest_goes_back(street):
    street.do(ONE, "post_request", text="And a meal", bounty=2.5)
    street.do(TWO, "accept_request", "request-1")
    street.do(THREE, "accept_request", "request-2")
    street.go(street.shift.ends_s - street.shift.now_s - 10.0)
    street.do(TWO, "confirm_request", "request-1")
    while not street.shift.is_over:
        street.step(s=1.0)
    assert (street.money(ONE), street.money(TWO), street.money(THREE)) == (92.5, 107.5, 100.0)


def test_who_helps_with_an_order_may_fetch_and_bring_it_and_its_owner_is_paid(street):
    order = won(street)
    assert "not yours" in street.do(TWO, "post_request", text="Bring it", bounty=1, order=order.id)
    assert street.do(ONE, "post_request", text="Bring it", bounty=1, order=order.id) == ""
    street.do(THREE, "accept_request", "request-2")
    street.go(max(order.ready_s - street.shift.now_s, 0.0) + 1)
    street.put(THREE, order.shop)
    assert street.do(THREE, "pick_up_order", order.id) == ""
    street.put(THREE, order.home)
    had = street.money(ONE)
    assert street.do(THREE, "drop_off", order.id) == ""
    assert street.money(ONE) - had >= order.price / 100
    assert street.shift.couriers[THREE].tally.helped == 1
