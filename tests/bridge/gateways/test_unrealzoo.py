"""UnrealZoo's players in the world: velocities, ways, cars, doors and looks, as gym_unrealcv asks for them."""

import json
import math
import re

import pytest

from bridge.engine import Paint
from bridge.gateways.unrealcv.blueprints import FUNCTIONS


@pytest.fixture
def player(ask) -> str:
    """Spawned by a class of UnrealZoo's, at (-15, -8.2) m, facing east."""
    assert ask("vset /objects/spawn bp_character_C player_EP1_2") == "player_EP1_2"
    assert ask("vset /object/player_EP1_2/location -1500 820 215") == "ok"
    assert ask("vset /object/player_EP1_2/rotation 0 0 0") == "ok"
    assert ask("vbp player_EP1_2 set_phy 0") == "{\r\n}"
    return "player_EP1_2"


def wait(ask, seconds):
    ask.stage.tick(round(seconds / 0.02))


def place(ask, name):
    return ask.numbers(f"vget /object/{name}/location")


def floats(answer):
    return [float(word) for word in re.findall(r"[-+]?\d*\.?\d+", answer)]


def test_two_numbers_are_turn_and_speed_and_last_until_the_next(ask, player):
    ask(f"vbp {player} set_move 0 150")
    wait(ask, 2)
    before = place(ask, player)
    wait(ask, 2)
    assert place(ask, player)[0] - before[0] == pytest.approx(300, abs=5)
    assert floats(ask(f"vbp {player} get_speed"))[0] == pytest.approx(150, abs=5)
    ask(f"vbp {player} set_move 30 0")
    wait(ask, 2)
    assert floats(ask(f"vbp {player} get_angle"))[0] == pytest.approx(30, abs=2)
    assert ask.numbers(f"vget /object/{player}/rotation")[1] == pytest.approx(60, abs=5)


def test_four_numbers_are_velocities_ahead_right_up_and_turn(ask, player):
    ask(f"vbp {player} set_move 0 100 0 0")
    wait(ask, 2)
    assert place(ask, player)[1] > 820 + 100  # y to the south is to the right of who faces east


def test_who_crouches_goes_half_as_fast_and_who_lies_not_at_all(ask, player):
    ask(f"vbp {player} set_crouch")
    ask(f"vbp {player} set_move 0 150")
    wait(ask, 2)
    assert floats(ask(f"vbp {player} get_speed"))[0] == pytest.approx(75, abs=5)
    ask(f"vbp {player} set_liedown 100 100")
    ask(f"vbp {player} set_move 0 150")
    wait(ask, 2)
    assert floats(ask(f"vbp {player} get_speed"))[0] < 5
    ask(f"vbp {player} set_standup")
    ask(f"vbp {player} set_move 0 150")
    wait(ask, 2)
    assert floats(ask(f"vbp {player} get_speed"))[0] == pytest.approx(150, abs=5)


def test_one_finds_the_way_to_a_goal_that_was_drawn(ask, player):
    goal = json.loads(ask(f"vbp {player} generate_nav_goal 3000 500"))["nav_goal"]
    x, y, _ = (float(number) for number in re.findall(r"=([-\d.]+)", goal))
    assert 500 <= math.dist((x, y), place(ask, player)[:2]) <= 3000
    ask(f"vbp {player} set_nav_speed 300")
    ask(f"vbp {player} nav_to_goal {x} {y} 0")
    wait(ask, 25)
    assert math.dist((x, y), place(ask, player)[:2]) < 120


def test_goals_are_drawn_anew_and_the_same_in_every_run(ask, player):
    drawn = [ask(f"vbp {player} generate_nav_goal 4000 100") for _ in range(4)]
    assert len(set(drawn)) > 1
    ask.stage.found(player).memory.pop("drawn")
    assert [ask(f"vbp {player} generate_nav_goal 4000 100") for _ in range(4)] == drawn


