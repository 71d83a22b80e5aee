"""Pictures as clients read them: formats byte by byte, and what their numbers mean."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.engine import Action, Velocity
from bridge.gateways.unrealcv.images import bmp, rgba_png
from bridge.gateways.unrealcv.units import location_cm


def decoded_png(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.array(image)


def seen_by_engine(ask, *kinds: str):
    ask.stage.flush()
    return ask.stage.engine.observe([ask.stage.sights[0].camera()], kinds)[0]


@pytest.fixture(autouse=True)
def _small_and_on_the_street(ask):
    """Number 0 stands 5 m west of the car on Quay Street, at 1.5 m over it, and looks east; 64 x 48 pixels."""
    ask("vset /camera/0/size 64 48")
    ask("vset /camera/0/location -1720 1350 300")
    ask("vset /camera/0/rotation 0 0 0")


PIXELS = np.array([[[255, 0, 1], [2, 3, 4]], [[5, 6, 7], [8, 9, 10]], [[0, 0, 0], [255, 255, 255]]], np.uint8)


def test_a_png_has_four_channels_red_first_the_last_opaque():
    with Image.open(io.BytesIO(rgba_png(PIXELS))) as image:
        assert image.mode == "RGBA"
        np.testing.assert_array_equal(np.array(image)[..., :3], PIXELS)
        assert (np.array(image)[..., 3] == 255).all()


def test_a_bmp_is_32_bits_blue_first_and_from_the_top_down():
    content = bmp(PIXELS)
    assert content[:2] == b"BM"
    assert struct.unpack_from("<IHHI", content, 2) == (54 + 24, 0, 0, 54)
    assert struct.unpack_from("<IiiHHI", content, 14) == (40, 2, -3, 1, 32, 0)
    assert content[54:62] == bytes([1, 0, 255, 255, 4, 3, 2, 255])  # the first row: blue, green, red, opaque
    assert len(content) == 54 + 3 * 2 * 4
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(content)))[..., :3], PIXELS)


@pytest.mark.parametrize("kind", ["lit", "object_mask", "normal", "seg", "optical_flow"])
def test_png_and_bmp_show_the_same(ask, kind):
    one, other = (decoded_png(ask.bytes(f"vget /camera/0/{kind} {form}")) for form in ("png", "BMP"))
    np.testing.assert_array_equal(one[..., :3], other[..., :3])
    assert one.shape == (48, 64, 4)


def test_lit_is_what_the_engine_sees(ask):
    np.testing.assert_array_equal(
        decoded_png(ask.bytes("vget /camera/0/lit png"))[..., :3], seen_by_engine(ask, "rgb").rgb
    )


def test_depth_is_float32_in_centimetres_along_the_axis(ask):
    depth = np.load(io.BytesIO(ask.bytes("vget /camera/0/depth npy")), allow_pickle=False)
    assert (depth.dtype.str, depth.shape, depth.flags.c_contiguous) == ("<f4", (48, 64), True)
    # The car's back is at x = -12.2 m, the camera at -17.2 m: 500 cm over all of it, planar and not radial
    ids = seen_by_engine(ask, "segmentation").segmentation
    car = next(row.id for row in ask.stage.scene.instances() if row.name == "car-1")
    assert (ids == car).sum() > 30
    rows, cols = np.nonzero(ids == car)
    middle = (np.abs(cols - 32) < 6) & (rows > 25)
    np.testing.assert_allclose(depth[rows[middle], cols[middle]], 500.0, atol=0.5)


def test_where_nothing_is_depth_is_as_far_as_unreal_counts(ask):
    ask("vset /camera/0/rotation 80 0 0")
    depth = np.load(io.BytesIO(ask.bytes("vget /camera/0/depth npy")))
    assert depth.max() == 65504.0
    assert np.isfinite(depth).all()


def test_masks_are_the_colours_of_objects_exactly(ask):
    ask("vset /object/car-1/color 12 34 56")
    mask = decoded_png(ask.bytes("vget /camera/0/object_mask png"))[..., :3]
    ids = seen_by_engine(ask, "segmentation").segmentation
    car = next(row.id for row in ask.stage.scene.instances() if row.name == "car-1")
    np.testing.assert_array_equal((mask == [12, 34, 56]).all(axis=-1), ids == car)
    told = {tuple(actor.color) for actor in ask.stage.actors()} | {(0, 0, 0)}
    assert {tuple(pixel) for pixel in mask.reshape(-1, 3).tolist()} <= told
    assert (mask[ids == 0] == 0).all()


def test_what_is_spawned_has_its_colour_in_masks_and_what_is_hidden_none(ask):
    ask("vset /objects/spawn_cube box -1500 1350 250")
    ask("vset /object/box/color 200 100 50")

    def share() -> float:
        mask = decoded_png(ask.bytes("vget /camera/0/object_mask png"))[..., :3]
        return float((mask == [200, 100, 50]).all(axis=-1).mean())

    # 1 m high and wide with its face 1.7 m away (90 degrees over 64 pixels): 32 / 1.7 = 18.8 pixels a side
    assert share() == pytest.approx(18.8**2 / (64 * 48), rel=0.15)
    ask("vset /object/box/hide")
    assert share() == 0
    ask("vset /object/box/show")
    ask("vset /object/box/scale 1 2 1")
    assert share() == pytest.approx(2 * 18.8**2 / (64 * 48), rel=0.15)
    ask("vset /object/box/destroy")
    assert share() == 0


def test_normals_are_unreals_world_normals_as_colours(ask):
    ask("vset /objects/spawn_cube box -1500 1350 250")
    normals = decoded_png(ask.bytes("vget /camera/0/normal png"))[..., :3]
    np.testing.assert_array_equal(normals[20, 32], [0, 128, 128])  # the face towards -x
    np.testing.assert_array_equal(normals[46, 5], [128, 128, 255])  # the street, up
    ask("vset /object/box/rotation 0 90 0")
    ask("vset /camera/0/location -1500 1650 300")
    ask("vset /camera/0/rotation 0 -90 0")
    normals = decoded_png(ask.bytes("vget /camera/0/normal png"))[..., :3]
    np.testing.assert_array_equal(normals[20, 32], [128, 255, 128])  # a face towards Unreal's +y, the south


def test_motion_to_the_right_is_red(ask):
    """The camera turns left over a tick: everything goes to the right, so far as its angle."""
    assert not decoded_png(ask.bytes("vget /camera/0/optical_flow png"))[..., :3].any()  # nothing was before
    ask.stage.tick(1)
    ask("vset /camera/0/rotation 0 -1 0")
    flow = decoded_png(ask.bytes("vget /camera/0/optical_flow png"))[..., :3]
    # A degree is 32 * tan(1 degree) = 0.56 pixels of 64 in the middle: 30 times that share is 0.26 of all brightness
    np.testing.assert_allclose(flow[24, 32], [67, 0, 0], atol=8)


def test_what_moves_is_bright_and_what_stands_dark(ask):
    ask.bytes("vget /camera/0/optical_flow png")
    ask("vset /object/parcel-1/destroy")  # which lies in its way
    ask.stage.act(ask.stage.found("courier-1"), Action(Velocity(1.4)))
    ask("vset /camera/0/location -2800 600 300")  # courier-1 crosses the picture from left to right
    ask("vset /camera/0/rotation 0 90 0")
    ask.stage.tick(40)
    ask.bytes("vget /camera/0/optical_flow png")
    ask.stage.tick(1)
    flow = decoded_png(ask.bytes("vget /camera/0/optical_flow png"))[..., :3].astype(int)
    mask = decoded_png(ask.bytes("vget /camera/0/object_mask png"))[..., :3]
    is_courier = (mask == ask.stage.found("courier-1").color).all(axis=-1)
    assert is_courier.sum() > 10
    assert flow[is_courier].max(axis=-1).mean() > 20
    assert not flow[~is_courier].any()


@pytest.mark.parametrize("kind", ["lit", "normal", "object_mask", "seg", "optical_flow"])
@pytest.mark.parametrize("wish", ["npy", "jpg", "a.exr", "a.npy", "png.gif", "x"])
def test_colours_come_as_png_or_bmp_alone(ask, kind, wish):
    assert ask(f"vget /camera/0/{kind} {wish}") == f"error Invalid filename type, filename {wish}"


@pytest.mark.parametrize("wish", ["png", "bmp", "exr", "a.png", "depth.exr"])
def test_depth_comes_as_npy_alone(ask, wish):
    assert ask(f"vget /camera/0/depth {wish}") == f"error Invalid filename type, filename {wish}"


def test_a_picture_needs_a_format(ask):
    assert ask("vget /camera/0/lit ") == "error Filename can not be empty"
    assert ask("vget /camera/0/lit").startswith("error No handler found")


@pytest.mark.parametrize(
    ("kind", "form"), [("lit", "png"), ("object_mask", "bmp"), ("depth", "npy"), ("normal", "PNG")]
)
def test_a_file_is_written_below_the_folder_and_holds_what_the_reply_would(ask, tmp_path, kind, form):
    ask.stage.files._folder = tmp_path
    whole = str(tmp_path / f"sub/whole.{form}")
    assert ask(f"vget /camera/0/{kind} {whole}") == whole
    told = ask(f"vget /camera/0/{kind} part.{form}")
    assert told == str(tmp_path.resolve() / f"part.{form}")
    content = ask.bytes(f"vget /camera/0/{kind} {form}")
    assert (tmp_path / f"part.{form}").read_bytes() == content
    assert (tmp_path / f"sub/whole.{form}").read_bytes() == content


@pytest.mark.parametrize(
    "name", ["../a.png", "/etc/a.png", "sub/../../a.png", "..\\..\\..\\/../../../../a.png", "a\0b.png"]
)
def test_no_file_is_written_anywhere_else(ask, tmp_path, name):
    ask.stage.files._folder = tmp_path / "here"
    (tmp_path / "here").mkdir()
    answer = ask(f"vget /camera/0/lit {name}")
    assert answer.startswith(("error Invalid filename", "error Can not write")), answer
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


def test_no_file_is_written_through_a_link_out_of_the_folder(ask, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    try:
        (tmp_path / "here/out").symlink_to(tmp_path / "there", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links for everybody")
    ask.stage.files._folder = tmp_path / "here"
    assert ask("vget /camera/0/lit out/a.png").startswith("error Invalid filename")
    assert list((tmp_path / "there").iterdir()) == []


def test_without_a_folder_files_go_to_a_temporary_one_that_is_taken_away(ask):
    written = Path(ask("vget /camera/0/depth a.npy"))
    assert written.exists()
    ask.stage.files.close()
    assert not written.exists()


def test_the_viewport_shows_what_the_player_sees_in_its_mode(ask):
    ask("vrun setres 64x48w")
    assert ask("vget /viewmode") == "lit"
    for mode in ("lit", "object_mask", "normal"):
        assert ask(f"vset /viewmode {mode}") == "ok"
        assert ask("vget /viewmode") == mode
        assert ask.bytes("vget /screenshot png") == ask.bytes(f"vget /camera/0/{mode} png")
    ask("vset /viewmode depth")
    grey = decoded_png(ask.bytes("vget /screenshot png"))
    depth = np.load(io.BytesIO(ask.bytes("vget /camera/0/depth npy")))
    np.testing.assert_allclose(grey[..., 0] / 255, depth / 65504, atol=1 / 255)
    assert ask("vset /viewmode sepia") == "error Unrecognized ViewMode sepia"


def test_the_viewport_has_a_size_of_its_own(ask):
    assert decoded_png(ask.bytes("vget /screenshot png")).shape == (480, 640, 4)
    ask("vrun setres 80x60")
    assert decoded_png(ask.bytes("vget /screenshot png")).shape == (60, 80, 4)
    assert ask("vget /camera/0/size") == "64 48"


def test_pictures_of_one_tick_are_drawn_once(ask, monkeypatch):
    drawn = []
    observe = ask.stage.engine.observe
    monkeypatch.setattr(
        ask.stage.engine, "observe", lambda cameras, kinds: drawn.append(tuple(kinds)) or observe(cameras, kinds)
    )
    for _ in range(2):
        for line in ("lit png", "object_mask bmp", "depth npy", "lit bmp"):
            ask.bytes(f"vget /camera/0/{line}")
        ask.stage.tick(1)
    assert drawn == [
        ("rgb",),
        ("rgb", "segmentation"),
        ("rgb", "depth", "segmentation"),
        ("rgb", "depth", "segmentation"),
    ]


def test_a_camera_that_was_moved_sees_something_else(ask):
    before = ask.bytes("vget /camera/0/lit png")
    ask("vset /camera/0/rotation 0 90 0")
    assert ask.bytes("vget /camera/0/lit png") != before
    assert location_cm(ask.stage.sights[0].mount.pose) == pytest.approx((-1720.0, 1350.0, 300.0))
