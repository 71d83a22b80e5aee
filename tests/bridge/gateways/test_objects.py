"""Commands about objects: what each answers, and what it does to the world."""

import numpy as np
import pytest

from bridge.engine import Hide


def placed(ask, name: str) -> tuple[list[float], list[float]]:
    """Pose and scale of a thing as the engine has it, after all that was told."""
    ask.stage.flush()
    state = ask.stage.state
    for group in ask.stage.engine.scene.placements:
        if name in group.names:
            row = group.names.index(name)
            pose = state.poses[state.names.index(name)] if name in state.names else group.poses[row]
            return pose.tolist(), group.scale[row].tolist()
    raise AssertionError(f"no '{name}'")


def test_all_names_come_each_with_a_space_after_it(ask):
    text = ask("vget /objects")
    assert text.endswith("bench-1 DefaultPawn_C_0 ")
    names = text.split(" ")[:-1]
    assert names[:4] == ["tiny_C_0", "terrain", "sea", "quay-street"]
    assert len(set(names)) == len(names)


def test_a_location_is_in_unreals_centimetres(ask):
    assert ask("vget /object/courier-1/location") == "-3000.000 820.000 212.000"  # at (-30, -8.2, 2.12) m
    assert ask("vset /object/courier-1/location -2800 900.5 212") == "ok"
    pose, _ = placed(ask, "courier-1")
    np.testing.assert_allclose(pose[:3], [-28.0, -9.005, 2.12], atol=1e-9)


def test_a_rotation_is_pitch_yaw_roll(ask):
    assert ask("vset /object/car-1/rotation 0 90 0") == "ok"  # clockwise from above: it looks to the south
    assert ask("vget /object/car-1/rotation") == "0.000 90.000 0.000"
    pose, _ = placed(ask, "car-1")
    np.testing.assert_allclose(pose[3:], [np.sqrt(0.5), 0, 0, -np.sqrt(0.5)], atol=1e-6)


def test_a_scale_is_that_of_the_thing_in_the_engine(ask):
    assert ask("vget /object/bench-1/scale") == "1.000 1.000 1.000"
    assert ask("vset /object/bench-1/scale 1 2 0.5") == "ok"
    assert ask("vget /object/bench-1/scale") == "1.000 2.000 0.500"
    assert placed(ask, "bench-1")[1] == [1.0, 2.0, 0.5]


@pytest.mark.parametrize("scale", ["0 1 1", "-1 1 1", "1 1 1000"])
def test_a_scale_that_no_thing_can_have_is_refused(ask, scale):
    assert ask(f"vset /object/bench-1/scale {scale}") == "error Argument Invalid"


def test_bounds_are_the_box_in_unreals_world(ask):
    # The car is 4.4 x 1.8 x 1.5 m and stands at (-10, -13.5, 1.52) m: Unreal's y is 1350 cm
    low_high = ask("vget /object/car-1/bounds")
    z = 100 * placed(ask, "car-1")[0][2]
    assert low_high == f"-1220.00 1260.00 {z:.2f} -780.00 1440.00 {z + 150:.2f}"
    ask("vset /object/car-1/rotation 0 90 0")
    assert ask("vget /object/car-1/bounds") == f"-1090.00 1130.00 {z:.2f} -910.00 1570.00 {z + 150:.2f}"


def test_bounds_grow_with_the_scale(ask):
    ask("vset /object/bench-1/scale 2 1 1")  # 0.5 x 1.6 x 0.45 m at (-31.2, -8, 2.12)
    assert ask("vget /object/bench-1/bounds") == "-3170.00 720.00 212.00 -3070.00 880.00 257.00"


def test_vertices_are_lines_of_three_numbers_with_five_decimals(ask):
    lines = ask("vget /object/bench-1/vertex_location").split("\n")
    assert lines[-1] == ""
    points = np.array([[float(word) for word in line.split("     ")] for line in lines[:-1]])
    np.testing.assert_allclose(points.min(axis=0), [-3145.0, 720.0, 212.0], atol=1e-3)
    np.testing.assert_allclose(points.max(axis=0), [-3095.0, 880.0, 257.0], atol=1e-3)
    assert all(len(word.split(".")[1]) == 5 for word in lines[0].split())


@pytest.mark.parametrize("name", ["terrain", "sea", "house-1"])
def test_ground_water_and_houses_have_vertices_and_bounds(ask, name):
    points = np.array(
        [[float(word) for word in line.split()] for line in ask(f"vget /object/{name}/vertex_location").splitlines()]
    )
    box = ask.numbers(f"vget /object/{name}/bounds")
    np.testing.assert_allclose([*points.min(axis=0), *points.max(axis=0)], box, atol=0.006)


def test_what_is_not_drawn_has_no_vertices_and_a_point_for_bounds(ask):
    ask("vset /objects/spawn Actor empty 100 200 300")
    assert ask("vget /object/empty/vertex_location") == "ok"  # nothing to say
    assert ask("vget /object/empty/bounds") == "100.00 200.00 300.00 100.00 200.00 300.00"


def test_colours_are_those_of_the_map_in_the_order_of_actors(ask):
    names = ask("vget /objects").split()
    colours = [ask(f"vget /object/{name}/color") for name in names[:5]]
    assert colours == [
        "(R=0,G=0,B=0,A=255)",  # the level's script, which nobody sees
        "(R=0,G=0,B=255,A=255)",
        "(R=0,G=255,B=0,A=255)",
        "(R=0,G=255,B=255,A=255)",
        "(R=255,G=0,B=0,A=255)",
    ]


