"""An engine in a process of its own: the same answers, its death told whole, another brought up in its place."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.crashes import write_crash_log
from bridge.engine import Action, Move, Skill, Spawn, Velocity
from bridge.errors import DamagedFile, EngineCrashed, EngineFailed, InvalidInput, TooLate, UnknownName
from bridge.formats.scene_folder import write_scene
from bridge.link import error_of_payload
from bridge.types import Pose
from bridge.v1 import link_pb2 as pb
from bridge.worker import Supervision, WorkerEngine
from bridge.worker.answering import Answering
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.serving import ROOT
from tests.scenes import tiny_scene

POINTS = "tests.bridge.point_mass"
FORWARD = {"courier-1": Action(Velocity(1.0))}
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def refused(*_: object, **__: object) -> None:
    raise AssertionError("this is not to be called")


def says(word: str) -> dict[str, Action]:
    return {"courier-1": Action(say=word)}


@pytest.fixture(scope="module")
def far():
    with WorkerEngine(POINTS) as engine:
        engine.load(tiny_scene())
        yield engine


@pytest.fixture
def mortal(tmp_path):
    """An engine that may be killed."""
    with WorkerEngine(POINTS, {}, Supervision(watchdog_s=20, crash_folder=tmp_path / "crashes")) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        yield engine


def test_it_says_what_the_same_engine_says_here(far):
    here = PointMass()
    assert far.info == here.info
    assert far.load(tiny_scene()).agents == here.load(tiny_scene()).agents
    spot = Pose(np.array([5.0, 0.0, 0.0]))
    for ask in (
        lambda engine: engine.reset(seed=7),
        lambda engine: engine.step(FORWARD, 3),
        lambda engine: engine.edit([Spawn("dog-1", "dog", spot, is_agent=True), Move("courier-2", spot)]),
        lambda engine: engine.step({}, 2),
    ):
        there, wanted = ask(far), ask(here)
        assert (there.tick, there.time_s, there.names) == (wanted.tick, wanted.time_s, wanted.names)
        np.testing.assert_array_equal(there.poses, wanted.poses)
        assert far.state_hash() == here.state_hash()


def test_frames_come_in_the_order_asked_for_and_of_the_present_tick(far):
    far.reset(seed=0)
    tick = far.step({}, 5).tick
    cameras = ["courier-2/front", eye("wide", width=64), "courier-1/front", "courier-2/front"]
    seen = far.observe(cameras, ["rgb", "depth"])
    assert [frame.camera for frame in seen] == ["courier-2/front", "wide", "courier-1/front", "courier-2/front"]
    assert [frame.rgb.max() for frame in seen] == [tick] * 4
    assert seen[1].depth.shape == (24, 64)
    assert seen[1].normals is None


def test_frames_that_are_kept_stay_what_they_were(far):
    far.reset(seed=0)
    kept = []
    for _ in range(40):
        far.step({})
        kept += far.observe(["courier-1/front"], ["rgb", "segmentation"])
    for tick, frame in enumerate(kept, 1):
        assert (frame.rgb == tick).all()
        assert (frame.segmentation == tick).all()


def test_without_room_in_shared_memory_frames_travel(tmp_path):
    with WorkerEngine(POINTS, shared_memory=tmp_path / "missing") as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.step({}, 3)
        assert engine.observe(["courier-1/front"])[0].rgb.max() == 3


def test_errors_keep_class_and_message_and_leave_the_engine_well(far):
    far.reset(seed=0)
    with pytest.raises(UnknownName, match="nothing is called 'sofa'") as caught:
        far.step({"courier-1": Action(Skill("sit", "sofa"))})
    assert caught.value.hop == "engine"
    with pytest.raises(EngineFailed, match=r"\(ValueError\)\. The server's log has it as crash") as caught:
        far.step(says("crash"))
    assert "secret" not in str(caught.value)
    assert far.step({}).tick == 1


def test_what_the_engine_prints_goes_to_the_log(far, caplog):
    far.reset(seed=0)
    with pytest.raises(EngineFailed):
        far.step(says("crash"))
    end = time.monotonic() + 10
    while "a secret of /root/engine.py" not in caplog.text and time.monotonic() < end:
        time.sleep(0.01)
    assert "a secret of /root/engine.py" in caplog.text


def test_an_engine_that_cannot_be_made_says_why():
    with pytest.raises(UnknownName, match=r"No engine named 'embeded'. Did you mean 'embedded'"):
        WorkerEngine("embeded")
    with pytest.raises(InvalidInput, match="plain values"):
        WorkerEngine(POINTS, {"size": object()})


@posix
@pytest.mark.parametrize(
    ("word", "how", "last"),
    [
        ("kill", "signal 9, SIGKILL", ""),
        ("segfault", "signal 11, SIGSEGV", "Fatal Python error: Segmentation fault"),
        ("exit", "exit status 7", ""),
    ],
)
def test_its_death_is_told_with_a_crash_id_and_a_log(mortal, tmp_path, word, how, last):
    mortal.step({}, 41)
    with pytest.raises(
        EngineCrashed, match=rf"died in step: {how}\. Crash {{}}.*reset the world".format("[0-9a-f]{8}")
    ) as caught:
        mortal.step(says(word))
    assert mortal.crash in str(caught.value)
    (log,) = (tmp_path / "crashes").iterdir()
    assert str(log) in str(caught.value)
    text = log.read_text("utf-8")
    for line in (mortal.crash, how, "last tick: 41", f'say: "{word}"', last):
        assert line in text
    if sys.platform != "win32":
        assert log.stat().st_mode & 0o777 == 0o600
    with pytest.raises(EngineCrashed, match="is down since crash"):
        mortal.step({})


def test_of_the_crash_logs_among_temporary_files_the_last_twenty_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "another.log").touch()
    for number in range(30):
        path = write_crash_log(None, f"{number:08x}", ["once"])
        assert path is not None
        os.utime(path, (number, number))
    last = write_crash_log(None, "ffffffff", ["the last"])
    assert last is not None
    found = sorted(path.name.split("-")[2] for path in tmp_path.glob("simbridge-crash-*"))
    assert found == [*(f"{number:08x}" for number in range(11, 30)), "ffffffff"]
    assert (tmp_path / "another.log").exists()
    for number in range(30):
        write_crash_log(tmp_path / "own", f"{number:08x}", ["once"])
    assert len(list((tmp_path / "own").iterdir())) == 30


@posix
@pytest.mark.parametrize("word", ["hang", "hang in a library"])
def test_one_that_hangs_is_ended_by_the_watchdog_and_its_log_says_where(tmp_path, word):
    with WorkerEngine(POINTS, {}, Supervision(watchdog_s=0.5, crash_folder=tmp_path)) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        start = time.monotonic()
        with pytest.raises(
            TooLate, match=r"died in step: it did not come to an end within 0\.7 s and was ended\. Crash"
        ):
            engine.step(says(word))
        assert time.monotonic() - start < 10
        (log,) = tmp_path.iterdir()
        assert "point_mass.py" in log.read_text("utf-8")
        engine.restart()
        assert engine.reset(seed=0).tick == 0


@posix
def test_another_is_brought_up_with_the_scene_and_frames_go_on(mortal):
    before = mortal.reset(seed=3)
    kept = mortal.observe(["courier-1/front"], ["rgb"])[0].rgb
    with pytest.raises(EngineCrashed):
        mortal.step(says("kill"))
    assert not mortal.is_up
    mortal.restart()
    assert mortal.is_up
    np.testing.assert_array_equal(mortal.reset(seed=3).poses, before.poses)
    mortal.step({}, 9)
    assert mortal.observe(["courier-1/front"], ["rgb"])[0].rgb.max() == 9
    assert kept.max() == 0


@posix
def test_a_scene_that_kills_the_engine_leaves_the_one_before(mortal):
    with pytest.raises(EngineCrashed, match="died in load"):
        mortal.load(replace(tiny_scene(), name="deadly"))
    mortal.restart()
    assert mortal.reset(seed=0).names == ("courier-1", "courier-2")


def test_a_scene_read_ahead_is_loaded_without_being_written_or_read_again(far, tmp_path, monkeypatch):
    here, town = PointMass(), replace(tiny_scene(), name="elsewhere")
    write_scene(town, tmp_path / "town")
    far.read_ahead(tmp_path / "town")
    shutil.rmtree(tmp_path / "town")
    monkeypatch.setattr("bridge.worker.engine.write_scene", refused)
    for scene in Path(far._folder.path).glob("scene-*/scene.json"):
        scene.write_text("no longer what was read", "utf-8")
    assert far.load(town).agents == here.load(town).agents
    far.reset(seed=5), here.reset(seed=5)
    assert far.state_hash() == here.state_hash()


def test_reading_ahead_leaves_the_world_and_another_scene_is_loaded_as_ever(far, tmp_path):
    far.load(tiny_scene())
    far.reset(seed=0)
    write_scene(replace(tiny_scene(), agents=()), tmp_path)
    far.read_ahead(tmp_path)
    assert far.step({}, 2).tick == 2
    assert far.load(tiny_scene()).agents == ("courier-1", "courier-2")


def test_what_cannot_be_read_ahead_is_told_and_leaves_the_world_and_no_file(far, tmp_path):
    far.load(tiny_scene())
    far.reset(seed=0)
    before = sorted(Path(far._folder.path).rglob("*"))
    write_scene(tiny_scene(), tmp_path)
    (tmp_path / "geometry.npz").write_bytes(b"cut short")
    with pytest.raises(DamagedFile, match=r"not the file that scene[.]json was written with"):
        far.read_ahead(tmp_path)
    assert far.step({}).tick == 1
    assert sorted(Path(far._folder.path).rglob("*")) == before


@posix
def test_a_scene_read_ahead_by_one_that_died_is_loaded_by_the_next(mortal, tmp_path):
    write_scene(replace(tiny_scene(), name="elsewhere"), tmp_path / "town")
    mortal.read_ahead(tmp_path / "town")
    with pytest.raises(EngineCrashed):
        mortal.step(says("kill"))
    mortal.restart()
    assert mortal.load(replace(tiny_scene(), name="elsewhere")).agents == ("courier-1", "courier-2")
    assert mortal.reset(seed=0).tick == 0


@posix
def test_too_many_crashes_in_a_row_are_not_made_good(tmp_path):
    with WorkerEngine(POINTS, {}, Supervision(restarts=1, crash_folder=tmp_path)) as engine:
        engine.load(tiny_scene())
        for _ in range(2):
            engine.reset(seed=0)
            with pytest.raises(EngineCrashed):
                engine.step(says("kill"))
            if engine.needs_restart and engine._keeper.crashes == 1:
                engine.restart()
        with pytest.raises(EngineFailed, match="crashed 2 times in a row and is not started again"):
            engine.restart()
        assert not engine.is_up
        with pytest.raises(EngineFailed, match="crashed 2 times in a row"):
            engine.step({})


def test_a_closed_engine_leaves_no_process_and_no_file_behind(tmp_path):
    engine = WorkerEngine(POINTS, shared_memory=tmp_path)
    engine.load(tiny_scene())
    engine.reset(seed=0)
    engine.observe(["courier-1/front"])
    process, folder = engine._keeper.process, engine._folder.path
    engine.close()
    assert process.ending() == "exit status 0"
    assert not folder.exists()
    assert not list(tmp_path.iterdir())
    with pytest.raises(EngineFailed, match="was closed"):
        engine.step({})


FRONT = """
import sys, time
from bridge.worker import WorkerEngine
from bridge.engine import Action
from tests.scenes import tiny_scene
if __name__ == "__main__":
    engine = WorkerEngine("tests.bridge.point_mass")
    engine.load(tiny_scene()); engine.reset(seed=0)
    print(engine.pid, flush=True)
    engine.step({"courier-1": Action(say=sys.argv[1])} if sys.argv[1] else {})
    time.sleep(600)
