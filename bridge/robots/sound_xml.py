"""Whether a robot's description can be read at all: no entities, no bottomless nesting, no NaN, not too much of it.

MuJoCo copies what <replicate> and its kin hold before anybody can count it, and XML entities can make gigabytes of a
few lines: both are counted here first, without making anything.
"""

from math import prod
from pathlib import Path
from xml.parsers import expat

from bridge.errors import InvalidInput

MAX_BYTES = 32 << 20
MAX_DEPTH = 400
MAX_FILES_DEEP = 16
MAX_ELEMENTS = 50_000
_COPYING = ("replicate", "composite", "flexcomp")


def check_xml(path: Path) -> None:
    """Raises InvalidInput for a description, or a file that it includes, which is too much to read.

    What is no XML at all is left to whoever parses it, who says more of the place.
    """
    _Count(path).add(path, 1)


class _Count:
    """The elements of a description and all that it includes, copies and all."""

    def __init__(self, path: Path):
        self._main, self._elements = path, 0
        self._open: set[Path] = set()

    def add(self, path: Path, times: int) -> None:
        """Counts a file that is included so many times."""
        path = path.resolve()
        if path in self._open or not path.is_file():  # a circle, or a gap: MuJoCo names it
            return
        if path.stat().st_size > MAX_BYTES:
            raise self._refusal(f"has {path.stat().st_size:,} bytes in {path.name}; at most {MAX_BYTES:,} are read")
        if len(self._open) >= MAX_FILES_DEEP:
            raise self._refusal(f"includes files within files, more than {MAX_FILES_DEEP} deep")
        self._open.add(path)
        parser = expat.ParserCreate()
        copies = [times]

        def start(tag: str, attributes: dict[str, str]) -> None:
            self._elements += copies[-1]
            copies.append(copies[-1] * (_copies(attributes.get("count", "")) if tag in _COPYING else 1))
            if len(copies) > MAX_DEPTH:
                raise self._refusal(f"nests more than {MAX_DEPTH} elements")
            if max(self._elements, copies[-1]) > MAX_ELEMENTS:
                raise self._refusal(f"has more than {MAX_ELEMENTS:,} elements, copies included")
            odd = next(
                (key for key, value in attributes.items() if key != "name" and "nan" in value.lower().split()), ""
            )
            if odd:
                raise self._refusal(f"has a NaN in {odd} of <{tag}>, line {parser.CurrentLineNumber} of {path.name}")
            if tag == "include" and attributes.get("file"):
                self.add(self._main.parent / attributes["file"], copies[-1])

        def end(tag: str) -> None:
            copies.pop()

        def entity(name: str, *_: object) -> None:
            raise self._refusal(f"declares the entity '{name[:40]}'")

        parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
        try:
            parser.Parse(path.read_bytes(), True)
        except (expat.ExpatError, ValueError):
            return
        finally:
            self._open.discard(path)

    def _refusal(self, found: str) -> InvalidInput:
        return InvalidInput(f"Robot '{self._main}' {found}. Give a plain description of one robot.")


def _copies(count: str) -> int:
    """How many a count makes: "3" or "10 10 2". What is no number is left to MuJoCo."""
    sides = count.split()
    return prod(max(int(side), 1) for side in sides) if sides and all(side.isdecimal() for side in sides) else 1
