"""Whatever a client says, a server answers or refuses it in its own words, and its world is whole afterwards."""

import itertools
import socket
import struct

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.boot import boot_id
from bridge.v1 import engine_service_pb2 as pb
from tests.bridge.messages import messages
from tests.bridge.raw_calls import Raw
from tests.bridge.serving import serving

CALLS = pb.DESCRIPTOR.services_by_name["EngineService"].methods
UNFORESEEN = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE}
EASY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def raw():
    with serving(wait_s=0.2, lease_s=30.0) as server, Raw(server.address, boot_id=boot_id()) as client:
        client.server = server
        yield client


def ended(call) -> tuple[grpc.StatusCode, str]:
    """How a call ends, and in which words."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), error.details()
    return grpc.StatusCode.OK, ""


def talk(raw, call, requests):
    """One call, its first answers read."""
    answer = getattr(raw.stub, call.name)(iter(requests) if call.client_streaming else requests[0], timeout=5)
    if call.server_streaming:
        list(itertools.islice(answer, 3))
        answer.cancel()


def is_well(raw):
    """A decent client is served as ever."""
    with Raw(raw.server.address) as decent:
        state = decent.stub.GetState(pb.GetStateRequest(session=decent.seat.session), timeout=5).state
        poses = np.frombuffer(state.poses.data, np.float64)
        return len(poses) == 7 * len(state.names) > 0 and np.isfinite(poses).all()


@pytest.mark.parametrize("call", [call for call in CALLS if call.name != "Watch"], ids=lambda call: call.name)
def test_a_call_with_anything_in_it_ends_in_foreseen_words(raw, call):
    @EASY
    @given(st.lists(messages(call.input_type), min_size=1, max_size=3 if call.client_streaming else 1), st.booleans())
    def check(requests, is_seated):
        for request in requests:
            seated = getattr(request, "source", request) if call.name == "LoadScene" else request
            if is_seated and "session" in seated.DESCRIPTOR.fields_by_name and call.name != "CloseSession":
                seated.session = raw.seat.session
        code, words = ended(lambda: talk(raw, call, requests))
        assert code not in UNFORESEEN, words

    check()
    assert is_well(raw)


@EASY
@given(st.lists(messages(pb.StepRequest.DESCRIPTOR), min_size=1, max_size=4))
def test_a_conversation_of_steps_with_anything_in_it_is_answered_or_refused(raw, requests):
    """In the right order and with a session that is there, so that what the request holds is what is judged."""
    with Raw(raw.server.address) as client:
        for index, request in enumerate(requests, start=1):
            request.session, request.sequence, request.ticks = client.seat.session, index, min(request.ticks, 50)
        answers = []
        code, words = ended(lambda: answers.extend(client.stub.Step(iter(requests), timeout=5)))
    assert code not in UNFORESEEN, words
    assert [answer.sequence for answer in answers] == list(range(1, len(answers) + 1))
    assert is_well(raw)


@EASY
@given(st.lists(st.binary(max_size=60) | st.integers(0, (1 << 32) - 1), min_size=1, max_size=4))
def test_the_socket_of_steps_outlives_any_bytes(raw, pieces):
    path = raw.seat.step_socket
    if not path:
        pytest.fail("a server on this computer offers a socket of steps")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(0.05)
        wire.connect(path)
        try:
            for piece in pieces:
                wire.sendall(struct.pack("<IB", piece, 0) if isinstance(piece, int) else piece)
            wire.recv(4096)
        except (TimeoutError, ConnectionError):
            pass
    assert is_well(raw)
