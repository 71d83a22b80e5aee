"""SimWorld's managers, lights, weather, dog and clock, and the sequence with which its client builds a world."""

import itertools
import json
import re

import pytest

from bridge.engine import Weather
from bridge.formats.simworld_assets import BUILDINGS_CM, ROAD, blueprint_path
from bridge.gateways.unrealcv.simworld.signals import Signal
from bridge.gateways.unrealcv.simworld.weather import environment

MANAGER = "/Game/TrafficSystem/UE_Manager.UE_Manager_C"


def wait(ask, seconds):
    ask.stage.tick(round(seconds / 0.02))


@pytest.fixture
def manager(ask) -> str:
    assert ask(f"vset /objects/spawn_bp_asset {MANAGER} GEN_BP_UEManager") == "GEN_BP_UEManager"
    return "GEN_BP_UEManager"


def spawn(ask, path, name, x, y, z=205.0):
    assert ask(f"vset /objects/spawn_bp_asset {path} {name}") == name
    assert ask(f"vset /object/{name}/location {x} {y} {z}") == "ok"
    return name


def test_the_manager_tells_many_vehicles_at_once_and_says_where_all_are(ask, manager):
    for index, x in enumerate((-2500, 1000)):
        spawn(ask, "/Game/Cars/BP_Taxi.BP_Taxi_C", f"GEN_BP_Vehicle_{index}", x, 1350)
    spawn(ask, blueprint_path("Base_Pedestrian_C"), "GEN_BP_Pedestrian_0", -2000, 820)
    wait(ask, 0.2)
    before = told(ask, manager)
    assert ask(f"vbp {manager} VSetState GEN_BP_Vehicle_0,0.6,0,0;GEN_BP_Vehicle_1,0,1,0;nobody,1,0,0") == "{\r\n}"
    ask(f"vbp {manager} PSetState GEN_BP_Pedestrian_0,move")
    wait(ask, 2)
    after = told(ask, manager)
    assert after["GEN_BP_Vehicle_0"] - before["GEN_BP_Vehicle_0"] > 100
    assert after["GEN_BP_Vehicle_1"] == pytest.approx(before["GEN_BP_Vehicle_1"], abs=5)
    assert after["GEN_BP_Pedestrian_0"] - before["GEN_BP_Pedestrian_0"] > 200


def told(ask, manager):
    """x by name as SimWorld's client reads it."""
    said = json.loads(ask(f"vbp {manager} GetInformation"))
    assert {"VLocations", "VRotations", "PLocations", "ALocations", "SLocations", "LStates"} <= said.keys()
    found = {}
    for letter, names in (("V", ("GEN_BP_Vehicle_0", "GEN_BP_Vehicle_1")), ("P", ("GEN_BP_Pedestrian_0",))):
        for name in names:
            place = re.search(f"{name}X=(.*?) Y=(.*?) Z=", said[f"{letter}Locations"])
            turn = re.search(f"{name}P=.*? Y=(.*?) R=", said[f"{letter}Rotations"])
            assert place is not None
            assert turn is not None
            float(turn.group(1))
            found[name] = float(place.group(1))
    return found


def light(ask, manager, name):
    found = re.search(
        rf"{name}(true|false)(true|false)(\d+\.\d+)", json.loads(ask(f"vbp {manager} GetInformation"))["LStates"]
    )
    assert found is not None
    return found.group(1) == "true", found.group(2) == "true", float(found.group(3))


def test_a_light_is_green_then_amber_then_red_and_walk_holds_cars(ask, manager):
    spawn(ask, "/Game/City/BP_TrafficLight.BP_TrafficLight_C", "GEN_BP_TrafficSignal_0", 500, 900)
    ask("vbp GEN_BP_TrafficSignal_0 SetDuration 4 1 6")
    ask("vbp GEN_BP_TrafficSignal_0 SwitchVehicleFrontGreen")
    assert light(ask, manager, "GEN_BP_TrafficSignal_0") == (True, False, pytest.approx(4, abs=0.01))
    wait(ask, 4.1)
    assert light(ask, manager, "GEN_BP_TrafficSignal_0")[:2] == (False, False)
    ask("vbp GEN_BP_TrafficSignal_0 SetPedestrianWalk")
    assert light(ask, manager, "GEN_BP_TrafficSignal_0") == (False, True, pytest.approx(6, abs=0.01))
    wait(ask, 6.1)
    assert light(ask, manager, "GEN_BP_TrafficSignal_0") == (False, False, 0.0)


def test_a_light_that_runs_by_itself_goes_round_and_its_followers_with_it(ask, manager):
    for index in range(3):
        spawn(
            ask, "/Game/City/BP_TrafficLight.BP_TrafficLight_C", f"GEN_BP_TrafficSignal_{index}", 500 + 200 * index, 900
        )
    first = "GEN_BP_TrafficSignal_0"
    ask(f"vbp {first} AddVehicleSignal GEN_BP_TrafficSignal_1")
    ask(f"vbp {first} AddPedSignal GEN_BP_TrafficSignal_2")
    assert ask("vbp GEN_BP_TrafficSignal_1 AddVehicleSignal GEN_BP_TrafficSignal_0") == "error Argument Invalid"
    ask(f"vbp {first} SetDuration 2 1 3")
    ask(f"vbp {first} StartSimulation")
    seen = []
    for _ in range(12):
        seen.append(light(ask, manager, first)[:2])
        assert light(ask, manager, "GEN_BP_TrafficSignal_1")[0] == seen[-1][0]
        assert light(ask, manager, "GEN_BP_TrafficSignal_2")[0] is False
        wait(ask, 1)
    assert seen[:7] == [
        (True, False), (True, False), (False, False), (False, True), (False, True), (False, True), (True, False),
    ]  # fmt: skip


