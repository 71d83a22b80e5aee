"""What each thing of a scene is to physics: who walks, what rolls, floats or tumbles, and what stands for ever."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.roles import BASE_KIND, MOVING, Role, role_of
from bridge.scene import Asset, Collider, Scene

__all__ = ["MOVING", "PLAIN_BODY", "Role", "Thing", "example", "role_of", "things"]

PLAIN_BODY = Asset(
    "", "person", "person", (), (Collider("cylinder", (0.56, 0.56, 1.75), (0, 0, 0.875, 1, 0, 0, 0)),),
    (0.5, 0.56, 1.75), 75.0,
)  # fmt: skip
"""Who an agent without a placement of its name is: there, but not seen."""
_UNSEEN_BASE = Asset("", BASE_KIND, "robot", (), (), (0.2, 0.2, 0.2), 0.0)


@dataclass(frozen=True, eq=False)
class Thing:
    """Something with a name and a place: `pose` (7,) world_from_asset, `scale` (3,)."""

    name: str
    asset: Asset
    pose: NDArray[np.float64]
    scale: NDArray[np.float64]
    role: Role
    is_agent: bool = False

    @property
    def size(self) -> NDArray[np.float64]:
        """Full extents [m], shape (3,)."""
        return np.asarray(self.asset.size) * self.scale


def example(asset: Asset) -> Thing:
    """A nameless copy of an asset at its own scale."""
    return Thing("", asset, np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), np.ones(3), role_of(asset))


def things(scene: Scene, robots: Container[str]) -> Iterator[Thing]:
    """All placements in the order of the scene's table, then agents that have no placement of their name.

    `robots` are the names of those agents that are robots with joints.
    """
    agents = {agent.name: agent for agent in scene.agents}
    for group in scene.placements:
        asset = scene.assets[group.asset]
        role = role_of(asset)
        for name, pose, scale in zip(group.names, group.poses, group.scale, strict=True):
            is_agent = agents.pop(name, None) is not None
            yield Thing(name, asset, np.array(pose), np.array(scale), role, is_agent and role != "static")
    for agent in agents.values():
        asset, role = (_UNSEEN_BASE, "robot") if agent.name in robots else (PLAIN_BODY, "walker")
        yield Thing(agent.name, asset, np.array(agent.pose), np.ones(3), role, True)
