"""In which detail the embedded engine runs a shift: near, unless somebody says otherwise; nobody takes pictures of it."""

from dataclasses import replace
from typing import Any

from bridge.commands.plugin_flags import Flags


def for_a_shift(name: str, config: Any, flags: Flags) -> Any:
    """The engine's Config for a shift of couriers: the embedded engine's `detail` is near, unless a flag tells it, names a
    renderer, or lets nothing sleep.
    """
    is_told = any(flag.partition("=")[0] == "--detail" for flag in flags.get(name, ()))
    if name != "embedded" or is_told or config.renderer != "auto" or not config.sleeps:
        return config
    return replace(config, detail="near")