def test_followers_change_with_their_leader_whatever_durations_they_had(ask, manager):
    for index in range(2):
        spawn(ask, "/Game/City/BP_TrafficLight.BP_TrafficLight_C", f"GEN_L_{index}", 500 + 200 * index, 900)
    ask("vbp GEN_L_1 SetDuration 1 1 1")
    ask("vbp GEN_L_0 SetDuration 4 1 2")
    ask("vbp GEN_L_0 AddVehicleSignal GEN_L_1")
    ask("vbp GEN_L_0 StartSimulation")
    for _ in range(9):
        assert light(ask, manager, "GEN_L_1") == light(ask, manager, "GEN_L_0")
        wait(ask, 1)


def test_phases_without_length_are_invalid_and_short_ones_are_caught_up_with_at_once(ask, manager):
    signal = spawn(ask, "/Game/City/BP_TrafficLight.BP_TrafficLight_C", "GEN_L", 500, 900)
    assert ask(f"vbp {signal} SetDuration 1e-300 0 1e-300") == "error Argument Invalid"
    one = Signal(green_s=0.02, yellow_s=0.0, walk_s=0.02, is_cycling=True)
    one.begin("green", 0.0)
    one.go_on(1e7 + 0.01)
    assert one.since_s == pytest.approx(1e7, abs=0.05)


def test_lights_in_a_row_of_thousands_change_together(ask, manager):
    row = [Signal() for _ in range(5_000)]
    for one, other in itertools.pairwise(row):
        one.vehicles += [other, other]
    row[0].begin("green", 0.0)
    assert row[-1].phase == "green"


def test_a_light_that_was_destroyed_is_not_told_of(ask, manager):
    signal = spawn(ask, "/Game/City/BP_TrafficLight.BP_TrafficLight_C", "GEN_L", 500, 900)
    ask(f"vbp {signal} SwitchVehicleFrontGreen")
    ask(f"vset /object/{signal}/destroy")
    assert json.loads(ask(f"vbp {manager} GetInformation"))["LStates"] == ""


def test_numbers_that_are_none_do_not_drive_a_car(ask, manager):
    assert ask(f"vbp {manager} VSetState car-1,nan,0,0") == "error Argument Invalid"


def test_no_vehicle_of_many_is_told_anything_if_one_cannot_act(ask, manager):
    car = spawn(ask, "/Game/Cars/BP_Taxi.BP_Taxi_C", "GEN_BP_Vehicle_0", -2500, 1350)
    wait(ask, 0.5)
    before = ask(f"vget /object/{car}/location")
    assert ask(f"vbp {manager} VSetState {car},1,0,0;house-1,1,0,0") == "error house-1 cannot act"
    wait(ask, 1)
    assert ask.numbers(f"vget /object/{car}/location") == pytest.approx([float(one) for one in before.split()], abs=1)


def test_a_red_light_holds_who_follows_a_path_and_green_lets_go(ask):
    car = spawn(ask, "/Game/Cars/BP_Taxi.BP_Taxi_C", "GEN_BP_Vehicle_0", -2500, 1350)
    signal = spawn(ask, "/Game/City/BP_TrafficLight.BP_TrafficLight_C", "GEN_BP_TrafficSignal_0", -800, 900)
    ask(f"vbp {signal} SetDuration 30 1 30")
    ask(f"vbp {signal} SetPedestrianWalk")
    ask(f"vbp {car} SetPath -2000,1350;2000,1350")
    ask(f"vbp {car} FollowPath")
    wait(ask, 8)
    held = ask.numbers(f"vget /object/{car}/location")[0]
    assert -2400 < held < -800
    wait(ask, 2)
    assert ask.numbers(f"vget /object/{car}/location")[0] == pytest.approx(held, abs=20)
    ask(f"vbp {signal} SwitchVehicleFrontGreen")
    wait(ask, 4)
    assert ask.numbers(f"vget /object/{car}/location")[0] > held + 500


def test_a_pedestrian_goes_along_its_waypoints(ask):
    walker = spawn(ask, blueprint_path("Base_Pedestrian_C"), "GEN_BP_Pedestrian_0", -2000, 820)
    assert ask(f"vbp {walker} MovementSimulation") == "error Argument Invalid"
    ask(f"vbp {walker} SetWaypoints -1500,820;-1500,700")
    ask(f"vbp {walker} MovementSimulation")
    wait(ask, 8)
    x, y, _ = ask.numbers(f"vget /object/{walker}/location")
    assert abs(x + 1500) < 80
    assert abs(y - 700) < 80


