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


def test_the_kernel_is_asked_anew_after_a_moment(monkeypatch):
    asked = []
    monkeypatch.setattr(cores, "_load", lambda: asked.append(1))
    monkeypatch.setattr(cores, "perf_counter", lambda: 7.0 + cores.MOMENT_S * (len(asked) // 2 + 0.5))
    cores._idle_in.cache_clear()
    for _ in range(5):
        cores.idle_cores()
    assert len(asked) == 1
    asked.append(1)
    cores.idle_cores()
    assert len(asked) == 3
    cores._idle_in.cache_clear()


def test_of_the_idle_cores_only_those_that_may_be_used_count(monkeypatch):
    monkeypatch.setattr(cores, "_load", lambda: None)
    monkeypatch.setattr(cores, "_cores", lambda: 16)
    monkeypatch.setattr(cores, "_usable", lambda: 1)
    cores._idle_in.cache_clear()
    assert cores.idle_cores() == 0
    cores._idle_in.cache_clear()
