"""A made-up pick and place: a cube that a tool takes to a bowl, seen by two cameras as squares of colour, everything known in closed form."""

from dataclasses import replace

import numpy as np

from bridge.frames import look_at
from bridge.imagination import Past, Thing
from bridge.types import Camera, Pose
from evaluation.judges.tampering import truth
from evaluation.measures.case import Case
from evaluation.measures.geometry import projected
from evaluation.measures.reading import Reading
from world_models.clips import Clip

SIDE = 60
"""Of pictures [px]: a size that the recogniser which ships does not know, so that tests say what is read."""
EYES = (((1.2, -0.6, 0.8), "left"), ((1.2, 0.6, 0.8), "right"))
CAMERAS = tuple(Camera(name, SIDE, SIDE, 0.8, Pose(*look_at(eye, (0.0, 0.0, 0.05)))) for eye, name in EYES)
NAMES = ("red-cube", "blue-cube", "bowl")
COLOURS = ((200, 40, 40), (40, 40, 200), (220, 220, 160))
MANY = 12


def clip() -> Clip:
    """The red cube lies until moment 3, is carried up and 30 cm along until moment 9, let go of there in the bowl; the tool goes back up."""
    red = np.zeros((MANY, 3))
    red[4:10, 1] = np.linspace(0.05, 0.3, 6)
    red[4:9, 2] = 0.1
    red[10:] = red[9]
    tool = red + [0.0, 0.0, 0.025]
    tool[:3, 2] = [0.4, 0.3, 0.15]
    tool[10:, 2] = [0.15, 0.3]
    shut = np.where((np.arange(MANY) >= 3) & (np.arange(MANY) <= 9), 0.38, 0.0)
    places = {
        "red-cube": red,
        "blue-cube": np.tile([0.1, -0.2, 0.0], (MANY, 1)),
        "bowl": np.tile([0.0, 0.3, 0.0], (MANY, 1)),
    }
    upright = np.tile([1.0, 0.0, 0.0, 0.0], (MANY, 1))
    things = tuple(
        Thing(name, "tabletop-object", (0.05, 0.05, 0.05), np.concatenate([places[name], upright], axis=1))
        for name in NAMES
    )
    body = np.concatenate([tool, upright], axis=1)
    rgb, labels = np.full((MANY, 2, SIDE, SIDE, 3), 90, np.uint8), np.zeros((MANY, 2, SIDE, SIDE), np.uint8)
    for view, camera in enumerate(CAMERAS):
        for index in (2, 1, 0):
            for moment, (x, y) in enumerate(projected(places[NAMES[index]], camera, body[0])):
                square = (slice(int(y) - 2, int(y) + 3), slice(int(x) - 2, int(x) + 3))
                rgb[moment, view][square], labels[moment, view][square] = COLOURS[index], index + 1
    seen = Past(
        0.3 * np.arange(MANY), CAMERAS, rgb, body, shut, None, labels, things, "Put the red cube into the bowl."
    )
    return Clip("manipulate", seen, np.arange(MANY) >= 10, "pick-place")


def read_as(case: Case, places: dict[str, np.ndarray]) -> Case:
    """The case, had somebody read these places (n,3) of things, and all others where they are, in the dream; and the truth in the engine's."""
    true = {one.name: one.poses[:, :3] for one in case.truth.things} | {"tool": case.truth.body[:, :3]}
    made = replace(case)
    made.__dict__["engine"], made.__dict__["dreamt"] = _reading(case, true), (_reading(case, true | places),)
    return made


def true_case() -> Case:
    """The engine posing as a dream, well read."""
    return read_as(truth(clip(), 1), {})


def _reading(case: Case, places: dict[str, np.ndarray]) -> Reading:
    views = [[projected(place, camera, case.truth.body[0]) for camera in CAMERAS] for place in places.values()]
    spots = {name: np.stack(view, axis=1) for name, view in zip(places, views, strict=True)}
    what = np.zeros((len(case), 2, SIDE, SIDE), np.uint8)
    for row, name in enumerate(NAMES, start=1):
        what[:, 0, 8 * row : 8 * row + 5, 0:5] = np.where(np.isfinite(places[name]).all(axis=1), row, 0)[:, None, None]
    return Reading(("", *NAMES), what, places, spots)
