"""Commands about objects: the actors of the world."""

from bridge.gateways.unrealcv.commands import command
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.units import location_cm, position_m, quat, rotator, triple_text


@command("vget /objects", "Names of all objects, separated by spaces.")
def names(stage: Stage) -> str:
    """All names, each followed by a space."""
    return "".join([f"{actor.name} " for actor in stage.actors()])


@command("vget /object/[str]/location", "Location of an object: x y z [cm].")
def location(stage: Stage, name: str) -> str:
    """Where it is."""
    return triple_text(location_cm(stage.pose(stage.found(name))))


@command("vset /object/[str]/location [float] [float] [float]", "Puts an object at x y z [cm].")
def set_location(stage: Stage, name: str, x: float, y: float, z: float) -> None:
    """Teleports it."""
    actor = stage.found(name)
    stage.place(actor, (*position_m((x, y, z)), *stage.pose(actor)[3:]))


@command("vget /object/[str]/rotation", "Rotation of an object: pitch yaw roll [degrees].")
def rotation(stage: Stage, name: str) -> str:
    """How it is turned."""
    return triple_text(rotator(stage.pose(stage.found(name))))


@command("vset /object/[str]/rotation [float] [float] [float]", "Turns an object to pitch yaw roll [degrees].")
def set_rotation(stage: Stage, name: str, pitch: float, yaw: float, roll: float) -> None:
    """Turns it where it stands."""
    actor = stage.found(name)
    stage.place(actor, (*stage.pose(actor)[:3], *quat((pitch, yaw, roll))))
