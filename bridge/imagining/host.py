"""A world model in a process of its own: started, connected to, started again after a crash, and ended."""

import contextlib
import json
import logging
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence

from bridge import errors
from bridge.errors import EngineUnavailable, SimbridgeError

START_S, END_S, MOST_STARTS = 120.0, 5.0, 4
_log = logging.getLogger("bridge.imagining")


class ModelHost:
    """A process with the model `name`, made with `flags` (as a command line has them: "--steps", "2").

    `start` blocks until it answers; `address` and `token` are then how to reach it. A process that has ended is started
    again by the next `start`, a few times at most.
    """

    def __init__(self, name: str, flags: Sequence[str] = ()) -> None:
        self.name, self._flags, self._starts = name, tuple(flags), 0
        self.address, self.token = "", ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: deque[str] = deque(maxlen=50)

    @property
    def is_up(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the process unless it runs. Raises what making the model raises, EngineUnavailable where it ends or stalls."""
        if self.is_up:
            return
        if self._starts >= MOST_STARTS:
            raise EngineUnavailable(
                f"The world model '{self.name}' ended {self._starts} times and is not started again.{self._said()}"
            )
        self.close()
        self._starts += 1
        self.token = secrets.token_urlsafe(32)
        command = [sys.executable, "-m", "bridge.imagining.program", self.name, *self._flags]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._process = process
        threading.Thread(target=self._listen, args=(process,), name="model-output", daemon=True).start()
        assert process.stdin is not None
        assert process.stdout is not None
        too_late = threading.Timer(START_S, process.kill)
        too_late.start()
        try:
            process.stdin.write(self.token.encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            too_late.cancel()
        told = json.loads(line) if line.strip() else {}
        if "port" not in told:
            self.close()
            kind = getattr(errors, str(told.get("error", "")), None)
            if isinstance(kind, type) and issubclass(kind, SimbridgeError):
                raise kind(told["why"])
            raise EngineUnavailable(
                f"The world model '{self.name}' did not start within {START_S:g} s, or ended.{self._said()}"
            )
        self.address = f"127.0.0.1:{told['port']}"

    def wait(self) -> None:
        """Until the process has ended by itself."""
        if self._process is not None:
            self._process.wait(END_S)

    def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(END_S)
        process.stdout.close()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                self._lines.append(line.decode(errors="replace").rstrip())
                _log.debug("%s: %s", self.name, self._lines[-1])

    def _said(self) -> str:
        return f" It said last: {self._lines[-1]}" if self._lines else ""
