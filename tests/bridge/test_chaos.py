"""Chaos: connections, engines, clients and servers that fail in the midst of an episode, by a schedule that a seed gives.

Whatever happens, no call outlives its deadline, no tick is lost or made twice, and whoever is left goes on.
"""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import bridge
from bridge.engine import Action, Velocity
from bridge.errors import EngineUnavailable, Refused, SessionEnded, SimbridgeError, TooLate
from bridge.ring import PREFIX
from bridge.worker import Supervision, WorkerEngine
from tests.bridge.proxy import Proxy
from tests.bridge.serving import ROOT, Process, serving
from tests.bridge.test_worker import POINTS, is_alive

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
FORWARD = {"courier-1": Action(Velocity(1.0))}
FRONT = ["courier-1/front"]
DEADLINE_S, SLACK_S = 5.0, 10.0
"""How long a call may take, and how much later a busy computer may notice."""


def in_a_worker(options=None, **supervision):
    return lambda: WorkerEngine(POINTS, options or {}, Supervision(**supervision))


def within_its_deadline(call):
    """What a call gives, or the error it ends with; never later than it may."""
    start = time.monotonic()
    try:
        return call()
    except SimbridgeError as error:
        return error
    finally:
        assert time.monotonic() - start < DEADLINE_S + SLACK_S


@pytest.mark.parametrize("seed", [0, 1])
def test_connections_that_are_cut_delayed_and_repeated_lose_and_double_no_tick(seed):
    rng = np.random.default_rng(seed)
    with (
        serving(in_a_worker(), is_step_socket_offered=False, lend_port=None) as server,
        Proxy(server.address) as proxy,
        bridge.connect(proxy.address, timeout_s=DEADLINE_S) as afar,
    ):
        start = afar.state().poses[0, 0]
        for tick in range(1, 61):
            match rng.choice(["calm", "cut", "late", "twice", "in the midst"], p=[0.6, 0.1, 0.1, 0.1, 0.1]):
                case "cut":
                    proxy.cut()
                case "late":
                    proxy.delay_s = float(rng.uniform(0, 0.02))
                case "twice":
                    proxy.is_repeating = not proxy.is_repeating
                    proxy.cut()
                case "in the midst":
                    threading.Timer(float(rng.uniform(0, 0.01)), proxy.cut).start()
            state = within_its_deadline(lambda: afar.step(FORWARD))
            assert not isinstance(state, SimbridgeError), state
            assert state.tick == tick
            assert state.poses[0, 0] == pytest.approx(start + 0.02 * tick)
        assert proxy.repeated


def test_a_connection_that_is_held_up_ends_at_the_deadline_and_goes_on_afterwards():
    with (
        serving(is_step_socket_offered=False, lease_s=20.0) as server,
        Proxy(server.address) as proxy,
        bridge.connect(proxy.address, timeout_s=0.7) as afar,
    ):
        assert afar.step(FORWARD).tick == 1
        proxy.is_holding = True
        assert isinstance(within_its_deadline(lambda: afar.step(FORWARD)), TooLate | EngineUnavailable)
        proxy.is_holding = False
        ends, tries = time.monotonic() + SLACK_S, 3
        while isinstance(state := within_its_deadline(lambda: afar.step(FORWARD)), SimbridgeError):
            assert time.monotonic() < ends
            tries += 1
        assert 2 <= state.tick <= tries  # those that were held up came through, or did not; none did twice
        assert afar.step(FORWARD).tick == state.tick + 1


def test_engines_that_are_killed_again_and_again_leave_every_client_its_seat():
    rng = np.random.default_rng(2)
    with (
        serving(in_a_worker(restarts=50), lease_s=20.0) as server,
        bridge.connect(server.address, timeout_s=DEADLINE_S, client_name="driver") as driver,
        bridge.connect(server.address, timeout_s=DEADLINE_S, role="observer") as observer,
    ):
        driver.claim("courier-1")
        engine, crashes, over = server.simulation._engine._engine, set(), threading.Event()

        def watch():
            while not over.is_set():
                seen = within_its_deadline(lambda: observer.observe(FRONT, ["rgb"]))
                if not isinstance(seen, SimbridgeError):
                    assert (seen[0].rgb == seen[0].tick % 251).all()

        watching = threading.Thread(target=watch)
        watching.start()
        tick = 0
        for kill_at in np.cumsum(rng.integers(3, 30, 4)):
            while tick < kill_at:
                tick = driver.step_and_observe(FORWARD, FRONT, ["rgb"])[0].tick
            threading.Timer(float(rng.uniform(0, 0.01)), os.kill, (engine.pid, signal.SIGKILL)).start()
            while not isinstance(state := within_its_deadline(lambda: driver.step(FORWARD)), SimbridgeError):
                assert state.tick == tick + 1
                tick = state.tick
            crashes.add(engine.crash)
            state = within_its_deadline(lambda: driver.reset(seed=0))
            while isinstance(state, SimbridgeError):  # the kill came between two steps: only the next call met it
                state = within_its_deadline(lambda: driver.reset(seed=0))
            assert state.tick == 0
            with bridge.connect(server.address) as rival, pytest.raises(Refused, match="is held by 'driver'"):
                rival.claim("courier-1")
            for tick in range(1, kill_at + 1):
                assert driver.step(FORWARD).tick == tick
        over.set()
        watching.join(DEADLINE_S + SLACK_S)
        assert not watching.is_alive()
        assert len(crashes) == 4


