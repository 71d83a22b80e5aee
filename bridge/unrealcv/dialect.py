"""What a server of UnrealCV's protocol can do: which of the dialects it speaks, found out by asking.

"unrealcv" is the plug-in as it is published, "simworld" and "unrealzoo" the binaries of those projects, and "simbridge"
is our own gateway, which says so by the commands that it lists.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from bridge.errors import InvalidInput
from bridge.unrealcv.answers import refusal
from bridge.unrealcv.channel import Channel

Dialect = Literal["auto", "unrealcv", "simworld", "unrealzoo", "simbridge"]
STATE = "vget /simbridge/state [uint]"
EDIT = "vset /simbridge/edit [str]"
TICK = "vset /action/tick"
TICK_LENGTH = "vset /action/tick_intervel [float]"
FRAME_RATE = "vset /action/set_fixed_frame_rate [float]"
SPAWN_BLUEPRINT = "vset /objects/spawn_bp_asset [str] [str]"
SPAWN_CLASS = "vset /objects/spawn [str] [str]"
LABEL = "vget /object/[str]/label"
LEVEL = "vset /action/game/level [str]"
_PLAIN = frozenset({SPAWN_CLASS, LEVEL, "vset /action/game/pause", "vset /action/game/resume"})
_SIMWORLDS = frozenset({SPAWN_BLUEPRINT, TICK, TICK_LENGTH, FRAME_RATE})


@dataclass(frozen=True)
class Tongue:
    """A dialect and what was found out of the server: its version, and the templates of the commands it lists."""

    dialect: Dialect
    version: str
    templates: frozenset[str]

    def has(self, template: str) -> bool:
        """Whether the server takes commands of that template; the kinds of its placeholders do not matter."""
        return _shape(template) in self._shapes

    @cached_property
    def _shapes(self) -> frozenset[str]:
        return frozenset(map(_shape, self.templates))

    @property
    def is_ours(self) -> bool:
        """Whether it is our gateway, with the words beyond UnrealCV's."""
        return self.dialect == "simbridge"


def tongue_of(channel: Channel, dialect: Dialect, timeout_s: float) -> Tongue:
    """What a server speaks; `dialect` other than "auto" is believed. Raises InvalidInput for a dialect that there is not."""
    if dialect not in get_args(Dialect):
        raise InvalidInput(f"There is no dialect '{dialect}'. Expected one of: {', '.join(get_args(Dialect))}.")
    lines = ["vget /unrealcv/commands", "vget /unrealcv/help", "vget /unrealcv/version"]
    commands, help_, version = channel.ask(lines, timeout_s)
    told = "" if refusal(version) else version.decode("utf-8", "replace").strip()
    templates = _listed(commands) or _listed(help_)
    found = _guessed(templates, told) if dialect == "auto" else dialect
    if found == "simworld":
        templates |= _SIMWORLDS
    return Tongue(found, told or "?", templates | _PLAIN)


def _listed(answer: bytes) -> frozenset[str]:
    """The templates in a list of commands, or in the help, where every other line describes the one before."""
    if refusal(answer):
        return frozenset()
    words = answer.decode("utf-8", "replace").splitlines()
    return frozenset(line.strip() for line in words if line.startswith(("vget ", "vset ", "vbp ", "vrun ", "vexec ")))


def _guessed(templates: frozenset[str], version: str) -> Dialect:
    shapes = frozenset(map(_shape, templates))
    if _shape(STATE) in shapes:
        return "simbridge"
    if _shape(SPAWN_BLUEPRINT) in shapes or _shape(TICK_LENGTH) in shapes:
        return "simworld"
    major = version.split(".", 1)[0]
    return "unrealzoo" if major.isdigit() and int(major) >= 2 else "unrealcv"


def _shape(template: str) -> str:
    """A template with every placeholder alike."""
    return " ".join("[]" if word.startswith("[") else _path_shape(word) for word in template.split())


def _path_shape(word: str) -> str:
    return "/".join("[]" if piece.startswith("[") else piece for piece in word.split("/"))
