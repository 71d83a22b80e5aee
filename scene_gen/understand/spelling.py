"""Typos: unknown words that a slip of the hand makes of a known one; never a correct word for another."""

from functools import lru_cache

from scene_gen.understand.lexicon import lexicon

_KEYBOARD = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "ضصثقفغعهخحجد",
    "شسيبلاتنمكط",
)

_SHORTEST = {"ar": 6, "hi": 5}
"""Shortest word in which a typo is looked for: where vowels are not written, a letter makes another word."""


@lru_cache(maxsize=4096)
def meant_word(language: str, word: str) -> tuple[str, float] | None:
    """The known word that this one is a typo of, and how sure that is; None if none is near, or the word is another."""
    book = lexicon(language)
    if word in book.real or not _SHORTEST.get(language, 4) <= len(word) <= 30:
        return None
    from rapidfuzz import process  # here, since most prompts have no typo
    from rapidfuzz.distance import OSA

    allowed = 1 if len(word) < 10 else 2
    forms = [(word, "")]
    forms += [(word[: len(word) - len(end)], end) for end in book.grammar.get("plural", ()) if word.endswith(end)]
    best: tuple[float, bool, str, str] | None = None
    for form, ending in forms:
        if len(form) < 4:
            continue
        near = process.extract(form, book.fuzzy_choices, scorer=OSA.distance, score_cutoff=allowed, limit=20)
        for choice, distance, _ in near:
            rank = (float(distance), bool(ending), choice, ending)
            if is_slip(form, choice, int(distance)) and (best is None or rank < best):
                best = rank
    if best is None:
        return _with_a_letter_left_out(language, word)
    distance, _, choice, ending = best
    return (choice + ending if book.find(choice + ending) else choice), round(1 - distance / (len(word) + 1), 2)


def _with_a_letter_left_out(language: str, word: str) -> tuple[str, float] | None:
    """For four letters in English, the only known word of five that they are with an inner letter left out ("rany")."""
    if language != "en" or len(word) != 4:
        return None
    wanted = {
        choice
        for choice in lexicon(language).fuzzy_choices
        if len(choice) == 5 and any(choice[:i] + choice[i + 1 :] == word for i in range(1, 4))
    }
    return (wanted.pop(), 0.8) if len(wanted) == 1 else None


def is_slip(word: str, meant: str, distance: int) -> bool:
    """Whether a slip of the hand makes one word of the other: letters swapped, left out, doubled, or a key beside hit.

    A changed first letter, an added ending or any other letter in place of one is more likely to be another word.
    """
    if word[0] != meant[0] and (len(word) < 6 or word[1] != meant[0] or meant[1:2] != word[0]):
        return False
    if sorted(word) == sorted(meant):
        return True
    if len(word) < 5 or word.startswith(meant):
        return False
    if distance > 1 or len(word) != len(meant):
        return len(word) >= 6 or _is_doubling(word, meant) or len(word) < len(meant)
    old, new = next((a, b) for a, b in zip(word, meant) if a != b)
    return len(word) >= 6 and any(
        abs(row.find(old) - row.find(new)) == 1 for row in _KEYBOARD if old in row and new in row
    )


def _is_doubling(word: str, meant: str) -> bool:
    """Whether the longer word is the other with one letter twice."""
    return any(word[:i] + word[i + 1 :] == meant and word[i] == word[i - 1] for i in range(1, len(word)))
