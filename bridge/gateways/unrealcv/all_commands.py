"""All commands that the gateway answers; of two that fit a line, that of the later module is meant."""

from types import ModuleType

from bridge.gateways.unrealcv import objects, spawning
from bridge.gateways.unrealcv.commands import Commands

MODULES: tuple[ModuleType, ...] = (objects, spawning)


def all_commands() -> Commands:
    """The commands of all modules."""
    return Commands(MODULES)
