"""The port where an engine that is lent waits for a client from elsewhere: when it is open, and to whom."""

import asyncio
import socket
import sys
import time

import pytest
import trustme

import bridge
from bridge import sockets
from bridge.credentials import ServerTls
from bridge.errors import InvalidInput
from bridge.link import LAPSED, MESSAGE, SECRET_BYTES, Link, framed
from bridge.sockets import NOWHERE
from bridge.v1 import engine_service_pb2 as pb
from bridge.worker import visitors
from bridge.worker.visitors import Visitors
from tests.bridge.lending.borrowing import FORWARD, eventually, in_a_worker, is_lent
from tests.bridge.serving import loop, serving, wait

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="engines in other processes are lent on Linux and macOS"
)
HALF = SECRET_BYTES // 2
TOKEN = "a-token-that-nobody-guesses"


def lending(**config):
    """A server whose clients come as if they were on another computer."""
    return serving(in_a_worker(watchdog_s=20), **{"is_step_socket_offered": False, "shared_memory": None} | config)


@pytest.fixture
def server():
    with lending() as made:
        yield made


@pytest.fixture
def driver(server):
    with bridge.connect(server.address, timeout_s=30) as afar:
        yield afar


def straight(driver) -> int:
    """Steps until the client has a connection to the engine; the port."""
    ways = driver._wire._sockets
    while ways._engine is None or ways._lent == NOWHERE:
        driver.step(FORWARD)
    return ways._lent.port


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), 5.0).close()
    except ConnectionRefusedError:
        return False
    return True


def without_secrets(server, monkeypatch) -> list[pb.StepResponse]:
    """The answers by gRPC that tell of a port, from now on; clients are told of none."""
    found, take = [], server.service.steps.take

    def hushed(request, tell, **options):
        def hush(answer, error):
            if answer is not None and answer.engine_port.port:
                found.append(answer)
                answer = pb.StepResponse.FromString(answer.SerializeToString())
                answer.ClearField("engine_port")
            tell(answer, error)

        take(request, hush, **options)

    monkeypatch.setattr(server.service.steps, "take", hushed)
    return found


# ---- who is let in


def test_the_port_is_open_only_until_its_client_is_in(server, driver):
    port = straight(driver)
    assert not is_open(port)
    tick = driver.step(FORWARD).tick
    assert driver.step(FORWARD).tick == tick + 1


def test_a_port_that_nobody_has_come_to_is_shut_when_the_engine_is_taken_back(server, driver, monkeypatch):
    told = without_secrets(server, monkeypatch)
    while not told:
        driver.step(FORWARD)
    with bridge.connect(server.address, role="observer") as observer:
        observer.state()
        assert not is_open(told[-1].engine_port.port)


def test_a_client_keeps_its_connection_from_one_loan_to_the_next(server, driver):
    port, link = straight(driver), driver._wire._sockets._engine
    driver.state()
    assert not is_lent(server)
    assert straight(driver) == port
    assert driver._wire._sockets._engine is link


def test_a_client_that_lost_its_connection_gets_another_secret(server, driver):
    straight(driver)
    before = driver._wire._sockets._lent
    driver._wire._sockets._engine._socket.shutdown(socket.SHUT_RDWR)
    tick = driver.step(FORWARD).tick
    straight(driver)
    assert driver._wire._sockets._lent.secret != before.secret
    assert driver.step(FORWARD).tick > tick


def test_strangers_at_the_port_get_nothing_stop_nobody_and_are_logged(server, driver, monkeypatch, caplog):
    told = without_secrets(server, monkeypatch)
    while not told:
        driver.step(FORWARD)
    port = told[-1].engine_port.port
    with socket.create_connection(("localhost", port), 5.0) as stranger:
        stranger.sendall(b"x" * HALF)
        assert stranger.recv(100) == b""
    eventually(lambda: "a wrong secret" in caplog.text)
    tick = driver.step(FORWARD).tick
    assert driver.step(FORWARD).tick == tick + 1


