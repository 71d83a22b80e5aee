"""Where an address, a name or a point is: what `go_to` is told, found in a scene."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UnknownName
from bridge.scene import Scene
from bridge.types import WorldState

Target = str | Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Place:
    """Somewhere to go: what it is called and where one stands to be there, `position` (3,) [m], world frame."""

    name: str
    position: NDArray[np.float64]


class Gazetteer:
    """All places of a scene by address and name."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def find(self, target: Target, state: WorldState | None = None) -> Place:
        """A place: an address ("14 Quay Street"), a name in the scene or of a body, or a point. Raises UnknownName."""
        if not isinstance(target, str):
            point = np.asarray(target, dtype=np.float64).ravel()
            if point.shape not in ((2,), (3,)) or not np.isfinite(point).all():
                raise UnknownName(f"{target!r} is no place. Give an address, a name, or two or three finite numbers.")
            return Place(f"({point[0]:.1f}, {point[1]:.1f})", np.resize(np.append(point, 0.0), 3))
        name = target.strip().rstrip(".")
        if state is not None and name in state.names:
            return Place(name, state.poses[state.names.index(name), :3].copy())
        found = self.addresses.get(name.casefold())
        found = self._named.get(name) if found is None else found
        if found is None:
            raise UnknownName(self._unknown(name))
        return Place(name, found)

    @cached_property
    def addresses(self) -> dict[str, NDArray[np.float64]]:
        """By address in small letters, where one stands in front of the first door."""
        nodes, found = self._scene.navigation.nodes, {}
        for building in self._scene.buildings:
            if building.address and building.doors:
                door = building.doors[0]
                at = nodes[door.node] if 0 <= door.node < len(nodes) else np.array(door.position)
                found.setdefault(building.address.casefold(), at)
        return found

    @cached_property
    def _named(self) -> dict[str, NDArray[np.float64]]:
        scene = self._scene
        found = {spawn.name: np.array(spawn.pose[:3]) for spawn in scene.spawns}
        for part in scene.parts:
            if part.outline is not None and len(part.mesh.vertices):
                found[part.name] = np.append(part.outline.mean(axis=0), float(part.mesh.vertices[:, 2].max()))
        for group in scene.placements:
            found |= dict(zip(group.names, group.poses[:, :3], strict=True))
        found |= {agent.name: np.array(agent.pose[:3]) for agent in scene.agents}
        for building in scene.buildings:
            if building.doors:
                found[building.name] = self.addresses.get(
                    building.address.casefold(), np.array(building.doors[0].position)
                )
        return {name: np.asarray(at, dtype=np.float64) for name, at in found.items()}

    def _unknown(self, name: str) -> str:
        known = [*(b.address for b in self._scene.buildings if b.address and b.doors), *self._named]
        folded = {word.casefold(): word for word in known}
        near = [folded[word] for word in difflib.get_close_matches(name.casefold(), folded, n=3)]
        guess = f" Did you mean {' or '.join(repr(word) for word in near)}?" if near else ""
        streets = sorted({word.lstrip("0123456789 ") for word in known[: len(self.addresses)]})
        there = f" Streets: {', '.join(streets[:20])}." if streets else " This scene has no addresses."
        return f"No place named '{name}'.{guess}{there} Give an address, a name in the scene, or a point (x, y)."
