"""Things that move: their points go where they go, on their own way or on one that is given, and are gone when they are removed."""

import numpy as np
import pytest

from bridge.errors import InvalidInput, UnknownBody
from bridge.frames import pose_array, yaw_from_quat
from bridge.imagination import Course, Past, Thing
from tests.world_models.geodrive.street import CRATE, course, episode, past
from world_models.geodrive.model import cloud_at, placed
from world_models.geodrive.splatting import splat
from world_models.geodrive.things import moves, told_apart, ways

STRAIGHT = Course(0.4 * np.arange(3, 8), pose_array(np.zeros((5, 3))))


def gone_by(poses, semantic="vehicle") -> Past:
    """A past of three moments in which a van was at these poses."""
    empty = np.zeros((3, 0, 1, 1, 3), np.uint8)
    return Past(
        0.4 * np.arange(3),
        (),
        empty,
        pose_array(np.zeros((3, 3))),
        things=(Thing("van", semantic, (4.0, 2.0, 2.0), poses),),
    )


def crate_pixels(mask) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return rows.mean(), columns.mean()


@pytest.mark.parametrize("by_boxes", [False, True], ids=["labels", "boxes"])
def test_a_thing_is_seen_where_it_truly_comes_to_be(by_boxes):
    seen = episode()
    before = past(labels=None) if by_boxes else past()
    cloud = cloud_at(before, -1, 0, before.depth[-1, 0])
    for ahead, moved in enumerate(moves(before, course()), start=2):
        shown = splat(cloud, placed(seen.cameras[0], seen.body[ahead]), moved)
        found, truth = crate_pixels(shown.mask & (shown.things == 1)), crate_pixels(seen.labels[ahead, 0] == 1)
        assert np.hypot(*np.subtract(found, truth)) < 1.5


def test_boxes_find_the_pixels_that_labels_tell_and_leave_the_ground():
    before = past()
    cloud = told_apart(cloud_at(before, -1, 0, before.depth[-1, 0]), before.things)
    found, truth = cloud.things > 0, before.labels[-1, 0].reshape(-1) > 0
    assert (found & truth).sum() > 0.75 * truth.sum()
    assert (found & ~truth).sum() < 0.25 * truth.sum()


def test_what_a_thing_hid_is_a_hole():
    before = past()
    shown = splat(
        cloud_at(before, -1, 0, before.depth[-1, 0]),
        placed(before.cameras[0], before.body[-1]),
        moves(before, course())[3],
    )
    was = before.labels[-1, 0] == 1
    assert (~shown.mask[was]).mean() > 0.4
    assert shown.mask[~was].all()


def test_a_removed_thing_is_seen_nowhere():
    before = past()
    moved = moves(before, course(removed=frozenset({CRATE})))
    shown = splat(cloud_at(before, -1, 0, before.depth[-1, 0]), placed(before.cameras[0], before.body[-1]), moved[0])
    assert not (shown.things > 0).any()
    np.testing.assert_array_equal(~shown.mask, before.labels[-1, 0] == 1)
    assert CRATE not in ways(before, course(removed=frozenset({CRATE})))


def test_a_thing_goes_the_way_that_is_given():
    path = pose_array([[5.0, float(k), 0.0] for k in range(5)])
    before = gone_by(pose_array([[0.0, 0.0, 0.0]] * 3))
    rerouted = Course(STRAIGHT.times_s, STRAIGHT.body, others={"van": path})
    np.testing.assert_array_equal(ways(before, rerouted)["van"], path)
    np.testing.assert_allclose(moves(before, rerouted)[4][1][:3, 3], [5.0, 4.0, 0.0])


def test_without_a_way_a_thing_goes_on_as_it_went():
    before = gone_by(pose_array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [4.0, 0.0, 0.0]]))
    np.testing.assert_allclose(ways(before, STRAIGHT)["van"][:, 0], [6.0, 8.0, 10.0, 12.0, 14.0])


def test_wheels_go_on_along_their_bend():
    radius, turn = 10.0, 0.2  # 0.2 rad a frame on a circle of 10 m
    angles = turn * np.arange(8)
    circle = pose_array(np.column_stack([radius * np.sin(angles), radius * (1 - np.cos(angles)), np.zeros(8)]), angles)
    found = ways(gone_by(circle[:3]), STRAIGHT)["van"]
    np.testing.assert_allclose(found[:, :3], circle[3:, :3], atol=1e-6)
    np.testing.assert_allclose(yaw_from_quat(found[:, 3:]), angles[3:], atol=1e-9)


def test_what_was_seen_once_stands_still():
    once = past(0)
    np.testing.assert_array_equal(ways(once, course(0))[CRATE], np.tile(once.things[0].poses[-1], (5, 1)))
    assert moves(once, course(0)) == [{}] * 5


def test_ways_that_do_not_fit_are_refused():
    before = past()
    with pytest.raises(UnknownBody, match="No thing in the past named 'create-1'"):
        ways(before, course(removed=frozenset({"create-1"})))
    with pytest.raises(InvalidInput, match="a pose \\(7,\\) for each of the 4 moments"):
        ways(before, course(others={CRATE: np.zeros((2, 7))}))