def test_the_dog_goes_turns_and_looks(ask):
    dog = spawn(ask, blueprint_path("BP_SpotRobot_C"), "GEN_BP_SpotRobot_0", -1500, 820)
    wait(ask, 0.5)
    start = ask.numbers(f"vget /object/{dog}/location")
    ask(f"vbp {dog} Move_Speed 100 2 0")
    wait(ask, 3)
    assert ask.numbers(f"vget /object/{dog}/location")[0] - start[0] == pytest.approx(200, abs=40)
    ask(f"vbp {dog} Rotate_Angle 1 90 1")
    wait(ask, 1.5)
    assert ask.numbers(f"vget /object/{dog}/rotation")[1] == pytest.approx(90, abs=4)
    assert ask(f"vbp {dog} Move_Speed 100 2 9") == "error Argument Invalid"


def test_fog_and_sun_are_the_engines_own(ask):
    weather = "GEN_BP_Weather"
    assert ask(f"vset /objects/spawn_bp_asset {blueprint_path('BP_Weather_C')} {weather}") == weather
    ask(f"vbp {weather} SetFog 10 0 0.2")
    assert environment(ask.stage).visibility_m == pytest.approx(200)
    assert json.loads(ask(f"vbp {weather} GetFog")) == {
        "FogDensity": "10.000000", "FogDistance": "0.000000", "FogFalloff": "0.200000",
    }  # fmt: skip
    ask(f"vbp {weather} SetSunDirection -20 180")
    assert json.loads(ask(f"vbp {weather} GetSunDirection"))["rotation"] == "P=-20.000000 Y=180.000000 R=0.000000"
    low = environment(ask.stage).time_of_day_h
    ask(f"vbp {weather} SetSunDirection -60 90")
    assert abs(environment(ask.stage).time_of_day_h - 12) < abs(low - 12)
    ask.stage.edit([Weather(weather="clear")])
    ask(f"vbp {weather} SetSunIntensity 1")
    assert environment(ask.stage).weather == "overcast"
    ask(f"vbp {weather} SetAtmosphere 1 2")
    assert environment(ask.stage).visibility_m == pytest.approx(100)
    assert ask(f"vbp {weather} SetFog 500 0 0.2") == "error Argument Invalid"


def test_a_tick_is_as_long_as_it_was_told_and_time_waits_between(ask):
    tick = ask.stage.state.tick
    assert ask("vset /action/tick_intervel 0.1") == "ok"
    assert ask("vset /action/tick") == "ok"
    assert ask.stage.state.tick == tick + 5
    assert ask.stage.clock.is_driven
    assert ask("vset /action/set_fixed_frame_rate 0") == "error Argument Invalid"
    assert ask("vset /action/tick_intervel -1") == "error Argument Invalid"


def test_a_world_of_simworlds_buildings_is_built_as_its_client_does_and_taken_away_again(ask):
    nodes = [
        (f"GEN_Building_{index}", blueprint, 1000 + 150 * index)
        for index, blueprint in enumerate(list(BUILDINGS_CM)[:3])
    ]
    nodes.append(("GEN_Road_0", ROAD, -1000))
    before = ask("vget /objects")
    for name, blueprint, x in nodes:
        assert ask(f"vset /objects/spawn_bp_asset {blueprint_path(blueprint)} {name}") == name
        for line in (
            f"location {x} 0 200",
            "rotation 0 90 0",
            "scale 0.1 0.1 0.1",
            "collision True",
            "object_mobility False",
        ):
            assert ask(f"vset /object/{name}/{line}") == "ok"
        assert ask(f"vset /object/{name}/color 10 20 30") in (
            "ok",
            f"error No handler found for URI 'vset /object/{name}/color 10 20 30'",
        )
    revision = ask.stage.state.revision
    ask.stage.flush()
    assert ask.stage.state.revision == revision + 1
    for name in ask("vget /objects").split():
        if name.lower().startswith("gen_"):
            assert ask(f"vset /object/{name.lower()}/destroy") == "ok"
    assert ask("vset /action/clean_garbage") == "ok"
    assert ask("vget /objects") == before


def test_what_is_told_not_to_be_movable_stays_where_it_is_until_it_may_move_again(ask):
    house = spawn(ask, blueprint_path("BP_Building_01_C"), "GEN_Building_0", 1000, 0)
    assert ask(f"vset /object/{house}/object_mobility False") == "ok"
    assert ask(f"vget /object/{house}/mobility") == "Static"
    assert ask(f"vset /object/{house}/location 0 0 200").startswith(f"error {house} is Static.")
    assert ask.numbers(f"vget /object/{house}/location")[:2] == [1000, 0]
    assert ask(f"vset /object/{house}/object_mobility True") == "ok"
    assert ask(f"vset /object/{house}/location 0 0 200") == "ok"


def test_a_blueprint_like_nothing_here_is_named_in_the_error(ask):
    assert ask("vset /objects/spawn_bp_asset /Game/X/BP_Zeppelin.BP_Zeppelin_C Z") == (
        "error Can not find a class with name 'BP_Zeppelin_C'"
    )
