"""What SimWorld Studio asks of objects beyond UnrealCV: how fast they go, what they touch, who is near."""

import math

from bridge.gateways.unrealcv.collisions import Collisions
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.stage import INVALID, Stage
from bridge.gateways.unrealcv.units import triple_text


@command("vget /object/[str]/velocity", "Velocity of an object: x y z [cm/s].")
def velocity(stage: Stage, name: str) -> str:
    """As Unreal has it."""
    x, y, z = stage.velocity(stage.found(name))[:3]
    return triple_text((100 * x, -100 * y + 0.0, 100 * z))


@command("vget /object/[str]/overlaps", "Names of what an object touches.")
def overlaps(stage: Stage, name: str) -> str:
    """In the last tick; each name followed by a space, as all lists of names."""
    actor = stage.found(name)
    state = stage.state
    pairs = state.contacts.names if state is not None and state.contacts is not None else ()
    things = [other if one == actor.thing else one for one, other in pairs if actor.thing in (one, other)]
    touched = [found.name for thing in things if (found := stage.of_thing(thing)) is not None]
    return "".join(f"{one} " for one in dict.fromkeys(touched)) or " "


@command("vget /object/[str]/nearby [float]", "Names of objects within so many centimetres of one, the nearest first.")
def nearby(stage: Stage, name: str, radius: float) -> str:
    """By their places."""
    if radius <= 0:
        raise CommandFailed(INVALID)
    actor = stage.found(name)
    here = stage.pose(actor)[:3]
    found = [
        (100 * math.dist(stage.pose(other)[:3], here), other.name)
        for other in stage.actors()
        if other is not actor and other.sort in ("thing", "agent", "part")
    ]
    return "".join(f"{other} " for away, other in sorted(found) if away <= radius) or " "


@command("vset /object/[str]/track_hits [str]", "Whether hits of an object are kept: True or False.")
def track_hits(stage: Stage, name: str, value: str) -> None:
    """Those from now on."""
    actor = stage.found(name)
    stage.kept(Collisions).track(actor.thing, is_tracked=value.casefold() in ("true", "1"))


@command(
    "vget /object/[str]/hit_events", "What an object has hit since it was last asked: a line each, seconds and name."
)
def hit_events(stage: Stage, name: str) -> str:
    """Empty lines for none."""
    events = stage.kept(Collisions).events(stage.found(name).thing)
    lines = []
    for time_s, thing in events:
        touched = stage.of_thing(thing)
        lines.append(f"{time_s:.3f} {touched.name if touched is not None else thing}")
    return "\n".join(lines) or "\n"
