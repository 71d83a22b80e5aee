"""The gateway's connections: whatever clients do to the stream, others are served, in order, and memory stays bounded."""

import errno
import os
import re
import select
import socket
import stat
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InvalidInput, NotAllowed, Refused
from bridge.formats.unrealcv_wire import MAGIC, framed
from bridge.gateways.unrealcv import peer as peers
from bridge.gateways.unrealcv.listening import Settings
from bridge.gateways.unrealcv.peer import atoi32, request_in
from bridge.gateways.unrealcv.server import Gateway
from tests.bridge.gateways.talking import Talker, echo, running

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the gateway's thread is waited for by file numbers here"
)


# ---- what a request is


@pytest.mark.parametrize(
    ("payload", "number", "command"),
    [
        (b"7:vget /objects", b"7", "vget /objects"),
        (b"0:vget /objects", b"0", "vget /objects"),
        (b"007:x", b"7", "x"),
        (b"12:a:b", b"12", "a:b"),
        (b"junk12:a", b"12", "a"),
        (b"a1b:2:c", b"2", "c"),
        (b"3:first line\nsecond", b"3", "first line"),
        (b"3:", b"3", ""),
        (b"2147483647:x", b"2147483647", "x"),
        (b"2147483648:x", b"-2147483648", "x"),
        (b"4294967297:x", b"1", "x"),
        (b"99999999999999999999999:x", b"-1", "x"),
        ("5:vset /object/Stra\u00dfe/name x".encode(), b"5", "vset /object/Stra\u00dfe/name x"),
        (b"5:caf\xe9", b"5", "caf\ufffd"),
        (b"6:tab\there", b"6", "tab\there"),
    ],
)
def test_a_request_is_read_as_unrealcv_reads_it(payload, number, command):
    assert request_in(payload) == (number, command)


@pytest.mark.parametrize("payload", [b"vget /objects", b":x", b"abc:x", b"12", b"12\n:x", b"\xff\xfe", b"-:x"])
def test_what_has_no_digits_before_a_colon_is_no_request(payload):
    assert request_in(payload) is None


@given(st.integers(0, (1 << 63) - 1))
def test_numbers_are_kept_to_32_bits(value):
    assert -(1 << 31) <= atoi32(str(value)) < 1 << 31
    assert (atoi32(str(value)) - value) % (1 << 32) == 0


# ---- a conversation


@pytest.mark.parametrize("by_socket", [False, True])
def test_a_client_is_greeted_and_its_requests_are_answered_in_order_by_their_own_numbers(by_socket):
    with running() as gateway, Talker(gateway, by_socket=by_socket) as client:
        client.send(b"5:a", b"3:b", b"2147483648:c", b"3:d")
        assert [client.take() for _ in range(4)] == [b"5:a", b"3:b", b"-2147483648:c", b"3:d"]


def test_the_project_is_named_in_the_greeting():
    with running(project="harbor") as gateway, Talker(gateway, greets=False) as client:
        assert client.take() == b"connected to harbor"


def test_a_request_without_a_number_has_no_answer_and_the_log_says_so(caplog):
    with running() as gateway, Talker(gateway) as client:
        client.send(b"vget /objects", b"1:x")
        assert client.take() == b"1:x"
    assert "client 1 sent b'vget /objects', which is no request" in caplog.text


def test_a_command_that_fails_in_a_way_nobody_foresaw_is_an_error_and_the_next_one_is_answered(caplog):
    def fails(command: str) -> bytes:
        raise ZeroDivisionError("by\nzero") if command == "fail" else Refused("not\nnow") if command == "no" else b"ok"

    def answer(command: str) -> bytes:
        if command in ("fail", "no"):
            fails(command)
        return b"ok"

    with running(answer) as gateway, Talker(gateway) as client:
        assert re.fullmatch(rb"1:error fail failed in a way nobody foresaw .*crash \w{8}\.", client.ask(b"1:fail"))
        assert client.ask(b"2:no") == b"2:error not now"
        assert client.ask(b"3:x") == b"3:ok"
    assert "ZeroDivisionError" in caplog.text


def test_many_clients_at_once_are_each_answered_in_their_order():
    with running() as gateway:
        clients = [Talker(gateway, by_socket=bool(index % 2)) for index in range(20)]
        for index, client in enumerate(clients):
            client.send(*(b"%d:%d-%d" % (number, index, number) for number in range(50)))
        for index, client in enumerate(clients):
            assert [client.take() for _ in range(50)] == [b"%d:%d-%d" % (number, index, number) for number in range(50)]
        assert len(gateway) == 20
        for client in clients:
            client.socket.close()


