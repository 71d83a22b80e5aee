"""Every command that SimWorld's clients, DeliveryBench and UnrealZoo send, each with an example, and how it is answered.

Answers are held against what the clients read: `ok`, a pattern, or the texts by name that a function gives out.
"""

import json
import re

import pytest

from bridge.gateways.unrealcv.blueprints import FUNCTIONS

XYZ = r"(-?\d+\.\d{3} ?){3}"
OBJECTS = {
    "vget /objects": r"(\S+ )+",
    "vget /object/H/location": XYZ, "vset /object/H/location -1500 820 215": "ok",
    "vget /object/H/rotation": XYZ, "vset /object/H/rotation 0 90 0": "ok",
    "vset /object/H/scale 1 1 1": "ok", "vset /object/H/color 1 2 3": "ok", "vset /object/H/name Other": "ok",
    "vset /object/H/destroy": "ok", "vset /objects/spawn Character": r"Character\w*|error Can not find a class .*",
    "vget /cameras": r"(\S+ )+", "vget /camera/1/location": XYZ, "vget /camera/1/rotation": XYZ,
    "vset /camera/0/location 0 0 900": "ok", "vset /camera/0/rotation -10 0 0": "ok",
    "vget /camera/1/fov": r"\d+\.\d+", "vset /camera/1/fov 90": "ok", "vget /camera/1/size": r"\d+ \d+",
    "vset /camera/1/size 32 24": "ok", "vget /camera/1/pose": r"(-?\d+\.\d{3} ?){6}",
    "vset /camera/1/exposure_bias 1": "ok", "vset /camera/1/illumination lumen": "ok|error Argument Invalid",
    "vset /camera/1/reflection lumen": "ok|error Argument Invalid",
    "vset /action/game/pause": "ok", "vset /action/game/resume": "ok", "vset /action/keyboard W 0.1": "ok",
    "vrun setres 64x48": "ok", "vrun Editor.AsyncSkinnedAssetCompilation 2": "ok", "vrun slomo 2": "ok",
    "vrun t.maxFPS 30": "ok", "vrun r.ScreenPercentage 50": "ok",
    "vset /objects/spawn_bp_asset /Game/X/Base_User_Agent.Base_User_Agent_C GEN_BP_Humanoid_7": "GEN_BP_Humanoid_7",
    "vset /object/H/physics True": "ok", "vset /object/H/collision False": "ok",
    "vset /object/H/object_mobility True": "ok", "vset /action/clean_garbage": "ok",
    "vset /action/set_fixed_frame_rate 50": "ok", "vset /action/tick_intervel 0.1": "ok", "vset /action/tick": "ok",
    "vget /object/H/velocity": XYZ, "vget /object/H/overlaps": r"(\S+ )*| ", "vget /object/H/nearby 900": r"(\S+ )*| ",
    "vset /object/H/track_hits True": "ok", "vget /object/H/hit_events": r"(\d+\.\d{3} \S+\n?)*|\n",
    "vget /object/H/vertices": r"[\s\S]*", "vget /object/H/vertex_location": r"[\s\S]*",
    "vget /arm/RobotArmActor_1/pose": "error Cannot find object",  # of a town without arms
    "vget /arm/RobotArmActor_1/tip_pose": "error Cannot find object",
    "vget /arm/RobotArmActor_1/query collision": "error Cannot find object",
    "vset /arm/RobotArmActor_1/moveto 1 2 3": "error Cannot find object",
}  # fmt: skip
EMPTY, SUCCESS = set(), {"Success"}
CALLS = {
    # SimWorld
    "H EnableController True": SUCCESS,
    "H GetCollisionNum": {"HumanCollision", "ObjectCollision", "BuildingCollision", "VehicleCollision"},
    "V SetState 0.5 0 0": EMPTY, "V MakeUTurn": EMPTY, "M VSetState V,0.5,0,0;nobody,0,1,0": EMPTY,
    "M PSetState P,stop;H,move": EMPTY, "M UpdateObjects": EMPTY,
    "M GetInformation": {f"{one}{what}" for one in "VPAS" for what in ("Locations", "Rotations")} | {"LStates"},
    "P StopPedestrian": EMPTY, "P MoveForward": EMPTY, "P Rotate_Angle 1 45 -1": EMPTY, "P SetMaxSpeed 150": EMPTY,
    "P SetWaypoints 0,820;100,820": EMPTY, "P MovementSimulation": "error Argument Invalid",  # without waypoints
    "L SwitchVehicleFrontGreen": EMPTY, "L SetPedestrianWalk": EMPTY, "L SetDuration 10 2 30": EMPTY,
    "L AddVehicleSignal L2": EMPTY, "L AddPedSignal L2": EMPTY, "L StartSimulation": EMPTY,
    "D Move_Speed 100 1 0": EMPTY, "D Rotate_Angle 1 90 1": EMPTY, "D lookup": EMPTY, "D lookdown": EMPTY,
    "H MoveForward": EMPTY, "H TurnAround 1 90 1": EMPTY, "H StopAgent": EMPTY, "H StepForward 1 0": EMPTY,
    "H SitDown": SUCCESS, "H StandUp": SUCCESS, "H GetOnScooter": SUCCESS, "H GetOffScooter": SUCCESS,
    "H PickUp parcel-1": SUCCESS, "H DropOff": SUCCESS, "H EnterVehicle V": SUCCESS, "H ExitVehicle V": SUCCESS,
    "H Discussion 0": EMPTY, "H Arguing 1": EMPTY, "H Listening": EMPTY, "H Wave2Dog": EMPTY, "H Directing": EMPTY,
    "H StopAction": EMPTY, "S SetState 0.5 0 0": EMPTY, "S SetPath 0,820;100,820": EMPTY,
    "S FollowPath": "error Argument Invalid",  # without a path
    "W SetSunDirection -40 90": EMPTY, "W GetSunDirection": {"rotation"}, "W SetSunIntensity 8": EMPTY,
    "W GetSunIntensity": {"SunIntensity"}, "W SetFog 1 0 0.2": EMPTY,
    "W GetFog": {"FogDensity", "FogDistance", "FogFalloff"}, "W SetAtmosphere 1 1": EMPTY,
    "W GetAtmosphere": {"Rayleigh Scattering Scale", "Mie Scattering Scale"},
    # DeliveryBench, SimWorld-Robotics
    "H SetMaxAccel 500": EMPTY, "H SetBrakingDel 500": EMPTY, "H MoveToNextPoint 0 820 100": EMPTY,
    "H SetLocation -1500 820": EMPTY, "H Give": SUCCESS, "S MakingUTurn": EMPTY, "H StopDeliveryMan": EMPTY,
    "M GetDeliveryInformation": {f"{one}{what}" for one in "VPAS" for what in ("Locations", "Rotations")} | {"LStates"},
    "M UpdateAgents": EMPTY, "H StepForward 0 1": EMPTY, "H TurnAround 90 1": EMPTY, "H CheckAvailable": SUCCESS,
    # UnrealZoo
    "H set_move 10 100": EMPTY, "H set_move 100 0 0 10": EMPTY, "H set_cam 10 0 60 0 0 0": EMPTY, "H set_speed 100": EMPTY,
    "H set_acc 100": EMPTY, "H set_app 3": EMPTY, "H set_interval 1": EMPTY, "H set_random 0": EMPTY, "H set_phy 1": EMPTY,
    "H set_jump": EMPTY, "H set_crouch": EMPTY, "H set_liedown 100 100": EMPTY, "H set_standup": EMPTY,
    "H carry_body": SUCCESS, "H drop_body": SUCCESS, "H is_carrying": {"Carrying"}, "H is_picked": {"Picked"},
    "H set_open_door 1": SUCCESS, "H enter_exit_car 0": SUCCESS, "H get_speed": {"Speed"}, "H get_angle": {"Angle"},
    "H get_hit": {"Hit"}, "H nav_to_goal 0 820 215": EMPTY, "H nav_to_target courier-1 200": EMPTY,
    "H nav_random 2000 1": {"nav_goal"}, "H generate_nav_goal 2000 500": {"nav_goal"}, "H set_nav_speed 200": EMPTY,
    "H move_to_goal 0 820 215": EMPTY, "W set_light 0 90 -40 3 1 1 1": EMPTY, "H set_mat 0 1 0 0 0.5 x.png": EMPTY,
    "H set_viewport 0": EMPTY, "H reset": EMPTY, "H start": EMPTY,
    "1000 set_interval H": "error Can not find actor with id '1000'",  # UnrealZoo's own slip
}  # fmt: skip
"""What follows `vbp`, and the names of what is given out."""
CAST = {
    "H": "Base_User_Agent_C", "P": "Base_Pedestrian_C", "V": "BP_Taxi_C", "S": "BP_Scooter_Pawn_C", "D": "BP_SpotRobot_C",
    "L": "BP_TrafficLight_C", "L2": "BP_TrafficLight_C", "M": "UE_Manager_C", "W": "BP_Weather_C",
}  # fmt: skip


@pytest.fixture
def played(ask):
    for place, (name, blueprint) in enumerate(CAST.items()):
        assert ask(f"vset /objects/spawn_bp_asset /Game/X/X.{blueprint} {name}") == name
        ask(f"vset /object/{name}/location {-1500 + 300 * place} 820 215")
    ask.stage.tick(1)
    return ask


@pytest.mark.parametrize("line", OBJECTS)
def test_every_command_of_the_clients_is_answered_as_they_read_it(played, line):
    assert re.fullmatch(OBJECTS[line], played(line)), played(line)
    played.stage.tick(2)


@pytest.mark.parametrize("call", CALLS)
def test_every_function_that_clients_call_gives_out_what_they_read(played, call):
    answer, expected = played(f"vbp {call}"), CALLS[call]
    if isinstance(expected, str):
        assert answer == expected
    else:
        out = json.loads(answer)
        assert out.keys() == expected
        assert all(isinstance(value, str) for value in out.values())
    played.stage.tick(2)


def test_no_function_is_left_that_no_client_was_seen_to_call():
    called = {call.split()[1].casefold() for call in CALLS}
    ours = {"exitvehicle", "greeting", "dance", "set_stop"}
    assert {name.casefold() for name in FUNCTIONS.names} - called <= ours
