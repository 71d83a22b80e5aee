"""A recording under way: a thread of its own packs and writes what comes through a bounded queue.

A chunk ends after `flush_bytes` or `flush_s`, whichever is first, and goes to the system then: a killed process loses no
more than the last chunk and what waited in the queue. The disk is waited for (fsync) every `sync_s` and at the end: a
power cut loses no more than that. When the queue is full the engine waits, so that nothing is lost; a disk that does not
take anything for `patience_s` ends the recording, not the engine.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bridge.errors import RecordingFailed, SimbridgeError
from bridge.recording.mcap_file import McapFile

Job = Callable[[McapFile], None]
_log = logging.getLogger("bridge.recording")


@dataclass(frozen=True)
class Habits:
    """When what is recorded is safe from what."""

    flush_bytes: int = 512 << 10
    flush_s: float = 0.5
    sync_s: float = 5.0
    queue_bytes: int = 64 << 20
    patience_s: float = 10.0


USUAL = Habits()


class Tape:
    """Takes jobs from one thread and carries them out on another. `failure` is why it ended by itself, if it did.

    Raises RecordingFailed where not even the beginning can be written.
    """

    def __init__(self, file: McapFile, library: str, habits: Habits = USUAL):
        self.failure: SimbridgeError | None = None
        self.waited_s = 0.0
        self._file, self._habits = file, habits
        self._jobs: deque[tuple[Job, int]] = deque()
        self._queued_bytes = 0
        self._is_ending = False
        self._changed = threading.Condition()
        self._write(lambda: file.start(library))
        if self.failure is not None:
            file.abandon()
            raise self.failure
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    @property
    def safe_bytes(self) -> int:
        """How much of the file a killed process would leave behind."""
        return self._file.safe_bytes

    def put(self, job: Job, size: int) -> None:
        """Queues a job that will write about `size` bytes; waits while the queue is full. Never raises."""
        with self._changed:
            if self._queued_bytes and self._queued_bytes + size > self._habits.queue_bytes:
                start = time.monotonic()
                is_room = self._changed.wait_for(
                    lambda: (
                        self.failure is not None
                        or not self._queued_bytes
                        or self._queued_bytes + size <= self._habits.queue_bytes
                    ),
                    self._habits.patience_s,
                )
                self.waited_s += time.monotonic() - start
                if not is_room:
                    self._fail(f"nothing could be written for {self._habits.patience_s:g} s")
            if self.failure is None and not self._is_ending:
                self._jobs.append((job, size))
                self._queued_bytes += size
                self._changed.notify_all()

    def fail(self, why: str) -> None:
        """Ends the recording for a reason found outside."""
        with self._changed:
            self._fail(why)

    def stop(self, timeout_s: float = 30.0) -> None:
        """Writes what waits and ends the file. Raises RecordingFailed when that cannot be, or could not before."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.fail(f"the file could not be ended within {timeout_s:g} s")
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        flushed = synced = time.monotonic()
        is_over = False
        while not is_over and self.failure is None:
            job, is_over = self._next(max(flushed + self._habits.flush_s - time.monotonic(), 0.01))
            if job is not None:
                self._write(lambda job=job: job(self._file))
            now = time.monotonic()
            if self._file.pending_bytes >= self._habits.flush_bytes or now - flushed >= self._habits.flush_s:
                self._write(self._flush)
                flushed = now
            if now - synced >= self._habits.sync_s:
                self._write(self._file.sync)
                synced = time.monotonic()
        if self.failure is None:
            self._write(self._file.finish)
        if self.failure is not None:
            self._file.abandon()

    def _next(self, patience_s: float) -> tuple[Job | None, bool]:
        """The next job, or None after a while; and whether there will be none any more."""
        with self._changed:
            if not self._jobs and not self._is_ending:
                self._changed.wait_for(
                    lambda: bool(self._jobs) or self._is_ending or self.failure is not None, patience_s
                )
            if not self._jobs:
                return None, self._is_ending
            job, size = self._jobs.popleft()
            self._queued_bytes -= size
            self._changed.notify_all()
            return job, False

    def _flush(self) -> None:
        if self._file.pending_bytes:
            self._file.flush()
        if not self._file.is_there():
            self.fail("the file was moved or deleted meanwhile, and what was in it went with it")

    def _write(self, deed: Callable[[], None]) -> None:
        if self.failure is not None:
            return
        try:
            deed()
        except OSError as error:
            self.fail(error.strerror or str(error))
        except SimbridgeError as error:
            self.fail(str(error))
        except Exception as error:  # the border of the thread: told at the stop, whole in the log
            _log.exception("The recording %s failed in a way nobody foresaw.", self._file.path)
            self.fail(f"{type(error).__name__} that nobody foresaw; see the log")

    def _fail(self, why: str) -> None:
        if self.failure is None:
            self.failure = RecordingFailed(
                f"The recording {self._file.path} ended early: {why.rstrip('.')}. What was written before, "
                f"{self._file.safe_bytes:,} bytes, can be read, and `simbridge recover` makes it whole. The engine went "
                "on. Free some room, or record elsewhere."
            )
            _log.error("%s", self.failure)
            self._jobs.clear()
            self._queued_bytes = 0
        self._changed.notify_all()
