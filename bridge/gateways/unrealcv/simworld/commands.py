"""The commands that SimWorld's binary has beyond UnrealCV: spawning blueprints, flags of actors, the clock."""

from bridge.formats.simworld_assets import TRAFFIC_MANAGER, WEATHER_MANAGER
from bridge.gateways.unrealcv import kit
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.functions import truth
from bridge.gateways.unrealcv.stage import Stage

MANAGERS = (TRAFFIC_MANAGER, WEATHER_MANAGER, "BP_WeatherManager_C", "BP_UEManager_C")
"""Blueprints without a body: those who manage others, and the sky."""
_LONGEST_S = 10.0


@command(
    "vset /objects/spawn_bp_asset [str] [str]", "Spawns the blueprint of a path in Unreal's content, under a name."
)
def spawn_bp_asset(stage: Stage, path: str, name: str) -> str:
    """A copy of what is most like it here; see kit.py. It stands at the origin until it is put somewhere."""
    short = kit.short_name(path)
    if short in MANAGERS or "manager" in short.casefold() or "weather" in short.casefold():
        return stage.add_plain(name, short).name
    asset = kit.asset_of(stage.scene, path, name)
    if asset is None:
        raise CommandFailed(f"Can not find a class with name '{short}'")
    actor = stage.spawn(name, asset, class_name=short)
    stage.give_eyes(actor)
    return actor.name


def _flag(stage: Stage, name: str, flag: str, value: str) -> None:
    stage.found(name).flags[flag] = value.casefold() in ("true", "1")


@command("vset /object/[str]/physics [str]", "Whether physics moves an object: True or False.")
def set_physics(stage: Stage, name: str, value: str) -> None:
    """Kept, and told to who asks; bodies here have the physics of their kind."""
    _flag(stage, name, "physics", value)


@command("vset /object/[str]/collision [str]", "Whether others collide with an object: True or False.")
def set_collision(stage: Stage, name: str, value: str) -> None:
    """Kept, and told to who asks; bodies here are as solid as their kind."""
    _flag(stage, name, "collision", value)


@command("vset /object/[str]/object_mobility [str]", "Whether an object may be moved: True or False.")
def set_object_mobility(stage: Stage, name: str, value: str) -> None:
    """What is told not to be movable stays where it is from then on."""
    _flag(stage, name, "movable", value)


@command("vget /object/[str]/physics", "Whether physics moves an object.")
def physics(stage: Stage, name: str) -> str:
    """What it was set to; else, whether it can move."""
    actor = stage.found(name)
    return truth(actor.flags.get("physics", actor.mobility == "Movable"))


@command("vget /object/[str]/collision", "Whether others collide with an object.")
def collision(stage: Stage, name: str) -> str:
    """What it was set to; else true."""
    return truth(stage.found(name).flags.get("collision", True))


@command("vset /action/clean_garbage", "Frees what nobody refers to.")
def clean_garbage(stage: Stage) -> None:
    """What was destroyed is gone from the engine's world, too."""
    stage.flush()


@command("vset /action/set_fixed_frame_rate [float]", "How many frames a second of the game has.")
def set_fixed_frame_rate(stage: Stage, rate: float) -> None:
    """A tick of a client is then one of so many in a second."""
    if not 0 < rate <= 1000:
        raise CommandFailed("Argument Invalid")
    stage.clock.rate_hz = rate


@command("vset /action/tick_interval [float]", "How many seconds of the game a tick takes.")
@command("vset /action/tick_intervel [float]", "How many seconds of the game a tick takes, as SimWorld spells it.")
def set_tick_interval(stage: Stage, seconds: float) -> None:
    """A tick of a client is so long from now on."""
    if not 0 < seconds <= _LONGEST_S:
        raise CommandFailed("Argument Invalid")
    stage.clock.interval_s = seconds


@command("vset /action/tick", "Lets the game go on by one tick, and no further.")
def tick(stage: Stage) -> None:
    """From the first one on, time passes by ticks alone."""
    stage.clock.is_driven = True
    stage.tick(stage.clock.ticks)