def test_a_client_with_much_to_be_done_lets_others_have_their_turn():
    begun, may_go_on, done = threading.Event(), threading.Event(), []

    def slow(command: str) -> bytes:
        if command == "begin":
            begun.set()
            may_go_on.wait(20)
        done.append(command)
        return command.encode()

    with running(slow) as gateway, Talker(gateway) as greedy, Talker(gateway) as other:
        greedy.send(b"1:begin", *[b"2:x"] * 20_000)
        assert begun.wait(20)
        other.send(b"1:here")
        may_go_on.set()
        assert other.take() == b"1:here"
        assert [greedy.take() for _ in range(20_001)] == [b"1:begin", *[b"2:x"] * 20_000]
    assert done.index("here") < len(done) - 1


def test_where_one_client_alone_is_let_in_a_second_is_sent_away_without_a_word():
    with running(is_shared=False) as gateway, Talker(gateway) as first:
        with Talker(gateway, greets=False) as second:
            assert second.take() is None
        assert first.ask(b"1:x") == b"1:x"
        first.socket.close()
        with Talker(gateway, greets=False) as third:  # the first may not be gone yet
            greeting = third.take()
        while greeting is None:
            with Talker(gateway, greets=False) as third:
                greeting = third.take()
        assert greeting == b"connected to simbridge"


# ---- batches


def test_ten_thousand_requests_are_written_before_an_answer_is_read():
    with running(lambda command: b"x" * 100 + command.encode()) as gateway, Talker(gateway, by_socket=True) as client:
        client.send(*(b"%d:%d" % (number, number) for number in range(10_000)))
        assert [client.take() for _ in range(10_000)] == [
            b"%d:" % number + b"x" * 100 + b"%d" % number for number in range(10_000)
        ]


def test_the_requests_of_a_vbatch_are_held_until_all_are_there_and_carried_out_with_nobody_in_between():
    done = []

    def note(command: str) -> bytes:
        done.append(command)
        return b"ok"

    with running(note) as gateway, Talker(gateway) as client, Talker(gateway) as other:
        client.send(b"1:vbatch 3", b"2:a", b"3:b")
        assert client.take() == b"1:ok"
        assert other.ask(b"1:meanwhile") == b"1:ok"
        assert done == ["meanwhile"]
        client.send(b"4:c", b"5:after")
        assert [client.take() for _ in range(4)] == [b"2:ok", b"3:ok", b"4:ok", b"5:ok"]
        assert done == ["meanwhile", "a", "b", "c", "after"]


@pytest.mark.parametrize("command", [b"vbatch 0", b"vbatch -3", b"vbatch", b"vbatch many"])
def test_a_vbatch_of_none_is_answered_and_holds_nothing(command, caplog):
    with running() as gateway, Talker(gateway) as client:
        assert client.ask(b"1:" + command) == b"1:ok"
        assert client.ask(b"2:x") == b"2:x"
    assert "a batch has one request or more" in caplog.text


def test_a_vbatch_of_more_than_there_is_room_for_is_carried_out_in_parts(monkeypatch):
    monkeypatch.setattr(peers, "MOST_ASKED_BYTES", 10_000)
    with running() as gateway, Talker(gateway) as client:
        client.send(b"1:vbatch 1000000000", *[b"2:x"] * 500)
        assert client.take() == b"1:ok"
        assert client.take() == b"2:x"


def test_a_vbatch_that_takes_long_is_interrupted_and_comes_to_its_end(monkeypatch, caplog):
    monkeypatch.setattr("bridge.gateways.unrealcv.server.LONGEST_BATCH_S", 0.0)
    with running() as gateway, Talker(gateway) as client:
        client.send(b"1:vbatch 3", b"2:a", b"3:b", b"4:c")
        assert [client.take() for _ in range(4)] == [b"1:ok", b"2:a", b"3:b", b"4:c"]
    assert "batch was interrupted" in caplog.text


# ---- faults


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "begins with 0x20544547; expected UnrealCV's 0x9E2B83C1"),
        (framed(b"x")[:4] + bytes(4), "A message of 0 bytes"),
        (framed(b"x")[:4] + b"\xff\xff\xff\xff", "A message of 4,294,967,295 bytes"),
        (framed(b"x")[:4] + (peers.LONGEST_REQUEST + 1).to_bytes(4, "little"), "A message of 1,048,577 bytes"),
    ],
    ids=["bad magic", "no length", "4 GB", "over a request's limit"],
)
def test_a_damaged_stream_ends_its_own_connection_alone_and_the_log_names_the_damage(fault, says, caplog):
    with running() as gateway, Talker(gateway) as other:
        with Talker(gateway) as client:
            client.socket.sendall(fault)
            assert client.take() is None
        assert other.ask(b"1:x") == b"1:x"
    assert says in caplog.text


