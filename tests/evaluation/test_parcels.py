"""Orders as events tell them: where they are going, who has them and when they are late."""

import numpy as np

from evaluation.films import COLOURS, SIDE_PX, map_pictures
from evaluation.parcels import Moment, parcels
from tests.scenes import tiny_scene


def event(time_s: float, kind: str, agent: str = "", **more) -> dict:
    return {"time_s": time_s, "kind": kind, "agent": agent, "order": "order-1", **more}


PLACED = event(10.0, "placed", shop_xy_m=[0.0, 5.0], home_xy_m=[30.0, 5.0], allowed_s=100.0)


def test_an_order_is_open_then_somebodys_then_carried_then_over():
    (order,) = parcels([PLACED, event(20.0, "won", "a"), event(30.0, "picked_up", "a"), event(50.0, "delivered", "a")])
    assert order.at(9.9) is None
    assert order.at(10.0) == Moment(10.0, "", False)
    assert order.at(25.0) == Moment(20.0, "a", False)
    assert order.at(49.9) == Moment(30.0, "a", True)
    assert order.at(50.0) is None
    assert (order.shop_xy_m, order.home_xy_m) == ((0.0, 5.0), (30.0, 5.0))


def test_an_order_changes_hands_and_goes_back_to_the_market():
    (order,) = parcels(
        [
            PLACED,
            event(20.0, "accepted", "a"),
            event(30.0, "handed_over", "a", to="b"),
            event(35.0, "declined", "c"),  # an offer that c turns down changes nothing
            event(40.0, "declined", "b"),
        ]
    )
    found = [order.at(time_s) for time_s in (25.0, 33.0, 37.0, 45.0)]
    assert [moment and moment.agent for moment in found] == ["a", "b", "b", ""]


def test_an_order_is_late_once_the_time_allowed_is_over():
    (order,) = parcels([PLACED])
    assert not order.is_late(110.0)
    assert order.is_late(110.1)


def test_other_events_are_no_orders():
    assert parcels([event(1.0, "won", "a"), {"time_s": 2.0, "kind": "collision", "agent": "a"}]) == ()


def test_a_film_shows_an_order_in_the_colour_of_who_has_it():
    events = [PLACED, event(20.0, "won", "b")]
    stay = [[float(t), -40.0, -40.0] for t in range(41)]
    told = {"task": "delivery", "engine": "embedded", "seed": 3, "policies": {"a": "greedy", "b": "greedy"},
            "simulated_s": 40.0, "traces": {"a": stay, "b": stay}}  # fmt: skip
    coloured = {}
    for name, what in (("with", events), ("without", [])):
        *_, last = map_pictures(tiny_scene(), {**told, "events": what}, lasts_s=0.5)
        coloured[name] = int(np.count_nonzero((last.rgb[:SIDE_PX] == COLOURS[1]).all(axis=-1)))
    assert coloured["with"] > coloured["without"] + 40
