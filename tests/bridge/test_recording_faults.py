"""Recordings that go wrong: killed processes, full disks, vanished folders, damaged bytes; what is kept, and what is said."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.cli import main
from bridge.engine import Action, Velocity
from bridge.errors import DamagedData, InvalidInput, NotRecorded, RecordingFailed, SimbridgeError
from bridge.recording import Habits, Recorder, Recording
from bridge.recording.again import run_again
from bridge.recording.recovery import recover
from tests.bridge.episodes import FRONT, walk
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import ROOT
from tests.scenes import tiny_scene

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
OFTEN = Habits(flush_bytes=4000, flush_s=0.05)

KILLED = """
import sys, time
from bridge.engine import Action, Velocity
from bridge.recording import Habits, record
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene
engine = record(PointMass(), sys.argv[1], cameras=["courier-1/front"], habits=Habits(flush_s=0.1))
engine.load(tiny_scene())
engine.reset(seed=3)
for tick in range(1, 100000):
    engine.step({"courier-1": Action(Velocity(1.0))})
    print(engine._take.tape.safe_bytes, flush=True)
    time.sleep(0.001)
"""


@posix
def test_a_killed_process_loses_no_more_than_the_last_chunk(tmp_path):
    path = tmp_path / "a.mcap"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        safe: set[int] = set()
        while len(safe) < 6:
            safe.add(int(run.stdout.readline()))
        run.send_signal(signal.SIGKILL)
        run.stdout.close()
    with Recording(path) as recording:
        (episode,) = recording.episodes()
        assert (recording.is_finished, recording.damage, recording.lost) == (False, (), 0)
        assert episode.ticks > 0
        assert path.stat().st_size - recording.cut_bytes >= max(safe)
        assert run_again(recording, PointMass()).is_same
    found = recover(path)
    assert found.path == tmp_path / "a.recovered.mcap"
    with Recording(found.path) as whole:
        assert whole.is_finished
        assert whole.episodes()[0].ticks == episode.ticks == found.ticks
        assert whole.scene().digest() == tiny_scene().digest()
        assert whole.frame(3, FRONT, ["rgb"]).rgb.max() == 3
    assert recover(found.path).path is None


class Filling:
    """A disk with room for so many bytes, which fails like a full one."""

    def __init__(self, path: Path, *, room: int, number: int = errno.ENOSPC):
        self.file, self.room, self.number = path.open("xb", buffering=0), room, number

    def write(self, data):
        fits = bytes(data[: self.room])
        if not fits and len(data):
            raise OSError(self.number, os.strerror(self.number))
        self.room -= len(fits)
        return self.file.write(fits)

    def __getattr__(self, name):
        return getattr(self.file, name)


def walked(engine, steps: int = 200):
    """A walk that waits now and then for what was written."""
    engine.reset(seed=3)
    for _ in range(steps):
        state = engine.step({"courier-1": Action(Velocity(1.0))})
    return state


@pytest.mark.parametrize("room", [20_000, 30_001, 33_333])
def test_a_full_disk_ends_the_recording_and_not_the_engine(tmp_path, room, caplog):
    inner = PointMass()
    engine = Recorder(inner)
    engine.load(tiny_scene())
    path = tmp_path / "a.mcap"
    engine.start(path, has_scene=False, habits=OFTEN, open_file=lambda p: Filling(p, room=room))
    assert walked(engine, 2000).tick == 2000
    with pytest.raises(RecordingFailed, match="No space left on device") as failed:
        engine.stop()
    assert f"{path.stat().st_size:,} bytes" in str(failed.value)
    assert "ended early" in caplog.text
    assert engine.step({}).tick == 2001
    engine.start(tmp_path / "b.mcap")
    engine.close()
    assert inner.is_closed
    with Recording(path) as recording:
        assert (recording.damage, recording.lost, recording.cut_bytes) == ((), 0, 0)
        assert recording.episodes()[0].ticks > 5


def test_a_disk_that_is_full_from_the_start_refuses_the_recording_and_not_the_engine(tmp_path):
    engine = Recorder(PointMass())
    engine.load(tiny_scene())
    with pytest.raises(RecordingFailed, match="No space left on device"):
        engine.start(tmp_path / "a.mcap", open_file=lambda p: Filling(p, room=10))
    assert walked(engine).tick == 200


def test_an_engine_is_closed_even_if_its_recording_failed(tmp_path):
    inner = PointMass()
    engine = Recorder(inner)
    engine.load(tiny_scene())
    engine.start(tmp_path / "a.mcap", habits=OFTEN, open_file=lambda p: Filling(p, room=3000, number=errno.EROFS))
    walked(engine)
    with pytest.raises(RecordingFailed, match="Read-only file system"):
        engine.close()
    assert inner.is_closed


def may_mount() -> bool:
    """Whether this process may mount a disk of its own: root on Linux, outside most containers."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as disk:
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True).returncode:
            return False
        return not subprocess.run(["umount", disk], capture_output=True).returncode


