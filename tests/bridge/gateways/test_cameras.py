"""Commands about cameras: numbers by hand, and what they do to pictures."""

import io
import math

import numpy as np
import pytest

from tests.bridge.gateways.test_pictures import decoded_png


def test_the_player_comes_first_then_the_eyes_of_each_agent_then_what_is_spawned(ask):
    assert ask("vget /cameras") == "PlayerCamera courier-1_FusionCamera "
    assert ask("vset /cameras/spawn") == "FusionCameraActor_0"
    assert ask("vget /cameras") == "PlayerCamera courier-1_FusionCamera FusionCameraActor_0_FusionCamSensor "
    assert ask("vget /camera/2/location") == "0.000 0.000 0.000"


def test_number_0_takes_the_player_along(ask):
    assert ask("vset /camera/0/location 100 -200 300") == "ok"
    assert ask("vset /camera/0/rotation -10 45 0") == "ok"
    assert ask("vget /camera/0/location") == "100.000 -200.000 300.000"
    assert ask("vget /camera/0/rotation") == "-10.000 45.000 0.000"
    assert ask("vget /object/DefaultPawn_C_0/location") == "100.000 -200.000 300.000"


def test_a_camera_goes_along_with_what_it_is_mounted_on(ask):
    before = ask.numbers("vget /camera/1/location")
    ask("vset /object/courier-1/location -2900 820 212")  # a metre ahead
    assert ask.numbers("vget /camera/1/location") == pytest.approx([before[0] + 100, *before[1:]])
    ask("vset /object/courier-1/rotation 0 90 0")
    assert ask("vget /camera/1/rotation") == "0.000 90.000 0.000"


def test_a_mounted_camera_can_be_put_elsewhere_and_leaves_its_mount_where_it_is(ask):
    mount = ask("vget /object/courier-1/location")
    ask("vset /camera/1/location -3000 820 500")
    ask("vset /camera/1/rotation -90 0 0")
    assert ask("vget /camera/1/location") == "-3000.000 820.000 500.000"
    assert ask("vget /camera/1/rotation") == "-90.000 0.000 0.000"
    assert ask("vget /object/courier-1/location") == mount


def test_a_destroyed_camera_is_none_any_more(ask):
    ask("vset /cameras/spawn")
    ask("vset /object/FusionCameraActor_0/destroy")
    assert ask("vget /camera/2/location") == "error Invalid sensor id"


def test_the_field_of_view_is_horizontal(ask):
    assert ask("vget /camera/0/fov") == "90.000000"
    assert ask("vset /camera/0/fov 60.5") == "ok"
    assert ask("vget /camera/0/fov") == "60.500000"
    camera = ask.stage.sights[0].camera()
    across = math.tan(camera.fov_y_rad / 2) * camera.width / camera.height
    assert math.degrees(2 * math.atan(across)) == pytest.approx(60.5)


@pytest.mark.parametrize("degrees", ["0", "180", "-90", "171"])
def test_a_field_of_view_that_no_camera_has_is_refused(ask, degrees):
    assert ask(f"vset /camera/0/fov {degrees}") == "error Argument Invalid"
    assert ask("vget /camera/0/fov") == "90.000000"


def test_pictures_have_the_size_that_was_set(ask):
    assert ask("vget /camera/0/size") == "640 480"
    assert ask("vset /camera/0/size 64 32") == "ok"
    assert ask("vget /camera/0/size") == "64 32"
    assert decoded_png(ask.bytes("vget /camera/0/lit png")).shape == (32, 64, 4)


@pytest.mark.parametrize("size", ["0 480", "640 0", "100000 1", "8192 8192", " 480"])
def test_sizes_without_pixels_or_with_too_many_are_refused(ask, size):
    assert ask(f"vset /camera/0/size {size}") == "error Argument Invalid"


def test_the_player_moves_until_something_is_in_its_way(ask):
    # House-1's south wall is at y = -5 m (Unreal: 500 cm) from x = -32 to -16; a ball of 35 cm stops before it
    (low, _, _, high, south, top) = ask.numbers("vget /object/house-1/bounds")
    middle = (low + high) / 2
    ask(f"vset /camera/0/location {middle} {south + 600} {top - 100}")
    assert ask(f"vset /camera/0/moveto {middle} {south - 300} {top - 100}") == "ok"
    x, y, z = ask.numbers("vget /camera/0/location")
    assert (x, z) == pytest.approx((middle, top - 100))
    assert y == pytest.approx(south + 36, abs=3)  # its radius and a centimetre


def test_the_player_moves_all_the_way_where_nothing_is(ask):
    ask("vset /camera/0/location 0 0 5000")
    ask("vset /camera/0/moveto 1000 500 6000")
    assert ask("vget /camera/0/location") == "1000.000 500.000 6000.000"


@pytest.mark.parametrize(("gap", "arrives"), [(20, False), (60, True)])
def test_the_player_grazes_no_corner(ask, gap, arrives):
    """A way 20 cm beside a cube is too narrow for a ball of 35 cm; 60 cm beside it is wide enough."""
    ask("vset /objects/spawn_cube box 0 0 3000")  # from -50 to 50 cm
    ask(f"vset /camera/0/location {-50 - gap} 400 3050")
    ask(f"vset /camera/0/moveto {-50 - gap} -400 3050")
    _, y, _ = ask.numbers("vget /camera/0/location")
    assert y == (-400.0 if arrives else pytest.approx(50 + math.sqrt(35**2 - 20**2), abs=4))


