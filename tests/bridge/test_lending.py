"""The engine lent to a client: faster, and in nothing else different from steps that go by the server."""

import os
import signal
import socket
import struct
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

import bridge
from bridge import conversation, link
from bridge.codec import Album
from bridge.deeds import Exchange
from bridge.engine import Action, Move, Skill, Velocity
from bridge.errors import (
    EngineCrashed,
    EngineUnavailable,
    InvalidInput,
    Refused,
    SessionEnded,
    SimbridgeError,
    TooLate,
    UnknownName,
)
from bridge.link import LAPSED, Link
from bridge.packing import rgb_from_jpeg
from bridge.recording import Recording
from bridge.recording.again import run_again
from bridge.sightings import ArrivingFrames
from bridge.sockets import NOWHERE
from bridge.types import Pose
from bridge.v1 import engine_service_pb2 as pb
from bridge.worker import Supervision, WorkerEngine
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.serving import serving
from tests.scenes import tiny_scene

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="engines in other processes are lent on Linux and macOS"
)
FORWARD = {"courier-1": Action(Velocity(1.0))}
FRONT = ["courier-1/front"]


def in_a_worker(options=None, **supervision):
    return lambda: WorkerEngine("tests.bridge.point_mass", options or {}, Supervision(**supervision))


@pytest.fixture(params=["socket", "port"])
def way(request) -> dict[str, Any]:
    """How a server is set up: clients come by its Unix socket, or as if they were on another computer."""
    return {} if request.param == "socket" else {"is_step_socket_offered": False, "shared_memory": None}


def manner_of(server) -> dict[str, Any]:
    """How a client connects, so that pictures come as they do from another computer where that is so."""
    return {} if server.config.is_step_socket_offered else {"frames": "zstd"}


def is_lent(server) -> bool:
    return server.service.lending.session is not None


def eventually(holds, timeout_s: float = 20.0) -> None:
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def borrow(server, afar, **look) -> int:
    """Steps until the engine is lent to the client; the tick then. The third step in a row is the first without a server."""
    for _ in range(100):
        tick = afar.step_and_observe(FORWARD, **look)[0].tick if look else afar.step(FORWARD).tick
        if is_lent(server):
            return tick
    raise AssertionError("the engine was not lent")


@pytest.fixture
def server(way):
    with serving(in_a_worker(watchdog_s=20), **way) as made:
        yield made


@pytest.fixture
def driver(server):
    with bridge.connect(server.address, client_name="driver", timeout_s=30, **manner_of(server)) as afar:
        yield afar


def by_server(server, monkeypatch) -> list[int]:
    """The sequence numbers of the steps that come by the server from now on."""
    found, take = [], server.service.steps.take

    def counted(request, tell, **options):
        found.append(request.sequence)
        take(request, tell, **options)

    monkeypatch.setattr(server.service.steps, "take", counted)
    return found


def test_the_states_frames_and_hashes_are_those_of_the_same_engine_here(server, driver, monkeypatch):
    here = PointMass()
    here.load(tiny_scene())
    here.reset(seed=3)
    driver.reset(seed=3)
    heard = by_server(server, monkeypatch)
    for number in range(200):
        actions = {"courier-1": Action(Velocity(1.0 + number / 100))}
        state, (seen,) = driver.step_and_observe(actions, FRONT, ["rgb"], ticks=1 + number % 3)
        wanted = here.step(actions, 1 + number % 3)
        assert (state.tick, state.names, seen.tick) == (wanted.tick, wanted.names, wanted.tick)
        np.testing.assert_array_equal(state.poses, wanted.poses)
        assert (seen.rgb == seen.tick % 251).all()
    assert driver.state_hash() == here.state_hash()
    assert len(heard) < 100


def test_who_takes_the_same_look_after_each_step_has_it_from_the_engine(server, driver):
    for tick in range(1, 40):
        assert driver.step(FORWARD).tick == tick
        (seen,) = driver.observe([eye("wide", width=64)], ["rgb", "depth"])
        assert (seen.tick, seen.rgb.max(), seen.depth.shape) == (tick, tick, (24, 64))
    tick = driver.step(FORWARD).tick
    while not is_lent(server):  # it was just taken back, as it is once a second
        tick = driver.step(FORWARD).tick
        driver.observe([eye("wide", width=64)], ["rgb", "depth"])
    assert driver.observe([eye("wide", width=64)], ["rgb", "depth"])[0].rgb.max() == tick
    assert is_lent(server)
    assert driver.observe(FRONT, ["rgb"])[0].rgb.max() == tick
    assert not is_lent(server)
    assert driver.step(FORWARD).tick == tick + 1