def test_a_colour_that_was_set_is_told(ask):
    assert ask("vset /object/house-1/color 10 20 300") == "ok"
    assert ask("vget /object/house-1/color") == "(R=10,G=20,B=44,A=255)"  # 300 in a byte


def test_what_is_built_is_static_and_what_is_placed_movable(ask):
    told = {name: ask(f"vget /object/{name}/mobility") for name in ("terrain", "sea", "house-1", "oak-1", "courier-1")}
    assert told == {
        "terrain": "Static",
        "sea": "Static",
        "house-1": "Static",
        "oak-1": "Movable",
        "courier-1": "Movable",
    }
    for what in ("location", "rotation", "scale"):
        assert ask(f"vset /object/house-1/{what} 1 1 1").startswith("error house-1 is Static")


def test_a_hidden_thing_is_hidden_in_the_engine_and_shown_again(ask):
    assert ask("vset /object/house-1/hide") == "ok"
    ask.stage.flush()
    assert ask.stage.ledger.changes() == (Hide("house-1"),)
    assert ask("vset /object/house-1/show") == "ok"
    ask.stage.flush()
    assert ask.stage.ledger.changes() == ()


def test_a_destroyed_thing_is_gone_for_clients_and_engine(ask):
    assert ask("vset /object/car-1/destroy") == "ok"
    assert ask("vget /object/car-1/location") == "error Cannot find object"
    assert "car-1" not in ask("vget /objects").split()
    ask.stage.flush()
    assert "car-1" not in ask.stage.state.names


@pytest.mark.parametrize("name", ["terrain", "sea"])
def test_the_ground_is_neither_destroyed_nor_hidden(ask, name):
    assert ask(f"vset /object/{name}/destroy").startswith(f"error {name} is the ground")
    assert ask(f"vset /object/{name}/hide").startswith(f"error {name} is the ground")


def test_classes_have_names_by_which_their_like_are_spawned(ask):
    assert ask("vget /object/car-1/uclass_name") == "BP_CarA_C"
    assert ask("vget /object/house-1/uclass_name") == "StaticMeshActor"
    assert ask("vget /object/terrain/uclass_name") == "Landscape"
    assert ask("vset /objects/spawn bp_cara_c second 0 1350 152") == "second"
    assert ask("vget /object/second/uclass_name") == "BP_CarA_C"


def test_a_new_name_is_the_one_it_is_found_by_and_keeps_its_place(ask):
    before = ask("vget /objects").split()
    assert ask("vset /object/car-1/name Taxi") == "ok"
    assert ask("vget /object/taxi/uclass_name") == "BP_CarA_C"
    assert ask("vget /objects").split() == ["Taxi" if name == "car-1" else name for name in before]
    assert ask("vset /object/taxi/location -1100 1350 152") == "ok"
    assert placed(ask, "car-1")[0][0] == pytest.approx(-11.0)


def test_a_name_that_somebody_has_is_not_given_again(ask):
    assert ask("vset /object/car-1/name House-1") == (
        "error Renaming an object to overwrite an existing object is not allowed: House-1"
    )
    assert ask("vset /object/car-1/name CAR-1") == "The name has already been set"


def test_labels_are_names_until_they_are_set(ask):
    assert ask("vget /object/car-1/label") == "car-1"
    assert ask("vset /object/car-1/label my_car") == "ok"
    assert ask("vget /object/car-1/label") == "my_car"


def test_materials_are_told_by_slot_and_paint_what_has_one(ask):
    assert ask("vget /object/car-1/material") == "[0] /Game/Materials/paint-red.paint-red "
    other = next(name for name in ask.stage.scene.materials if name != "paint-red")
    assert ask(f"vset /object/car-1/material 0 /Game/Materials/{other}.{other}") == "ok"
    assert ask("vget /object/car-1/material") == f"[0] /Game/Materials/{other}.{other} "
    ask.stage.flush()
    assert ask.stage.ledger.changes()[0].color == ask.stage.scene.materials[other].base_color


def test_materials_that_are_not_there_are_invalid(ask):
    assert ask("vset /object/car-1/material 0 /Game/none") == "error Argument Invalid"
    assert ask("vset /object/car-1/material 7 paint-red") == "error Argument Invalid"
    assert ask("vset /object/nobody/material 0 paint-red") == "error Can not find object"
    assert ask("vget /object/nobody/material") == "error Can not find object"


@pytest.mark.parametrize(
    "line",
    [
        "vget /object/x/location", "vset /object/x/location 1 2 3", "vget /object/x/rotation", "vget /object/x/scale",
        "vset /object/x/rotation 1 2 3", "vset /object/x/scale 1 2 3", "vget /object/x/bounds", "vget /object/x/color",
        "vset /object/x/color 1 2 3", "vget /object/x/vertex_location", "vget /object/x/mobility", "vset /object/x/show",
        "vset /object/x/hide", "vset /object/x/destroy", "vget /object/x/uclass_name", "vset /object/x/name y",
        "vget /object/x/label", "vset /object/x/label y", "vget /object//location",
    ],
)  # fmt: skip
def test_nobody_is_found_by_a_name_that_nobody_has(ask, line):
    assert ask(line) == "error Cannot find object"


def test_names_and_labels_that_nobody_would_read_are_refused(ask):
    long = "n" * 201
    assert ask(f"vset /object/car-1/name {long}") == "error Argument Invalid"
    assert ask(f"vset /object/car-1/label {long}") == "error Argument Invalid"
    assert ask(f"vset /objects/spawn_cube {long}") == "error Argument Invalid"
    assert ask(f"vset /objects/spawn Actor {long}") == "error Argument Invalid"
    assert long not in ask("vget /objects")
    ask.stage.flush()
    assert ask.stage.state.revision == 0
