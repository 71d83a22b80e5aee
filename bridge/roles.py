"""What each asset of a scene is to an engine: who walks, what rolls, floats or tumbles, and what stands for ever."""

from typing import Literal

from bridge.scene import Asset

Role = Literal["walker", "wheels", "boat", "free", "static", "robot", "link", "door"]
MOVING: tuple[Role, ...] = ("walker", "wheels", "boat", "free")
"""The roles of things that are one body in an engine's state; their order is their code."""
BASE_KIND, LINK_KIND = "robot-base", "robot-link"
"""The kinds of assets that robots are made of; they come with their robot and are not spawned one by one."""
_OF_ROBOTS: dict[str, Role] = {BASE_KIND: "robot", LINK_KIND: "link"}
_BY_CLASS: dict[str, Role] = {
    "person": "walker", "robot": "walker", "animal": "walker", "vehicle": "wheels", "bicycle": "wheels",
    "scooter": "wheels", "boat": "boat",
}  # fmt: skip
_PERCHED = ("seagull",)
"""Animals that stay where they sit, on roofs and posts."""


def role_of(asset: Asset) -> Role:
    """What an asset is to physics."""
    if asset.kind in _OF_ROBOTS:
        return _OF_ROBOTS[asset.kind]
    if asset.semantic == "door" and asset.colliders:
        return "door"
    role = _BY_CLASS.get(asset.semantic)
    if role and asset.kind not in _PERCHED:
        return role
    return "free" if asset.is_movable and asset.colliders else "static"
