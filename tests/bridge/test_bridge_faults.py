"""Faults of requests, sessions, uploads and resources: the status each is answered with, and that nothing else changes."""

import logging
import math
import os
import time
import zlib

import grpc
import numpy as np
import pytest

import bridge
from bridge.client import RemoteEngine
from bridge.conversation import Collect, Upload
from bridge.engine import Action, Move, Skill, Velocity
from bridge.errors import (
    Cancelled,
    DamagedData,
    EngineFailed,
    EngineUnavailable,
    InvalidInput,
    NotAllowed,
    OverQuota,
    Refused,
    SessionEnded,
    SimbridgeError,
    TooLate,
    UnknownName,
)
from bridge.formats.scene_folder import write_scene
from bridge.quotas import Quotas
from bridge.types import Pose
from bridge.v1 import engine_service_pb2 as pb
from bridge.v1 import engine_service_pb2_grpc
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.serving import served, serving
from tests.scenes import tiny_scene

FRONT = ["courier-1/front"]


class Raw:
    """A client that says what no decent client would: calls of the stub, with status and message."""

    def __init__(self, address: str, **seat):
        self.channel = grpc.insecure_channel(address)
        self.stub = engine_service_pb2_grpc.EngineServiceStub(self.channel)
        asked = {"version": {"major": 1}, "client_name": "raw", "role": 1} | seat
        self.seat = self.stub.CreateSession(pb.CreateSessionRequest(**asked), timeout=5)

    def step(self, sequence, **request):
        asked = {"session": self.seat.session, "sequence": sequence, "ticks": 1, "wants_state": True} | request
        return next(self.stub.Step(iter([pb.StepRequest(**asked)]), timeout=5))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()


def fails(code: str, says: str):
    """A call that ends with that status, in those words."""

    class Failing:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            assert isinstance(error, grpc.RpcError), f"expected {code}, got {error!r}"
            assert (error.code().name, says in error.details()) == (code, True), f"{error.code()}: {error.details()}"
            return True

    return Failing()


# ---- sequence numbers


def test_a_duplicate_sequence_number_is_answered_from_memory_without_another_tick():
    with serving() as server, Raw(server.address) as raw:
        first = raw.step(1)
        assert raw.step(1) == first
        assert raw.step(2).moment.tick == 2


def test_a_skipped_or_forgotten_sequence_number_is_refused_with_the_expected_one():
    with serving() as server, Raw(server.address) as raw:
        with fails("FAILED_PRECONDITION", "Step sequence 2 skips some; expected 1."):
            raw.step(2)
        for sequence in range(1, 7):
            raw.step(sequence)
        with fails("FAILED_PRECONDITION", "Step sequence 1 was answered long ago; expected 7, or 6 again."):
            raw.step(1)
        with fails("FAILED_PRECONDITION", "sequence 0"):
            raw.step(0)


def test_a_step_whose_caller_went_away_is_finished_and_remembered():
    with serving(lambda: PointMass(delay_s=0.3)) as server, Raw(server.address) as raw:
        with fails("DEADLINE_EXCEEDED", ""):
            next(raw.stub.Step(iter([pb.StepRequest(session=raw.seat.session, sequence=1, ticks=1)]), timeout=0.1))
        assert raw.step(1).moment.tick == 1
        assert raw.step(2).moment.tick == 2


def test_a_step_that_is_late_ends_at_its_deadline_and_the_next_one_does_not_mix_with_it():
    engine_of = {}

    class Sleepy(PointMass):
        def __init__(self):
            super().__init__()
            engine_of["it"] = self

    with served(Sleepy, client={"timeout_s": 0.5}) as afar:
        afar.step({})
        engine_of["it"].delay_s = 1.0
        start = time.monotonic()
        with pytest.raises(TooLate, match=r"did not answer a step within 0\.5 s"):
            afar.step({"courier-1": Action(Velocity(1.0))})
        assert time.monotonic() - start < 1.0
        engine_of["it"].delay_s = 0.0
        time.sleep(0.8)
        assert afar.step({}).tick == 3


# ---- what requests hold


