"""DROID-format folders become clips: every third state, three views, success at the end."""

import json
from fractions import Fraction

import numpy as np
import pytest

from bridge.errors import DamagedFile, InvalidInput
from bridge.frames import matrix_from_quat
from bridge.recording.video import VideoWriter
from world_models.clips import read_clips, write_shard
from world_models.droid import quat_from_euler, read_droid

WIDTH, HEIGHT, FRAMES = 64, 48, 5
GREYS = (40, 120, 200)


def folder_of(tmp_path, *, states=3 * FRAMES - 2, **changes):
    """One episode: its tool rises 1 cm a state, its views are plain, and brighter by 4 a frame."""
    for view, grey in enumerate(GREYS):
        film = VideoWriter(tmp_path / "videos" / "val" / "899" / f"{view}.mp4", Fraction(5), crf=1)
        for frame in range(FRAMES):
            film.add(np.full((HEIGHT, WIDTH, 3), grey + 4 * frame, np.uint8))
        film.close()
    told = {
        "texts": ["Put the marker into the cup."],
        "episode_id": 899,
        "success": 1,
        "video_length": FRAMES,
        "videos": [{"video_path": f"videos/val/899/{view}.mp4"} for view in range(3)],
        "observation.state.cartesian_position": [[0.4, 0.1, 0.01 * i, np.pi, 0.0, 0.5] for i in range(states)],
        "observation.state.joint_position": [[0.1 * i] * 7 for i in range(states)],
        "observation.state.gripper_position": [i / states for i in range(states)],
        **changes,
    }
    path = tmp_path / "annotation" / "val" / "899.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: value for name, value in told.items() if value is not None}))
    return tmp_path


def test_an_episode_becomes_a_clip(tmp_path):
    (clip,) = read_droid(folder_of(tmp_path))
    seen = clip.seen
    assert (clip.task, clip.policy, clip.seed, seen.instruction) == (
        "manipulate",
        "human",
        899,
        "Put the marker into the cup.",
    )
    assert seen.rgb.shape == (FRAMES, 3, HEIGHT, WIDTH, 3)
    for view, grey in enumerate(GREYS):
        np.testing.assert_allclose(seen.rgb[:, view].mean(axis=(1, 2, 3)), grey + 4 * np.arange(FRAMES), atol=2.0)
    np.testing.assert_allclose(seen.times_s, [0.0, 0.2, 0.4, 0.6, 0.8])
    np.testing.assert_allclose(seen.body[:, 2], [0.0, 0.03, 0.06, 0.09, 0.12])
    np.testing.assert_allclose(seen.gripper, np.array([0, 3, 6, 9, 12]) / 13)
    assert clip.success.tolist() == [False] * 4 + [True]
    np.testing.assert_allclose(np.array(clip.rows["joints"])[:, 0], [0.0, 0.3, 0.6, 0.9, 1.2])
    assert [camera.mount for camera in seen.cameras] == ["world", "world", "body"]


def test_the_tool_points_where_the_angles_say(tmp_path):
    """Half a turn about x points the tool's z down; then 0.5 rad about the world's z turns it there."""
    (clip,) = read_droid(folder_of(tmp_path))
    turn = matrix_from_quat(clip.seen.body[0, 3:])
    np.testing.assert_allclose(turn[:, 2], [0.0, 0.0, -1.0], atol=1e-12)
    np.testing.assert_allclose(turn[:, 0], [np.cos(0.5), np.sin(0.5), 0.0], atol=1e-12)
    np.testing.assert_allclose(
        np.linalg.norm(quat_from_euler(np.random.default_rng(0).uniform(-3, 3, (9, 3))), axis=1), 1.0
    )


def test_pictures_come_in_the_size_that_is_asked_for_and_survive_a_shard(tmp_path):
    clips = list(read_droid(folder_of(tmp_path / "droid"), size=(32, 24)))
    write_shard(tmp_path / "set" / "clips-00000.npz", clips)
    (again,) = read_clips(tmp_path / "set")
    assert again.seen.rgb.shape == (FRAMES, 3, 24, 32, 3)
    np.testing.assert_array_equal(again.seen.rgb, clips[0].seen.rgb)
    assert np.isnan(again.seen.cameras[0].fov_y_rad)


def test_an_episode_is_as_long_as_its_shortest_part(tmp_path):
    (clip,) = read_droid(folder_of(tmp_path, states=7))
    assert len(clip) == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"success": None}, "KeyError: 'success'"),
        ({"videos": [{"video_path": "videos/val/899/0.mp4"}]}, "1 videos"),
        ({"videos": [{"video_path": "videos/val/899/9.mp4"}] * 3}, "no video that can be read"),
        ({"observation.state.cartesian_position": [[0.0] * 7] * 13}, r"poses \(5, 7\)"),
    ],
)
def test_what_is_missing_is_told(tmp_path, changes, says):
    with pytest.raises(DamagedFile, match=says):
        list(read_droid(folder_of(tmp_path, **changes)))


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"annotation/SPLIT/ID\.json"):
        list(read_droid(tmp_path))
