"""Objects and cameras that clients bring into the world."""

import pytest

from tests.bridge.embedded_town import embedded_town
from tests.bridge.gateways.test_objects import placed


def test_a_cube_is_one_metre_and_where_it_was_put(ask):
    assert ask("vset /objects/spawn_cube box") == "box"
    assert ask("vget /object/box/location") == "0.000 0.000 0.000"
    ask("vset /object/box/location 100 200 500")
    ask("vset /object/box/scale 2 1 1")
    assert ask("vget /object/box/bounds") == "0.00 150.00 500.00 200.00 250.00 600.00"
    assert placed(ask, "box") == ([1.0, -2.0, 5.0, 1.0, 0.0, 0.0, 0.0], [2.0, 1.0, 1.0])


def test_names_that_unreal_gives_are_numbered(ask):
    assert [ask("vset /objects/spawn_cube") for _ in range(2)] == ["CubeActor_0", "CubeActor_1"]
    assert ask("vset /objects/spawn BP_CarA_C") == "BP_CarA_C_0"
    assert ask("vset /cameras/spawn") == "FusionCameraActor_0"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("vset /objects/spawn BP_ParcelA_C 100 -200 300", "BP_ParcelA_C_0"),
        ("vset /objects/spawn BP_ParcelA_C mine 100 -200 300", "mine"),
        ("vset /objects/spawn_cube 100 -200 300", "CubeActor_0"),
        ("vset /objects/spawn_cube mine 100 -200 300", "mine"),
    ],
)
def test_what_is_spawned_somewhere_is_there(ask, line, name):
    assert ask(line) == name
    assert ask(f"vget /object/{name}/location") == "100.000 -200.000 300.000"
    assert placed(ask, name)[0][:3] == pytest.approx([1.0, 2.0, 3.0])


def test_what_is_there_already_is_not_spawned(ask):
    assert ask("vset /objects/spawn BP_CarA_C House-1") == "error Failed to spawn House-1, object exists."
    assert ask("vset /objects/spawn_cube CAR-1") == "error Failed to spawn CAR-1, object exists."


def test_there_is_nothing_of_a_class_that_nobody_knows(ask):
    assert ask("vset /objects/spawn BP_Dragon_C") == "error Can not find a class with name 'BP_Dragon_C'"
    assert ask("vset /objects/spawn BP_Dragon_C mine") == "error Can not find a class with name 'BP_Dragon_C'"


def test_a_cube_needs_a_scene_that_has_it(ask):
    ask.stage.begin(embedded_town(), ask.stage.loaded, ask.stage.state)
    assert ask("vset /objects/spawn_cube") == "error Can not find a class with name 'CubeActor'"


def test_a_person_that_is_spawned_can_act(ask):
    ask("vset /objects/spawn BP_CourierA_C second -2500 820 212")
    ask.stage.flush()
    assert "second" in [agent.name for agent in ask.stage.state.agents]


def test_a_name_may_come_again_as_something_else(ask):
    ask("vset /objects/spawn BP_ParcelA_C thing -2500 820 212")
    ask.stage.tick(1)
    ask("vset /object/thing/destroy")
    ask.stage.tick(1)
    assert ask("vset /objects/spawn BP_CarA_C thing 0 1350 152") == "thing"
    ask.stage.tick(1)
    assert ask("vget /object/thing/uclass_name") == "BP_CarA_C"
    assert "thing~1" in ask.stage.state.names


def test_a_town_built_command_by_command_is_one_edit(ask):
    for index in range(10):
        ask(f"vset /objects/spawn_cube box_{index}")
        ask(f"vset /object/box_{index}/location {300 * index} 0 500")
        ask(f"vset /object/box_{index}/rotation 0 45 0")
        ask(f"vset /object/box_{index}/scale 1 1 2")
        ask(f"vset /object/box_{index}/color 1 2 {index}")
        ask(f"vget /object/box_{index}/location")
    assert ask.stage.state.revision == 0
    ask.stage.tick(1)
    assert ask.stage.state.revision == 1
    assert placed(ask, "box_9")[0][0] == 27.0


def test_what_is_put_off_the_map_is_kept_for_when_it_comes_back(ask):
    ask("vset /objects/spawn_cube box")
    ask("vset /object/box/location 900000 0 0")
    ask.stage.tick(1)
    assert ask("vget /object/box/location") == "900000.000 0.000 0.000"
    ask("vset /object/car-1/location 0 0 -500000")
    ask.stage.tick(1)
    assert "car-1" not in ask.stage.state.names
    ask("vset /object/box/location 0 0 500")
    ask("vset /object/car-1/location -1000 1350 152")
    ask.stage.tick(1)
    assert placed(ask, "box")[0][:3] == [0.0, 0.0, 5.0]
    assert "car-1" in ask.stage.state.names


def test_what_the_engine_refuses_is_left_out_and_the_rest_made(ask, caplog):
    boat = next(name for name in ask("vget /objects").split() if name.startswith("boat"))
    start = ask("vget /object/" + boat + "/location")
    ask(f"vset /object/{boat}/location 0 0 500")  # on land
    ask("vset /objects/spawn_cube box 0 0 500")
    with caplog.at_level("WARNING", "bridge.unrealcv"):
        ask.stage.flush()
    assert "stand on land" in caplog.text
    assert ask(f"vget /object/{boat}/location") == start
    assert placed(ask, "box")[0][:3] == [0.0, 0.0, 5.0]
