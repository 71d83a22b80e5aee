"""Waiting awake: for what is there at once, on cores that nobody else wants."""

import os

import pytest

from bridge import cores


def test_what_is_there_is_had_at_once_and_what_is_not_is_given_up():
    asked = []
    assert cores.looked_out(lambda: asked.append(1) or (len(asked) == 3 and "here"), 60.0) == "here"
    assert len(asked) == 3
    assert cores.looked_out(list, 0.001) == []


@pytest.mark.parametrize(("running", "idle"), [(1, 3), (4, 0), (9, -5)])
def test_cores_are_idle_on_which_no_thread_runs_or_waits(monkeypatch, tmp_path, running, idle):
    load = tmp_path / "loadavg"
    load.write_text(f"0.50 0.40 0.30 {running}/120 4711\n")
    file = os.open(load, os.O_RDONLY)
    monkeypatch.setattr(cores, "_load", lambda: file)
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    monkeypatch.setattr(cores, "_usable", lambda: 4)
    cores._idle_in.cache_clear()
    assert cores.idle_cores() == idle
    os.close(file)
    cores._idle_in.cache_clear()


@pytest.fixture
def clock(monkeypatch):
    """A clock of moments, and how many threads the kernel of four cores says to be at work in each; and who asked it."""
    at, running, asked = [7], {}, []

    def read(*_):
        asked.append(at[0])
        return f"0.50 0.40 0.30 {running.get(at[0], 1)}/120 4711\n".encode()

    monkeypatch.setattr(cores, "perf_counter", lambda: cores.MOMENT_S * (at[0] + 0.5))
    monkeypatch.setattr(cores, "_load", lambda: 0)
    monkeypatch.setattr(cores.os, "pread", read, raising=False)
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    monkeypatch.setattr(cores, "_usable", lambda: 4)
    cores._idle_in.cache_clear()
    yield at, running, asked
    cores._idle_in.cache_clear()


def test_the_kernel_is_asked_once_a_moment(clock):
    at, _, asked = clock
    for at[0] in range(7, 12):
        for _ in range(5):
            cores.idle_cores()
    assert asked == [7, 7, 8, 9, 10, 11]  # at first nothing is known of the moment before


def test_who_is_at_work_for_one_moment_alone_takes_no_core(clock):
    at, running, _ = clock
    running |= {9: 6, 12: 6, 13: 6, 14: 6}
    found = {}
    for at[0] in range(7, 17):
        found[at[0]] = cores.idle_cores()
    assert found == {moment: -2 if moment in (13, 14) else 3 for moment in found}


def test_of_the_idle_cores_only_those_that_may_be_used_count(monkeypatch):
    monkeypatch.setattr(cores, "_load", lambda: None)
    monkeypatch.setattr(cores, "_cores", lambda: 16)
    monkeypatch.setattr(cores, "_usable", lambda: 1)
    cores._idle_in.cache_clear()
    assert cores.idle_cores() == 0
    cores._idle_in.cache_clear()
