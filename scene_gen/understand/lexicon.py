"""The words of one language: read from words/LANGUAGE.tsv when first needed, looked up by form, stem and phrase.

Each line of a table is `what, value, words, plural words`, tabs between the columns, commas between the words. What a
line can be: see words/README.tsv. Lines that start with # are comments.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from bridge.errors import InvalidInput
from scene_gen.understand.text import fold, tokens

LATIN = ("en", "es", "fr", "de", "pt", "it")
UNSPACED = ("zh", "ja", "ko")
LANGUAGES = (*LATIN, "ru", "ar", "hi", *UNSPACED)

CONTENT = frozenset(
    ("place", "thing", "agent", "weather", "wind", "season", "time", "style", "material", "density", "size", "attribute",
     "side", "mood", "detail")
)  # fmt: skip
"""What carries meaning for the town; the rest is grammar."""
ADJECTIVES = frozenset(("attribute", "style", "material", "density", "size", "mood"))


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a word: `what` it is a word for ("thing", "weather", "number" ...) and which one."""

    what: str
    value: str
    plural: bool | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A word found: its meanings, whether it is plural (None: cannot tell) or dual, and how sure that is."""

    senses: tuple[Sense, ...]
    plural: bool | None
    confidence: float
    is_dual: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row that mean something together; of each word, all its forms."""

    forms: tuple[frozenset[str], ...]
    senses: tuple[Sense, ...]


@dataclass(eq=False)
class Lexicon:
    """The words of one language. `words`: folded form → senses; `stems`: form without its ending → senses."""

    language: str
    words: dict[str, tuple[Sense, ...]] = field(default_factory=dict)
    stems: dict[str, tuple[Sense, ...]] = field(default_factory=dict)
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    """Phrases by every form of their first word, longest first."""
    phrase_words: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    """First words of phrases, as listed."""
    grammar: dict[str, tuple[str, ...]] = field(default_factory=dict)
    real: set[str] = field(default_factory=set)
    longest: dict[str, int] = field(default_factory=dict)
    """Length of the longest word by first letter, for languages without spaces."""

    @property
    def letters(self) -> dict[int, int]:
        """Letters that are written for others (traditional for simplified), as a table for str.translate."""
        cached = self.__dict__.get("_letters")
        if cached is None:
            pairs = " ".join(self.grammar.get("letters", ())).split()
            cached = self.__dict__["_letters"] = {ord(pair[0]): ord(pair[1]) for pair in pairs}
        return cached

    @property
    def fuzzy_choices(self) -> list[str]:
        """Content words long enough that a typo can be told from another word."""
        cached = self.__dict__.get("_choices")
        if cached is None:
            content = {
                word
                for word, senses in self.words.items()
                if " " not in word and any(sense.what in CONTENT or sense.what == "number" for sense in senses)
            }
            cached = sorted(word for word in content | self.phrase_words if len(word) >= 4)
            self.__dict__["_choices"] = cached
        return cached

    def knows(self, word: str) -> bool:
        """Whether the word, or an inflected form of it, is in the table."""
        return self.find(word) is not None or word in self.real or not self.phrase_forms.isdisjoint(self.forms(word))

    @property
    def phrase_forms(self) -> set[str]:
        """Every form of every word that occurs in a phrase."""
        cache = self.__dict__.get("_phrase_forms")
        if cache is None:
            cache = self.__dict__["_phrase_forms"] = {form for word in self.phrase_words for form in self.forms(word)}
        return cache

    def find(self, word: str) -> Match | None:
        """The meanings of one folded word: as listed, else by its stem (prefixes and endings taken off)."""
        senses = self.words.get(word)
        if senses is not None:
            return Match(senses, _number_of(senses), 1.0)
        if word in self.real:
            return None
        if "bare" in self.grammar and len(word) >= 4 and word in self.stems:
            return Match(self.stems[word], None, 0.95)
        for form, ending, is_weak in self._reduced(word):
            senses = self.stems.get(form, ())
            if form in self.words:
                senses = tuple(s for s in self.words[form] if not is_weak or s.what in ADJECTIVES)
            elif is_weak:
                senses = tuple(s for s in senses if s.what in (*ADJECTIVES, "weather", "wind"))
            if senses:
                plural = _number_of(senses)
                if ending in self.grammar.get("plural", ()):
                    plural = True
                is_dual = ending in self.grammar.get("dual", ()) and any(sense.what == "thing" for sense in senses)
                return Match(senses, plural, 1.0 if plural and len(ending) < 3 else 0.95, is_dual)
        return None

    def find_phrase(self, words: list[str]) -> tuple[int, Match] | None:
        """The longest phrase of two or more words that `words` begin with, and its length."""
        is_start = words[0] in self.starts
        if not is_start and self.phrases.keys().isdisjoint(self.forms(words[0])):
            return None
        for length in range(min(len(words), 6) if is_start else 0, 1, -1):
            senses = self.words.get(" ".join(words[:length]))
            if senses is not None:
                return length, Match(senses, _number_of(senses), 1.0)
        best: Phrase | None = None
        for form in self.forms(words[0]):
            for phrase in self.phrases.get(form, ()):
                size = len(phrase.forms)
                if size > len(words) or (best is not None and size <= len(best.forms)):
                    continue
                if all(self.forms(word) & forms for word, forms in zip(words[:size], phrase.forms, strict=True)):
                    best = phrase
        if best is None:
            return None
        endings = tuple(self.grammar.get("plural", ()))
        used = words[: len(best.forms)]
        plural = True if endings and any(word.endswith(endings) for word in used) else _number_of(best.senses)
        return len(best.forms), Match(best.senses, plural, 0.95)

    def forms(self, word: str) -> frozenset[str]:
        """The word and every shorter form of it, by which two inflections of one word meet."""
        cache = self.__dict__.setdefault("_forms", {})
        forms = cache.get(word)
        if forms is None:
            forms = cache[word] = frozenset((word, *(form for form, _, _ in self._reduced(word))))
        return forms

    def _reduced(self, word: str) -> Iterator[tuple[str, str, bool]]:
        """Shorter forms of the word with the ending taken off; `weak` forms may only stand for adjectives."""
        bodies = [word]
        for old, new in self.grammar_pairs("respell"):
            if old in word:
                bodies.append(word.replace(old, new))
        for prefix in self.grammar.get("prefix", ()):
            if word.startswith(prefix) and len(word) - len(prefix) >= (3 if len(prefix) == 1 else 2):
                bodies.append(word[len(prefix) :])
        least = 2 if self.language in ("hi", "ar") else 3
        for body in bodies:
            if body != word:
                yield body, "", False
        for kind, is_weak in (("ending", False), ("adjective", True)):
            for old, new in self.grammar_pairs(kind):
                for body in bodies:
                    if body.endswith(old) and len(body) - len(old) + len(new) >= least and len(body) > len(old):
                        yield body[: len(body) - len(old)] + new, old, is_weak

    def grammar_pairs(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Rules written "old>new" (or "old", for old>nothing), longest first."""
        cache = self.__dict__.setdefault("_pairs", {})
        if kind not in cache:
            pairs = [tuple(rule.partition(">")[::2]) for rule in self.grammar.get(kind, ())]
            cache[kind] = tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))
        return cache[kind]


def _number_of(senses: tuple[Sense, ...]) -> bool | None:
    numbers = {sense.plural for sense in senses if sense.what in ("thing", "agent", "place")}
    return numbers.pop() if len(numbers) == 1 else None


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language, read once."""
    from importlib.resources import files

    name = f"{language}.tsv"
    text = files("scene_gen.understand.words").joinpath(name).read_text(encoding="utf-8")
    return parse(language, text, name)


def parse(language: str, text: str, name: str = "") -> Lexicon:
    """A lexicon of a table's text. Raises InvalidInput naming the line that cannot be read."""
    book = Lexicon(language)
    rows: list[tuple[str, str, str, bool | None]] = []
    for line_number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) not in (3, 4):
            raise InvalidInput(
                f"{name} line {line_number} has {len(cells)} columns; expected what, value, words and, where the plural "
                "is irregular, plural words. Separate the columns by tabs."
            )
        what, value, ones = cells[:3]
        if what == "grammar":
            # Shadda and other signs never reach a comparison, so the rules are folded like the words.
            book.grammar[value] = book.grammar.get(value, ()) + tuple(fold(rule) for rule in _split(ones))
        else:
            rows.extend((what, value, word, False) for word in _split(ones))
            rows.extend((what, value, word, True) for word in _split(cells[3] if len(cells) == 4 else ""))
    has_plurals = "plural" in book.grammar
    for what, value, word, plural in rows:
        _add(book, what, value, word, plural if has_plurals else None)
    for word, senses in list(book.words.items()):
        if language in UNSPACED:
            book.longest[word[0]] = max(book.longest.get(word[0], 0), len(word))
        elif " " not in word and any(sense.what in CONTENT or sense.what == "number" for sense in senses):
            for form, _, is_weak in book._reduced(word):
                if not is_weak and "bare" not in book.grammar:
                    continue
                kept = tuple(s for s in senses if not is_weak or s.what in (*ADJECTIVES, "weather", "wind"))
                if kept and form not in book.words:
                    book.stems[form] = _joined(book.stems.get(form, ()), kept)
    return book


