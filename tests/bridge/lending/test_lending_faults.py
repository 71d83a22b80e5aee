"""What goes wrong while an engine is lent: it dies, hangs or is silent, and strangers come."""

import os
import signal
import socket
import struct
import sys

import pytest

import bridge
from bridge import conversation, link
from bridge.engine import Action
from bridge.errors import (
    EngineCrashed,
    EngineUnavailable,
    Refused,
    SimbridgeError,
    TooLate,
)
from bridge.link import LAPSED, Link
from bridge.sockets import NOWHERE
from bridge.v1 import engine_service_pb2 as pb
from tests.bridge.lending.borrowing import FORWARD, borrow, eventually, in_a_worker, is_lent
from tests.bridge.serving import serving

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="engines in other processes are lent on Linux and macOS"
)


@pytest.mark.parametrize("is_idle", [False, True])
def test_an_engine_that_dies_while_it_is_lent_is_told_with_its_crash_and_steps_go_on_after_a_reset(
    is_idle, tmp_path, way
):
    with (
        serving(in_a_worker(crash_folder=tmp_path), **way) as server,
        bridge.connect(server.address, timeout_s=30) as driver,
    ):
        engine = server.simulation._engine._engine
        borrow(server, driver)
        for _ in range(50):
            driver.step(FORWARD)
        borrow(server, driver)
        if is_idle:
            os.kill(engine.pid, signal.SIGKILL)
            eventually(lambda: server.world.state is None)
            eventually(lambda: engine.is_up)
            driver.reset(seed=0)
            assert "its client's request:\nnot told to the server" in logged(tmp_path)
        else:
            with pytest.raises(EngineCrashed, match="died in step: signal 9") as caught:
                driver.step({"courier-1": Action(say="kill")})
            assert engine.crash in str(caught.value)
            assert 'say: "kill"' in logged(tmp_path)
            assert driver._talk._session not in logged(tmp_path)
            with pytest.raises(Refused, match=f"anew after crash {engine.crash}"):
                driver.step(FORWARD)
            driver.reset(seed=0)
        for tick in range(1, 6):
            assert driver.step(FORWARD).tick == tick
        assert is_lent(server) or borrow(server, driver)


def logged(folder) -> str:
    """The one crash log there."""
    (path,) = folder.glob("*.log")
    return path.read_text("utf-8")


def test_a_crash_in_the_step_that_lends_it_is_logged_without_the_clients_secrets(tmp_path, way):
    with (
        serving(in_a_worker(crash_folder=tmp_path), **way) as server,
        bridge.connect(server.address, timeout_s=30) as driver,
    ):
        driver.claim("courier-1")
        driver.step({})
        with pytest.raises(EngineCrashed):
            driver.step({"courier-1": Action(say="kill")})  # the second in a row
        assert 'say: "kill"' in logged(tmp_path)
        assert driver._talk._session not in logged(tmp_path)


def test_a_client_of_an_engine_and_a_server_that_are_both_silent_is_told_that_nobody_answers(
    server, driver, monkeypatch
):
    while driver._wire._sockets._engine is None or driver._wire._sockets._lent == NOWHERE:
        driver.step(FORWARD)
    engine = server.simulation._engine._engine

    def nobody() -> None:
        raise EngineUnavailable("No server answers.")

    monkeypatch.setattr(link, "SILENCE_S", 0.2)
    monkeypatch.setattr(driver._wire._sockets, "_ask_server", nobody)
    monkeypatch.setattr(conversation, "RECONNECT_S", 0.0)
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        with pytest.raises(EngineUnavailable, match=r"^No server answers\.$"):
            driver.step(FORWARD)
    finally:
        os.kill(engine.pid, signal.SIGCONT)
    monkeypatch.undo()
    assert driver.step(FORWARD).tick > 0


def test_an_engine_that_hangs_while_it_is_lent_is_ended_by_the_watchdog(tmp_path, way):
    with serving(in_a_worker(watchdog_s=0.5, crash_folder=tmp_path), **way) as server:
        driver = bridge.connect(server.address, timeout_s=3)
        engine = server.simulation._engine._engine
        borrow(server, driver)
        with pytest.raises((TooLate, EngineCrashed)):
            driver.step({"courier-1": Action(say="hang in a library")})
        eventually(lambda: bool(engine.crash) and engine.is_up, 60)

        def is_begun_anew():
            try:
                return driver.reset(seed=0).tick == 0
            except SimbridgeError:
                return False

        eventually(is_begun_anew, 60)
        eventually(lambda: goes_on(driver), 60)
        driver.close()


def goes_on(driver) -> bool:
    try:
        return driver.step(FORWARD).tick > 0
    except SimbridgeError:
        return False


STRANGE = [b"\xff" * 3, struct.pack("<IB", 1 << 31, 0), struct.pack("<IB", 9, 0) + b"half", b""]


@pytest.mark.parametrize("message", STRANGE)
def test_strangers_at_the_engines_socket_get_nothing_and_stop_nobody(message):
    with (
        serving(in_a_worker(watchdog_s=20)) as server,
        bridge.connect(server.address, timeout_s=30) as driver,
    ):
        tick = borrow(server, driver)
        path = driver._wire._sockets._lent.socket
        assert os.stat(path).st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(path)
            stranger.sendall(message)
            for number in range(1, 20):
                assert driver.step(FORWARD).tick == tick + number
        stranger = Link.to(path)
        tick = borrow(server, driver)
        request = pb.StepRequest(session="nobody's", sequence=1, ticks=1)
        assert stranger.exchange(request.SerializeToString(), 20.0) == (LAPSED, b"")
        stranger.close()
        assert driver.step(FORWARD).tick == tick + 1