def test_who_has_the_secret_and_no_session_gets_no_step(server, driver, monkeypatch):
    told = without_secrets(server, monkeypatch)
    while not told:
        tick = driver.step(FORWARD).tick
    door = told[-1].engine_port
    link = Link.at("localhost", door.port, door.secret, timeout_s=20.0)
    request = pb.StepRequest(session="nobody's", sequence=1, ticks=1)
    assert link.exchange(request.SerializeToString(), 20.0) == (LAPSED, b"")
    assert driver.step(FORWARD).tick == tick + 1
    link.close()


def test_a_client_does_not_speak_to_who_cannot_show_the_other_half():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.listen()
        port = listening.getsockname()[1]

        async def impostor():
            peer, _ = await loop().sock_accept(listening)
            with peer:
                peer.setblocking(False)
                await loop().sock_recv(peer, 100)
                await loop().sock_sendall(peer, b"y" * HALF)

        listening.setblocking(False)
        task = asyncio.run_coroutine_threadsafe(impostor(), loop())
        with pytest.raises(ConnectionRefusedError, match="Somebody else than the engine"):
            Link.at("127.0.0.1", port, b"x" * SECRET_BYTES, timeout_s=20.0)
        task.result(20)


# ---- where it cannot be reached, or shall not be


def test_a_client_that_cannot_reach_the_port_goes_on_over_grpc_and_tries_once(server, driver, monkeypatch):
    tried = []

    def nothing_answers(*_, timeout_s, **__):
        tried.append(timeout_s)
        raise TimeoutError

    monkeypatch.setattr(sockets.Link, "at", nothing_answers)
    for tick in range(1, 12):
        assert driver.step(FORWARD).tick == tick
    assert (tried, is_lent(server)) == ([sockets.REACH_S], False)


def test_a_port_that_refuses_is_tried_three_times(server, driver, monkeypatch):
    tried = []

    def refused(*_, **__):
        tried.append(1)
        raise ConnectionRefusedError

    monkeypatch.setattr(sockets.Link, "at", refused)
    for tick in range(1, 30):
        assert driver.step(FORWARD).tick == tick
    assert (len(tried), is_lent(server)) == (sockets.MOST_REFUSALS, False)


def test_a_client_that_does_not_ask_for_it_is_never_lent_the_engine(server):
    async def steps():
        async with await bridge.connect_async(server.address) as afar:
            for tick in range(1, 6):
                assert (await afar.step(FORWARD)).tick == tick
                assert not is_lent(server)

    wait(steps(), 30)


def test_without_a_port_to_lend_nothing_is_lent():
    with lending(lend_port=None) as server, bridge.connect(server.address) as driver:
        for tick in range(1, 6):
            assert driver.step(FORWARD).tick == tick
            assert not is_lent(server)


def test_beside_an_encrypted_port_no_plain_one_is_opened(tmp_path):
    authority = trustme.CA()
    pair = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    pair.cert_chain_pems[0].write_to_path(tmp_path / "server.pem")
    pair.private_key_pem.write_to_path(tmp_path / "server.key")
    with (
        lending(tls=ServerTls(tmp_path / "server.pem", tmp_path / "server.key"), token=TOKEN) as server,
        bridge.connect(server.address, tls=bridge.Tls(tmp_path / "ca.pem"), token=TOKEN) as driver,
    ):
        driver._wire._sockets._host = "localhost"  # a client that would
        for tick in range(1, 6):
            assert driver.step(FORWARD).tick == tick
            assert not is_lent(server)


def test_the_port_can_be_chosen_and_where_it_is_taken_steps_go_by_the_server():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with lending(lend_port=port) as server, bridge.connect(server.address) as driver:
            for tick in range(1, 6):
                assert driver.step(FORWARD).tick == tick
                assert not is_lent(server)
    with lending(lend_port=port) as server, bridge.connect(server.address) as driver:
        assert straight(driver) == port


