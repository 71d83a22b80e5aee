"""A flight once around the hero view's target, as an H.264 film."""

from dataclasses import replace
from math import cos, pi, sin
from pathlib import Path

import numpy as np
import shapely

from bridge.errors import Unavailable
from bridge.frames import look_at, matrix_from_quat
from bridge.scene import Scene
from bridge.types import Camera, Pose, Renderer

FRAMES, FRAMES_PER_S = 180, 24
WIDTH, HEIGHT = 960, 540
CLEAR_M = 30.0
"""How near a building makes the flight rise above its roof."""


def film(scene: Scene, renderer: Renderer, hero: Camera, path: Path) -> None:
    """Writes an mp4 of one turn, `FRAMES` pictures. Raises Unavailable where PyAV is not installed."""
    try:
        import av
    except ImportError as error:
        raise Unavailable("--turntable needs PyAV. Install it: pip install 'simbridge[video]'") from error
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_S)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "20", "threads": "1"}
        for camera in orbit(scene, hero):
            (frame,) = renderer.observe([camera], ("rgb",))
            assert frame.rgb is not None
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.rgb, format="rgb24")))
        container.mux(stream.encode())


def orbit(scene: Scene, hero: Camera) -> list[Camera]:
    """Cameras on a circle through the hero view, around the point it looks at, clear of the ground and of roofs."""
    eye = hero.mount_from_camera.position
    forward = matrix_from_quat(hero.mount_from_camera.quat_wxyz)[:, 2]
    ground = float(scene.terrain.height_at(eye[:2]))
    distance = float(
        np.clip((eye[2] - ground) / max(-forward[2], 0.12), 60.0, 0.3 * (scene.bounds[2] - scene.bounds[0]))
    )
    target = eye + forward * distance
    arm = eye - target
    roofs = shapely.STRtree([shapely.Polygon(building.footprint) for building in scene.buildings])
    tops = [building.base_m + building.height_m + building.roof_m for building in scene.buildings]
    cameras = []
    for index in range(FRAMES):
        angle = 2 * pi * index / FRAMES
        turned = np.array(
            [arm[0] * cos(angle) - arm[1] * sin(angle), arm[0] * sin(angle) + arm[1] * cos(angle), arm[2]]
        )
        place = target + turned
        near = roofs.query(shapely.Point(place[:2]), predicate="dwithin", distance=CLEAR_M)
        place[2] = max([place[2], float(scene.terrain.height_at(place[:2])) + 8.0, *(tops[i] + 5.0 for i in near)])
        position, quat = look_at(place, target)
        cameras.append(replace(hero, width=WIDTH, height=HEIGHT, mount_from_camera=Pose(position, quat)))
    return cameras
