"""What clients have changed and the engine has not been told: the last word on each thing, as one batch of changes."""

from dataclasses import dataclass, field

from bridge.engine import Change, Hide, Move, Remove, Resize, Spawn
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.units import pose_of

HIGH_M = 900.0
"""What is higher or lower than this is off the map, too."""


@dataclass
class Draft:
    """Actors by the names that the engine has for them, by what is new of each; `others` are changes in its own words."""

    spawned: dict[str, Actor] = field(default_factory=dict)
    placed: dict[str, Actor] = field(default_factory=dict)
    resized: dict[str, Actor] = field(default_factory=dict)
    hidden: dict[str, Actor] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    others: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def forget(self, thing: str) -> None:
        """Nothing of a thing is new any more."""
        for told in (self.spawned, self.placed, self.resized, self.hidden):
            told.pop(thing, None)

    def changes(self, bounds: tuple[float, float, float, float]) -> list[Change]:
        """The batch. What is off the map, x and y minimum and maximum, is taken from the engine until it is back."""
        for thing, actor in (self.spawned | self.placed).items():
            was_off, actor.is_off = actor.is_off, not _is_within(bounds, actor)
            if actor.is_off and thing in self.placed and not was_off:
                self.removed.append(thing)
        made: list[Change] = [Remove(thing) for thing in self.removed]
        for thing, actor in self.spawned.items():
            if not actor.is_off:
                made.append(Spawn(thing, actor.asset, pose_of(actor.pose), actor.is_agent, actor.scale))
                if actor.is_hidden:
                    self.hidden[thing] = actor
        made += [Resize(thing, actor.scale) for thing, actor in self.resized.items() if not actor.is_off]
        made += [Move(thing, pose_of(actor.pose)) for thing, actor in self.placed.items() if not actor.is_off]
        made += [Hide(thing, actor.is_hidden) for thing, actor in self.hidden.items() if not actor.is_off]
        return made + self.others


def _is_within(bounds: tuple[float, float, float, float], actor: Actor) -> bool:
    x0, y0, x1, y1 = bounds
    x, y, z = actor.pose[:3]
    return x0 <= x <= x1 and y0 <= y <= y1 and abs(z) <= HIGH_M
