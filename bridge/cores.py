"""Waiting awake: on a core that nobody else wants, what will be here at once is looked out for without going to sleep.

A core that waits for work takes some 0.05 ms to wake, as long as a step takes. Only Linux says what runs (in the fourth
word of its load); elsewhere cores are taken to be idle.
"""

import os
from collections.abc import Callable
from functools import cache, lru_cache
from time import perf_counter
from typing import TypeVar

LINGERS_S = 1e-3
"""What was here this quickly the last time is looked out for as long as this the next time. The first stripe of a picture
takes 0.4 ms, and as long passes from the last one to the next request: a slow machine needs room beyond that."""
MOMENT_S = 2e-3
T = TypeVar("T")


def looked_out(ask: Callable[[], T], seconds: float = LINGERS_S) -> T:
    """What `ask` gives as soon as that is something, or after so many seconds."""
    end = perf_counter() + seconds
    while not (found := ask()) and perf_counter() < end:
        pass
    return found


def idle_cores() -> int:
    """How many cores have nothing to do; 0 when each has its thread, negative when threads wait for one.

    To ask the kernel takes a tenth of the time of a step: what it said is taken to be true for `MOMENT_S`. It also counts
    who is at work for an instant only. Who computes for long is there in the moment before, too: the better one counts.
    """
    moment = int(perf_counter() / MOMENT_S)
    return max(_idle_in(moment - 1), _idle_in(moment))


@lru_cache(maxsize=2)
def _idle_in(moment: int) -> int:
    load = _load()
    running = 1 if load is None else int(os.pread(load, 100, 0).split()[3].partition(b"/")[0])
    return min(_cores() - running, _usable() - 1)


@cache
def _usable() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _cores()


@cache
def _cores() -> int:
    """How many cores there are, whoever may use them."""
    return os.cpu_count() or 1


@cache
def _load() -> int | None:
    """The kernel's account of its load, open for reading; None where there is none."""
    try:
        return os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None
