"""Getting about: on foot, by one's own scooter, a rented car or the bus; metres are read from the world, never believed."""

import numpy as np
import pytest

from bridge.engine import Action, Remove, Skill, Spawn
from bridge.tasks.delivery import Config, bus, make
from bridge.tasks.delivery.bus import Line
from bridge.tasks.delivery.config import Demand, Transport
from tests.bridge.tasks.delivery.street import Street

ONE, TWO = "courier-1", "courier-2"
QUIET = Demand(orders_per_agent_h=0.0)
TASK = make(Config(agents=2, hours=1.0, demand=QUIET, transport=Transport(bus_stop_m=25.0, bus_headway_s=120.0)))


@pytest.fixture
def street() -> Street:
    return Street(task=TASK, seed=3)


def place(street: Street, service: str) -> int:
    return street.shift.world.places.services[service][0]


def on_scooter(street: Street) -> str:
    """Buys a scooter, gets on, and says its name."""
    street.put(ONE, place(street, "dealer"))
    assert street.do(ONE, "buy", item="scooter") == ""
    scooter = street.shift.couriers[ONE].scooter
    street.riding[ONE] = scooter
    street.put(ONE, street.poses[scooter][:2])
    street.step()
    return scooter


def off_scooter_at_charger(street: Street) -> tuple[str, int]:
    """Leaves a scooter with 40 % of battery beside ONE at a charger; its name and the charger's place."""
    scooter, charger = on_scooter(street), place(street, "charger")
    del street.riding[ONE]
    street.shift = street.shift.with_gauge(ONE, battery=40.0)
    street.put(ONE, charger)
    street.put(scooter, charger)
    return scooter, charger


def test_a_walk_costs_energy_by_the_metre(street):
    for _ in range(10):
        street.move(ONE, (2.0, 0.0))
        street.step(s=1.0)
    # 20 m × 0.08 % (DeliveryBench)
    assert street.shift.gauge(ONE, "energy") == pytest.approx(100.0 - 1.6)
    np.testing.assert_allclose(street.shift.gauges.metres[0], [20.0, 0, 0, 0, 0])
    assert street.shift.gauge(ONE, "idle_s") == 0.0
    assert street.shift.gauge(TWO, "idle_s") == pytest.approx(10.0)


def test_a_scooter_is_a_body_of_the_engine_by_the_roadside_near_the_dealer(street):
    street.put(ONE, place(street, "dealer"))
    street.do(ONE, "buy", item="scooter")
    (spawn,) = street.task.changes(street.shift)
    assert isinstance(spawn, Spawn)
    assert spawn.name == street.shift.couriers[ONE].scooter
    dealer = street.shift.world.places.doors[place(street, "dealer"), :2]
    assert np.linalg.norm(spawn.pose.position[:2] - dealer) < 40.0
    assert street.money(ONE) == pytest.approx(20.0)
    assert street.shift.couriers[ONE].tally.invested == 8000
    assert "need no more" in street.do(ONE, "buy", item="scooter")
    street.step()
    assert street.task.changes(street.shift) == ()


def test_two_who_buy_at_once_get_two_scooters_in_two_places(street):
    for name in (ONE, TWO):
        street.put(name, place(street, "dealer"))
    buy = Action(Skill("buy", "scooter"))
    street.step({ONE: buy, TWO: buy})
    a, b = street.task.changes(street.shift)
    assert a.name != b.name
    assert np.linalg.norm(a.pose.position[:2] - b.pose.position[:2]) > 1.0


def test_riding_drains_the_battery_and_a_flat_one_is_pushed(street):
    on_scooter(street)
    for _ in range(20):
        street.move(ONE, (5.0, 0.0))
        street.step(s=1.0)
    # 100 m × 0.04 % of battery, × 0.01 % of energy (DeliveryBench)
    assert street.shift.gauge(ONE, "battery") == pytest.approx(96.0)
    assert street.shift.gauge(ONE, "energy") == pytest.approx(99.0)
    assert street.task.affairs(street.shift, ONE).drive_m_s == 6.0
    street.shift = street.shift.with_gauge(ONE, battery=0.0)
    street.move(ONE, (10.0, 0.0))
    street.step(s=10.0)
    assert street.task.affairs(street.shift, ONE).drive_m_s == 1.5
    assert street.shift.gauges.metres[0].tolist() == [0.0, 100.0, 0.0, 0.0, 10.0]


