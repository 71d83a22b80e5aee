"""UnrealCV's clients and the server's at one engine: each sees what the other does, and the clock is whose it is."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import bridge
from bridge.client import RemoteEngine
from bridge.engine import Action, Move, Paint, Remove, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import EngineCrashed, Refused, SimbridgeError
from bridge.gateways.unrealcv.kit import furnished
from bridge.gateways.unrealcv.listening import Settings
from bridge.link import ERROR
from bridge.types import Pose
from bridge.v1 import link_pb2 as pb
from bridge.worker import Supervision, WorkerEngine
from bridge.worker.answering import Answering
from tests.bridge.embedded_town import embedded_town
from tests.bridge.gateways.talking import PATIENCE_S, Doors, Talker
from tests.bridge.serving import serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the engine's files are waited for with poll")
FORWARD = {"courier-1": Action(Velocity(1.0))}


class Both:
    """A client of each kind, and the engine that they share."""

    def __init__(self, afar: RemoteEngine, worker: WorkerEngine):
        self.afar, self.worker = afar, worker
        self.unreal = Talker(Doors(worker.gateway_port, worker.gateway_socket))

    def ask(self, command: str) -> str:
        answer = self.unreal.ask(b"1:" + command.encode())
        assert answer is not None
        return answer[2:].decode()

    def place(self, name: str) -> list[float]:
        """Where UnrealCV's client is told that a thing is [cm]."""
        return [float(word) for word in self.ask(f"vget /object/{name}/location").split()]

    def put(self, name: str, x: float, y: float, z: float) -> None:
        assert self.ask(f"vset /object/{name}/location {x} {y} {z}") == "ok"


@contextmanager
def shared(mode: str, tmp_path) -> Iterator[Both]:
    """A town on the kinematic engine, in its own process."""
    made: list[WorkerEngine] = []

    def make() -> WorkerEngine:
        watch = Supervision(watchdog_s=20, crash_folder=tmp_path / "crashes")
        gateway = Settings(port=0)
        made.append(WorkerEngine("kinematic", {}, watch, gateway=gateway, is_paced=mode == "real-time"))
        return made[-1]

    options = {"has_others": True, "begins_anew": mode == "real-time", "prepare": furnished}
    with serving(make, scene=False, mode=mode, **options) as server, bridge.connect(server.address) as afar:
        afar.load(embedded_town())
        afar.reset(seed=0)
        both = Both(afar, made[0])
        with both.unreal:
            yield both


@pytest.fixture(scope="module")
def lockstep_town(tmp_path_factory):
    with shared("lockstep", tmp_path_factory.mktemp("lockstep")) as both:
        yield both


@pytest.fixture(scope="module")
def real_time_town(tmp_path_factory):
    with shared("real-time", tmp_path_factory.mktemp("real-time")) as both:
        yield both


@pytest.fixture
def lockstep(lockstep_town):
    lockstep_town.afar.reset(seed=0)
    return lockstep_town


@pytest.fixture
def real_time(real_time_town):
    real_time_town.afar.reset(seed=0)
    return real_time_town