def test_half_a_header_is_waited_for_while_others_are_served():
    with running() as gateway, Talker(gateway) as slow, Talker(gateway) as other:
        whole = framed(b"1:slow")
        for index in range(len(whole)):
            slow.socket.sendall(whole[index : index + 1])
            assert other.ask(b"1:x") == b"1:x"
        assert slow.take() == b"1:slow"


def test_a_client_that_takes_no_answers_keeps_nobody_waiting_and_is_told_all_later():
    picture = os.urandom(1 << 20)

    def answer(command: str) -> bytes:
        return picture if command == "lit" else b"ok"

    with running(answer) as gateway, Talker(gateway, by_socket=True) as stalled, Talker(gateway) as other:
        stalled.send(*(b"%d:lit" % number for number in range(20)))
        for _ in range(20):
            assert other.ask(b"1:x") == b"1:ok"
        assert [stalled.take() for _ in range(20)] == [b"%d:" % number + picture for number in range(20)]


def test_what_waits_for_a_client_that_takes_no_answers_is_bounded(monkeypatch):
    monkeypatch.setattr(peers, "MOST_UNTOLD_BYTES", 3 << 20)
    made = []

    def picture(command: str) -> bytes:
        if command == "lit":
            made.append(command)
            return bytes(4 << 20)
        return b"ok"

    with running(picture) as gateway, Talker(gateway, by_socket=True) as stalled, Talker(gateway) as other:
        stalled.send(*[b"1:lit"] * 30)
        for _ in range(50):
            assert other.ask(b"1:x") == b"1:ok"
        while not made:
            other.ask(b"1:x")
        assert len(made) < 10  # what the system has taken, and the bound
        assert [len(stalled.take()) for _ in range(30)] == [2 + (4 << 20)] * 30
        assert len(made) == 30


def test_a_client_with_too_much_under_way_is_not_listened_to_until_some_of_it_is_done(monkeypatch):
    monkeypatch.setattr(peers, "MOST_ASKED_BYTES", 100_000)
    may_go_on = threading.Event()

    def answer(command: str) -> bytes:
        may_go_on.wait(20)
        return b"ok"

    with running(answer) as gateway, Talker(gateway, by_socket=True) as client:
        client.socket.setblocking(False)
        message, sent = framed(b"1:" + b"x" * 1000), 0
        pending = memoryview(message * 20_000)
        while select.select([], [client.socket], [], 1.0)[1]:  # until there is no room any more
            sent += client.socket.send(pending[sent : sent + len(message) * 100])
        assert sent < len(pending)
        may_go_on.set()
        client.socket.settimeout(20)
        whole, rest = divmod(sent, len(message))
        client.socket.sendall(message[rest:] if rest else b"")
        assert [client.take() for _ in range(whole + bool(rest))] == [b"1:ok"] * (whole + bool(rest))


@pytest.mark.parametrize("by_socket", [False, True])
def test_a_client_gone_amid_an_answer_leaves_the_others_served(by_socket):
    with running(lambda command: bytes(8 << 20)) as gateway, Talker(gateway) as other:
        leaver = Talker(gateway, by_socket=by_socket)
        leaver.send(*[b"1:lit"] * 5)
        assert leaver.socket.recv(1000)
        leaver.break_off()
        other.send(b"1:x")
        assert len(other.take()) == 2 + (8 << 20)


def test_what_a_client_has_asked_for_before_it_went_is_done_but_for_what_it_wanted_to_know():
    done, last = [], threading.Event()

    def note(command: str) -> bytes:
        done.append(command)
        last.set() if command == "the last" else None
        return b"ok"

    with running(note) as gateway:
        client = Talker(gateway)
        client.send(b"1:vset a", b"2:vget /camera/0/lit png", b"3:vget /camera/0/lit seen.png", b"4:the last")
        client.socket.close()
        assert last.wait(20)
        with Talker(gateway) as other:
            other.ask(b"1:other")
    assert done in (
        ["vset a", "vget /camera/0/lit seen.png", "the last", "other"],
        ["vset a", "vget /camera/0/lit png", "vget /camera/0/lit seen.png", "the last", "other"],  # it was quicker
    )


def test_an_unfinished_vbatch_goes_with_its_client():
    done = []

    def note(command: str) -> bytes:
        done.append(command)
        return b"ok"

    with running(note) as gateway:
        with Talker(gateway) as client:
            client.send(b"1:vbatch 3", b"2:a", b"3:b")
            assert client.take() == b"1:ok"
        with Talker(gateway) as other:
            while len(gateway) > 1:
                other.ask(b"1:x")
    assert set(done) <= {"x"}


