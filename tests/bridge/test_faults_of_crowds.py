"""Faults of crowds: more calls, connections, bytes and open files than there is room for; whoever asks for little is served."""

import asyncio
import contextlib
import functools
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

import bridge
from bridge.codec import message_of_camera
from bridge.crashes import foreseen
from bridge.errors import EngineUnavailable, OverQuota, Refused, TooLate
from bridge.gate import HEALTH_CALLS, Gate
from bridge.quotas import Quotas
from bridge.server import Config, Server
from bridge.v1 import engine_service_pb2 as pb
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.raw_calls import Raw, fails
from tests.bridge.serving import ROOT, loop, serving, wait
from tests.scenes import tiny_scene

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
PATIENCE_S = 20.0
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


def becomes_true(found) -> bool:
    """Whether that comes true before long."""
    end = time.monotonic() + PATIENCE_S
    while not (is_true := found()) and time.monotonic() < end:
        time.sleep(0.01)
    return bool(is_true)


def health(address: str) -> int:
    with grpc.insecure_channel(address) as channel:
        return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE_S).status


def watching(raw: Raw, count: int) -> list:
    """So many calls that last until they are ended."""
    ask = pb.WatchRequest(session=raw.seat.session, names=["courier-1/front"], modalities=[1])
    return [raw.stub.Watch(ask, timeout=60) for _ in range(count)]


