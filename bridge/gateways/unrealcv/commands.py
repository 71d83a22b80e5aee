"""Commands by their templates, found as UnrealCV's dispatcher finds them, and what is answered.

A command is a function of the stage and of what its template took out of the line:

    @command("vset /object/[str]/scale [float] [float] [float]", "Sets the scale of an object.")
    def set_scale(stage, name, x, y, z): ...

It returns text, bytes or nothing (answered `ok`), or raises CommandFailed (answered `error` and its text). In templates
[str] is anything without a space, nothing too; [uint] digits, none being 0; [float] a number without an exponent.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bridge.errors import SimbridgeError

Reply = str | bytes | None
Function = Callable[..., Reply]
MOST_ARGUMENTS = 32
_ASKED_MOST = (
    "/object/[str]/location", "/object/[str]/rotation", "/lit", "/depth", "/object_mask", "/camera/[uint]/location",
    "/camera/[uint]/rotation", "vbp", "/object/[str]/color", "/object/[str]/scale", "/objects", "collision", "object_mobility",
)  # fmt: skip
"""What clients send in every step, or for every object, by a part of its template."""
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 4096, 200
_MOST_DIGITS = 18
_PARAMETER = re.compile(r"\[(str|uint|float)\]")
_PATTERNS = {"str": "([^ ]*)", "uint": "([0-9]*)", "float": "([-+]?[0-9]*[.]?[0-9]+)"}


class CommandFailed(Exception):
    """What a command answers after `error`: UnrealCV's own words where it has some."""


@dataclass(frozen=True)
class Told:
    """A template and what it is good for, as `vget /unrealcv/help` tells it."""

    template: str
    description: str


def command(template: str, description: str) -> Callable[[Function], Function]:
    """Makes a function the command of a template; several may lead to one function, the one nearest to it first."""

    def marked(function: Function) -> Function:
        function.__dict__.setdefault("commands", []).append(Told(template, description))
        return function

    return marked


@dataclass(frozen=True)
class _Entry:
    order: int
    verb: str
    pattern: re.Pattern[str]
    read: tuple[Callable[[str], Any], ...]
    function: Function


