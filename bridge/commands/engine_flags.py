"""--engine-address and --engine-token-file: where an engine, or a renderer, is that is another program."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from bridge.errors import InvalidInput
from bridge.plugins import load

_HERE = ("auto", "gl", "rays")
"""Renderers that draw in the engine's own process; looking at them would import them."""


def options(engine: str, address: str, token_file: Path | None = None, *, renderer: str = "auto") -> dict[str, str]:
    """What the two flags add to the options of an engine: its own address, or that of its renderer.

    Raises InvalidInput where neither the engine nor its renderer is reached at an address, or one is and none was given.
    """
    drawn_afar = renderer not in _HERE and "engine_address" in _fields("bridge.render", renderer, "renderer")
    if not address and token_file is None:
        if drawn_afar:
            raise InvalidInput(
                f"The renderer '{renderer}' is another program. Say where it listens: --engine-address host:port."
            )
        return {}
    names = _fields("bridge.engines", engine, "engine")
    prefix = ""
    if "engine_address" in names:
        told = {"engine_address": address}
    elif drawn_afar and "renderer_address" in names:
        told, prefix = {"renderer_address": address}, "renderer_"
    else:
        raise InvalidInput(
            f"--engine-address and --engine-token-file say where another program is. The engine '{engine}' runs here, and so "
            f"does its renderer '{renderer}'. Leave the flags out, or name an engine that is reached so, such as unreal."
        )
    if not address:
        raise InvalidInput("--engine-token-file was given without --engine-address. Say where the engine listens.")
    if token_file is not None:
        if f"{prefix}token_file" not in names:
            raise InvalidInput(f"The engine '{engine}' asks for no token. Leave --engine-token-file out.")
        told[f"{prefix}token_file"] = str(token_file)
    return told


def addressed(engine: str, config: Any, address: str, token_file: Path | None = None) -> Any:
    """The Config of an engine with what the two flags say. Raises InvalidInput as `options` does."""
    renderer = getattr(config, "renderer", "auto")
    if not address and token_file is None and getattr(config, "renderer_address", ""):
        return config
    return replace(config, **options(engine, address, token_file, renderer=renderer))


def is_elsewhere(config: Any) -> bool:
    """Whether an engine with that Config is, or draws in, another program, which has one world at a time."""
    return bool(getattr(config, "engine_address", "") or getattr(config, "renderer_address", ""))


def _fields(room: str, name: str, what: str) -> frozenset[str]:
    return frozenset(item.name for item in fields(load(room, name, what=what).Config))
