"""What is packed comes out again, bit for bit or nearly; what was tampered with never does, and never costs memory."""

import contextlib

import numpy as np
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bridge.errors import DamagedData, InvalidInput, SimbridgeError
from bridge.packing import jpeg, rgb_from_jpeg, shuffled, unshuffled

ARRAYS = st.sampled_from(["u1", "<u2", "<i4", "<f4", "<i8", "<f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=3, max_side=9))
)


@given(ARRAYS)
def test_shuffling_is_undone_to_the_last_bit(array):
    found = unshuffled(shuffled(array), array.dtype, array.shape)
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_depth_with_sky_shrinks_at_least_twentyfold():
    rows, columns = np.mgrid[:480, :640]
    depth = (10 + columns * 0.01 + rows * 0.02).astype(np.float32)
    depth[:100] = np.inf
    assert len(shuffled(depth)) * 20 < depth.nbytes


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_frame(data):
    for unpack in (lambda: unshuffled(data, np.dtype("<f4"), (4, 4)), lambda: rgb_from_jpeg(data, (4, 4, 3))):
        with pytest.raises(SimbridgeError):
            unpack()


@given(st.data())
def test_a_flipped_bit_is_noticed_or_keeps_the_shape(data):
    array = np.arange(48, dtype=np.float32).reshape(6, 8)
    packed = bytearray(shuffled(array))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(DamagedData):
        assert unshuffled(bytes(packed), array.dtype, array.shape).shape == array.shape


def test_a_decompression_bomb_stops_at_the_declared_shape():
    bomb = zstd.compress(bytes(1 << 28), 1)
    assert len(bomb) < 1 << 16
    with pytest.raises(DamagedData, match="does not hold the 64 bytes"):
        unshuffled(bomb, np.dtype("<f4"), (4, 4))


@pytest.mark.parametrize("cut", [0, 5, -1])
def test_a_frame_that_is_cut_short_is_damaged(cut):
    packed = shuffled(np.arange(64, dtype=np.int32).reshape(8, 8))
    with pytest.raises(DamagedData):
        unshuffled(packed[:cut], np.dtype("<i4"), (8, 8))


def test_bytes_behind_a_frame_are_damage():
    with pytest.raises(DamagedData):
        unshuffled(shuffled(np.zeros((2, 2), np.int32)) + b"more", np.dtype("<i4"), (2, 2))


def test_a_jpeg_of_another_size_is_refused_before_it_is_unpacked():
    packed = jpeg(np.zeros((16, 24, 3), np.uint8))
    with pytest.raises(InvalidInput, match="24x16; 12x16 was announced"):
        rgb_from_jpeg(packed, (16, 12, 3))
    with pytest.raises(DamagedData):
        rgb_from_jpeg(packed[: len(packed) // 2], (16, 24, 3))


@settings(max_examples=20)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(75, 100))
def test_a_plain_picture_survives_jpeg(color, quality):
    picture = np.tile(np.array(color, np.uint8), (16, 16, 1))
    assert np.abs(rgb_from_jpeg(jpeg(picture, quality=quality), (16, 16, 3)).astype(int) - picture).max() <= 6
