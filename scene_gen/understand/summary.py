"""A Brief as one line for the terminal."""

from scene_gen.brief import Brief, Relation
from scene_gen.kinds import KINDS

_SHOWN = 6


def describe(brief: Brief) -> str:
    """What was understood, and after it what was guessed or not understood: "harbor · town · rain    every word used"."""
    parts = [read.value for read in brief.places]
    parts += [f"no {read.value}" for read in brief.not_places]
    parts += [_things(t.kind, t.least, t.most, t.attributes) for t in brief.things]
    parts += [f"mostly {KINDS[read.value].plural}" for read in brief.made_of]
    parts += [_relation(relation) for relation in brief.relations]
    for asked in brief.agents:
        rider = f" on {asked.vehicle}" if asked.vehicle != "foot" else ""
        parts.append(_things(asked.kind, asked.least, asked.most, ()) + rider)
    parts += [read.value for read in brief.weather] + [f"no {read.value}" for read in brief.not_weather]
    if brief.wind_m_s is not None:
        parts.append(f"wind {brief.wind_m_s.value:g} m/s")
    parts += [read.value for read in (brief.season, brief.time_of_day) if read is not None]
    if brief.time_of_day_h is not None:
        minutes = round(brief.time_of_day_h.value * 60) % 1440
        parts.append(f"{minutes // 60:02d}:{minutes % 60:02d}")
    parts += [read.value for read in (*brief.style, *brief.materials)]
    if brief.density is not None:
        parts.append(brief.density.value)
    if brief.size_m is not None:
        parts.append(f"{brief.size_m.value:g} m across")
    understood = " · ".join(dict.fromkeys(parts)) or "nothing in particular"
    return f"{understood}    {_remainder(brief)}"


def _things(kind: str, least: int, most: int | None, attributes: tuple[str, ...]) -> str:
    plural = KINDS[kind].plural if kind in KINDS else f"{kind}s"
    adjectives = "".join(f"{word} " for word in attributes)
    one, many = adjectives + kind.replace("-", " "), adjectives + plural
    if most == 0:
        return f"no {many}"
    if least == most:
        return f"{least} {one if least == 1 else many}"
    if most is None:
        return one if least == 1 else many if least <= 2 else f"{least} or more {many}"
    return f"{least} to {most} {many}"


def _relation(relation: Relation) -> str:
    subject = relation.subject.replace("-", " ")
    if relation.side is not None:
        return f"{subject} in the {relation.side}"
    words = relation.predicate.replace("-", " ")
    return f"{subject} {words} " + " and ".join(name.replace("-", " ") for name in relation.objects)


def _remainder(brief: Brief) -> str:
    guesses = [note for note in brief.notes if note.startswith(("guessed ", "read '"))]
    unknown = [f"'{_shortened(source.words)}'" for source in brief.not_understood]
    said = guesses[:_SHOWN]
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        said.append("not understood: " + ", ".join(unknown[:_SHOWN]) + more)
    if not brief.prompt.strip():
        return "the prompt is empty"
    if not said and any(note.startswith("nothing in the prompt") for note in brief.notes):
        return "no words about a town"
    return "; ".join(said) or "every word used"


def _shortened(words: str) -> str:
    plain = "".join(letter if letter.isprintable() else "�" for letter in words)
    return plain if len(plain) <= 24 else plain[:23] + "…"
