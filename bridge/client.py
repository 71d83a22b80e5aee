"""Any engine behind an address: `with bridge.connect("localhost:50051") as engine: ...`, the same words as everywhere."""

import contextlib
import queue
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import grpc

from bridge import link
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
from bridge.sockets import Sockets, late
from bridge.status import error_from, no_server
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.v1 import engine_service_pb2_grpc
from bridge.v1.engine_service_pb2 import GetServerInfoRequest

T = TypeVar("T")
_BEAT_S, _LEAST_S = 0.1, 0.001
ALIVE_S = 4.5
"""How long a server that is silent may take to say that it is there; see bridge.link.SILENCE_S."""


def connect(
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
) -> "RemoteEngine":
    """The engine that a server has, as a context manager. Raises EngineUnavailable when nobody answers.

    Agents are claimed when they are first told to do something. `resume_token` (that of another RemoteEngine) takes up
    its session. Every call ends within `timeout_s`. `frames`: "auto" is shared memory on the server's computer and JPEG
    for colour (exact for all else) from other computers; "raw" and "zstd" are exact everywhere. `tls` encrypts and says
    whom to trust; `token` is what the server asks for (NotAllowed without it).
    """
    manner = Manner(client_name, role, resume_token, timeout_s, load_timeout_s, frames, jpeg_quality)
    return RemoteEngine(Conversation(address, manner), Access(tls, token))


class RemoteEngine:
    """An engine behind gRPC; used by one thread at a time. See bridge.engine.Engine."""

    def __init__(self, talk: Conversation, access: Access):
        self._talk = talk
        self._wire = _Wire(talk.address, access)
        self._lock = threading.RLock()
        self._closer = weakref.finalize(self, _farewell, self._wire, talk)
        try:
            self._do(talk.connect())
        except BaseException as error:
            self._closer()
            if isinstance(error, EngineUnavailable) and access.tls is None:
                raise told_by_the_door(error, talk.address) from None
            raise
        self.info: EngineInfo = talk.info
        self._wire.use_socket(talk.step_socket)
        self._wire.keep_alive(talk)

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._talk.address

    @property
    def resume_token(self) -> str:
        """What another client needs to take up this session."""
        return self._talk.resume_token

    @property
    def lease_s(self) -> float:
        """How long the server keeps the session without a sign of life."""
        return self._talk.lease_s

    def load(self, scene: Scene) -> Loaded:
        """Uploads a scene; replaces the one before."""
        return self._do(self._talk.load(scene))

    def load_path(self, path: str) -> Loaded:
        """Has the server load a scene from a folder under its own root."""
        return self._do(self._talk.load_path(path))

    def loaded(self) -> Loaded:
        """Who can be controlled in the scene that is loaded, and cameras by name."""
        return self._do(self._talk.scene())[0]

    def instances(self) -> tuple[Instance, ...]:
        """The table of everything that can be seen, by id."""
        return self._do(self._talk.scene())[1]

    def claim(self, *agents: str) -> None:
        """Takes all of the agents, or none. Raises Refused, with owner and expiry, if one is taken."""
        self._do(self._talk.claim(agents))

    def release(self, *agents: str) -> None:
        """Gives agents back."""
        self._do(self._talk.release(agents))

    def reset(self, *, seed: int) -> WorldState:
        """The first tick of an episode. The same seed gives the same world."""
        return self._do(self._talk.reset(seed))

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world; agents that are not named keep doing what they do."""
        return self._do(self._talk.step(actions, ticks))[0]

    def step_and_observe(
        self, actions: Actions, cameras: Sequence[str], modalities: Sequence[Modality] = MODALITIES, ticks: int = 1
    ) -> tuple[WorldState, tuple[Frame, ...]]:
        """`step` and `observe` in one round trip."""
        return self._do(self._talk.step(actions, ticks, cameras, modalities))

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """A batch of changes between two ticks, all of it or nothing."""
        return self._do(self._talk.edit(changes))

    def edits(self) -> Edits:
        """What edits, by whomever, have made of the scene since its reset: worth asking when a state's `revision` is new."""
        return self._do(self._talk.edits())

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the present tick; arrays are read-only."""
        return self._do(self._talk.observe(cameras, modalities))

    def watch(
        self, cameras: Sequence[str], modalities: Sequence[Modality] = MODALITIES
    ) -> Iterator[tuple[tuple[Frame, ...], int]]:
        """Frames as the world goes on, the latest first for slow readers, with how many ticks were left out between."""
        sightings = self._talk.sightings(cameras, modalities)
        call = self._wire.stub.Watch(self._talk.watch_request(cameras, modalities), metadata=self._wire.metadata)
        try:
            for answer in call:
                seen = sightings.add(answer)
                if seen is not None:
                    yield seen
        except grpc.RpcError as error:
            raise error_from(error, self.address) from None
        finally:
            call.cancel()

    def start_recording(self, name: str, cameras: Sequence[str] = (), modalities: Sequence[Modality] = ("rgb",)) -> str:
        """Has the server record all that happens there, and what cameras see at every tick; the file's path there."""
        return self._do(self._talk.start_recording(name, cameras, modalities))

    def stop_recording(self) -> tuple[str, int, int]:
        """Ends it: path at the server, bytes, ticks. Raises RecordingFailed if it ended by itself."""
        return self._do(self._talk.stop_recording())

    def state(self) -> WorldState:
        """The present state, without another tick."""
        return self._do(self._talk.state())[0]

    def state_hash(self) -> int:
        """64 bits that two runs share as long as they are the same to the last bit."""
        return self._do(self._talk.state())[1]

    def close(self) -> None:
        """Gives agents, session and connection back; the server goes on."""
        with self._lock:
            self._closer()

    def __enter__(self) -> "RemoteEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _do(self, talk: Talk[T]) -> T:
        """Carries out what a conversation wants done."""
        with self._lock:
            try:
                deed = next(talk)
                while True:
                    try:
                        answer = self._wire.perform(deed)
                    except SimbridgeError as error:
                        deed = talk.throw(error)
                    else:
                        deed = talk.send(answer)
            except StopIteration as end:
                return end.value


