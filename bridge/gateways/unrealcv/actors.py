"""The actors of a world as Unreal names them: what stands and moves in a scene, with what only Unreal knows of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.gateways.unrealcv.units import Pose7, Triple
from bridge.meshes import extent
from bridge.scene import Asset, Instance, Part, Scene

Sort = Literal["thing", "agent", "part", "terrain", "water", "camera", "plain"]
Color = tuple[int, int, int]
ORIGIN: Pose7 = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
_WATERS = {"sea": "WaterBodyOcean", "river": "WaterBodyRiver", "canal": "WaterBodyRiver"}
ACTING = ("person", "robot", "animal", "vehicle", "bicycle", "scooter", "boat")
"""Semantic classes of what can be told what to do."""


@dataclass(eq=False)
class Actor:
    """One actor. `name` is what clients call it, `thing` what the engine does ("" for what only Unreal would have).

    `pose` is where it was last put; what moves by itself is where the world's state says (see Stage.pose). `scale` is
    that of its asset. `color` is what it has in object masks. `memory` is for blueprints to keep things in.
    """

    name: str
    class_name: str
    sort: Sort
    thing: str = ""
    asset: str = ""
    pose: Pose7 = ORIGIN
    scale: Triple = (1.0, 1.0, 1.0)
    color: Color = (0, 0, 0)
    is_hidden: bool = False
    is_agent: bool = False
    is_off: bool = False
    """Whether the engine has nothing of it now, since it is off the map or where such a thing cannot be."""
    label: str = ""
    flags: dict[str, bool] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def mobility(self) -> str:
        """Unreal's word for whether it can be moved."""
        is_fixed = self.sort in ("part", "terrain", "water") or not self.flags.get("movable", True)
        return "Static" if is_fixed else "Movable"


def unreal_name(name: str) -> str:
    """A name as Unreal can have it: without spaces and slashes."""
    return re.sub(r"[\s/]+", "_", name)


def class_of_asset(asset: str) -> str:
    """The name of the blueprint class of an asset: 'fishing-boat-1' is BP_FishingBoat1_C."""
    return "BP_" + "".join(word[:1].upper() + word[1:] for word in re.split(r"[^0-9A-Za-z]+", asset)) + "_C"


def is_acting(asset: Asset) -> bool:
    """Whether copies of an asset can be told what to do."""
    return asset.semantic in ACTING


def level_name(scene: Scene) -> str:
    """What Unreal would call the level."""
    return unreal_name(scene.name) or "Town"


def cast(scene: Scene, added: tuple[Instance, ...]) -> Iterator[Actor]:
    """Everybody and everything at the start, in the order of the scene's table after the level's script.

    Links of robots belong to the actor that the robot is; they are none of their own.
    """
    level = level_name(scene)
    yield Actor(f"{level}_C_0", f"{level}_C", "plain")
    yield Actor("terrain", "Landscape", "terrain", "terrain")
    for water in scene.waters:
        class_name = _WATERS.get(water.kind, "WaterBodyLake")
        yield Actor(
            unreal_name(water.name), class_name, "water", water.name, pose=_at(_middle(water.polygon, water.level_m))
        )
    for part in scene.parts:
        yield Actor(unreal_name(part.name), "StaticMeshActor", "part", part.name, pose=_at(_foot(part)))
    agents = {agent.name: agent for agent in scene.agents}
    for group in scene.placements:
        class_name = class_of_asset(group.asset)
        rows = zip(group.names, group.poses.tolist(), group.scale.tolist(), strict=True)
        for name, pose, scale in rows:
            is_agent = agents.pop(name, None) is not None
            yield Actor(
                unreal_name(name), class_name, "agent" if is_agent else "thing", name, group.asset, tuple(pose),
                tuple(scale), is_agent=is_agent,
            )  # fmt: skip
    for agent in agents.values():
        yield Actor(unreal_name(agent.name), "Character", "agent", agent.name, pose=agent.pose, is_agent=True)


def _at(position: Triple) -> Pose7:
    return *position, 1.0, 0.0, 0.0, 0.0


def _middle(points: Any, level: float) -> Triple:
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    return x, y, level


def _foot(part: Part) -> Triple:
    """The middle of the underside of what a part fills."""
    low, high = extent(part.mesh)
    x, y, _ = ((low + high) / 2).tolist()
    return x, y, float(low[2])
