"""Flags of plug-ins in a command: `--llm.model qwen3` sets the field `model` of the Config of the plug-in `llm`."""

import contextlib
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import InvalidInput
from bridge.plugins import load, unknown_name

Flags = Mapping[str, Sequence[str]]
"""What was said to each plug-in, without its name: {"llm": ["--model", "qwen3"]}."""
_FLAG = re.compile(r"--([A-Za-z][\w-]*)\.([A-Za-z].*)", re.DOTALL)


def parted(arguments: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """A command's own arguments, and those of plug-ins by name. A flag's values end at the next flag."""
    own: list[str] = []
    found: dict[str, list[str]] = {}
    taker = own
    for argument in arguments:
        match = _FLAG.fullmatch(argument)
        if match:
            taker = found.setdefault(match[1].replace("_", "-"), [])
            taker.append(f"--{match[2]}")
        else:
            taker = own if argument.startswith("--") else taker
            taker.append(argument)
    return own, found


def config(room: str, name: str, *, what: str, flags: Flags, form: str = "Config") -> Any:
    """The Config of a plug-in of a room, or another dataclass it has, with what was said to it. Raises UnknownName, and InvalidInput
    for wrong flags."""
    return parsed(getattr(load(room, name, what=what), form), name, flags)


def parsed(form: Any, name: str, flags: Flags) -> Any:
    """A dataclass with what was said to the name. Raises InvalidInput for wrong flags."""
    import tyro

    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            return tyro.cli(form, args=list(flags.get(name, ())), prog=f"--{name}.")
        except SystemExit as error:
            if not error.code:  # --help was asked for, and given
                raise
    raise InvalidInput(f"The flags --{name}.… cannot be used:\n{said.getvalue().strip()}") from None


def check(flags: Flags, names: Sequence[str]) -> None:
    """Raises InvalidInput for flags of a plug-in that takes no part."""
    for name in flags:
        if name not in names:
            raise InvalidInput(f"--{name}.… was given. {unknown_name('plug-in in this command', name, names)}")
