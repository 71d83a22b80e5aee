"""The editor part carried out on a stand-in for Unreal that knows only what Unreal's API declares."""

import importlib
import sys

import numpy as np
import pytest
from simbridge_town.faults import ImportFailed, InvalidTown, NotCompiled, UsageFault
from simbridge_town.level import plan_level

from tests.unreal_plugin.conftest import loaded_into, run
from tests.unreal_plugin.fake_unreal import Editor


def pose(values) -> list[float]:
    """Position, quaternion (x, y, z, w) and scale of a transform of the stand-in."""
    at, turn, size = (values.values[key].values for key in ("translation", "rotation", "scale3d"))
    return [at["x"], at["y"], at["z"], turn["x"], turn["y"], turn["z"], turn["w"], size["x"], size["y"], size["z"]]


def expected_pose(thing) -> list[float]:
    return [*thing.position_cm, *thing.quat_xyzw, *thing.scale]


def tags(actor) -> list[str]:
    return [str(tag) for tag in actor.values["tags"]]


def test_a_town_becomes_a_saved_level_of_its_name(editor, tiny_folder):
    assert run(tiny_folder) == "/Game/SimBridge/Towns/tiny/tiny"
    assert editor.levels == ["/Game/SimBridge/Towns/tiny/tiny"]
    assert editor.saved == ["level", "/Game/SimBridge/Towns/tiny"]
    assert "SimBridge: /Game/SimBridge/Towns/tiny/tiny has a landscape of 127 by 127 vertices" in editor.lines[-1]


def test_batches_hold_every_instance_where_it_stands_with_its_id(editor, generated_folder):
    run(generated_folder)
    plan = plan_level(generated_folder)
    components = [a.values["components"][0] for a in editor.actors_of("Actor")]
    assert len(components) == len(plan.batches)
    for batch, component in zip(plan.batches, components, strict=True):
        found = [pose(transform) for transform in component.values["instances"]]
        np.testing.assert_allclose(found, [expected_pose(thing) for thing in batch.things])
        assert [component.values["custom"][i] for i in range(len(batch.things))] == [thing.id for thing in batch.things]
        assert [str(t) for t in component.values["component_tags"]] == [f"{t.id}={t.name}" for t in batch.things]
        assert component.values["stencil"] == batch.things[0].class_id
        assert str(component.values["mobility"]) == "STATIC"


def test_things_of_their_own_stand_where_they_should_with_id_class_and_name(editor, generated_folder):
    run(generated_folder)
    plan = plan_level(generated_folder)
    actors = {actor.values["label"]: actor for actor in editor.actors_of("StaticMeshActor")}
    assert list(actors) == [thing.name for thing in plan.things]
    for thing in plan.things:
        actor = actors[thing.name]
        component = actor.values["static_mesh_component"]
        assert pose(actor.values["transform"]) == pytest.approx(expected_pose(thing))
        assert (component.values["id"], component.values["stencil"]) == (thing.id, thing.class_id)
        assert str(component.values["mobility"]) == ("STATIC" if thing.role == "fixed" else "MOVABLE")
        assert component.values.get("simulates", False) == (thing.role == "pushed")
        assert component.values.get("mass_kg") == (thing.mass_kg if thing.role == "pushed" else None)
        assert {"SimBridge", f"SimBridge.Id={thing.id}", f"SimBridge.Name={thing.name}"} <= set(tags(actor))


def test_a_thing_shows_the_mesh_made_of_its_part_of_the_file(editor, generated_folder):
    run(generated_folder)
    plan = plan_level(generated_folder)
    assets = {model.key: model.asset for file in plan.files for model in file.models}
    for thing, actor in zip(plan.things, editor.actors_of("StaticMeshActor"), strict=True):
        key = f"{thing.mesh}#{thing.node}" if thing.node else thing.mesh
        assert actor.values["static_mesh_component"].values["static_mesh"].values["name"] == assets[key]


def test_every_slot_of_every_mesh_has_the_material_of_that_name(editor, tiny_folder):
    run(tiny_folder)
    meshes = [asset for asset in editor.assets.values() if type(asset).__name__ == "StaticMesh"]
    assert meshes
    for mesh in meshes:
        slots = [slot.values["imported_material_slot_name"] for slot in mesh.values["static_materials"]]
        assert [mesh.values["materials"][i].values["name"] for i in range(len(slots))] == slots


def test_materials_get_the_colours_of_the_town(editor, tiny, tiny_folder):
    run(tiny_folder)
    sets = [
        (call["instance"].values["name"], str(call["parameter_name"]), call["value"])
        for name, call in editor.calls
        if name.startswith("MaterialEditingLibrary.set_material_instance_") and "value" in call
    ]
    found = {(asset, parameter): value for asset, parameter, value in sets}
    oak = tiny.materials["foliage-oak"]
    color = found["MI_foliage_oak", "BaseColor"].values
    assert (color["r"], color["g"], color["b"], color["a"]) == pytest.approx((*oak.base_color, 1.0))
    assert found["MI_foliage_oak", "Roughness"] == oak.roughness


