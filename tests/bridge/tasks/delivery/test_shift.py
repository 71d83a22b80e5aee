"""A shift as a whole: seeds, settings, rewards, words, notes and the row it ends with."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.control.town import Town
from bridge.engine import Action, Skill, Spawn, Velocity
from bridge.errors import InvalidInput, InvalidScene
from bridge.tasks import LivingTask
from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand, Pay, Transport
from bridge.tasks.delivery.places import Places
from tests.bridge.control.towns import hamlet
from tests.bridge.tasks.delivery.street import Street
from tests.bridge.tasks.delivery.test_market import fetched
from tests.scenes import tiny_scene

ONE, TWO, THREE = "courier-1", "courier-2", "courier-3"
TASK = make(Config(agents=3, hours=0.5))


def test_the_task_takes_part_in_its_world():
    assert isinstance(TASK, LivingTask)


def test_the_same_seed_is_the_same_shift_and_another_is_another():
    (a, b), c = (Street(task=TASK, seed=6).shift for _ in range(2)), Street(task=TASK, seed=7).shift
    assert a.coming == b.coming
    assert a.couriers == b.couriers
    np.testing.assert_array_equal(a.xy, b.xy)
    assert a.coming != c.coming
    assert a.couriers[ONE].persona != c.couriers[ONE].persona


def test_orders_come_at_the_configured_rate_from_shops_to_addresses_farther_than_next_door():
    task = make(Config(agents=10, hours=10.0, demand=Demand(orders_per_agent_h=10.0)))
    shift = Street(task=task, seed=8).shift
    assert abs(len(shift.coming) - 1000) < 4 * 1000**0.5  # Poisson: four standard deviations
    places, times = shift.world.places, [order.placed_s for order in shift.coming]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= 36000.0
    for order in shift.coming:
        assert order.shop in places.shop_at
        assert order.home in places.homes
        assert order.trip_m >= 20.0
        assert set(order.dishes) <= set(places.shop_at[order.shop].menu)
    farther = np.corrcoef(
        [o.trip_m for o in shift.coming], [o.allowed_s - o.ready_s + o.placed_s for o in shift.coming]
    )
    assert farther[0, 1] == pytest.approx(1.0, abs=1e-3)  # time allowed beside the kitchen's grows with the way


def test_more_is_ordered_at_supper_than_at_night():
    late = replace(hamlet().scene, environment=replace(hamlet().scene.environment, time_of_day_h=17.0))
    task = make(Config(agents=20, hours=10.0))
    hours = np.array([order.placed_s for order in Street(task=task, scene=late).shift.coming]) / 3600.0 + 17.0
    assert np.sum((hours >= 18) & (hours < 20)) > 4 * np.sum(hours >= 25)


def test_newcomers_get_bodies_of_their_own_apart_from_each_other():
    task = make(Config(agents=6, hours=0.5))
    shift, changes, said = task.setup(hamlet().scene, np.random.default_rng(0))
    assert [change.name for change in changes if isinstance(change, Spawn)] == list(shift.world.agents[2:])
    assert all(change.is_agent for change in changes)
    gaps = np.linalg.norm(shift.xy[:, None] - shift.xy, axis=-1) + 9 * np.eye(6)
    assert gaps.min() > 1.0
    assert set(said) == set(task.agents(hamlet().scene))


def test_with_scooters_for_all_everybody_begins_with_one():
    shift, changes, _ = make(Config(agents=3, hours=0.5, scooters="all")).setup(
        hamlet().scene, np.random.default_rng(0)
    )
    spawned = {change.name for change in changes}
    assert {courier.scooter for courier in shift.couriers.values()} <= spawned
    assert (shift.gauges.battery == 100.0).all()


@pytest.mark.parametrize(
    ("setting", "one", "others"), [("competitive", 1.0, 0.0), ("mixed", 2 / 3, 1 / 6), ("cooperative", 1 / 3, 1 / 3)]
)
def test_settings_divide_what_customers_pay(setting, one, others):
    street = Street(task=make(Config(agents=3, hours=1.0, setting=setting)), seed=1)
    order = fetched(street)
    street.put(ONE, order.home)
    street.do(ONE, "drop_off", order.id, method=order.wish)
    (paid,) = [event for event in street.events if event["kind"] == "delivered"]
    whole = paid["paid"] + paid["tip"] + paid["bonus"]
    assert street.money(ONE) - 100.0 == pytest.approx(one * whole, abs=0.04)
    assert street.money(TWO) - 100.0 == pytest.approx(others * whole, abs=0.04)


def test_words_reach_whom_they_are_meant_for():
    street = Street(task=TASK, seed=6)
    street.do(ONE, "say", to=TWO, text="I am at the bakery.")
    heard = street.task.affairs(street.shift, TWO)
    assert [(m.sender, m.text) for m in heard.messages] == [(ONE, "I am at the bakery.")]
    assert heard.news
    assert not street.task.affairs(street.shift, THREE).messages
    street.put(TWO, street.poses[ONE][:2] + [10.0, 0.0])
    street.put(THREE, street.poses[ONE][:2] + [40.0, 0.0])
    street.step({ONE: Action(say="Hello!")})  # aloud: 30 m
    assert street.task.affairs(street.shift, TWO).messages[0].text == "Hello!"
    assert not street.task.affairs(street.shift, THREE).messages
    street.step()
    assert not street.task.affairs(street.shift, TWO).messages
    assert street.shift.couriers[ONE].tally.messages == 2


def test_notes_hold_what_a_courier_needs_with_units_in_their_keys():
    street = Street(task=TASK, seed=6)
    street.order()
    notes = street.task.shows(street.shift, street.state(), ONE)
    assert set(notes) == {
        "clock",
        "setting",
        "terms",
        "me",
        "orders",
        "board",
        "shops",
        "places",
        "at_xy_m",
        "couriers",
    }
    assert {"now_s", "ends_s", "time_of_day_h", "weather", "speed_factor"} <= set(notes["clock"])
    assert {
        "name", "money", "energy_pct", "at_xy_m", "near", "transport", "owns_scooter", "battery_pct", "carrying",
        "bag_slots_free", "on_time", "delivered", "stars_mean", "persona",
    } <= set(notes["me"])  # fmt: skip
    (order,) = notes["orders"]["open"]
    assert {
        "id", "shop", "shop_address", "to_address", "pay", "deadline_s", "ready_s", "bids_end_s", "my_bid", "state",
        "shop_away_m", "trip_m", "food",
    } <= set(order)  # fmt: skip
    assert {"charger", "rest", "rental"} <= set(notes["places"])
    assert [other["name"] for other in notes["couriers"]] == [TWO, THREE]


def test_notes_say_where_all_that_they_speak_of_lies():
    street = Street(task=TASK, seed=6)
    street.order()
    notes = street.task.shows(street.shift, street.state(), ONE)
    spoken = {shop["address"] for shop in notes["shops"]} | {order["to_address"] for order in notes["orders"]["open"]}
    spoken |= {address for what in ("charger", "rest", "rental") for address in notes["places"][what]}
    assert spoken <= set(notes["at_xy_m"])
    places = street.shift.world.places
    for address, at in notes["at_xy_m"].items():
        assert np.abs(places.doors[places.find(address), :2] - at).max() <= 0.5


def test_distances_in_notes_are_those_of_the_ways():
    street = Street(task=TASK, seed=6)
    places, town = street.shift.world.places, hamlet()
    for xy in (street.shift.xy[0], places.doors[3, :2], (0.0, 0.0)):
        away = places.away_m(xy)
        for row in range(0, len(places.addresses), 3):
            shortest = town.walks.distances_to(places.doors[row]).at(xy)  # may leave the ways near the door
            assert shortest - 0.1 <= away[row] <= shortest + 6.0


def test_numbers_point_to_the_shop_and_then_to_the_customer():
    street = Street(task=TASK, seed=1)
    np.testing.assert_array_equal(street.task.tells(street.shift, street.state())[ONE]["goal"], [0.0, 0.0])
    order = fetched(street)
    street.put(ONE, street.shift.world.places.doors[order.home, :2] - [0.0, 10.0])
    told = street.task.tells(street.shift, street.state())[ONE]["goal"]
    np.testing.assert_allclose(told, [10.0, np.pi / 2], atol=1e-6)  # heads east; north is to the left


def test_the_end_truncates_with_a_row_for_everybody():
    street = Street(task=TASK, seed=1)
    order = fetched(street)
    street.put(ONE, order.home)
    street.do(ONE, "drop_off", order.id, method=order.wish)
    while not street.shift.is_over:
        street.step(s=5.0)
    row = street.outcomes[ONE].info
    assert all(outcome.truncated and not outcome.terminated for outcome in street.outcomes.values())
    assert row["profit"] == pytest.approx(street.money(ONE) - 100.0)
    assert row["profit"] == pytest.approx(row["income"] - row["costs"])
    assert (row["delivered"], row["failed"], row["on_time"]) == (1, 0, 1)
    assert set(row["distance_m"]) == {"walk", "scooter", "car", "bus", "drag"}
    assert {
        "energy_used_pct",
        "collisions",
        "shared",
        "handed_over",
        "invested",
        "idle_s",
        "refused",
        "messages",
    } <= set(row)
    state = street.shift
    street.step()
    assert street.shift is state
    assert street.outcomes == {}


def test_helping_hands_serve_whoever_only_moves():
    street = Street(task=make(Config(agents=1, hours=1.0, automatic=True)), seed=1)
    for _ in range(40):
        shift = street.shift
        mine = [shift.orders[id] for id in shift.live if shift.orders[id].agent == ONE]
        if mine:
            street.put(ONE, mine[0].home if shift.food_of(ONE) else mine[0].shop)
        street.step({ONE: Action(Velocity(0.0))}, s=20.0)
    assert street.shift.couriers[ONE].tally.delivered >= 2


def test_a_town_without_shops_gets_some_and_one_without_addresses_says_what_to_do():
    scene = tiny_scene()
    places = Places(Town(scene))
    assert places.kitchens
    assert places.homes
    assert not {places.shops[index].place for index in places.kitchens} & set(places.homes)
    deserted = replace(scene, buildings=())
    with pytest.raises(InvalidScene, match="has 0 addresses with doors"):
        Places(Town(deserted))
    with pytest.raises(InvalidScene, match="no person to play"):
        make(Config(agents=3)).setup(scene, np.random.default_rng(0))


def test_services_are_spread_over_a_town_and_the_dealer_sells_scooters():
    places = Places(hamlet(), bus_stop_m=25.0)
    assert all(places.services[what] for what in ("charger", "rest", "rental", "hospital", "dealer"))
    assert "scooter" in places.shop_at[places.services["dealer"][0]].sells
    assert all("scooter" not in s.sells for s in places.shops if s.place != places.services["dealer"][0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"agents": 0}, {"hours": -1.0}, {"hours": float("nan")}, {"setting": "friendly"}, {"scooters": "some"},
        {"pay": Pay(star_bonus=(1.0,))}, {"demand": Demand(prepare_least_s=9.0, prepare_most_s=3.0)},
        {"transport": Transport(bus_headway_s=0.0)}, {"pay": Pay(fails_at=1.0)},
    ],
)  # fmt: skip
def test_numbers_that_mean_nothing_are_refused(wrong):
    with pytest.raises(InvalidInput, match="Delivery"):
        make(Config(**wrong))


def test_an_unknown_verb_of_the_engine_is_none_of_the_task_s_business():
    street = Street(task=TASK, seed=6)
    assert street.task.refuses(street.shift, street.state(), ONE, Action(Skill("sit", "bench-1"))) == ""
    street.step({ONE: Action(Skill("sit", "bench-1"))})
    assert not street.shift.failures
