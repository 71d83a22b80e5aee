"""The far end of a link: carries out a server's orders on an engine. Needs NumPy and protobuf, and what the engine needs.

Whoever runs an engine in a foreign Python connects a socket and calls `answer_all`. Frames are laid in the rings that
orders name, so that the server passes on where they are and never touches a pixel.
"""

import functools
import logging
import select
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from google.protobuf.message import DecodeError

from bridge import codec
from bridge.codec import fields
from bridge.collecting import not_collecting
from bridge.cores import idle_cores
from bridge.crashes import foreseen
from bridge.engine import Actions, Engine, Loaded
from bridge.errors import DamagedData, EngineFailed, InvalidInput, NotSupported, OverQuota, SimbridgeError
from bridge.formats.scene_folder import read_scene
from bridge.link import LAPSED, LOOK, MAX_BYTES, MESSAGE, Link, framed, framed_error, known_kind
from bridge.packing import JPEG_QUALITY, can_pack
from bridge.ring import RingWriter
from bridge.scene import Scene
from bridge.types import Frame, WorldState
from bridge.v1 import engine_service_pb2 as engine_pb
from bridge.v1 import link_pb2 as pb
from bridge.worker.licensed import Licensed, Sight, framed_answer, framed_parts
from bridge.worker.visitors import Attended, Visitors

if TYPE_CHECKING:
    from bridge.worker.beside import Beside

OpenEngine = Callable[[str, Mapping[str, Any]], Engine]
_log = logging.getLogger("bridge.engine")


class Doors(Protocol):
    """Where clients come in; see bridge.worker.visitors. Opening raises OSError."""

    def open_door(self, path: str) -> None:
        """A Unix socket."""
        ...

    def open_port(self, host: str, port: int, held: bytes) -> tuple[int, bytes]:
        """A port for one client, which may be in already by a secret that it holds; the port and its secret."""
        ...

    def shut_port(self) -> None:
        """Nobody comes in by it any more."""
        ...

    def attend(self, gateway: "Attended | None") -> None:
        """Whose clients are served between messages from now on. Raises NotSupported where that cannot be."""
        ...


def answer_all(link: Link, open_engine: OpenEngine) -> None:
    """Answers orders until the other end is gone or has closed the engine."""
    visitors = Visitors(link)
    answering = Answering(open_engine, visitors)
    try:
        while not answering.is_over and (heard := visitors.next()) is not None:
            who, kind, payload = heard
            if who is link:
                visitors.give(who, answering.answer(payload))
                continue
            for message in answering.answer_client(payload, kind):
                visitors.give(who, message)
    finally:
        visitors.close()
        answering.close()