def test_the_landscape_is_made_of_the_plan_by_the_editor_module(editor, tiny_folder):
    run(tiny_folder)
    ground = plan_level(tiny_folder).ground
    (landscape,) = editor.actors_of("Landscape")
    given = landscape.values["import"]
    assert given["heightmap_file"] == ground.heightmap.as_posix()
    assert (given["size"], given["sections_per_component"], given["quads_per_section"]) == (127, 1, 63)
    assert [given["location"].values[axis] for axis in "xyz"] == list(ground.location_cm)
    assert [given["scale"].values[axis] for axis in "xyz"] == list(ground.scale)
    assert [str(name) for name in given["layer_names"]] == ["grass", "sand"]
    assert given["weight_files"] == [layer.weight_map.as_posix() for layer in ground.layers]
    assert given["material"].values["name"] == "M_Ground"
    assert landscape.values["custom_depth_stencil_value"] == 1


def test_the_ground_material_blends_the_layers_the_landscape_paints(editor, tiny_folder):
    run(tiny_folder)
    blend = next(
        call["self"]
        for name, call in editor.calls
        if name == "MaterialExpressionLandscapeLayerBlend.set_editor_property"
    )
    inputs = blend.values["layers"]
    assert [str(entry.values["layer_name"]) for entry in inputs] == ["grass", "sand"]
    colors = [entry.values["const_layer_input"].values for entry in inputs]
    layers = plan_level(tiny_folder).ground.layers
    assert [(c["x"], c["y"], c["z"]) for c in colors] == [layer.color_linear for layer in layers]


def test_sun_lamps_fog_cameras_start_and_walkable_ground_are_there(editor, tiny_folder):
    run(tiny_folder)
    plan = plan_level(tiny_folder)
    (sun,) = editor.actors_of("DirectionalLight")
    assert pose(sun.values["transform"])[3:7] == pytest.approx(plan.sky.sun.quat_xyzw)
    assert sun.values["directional_light_component"].values["lit"] == plan.sky.sun.lux
    assert [len(editor.actors_of(k)) for k in ("SkyAtmosphere", "SkyLight", "VolumetricCloud")] == [1, 1, 1]
    (fog,) = editor.actors_of("ExponentialHeightFog")
    assert fog.values["component"].values["fog_density"] == plan.sky.fog.density
    lamps = editor.actors_of("PointLight")
    assert [lamp.values["point_light_component"].values["lit"] for lamp in lamps] == [4000.0, 4000.0]
    assert [camera.values["camera_component"].values["fov"] for camera in editor.actors_of("CameraActor")] == [
        view.fov_deg for view in plan.views
    ]
    (start,) = editor.actors_of("PlayerStart")
    assert pose(start.values["transform"])[:3] == pytest.approx(plan.start.position_cm)
    (walkable,) = editor.actors_of("NavMeshBoundsVolume")
    assert [walkable.values["box"]["half_size"].values[axis] for axis in "xyz"] == list(plan.walkable.half_cm)


def test_agents_and_spawns_are_places_that_tell_what_is_known_of_them(editor, tiny, tiny_folder):
    run(tiny_folder)
    places = {actor.values["label"]: tags(actor) for actor in editor.actors_of("TargetPoint")}
    assert list(places) == [f"{mark.name}-place" for mark in (*tiny.spawns, *tiny.agents)]
    agent = tiny.agents[0]
    assert f"SimBridge.Instruction={agent.instruction}" in places[f"{agent.name}-place"]


def test_a_long_instruction_is_cut_to_what_a_name_of_unreals_holds(editor, spoilt):
    """Unreal ends itself at a name of 1024 letters."""
    run(spoilt("level.json", lambda level: level["agents"][0].update(instruction="a" * 5000)))
    longest = max((tag for actor in editor.actors_of("TargetPoint") for tag in tags(actor)), key=len)
    assert longest == "SimBridge.Instruction=" + "a" * (1000 - len("SimBridge.Instruction="))


def test_buildings_carry_their_address(editor, tiny_folder):
    run(tiny_folder)
    house = next(actor for actor in editor.actors if actor.values.get("label") == "house-1")
    assert "SimBridge.Address=2 Church Lane" in tags(house)


def test_nothing_is_overwritten_unless_it_is_asked_for(editor, tiny_folder):
    run(tiny_folder)
    with pytest.raises(ImportFailed, match=r"holds a town already\. Give --replace"):
        run(tiny_folder)
    assert run(tiny_folder, "--replace") == "/Game/SimBridge/Towns/tiny/tiny"
    assert run(tiny_folder, "--name", "Second") == "/Game/SimBridge/Towns/Second/Second"


def test_a_town_goes_where_it_is_told_to(editor, tiny_folder):
    assert run(tiny_folder, "--root", "/Game/Maps", "--name", "Harbor") == "/Game/Maps/Harbor/Harbor"


def test_a_bad_folder_is_refused_before_anything_is_made(editor, tmp_path):
    with pytest.raises(InvalidTown):
        run(tmp_path)
    assert not editor.calls