"""


@posix
@pytest.mark.parametrize("word", ["", "hang", "hang in a library"])
def test_it_dies_with_a_server_that_is_killed_whatever_it_does(word):
    if word == "hang in a library" and not sys.platform.startswith("linux"):
        pytest.skip("only Linux ends a process that runs no thread")
    front = subprocess.Popen(
        [sys.executable, "-c", FRONT, word], cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert front.stdout is not None
    child = int(front.stdout.readline())
    time.sleep(0.2 if word else 0.0)  # until it hangs; sooner is a test as well
    front.send_signal(signal.SIGKILL)
    front.communicate()
    end = time.monotonic() + 20
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        if not Path("/proc").is_dir():
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return False
            return True
        return False


def test_it_needs_numpy_and_protobuf_alone():
    script = (
        "import sys, importlib.abc\n"
        "class Wall(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name.split('.')[0] in {'grpc', 'simplejpeg', 'backports', 'scipy', 'shapely', 'mujoco', 'moderngl'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        "import bridge.worker.child\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize(
    ("order", "kind", "says"),
    [
        (b"\xff\xff\xff", "DamagedData", "3 bytes are no Order"),
        (pb.Order(number=1), "InvalidInput", "says nothing of what to do"),
        (pb.Order(number=1, advance=pb.Advance(ticks=1)), "EngineFailed", "No engine is open here"),
        (pb.Order(number=1, load=pb.LoadFolder(path="/nowhere")), "EngineFailed", "No engine is open here"),
        (pb.Order(number=1, read=pb.LoadFolder(path="/nowhere")), "EngineFailed", "No engine is open here"),
    ],
)
def test_the_far_end_answers_whatever_comes(order, kind, says):
    payload = order if isinstance(order, bytes) else order.SerializeToString()
    error = error_of_payload(Answering(lambda name, options: PointMass()).answer(payload)[5:])
    assert (type(error).__name__, says in str(error)) == (kind, True)
