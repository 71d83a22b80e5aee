"""The bare splat: the last picture as a cloud of points, seen along the course, its things moved, and nothing imagined."""

from dataclasses import dataclass, field
from typing import Literal

from bridge.imagination import ModelInfo, WorldModel
from world_models.geodrive.depth import Corruption
from world_models.geodrive.model import Filler, GeoDrive, Rules


@dataclass(frozen=True)
class Config:
    """What is done about what no point covers: `fill` "none" leaves it black, "nearest" takes the nearest pixel, "smooth" what is all around.

    `editing` False leaves the points of things where they are; `corruption` spoils the depth that points are placed by.
    """

    fill: Literal["none", "nearest", "smooth"] = "smooth"
    editing: bool = True
    corruption: Corruption = field(default_factory=Corruption)


def make(config: Config) -> WorldModel:
    """The model, for pictures of any size and number of views."""
    info = ModelInfo("splat", "any", needs_depth=True)
    return GeoDrive(info, Filler(config.fill), Rules(config.editing, 0, config.corruption))
