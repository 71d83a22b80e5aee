"""A child process with a link to it: spawned, listened to, ended, and asked how it ended."""

import contextlib
import hmac
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping

from bridge.errors import EngineUnavailable
from bridge.link import Link

KEPT_LINES = 200
ABORT_S = 2.0
"""How long a process that hangs has to say where, before it is killed."""
_log = logging.getLogger("bridge.engine")


class WorkerProcess:
    """A Python of its own for one engine. What it prints goes to the log `bridge.engine`; the last lines are kept."""

    def __init__(self, *, environment: Mapping[str, str], timeout_s: float):
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        if sys.platform != "win32":
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = _spawn(f"fd:{theirs.fileno()}", environment, (theirs.fileno(),))
        else:
            ours = self._by_port(environment, timeout_s)
        self.link = Link(ours)
        self._listener = threading.Thread(target=self._listen, name="engine-output", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def _by_port(self, environment: Mapping[str, str], timeout_s: float) -> socket.socket:
        """A socket to the child where sockets cannot be handed down: it connects, and says a key that it was given."""
        key, end = secrets.token_hex(32).encode(), time.monotonic() + timeout_s
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self._process = _spawn(f"port:{listening.getsockname()[1]}", environment, ())
            assert self._process.stdin is not None
            self._process.stdin.write(key + b"\n")
            self._process.stdin.flush()
            while (left := end - time.monotonic()) > 0:
                listening.settimeout(left)
                with contextlib.suppress(TimeoutError):
                    peer, _ = listening.accept()
                    peer.settimeout(max(end - time.monotonic(), 0.1))
                    if hmac.compare_digest(peer.recv(len(key), socket.MSG_WAITALL), key):
                        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        return peer
                    peer.close()
        self._process.kill()
        raise EngineUnavailable(f"The engine's process did not connect within {timeout_s:g} s. See its log.")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # closed, while a process of the engine's own still had it open
            for line in self._process.stdout:
                text = line.decode("utf-8", "backslashreplace").rstrip()
                self.lines.append(text)
                _log.warning("%s", text)

    def abort(self) -> None:
        """Ends a process that hangs; where it can, it prints where each of its threads is."""
        if sys.platform != "win32":
            self._process.send_signal(signal.SIGABRT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ABORT_S)
        self.kill()

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()

    def wait(self, timeout_s: float) -> bool:
        """Whether it ends by itself within that time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ending(self) -> str:
        """How it ended, in words; it is killed if it has not."""
        if not self.wait(1.0):
            self.kill()
            self.wait(10.0)
        self._listener.join(2.0)
        code = self._process.returncode
        if code is None:
            return "it does not end"
        if code < 0:
            return f"signal {-code}, {signal.Signals(-code).name}"
        return f"exit status {code}"

    def close(self) -> None:
        """Gives link and pipes back; a process that still runs is killed."""
        self.link.close()
        if self._process.poll() is None:
            self.kill()
            self.wait(10.0)
        self._listener.join(2.0)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _spawn(where: str, environment: Mapping[str, str], inherited: tuple[int, ...]) -> subprocess.Popen:
    """A fresh Python that finds the same modules as this one, and dies with it: see bridge/worker/child.py."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    return subprocess.Popen(
        [sys.executable, "-m", "bridge.worker.child", where],
        env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=inherited,
    )
