"""Scripted couriers at work in a small market: what each is known for, and that nothing of it depends on luck."""

import importlib
import json

import numpy as np
import pytest

from bridge.engine import Skill
from policies import auction, greedy, planner
from policies import random as any_of
from policies.courier.situation import read
from policies.policy import Policy
from tests.policies.market import Market
from tests.policies.seen import NOTES, VERBS, order, seen

SCRIPTED = ("random", "greedy", "auction", "planner", "cloning")


def mind(name: str) -> Policy:
    module = importlib.import_module(f"policies.{name}")
    return module.make(module.Config())


def shift(names: list[str], seed: int, *, hours: float = 0.75, shares: bool = False, orders_h: float = 9.0) -> Market:
    minds = {f"courier-{i}": mind(name) for i, name in enumerate(names, start=1)}
    market = Market(minds, seed=seed, hours=hours, shares=shares, orders_h=orders_h)
    market.run()
    return market


def profits(names: list[str], seeds: int, **more) -> np.ndarray:
    """Profit by seed and courier (seeds, couriers)."""
    markets = [shift(names, seed, **more) for seed in range(seeds)]
    return np.array([[one.money - 100.0 for one in market.couriers.values()] for market in markets])


def decided(policy: Policy, **notes) -> Skill:
    """The skill of a policy just begun, with parts of the notes replaced."""
    policy.reset(seed=0, agent="courier-1", instruction="")
    motion = policy.act(seen(notes={**NOTES, **notes})).motion
    assert isinstance(motion, Skill)
    return motion


@pytest.mark.parametrize("name", SCRIPTED)
def test_the_same_seed_gives_the_same_shift_and_nothing_is_done_that_cannot_be(name):
    first, second = (shift([name, name], 3, hours=0.4) for _ in range(2))
    assert first.log == second.log
    if name != "random":
        refused = [row for row in first.log if row[4]]
        assert len(refused) <= 0.05 * len(first.log), refused


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_mind_that_is_shown_no_notes_does_something_harmless(name):
    policy = mind(name)
    policy.reset(seed=0, agent="courier-1", instruction="")
    motion = policy.act(seen(notes={"me": {}, "orders": {}}, verbs={})).motion
    assert isinstance(motion, Skill)
    assert motion.verb in ("wait", "go_to")


def test_greedy_takes_the_order_that_pays_best_for_its_time():
    far = {**order(1, shop="A", shop_address="1 A", to="2 A", pay=14.0), "trip_m": 4000.0, "deadline_s": 6000.0}
    near = {**order(2, shop="B", shop_address="1 B", to="2 B", pay=9.0), "trip_m": 200.0}
    told = decided(mind("greedy"), orders={"open": [far, near], "mine": []})
    assert (told.verb, told.target) == ("accept", "order-2")


def test_greedy_earns_more_than_chance():
    gap = profits(["greedy"] * 2, 3).mean(axis=1) - profits(["random"] * 2, 3).mean(axis=1)
    assert (gap > 0).all()


def test_auction_takes_orders_away_from_greedy_in_one_market():
    found = profits(["auction", "greedy", "auction", "greedy"], 2)
    swapped = profits(["greedy", "auction", "greedy", "auction"], 2)
    gap = found[:, ::2].mean(1) - found[:, 1::2].mean(1) + swapped[:, 1::2].mean(1) - swapped[:, ::2].mean(1)
    assert gap.mean() > 0


def test_the_planner_earns_more_than_greedy_where_all_share():
    gap = profits(["planner"] * 3, 3, shares=True)[:, 0] - profits(["greedy"] * 3, 3, shares=True)[:, 0]
    assert gap.mean() > 0


def test_auction_asks_for_less_after_bids_lost_and_more_after_bids_won():
    strategy = auction.Auction(auction.Config())
    courier = auction.Courier(strategy)
    courier.reset(seed=0, agent="courier-1", instruction="")
    begun = strategy.margin.share
    open_order = {**order(12, shop="A", shop_address="3 Mill Lane", to="14 Quay Street"), "trip_m": 150.0}
    bidding = {**NOTES, "orders": {"open": [open_order], "mine": []}}
    told = courier.act(seen(notes=bidding)).motion
    assert isinstance(told, Skill)
    assert told.verb == "bid"
    assert 0 < json.loads(told.text)["price"] < open_order["pay"]
    later = {**NOTES["clock"], "now_s": 130.0}
    courier.act(seen(notes={**bidding, "clock": later, "orders": {"open": [], "mine": []}}))
    lost = strategy.margin.share
    assert lost < begun
    courier.act(
        seen(
            notes={
                **bidding,
                "clock": {**later, "now_s": 200.0},
                "orders": {
                    "open": [{**open_order, "id": "order-13", "bids_end_s": 300.0, "deadline_s": 2000.0}],
                    "mine": [],
                },
            }
        )
    )
    won = {**open_order, "id": "order-13", "state": "assigned", "agent": "courier-1"}
    courier.act(seen(notes={**bidding, "clock": {**later, "now_s": 301.0}, "orders": {"open": [], "mine": [won]}}))
    assert strategy.margin.share > lost