def test_wrong_arguments_say_what_is_right_and_leave_the_editor_alive(editor):
    with pytest.raises(UsageFault, match=r"Usage: simbridge_import\.py TOWN/unreal"):
        run("town", "--nonsense")


def test_without_the_compiled_module_nothing_is_made(tmp_path, monkeypatch, tiny_folder):
    editor = Editor(tmp_path)
    loaded_into(editor, monkeypatch)
    with pytest.raises(NotCompiled, match="Build the project"):
        run(tiny_folder)
    assert not editor.levels


@pytest.mark.parametrize(
    ("method", "answer", "said"),
    [
        ("new_level", False, "did not make the level"),
        ("save_current_level", False, "could not be saved"),
        ("save_directory", False, "could not be saved"),
        ("spawn_actor_from_class", None, "did not make the Actor"),
        ("import_landscape", (None, "12 by 12 pixels"), "12 by 12 pixels"),
        ("spawn_nav_mesh_bounds", None, "no volume"),
        ("import_asset", [], "made no mesh"),
        ("get_component_by_class", None, "added no instanced mesh"),
        ("get_instance_count", 0, "0 instances of"),
        ("connect_material_property", False, "did not connect"),
        ("create_asset", None, "did not make the asset"),
        ("get_engine_subsystem", None, "SubobjectDataSubsystem"),
        ("get_editor_subsystem", None, "This editor has no"),
        ("set_static_mesh", False, "did not take the mesh"),
    ],
)
def test_what_unreal_refuses_is_said_by_name(editor, monkeypatch, tiny_folder, method, answer, said):
    from tests.unreal_plugin import fake_unreal

    monkeypatch.setitem(fake_unreal.DEEDS, method, lambda *_: answer)
    with pytest.raises(ImportFailed, match=said):
        run(tiny_folder)


def test_a_slot_of_no_known_material_is_refused(editor, monkeypatch, tiny_folder):
    from tests.unreal_plugin import fake_unreal

    def anonymous(*arguments):
        made = fake_unreal._import(*arguments)
        for mesh in made:
            for slot in mesh.values["static_materials"]:
                slot.values["imported_material_slot_name"] = "MaterialSlot_0"
        return made

    monkeypatch.setitem(fake_unreal.DEEDS, "import_asset", anonymous)
    with pytest.raises(ImportFailed, match=r"Slot 0 of the mesh .* is called 'MaterialSlot_0'"):
        run(tiny_folder)


def test_the_menu_asks_for_the_folder_and_imports_it(editor, monkeypatch, tiny_folder):
    from tests.unreal_plugin import fake_unreal

    monkeypatch.setitem(fake_unreal.DEEDS, "pick_folder", lambda *_: str(tiny_folder))
    sys.modules.pop("init_unreal", None)
    importlib.import_module("init_unreal")
    command = next(call for name, call in editor.calls if name == "ToolMenuEntry.set_string_command")
    exec(command["string"], {})
    assert editor.levels == ["/Game/SimBridge/Towns/tiny/tiny"]


@pytest.mark.parametrize("line", ["Port.uproject -run=pythonscript", "Port.uproject -RUN=Cook"])
def test_an_editor_without_windows_gets_no_menu(editor, monkeypatch, line):
    from tests.unreal_plugin import fake_unreal

    monkeypatch.setitem(fake_unreal.DEEDS, "get_command_line", lambda *_: line)
    sys.modules.pop("init_unreal", None)
    importlib.import_module("init_unreal")
    assert not any(name.startswith("ToolMenu") for name, _ in editor.calls)


def test_the_menu_says_what_went_wrong(editor, monkeypatch, tmp_path):
    from tests.unreal_plugin import fake_unreal

    monkeypatch.setitem(fake_unreal.DEEDS, "pick_folder", lambda *_: str(tmp_path))
    importlib.import_module("simbridge_town.editor.menu").ask_and_import()
    shown = next(call for name, call in editor.calls if name == "EditorDialog.show_message")
    assert "no level.json" in str(shown["message"])
    assert any("no level.json" in line for line in editor.lines)


def test_what_not_every_version_has_is_not_needed(editor, tiny_folder):
    editor.unknown = {
        "asset_type_sub_folders",
        "scene_name_sub_folder",
        "combine_static_meshes",
        "generate_lightmap_u_vs",
    }
    assert run(tiny_folder) == "/Game/SimBridge/Towns/tiny/tiny"


def test_a_level_with_changes_is_not_closed(editor, monkeypatch, tiny_folder):
    from tests.unreal_plugin import fake_unreal

    def changed(editor, *_):
        package = editor.module.Package()
        package.values["name"] = "/Game/Mine"
        return [package]

    monkeypatch.setitem(fake_unreal.DEEDS, "get_dirty_map_packages", changed)
    with pytest.raises(ImportFailed, match=r"/Game/Mine has changes\. Save it"):
        run(tiny_folder)
    assert not editor.levels
