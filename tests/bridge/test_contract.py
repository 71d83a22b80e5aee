"""What the messages of bridge.v1 promise to every reader, C compilers for small machines included."""

import re
from pathlib import Path

import pytest

from bridge.codec import fields
from bridge.v1 import engine_service_pb2, link_pb2, model_service_pb2, types_pb2, world_pb2
from bridge.v1 import engine_service_pb2 as pb
from tests.bridge.raw_calls import Raw
from tests.bridge.serving import serving

FILES = [file.DESCRIPTOR for file in (types_pb2, world_pb2, engine_service_pb2, model_service_pb2, link_pb2)]
MESSAGES = {message.full_name: message for file in FILES for message in file.message_types_by_name.values()}
PROTO = Path(__file__).resolve().parents[2] / "proto/bridge/v1"
LONG = {"say", "text", "failure", "path", "step_socket", "instruction", "message", "options_json", "trouble"}
"""Fields that hold words rather than names."""


def parts(message):
    """The messages that a message holds."""
    return [field.message_type for field in message.fields if field.message_type is not None]


def test_the_contract_needs_nothing_but_itself():
    assert {file.package for file in FILES} == {"bridge.v1"}
    assert all(imported.package == "bridge.v1" for file in FILES for imported in file.dependencies)


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_holds_itself(name):
    seen, open_ends = set(), parts(MESSAGES[name])
    while open_ends:
        inner = open_ends.pop()
        assert inner.full_name != name
        if inner.full_name not in seen:
            seen.add(inner.full_name)
            open_ends += parts(inner)


def test_every_answer_of_an_engine_tells_the_moment():
    calls = engine_service_pb2.DESCRIPTOR.services_by_name["EngineService"].methods
    for call in calls:
        held = {"Moment"} & {part.name for part in parts(call.output_type)}
        inner = [part for part in parts(call.output_type) if part.name in ("WorldState", "FramePart")]
        assert held or any("moment" in part.fields_by_name for part in inner), call.output_type.full_name


def test_answers_tell_the_moment_they_are_given_at():
    with serving() as server, Raw(server.address) as raw:
        raw.stub.ClaimAgents(pb.ClaimAgentsRequest(session=raw.seat.session, agents=["courier-1"]))
        stepped = raw.step(1, ticks=7).moment
        for call, request in (
            ("GetServerInfo", pb.GetServerInfoRequest()),
            ("RenewSession", pb.RenewSessionRequest(session=raw.seat.session)),
            ("GetScene", pb.GetSceneRequest(session=raw.seat.session)),
            ("Cancel", pb.CancelRequest(session=raw.seat.session)),
            ("CloseSession", pb.CloseSessionRequest(session=raw.seat.session)),
        ):
            moment = getattr(raw.stub, call)(request, timeout=5).moment
            assert (moment, moment.tick, moment.time_s) == (stepped, 7, pytest.approx(0.14)), call


def test_before_the_world_has_begun_no_moment_is_told():
    with serving(scene=False) as server, Raw(server.address) as raw:
        assert not raw.stub.GetServerInfo(pb.GetServerInfoRequest(), timeout=5).HasField("moment")


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file.name).stem)
def test_strings_are_bounded_as_the_server_reads_them(file):
    """The bounds for compilers that reserve room are those beyond which the server refuses."""
    told = dict(re.findall(r"^(\S+) max_length:(\d+)$", (PROTO / f"{Path(file.name).stem}.options").read_text(), re.M))
    for message in file.message_types_by_name.values():
        for field in message.fields:
            if field.type == field.TYPE_STRING and not field.is_repeated:
                bound = int(told.get(f"{message.full_name}.{field.name}", told["*"]))
                assert bound == (fields.MAX_TEXT if field.name in LONG else fields.MAX_NAME), field.full_name


def test_bounds_are_bytes():
    assert fields.name("n" * 200, "name")
    with pytest.raises(fields.InvalidInput, match="has 201 bytes"):
        fields.name("港" * 67, "name")
