"""A collected ride: the front camera is on the car, depth is of the street it is on, and labels are where the others are."""

import numpy as np
import pytest

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat
from bridge.recording import Recording
from bridge.tasks import drive, navigate
from bridge.tasks.default_town import town_scene
from evaluation.collect_episode import Take, run
from evaluation.collect_mix import MIXES
from evaluation.collect_seen import frames_at
from evaluation.lasting import lasting
from evaluation.trial import Trial
from world_models.clips import read_shard

FRAMES = 4
TASK = drive.Config(vehicles=4, pedestrians=4, least_m=20.0)


@pytest.fixture(scope="module")
def ride(tmp_path_factory):
    """1.2 s of a ride through the hamlet, a second after its start, with its recording."""
    folder = tmp_path_factory.mktemp("ride")
    expert = MIXES["drive"][0]
    trial = Trial(
        town="", town_digest=town_scene().digest(), task="drive", policy=expert.policy, policy_config=expert.config,
        seed=1, task_config=TASK,
    )  # fmt: skip
    told = run(Take(trial, "expert", FRAMES, 1.0, str(folder / "clip.npz"), str(folder / "ride.mcap")))
    (clip,) = read_shard(folder / "clip.npz")
    with Recording(folder / "ride.mcap") as recording:
        (episode,) = recording.episodes()
    return Ride(clip, told, episode)


class Ride:
    """The clip, what the store keeps, and the episode; too much to be printed where a test fails."""

    def __init__(self, *parts):
        self._parts = parts

    def __iter__(self):
        return iter(self._parts)


def rays(clip, row):
    """By pixel what lies there, in the world (H,W,3) [m]."""
    camera, body = clip.seen.cameras[0], clip.seen.body[row]
    assert camera.mount == "body"
    focal = camera.height / 2 / np.tan(camera.fov_y_rad / 2)
    x, y = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    way = np.stack([(x - camera.width / 2) / focal, (y - camera.height / 2) / focal, np.ones_like(x)], axis=-1)
    depth = np.minimum(clip.seen.depth[row, 0], 1e4)  # the sky is far
    in_body = (way * depth[..., None]) @ matrix_from_quat(camera.mount_from_camera.quat_wxyz).T
    return (in_body + camera.mount_from_camera.position) @ matrix_from_quat(body[3:]).T + body[:3]


def test_a_ride_is_seen_in_time_from_its_car(ride):
    clip, told, episode = ride
    assert clip.seen.rgb.shape == (FRAMES, 1, 96, 160, 3)
    np.testing.assert_allclose(clip.seen.times_s, [0.0, 0.4, 0.8, 1.2])
    states = {state.tick: state for state in episode.states()}
    for row, state in enumerate(states[50 + 20 * row] for row in range(FRAMES)):
        np.testing.assert_array_equal(clip.seen.body[row], state.poses[state.names.index("ego-1")])
    assert np.linalg.norm(clip.seen.body[-1, :3] - clip.seen.body[0, :3]) > 0.5
    assert told["frames"] == FRAMES


def test_what_is_below_the_camera_is_the_street(ride):
    """The lowest rows of the picture show the ground some metres ahead, at the height of the car's wheels within 5 cm."""
    clip, _, _ = ride
    for row in range(FRAMES):
        ground = rays(clip, row)[-6:, 60:100]
        body = clip.seen.body[row]
        assert np.abs(ground[..., 2] - body[2]).max() < 0.05
        away = np.linalg.norm(ground[..., :2] - body[:2], axis=-1)
        assert away.min() > 2.0
        assert away.max() < 12.0


def test_what_is_labelled_as_another_is_there(ride):
    """Every pixel with a thing's label, put where its depth says, lies within the thing's extents, the half and one pixel more."""
    clip, _, _ = ride
    checked = 0
    focal = 96 / 2 / np.tan(clip.seen.cameras[0].fov_y_rad / 2)
    for row in range(FRAMES):
        places = rays(clip, row)
        for number, thing in enumerate(clip.seen.things, start=1):
            mine = clip.seen.labels[row, 0] == number
            if mine.sum() < 6:
                continue
            reach = np.linalg.norm(thing.size_m) + 2 * np.median(clip.seen.depth[row, 0][mine]) / focal
            assert np.median(np.linalg.norm(places[mine] - thing.poses[row, :3], axis=-1)) < reach
            checked += 1
    assert checked > 0


def test_a_ride_stands_well_until_it_breaks_a_rule(ride):
    clip, told, _ = ride
    assert clip.success.all()
    assert told["success"] is True
    assert clip.rows["collisions"] == 0
    assert 0.0 < clip.rows["progress"] < 1.0


def test_moments_that_were_not_recorded_are_not_made_up(ride):
    _, _, episode = ride
    with pytest.raises(InvalidInput, match="Tick 1 was not recorded"):
        frames_at(episode, 0.4, 3, from_s=0.02)
    assert len(frames_at(episode, 0.4, 100)) == 6  # 2.2 s


def test_other_tasks_are_none_that_world_models_know():
    with pytest.raises(InvalidInput, match="'manipulate' and 'drive'"):
        lasting(navigate.make(navigate.Config()), 1.0)
    with pytest.raises(InvalidInput, match="0 s"):
        lasting(drive.make(TASK), 0.0)