class Answering:
    """One engine, told what to do by messages; used by one thread, that of the engine."""

    def __init__(self, open_engine: OpenEngine, doors: Doors | None = None):
        self._open_engine, self._doors = open_engine, doors
        self._engine: Engine | None = None
        self._state: WorldState | None = None
        self._names: tuple[str, ...] | None = None
        self._names_version = 0
        self._rings: dict[int, RingWriter] = {}
        self._read: tuple[Path, Scene] | None = None
        self._licensed: Licensed | None = None
        self._beside: Beside | None = None
        self._shut: set[str] = set()
        self.is_over = False

    def answer(self, payload: bytes) -> bytes:
        """The framed answer to an order; whatever fails is an answer, too."""
        what = "order"
        try:
            try:
                order = pb.Order.FromString(payload)
            except DecodeError as error:
                raise DamagedData(f"{len(payload)} bytes are no Order: {error}.") from None
            what = order.WhichOneof("what") or what
            made = self._report(order, what).SerializeToString()
            if len(made) > MAX_BYTES:
                raise OverQuota(
                    f"The answer has {len(made):,} bytes and no room in shared memory; at most {MAX_BYTES:,} travel. "
                    "Ask for fewer or smaller frames at a time."
                )
            return framed(MESSAGE, made)
        except Exception as error:  # the border to another process
            return framed_error(foreseen(error, what))

    def answer_client(self, payload: bytes, kind: int = MESSAGE) -> Iterator[bytes]:
        """The framed answer to a step or look of the client that has leave; to anybody else, that there is none.

        In one message, or in several, each of which can be sent while the next is made.
        """
        licensed = self._licensed
        if licensed is None:
            yield framed(LAPSED, b"")
            return
        if kind == LOOK:
            yield from self._look_of_client(licensed) if licensed.allows_look(payload) else (framed(LAPSED, b""),)
            return
        try:
            request = engine_pb.StepRequest.FromString(payload)
        except DecodeError:
            yield framed(LAPSED, b"")
            return
        told = licensed.recall(request)
        if told is not None:
            yield told
            return
        try:
            actions = codec.actions_of_map(request.actions, "actions")
        except SimbridgeError:  # the server says what is wrong
            yield framed(LAPSED, b"")
            return
        try:
            self._state = self._step(actions, request.ticks)
        except Exception as error:  # the border to another process
            yield framed_error(_here(foreseen(error, "advance")))
            return
        yield from self._step_made(licensed, request, self._state.names)

    def _step_made(self, licensed: Licensed, request: engine_pb.StepRequest, names: tuple[str, ...]) -> Iterator[bytes]:
        """The framed answer to a step after which the world has moved: what else fails is the answer, too."""
        size, in_parts = 0, False
        answer: engine_pb.StepResponse | SimbridgeError = engine_pb.StepResponse()
        try:
            parts: Iterable[Any] = ()
            if request.cameras:
                licensed.sight = licensed.sight or self._sight(licensed.look)
                in_parts = _goes_in_parts(request.in_parts, licensed.sight)
                parts = self._parts_while_packed(licensed.epoch, licensed.sight, in_parts)
            tell = functools.partial(self._tell_step, licensed, request)
            for message in framed_parts(answer, parts, tell, in_parts=in_parts):
                size += len(message)
                yield message
        except Exception as error:
            answer = _here(foreseen(error, "Step"))
            yield framed_answer(answer)
        licensed.remember(request.sequence, answer, names, size=size)

    def _look_of_client(self, licensed: Licensed) -> Iterator[bytes]:
        try:
            licensed.sight_after = licensed.sight_after or self._sight(licensed.look_after)
            in_parts = _goes_in_parts(licensed.look_in_parts, licensed.sight_after)
            parts = self._parts_while_packed(licensed.epoch, licensed.sight_after, in_parts)
            yield from framed_parts(engine_pb.StepResponse(), parts, _tell_nothing, in_parts=in_parts)
        except Exception as error:  # the border to another process
            yield framed_error(_here(foreseen(error, "Observe")))

    def _tell_step(self, licensed: Licensed, request: engine_pb.StepRequest, answer: engine_pb.StepResponse) -> None:
        """Adds what a step's answer says beside frames."""
        state = self._state
        assert state is not None
        answer.sequence = request.sequence
        answer.moment.CopyFrom(codec.message_of_moment(licensed.epoch, state))
        if request.wants_hash:
            answer.state_hash = self._opened().state_hash()
        if request.wants_state:
            version = licensed.names_version + (state.names != licensed.names)
            answer.state.CopyFrom(
                codec.message_of_state(
                    state, epoch=licensed.epoch, names_version=version, known_names=request.known_names
                )
            )

    def close(self) -> None:
        """Gives engine and rings back."""
        self.is_over = True
        engine, self._engine = self._engine, None
        rings, self._rings = self._rings, {}
        for ring in rings.values():
            ring.close()
        beside, self._beside = self._beside, None
        if beside is not None:
            self._attend(None)
            beside.close()
        if engine is not None:
            engine.close()

    def _report(self, order: pb.Order, what: str) -> pb.Report:
        report, names = pb.Report(number=order.number), self._state.names if self._state is not None else ()
        licensed, self._licensed = self._licensed, None
        if self._doors is not None:
            self._doors.shut_port()
        if self._beside is not None and self._beside.has_begun and what != "advance":
            self._state = self._beside.state()
        match what:
            case "open":
                self._engine = self._open_engine(order.open.engine, loads(order.open.options_json or "{}"))
                report.engine.CopyFrom(codec.message_of_info(self._engine.info))
                report.can_pack = can_pack()
                if order.open.HasField("gateway"):
                    self._open_gateway(order.open.gateway, report)
            case "read":
                with not_collecting():
                    report.scene.scene_digest = self._read_ahead(Path(order.read.path), order.read.most_instances)
            case "load":
                report.scene.CopyFrom(self._load(Path(order.load.path)))
            case "reset":
                self._state = self._opened().reset(seed=order.reset.seed)
                if self._beside is not None:
                    self._beside.began(self._state)
                    self._attend(self._beside.gateway)
            case "advance":
                actions = codec.actions_of_map(order.advance.actions, "actions")
                self._state = self._step(actions, order.advance.ticks)
            case "edit":
                changes = codec.changes_of_messages(order.edit.changes, "changes")
                self._state = self._opened().edit(changes)
                if self._beside is not None:
                    self._beside.edited(self._state, changes)
            case "close":
                self.close()
            case "stand_still":
                pass
            case "take_back":
                if licensed is not None:
                    report.returned.CopyFrom(licensed.returned())
            case _:
                raise InvalidInput("An order says nothing of what to do. Install the same simbridge at both ends.")
        if self._beside is not None:
            deeds = self._beside.drain()
            report.others.have_reset = deeds.have_reset
            report.others.changes.extend(map(codec.message_of_change, deeds.changes))
        self._tell(order, report)
        if what == "advance" and order.HasField("licence"):
            self._license(order, names, report)
        return report

    def _open_gateway(self, asked: pb.Gateway, report: pb.Report) -> None:
        """Lets UnrealCV's clients come in; they are served from the first reset on."""
        if not hasattr(select, "poll"):
            raise NotSupported("UnrealCV's clients are served on Linux and macOS alone. Leave out --unrealcv here.")
        from bridge.gateways.unrealcv.listening import Settings
        from bridge.worker.beside import Beside

        settings = Settings(**loads(asked.settings_json or "{}"))
        self._beside = Beside(self._opened(), settings, is_paced=asked.is_paced)
        report.gateway_doors.port, report.gateway_doors.socket = self._beside.gateway.port, self._beside.gateway.path

    def _attend(self, gateway: "Attended | None") -> None:
        if self._doors is not None:
            self._doors.attend(gateway)

    def _step(self, actions: Actions, ticks: int) -> WorldState:
        engine = self._opened()
        return engine.step(actions, ticks) if self._beside is None else self._beside.step(actions, ticks)

    def _license(self, order: pb.Order, names: tuple[str, ...], report: pb.Report) -> None:
        """Gives leave if clients can come in, and the step has left the names as the server knows them."""
        licence = order.licence
        way = "port" if licence.host else "socket"
        if self._doors is None or self._state is None or self._state.names != names or way in self._shut:
            return
        try:
            if licence.host:
                port, secret = self._doors.open_port(licence.host, licence.port, licence.step.port_secret)
                report.engine_port.port, report.engine_port.secret = port, secret
            else:
                self._doors.open_door(licence.socket)
        except (OSError, AttributeError) as error:  # the port is taken; or this system has no Unix sockets, no poll
            _log.warning("No client can step the engine by a %s of its own: %s", way, error)
            self._shut.add(way)
            return
        self._licensed, report.is_licensed = Licensed(licence, order.epoch, self._state.names), True

    def _tell(self, order: pb.Order, report: pb.Report) -> None:
        """What the order wants to know of the world as it is now. A look that fails does not undo what was done."""
        if order.wants_state and self._state is not None:
            if self._state.names != self._names:
                self._names, self._names_version = self._state.names, self._names_version + 1
            message = codec.message_of_state(
                self._state, epoch=order.epoch, names_version=self._names_version, known_names=order.known_names
            )
            report.state.CopyFrom(message)
        if order.wants_hash:
            report.state_hash = self._opened().state_hash()
        for look in order.looks:
            seen = report.seen.add()
            try:
                seen.parts.extend(self._parts(order.epoch, look))
            except Exception as error:  # crosses to the server as the answer of this look
                told = foreseen(error, "observe")
                seen.failure.kind, seen.failure.message = known_kind(told), str(told)[: fields.MAX_TEXT]

    def _read_ahead(self, folder: Path, most_instances: int) -> str:
        """The digest of a scene that is ready to be loaded, by which the server knows whether it is the one it wants."""
        engine = self._opened()
        self._read = None
        scene = read_scene(folder, checks_layers=False)
        prepare = getattr(engine, "prepare", None)
        if prepare is not None and len(scene.instances()) <= most_instances:
            prepare(scene)
        self._read = folder, scene
        return scene.digest()

    def _load(self, folder: Path) -> Any:
        engine = self._opened()
        ahead, self._read = self._read, None
        scene = ahead[1] if ahead is not None and ahead[0] == folder else read_scene(folder)
        if self._beside is not None:
            scene = self._beside.prepared(scene)
        loaded: Loaded = engine.load(scene)
        self._state = None
        if self._beside is not None:
            self._attend(None)
            self._beside.loaded(scene, loaded)
        return codec.message_of_scene(loaded, (), epoch=0, scene_digest="")

    def _parts(self, epoch: int, look: pb.Look) -> list[Any]:
        sight = self._sight(look)
        return codec.parts_of_frames(*self._seen(epoch, sight), sight[2])

    def _parts_while_packed(self, epoch: int, sight: Sight, in_stripes: bool) -> Iterator[Any]:
        return codec.parts_while_packed(*self._seen(epoch, sight), sight[2], in_stripes=in_stripes)

    def _sight(self, look: pb.Look) -> Sight:
        """What a look asks for: cameras, modalities, and how frames travel."""
        described = [codec.camera_of_message(camera, "camera") for camera in look.cameras]
        modalities = codec.modalities_of_numbers(look.modalities, "modalities")
        packing = look.packing or codec.PACKINGS["shared"]
        ring = self._ring(look) if look.HasField("ring") else None
        return [*look.names, *described], modalities, codec.Way(packing, look.jpeg_quality or JPEG_QUALITY, ring)

    def _seen(self, epoch: int, sight: Sight) -> tuple[Sequence[Frame], Any]:
        """What is to be seen now, and when that is."""
        if self._state is None:
            raise EngineFailed("The world has not begun. Reset it before looking at it.")
        return self._opened().observe(sight[0], sight[1]), codec.message_of_moment(epoch, self._state)

    def _ring(self, look: pb.Look) -> RingWriter | None:
        """The ring of a look, kept as long as its file is there."""
        told = look.ring
        found = self._rings.get(told.key)
        if found is None:
            for key in [key for key, ring in self._rings.items() if ring.is_gone()]:
                self._rings.pop(key).close()
            found = RingWriter.attached(told.path, size=told.bytes, slots=told.slots, key=told.key)
            self._rings[told.key] = found
        return found

    def _opened(self) -> Engine:
        if self._engine is None:
            raise EngineFailed("No engine is open here. The first order opens one.")
        return self._engine


def _goes_in_parts(is_wished: bool, sight: Sight) -> bool:
    """Whether parts are sent one by one: frames that are packed, to a client that has a core to itself meanwhile.

    Where threads wait for cores, it would wait for one with each part, and get through with one answer earlier. Frames in
    shared memory are all there before the first is told of.
    """
    return is_wished and not sight[2].is_shared and idle_cores() >= 0


def _tell_nothing(answer: engine_pb.StepResponse) -> None:
    """A look's answer has frames alone."""


def _here(error: SimbridgeError) -> SimbridgeError:
    error.hop = "engine"
    return error
