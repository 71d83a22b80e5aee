"""What world models look through: two cameras over the table and one at the wrist, as in DROID; one behind a windscreen."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bridge.errors import UnknownCamera
from bridge.frames import look_at
from bridge.types import Camera, Pose

FRAME_S: Mapping[str, float] = MappingProxyType({"manipulate": 0.3, "drive": 0.4})
"""The time between two frames, by task: 20 of them are a whole pick and place, or 8 s of driving."""
SIZES: Mapping[str, tuple[int, int]] = MappingProxyType({"manipulate": (64, 64), "drive": (160, 96)})
"""Width and height [px] by task."""
VIEWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"manipulate": ("exterior-1", "exterior-2", "wrist"), "drive": ("front",)}
)


_MIDDLE = (0.49, 0.0, 0.82)
EXTERIOR = (
    Camera("exterior-1", 64, 64, 0.62, Pose(*look_at((1.2, -0.62, 1.62), _MIDDLE))),
    Camera("exterior-2", 64, 64, 0.62, Pose(*look_at((1.0, 0.78, 1.55), _MIDDLE))),
)
"""The two cameras over the table, before the arm to its right and to its left."""


def cameras(task: str, agent: str, known: Mapping[str, Camera]) -> tuple[Camera, ...]:
    """The views of a task, by name and in the size its models have, given the cameras that an engine knows.

    Raises UnknownCamera where the body that acts has no camera of the kind.
    """
    width, height = SIZES[task]
    mounted = {"wrist": f"{agent}/hand", "front": f"{agent}/front"}
    fixed = {camera.name: camera for camera in EXTERIOR}
    found = []
    for view in VIEWS[task]:
        camera = fixed.get(view) or known.get(mounted.get(view, ""))
        if camera is None:
            raise UnknownCamera(
                f"'{agent}' has no camera '{mounted[view]}', which the view '{view}' needs. It has: {', '.join(sorted(known)) or 'none'}."
            )
        found.append(replace(camera, name=view, width=width, height=height))
    return tuple(found)


def windscreen(agent: str, size_m: Sequence[float]) -> Camera:
    """The camera "front" of a car of that length, width and height [m], as the embedded engine has it: just before its
    front, at three quarters of its height, looking ahead and a little down."""
    length, _, height = size_m
    eye = (0.5 * length + 0.05, 0.0, 0.75 * height)
    return Camera(
        f"{agent}/front", 640, 480, _FRONT_FOV_Y_RAD, Pose(*look_at(eye, (eye[0] + 1.0, 0.0, eye[2] - 0.08))), agent
    )


_FRONT_FOV_Y_RAD = 2 * math.atan(math.tan(math.radians(75) / 2) * 480 / 640)