def test_nan_in_a_pose_names_the_field_and_changes_nothing():
    with served() as afar:
        before = afar.state_hash()
        bad = Pose(np.array([1.0, math.nan, 0.0]))
        with pytest.raises(InvalidInput, match=r"changes\[1\]\.move\.pose\.y_m is nan; expected a finite number"):
            afar.edit([Move("courier-1", Pose(np.ones(3))), Move("courier-2", bad)])
        assert afar.state_hash() == before


def test_an_action_with_nan_is_refused_and_its_sequence_number_stays_free():
    with served() as afar:
        with pytest.raises(InvalidInput, match=r"actions\['courier-1'\]\.velocity\.forward_m_s is nan"):
            afar.step({"courier-1": Action(Velocity(math.nan))})
        assert afar.step({}).tick == 1


def test_a_tensor_of_wrong_length_is_refused_by_its_path():
    joints = {"element_type": 5, "shape": [3], "data": bytes(16)}
    with serving() as server, Raw(server.address) as raw:
        raw.stub.ClaimAgents(pb.ClaimAgentsRequest(session=raw.seat.session, agents=["courier-1"]))
        with fails("INVALID_ARGUMENT", "actions['courier-1'].joints.data has 16 bytes"):
            raw.step(1, actions={"courier-1": {"joints": joints}})


def test_unknown_enums_and_missing_parts_are_refused():
    with serving() as server, Raw(server.address) as raw:
        with fails("INVALID_ARGUMENT", "modalities[0] is 99"):
            raw.step(1, cameras=FRONT, modalities=[99])
        with fails("INVALID_ARGUMENT", "packing is 99"):
            raw.step(1, cameras=FRONT, modalities=[1], packing=99)
        with fails("INVALID_ARGUMENT", "role is 0"):
            Raw(server.address, role=0)
        with fails("INVALID_ARGUMENT", "changes[0] holds no change"):
            raw.stub.Edit(pb.EditRequest(session=raw.seat.session, changes=[{}]))
        with fails("INVALID_ARGUMENT", "client_name"):
            Raw(server.address, client_name="a\nb")


def test_no_ticks_and_too_many_ticks_are_refused():
    with serving(quotas=Quotas(ticks=1000)) as server, Raw(server.address) as raw:
        with fails("INVALID_ARGUMENT", "ticks is 0"):
            raw.step(1, ticks=0)
        with fails("RESOURCE_EXHAUSTED", "ticks: 4,000,000,000 ticks; this server gives at most 1,000"):
            raw.step(1, ticks=4_000_000_000)


def test_unknown_agents_cameras_and_things_are_not_found_with_the_near_ones():
    with served() as afar:
        with pytest.raises(UnknownName, match=r"No agent named 'courier-3'. Did you mean 'courier-2'"):
            afar.step({"courier-3": Action()})
        with pytest.raises(UnknownName, match=r"No camera named 'courier-1/fromt'. Did you mean 'courier-1/front'"):
            afar.observe(["courier-1/fromt"])
        with pytest.raises(UnknownName, match=r"nothing is called 'sofa'.*Said by the engine behind"):
            afar.step({"courier-1": Action(Skill("sit", "sofa"))})
        assert afar.step({}).tick == 1


def test_an_agent_that_is_nobodys_has_to_be_claimed_first():
    says = "agent 'courier-1' is nobody's. Claim it first."
    with serving() as server, Raw(server.address) as raw, fails("FAILED_PRECONDITION", says):
        raw.step(1, actions={"courier-1": {}})


def test_pixels_over_quota_are_refused_before_anything_is_drawn():
    class Blind(PointMass):
        def observe(self, cameras, modalities=()):
            raise AssertionError

    with served(Blind, quotas=Quotas(pixels=1 << 20)) as afar:
        with pytest.raises(OverQuota, match=r"names: 4,194,304 pixels; this server gives at most 1,048,576"):
            afar.observe([eye("wide", width=2048, height=1024)], ["rgb", "depth"])
        with pytest.raises(InvalidInput, match=r"cameras\[0\]\.width_px is 100000"):
            afar.observe([eye("wide", width=100_000, height=1)])