def test_a_server_killed_in_the_midst_of_an_episode_takes_its_engine_along_and_another_takes_its_place():
    with Process("localhost:0", "0.01", "5", "worker") as server:
        afar = bridge.connect(server.address, timeout_s=DEADLINE_S)
        afar.step_and_observe(FORWARD, FRONT)
        (child,) = children(server.process.pid)
        ring = afar._talk._ring.path
        assert ring.exists()
        threading.Timer(0.05, server.kill).start()
        told = None
        while not isinstance(told, SimbridgeError):
            told = within_its_deadline(lambda: afar.step_and_observe(FORWARD, FRONT))
        assert isinstance(told, EngineUnavailable)
        ends = time.monotonic() + SLACK_S
        while is_alive(child):
            assert time.monotonic() < ends
            time.sleep(0.02)
        with Process(server.address, "0", "5", "worker") as another:
            assert isinstance(within_its_deadline(lambda: afar.step(FORWARD)), SessionEnded)
            assert not ring.exists()
            with bridge.connect(another.address, timeout_s=DEADLINE_S) as anew:
                assert anew.reset(seed=0).tick == 0
                assert anew.step_and_observe(FORWARD, FRONT)[1][0].rgb.max() == 1
            status, logged = another.terminate()
            assert (status, "Traceback" in logged) == (0, False)
        afar.close()


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return [int(line) for line in found.stdout.split()]


def test_a_client_killed_while_it_looks_at_frames_leaves_no_memory_behind(tmp_path):
    script = (
        "import bridge, sys\n"
        "engine = bridge.connect(sys.argv[1]); frames = []\n"
        "for _ in range(1000000):\n"
        "    frames = (frames + list(engine.step_and_observe({}, ['courier-1/front'])[1]))[-3:]\n"
        "    print('seen', flush=True)\n"
    )
    with (
        serving(in_a_worker(), shared_memory=tmp_path, lease_s=1.0) as server,
        bridge.connect(server.address, timeout_s=DEADLINE_S) as other,
    ):
        victim = subprocess.Popen(
            [sys.executable, "-c", script, server.address], cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
        )
        assert victim.stdout is not None
        for _ in range(20):
            assert victim.stdout.readline().strip() == b"seen"
        assert len(list(tmp_path.glob(f"{PREFIX}*"))) == 2
        victim.kill()
        victim.communicate()
        ends = time.monotonic() + SLACK_S
        while len(list(tmp_path.glob(f"{PREFIX}*"))) > 1:
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert not isinstance(within_its_deadline(lambda: other.step_and_observe({}, FRONT)), SimbridgeError)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="pages are reserved by posix_fallocate")
def test_when_shared_memory_is_full_frames_travel_and_nothing_else_changes(caplog):
    with (
        serving(in_a_worker({"size": [256, 256], "is_memory_full": True})) as server,
        bridge.connect(server.address, timeout_s=DEADLINE_S) as afar,
    ):
        for tick in range(1, 6):
            _, (frame,) = afar.step_and_observe(FORWARD, FRONT)
            for name in ("rgb", "depth", "segmentation", "normals"):
                assert getattr(frame, name).shape[:2] == (256, 256)
            assert frame.rgb.max() == frame.segmentation.max() == tick
        assert afar.observe(FRONT, ["rgb"])[0].rgb.max() == 5
    assert caplog.text.count("No room for frames") == 1


def test_an_engine_that_does_not_come_up_is_told_with_its_last_words(tmp_path, monkeypatch):
    (tmp_path / "engines_of_mine").mkdir()
    (tmp_path / "engines_of_mine/broken.py").write_text(
        '"""Does not come up."""\nimport sys\nsys.exit("no licence found")\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SimbridgeError, match=r"died in open: exit status 1 \(no licence found\)"):
        WorkerEngine("engines_of_mine.broken", supervision=Supervision(crash_folder=tmp_path))
