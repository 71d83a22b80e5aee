"""Faults of a server's recordings, as its clients meet them: a full disk, a killed server, another engine."""

import contextlib
import functools
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import bridge
from bridge.engine import Action, Velocity
from bridge.errors import EngineUnavailable, NotRecorded, RecordingFailed, Refused
from bridge.recording import Habits, Recorder, Recording
from bridge.recording.again import run_again
from bridge.recording.recovery import recover
from bridge.scene import Scene
from bridge.status import status_of
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import ROOT, served
from tests.bridge.test_recording_faults import Filling
from tests.scenes import tiny_scene

FORWARD = {"courier-1": Action(Velocity(1.0))}
FRONT = "courier-1/front"


def test_a_disk_that_is_full_under_a_servers_recording_is_told_at_its_stop_with_the_bytes_that_are_kept(
    tmp_path, monkeypatch
):
    options = Recorder.start.__kwdefaults__
    monkeypatch.setitem(options, "open_file", functools.partial(Filling, room=200_000))
    monkeypatch.setitem(options, "has_scene", False)
    monkeypatch.setitem(options, "habits", Habits(flush_bytes=4000, flush_s=0.05))
    with served(recordings=tmp_path) as afar:
        path = afar.start_recording("a", [FRONT])
        for tick in range(1, 601):
            assert afar.step(FORWARD).tick == tick
        with pytest.raises(RecordingFailed, match="No space left on device") as failed:
            afar.stop_recording()
        assert status_of(failed.value).name == "RESOURCE_EXHAUSTED"
        (kept,) = re.findall(r"([\d,]+) bytes", str(failed.value))
        assert int(kept.replace(",", "")) == (tmp_path / "a.mcap").stat().st_size > 100_000
        assert afar.step(FORWARD).tick == 601
    with Recording(path) as recording:
        assert (recording.damage, recording.lost) == ((), 0)
        assert recording.episodes()[0].ticks > 10


SERVER = """
import functools, sys
from pathlib import Path
from bridge.recording import Habits, Recorder
from bridge.server import Config, serve
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene
Recorder.start.__kwdefaults__["habits"] = Habits(flush_bytes=4000, flush_s=0.05)
serve(PointMass, Config(address="localhost:0", recordings=Path(sys.argv[1])), scene=tiny_scene(),
      on_start=functools.partial(print, flush=True))
"""


def test_the_recording_of_a_server_that_is_killed_is_readable_to_the_last_chunk(tmp_path):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with contextlib.ExitStack() as stack:
        stack.callback(functools.partial(server.communicate, timeout=20))
        stack.callback(server.kill)
        assert server.stdout is not None
        afar = stack.enter_context(bridge.connect(server.stdout.readline().strip()))
        path = Path(afar.start_recording("a", [FRONT]))
        afar.reset(seed=3)
        tick = 0
        enough = path.stat().st_size + 100_000
        while path.stat().st_size < enough:
            tick = afar.step(FORWARD).tick
        server.kill()
        with pytest.raises(EngineUnavailable):
            afar.step(FORWARD)
    found = recover(path)
    assert found.path is not None
    with Recording(found.path) as recording:
        assert (recording.damage, recording.lost) == ((), 0)
        assert 10 < recording.episodes()[-1].ticks <= tick
        verdict = run_again(recording, PointMass())
        assert verdict.divergence is None
        assert verdict.ticks > 10


def made_in(scene: Scene, path):
    with contextlib.closing(Recorder(PointMass())) as engine:
        engine.load(scene)
        engine.start(path, has_scene=False)
        engine.reset(seed=0)
        engine.step(FORWARD)
        engine.stop()
    return path


def test_a_recording_is_not_run_again_in_another_town_or_on_another_engine_and_says_what_differs(tmp_path):
    path = made_in(tiny_scene(), tmp_path / "a.mcap")

    class Slower(PointMass):
        def __init__(self):
            super().__init__(tick_s=0.1)

    with Recording(path) as recording:
        with pytest.raises(Refused, match=r"The town given is [0-9a-f]{12}; [0-9a-f]{12} was recorded"):
            run_again(recording, PointMass(), scene=replace(tiny_scene(), name="elsewhere", parts=()))
        with pytest.raises(Refused, match=r"tick_s 0\.02 is 0\.1 here"):
            run_again(recording, Slower(), scene=tiny_scene())
        with pytest.raises(NotRecorded, match="does not hold the scene"):
            run_again(recording, PointMass())
        assert run_again(recording, PointMass(), scene=tiny_scene()).is_same
