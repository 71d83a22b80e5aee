"""What a client says and understands, without a network: the sync and the asyncio client both only carry it out.

Each method is a generator: it yields what shall be done on the wire and is sent the answer, or thrown the error.
"""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from time import monotonic
from typing import Any, Literal

from bridge import codec
from bridge.address import parse
from bridge.boot import boot_id
from bridge.deeds import Deed, Exchange, Look, Talk, Unary, Upload
from bridge.edits import Edits
from bridge.engine import Actions, Change, EngineInfo, Loaded
from bridge.errors import DamagedData, EngineUnavailable, InvalidInput, SimbridgeError
from bridge.formats.scene_folder import scene_files
from bridge.packing import JPEG_QUALITY
from bridge.ring import RingReader
from bridge.scene import Instance, Scene
from bridge.sightings import ArrivingFrames, Sightings
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState
from bridge.uploads import pieces
from bridge.v1 import engine_service_pb2 as pb

Role = Literal["controller", "observer"]
FrameWay = Literal["auto", "shared", "raw", "jpeg", "zstd"]
RECONNECT_S = 0.7
_ROLES = {"controller": pb.ROLE_CONTROLLER, "observer": pb.ROLE_OBSERVER}


@dataclass(frozen=True)
class Manner:
    """How a client connects. `timeout_s` bounds every call; loading a scene may take `load_timeout_s`.

    `frames`: "auto" is shared memory on the server's computer, plain bytes where that cannot be, and JPEG for colour
    (exact for all else) from other computers.
    """

    client_name: str = ""
    role: Role = "controller"
    resume_token: str = ""
    timeout_s: float = 20.0
    load_timeout_s: float = 300.0
    frames: FrameWay = "auto"
    jpeg_quality: int = JPEG_QUALITY


