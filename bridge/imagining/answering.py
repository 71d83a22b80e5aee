"""A world model behind ModelService: requests are checked, one prediction is made at a time, errors keep their names."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import grpc

from bridge import codec
from bridge.errors import NotSupported, SimbridgeError, UnknownName
from bridge.imagination import WorldModel
from bridge.plugins import unknown_name
from bridge.status import status_of, trailing
from bridge.v1 import model_service_pb2 as pb
from bridge.v1 import model_service_pb2_grpc

_log = logging.getLogger("bridge.imagining")


class ModelAnswers(model_service_pb2_grpc.ModelServiceServicer):
    """The service for grpc.server, with one model. Calls that do not show the token are refused."""

    def __init__(self, model: WorldModel, token: str) -> None:
        self._model, self._token, self._turn = model, token, threading.Lock()

    def ListModels(self, request: Any, context: Any) -> pb.ListModelsResponse:
        """The one model."""
        self._check(context)
        return pb.ListModelsResponse(models=[codec.message_of_model(self._model.info)])

    def Predict(self, request: Any, context: Any) -> Iterator[pb.PredictResponse]:
        """What it imagines, a message a moment."""
        self._check(context)
        try:
            if request.model not in ("", self._model.info.name):
                raise UnknownName(unknown_name("world model", request.model, [self._model.info.name]))
            past, course, samples, seed = codec.asked(request)
            with self._turn:
                prediction = self._model.predict(past, course, samples=samples, seed=seed)
            answers = codec.messages_of_prediction(prediction)
        except SimbridgeError as error:
            _abort(context, error)
        except Exception as error:  # the border of the process: logged whole, told in one sentence
            _log.exception("the world model failed")
            context.abort(grpc.StatusCode.INTERNAL, f"The world model failed: {type(error).__name__}: {error}")
        else:
            yield from answers

    def WatchDream(self, request: Any, context: Any) -> Iterator[pb.WatchDreamResponse]:
        """Not here: there is no world."""
        _abort(context, NotSupported("This process has a world model and no world. Ask the server that runs one."))
        yield from ()

    def _check(self, context: Any) -> None:
        if dict(context.invocation_metadata()).get("authorization") != f"Bearer {self._token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "This process serves the server that started it alone.")


def _abort(context: Any, error: SimbridgeError) -> None:
    context.set_trailing_metadata(trailing(error, "world model"))
    context.abort(status_of(error), str(error))
