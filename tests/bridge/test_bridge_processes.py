"""Servers and clients that are killed, stopped or cut off: who learns what, how soon, and what is left behind."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
import pytest

import bridge
from bridge import client, conversation, link
from bridge.address import Address, parse, why_not
from bridge.engine import Action, Velocity
from bridge.errors import EngineUnavailable, InvalidInput, NotAllowed, Refused, SessionEnded, SimbridgeError
from bridge.server import Config, Server
from bridge.status import error_from
from tests.bridge.point_mass import PointMass
from tests.bridge.proxy import Proxy
from tests.bridge.serving import ROOT, Process, serving, wait

posix = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets and signals")
FORWARD = {"courier-1": Action(Velocity(1.0))}


def refused(address: str, kind: type[SimbridgeError], says: str, **config) -> None:
    """A server that says why it does not start."""

    async def start():
        await Server(PointMass, Config(address=address, **config)).start()

    with pytest.raises(kind, match=says):
        wait(start())


def test_a_killed_server_is_noticed_within_a_second_and_its_memory_is_swept_at_the_next_start():
    with Process("localhost:0") as server:
        afar = bridge.connect(server.address)
        afar.step_and_observe(FORWARD, ["courier-1/front"])
        server.kill()
        start = time.monotonic()
        with pytest.raises(EngineUnavailable, match=f"No server answers at {server.address}"):
            afar.step(FORWARD)
        assert time.monotonic() - start < 1.0
        with Process(server.address), pytest.raises(SessionEnded, match="the server was started anew"):
            afar.step(FORWARD)
        afar.close()


def test_a_server_that_dies_under_a_step_is_noticed_within_a_second():
    with Process("localhost:0") as server, bridge.connect(server.address) as afar:
        start = time.monotonic()
        with pytest.raises(EngineUnavailable):
            afar.step({"courier-1": Action(say="kill")})
        assert time.monotonic() - start < 1.0


@posix
def test_a_killed_client_leaves_its_agents_when_its_lease_ends():
    script = (
        "import bridge, sys, time\n"
        "engine = bridge.connect(sys.argv[1], client_name='victim'); engine.claim('courier-1')\n"
        "print('claimed', flush=True); time.sleep(60)\n"
    )
    with serving(lease_s=1.0) as server, bridge.connect(server.address) as afar:
        victim = subprocess.Popen(
            [sys.executable, "-c", script, server.address], cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
        )
        assert victim.stdout is not None
        assert victim.stdout.readline().strip() == b"claimed"
        with pytest.raises(Refused, match="held by 'victim'"):
            afar.claim("courier-1")
        victim.kill()
        victim.communicate()
        with pytest.raises(Refused, match="held by 'victim'"):
            afar.claim("courier-1")
        end = time.monotonic() + 5
        while True:
            try:
                afar.claim("courier-1")
                break
            except Refused:
                assert time.monotonic() < end
                time.sleep(0.1)


@posix
def test_sigterm_lets_the_tick_finish_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "town.sock"
    with Process(f"unix:{path}", "0.3") as server, bridge.connect(server.address) as afar:
        told = []

        def step():
            try:
                told.append(afar.step(FORWARD).tick)
            except SimbridgeError as error:
                told.append(error)

        stepping = threading.Thread(target=step)
        stepping.start()
        time.sleep(0.15)
        status, logged = server.terminate()
        stepping.join(5)
        assert told == [1]
        assert (status, "Traceback" in logged, path.exists()) == (0, False, False)
        with pytest.raises(EngineUnavailable):
            afar.step(FORWARD)


@posix
def test_a_stale_socket_is_replaced_and_a_live_one_or_a_file_is_not(tmp_path):
    path = tmp_path / "town.sock"
    with Process(f"unix:{path}") as server:
        refused(server.address, Refused, "Another server listens at")
        server.kill()
        server.process.wait()
    assert path.exists()
    with serving(address=f"unix:{path}") as server:
        assert path.stat().st_mode & 0o777 == 0o600
        with bridge.connect(server.address) as afar:
            assert afar.step({}).tick == 1
    assert not path.exists()
    path.write_text("precious")
    refused(f"unix:{path}", Refused, "is there already and is no socket")
    assert path.read_text() == "precious"
    refused(f"unix:{tmp_path}/missing/town.sock", InvalidInput, "There is no folder")


def test_a_port_in_use_is_told_at_the_start():
    with serving() as server:
        refused(
            server.address, Refused, f"Nothing can listen at {server.address}: another program listens there. Stop it"
        )
    assert "kept for administrators" in why_not(parse("localhost:80"), OSError(errno.EACCES, "Permission denied"))


def test_a_place_that_is_not_here_is_told_at_the_start():
    refused("no-such-host.invalid:50051", InvalidInput, "no computer is known here by the name 'no-such-host.invalid'")
    refused("192.0.2.1:0", Refused, "no address of this computer", is_insecure_bind_forced=True)


@pytest.mark.parametrize("port", ["65536", "99999", "-1", "1.5", "http", "5 0"])
def test_what_is_no_port_is_refused_with_what_is_one(port):
    with pytest.raises(InvalidInput, match=rf"'{port}' is no port, which is a whole number from 1 to 65535, or 0"):
        parse(f"localhost:{port}")


@pytest.mark.parametrize("port", [-1, 65536])
def test_no_address_has_a_port_that_there_is_not(port):
    with pytest.raises(InvalidInput, match=f"Port {port} is none"):
        Address(host="localhost", port=port)


def test_a_server_listens_beyond_this_computer_only_when_forced():
    refused("0.0.0.0:0", NotAllowed, "can be reached from other computers")
    with serving(address="0.0.0.0:0", is_insecure_bind_forced=True) as server:
        port = server.address.rpartition(":")[2]
        with bridge.connect(f"localhost:{port}") as afar:
            assert afar.step({}).tick == 1


def test_a_cut_connection_is_taken_up_again_without_a_lost_or_doubled_tick():
    with serving(is_step_socket_offered=False) as server:
        proxy = Proxy(server.address)
        with bridge.connect(proxy.address) as afar:
            for tick in range(1, 31):
                if tick % 10 == 0:
                    proxy.cut()
                assert afar.step(FORWARD).tick == tick
        proxy.close()


def test_the_asyncio_client_takes_a_cut_connection_up_again_too():
    async def talk(address, cut):
        async with await bridge.connect_async(address) as afar:
            for tick in range(1, 13):
                if tick % 4 == 0:
                    cut()
                    await asyncio.sleep(0.05 * (tick % 8 == 0))
                assert (await afar.step(FORWARD)).tick == tick

    with serving() as server:
        proxy = Proxy(server.address)
        wait(talk(proxy.address, proxy.cut))
        proxy.close()


def test_the_asyncio_client_notices_a_killed_server_within_a_second():
    async def talk(server):
        afar = await bridge.connect_async(server.address)
        await afar.step(FORWARD)
        server.kill()
        start = time.monotonic()
        with pytest.raises(EngineUnavailable, match="No server answers"):
            await afar.step(FORWARD)
        assert time.monotonic() - start < 1.0
        await afar.close()

    with Process("localhost:0") as server:
        wait(talk(server))


def test_a_connection_cut_during_a_step_gets_that_steps_answer():
    with serving(lambda: PointMass(delay_s=0.4), is_step_socket_offered=False) as server:
        proxy = Proxy(server.address)
        with bridge.connect(proxy.address) as afar:
            timer = threading.Timer(0.2, proxy.cut)
            timer.start()
            assert afar.step(FORWARD).tick == 1
            assert afar.step(FORWARD).tick == 2
        proxy.close()


def test_a_hundred_connections_that_say_nothing_do_not_matter():
    with serving() as server, bridge.connect(server.address) as afar:
        port = int(server.address.rpartition(":")[2])
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        for one in idle[:50]:
            one.sendall(b"GET / HTTP/1.0\r\n\r\n\xff\xff\xff")
        assert afar.step({}).tick == 1
        for one in idle:
            one.close()


@pytest.mark.slow
@posix
def test_a_server_that_hangs_is_found_within_fifteen_seconds():
    with Process("localhost:0", "0", "60") as server:
        afar = bridge.connect(server.address, timeout_s=60)
        afar._wire.use_socket("/nowhere/steps.sock")  # as from another computer: here a step has its deadline alone
        afar.step({})
        os.kill(server.process.pid, signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(EngineUnavailable):
            afar.step({})
        assert time.monotonic() - start < 17
        os.kill(server.process.pid, signal.SIGCONT)
        server.kill()
        afar.close()


@posix
def test_a_server_on_this_computer_that_hangs_is_found_by_its_silence(monkeypatch):
    assert link.SILENCE_S + client.ALIVE_S + conversation.RECONNECT_S < 15
    monkeypatch.setattr(link, "SILENCE_S", 0.3)
    monkeypatch.setattr(client, "ALIVE_S", 0.3)
    with Process("localhost:0", "0", "60") as server:
        afar = bridge.connect(server.address, timeout_s=600)
        afar.step({})
        os.kill(server.process.pid, signal.SIGSTOP)
        with pytest.raises(EngineUnavailable, match="it has been silent for"):
            afar.step({})
        os.kill(server.process.pid, signal.SIGCONT)
        afar.close()


@posix
def test_a_step_that_takes_long_is_waited_for_while_its_server_answers(monkeypatch):
    monkeypatch.setattr(link, "SILENCE_S", 0.2)
    with Process("localhost:0", "1", "60") as server, bridge.connect(server.address) as afar:
        assert afar.step({}).tick == 1


def test_the_vocabulary_needs_no_grpc():
    script = "import sys, bridge, bridge.engine, bridge.types; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
    assert Path(bridge.__file__).is_file()


def test_a_stream_that_breaks_while_it_is_written_to_means_that_no_server_answers():
    class Broken:
        code = staticmethod(lambda: grpc.StatusCode.INTERNAL)
        details = staticmethod(lambda: "Internal error from Core")
        trailing_metadata = staticmethod(lambda: ())

    assert isinstance(error_from(Broken(), "localhost:1"), EngineUnavailable)


def test_a_program_that_ends_without_a_word_gives_its_agents_back():
    with Process("localhost:0") as server:
        careless = (
            "import bridge; from bridge.engine import Action\n"
            f"engine = bridge.connect({server.address!r}); engine.step({{'courier-1': Action()}})"
        )
        subprocess.run([sys.executable, "-c", careless], check=True, timeout=30, cwd=ROOT)
        with bridge.connect(server.address) as engine:
            engine.claim("courier-1")
