"""Words to scene as Python calls: complete, checked, the same for the same seed."""

import subprocess
import sys

import pytest

import scene_gen
from bridge.formats.scene_folder import read_scene, write_scene
from scene_gen.check.judge import ASKED_FOR
from scene_gen.pipeline import Inputs

PROMPT = "a tiny harbor village in the rain, 300 m wide"


@pytest.fixture(scope="module")
def scene():
    return scene_gen.generate(PROMPT, seed=7)


def test_the_same_seed_gives_the_same_town(scene):
    assert scene_gen.generate(PROMPT, seed=7).digest() == scene.digest()


def test_another_process_gives_the_same_town(scene):
    code = f"import scene_gen; print(scene_gen.generate({PROMPT!r}, seed=7).digest())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == scene.digest()


def test_a_town_survives_the_disk(scene, tmp_path):
    write_scene(scene, tmp_path)
    assert read_scene(tmp_path).layer_digests() == scene.layer_digests()


def test_it_is_as_wide_as_the_words_say(scene):
    assert scene.bounds[2] - scene.bounds[0] == pytest.approx(300)


def test_every_building_has_an_address_and_a_way_to_its_door(scene):
    for building in scene.buildings:
        assert building.address, building.name
        assert all(0 <= door.node < len(scene.navigation.nodes) for door in building.doors), building.name


def test_heavy_modules_are_not_needed_to_understand_and_plan():
    code = (
        "import sys\n"
        "for name in ('mujoco', 'pxr', 'moderngl', 'embreex', 'trimesh', 'torch', 'open3d'): sys.modules[name] = None\n"
        "import bridge.scene, bridge.types, bridge.frames, bridge.plugins, bridge.errors, scene_gen.brief, scene_gen.kinds\n"
        "from scene_gen.understand import understand\n"
        "from scene_gen.plan import rules\n"
        "rules.make(rules.Config()).plan(understand('a harbor town'), seed=0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_map_without_room_for_what_was_asked_for_is_planned_wider_unless_its_size_was_given():
    words, seed = "five thatched-roof cottages in a village", 1
    town = scene_gen.make_town(words, seed=seed)
    assert town.report.passed
    assert town.report.repairs[0].startswith("planned anew, 390 m wide instead of 300")
    assert sum(building.use == "cottage" for building in town.scene.buildings) >= 5
    given = scene_gen.make_town(words, seed=seed, inputs=Inputs(size_m=300))
    assert [check.name for check in given.report.failed] == [ASKED_FOR]
