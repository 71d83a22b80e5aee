"""All commands that the gateway answers; of two that fit a line, that of the later module is meant."""

from types import ModuleType

from bridge.gateways.unrealcv import (
    blueprints,
    cameras,
    console,
    game,
    objects,
    pictures,
    plugin,
    simbridge,
    spawning,
)
from bridge.gateways.unrealcv.commands import Commands
from bridge.gateways.unrealcv.simworld import commands as simworld
from bridge.gateways.unrealcv.simworld import studio
from bridge.gateways.unrealcv.unrealzoo import commands as unrealzoo

MODULES: tuple[ModuleType, ...] = (
    plugin,
    objects,
    spawning,
    cameras,
    pictures,
    game,
    console,
    simworld,
    studio,
    unrealzoo,
    blueprints,
    simbridge,
)


def all_commands() -> Commands:
    """The commands of all modules."""
    return Commands(MODULES)
