"""Who is in a world, by the names that clients and the engine have for them."""

import itertools
from collections.abc import Iterator

from bridge.gateways.unrealcv.actors import Actor, Color, cast, unreal_name
from bridge.gateways.unrealcv.colors import color_map
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.scene import Instance, Scene

NOT_FOUND = "Cannot find object"
MOST_CHARACTERS = 200
"""Of a name or a label; engines take no longer names."""


def check_length(text: str) -> None:
    """Raises CommandFailed for a name or label that nobody would read."""
    if len(text) > MOST_CHARACTERS:
        raise CommandFailed("Argument Invalid")


class Company:
    """Actors by name in any case, in the order in which they came; `by_thing` has those of the engine by its own names."""

    def assemble(self, scene: Scene, added: tuple[Instance, ...]) -> None:
        """Everybody who is there at the start, and nobody else."""
        self._actors: dict[str, Actor] = {}
        self.by_thing: dict[str, Actor] = {}
        self._bearers: dict[str, str] = {}
        self.lingering: set[str] = set()
        """Things that were destroyed and that somebody has yet to let go of; the engine has them until then."""
        self._first = frozenset(row.name for row in (*scene.instances(), *added))
        self._colors, self.colors_changed = color_map(), 0
        for actor in cast(scene, added):
            self.enter(actor)

    def actors(self) -> Iterator[Actor]:
        """All actors, in the order in which they came."""
        return iter(self._actors.values())

    def actor(self, name: str) -> Actor | None:
        """The actor of a name in any case, or None."""
        return self._actors.get(name.casefold()) or self._actors.get(unreal_name(name).casefold())

    def found(self, name: str, failure: str = NOT_FOUND) -> Actor:
        """The actor of a name in any case. Raises CommandFailed."""
        actor = self._actors.get(name.casefold()) or self.by_thing.get(name) or self.actor(name)
        if actor is None:
            raise CommandFailed(failure)
        return actor

    def of_thing(self, thing: str) -> Actor | None:
        """The actor that the engine has under a name; of a robot's link, the robot."""
        actor = self.by_thing.get(thing)
        return actor if actor is not None or "/" not in thing else self.by_thing.get(thing.partition("/")[0])

    def recolor(self, actor: Actor, color: Color) -> None:
        """Gives an actor another colour in object masks."""
        actor.color = color
        self.colors_changed += 1

    def enter(self, actor: Actor) -> None:
        """Another actor, with the next colour of masks. Raises CommandFailed for a name that is too long."""
        check_length(actor.name)
        self.recolor(actor, next(self._colors))
        actor.label = actor.label or actor.name
        self._actors[actor.name.casefold()] = actor
        if actor.thing:
            self.by_thing[actor.thing] = actor

    def leave(self, actor: Actor) -> None:
        """One actor less."""
        self._actors.pop(actor.name.casefold(), None)
        self.by_thing.pop(actor.thing, None)

    def rename(self, actor: Actor, name: str) -> None:
        """Another name for clients; the engine keeps its own. Raises CommandFailed."""
        check_length(name)
        other = self.actor(name)
        if other is not None and other is not actor:
            raise CommandFailed(f"Renaming an object to overwrite an existing object is not allowed: {name}")
        self._actors = {
            (name.casefold() if known is actor else key): known for key, known in self._actors.items()
        }  # in its old place
        actor.name = name

    def free_name(self, wished: str) -> str:
        """A name that nobody has: the one that is wished, or that and a number."""
        if wished.casefold() not in self._actors:
            return wished
        return next(
            name for index in itertools.count(1) if (name := f"{wished}_{index}").casefold() not in self._actors
        )

    def numbered(self, stem: str) -> str:
        """A name that Unreal would give: FusionCameraActor_0, FusionCameraActor_1, ..."""
        return next(name for index in itertools.count() if (name := f"{stem}_{index}").casefold() not in self._actors)

    def thing_name(self, name: str, asset: str) -> str:
        """What the engine calls a new thing: names that somebody else had before are not given to it again."""
        for thing in itertools.chain([name], (f"{name}~{index}" for index in itertools.count(1))):
            is_free = thing not in self.by_thing and thing not in self.lingering and thing not in self._first
            if is_free and self._bearers.setdefault(thing, asset) == asset:
                return thing
        raise AssertionError("There are always more numbers.")
