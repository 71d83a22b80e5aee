"""Values out of parsed JSON, each checked where it comes in: finite numbers, lists of a length, texts, truths."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .faults import InvalidTown


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises InvalidTown where it is missing, no JSON, no object, or holds NaN."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except FileNotFoundError:
        raise InvalidTown(f"{path} is not there. Export the town again: scenegen writes it into unreal/.") from None
    except (ValueError, OSError) as error:
        raise InvalidTown(f"{path} cannot be read: {error}. Export the town again.") from error
    if not isinstance(content, dict):
        raise InvalidTown(f"{path} holds a {type(content).__name__}, not an object. Export the town again.")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no number")


def entries(content: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    """The list of objects under a key."""
    found = content.get(key)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise InvalidTown(f"{where} has no list of objects '{key}'. Export the town again.")
    return found


def entry(content: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    """The object under a key."""
    found = content.get(key)
    if not isinstance(found, dict):
        raise InvalidTown(f"{where} has no object '{key}'. Export the town again.")
    return found


def number(content: Mapping[str, Any], key: str, where: str) -> float:
    """The finite number under a key."""
    return _finite(content.get(key), f"'{key}' of {where}")


def whole(content: Mapping[str, Any], key: str, where: str) -> int:
    """The whole number under a key."""
    found = content.get(key)
    if isinstance(found, bool) or not isinstance(found, int):
        raise InvalidTown(f"'{key}' of {where} is {found!r}; a whole number was expected. Export the town again.")
    return found


def numbers(content: Mapping[str, Any], key: str, count: int, where: str) -> tuple[float, ...]:
    """The `count` finite numbers under a key."""
    found = content.get(key)
    if not isinstance(found, list) or len(found) != count:
        raise InvalidTown(f"'{key}' of {where} is {found!r}; {count} numbers were expected. Export the town again.")
    return tuple(_finite(value, f"'{key}' of {where}") for value in found)


def text(content: Mapping[str, Any], key: str, where: str) -> str:
    """The text under a key, which may not be empty."""
    found = content.get(key)
    if not isinstance(found, str) or not found:
        raise InvalidTown(f"'{key}' of {where} is {found!r}; a text was expected. Export the town again.")
    return found


def truth(content: Mapping[str, Any], key: str, where: str) -> bool:
    """The truth value under a key."""
    found = content.get(key)
    if not isinstance(found, bool):
        raise InvalidTown(f"'{key}' of {where} is {found!r}; true or false was expected. Export the town again.")
    return found


def _finite(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InvalidTown(f"{what} is {value!r}; a finite number was expected. Export the town again.")
    return float(value)