if may_mount():  # elsewhere the disk that only behaves like a full one has to do

    def test_a_disk_that_is_really_full(tmp_path):
        disk = tmp_path / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=True)
        try:
            engine = Recorder(PointMass())
            engine.load(tiny_scene())
            engine.start(disk / "a.mcap", has_scene=False, habits=OFTEN)
            walked(engine, 3000)
            with pytest.raises(RecordingFailed, match="No space left"):
                engine.stop()
            with Recording(disk / "a.mcap") as recording:
                assert recording.episodes()[0].ticks > 50
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            with pytest.raises(InvalidInput, match="Read-only file system"):
                engine.start(disk / "b.mcap")
            engine.close()
        finally:
            subprocess.run(["umount", disk], check=True)


LIMITED = """
import resource, sys
from bridge.recording import Habits, Recorder
from tests.bridge.test_recording_faults import walked
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene
resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))
engine = Recorder(PointMass())
engine.load(tiny_scene())
engine.start(sys.argv[1], has_scene=False, habits=Habits(flush_bytes=4000))
walked(engine, 2000)
try:
    engine.stop()
except Exception as error:
    print(type(error).__name__, error)
"""


@posix
def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "a.mcap")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("RecordingFailed")
    assert "File too large" in done.stdout
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.episodes()[0].ticks > 20


