"""What pictures show, read by the small recogniser: what every pixel is of, and where things and the tool stand, by two views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.imagination import Thing
from bridge.types import Camera
from evaluation.measures.geometry import met, rays
from evaluation.measures.recogniser import SHRINKS, Recogniser, shipped

Array = NDArray[np.float64]
BODY, TOOL = "body", "tool"
BODY_LABEL = 255
KINDS: Mapping[str, str] = {"vehicle": "vehicle", "bicycle": "vehicle", "scooter": "vehicle", "person": "person", "animal": "person", "robot": "person"}  # fmt: skip
"""What is told apart by kind, where things go by many names."""
FEWEST_PX = 5
"""A thing of fewer pixels does not count as seen in a view."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read in n moments of v views: `classes` names what `what` uint8 (n,v,H,W) holds, 0 being everything else; `places` [m] by
    the name of a thing, or "tool", are (n,3), nan where fewer than two views in the world show it."""

    classes: tuple[str, ...]
    what: NDArray[np.uint8]
    places: Mapping[str, Array]

    def pixels(self) -> Array:
        """How many pixels each class but the first has, in all views together: (n, classes - 1)."""
        return np.stack([(self.what == row).sum(axis=(1, 2, 3)) for row in range(1, len(self.classes))], axis=1).astype(
            float
        )


def read(
    task: str,
    cameras: Sequence[Camera],
    things: Sequence[Thing],
    body: Array,
    rgb: NDArray[np.uint8],
    *,
    recogniser: Recogniser | None = None,
) -> Reading | None:
    """What pictures (n,v,H,W,3) show; None where no recogniser comes for the task, or it knows none of the things, or not the size.

    `body` (n,7) is where cameras on the body are taken to be.
    """
    known = recogniser or shipped(task)
    if known is None or rgb.shape[-3] % SHRINKS or rgb.shape[-2] % SHRINKS:
        return None
    if things and not any(_class(one, known.classes) for one in things):
        return None
    n, views = rgb.shape[:2]
    what = np.zeros(rgb.shape[:-1], np.uint8)
    pixels = np.zeros((n, views, len(known.points), 2))
    for moment in range(n):
        for view in range(views):
            what[moment, view], pixels[moment, view] = known.read(rgb[moment, view])
    places = {
        name: _places(row, name, known, cameras, body, what, pixels)
        for row, name in enumerate(known.points)
        if name == TOOL or any(one.name == name for one in things)
    }
    return Reading(known.classes, what, places)


def told(labels: NDArray[np.uint8], things: Sequence[Thing], classes: Sequence[str]) -> NDArray[np.uint8]:
    """An engine's labels (as Past has them) in the classes of a recogniser; what it does not know becomes 0."""
    code = np.zeros(256, np.uint8)
    for index, thing in enumerate(things, start=1):
        code[index] = _class(thing, classes)
    code[BODY_LABEL] = list(classes).index(BODY) if BODY in classes else 0
    return code[labels]


def _class(thing: Thing, classes: Sequence[str]) -> int:
    known = {name: row for row, name in enumerate(classes)}
    return known.get(thing.name, known.get(KINDS.get(thing.semantic, ""), 0))


def _places(
    row: int,
    name: str,
    known: Recogniser,
    cameras: Sequence[Camera],
    body: Array,
    what: NDArray[np.uint8],
    pixels: Array,
) -> Array:
    """Where one point is at every moment (n,3): where the looks of cameras in the world meet that show it."""
    own = known.classes.index(BODY if name == TOOL else name)
    shown = (what == own).sum(axis=(2, 3)) >= FEWEST_PX
    found = np.full((len(what), 3), np.nan)
    for moment in range(len(what)):
        looks = [
            rays(pixels[moment, view, row], camera, body[moment])
            for view, camera in enumerate(cameras)
            if camera.mount == "world" and shown[moment, view]
        ]
        found[moment] = met(np.array([at for at, _ in looks]), np.array([way for _, way in looks]))
    return found
