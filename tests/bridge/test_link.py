"""The socket of steps: the same answers and errors as gRPC gives, and nothing that is too long or cut short."""

import contextlib
import os
import queue
import socket
import stat
import struct
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bridge
from bridge.engine import Action, Velocity
from bridge.errors import DamagedData, EngineUnavailable, InvalidInput, UnknownName
from bridge.link import ERROR, MAX_BYTES, MESSAGE, MORE, Link, framed
from bridge.v1 import engine_service_pb2 as pb
from bridge.workfolder import PREFIX, WorkFolder, sweep
from tests.bridge.serving import served, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
FORWARD = {"courier-1": Action(Velocity(1.0))}


@pytest.mark.parametrize("is_offered", [True, False])
def test_steps_say_the_same_with_and_without_the_socket(is_offered):
    with served(is_step_socket_offered=is_offered) as afar:
        assert bool(afar._talk.step_socket) is is_offered
        states = [afar.step(FORWARD, ticks) for ticks in (1, 2, 3)]
        assert [state.tick for state in states] == [1, 3, 6]
        with pytest.raises(InvalidInput, match=r"forward_m_s is nan"):
            afar.step({"courier-1": Action(Velocity(float("nan")))})
        with pytest.raises(UnknownName, match="No camera named 'x'"):
            afar.step_and_observe({}, ["x"])
        state, (seen,) = afar.step_and_observe(FORWARD, ["courier-1/front"])
        assert state.tick == seen.tick == seen.rgb.max() == 7
        with pytest.raises(UnknownName, match="No camera named 'x'"):
            afar.observe(["x"])
        assert [frame.rgb.max() for frame in afar.observe(["courier-2/front", "courier-1/front"])] == [7, 7]


def test_a_socket_that_cannot_be_reached_is_done_without():
    with serving() as server, bridge.connect(server.address) as afar:
        afar._wire.use_socket("/nowhere/steps.sock")
        assert afar.step(FORWARD).tick == 1


def test_the_socket_lies_where_only_its_owner_comes():
    with served() as afar:
        folder = os.path.dirname(afar._talk.step_socket)
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    "message",
    [
        struct.pack("<IB", 1 << 31, 0),
        struct.pack("<IB", 4, 9) + b"abcd",
        struct.pack("<IB", 3, 0) + b"\xff" * 3,
        struct.pack("<IB", 3, 2) + b"\xff" * 3,
    ],
)
def test_what_is_no_step_and_no_look_is_answered_with_an_error(message):
    with served() as afar:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(5)
            raw.connect(afar._talk.step_socket)
            raw.sendall(message)
            answer = raw.recv(1000)
        assert answer[4] == 1
        assert answer[5:].startswith(b"InvalidInput\nserver\n")
        assert afar.step({}).tick == 1


def test_a_step_that_arrives_byte_by_byte_is_a_step():
    with served() as afar:
        request = pb.StepRequest(session=afar._talk._session, sequence=1, ticks=1).SerializeToString()
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(5)
            raw.connect(afar._talk.step_socket)
            for octet in struct.pack("<IB", len(request), 0) + request:
                raw.sendall(bytes([octet]))
            head = raw.recv(5, socket.MSG_WAITALL)
            answer = pb.StepResponse.FromString(raw.recv(struct.unpack("<IB", head)[0], socket.MSG_WAITALL))
        assert answer.moment.tick == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", EngineUnavailable),
        (b"\x01", EngineUnavailable),
        (struct.pack("<IB", 10, 0) + b"abc", EngineUnavailable),
        (struct.pack("<IB", 1 << 31, 0), DamagedData),
        (struct.pack("<IB", 1, 7) + b"a", DamagedData),
        (struct.pack("<IB", 1, 0) + b"abc", DamagedData),
    ],
)
def test_an_answer_that_is_cut_short_or_makes_no_sense_is_never_taken(tmp_path, answer, kind):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def serve():
            peer, _ = listening.accept()
            peer.recv(100)
            peer.sendall(answer)
            peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        link = Link.to(path)
        with pytest.raises(kind):
            link.exchange(b"hello", 5.0)
        link.close()
        thread.join()


@pytest.fixture
def ends():
    """A link, and a socket that is its other end."""
    here, there = socket.socketpair()
    there.settimeout(20)
    link = Link(here)
    yield link, there
    link.close()
    there.close()


@contextlib.contextmanager
def beside(work):
    """What the other end does meanwhile."""
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("idle", [-1, 1])
def test_an_answer_is_the_same_however_it_is_waited_for(monkeypatch, ends, idle):
    """Quick answers are looked out for, late ones slept for; where no core is idle all are."""
    asked, (link, there) = [], ends
    monkeypatch.setattr("bridge.link.idle_cores", lambda: asked.append(idle) or idle)
    delays_s = [0.0, 0.0, 0.05, 0.0, 0.0]

    def answers():
        for number, delay_s in enumerate(delays_s):
            there.recv(1 << 16)
            time.sleep(delay_s)
            there.sendall(framed(MORE, bytes([number])) + framed(MESSAGE, bytes([number]) * 7))

    with beside(answers):
        for number in range(len(delays_s)):
            link._took_s = 0.0 if number != 3 else link._took_s
            parts = []
            assert link.exchange(b"go on", 5.0, more=parts.append) == (MESSAGE, bytes([number]) * 7)
            assert parts == [bytes([number])]
    assert len(asked) == 4  # after the late one nobody looks out