def test_a_request_over_the_cap_is_refused():
    with serving(quotas=Quotas(request_bytes=1 << 16)) as server, Raw(server.address) as raw:
        with fails("RESOURCE_EXHAUSTED", ""):
            raw.step(1, actions={"courier-1": {"say": "a" * 100_000}})
        assert raw.step(1).moment.tick == 1


def test_bytes_that_are_no_message_end_the_call_and_nothing_else():
    with serving() as server, Raw(server.address) as raw:
        call = raw.channel.unary_unary("/bridge.v1.EngineService/RenewSession")
        with fails("UNKNOWN", "corrupt"):  # what grpc.aio says of it
            call(b"\xff\xff\xff", timeout=5)
        assert raw.step(1).moment.tick == 1


# ---- sessions


def test_another_major_version_is_refused():
    with (
        serving() as server,
        fails("FAILED_PRECONDITION", "The client speaks version 2.0 of the contract, this server 1."),
    ):
        Raw(server.address, version={"major": 2})


def test_a_lease_that_runs_out_frees_the_agents_and_says_so():
    with serving(lease_s=0.5) as server, Raw(server.address) as raw:
        raw.stub.ClaimAgents(pb.ClaimAgentsRequest(session=raw.seat.session, agents=["courier-1"]))
        with bridge.connect(server.address) as other:
            time.sleep(1.2)
            other.claim("courier-1")
            with fails("ABORTED", "was silent for longer than its lease of 0.5 s"):
                raw.step(1)


def test_a_client_that_only_thinks_keeps_its_lease():
    with served(lease_s=0.6) as afar:
        afar.claim("courier-1")
        time.sleep(1.5)
        assert afar.step({"courier-1": Action()}).tick == 1


def test_a_session_is_taken_up_with_its_agents_and_its_sequence_and_the_old_hands_let_go():
    with serving() as server:
        old = bridge.connect(server.address, client_name="old")
        old.step({"courier-1": Action(Velocity(1.0))})
        with bridge.connect(server.address, resume_token=old.resume_token) as new:
            assert new.step({"courier-1": Action(Velocity(1.0))}).tick == 2
            with pytest.raises(SessionEnded, match="was taken up by another connection"):
                old.step({})
        old.close()
        with pytest.raises(SessionEnded, match="No session can be resumed"):
            bridge.connect(server.address, resume_token="guess")


def test_an_unknown_session_is_aborted():
    with serving() as server, Raw(server.address) as raw, fails("ABORTED", "This session is unknown"):
        raw.step(1, session="guess")


def test_more_sessions_than_the_quota_are_refused_and_the_others_go_on():
    with serving(quotas=Quotas(sessions=2)) as server, Raw(server.address), Raw(server.address) as raw:
        with fails("RESOURCE_EXHAUSTED", "2 sessions are open"):
            Raw(server.address)
        assert raw.step(1).moment.tick == 1


def test_before_a_scene_and_before_a_reset_the_world_says_what_is_missing():
    with served(scene=False) as afar:
        for ask in (afar.state, afar.loaded, lambda: afar.step({}), lambda: afar.reset(seed=0)):
            with pytest.raises(Refused, match=r"[Ll]oad"):
                ask()
        afar.load(tiny_scene())
        with pytest.raises(Refused, match="Reset it first"):
            afar.step({})


# ---- scenes


@pytest.mark.parametrize(
    "path",
    ["../secret", "/etc", "town/../../secret", "..\\secret", "C:secret", "\\\\host\\share", "http://host/town", "out"],
)
def test_a_path_that_leaves_the_root_is_not_allowed(tmp_path, path):
    root = tmp_path / "scenes"
    write_scene(tiny_scene(), root / "town")
    write_scene(tiny_scene(), tmp_path / "secret")
    (root / "out").symlink_to(tmp_path / "secret")
    with served(scenes_root=root) as afar:
        before = afar.state_hash()
        with pytest.raises(NotAllowed, match=r"source\.path"):
            afar.load_path(path)
        assert afar.state_hash() == before
        assert "courier-1" in afar.load_path("town").agents


