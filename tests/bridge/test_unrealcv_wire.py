"""UnrealCV's framing: whatever pieces a stream comes in, the same messages; damage is named, and costs no memory."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import DamagedData
from bridge.formats.unrealcv_wire import HEADER_BYTES, MAGIC, Unframer, framed

MESSAGES = st.lists(st.binary(min_size=1, max_size=60), max_size=12)


def test_a_message_begins_with_the_magic_number_and_its_length_in_little_endian():
    assert framed(b"0:vget /cameras") == bytes.fromhex("C1832B9E 0F000000") + b"0:vget /cameras"


@given(MESSAGES, st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_the_pieces_in_which_a_stream_comes_change_nothing(messages, cuts):
    stream, unframer, found = b"".join(map(framed, messages)), Unframer(), []
    while stream:
        for size in cuts:
            piece, stream = stream[:size], stream[size:]
            found += unframer.take(piece)
    assert found == messages
    assert unframer.held_bytes == 0


def test_half_a_header_is_waited_for():
    unframer = Unframer()
    whole = framed(b"1:x")
    assert list(unframer.take(whole[:5])) == []
    assert unframer.held_bytes == 5
    assert list(unframer.take(whole[5:])) == [b"1:x"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"HTTP/1.1", "begins with 0x50545448; expected UnrealCV's 0x9E2B83C1"),
        (MAGIC.to_bytes(4, "big") + b"\1\0\0\0", "begins with 0xC1832B9E"),
        (framed(b"x")[:4] + b"\0\0\0\0", "A message of 0 bytes"),
        (framed(b"x")[:4] + b"\xff\xff\xff\xff", "A message of 4,294,967,295 bytes; UnrealCV's have 1 to 268,435,456"),
        (framed(b"x")[:4] + b"\1\0\0\x10", "A message of 268,435,457 bytes"),
    ],
)
def test_what_came_before_damage_is_whole_and_the_damage_is_named(header, says):
    messages = Unframer().take(framed(b"7:before") + header)
    assert next(messages) == b"7:before"
    with pytest.raises(DamagedData, match=says):
        next(messages)


def test_no_memory_is_taken_on_the_word_of_a_header():
    unframer = Unframer()
    tracemalloc.start()
    assert list(unframer.take(framed(b"x")[:4] + (200 << 20).to_bytes(4, "little") + b"begun")) == []
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000
    assert unframer.held_bytes == HEADER_BYTES + 5


def test_a_receiver_may_take_less_than_the_protocol_allows():
    with pytest.raises(DamagedData, match="1 to 4"):
        list(Unframer(limit=4).take(framed(b"12345")))


def test_a_message_of_nothing_cannot_be_sent():
    with pytest.raises(DamagedData, match="A message of 0 bytes"):
        framed(b"")
