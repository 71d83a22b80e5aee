"""Faults of links: whatever bytes arrive from a peer, an engine's process or a ring are read whole or refused in words."""

import os
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.address import Address, parse
from bridge.credentials import checked_token
from bridge.engine import Action, Velocity
from bridge.errors import DamagedData, EngineCrashed, EngineUnavailable, InvalidInput, SimbridgeError
from bridge.formats.scene_folder import write_scene
from bridge.link import ERROR, LAPSED, MAX_BYTES, MESSAGE, MORE, Link, framed
from bridge.ring import RingReader, RingWriter
from bridge.types import WorldState
from bridge.v1 import engine_service_pb2
from bridge.v1 import link_pb2 as pb
from bridge.worker import WorkerEngine
from bridge.worker.answering import Answering
from tests.bridge.messages import messages
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene

Z = TypeVar("Z")
EASY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
HEAD = struct.Struct("<IB")
ANYTHING = st.binary(max_size=40) | st.builds(
    lambda length, kind, body: HEAD.pack(length, kind) + body,
    st.integers(0, 12) | st.integers(0, (1 << 32) - 1),
    st.integers(0, 4),
    st.binary(max_size=12),
)


def outcome(call: Callable[[], Z]) -> Z | SimbridgeError:
    """What a call gives, or the error that it ends with."""
    try:
        return call()
    except SimbridgeError as error:
        return error


def answered_with(content: bytes) -> tuple[int, bytes]:
    """What one end of a link makes of the other's bytes, after which that one is gone."""
    ours, theirs = socket.socketpair()
    link = Link(ours)
    try:
        with theirs:
            theirs.sendall(content)
            theirs.shutdown(socket.SHUT_WR)
            return link.exchange(b"", 10.0, more=lambda part: None)
    finally:
        link.close()


@EASY
@given(ANYTHING)
def test_an_answer_is_as_long_as_it_said_or_refused(content):
    found = outcome(lambda: answered_with(content))
    if isinstance(found, DamagedData | EngineUnavailable):
        return
    kind, payload = found
    while content[4] == MORE:
        content = content[HEAD.size + HEAD.unpack_from(content)[0] :]
    assert content == HEAD.pack(len(payload), kind) + payload
    assert kind in (MESSAGE, ERROR, LAPSED)


@pytest.mark.parametrize("length", [MAX_BYTES + 1, (1 << 32) - 1])
def test_nothing_is_allocated_on_the_word_of_a_length(length):
    with pytest.raises(DamagedData, match=f"{length:,} bytes"):
        answered_with(HEAD.pack(length, MESSAGE))


class OpenDoors:
    """Nobody comes by them."""

    def open_door(self, path: str) -> None: ...

    def open_port(self, host: str, port: int, held: bytes) -> tuple[int, bytes]:
        return port or 1, b"secret"

    def shut_port(self) -> None: ...


@EASY
@given(st.lists(messages(pb.Order.DESCRIPTOR) | st.binary(max_size=40), max_size=4))
def test_an_engines_process_answers_any_order_and_goes_on(orders):
    far = Answering(lambda name, options: PointMass())
    for order in orders:
        answer = far.answer(order if isinstance(order, bytes) else order.SerializeToString())
        length, kind = HEAD.unpack_from(answer)
        assert (length, kind in (MESSAGE, ERROR)) == (len(answer) - HEAD.size, True)
        if kind == MESSAGE:
            pb.Report.FromString(answer[HEAD.size :])
    again = far.answer(pb.Order(number=7, open=pb.OpenEngine(engine="any")).SerializeToString())
    assert again == framed(MESSAGE, pb.Report.FromString(again[HEAD.size :]).SerializeToString())
    assert pb.Report.FromString(again[HEAD.size :]).engine.name == "point-mass"
    far.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return str(write_scene(tiny_scene(), tmp_path_factory.mktemp("town"))[0].parent)


@settings(EASY, max_examples=25)
@given(
    st.lists(messages(engine_service_pb2.StepRequest.DESCRIPTOR) | st.binary(max_size=40), max_size=4), st.booleans()
)
def test_a_client_that_was_lent_the_engine_gets_a_step_or_is_sent_to_the_server(town, requests, is_its_own):
    far = Answering(lambda name, options: PointMass(), OpenDoors())
    licence = pb.Licence(step={"session": "mine", "sequence": 1}, agents=["courier-1"], max_ticks=10, socket="s")
    for number, order in enumerate(
        (
            pb.Order(open=pb.OpenEngine(engine="any")),
            pb.Order(load=pb.LoadFolder(path=town)),
            pb.Order(reset={}, wants_state=True),
            pb.Order(advance=pb.Advance(ticks=1), wants_state=True, licence=licence),
        )
    ):
        order.number = number
        report = pb.Report.FromString(far.answer(order.SerializeToString())[HEAD.size :])
    assert report.is_licensed
    made = 1
    for request in requests:
        if is_its_own and not isinstance(request, bytes):
            request.session, request.sequence = "mine", made + 1
        *parts, answer = far.answer_client(request if isinstance(request, bytes) else request.SerializeToString())
        length, kind = HEAD.unpack_from(answer)
        assert (length, kind in (MESSAGE, ERROR, LAPSED)) == (len(answer) - HEAD.size, True)
        assert all(part[4] == MORE for part in parts)
        made += kind == MESSAGE or far._licensed.last_sequence > made
    told = pb.Report.FromString(far.answer(pb.Order(take_back={}).SerializeToString())[HEAD.size :])
    assert told.returned.last_sequence == made
    far.close()


