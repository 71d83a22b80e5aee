"""SimWorld's people in the world: what a client tells them they do, by numbers, and the answers are what it reads."""

import json
import math

import pytest

from bridge.gateways.unrealcv.motions import wrapped

HUMANOID = "/Game/TrafficSystem/Pedestrian/Base_User_Agent.Base_User_Agent_C"


@pytest.fixture
def humanoid(ask) -> str:
    """One at (-15, -8.2) m, who faces east."""
    name = "GEN_BP_Humanoid_0"
    assert ask(f"vset /objects/spawn_bp_asset {HUMANOID} {name}") == name
    assert ask(f"vset /object/{name}/location -1500 820 215") == "ok"
    assert ask(f"vset /object/{name}/rotation 0 0 0") == "ok"
    for flag in ("physics", "collision", "object_mobility"):
        assert ask(f"vset /object/{name}/{flag} True") == "ok"
    assert json.loads(ask(f"vbp {name} EnableController True")) == {"Success": "true"}
    return name


def place(ask, name):
    return ask.numbers(f"vget /object/{name}/location")


def yaw(ask, name):
    return ask.numbers(f"vget /object/{name}/rotation")[1]


def wait(ask, seconds):
    ask.stage.tick(round(seconds / 0.02))


def test_a_step_forward_is_speed_times_seconds_and_then_one_stands(ask, humanoid):
    assert ask(f"vbp {humanoid} SetMaxSpeed 150") == "{\r\n}"
    wait(ask, 0.5)
    start = place(ask, humanoid)
    ask(f"vbp {humanoid} StepForward 2 0")
    wait(ask, 3)
    stepped = place(ask, humanoid)[0] - start[0]
    assert stepped == pytest.approx(300, abs=30)  # less the getting under way
    wait(ask, 2)
    assert place(ask, humanoid)[0] - start[0] == pytest.approx(stepped, abs=1)


def test_a_step_with_another_direction_goes_backwards(ask, humanoid):
    start = place(ask, humanoid)
    ask(f"vbp {humanoid} StepForward 2 1")
    wait(ask, 3)
    assert place(ask, humanoid)[0] < start[0] - 280


@pytest.mark.parametrize(("command", "turned"), [
    ("TurnAround 1 90 1", 90), ("TurnAround 1 -90 -1", -90), ("Rotate_Angle 1 45 1", 45), ("TurnAround 30 -1", -30),
])  # fmt: skip
def test_turns_are_clockwise_as_unreal_counts_and_take_a_second(ask, humanoid, command, turned):
    ask(f"vbp {humanoid} {command}")
    wait(ask, 2)
    assert yaw(ask, humanoid) == pytest.approx(turned, abs=1)


def test_one_goes_on_until_told_to_stop(ask, humanoid):
    start = place(ask, humanoid)
    ask(f"vbp {humanoid} MoveForward")
    wait(ask, 2)
    ask(f"vbp {humanoid} StopAgent")
    wait(ask, 1.5)
    stopped = place(ask, humanoid)[0]
    assert stopped - start[0] > 300  # at 200 cm/s
    wait(ask, 1)
    assert place(ask, humanoid)[0] == pytest.approx(stopped, abs=1)


def test_who_goes_changes_step_when_told_another_speed(ask, humanoid):
    ask(f"vbp {humanoid} MoveForward")
    wait(ask, 1)
    ask(f"vbp {humanoid} SetMaxSpeed 50")
    wait(ask, 1)
    start = place(ask, humanoid)[0]
    wait(ask, 2)
    assert place(ask, humanoid)[0] - start == pytest.approx(100, abs=15)


def test_a_parcel_out_of_reach_is_not_picked_up_and_one_in_reach_is(ask, humanoid):
    assert json.loads(ask(f"vbp {humanoid} PickUp parcel-1")) == {"Success": "false"}
    ask(f"vset /object/{humanoid}/location -2980 820 215")
    wait(ask, 0.2)
    assert json.loads(ask(f"vbp {humanoid} PickUp parcel-1")) == {"Success": "true"}
    wait(ask, 1)
    assert holding(ask, humanoid) == ("parcel-1",)
    assert "1" in ask(f"vbp {humanoid} is_carrying")
    assert json.loads(ask(f"vbp {humanoid} DropOff")) == {"Success": "true"}
    wait(ask, 1)
    assert holding(ask, humanoid) == ()
    assert json.loads(ask(f"vbp {humanoid} DropOff")) == {"Success": "false"}


def holding(ask, name):
    thing = ask.stage.found(name).thing
    return next(agent.holding for agent in ask.stage.state.agents if agent.name == thing)


def riding(ask, name):
    thing = ask.stage.found(name).thing
    return next(agent.riding for agent in ask.stage.state.agents if agent.name == thing)


