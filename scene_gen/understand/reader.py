"""Sentence in, Brief out: the steps of understanding in their order."""

from typing import Literal

from bridge.errors import InvalidInput
from scene_gen.brief import Brief, Source
from scene_gen.understand.agents import read_instructions
from scene_gen.understand.amounts import read_amounts
from scene_gen.understand.details import give_details, read_details
from scene_gen.understand.fabric import mark_fabric
from scene_gen.understand.gather import gather
from scene_gen.understand.items import Item
from scene_gen.understand.lookup import look_up
from scene_gen.understand.negation import mark_negations
from scene_gen.understand.phrases import read_nouns
from scene_gen.understand.relations import read_relations
from scene_gen.understand.setting import read_setting
from scene_gen.understand.sharing import share_places
from scene_gen.understand.text import without_markup

LONGEST = 120_000
"""Characters that are read; what comes after is left out with a note."""
_MOST_REPORTED = 100


def understand(prompt: str, *, encoder: Literal["auto", "none"] = "auto") -> Brief:
    """What a sentence asks for, in any of twelve languages; never fails on any text.

    `encoder="auto"` guesses words that no table holds with an offline sentence encoder, if it is installed.
    """
    if not isinstance(prompt, str):
        raise InvalidInput(f"The prompt is a {type(prompt).__name__}; expected text.")
    notes: list[str] = []
    text = prompt
    if len(text) > LONGEST:
        notes.append(f"the prompt has {len(text):,} characters; only the first {LONGEST:,} were read".replace(",", " "))
        text = text[:LONGEST]
    text, had_markup = without_markup(text)
    if had_markup:
        notes.append("tags, entities and addresses were left out")
    found = look_up(text)
    notes.extend(found.notes)
    items = read_amounts(found.items)
    mark_negations(items)
    read_instructions(items)
    if encoder == "auto":
        notes.extend(_guessed(items))
    for position, item in enumerate(items):
        item.position = position
    details = read_details(items)
    read_nouns(items)
    notes.extend(give_details(details))
    placed, unshared = share_places(items, read_relations(items))
    notes.extend(unshared)
    mark_fabric(items)
    gathered = gather(prompt, items, placed)
    setting = read_setting(prompt, items)
    not_understood, unread = _not_understood(prompt, items)
    notes += gathered.notes + setting.notes + unread + _without_effect(items)
    brief = Brief(
        prompt=prompt,
        language=found.language,
        places=tuple(gathered.places),
        not_places=tuple(gathered.not_places),
        weather=tuple(setting.weather),
        not_weather=tuple(setting.not_weather),
        wind_m_s=setting.wind_m_s,
        season=setting.season,
        time_of_day=setting.time_of_day,
        time_of_day_h=setting.time_of_day_h,
        style=tuple(setting.style),
        materials=tuple(setting.materials),
        density=setting.density,  # type: ignore[arg-type]
        size_m=setting.size_m,
        things=tuple(gathered.things),
        relations=tuple(gathered.relations),
        agents=tuple(gathered.agents),
        not_understood=not_understood,
        notes=tuple(dict.fromkeys(notes)),
        weather_strength=setting.weather_strength,
        made_of=tuple(gathered.made_of),
    )
    return _with_note_on_nothing(brief)


def _guessed(items: list[Item]) -> list[str]:
    """Meanings for unknown words from the encoder, with a note each; none without unknown words."""
    if not any(not item.senses and not item.is_used for item in items):
        return []
    from scene_gen.understand.guess import guess

    return guess(items)


def _not_understood(prompt: str, items: list[Item]) -> tuple[tuple[Source, ...], list[str]]:
    """Each unknown word once, and numbers and sides that belong to nothing."""
    found: dict[str, Source] = {}
    repeated = 0
    for item in items:
        unknown = not item.senses and not item.is_used
        left_over = not item.is_used and (
            (item.is_a("count") and item.quantity is not None)
            or item.is_a("ordinal", "symbol")
            or (item.is_a("side") and not item.is_noun)
        )
        if not (unknown or left_over):
            continue
        if item.text in found:
            repeated += 1
        else:
            found[item.text] = item.source(prompt, confidence=0.0)
    sources = sorted(found.values(), key=lambda source: source.start)
    notes = []
    if len(sources) > _MOST_REPORTED:
        notes.append(f"{len(sources) - _MOST_REPORTED} more words were not understood")
        sources = sources[:_MOST_REPORTED]
    return tuple(sources), notes


def _without_effect(items: list[Item]) -> list[str]:
    """A note on words that are known and change nothing."""
    idle = [
        item.text
        for item in items
        if item.is_a("mood")
        and not item.is_used
        and all(s.what in ("mood", "stop", "strength", "real") for s in item.senses)
    ]
    loose = [
        item.text
        for item in items
        if item.is_a("attribute") and not item.is_used and not item.is_a("size", "density", "style", "stop")
    ]
    notes = []
    if idle:
        notes.append(
            "understood, but without effect: " + ", ".join(f"'{word}'" for word in list(dict.fromkeys(idle))[:20])
        )
    if loose:
        notes.append(
            "describes nothing that is built: " + ", ".join(f"'{word}'" for word in list(dict.fromkeys(loose))[:20])
        )
    return notes


def _with_note_on_nothing(brief: Brief) -> Brief:
    from dataclasses import replace

    asked = (brief.places, brief.things, brief.agents, brief.weather, brief.season, brief.time_of_day, brief.time_of_day_h,
             brief.style, brief.materials, brief.density, brief.size_m, brief.wind_m_s, brief.not_places, brief.not_weather,
             brief.relations)  # fmt: skip
    if any(asked):
        return brief
    what = "the prompt is empty" if not brief.prompt.strip() else "nothing in the prompt was understood"
    return replace(brief, notes=(f"{what}: a town of the default kind will be made", *brief.notes))