def until(condition: Callable[[], bool]) -> None:
    """Waits for something that comes by itself."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


# ---- what one does the other sees


def test_a_thing_that_an_unreal_client_moves_is_there_for_the_others_at_once(lockstep):
    before = lockstep.afar.state()
    lockstep.put("parcel-1", 100.0, 200.0, 300.0)
    after = lockstep.afar.state()
    assert after.poses[after.names.index("parcel-1"), :3].tolist() == [1.0, -2.0, 3.0]
    assert (after.tick, after.revision) == (before.tick, before.revision + 1)


def test_the_sum_of_all_edits_has_those_of_unreal_clients_in_their_place(lockstep):
    pose = Pose(embedded_town().terrain.heights[0, :1].repeat(3).astype(float))
    lockstep.put("parcel-1", 100.0, 200.0, 300.0)
    lockstep.afar.edit([Paint("car-1", (1.0, 0.0, 0.0))])
    first = lockstep.afar.edits()
    assert [type(one).__name__ for one in first.changes] == ["Move", "Paint"]
    lockstep.afar.edit([Move("parcel-1", pose)])
    lockstep.put("bench-1", 0.0, 0.0, 500.0)
    now = lockstep.afar.edits()
    moved = {one.name: one.pose.position.tolist() for one in now.changes if isinstance(one, Move)}
    assert moved == {"parcel-1": pose.position.tolist(), "bench-1": [0.0, 0.0, 5.0]}
    assert now.revision == 4


def test_what_the_others_do_an_unreal_client_sees_at_once(lockstep):
    lockstep.afar.step(FORWARD, 50)
    x, y, z = lockstep.place("courier-1")
    state = lockstep.afar.state()
    assert [x, -y, z] == pytest.approx((100 * state.poses[state.names.index("courier-1"), :3]).tolist(), abs=0.001)
    lockstep.afar.edit([Move("parcel-1", Pose(state.poses[0, :3] * 0 + 1.0))])
    assert lockstep.place("parcel-1") == [100.0, -100.0, 100.0]
    lockstep.afar.edit([Remove("bench-1")])
    assert lockstep.ask("vget /object/bench-1/location") == "error Cannot find object"
    assert "bench-1" not in lockstep.ask("vget /objects").split()


def test_what_the_others_spawn_an_unreal_client_can_move_and_the_other_way_round(lockstep):
    lockstep.afar.edit([Spawn("crate-9", "crate-a", Pose(lockstep.afar.state().poses[0, :3]))])
    lockstep.put("crate-9", 1.0, 2.0, 300.0)
    state = lockstep.afar.state()
    assert state.poses[state.names.index("crate-9"), :3].tolist() == [0.01, -0.02, 3.0]


def test_a_reset_by_the_server_begins_anew_for_unreal_clients_too(lockstep):
    start = lockstep.place("parcel-1")
    lockstep.put("parcel-1", 0.0, 0.0, 500.0)
    lockstep.afar.reset(seed=1)
    assert lockstep.place("parcel-1") == start
    assert lockstep.afar.edits().changes == ()


def test_another_scene_waits_for_its_reset_and_so_do_unreal_clients(lockstep):
    lockstep.afar.load(embedded_town())
    lockstep.unreal.send(b"1:vget /objects")
    lockstep.unreal.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        lockstep.unreal.take()
    lockstep.unreal.socket.settimeout(PATIENCE_S)
    lockstep.afar.reset(seed=0)
    answer = lockstep.unreal.take()
    assert answer is not None
    assert b"parcel-1" in answer


def test_who_watches_is_shown_what_an_unreal_client_did_though_nobody_steps(lockstep):
    with bridge.connect(lockstep.afar.address, role="observer") as observer:
        frames = observer.watch(["courier-1/front"], ["depth"])
        (first,), _ = next(frames)
        lockstep.put("parcel-1", 0.0, 0.0, 500.0)
        (second,), missed = next(frames)
        assert (first.tick, second.tick, missed) == (0, 0, 0)
        frames.close()


def test_a_batch_is_one_moment_and_time_stands_still_within_it(real_time):
    real_time.afar.step(FORWARD)
    for _ in range(20):
        real_time.unreal.send(b"1:vbatch 60", *[b"2:vget /object/courier-1/location"] * 60)
        assert real_time.unreal.take() == b"1:ok"
        assert len({real_time.unreal.take() for _ in range(60)}) == 1


# ---- whose time it is


def test_time_passes_by_the_clock(real_time):
    first = real_time.afar.state().tick
    until(lambda: real_time.afar.state().tick > first + 5)


def test_in_lockstep_time_passes_when_a_client_of_the_server_steps(lockstep):
    tick = lockstep.afar.state().tick
    lockstep.ask("vget /objects")
    assert lockstep.afar.state().tick == tick
    assert lockstep.afar.step({}, 3).tick == tick + 3


def test_while_the_game_is_paused_the_clock_moves_nothing_and_a_step_ends_all_the_same(real_time):
    until(lambda: real_time.afar.state().tick > 2)
    assert real_time.ask("vset /action/game/pause") == "ok"
    tick = real_time.afar.state().tick
    assert real_time.afar.step(FORWARD, 5).tick == tick
    assert real_time.ask("vset /action/game/resume") == "ok"
    until(lambda: real_time.afar.state().tick > tick + 5)


def test_a_client_that_ticks_by_itself_has_the_time_until_it_gives_it_back(real_time):
    assert real_time.ask("vset /action/set_fixed_frame_rate 50") == "ok"
    assert real_time.ask("vset /action/tick") == "ok"
    tick = real_time.afar.state().tick
    assert real_time.afar.step({}, 5).tick == tick
    for _ in range(3):
        assert real_time.ask("vset /action/tick") == "ok"
    assert real_time.afar.state().tick == tick + 3
    assert real_time.ask("vset /action/game/resume") == "ok"
    until(lambda: real_time.afar.state().tick > tick + 5)


def test_a_level_that_an_unreal_client_opens_is_another_epoch_for_the_others(lockstep):
    lockstep.put("parcel-1", 0.0, 0.0, 500.0)
    lockstep.afar.step({}, 3)
    before = lockstep.afar.state()
    assert lockstep.ask(f"vset /action/game/level {lockstep.ask('vget /level/name')}") == "ok"
    lockstep.put("car-1", 0.0, 0.0, 600.0)
    after = lockstep.afar.state()
    assert (after.epoch, after.tick) == (before.epoch + 1, 0)
    assert [one.name for one in lockstep.afar.edits().changes] == ["car-1"]


def test_an_agent_that_an_unreal_client_spawns_is_driven_by_the_others_and_goes_with_its_leaving(lockstep):
    assert lockstep.ask("vset /objects/spawn BP_CourierA_C runner") == "runner"
    lockstep.put("runner", -2000.0, 820.0, 212.0)
    before = lockstep.afar.state()
    until(lambda: "runner" in lockstep.afar.loaded().agents)
    after = lockstep.afar.step({"runner": Action(Velocity(1.0))}, 50)
    row = before.names.index("runner"), after.names.index("runner")
    assert after.poses[row[1], 0] - before.poses[row[0], 0] > 0.5
    assert lockstep.ask("vset /object/runner/destroy") == "ok"
    assert "runner" not in lockstep.afar.state().names
    until(lambda: "runner" not in lockstep.afar.loaded().agents)


# ---- faults


def test_an_engine_that_dies_comes_back_with_its_gateway_at_the_same_port_and_a_world_that_has_begun(tmp_path):
    with shared("real-time", tmp_path) as both:
        port, path, objects = both.worker.gateway_port, both.worker.gateway_socket, both.ask("vget /objects")
        epoch = both.afar.state().epoch
        os.kill(both.worker.pid, signal.SIGKILL)
        assert both.unreal.take() is None
        again: list[Talker] = []

        def is_back() -> bool:
            try:
                caller = Talker(Doors(port, path), by_socket=bool(len(again) % 2), greets=False)
            except OSError:
                return False
            again.append(caller)
            if caller.take() is None:  # the door of the dead one was still there
                caller.socket.close()
                return False
            return True

        until(is_back)
        with again[-1] as unreal:
            assert unreal.ask(b"1:vget /objects") == b"1:" + objects.encode()

        def has_begun() -> bool:
            try:
                return both.afar.state().epoch > epoch
            except Refused:  # the server has not heard of it yet
                return False

        until(has_begun)


def test_in_lockstep_a_world_that_was_lost_waits_for_its_reset(tmp_path):
    with shared("lockstep", tmp_path) as both:
        os.kill(both.worker.pid, signal.SIGKILL)
        with pytest.raises(EngineCrashed):
            both.afar.step({})
        with pytest.raises(Refused, match="started anew after crash"):
            both.afar.state()
        both.afar.reset(seed=0)
        with Talker(Doors(both.worker.gateway_port, both.worker.gateway_socket)) as unreal:
            assert b"parcel-1" in unreal.ask(b"1:vget /objects")


def test_a_port_that_is_taken_ends_the_start_and_leaves_no_process(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(Refused, match="another program listens there") as failed,
    ):
        WorkerEngine("kinematic", gateway=Settings(port=taken.getsockname()[1]))
    assert failed.value.hop == "engine"


def test_a_crash_log_does_not_have_the_gateways_token(tmp_path):
    watch = Supervision(watchdog_s=20, crash_folder=tmp_path)
    with pytest.raises(SimbridgeError):
        WorkerEngine("tests.bridge.gateways.deadly", {}, watch, gateway=Settings(port=0, token="open-sesame"))
    (log,) = tmp_path.glob("*.log")
    assert "open-sesame" not in log.read_text()


def test_a_system_without_poll_is_told_that_no_such_clients_are_served_there(monkeypatch):
    monkeypatch.delattr("select.poll")
    order = pb.Order(number=1, open=pb.OpenEngine(engine="kinematic", gateway=pb.Gateway(settings_json='{"port": 0}')))
    answering = Answering(lambda name, options: open_engine(name, **options))
    answer = answering.answer(order.SerializeToString())
    answering.close()
    assert answer[4] == ERROR
    assert answer[5:].startswith(b"NotSupported")
