"""The same client for asyncio: `async with await bridge.connect_async("localhost:50051") as engine: ...`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

import grpc

from bridge.address import parse
from bridge.conversation import Conversation, FrameWay, Manner, Role
from bridge.credentials import Access, Tls
from bridge.deeds import Deed, Exchange, Look, Talk, Unary, Upload
from bridge.edits import Edits
from bridge.engine import Actions, Change, EngineInfo, Loaded
from bridge.errors import EngineUnavailable, SimbridgeError, TooLate
from bridge.knock import told_by_the_door
from bridge.packing import JPEG_QUALITY
from bridge.scene import Instance, Scene
from bridge.status import error_from, no_server
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.v1 import engine_service_pb2_grpc

T = TypeVar("T")


async def connect_async(
    address: str,
    *,
    client_name: str = "",
    role: Role = "controller",
    resume_token: str = "",
    timeout_s: float = 20.0,
    load_timeout_s: float = 300.0,
    frames: FrameWay = "auto",
    jpeg_quality: int = JPEG_QUALITY,
    tls: Tls | None = None,
    token: str = "",
) -> "AsyncRemoteEngine":
    """The engine that a server has; see bridge.client.connect. gRPC wants one event loop in a process."""
    manner = Manner(client_name, role, resume_token, timeout_s, load_timeout_s, frames, jpeg_quality)
    engine = AsyncRemoteEngine(Conversation(address, manner), Access(tls, token))
    try:
        await engine._start()
    except BaseException as error:
        await engine._shut()
        if isinstance(error, EngineUnavailable) and tls is None:
            raise await asyncio.to_thread(told_by_the_door, error, address) from None
        raise
    return engine


class AsyncRemoteEngine:
    """An engine behind gRPC, one call at a time; each method is that of RemoteEngine, awaited."""

    info: EngineInfo

    def __init__(self, talk: Conversation, access: Access):
        self._talk, self._metadata = talk, access.metadata()
        self._channel = access.channel(parse(talk.address), grpc.aio)
        self._stub: Any = engine_service_pb2_grpc.EngineServiceStub(self._channel)
        self._steps: Any = None
        self._lock = asyncio.Lock()
        self._heart: asyncio.Task | None = None
        self._is_closed = False

    @property
    def address(self) -> str:
        return self._talk.address

    @property
    def resume_token(self) -> str:
        return self._talk.resume_token

    @property
    def lease_s(self) -> float:
        return self._talk.lease_s

    async def load(self, scene: Scene) -> Loaded:
        return await self._do(self._talk.load(scene))

    async def load_path(self, path: str) -> Loaded:
        return await self._do(self._talk.load_path(path))

    async def loaded(self) -> Loaded:
        return (await self._do(self._talk.scene()))[0]

    async def instances(self) -> tuple[Instance, ...]:
        return (await self._do(self._talk.scene()))[1]

    async def claim(self, *agents: str) -> None:
        await self._do(self._talk.claim(agents))

    async def release(self, *agents: str) -> None:
        await self._do(self._talk.release(agents))

    async def reset(self, *, seed: int) -> WorldState:
        return await self._do(self._talk.reset(seed))

    async def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        return (await self._do(self._talk.step(actions, ticks)))[0]

    async def step_and_observe(
        self, actions: Actions, cameras: Sequence[str], modalities: Sequence[Modality] = MODALITIES, ticks: int = 1
    ) -> tuple[WorldState, tuple[Frame, ...]]:
        return await self._do(self._talk.step(actions, ticks, cameras, modalities))

    async def edit(self, changes: Sequence[Change]) -> WorldState:
        return await self._do(self._talk.edit(changes))

    async def edits(self) -> Edits:
        return await self._do(self._talk.edits())

    async def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        return await self._do(self._talk.observe(cameras, modalities))

    async def watch(
        self, cameras: Sequence[str], modalities: Sequence[Modality] = MODALITIES
    ) -> AsyncIterator[tuple[tuple[Frame, ...], int]]:
        sightings = self._talk.sightings(cameras, modalities)
        call = self._stub.Watch(self._talk.watch_request(cameras, modalities), metadata=self._metadata)
        try:
            async for answer in call:
                seen = sightings.add(answer)
                if seen is not None:
                    yield seen
        except grpc.RpcError as error:
            raise error_from(error, self.address) from None
        finally:
            call.cancel()

    async def start_recording(
        self, name: str, cameras: Sequence[str] = (), modalities: Sequence[Modality] = ("rgb",)
    ) -> str:
        """Has the server record all that happens there, and what cameras see at every tick; the file's path there."""
        return await self._do(self._talk.start_recording(name, cameras, modalities))

    async def stop_recording(self) -> tuple[str, int, int]:
        """Ends it: path at the server, bytes, ticks. Raises RecordingFailed if it ended by itself."""
        return await self._do(self._talk.stop_recording())

    async def state(self) -> WorldState:
        return (await self._do(self._talk.state()))[0]

    async def state_hash(self) -> int:
        return (await self._do(self._talk.state()))[1]

    async def close(self) -> None:
        if not self._is_closed:
            self._talk.forget()
            with contextlib.suppress(SimbridgeError):  # whatever it was, the lease ends by itself
                await self._do(self._talk.leave())
            await self._shut()

    async def __aenter__(self) -> "AsyncRemoteEngine":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _start(self) -> None:
        await self._do(self._talk.connect())
        self.info = self._talk.info
        self._heart = asyncio.ensure_future(self._beat())

    async def _shut(self) -> None:
        self._is_closed = True
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        if self._steps is not None:
            self._steps.cancel()
        await self._channel.close()
        self._talk.forget()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._talk.lease_s / 3)
            with contextlib.suppress(SimbridgeError):  # the next call meets the same and says so
                await self._perform(next(self._talk.renew()))

    async def _do(self, talk: Talk[T]) -> T:
        """Carries out what a conversation wants done."""
        async with self._lock:
            try:
                deed = next(talk)
                while True:
                    try:
                        answer = await self._perform(deed)
                    except SimbridgeError as error:
                        deed = talk.throw(error)
                    else:
                        deed = talk.send(answer)
            except StopIteration as end:
                return end.value

    async def _perform(self, deed: Deed) -> Any:
        if self._is_closed:
            raise EngineUnavailable(f"The connection to {self.address} was closed at this end. Connect again.")
        try:
            match deed:
                case Unary(method, request, limit, waits):
                    return await getattr(self._stub, method)(
                        request, timeout=limit, wait_for_ready=waits, metadata=self._metadata
                    )
                case Upload(method, requests, limit):
                    return await getattr(self._stub, method)(iter(requests), timeout=limit, metadata=self._metadata)
                case Look(request, limit, frames):
                    frames.begin()
                    async for answer in self._stub.Observe(request, timeout=limit, metadata=self._metadata):
                        frames.take(answer.part)
                    return None
                case Exchange(request, limit, frames):
                    answer = await self._exchange(request, limit)
                    if frames is not None:
                        frames.begin()
                        for part in answer.frames:
                            frames.take(part)
                    return answer
        except grpc.RpcError as error:
            raise error_from(error, self.address) from None

    async def _exchange(self, request: Any, limit_s: float) -> Any:
        if self._steps is None:
            self._steps = self._stub.Step(metadata=self._metadata)
        steps, is_whole = self._steps, False
        try:
            async with asyncio.timeout(limit_s):
                await steps.write(request)
                answer = await steps.read()
            if answer is grpc.aio.EOF:
                raise EngineUnavailable("The server ended the conversation; it is being stopped. Connect again.")
            is_whole = True
            return answer
        except asyncio.InvalidStateError:  # written to a conversation that ended between two steps
            why = await steps.details() or "the conversation of steps ended"
            raise no_server(self.address, why) from None
        except TimeoutError:
            raise TooLate(
                f"The server at {self.address} did not answer a step within {limit_s:g} s. It may be slow or stuck: "
                "look at its log, or connect with a longer timeout_s."
            ) from None
        finally:
            if not is_whole:
                steps.cancel()
                self._steps = None