def test_only_the_player_moves_to(ask):
    assert ask("vset /camera/1/moveto 0 0 0") == "error MoveTo only supports the player camera with id 0"


def test_an_orthographic_camera_sees_as_wide_as_it_was_told_at_any_distance(ask):
    """From 50 m above, 32 m wide: the car, 4.4 m long and 1.8 m wide, is 88 pixels of 640 by 36."""
    ask("vset /cameras/spawn")
    for line in ("location -1000 1350 5000", "rotation -90 0 0", "projection_type ORTHOGRAPHIC", "ortho_width 3200"):
        assert ask(f"vset /camera/2/{line}") == "ok"
    ask("vset /object/car-1/color 9 8 7")
    mask = decoded_png(ask.bytes("vget /camera/2/object_mask png"))[..., :3]
    rows, cols = np.nonzero((mask == [9, 8, 7]).all(axis=-1))
    assert (np.ptp(rows) + 1, np.ptp(cols) + 1) == pytest.approx((88, 36), abs=2)
    depth = np.load(io.BytesIO(ask.bytes("vget /camera/2/depth npy")))
    top = ask.numbers("vget /object/car-1/bounds")[5]
    assert depth[240, 320] == pytest.approx(5000 - top, abs=1.0)
    assert ask("vget /camera/2/optical_flow png") == "error Not Implemented"


def test_projections_that_there_are_not_are_named_with_those_that_there_are(ask):
    assert ask("vset /camera/0/projection_type fisheye") == (
        "error Can not support camera mode fisheye, available options are perspective and orthographic"
    )
    assert ask("vset /camera/0/ortho_width 0") == "error Argument Invalid"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lit_source", "lit source {}, available options are ftc_hdr, fc_hdr, sc_hdr, scna_hdr, ldr, base, color_depth, "
                       "scene_depth, device_depth, normal"),
        ("reflection", "reflection method {}, available options are none, lumen, screen_space."),
        ("illumination", "global illumination method {}, available options are none, lumen, screen_space, plugin."),
        ("exposure_method", "auto exposure mode {}, available options are histogram, basic and manual"),
    ],
)  # fmt: skip
def test_options_that_there_are_not_are_named_with_those_that_there_are(ask, name, words):
    assert ask(f"vset /camera/0/{name} Sepia") == "error Can not support " + words.format("Sepia")
    option = words.split("are ")[1].split(",")[0].split(" ")[0]
    assert ask(f"vset /camera/0/{name} {option.upper()}") == "ok"


NO_CAMERA = {
    "Invalid sensor id": [
        "vget /camera/9/location", "vset /camera/9/location 1 2 3", "vget /camera/9/rotation", "vset /camera/9/fov 90",
        "vset /camera/9/rotation 1 2 3", "vget /camera/9/fov", "vget /camera/9/lit png", "vget /camera/9/depth npy",
        "vget /camera/9/normal png", "vget /camera/9/object_mask png", "vget /camera/9/seg png",
        "vget /camera/9/optical_flow png", "vset /camera/9/projection_type perspective", "vset /camera/9/ortho_width 9",
    ],
    "Argument Invalid": [
        "vget /camera/9/size", "vset /camera/9/size 4 4", "vset /camera/9/lit_source ldr", "vset /camera/9/focal 1 2",
        "vset /camera/9/reflection none", "vset /camera/9/illumination none", "vset /camera/9/exposure_method basic",
        "vset /camera/9/exposure_bias 1", "vset /camera/9/auto_speed 1 1", "vset /camera/9/auto_brightness 1 1",
        "vset /camera/9/physical_exposure 1", "vset /camera/9/motion_blur 1 1 1 1",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("words", "line"), [(words, line) for words, lines in NO_CAMERA.items() for line in lines])
def test_there_is_no_camera_of_a_number_that_none_has(ask, words, line):
    assert ask(line) == f"error {words}"


def test_a_camera_on_somebody_off_the_map_sees_from_there(ask):
    ask("vset /object/courier-1/location 900000 0 0")
    ask("vset /camera/1/size 48 32")
    assert decoded_png(ask.bytes("vget /camera/1/lit png")).shape == (32, 48, 4)
    assert ask.numbers("vget /camera/1/location")[0] == pytest.approx(900_035, abs=10)


@pytest.mark.parametrize("what", ["object/car-1", "camera/0", "camera/1"])
def test_places_farther_than_anything_can_be_are_refused(ask, what):
    before = ask(f"vget /{what}/location")
    assert ask(f"vset /{what}/location {'9' * 300} 0 0") == "error Argument Invalid"
    assert ask(f"vset /{what}/location 0 0 -2000000000") == "error Argument Invalid"
    assert ask(f"vget /{what}/location") == before
    assert ask(f"vset /camera/0/moveto 0 0 {'9' * 60}") == "error Argument Invalid"