# ---- answers in parts


def test_each_part_of_an_answer_is_told_before_the_next_is_sent(ends):
    link, there = ends
    told: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def answers():
        there.recv(1 << 16)
        for part in (b"one", b"", b"three" * 100_000):
            there.sendall(framed(MORE, part))
            assert told.get(timeout=20) == part
        there.sendall(framed(MESSAGE, b"the last"))

    with beside(answers):
        assert link.exchange(b"", 20.0, more=told.put) == (MESSAGE, b"the last")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=5), st.data())
def test_parts_are_the_same_however_the_bytes_arrive(parts, data):
    content = b"".join(framed(MORE, part) for part in parts) + framed(ERROR, b"the last")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=4)))
    here, there = socket.socketpair()

    def answers():
        for start, end in zip([0, *cuts], [*cuts, len(content)]):
            there.sendall(content[start:end])

    link, told = Link(here), []
    with there, beside(answers):
        assert link.exchange(b"", 20.0, more=told.append) == (ERROR, b"the last")
        assert told == parts
    link.close()


def test_messages_larger_than_what_is_read_at_once_follow_each_other(ends):
    link, there = ends
    parts = [
        bytes([number]) * size for number, size in enumerate((1 << 18, 5, (1 << 20) + 3, 0, (1 << 18) - 5, 70_000))
    ]
    told = []
    with beside(
        lambda: there.sendall(b"".join(framed(MORE, part) for part in parts) + framed(MESSAGE, b"x" * 300_000))
    ):
        assert link.exchange(b"", 20.0, more=told.append) == (MESSAGE, b"x" * 300_000)
    assert told == parts


def test_parts_that_nobody_asked_for_are_refused(ends):
    link, there = ends
    there.sendall(framed(MORE, b"x"))
    with pytest.raises(DamagedData, match="in 1 parts"):
        link.exchange(b"", 20.0)


def test_parts_are_together_no_longer_than_one_message_may_be(ends, monkeypatch):
    link, there = ends
    monkeypatch.setattr("bridge.link.MAX_BYTES", 100)
    there.sendall(framed(MORE, bytes(60)) * 2)
    with pytest.raises(DamagedData, match="120 bytes in 2 parts"):
        link.exchange(b"", 20.0, more=lambda part: None)
    assert MAX_BYTES > 100


def test_an_answer_whose_parts_never_end_is_late(ends):
    link, there = ends
    is_over = threading.Event()

    def answers():
        with contextlib.suppress(OSError):
            while not is_over.is_set():
                there.sendall(framed(MORE, b""))

    with beside(answers):
        with pytest.raises(TimeoutError):
            link.exchange(b"", 0.2, more=lambda part: None)
        is_over.set()
        link.close()


def test_an_answer_that_comes_byte_by_byte_is_late_when_its_time_is_over(ends):
    link, there = ends
    is_over = threading.Event()

    def answers():
        for octet in framed(MESSAGE, bytes(10_000)):
            there.sendall(bytes([octet]))
            if is_over.wait(0.02):
                return

    with beside(answers):
        with pytest.raises(TimeoutError):
            link.exchange(b"", 0.3)
        is_over.set()


def test_an_answer_that_pauses_amid_a_message_is_waited_for_as_long_as_it_may_take(ends, monkeypatch):
    link, there = ends
    monkeypatch.setattr("bridge.link.SILENCE_S", 0.05)
    has_asked, answer = threading.Event(), framed(MESSAGE, b"whole")

    def answers():
        there.sendall(answer[:7])
        assert has_asked.wait(20)
        there.sendall(answer[7:])

    with beside(answers):
        assert link.exchange(b"", 20.0, when_silent=has_asked.set) == (MESSAGE, b"whole")


@pytest.mark.parametrize("rest", [b"", framed(MORE, b"x"), framed(MESSAGE, b"abc")[:6]])
def test_an_answer_that_ends_amid_its_parts_is_never_taken(ends, rest):
    link, there = ends
    there.sendall(framed(MORE, b"x") + rest)
    there.shutdown(socket.SHUT_WR)
    with pytest.raises(EngineUnavailable):
        link.exchange(b"", 20.0, more=lambda part: None)


def test_folders_of_killed_servers_are_swept_and_others_stay(tmp_path):
    (tmp_path / f"{PREFIX}dead").mkdir()
    (tmp_path / f"{PREFIX}dead" / "lock").touch()
    alive = WorkFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [alive.path.name]
    assert sweep(tmp_path) == 0
    alive.close()
    assert not list(tmp_path.iterdir())