def test_planners_pass_an_order_on_to_who_has_less_trouble_with_it():
    near = {"couriers": [{"name": "courier-2", "away_m": 30.0}]}
    here = {
        **order(7, shop="A", shop_address="8 Mill Lane", to="2 Elm Lane", state="assigned"),
        "agent": "courier-1",
        "shop_away_m": 60.0,
        "trip_m": 60.0,
    }
    away = {**order(9, shop="B", shop_address="90 Far Lane", to="99 Far Lane", state="assigned"), "agent": "courier-1",
            "shop_away_m": 450.0, "deadline_s": 3000.0, "trip_m": 100.0, "ready_s": 0.0}  # fmt: skip
    asks, takes = mind("planner"), mind("planner")
    for policy, name in ((asks, "courier-1"), (takes, "courier-2")):
        policy.reset(seed=0, agent=name, instruction="")
    busy = {**NOTES, **near, "setting": "cooperative", "orders": {"open": [], "mine": [here, away]}, "shops": []}
    said = asks.act(seen(notes=busy)).motion
    assert isinstance(said, Skill)
    assert said.verb == "say"
    told = json.loads(said.text)
    assert json.loads(told["text"])["spare"]["id"] == "order-9"
    idle = {**NOTES, "setting": "cooperative", "me": {**NOTES["me"], "name": "courier-2", "energy_pct": 100.0, "near": "90 Far Lane"},
            "couriers": [{"name": "courier-1", "away_m": 400.0}], "orders": {"open": [], "mine": []}, "shops": []}  # fmt: skip
    answer = takes.act(seen(notes=idle, heard=[("courier-1", told["text"])])).motion
    assert isinstance(answer, Skill)
    reply = json.loads(json.loads(answer.text)["text"])
    assert reply["takes"] == "order-9"
    clock = {**NOTES["clock"], "now_s": 64.0}
    handed = asks.act(seen(notes={**busy, "clock": clock}, heard=[("courier-2", json.dumps(reply))])).motion
    assert isinstance(handed, Skill)
    assert (handed.verb, handed.target, json.loads(handed.text)) == ("hand_over", "order-9", {"to": "courier-2"})
    offered = {**away, "my_part": 0.0, "offers": [{"kind": "hand-over", "from": "courier-1", "part": 0.0}]}
    took = takes.act(seen(notes={**idle, "clock": clock, "orders": {"open": [], "mine": [offered]}})).motion
    assert isinstance(took, Skill)
    assert (took.verb, took.target) == ("take_over", "order-9")


@pytest.mark.parametrize(
    "words",
    [
        "hello",
        "[1]",
        '{"spare": 3}',
        '{"spare": {"id": "order-1"}, "costs_s": "much"}',
        '{"takes": "order-9", "costs_s": true}',
    ],
)
def test_other_words_change_no_plan(words):
    policy = mind("planner")
    shared = {**NOTES, "setting": "cooperative"}
    policy.reset(seed=0, agent="courier-1", instruction="")
    quiet = policy.act(seen(notes=shared)).motion
    policy.reset(seed=0, agent="courier-1", instruction="")
    assert policy.act(seen(notes=shared, heard=[("courier-2", words)])).motion == quiet


def test_the_planner_buys_a_scooter_for_a_long_shift_and_none_for_a_short_one():
    dealer = {"name": "Dealer", "address": "5 Mill Lane", "sells": {"scooter": 80.0}, "away_m": 40.0}
    me = {**NOTES["me"], "owns_scooter": False, "battery_pct": None, "energy_pct": 100.0}
    for hours, expected in ((10.0, "5 Mill Lane"), (0.5, "")):
        clock = {**NOTES["clock"], "ends_s": 3600.0 * hours}
        told = decided(mind("planner"), me=me, clock=clock, shops=[dealer], orders={"open": [], "mine": []})
        assert (told.target if told.verb == "go_to" else "") == expected


def test_who_is_tired_rests_before_the_way_that_would_be_too_much():
    me = {**NOTES["me"], "energy_pct": 9.0, "owns_scooter": False, "battery_pct": None}
    for name in ("greedy", "auction", "planner"):
        told = decided(mind(name), me=me, orders={"open": [], "mine": NOTES["orders"]["mine"]})
        assert (told.verb, told.target) == ("go_to", "bench-4"), name


