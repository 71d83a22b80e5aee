"""A few looks along Quay Street of the tiny town, with exact depth: what tests of splats start from."""

from functools import lru_cache

import numpy as np

from bridge.engine import Move
from bridge.engines import open_engine
from bridge.frames import look_at, pose_array
from bridge.imagination import Course, Past, Thing
from bridge.types import Camera, Pose
from tests.scenes import GROUND_M, tiny_scene

CRATE = "crate-1"
WIDTH, HEIGHT = 80, 48
FRONT = Camera("front", WIDTH, HEIGHT, 1.05, Pose(*look_at((0.0, 0.0, 1.2), (1.0, 0.0, 1.1))), "body")
"""A windscreen's camera, on a body whose x axis points ahead."""


@lru_cache(maxsize=1)
def episode() -> Past:
    """Six looks 0.4 s apart: the body drives 0.5 m a frame along the street, and the crate, put before it, goes 0.3 m to the left."""
    scene = tiny_scene()
    ids = {row.name: row.id for row in scene.instances()}
    size = scene.assets["crate-a"].size
    body = pose_array([[-30.0 + 0.5 * k, -13.0, GROUND_M] for k in range(6)])
    crate = pose_array([[-24.5, -13.8 + 0.3 * k, GROUND_M + 0.02] for k in range(6)], 0.4)
    rgb, depth, labels = [], [], []
    with open_engine("embedded") as engine:  # type: ignore[attr-defined]
        engine.load(scene)
        engine.reset(seed=0)
        for at, there in zip(body, crate, strict=True):
            state = engine.edit([Move(CRATE, Pose(there[:3], there[3:]))])
            assert CRATE in state.names
            frame = engine.observe([_there(at)], ("rgb", "depth", "segmentation"))[0]
            rgb.append(frame.rgb)
            depth.append(frame.depth)
            labels.append((frame.segmentation == ids[CRATE]).astype(np.uint8))
    return Past(
        0.4 * np.arange(6), (FRONT,), np.stack(rgb)[:, None], body, None, np.stack(depth)[:, None], np.stack(labels)[:, None],
        (Thing(CRATE, "crate", tuple(size), crate),),
    )  # fmt: skip


def past(now: int = 1, **changed) -> Past:
    """What was seen up to a moment."""
    seen = episode()
    part = slice(0, now + 1)
    things = tuple(Thing(one.name, one.semantic, one.size_m, one.poses[part]) for one in seen.things)
    fields = {
        "times_s": seen.times_s[part], "cameras": seen.cameras, "rgb": seen.rgb[part], "body": seen.body[part], "depth": seen.depth[part],
        "labels": seen.labels[part], "things": things,
    }  # fmt: skip
    return Past(**(fields | changed))


def course(now: int = 1, **more) -> Course:
    """What the body went on to do."""
    seen = episode()
    return Course(seen.times_s[now + 1 :], seen.body[now + 1 :], **more)


def _there(body: np.ndarray) -> Camera:
    """The camera where it is, mounted in the world."""
    at = body[:3] + FRONT.mount_from_camera.position
    return Camera("front", WIDTH, HEIGHT, FRONT.fov_y_rad, Pose(at, FRONT.mount_from_camera.quat_wxyz))
