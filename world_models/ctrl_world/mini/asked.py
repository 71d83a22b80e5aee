"""Which thing an instruction is about."""

from collections.abc import Sequence


def asked_thing(instruction: str, things: Sequence[str]) -> int | None:
    """The row of the thing that an instruction names first ("Put the red cube into the bowl."), None where it names none."""
    words = instruction.lower().replace("-", " ")
    called = [name.replace("-", " ") for name in things]
    named = {words.index(name): row for row, name in enumerate(called) if name in words}
    return named[min(named)] if named else None
