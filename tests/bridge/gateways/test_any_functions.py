"""Whatever function is called on whatever there is, with whatever texts: it is answered, and the world goes on."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.all_commands import all_commands
from bridge.gateways.unrealcv.blueprints import FUNCTIONS
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.stage import Stage
from tests.bridge.gateways.unrealcv_town import Client

CAST = {
    "GEN_H": "Base_User_Agent_C", "GEN_V": "BP_Taxi_C", "GEN_D": "BP_SpotRobot_C", "GEN_S": "BP_Scooter_Pawn_C",
    "GEN_L": "BP_TrafficLight_C", "GEN_M": "UE_Manager_C", "GEN_W": "BP_Weather_C",
}  # fmt: skip
THERE = [
    "terrain",
    "sea",
    "house-1",
    "DefaultPawn_C_0",
    "car-1",
    "scooter-1",
    "courier-1",
    "oak-1",
    "parcel-1",
    "boat-1",
]
HOSTILE = [
    "nan", "inf", "-inf", "1e308", "-1e308", "1e30", "1e-300", "9" * 400, "0", "", "\x00", "é", ";", ",", "((", "True",
    "nan,1;2,3", "1e308,1e308", "GEN_V,nan,nan,nan", "GEN_H,1,0,0", "GEN_H,go", "1,1;" * 10_000, "z" * 5_000,
]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from([*CAST, *THERE]),
    st.floats(-300, 300).map(lambda number: f"{number:.3f}"),
    st.text(st.characters(exclude_characters=" \n"), max_size=12),
)
CALLS = st.tuples(
    st.sampled_from([*CAST, *THERE]), st.sampled_from(FUNCTIONS.names), st.lists(WORDS, max_size=6)
)  # fmt: skip
DONE_TO = st.tuples(
    st.sampled_from([*CAST, "scooter-1", "parcel-1"]),
    st.sampled_from(["destroy", "location 0 900 215", "location 99999999 0 0", "location -3000 860 215"]),
)
DONE = settings(
    max_examples=50, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def play(ask: Client) -> None:
    for name, blueprint in CAST.items():
        assert ask(f"vset /objects/spawn_bp_asset /Game/X/X.{blueprint} {name}") == name
    ask("vset /object/GEN_H/location -2980 860 215")
    ask("vset /object/GEN_S/location -2500 900 215")


@DONE
@given(st.lists(st.one_of(CALLS, DONE_TO), min_size=1, max_size=12))
def test_any_functions_in_any_order_are_answered_and_time_goes_on(ask, told):
    ask.stage.restart()
    play(ask)
    for one in told:
        if len(one) == 3:
            ask.bytes(f"vbp {one[0]} {one[1]} {' '.join(one[2])}")
        else:
            ask.bytes(f"vset /object/{one[0]}/{one[1]}")
        before = ask.stage.state.tick
        ask.stage.tick(2)
        assert ask.stage.state.tick == before + 2


@pytest.mark.parametrize("name", FUNCTIONS.names)
def test_a_function_fails_in_unrealcvs_words_alone_even_before_the_first_state(town_engine, name):
    engine, scene, loaded = town_engine
    stage = Stage(engine)
    stage.begin(scene, loaded)
    for actor in (*map(stage.found, THERE), stage.spawn("GEN_H", "unreal-cube", class_name="Base_User_Agent_C")):
        for arguments in ([], ["1", "1", "1", "1", "1", "1"], ["x" * 3000] * 6, ["1e308"] * 6, ["nan"] * 6):
            answer = answered(stage, actor, name, arguments)
            assert answer.startswith(("{", "Argument Invalid", "Cannot find object")) or re.search(
                "cannot act|is Static", answer
            )


def answered(stage: Stage, actor: Actor, name: str, arguments: list[str]) -> str:
    try:
        return FUNCTIONS.call(stage, actor, name, arguments)
    except CommandFailed as failure:
        return str(failure)


def test_what_cannot_act_does_not_stop_the_clock(ask):
    """A path, a turn or a leap of a house was once found out by the tick, which nobody could then get past."""
    for call in (
        "SetPath 0,0;100,0",
        "FollowPath",
        "MovementSimulation",
        "MakeUTurn",
        "Move_Speed 100 2 0",
        "set_jump",
    ):
        ask(f"vbp house-1 {call}")
    assert ask("vbp house-1 MakeUTurn") == "error house-1 cannot act"
    ask.stage.tick(3)


@pytest.mark.parametrize("call", [
    "SetMaxSpeed 1e30", "set_move 1e30 0", "set_move 0 1e30", "TurnAround 1 1e30 1", "Move_Speed 1e30 1 0",
    "set_nav_speed 1e30",
])  # fmt: skip
def test_speeds_beyond_all_bodies_are_invalid_when_they_are_said(ask, call):
    assert ask(f"vbp courier-1 {call}") == "error Argument Invalid"
    ask("vbp courier-1 MoveForward")
    ask.stage.tick(2)


def test_who_is_off_the_map_waits_with_its_orders_until_it_is_back(ask):
    play(ask)
    ask("vset /object/GEN_H/location 99999999 0 0")
    assert ask("vbp GEN_H MoveForward") == "{\r\n}"
    ask.stage.tick(2)
    ask("vset /object/GEN_H/location -1500 820 215")
    ask("vset /object/GEN_H/rotation 0 0 0")
    ask.stage.tick(100)
    assert ask.numbers("vget /object/GEN_H/location")[0] > -1500 + 100


def test_the_same_commands_and_ticks_give_the_same_world(town_engine):
    engine, scene, loaded = town_engine
    hashes = []
    for _ in range(2):
        stage = Stage(engine)
        stage.begin(scene, loaded, engine.reset(seed=0))
        ask = Client(stage, all_commands())
        play(ask)
        for line in (
            "vbp GEN_H nav_random 3000 0", "vbp GEN_D Move_Speed 100 1 2", "vbp GEN_V SetState 0.5 0 0.3",
            "vbp GEN_L StartSimulation", "vbp GEN_W SetFog 5 0 0.2",
        ):  # fmt: skip
            assert ask(line).startswith("{"), line
            stage.tick(20)
        hashes.append(engine.state_hash())
    assert hashes[0] == hashes[1]


def test_a_town_begun_anew_knows_nothing_of_the_one_before(ask):
    fresh = ask.stage.engine.state_hash()
    play(ask)
    for line in ("vbp GEN_L StartSimulation", "vbp GEN_H MoveForward", "vbp courier-1 SetMaxSpeed 10"):
        ask(line)
    ask("vset /object/scooter-1/destroy")
    ask.stage.tick(5)
    ask.stage.restart()
    assert ask.stage.engine.state_hash() == fresh
    assert "GEN_" not in ask("vget /objects")
    assert not ask.stage.before_tick
    ask("vbp courier-1 MoveForward")
    ask.stage.tick(60)
    assert ask("vget /objects").split().count("scooter-1") == 1
    assert abs(ask.stage.velocity(ask.stage.found("courier-1"))[0]) > 1.5  # 200 cm/s again, not 10
