"""Recordings as LeRobot datasets and Rerun files, read back as their readers read them."""

import json
import subprocess
import sys

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from bridge.cli import main
from bridge.engine import Action, Drive, Joints, Skill, Velocity
from bridge.errors import InvalidInput, NotRecorded, NotSupported, OutputExists, Unavailable
from bridge.recording import Recording, record
from bridge.recording.exporters import lerobot, rrd
from bridge.recording.rows import rows_of, shape_of, spacing
from tests.bridge.episodes import FRONT, walk
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene

KEY = "observation.images.courier-1.front"


class Turning(PointMass):
    """Its pictures brighten by 10 a tick, so that videos tell which tick they show."""

    def observe(self, cameras, modalities=("rgb",)):
        frames = super().observe(cameras, modalities)
        for frame in frames:
            if frame.rgb is not None:
                frame.rgb[:] = 10 * self.tick
        return frames


@pytest.fixture(scope="module")
def driven(tmp_path_factory):
    """Two episodes of 12 and 8 ticks, pictures every other tick, the first courier faster every other tick."""
    path = tmp_path_factory.mktemp("driven") / "a.mcap"
    with record(
        Turning(), path, cameras=[FRONT], modalities=["rgb", "depth"], every_ticks=2, task="go north"
    ) as engine:
        engine.load(tiny_scene())
        for seed, steps in ((1, 12), (2, 8)):
            engine.reset(seed=seed)
            for tick in range(steps):
                told = {"courier-1": Action(Velocity(float(tick), 0.5))} if tick % 2 == 0 else {}
                engine.step(told)
    return path


@pytest.fixture(scope="module")
def dataset(driven, tmp_path_factory):
    out = tmp_path_factory.mktemp("dataset") / "lerobot"
    with Recording(driven) as recording:
        lerobot.make(lerobot.Config(every_ticks=2)).export(recording, out)
    return out


def table(path):
    return pq.read_table(path).to_pydict()


def test_a_dataset_has_the_files_and_words_of_version_3(dataset):
    info = json.loads((dataset / "meta/info.json").read_text())
    assert {str(path.relative_to(dataset)) for path in dataset.rglob("*") if path.is_file()} == {
        "meta/info.json", "meta/stats.json", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet",
        "data/chunk-000/file-000.parquet", f"videos/{KEY}/chunk-000/file-000.mp4",
    }  # fmt: skip
    assert (info["codebase_version"], info["fps"], info["total_frames"], info["total_episodes"]) == ("v3.0", 25, 10, 2)
    assert info["features"]["action"]["names"] == ["forward_m_s", "left_m_s", "yaw_rate_rad_s"]
    assert info["features"][KEY]["shape"] == [24, 32, 3]
    assert info["splits"] == {"train": "0:2"}
    assert not any("/" in feature for feature in info["features"])
    columns = set(pq.read_schema(dataset / "data/chunk-000/file-000.parquet").names)
    assert columns | {KEY} == set(info["features"])


def test_rows_hold_the_state_before_and_the_action_in_force(dataset, driven):
    rows = table(dataset / "data/chunk-000/file-000.parquet")
    assert [action[0] for action in rows["action"]] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 0.0, 2.0, 4.0, 6.0]
    assert rows["index"] == list(range(10))
    assert rows["episode_index"] == [0] * 6 + [1] * 4
    assert rows["frame_index"] == [*range(6), *range(4)]
    np.testing.assert_allclose(rows["timestamp"], np.array([*range(6), *range(4)]) * 0.04, rtol=1e-6)
    with Recording(driven) as recording:
        states = recording.episodes()[1].states()
    expected = [state.poses[0] for state in states[:8:2]]
    np.testing.assert_allclose([row[:7] for row in rows["observation.state"][6:]], expected, rtol=1e-6)


def test_a_reader_finds_each_frame_by_its_episode_and_time(dataset):
    """As LeRobot looks frames up: the episode's file, from_timestamp + frame_index / fps."""
    info = json.loads((dataset / "meta/info.json").read_text())
    episodes = table(dataset / "meta/episodes/chunk-000/file-000.parquet")
    assert (episodes["dataset_from_index"], episodes["dataset_to_index"], episodes["length"]) == (
        [0, 6],
        [6, 10],
        [6, 4],
    )
    for episode, length in enumerate(episodes["length"]):
        place = {name: episodes[f"videos/{KEY}/{name}"][episode] for name in ("chunk_index", "file_index")}
        path = dataset / info["video_path"].format(video_key=KEY, **place)
        with av.open(str(path)) as file:
            frames = {round(float(frame.time), 4): frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)}
        start = episodes[f"videos/{KEY}/from_timestamp"][episode]
        for index in range(length):
            seen = frames[round(start + index / info["fps"], 4)]
            assert abs(seen.mean() - 10 * 2 * index) < 3  # tick 2 * index, brightened by 10 a tick


def test_tasks_are_the_index_of_a_pandas_table(dataset):
    schema = pq.read_schema(dataset / "meta/tasks.parquet")
    about = json.loads(schema.metadata[b"pandas"])
    assert about["index_columns"] == ["task"]
    assert table(dataset / "meta/tasks.parquet") == {"task_index": [0], "task": ["go north"]}
    assert table(dataset / "meta/episodes/chunk-000/file-000.parquet")["tasks"] == [["go north"], ["go north"]]


