"""Calls that no decent client would make, and what they have to end with."""

import contextlib

import grpc

from bridge.v1 import engine_service_pb2 as pb
from bridge.v1 import engine_service_pb2_grpc


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
        with contextlib.suppress(grpc.RpcError):  # whoever plays a lost client may have no session any more
            self.stub.CloseSession(pb.CloseSessionRequest(session=self.seat.session), timeout=2)
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