def test_it_is_not_lent_to_who_looks_elsewhere_after_each_step_nor_while_somebody_watches(server, driver):
    for width in range(16, 24):
        driver.step(FORWARD)
        driver.observe([eye("wide", width=width)], ["rgb"])
        assert not is_lent(server)
    with bridge.connect(server.address, role="observer") as observer:
        watching = observer.watch(FRONT, ["rgb"])
        next(watching)
        for _ in range(6):
            driver.step(FORWARD)
            assert not is_lent(server)
        watching.close()


@pytest.mark.parametrize("frames", ["jpeg", "zstd"])
def test_frames_that_travel_are_packed_by_the_engine_and_come_from_it(server, frames):
    with bridge.connect(server.address, frames=frames) as far:
        tick = borrow(server, far, cameras=FRONT, modalities=["rgb", "depth"])
        for _ in range(5):
            tick += 1
            _, (seen,) = far.step_and_observe(FORWARD, FRONT, ["rgb", "depth"])
            assert (seen.tick, seen.rgb.max(), seen.depth.dtype) == (tick, tick, np.float32)


LARGE = (320, 640)
"""Large enough to be packed in stripes: 204,800 px."""


@pytest.fixture
def far(way):
    """A server and a client far away, whose cameras are large."""
    with (
        serving(in_a_worker({"size": LARGE, "idle_cores": 1}, watchdog_s=20), **way) as server,
        bridge.connect(server.address, frames="jpeg", timeout_s=30) as far,
    ):
        yield server, far


def parts_by_engine(driver, monkeypatch) -> list[bytes]:
    """The parts of answers that come from the engine's own socket before their ends, from now on."""
    found, exchange = [], Link.exchange

    def noted(self, *args, more=None, **options):
        return exchange(self, *args, more=more and (lambda part: found.append(part) or more(part)), **options)

    monkeypatch.setattr(Link, "exchange", noted)
    return found


def test_large_pictures_come_in_parts_while_they_are_packed(far, monkeypatch):
    _, driver = far
    cameras, modalities, parts = [*FRONT, "courier-2/front"], ["rgb", "depth"], parts_by_engine(driver, monkeypatch)
    while not parts:
        state, seen = driver.step_and_observe(FORWARD, cameras, modalities)
        for frame in seen:
            assert (frame.tick, frame.rgb.shape, frame.depth.max()) == (state.tick, (*LARGE, 3), np.inf)
            assert (frame.rgb == state.tick).all()
            assert not frame.rgb.flags.writeable
    assert len(parts) == 2 * (3 + 1) - 1  # three stripes and a depth each, of which the last is the end of the answer
    assert driver.step(FORWARD).tick == state.tick + 1


def test_pictures_come_before_the_state_so_that_they_are_unpacked_while_it_is_made(far, monkeypatch):
    _, driver = far
    parts = parts_by_engine(driver, monkeypatch)
    while not parts:
        state, _ = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
    told = [pb.StepResponse.FromString(part) for part in parts]
    assert [len(part.frames) for part in told] == [1, 1]
    assert not any(part.HasField("state") or part.HasField("moment") or part.sequence for part in told)
    assert state.names == driver.step(FORWARD).names


def test_looks_come_in_parts_too(far, monkeypatch):
    _, driver = far
    parts = parts_by_engine(driver, monkeypatch)
    while not parts:
        tick = driver.step(FORWARD).tick
        (seen,) = driver.observe([eye("wide", width=640, height=480)], ["rgb"])
        assert (seen.tick, seen.rgb.shape, seen.rgb.max()) == (tick, (480, 640, 3), tick)
    assert len(parts) == 3


def test_where_no_core_is_idle_the_answer_comes_in_one(way, monkeypatch):
    with (
        serving(in_a_worker({"size": LARGE, "idle_cores": -1}, watchdog_s=20), **way) as server,
        bridge.connect(server.address, frames="jpeg", timeout_s=30) as driver,
    ):
        parts, heard = parts_by_engine(driver, monkeypatch), by_server(server, monkeypatch)
        tick = borrow(server, driver, cameras=FRONT, modalities=["rgb", "depth"])
        for number in range(1, 21):
            _, (seen,) = driver.step_and_observe(FORWARD, FRONT, ["rgb", "depth"])
            assert (seen.tick, seen.rgb.max(), seen.depth.shape) == (tick + number, tick + number, LARGE)
        assert len(heard) < tick + 20
        assert parts == []


