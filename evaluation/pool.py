"""Work done in processes of its own, supervised: one that dies or hangs is replaced, and its work tried once more.

    for done in run("evaluation.episode:run", specs, workers=2, timeout_s=600):
        ...

Processes are spawned, never forked, and end with the one that started them, however that ends.
"""

import importlib
import multiprocessing as mp
import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

TRIES = 2
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LP_NUM_THREADS")
_START_S = 120.0
"""How long a process may take until it listens."""
_END_S = 5.0


@dataclass(frozen=True)
class Done:
    """One piece of work that is over: its place among the specs, what came of it, or why nothing did after `tries`."""

    index: int
    result: Any
    failure: str
    tries: int


@dataclass(eq=False)
class _Worker:
    """One process, what it is at, and since when it has been expected to answer."""

    process: BaseProcess
    link: Connection
    index: int | None = None
    deadline_s: float = field(default_factory=lambda: time.monotonic() + _START_S)
    is_ready: bool = False


def run(work: str, specs: Sequence[Any], *, workers: int, timeout_s: float) -> Generator[Done, None, None]:
    """Does `work` ("module:function") on each spec, and yields each as soon as it is over, in any order.

    A process that dies, raises, or has not answered within `timeout_s` is replaced (after an error it goes on), and the
    spec tried once more; after that its failure is told. Specs, results and the function's module must be picklable and
    importable. Processes are ended when the iterator is closed.
    """
    waiting = deque((index, 1) for index in range(len(specs)))
    tries: dict[int, int] = {}
    crew: list[_Worker] = []
    failed_starts = 0
    try:
        while waiting or any(worker.index is not None for worker in crew):
            wanted = min(workers, len(waiting) + sum(worker.index is not None for worker in crew))
            while len(crew) < wanted:
                crew.append(_hired(work))
            for worker in crew:
                if worker.is_ready and worker.index is None and waiting:
                    index, tries_now = waiting.popleft()
                    tries[index] = tries_now
                    worker.index, worker.deadline_s = index, time.monotonic() + timeout_s
                    _send(worker, specs[index])
            _await(crew)
            for worker in tuple(crew):
                news = _news(worker, timeout_s)
                if news is None:
                    continue
                kind, what = news
                index, worker.index = worker.index, None
                if kind == "ready":
                    failed_starts, worker.is_ready = 0, True
                    continue
                if kind == "gone":
                    _end(worker)
                    crew.remove(worker)
                if index is None:
                    failed_starts += not worker.is_ready
                    if failed_starts >= TRIES:
                        yield from (Done(i, None, f"no process could be started: {what}", t) for i, t in waiting)
                        return
                elif kind == "result":
                    yield Done(index, what, "", tries[index])
                elif tries[index] < TRIES:
                    waiting.appendleft((index, tries[index] + 1))
                else:
                    yield Done(index, None, what, tries[index])
    finally:
        for worker in crew:
            _end(worker)


def _hired(work: str) -> _Worker:
    """A new process, on its way up."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True, name="simbridge-episodes")
    with _one_thread_each():
        process.start()
    theirs.close()
    return _Worker(process, ours)


def _send(worker: _Worker, spec: Any) -> None:
    try:
        worker.link.send(spec)
    except (BrokenPipeError, ConnectionResetError):
        worker.deadline_s = 0.0


def _await(crew: Sequence[_Worker]) -> None:
    """Sleeps until a process says something or dies, or one is overdue."""
    busy = [worker for worker in crew if worker.index is not None or not worker.is_ready]
    until = min((worker.deadline_s for worker in busy), default=time.monotonic())
    idle = [worker for worker in crew if worker not in busy]
    listened: list[Any] = [thing for worker in (*busy, *idle) for thing in (worker.link, worker.process.sentinel)]
    wait(listened, timeout=max(until - time.monotonic(), 0.0))


def _news(worker: _Worker, timeout_s: float) -> tuple[str, Any] | None:
    """What a process has to say: "ready", "result", "error", or "gone" with the reason; None if it is at it still."""
    try:
        if worker.link.poll():
            return worker.link.recv()
    except (EOFError, OSError):
        worker.process.join(_END_S)
        return "gone", _death(worker.process)
    if not worker.process.is_alive():
        return "gone", _death(worker.process)
    if (worker.index is not None or not worker.is_ready) and time.monotonic() >= worker.deadline_s:
        limit_s = timeout_s if worker.index is not None else _START_S
        return "gone", f"its process did not answer within {limit_s:g} s and was ended"
    return None


def _death(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        return f"its process was killed by signal {-code}"
    return f"its process ended with exit code {code}" if code is not None else "its process closed its link"


def _end(worker: _Worker) -> None:
    worker.link.close()
    if worker.is_ready and worker.index is None:
        worker.process.join(_END_S)
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(_END_S)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started in here compute on one thread each: as many of them run as there are cores."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(work: str, link: Connection) -> None:
    """The life of a process: takes specs until the link closes."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    module, _, name = work.partition(":")
    function = getattr(importlib.import_module(module), name)
    link.send(("ready", None))
    while True:
        try:
            spec = link.recv()
        except EOFError:
            return
        try:
            said = ("result", function(spec))
        except Exception as error:  # the border of this process: told whole to the one that asked
            said = ("error", f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
        try:
            link.send(said)
        except (BrokenPipeError, ConnectionResetError):
            return


def _end_with_parent() -> None:
    parent = mp.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
