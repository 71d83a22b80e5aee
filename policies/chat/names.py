"""Names an agent can mean: those in what it was shown, and the nearest of them to one that is misspelt."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.observation import Observation

_CLEAR, _AHEAD = 80.0, 6.0
"""How alike a name has to be to be meant [0 to 100], and how far before the next one."""
_LONGEST = 80


def known_names(observation: Observation) -> tuple[str, ...]:
    """Every name, id and address that the agent was shown, in the order of first sight."""
    seen = dict.fromkeys(_strings(observation.notes))
    seen |= dict.fromkeys((*observation.holding, *observation.contacts, observation.riding))
    seen |= dict.fromkeys(message.sender for message in observation.messages)
    return tuple(name for name in seen if name)


def _strings(document: Any) -> Iterable[str]:
    """Short strings of a JSON document, and the keys of its objects, which may be names of goods."""
    if isinstance(document, str):
        if 0 < len(document) <= _LONGEST:
            yield document
    elif isinstance(document, Mapping):
        for key, value in document.items():
            yield from _strings(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield str(key)
    elif isinstance(document, (list, tuple)):
        for one in document:
            yield from _strings(one)


def point(target: str) -> tuple[float, float] | None:
    """The point (x, y) [m] that a target spells ("12.5, -3"), None if it spells none."""
    parts = target.strip("()[] ").split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    return (numbers[0], numbers[1]) if len(numbers) in (2, 3) and all(map(math.isfinite, numbers)) else None


def nearest(name: str, known: Iterable[str]) -> str:
    """The one known name that is clearly meant, "" if none is or several may be.

    Names with other numbers are other names, however alike: 14 Quay Street is never taken for 16 Quay Street.
    """
    from rapidfuzz import fuzz

    folded = _folded(name)
    marks = [(fuzz.ratio(folded, _folded(one)), one) for one in known if _numbers(one) == _numbers(name)]
    marks.sort(key=lambda mark: -mark[0])
    if not marks or marks[0][0] < _CLEAR:
        return ""
    others = [mark for mark, one in marks[1:] if _folded(one) != _folded(marks[0][1])]
    return marks[0][1] if marks[0][0] == 100.0 or not others or marks[0][0] - others[0] >= _AHEAD else ""


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", name.casefold().replace("_", " ")).split())


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"[0-9]+", name)]
