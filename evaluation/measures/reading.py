"""What pictures show, read by the small recogniser: what every pixel is of, and where things and the tool stand, by two views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    the name of a thing, or "tool", are (n,3), nan where fewer than two views in the world show it; `spots` [px] by the same names are
    (n,v,2), nan where a view does not show it or goes along with the body."""

    classes: tuple[str, ...]
    what: NDArray[np.uint8]
    places: Mapping[str, Array]
    spots: Mapping[str, Array] = field(default_factory=dict)

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
    spots = {
        name: _spots(row, name, known, cameras, what, pixels)
        for row, name in enumerate(known.points)
        if name == TOOL or any(one.name == name for one in things)
    }
    places = {name: _places(seen, cameras, body) for name, seen in spots.items()}
    return Reading(known.classes, what, places, spots)


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


def _spots(
    row: int, name: str, known: Recogniser, cameras: Sequence[Camera], what: NDArray[np.uint8], pixels: Array
) -> Array:
    """Where one point shows at every moment in every view (n,v,2), nan where it does not, and in views that go along."""
    own = known.classes.index(BODY if name == TOOL else name)
    shown = (what == own).sum(axis=(2, 3)) >= FEWEST_PX
    shown &= np.array([camera.mount == "world" for camera in cameras])
    return np.where(shown[..., None], pixels[:, :, row], np.nan)


def _places(spots: Array, cameras: Sequence[Camera], body: Array) -> Array:
    """Where one point is at every moment (n,3): where the looks of cameras in the world meet that show it."""
    found = np.full((len(spots), 3), np.nan)
    for moment, seen in enumerate(spots):
        looks = [
            rays(spot, camera, body[moment])
            for spot, camera in zip(seen, cameras, strict=True)
            if not np.isnan(spot).any()
        ]
        found[moment] = met(np.array([at for at, _ in looks]), np.array([way for _, way in looks]))
    return found