class Commands:
    """All commands of some modules, in the order of their definitions: of two that fit a line, the later one is meant.

    Besides, which commands there are, and `vrun NAME` for the lines of one of the `aliases`.
    """

    def __init__(self, modules: Iterable[ModuleType], *, aliases: Mapping[str, Sequence[str]] | None = None) -> None:
        self._aliases = dict(aliases or {})
        self.told: list[Told] = []
        self._entries: list[_Entry] = []
        self._by_shape: dict[tuple[str, int, str], list[_Entry]] = {}
        self._by_count: dict[tuple[str, int], list[_Entry]] = {}
        self._remembered: dict[str, tuple[Function, tuple[Any, ...]]] = {}
        self._add(Told("vget /unrealcv/help", "All commands, each with what it does."), self._help)
        self._add(Told("vget /unrealcv/commands", "The templates of all commands, a line each."), self._templates)
        self._add(Told("vrun [str]", "Runs the commands of an alias."), self._run_alias)
        for module in modules:
            for function in vars(module).values():
                if getattr(function, "__module__", None) == module.__name__:
                    for told in getattr(function, "commands", ()):
                        self._add(told, function)
        self._sort()

    def _add(self, told: Told, function: Function) -> None:
        kinds = _PARAMETER.findall(told.template)
        if len(kinds) > MOST_ARGUMENTS:
            raise ValueError(
                f"'{told.template}' takes {len(kinds)} arguments. UnrealCV takes {MOST_ARGUMENTS}: split it."
            )
        literal = _PARAMETER.split(told.template)[::2]
        pattern = re.escape(literal[0]).replace(r"\ ", " ")
        for kind, text in zip(kinds, literal[1:], strict=True):
            pattern += _PATTERNS[kind] + re.escape(text).replace(r"\ ", " ")
        reads = tuple(_READ[kind] for kind in kinds)
        verb = told.template.split(" ", 1)[0]
        self.told.append(told)
        self._entries.append(_Entry(len(self._entries), verb, re.compile(pattern + r"[ ]*\Z"), reads, function))

    def _sort(self) -> None:
        """By verb, number of spaces and the last word of the path, the later ones first; a path may end in anything."""
        wild: dict[tuple[str, int], list[_Entry]] = {}
        fixed: dict[tuple[str, int, str], list[_Entry]] = {}
        for told, entry in zip(self.told, self._entries, strict=True):
            path = told.template.split(" ")[1]
            key = entry.verb, told.template.count(" ")
            if "[" in path.rpartition("/")[2]:
                wild.setdefault(key, []).append(entry)
            else:
                fixed.setdefault((*key, path.rpartition("/")[2]), []).append(entry)
        latest = lambda entries: sorted(entries, key=lambda entry: -entry.order)  # noqa: E731
        self._by_count = {key: latest(entries) for key, entries in wild.items()}
        self._by_shape = {key: latest([*entries, *wild.get(key[:2], ())]) for key, entries in fixed.items()}

    def _help(self, stage: Any) -> str:
        return "".join([f"{told.template}\n{told.description}\n" for told in self.told])

    def _templates(self, stage: Any) -> str:
        """The `unrealcv` package holds each of its requests against them, first to last: what is asked most comes first."""
        return "\n".join(sorted([told.template for told in self.told], key=_rank))

    def _run_alias(self, stage: Any, alias: str) -> str:
        if alias not in self._aliases:
            raise CommandFailed(f"Unrecognised alias '{alias}'")
        return "\n".join([self.answer(stage, line).decode(errors="replace") for line in self._aliases[alias]])

    def answer(self, stage: Any, line: str) -> bytes:
        """What is sent after the number of a request."""
        try:
            function, arguments = self.find(line)
            reply = function(stage, *arguments)
        except (CommandFailed, SimbridgeError) as failure:
            return f"error {failure}".encode(errors="replace")
        if not reply:
            return b"ok"
        return reply if isinstance(reply, bytes) else reply.encode(errors="replace")

    def find(self, line: str) -> tuple[Function, tuple[Any, ...]]:
        """The function that a line means, and its arguments. Raises CommandFailed."""
        known = self._remembered.get(line)
        if known is not None:
            return known
        for entry in self._candidates(line):
            found = entry.pattern.search(line)
            if found is not None:
                arguments = tuple([read(text) for read, text in zip(entry.read, found.groups(), strict=True)])
                if len(line) <= _LONGEST_REMEMBERED:
                    if len(self._remembered) >= _MOST_REMEMBERED:
                        self._remembered.clear()
                    self._remembered[line] = entry.function, arguments
                return entry.function, arguments
        raise CommandFailed(f"No handler found for URI '{line}'")

    def _candidates(self, line: str) -> Sequence[_Entry]:
        """The entries that can fit, the last registered first.

        A template begins with its verb and takes as many spaces as it has, but for trailing ones; a line with trailing
        spaces, or with its verb in it twice, is held against all.
        """
        words = line.split(" ")
        verb = words[0]
        if words[-1] == "" or line.find(verb + " ", 1) >= 0 or len(words) < 2:
            return [entry for entry in reversed(self._entries) if entry.verb == verb]
        count = len(words) - 1
        return self._by_shape.get((verb, count, words[1].rpartition("/")[2])) or self._by_count.get((verb, count), ())


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise CommandFailed("Argument Invalid")
    return value


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise CommandFailed("Argument Invalid")
    return int(text or 0)


def _rank(template: str) -> int:
    return next((rank for rank, part in enumerate(_ASKED_MOST) if part in template), len(_ASKED_MOST))


_READ: dict[str, Callable[[str], Any]] = {"str": str, "uint": _whole, "float": _number}