def test_nobody_may_ride_what_is_not_theirs(street):
    scooter = on_scooter(street)
    shift, state = street.shift, street.state()
    refuses = street.task.refuses
    for verb in ("ride", "board"):
        assert refuses(shift, state, ONE, Action(Skill(verb, scooter))) == ""
        assert "not yours" in refuses(shift, state, TWO, Action(Skill(verb, scooter)))
        assert "Name what you ride" in refuses(shift, state, TWO, Action(Skill(verb)))
    assert refuses(shift, state, TWO, Action(Skill("go_to", "1,1"))) == ""


def test_set_transport_means_to_board_one_s_own_vehicle_or_to_get_off(street):
    assert "no scooter" in street.task.refuses(street.shift, street.state(), ONE, by("scooter"))
    scooter = on_scooter(street)
    shift, state = street.shift, street.state()
    assert street.task.means(shift, state, ONE, by("scooter")).motion is None  # rides it already
    assert street.task.means(shift, state, ONE, by("walk")).motion == Skill("dismount")
    del street.riding[ONE]
    shift = street.step()
    assert street.task.means(shift, street.state(), ONE, by("scooter")).motion == Skill("board", scooter)
    assert street.task.means(shift, street.state(), ONE, by("walk")).motion is None
    go = Action(Skill("go_to", "1,1"))
    assert street.task.means(shift, street.state(), ONE, go) is go


def by(mode: str) -> Action:
    return Action(Skill("set_transport", "", f'{{"mode": "{mode}"}}'))


def test_charging_takes_its_time_and_its_money_where_the_scooter_stands(street):
    scooter, charger = off_scooter_at_charger(street)
    street.put(scooter, street.shift.world.places.doors[charger, :2] + [50.0, 0.0])
    assert "it must be within 20 m" in street.do(ONE, "charge", to_pct=70)
    street.put(scooter, street.shift.world.places.doors[charger, :2] + [5.0, 0.0])
    had = street.money(ONE)
    assert street.do(ONE, "charge", to_pct=70) == ""
    assert street.task.affairs(street.shift, ONE).doing == "charge"
    street.go(239.0)
    assert street.task.affairs(street.shift, ONE).doing == "charge"
    street.go(2.0)  # 30 % at 7.5 % a minute are 240 s
    assert street.task.affairs(street.shift, ONE).doing == ""
    assert street.shift.gauge(ONE, "battery") == pytest.approx(70.0)
    assert had - street.money(ONE) == pytest.approx(30 * 0.05)


def test_who_leaves_the_charger_pays_for_what_flowed(street):
    off_scooter_at_charger(street)
    had = street.money(ONE)
    street.do(ONE, "charge")
    street.go(80.0)  # 10 %
    street.put(ONE, street.poses[ONE][:2] + [10.0, 0.0])
    street.step()
    assert "You left" in street.shift.failures[ONE]
    assert had - street.money(ONE) == pytest.approx(0.5, abs=0.011)


def test_a_scooter_that_is_taken_away_is_charged_no_further(street):
    scooter, _ = off_scooter_at_charger(street)
    had = street.money(ONE)
    street.do(ONE, "charge")
    street.go(80.0)  # 10 %
    del street.poses[scooter]
    street.step(s=8.0)  # what flowed until it was missed is paid: 1 % more
    assert "is gone" in street.shift.failures[ONE]
    assert street.task.affairs(street.shift, ONE).doing == ""
    assert had - street.money(ONE) == pytest.approx(0.56, abs=0.011)
    assert "nowhere to be seen" in street.do(ONE, "charge")


def test_a_rented_car_that_is_taken_away_can_be_written_off(street):
    street.put(ONE, place(street, "rental"))
    street.do(ONE, "rent")
    del street.poses[street.shift.couriers[ONE].car]
    assert street.do(ONE, "return_rental") == ""
    assert street.task.changes(street.shift) == ()
    street.go(200.0)
    assert street.money(ONE) == 99.0


