"""Laws of the economy, whatever couriers do: money, goods and orders are conserved, and nothing raises."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.engine import Action, Drive, Skill, Velocity
from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand, Transport, cents
from bridge.tasks.delivery.ledger import OUTSIDE, split
from bridge.tasks.delivery.verbs import USAGE
from bridge.tasks.delivery.wares import WARES
from tests.bridge.tasks.delivery.street import Street

AGENTS = 3
DEMAND = Demand(orders_per_agent_h=60.0, bidding_s=20.0, unclaimed_s=200.0, prepare_least_s=5.0, prepare_most_s=60.0)
BUSES = Transport(bus_stop_m=25.0, bus_headway_s=60.0)
TASKS = {
    setting: make(
        Config(
            agents=AGENTS, hours=0.5, setting=setting, scooters=scooters, request_s=60.0, demand=DEMAND, transport=BUSES
        )
    )
    for setting, scooters in (("competitive", "all"), ("mixed", "town"), ("cooperative", "all"))
}
RUBBISH = ("", "{", "[]", "null", '{"price": NaN}', '{"price": 1e400}', '{"to_pct": "x"}', "[" * 1500, '{"to": {"a": 1}}',
           '{"price": -1}', '{"s": -5}', '{"bounty": true}', '{"with": null}', '{"text": "", "bounty": 0}', "x" * 3000,
           '{"price": 1' + "0" * 400 + "}", "\ud800", '{"mode": "boat"}', '{"items": 0}')  # fmt: skip
NUMBERS = st.sampled_from([0.0, 0.004, 0.01, 1.0, 2.5, 30.0, 99.9, 100.0, 1e9, -0.01, -5.0, 1e-300, 1e300])

deeds = st.tuples(
    st.integers(0, AGENTS - 1),  # who
    st.sampled_from([*USAGE, "ride", "dismount", "go_to", "walk", "none"]),
    st.integers(0, 7),  # which order or request
    st.sampled_from(["stay", "shop", "home", "dealer", "charger", "rest", "rental", "stop", "other"]),
    st.sampled_from(["", "walk", "scooter", "car"]),
    NUMBERS,
    st.one_of(st.just(None), st.just(None), st.just(None), st.sampled_from(RUBBISH)),
    st.sampled_from([0.02, 0.2, 1.0, 7.0, 60.0, 240.0]),
)
meddling = st.sampled_from(["", "", "", "", "same", "same", "silent", "vanish", "clutter"])
"""What else happens in the moment of a deed: others do the very same, nobody is heard from, a vehicle is taken away, or
something is put into the world that has the name of the next vehicle."""


def act(street: Street, deed, also: str = "") -> None:
    """Puts somebody somewhere on some vehicle, and lets them do something with some arguments; `also` is meddling."""
    who, verb, which, where, mode, number, rubbish, lasts_s = deed
    shift, name = street.shift, street.names[who]
    other = street.names[(who + 1 + which % (AGENTS - 1)) % AGENTS]
    mine = [id for id in shift.live if name in shift.orders[id].carriers()] if which >= 3 else []
    choice = mine or shift.live
    order = shift.orders[choice[which % len(choice)]] if choice else None
    places = shift.world.places
    courier = shift.couriers[name]
    street.riding.pop(name, None)
    if (vehicle := {"scooter": courier.scooter, "car": courier.car}.get(mode, "")) in street.poses:
        street.riding[name] = vehicle
    if where == "other":
        street.put(name, street.poses[other][:2])
    elif where in ("shop", "home") and order is not None:
        street.put(name, order.shop if where == "shop" else order.home)
    elif where in places.services:
        street.put(name, places.services[where][0])
    elif where == "stop" and places.stops:
        street.put(name, sorted(places.stops)[which % len(places.stops)])
    target = (
        (order.id if order else "order-9")
        if verb not in ("accept_request", "confirm_request")
        else f"request-{which + 1}"
    )
    if verb == "decline" and which % 2:
        target = f"request-{which}"
    if verb == "post_request":
        target = ""
    given = {
        "price": number, "method": ("hand", "door", "roof")[which % 3], "with": other, "part": number / 100, "to": other,
        "text": "help", "bounty": number, "item": [*WARES, "gold"][which % 7], "to_pct": number, "s": number,
        "mode": mode or "walk",
    }  # fmt: skip
    if verb == "ride_bus":
        given["to"] = places.addresses[which % len(places.addresses)]
    if verb == "post_request" and which % 2 and order:
        given["order"] = order.id
    if verb == "pick_up_order" and which % 2:
        given["items"] = which
    text = json.dumps(given) if rubbish is None else rubbish
    action = {
        "ride": Action(Skill("ride", courier.scooter)), "dismount": Action(Skill("dismount")), "none": Action(),
        "go_to": Action(Skill("go_to", "1,1"), say="hello"), "walk": Action((Velocity(1.0), Drive(1.0))[which % 2]),
    }.get(verb, Action(Skill(verb, target, text)))  # fmt: skip
    reason = street.task.refuses(shift, street.state(), name, action)
    assert isinstance(reason, str)
    street.task.means(shift, street.state(), name, action)
    street.move(name, (0.1 * which, 0.0))
    if also == "vanish" and (gone := [body for body in (courier.scooter, courier.car) if body in street.poses]):
        street.riding.pop(name, None)
        del street.poses[gone[which % len(gone)]]
    if also == "clutter":
        for kind in ("scooter", "car"):
            street.poses.setdefault(f"{name}-{kind}-{shift.made + 1}", np.array([0.0, 0, 2, 1, 0, 0, 0]))
    doing = dict.fromkeys(street.names, action) if also == "same" else {} if also == "silent" else {name: action}
    if also == "same":
        for one in street.names:
            street.put(one, street.poses[name][:2])
    street.step(doing, s=lasts_s)


def hold(street: Street) -> None:
    """Every law of a shift at one moment."""
    shift = street.shift
    ledger, couriers = shift.ledger, set(shift.couriers)
    assert sum(ledger.balances.values()) == 0
    flows: Counter[str] = Counter()
    for (source, sink, _), amount in ledger.flows.items():
        assert amount > 0
        flows[source] -= amount
        flows[sink] += amount
    assert {account: amount for account, amount in flows.items() if amount} == {
        account: amount for account, amount in ledger.balances.items() if amount
    }
    escrows = {f"escrow {id}" for id in shift.requests}
    assert set(ledger.balances) <= set(OUTSIDE) | couriers | escrows
    for request in shift.requests.values():
        is_held = request.state in ("open", "accepted", "reported")
        assert ledger.balance(f"escrow {request.id}") == (request.bounty if is_held else 0)

    assert len(ledger.holder) == sum(ledger.made.values()) - sum(ledger.used.values())
    alive = [shift.orders[id] for id in shift.live]
    food = [item for order in alive for item in (*order.items, *order.dropped)]
    assert sorted(food) == sorted(shift.items)
    assert len(set(food)) == len(food)
    for order in alive:
        assert order.state in ("open", "assigned", "carried")
        assert len(order.items) + len(order.dropped) == len(order.dishes)
        shop = f"shop {shift.world.places.addresses[order.shop]}"
        holders = {ledger.holder[item] for item in order.items}
        assert holders <= ({shop} | couriers if order.state == "carried" else {shop})
        assert {ledger.holder[item] for item in order.dropped} <= {f"customer of {order.id}"}
        assert bool(order.agent) == (order.state != "open")
    assert set(shift.orders) - set(shift.live) == {
        id for id, order in shift.orders.items() if order.state in ("delivered", "failed", "expired", "unfinished")
    }
    assert len(shift.orders) == shift.next_order
    assert len(set(shift.live)) == len(shift.live)
    for name, amount in ended(street).items():
        assert amount == 1, f"{name} ended {amount} times"
    states = Counter(order.state for order in shift.orders.values())
    assert sum(courier.tally.delivered for courier in shift.couriers.values()) == states["delivered"]
    assert sum(courier.tally.failed for courier in shift.couriers.values()) == states["failed"]

    for name in couriers:
        assert sum(order.agent == name for order in alive) <= shift.config.most_orders
        assert shift.free_slots(name) >= 0
        wares = Counter(item.rpartition("-")[0] for item in ledger.held(name) if item not in shift.items)
        assert set(wares) <= set(WARES)
    for column in (shift.gauges.energy, shift.gauges.battery):
        assert ((column >= 0) & (column <= 100)).all()


def ended(street: Street) -> Counter[str]:
    """How often each order came to an end, as the events tell it."""
    ends = ("delivered", "failed", "expired", "unfinished")
    return Counter(event["order"] for event in street.events if event["kind"] in ends)


def check_paid(street: Street) -> None:
    """What customers paid in all is what the events say that they paid for single orders, to the cent."""
    told = [event for event in street.events if event["kind"] == "delivered"]
    fees = sum(event["kind"] == "failed" for event in street.events) * cents(street.shift.config.pay.failure_fee)
    paid = sum(cents(event[part]) for event in told for part in ("paid", "tip", "bonus"))
    assert -street.shift.ledger.balance("customers") == paid - fees


def check_words(street: Street) -> None:
    """Everything that is said to agents can be written as JSON, and what is told in numbers lies within its bounds."""
    for name in street.names:
        json.dumps(street.task.shows(street.shift, street.state(), name), allow_nan=False)
        for key, bounds in street.task.told.items():
            low, high = np.array(bounds).T
            value = street.task.tells(street.shift, street.state())[name][key]
            assert ((value >= low) & (value <= high)).all()
        street.task.affairs(street.shift, name)
    for outcome in street.outcomes.values():
        json.dumps(outcome.info, allow_nan=False)


@pytest.mark.parametrize("setting", TASKS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(seed=st.integers(0, 3), plan=st.lists(st.tuples(deeds, meddling), min_size=5, max_size=60))
def test_money_goods_and_orders_are_conserved_whatever_couriers_do(setting, seed, plan):
    street = Street(task=TASKS[setting], seed=seed)
    street.step(s=60.0)
    for deed, also in plan:
        if street.shift.is_over:
            break
        act(street, deed, also)
        hold(street)
    check_words(street)
    if not street.shift.is_over:
        street.step(s=street.shift.ends_s)
    hold(street)
    assert street.shift.is_over
    assert not street.shift.live
    assert not any(account.startswith("escrow") and amount for account, amount in street.shift.ledger.balances.items())
    assert set(ended(street)) == set(street.shift.orders)
    check_paid(street)


def busy_shift(task, seed: int):
    """A long shift of couriers who do what makes sense, with chance in the rest; returns the street."""
    street, random = Street(task=task, seed=seed), np.random.default_rng(seed)
    verbs = list(USAGE)
    for _ in range(900):
        shift = street.shift
        if shift.is_over:
            break
        who = int(random.integers(AGENTS))
        name = street.names[who]
        held = [item.order for item in shift.food_of(name)]
        mine = [id for id in shift.live if name in shift.orders[id].carriers()]
        offers = [(id, one) for id in shift.live for one in shift.orders[id].offers if one.to == name]
        if offers and random.random() < 0.7:
            street.put(name, street.poses[offers[0][1].source][:2])
            street.do(name, "accept" if offers[0][1].kind == "share" else "take_over", offers[0][0])
            hold(street)
            continue
        if held and random.random() < 0.5:
            street.put(name, shift.orders[held[0]].home)
            street.do(name, "drop_off", held[0])
            hold(street)
            continue
        if mine and random.random() < 0.3:
            street.put(name, shift.orders[mine[0]].shop)
            street.do(name, "pick_up_order", mine[0])
            hold(street)
            continue
        place = ["stay", "dealer", "charger", "rest", "rental", "other", "stop"][int(random.integers(7))]
        mode = ["", "scooter", "car"][int(random.integers(3))]
        number = float(random.choice([0.5, 2.0, 60.0]))
        also = ["same", "silent", "vanish", "clutter"][int(random.integers(4))] if random.random() < 0.05 else ""
        act(street, (who, str(random.choice(verbs)), int(random.integers(8)), place, mode, number, None, 1.5), also)
        hold(street)
    return street


@pytest.mark.parametrize(("setting", "seed"), [("competitive", 5), ("mixed", 6), ("cooperative", 7)])
def test_they_are_conserved_in_a_shift_in_which_much_happens(setting, seed):
    street = busy_shift(TASKS[setting], seed)
    happened = {event["kind"] for event in street.events}
    assert {"delivered", "won", "accepted", "picked_up", "bought", "handed_over", "shared", "refused"} <= happened
    assert {"request_posted", "request_accepted", "request_confirmed", "rented", "returned"} <= happened
    assert max(ended(street).values()) == 1
    check_paid(street)


def test_the_same_deeds_give_the_same_shift():
    one, two = (busy_shift(TASKS["competitive"], 9) for _ in range(2))
    assert one.events == two.events
    assert one.shift.ledger.flows == two.shift.ledger.flows
    np.testing.assert_array_equal(one.shift.gauges.metres, two.shift.gauges.metres)


@given(st.integers(0, 10**9), st.integers(1, 99))
def test_splitting_loses_no_cent(amount, count):
    parts = split(amount, count)
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= 1
