"""A text cut into clauses, in the order in which they shall be done; names and quotations are never cut."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.words.phrases import meaning

_OPEN, _CLOSE = "\ue000", "\ue001"
_STREETS = ("street|st|lane|road|rd|avenue|ave|square|place|way|alley|row|quay|drive|close|court|terrace|hill|promenade|embankment"
            "|boulevard|path|walk|wharf|pier")  # fmt: skip
_ADDRESS = re.compile(rf"\b\d+[a-z]?\s+(?:[^\W\d_][\w'’-]*\s+){{1,4}}?(?:{_STREETS})\b", re.I)
_POINT = re.compile(r"\(?-?\d+(?:\.\d+)?\s*,\s*-?\d+(?:\.\d+)?\)?")
_SENTENCE = re.compile(
    r"\s*(?:[.;!?\n]+(?=\s|$)|,?\s*\b(?:and then|then|after that|afterwards|after this|finally|lastly)\b)[\s,]*"
)
_CLAUSE = re.compile(
    r"\s*(?:,\s*(?:and\b|but\b)?|\band\b|\bbut\b|\bplus\b"
    r"|\b(?:in order )?to\b(?=\s+(?:pick|collect|fetch|grab|deliver|drop|buy|charge|rest|rent)\b))\s*"
)


@dataclass(frozen=True)
class Text:
    """A text with its names and quotations put away: each is one mark, and in `kept` they are as they were.

    `shown` is in small letters, `spelt` as it was written, letter by letter the same.
    """

    spelt: str
    shown: str
    kept: tuple[str, ...]

    def back(self, words: str) -> str:
        """Words of `shown` with everything put back."""
        return re.sub(rf"{_OPEN}(\d+){_CLOSE}", lambda mark: self.kept[int(mark.group(1))], words)

    def as_written(self, words: str) -> str:
        """Words of `shown` as they were written."""
        begin = self.shown.find(words)
        return self.back(self.spelt[begin : begin + len(words)] if begin >= 0 else words)

    def marks(self, words: str) -> list[str]:
        """The names and quotations in some words of `shown`."""
        return [self.kept[int(index)] for index in re.findall(rf"{_OPEN}(\d+){_CLOSE}", words)]


def put_away(text: str, names: Iterable[str]) -> Text:
    """A text in small letters with its quotations, known names, addresses and points put away."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(f"[{_OPEN}{_CLOSE}]", " ", text).translate(str.maketrans("“”„«»’", '"""""\''))
    text = " ".join(text.split())
    kept: list[str] = []

    def away(what: str) -> str:
        kept.append(what)
        return f"{_OPEN}{len(kept) - 1}{_CLOSE}"

    text = re.sub(r'"([^"]*)"', lambda found: away(f'"{found.group(1)}"'), text)
    for name in sorted(set(names), key=lambda name: (-len(name), name)):
        if len(name) > 2 and not re.fullmatch(
            r"[a-z]+|[\d.,\s-]+", name
        ):  # "walk" and "rest" are words here, not names
            spelt = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", name))
            text = re.sub(rf"(?<![\w{_OPEN}]){spelt}(?!\w)", lambda found, name=name: away(name), text, flags=re.I)
    for pattern in (_ADDRESS, _POINT):
        text = pattern.sub(lambda found: away(found.group()), text)
    small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return Text(text, small, tuple(kept))


def sentences(text: Text) -> list[str]:
    """The stretches that are done one after another."""
    return [part for part in _SENTENCE.split(text.shown) if part and part.strip(" ,")]


def clauses(sentence: str) -> Sequence[str]:
    """The clauses of a sentence in the order of doing: "rest after delivering it" delivers first."""
    sentence = sentence.strip(" ,")
    for pattern, order in (
        (r"(?:after|once|as soon as)\s+(?:you\s+|you've\s+)?(.+?),\s*(.+)", (1, 2)),
        (r"before\s+(?:you\s+)?(.+?),\s*(.+)", (2, 1)),
        (r"(.+?),?\s+(?:after|once|as soon as)\s+(?:you\s+|you've\s+)?(.+)", (2, 1)),
        (r"(.+?),?\s+before\s+(?:you\s+)?(.+)", (1, 2)),
    ):
        found = re.fullmatch(pattern, sentence)
        if found and not re.match(r"\d", found.group(order[1])):
            return [clause for part in order for clause in clauses(found.group(part))]
    found, begin = [], 0
    for cut in [*_CLAUSE.finditer(sentence), None]:
        end = cut.start() if cut else len(sentence)
        if (
            meaning(sentence[begin:end])[0] == "say"
            and "\ue000" not in sentence[begin:end].partition(" ")[2].partition(" ")[2]
        ):
            return [*found, sentence[begin:]]  # without quotation marks, all that follows is said
        if sentence[begin:end].strip():
            found.append(sentence[begin:end])
        begin = cut.end() if cut else end
    return found
