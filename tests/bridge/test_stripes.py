"""A JPEG in stripes is the JPEG of the whole picture to every reader, and several threads can read it."""

import contextlib
import io
import threading

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bridge import stripes
from bridge.errors import DamagedData, InvalidInput
from bridge.packing import jpeg, rgb_from_jpeg

SIZES = st.tuples(st.integers(370, 500), st.integers(370, 500))


def picture(height: int, width: int) -> np.ndarray:
    """Slopes and grain, uint8 (H,W,3)."""
    rows, columns = np.mgrid[:height, :width]
    smooth = np.stack([128 + 90 * np.sin(columns / 40 + rows / 70), columns % 256, rows % 256], -1)
    return np.clip(smooth + np.random.default_rng(0).normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)


def whole(rgb: np.ndarray, quality: int) -> bytes:
    """The JPEG of the whole picture, without markers."""
    chroma = "444" if quality >= 95 else "420"
    return simplejpeg.encode_jpeg(rgb, quality, colorspace="RGB", colorsubsampling=chroma)


def seen_by_another(packed: bytes) -> np.ndarray:
    """What a reader that is not ours makes of it."""
    return np.asarray(Image.open(io.BytesIO(packed)))


@pytest.fixture(params=[0, 3])
def helpers(request, monkeypatch):
    """Nobody helps, or three do, however busy this machine is."""
    monkeypatch.setattr(stripes, "idle_cores", lambda: request.param)
    return request.param


@settings(max_examples=8, deadline=None)
@given(SIZES, st.sampled_from([75, 90, 95]))
def test_every_reader_sees_what_the_jpeg_of_the_whole_picture_shows(size, quality):
    rgb = picture(*size)
    np.testing.assert_array_equal(seen_by_another(jpeg(rgb, quality=quality)), seen_by_another(whole(rgb, quality)))


@settings(max_examples=8, deadline=None)
@given(SIZES, st.sampled_from([75, 90, 95]))
def test_stripes_are_read_as_the_whole_is_read(size, quality):
    rgb = picture(*size)
    packed = jpeg(rgb, quality=quality)
    pieces = stripes.split(packed, *size)
    assert [first for first, _, _ in pieces] + [size[0]] == [0] + [last for _, last, _ in pieces]
    plain = simplejpeg.decode_jpeg(whole(rgb, quality), colorspace="RGB", fastupsample=True)
    np.testing.assert_array_equal(rgb_from_jpeg(packed, rgb.shape), plain)


def test_threads_change_nothing_in_what_comes_out(helpers):
    rgb = picture(480, 640)
    packed = jpeg(rgb)
    assert len(stripes.split(packed, 480, 640)) == 4
    plain = simplejpeg.decode_jpeg(whole(rgb, 90), colorspace="RGB", fastupsample=True)
    np.testing.assert_array_equal(rgb_from_jpeg(packed, rgb.shape), plain)


def test_markers_cost_a_few_bytes():
    rgb = picture(480, 640)
    assert 0 < len(jpeg(rgb)) - len(whole(rgb, 90)) < 100


def test_a_small_picture_is_one_plain_jpeg():
    rgb = picture(240, 320)
    assert jpeg(rgb) == whole(rgb, 90)
    assert stripes.split(jpeg(rgb), 240, 320) == []


def test_a_picture_too_wide_for_an_interval_is_one_plain_jpeg():
    # 16,384 columns are 2,048 blocks; a quarter of 4,096 rows is 128 rows of them, and 2,048 * 128 > 65,535.
    assert stripes.rows_of_stripes(4096, 16384) == [(0, 4096)]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_jpeg_with_a_changed_byte_is_damaged_or_keeps_its_shape(data):
    packed = bytearray(_PACKED)
    place = data.draw(st.one_of(st.integers(0, 700), st.integers(0, len(packed) - 1)))
    packed[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DamagedData, InvalidInput):
        assert rgb_from_jpeg(bytes(packed), (288, 512, 3)).shape == (288, 512, 3)


_PACKED = jpeg(picture(288, 512))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_jpeg_that_is_cut_short_is_damaged(helpers, share):
    with pytest.raises(DamagedData):
        rgb_from_jpeg(_PACKED[: int(len(_PACKED) * share)], (288, 512, 3))


def test_a_jpeg_without_one_of_its_markers_is_damaged(helpers):
    with pytest.raises(DamagedData):
        rgb_from_jpeg(_PACKED.replace(b"\xff\xd0", b""), (288, 512, 3))


def test_restart_markers_of_another_maker_are_read_as_a_whole():
    stored = io.BytesIO()
    rgb = picture(288, 512)
    Image.fromarray(rgb).save(stored, "JPEG", quality=90, restart_marker_blocks=7)
    assert stripes.split(stored.getvalue(), 288, 512) == []
    plain = simplejpeg.decode_jpeg(stored.getvalue(), colorspace="RGB", fastupsample=True)
    np.testing.assert_array_equal(rgb_from_jpeg(stored.getvalue(), rgb.shape), plain)


def test_work_done_together_comes_back_in_its_order(helpers):
    assert stripes.done_together(lambda number: number * number, 9) == [number * number for number in range(9)]


def test_helpers_work_while_the_caller_does(monkeypatch):
    monkeypatch.setattr(stripes, "idle_cores", lambda: 1)
    met = threading.Barrier(2, timeout=20)
    stripes.done_together(lambda number: met.wait(), 2)  # were it one thread, it would wait for itself


def test_what_a_helper_fails_of_is_raised(monkeypatch):
    monkeypatch.setattr(stripes, "idle_cores", lambda: 1)
    met, caller = threading.Barrier(2, timeout=20), threading.current_thread()

    def work(number: int) -> None:
        met.wait()
        if threading.current_thread() is not caller:
            raise DamagedData("the helper's")

    with pytest.raises(DamagedData, match="the helper's"):
        stripes.done_together(work, 2)


def test_this_thread_is_none_of_the_idle_cores(monkeypatch):
    monkeypatch.setattr(stripes, "_threads", lambda: 1)
    assert stripes.idle_cores() == 0