def test_a_rented_car_costs_every_minute_begun_until_it_is_given_back(street):
    rental = place(street, "rental")
    street.put(ONE, rental)
    assert street.do(ONE, "rent") == ""
    car = street.shift.couriers[ONE].car
    assert isinstance(street.task.changes(street.shift)[0], Spawn)
    assert street.money(ONE) == 99.0
    street.go(150.0)
    assert street.money(ONE) == 97.0
    street.put(car, street.shift.world.places.doors[rental, :2] + [100.0, 0.0])
    assert "within 20 m" in street.do(ONE, "return_rental")
    street.put(car, street.shift.world.places.doors[rental, :2] + [6.0, 0.0])
    street.riding[ONE] = car
    street.put(ONE, rental)
    street.step()
    assert street.task.affairs(street.shift, ONE).drive_m_s == 12.0
    assert "Get off first" in street.do(ONE, "return_rental")
    del street.riding[ONE]
    street.put(ONE, rental)
    assert street.do(ONE, "return_rental") == ""
    assert street.task.changes(street.shift) == (Remove(car),)
    street.go(200.0)
    assert street.money(ONE) == 97.0


def test_a_bus_takes_one_from_stop_to_stop_by_its_timetable(street):
    line = street.shift.world.places.lines[0]
    start, goal = line.stops[0], line.stops[-1]
    assert "at no bus stop" in street.do(ONE, "ride_bus", to=goal) or street.shift.world.places.at(
        street.shift.at(ONE), 3
    )
    street.put(ONE, start)
    street.go(10.0)
    assert street.do(ONE, "ride_bus", to=goal) == ""
    # A bus leaves the first stop every 120 s; it rides at 10 m/s and stands 10 s at each stop.
    street.go(120.0 - street.shift.now_s - 1.0)
    assert street.money(ONE) == 100.0
    street.go(1.5)
    assert street.money(ONE) == 99.0
    assert "on the bus" in street.task.refuses(street.shift, street.state(), ONE, Action(Skill("go_to", "1,1")))
    assert street.task.shows(street.shift, street.state(), ONE)["me"]["transport"] == "bus"
    length = line.along_m[-1] - line.along_m[0]
    street.go(length / 10.0 + 10.0 * (len(line.stops) - 1) + 1.0)
    assert street.shift.world.places.at(street.shift.at(ONE), 3.0) == street.shift.world.places.row[goal]
    assert street.task.affairs(street.shift, ONE).doing == ""
    assert street.shift.gauges.metres[0].tolist() == [0.0, 0.0, 0.0, pytest.approx(length), 0.0]
    assert "You got off" in " ".join(street.shift.news.values()) or street.events[-1]["kind"] == "got_off"


def test_who_is_not_at_the_stop_misses_the_bus_and_pays_nothing(street):
    line = street.shift.world.places.lines[0]
    street.put(ONE, line.stops[0])
    street.go(10.0)
    street.do(ONE, "ride_bus", to=line.stops[-1])
    street.put(ONE, street.poses[ONE][:2] + [20.0, 0.0])
    street.step()
    assert "You missed the bus" in street.shift.failures[ONE]
    assert street.money(ONE) == 100.0


def test_the_next_bus_is_the_first_to_come_in_either_direction():
    lines = (Line("High Street", ("a", "b", "c"), (0.0, 100.0, 300.0)),)
    rules = Transport(bus_m_s=10.0, bus_headway_s=100.0, bus_dwell_s=10.0)
    # Out: passes b after 10 s of riding and one stop of 10 s. Back: c at 0, b after 20 s and one stop.
    out = bus.ride(lines, "a", "b", 5.0, rules, 1.0)
    back = bus.ride(lines, "c", "a", 5.0, rules, 1.0)
    assert (out.leaves_s, out.arrives_s, out.length_m) == (100.0, 120.0, 100.0)
    assert (back.leaves_s, back.arrives_s, back.length_m) == (100.0, 150.0, 300.0)
    assert bus.ride(lines, "b", "c", 5.0, rules, 1.0).leaves_s == 20.0
    assert bus.ride(lines, "b", "c", 5.0, rules, 0.5).leaves_s == 30.0
    assert bus.ride(lines, "a", "x", 5.0, rules, 1.0) is None