def test_a_flood_of_calls_is_refused_beyond_the_cap_and_health_answers_all_the_while():
    with serving(quotas=Quotas(calls=20)) as server, Raw(server.address) as raw:
        calls, inside, refused = watching(raw, 200), 0, []
        for call in calls:
            try:
                next(call)
                inside += 1
            except grpc.RpcError as error:
                refused.append((error.code(), error.details()))
        assert (inside, len(refused)) == (20, 180)
        assert {code for code, _ in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert "20 calls from ipv" in refused[0][1]
        assert health(server.address) == SERVING
        with fails("RESOURCE_EXHAUSTED", "are under way; this server takes no more at once"):
            raw.stub.GetServerInfo(pb.GetServerInfoRequest(), timeout=PATIENCE_S)
        for call in calls:
            call.cancel()
        assert becomes_true(lambda: len(server.gate) == 0)
        assert raw.step(1).moment.tick == 1


def test_one_peers_calls_leave_room_for_those_of_others_up_to_the_total():
    gate = Gate(limit=3, total=5)
    with contextlib.ExitStack() as stack:
        enter = lambda peer, is_health=False: stack.enter_context(gate.passed(peer, is_health=is_health))  # noqa: E731
        for port in range(3):
            enter(f"ipv4:192.0.2.1:{port}")
        with pytest.raises(OverQuota, match=r"3 calls from ipv4:192\.0\.2\.1 are under way"):
            enter("ipv4:192.0.2.1:9")
        enter("ipv6:%5B2001:db8::1%5D:1")
        enter("unix:")
        with pytest.raises(OverQuota, match="5 calls are under way"):
            enter("ipv4:192.0.2.2:1")
        for port in range(HEALTH_CALLS):
            enter(f"ipv4:192.0.2.1:{port}", True)
        with pytest.raises(OverQuota):
            enter("ipv4:192.0.2.1:9", True)
        enter("ipv4:192.0.2.2:9", True)
    assert len(gate) == 0
    with gate.passed("ipv4:192.0.2.1:9", is_health=False):
        assert len(gate) == 1


def test_a_reader_who_takes_nothing_holds_up_nobody_else_and_still_gets_all_of_it():
    wide = message_of_camera(eye("wide", width=4096, height=2048))
    with serving() as server, Raw(server.address) as slow, bridge.connect(server.address) as other:
        call = slow.stub.Observe(
            pb.ObserveRequest(session=slow.seat.session, cameras=[wide], modalities=[1, 2]), timeout=60
        )
        parts = [next(call).part]
        for tick in range(1, 21):
            assert other.step({}).tick == tick
        assert len(server.gate) == 1  # its answer is still on the way
        parts += [answer.part for answer in call]
        assert sum(len(part.data) for part in parts) == 4096 * 2048 * (3 + 4)
        assert {part.moment.tick for part in parts} == {0}


class Held(PointMass):
    """Loads a scene called "slow", and steps while `holds_steps`, only when it is let."""

    def __init__(self):
        super().__init__()
        self.began, self.goes_on, self.holds_steps = threading.Event(), threading.Event(), False

    def hold(self):
        self.began.set()
        assert self.goes_on.wait(PATIENCE_S)

    def load(self, scene):
        if scene.name == "slow":
            self.hold()
        return super().load(scene)

    def step(self, actions, ticks=1):
        if self.holds_steps:
            self.hold()
        return super().step(actions, ticks)


def test_a_step_or_an_edit_asked_for_during_a_load_waits_and_is_never_made_in_the_midst_of_it():
    engine, told = Held(), []
    with (
        serving(lambda: engine) as server,
        bridge.connect(server.address) as loader,
        bridge.connect(server.address) as stepper,
        bridge.connect(server.address, timeout_s=0.3) as hasty,
    ):

        def tell(call):
            try:
                told.append(call())
            except Refused as error:
                told.append(error)

        loading = threading.Thread(target=lambda: loader.load(replace(tiny_scene(), name="slow")))
        loading.start()
        assert engine.began.wait(PATIENCE_S)
        with pytest.raises(TooLate):
            hasty.step({})
        waiting = [threading.Thread(target=tell, args=(call,)) for call in (lambda: stepper.edit([]), loader.state)]
        for one in waiting:
            one.start()
        assert told == []
        engine.goes_on.set()
        for one in (loading, *waiting):
            one.join(PATIENCE_S)
        assert len(told) == 2
        assert all("Reset it first" in str(error) for error in told)
        assert loader.reset(seed=0).tick == 0
        assert stepper.step({}).tick == 1


def test_a_server_that_stops_says_so_in_its_health_gives_no_more_seats_and_lets_the_step_finish():
    engine = Held()

    async def started():
        made = Server(lambda: engine, Config(address="localhost:0", grace_s=PATIENCE_S), scene=tiny_scene())
        await made.start()
        return made

    server = wait(started())
    afar, told = bridge.connect(server.address), []
    with grpc.insecure_channel(server.address) as channel:
        statuses = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=60)
        assert next(statuses).status == SERVING
        engine.holds_steps = True
        stepping = threading.Thread(target=lambda: told.append(afar.step({}).tick))
        stepping.start()
        assert engine.began.wait(PATIENCE_S)
        stopping = asyncio.run_coroutine_threadsafe(server.stop(), loop())
        assert next(statuses).status == NOT_SERVING
        with fails("UNAVAILABLE", "is being stopped and takes no more sessions"):
            Raw(server.address)
        engine.goes_on.set()
        stopping.result(PATIENCE_S)
        stepping.join(PATIENCE_S)
    assert told == [1]
    assert engine.is_closed
    afar.close()


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
from tests.bridge.serving import main
main()
"""


@posix
def test_when_no_more_files_can_be_opened_clients_go_on_and_new_ones_come_as_soon_as_there_is_room():
    server = subprocess.Popen(
        [sys.executable, "-c", LIMITED, "localhost:0", "0", "60"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        stack.callback(functools.partial(server.communicate, timeout=PATIENCE_S))
        stack.callback(server.kill)
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        afar = stack.enter_context(bridge.connect(address))
        assert afar.step({}).tick == 1
        where = ("127.0.0.1", int(address.rpartition(":")[2]))
        crowd = [stack.enter_context(socket.create_connection(where, timeout=PATIENCE_S)) for _ in range(150)]

        def is_refused() -> bool:
            try:
                afar.load(tiny_scene())
            except OverQuota as error:
                return "LoadScene: no more files can be opened where the server runs" in str(error)
            return False

        assert becomes_true(is_refused)
        with pytest.raises(EngineUnavailable):
            bridge.connect(address, timeout_s=2.0)
        assert afar.reset(seed=0).tick == 0
        assert afar.step({}).tick == 1
        for one in crowd:
            one.close()

        def gets_in() -> bool:
            try:
                with bridge.connect(address, timeout_s=2.0) as late:
                    return late.step({}).tick == 2
            except EngineUnavailable:
                return False

        assert becomes_true(gets_in)


@pytest.mark.parametrize(("number", "says"), [(28, "the disk is full"), (24, "no more files"), (12, "memory is full")])
def test_what_runs_out_under_a_call_is_told_as_such_and_without_a_path(number, says):
    told = foreseen(OSError(number, "No room", "/secret/place"), "LoadScene")
    assert isinstance(told, OverQuota)
    assert says in str(told)
    assert "secret" not in str(told)


@pytest.mark.slow
def test_connections_that_never_say_what_they_are_are_let_go():
    with serving() as server, socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2]))) as mute:
        mute.settimeout(30)
        start = time.monotonic()
        while mute.recv(1000):
            pass
        assert time.monotonic() - start < 25
