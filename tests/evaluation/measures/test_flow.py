"""Optical flow and odometry, on a textured wall before a camera that moves by a known way."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from bridge.frames import quat_from_matrix
from bridge.imagination import Past, Thing
from bridge.types import Camera, Pose
from evaluation.measures import flow, measure
from evaluation.measures.geometry import pixel_middles, rays
from tests.evaluation.measures.scenes import true_prediction
from world_models.clips import Clip

AHEAD = Pose(np.zeros(3), quat_from_matrix(np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])))
CAMERA = Camera("front", 160, 96, 0.9, AHEAD, "body")
WALL_M, FRAMES = 12.0, 8


def drive() -> Clip:
    """A car that drives 0.3 m a frame towards a wall 12 m ahead, 5 cm to its left each frame."""
    texture = gaussian_filter(np.random.default_rng(0).random((1200, 1200)), 3.0)
    texture = (texture - texture.min()) / np.ptp(texture)
    body = np.zeros((FRAMES, 7))
    body[:, 0], body[:, 1], body[:, 3] = 0.3 * np.arange(FRAMES), 0.05 * np.arange(FRAMES), 1.0
    rgb, depth = [], []
    for pose in body:
        at, ways = rays(pixel_middles(CAMERA), CAMERA, pose)
        far = (WALL_M - at[0]) / ways[..., 0]
        hits = at + far[..., None] * ways
        grey = map_coordinates(texture, [600 - 40 * hits[..., 2], 600 - 40 * hits[..., 1]], order=1, mode="wrap")
        rgb.append(np.repeat((255 * grey).astype(np.uint8)[..., None], 3, axis=-1)[None])
        depth.append(far.astype(np.float32)[None])
    labels = np.zeros((FRAMES, 1, 96, 160), np.uint8)
    seen = Past(0.4 * np.arange(FRAMES), (CAMERA,), np.stack(rgb), body, None, np.stack(depth), labels)
    return Clip("drive", seen, np.ones(FRAMES, bool))


def test_flow_of_a_wall_ahead_is_that_of_similar_triangles():
    """A point that shows x px off the middle at 12 m shows x * 12 / 11.7 off at 11.7 m, less the 5 cm to the left."""
    found = flow.engine_flow(drive().seen, 0, 0)
    focal = 96 / (2 * np.tan(0.45))
    x = pixel_middles(CAMERA)[50, 90, 0] - 80
    assert found[50, 90, 0] == pytest.approx(x * (12 / 11.7 - 1) + focal * 0.05 / 11.7, abs=1e-5)


def test_what_moves_flows_with_its_pose():
    """A thing that covers all of the picture and goes along with the car does not flow at all."""
    seen = drive().seen
    along = replace(seen, labels=np.ones_like(seen.labels), things=(Thing("wall", "vehicle", (1, 1, 1), seen.body),))
    np.testing.assert_allclose(flow.engine_flow(replace(along, depth=np.repeat(seen.depth[:1], FRAMES, axis=0)), 0, 0), 0.0, atol=1e-6)  # fmt: skip


def test_pictures_of_the_engine_flow_and_drive_as_the_engine_says():
    pytest.importorskip("cv2", reason="OpenCV is not installed: pip install simbridge[world-models]")
    clip = drive()
    row = measure(clip, true_prediction(clip, 0), 0, wanted=["flow", "way"])
    assert np.nanmean(row["flow_px"]) < 0.5
    assert row["way_m"].max() < 0.25
    np.testing.assert_array_equal(row["way_m"], row["way_m_engine"])
    np.testing.assert_allclose(row["flow_difference_px"], 0.0)


def test_a_dream_that_stands_still_is_told_by_its_way():
    """2.1 m are driven in truth, none in the dream."""
    pytest.importorskip("cv2", reason="OpenCV is not installed: pip install simbridge[world-models]")
    clip = drive()
    told = true_prediction(clip, 0)
    still = replace(told, rgb=np.repeat(clip.seen.rgb[None, :1], FRAMES - 1, axis=1))
    row = measure(clip, still, 0, wanted=["way", "flow_px"])
    assert row["way_m"][-1] > 1.5
    assert np.nanmean(row["flow_px"]) > 0.5
