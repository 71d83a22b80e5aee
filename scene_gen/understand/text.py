"""Text made comparable: letters folded (case, accents, width, digits) with a way back to the prompt's own characters."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Script = Literal["latin", "han", "kana", "hangul", "cyrillic", "arabic", "devanagari", "other"]
Shape = Literal["word", "cjk", "number", "clock", "mark", "stop", "symbol"]

_HAN, _KANA, _HANGUL = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〇", r"\u3041-\u309f\u30a0-\u30ff", r"\uac00-\ud7a3"
_MARKS = r"\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0300-\u036f"
_LETTERS = rf"(?:(?![{_HAN}{_KANA}{_HANGUL}])[^\W\d_]|[{_MARKS}])"
_TOKEN = re.compile(
    rf"(?P<clock>(?<!\d)[0-2]?\d:[0-5]\d(?!\d))|(?P<number>\d+(?:[.,]\d+)*)|(?P<cjk>[{_HAN}{_KANA}]+|[{_HANGUL}]+)"
    rf"|(?P<word>{_LETTERS}+)|(?P<stop>[.!?;。！？；؟।\n]+)|(?P<mark>[^\w\s]|_)"
)
_CLUSTER = re.compile(r"[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.[\u0300-\u036f\u3099\u309a\u093c]*", re.DOTALL)
_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>|https?://\S{1,2000}|&[a-zA-Z]{2,8};")
_BY_HAND = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "²": "²", "³": "³", "’": "'", "`": "'"}
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None, "ک": "ك", "ی": "ي"})
_DEVANAGARI = str.maketrans({"ँ": "ं", "\u093c": None})


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or mark: `text` folded, [start, end) in the prompt; `glued` to the one before by - or /."""

    text: str
    start: int
    end: int
    shape: Shape
    script: Script
    glued: bool = False


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> str:
    if cluster in _BY_HAND:
        return _BY_HAND[cluster]
    composed = unicodedata.normalize("NFC", cluster)
    out = []
    for letter in unicodedata.normalize("NFKC", composed).casefold():
        category = unicodedata.category(letter)
        if category == "Nd":
            out.append(str(unicodedata.decimal(letter)))
        elif category in ("Cf", "Cs", "Co", "Cn") or "\ufe00" <= letter <= "\ufe0f":
            continue
        elif category == "Cc":
            out.append("\n" if letter == "\n" else " ")
        elif letter in _BY_HAND:
            out.append(_BY_HAND[letter])
        elif "\u0900" <= letter <= "\u097f":
            out.append(unicodedata.normalize("NFD", letter).translate(_DEVANAGARI))
        elif "\u0600" <= letter <= "\u06ff":
            out.append("" if category == "Mn" else letter.translate(_ARABIC))
        elif letter < "\u0500" or "\u1e00" <= letter < "\u2000":
            out.append("".join(c for c in unicodedata.normalize("NFD", letter) if not "\u0300" <= c <= "\u036f"))
        else:
            out.append(letter)
    return "".join(out)


def fold(text: str) -> str:
    """The text with case, accents, width, tatweel and digit scripts made one: "Häfen" and "hafen" fold alike."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_cluster(match.group()) for match in _CLUSTER.finditer(text))


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters and its end, the place in `text` that it came from."""
    if text.isascii():
        return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", text).lower(), list(range(len(text) + 1))
    folded: list[str] = []
    places: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = _fold_cluster(match.group())
        folded.append(piece)
        places.extend([match.start()] * len(piece))
    places.append(len(text))
    return "".join(folded), places


def without_markup(text: str) -> tuple[str, bool]:
    """The text with tags, entities and addresses blanked out, every other character in its place; whether any were."""
    blanked, count = _MARKUP.subn(lambda match: " " * len(match.group()), text)
    return blanked, count > 0


def tokens(text: str) -> list[Token]:
    """Words, numbers and marks in order; spaces are left out. Hyphens and slashes inside words glue them."""
    folded, places = fold_with_places(text)
    found: list[Token] = []
    glued = False
    end_of_last = -1
    for match in _TOKEN.finditer(folded):
        shape, word = match.lastgroup, match.group()
        begin, stop = match.span()
        if (
            shape == "mark"
            and word in "-/'‐‑"
            and begin == end_of_last
            and stop < len(folded)
            and folded[stop].isalnum()
        ) and not (found[-1].shape == "number" and folded[stop].isdigit()):
            glued, end_of_last = word != "'", stop
            continue
        start, end = places[begin], places[stop - 1] + 1
        while end < places[stop] and unicodedata.category(text[end])[0] in "MC":
            end += 1
        if shape == "mark" and unicodedata.category(word) in ("So", "Sk"):
            shape = "symbol"
        found.append(Token(word, start, end, shape, script_of(word), glued and begin == end_of_last))  # type: ignore[arg-type]
        glued, end_of_last = False, stop
    return found


def script_of(word: str) -> Script:
    """The script a folded word is written in, by its first letter."""
    letter = word[0]
    for script, low, high in _SCRIPTS:
        if low <= letter <= high:
            return script
    return "other"


_SCRIPTS: tuple[tuple[Script, str, str], ...] = (
    ("latin", "a", "z"),
    ("latin", "\u00c0", "\u024f"),
    ("cyrillic", "\u0400", "\u052f"),
    ("arabic", "\u0600", "\u06ff"),
    ("devanagari", "\u0900", "\u097f"),
    ("kana", "\u3041", "\u30ff"),
    ("han", "\u3005", "\u3007"),
    ("han", "\u3400", "\u9fff"),
    ("hangul", "\uac00", "\ud7a3"),
)
