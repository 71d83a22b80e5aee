"""Commands about objects: the actors of the world, where they are, how they look, and whether they are there."""

from bridge.engine import Paint
from bridge.frames import unreal_from_world_cm
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.company import check_length
from bridge.gateways.unrealcv.outlines import bounds_cm, materials, vertex_lines, vertices_m
from bridge.gateways.unrealcv.stage import INVALID, Stage
from bridge.gateways.unrealcv.units import location_cm, position_m, quat, rotator, triple_text

_NO_OBJECT = "Can not find object"
"""UnrealCV's words where materials are concerned."""


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


@command("vget /object/[str]/scale", "Scale of an object along its own axes.")
def scale(stage: Stage, name: str) -> str:
    """Times the size of what it is a copy of."""
    return triple_text(stage.found(name).scale)


@command("vset /object/[str]/scale [float] [float] [float]", "Scales an object along its own axes.")
def set_scale(stage: Stage, name: str, x: float, y: float, z: float) -> None:
    """From 0.01 to 100."""
    stage.resize(stage.found(name), (x, y, z))


@command("vget /object/[str]/bounds", "Box around an object: least x y z, greatest x y z [cm].")
def bounds(stage: Stage, name: str) -> str:
    """In the world, along its axes."""
    low, high = bounds_cm(stage, stage.found(name))
    return " ".join([f"{value + 0.0:.2f}" for value in (*low.tolist(), *high.tolist())])


@command("vget /object/[str]/vertex_location", "Vertices of an object, a line each: x y z [cm].")
def vertex_location(stage: Stage, name: str) -> str:
    """In the world."""
    return vertex_lines(unreal_from_world_cm(vertices_m(stage, stage.found(name))))


@command("vget /object/[str]/color", "Colour of an object in object masks.")
def color(stage: Stage, name: str) -> str:
    """Red, green, blue and alpha."""
    red, green, blue = stage.found(name).color
    return f"(R={red},G={green},B={blue},A=255)"


@command(
    "vset /object/[str]/color [uint] [uint] [uint]", "Colours an object in object masks: red green blue, 0 to 255."
)
def set_color(stage: Stage, name: str, red: int, green: int, blue: int) -> None:
    """What is beyond a byte is cut to it, as Unreal does."""
    stage.recolor(stage.found(name), (red & 255, green & 255, blue & 255))


@command("vget /object/[str]/mobility", "Whether an object can be moved: Movable or Static.")
def mobility(stage: Stage, name: str) -> str:
    """Unreal's word."""
    return stage.found(name).mobility


@command("vset /object/[str]/show", "Shows an object.")
def show(stage: Stage, name: str) -> None:
    """Visible again."""
    stage.hide(stage.found(name), False)


@command("vset /object/[str]/hide", "Hides an object; what touches it still does.")
def hide(stage: Stage, name: str) -> None:
    """Invisible."""
    stage.hide(stage.found(name), True)


@command("vset /object/[str]/destroy", "Takes an object away.")
def destroy(stage: Stage, name: str) -> None:
    """For good, with the cameras on it."""
    stage.destroy(stage.found(name))


@command("vget /object/[str]/uclass_name", "Name of an object's class.")
def uclass_name(stage: Stage, name: str) -> str:
    """By which others like it can be spawned."""
    return stage.found(name).class_name


@command("vset /object/[str]/name [str]", "Renames an object.")
def set_name(stage: Stage, name: str, wished: str) -> str | None:
    """For clients; the engine keeps its own name for it."""
    actor = stage.found(name)
    if not wished:
        raise CommandFailed(INVALID)
    if stage.actor(wished) is actor:
        return "The name has already been set"
    stage.rename(actor, wished)
    return None


@command("vget /object/[str]/label", "Label of an object.")
def label(stage: Stage, name: str) -> str:
    """What an editor would show it by."""
    return stage.found(name).label


@command("vset /object/[str]/label [str]", "Labels an object.")
def set_label(stage: Stage, name: str, wished: str) -> None:
    """Labels need not be unique."""
    check_length(wished)
    stage.found(name).label = wished


@command("vget /object/[str]/material", "Materials of an object: [slot] path, for each.")
def material(stage: Stage, name: str) -> str:
    """A path names a material of the scene."""
    actor = stage.found(name, _NO_OBJECT)
    slots = actor.memory.get("materials") or materials(stage, actor)
    return "".join([f"[{slot}] {_path(one)} " for slot, one in enumerate(slots)])


@command("vset /object/[str]/material [uint] [str]", "Gives a slot of an object another material, by its path.")
def set_material(stage: Stage, name: str, slot: int, path: str) -> None:
    """The colour of a thing of one material; engines paint things as a whole, so that others are not implemented."""
    actor = stage.found(name, _NO_OBJECT)
    slots = materials(stage, actor)
    wished = path.rpartition("/")[2].partition(".")[0]
    stuff = next((one for one in stage.scene.materials.values() if _file(one.name) == wished), None)
    if slot >= len(slots) or stuff is None:
        raise CommandFailed(INVALID)
    if len(slots) > 1 or not actor.thing:
        raise CommandFailed("Not Implemented")
    red, green, blue = stuff.base_color
    stage.edit([Paint(actor.thing, (red, green, blue))])
    actor.memory["materials"] = (stuff.name,)


def _path(material: str) -> str:
    return f"/Game/Materials/{_file(material)}.{_file(material)}"


def _file(material: str) -> str:
    return material.replace(" ", "_")
