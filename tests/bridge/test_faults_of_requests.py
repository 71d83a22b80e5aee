"""Faults of what requests hold: the status each is answered with, and that nothing else changes."""

import math
import time

import numpy as np
import pytest

from bridge.engine import Action, Move, Skill, Velocity
from bridge.engines import open_engine
from bridge.errors import (
    InvalidInput,
    OverQuota,
    TooLate,
    UnknownName,
)
from bridge.quotas import Quotas
from bridge.types import Pose
from bridge.v1 import engine_service_pb2 as pb
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.raw_calls import Raw, fails
from tests.bridge.serving import served, serving

FRONT = ["courier-1/front"]


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


def test_nan_in_a_pose_names_the_field_and_changes_nothing():
    with served() as afar:
        before = afar.state_hash()
        bad = Pose(np.array([1.0, math.nan, 0.0]))
        with pytest.raises(InvalidInput, match=r"changes\[1\]\.move\.pose\.y_m is nan; expected a finite number"):
            afar.edit([Move("courier-1", Pose(np.ones(3))), Move("courier-2", bad)])
        assert afar.state_hash() == before


def test_a_position_beyond_any_world_is_out_of_range_and_nothing_moves():
    with serving() as server, Raw(server.address) as raw:
        far = {"move": {"name": "courier-1", "pose": {"x_m": 1.5e6, "qw": 1}}}
        near = {"move": {"name": "courier-2", "pose": {"x_m": 9, "qw": 1}}}
        with fails("OUT_OF_RANGE", "changes[1].move.pose.x_m is 1.5e+06 m; worlds reach to 1e+06 m"):
            raw.stub.Edit(pb.EditRequest(session=raw.seat.session, changes=[near, far]))
        state = raw.stub.GetState(pb.GetStateRequest(session=raw.seat.session)).state
        assert np.frombuffer(state.poses.data).reshape(-1, 7)[:, 0].max() < 5


def test_two_things_of_one_name_in_a_batch_already_exist_and_neither_is_made():
    spawn = {"spawn": {"name": "twin", "asset": "crate-a", "pose": {"y_m": -8, "z_m": 3, "qw": 1}}}
    with serving(lambda: open_engine("embedded")) as server, Raw(server.address) as raw:
        ask = pb.GetStateRequest(session=raw.seat.session, wants_hash=True)
        before = raw.stub.GetState(ask).state_hash
        with fails("ALREADY_EXISTS", "'twin'"):
            raw.stub.Edit(pb.EditRequest(session=raw.seat.session, changes=[spawn, spawn]))
        assert raw.stub.GetState(ask).state_hash == before
        raw.stub.Edit(pb.EditRequest(session=raw.seat.session, changes=[spawn]))
        with fails("ALREADY_EXISTS", "'twin'"):
            raw.stub.Edit(pb.EditRequest(session=raw.seat.session, changes=[spawn]))


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
        with fails("RESOURCE_EXHAUSTED", "vs. 65536)"):
            raw.step(1, actions={"courier-1": {"say": "a" * 100_000}})
        assert raw.step(1).moment.tick == 1


@pytest.mark.parametrize("call", ["RenewSession", "Observe", "LoadScene", "Step"])
def test_bytes_that_are_no_message_are_refused_in_words_and_end_nothing_else(call):
    kinds = {"Observe": "unary_stream", "LoadScene": "stream_unary", "Step": "stream_stream"}
    with serving() as server, Raw(server.address) as raw:
        kind = kinds.get(call, "unary_unary")
        multi = getattr(raw.channel, kind)(f"/bridge.v1.EngineService/{call}")
        with fails("INVALID_ARGUMENT", "The request's 3 bytes are no message of this contract"):
            answer = multi(iter([b"\xff\xff\xff"]) if kind.startswith("stream") else b"\xff\xff\xff", timeout=5)
            if kind.endswith("stream"):
                next(answer)
        assert raw.step(1).moment.tick == 1


@pytest.mark.parametrize("octet", [b"\x0b", b"\x0a\x80"])
def test_bottomless_nesting_ends_at_the_parser(octet):
    with serving() as server, Raw(server.address) as raw:
        ask = raw.channel.unary_unary("/bridge.v1.EngineService/GetServerInfo")
        with fails("INVALID_ARGUMENT", "are no message of this contract"):
            ask(octet * 100_000, timeout=5)
        assert raw.step(1).moment.tick == 1