def test_only_ports_that_there_are_can_be_asked_for(tmp_path):
    from bridge.commands import serve

    with pytest.raises(InvalidInput, match=r"--lend-port is 70000; expected 0 \(any free one\) to 65535, or none"):
        serve.run(serve.Config(tmp_path, lend_port=70_000))


# ---- the engine waits for nobody


@pytest.fixture
def waiting():
    """Visitors of an engine that waits for a client by a port, the server's end of their link, port and secret."""
    ours, theirs = socket.socketpair()
    made = Visitors(Link(ours))
    yield made, Link(theirs), *made.open_port("127.0.0.1", 0, b"")
    made.close()
    theirs.close()
    ours.close()


def shown(port: int, secret: bytes) -> socket.socket:
    """A connection whose secret was shown, and not yet looked at."""
    made = socket.create_connection(("127.0.0.1", port), 20.0)
    made.sendall(secret[:HALF])
    return made


def let_in(visitors_here: Visitors, server: Link, port: int, secret: bytes) -> socket.socket:
    client = shown(port, secret)
    while visitors_here._client is None:
        server.give(framed(MESSAGE, b"an order"))
        visitors_here._answer_the_door(visitors_here._poll.poll(20_000)[-1][0])
        assert visitors_here.next() == (visitors_here.server, MESSAGE, b"an order")
    assert client.recv(100) == secret[HALF:]
    return client


def test_who_shows_no_secret_in_time_is_sent_away(waiting, monkeypatch, caplog):
    made, _, port, _ = waiting
    monkeypatch.setattr(visitors, "PATIENCE_S", 0.05)
    with socket.create_connection(("127.0.0.1", port), 20.0) as stranger:
        made._answer_the_door(made._poll.poll(20_000)[0][0])
        time.sleep(0.06)
        made._send_the_late_away()
        assert stranger.recv(100) == b""
    assert "showed no secret for 0.05 s" in caplog.text


def test_many_strangers_make_room_for_each_other_and_the_server_is_heard(waiting):
    made, server, port, _ = waiting
    crowd = [socket.create_connection(("127.0.0.1", port), 20.0)]
    for _ in range(visitors.MOST_STRANGERS):
        made._answer_the_door(made._poll.poll(20_000)[0][0])
        crowd.append(socket.create_connection(("127.0.0.1", port), 20.0))
    made._answer_the_door(made._poll.poll(20_000)[0][0])
    assert (len(made._strangers), crowd[0].recv(1)) == (visitors.MOST_STRANGERS, b"")
    server.give(framed(MESSAGE, b"an order"))
    assert made.next() == (made.server, MESSAGE, b"an order")
    for one in crowd:
        one.close()


def test_a_secret_that_was_used_opens_nothing(waiting):
    made, server, port, secret = waiting
    client = let_in(made, server, port, secret)
    with pytest.raises(ConnectionRefusedError):
        shown(port, secret)
    assert made.open_port("127.0.0.1", 0, secret) == (port, secret)  # who is in stays
    with pytest.raises(ConnectionRefusedError):
        shown(port, secret)
    client.close()


def test_neither_half_a_message_nor_an_answer_that_is_not_taken_keeps_the_server_waiting(waiting):
    made, server, port, secret = waiting
    client, answer = let_in(made, server, port, secret), framed(MESSAGE, bytes(16 << 20))
    said = framed(MESSAGE, b"a step")
    client.sendall(said[:7])
    server.give(framed(MESSAGE, b"an order"))
    assert made.next() == (made.server, MESSAGE, b"an order")
    client.sendall(said[7:])
    who, kind, heard = made.next()
    assert (kind, heard) == (MESSAGE, b"a step")
    made.give(who, answer)  # far more than there is room for
    server.give(framed(MESSAGE, b"another"))
    assert made.next() == (made.server, MESSAGE, b"another")
    got = bytearray()
    while len(got) < len(answer):
        while made._poll.poll(0):
            made._heard(who)
        got += client.recv(1 << 20)
    assert got == answer
    client.close()
