"""Collected data sets: what a shard holds is what the engine had, whatever was interrupted meanwhile."""

import numpy as np
import pytest

from bridge.errors import InvalidInput, OutputExists, UnknownName
from bridge.frames import matrix_from_quat
from bridge.recording import Recording
from bridge.tasks import manipulate
from evaluation import collect as collecting
from evaluation.collect import collect, shard_path, takes
from evaluation.collect_episode import run
from evaluation.collect_mix import MIXES, drawn, mix
from world_models.clips import read_clips, read_shard
from world_models.finer import most_frequent, near_depth, smaller
from world_models.views import VIEWS

FRAMES = 4


def wanted(folder, count, *, kept=False):
    task = manipulate.Config()
    place = ("", manipulate.make(task).place().digest())
    return takes(
        [place], mix("manipulate"), folder, task="manipulate", task_config=task, episodes=count, seed=0, frames=FRAMES,
        keeps_recordings=kept,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two episodes of 0.9 s, with their recordings."""
    folder = tmp_path_factory.mktemp("data")
    told = []
    found = collect(
        wanted(folder, 2, kept=True), folder, workers=1, timeout_s=300.0, on_record=lambda *one: told.append(one)
    )
    return folder, found, told


def test_episodes_become_clips_in_order(made):
    folder, found, told = made
    assert [path.name for path in found.shards] == ["clips-00000.npz"]
    assert [(clip.seed, len(clip)) for clip in read_clips(folder)] == [(0, FRAMES), (1, FRAMES)]
    assert [done for done, _, _ in told] == [1, 2]
    assert not found.failures
    assert not (folder / "parts").exists()


def test_a_clip_tells_who_acted_what_was_asked_and_how_it_went(made):
    folder, _, _ = made
    for clip in read_clips(folder):
        assert (clip.task, clip.skill) == ("manipulate", "pick-place")
        assert tuple(camera.name for camera in clip.seen.cameras) == VIEWS["manipulate"]
        assert clip.policy == drawn(MIXES["manipulate"], clip.seed).name
        assert clip.seen.instruction.startswith("Put the ")
        assert clip.success.tolist() == [False] * FRAMES
        assert clip.rows["success"] is False
        assert clip.rows["left_m"] > 0.1
        np.testing.assert_allclose(clip.seen.times_s, 0.3 * np.arange(FRAMES))


def test_poses_in_a_clip_are_those_of_the_recording(made):
    folder, _, _ = made
    clip = read_shard(shard_path(folder, 0))[1]
    with Recording(folder / "recordings" / "episode-000001.mcap") as recording:
        (episode,) = recording.episodes()
    states = {state.tick: state for state in episode.states()}
    for row in range(FRAMES):
        state = states[15 * row]
        np.testing.assert_array_equal(clip.seen.body[row], state.poses[state.names.index("panda/tool")])
        for thing in clip.seen.things:
            np.testing.assert_array_equal(thing.poses[row], state.poses[state.names.index(thing.name)])


def test_things_are_seen_where_they_are(made):
    """The middle of a cube, projected through a camera of the clip, lies within 2 px of its label: in the world and at the hand."""
    folder, _, _ = made
    checked = dict.fromkeys(VIEWS["manipulate"], 0)
    for clip in read_clips(folder):
        seen = clip.seen
        for view, camera in enumerate(seen.cameras):
            for number, thing in enumerate(seen.things[:3], start=1):
                for row in range(FRAMES):
                    rows, columns = np.nonzero(seen.labels[row, view] == number)
                    middle = thing.poses[row, :3] + matrix_from_quat(thing.poses[row, 3:]) @ [0.0, 0.0, 0.025]
                    at = pixel(camera, seen.body[row], middle)
                    if len(rows) >= 4 and at.min() > 0 and at.max() < 64:
                        away = np.hypot(columns + 0.5 - at[0], rows + 0.5 - at[1]).min()
                        assert away < 2.0, (clip.seed, camera.name, thing.name, row)
                        checked[camera.name] += 1
    assert min(checked.values()) > 0, checked


def pixel(camera, body, point):
    """Where a point (3,) in the world is in a picture, [px] from its left and upper edge."""
    turn, at = matrix_from_quat(camera.mount_from_camera.quat_wxyz), camera.mount_from_camera.position
    if camera.mount == "body":
        base = matrix_from_quat(body[3:])
        turn, at = base @ turn, base @ at + body[:3]
    x, y, z = turn.T @ (point - at)
    focal = camera.height / 2 / np.tan(camera.fov_y_rad / 2)
    return np.array([focal * x / z + camera.width / 2, focal * y / z + camera.height / 2])


def test_what_is_finished_is_not_run_again(made):
    folder, found, _ = made
    before = shard_path(folder, 0).read_bytes()
    again = collect(wanted(folder, 2), folder, workers=1, timeout_s=1.0, run="tests.evaluation.work:no_such_function")
    assert [record["key"] for record in again.records] == [record["key"] for record in found.records]
    assert shard_path(folder, 0).read_bytes() == before


def test_a_killed_collection_goes_on_with_what_it_has(tmp_path, made):
    """One of two episodes is finished and in `parts`, as a kill leaves it; the shard ends as if nothing had happened."""
    _, found, _ = made
    first, second = wanted(tmp_path, 2)
    with collecting.Store(tmp_path / collecting.STORE) as store:
        told = run(first)
        store.add(
            {"key": collecting.key(first), "policy": first.behaviour, "seed": 0, "tries": 1, "failure": "", **told}
        )
    heard = []
    collect([first, second], tmp_path, workers=1, timeout_s=300.0, on_record=lambda *one: heard.append(one[2]["seed"]))
    assert heard == [1]
    for ours, theirs in zip(read_clips(tmp_path), read_clips(found.shards[0].parent), strict=True):
        np.testing.assert_array_equal(ours.seen.rgb, theirs.seen.rgb)
        np.testing.assert_array_equal(ours.seen.body, theirs.seen.body)


def test_the_seed_alone_decides_who_acts():
    names = [drawn(MIXES["manipulate"], seed).name for seed in range(2000)]
    for one in MIXES["manipulate"]:
        assert names.count(one.name) / 2000 == pytest.approx(one.share, abs=0.035)
    assert names[:50] == [drawn(MIXES["manipulate"], seed).name for seed in range(50)]


def test_behaviours_that_are_named_are_in_equal_parts():
    found = mix("drive", ["expert", "blind"])
    assert [(one.name, one.share) for one in found] == [("expert", 1.0), ("blind", 1.0)]
    with pytest.raises(InvalidInput, match="not 'delivery'"):
        mix("delivery")
    with pytest.raises(UnknownName, match="Did you mean 'lets-go-early'"):
        mix("manipulate", ["lets-go-earl"])


def test_pictures_are_averaged_labels_counted_and_the_nearest_surface_kept():
    rgb = np.array([[[0, 0, 0], [10, 0, 0]], [[20, 0, 0], [30, 0, 255]]], np.uint8)
    np.testing.assert_array_equal(smaller(rgb), [[[15, 0, 64]]])
    labels = np.array([[7, 2, 3, 3, 1, 0], [2, 2, 5, 5, 0, 255]], np.uint8)
    np.testing.assert_array_equal(most_frequent(labels), [[2, 3, 0]])
    depth = np.array([[2.0, 2.06, np.inf, np.inf], [9.0, np.inf, np.inf, np.inf]], np.float32)
    np.testing.assert_allclose(near_depth(depth), [[2.03, np.inf]], rtol=1e-6)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    from bridge.commands import collect as command

    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(OutputExists, match="no data set"):
        command.run(command.Config(episodes=1, out=tmp_path), {})
    with pytest.raises(InvalidInput, match="scenegen"):
        command.run(command.Config(task="drive", out=tmp_path / "new"), {})


def test_a_folder_in_droid_format_is_converted(tmp_path, capsys):
    from bridge.commands import collect as command
    from tests.world_models.test_droid import folder_of

    droid = folder_of(tmp_path / "droid")
    assert command.run(command.Config(droid=droid, size="32x24", out=tmp_path / "set"), {}) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "set")
    (clip,) = read_clips(tmp_path / "set")
    assert clip.seen.rgb.shape[2:] == (24, 32, 3)
    with pytest.raises(InvalidInput, match="64x64"):
        command.run(command.Config(droid=droid, size="large", out=tmp_path / "other"), {})
