"""What is known of one Unreal world: who is there, where everything was last seen, how it looks in masks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Change, Remove, Resize, Spawn, Weather
from bridge.engines.embedded.roster import MOVING, Thing, role_of
from bridge.engines.unrealcv.checks import pose_numbers
from bridge.engines.unrealcv.orders import Orders
from bridge.engines.unrealcv.touches import Touches
from bridge.formats.simworld_town import gen_name
from bridge.frames import matrix_from_quat, quat_inverse, quat_product, read_only
from bridge.scene import Scene
from bridge.types import Camera, Contacts, Pose, WorldState
from bridge.unrealcv.answers import members, refusal
from bridge.unrealcv.bodies import pose_lines, poses_of
from bridge.unrealcv.border import mask_color
from bridge.unrealcv.dialect import Dialect
from bridge.unrealcv.town import Town, name_there
from bridge.weather import changed

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]


class Known:
    """One episode's world. `is_exact` where the server is our gateway and tells its whole state by itself.

    `start` is the scene's roster; `rows` are instance ids by name, `id_of` by the colours of masks.
    """

    def __init__(
        self, scene: Scene, town: Town, start: Mapping[str, Thing], dialect: Dialect, *, is_exact: bool, watch_m: float
    ) -> None:
        self.scene, self.town, self.start, self.is_exact = scene, town, start, is_exact
        self.tick, self.revision, self._watch_m = 0, 0, watch_m
        self.things: dict[str, Thing] = {
            name: thing
            for name, thing in start.items()
            if name in town.there and (is_exact or thing.role not in ("static", "door"))
        }
        self.environment = scene.environment
        self.gone: set[str] = set()
        self.spawned: dict[str, str] = {}
        self.rows = {row.name: row.id for row in scene.instances()}
        self.id_of = dict(town.id_of)
        self.agents = [agent.name for agent in scene.agents if agent.name in town.there]
        self.orders = Orders(dialect, self.things, town.there, is_exact=is_exact)
        self.orders.enrol(self.agents)
        self.names = self._moving()
        self.state: WorldState | None = None
        self.poses: dict[str, Array] = {}
        self._watched = self.names
        self._touches = Touches(scene) if dialect == "simworld" else None
        self._counted: tuple[str, ...] = ()

    def _moving(self) -> tuple[str, ...]:
        return tuple(name for name, thing in self.things.items() if thing.role in MOVING)

    def aboard(self) -> dict[str, str]:
        """Who rides what where the rider is no actor of its own meanwhile, as in SimWorld: they are where that is."""
        if self._touches is None:
            return {}
        agents = self.orders.agents.values()
        return {one.name: one.riding for one in agents if one.riding in self.things and one.riding != one.name}

    def actors(self) -> set[str]:
        """Who can be sent actions: in the gateway's world its agents, elsewhere all that goes about."""
        if self.is_exact:
            return set(self.orders.agents)
        return {name for name, thing in self.things.items() if thing.role in MOVING and thing.role != "free"}

    # ---- where everything is

    def asking(self) -> list[str]:
        """What asks for the places of all that may have moved, and how often agents have run into something."""
        aboard = self.aboard()
        self._watched = tuple(name for name in self._near() if name not in aboard)
        self._counted = (
            tuple(name for name in self.orders.agents if name not in aboard) if self._touches is not None else ()
        )
        counts = [f"vbp {self.town.there[name]} GetCollisionNum" for name in self._counted]
        return [*pose_lines([self.town.there[name] for name in self._watched]), *counts]

    def _near(self) -> tuple[str, ...]:
        """Everything at first, and after changes; else agents and what they may touch."""
        agents = [self.poses[name][:2] for name in self.orders.agents if name in self.poses]
        if not agents or not np.isfinite(self._watch_m):
            return self.names
        unseen = [name for name in self.names if name not in self.poses]
        seen = [name for name in self.names if name in self.poses]
        places = np.array([self.poses[name][:2] for name in seen]).reshape(-1, 2)
        away = np.linalg.norm(places[:, None] - np.array(agents)[None], axis=2).min(axis=1)
        near = {name for name, metres in zip(seen, away, strict=True) if metres <= self._watch_m}
        return tuple(name for name in self.names if name in near or name in unseen)

    def seen(self, lines: Sequence[str], answers: Sequence[bytes], ticks: int, time_s: float) -> WorldState:
        """The state after so many ticks, of the answers to `asking`."""
        before, count = self.poses, 2 * len(self._watched)
        found = poses_of(self.town, self._watched, lines[:count], answers[:count])
        found[:, 3:] /= np.linalg.norm(found[:, 3:], axis=1, keepdims=True)
        now = {**before, **dict(zip(self._watched, found, strict=True))}
        now |= {name: now[vehicle] for name, vehicle in self.aboard().items()}
        self.poses = {name: now[name] for name in self.names}
        poses = np.array(list(self.poses.values())).reshape(-1, 7)
        former = np.array([before.get(name, pose) for name, pose in self.poses.items()]).reshape(-1, 7)
        self.state = WorldState(
            tick=self.tick,
            time_s=time_s,
            names=self.names,
            poses=read_only(poses),
            velocities=read_only(rates(former, poses, ticks * TICK_S)),
            contacts=self._contacts(lines[count:], answers[count:]),
            agents=tuple(one.state() for one in self.orders.agents.values()),
            revision=self.revision,
        )
        return self.state

    def _contacts(self, lines: Sequence[str], answers: Sequence[bytes]) -> Contacts | None:
        """Whom agents have run into since they were last asked; None where their blueprints do not count."""
        if self._touches is None:
            return None
        rows = zip(self._counted, lines, answers, strict=True)
        told = {name: members(line, answer) for name, line, answer in rows if not refusal(answer)}
        return self._touches.counted(told, {**self.start, **self.things}, self.poses)

    def told(self, state: WorldState) -> WorldState:
        """The same for a state that the server told whole."""
        agents = state.agents or tuple(one.state() for one in self.orders.agents.values())
        self.state = replace(
            state, tick=self.tick, time_s=self.tick * TICK_S, revision=self.revision, epoch=0, agents=agents
        )
        self.poses = dict(zip(state.names, state.poses, strict=True))
        return self.state

    def in_the_world(self, camera: Camera) -> Camera:
        """A camera that is mounted on a body, where that is now."""
        if camera.mount == "world":
            return camera
        thing = self.things.get(camera.mount) or self.start.get(camera.mount)
        pose = self.poses.get(camera.mount, thing.pose if thing is not None else None)
        if pose is None:
            return replace(camera, mount="world")  # parts are built in the world's frame
        mount = camera.mount_from_camera
        position = pose[:3] + matrix_from_quat(pose[3:]) @ np.asarray(mount.position)
        return replace(camera, mount="world", mount_from_camera=Pose(position, quat_product(pose[3:], mount.quat_wxyz)))

    def as_cameras_see_it(self) -> "World":
        """What the embedded engine's cameras, which are everybody's, want to know of a world."""
        known = self

        class Seen:
            scene, robots, things, slot = known.scene, {}, known.things, known.things

            def agents(self) -> list[str]:
                return [name for name in known.orders.agents if name in known.things]

        return cast("World", Seen())

    # ---- what becomes of it

    def note(self, changes: Sequence[Change]) -> None:
        """What a batch that was made has changed."""
        there = dict(self.town.there)
        for change in changes:
            if isinstance(change, Spawn):
                asset, pose = self.scene.assets[change.asset], pose_numbers(change.pose, "Spawn")
                there[change.name] = name_there(change.name if self.is_exact else gen_name(change.name))
                scale = np.array(change.scale or (1.0, 1.0, 1.0))
                self.things[change.name] = Thing(change.name, asset, pose, scale, role_of(asset), change.is_agent)
                self.spawned[change.name] = change.asset
                self.next_id(change.name)
                if change.is_agent:
                    self.agents.append(change.name)
            elif isinstance(change, Remove):
                self.things.pop(change.name, None)
                self.poses.pop(change.name, None)
                if change.name not in self.spawned:
                    self.gone.add(change.name)
                self.spawned.pop(change.name, None)
                self.agents = [name for name in self.agents if name != change.name]
            elif isinstance(change, Resize):
                thing = self.things[change.name]
                self.things[change.name] = replace(thing, scale=np.array(change.scale))
            elif isinstance(change, Weather):
                self.environment = changed(self.environment, change)
        self.town = replace(self.town, there=there)
        self.orders = self.orders.among(self.things, there)
        self.orders.enrol(self.agents)
        self.names = self._moving()
        for name in {getattr(change, "name", "") for change in changes}:
            self.poses.pop(name, None)
        self.revision += 1

    def original(self, town: Town) -> Town:
        """A town without what was spawned in this episode."""
        return replace(town, there={name: there for name, there in town.there.items() if name not in self.spawned})

    def next_id(self, name: str) -> int:
        """The row of a thing in label images: what is new comes at the end, and keeps its row."""
        return self.rows.setdefault(name, len(self.rows) + 1)

    def label(self, name: str, color: tuple[int, int, int] | None) -> None:
        """How a new thing looks in masks; None: as it was told to look when it was spawned."""
        self.id_of[color or mask_color(self.rows[name])] = self.rows[name]


def rates(former: Array, poses: Array, seconds: float) -> Array:
    """Linear and angular velocities (n,6) between two moments; zero where no time has passed."""
    found = np.zeros((len(poses), 6))
    if seconds and len(poses):
        found[:, :3] = (poses[:, :3] - former[:, :3]) / seconds
        turn = quat_product(poses[:, 3:], quat_inverse(former[:, 3:]))
        turn *= np.where(turn[:, :1] < 0, -1.0, 1.0)
        sine = np.linalg.norm(turn[:, 1:], axis=1, keepdims=True)
        angle = 2 * np.arctan2(sine, turn[:, :1])
        found[:, 3:] = turn[:, 1:] / np.maximum(sine, 1e-12) * angle / seconds
    return found
