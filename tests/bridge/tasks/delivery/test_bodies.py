"""Bodies: tired couriers rest, eat, or end in hospital."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.engine import Action, Move, Skill, Velocity
from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand
from tests.bridge.tasks.delivery.street import Street

ONE = "courier-1"
TASK = make(Config(agents=2, hours=1.0, demand=Demand(orders_per_agent_h=0.0)))


@pytest.fixture
def street() -> Street:
    return Street(task=TASK, seed=4)


def collapsed(street: Street) -> Street:
    street.shift = street.shift.with_gauge(ONE, energy=0.1)
    street.move(ONE, (2.0, 0.0))
    street.step(s=1.0)
    return street


def test_resting_gives_seven_and_a_half_percent_a_minute(street):
    street.shift = street.shift.with_gauge(ONE, energy=50.0)
    street.put(ONE, street.shift.world.places.services["charger"][0])
    assert "You can rest at" in street.do(ONE, "rest", to_pct=65)
    street.put(ONE, street.shift.world.places.services["rest"][0])
    assert street.do(ONE, "rest", to_pct=65) == ""
    street.go(60.0)
    assert street.shift.gauge(ONE, "energy") == pytest.approx(57.5, abs=0.1)
    street.go(61.0)
    assert street.shift.gauge(ONE, "energy") == pytest.approx(65.0)
    assert "rested to 65 %" in street.task.affairs(street.shift, ONE).news or street.events[-1]["kind"] == "rested"
    assert "rested to 65 % already" in street.do(ONE, "rest", to_pct=60)


def test_another_decision_ends_a_rest(street):
    street.shift = street.shift.with_gauge(ONE, energy=50.0)
    street.put(ONE, street.shift.world.places.services["rest"][0])
    street.do(ONE, "rest")
    street.do(ONE, "say", to="all", text="Nice here.")  # words do not
    assert street.task.affairs(street.shift, ONE).doing == "rest"
    street.step({ONE: Action(Velocity(1.0))})
    assert street.task.affairs(street.shift, ONE).doing == ""


def test_who_has_no_energy_left_spends_900_seconds_in_hospital_for_five_dollars(street):
    collapsed(street)
    (move,) = street.task.changes(street.shift)
    assert isinstance(move, Move)
    hospital = street.shift.world.places.services["hospital"][0]
    assert street.shift.world.places.at(move.pose.position, 3.0) == hospital
    assert street.money(ONE) == 95.0
    assert street.shift.couriers[ONE].tally.collapses == 1
    for motion in (Velocity(1.0), Skill("go_to", "1,1"), Skill("buy", "meal")):
        assert "in hospital" in street.task.refuses(street.shift, street.state(), ONE, Action(motion))
    assert street.do(ONE, "wait", s=1.0) == ""  # until the end of it
    street.go(898.0)
    assert street.task.affairs(street.shift, ONE).doing == "hospital"
    street.go(3.0)
    assert street.task.affairs(street.shift, ONE).doing == ""
    assert street.shift.gauge(ONE, "energy") == 100.0


def test_steps_in_hospital_are_no_steps(street):
    collapsed(street)
    walked = street.shift.gauges.metres[0].copy()
    street.move(ONE, (5.0, 0.0))
    street.step(s=5.0)
    np.testing.assert_array_equal(street.shift.gauges.metres[0], walked)


def test_who_collapses_on_a_vehicle_is_cared_for_on_the_spot(street):
    street.riding[ONE] = "car-1"
    street.poses["car-1"] = street.poses[ONE].copy()
    street._before = street.state()
    collapsed(street)
    assert street.task.changes(street.shift) == ()
    assert street.task.affairs(street.shift, ONE).doing == "hospital"


def test_a_drink_gives_energy_once(street):
    street.shift = street.shift.with_gauge(ONE, energy=50.0)
    shop = street.shift.world.places.shops[0].place
    street.put(ONE, shop)
    assert street.do(ONE, "buy", item="energy-drink") == ""
    assert street.money(ONE) == 96.0
    assert street.do(ONE, "use", item="energy-drink") == ""
    assert street.shift.gauge(ONE, "energy") == 75.0
    assert "You have no energy-drink" in street.do(ONE, "use", item="energy-drink")


def test_who_has_no_money_buys_nothing(street):
    poor = replace(TASK.config, start_money=1.0)
    street = Street(task=make(poor), seed=4)
    street.put(ONE, street.shift.world.places.shops[0].place)
    assert street.do(ONE, "buy", item="energy-drink") == "energy-drink costs $4.00 and you have $1.00."


def test_rain_slows_everybody(street):
    from tests.bridge.control.towns import hamlet

    wet = replace(hamlet().scene, environment=replace(hamlet().scene.environment, weather="rain"))
    affairs = Street(task=TASK, scene=wet).shift
    assert TASK.affairs(affairs, ONE).walk_m_s == pytest.approx(0.85 * 2.0)
    assert TASK.affairs(street.shift, ONE).walk_m_s == 2.0
