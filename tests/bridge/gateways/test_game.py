"""Commands to the game, the plug-in and the console."""

import pytest

from bridge.gateways.unrealcv.commands import Commands
from bridge.gateways.unrealcv.listening import Settings
from bridge.worker.beside import Beside
from tests.bridge.gateways.unrealcv_town import Client


def test_a_paused_game_says_so_until_it_is_resumed(ask):
    assert ask("vget /action/game/is_paused") == "false"
    assert ask("vset /action/game/pause") == "ok"
    assert ask("vget /action/game/is_paused") == "true"
    assert ask.stage.clock.is_paused
    ask.stage.clock.is_driven = True
    assert ask("vset /action/game/resume") == "ok"
    assert ask("vget /action/game/is_paused") == "false"
    assert not ask.stage.clock.is_driven


def test_a_level_begins_anew_when_it_is_opened_again(ask):
    start = ask("vget /object/courier-1/location")
    ask("vset /object/courier-1/location 0 900 212")
    ask("vset /objects/spawn_cube box 0 0 500")
    ask.stage.tick(5)
    assert ask("vset /action/game/level TINY") == "ok"
    assert ask("vget /object/courier-1/location") == start
    assert ask("vget /object/box/location") == "error Cannot find object"
    assert ask.stage.state.tick == 0


def test_a_level_that_there_is_not_is_not_opened(ask):
    assert ask("vset /action/game/level Mars") == "error Can not find a level with name 'Mars', there is 'tiny'"


def test_a_key_flies_the_player_while_time_passes(ask):
    ask("vset /camera/0/location 0 0 5000")
    ask("vset /camera/0/rotation 0 90 0")  # to the south: Unreal's +y
    assert ask("vset /action/keyboard W 0.5") == "ok"
    assert ask("vget /camera/0/location") == "0.000 0.000 5000.000"  # no time has passed
    ask.stage.tick(10)
    assert ask("vget /camera/0/location") == "0.000 240.000 5000.000"  # 0.2 s at 1200 cm/s
    ask.stage.tick(100)
    assert ask("vget /camera/0/location") == "0.000 600.000 5000.000"  # let go after half a second


@pytest.mark.parametrize(
    ("key", "end"),
    [("s", "-120.000 0.000 5000.000"), ("D", "0.000 120.000 5000.000"), ("A", "0.000 -120.000 5000.000"),
     ("SpaceBar", "0.000 0.000 5120.000"), ("Q", "0.000 0.000 4880.000"), ("Up", "120.000 0.000 5000.000")],
)  # fmt: skip
def test_keys_fly_where_unreals_default_pawn_does(ask, key, end):
    ask("vset /camera/0/location 0 0 5000")
    ask("vset /camera/0/rotation 0 0 0")
    ask(f"vset /action/keyboard {key} 0.1")
    ask.stage.tick(10)
    assert ask("vget /camera/0/location") == end


def test_arrow_keys_turn_the_player(ask):
    ask("vset /camera/0/rotation 0 0 0")
    ask("vset /action/keyboard Right 1.0")
    ask.stage.tick(50)
    assert ask("vget /camera/0/rotation") == "0.000 45.000 0.000"


def test_a_key_flies_the_player_through_no_wall(ask):
    low, _, _, high, south, top = ask.numbers("vget /object/house-1/bounds")
    ask(f"vset /camera/0/location {(low + high) / 2} {south + 300} {top - 100}")
    ask("vset /camera/0/rotation 0 -90 0")
    ask("vset /action/keyboard W 1")
    ask.stage.tick(60)
    assert ask.numbers("vget /camera/0/location")[1] == pytest.approx(south + 36, abs=3)


def test_without_input_keys_do_nothing(ask):
    before = ask("vget /camera/0/location")
    assert ask("vset /action/input/disable") == "ok"
    assert ask("vset /action/keyboard W 1") == "ok"
    ask.stage.tick(10)
    assert ask("vget /camera/0/location") == before
    assert "EnableInput: false" in ask("vget /unrealcv/status")
    assert ask("vset /action/input/enable") == "ok"
    assert "EnableInput: true" in ask("vget /unrealcv/status")
    ask("vset /camera/0/location 0 0 5000")
    ask("vset /action/keyboard W 1")
    ask.stage.tick(1)
    assert ask("vget /camera/0/location") != "0.000 0.000 5000.000"


def test_keys_are_held_for_a_time_that_there_can_be(ask):
    assert ask("vset /action/keyboard W -1") == "error Argument Invalid"
    assert ask("vset /action/keyboard W 1000000") == "error Argument Invalid"
    assert ask("vset /action/keyboard F13 1") == "ok"  # a key that the player has nothing on
    assert ask.stage.before_tick == []


def test_there_is_no_stereo_camera_any_more(ask):
    assert ask("vset /action/eyes_distance 6.4") == "error Not Implemented"


