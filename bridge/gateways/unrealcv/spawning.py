"""Commands that bring objects and cameras into the world."""

from bridge.gateways.unrealcv.actors import Actor, class_of_asset
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.kit import asset_of
from bridge.gateways.unrealcv.prepared import CUBE
from bridge.gateways.unrealcv.sights import Sight
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.units import position_m

CAMERA_CLASS, CUBE_CLASS = "FusionCameraActor", "CubeActor"
_PLAIN = {name.casefold(): name for name in ("Actor", "StaticMeshActor", "TargetPoint")}
"""Classes of Unreal's own that are nothing to see until somebody gives them something."""
_SPAWN, _CUBE = "vset /objects/spawn", "vset /objects/spawn_cube"
_AT = "[float] [float] [float]"


@command(f"{_SPAWN} [str]", "Spawns an object of a class at the origin.")
def spawn(stage: Stage, class_name: str) -> str:
    """Its name, which Unreal gives."""
    return _spawned(stage, class_name, "").name


@command(f"{_SPAWN} [str] [str]", "Spawns an object of a class at the origin, with a name.")
def spawn_named(stage: Stage, class_name: str, name: str) -> str:
    """Its name."""
    return _spawned(stage, class_name, name).name


@command(f"{_SPAWN} [str] {_AT}", "Spawns an object of a class at x y z [cm].")
def spawn_at(stage: Stage, class_name: str, x: float, y: float, z: float) -> str:
    """Its name, which Unreal gives."""
    return _put(stage, _spawned(stage, class_name, ""), x, y, z)


@command(f"{_SPAWN} [str] [str] {_AT}", "Spawns an object of a class with a name at x y z [cm].")
def spawn_named_at(stage: Stage, class_name: str, name: str, x: float, y: float, z: float) -> str:
    """Its name."""
    return _put(stage, _spawned(stage, class_name, name), x, y, z)


@command(_CUBE, "Spawns a cube of 1 m at the origin.")
def spawn_cube(stage: Stage) -> str:
    """Its name, which Unreal gives."""
    return _spawned(stage, CUBE_CLASS, "").name


@command(f"{_CUBE} [str]", "Spawns a cube of 1 m at the origin, with a name.")
def spawn_cube_named(stage: Stage, name: str) -> str:
    """Its name."""
    return _spawned(stage, CUBE_CLASS, name).name


@command(f"{_CUBE} {_AT}", "Spawns a cube of 1 m at x y z [cm].")
def spawn_cube_at(stage: Stage, x: float, y: float, z: float) -> str:
    """Its name, which Unreal gives."""
    return _put(stage, _spawned(stage, CUBE_CLASS, ""), x, y, z)


@command(f"{_CUBE} [str] {_AT}", "Spawns a cube of 1 m with a name at x y z [cm].")
def spawn_cube_named_at(stage: Stage, name: str, x: float, y: float, z: float) -> str:
    """Its name."""
    return _put(stage, _spawned(stage, CUBE_CLASS, name), x, y, z)


@command("vset /cameras/spawn", "Spawns a camera at the origin, with the next number.")
def spawn_camera(stage: Stage) -> str:
    """Its actor's name."""
    return _spawned(stage, CAMERA_CLASS, "").name


def _spawned(stage: Stage, class_name: str, name: str) -> Actor:
    """A new actor of a class, which is named in any case as Unreal's are. Raises CommandFailed."""
    wished = class_name.casefold()
    asset = CUBE if wished == CUBE_CLASS.casefold() else stage.classes.get(wished, "")
    if wished == CAMERA_CLASS.casefold():
        actor = stage.add_plain(name or stage.numbered(CAMERA_CLASS), CAMERA_CLASS)
        stage.add_sight(Sight(f"{actor.name}_FusionCamSensor", actor))
        return actor
    if wished in _PLAIN:
        return stage.add_plain(name or stage.numbered(_PLAIN[wished]), _PLAIN[wished])
    if asset not in stage.scene.assets and (like := asset_of(stage.scene, class_name, name)):
        actor = stage.spawn(name or stage.numbered(class_name), like, class_name=class_name)
        stage.give_eyes(actor)
        return actor
    if asset not in stage.scene.assets:
        raise CommandFailed(f"Can not find a class with name '{class_name}'")
    true_name = CUBE_CLASS if asset == CUBE else class_of_asset(asset)
    return stage.spawn(name or stage.numbered(true_name), asset, class_name=true_name)


def _put(stage: Stage, actor: Actor, x: float, y: float, z: float) -> str:
    stage.place(actor, (*position_m((x, y, z)), 1.0, 0.0, 0.0, 0.0))
    return actor.name
