"""Recording at the server: who may, into which files, and that it ends with its session and with the server."""

import asyncio
import sys
import time

import pytest

import bridge
from bridge.engine import Action, Velocity
from bridge.errors import (
    EngineCrashed,
    InvalidInput,
    NameTaken,
    NotAllowed,
    NotSupported,
    OverQuota,
    RecordingFailed,
    Refused,
    UnknownName,
)
from bridge.quotas import Quotas
from bridge.recording import Recording
from bridge.recording.again import run_again
from bridge.worker import WorkerEngine
from tests.bridge.episodes import FRONT
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import served, serving, wait
from tests.scenes import tiny_scene

FORWARD = {"courier-1": Action(Velocity(1.0))}


def eventually(holds, timeout_s: float = 20.0) -> None:
    """Waits until something holds."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_client_has_the_server_record_and_runs_it_again_at_home(tmp_path):
    with served(recordings=tmp_path) as afar:
        path = afar.start_recording("run-1", cameras=[FRONT], modalities=["rgb", "depth"])
        afar.reset(seed=9)
        for _ in range(10):
            afar.step(FORWARD)
        told, size, ticks = afar.stop_recording()
    assert (told, ticks) == (path, 10)
    assert path == str((tmp_path / "run-1.mcap").resolve())
    assert size == (tmp_path / "run-1.mcap").stat().st_size
    with Recording(path) as recording:
        assert recording.is_finished
        assert [episode.seed for episode in recording.episodes()] == [0, 9]
        assert recording.frame(5, FRONT, ["rgb", "depth"]).tick == 4
        assert run_again(recording, PointMass()).is_same


def test_the_asyncio_client_records_too(tmp_path):
    async def go(address):
        async with await bridge.connect_async(address) as afar:
            await afar.start_recording("a")
            await afar.step(FORWARD)
            return await afar.stop_recording()

    with serving(recordings=tmp_path) as server:
        assert wait(go(server.address))[2] == 1


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\\b", "C:a", ".hidden", "a\0b", "港", "x" * 101]
)
def test_a_recording_has_a_file_name_and_no_path(tmp_path, name):
    with served(recordings=tmp_path) as afar, pytest.raises(NotAllowed, match="and no path"):
        afar.start_recording(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_not_written_through(tmp_path):
    (tmp_path / "outside").write_text("precious")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.mcap").symlink_to(tmp_path / "outside")
    with served(recordings=tmp_path / "root") as afar, pytest.raises(NameTaken, match=r"named 'a\.?"):
        afar.start_recording("a")
    assert (tmp_path / "outside").read_text() == "precious"


def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(tmp_path):
    with served(recordings=tmp_path, quotas=Quotas(pixels=24 * 32)) as afar:
        with pytest.raises(UnknownName, match="courier-1/front"):
            afar.start_recording("a", cameras=["courier-1/frnt"])
        with pytest.raises(InvalidInput, match="one is empty"):
            afar.start_recording("a", cameras=[FRONT], modalities=[])
        with pytest.raises(OverQuota, match="pixels"):
            afar.start_recording("a", cameras=[FRONT], modalities=["rgb", "depth"])
        with pytest.raises(Refused, match="Nothing is being recorded"):
            afar.stop_recording()
    with served() as afar, pytest.raises(NotSupported, match="--recordings DIR"):
        afar.start_recording("a")
    with (
        serving(recordings=tmp_path) as server,
        bridge.connect(server.address, role="observer") as afar,
        pytest.raises(NotAllowed, match="may not record"),
    ):
        afar.start_recording("a")
    assert list(tmp_path.iterdir()) == []


def test_one_records_at_a_time_and_only_who_began_may_stop(tmp_path):
    with serving(recordings=tmp_path) as server, bridge.connect(server.address, client_name="anna") as anna:
        with bridge.connect(server.address, client_name="ben") as ben:
            anna.start_recording("a")
            with pytest.raises(Refused, match="'anna', whose lease ends in"):
                ben.start_recording("b")
            with pytest.raises(Refused, match=r"'anna'.*Only that session may stop it"):
                ben.stop_recording()
            anna.stop_recording()
            with pytest.raises(NameTaken, match="Choose another name"):
                ben.start_recording("a")
            ben.start_recording("b")
        eventually(lambda: server.service._recording is None)
        anna.start_recording("c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mcap", "b.mcap", "c.mcap"]
    for path in tmp_path.iterdir():
        with Recording(path) as recording:
            assert recording.is_finished


def test_a_recording_survives_a_resumed_session_and_ends_with_the_server(tmp_path):
    with serving(recordings=tmp_path) as server:
        first = bridge.connect(server.address)
        first.start_recording("a")
        second = bridge.connect(server.address, resume_token=first.resume_token)
        second.step(FORWARD)
        wait(asyncio.sleep(1.5))
        assert server.service._recording is not None
        first.close()
    second.close()
    with Recording(tmp_path / "a.mcap") as recording:
        assert (recording.is_finished, recording.event_count) == (True, 2)


def test_a_recording_that_failed_is_told_at_its_stop_and_the_engine_goes_on(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    with served(recordings=folder) as afar:
        afar.start_recording("a")
        (folder / "a.mcap").unlink()
        afar.step(FORWARD)
        time.sleep(1.2)
        assert afar.step(FORWARD).tick == 2
        with pytest.raises(RecordingFailed, match="moved or deleted"):
            afar.stop_recording()
        assert afar.step(FORWARD).tick == 3
        afar.start_recording("b")


def test_a_scene_loaded_while_recording_begins_another_chapter(tmp_path):
    with served(recordings=tmp_path, scene=False) as afar:
        afar.start_recording("a")
        for seed in (1, 2):
            afar.load(tiny_scene())
            afar.reset(seed=seed)
            afar.step(FORWARD)
        afar.stop_recording()
    with Recording(tmp_path / "a.mcap") as recording:
        assert len(recording.settings()) == 2
        assert [episode.seed for episode in recording.episodes()] == [1, 2]
        assert run_again(recording, PointMass()).is_same


def test_a_crash_of_the_engine_leaves_the_recording_whole(tmp_path):
    def make():
        return WorkerEngine("tests.bridge.point_mass", {"agents": 2})

    with served(make, recordings=tmp_path) as afar:
        afar.start_recording("a", cameras=[FRONT])
        afar.step(FORWARD)
        with pytest.raises(EngineCrashed):
            afar.step({"courier-1": Action(say="kill")})
        eventually(lambda: reset_again(afar))
        afar.step(FORWARD, ticks=3)
        assert afar.stop_recording()[2] == 4
    with Recording(tmp_path / "a.mcap") as recording:
        assert [(episode.seed, episode.ticks) for episode in recording.episodes()] == [(0, 1), (4, 3)]
        assert run_again(recording, PointMass()).is_same


def reset_again(afar) -> bool:
    """Whether the engine is up again and could be reset."""
    try:
        return afar.reset(seed=4).tick == 0
    except (EngineCrashed, Refused):
        return False