def test_one_goes_to_somebody_and_stops_short_of_them(ask, player):
    ask(f"vbp {player} nav_to_target courier-1 300")
    wait(ask, 15)
    assert 150 < math.dist(place(ask, player)[:2], place(ask, "courier-1")[:2]) < 400
    assert ask(f"vbp {player} nav_to_target nobody 300") == "error Cannot find object"


def test_one_enters_a_car_drives_it_and_gets_out(ask, player):
    car = place(ask, "car-1")
    ask(f"vset /object/{player}/location {car[0]} {car[1] - 160} 215")
    wait(ask, 0.2)
    assert json.loads(ask(f"vbp {player} enter_exit_car 0")) == {"Success": "true"}
    wait(ask, 1.5)
    ask(f"vbp {player} SetState 0.6 0 0")
    wait(ask, 2)
    assert math.dist(place(ask, "car-1")[:2], car[:2]) > 150
    ask(f"vbp {player} SetState 0 1 0")
    wait(ask, 2)
    assert json.loads(ask(f"vbp {player} enter_exit_car 0")) == {"Success": "true"}
    wait(ask, 1.5)
    assert all(not agent.riding for agent in ask.stage.state.agents)


def test_a_player_has_another_look_by_its_number(ask, player):
    colors = []
    for number in (3, 11):
        ask(f"vbp {player} set_app {number}")
        ask.stage.flush()
        (paint,) = [change for change in ask.stage.ledger.changes() if isinstance(change, Paint)]
        colors.append(paint.color)
    assert colors[0] != colors[1]


def test_a_player_s_camera_is_where_it_was_put(ask):
    assert ask("vbp courier-1 set_cam 20 0 60 0 -90 0") == "{\r\n}"
    x, y, z, pitch, _, _ = ask.numbers("vget /camera/1/pose")
    at = place(ask, "courier-1")
    assert (x, y, z) == pytest.approx((at[0] + 20, at[1], at[2] + 60), abs=1)
    assert pitch == pytest.approx(-90, abs=0.1)


def test_who_is_spawned_has_a_camera_of_its_own_and_takes_it_along(ask):
    before = len(ask("vget /cameras").split())
    ask("vset /objects/spawn bp_character_C player_EP1_3")
    assert len(ask("vget /cameras").split()) == before + 1
    ask("vset /objects/spawn_bp_asset /Game/Cars/BP_Taxi.BP_Taxi_C GEN_BP_Vehicle_0")
    assert len(ask("vget /cameras").split()) == before + 1
    ask("vset /object/player_EP1_3/destroy")
    assert len(ask("vget /cameras").split()) == before


def test_client_s_own_slip_of_name_and_number_is_an_error_and_no_more(ask):
    assert ask("vbp 1000 set_interval courier-1") == "error Can not find actor with id '1000'"


EFFECTLESS = {
    "Discussion": "bodies have no arms or voices: one stands still, as if talking",
    "Arguing": "as Discussion",
    "Listening": "as Discussion",
    "Wave2Dog": "as Discussion",
    "Directing": "as Discussion",
    "Greeting": "as Discussion",
    "Dance": "as Discussion",
    "set_interval": "how often Unreal's own wandering draws anew; nobody wanders here unless told",
    "set_random": "whether Unreal lets them wander",
    "set_viewport": "there is no game window",
    "start": "what is spawned runs already",
    "set_acc": "how quickly bodies come up to speed is their own",
    "SetMaxAccel": "as set_acc",
    "SetBrakingDel": "as set_acc",
    "UpdateObjects": "the manager always knows who there is",
    "UpdateAgents": "as UpdateObjects",
}
"""Functions that answer without changing more than what they are asked for again, each with the reason."""


def test_every_function_is_listed_once_and_those_without_effect_are_known():
    assert len({name.casefold() for name in FUNCTIONS.names}) == len(FUNCTIONS.names)
    assert set(FUNCTIONS.names) >= EFFECTLESS.keys()
    assert len(FUNCTIONS.names) > 80