class Conversation:
    """One session with one server."""

    info: EngineInfo
    lease_s: float
    is_lockstep: bool

    def __init__(self, address: str, manner: Manner):
        if manner.role not in _ROLES or manner.frames not in ("auto", *codec.PACKINGS):
            raise InvalidInput(
                f"role is '{manner.role}' and frames '{manner.frames}'; expected controller or observer, and auto, "
                f"{', '.join(codec.PACKINGS)}."
            )
        self.address, self.manner = address, manner
        self.resume_token = manner.resume_token
        self._session = ""
        self._sequence = 0
        self._unsettled: pb.StepRequest | None = None
        self._held: set[str] = set()
        self._names: dict[int, tuple[str, ...]] = {}
        self._version = 0
        self._ring: RingReader | None = None
        self.step_socket = ""

    # ---- the session

    def connect(self) -> Talk[None]:
        """Asks who is there and takes a seat."""
        limit = self.manner.timeout_s
        about = yield Unary("GetServerInfo", pb.GetServerInfoRequest(), min(limit, 10.0))
        self.info, self.is_lockstep = codec.info_of_message(about.engine), about.is_lockstep
        seat = yield Unary(
            "CreateSession",
            pb.CreateSessionRequest(
                version=codec.version(),
                client_name=self.manner.client_name or f"{platform.node() or 'client'}:{os.getpid()}",
                role=_ROLES[self.manner.role],
                resume_token=self.resume_token,
                boot_id=boot_id(),
            ),
            limit,
        )
        self._session, self.resume_token, self.lease_s = seat.session, seat.resume_token, seat.lease_s
        self._sequence, self.step_socket = seat.last_sequence, seat.step_socket
        if seat.HasField("shared_memory") and self.manner.frames in ("auto", "shared"):
            told = seat.shared_memory
            try:
                self._ring = RingReader(told.path, size=told.bytes, slots=told.slots, key=told.key)
            except InvalidInput:  # another container, say: frames travel
                if self.manner.frames == "shared":
                    raise
        if self.manner.frames == "shared" and self._ring is None:
            raise InvalidInput(
                f"frames is 'shared', and {self.address} shares no memory with this computer. Use 'auto'."
            )

    def renew(self) -> Talk[None]:
        """Keeps the session alive."""
        yield Unary("RenewSession", pb.RenewSessionRequest(session=self._session), min(self.manner.timeout_s, 5.0))

    def leave(self) -> Talk[None]:
        """Gives the seat and the agents back."""
        if self._session:
            yield Unary("CloseSession", pb.CloseSessionRequest(session=self._session), 2.0)

    def forget(self) -> None:
        """Lets shared memory go."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    def claim(self, agents: Sequence[str]) -> Talk[None]:
        """Takes all of the agents, or none."""
        if strange := [one for one in agents if not isinstance(one, str)]:
            raise InvalidInput(f"claim takes names, one after another, and was given {strange[0]!r}. claim(*names).")
        yield from self._again(self._unary("ClaimAgents", pb.ClaimAgentsRequest(session=self._session, agents=agents)))
        self._held.update(agents)

    def release(self, agents: Sequence[str]) -> Talk[None]:
        """Gives agents back."""
        yield self._unary("ReleaseAgents", pb.ReleaseAgentsRequest(session=self._session, agents=agents))
        self._held.difference_update(agents)

    # ---- the world

    def load(self, scene: Scene, operation: str = "") -> Talk[Loaded]:
        """Uploads a scene."""
        files = scene_files(scene, is_packed=not parse(self.address).is_local())
        told = pb.Upload(files=len(files), bytes=sum(map(len, files.values())))
        source = pb.SceneSource(session=self._session, operation=operation, upload=told)
        answer = yield Upload("LoadScene", pieces(source, files), self.manner.load_timeout_s)
        return codec.loaded_of_message(answer.scene)

    def load_path(self, path: str, operation: str = "") -> Talk[Loaded]:
        """Has the server load a folder under its own root."""
        source = pb.SceneSource(session=self._session, operation=operation, path=path)
        answer = yield Upload("LoadScene", [pb.LoadSceneRequest(source=source)], self.manner.load_timeout_s)
        return codec.loaded_of_message(answer.scene)

    def cancel(self, operation: str) -> Talk[bool]:
        """Ends a load under way; whether there was one."""
        answer = yield self._unary("Cancel", pb.CancelRequest(session=self._session, operation=operation))
        return answer.was_running

    def scene(self) -> Talk[tuple[Loaded, tuple[Instance, ...], str]]:
        """What is loaded: agents and cameras, the table of instances, the scene's digest."""
        answer = yield from self._again(self._unary("GetScene", pb.GetSceneRequest(session=self._session)))
        return (
            codec.loaded_of_message(answer.scene),
            codec.instances_of_message(answer.scene),
            answer.scene.scene_digest,
        )

    def reset(self, seed: int) -> Talk[WorldState]:
        """The first tick of an episode."""
        if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= seed < 1 << 64:
            raise InvalidInput(f"seed is {seed!r}; expected a whole number from 0 to 2**64 - 1.")
        answer = yield self._unary("Reset", pb.ResetRequest(session=self._session, seed=int(seed)))
        return self._state(answer.state)

    def state(self) -> Talk[tuple[WorldState, int]]:
        """The present state and its hash."""
        request = pb.GetStateRequest(session=self._session, wants_hash=True)
        answer = yield from self._again(self._unary("GetState", request))
        return self._state(answer.state), answer.state_hash

    def edit(self, changes: Sequence[Change]) -> Talk[WorldState]:
        """A batch of changes, all of it or nothing."""
        made = [codec.message_of_change(change) for change in changes]
        answer = yield self._unary("Edit", pb.EditRequest(session=self._session, changes=made))
        return self._state(answer.state)

    def edits(self) -> Talk[Edits]:
        """What edits, by whomever, have made of the scene since its reset."""
        answer = yield from self._again(self._unary("GetEdits", pb.GetEditsRequest(session=self._session)))
        return codec.edits_of_message(answer)

    # ---- time

    def step(
        self, actions: Actions, ticks: int, cameras: Sequence[str] = (), modalities: Sequence[Modality] = ()
    ) -> Talk[tuple[WorldState, tuple[Frame, ...]]]:
        """One advance of the world, with the frames of its tick."""
        if isinstance(ticks, bool) or not isinstance(ticks, Integral) or not 1 <= ticks < 1 << 32:
            raise InvalidInput(f"ticks is {ticks!r}; expected a whole number, 1 or more.")
        yield from self._settle()
        unheld = [agent for agent in actions if agent not in self._held]
        if unheld:
            yield from self.claim(unheld)
        request = pb.StepRequest(
            session=self._session,
            sequence=self._sequence + 1,
            actions=codec.map_of_actions(actions),
            ticks=ticks,
            cameras=cameras,
            modalities=codec.numbers_of_modalities(modalities),
            wants_state=True,
            packing=self._packing(),
            jpeg_quality=self.manner.jpeg_quality,
            known_names=self._version,
            in_parts=True,
        )
        self._unsettled = request
        seen = self._arriving([(name, None) for name in cameras], modalities) if cameras else None
        answer = yield from self._again(Exchange(request, self.manner.timeout_s, seen))
        if answer.sequence != request.sequence:
            raise DamagedData(f"Step {request.sequence} got the answer of step {answer.sequence}. Connect again.")
        self._sequence, self._unsettled = request.sequence, None
        state = self._state(answer.state)
        if seen is None:
            return state, ()
        try:
            return state, seen.frames()
        except DamagedData:  # another reader of this session was faster: the world still stands at that tick
            frames = yield from self.observe(cameras, modalities)
            return state, frames

    def _settle(self) -> Talk[None]:
        """After a step without an answer: finds out whether it was made, and lets it end before the next begins."""
        lost = self._unsettled
        if lost is None:
            return
        seat = yield from self._again(self._unary("RenewSession", pb.RenewSessionRequest(session=self._session)))
        if seat.sequence_under_way == lost.sequence:
            yield from self._again(Exchange(lost, self.manner.timeout_s))
            self._sequence = lost.sequence
        else:
            self._sequence = seat.last_sequence
        self._unsettled = None

    # ---- pictures

    def observe(self, cameras: Sequence[str | Camera], modalities: Sequence[Modality]) -> Talk[tuple[Frame, ...]]:
        """One frame a camera, in the order given, all of one tick."""
        if isinstance(cameras, str):
            raise InvalidInput(f"cameras is the text '{cameras}'; expected a list: ['{cameras}'].")
        names = [camera for camera in cameras if isinstance(camera, str)]
        described = [camera for camera in cameras if not isinstance(camera, str)]
        if not names and not described:
            return ()
        request = pb.ObserveRequest(
            session=self._session,
            names=names,
            cameras=[codec.message_of_camera(camera) for camera in described],
            modalities=codec.numbers_of_modalities(modalities),
            packing=self._packing(),
            jpeg_quality=self.manner.jpeg_quality,
            in_parts=True,
        )
        sizes = [(c, None) if isinstance(c, str) else (c.name, (c.height, c.width)) for c in cameras]
        seen = self._arriving(sizes, modalities)
        yield from self._again(Look(request, self.manner.timeout_s, seen))
        try:
            return seen.frames()
        except DamagedData:  # once more
            yield from self._again(Look(request, self.manner.timeout_s, seen))
            return seen.frames()

    def watch_request(self, cameras: Sequence[str], modalities: Sequence[Modality]) -> pb.WatchRequest:
        """Asks for frames as they come."""
        return pb.WatchRequest(
            session=self._session,
            names=cameras,
            modalities=codec.numbers_of_modalities(modalities),
            packing=self._packing(),
            jpeg_quality=self.manner.jpeg_quality,
        )

    def sightings(self, cameras: Sequence[str], modalities: Sequence[Modality] = MODALITIES) -> Sightings:
        """What makes frames of the answers to a watch."""
        return Sightings(lambda: self._album([(name, None) for name in cameras], modalities))

    # ---- recording

    def start_recording(self, name: str, cameras: Sequence[str], modalities: Sequence[Modality]) -> Talk[str]:
        """Has the server record into a new file of that name; the file's path there."""
        request = pb.StartRecordingRequest(
            session=self._session,
            name=name,
            cameras=cameras,
            modalities=codec.numbers_of_modalities(modalities if cameras else ()),
        )
        answer = yield self._unary("StartRecording", request)
        return answer.path

    def stop_recording(self) -> Talk[tuple[str, int, int]]:
        """Ends the recording; the file's path at the server, its bytes, the ticks it holds."""
        answer = yield self._unary("StopRecording", pb.StopRecordingRequest(session=self._session))
        return answer.path, answer.bytes, answer.ticks

    # ---- shared by the calls

    def _unary(self, method: str, request: Any) -> Unary:
        return Unary(method, request, self.manner.timeout_s)

    def _again(self, deed: Deed) -> Talk[Any]:
        """For what may be said twice: after a broken connection waits a moment for another, and says it again.

        What breaks a connection may break the next one, too, if that was made before it was over: a whole moment of
        broken connections is lived through, and a server that answers nobody for that long is gone.
        """
        end = 0.0
        while True:
            try:
                return (yield deed)
            except EngineUnavailable as error:
                end = end or monotonic() + RECONNECT_S
                yield from self._answering(end, error)

    def _answering(self, end: float, error: EngineUnavailable) -> Talk[None]:
        """Waits until the server answers; raises `error` if it has not by `end` of the monotonic clock."""
        while (left := end - monotonic()) > 0:
            try:
                yield Unary("GetServerInfo", pb.GetServerInfoRequest(), left, waits_for_server=True)
            except EngineUnavailable:
                continue
            except SimbridgeError:
                break
            return
        raise error from None

    def _state(self, message: Any) -> WorldState:
        if message.names:
            self._names = {message.names_version: tuple(message.names)}
            self._version = message.names_version
        return codec.state_of_message(message, known=self._names)

    def _packing(self) -> Any:
        if self.manner.frames != "auto":
            return codec.PACKINGS[self.manner.frames]
        if self._ring is not None:
            return codec.PACKINGS["shared"]
        return codec.PACKINGS["raw" if parse(self.address).is_local() else "jpeg"]

    def _arriving(
        self, sizes: Sequence[tuple[str, tuple[int, int] | None]], modalities: Sequence[Modality]
    ) -> ArrivingFrames:
        return ArrivingFrames(lambda: self._album(sizes, modalities))

    def _album(
        self, sizes: Sequence[tuple[str, tuple[int, int] | None]], modalities: Sequence[Modality]
    ) -> codec.Album:
        return codec.Album(sizes, modalities, ring=self._ring)
