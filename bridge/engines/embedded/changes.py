"""Changes between two ticks: a batch is checked whole before anything of it is made."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bridge.dressed import Color, Scale, dressed
from bridge.engine import SCALES, Change, Hide, Move, Paint, Remove, Resize, Spawn, Weather
from bridge.engines.embedded.becoming import become
from bridge.engines.embedded.roster import Thing, role_of
from bridge.errors import InvalidChange, NameTaken, UnknownBody, UnknownName
from bridge.plugins import unknown_name
from bridge.scene import Environment, Placements, Scene
from bridge.types import Pose
from bridge.weather import WEATHERS, changed

if TYPE_CHECKING:
    from bridge.engines.embedded.skills import Skills
    from bridge.engines.embedded.world import World

MOST_CHANGES, MOST_CHARACTERS = 10_000, 200
_RANGES = {"time_of_day_h": (0.0, 24.0), "visibility_m": (1.0, 1e6), "wetness": (0.0, 1.0), "snow_cover": (0.0, 1.0)}


class Changes:
    """What was changed in one world since its reset, and how to change more."""

    def __init__(self, world: "World", skills: "Skills") -> None:
        self._world, self._skills = world, skills
        self._spawned: list[Thing] = []
        self._rows: list[Placements] = []
        self._paints: dict[str, Color] = {}
        self._scales: dict[str, Scale] = {}
        self._unseen: frozenset[str] = frozenset()
        self.scene: Scene = world.scene
        self.hidden: tuple[str, ...] = ()
        self.revision = 0
        """How many batches were made."""
        self._parts = {part.name for part in world.scene.parts}

    def make(self, changes: Sequence[Change]) -> None:
        """All changes, in order, or none. Raises InvalidChange, UnknownBody or UnknownName."""
        if len(changes) > MOST_CHANGES:
            raise InvalidChange(f"A batch of {len(changes)} changes came. Send at most {MOST_CHANGES} at once.")
        world = self._world
        draft = _Draft(self, world.things, {part.name for part in world.parts}, world.environment)
        for index, change in enumerate(changes):
            draft.take(change, f"Change {index} ({type(change).__name__})")
        for name in draft.gone:
            self._release(name)
        parts = tuple(part for part in world.scene.parts if part.name in draft.parts)
        become(world, draft.things, parts, draft.placed)
        self._skills.enrol()
        if draft.environment != world.environment:
            world.set_weather(draft.environment)
        self._paint(draft)
        self.revision += bool(changes)

    def _paint(self, draft: "_Draft") -> None:
        """Brings the scene that pictures show up to date."""
        rows = {thing.name for thing in self._spawned}
        fresh = [t for t in draft.spawned.values() if t.name not in self._world.start and t.name not in rows]
        self.hidden = tuple(
            name
            for name in (*self._world.start, *rows, *self._parts)
            if name not in draft.things and name not in draft.parts and self._is_drawn(name)
        )
        self._unseen = draft.unseen
        self.hidden += tuple(name for name in sorted(draft.unseen) if self._is_drawn(name))
        looks = draft.paints, draft.scales, draft.environment
        if fresh or looks != (self._paints, self._scales, self.scene.environment):
            self._spawned += fresh
            self._rows += [Placements(t.asset.name, (t.name,), t.pose[None], t.scale[None]) for t in fresh]
            self._paints, self._scales = draft.paints, draft.scales
            self.scene = dressed(self._world.scene, self._rows, self._paints, draft.environment, self._scales)

    def _is_drawn(self, name: str) -> bool:
        thing = self._world.start.get(name)
        return thing is None or bool(thing.asset.lods)

    def _release(self, name: str) -> None:
        """Lets go of everything that somebody who leaves holds or rides."""
        doer = self._skills.doers.get(name)
        if doer is None:
            return
        world = self._world
        for held in doer.holding:
            world.detach(world.slot[held], world.pose(world.slot[held]))
        doer.holding.clear()
        if doer.riding or doer.seat:
            world.detach(doer.slot, world.pose(doer.slot))
        self._skills.mount(doer, "")
        doer.seat = ""

    def former(self, name: str) -> Thing | None:
        """What bore a name earlier in this episode."""
        return self._world.start.get(name) or next((thing for thing in self._spawned if thing.name == name), None)

    def paints(self) -> dict[str, Color]:
        """The colours given so far; a copy."""
        return dict(self._paints)

    def scales(self) -> dict[str, Scale]:
        """The sizes given so far, by name; a copy."""
        return dict(self._scales)

    @property
    def unseen(self) -> frozenset[str]:
        """Names of what is there and was hidden."""
        return self._unseen

    @property
    def world(self) -> "World":
        """The world that is changed."""
        return self._world

    @property
    def skills(self) -> "Skills":
        """Who holds and rides what in it."""
        return self._skills


class _Draft:
    """What the world would be after a batch: names and places only, so that refusing costs nothing."""

    def __init__(self, made: Changes, things: dict[str, Thing], parts: set[str], environment: Environment) -> None:
        self._made = made
        self.things, self.parts, self.environment = dict(things), parts, environment
        self.paints, self.scales, self.unseen = made.paints(), made.scales(), made.unseen
        self.placed: set[str] = set()
        self.spawned: dict[str, Thing] = {}
        self.gone: list[str] = []

    def take(self, change: Change, which: str) -> None:
        """One change more; raises if it cannot be made."""
        if isinstance(change, Spawn):
            self._spawn(change, which)
        elif isinstance(change, Move):
            self._move(change, which)
        elif isinstance(change, Remove):
            self._remove(change, which)
        elif isinstance(change, Resize):
            self._resize(change, which)
        elif isinstance(change, Hide):
            self._hide(change, which)
        elif isinstance(change, Paint):
            self._paint(change, which)
        elif isinstance(change, Weather):
            self._weather(change, which)
        else:
            raise InvalidChange(f"{which} is no change. Send Spawn, Move, Remove, Resize, Hide, Paint or Weather.")

    def _spawn(self, change: Spawn, which: str) -> None:
        name, scene = change.name, self._made.world.scene
        if (
            not name
            or len(name) > MOST_CHARACTERS
            or not name.isprintable()
            or "/" in name
            or name in ("world", "terrain")
        ):
            raise InvalidChange(
                f"{which}: {name[:60]!r} cannot be a name. Use 1 to {MOST_CHARACTERS} printable characters without '/'."
            )
        if name in self.things or name in self.parts or name in {water.name for water in scene.waters}:
            raise NameTaken(f"{which}: there is a '{name}' already. Choose another name, or remove it first.")
        asset = scene.assets.get(change.asset)
        if asset is None:
            raise UnknownName(f"{which}: " + unknown_name("asset", change.asset, scene.assets))
        former = self._made.former(name)
        if former is not None and former.asset is not asset:
            raise InvalidChange(f"{which}: '{name}' was a {former.asset.kind} before. Choose another name.")
        if name in {part.name for part in scene.parts}:
            raise InvalidChange(f"{which}: '{name}' was a part of the town before. Choose another name.")
        role = role_of(asset)
        if role in ("robot", "link"):
            raise InvalidChange(
                f"{which}: {asset.name} is part of a robot with joints, which come with the scene alone."
            )
        if change.is_agent and role in ("free", "static", "door"):
            raise InvalidChange(f"{which}: a {asset.kind} cannot act. Spawn it without is_agent.")
        scale = former.scale if former is not None else np.ones(3)
        self.scales.pop(name, None)
        if change.scale is not None:
            scale = self._size(change.scale, which)
            if former is not None:
                self._rescale(name, scale)
        thing = Thing(name, asset, self._pose(change.pose, which), scale, role, change.is_agent)
        self._check_place(thing, which)
        self.things[name] = self.spawned[name] = thing
        self.placed.add(name)

    def _move(self, change: Move, which: str) -> None:
        thing = self._thing(change.name, which)
        if thing.role == "link":
            owner = change.name.rpartition("/")[0]
            raise InvalidChange(f"{which}: '{change.name}' is a link of '{owner}'. Move '{owner}', or send it Joints.")
        self._not_taken(change.name, which)
        moved = replace(thing, pose=self._pose(change.pose, which))
        self._check_place(moved, which)
        self.things[change.name] = moved
        self.placed.add(change.name)

    def _remove(self, change: Remove, which: str) -> None:
        name = change.name
        if name in self.parts:
            self.parts.discard(name)
            self.unseen -= {name}
            return
        if self._thing(name, which).role in ("robot", "link"):
            raise InvalidChange(
                f"{which}: '{name}' belongs to a robot with joints, which stays as long as the scene does."
            )
        skills = self._made.skills
        if taker := skills.rider(name) or skills.holder(name):
            raise InvalidChange(f"{which}: '{name}' is in use by '{taker}'. Let it be put down or left first.")
        del self.things[name]
        self.placed.discard(name)
        self.paints.pop(name, None)
        self.scales.pop(name, None)
        self.unseen -= {name}
        if self.spawned.pop(name, None) is None:
            self.gone.append(name)

    def _resize(self, change: Resize, which: str) -> None:
        """Another size is another body: it is made anew where the old one is."""
        name, made = change.name, self._made
        thing = self._thing(name, which)
        if thing.role in ("robot", "link"):
            raise InvalidChange(f"{which}: '{name}' belongs to a robot with joints, which has the size it came with.")
        self._not_taken(name, which)
        doer = made.skills.doers.get(name)
        if (doer is not None and doer.holding) or made.skills.rider(name):
            raise InvalidChange(f"{which}: '{name}' carries something. Let it be put down or left first.")
        size = self._size(change.scale, which)
        is_where_it_was = name not in self.placed and name not in self.spawned and name in made.world.slot
        pose = made.world.pose(made.world.slot[name]) if is_where_it_was else thing.pose
        self.things[name] = resized = replace(thing, pose=pose, scale=size)
        self.placed.add(name)
        if name in self.spawned:
            self.spawned[name] = resized
        self._rescale(name, size)

    def _rescale(self, name: str, size: np.ndarray) -> None:
        x, y, z = size.tolist()
        self.scales[name] = x, y, z

    def _size(self, scale: Scale, which: str) -> np.ndarray:
        size = np.asarray(scale, dtype=np.float64)
        if size.shape != (3,) or not ((size >= SCALES[0]) & (size <= SCALES[1])).all():
            raise InvalidChange(f"{which}: scale is {scale}. Give three numbers from {SCALES[0]:g} to {SCALES[1]:g}.")
        return size

    def _hide(self, change: Hide, which: str) -> None:
        if change.name not in self.parts:
            self._thing(change.name, which)
        self.unseen = self.unseen | {change.name} if change.is_hidden else self.unseen - {change.name}

    def _paint(self, change: Paint, which: str) -> None:
        if change.name not in self.parts:
            self._thing(change.name, which)
        if len(change.color) != 3 or not all(math.isfinite(share) and 0 <= share <= 1 for share in change.color):
            raise InvalidChange(f"{which}: color is {change.color}. Give linear red, green and blue from 0 to 1.")
        red, green, blue = (float(share) for share in change.color)
        self.paints[change.name] = red, green, blue

    def _weather(self, change: Weather, which: str) -> None:
        if change.weather is not None and change.weather not in WEATHERS:
            raise InvalidChange(f"{which}: " + unknown_name("weather", str(change.weather), WEATHERS))
        for field, (least, most) in _RANGES.items():
            value = getattr(change, field)
            if value is not None and not (math.isfinite(value) and least <= value <= most):
                raise InvalidChange(f"{which}: {field} is {value!r}. Give a number from {least:g} to {most:g}.")
        self.environment = changed(self.environment, change)

    def _thing(self, name: str, which: str) -> Thing:
        if name not in self.things:
            if name in self.parts:
                raise InvalidChange(f"{which}: '{name}' is built where it stands. Only placed things can be moved.")
            raise UnknownBody(f"{which}: " + unknown_name("thing", name, self.things)[:1000])
        return self.things[name]

    def _not_taken(self, name: str, which: str) -> None:
        skills = self._made.skills
        doer = skills.doers.get(name)
        if holder := skills.holder(name):
            raise InvalidChange(f"{which}: '{name}' is held by '{holder}'. Let it be put down first.")
        if doer is not None and (doer.riding or doer.seat):
            raise InvalidChange(f"{which}: '{name}' is on '{doer.riding or doer.seat}'. Move that, or let it get off.")

    def _check_place(self, thing: Thing, which: str) -> None:
        world = self._made.world
        x0, y0, x1, y1 = world.scene.bounds
        x, y = thing.pose[:2]
        if not (x0 <= x <= x1 and y0 <= y <= y1):
            raise InvalidChange(
                f"{which}: ({x:g}, {y:g}) lies off the map, which spans ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}). Move it in."
            )
        if thing.role == "boat" and world.waters.reach(thing.pose[None, :2])[0] <= 0:
            raise InvalidChange(f"{which}: boat '{thing.name}' would stand on land at ({x:g}, {y:g}). Put it on water.")

    def _pose(self, pose: Pose, which: str) -> np.ndarray:
        numbers = np.concatenate([np.ravel(pose.position), np.ravel(pose.quat_wxyz)]).astype(np.float64)
        if numbers.shape != (7,) or not np.isfinite(numbers).all() or np.abs(numbers[:3]).max() > 1e6:
            raise InvalidChange(f"{which}: pose {numbers.tolist()} is not 7 finite numbers within 1000 km. Correct it.")
        length = float(np.linalg.norm(numbers[3:]))
        if abs(length - 1) > 1e-3:
            raise InvalidChange(
                f"{which}: quat_wxyz {numbers[3:].tolist()} has length {length:g}, not 1. Normalise it."
            )
        numbers[3:] /= length
        return numbers