def test_without_a_root_no_path_is_loaded():
    with served() as afar, pytest.raises(NotAllowed, match="loads no folders of its own"):
        afar.load_path("town")


def upload(afar: RemoteEngine, *parts: dict, files=2, size=100):
    source = {"session": afar._talk._session, "upload": {"files": files, "bytes": size}}
    requests = [pb.LoadSceneRequest(source=source), *(pb.LoadSceneRequest(chunk=part) for part in parts)]
    afar._wire.perform(Upload("LoadScene", requests, 5.0))


def piece(data=b"{}", file="scene.json", **more):
    return {"file": file, "data": data, "is_last": True, "crc32": zlib.crc32(data)} | more


@pytest.mark.parametrize(
    ("parts", "kind", "says"),
    [
        ([piece(is_last=False)], InvalidInput, "ended after 0 of 2 files and 2 of 100 bytes"),
        ([piece()], InvalidInput, "ended after 1 of 2 files"),
        ([], InvalidInput, "ended after 0 of 2 files"),
        ([piece(file="../evil")], InvalidInput, "chunk.file is '../evil'; expected one of scene.json"),
        ([piece(), piece()], InvalidInput, "came already"),
        ([piece(is_last=False), piece(file="geometry.npz")], InvalidInput, "not the file under way"),
        ([piece(b"a" * 101)], InvalidInput, "more bytes came than the 100"),
        ([piece(crc32=1)], DamagedData, "'scene.json' has the CRC .* 00000001 was announced"),
        ([piece(), piece(b"a" * 98, "geometry.npz")], InvalidInput, "is not a scene of simbridge"),
    ],
)
def test_an_upload_that_ends_half_way_or_is_not_sound_leaves_the_old_world(parts, kind, says):
    with served() as afar:
        before = afar.state_hash()
        with pytest.raises(kind, match=says):
            upload(afar, *parts)
        assert afar.state_hash() == before
        assert afar.step({}).tick == 1


def test_an_upload_over_quota_is_refused_by_its_announcement():
    says = r"source\.upload\.bytes: 2,000 bytes"
    with served(quotas=Quotas(upload_bytes=1000)) as afar, pytest.raises(OverQuota, match=says):
        upload(afar, size=2000)
    with served(quotas=Quotas(instances=5)) as afar, pytest.raises(OverQuota, match=r"scene: .* instances"):
        afar.load(tiny_scene())


def test_a_cancelled_upload_leaves_the_old_world():
    def slowly(afar):
        source = {"session": afar._talk._session, "operation": "big", "upload": {"files": 2, "bytes": 100}}
        yield pb.LoadSceneRequest(source=source)
        yield pb.LoadSceneRequest(chunk=piece())
        time.sleep(0.3)
        assert afar._wire.stub.Cancel(
            pb.CancelRequest(session=afar._talk._session, operation="big"), timeout=5
        ).was_running
        time.sleep(5)

    with served() as afar:
        before = afar.state_hash()
        with pytest.raises(Cancelled, match=r"Loading 'big' was cancelled. The world is as it was."):
            afar._wire.perform(Upload("LoadScene", slowly(afar), 5.0))
        assert afar.state_hash() == before


# ---- the engine


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


def test_an_engine_that_hangs_is_told_apart_and_health_says_so():
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    def health(address):
        with grpc.insecure_channel(address) as channel:
            return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5).status

    with serving(lambda: PointMass(delay_s=2.5), step_timeout_s=0.3, load_timeout_s=0.5) as server:
        assert health(server.address) == health_pb2.HealthCheckResponse.SERVING
        with bridge.connect(server.address) as afar:
            with pytest.raises(TooLate, match=r"The engine did not finish a step within 0\.3 s"):
                afar.step({})
            time.sleep(0.3)
            assert health(server.address) == health_pb2.HealthCheckResponse.NOT_SERVING
            with pytest.raises(TooLate, match="did not finish 'observe' within"):
                afar._wire.perform(
                    Collect("Observe", pb.ObserveRequest(session=afar._talk._session, names=FRONT, modalities=[1]), 5.0)
                )


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


# ---- shared memory


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