def _split(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(",") if word.strip()]


def _add(book: Lexicon, what: str, value: str, word: str, plural: bool | None) -> None:
    if what == "real":
        book.real.add(fold(word))
        return
    sense = Sense(what, value, plural if what in ("thing", "agent", "place") else None)
    if book.language in UNSPACED:
        key = fold(word).replace(" ", "")
        book.words[key] = _joined(book.words.get(key, ()), (sense,))
        return
    parts = [token.text for token in tokens(word)]
    if len(parts) == 1:
        book.words[parts[0]] = _joined(book.words.get(parts[0], ()), (sense,))
        return
    spelled = " ".join(parts)
    book.words[spelled] = _joined(book.words.get(spelled, ()), (sense,))
    book.starts.add(parts[0])
    if what == "number":
        return
    book.phrase_words.update(parts)
    phrase = Phrase(tuple(book.forms(part) for part in parts), (sense,))
    for form in phrase.forms[0]:
        rows = book.phrases.setdefault(form, [])
        same = [i for i, other in enumerate(rows) if other.forms == phrase.forms]
        if same:
            rows[same[0]] = Phrase(phrase.forms, _joined(rows[same[0]].senses, (sense,)))
        else:
            rows.append(phrase)


def _joined(old: tuple[Sense, ...], new: tuple[Sense, ...]) -> tuple[Sense, ...]:
    merged = list(old)
    for sense in new:
        same = [i for i, other in enumerate(merged) if (other.what, other.value) == (sense.what, sense.value)]
        if not same:
            merged.append(sense)
        elif merged[same[0]].plural != sense.plural:
            merged[same[0]] = Sense(sense.what, sense.value, None)
    return tuple(merged)