def test_frames_in_shared_memory_are_told_of_in_one_message(monkeypatch):
    with (
        serving(in_a_worker({"idle_cores": 1}, watchdog_s=20)) as server,
        bridge.connect(server.address, frames="shared", timeout_s=30) as near,
    ):
        parts, heard = parts_by_engine(near, monkeypatch), by_server(server, monkeypatch)
        cameras = [*FRONT, "courier-2/front"]
        tick = borrow(server, near, cameras=cameras, modalities=["rgb", "depth"])
        for number in range(1, 21):
            _, seen = near.step_and_observe(FORWARD, cameras, ["rgb", "depth"])
            assert [frame.rgb.max() for frame in seen] == [tick + number] * 2
        assert len(heard) < tick + 20
        assert parts == []


def test_who_does_not_take_parts_has_the_answer_in_one(far, monkeypatch):
    server, driver = far
    parts, step = parts_by_engine(driver, monkeypatch), driver._wire._sockets.step

    def as_before(request, *rest):
        request.in_parts = False
        return step(request, *rest)

    driver._wire._sockets.step = as_before
    heard, tick = by_server(server, monkeypatch), borrow(server, driver, cameras=FRONT, modalities=["rgb"])
    for number in range(1, 21):
        _, (seen,) = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
        assert (seen.tick, seen.rgb.max()) == (tick + number, tick + number)
    assert len(heard) < tick + 20
    assert parts == []


def test_an_answer_in_parts_that_was_cut_is_asked_for_again_and_made_once(far, monkeypatch):
    server, driver = far
    exchange, parts = Link.exchange, []

    def cut(self, *args, more=None, **options):
        def gone(part):
            more(part)
            parts.append(part)
            raise ConnectionResetError

        return exchange(self, *args, more=more and gone, **options)

    monkeypatch.setattr(Link, "exchange", cut)
    heard, tick = by_server(server, monkeypatch), 0
    while not parts:
        tick += 1
        _, (seen,) = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
        assert (seen.tick, seen.rgb.min(), seen.rgb.max()) == (tick, tick, tick)
    assert len(parts) == 1
    assert heard[-1] == tick  # the server told what it had from the engine
    assert driver.step(FORWARD).tick == tick + 1


def test_parts_remembered_are_told_together(far, monkeypatch):
    server, driver = far
    parts, sent, step = parts_by_engine(driver, monkeypatch), [], driver._wire._sockets.step
    driver._wire._sockets.step = lambda request, *rest: (sent.append(request), step(request, *rest))[1]
    while not parts:
        _, (before,) = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
    parts.clear()
    for is_asked_of_server in (False, True):
        if is_asked_of_server:
            driver._wire._sockets._lent = NOWHERE
        frames = ArrivingFrames(lambda: Album([(FRONT[0], LARGE)], ["rgb"]))
        answer = driver._wire.perform(Exchange(sent[-1], 20.0, frames))
        packed = b"".join(part.data for part in answer.frames)
        assert (len(answer.frames), parts) == (3, [])
        np.testing.assert_array_equal(frames.frames()[0].rgb, before.rgb)
        np.testing.assert_array_equal(rgb_from_jpeg(packed, (*LARGE, 3)), before.rgb)
    assert not is_lent(server)


def test_frames_of_plain_bytes_go_by_the_server(server):
    with bridge.connect(server.address, frames="raw") as far:
        for tick in range(1, 6):
            _, (seen,) = far.step_and_observe(FORWARD, FRONT, ["rgb", "depth"])
            assert (seen.tick, seen.rgb.max(), seen.depth.dtype) == (tick, tick, np.float32)
            assert not is_lent(server)


def test_it_is_not_lent_across_gigantic_steps_or_in_real_time(server, driver, way):
    tick = borrow(server, driver)
    assert driver.step(FORWARD, 500).tick == tick + 500
    with serving(in_a_worker(), mode="real-time", **way) as other, bridge.connect(other.address) as afar:
        for _ in range(5):
            afar.step({})
            assert not is_lent(other)


def test_whoever_asks_sees_the_present_tick_and_no_step_is_lost_or_doubled(server, driver):
    with bridge.connect(server.address, role="observer") as observer:
        last = borrow(server, driver)
        for _ in range(30):
            state = driver.step(FORWARD)
            assert state.tick == last + 1
            last = observer.state().tick
            assert last == state.tick
            assert observer.observe(FRONT, ["rgb"])[0].tick == last
            for _ in range(3):
                assert driver.step(FORWARD).tick == last + 1
                last += 1


