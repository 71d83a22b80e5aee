"""Cameras' geometry: what is projected comes back along its ray."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.frames import look_at, pose_array
from bridge.types import Pose
from evaluation.measures import geometry
from tests.evaluation.measures.scenes import CAMERA

BODY = pose_array([2.0, 1.0, 0.5], 0.7)
ON_BODY = replace(CAMERA, mount="body", mount_from_camera=Pose(*look_at((0.0, 0.0, 1.0), (4.0, 0.0, 0.0))))
POINT = np.array([0.2, -0.1, 0.05])


def test_what_a_camera_looks_at_is_in_its_middle():
    np.testing.assert_allclose(geometry.projected(np.zeros(3), CAMERA, BODY), [32.0, 32.0])


def test_what_is_behind_is_nowhere():
    assert np.isnan(geometry.projected(np.array([5.0, 0.0, 4.0]), CAMERA, BODY)).all()


@pytest.mark.parametrize("camera", [CAMERA, ON_BODY])
def test_a_depth_picture_lifts_to_points_that_project_back(camera):
    depth = np.random.default_rng(0).uniform(1.0, 3.0, (64, 64)).astype(np.float32)
    points = geometry.lifted(depth, camera, BODY)
    np.testing.assert_allclose(geometry.projected(points, camera, BODY), geometry.pixel_middles(camera), atol=1e-6)


def test_two_looks_at_a_point_meet_there():
    other = replace(CAMERA, mount_from_camera=Pose(*look_at((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))))
    looks = [geometry.rays(geometry.projected(POINT, camera, BODY), camera, BODY) for camera in (CAMERA, other)]
    found = geometry.met(np.array([at for at, _ in looks]), np.array([way for _, way in looks]))
    np.testing.assert_allclose(found, POINT, atol=1e-9)


def test_one_look_tells_no_point():
    assert np.isnan(geometry.met(np.zeros((1, 3)), np.ones((1, 3)))).all()
    assert np.isnan(geometry.met(np.eye(3)[:2], np.ones((2, 3)))).all()
