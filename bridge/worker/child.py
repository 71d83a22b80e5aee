"""The program of an engine's own process: `python -m bridge.worker.child`, which bridge.worker.process starts.

It lives as long as its standard input: when the server is gone, however it went, that ends and so does the engine. Its
main thread makes the engine and answers orders, since graphics contexts belong to theirs.
"""

import contextlib
import faulthandler
import os
import select
import signal
import socket
import sys
import threading

from bridge.engines import open_engine
from bridge.link import Link
from bridge.worker.answering import answer_all

if sys.platform != "win32":
    import fcntl

ORPHANED = 3
"""The exit status of an engine whose server is gone."""


def main() -> None:
    """Connects to the server named by the first argument (fd:NUMBER or port:NUMBER) and answers its orders."""
    faulthandler.enable()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # sent to whole groups of processes: the server decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    link = connected(sys.argv[1])
    die_with_the_server()
    answer_all(link, lambda name, options: open_engine(name, **options))


def connected(where: str) -> Link:
    """The link to the server."""
    kind, _, number = where.partition(":")
    if kind == "fd":
        made = socket.socket(fileno=int(number))
        made.set_inheritable(False)
        return Link(made)
    key = sys.stdin.buffer.readline().strip()
    made = socket.create_connection(("127.0.0.1", int(number)), timeout=10)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.sendall(key)
    return Link(made)


def die_with_the_server() -> None:
    """Ends this process when its standard input ends.

    A thread waits for that. Where the kernel can, it is asked for a signal as well, whose default is to end the process:
    that needs no thread to run, and so ends an engine that hangs within a library, too.
    """
    threading.Thread(target=_wait_for_end, name="lifeline", daemon=True).start()
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # not every system does so for pipes
            signal.signal(signal.SIGIO, signal.SIG_DFL)
            fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([0], [], [], 0)[0]:
            os._exit(ORPHANED)


def _wait_for_end() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(ORPHANED)


if __name__ == "__main__":
    main()
