"""A scene in an Unreal world: what things are called there, how they are seen, and what is not as the scene says.

A thing of the scene has its name there with "_" for spaces and slashes, or, spawned, SimWorld's GEN_BP_ before it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.formats.simworld_town import Node
from bridge.unrealcv.border import Border

GO_ABOUT = ("person", "robot", "animal", "vehicle", "bicycle", "scooter", "boat")
"""Semantic classes of what moves by itself."""


@dataclass(frozen=True)
class Town:
    """A scene as an Unreal world has it.

    `there` are Unreal's names by ours; `lift_cm` how far above its underside Unreal says a thing is, by our name, where
    that is not 0; `id_of` the instances by their colours in masks; `nodes` what was spawned, by Unreal's names,
    `scales` how blueprints were stretched, by ours; `notes` what is not as the scene says.
    """

    there: Mapping[str, str]
    border: Border
    id_of: Mapping[tuple[int, int, int], int]
    is_spawned: bool = False
    nodes: Mapping[str, Node] = field(default_factory=dict)
    lift_cm: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def name_there(name: str) -> str:
    """A scene's name as Unreal can have it."""
    return re.sub(r"[\s/]+", "_", name)
