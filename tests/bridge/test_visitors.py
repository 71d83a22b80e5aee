"""Who speaks to an engine: its server always, clients as long as they can be let in."""

import errno
import os
import socket
import sys

import pytest

from bridge.link import MESSAGE, Link, framed
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
