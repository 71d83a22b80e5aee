"""A world model beside a served world: it imagines each stretch from its first moment, and whoever watches sees both.

The model runs in a process of its own (ModelHost); while it thinks the world goes on, and stretches that pass meanwhile
are not imagined.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np

from bridge import codec
from bridge.address import CLIENT_OPTIONS
from bridge.engine import Engine, Loaded
from bridge.errors import SimbridgeError
from bridge.guard import readable
from bridge.imagination import Dream, ModelInfo, Prediction
from bridge.imagining.host import ModelHost
from bridge.imagining.moments import MakeTake, Segment, Take, Witness, course_of
from bridge.scene import Scene
from bridge.simulation import Simulation
from bridge.status import error_from, status_of, trailing
from bridge.v1 import model_service_pb2 as pb
from bridge.v1 import model_service_pb2_grpc
from bridge.world import World

SERVICE_NAME = "bridge.v1.ModelService"
_KEPT = 64
_AGAIN_S = 2.0
_log = logging.getLogger("bridge.imagining")


@dataclass(frozen=True)
class Beside:
    """What a model sees of a world: `agent` acts, and `make_take` makes, for a scene and what an engine says of it, what looks
    every `frame_s`."""

    agent: str
    frame_s: float
    make_take: MakeTake


@dataclass(frozen=True)
class Settings:
    """Which model dreams beside a world: its `name` and `flags`, and how many `frames` it imagines at a stretch.

    Once it is known what the model is for, `beside` says whose body it imagines in the world, how often it is looked at, and by what.
    """

    name: str
    beside: Callable[[ModelInfo], Beside]
    flags: Sequence[str] = ()
    frames: int = 5


class Alongside(model_service_pb2_grpc.ModelServiceServicer):
    """ModelService of a server with a world: passes predictions on to the model, and tells what it dreams meanwhile."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._settings, self._world = settings, world
        self._host = ModelHost(settings.name, settings.flags)
        self._begun: tuple[Scene, Loaded] | None = None
        self._take: Take | None = None
        self._task: asyncio.Future | None = None
        self._segments: asyncio.Queue[Segment] = asyncio.Queue(maxsize=1)
        self._awake = asyncio.Event()
        self._watching: set[asyncio.Queue[Dream]] = set()
        self._channel: Any = None
        self._is_ready = False
        self.info: ModelInfo | None = None

    async def start(self, simulation: Simulation) -> None:
        """Starts the model, and begins to watch. Raises what starting it raises."""
        self._simulation, self._loop = simulation, asyncio.get_running_loop()
        await self._connect()
        assert self.info is not None
        self._beside = self._settings.beside(self.info)
        self._witness = Witness(self._beside.frame_s, self._settings.frames)
        self._is_ready = True
        self._world.watchers.add(self._awake)
        self._task = asyncio.gather(self._look_on(), self._dream_on())

    async def close(self) -> None:
        """Ends watching, and the model."""
        self._world.watchers.discard(self._awake)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._channel is not None:
            await self._channel.close()
        await asyncio.to_thread(self._host.close)

    def begin(self, scene: Scene, loaded: Loaded) -> None:
        """Another scene was loaded; on the engine's thread."""
        self._begun, self._take = (scene, loaded), None

    def look(self, engine: Engine) -> None:
        """Before each command to the engine, which is after the last one; on the engine's thread."""
        state = self._world.state
        if state is None or self._begun is None or not self._is_ready:
            return
        if self._take is None:
            self._take = self._beside.make_take(*self._begun)
        segment = self._witness.look(engine, state, self._world.epoch, self._take)
        if segment is not None:
            self._loop.call_soon_threadsafe(self._offer, segment)

    def _offer(self, segment: Segment) -> None:
        if not self._segments.full():
            self._segments.put_nowait(segment)

    async def _connect(self) -> None:
        await asyncio.to_thread(self._host.start)
        if self._channel is not None:
            await self._channel.close()
        self._channel = grpc.aio.insecure_channel(self._host.address, CLIENT_OPTIONS)
        self._stub: Any = model_service_pb2_grpc.ModelServiceStub(self._channel)
        answer = await self._stub.ListModels(pb.ListModelsRequest(), metadata=self._metadata(), timeout=20.0)
        self.info = codec.model_of_message(answer.models[0])

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self._host.token}"),)

    async def _look_on(self) -> None:
        """Has the world looked at when it has changed and nobody asks for anything else."""
        while True:
            await self._awake.wait()
            self._awake.clear()
            with contextlib.suppress(SimbridgeError):  # the engine crashed, or is too busy: it tells those who drive it
                await self._simulation.run(lambda engine: None, what="look")

    async def _dream_on(self) -> None:
        while True:
            segment = await self._segments.get()
            request = codec.request_of(segment.past, course_of(segment.after), samples=1, seed=segment.ticks[0])
            try:
                answers = [answer async for answer in self._stub.Predict(request, metadata=self._metadata())]
                self._tell(segment, codec.prediction_of_messages(answers))
            except grpc.RpcError as error:
                await self._stumble(str(error_from(error, self._host.address)))
            except SimbridgeError as error:
                await self._stumble(str(error))

    async def _stumble(self, why: str) -> None:
        """Says what is wrong, and starts a model anew that has ended."""
        _log.warning("the world model '%s' does not dream: %s", self._settings.name, why)
        nothing = np.zeros((0, 0, 0, 3), np.uint8)
        state = self._world.state
        tick, time_s = (0, 0.0) if state is None else (state.tick, state.time_s)
        self._pass_on(
            Dream(self._settings.name, self._beside.agent, tick, time_s, 0.0, (), nothing, nothing, 0.0, trouble=why)
        )
        await asyncio.sleep(_AGAIN_S)
        if not self._host.is_up:
            with contextlib.suppress(SimbridgeError, grpc.RpcError):  # the next stretch says so again
                await self._connect()

    def _tell(self, segment: Segment, prediction: Prediction) -> None:
        """What was and what was dreamt, moment by moment, from the one that the model saw on."""
        begin_s = float(segment.past.times_s[-1])
        views = tuple(camera.name for camera in segment.past.cameras)
        for row, (tick, after) in enumerate(zip(segment.ticks, segment.after, strict=True)):
            engine, dream = after.rgb[-1], prediction.rgb[0, row]
            time_s = float(after.times_s[-1])
            trust = None if prediction.trust is None else float(prediction.trust[row])
            self._pass_on(
                Dream(
                    self._settings.name,
                    self._beside.agent,
                    tick,
                    time_s,
                    time_s - begin_s,
                    views,
                    engine,
                    dream,
                    _psnr_db(engine, dream),
                    trust,
                )
            )

    def _pass_on(self, dream: Dream) -> None:
        for watching in self._watching:
            if watching.full():
                watching.get_nowait()
            watching.put_nowait(dream)

    async def ListModels(self, request: Any, context: Any) -> pb.ListModelsResponse:
        """The one model."""
        assert self.info is not None
        return pb.ListModelsResponse(models=[codec.message_of_model(self.info)])

    async def Predict(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Passed on to the model, and its answer back."""
        try:
            async for answer in self._stub.Predict(readable(request), metadata=self._metadata()):
                yield answer
        except (grpc.RpcError, SimbridgeError) as failure:
            is_told = isinstance(failure, SimbridgeError)
            error = failure if is_told else error_from(failure, "the world model's process")
            await context.abort(status_of(error), str(error), trailing(error, "world model"))

    async def WatchDream(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """The dream from now on; a reader that is too slow misses the oldest."""
        queue: asyncio.Queue[Dream] = asyncio.Queue(maxsize=_KEPT)
        self._watching.add(queue)
        try:
            while True:
                yield codec.message_of_dream(await queue.get())
        finally:
            self._watching.discard(queue)


def _psnr_db(truth: np.ndarray, dream: np.ndarray) -> float:
    """Of all views together [dB]; 99 where they are the same."""
    error = float(np.mean((truth.astype(np.float64) - dream) ** 2))
    return 99.0 if error == 0 else float(min(10 * np.log10(255.0**2 / error), 99.0))
