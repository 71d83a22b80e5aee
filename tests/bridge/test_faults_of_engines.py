"""Faults of engines and of the memory that frames pass through: told apart, told whole, survived."""

import logging
import os
import sys
import threading
import time
from dataclasses import replace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

import bridge
from bridge.codec import Album
from bridge.deeds import Look
from bridge.engine import Action, Velocity
from bridge.errors import (
    DamagedData,
    EngineCrashed,
    EngineFailed,
    EngineUnavailable,
    InvalidInput,
    Refused,
    SimbridgeError,
    TooLate,
)
from bridge.quotas import Quotas
from bridge.sightings import ArrivingFrames
from bridge.v1 import engine_service_pb2 as pb
from bridge.worker import Supervision, WorkerEngine
from tests.bridge.point_mass import PointMass
from tests.bridge.raw_calls import Raw, fails
from tests.bridge.serving import served, serving
from tests.scenes import tiny_scene

FRONT = ["courier-1/front"]
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_a_surprise_in_the_engine_is_told_in_one_sentence_and_logged_whole(caplog):
    with served() as afar, caplog.at_level(logging.ERROR):
        with pytest.raises(EngineFailed, match=r"\(ValueError\)\. The server's log has it as crash") as caught:
            afar.step({"courier-1": Action(say="crash")})
        assert "secret" not in str(caught.value)
        assert "a secret of /root/engine.py" in caplog.text
        assert afar.step({}).tick == 1


def test_a_frame_of_another_tick_is_refused():
    class Stale(PointMass):
        def observe(self, cameras, modalities=()):
            self.tick -= 1
            try:
                return super().observe(cameras, modalities)
            finally:
                self.tick += 1

    with served(Stale) as afar:
        afar.step({})
        with pytest.raises(Refused, match="shows tick 0; the world is at 1"):
            afar.observe(FRONT)


def health(address):
    with grpc.insecure_channel(address) as channel:
        return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5).status


def becomes(found, wanted, within_s=20.0):
    """Whether that is found before long."""
    end = time.monotonic() + within_s
    while found() != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return found() == wanted


def test_an_engine_that_hangs_is_told_apart_and_health_says_so():
    with serving(lambda: PointMass(delay_s=2.5), step_timeout_s=0.3, load_timeout_s=0.5) as server:
        assert health(server.address) == SERVING
        with bridge.connect(server.address) as afar:
            with pytest.raises(TooLate, match=r"The engine did not finish a step within 0\.3 s"):
                afar.step({})
            assert becomes(lambda: health(server.address), NOT_SERVING)
            request = pb.ObserveRequest(session=afar._talk._session, names=FRONT, modalities=[1])
            with pytest.raises(TooLate, match="did not finish 'observe' within"):
                afar._wire.perform(Look(request, 5.0, ArrivingFrames(lambda: Album([(FRONT[0], None)], ["rgb"]))))


def in_a_worker(**supervision):
    return lambda: WorkerEngine("tests.bridge.point_mass", {}, Supervision(**supervision))


@posix
@pytest.mark.parametrize(("word", "how"), [("segfault", "SIGSEGV"), ("kill", "SIGKILL"), ("exit", "exit status 7")])
def test_an_engine_that_dies_is_told_to_all_who_wait_and_everybody_goes_on_after_a_reset(tmp_path, word, how):
    with (
        serving(in_a_worker(crash_folder=tmp_path)) as server,
        bridge.connect(server.address) as one,
        bridge.connect(server.address) as other,
    ):
        one.claim("courier-1")
        other.claim("courier-2")
        epoch = server.world.epoch
        told = []

        def wait_too():
            try:
                other.step({})
            except SimbridgeError as error:
                told.append(error)

        waiting = threading.Thread(target=wait_too)
        waiting.start()
        with pytest.raises(EngineCrashed, match=f"died in step: .*{how}.*Crash [0-9a-f]+: .*reset the world") as caught:
            one.step({"courier-1": Action(say=word)})
        waiting.join(10)
        assert [str(error) for error in told] == [str(caught.value)]
        (log,) = tmp_path.iterdir()
        assert str(log) in str(caught.value)
        with pytest.raises(Refused, match=r"started anew after crash [0-9a-f]{8}\. Reset the world"):
            other.step({})
        with pytest.raises(Refused, match="is held by"):
            other.claim("courier-1")
        assert one.reset(seed=0).tick == 0
        assert server.world.epoch > epoch
        assert becomes(lambda: health(server.address), SERVING)
        stepping = threading.Thread(target=lambda: told.append(other.step({}).tick))
        stepping.start()
        assert one.step_and_observe({"courier-1": Action(Velocity(1.0))}, FRONT)[1][0].rgb.max() == 1
        stepping.join(10)
        assert told[1:] == [1]


@posix
def test_an_engine_that_hangs_in_its_own_process_is_ended_and_brought_up_again():
    with served(in_a_worker(watchdog_s=0.5)) as afar:
        with pytest.raises(TooLate, match=r"did not come to an end within 0\.7 s and was ended\. Crash [0-9a-f]{8}"):
            afar.step({"courier-1": Action(say="hang")})
        assert afar.reset(seed=0).tick == 0
        assert afar.step({}).tick == 1


