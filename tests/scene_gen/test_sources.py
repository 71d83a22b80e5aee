"""Height maps and sketches from outside: good ones are read as they are, bad ones are named with file, place and remedy."""

import io
import os
import pickle
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from bridge.errors import InvalidInput
from scene_gen.plan import rules
from scene_gen.plan.artefacts import SYMBOLS
from scene_gen.sources.height_map import read_height_map
from scene_gen.sources.sketch import COLORS, picture, read_lattice
from tests.scene_gen.briefs import RAINY_HARBOR

LATTICE = rules.make(rules.Config()).plan(RAINY_HARBOR, seed=1).lattice
GROUND = np.add.outer(np.arange(40.0), np.arange(40.0) * 10).astype(np.float32)


def saved(path, array):
    np.save(path, array)
    return path


def png_bytes(width, height, rows=b""):
    """A PNG with any header that is wanted."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_an_npy_holds_metres_with_the_south_first(tmp_path):
    heights = read_height_map(saved(tmp_path / "h.npy", GROUND))
    assert heights.dtype == np.float32
    np.testing.assert_array_equal(heights, GROUND)


def test_a_sixteen_bit_png_has_the_north_first_and_a_range(tmp_path):
    grey = np.zeros((40, 40), np.uint16)
    grey[0] = 65535
    Image.fromarray(grey).save(tmp_path / "h.png")
    heights = read_height_map(tmp_path / "h.png", range_m=(-10.0, 90.0))
    assert heights[-1].min() == pytest.approx(90.0)
    assert heights[0].max() == pytest.approx(-10.0)
    assert read_height_map(tmp_path / "h.png", size_m=1000.0).max() == pytest.approx(80.0)


def test_an_eight_bit_colour_png_is_read_as_grey(tmp_path):
    Image.fromarray(np.full((20, 20, 3), 255, np.uint8)).save(tmp_path / "h.png")
    assert read_height_map(tmp_path / "h.png", range_m=(0.0, 7.0)).min() == pytest.approx(7.0)


def test_a_geotiff_holds_metres_with_the_north_first(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "h.tif", GROUND)
    np.testing.assert_array_equal(read_height_map(tmp_path / "h.tif"), GROUND[::-1])


def test_a_geotiff_with_gaps_says_where(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    ground = GROUND.copy()
    ground[3, 5] = -9999
    tifffile.imwrite(tmp_path / "h.tif", ground)
    with pytest.raises(InvalidInput, match=r"no data at row 3 \(row 0 north\), column 5"):
        read_height_map(tmp_path / "h.tif")


def test_a_cut_geotiff_is_refused(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "h.tif", GROUND)
    (tmp_path / "h.tif").write_bytes((tmp_path / "h.tif").read_bytes()[:700])
    with pytest.raises(InvalidInput, match=r"h\.tif"):
        read_height_map(tmp_path / "h.tif")


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.where(np.eye(40, dtype=bool), np.nan, GROUND), "row 0, column 0 .* is nan"),
        (np.full((40, 40), np.inf), "is inf"),
        (np.full((40, 40), 1e6), "within 9000"),
        (np.zeros((40, 80)), "is 80 by 40; a town's map is square"),
        (np.zeros((2, 2)), "at least 4"),
        (np.zeros(40), "has shape"),
        (np.zeros((4, 4, 3)), "has shape"),
        (np.zeros((40, 40), dtype=complex), "holds complex128, not numbers"),
        (np.zeros((40, 40), dtype="U3"), "not numbers"),
    ],
)
def test_arrays_that_are_no_ground_are_refused(tmp_path, array, says):
    with pytest.raises(InvalidInput, match=says) as caught:
        read_height_map(saved(tmp_path / "h.npy", array))
    assert "h.npy" in str(caught.value)


class Trap:
    """Would make a folder if anybody unpickled it."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def test_pickles_are_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "h.npy", np.array([[Trap()]], dtype=object), allow_pickle=True)
    with pytest.raises(InvalidInput, match="pickles"):
        read_height_map(tmp_path / "h.npy")
    (tmp_path / "p.npy").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InvalidInput, match="no PNG, GeoTIFF or npy"):
        read_height_map(tmp_path / "p.npy")
    assert not (tmp_path / "sprung").exists()


def test_a_cut_npy_is_refused(tmp_path):
    path = saved(tmp_path / "h.npy", GROUND)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InvalidInput, match="cut off"):
        read_height_map(path)


def test_an_npy_that_promises_terabytes_is_refused_before_it_is_read(tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": (1_000_000, 1_000_000)}
    )
    (tmp_path / "h.npy").write_bytes(stream.getvalue())
    with pytest.raises(InvalidInput, match="at most 8192"):
        read_height_map(tmp_path / "h.npy")


def test_zips_are_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("heights.npy", b"\0" * 1_000_000)
    with pytest.raises(InvalidInput, match="zip archive"):
        read_height_map(tmp_path / "bomb.npz")