def test_where_no_more_files_can_be_opened_who_knocks_is_sent_away_and_those_inside_are_served(monkeypatch, caplog):
    accept, is_full = socket.socket.accept, threading.Event()

    def full(self):
        if is_full.is_set():
            is_full.clear()
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(self)

    monkeypatch.setattr(socket.socket, "accept", full)
    with running() as gateway, Talker(gateway) as inside:
        is_full.set()
        with Talker(gateway, greets=False) as outside:
            assert outside.take() is None
        assert inside.ask(b"1:x") == b"1:x"
        with Talker(gateway) as later:
            assert later.ask(b"1:x") == b"1:x"
    assert "was sent away: [Errno 24]" in caplog.text


def test_no_more_clients_are_let_in_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr("bridge.gateways.unrealcv.server.MOST_CLIENTS", 2)
    with running() as gateway, Talker(gateway) as first, Talker(gateway), Talker(gateway, greets=False) as third:
        assert third.take() is None
        assert first.ask(b"1:x") == b"1:x"


# ---- doors


def test_a_port_that_is_taken_is_said_to_be():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Refused, match="another program listens there"):
        Gateway(echo, Settings(port=taken.getsockname()[1]))


def test_the_unix_socket_is_its_owners_alone_and_goes_with_the_gateway():
    with running() as gateway:
        path = gateway.path
        assert path == f"/tmp/unrealcv_{gateway.port}.socket"
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert not os.path.exists(path)


def test_a_socket_that_a_dead_gateway_left_behind_is_replaced():
    with running() as gateway:
        port, path = gateway.port, gateway.path
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(path)
    with running(port=port) as gateway, Talker(gateway, by_socket=True) as client:
        assert client.ask(b"1:x") == b"1:x"


def test_where_the_unix_socket_cannot_be_had_clients_come_by_the_port_alone(caplog):
    with running() as gateway:
        port, path = gateway.port, gateway.path
    with open(path, "x"), running(port=port) as gateway:
        os.unlink(path)
        assert gateway.path == ""
        with Talker(gateway) as client:
            assert client.ask(b"1:x") == b"1:x"
    assert "is there already and is no socket" in caplog.text


@pytest.mark.parametrize(
    ("settings", "kind", "says"),
    [
        ({"port": 70_000}, InvalidInput, "port is 70000"),
        ({"port": -1}, InvalidInput, "port is -1"),
        ({"port": 0, "project": ""}, InvalidInput, "expected a line"),
        ({"port": 0, "project": "two\nlines"}, InvalidInput, "expected a line"),
        ({"port": 0, "token": "two words"}, InvalidInput, "expected one word"),
        ({"port": 0, "host": "nowhere.invalid"}, InvalidInput, "no computer is known here by the name"),
        ({"port": 0, "host": "0.0.0.0"}, NotAllowed, "can be reached from other computers"),
    ],
)
def test_settings_that_cannot_be_served_are_said_to_be(settings, kind, says):
    with pytest.raises(kind, match=says):
        Gateway(echo, Settings(**settings))


def test_other_computers_are_let_in_by_a_token_or_by_force():
    for settings in ({"token": "word"}, {"is_insecure_bind_forced": True}):
        with running(host="0.0.0.0", **settings) as gateway, Talker(gateway) as client:
            shown = client.ask(b"1:vset /unrealcv/auth word")
            assert shown == (b"1:Authentication succeeded" if settings.get("token") else b"1:vset /unrealcv/auth word")


def test_a_client_shows_the_token_before_anything_else(caplog):
    with running(token="open-sesame") as gateway, Talker(gateway) as client, Talker(gateway) as other:
        required = b"error Authentication required, use: vset /unrealcv/auth <token>"
        assert client.ask(b"1:vget /objects") == b"1:" + required
        assert client.ask(b"2:vbatch 3") == b"2:" + required
        assert client.ask(b"3:vset /unrealcv/auth wrong") == b"3:error Authentication failed"
        assert client.ask(b"4:vset /unrealcv/auth open-sesame ") == b"4:Authentication succeeded"
        assert client.ask(b"5:vget /objects") == b"5:vget /objects"
        assert other.ask(b"1:vget /objects") == b"1:" + required
    assert "showed a wrong token" in caplog.text
    assert "open-sesame" not in caplog.text


def test_garbage_is_survived():
    with running() as gateway, Talker(gateway) as client:
        for index in range(50):
            junk = Talker(gateway)
            junk.socket.sendall(os.urandom(64) if index % 2 else MAGIC.to_bytes(4, "little") + os.urandom(64))
            junk.break_off()
        assert client.ask(b"1:x") == b"1:x"
