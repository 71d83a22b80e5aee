"""The `unrealcv` package as it comes from PyPI, against the gateway: every group of its commands, with numbers by hand.

The town stands still meanwhile. What pictures show is held against the engine's own frames of the same camera, and against
cubes of 1 m whose places are known: seen from straight above, 10 m over their tops, with a field of view of 90 degrees,
640 pixels are 2 tan(45) 10 m = 20 m wide, so that a metre is 32 pixels.
"""

import math
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from bridge.gateways.unrealcv.listening import Settings
from bridge.types import Camera, Frame, Pose
from bridge.worker import WorkerEngine
from tests.bridge.embedded_town import SIDEWALK_M, embedded_town

unrealcv = pytest.importorskip(
    "unrealcv", reason="pip install .[test] brings it; OpenCV, which it needs, wants libGL", exc_type=ImportError
)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the gateway's files are waited for with poll")

HALF = math.sqrt(0.5)
WIDTH, HEIGHT = 640, 480
FOV_Y = 2 * math.atan(0.75)
"""Unreal's 90 degrees are horizontal; 480 of 640 pixels see 2 atan(tan(45) 480 / 640)."""
DOWN = (0.0, HALF, -HALF, 0.0)
"""A camera that looks down: the picture's right is -y, its lower edge -x, as (x, y, z) to (-y, -x, -z) has it."""
TOP_CM = 5100.0
"""Cubes stand at 50 m, over everything; their tops are a metre higher."""


@pytest.fixture(scope="module")
def worker(tmp_path_factory) -> Iterator[WorkerEngine]:
    gateway = Settings(port=0, folder=str(tmp_path_factory.mktemp("files")))
    with WorkerEngine("embedded", gateway=gateway) as engine:
        engine.load(embedded_town())
        yield engine


@pytest.fixture
def town(worker) -> WorkerEngine:
    worker.reset(seed=0)
    return worker


def connected(engine: WorkerEngine, kind: str = "inet") -> "unrealcv.Client":
    """The package's client; it says when a command is not listed, which is an error here as all warnings are."""
    where = ("127.0.0.1", engine.gateway_port) if kind == "inet" else engine.gateway_socket
    made = unrealcv.Client(where, kind)
    assert made.connect()
    return made


@pytest.fixture(params=["inet", "unix"])
def client(town, request) -> Iterator["unrealcv.Client"]:
    made = connected(town, request.param)
    yield made
    made.disconnect()


@pytest.fixture
def near(town) -> Iterator["unrealcv.Client"]:
    """By the Unix socket alone, where the way makes no difference."""
    made = connected(town, "unix")
    yield made
    made.disconnect()


@pytest.fixture
def ask(client) -> Callable[[str], str]:
    return client.request


@pytest.fixture
def api(town) -> Iterator["unrealcv.UnrealCv_API"]:
    """Its interface of one method a command, which takes only ports."""
    made = unrealcv.UnrealCv_API(town.gateway_port, "127.0.0.1", (WIDTH, HEIGHT))
    yield made
    made.client.disconnect()