def test_statistics_are_those_of_the_rows(dataset):
    stats = json.loads((dataset / "meta/stats.json").read_text())
    actions = np.array(table(dataset / "data/chunk-000/file-000.parquet")["action"])
    for name, found in (("mean", actions.mean(0)), ("std", actions.std(0)), ("max", actions.max(0)), ("q50", np.median(actions, 0))):  # fmt: skip
        np.testing.assert_allclose(stats["action"][name], found, rtol=1e-6)
    assert stats["action"]["count"] == [10]
    assert np.shape(stats[KEY]["mean"]) == (3, 1, 1)
    assert abs(stats[KEY]["max"][0][0][0] - 100 / 255) < 0.01  # the last row of the longer episode shows tick 10
    first = table(dataset / "meta/episodes/chunk-000/file-000.parquet")["stats/action/mean"][0]
    np.testing.assert_allclose(first, actions[:6].mean(0), rtol=1e-6)


def test_a_long_dataset_goes_on_in_another_video(driven, tmp_path):
    with Recording(driven) as recording:
        lerobot.make(lerobot.Config(every_ticks=2, video_mb=0)).export(recording, tmp_path / "out")
    episodes = table(tmp_path / "out/meta/episodes/chunk-000/file-000.parquet")
    assert episodes[f"videos/{KEY}/file_index"] == [0, 1]
    assert episodes[f"videos/{KEY}/from_timestamp"] == [0.0, 0.0]
    assert (tmp_path / f"out/videos/{KEY}/chunk-000/file-001.mp4").stat().st_size > 0


def test_what_cannot_be_a_dataset_says_why_and_leaves_nothing(driven, tmp_path):
    def export(recording, **config):
        lerobot.make(lerobot.Config(**config)).export(recording, tmp_path / "out")

    with Recording(driven) as recording:
        with pytest.raises(NotRecorded, match=r"Tick 1: .*Choose --every-ticks"):
            export(recording, every_ticks=1)
        with pytest.raises(InvalidInput, match=r"no agent 'courier-9'.*courier-1, courier-2"):
            export(recording, agent="courier-9")
        (tmp_path / "there").mkdir()
        with pytest.raises(OutputExists):
            lerobot.make(lerobot.Config()).export(recording, tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_an_agent_that_was_told_skills_is_exported_by_what_it_did(tmp_path):
    with record(PointMass(), tmp_path / "a.mcap") as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.step({"courier-1": Action(Skill("wait", "courier-2")), "courier-2": Action(Velocity(2.0, -1.0))}, 5)
        for _ in range(3):
            engine.step({}, 5)
    with Recording(tmp_path / "a.mcap") as recording:
        (episode,) = recording.episodes()
        with pytest.raises(NotSupported, match="--actions done"):
            shape_of([episode], "courier-1", "told")
        shape = shape_of([episode], "courier-2", "done")
        rows = rows_of(episode, shape, spacing([episode], 0))
    assert rows.ticks.tolist() == [0, 5, 10, 15]
    np.testing.assert_allclose(rows.action, np.tile([2.0, -1.0, 0.0], (4, 1)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("motion", "names", "numbers"),
    [
        (Drive(0.5, -0.25, 0.1), ("throttle", "steer", "brake"), [0.5, -0.25, 0.1]),
        (Joints(np.array([1.0, 2.0])), ("target_0", "target_1"), [1.0, 2.0]),
    ],
)
def test_actions_are_numbers_with_names(tmp_path, motion, names, numbers):
    with record(PointMass(), tmp_path / "a.mcap") as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.step({"courier-1": Action(motion, gripper=0.75)})
        engine.step({})
    with Recording(tmp_path / "a.mcap") as recording:
        (episode,) = recording.episodes()
        shape = shape_of([episode], "", "told")
        rows = rows_of(episode, shape, 1)
    assert (shape.agent, shape.actions) == ("courier-1", (*names, "gripper"))
    np.testing.assert_allclose(rows.action, [[*numbers, 0.75]] * 2, rtol=1e-6)


def test_the_command_exports(driven, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", str(driven), "--to", "lerobot", "--out", str(tmp_path / "out"), "--every-ticks", "4"])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (0, f"{tmp_path / 'out'}\n")
    assert json.loads((tmp_path / "out/meta/info.json").read_text())["fps"] == 12.5
    with pytest.raises(SystemExit) as ended:
        main(["export", str(driven), "--to", "lerbot", "--out", str(tmp_path / "no")])
    assert ended.value.code == 2
    assert "Did you mean 'lerobot'?" in capsys.readouterr().err


def test_a_rerun_file_is_one(tmp_path):
    walk(tmp_path / "a.mcap", steps=6, seeds=(1, 2), cameras=[FRONT], modalities=["rgb", "depth", "segmentation"])
    with Recording(tmp_path / "a.mcap") as recording:
        (path,) = rrd.make(rrd.Config()).export(recording, tmp_path / "a.rrd")
        with pytest.raises(OutputExists):
            rrd.make(rrd.Config()).export(recording, path)
    done = subprocess.run(
        [sys.executable, "-m", "rerun", "rrd", "print", "-vv", str(path)], capture_output=True, text=True, check=True
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mcap", "a.rrd"]
    for entity in ("/world/town", "/world/bodies/courier-1", "/rgb", "/depth", "/ids", "tick", "simulated"):
        assert entity in done.stdout


@pytest.mark.parametrize(("module", "missing"), [(lerobot, "pyarrow"), (rrd, "rerun")])
def test_a_missing_extra_is_told_with_the_command_that_brings_it(monkeypatch, module, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(Unavailable, match=r'pip install "simbridge\[export\]"'):
        module.make(module.Config())
