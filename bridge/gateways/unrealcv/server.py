"""The gateway: UnrealCV's clients, served on the thread of the engine that they look at and act in.

It belongs to that thread and never waits. Its file is readable when there is something to do, and `work` does it: requests
are taken in, carried out in each client's order, and answered as far as there is room; what a client does not take is kept
for it, and a client that writes ten thousand requests before it reads is heard all the same.
"""

import hmac
import logging
import selectors
import socket
from collections.abc import Callable
from functools import partial
from time import perf_counter

from bridge.crashes import foreseen
from bridge.errors import DamagedData
from bridge.gateways.unrealcv.listening import Listening, Settings
from bridge.gateways.unrealcv.peer import Peer, atoi32

MOST_CLIENTS = 128
TURN_S = 1e-3
"""So long one client's requests are carried out before it is the turn of the next that has some."""
LONGEST_BATCH_S = 5.0
"""A vbatch that takes longer is interrupted: the server must not think that the engine hangs."""
TELL_BYTES = 1 << 18
"""When so much is to be told it is sent; else when there is nothing more to carry out."""
_AUTH = "vset /unrealcv/auth "
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_log = logging.getLogger("bridge.engine")

Answer = Callable[[str], bytes]
"""What carries out a command: the text after the request's number, and what is sent after the answer's."""


class Gateway:
    """All clients of one engine. Raises what listening raises, see bridge.gateways.unrealcv.listening."""

    def __init__(self, answer: Answer, settings: Settings):
        self.settings, self._answer = settings, answer
        self._listening = Listening(settings)
        self._selector = selectors.DefaultSelector()
        self._peers: dict[Peer, int] = {}
        """Who is connected, and what is waited for of each: to be heard, to be told, both or nothing (0)."""
        self._busy: dict[Peer, None] = {}
        self._count = 0
        for door in self._listening.doors:
            self._selector.register(door, _READ, partial(self._answer_the_door, door))

    @property
    def port(self) -> int:
        """The port that clients reach it at."""
        return self._listening.port

    @property
    def path(self) -> str:
        """The Unix socket that clients reach it at; empty without one."""
        return self._listening.path

    def fileno(self) -> int:
        """A file that is readable when clients want something. Windows has none."""
        return self._selector.fileno()  # type: ignore[attr-defined]

    @property
    def has_work(self) -> bool:
        """Whether requests are left to be carried out, of which its file says nothing any more."""
        return bool(self._busy)

    def __len__(self) -> int:
        """How many clients are connected."""
        return len(self._peers)

    def work(self, until: float) -> None:
        """Does what there is to do, until there is nothing more or it is `until` of time.perf_counter."""
        for key, events in self._selector.select(0):
            key.data(events)
        while self._busy:
            for peer in list(self._busy):
                self._carry_out(peer, min(until, perf_counter() + TURN_S))
            if perf_counter() >= until:
                return

    def close(self) -> None:
        """Ends all connections; nobody is let in any more."""
        for peer in list(self._peers):
            self._let_go(peer)
        self._busy.clear()
        self._selector.close()
        self._listening.close()

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- clients come and go

    def _answer_the_door(self, door: socket.socket, _: int) -> None:
        found = self._listening.admitted(door)
        if found is None:
            return
        if len(self._peers) >= (MOST_CLIENTS if self.settings.is_shared else 1):
            _log.warning("One of UnrealCV's clients was sent away: %d are connected already.", len(self._peers))
            found.close()
            return
        self._count += 1
        peer = Peer(found, f"UnrealCV's client {self._count}")
        peer.is_trusted = not self.settings.token
        self._peers[peer] = _READ
        self._selector.register(peer, _READ, partial(self._attend, peer))
        peer.greet(f"connected to {self.settings.project}".encode())
        self._tell(peer)

    def _let_go(self, peer: Peer, why: str = "") -> None:
        """Ends a connection. What its client has asked for is carried out all the same, as UnrealCV does."""
        if why:
            _log.warning("%s was let go: %s", peer.name, why)
        if self._peers.pop(peer):
            self._selector.unregister(peer)
        peer.hang_up()
        self._look_again(peer)

    # ---- what they say and are told

    def _attend(self, peer: Peer, events: int) -> None:
        if peer.is_gone:
            return
        try:
            if events & _WRITE:
                peer.tell()
            if events & _READ:
                peer.hear()
        except EOFError:
            self._let_go(peer)
        except (OSError, DamagedData) as error:
            self._let_go(peer, str(error))
        else:
            self._look_again(peer)

    def _carry_out(self, peer: Peer, until: float) -> None:
        """Some of a client's requests; all of a vbatch, since no time may pass between them, unless that takes too long."""
        answer, latest = self._answer, perf_counter() + LONGEST_BATCH_S
        while peer.is_ready:
            number, command = peer.next()
            peer.answer(number, self._answered(peer, command, answer))
            if peer.untold_bytes >= TELL_BYTES:
                self._tell(peer)
            now = perf_counter()
            if peer.gathers and now >= latest:
                _log.warning("%s's batch was interrupted after %g s.", peer.name, LONGEST_BATCH_S)
            elif peer.gathers or now < until:
                continue
            break
        self._tell(peer)

    def _answered(self, peer: Peer, command: str, answer: Answer) -> bytes:
        if not peer.is_trusted:
            return self._shown_token(peer, command)
        if command.startswith("vbatch"):
            peer.gathers = max(_leading_number(command[6:]), 0)
            if peer.gathers < 1:
                _log.warning("%s sent %r; a batch has one request or more.", peer.name, command[:100])
            return b"ok"
        try:
            return answer(command)
        except Exception as error:  # the border to other people's programs
            return b"error " + " ".join(str(foreseen(error, command[:100])).split()).encode()

    def _shown_token(self, peer: Peer, command: str) -> bytes:
        if not command.startswith(_AUTH):
            return b"error Authentication required, use: vset /unrealcv/auth <token>"
        peer.is_trusted = hmac.compare_digest(command[len(_AUTH) :].strip().encode(), self.settings.token.encode())
        if peer.is_trusted:
            return b"Authentication succeeded"
        _log.warning("%s showed a wrong token.", peer.name)
        return b"error Authentication failed"

    def _tell(self, peer: Peer) -> None:
        """Sends a client what it has not been told, as far as there is room."""
        if not peer.is_gone:
            try:
                peer.tell()
            except OSError as error:
                self._let_go(peer, str(error))
        self._look_again(peer)

    def _look_again(self, peer: Peer) -> None:
        """What is to be waited for of a client, and whether it has something to be carried out."""
        if peer.is_ready:
            self._busy[peer] = None
        else:
            self._busy.pop(peer, None)
        if peer.is_gone:
            return
        before, now = self._peers[peer], _READ * peer.is_heard | _WRITE * bool(peer.untold_bytes)
        if now == before:
            return
        self._peers[peer] = now
        attend = partial(self._attend, peer)
        if not now:
            self._selector.unregister(peer)
        elif before:
            self._selector.modify(peer, now, attend)
        else:
            self._selector.register(peer, now, attend)


def _leading_number(text: str) -> int:
    """What C's atoi makes of a text."""
    text = text.lstrip()
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-") if text[:1] in ("+", "-") else text
    end = next((index for index, letter in enumerate(digits) if letter not in "0123456789"), len(digits))
    return sign * atoi32(digits[:end] or "0")
