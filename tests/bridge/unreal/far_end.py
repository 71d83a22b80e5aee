"""The other end of a line to Unreal, small and in Python: any engine of ours, told scenes piece by piece.

It stands in for the plug-in where there is no C++ program, speaks the same messages, and can be told to misbehave.
"""

import contextlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge import codec
from bridge.engine import Engine
from bridge.errors import Refused
from bridge.link import Link
from bridge.types import WorldState
from bridge.v1 import link_pb2 as pb
from bridge.worker.answering import Answering
from tests.bridge.unreal.retold import Retold


class Far(Answering):
    """Answers orders as the plug-in does: builds instead of folders, and poses for puppets."""

    def __init__(self, make_engine: Callable[[], Engine], told: list[Any]):
        super().__init__(lambda name, options: make_engine())
        self._building: Retold | None = None
        self._poses: dict[int, tuple[str, ...]] = {}
        self.orders = told

    def _report(self, order: pb.Order, what: str) -> pb.Report:
        self.orders.append(what if what != "build" else order.build.WhichOneof("piece"))
        report = pb.Report(number=order.number)
        match what:
            case "build":
                self._build(order.build, report)
            case "set_poses":
                self._puppet(order.set_poses)
                self._tell(order, report)
            case "load" | "read":
                raise Refused("Folders are not read here. Tell the scene by build.")
            case _:
                return super()._report(order, what)
        return report

    def _build(self, build: Any, report: pb.Report) -> None:
        kind = build.WhichOneof("piece")
        if kind == "begin":
            self._building = Retold(build.begin)
            return
        building, self._building = self._building, None
        if building is None:
            raise Refused("Nothing is being built. Begin first.")
        if kind != "end":
            building.take(kind, getattr(build, kind))
            self._building = building
            return
        loaded = self._opened().load(building.finish())
        self._state, self._poses = None, {}
        told = codec.message_of_scene(loaded, (), epoch=0, scene_digest=building.begin.scene_digest)
        report.scene.CopyFrom(told)

    def _puppet(self, told: Any) -> None:
        if told.names:
            self._poses = {told.names_version: tuple(told.names)}
        names = self._poses[told.names_version]
        if told.HasField("rows"):
            names = tuple(names[row] for row in codec.array_of_message(told.rows, "rows", dtype="<i4"))
        poses = codec.array_of_message(told.poses, "poses", shape=(len(names), 7))
        self._state = self._opened().pose(WorldState(told.tick, told.time_s, names, poses))  # type: ignore[attr-defined]


@dataclass
class FarEnd:
    """A place where an engine listens for one client after another; `token` is None for a Unix socket.

    `misbehave(what, answer)` gives what is sent in place of an answer: bytes as they travel, or None to hang up;
    `overhear` is told every order.
    """

    address: str
    token: Path | None = None
    misbehave: Callable[[str, bytes], bytes | None] = lambda what, answer: answer
    overhear: Callable[[pb.Order], object] = lambda order: None
    orders: list[str] = field(default_factory=list)
    opened: int = 0

    @property
    def options(self) -> dict[str, str]:
        """What an engine is opened with to reach it."""
        return {"engine_address": self.address} | ({"token_file": str(self.token)} if self.token else {})


@contextlib.contextmanager
def far_end(make_engine: Callable[[], Engine], place: Path, *, by_port: bool = False) -> Iterator[FarEnd]:
    """A far end on a thread of its own, at a Unix socket in `place`, or at a port with a token."""
    secret = secrets.token_bytes(32)
    if by_port:
        listening = socket.create_server(("127.0.0.1", 0))
        end = FarEnd(f"127.0.0.1:{listening.getsockname()[1]}", place / "token")
        assert end.token is not None
        end.token.touch(mode=0o600)
        end.token.write_text(secret.hex())
    else:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(place / "far"))
        listening.listen()
        end = FarEnd(f"unix:{place / 'far'}")
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            peer, _ = listening.accept()
            with peer:
                if not is_over.is_set() and (not by_port or _let_in(peer, secret)):
                    _answer(end, peer, make_engine)

    thread = threading.Thread(target=serve, name="far-end", daemon=True)
    thread.start()
    try:
        yield end
    finally:
        is_over.set()
        with contextlib.suppress(OSError), socket.socket(listening.family) as knock:
            knock.connect(listening.getsockname())
        thread.join(20)
        listening.close()
        assert not thread.is_alive()


def _let_in(peer: socket.socket, secret: bytes) -> bool:
    shown = peer.recv(16, socket.MSG_WAITALL)
    if shown != secret[:16]:
        return False
    peer.sendall(secret[16:])
    return True


def _answer(end: FarEnd, peer: socket.socket, make_engine: Callable[[], Engine]) -> None:
    """One client's orders until it is gone."""
    end.opened += 1
    link, far = Link(peer), Far(make_engine, end.orders)
    try:
        while not far.is_over and (heard := link.take()) is not None:
            count = len(end.orders)
            end.overhear(pb.Order.FromString(heard[1]))
            answer = far.answer(heard[1])
            what = end.orders[count] if len(end.orders) > count else ""
            told = end.misbehave(what, answer)
            if told is None:
                return
            link.give(told)
    except OSError:  # the client has hung up
        pass
    finally:
        far.close()
