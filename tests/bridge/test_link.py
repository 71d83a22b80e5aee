"""The socket of steps: the same answers and errors as gRPC gives, and nothing that is too long or cut short."""

import os
import socket
import stat
import struct
import sys
import threading
import time

import pytest

import bridge
from bridge.engine import Action, Velocity
from bridge.errors import DamagedData, EngineUnavailable, InvalidInput, UnknownName
from bridge.link import MESSAGE, Link, framed
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


@pytest.mark.parametrize("idle", [0, 1])
def test_an_answer_is_the_same_however_it_is_waited_for(monkeypatch, idle):
    """Quick answers are looked out for, late ones slept for; where no core is idle all are."""
    asked = []
    monkeypatch.setattr("bridge.link.idle_cores", lambda: asked.append(idle) or idle)
    here, there = socket.socketpair()
    delays_s = [0.0, 0.0, 0.05, 0.0, 0.0]

    def answers():
        for number, delay_s in enumerate(delays_s):
            there.recv(1 << 16)
            time.sleep(delay_s)
            there.sendall(framed(MESSAGE, bytes([number]) * 7))

    thread = threading.Thread(target=answers)
    thread.start()
    link = Link(here)
    for number in range(len(delays_s)):
        link._took_s = 0.0 if number != 3 else link._took_s
        assert link.exchange(b"go on", 5.0) == (MESSAGE, bytes([number]) * 7)
    thread.join()
    assert len(asked) == 4  # after the late one nobody looks out
    link.close()
    there.close()


def test_folders_of_killed_servers_are_swept_and_others_stay(tmp_path):
    (tmp_path / f"{PREFIX}dead").mkdir()
    (tmp_path / f"{PREFIX}dead" / "lock").touch()
    alive = WorkFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [alive.path.name]
    assert sweep(tmp_path) == 0
    alive.close()
    assert not list(tmp_path.iterdir())