@pytest.fixture(scope="module")
def worker():
    with WorkerEngine("tests.bridge.point_mass") as engine:
        engine.load(tiny_scene())
        yield engine


@EASY
@given(messages(pb.Report.DESCRIPTOR))
def test_whatever_an_engines_process_reports_is_a_state_or_refused(worker, report):
    link = worker._keeper.process.link
    exchange, link.exchange = link.exchange, lambda *_: (MESSAGE, report.SerializeToString())
    names, version = worker._names, worker._version
    del report.seen[:]
    report.number = worker._keeper._number + 1
    try:
        found = outcome(lambda: worker.step({"courier-1": Action(Velocity(1.0))}))
    finally:
        link.exchange = exchange
    worker._names, worker._version = names, version  # which the process has told, and does not tell again
    assert isinstance(found, WorldState | SimbridgeError)
    assert not isinstance(found, EngineCrashed), found
    assert worker.reset(seed=0).tick == 0


@pytest.mark.parametrize("answer", [b"\xff\xff\xff", pb.Report(number=99).SerializeToString(), pb.Report().SerializeToString()])  # fmt: skip
def test_an_engines_process_that_answers_something_else_is_ended_and_told_as_a_crash(tmp_path, answer):
    with WorkerEngine("tests.bridge.point_mass", shared_memory=tmp_path) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        process = engine._keeper.process
        process.link.exchange = lambda *_: (MESSAGE, answer)
        with pytest.raises(EngineCrashed, match="died in step"):
            engine.step({})
        assert process.ending()
        assert not engine.is_up


@EASY
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, (1 << 64) - 1) | st.integers(0, 9)), max_size=6))
def test_whatever_a_rings_headers_say_a_reader_gets_an_array_of_its_shape_or_an_error(words):
    with tempfile.TemporaryDirectory() as place:
        writer = RingWriter(Path(place), slots=8, slot_bytes=4096)
        (there,) = writer.lay([np.arange(32)])
        for word, value in words:
            row, column = divmod(word, 8)
            start = 8 * column if row == 0 else 64 + (row - 1) * writer.stride + 8 * column
            with writer.path.open("r+b") as file:
                file.seek(start)
                file.write(struct.pack("<Q", value))
        try:
            reader = RingReader(str(writer.path), size=writer.bytes, slots=writer.slots, key=writer.key)
        except InvalidInput:
            assert any(word < 4 for word, _ in words)
        else:
            for slot in range(-1, 9):
                for generation in (there[1], 0, 1 << 63, *(value for _, value in words)):
                    found = outcome(lambda: reader.take(slot, generation, np.dtype("<i8"), (8, 4)))  # noqa: B023
                    assert isinstance(found, DamagedData | InvalidInput) or found.shape == (8, 4)
                    del found
            reader.close()
        writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_a_name_that_leads_somewhere_else_is_never_opened_as_a_ring(tmp_path):
    writer = RingWriter(tmp_path, slots=2, slot_bytes=64)
    (tmp_path / "link").symlink_to(writer.path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe"):
        for open_ring in (
            lambda path: RingReader(path, size=writer.bytes, slots=2, key=writer.key),
            lambda path: RingWriter.attached(path, size=writer.bytes, slots=2, key=writer.key),
        ):
            with pytest.raises(InvalidInput, match="Shared memory"):
                open_ring(str(tmp_path / name))
    writer.close()


def test_clients_have_no_word_in_where_shared_memory_lies():
    """No message that a client sends holds one, at any depth."""
    ring = engine_service_pb2.SharedMemory.DESCRIPTOR
    seen: dict[str, None] = {}

    def visit(message):
        if message.full_name not in seen:
            seen[message.full_name] = None
            for field in message.fields:
                if field.message_type is not None:
                    visit(field.message_type)

    for service in engine_service_pb2.DESCRIPTOR.services_by_name.values():
        for call in service.methods:
            visit(call.input_type)
    assert engine_service_pb2.StepRequest.DESCRIPTOR.full_name in seen
    assert ring.full_name not in seen


PARTS = st.sampled_from(
    ["localhost", ":", "50051", "unix:", "/", "//", "[::1]", "\0", " ", "http://", "é", "\udcff", "@"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PARTS | st.text(max_size=6), max_size=5).map("".join) | st.builds("h:{}".format, st.integers(0, 10**6)))
def test_any_text_is_an_address_that_says_the_same_again_or_refused(text):
    found = outcome(lambda: parse(text))
    if isinstance(found, InvalidInput):
        assert "expected" in str(found) or "Unix sockets need" in str(found)
        return
    assert isinstance(found, Address)
    assert parse(found.target) == found
    assert bool(found.path) != bool(found.host)
    assert 0 <= found.port <= 65535


@pytest.mark.parametrize(
    "text",
    ["h:" + "9" * 5000, "http://localhost:50051", "user@host:1", "a b:1", "h:１２", "[::1", "::", "::1", "[a:b]:1"],
)
def test_what_only_looks_like_an_address_is_refused(text):
    with pytest.raises(InvalidInput, match=r'expected "host:port"'):
        parse(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text("abc-_ \0é", min_size=14, max_size=40))
def test_any_text_is_a_token_that_can_travel_or_refused_without_being_said(text):
    found = outcome(lambda: checked_token(text, "token"))
    if isinstance(found, InvalidInput):
        assert len(text) < 8 or text not in str(found)
        return
    assert found == text
    assert 16 <= len(found.encode("ascii")) <= 1000
    assert not set(found) & set(" \r\n\0\t")
