"""The hamlet that comes with the package, prepared once, and the embedded engine with it loaded."""

import functools

import numpy as np

from bridge.control.town import Town
from bridge.engines import open_engine
from bridge.tasks.default_town import town_scene


@functools.cache
def hamlet() -> Town:
    """The town; shared, so tests enter nobody of a name that others use."""
    return Town(town_scene())


def loaded_engine():
    """An engine that holds the hamlet; close it."""
    engine = open_engine("embedded")
    engine.load(hamlet().scene)
    return engine


def where(state, name: str) -> np.ndarray:
    """A body's place (3,)."""
    return state.poses[state.names.index(name), :3]