def test_the_status_has_the_plug_ins_lines(ask):
    lines = ask("vget /unrealcv/status").split("\n")
    assert lines[:4] == ["Is Listening", "Client Connected", "9000", "Configuration"]
    assert lines[4].startswith("Config file: ")
    assert lines[5:] == [
        "Port: 9000", "Width: 640", "Height: 480", "FOV: 90.0", "EnableInput: true", "EnableRightEye: false",
    ]  # fmt: skip


def test_the_plug_in_says_who_it_is(ask):
    assert ask("vget /unrealcv/version") == "1.1.0"
    assert ask("vget /unrealcv/echo hello") == "hello"
    assert ask("vget /scene/name") == "simbridge"
    assert ask("vget /level/name") == "tiny"
    assert ask("vget /persistent_level/id") == "PersistentLevel"
    assert ask("vget /persistent_level/level_script_actor/id") == "tiny_C_0"


def test_capabilities_are_templates_a_line_each_and_no_shared_memory(ask):
    lines = ask("vget /unrealcv/commands").split("\n")
    assert "vget /unrealcv/commands" in lines
    assert "vget /camera/[uint]/lit [str]" in lines
    assert not any("_shared" in line for line in lines)
    assert sorted(lines) == sorted(told.template for told in ask.commands.told)


def test_help_is_templates_and_what_they_do_in_turn(ask):
    lines = ask("vget /unrealcv/help").split("\n")
    assert lines.pop() == ""
    assert lines[::2] == [told.template for told in ask.commands.told]
    assert all(len(line) > 10 for line in lines[1::2])


def test_an_alias_runs_its_lines_and_answers_all_of_them(ask):
    client = Client(ask.stage, Commands([], aliases={"whoami": ["vget /unrealcv/none", "vrun nobody"]}))
    assert client("vrun whoami") == (
        "error No handler found for URI 'vget /unrealcv/none'\nerror Unrecognised alias 'nobody'"
    )
    assert ask("vrun whoami") == "error Unrecognised alias 'whoami'"


def test_the_console_pauses_and_restarts_the_level(ask):
    assert ask("vcmd pause") == "ok"
    assert ask("vget /action/game/is_paused") == "true"
    ask("vcmd PAUSE")
    assert ask("vget /action/game/is_paused") == "false"
    ask.stage.tick(3)
    assert ask("vcmd RestartLevel") == "ok"
    assert ask.stage.state.tick == 0


def test_the_console_changes_the_view(ask):
    assert ask("vrun viewmode unlit") == "ok"
    assert ask("vget /viewmode") == "unlit"


def test_a_viewport_has_pixels_and_not_too_many(ask):
    assert ask("vrun setres 99999x99999") == "error Argument Invalid"
    assert ask("vrun setres 0x10w") == "error Argument Invalid"
    assert ask("vrun setres large") == "ok"
    assert ask.stage.viewport_size == (640, 480)


@pytest.mark.parametrize(
    "line",
    ["vrun setres 320x200 w", "vrun setres 320x200 w a", "vrun setres 320x200 w a b", "vrun setres 320x200 w a b c"],
)
def test_the_console_takes_up_to_six_words(ask, line):
    assert ask(line) == "ok"
    assert ask.stage.viewport_size == (320, 200)


def test_what_the_console_does_not_know_is_answered_as_unreal_does(ask):
    assert ask("vrun t.maxFPS 30") == "ok"
    assert ask("vrun setres 320x200 w a b c d").startswith("error No handler")


def test_slow_motion_lets_fewer_ticks_pass_by_the_clock(ask):
    clock = ask.stage.clock
    assert ask("vrun slomo 0.25") == "ok"
    assert [clock.passing(1) for _ in range(8)] == [0, 0, 0, 1, 0, 0, 0, 1]
    assert ask("vrun slomo 2.5") == "ok"
    assert [clock.passing(1) for _ in range(4)] == [2, 3, 2, 3]
    ask("vset /action/game/pause")
    assert clock.passing(5) == 0


def test_slow_motion_has_limits_and_wants_a_number(ask):
    for told, made in (("0", 0.01), ("1000", 20.0), ("fast", 20.0), ("-1", 20.0), ("1e9", 20.0)):
        assert ask(f"vrun slomo {told}") == "ok"
        assert ask.stage.clock.dilation == made


def test_the_servers_clock_goes_as_fast_as_was_said_and_lockstep_as_it_is_told(ask):
    for is_paced, ticks in ((True, 6), (False, 3)):
        beside = Beside(ask.stage.engine, Settings(port=0, has_socket=False), is_paced=is_paced)
        try:
            beside.loaded(ask.stage.scene, ask.stage.loaded)
            beside.began(ask.stage.engine.reset(seed=0))
            Client(beside.stage, ask.commands)("vrun slomo 2")
            assert [beside.step({}, 1).tick for _ in range(3)][-1] == ticks
        finally:
            beside.close()


def test_a_key_that_is_pressed_again_is_held_once(ask):
    ask("vset /camera/0/location 0 0 5000")
    ask("vset /camera/0/rotation 0 0 0")
    for _ in range(3):
        ask("vset /action/keyboard w 0.1")
    ask.stage.tick(20)
    assert ask("vget /camera/0/location") == "120.000 0.000 5000.000"