def test_one_gets_on_a_scooter_drives_it_and_gets_off_under_a_new_name(ask, humanoid):
    ask(f"vset /object/{humanoid}/location -3000 860 215")
    wait(ask, 0.2)
    assert json.loads(ask(f"vbp {humanoid} GetOnScooter")) == {"Success": "true"}
    wait(ask, 1.5)
    assert riding(ask, humanoid) == "scooter-1"
    start = place(ask, "scooter-1")
    ask("vbp scooter-1 SetState 0.8 0 0")
    wait(ask, 2)
    assert math.dist(place(ask, "scooter-1"), start) > 200
    ask("vbp scooter-1 SetState 0 1 0")
    wait(ask, 2)
    assert json.loads(ask("vbp scooter-1 GetOffScooter")) == {"Success": "true"}
    wait(ask, 1.5)
    (renamed,) = [name for name in ask("vget /objects").split() if name.startswith("Base_User_Agent_C_")]
    assert ask(f"vset /object/{renamed}/name {humanoid}") == "ok"
    assert riding(ask, humanoid) == ""


def test_steering_to_the_right_is_positive(ask):
    ask("vset /object/car-1/location -1000 1350 203")
    before = yaw(ask, "car-1")
    ask("vset /objects/spawn_bp_asset /Game/Cars/BP_Taxi.BP_Taxi_C GEN_BP_Vehicle_0")
    ask("vset /object/GEN_BP_Vehicle_0/location -2500 1350 203")
    ask(f"vset /object/GEN_BP_Vehicle_0/rotation 0 {before} 0")
    wait(ask, 0.2)
    ask("vbp GEN_BP_Vehicle_0 SetState 0.6 0 0.5")
    wait(ask, 1.5)
    assert math.degrees(wrapped(math.radians(yaw(ask, "GEN_BP_Vehicle_0") - before))) > 5


def test_one_sits_down_where_there_is_a_bench_and_gets_up(ask, humanoid):
    assert json.loads(ask(f"vbp {humanoid} SitDown")) == {"Success": "false"}
    ask(f"vset /object/{humanoid}/location -3080 900 215")
    wait(ask, 0.2)
    assert json.loads(ask(f"vbp {humanoid} SitDown")) == {"Success": "true"}
    wait(ask, 1.2)
    assert json.loads(ask(f"vbp {humanoid} SitDown")) == {"Success": "false"}
    assert json.loads(ask(f"vbp {humanoid} StandUp")) == {"Success": "true"}
    wait(ask, 1.2)
    assert json.loads(ask(f"vbp {humanoid} StandUp")) == {"Success": "false"}


def test_collisions_are_counted_by_what_was_met_and_once_until_asked(ask, humanoid):
    none = {"HumanCollision": "0", "ObjectCollision": "0", "BuildingCollision": "0", "VehicleCollision": "0"}
    assert json.loads(ask(f"vbp {humanoid} GetCollisionNum")) == none
    ask(f"vset /object/{humanoid}/location -2700 820 215")
    ask(f"vset /object/{humanoid}/rotation 0 180 0")
    ask(f"vbp {humanoid} MoveForward")  # to courier-1, by way of a parcel
    wait(ask, 3)
    met = json.loads(ask(f"vbp {humanoid} GetCollisionNum"))
    assert int(met["HumanCollision"]) + int(met["ObjectCollision"]) >= 1
    ask(f"vbp {humanoid} StopAgent")
    wait(ask, 1)
    ask(f"vbp {humanoid} GetCollisionNum")
    ask(f"vset /object/{humanoid}/location -1500 820 215")
    wait(ask, 0.5)
    ask(f"vbp {humanoid} GetCollisionNum")
    wait(ask, 0.5)
    assert json.loads(ask(f"vbp {humanoid} GetCollisionNum")) == none


def test_functions_that_are_not_there_and_actors_that_are_not_say_so(ask, humanoid):
    assert ask(f"vbp {humanoid} Fly") == "error Argument Invalid"
    assert ask(f"vbp {humanoid} StepForward") == "error Argument Invalid"
    assert ask("vbp nobody MoveForward") == "error Can not find actor with id 'nobody'"
    assert ask("vbp house-1 MoveForward") == "error house-1 cannot act"
    assert ask(f"vexec {humanoid} Fly") == f"error Fail to execute the function 'Fly' of {humanoid}"
    assert ask(f"vexec {humanoid} StopAgent") == "ok"
    for wrong in ("0", "-1", "1e9", "nan", "inf"):
        assert ask(f"vbp {humanoid} StepForward {wrong} 0") == "error Argument Invalid"


def test_names_of_functions_are_unreals_in_any_case(ask, humanoid):
    assert ask(f"vbp {humanoid} movefORWARD") == "{\r\n}"