def test_a_lender_learns_by_itself_within_seconds_where_the_world_is(server, driver):
    borrow(server, driver)
    tick = driver.step(FORWARD).tick
    eventually(lambda: server.world.state.tick == tick)
    assert not is_lent(server)
    assert driver.step(FORWARD).tick == tick + 1


def test_agents_that_another_client_claims_are_waited_for_from_then_on(server, driver):
    tick = borrow(server, driver)
    with bridge.connect(server.address, client_name="second", timeout_s=30) as second:
        second.claim("courier-2")
        done = []
        waiting = threading.Thread(target=lambda: done.append(driver.step(FORWARD).tick))
        waiting.start()
        assert second.step({"courier-2": Action(Velocity(1.0))}).tick == tick + 1
        waiting.join(20)
        assert done == [tick + 1]
        with pytest.raises(Refused, match="is held by 'second'"):
            driver.step({"courier-2": Action()})
        second.release("courier-2")


def test_an_edit_and_a_reset_of_others_come_between_two_steps(server, driver):
    tick = borrow(server, driver)
    with bridge.connect(server.address) as other:
        spot = Pose(np.array([7.0, 8.0, 0.0]))
        assert other.edit([Move("courier-2", spot)]).tick == tick
        np.testing.assert_allclose(driver.step(FORWARD).poses[1, :2], [7.0, 8.0])
    borrow(server, driver)
    driver.step(FORWARD)
    assert driver.reset(seed=0).tick == 0
    assert driver.step(FORWARD).tick == 1


def test_a_recording_that_begins_while_it_is_lent_misses_nothing(tmp_path, way):
    with serving(in_a_worker(), recordings=tmp_path, **way) as server, bridge.connect(server.address) as driver:
        tick = borrow(server, driver)
        path = driver.start_recording("late")
        for _ in range(20):
            driver.step(FORWARD)
            assert not is_lent(server)
        _, _, ticks = driver.stop_recording()
        borrow(server, driver)
        driver.step(FORWARD)
        driver.start_recording("whole")
        driver.reset(seed=4)
        for _ in range(5):
            driver.step(FORWARD)
        driver.stop_recording()
    with Recording(path) as recording:
        assert ticks == 20
        assert [state.tick for state in recording.episodes()[0].states()] == list(range(tick, tick + 21))
    with Recording(tmp_path / "whole.mcap") as recording:
        verdict = run_again(recording, PointMass())
    assert (verdict.divergence, verdict.hashes) == (None, 6)


def test_a_step_that_is_asked_for_again_is_answered_from_memory(server, driver):
    borrow(server, driver)
    sent = []
    step = driver._wire._sockets.step
    driver._wire._sockets.step = lambda request, *rest: (sent.append(request), step(request, *rest))[1]
    tick = driver.step(FORWARD).tick
    assert is_lent(server)
    again = driver._wire.perform(Exchange(sent[-1], 20.0))
    assert (again.moment.tick, is_lent(server)) == (tick, True)
    driver._wire._sockets._lent = NOWHERE
    again = driver._wire.perform(Exchange(sent[-1], 20.0))
    assert (again.moment.tick, is_lent(server)) == (tick, False)
    assert driver.step(FORWARD).tick == tick + 1


def test_what_is_wrong_with_a_step_is_told_as_ever_and_costs_no_number(server, driver):
    tick = borrow(server, driver)
    with pytest.raises(InvalidInput, match="forward_m_s is nan"):
        driver.step({"courier-1": Action(Velocity(float("nan")))})
    tick = max(tick, borrow(server, driver))
    with pytest.raises(UnknownName, match="nothing is called 'sofa'") as caught:
        driver.step({"courier-1": Action(Skill("sit", "sofa"))})
    assert caught.value.hop == "engine"
    assert driver.step(FORWARD).tick == tick + 1
    borrow(server, driver)
    with pytest.raises(UnknownName, match="No camera named 'x'"):
        driver.step_and_observe(FORWARD, ["x"])


def test_a_client_that_takes_a_session_up_leaves_nothing_to_the_one_before(server, driver):
    tick = borrow(server, driver)
    with bridge.connect(server.address, resume_token=driver.resume_token) as heir:
        assert heir.step(FORWARD).tick == tick + 1
        with pytest.raises(SessionEnded, match="taken up by another connection"):
            driver.step(FORWARD)
        assert borrow(server, heir) > tick


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
