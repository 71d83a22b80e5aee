"""Shared memory: what a writer lays down a reader takes, whole or not at all; nothing is left behind."""

import errno
import os
import stat
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import DamagedData, InvalidInput
from bridge.ring import PREFIX, RingReader, RingWriter, sweep


@pytest.fixture
def ring(tmp_path):
    writer = RingWriter(tmp_path, slots=8, slot_bytes=4096)
    reader = RingReader(str(writer.path), size=writer.bytes, slots=writer.slots, key=writer.key)
    yield writer, reader
    reader.close()
    writer.close()


def test_arrays_arrive_as_they_were_laid(ring):
    writer, reader = ring
    arrays = [np.arange(12, dtype=dtype).reshape(3, 4) for dtype in ("u1", "<i4", "<f4")]
    for array, place in zip(arrays, writer.lay(arrays), strict=True):
        np.testing.assert_array_equal(reader.take(*place, array.dtype, array.shape), array)


def test_a_slot_that_was_overwritten_is_noticed(ring):
    writer, reader = ring
    (first,) = writer.lay([np.zeros(4)])
    for value in range(4):
        (last,) = writer.lay([np.full(4, value)])
    with pytest.raises(DamagedData, match="was overwritten"):
        reader.take(*first, np.dtype("f8"), (4,))
    assert reader.take(*last, np.dtype("i8"), (4,)).tolist() == [3] * 4


def test_a_slot_that_is_being_written_is_never_read(ring):
    writer, reader = ring
    (place,) = writer.lay([np.zeros(4)])
    word = (64 + place[0] * writer.stride) // 8
    writer._words[word] += 1  # as a writer does before the first byte
    with pytest.raises(DamagedData):
        reader.take(*place, np.dtype("f8"), (4,))


def test_no_torn_frame_is_ever_handed_out_while_a_writer_races(ring):
    writer, reader = ring
    last, is_over = [writer.lay([np.zeros(512, np.int64)])[0]], threading.Event()

    def write():
        for value in range(1, 3000):
            last[0] = writer.lay([np.full(512, value)])[0]
        is_over.set()

    thread = threading.Thread(target=write)
    thread.start()
    whole = 0
    while not is_over.is_set():
        try:
            found = reader.take(*last[0], np.dtype("i8"), (512,))
        except DamagedData:
            continue
        assert (found == found[0]).all()
        whole += 1
    thread.join()
    assert whole


def test_what_is_too_large_or_too_much_travels_instead(ring):
    writer, _ = ring
    assert writer.lay([np.zeros(4097, np.uint8)]) == [None]
    assert [place is None for place in writer.lay([np.zeros(2)] * 6)] == [False] * 4 + [True] * 2


@settings(max_examples=50)
@given(st.integers(-5, 20), st.integers(0, 2**63), st.lists(st.integers(0, 2**31), max_size=3))
def test_no_slot_generation_or_shape_reads_outside(slot, generation, shape):
    with tempfile.TemporaryDirectory() as place:
        writer = RingWriter(Path(place), slots=8, slot_bytes=4096)
        reader = RingReader(str(writer.path), size=writer.bytes, slots=writer.slots, key=writer.key)
        with pytest.raises((DamagedData, InvalidInput)):
            reader.take(slot, generation, np.dtype("f4"), tuple(shape))
        reader.close()
        writer.close()


def test_the_file_is_its_owners_alone_and_goes_with_the_ring(tmp_path):
    writer = RingWriter(tmp_path, slots=2, slot_bytes=64)
    if sys.platform != "win32":
        assert stat.S_IMODE(writer.path.stat().st_mode) == 0o600
    writer.close()
    writer.close()
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_not_the_announced_ring_is_refused(tmp_path, ring):
    writer, _ = ring
    with pytest.raises(InvalidInput, match="cannot be opened"):
        RingReader(str(tmp_path / "missing"), size=writer.bytes, slots=8, key=writer.key)
    with pytest.raises(InvalidInput, match="were announced"):
        RingReader(str(writer.path), size=64, slots=8, key=writer.key)
    with pytest.raises(InvalidInput, match="header differs"):
        RingReader(str(writer.path), size=writer.bytes, slots=8, key=writer.key + 1)


@pytest.mark.skipif(sys.platform == "win32", reason="locks tell rings in use from rings left behind on POSIX")
def test_a_ring_that_was_cut_short_is_an_answer_at_both_ends(ring, caplog):
    writer, reader = ring
    (place,) = writer.lay([np.zeros(4)])
    os.truncate(writer.path, 4096)
    with pytest.raises(DamagedData, match="was cut short"):
        reader.take(*place, np.dtype("f8"), (4,))
    assert writer.lay([np.zeros(4)]) == [None]
    assert "frames travel instead" in caplog.text


def test_rings_of_killed_servers_are_swept_and_others_stay(tmp_path):
    writer = RingWriter(tmp_path, slots=2, slot_bytes=64)
    (tmp_path / f"{PREFIX}left-behind").write_bytes(b"old")
    assert sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == [writer.path.name]
    writer.close()


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="pages are reserved by posix_fallocate")
def test_a_full_shared_memory_is_an_answer_and_not_a_crash(tmp_path, monkeypatch, caplog):
    writer = RingWriter(tmp_path, slots=4, slot_bytes=4096)
    (place,) = writer.lay([np.zeros(8)])

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert place is not None
    assert writer.lay([np.zeros(8)]) == [None]
    assert writer.lay([np.zeros(8)]) == [None]
    assert caplog.text.count("No room for frames") == 1
    writer.close()
