"""Functions of blueprints by their names, as `vbp` calls them, and how their answers are written.

A function takes the stage, the actor it is called on and its arguments as text, and returns what it gives out, by name:

    @function("GetCollisionNum")
    def collisions(stage, actor): ...
        return {"HumanCollision": 0, ...}

What its signature wants of each argument (str, float, int) is read as Unreal reads it. One without annotation for
`*rest` takes all that is left as one text: Unreal's last text argument does so, too.
"""

import inspect
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.stage import Stage

Out = Mapping[str, str] | None
INVALID = "Argument Invalid"
"""UnrealCV's words for a function that an actor does not have, and for arguments that it cannot read."""


@dataclass(frozen=True)
class Signature:
    """A function with how its arguments are read: `reads`, of which the first `least` are needed; `is_open`: and a rest."""

    call: Callable[..., Out]
    reads: tuple[Callable[[str], Any], ...]
    least: int
    is_open: bool


def function(*names: str) -> Callable[[Callable[..., Out]], Callable[..., Out]]:
    """Makes a function of blueprints of a Python function, under one or several names."""

    def marked(made: Callable[..., Out]) -> Callable[..., Out]:
        made.__dict__.setdefault("blueprint_names", []).extend(names)
        return made

    return marked


class Functions:
    """All functions of some modules. Names are Unreal's, in any case."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._by_name: dict[str, Signature] = {}
        self.names: list[str] = []
        for module in modules:
            for made in vars(module).values():
                if getattr(made, "__module__", None) == module.__name__:
                    for name in getattr(made, "blueprint_names", ()):
                        self._add(name, made)

    def _add(self, name: str, made: Callable[..., Out]) -> None:
        if name.casefold() in self._by_name:
            raise ValueError(f"Two functions of blueprints are named '{name}'. Give one of them another name.")
        taken = list(inspect.signature(made, eval_str=True).parameters.values())[2:]
        is_open = any(one.kind is one.VAR_POSITIONAL for one in taken)
        plain = [one for one in taken if one.kind is not one.VAR_POSITIONAL]
        reads = tuple(_READS[one.annotation] for one in plain)
        least = sum(one.default is one.empty for one in plain)
        self._by_name[name.casefold()] = Signature(made, reads, least, is_open)
        self.names.append(name)

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._by_name

    def call(self, stage: Stage, actor: Actor, name: str, arguments: Iterable[str]) -> str:
        """What `vbp` answers. Raises CommandFailed where the function is not known, or its arguments mean nothing."""
        found = self._by_name.get(name.casefold())
        texts = [text for text in arguments if text]
        if found is None or len(texts) < found.least:
            raise CommandFailed(INVALID)
        values = [read(text) for read, text in zip(found.reads, texts)]
        return written(found.call(stage, actor, *values, *(texts[len(values) :] if found.is_open else ())))


def written(out: Out) -> str:
    """What a function gives out as Unreal writes it: a JSON object of texts, a line each."""
    if not out:
        return "{\r\n}"
    rows = [f'\t"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in out.items()]
    return "{\r\n" + ",\r\n".join(rows) + "\r\n}"


def truth(value: bool) -> str:
    """Unreal's text for a truth value."""
    return "true" if value else "false"


def _number(text: str) -> float:
    """A number as Unreal reads one: what is no number is 0. Raises CommandFailed for what is none that can be used."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    if not math.isfinite(value):
        raise CommandFailed(INVALID)
    return value


def _whole(text: str) -> int:
    return int(max(-(2.0**31), min(2.0**31 - 1, _number(text))))


def _truth(text: str) -> bool:
    return text.casefold() in ("true", "1", "yes", "on")


_READS: dict[Any, Callable[[str], Any]] = {str: str, float: _number, int: _whole, bool: _truth}
