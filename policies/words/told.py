"""A clause as it was told, and what rules share: skills that exist here, places that are known, ways to travel."""

import json
import re
from dataclasses import dataclass
from typing import Any

from bridge.engine import Skill
from policies.words.clauses import Text
from policies.words.surroundings import Surroundings

_MODES = {"walk": r"on foot|by foot|walk\w*", "scooter": r"scoot\w*", "car": r"car|driv\w*", "bus": r"bus"}
BY = re.compile(r"\s*\b(?:by|on|with|in|using)\s+(?:the |a |my |your )?(scooter|car|bus|foot)\b")
"""How a clause ends that says by what to go."""


class Unclear(Exception):
    """Why a clause was not understood."""


@dataclass(frozen=True)
class Told:
    """A clause: its `phrase` ("walk to") and its `rest`, in which names are put away in `text`."""

    phrase: str
    rest: str
    text: Text

    @property
    def words(self) -> str:
        """The rest with its names."""
        return self.text.back(self.rest)

    def cut(self, *prepositions: str) -> tuple[str, str]:
        """The rest before and after the first of some prepositions; "" after it where there is none."""
        found = re.fullmatch(rf"(.*?)\s*\b(?:{'|'.join(prepositions)})\b\s+(.+)", self.rest)
        return (self.text.back(found.group(1)), self.text.back(found.group(2))) if found else (self.words, "")


def told_skill(around: Surroundings, verb: str, target: str = "", **arguments: Any) -> Skill:
    if not around.has(verb):
        raise Unclear(f"nobody can {verb} here")
    return Skill(verb, target, json.dumps(arguments, ensure_ascii=False, sort_keys=True) if arguments else "")


def there(around: Surroundings, place: str) -> list[Skill]:
    """Going to a place, unless one is there."""
    return [] if not place or around.is_near(place) else [told_skill(around, "go_to", place)]


def known_place(around: Surroundings, words: str) -> str:
    found = around.place(words)
    if not found:
        raise Unclear(f"no place called '{words}' is known" if words else "it does not say where")
    return found


def switched(around: Surroundings, mode: str) -> list[Skill]:
    if not around.has("set_transport") or around.transport == mode:
        return []
    return [told_skill(around, "set_transport", mode=mode)]


def mode_in(words: str) -> str:
    return next((mode for mode, pattern in _MODES.items() if re.search(rf"\b(?:{pattern})\b", words)), "")
