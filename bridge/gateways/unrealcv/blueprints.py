"""`vbp` and `vexec`: calling functions of blueprints, with what they give out, or with `ok`."""

from collections.abc import Callable

from bridge.gateways.unrealcv import collisions
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.functions import Functions
from bridge.gateways.unrealcv.simworld import humanoids, managers, signals, vehicles, weather
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.unrealzoo import navigation, players

FUNCTIONS = Functions([collisions, humanoids, vehicles, managers, signals, weather, players, navigation])
"""Every function that can be called."""
_MOST_VBP, _MOST_VEXEC = 9, 5


def call(stage: Stage, name: str, function: str, *arguments: str) -> str:
    """What the function gives out, as a JSON object of texts."""
    return FUNCTIONS.call(stage, _found(stage, name), function, arguments)


def execute(stage: Stage, name: str, function: str, *arguments: str) -> None:
    """Calls the function and forgets what it gives out."""
    actor = _found(stage, name)
    if function not in FUNCTIONS:
        raise CommandFailed(f"Fail to execute the function '{function}' of {name}")
    FUNCTIONS.call(stage, actor, function, arguments)


def _found(stage: Stage, name: str) -> Actor:
    actor = stage.actor(name)
    if actor is None:
        raise CommandFailed(f"Can not find actor with id '{name}'")
    return actor


def _register(verb: str, most: int, what: Callable[..., str | None], description: str) -> None:
    for count in range(most + 1):
        command(f"{verb} [str] [str]" + " [str]" * count, description)(what)


_register(
    "vbp", _MOST_VBP, call, "Calls a function of a blueprint: actor, function, arguments; answers what it gives out."
)
_register("vexec", _MOST_VEXEC, execute, "Calls a function of an actor: actor, function, arguments.")