def floats(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def color_of(api: "unrealcv.UnrealCv_API", name: str) -> list[int]:
    """Red, green and blue in masks; the package's own get_obj_color leaves blue out."""
    return api.build_color_dict([name])[name]


def pose_of(engine: WorkerEngine, name: str) -> np.ndarray:
    state = engine.catch_up()
    assert state is not None
    return state.poses[state.names.index(name)]


def frame(engine: WorkerEngine, *position: float, quat: tuple[float, ...] = (0.5, -0.5, 0.5, -0.5)) -> Frame:
    """The engine's own frame; as it stands the camera looks along x: right is -y, down is -z."""
    camera = Camera("held-beside", WIDTH, HEIGHT, FOV_Y, Pose(np.array(position), np.array(quat)))
    (seen,) = engine.observe([camera])
    return seen


# ---- the plug-in


def test_it_connects_and_learns_which_commands_there_are(client):
    assert client._command_capabilities_available
    assert "vget /camera/[uint]/lit [str]" in client._supported_command_templates
    assert not any("_shared" in template for template in client._supported_command_templates)


def test_what_is_asked_most_is_listed_first_since_each_request_is_held_against_the_list(client):
    listed = client._supported_command_templates
    assert len(set(listed)) == len(listed) > 93
    for command in ("vget /object/x/location", "vget /camera/0/lit bmp", "vbp x StepForward 1 0", "vget /objects"):
        tried = next(
            rank for rank, template in enumerate(listed) if client._matches_command_template(command, template)
        )
        assert tried < 40


def test_a_command_that_is_not_there_is_warned_of_and_answered_in_the_plug_ins_words(client):
    with pytest.warns(UserWarning, match="may not support command 'vget /nothing'"):
        assert client.request("vget /nothing") == "error No handler found for URI 'vget /nothing'"


def test_the_plug_in_says_what_it_is(client, town):
    assert client.request("vget /unrealcv/version") == "1.1.0"
    assert client.request("vget /unrealcv/echo word") == "word"
    assert f"\n{town.gateway_port}\nConfiguration\n" in client.request("vget /unrealcv/status")
    told = client.request("vget /unrealcv/help").splitlines()
    assert told[told.index("vget /objects") + 1]
    assert client.request("vget /scene/name") == "simbridge"
    assert client.request("vget /level/name") in client.request("vget /persistent_level/level_script_actor/id")


def test_its_interface_finds_cameras_and_colours_of_all_objects(api):
    assert api.get_server_version_tuple() == (1, 1, 0)
    assert not api.is_unrealcv_plus()
    assert api.get_camera_num() == len(api.get_camera_list()) == 2
    assert set(api.obj_dict) == set(api.get_objects()) > {"parcel-1", "car-1", "courier-1"}
    assert len(set(map(tuple, api.obj_dict.values()))) == len(api.obj_dict)


# ---- objects


def test_places_are_in_centimetres_and_y_points_right(ask, town):
    assert floats(ask("vget /object/parcel-1/location")) == [-2900.0, 820.0, 100 * SIDEWALK_M]
    assert ask("vset /object/parcel-1/location 100 200 500") == "ok"
    assert floats(ask("vget /object/parcel-1/location")) == [100.0, 200.0, 500.0]
    assert pose_of(town, "parcel-1")[:3].tolist() == [1.0, -2.0, 5.0]


@pytest.mark.parametrize(
    ("rotator", "quat"),
    [
        ((0, 90, 0), (HALF, 0, 0, -HALF)),  # yaw turns to the right: clockwise from above
        ((90, 0, 0), (HALF, 0, -HALF, 0)),  # pitch lifts the nose, from x to z: about y the other way round
        ((0, 0, 90), (HALF, HALF, 0, 0)),  # roll lowers the right side: from y to z
    ],
)
def test_rotators_turn_as_unreals_do(ask, town, rotator, quat):
    assert ask(f"vset /object/parcel-1/rotation {' '.join(map(str, rotator))}") == "ok"
    found = pose_of(town, "parcel-1")[3:]
    assert abs(float(found @ np.array(quat))) == pytest.approx(1.0, abs=1e-9)
    said = floats(ask("vget /object/parcel-1/rotation"))
    assert said[0] == pytest.approx(rotator[0], abs=0.06)  # at the pole a rotator has a hundredth of a degree or so
    if rotator[0] != 90:
        assert said == pytest.approx(rotator, abs=0.001)


def test_names_are_found_in_any_case_and_errors_are_the_plug_ins(ask):
    assert ask("vget /object/PARCEL-1/location") == ask("vget /object/parcel-1/location")
    assert ask("vget /object/nobody/location") == "error Cannot find object"
    with pytest.warns(UserWarning, match="may not support"):
        assert ask("vset /object/parcel-1/location 1 2").startswith("error No handler found for URI")


def test_a_cube_is_spawned_scaled_painted_hidden_renamed_and_destroyed(api):
    ask = api.client.request
    assert api.set_new_obj("BP_CrateA_C", "box", [0, 0, 5000]) == "box"
    assert api.get_obj_location("box") == [0.0, 0.0, 5000.0]
    assert ask("vset /objects/spawn_cube cube-7") == "cube-7"
    api.set_obj_location("cube-7", [300, 400, 5000])
    assert api.get_obj_location("cube-7") == [300.0, 400.0, 5000.0]
    x0, y0, z0, x1, y1, z1 = api.get_obj_bounds("cube-7")
    assert (x0, y0, z0, x1, y1, z1) == (250.0, 350.0, 5000.0, 350.0, 450.0, 5100.0)
    api.set_obj_scale("cube-7", [2, 1, 1])
    assert api.get_obj_scale("cube-7") == [2.0, 1.0, 1.0]
    assert api.get_obj_bounds("cube-7")[3] == 400.0
    api.set_obj_color("cube-7", [1, 2, 3])
    assert color_of(api, "cube-7") == [1, 2, 3]
    assert ask("vget /object/cube-7/mobility") == "Movable"
    assert api.get_obj_uclass("cube-7")
    assert len(api.get_vertex_locations("cube-7")) >= 8
    api.client.request(f"vset /camera/0/location 300 400 {TOP_CM + 1000}")
    api.client.request("vset /camera/0/rotation -90 0 0")
    for change, is_seen in ((api.set_hide_obj, False), (api.set_show_obj, True)):
        change("cube-7")
        assert (api.get_image(0, "object_mask")[240, 320].tolist() == [3, 2, 1]) is is_seen
    assert ask("vset /object/cube-7/name cube-8") == "ok"
    assert ask("vset /object/CUBE-8/destroy") == "ok"
    assert "cube-8" not in api.get_objects()


# ---- cameras and pictures


def look_down_on_cubes(ask: Callable[[str], str]) -> None:
    """A cube under the player's camera, and one 2 m to its right: looking down with yaw 0, up in the picture is forward."""
    assert ask("vset /objects/spawn_cube middle") == "middle"
    assert ask("vset /objects/spawn_cube right") == "right"
    assert ask("vset /object/middle/location 0 0 5000") == "ok"
    assert ask("vset /object/right/location 0 200 5000") == "ok"
    assert ask(f"vset /camera/0/location 0 0 {TOP_CM + 1000}") == "ok"
    assert ask("vset /camera/0/rotation -90 0 0") == "ok"


def box_of(found: np.ndarray) -> tuple[int, int, int, int]:
    """The least and the most column and row where something is."""
    rows, columns = np.nonzero(found)
    return int(columns.min()), int(columns.max()), int(rows.min()), int(rows.max())


def test_cameras_are_put_turned_sized_and_spawned(near, town):
    ask = near.request
    assert ask("vset /camera/0/location 100 200 5000") == "ok"
    assert ask("vset /camera/0/rotation -10 20 0") == "ok"
    assert floats(ask("vget /camera/0/location")) == [100.0, 200.0, 5000.0]
    assert floats(ask("vget /camera/0/rotation")) == pytest.approx([-10.0, 20.0, 0.0], abs=0.001)
    assert ask("vget /camera/0/fov") == "90.000000"
    assert ask("vget /camera/0/size") == "640 480"
    assert ask("vset /camera/0/size 320 200") == "ok"
    assert PIL.Image.open(BytesIO(ask("vget /camera/0/lit png"))).size == (320, 200)
    assert ask("vset /camera/0/size 640 480") == "ok"
    before = len(ask("vget /cameras").split())
    assert ask("vset /cameras/spawn").startswith("FusionCameraActor")
    assert len(ask("vget /cameras").split()) == before + 1
    assert ask(f"vset /camera/{before}/location 1 2 3") == "ok"
    assert ask("vget /camera/99/location") == "error Invalid sensor id"


def test_depth_is_planar_in_centimetres(near, town):
    look_down_on_cubes(near.request)
    depth = np.load(BytesIO(near.request("vget /camera/0/depth npy")))
    assert depth.dtype == np.float32
    assert depth.shape == (HEIGHT, WIDTH)
    assert depth[240, 320] == pytest.approx(1000.0, abs=0.1)
    assert depth[240, 330] == pytest.approx(1000.0, abs=0.1)  # of the same plane, though farther by the ray
    own = frame(town, 0.0, 0.0, TOP_CM / 100 + 10, quat=DOWN).depth
    assert own is not None
    np.testing.assert_allclose(depth, np.minimum(100 * own, 65504.0), rtol=1e-5)


def test_a_metre_is_as_many_pixels_as_it_should_be_and_right_is_right(api, town):
    look_down_on_cubes(api.client.request)
    for mode in ("png", "bmp"):
        seen = api.get_image(0, "object_mask", mode)
        blue_first = [color_of(api, name)[::-1] for name in ("middle", "right")]
        middle, right = (box_of((seen == color).all(axis=-1)) for color in blue_first)
        assert middle == pytest.approx((320 - 16, 320 + 15, 240 - 16, 240 + 15), abs=1)
        # its left side, 150 cm off, is seen too: down to 50 m under the top it comes no nearer to the middle than its top
        assert right[:2] == pytest.approx((320 + 64 - 16, 320 + 64 + 15), abs=4)
        assert right[2:] == pytest.approx((240 - 16, 240 + 15), abs=1)


def test_a_narrower_view_is_larger(near):
    ask = near.request
    look_down_on_cubes(ask)
    assert ask("vset /camera/0/fov 53.13010235") == "ok"  # half of it has a tangent of 1/2: a metre is 64 pixels
    depth = np.load(BytesIO(ask("vget /camera/0/depth npy")))
    assert box_of(depth[:, :400] < 1000.5) == pytest.approx((320 - 32, 320 + 31, 240 - 32, 240 + 31), abs=1)
    assert ask("vset /camera/0/fov 90") == "ok"


@pytest.mark.parametrize("mode", ["png", "bmp"])
def test_colours_are_the_engines_own_blue_first_as_the_package_has_them(api, town, mode):
    api.client.request("vset /camera/0/location -3300 820 400")
    api.client.request("vset /camera/0/rotation 0 0 0")
    own = frame(town, -33.0, -8.2, 4.0)
    assert own.rgb is not None
    assert own.rgb.std() > 10
    np.testing.assert_array_equal(api.get_image(0, "lit", mode), own.rgb[..., ::-1])


def test_masks_are_the_engines_segmentation_in_the_colours_of_objects(api, town):
    api.client.request("vset /camera/0/location -2900 820 600")
    api.client.request("vset /camera/0/rotation -90 0 0")
    ids = frame(town, -29.0, -8.2, 6.0, quat=DOWN).segmentation
    assert ids is not None
    numbers = {row.name: row.id for row in embedded_town().instances()}
    for mode in ("png", "bmp"):
        seen = api.get_image(0, "object_mask", mode)
        for name in ("parcel-1", "courier-1", "scooter-1"):
            assert (ids == numbers[name]).sum() > 50
            own = ids == numbers[name]
            np.testing.assert_array_equal((seen == color_of(api, name)[::-1]).all(axis=-1), own)
    api.build_color_dict(["parcel-1"])
    np.testing.assert_array_equal(api.get_mask(seen, "parcel-1", threshold=0) > 0, ids == numbers["parcel-1"])


def test_normals_are_of_unreals_world(api):
    look_down_on_cubes(api.client.request)
    blue, green, red = api.get_image(0, "normal", "png")[240, 320].tolist()
    assert (red, green, blue) == pytest.approx((127.5, 127.5, 255), abs=1)  # up


def test_pictures_are_saved_below_the_owners_folder_alone(api, town, tmp_path):
    ask = api.client.request
    path = api.save_image(0, "lit", "seen.png")
    np.testing.assert_array_equal(np.asarray(PIL.Image.open(path))[..., 2::-1], api.get_image(0, "lit", "png"))
    assert np.load(api.save_image(0, "depth", "sub/seen.npy")).shape == (HEIGHT, WIDTH)
    assert ask(f"vget /camera/0/lit {tmp_path}/out.png").startswith("error ")
    assert ask("vget /camera/0/lit ../out.png").startswith("error ")
    assert not (tmp_path / "out.png").exists()
    assert not (Path(path).parent.parent / "out.png").exists()
    assert ask("vget /camera/0/depth png") == "error Invalid filename type, filename png"


def test_the_viewport_shows_what_it_is_told_to(near):
    ask = near.request
    look_down_on_cubes(ask)
    for mode in ("lit", "normal", "object_mask"):
        assert ask(f"vset /viewmode {mode}") == "ok"
        assert ask("vget /viewmode") == mode
        assert ask("vget /screenshot png") == ask(f"vget /camera/0/{mode} png")
    assert ask("vset /viewmode lit") == "ok"


def test_optical_flow_and_the_settings_of_a_lens_are_answered(near):
    ask = near.request
    assert PIL.Image.open(BytesIO(ask("vget /camera/0/optical_flow png"))).size == (WIDTH, HEIGHT)
    plain = ask("vget /camera/0/lit bmp")
    assert ask("vset /camera/0/exposure_bias 2") == "ok"
    assert (
        np.frombuffer(ask("vget /camera/0/lit bmp")[54:], np.uint8).mean() > np.frombuffer(plain[54:], np.uint8).mean()
    )
    assert ask("vset /camera/0/exposure_bias 0") == "ok"
    assert ask("vset /camera/0/projection_type orthographic") == "ok"
    assert ask("vset /camera/0/ortho_width 1000") == "ok"
    assert ask("vset /camera/0/projection_type nonsense").startswith("error")


# ---- the game and its functions


def test_the_game_is_paused_and_goes_on(api):
    api.set_pause()
    assert api.get_is_paused() is True
    api.set_resume()
    assert api.get_is_paused() is False


def test_functions_and_the_console_answer_in_the_plug_ins_words(ask):
    assert ask("vbp nobody StepForward 1 0") == "error Can not find actor with id 'nobody'"
    assert ask("vrun setres 640x480w") == "ok"
    assert ask("vset /action/eyes_distance 1.0") == "error Not Implemented"
    assert ask("vset /action/input/disable") == "ok"
    assert ask("vset /action/input/enable") == "ok"


def test_a_client_ticks_the_world_by_itself(ask, town):
    tick = town.catch_up().tick
    assert ask("vset /action/set_fixed_frame_rate 10") == "ok"  # a tenth of a second is five ticks of 0.02 s
    assert ask("vset /action/tick") == "ok"
    assert town.catch_up().tick == tick + 5


# ---- many at once


def test_a_batch_comes_back_in_its_order(near):
    names = ["parcel-1", "car-1", "courier-1", "bench-1"]
    singly = [near.request(f"vget /object/{name}/location") for name in names]
    together = near.request([f"vget /object/{names[index % 4]}/location" for index in range(2_000)])
    assert together == [singly[index % 4] for index in range(2_000)]


def test_what_is_not_waited_for_is_done_before_what_is(client):
    for index in range(50):
        client.request(f"vset /object/parcel-1/location 0 0 {1000 + index}", -1)
    assert floats(client.request("vget /object/parcel-1/location")) == [0.0, 0.0, 1049.0]


def test_texts_and_pictures_of_one_batch_keep_their_order(client):
    answers = client.request(["vget /camera/0/lit bmp", "vget /unrealcv/version", "vget /camera/0/depth npy"] * 5)
    assert [type(answer) for answer in answers] == [bytes, str, bytes] * 5
    assert {len(answer) for answer in answers[::3]} == {54 + 4 * WIDTH * HEIGHT}
    assert answers[1::3] == ["1.1.0"] * 5
    assert {np.load(BytesIO(answer)).shape for answer in answers[2::3]} == {(HEIGHT, WIDTH)}


def test_two_clients_see_each_others_work(town):
    first, second = connected(town), connected(town, "unix")
    assert first.request("vset /object/parcel-1/location 0 0 700") == "ok"
    assert floats(second.request("vget /object/parcel-1/location")) == [0.0, 0.0, 700.0]
    first.disconnect()
    assert second.request("vget /unrealcv/version") == "1.1.0"
    second.disconnect()
