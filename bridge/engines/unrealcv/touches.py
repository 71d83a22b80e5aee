"""Who touched whom, of what SimWorld's blueprints count: how often each agent ran into people, vehicles, buildings, objects.

Whom they met is not told: it is taken to be the nearest of that kind within reach; with whom nobody is, nothing is said.
Forces are not known and 0.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.roster import Thing
from bridge.frames import read_only
from bridge.meshes import extent
from bridge.scene import Scene
from bridge.types import Contacts

Array = NDArray[np.float64]
_REACH_M = 2.5
_KIND_OF = {
    "person": "HumanCollision", "vehicle": "VehicleCollision", "bicycle": "VehicleCollision", "scooter": "VehicleCollision",
    "boat": "VehicleCollision", "building": "BuildingCollision", "wall": "BuildingCollision", "door": "BuildingCollision",
}  # fmt: skip
"""SimWorld's counters by our semantic classes; everything else is an object to it."""
_OBJECT = "ObjectCollision"


class Touches:
    """The counters of all agents of one episode: some count for ever, some from the last time they were asked."""

    def __init__(self, scene: Scene) -> None:
        self._counts: dict[str, dict[str, int]] = {}
        self._starts_over = False
        boxes = [extent(part.mesh) for part in scene.parts]
        self._parts = [(part.name, _KIND_OF.get(part.semantic, _OBJECT)) for part in scene.parts]
        self._low = np.array([low for low, _ in boxes]).reshape(-1, 3)
        self._high = np.array([high for _, high in boxes]).reshape(-1, 3)

    def counted(
        self,
        told: Mapping[str, Mapping[str, str]],
        things: Mapping[str, Thing],
        poses: Mapping[str, Array],
    ) -> Contacts | None:
        """What is new in the counters, by agent, since they were last told; None where nobody counts."""
        if not told:
            return None
        pairs: list[tuple[str, str]] = []
        for agent, members in told.items():
            before = self._counts.get(agent)
            now = {kind: int(float(count)) for kind, count in members.items() if count.replace(".", "", 1).isdigit()}
            self._counts[agent] = now
            if before is None:
                continue
            self._starts_over |= any(count < before.get(kind, 0) for kind, count in now.items())
            for kind, count in now.items():
                if count > (0 if self._starts_over else before.get(kind, 0)):
                    other = self._nearest(agent, kind, things, poses)
                    if other:
                        pairs.append((agent, other))
        places = np.array([poses[agent][:3] for agent, _ in pairs]).reshape(-1, 3)
        return Contacts(tuple(pairs), read_only(places), read_only(np.zeros(len(pairs))))

    def _nearest(self, agent: str, kind: str, things: Mapping[str, Thing], poses: Mapping[str, Array]) -> str:
        """The nearest of a kind, "" if none is in reach."""
        here = poses[agent][:3]
        found = [
            (float(np.linalg.norm(poses.get(name, thing.pose)[:3] - here)) - 0.5 * float(max(thing.size[:2])), name)
            for name, thing in things.items()
            if name != agent and _KIND_OF.get(thing.asset.semantic, _OBJECT) == kind
        ]
        if len(self._parts):
            gaps = np.linalg.norm(np.maximum(np.maximum(self._low - here, here - self._high), 0.0), axis=1)
            found += [(float(gap), name) for gap, (name, one) in zip(gaps, self._parts, strict=True) if one == kind]
        away, name = min(found, default=(np.inf, ""))
        return name if away <= _REACH_M else ""
