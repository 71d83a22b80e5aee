"""Words in writing without spaces (Chinese, Japanese, Korean): the split that leaves the fewest letters unexplained."""

import re
from collections.abc import Callable

from scene_gen.understand.lexicon import CONTENT, Lexicon, Sense

_NUMERALS = re.compile(r"[〇零一二三四五六七八九十百千万两兩億亿]+")
_DIGITS = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "億": 100_000_000, "亿": 100_000_000}

Piece = tuple[int, int, tuple[Sense, ...]]
"""Start, end and meanings of a stretch; no meanings: unknown."""


def split(run: str, book: Lexicon) -> list[Piece]:
    """The stretches of a run of letters of one script."""
    if book.language == "ko":
        return _split_korean(run, book)
    run = run.translate(book.letters)
    pieces = _cheapest(run, book, _penalty)
    settled: list[Piece] = []
    for index in range(len(pieces)):
        start, end, senses = _settled(run, pieces, index)
        if not senses and settled and not settled[-1][2]:
            settled[-1] = (settled[-1][0], end, ())
        else:
            settled.append((start, end, senses))
    return settled


def numeral(word: str) -> int:
    """The number that Han numerals write: 二十五 is 25, 三万 is 30000; digits alone (二五) stand side by side."""
    if not any(letter in _UNITS or letter in _MYRIADS for letter in word):
        return int("".join(str(_DIGITS[letter]) for letter in word[:15]))
    total, section, digit = 0, 0, 0
    for letter in word[:30]:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter in _UNITS:
            section, digit = section + max(digit, 1) * _UNITS[letter], 0
        else:
            total, section, digit = (total + max(section + digit, 1) * _MYRIADS[letter]), 0, 0
    return total + section + digit


def _cheapest(run: str, book: Lexicon, penalty: Callable[[str, int, int, tuple[Sense, ...]], float]) -> list[Piece]:
    """Least total cost: 10 an unknown letter, about 1 a word, found from left to right."""
    size = len(run)
    cost = [0.0] + [float("inf")] * size
    back: list[tuple[int, tuple[Sense, ...]]] = [(0, ())] * (size + 1)
    for at in range(size):
        here = cost[at]
        if here + 10 < cost[at + 1]:
            cost[at + 1], back[at + 1] = here + 10, (at, ())
        for length in range(1, min(book.longest.get(run[at], 0), size - at) + 1):
            senses = book.words.get(run[at : at + length])
            if senses:
                price = here + 1 + penalty(run, at, at + length, senses)
                if price <= cost[at + length]:
                    cost[at + length], back[at + length] = price, (at, senses)
        if book.language != "ko":
            match = _NUMERALS.match(run, at)
            if match and (at == 0 or not _NUMERALS.match(run[at - 1])):
                end = match.end()
                if here + 1.2 < cost[end]:
                    cost[end], back[end] = here + 1.2, (at, (Sense("number", str(numeral(match.group()))),))
    pieces: list[Piece] = []
    at = size
    while at:
        start, senses = back[at]
        if not senses and pieces and not pieces[-1][2]:
            pieces[-1] = (start, pieces[-1][1], ())
        else:
            pieces.append((start, at, senses))
        at = start
    return pieces[::-1]


def _is_katakana(letter: str) -> bool:
    return "\u30a1" <= letter <= "\u30fe"


def _penalty(run: str, start: int, end: int, senses: tuple[Sense, ...]) -> float:
    """Words that begin or end inside a stretch of katakana are hardly ever meant; short content words, seldom."""
    cuts = (start > 0 and _is_katakana(run[start - 1]) and _is_katakana(run[start])) + (
        end < len(run) and _is_katakana(run[end - 1]) and _is_katakana(run[end])
    )
    short = 0.5 if end - start == 1 and any(sense.what in CONTENT for sense in senses) else 0.0
    return 3.0 * cuts + short


def _settled(run: str, pieces: list[Piece], index: int) -> Piece:
    """The piece, its meaning withdrawn where it is one letter of an unknown compound (海 in 海鲜)."""
    start, end, senses = pieces[index]
    if end - start > 1 or not any(sense.what in CONTENT for sense in senses):
        return pieces[index]
    for neighbour in (index - 1, index + 1):
        if 0 <= neighbour < len(pieces) and not pieces[neighbour][2]:
            letter = run[pieces[neighbour][1] - 1] if neighbour < index else run[pieces[neighbour][0]]
            if not "\u3041" <= letter <= "\u309f":
                return start, end, ()
    return pieces[index]


def _split_korean(run: str, book: Lexicon) -> list[Piece]:
    """A Korean word is known wholly (nouns and particles), or by a beginning of two syllables or more, or not at all."""
    if run in book.words:
        return [(0, len(run), book.words[run])]
    pieces = _cheapest(run[:400], book, _korean_penalty)
    if len(run) <= 400 and all(senses for _, _, senses in pieces):
        return pieces
    for length in range(min(book.longest.get(run[0], 0), len(run) - 1), 1, -1):
        senses = book.words.get(run[:length])
        if senses and len(run) - length <= 3:
            return [(0, length, senses), (length, len(run), (Sense("stop", "-"),))]
    return [(0, len(run), ())]


def _korean_penalty(run: str, start: int, end: int, senses: tuple[Sense, ...]) -> float:
    is_content = any(sense.what in CONTENT for sense in senses)
    return (0.5 if is_content else 1.0) if end - start == 1 else 0.0