class _Wire:
    """A channel, the conversation of steps on it, and the thread that keeps the session and every deadline."""

    def __init__(self, address: str, access: Access):
        self.address, self.metadata = address, access.metadata()
        where = parse(address)
        self._channel = access.channel(where, grpc)
        self.stub: Any = engine_service_pb2_grpc.EngineServiceStub(self._channel)
        self._steps: _Steps | None = None
        self._sockets = Sockets(address, "" if access.tls is not None else where.host, self._ask_server)
        self._is_over = threading.Event()

    def perform(self, deed: Deed) -> Any:
        """The answer. Raises what the failure means."""
        if self._is_over.is_set():
            raise EngineUnavailable(f"The connection to {self.address} was closed at this end. Connect again.")
        try:
            match deed:
                case Unary(method, request, limit, waits):
                    return getattr(self.stub, method)(
                        request, timeout=limit, wait_for_ready=waits, metadata=self.metadata
                    )
                case Upload(method, requests, limit):
                    return getattr(self.stub, method)(iter(requests), timeout=limit, metadata=self.metadata)
                case Look(request, limit, frames):
                    end = time.monotonic() + limit
                    if self._sockets.look(request, limit, frames) is None:
                        frames.begin()
                        left = max(end - time.monotonic(), _LEAST_S)
                        for answer in self.stub.Observe(request, timeout=left, metadata=self.metadata):
                            frames.take(answer.part)
                    return None
                case Exchange(request, limit, frames):
                    end = time.monotonic() + limit
                    answer = self._sockets.step(request, limit, frames)
                    if answer is not None:
                        return answer
                    if self._steps is None:
                        self._steps = _Steps(self.stub, self.metadata)
                    answer = self._steps.exchange(request, max(end - time.monotonic(), _LEAST_S))
                    self._sockets.heard(answer)
                    if frames is not None:
                        frames.begin()
                        for part in answer.frames:
                            frames.take(part)
                    return answer
        except grpc.RpcError as error:
            steps, self._steps = self._steps, None if isinstance(deed, Exchange) else self._steps
            if isinstance(deed, Exchange) and steps is not None:
                steps.end()
                if steps.is_late:
                    raise late(self.address, "a step", deed.timeout_s) from None
            raise error_from(error, self.address) from None
        except ValueError as error:  # what gRPC says of a channel that was closed meanwhile, by another thread
            if not self._is_over.is_set():
                raise
            raise EngineUnavailable(f"The connection to {self.address} was closed at this end: {error}") from None

    def use_socket(self, path: str) -> None:
        """Steps go through that socket from now on, as long as it can be reached from here; empty: there is none."""
        self._sockets.use(path)

    def _ask_server(self) -> None:
        """Raises EngineUnavailable if the server does not answer even what needs no engine."""
        try:
            self.stub.GetServerInfo(GetServerInfoRequest(), timeout=ALIVE_S, metadata=self.metadata)
        except grpc.RpcError as error:
            found = error_from(error, self.address)
            if isinstance(found, TooLate):
                raise no_server(self.address, f"it has been silent for {link.SILENCE_S + ALIVE_S:g} s") from None
            if isinstance(found, EngineUnavailable):
                raise found from None

    def keep_alive(self, talk: Conversation) -> None:
        """Starts the thread."""
        args = (weakref.ref(self), talk.renew, talk.lease_s, self._is_over)
        threading.Thread(target=_watch_over, args=args, name="simbridge-client", daemon=True).start()

    def check_deadline(self) -> None:
        steps = self._steps
        if steps is not None and time.monotonic() > steps.deadline:
            steps.is_late = True
            steps.call.cancel()

    def close(self) -> None:
        self._is_over.set()
        if self._steps is not None:
            self._steps.end()
        self._sockets.close()
        self._channel.close()


def _farewell(wire: _Wire, talk: Conversation) -> None:
    """Gives the seat back and ends the connection: by `close`, or at the end of a program that forgot to."""
    talk.forget()
    for deed in talk.leave():
        with contextlib.suppress(SimbridgeError):  # whatever it was, the lease ends by itself
            wire.perform(deed)
    wire.close()


class _Steps:
    """The bidirectional stream: one request, then its answer."""

    def __init__(self, stub: Any, metadata: Any):
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.deadline, self.is_late = float("inf"), False
        self.call = stub.Step(iter(self._requests.get, None), metadata=metadata)

    def exchange(self, request: Any, limit_s: float) -> Any:
        self.deadline = time.monotonic() + limit_s
        self._requests.put(request)
        try:
            return next(self.call)
        except StopIteration:
            raise EngineUnavailable("The server ended the conversation; it is being stopped. Connect again.") from None
        finally:
            self.deadline = float("inf")

    def end(self) -> None:
        self._requests.put(None)
        self.call.cancel()


def _watch_over(wire: "weakref.ref[_Wire]", renew: Any, lease_s: float, is_over: threading.Event) -> None:
    """Renews the session three times a lease and ends steps that are late, until the client is closed or forgotten."""
    due = time.monotonic() + lease_s / 3
    while not is_over.wait(_BEAT_S):
        alive = wire()
        if alive is None:
            return
        alive.check_deadline()
        if time.monotonic() >= due:
            due = time.monotonic() + lease_s / 3
            with contextlib.suppress(SimbridgeError):  # the next call meets the same and says so
                alive.perform(next(renew()))
        del alive