def test_a_place_that_cannot_be_reached_is_left_alone_after_three_tries():
    policy = mind("greedy")
    policy.reset(seed=0, agent="courier-1", instruction="")
    blocked = {**order(7, shop="A", shop_address="3 Mill Lane", to="4 Mill Lane"), "trip_m": 100.0}
    mine = {**NOTES, "orders": {"open": [], "mine": [{**blocked, "state": "assigned"}]}}
    for time_s in range(0, 200, 20):
        notes = {**mine, "clock": {**NOTES["clock"], "now_s": float(time_s)}}
        policy.act(seen(notes=notes, failure="no way there: it is on an island" if time_s else ""))
    free = {**NOTES, "clock": {**NOTES["clock"], "now_s": 400.0}, "orders": {"open": [blocked], "mine": []}}
    motion = policy.act(seen(notes=free)).motion
    assert isinstance(motion, Skill)
    assert motion.verb != "accept"


def test_who_lies_in_hospital_waits():
    for name in ("greedy", "auction", "planner"):
        told = decided(mind(name), me={**NOTES["me"], "doing": "hospital"})
        assert told.verb == "wait", name


def test_random_uses_every_verb_that_has_something_to_act_on():
    policy = any_of.make(any_of.Config(keeps_on=0.0))
    policy.reset(seed=5, agent="courier-1", instruction="")
    told = {policy.act(seen()).motion.verb for _ in range(600)}  # type: ignore[union-attr]
    idle = {"drop_off", "take_over", "use", "buy", "ride_bus"}  # nothing carried, offered, owned, near, or running
    assert told == {*VERBS, "go_to"} - idle


def test_flags_reach_the_strategy():
    assert greedy.Greedy(greedy.Config(rest_to_pct=55.0)).habits.rest_to_pct == 55.0
    alone = read(seen(notes={**NOTES, "setting": "competitive"}))
    assert alone is not None
    assert planner.Planner(planner.Config(cooperates="yes")).cooperates(alone)
    assert not planner.Planner(planner.Config()).cooperates(alone)


def test_who_cannot_ride_on_gets_off_and_walks():
    # Twice the way was blocked: the third thing tried is on foot, and it stays so for a while.
    policy = greedy.make(greedy.Config())
    policy.reset(seed=0, agent="courier-1", instruction="")
    did, riding = [], {**NOTES["me"], "transport": "scooter"}
    for now_s in range(60, 150, 15):
        clock = {**NOTES["clock"], "now_s": float(now_s)}
        failure = "blocked for 10 s by bench-45" if did and did[-1].verb == "go_to" else ""
        me = NOTES["me"] if did and "walk" in did[-1].text else riding
        riding = me
        notes = {**NOTES, "me": me, "clock": clock, "orders": {"open": [], "mine": NOTES["orders"]["mine"]}}
        did.append(policy.act(seen(time_s=float(now_s), notes=notes, failure=failure)).motion)
    on_foot = did.index(Skill("set_transport", "", '{"mode": "walk"}'))
    assert [skill.verb for skill in did[:on_foot]].count("go_to") == 2
    assert did[on_foot + 1].verb == "go_to"
    assert not any("scooter" in skill.text for skill in did[on_foot:])


@pytest.mark.parametrize(("setting", "is_pooled"), [("competitive", False), ("mixed", True), ("cooperative", True)])
def test_the_task_tells_whether_others_earnings_are_ones_own(setting, is_pooled):
    now = read(seen(notes={**NOTES, "setting": setting}))
    assert now is not None
    assert planner.Planner(planner.Config()).cooperates(now) == is_pooled


def test_a_courier_goes_by_the_prices_of_its_task():
    """The far order pays more in all; with ten dollars for five stars, two near ones an hour are worth more."""
    far = {**order(1, shop="A", shop_address="1 A", to="2 A", pay=15.0), "trip_m": 1000.0, "deadline_s": 6000.0}
    near = {**order(2, shop="B", shop_address="1 B", to="2 B", pay=7.0), "trip_m": 100.0}
    chosen = {
        bonus: decided(
            mind("greedy"), orders={"open": [far, near], "mine": []}, terms={"star_bonus": [0, 0, 0, 0, 0, bonus]}
        )
        for bonus in (0.0, 10.0)
    }
    assert {bonus: told.target for bonus, told in chosen.items()} == {0.0: "order-1", 10.0: "order-2"}


def test_planners_who_share_take_an_order_each_rather_than_one_all():
    market = shift(["planner"] * 4, 7, hours=0.5, shares=True)
    assert sum(one.delivered > 0 for one in market.couriers.values()) >= 3