@posix
def test_an_engine_that_dies_again_and_again_is_given_up_and_says_so():
    with serving(in_a_worker(restarts=0)) as server, bridge.connect(server.address) as afar:
        with pytest.raises(EngineCrashed):
            afar.step({"courier-1": Action(say="kill")})
        with pytest.raises(EngineFailed, match="crashed 1 times in a row and is not started again"):
            afar.reset(seed=0)
        assert becomes(lambda: health(server.address), NOT_SERVING)


@posix
def test_a_scene_that_kills_its_engine_leaves_the_world_before_to_be_reset():
    with served(in_a_worker()) as afar:
        digest = afar._do(afar._talk.scene())[2]
        with pytest.raises(EngineCrashed, match="died in load"):
            afar.load(replace(tiny_scene(), name="deadly"))
        assert afar._do(afar._talk.scene())[2] == digest
        assert afar.reset(seed=0).names == ("courier-1", "courier-2")


@posix
def test_a_server_is_stopped_although_its_engine_hangs():
    with serving(in_a_worker(), grace_s=0.5) as server:
        afar = bridge.connect(server.address, timeout_s=0.5)
        with pytest.raises(TooLate):
            afar.step({"courier-1": Action(say="hang in a library")})
        process = server.simulation._engine._engine._keeper.process
        start = time.monotonic()
    assert time.monotonic() - start < 10
    assert process.ending() == "signal 9, SIGKILL"
    afar.close()


def test_more_commands_than_the_queue_holds_are_refused():
    with serving(lambda: PointMass(delay_s=0.5), quotas=Quotas(commands=2)) as server, Raw(server.address) as raw:
        ask = pb.GetStateRequest(session=raw.seat.session)
        step = raw.stub.Step(iter([pb.StepRequest(session=raw.seat.session, sequence=1, ticks=1)]), timeout=5)
        time.sleep(0.1)
        calls = [raw.stub.GetState.future(ask, timeout=5) for _ in range(4)]
        codes = sorted(call.code().name for call in calls)
        assert codes == ["OK", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"]
        assert next(step).moment.tick == 1


def test_recording_where_nothing_records_is_not_supported():
    with serving() as server, Raw(server.address) as raw, fails("UNIMPLEMENTED", "records nothing"):
        raw.stub.StartRecording(pb.StartRecordingRequest(session=raw.seat.session, name="a"))


def test_without_shared_memory_frames_travel(tmp_path):
    for place in (None, tmp_path / "missing"):
        with served(shared_memory=place) as afar:
            state, (seen,) = afar.step_and_observe({}, FRONT, ticks=3)
            assert seen.rgb.max() == state.tick == 3


def test_a_full_shared_memory_lets_frames_travel(monkeypatch):
    def full(file, start, count):
        if count > 64:
            raise OSError(28, "No space left on device")

    if not hasattr(os, "posix_fallocate"):
        pytest.skip("pages are reserved by posix_fallocate")
    monkeypatch.setattr(os, "posix_fallocate", full)
    with served() as afar:
        assert afar.step_and_observe({}, FRONT, ticks=3)[1][0].rgb.max() == 3


def test_shared_memory_goes_with_the_session(tmp_path):
    with serving(shared_memory=tmp_path) as server:
        with bridge.connect(server.address) as afar:
            afar.observe(FRONT)
            assert len(list(tmp_path.iterdir())) == 1
        assert not list(tmp_path.iterdir())
        with Raw(server.address) as raw:
            assert not raw.seat.shared_memory.path  # a client of another computer


def test_frames_that_were_overwritten_are_observed_again(monkeypatch):
    from bridge.ring import RingReader

    taken, take = [], RingReader.take

    def torn_once(self, *args):
        taken.append(args)
        if len(taken) == 1:
            raise DamagedData("overwritten")
        return take(self, *args)

    monkeypatch.setattr(RingReader, "take", torn_once)
    with served() as afar:
        state, (seen,) = afar.step_and_observe({}, FRONT, ["rgb"], ticks=3)
        assert seen.rgb.max() == state.tick == 3
        assert len(taken) == 2


def test_every_error_comes_back_as_what_it_was():
    from bridge import errors
    from bridge.status import status_of

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SimbridgeError)]
    assert len(kinds) > 15
    for kind in kinds:
        assert status_of(kind("found, expected, next step")) is not grpc.StatusCode.OK

        class Failing(PointMass):
            def reset(self, *, seed, kind=kind):
                if seed:
                    raise kind("found, expected, next step")
                return super().reset(seed=seed)

        if kind in (errors.InvalidScene, errors.UnknownBody, errors.RendererUnavailable, SimbridgeError):
            with served(Failing) as afar, pytest.raises(kind, match="found, expected, next step") as caught:
                afar.reset(seed=1)
            assert type(caught.value) is kind


def test_nobody_at_an_address_is_told_at_once_with_the_next_step():
    start = time.monotonic()
    with pytest.raises(EngineUnavailable, match=r"No server answers at localhost:1 .*simbridge serve TOWN"):
        bridge.connect("localhost:1")
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "address", ["", "localhost", "localhost:", "localhost:99999", "unix:relative", "unix:/" + "a" * 200]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InvalidInput, match="expected"):
        bridge.connect(address)