def test_deliverybench_puts_one_on_the_ground_and_studio_asks_how_fast_one_goes(ask, humanoid):
    assert ask(f"vbp {humanoid} SetLocation -1200 820") == "{\r\n}"
    wait(ask, 0.5)
    assert place(ask, humanoid) == pytest.approx([-1200, 820, 212], abs=3)
    ask(f"vbp {humanoid} MoveForward")
    wait(ask, 2)
    assert ask.numbers(f"vget /object/{humanoid}/velocity")[0] == pytest.approx(200, abs=10)
    assert humanoid in ask("vget /object/lamp-1/nearby 3000").split()


def test_collisions_count_from_when_somebody_is_under_control_not_from_the_first_question(ask, humanoid):
    ask(f"vset /object/{humanoid}/location -2700 820 215")
    ask(f"vset /object/{humanoid}/rotation 0 180 0")
    ask(f"vbp {humanoid} MoveForward")  # to courier-1, by way of a parcel
    wait(ask, 3)
    assert sum(int(count) for count in json.loads(ask(f"vbp {humanoid} GetCollisionNum")).values()) >= 1


def test_hits_that_are_tracked_are_told_once(ask, humanoid):
    ask(f"vset /object/{humanoid}/track_hits True")
    ask(f"vset /object/{humanoid}/location -2700 820 215")
    ask(f"vset /object/{humanoid}/rotation 0 180 0")
    ask(f"vbp {humanoid} MoveForward")
    wait(ask, 3)
    first = ask(f"vget /object/{humanoid}/hit_events").splitlines()
    assert first
    assert {line.split()[1] for line in first} <= {"parcel-1", "courier-1", "scooter-1", "bench-1"}
    ask(f"vbp {humanoid} StopAgent")
    ask(f"vset /object/{humanoid}/location -1500 820 215")
    wait(ask, 1)
    ask(f"vget /object/{humanoid}/hit_events")
    assert ask(f"vget /object/{humanoid}/hit_events") == "\n"


def aboard(ask, humanoid):
    ask(f"vset /object/{humanoid}/location -3000 860 215")
    wait(ask, 0.2)
    assert json.loads(ask(f"vbp {humanoid} GetOnScooter")) == {"Success": "true"}
    wait(ask, 1.5)
    ask("vbp scooter-1 SetPath 0,860;500,860")
    assert ask("vbp scooter-1 FollowPath") == "{\r\n}"
    wait(ask, 0.4)


def test_a_scooter_that_is_destroyed_under_its_rider_goes_when_the_rider_is_off(ask, humanoid):
    aboard(ask, humanoid)
    assert ask("vset /object/scooter-1/destroy") == "ok"
    assert ask("vget /object/scooter-1/location") == "error Cannot find object"
    wait(ask, 2)
    assert riding(ask, humanoid) == ""
    assert "scooter-1" not in ask.stage.state.names
    before = place(ask, humanoid)
    wait(ask, 1)
    assert place(ask, humanoid) == pytest.approx(before, abs=1)  # and no longer follows the scooter's path
    ask(f"vbp {humanoid} MoveForward")
    wait(ask, 1)
    assert math.dist(place(ask, humanoid), before) > 100


def test_a_scooter_and_its_rider_can_be_destroyed_in_either_order(ask, humanoid):
    aboard(ask, humanoid)
    ask("vset /object/scooter-1/destroy")
    ask(f"vset /object/{humanoid}/destroy")
    assert ask("vset /action/clean_garbage") == "ok"
    assert not {"scooter-1", humanoid} & set(ask.stage.state.names)


def test_a_rider_who_is_destroyed_leaves_the_scooter_standing(ask, humanoid):
    aboard(ask, humanoid)
    assert ask(f"vset /object/{humanoid}/destroy") == "ok"
    wait(ask, 2)
    start = place(ask, "scooter-1")
    wait(ask, 1)
    assert place(ask, "scooter-1") == pytest.approx(start, abs=2)
    assert json.loads(ask("vbp scooter-1 GetOffScooter")) == {"Success": "false"}


def test_what_somebody_holds_can_be_destroyed(ask, humanoid):
    ask(f"vset /object/{humanoid}/location -2980 820 215")
    wait(ask, 0.2)
    ask(f"vbp {humanoid} PickUp parcel-1")
    wait(ask, 1)
    assert ask("vset /object/parcel-1/destroy") == "ok"
    wait(ask, 1.5)
    assert holding(ask, humanoid) == ()
    assert "parcel-1" not in ask.stage.state.names


def test_deliverybench_says_the_direction_of_a_step_first(ask, humanoid):
    start = place(ask, humanoid)
    ask(f"vbp {humanoid} StepForward 0 2")
    wait(ask, 3)
    assert place(ask, humanoid)[0] - start[0] == pytest.approx(400, abs=40)