@pytest.mark.parametrize("reader", [read_height_map, read_lattice])
def test_pictures_that_promise_gigapixels_are_refused_before_they_are_unpacked(tmp_path, reader):
    (tmp_path / "huge.png").write_bytes(png_bytes(100_000, 100_000))
    with pytest.raises(InvalidInput, match="100000 by 100000"):
        reader(tmp_path / "huge.png")


@pytest.mark.parametrize("reader", [read_height_map, read_lattice])
def test_cut_pictures_are_refused(tmp_path, reader):
    Image.fromarray(picture(LATTICE)).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:900])
    with pytest.raises(InvalidInput, match="damaged PNG"):
        reader(tmp_path / "cut.png")
    (tmp_path / "short.png").write_bytes(png_bytes(64, 64, b"\0" * 65))
    with pytest.raises(InvalidInput, match="holds 65 bytes of pixels"):
        reader(tmp_path / "short.png")


@pytest.mark.parametrize("reader", [read_height_map, read_lattice])
def test_pixels_that_unpack_to_more_than_promised_are_not_unpacked(tmp_path, reader):
    (tmp_path / "bomb.png").write_bytes(png_bytes(64, 64, b"\0" * 50_000_000))
    with pytest.raises(InvalidInput, match="damaged PNG"):
        reader(tmp_path / "bomb.png")


@pytest.mark.parametrize("reader", [read_height_map, read_lattice])
def test_only_files_that_are_there_are_read(tmp_path, reader):
    with pytest.raises(InvalidInput, match="no such file"):
        reader(tmp_path / "nothing")
    with pytest.raises(InvalidInput, match="is not a file"):
        reader(tmp_path)
    (tmp_path / "empty.png").touch()
    with pytest.raises(InvalidInput, match="is empty"):
        reader(tmp_path / "empty.png")
    with pytest.raises(InvalidInput, match="zero character"):
        reader("a\0b")


@pytest.mark.parametrize("reader", [read_height_map, read_lattice])
def test_paths_do_not_climb_out_of_their_folder(tmp_path, reader):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.txt").write_text("x")
    with pytest.raises(InvalidInput, match="leads out of"):
        reader("../secret.txt", inside=inner)
    with pytest.raises(InvalidInput, match="leads out of"):
        reader(tmp_path / "secret.txt", inside=inner)


def test_links_do_not_lead_out_of_their_folder(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.txt").write_text("x")
    try:
        (inner / "link.txt").symlink_to(tmp_path / "secret.txt")
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(InvalidInput, match="leads out of"):
        read_lattice("link.txt", inside=inner)


def test_text_with_spaces_small_letters_and_empty_lines(tmp_path):
    path = tmp_path / "town.txt"
    path.write_text("\n\n".join(" ".join(row.lower()) for row in LATTICE), "utf-8")
    assert read_lattice(path) == LATTICE


@pytest.mark.parametrize("cell_px", [1, 3, 16, 40])
def test_a_picture_of_a_lattice_reads_back(tmp_path, cell_px):
    Image.fromarray(picture(LATTICE, cell_px=cell_px)).save(tmp_path / "l.png")
    assert read_lattice(tmp_path / "l.png") == LATTICE


def test_sketches_may_be_uneven_in_size_and_colour(tmp_path):
    rng = np.random.default_rng(0)
    pixels = np.asarray(Image.fromarray(picture(LATTICE)).resize((500, 490), 0)).astype(int)
    noisy = np.clip(pixels + rng.integers(-6, 7, pixels.shape), 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(tmp_path / "l.png")
    read = "".join(read_lattice(tmp_path / "l.png"))
    assert np.mean([a == b for a, b in zip(read, "".join(LATTICE), strict=True)]) > 0.97


def test_every_letter_has_a_colour_of_its_own():
    assert set(COLORS) == set(SYMBOLS)
    assert len(set(COLORS.values())) == len(COLORS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("GGG", "has 1 rows"),
        ("\n".join(["G" * 32] * 31 + ["G" * 31]), "line 32 has 31 letters"),
        ("\n".join(["G" * 32] * 31 + ["G" * 31 + "!"]), "line 32, letter 32 is '!'"),
        ("G" * 200_000, "too long"),
    ],
)
def test_letters_that_are_no_lattice_are_named_by_line(tmp_path, text, says):
    (tmp_path / "l.txt").write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=says):
        read_lattice(tmp_path / "l.txt")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "l.txt").write_bytes(b"GG\xff")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_lattice(tmp_path / "l.txt")


def test_sketches_must_be_square_and_large_enough(tmp_path):
    Image.new("RGB", (64, 128)).save(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="square"):
        read_lattice(tmp_path / "a.png")
    Image.new("RGB", (16, 16)).save(tmp_path / "b.png")
    with pytest.raises(InvalidInput, match="at least 32"):
        read_lattice(tmp_path / "b.png")
