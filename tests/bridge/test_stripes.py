"""A JPEG that is sent in pieces is one ordinary JPEG to who joins them, and the same picture to who unpacks them as they come."""

import contextlib
import io

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bridge import stripes
from bridge.errors import DamagedData, InvalidInput
from bridge.packing import JpegReader, jpeg, jpeg_pieces, rgb_from_jpeg

SIZES = st.tuples(st.integers(410, 520), st.integers(410, 520))
SHAPE = (288, 640, 3)


def picture(height: int, width: int) -> np.ndarray:
    """Slopes and grain, uint8 (H,W,3)."""
    rows, columns = np.mgrid[:height, :width]
    smooth = np.stack([128 + 90 * np.sin(columns / 40 + rows / 70), columns % 256, rows % 256], -1)
    return np.clip(smooth + np.random.default_rng(0).normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)


def in_pieces(rgb: np.ndarray, quality: int = 90) -> list[bytes]:
    return [piece for piece, _ in jpeg_pieces(rgb, quality=quality)]


def seen_by_another(packed: bytes) -> np.ndarray:
    """What a reader that is not ours makes of it."""
    return np.asarray(Image.open(io.BytesIO(packed)))


def read(pieces: list[bytes], shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """What ours makes of pieces that come one after another."""
    reader = JpegReader(shape)
    for piece in pieces:
        reader.add(piece)
    return reader.picture()


@settings(max_examples=8, deadline=None)
@given(SIZES, st.sampled_from([75, 90, 95]))
def test_pieces_joined_are_to_every_reader_what_the_jpeg_of_the_whole_is(size, quality):
    rgb = picture(*size)
    pieces = in_pieces(rgb, quality)
    assert len(pieces) > 1
    np.testing.assert_array_equal(seen_by_another(b"".join(pieces)), seen_by_another(jpeg(rgb, quality=quality)))


@settings(max_examples=8, deadline=None)
@given(SIZES, st.sampled_from([75, 90, 95]), st.data())
def test_the_picture_is_the_same_to_the_last_bit_wherever_it_was_cut(size, quality, data):
    rgb = picture(*size)
    pieces = in_pieces(rgb, quality)
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))
    elsewhere = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)])]
    plain = rgb_from_jpeg(jpeg(rgb, quality=quality), rgb.shape)
    for some in (pieces, [whole], elsewhere):
        np.testing.assert_array_equal(read(some, rgb.shape), plain)


def test_each_piece_is_unpacked_when_it_comes():
    rgb = picture(480, 640)
    plain, reader = rgb_from_jpeg(jpeg(rgb), rgb.shape), JpegReader(rgb.shape)
    rows = stripes.rows_of_stripes(480, 640)
    assert rows == [(0, 128), (128, 256), (256, 384), (384, 480)]  # 128 rows of 640 px are 5 * 2**14
    for (piece, is_last), (_, last) in zip(jpeg_pieces(rgb), rows, strict=True):
        reader.add(piece)
        assert is_last is (last == 480)
        np.testing.assert_array_equal(reader._rgb[:last], plain[:last])


def test_a_piece_is_packed_when_it_is_asked_for(monkeypatch):
    packed, encode = [], simplejpeg.encode_jpeg
    monkeypatch.setattr(
        simplejpeg, "encode_jpeg", lambda rgb, *a, **k: (packed.append(len(rgb)), encode(rgb, *a, **k))[1]
    )
    pieces = jpeg_pieces(picture(480, 640))
    assert packed == []
    next(pieces)
    assert packed == [128]


def test_markers_cost_a_few_bytes():
    rgb = picture(480, 640)
    assert 0 < sum(map(len, in_pieces(rgb))) - len(jpeg(rgb)) < 100


@pytest.mark.parametrize("size", [(240, 320), (1, 1)])
def test_a_small_picture_is_one_plain_jpeg(size):
    rgb = picture(*size)
    assert in_pieces(rgb) == [jpeg(rgb)]


def test_a_picture_too_wide_for_an_interval_is_one_plain_jpeg():
    # 65,000 columns are 8,125 blocks; a sixteenth of 4,096 rows is 32 blocks high, and 8,125 * 32 > 65,535.
    assert stripes.rows_of_stripes(4096, 65_000) == [(0, 4096)]
    assert len(stripes.rows_of_stripes(4096, 4096)) == stripes.MOST_STRIPES


PIECES = in_pieces(picture(*SHAPE[:2]))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_jpeg_with_a_changed_byte_is_damaged_or_keeps_its_shape(data):
    pieces = list(map(bytearray, PIECES))
    changed = pieces[data.draw(st.integers(0, len(pieces) - 1))]
    changed[data.draw(st.one_of(st.integers(0, 700), st.integers(0, len(changed) - 1)))] = data.draw(
        st.integers(0, 255)
    )
    with contextlib.suppress(DamagedData, InvalidInput):
        assert read(list(map(bytes, pieces))).shape == SHAPE


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=30), max_size=6))
def test_pieces_in_any_order_and_bytes_between_them_are_damage_or_a_picture_of_that_shape(pieces):
    with contextlib.suppress(DamagedData, InvalidInput):
        assert read(pieces).shape == SHAPE


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_jpeg_that_is_cut_short_is_damaged(share):
    whole = b"".join(PIECES)
    with pytest.raises(DamagedData):
        rgb_from_jpeg(whole[: int(len(whole) * share)], SHAPE)


@pytest.mark.parametrize("missing", range(len(PIECES)))
def test_a_jpeg_without_one_of_its_pieces_is_damaged(missing):
    with pytest.raises(DamagedData):
        read(PIECES[:missing] + PIECES[missing + 1 :])


def test_a_jpeg_without_one_of_its_markers_is_damaged():
    whole = b"".join(PIECES)
    with pytest.raises(DamagedData):
        rgb_from_jpeg(whole.replace(b"\xff\xd0", b""), SHAPE)
    with pytest.raises(DamagedData):
        read([PIECES[0][:-2], *PIECES[1:]])


def test_a_jpeg_of_another_size_is_refused_in_pieces_too():
    with pytest.raises(InvalidInput, match="640x288; 640x304 was announced"):
        read(PIECES, (304, 640, 3))


def test_restart_markers_of_another_maker_are_read_as_a_whole():
    stored = io.BytesIO()
    rgb = picture(*SHAPE[:2])
    Image.fromarray(rgb).save(stored, "JPEG", quality=90, restart_marker_blocks=7)
    plain = simplejpeg.decode_jpeg(stored.getvalue(), colorspace="RGB", fastupsample=True)
    np.testing.assert_array_equal(rgb_from_jpeg(stored.getvalue(), rgb.shape), plain)
