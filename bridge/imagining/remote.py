"""A world model behind gRPC: a server's, so that a machine without a GPU can imagine on one that has it."""

from collections.abc import Iterator

import grpc

from bridge import codec
from bridge.address import parse
from bridge.credentials import Access, Tls
from bridge.errors import NotSupported
from bridge.imagination import Course, Dream, ModelInfo, Past, Prediction
from bridge.status import error_from
from bridge.v1 import model_service_pb2 as pb
from bridge.v1 import model_service_pb2_grpc


class RemoteModel:
    """The first world model of the server at `address`, or the one called `name`; a WorldModel.

    Raises EngineUnavailable where nobody answers, NotSupported for a server without one.
    """

    info: ModelInfo

    def __init__(
        self, address: str, *, name: str = "", timeout_s: float = 300.0, tls: Tls | None = None, token: str = ""
    ) -> None:
        access = Access(tls, token)
        self._address, self._timeout_s, self._metadata = address, timeout_s, access.metadata()
        self._channel = access.channel(parse(address), grpc)
        self._stub = model_service_pb2_grpc.ModelServiceStub(self._channel)
        try:
            answer = self._stub.ListModels(
                pb.ListModelsRequest(), timeout=min(timeout_s, 20.0), metadata=self._metadata
            )
            found = [codec.model_of_message(model) for model in answer.models]
            wanted = [info for info in found if name in ("", info.name)]
            if not wanted:
                raise NotSupported(
                    f"The server at {address} has {', '.join(info.name for info in found) or 'no world model'}"
                    f"{f', and {name!r} was asked for' if name else ''}. Start one with `simbridge serve TOWN --world-model NAME`."
                )
            self.info = wanted[0]
        except grpc.RpcError as error:
            self._channel.close()
            raise error_from(error, address) from None
        except BaseException:
            self._channel.close()
            raise

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """What the server's model imagines."""
        request = codec.request_of(past, course, samples=samples, seed=seed, model=self.info.name)
        try:
            return codec.prediction_of_messages(
                list(self._stub.Predict(request, timeout=self._timeout_s, metadata=self._metadata))
            )
        except grpc.RpcError as error:
            raise error_from(error, self._address) from None

    def watch(self) -> Iterator[Dream]:
        """The dream beside the server's world, moment by moment, until the server ends or this is closed."""
        call = self._stub.WatchDream(pb.WatchDreamRequest(), metadata=self._metadata)
        try:
            for answer in call:
                yield codec.dream_of_message(answer)
        except grpc.RpcError as error:
            raise error_from(error, self._address) from None
        finally:
            call.cancel()

    def close(self) -> None:
        """Hangs up."""
        self._channel.close()
