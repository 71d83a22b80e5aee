"""What this end knows of the world that Unreal holds: who is there, who can be told something, cameras by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bridge.engine import Change, Move, Paint, Remove, Resize, Spawn
from bridge.engines.embedded.cameras import check_cameras, follow, front
from bridge.engines.embedded.roster import MOVING, Role, Thing, role_of, things
from bridge.errors import InvalidChange, NotSupported, UnknownCamera
from bridge.formats.views import views
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.types import Camera, WorldState

_ACTORS = ("walker", "wheels", "boat")
_AS_IT_IS = np.ones(3)
_EYES = {"front": front, "follow": follow}


class Known:
    """One scene as it was told, and what edits have made of its things. Raises NotSupported for a scene with jointed robots."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self._start = {thing.name: thing for thing in things(scene, ())}
        jointed = next((thing for thing in self._start.values() if thing.role in ("robot", "link")), None)
        if jointed is not None:
            raise NotSupported(
                f"Engine 'unreal' has no joints, and '{jointed.name}' of scene '{scene.name}' moves by them. Run it on the "
                "engine 'embedded'."
            )
        self._roles: dict[str, Role] = {name: role_of(asset) for name, asset in scene.assets.items()}
        self._parts = frozenset(part.name for part in scene.parts)
        self.begin()

    def begin(self) -> None:
        """Everything as the scene says."""
        self.things: dict[str, Thing] = dict(self._start)
        self.parts = set(self._parts)
        self.actors = {name: None for name, thing in self.things.items() if thing.role in _ACTORS}
        """Who moves by itself."""
        self._former = {name: thing.scale for name, thing in self._start.items()}
        """Sizes by name, of what is gone again as well: a name that comes back has the size it had."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Who can be controlled."""
        return tuple(name for name, thing in self.things.items() if thing.is_agent)

    def apply(self, changes: Iterable[Change]) -> None:
        """What a batch that was made has changed of who is there."""
        for change in changes:
            match change:
                case Spawn(name, asset, pose, is_agent, scale):
                    made = self.scene.assets[asset]
                    place = np.concatenate([pose.position, pose.quat_wxyz])
                    size = np.array(scale, np.float64) if scale is not None else self._former.get(name, _AS_IT_IS)
                    self.things[name] = Thing(name, made, place, size, self._roles[asset], is_agent)
                    self._former[name] = size
                    if self._roles[asset] in _ACTORS:
                        self.actors[name] = None
                case Resize(name, scale) if name in self.things:
                    self.things[name] = replace(self.things[name], scale=np.array(scale, np.float64))
                    self._former[name] = self.things[name].scale
                case Remove(name):
                    self.things.pop(name, None)
                    self.actors.pop(name, None)
                    self.parts.discard(name)

    def cameras(self, state: WorldState | None = None) -> dict[str, Camera]:
        """All cameras with a name; who rides what is in the state."""
        found = {camera.name: camera for camera in views(self.scene)}
        riding = _riding(state)
        for name in self.agents:
            thing, carrier = self.things[name], self.things.get(riding.get(name, ""))
            found |= {camera.name: camera for camera in (front(thing, carrier), follow(thing, carrier))}
        return found

    def looking(self, cameras: Sequence[str | Camera], state: WorldState) -> list[Camera]:
        """The cameras as they are described, each one that can take a picture. Raises UnknownCamera, UnknownBody, InvalidInput."""
        named = self.cameras(state) if any(isinstance(one, str) for one in cameras) else {}
        found = [one if not isinstance(one, str) else self._named(one, named, state) for one in cameras]
        check_cameras(found, [*self.things, *self.parts])
        return found

    def _named(self, name: str, named: Mapping[str, Camera], state: WorldState) -> Camera:
        if name in named:
            return named[name]
        body, _, which = name.rpartition("/")
        if which in _EYES and body in self.things and self.things[body].role in MOVING:
            return _EYES[which](self.things[body], self.things.get(_riding(state).get(body, "")))
        raise UnknownCamera(unknown_name("camera", name, named))


def check_changes(changes: Sequence[Change]) -> None:
    """Raises InvalidChange for a place that is none; what else cannot be made Unreal itself says, before it makes any of it."""
    placed = [(index, change) for index, change in enumerate(changes) if isinstance(change, Spawn | Move)]
    if placed:
        try:
            position = np.array([change.pose.position for _, change in placed], np.float64)
            quat = np.array([change.pose.quat_wxyz for _, change in placed], np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidChange(
                f"A pose in the batch is no place of 3 numbers with a quaternion of 4 ({error})."
            ) from None
        if position.shape != (len(placed), 3) or quat.shape != (len(placed), 4):
            raise InvalidChange("A pose in the batch has not 3 and 4 numbers: a position, and a quaternion wxyz.")
        table = np.concatenate([position, quat], axis=1)
        is_sound = np.isfinite(table).all(axis=1) & (np.abs(np.linalg.norm(table[:, 3:], axis=1) - 1) < 1e-3)
        if not is_sound.all():
            index, change = placed[int(np.argmin(is_sound))]
            raise InvalidChange(
                f"Change {index} ({type(change).__name__}) puts '{change.name}' at {table[np.argmin(is_sound)].tolist()}. "
                "Give finite numbers and a quaternion wxyz of length 1."
            )
    for index, change in enumerate(changes):
        if isinstance(change, Paint) and not all(0 <= share <= 1 for share in change.color):
            raise InvalidChange(f"Change {index} (Paint) has the color {change.color}; give rgb, each from 0 to 1.")


def _riding(state: WorldState | None) -> dict[str, str]:
    return {agent.name: agent.riding for agent in state.agents if agent.riding} if state is not None else {}
