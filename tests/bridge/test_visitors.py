"""Who speaks to an engine: its server always, clients as long as they can be let in."""

import errno
import os
import socket
import sys
import threading

import pytest

from bridge import cores
from bridge.link import MESSAGE, MORE, Link, framed
from bridge.worker import visitors as module
from bridge.worker.guest import Guest
from bridge.worker.visitors import Visitors

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


@pytest.fixture
def served():
    """Visitors of an engine, and the server's end of their link."""
    ours, theirs = socket.socketpair()
    visitors = Visitors(Link(ours))
    yield visitors, Link(theirs)
    visitors.close()
    theirs.close()
    ours.close()


def test_a_client_and_the_server_are_heard(served, tmp_path):
    visitors, server = served
    visitors.open_door(str(tmp_path / "door"))
    client = Link.to(str(tmp_path / "door"))
    client.give(framed(MESSAGE, b"a step"))
    who, kind, said = visitors.next()
    assert (kind, said) == (MESSAGE, b"a step")
    assert who is not visitors.server
    server.give(framed(MESSAGE, b"an order"))
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    client.close()


def test_one_who_is_gone_before_being_let_in_stops_nobody(served, tmp_path):
    visitors, server = served
    visitors.open_door(str(tmp_path / "door"))
    Link.to(str(tmp_path / "door")).close()
    server.give(framed(MESSAGE, b"an order"))
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")


def test_where_nobody_can_be_let_in_the_door_is_shut_the_server_heard_and_the_log_says_why(
    served, tmp_path, monkeypatch, caplog
):
    visitors, server = served
    path = str(tmp_path / "door")
    visitors.open_door(path)
    client = Link.to(path)

    def full(self):
        server.give(framed(MESSAGE, b"an order"))  # else there is nobody to be heard, and the wait has no end
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "accept", full)
        assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    assert "No client is let in to the engine" in caplog.text
    assert client.take(20.0) is None
    client.close()
    visitors.open_door(path)
    again = Link.to(path)
    again.give(framed(MESSAGE, b"a step"))
    heard = visitors.next()
    assert heard is not None
    assert heard[2] == b"a step"
    again.close()


def let_in(visitors: Visitors, server: Link, path: str) -> tuple[Link, Guest]:
    """A client that has asked for something, and the engine's end of it."""
    visitors.open_door(path)
    client = Link.to(path)
    client.give(framed(MESSAGE, b"a step"))
    heard = visitors.next()
    assert heard is not None
    assert isinstance(heard[0], Guest)
    return client, heard[0]


def test_an_answer_in_parts_that_is_not_taken_keeps_nobody_waiting_and_comes_whole(served, tmp_path):
    visitors, server = served
    client, guest = let_in(visitors, server, str(tmp_path / "door"))
    parts = [bytes([number]) * (4 << 20) for number in range(4)]
    for part in parts:  # the first is more than there is room for
        visitors.give(guest, framed(MORE, part))
    visitors.give(guest, framed(MESSAGE, b"the last"))
    server.give(framed(MESSAGE, b"an order"))
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    told = []

    def reads():
        while (found := client.take(20.0)) is not None and found[0] == MORE:
            told.append(found[1])
        told.append(found)

    thread = threading.Thread(target=reads)
    thread.start()
    while guest.has_more_to_be_told:
        assert visitors._poll.poll(20_000)
        visitors._heard(guest)
    thread.join(20)
    assert told == [*parts, (MESSAGE, b"the last")]
    client.close()


def test_a_client_that_goes_amid_an_answer_leaves_the_engine_to_the_others(served, tmp_path):
    visitors, server = served
    client, guest = let_in(visitors, server, str(tmp_path / "door"))
    visitors.give(guest, framed(MORE, b"the first"))
    client.close()
    for _ in range(3):
        visitors.give(guest, framed(MORE, bytes(1 << 20)))
    server.give(framed(MESSAGE, b"an order"))
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    other, _ = let_in(visitors, server, str(tmp_path / "door"))
    other.close()


@pytest.mark.parametrize("idle", [-1, 0])
@pytest.mark.parametrize("thought_s", [0.0, 1.0])
def test_requests_are_heard_however_they_are_waited_for(served, tmp_path, monkeypatch, idle, thought_s):
    """After a quick one the next is looked out for, if a core is idle; all others are slept for."""
    looked = []
    monkeypatch.setattr(module, "idle_cores", lambda: idle)
    monkeypatch.setattr(module, "looked_out", lambda ask: looked.append(1) or cores.looked_out(ask))
    visitors, server = served
    client, guest = let_in(visitors, server, str(tmp_path / "door"))
    for number in range(3):
        visitors.give(guest, framed(MESSAGE, b"an answer"))
        client.give(framed(MESSAGE, bytes([number])))
        visitors._thought_s = thought_s
        assert visitors.next() == (guest, MESSAGE, bytes([number]))
        assert client.take(20.0) == (MESSAGE, b"an answer")
    assert len(looked) == (3 if thought_s == 0.0 and idle == 0 else 0)
    visitors.give(guest, framed(MESSAGE, b""))
    server.give(framed(MESSAGE, b"an order"))
    visitors._thought_s = thought_s
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    client.close()


class Gateway:
    """Clients of another protocol, as bytes on a socket; `left` is what is to be done without its file saying so."""

    def __init__(self):
        self.end, self._socket = socket.socketpair()
        self.left, self.done = 0, []

    @property
    def has_work(self) -> bool:
        return self.left > 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def work(self, until: float) -> None:
        self.done.append(self._socket.recv(1) if not self.left else b"left")
        self.left = max(self.left - 1, 0)

    def close(self) -> None:
        self.end.close()
        self._socket.close()


@pytest.fixture
def gateway():
    made = Gateway()
    yield made
    made.close()


@pytest.mark.parametrize("idle", [-1, 0])
def test_a_gateways_clients_are_served_while_the_server_says_nothing(served, gateway, monkeypatch, idle):
    monkeypatch.setattr(module, "idle_cores", lambda: idle)
    visitors, server = served
    visitors.attend(gateway)
    gateway.end.send(b"abc")

    def order():
        while len(gateway.done) < 3:
            pass
        server.give(framed(MESSAGE, b"an order"))

    thread = threading.Thread(target=order)
    thread.start()
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    thread.join(20)
    assert gateway.done == [b"a", b"b", b"c"]


def test_server_and_gateway_take_turns_when_both_have_much_to_say(served, gateway):
    visitors, server = served
    visitors.attend(gateway)
    gateway.left = 100
    for number in range(3):
        server.give(framed(MESSAGE, bytes([number])))
        assert visitors.next() == (visitors.server, MESSAGE, bytes([number]))
        assert len(gateway.done) == number + 1


def test_a_gateway_that_is_not_attended_any_more_is_left_alone(served, gateway):
    visitors, server = served
    visitors.attend(gateway)
    visitors.attend(None)
    gateway.end.send(b"a")
    server.give(framed(MESSAGE, b"an order"))
    assert visitors.next() == (visitors.server, MESSAGE, b"an order")
    assert gateway.done == []
