"""Keeps one engine's process: starts it, asks it, notices when it dies or hangs, says so whole, and starts another.

Each start after a crash waits longer than the one before, and after too many in a row there is none.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import DecodeError

from bridge.crashes import new_crash_id, write_crash_log
from bridge.errors import EngineCrashed, EngineFailed, SimbridgeError, TooLate
from bridge.link import ERROR, MESSAGE, error_of_payload
from bridge.v1 import link_pb2 as pb
from bridge.worker.process import WorkerProcess

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
CALM_S = 60.0
"""An engine that has run for so long is well: the crashes before it are forgotten."""
CLOSE_S = 5.0
_log = logging.getLogger("bridge.server")


@dataclass(frozen=True)
class Supervision:
    """How long an engine may take, and what is done when it does not come to an end.

    A call that takes longer than `watchdog_s` (steps: and ten times the time they simulate) hangs; that and
    `load_timeout_s` are shorter than a server's own patience, so that it is told of the crash. `restarts` is how many
    crashes in a row are made good. `is_one_of_many`: several workers share this computer, so that each draws with one
    thread. Crash logs go to `crash_folder`, or among temporary files.
    """

    watchdog_s: float = 50.0
    load_timeout_s: float = 280.0
    start_timeout_s: float = 60.0
    restarts: int = 5
    is_one_of_many: bool = False
    crash_folder: Path | None = None


USUAL = Supervision()


class Keeper:
    """The process of the engine `name`; used by one thread at a time, but for `kill`.

    `circumstances` gives the lines that a crash's log begins with.
    """

    def __init__(
        self,
        name: str,
        options: str,
        supervision: Supervision,
        circumstances: Callable[[], Iterable[str]],
        gateway: pb.Gateway | None = None,
    ) -> None:
        self.name, self.supervision, self.gateway = name, supervision, gateway
        self._options, self._circumstances = options, circumstances
        self.process: WorkerProcess | None = None
        self.epoch = self._number = 0
        self.crashes, self._since = 0, time.monotonic()
        self._is_ending = threading.Event()
        self._failure: SimbridgeError | None = None
        self.needs_restart = False
        self.crash = ""

    @property
    def is_up(self) -> bool:
        """Whether the engine runs."""
        return not self.needs_restart and self._failure is None

    def start(self) -> pb.Report:
        """Brings up a process with the engine in it, which has no scene yet; which engine, and whether it packs."""
        limit_s = self.supervision.start_timeout_s
        self.needs_restart = False
        environment = {"LP_NUM_THREADS": "1"} if self.supervision.is_one_of_many else {}
        self.process = WorkerProcess(environment=environment, timeout_s=limit_s)
        asked = pb.OpenEngine(engine=self.name, options_json=self._options, gateway=self.gateway)
        order = pb.Order(open=asked)
        report = self.ask(order, "open", limit_s=limit_s)
        self._since = time.monotonic()
        return report

    def restart(self, bring_up: Callable[[], None]) -> None:
        """Calls `bring_up`, which starts it, until that goes well. Raises EngineFailed when it was tried too often."""
        while self.needs_restart:
            if self.crashes > self.supervision.restarts:
                self._failure = EngineFailed(
                    f"The engine '{self.name}' crashed {self.crashes} times in a row and is not started again; the last "
                    f"was crash {self.crash}. Look at its log, then start the server anew."
                )
                self.needs_restart = False
                raise self._failure
            pause_s = 0.0 if self.crashes < 2 else min(FIRST_PAUSE_S * 2 ** (self.crashes - 2), LONGEST_PAUSE_S)
            if self._is_ending.wait(pause_s):
                raise EngineFailed(f"The engine '{self.name}' is being ended.")
            try:
                bring_up()
            except SimbridgeError as error:
                if not self.needs_restart:  # it lives, and cannot do it: no better than dead
                    self._fallen("start", "it could not be brought up", str(error))
                _log.warning("engine '%s': %s", self.name, error)
            else:
                _log.warning("engine '%s' runs again after crash %s", self.name, self.crash)

    def ask(self, order: pb.Order, what: str, *, limit_s: float | None = None, doing: str = "") -> pb.Report:
        """The report of an order. Raises what the engine raised, or what its death means.

        `doing` is what a crash's log says that the engine was at; the order, unless that is given.
        """
        if self._failure is not None:
            raise self._failure
        if self.process is None or self.needs_restart:
            raise EngineCrashed(f"The engine '{self.name}' is down since crash {self.crash}. Wait for its restart.")
        limit_s = limit_s or self.supervision.watchdog_s
        self._number += 1
        order.number, order.epoch = self._number, self.epoch
        try:
            kind, payload = self.process.link.exchange(order.SerializeToString(), limit_s)
            report = pb.Report.FromString(payload) if kind == MESSAGE else None
        except TimeoutError:
            self.process.abort()
            how = f"it did not come to an end within {limit_s:g} s and was ended"
            said = self._fallen(what, how, doing or _shown(order))
            raise _told(TooLate(said)) from None
        except (SimbridgeError, OSError, DecodeError) as error:
            said = self._fallen(what, "", f"{error}\n{doing or _shown(order)}")
            raise _told(EngineCrashed(said)) from None
        if kind == ERROR:
            raise _told(error_of_payload(payload))
        if report is None or report.number != self._number or len(report.seen) != len(order.looks):
            said = self._fallen(what, "it answered another question", doing or _shown(order))
            raise _told(EngineCrashed(said))
        return report

    def kill(self) -> None:
        """Ends the process at once, whatever it does; from any thread."""
        self._is_ending.set()
        process = self.process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Ends the process, in order if it is well; nothing can be asked afterwards."""
        process, self.process = self.process, None
        if process is not None:
            if not (self.needs_restart or self._is_ending.is_set()):
                try:
                    process.link.exchange(pb.Order(close={}).SerializeToString(), CLOSE_S)
                except (SimbridgeError, OSError) as error:
                    _log.warning("engine '%s' was not closed in order: %s", self.name, error)
                process.wait(CLOSE_S)
            process.close()
        self._failure = EngineFailed(f"The engine '{self.name}' was closed. Open another.")

    def _fallen(self, what: str, how: str, doing: str) -> str:
        """Notes a crash, writes its log, and says so in words."""
        process = self.process
        ending = process.ending() if process is not None else "never started"
        lived_s = time.monotonic() - self._since
        self.crashes = 1 if lived_s > CALM_S else self.crashes + 1
        self.crash, self.needs_restart = new_crash_id(), True
        lines = [
            f"crash {self.crash} of engine '{self.name}', at {time.strftime('%Y-%m-%dT%H:%M:%S%z')}",
            f"in: {what}; {how or 'it ended'} ({ending}), after {lived_s:.1f} s, crash {self.crashes} in a row",
            *self._circumstances(),
            "",
            "doing:",
            *doing.splitlines()[:100],
            "",
            "last words:",
            *(process.lines if process is not None else ()),
        ]
        path = write_crash_log(self.supervision.crash_folder, self.crash, lines)
        if process is not None:
            process.close()
        self.process = None
        if what == "open" and process is not None and process.lines:
            how = f"{how or ending} ({process.lines[-1]})"
        where = f"{path} on the server's computer" if path else "in the server's log"
        _log.error(
            "crash %s of engine '%s' in %s: %s (%s). %s", self.crash, self.name, what, how or "ended", ending, path
        )
        return (
            f"The engine '{self.name}' died in {what}: {how or ending}. Crash {self.crash}: {where}. "
            "It is started anew; reset the world and go on."
        )


def _shown(order: pb.Order) -> str:
    """An order as logs may have it: without the licence, which has the secret name of a session, and a gateway's token."""
    made = pb.Order()
    made.CopyFrom(order)
    made.ClearField("licence")
    if made.WhichOneof("what") == "open":
        made.open.ClearField("gateway")
    return str(made)


def _told(error: SimbridgeError) -> SimbridgeError:
    error.hop = "engine"
    return error
