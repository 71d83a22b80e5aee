"""What single fields must be: numbers finite and in reach, names printable; each message names the field's path."""

import math
from collections.abc import Iterable
from numbers import Integral

from bridge.errors import InvalidInput, OutOfRange

MAX_NAME = 200
MAX_TEXT = 2000
"""Bytes in UTF-8; proto/bridge/v1/*.options tell the same to compilers that reserve room."""
MAX_POSITION_M = 1e6
_BIDIRECTIONAL = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}


def finite(value: float, path: str, *, low: float = -math.inf, high: float = math.inf) -> float:
    """The number, if it is one and lies within `low` and `high`."""
    if not math.isfinite(value):
        raise InvalidInput(f"{path} is {value}; expected a finite number.")
    if not low <= value <= high:
        raise InvalidInput(f"{path} is {value:g}; expected {low:g} to {high:g}.")
    return value


def whole(value: object, path: str, *, low: int, high: int) -> int:
    """A whole number within `low` and `high`; True is none."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise InvalidInput(f"{path} is {value!r}; expected a whole number from {low} to {high}.")
    return int(value)


def within_reach(value: float, path: str) -> float:
    """A coordinate [m]: finite and no further than any world reaches."""
    if abs(finite(value, path)) > MAX_POSITION_M:
        raise OutOfRange(f"{path} is {value:g} m; worlds reach to {MAX_POSITION_M:g} m.")
    return value


def name(value: str, path: str) -> str:
    """A name: not empty, short, without characters that hide or move what is shown."""
    if not value:
        raise InvalidInput(f"{path} is empty; expected a name.")
    return text(value, path, limit=MAX_NAME)


def text(value: str, path: str, *, limit: int = MAX_TEXT) -> str:
    """Words, possibly none; at most `limit` bytes in UTF-8, without control characters."""
    size = len(value) if value.isascii() else len(value.encode())
    if size > limit:
        raise InvalidInput(f"{path} has {size:,} bytes; at most {limit} are read.")
    bad = "" if value.isascii() and value.isprintable() else _hidden(value)
    if bad:
        raise InvalidInput(f"{path} holds the character U+{ord(bad):04X}, which is not printed. Leave it out.")
    return value


def _hidden(value: str) -> str:
    return next((char for char in value if char < " " or "\x7f" <= char < "\xa0" or char in _BIDIRECTIONAL), "")


def unique(values: Iterable[str], path: str) -> tuple[str, ...]:
    """Names, each valid and there once."""
    found: dict[str, None] = {}
    for index, value in enumerate(values):
        if name(value, f"{path}[{index}]") in found:
            raise InvalidInput(f"{path}[{index}] names '{value}' a second time. Leave one of them out.")
        found[value] = None
    return tuple(found)
