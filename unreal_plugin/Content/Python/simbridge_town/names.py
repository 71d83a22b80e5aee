"""Names that Unreal's assets can have, made of ours: letters, digits and underscores, no two alike."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 80


def asset_names(names: Iterable[str], *, prefix: str) -> dict[str, str]:
    """An asset name for each name; names that would become the same, regardless of case, are numbered."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        if name in found:
            continue
        stem = f"{prefix}{asset_text(name)}"[:_LONGEST]
        candidate, number = stem, 2
        while candidate.lower() in taken:
            candidate, number = f"{stem}_{number}", number + 1
        taken.add(candidate.lower())
        found[name] = candidate
    return found


def asset_text(name: str) -> str:
    """A name with everything that no asset may have turned into underscores."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name) or "_"