@posix
def test_a_folder_that_vanishes_is_noticed(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    engine = Recorder(PointMass())
    engine.load(tiny_scene())
    engine.start(folder / "a.mcap", habits=OFTEN)
    walked(engine)
    shutil.rmtree(folder)
    assert walked(engine).tick == 200
    while engine.failure is None:
        engine.step({})
    with pytest.raises(RecordingFailed, match="moved or deleted"):
        engine.stop()
    engine.close()


def test_what_cannot_be_written_down_ends_the_recording_and_says_why(tmp_path):
    class Odd:
        pass

    engine = Recorder(PointMass())
    engine.load(tiny_scene())
    engine.start(tmp_path / "a.mcap")
    engine.reset(seed=0)
    assert engine.step({"courier-1": Action(Odd())}).tick == 1
    with pytest.raises(RecordingFailed, match="tick 1 cannot be recorded: A motion cannot be a Odd"):
        engine.stop()


# ---- reading what is not whole


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    """A recording of several chunks."""
    path = tmp_path_factory.mktemp("good") / "a.mcap"
    walk(path, steps=120, seeds=(1, 2), cameras=[FRONT], has_scene=False, habits=Habits(flush_bytes=8000, flush_s=60))
    return path.read_bytes()


def read_through(path: Path) -> int:
    """Reads all there is; how many events."""
    with Recording(path) as recording:
        count = sum(len(list(episode)) for episode in recording.episodes())
        for number in range(recording.event_count):
            for camera, kinds in recording.frame_kinds(number).items():
                recording.frame(number, camera, kinds)
        assert count == recording.event_count
        return count


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_bytes_are_read_around_or_refused_and_never_anything_else(good, data):
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "drop", "insert", "zeros"])):
            case "flip":
                damaged[at] ^= data.draw(st.integers(1, 255))
            case "cut":
                del damaged[max(at, 1) :]
            case "drop":
                del damaged[max(at, 1) : at + data.draw(st.integers(1, 5000))]
            case "insert":
                damaged[at:at] = data.draw(st.binary(min_size=1, max_size=60))
            case "zeros":
                damaged[at : at + 100] = bytes(len(damaged[at : at + 100]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mcap"
        path.write_bytes(damaged)
        try:
            read_through(path)
            found = recover(path)
        except SimbridgeError:
            return
        if found.path is not None:
            with Recording(found.path) as whole:
                assert (whole.is_finished, whole.damage, whole.lost) == (True, (), found.lost)
                assert sum(episode.ticks for episode in whole.episodes()) == found.ticks


@given(content=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_bytes_of_no_recording_are_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mcap"
        for start in (b"", b"\x89MCAP0\r\n"):
            path.write_bytes(start + content)
            with contextlib.suppress(SimbridgeError):
                assert read_through(path) == 0


def chunks(content: bytes) -> list[tuple[int, int]]:
    """Where chunks begin and end."""
    found, offset = [], 8
    while content[offset] != 2:
        size = int.from_bytes(content[offset + 1 : offset + 9], "little")
        if content[offset] == 6:
            found.append((offset, offset + 9 + size))
        offset += 9 + size
    return found


@pytest.mark.parametrize("where", ["content", "length"])
def test_damage_in_the_middle_costs_its_chunk_and_is_told(tmp_path, good, where, capsys):
    places = chunks(good)
    start, end = places[len(places) // 4]
    damaged = bytearray(good)
    damaged[start + (4 if where == "length" else 200)] ^= 0xFF
    path = tmp_path / "a.mcap"
    path.write_bytes(damaged)
    with Recording(path) as recording:
        assert [(row.offset, row.size) for row in recording.damage] == [(start, end - start)] or where == "length"
        assert recording.damage
        assert 5 < recording.lost < 100
        episodes = recording.episodes()
        assert [episode.seed for episode in episodes] == [1, None, 2]
        assert not all(episode.is_whole for episode in episodes)
        verdict = run_again(recording, PointMass(), scene=tiny_scene())
        assert verdict.divergence is None
        assert not verdict.is_same
        assert len(verdict.skipped) == 2
    with pytest.raises(SystemExit) as ended:
        main(["recover", str(path), "--json"])
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert ended.value.code == 1
    assert (found["lost"], found["events"]) == (recording.lost, recording.event_count)
    assert "Damaged: " in said.err
    assert f"{found['lost']} messages between those that are kept are lost." in said.err
    with Recording(found["path"]) as whole:
        assert (whole.is_finished, whole.lost) == (True, found["lost"])


def test_a_damaged_first_chunk_does_not_take_the_schemas_along(tmp_path, good):
    start, _ = chunks(good)[0]
    damaged = bytearray(good)
    damaged[start + 100] ^= 0xFF
    (tmp_path / "a.mcap").write_bytes(damaged)
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.event_count > 100
        with pytest.raises(DamagedData, match="what is said of its world is lost"):
            recording.episodes()


def test_every_flipped_byte_is_told_somewhere(tmp_path, good):
    path = tmp_path / "a.mcap"
    for at in (*range(8, len(good), len(good) // 100), *range(len(good) - 60, len(good))):
        damaged = bytearray(good)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        try:
            with Recording(path) as recording:
                is_told = bool(recording.damage) or not recording.is_finished
        except SimbridgeError:
            is_told = True
        assert is_told, at


def test_what_has_no_event_cannot_be_recovered(tmp_path, good):
    (tmp_path / "a.mcap").write_bytes(good[:200])
    with pytest.raises(NotRecorded, match="nothing to recover"):
        recover(tmp_path / "a.mcap")
    with pytest.raises(InvalidInput, match=r"b\.mcap cannot be read"):
        recover(tmp_path / "b.mcap")


def test_a_recording_of_another_time_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("bridge.codec.recorded.FORMAT", 2)
    walk(tmp_path / "a.mcap")
    monkeypatch.undo()
    with (
        Recording(tmp_path / "a.mcap") as recording,
        pytest.raises(InvalidInput, match="format is 2; this simbridge reads 1"),
    ):
        recording.episodes()
