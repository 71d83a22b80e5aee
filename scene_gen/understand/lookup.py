"""Words to meanings: which language each sentence is in, its phrases, inflections, compounds and typos."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scene_gen.understand.items import BREAK, COMMA, Item
from scene_gen.understand.lexicon import CONTENT, LATIN, Lexicon, Match, Sense, lexicon
from scene_gen.understand.segment import split
from scene_gen.understand.spelling import meant_word
from scene_gen.understand.text import Token, tokens

_BY_SCRIPT = {"hangul": "ko", "cyrillic": "ru", "arabic": "ar", "devanagari": "hi"}
_SAMPLE = 400
"""Words of a text that are enough to tell its language."""
_MOST_TYPOS = 100
MOST_WORDS = 20_000
_MARKS = {
    **dict.fromkeys(",、，،:：()[]{}（）「」『』【】", COMMA),
    **dict.fromkeys("-–—~〜～‐‑−", Sense("dash", "")),
    **dict.fromkeys("×*", Sense("times", "")),
    "&": Sense("conjunction", "-"),
    "²": Sense("square", ""),
}


@dataclass(frozen=True)
class Found:
    """The items of a prompt, its main language and sentences about how words were read."""

    items: list[Item]
    language: str
    notes: tuple[str, ...]


def look_up(text: str) -> Found:
    """Every word of the text with its meanings; `text` has the prompt's own length and places."""
    stream = tokens(text)
    notes: list[str] = []
    if len(stream) > MOST_WORDS:
        notes.append(f"the prompt has {len(stream)} words and marks; only the first {MOST_WORDS} were read")
        stream = stream[:MOST_WORDS]
    sentences = _sentences(stream)
    overall = _latin_language([token for sentence in sentences for token in sentence])
    has_kana = any(token.script == "kana" or _has_kana(token.text) for sentence in sentences for token in sentence)
    items: list[Item] = []
    typos: dict[tuple[str, str], tuple[str, float] | None] = {}
    for sentence in sentences:
        latin = overall if len(sentences) == 1 else _latin_language(sentence, prior=overall)
        han = "ja" if has_kana else _han_language(sentence)
        languages = [_language(token, latin, han) for token in sentence]
        items.extend(_read_sentence(*_spelled(sentence, languages, typos), languages))
    counted: dict[str, int] = {}
    for item in items:
        if item.senses and not item.is_a("break", "comma", "dash", "symbol"):
            counted[item.language] = counted.get(item.language, 0) + 1
    main = max(counted, key=lambda name: (counted[name], name == overall)) if counted else overall
    unread = {item.text for item in items if item.guessed and not item.senses}
    for (_, word), near in typos.items():
        if near is not None and near[0] not in unread:
            notes.append(f"read '{word}' as '{near[0]}'")
    return Found(items, main, tuple(notes))


def _sentences(stream: list[Token]) -> list[list[Token]]:
    sentences: list[list[Token]] = [[]]
    for token in stream:
        sentences[-1].append(token)
        if token.shape == "stop":
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _has_kana(word: str) -> bool:
    return any("\u3041" <= letter <= "\u30fa" for letter in word)


def _latin_language(stream: Iterable[Token], prior: str = "en") -> str:
    """The Latin language that knows most of the words; the other languages are only read if English does not do."""
    words = [token.text for token in stream if token.shape == "word" and token.script == "latin"][:_SAMPLE]
    if not words or (all(lexicon("en").knows(word) for word in words) and prior == "en"):
        return prior
    scores = {name: _score(words, lexicon(name)) + (1.5 if name == prior != "en" else 0.0) for name in LATIN}
    return max(LATIN, key=lambda name: (scores[name], name == prior))


def _score(words: list[str], book: Lexicon) -> float:
    return sum(1.0 if word in book.words else 0.7 for word in words if word in book.words or book.find(word))


def _han_language(sentence: list[Token]) -> str:
    """Chinese, unless Japanese explains more of writing that has no kana."""
    runs = [token.text for token in sentence if token.shape == "cjk" and token.script == "han"][:50]
    if not runs:
        return "zh"
    known = {
        name: sum(e - s for run in runs for s, e, senses in split(run, lexicon(name)) if senses)
        for name in ("zh", "ja")
    }
    return "ja" if known["ja"] > known["zh"] else "zh"


def _language(token: Token, latin: str, han: str) -> str:
    return _BY_SCRIPT.get(token.script) or (han if token.script in ("han", "kana") else latin)


def _spelled(
    sentence: list[Token], languages: list[str], typos: dict[tuple[str, str], tuple[str, float] | None]
) -> tuple[list[Token], list[float]]:
    """The sentence with typos corrected (at most a hundred different ones a prompt), and how sure each word is."""
    corrected: list[Token] = []
    sure: list[float] = []
    for token, language in zip(sentence, languages, strict=True):
        near = None
        if token.shape == "word" and len(token.text) >= 4 and not _is_known(token, language):
            key = (language, token.text)
            if key not in typos and len(typos) < _MOST_TYPOS:
                typos[key] = meant_word(*key)
            near = typos.get(key)
        corrected.append(token if near is None else replace(token, text=near[0]))
        sure.append(1.0 if near is None else near[1])
    return corrected, sure


def _is_known(token: Token, language: str) -> bool:
    book = lexicon(language)
    if book.knows(token.text) or _without(token, book) or _compound(token, book):
        return True
    return any(token.text in lexicon(other).words for other in _other_languages(token, language))


def _read_sentence(sentence: list[Token], sure: list[float], languages: list[str]) -> list[Item]:
    items: list[Item] = []
    at = 0
    while at < len(sentence):
        token, language = sentence[at], languages[at]
        if token.shape == "cjk":
            pieces, used = _read_runs(sentence, at, language)
            items.extend(pieces)
            at += used
        elif token.shape == "word":
            item, used = _read_word(sentence, at, language)
            least = min(sure[at : at + used])
            for piece in item if least < 1 else ():
                piece.confidence, piece.guessed = min(piece.confidence, least), True
            items.extend(item)
            at += used
        elif _is_label(sentence, at, language):
            text = f"{token.text} {sentence[at + 1].text}"
            senses = lexicon(language).words[text]
            items.append(Item(text, token.start, sentence[at + 1].end, senses, language))
            at += 2
        else:
            items.extend(_read_mark(token, language))
            at += 1
    return items


def _is_label(sentence: list[Token], at: int, language: str) -> bool:
    """Whether a number and the letters right after it are one listed word ("3d", "4k")."""
    if sentence[at].shape != "number" or at + 1 >= len(sentence) or sentence[at + 1].start != sentence[at].end:
        return False
    return f"{sentence[at].text} {sentence[at + 1].text}" in lexicon(language).words


def _read_runs(sentence: list[Token], at: int, language: str) -> tuple[list[Item], int]:
    """One run, or a listed phrase over two or three runs with spaces between them, as Korean has."""
    book = lexicon(language)
    for used in (3, 2):
        runs = sentence[at : at + used]
        if language == "ko" and len(runs) == used and all(token.shape == "cjk" for token in runs):
            senses = book.words.get("".join(token.text for token in runs))
            if senses:
                text = " ".join(token.text for token in runs)
                return [Item(text, runs[0].start, runs[-1].end, senses, language)], used
    return _read_run(sentence[at], language), 1


def _read_run(token: Token, language: str) -> list[Item]:
    """Items of a run without spaces; lone kana between words are glue."""
    found = []
    # Folding keeps one letter for one letter here unless the width differs; places scale back where it does.
    same = len(token.text) == token.end - token.start
    for start, end, senses in split(token.text, lexicon(language)):
        word = token.text[start:end]
        if not senses and len(word) <= 3 and all("\u3041" <= letter <= "\u309f" for letter in word):
            senses = (Sense("stop", "-"),)
        place = (token.start + start, token.start + end) if same else (token.start, token.end)
        found.append(Item(word, *place, senses=senses, language=language, glued=token.glued and start == 0))
    return found


def _read_word(sentence: list[Token], at: int, language: str) -> tuple[list[Item], int]:
    token, book = sentence[at], lexicon(language)
    words = []
    for other in sentence[at : at + 6]:
        if other.shape != "word":
            break
        words.append(other.text)
    phrase = book.find_phrase(words)
    if phrase is not None:
        used, match = phrase
        last = sentence[at + used - 1]
        return [_item(" ".join(words[:used]), token.start, last.end, match, language, token.glued)], used
    joined = book.grammar.get("joined", ())
    if joined and token.text.startswith(joined) and len(token.text) > 3 and token.text not in book.words:
        rest = book.find(token.text[1:])
        if rest is not None and token.end - token.start == len(token.text):
            first = Item(token.text[0], token.start, token.start + 1, (Sense("conjunction", "-"),), language)
            return [first, _item(token.text[1:], token.start + 1, token.end, rest, language, False)], 1
    match = book.find(token.text)
    if match is not None:
        return [_item(token.text, token.start, token.end, match, language, token.glued)], 1
    if len(token.text) == 1 and token.script == "latin":
        return [Item(token.text, token.start, token.end, (Sense("stop", "-"),), language, glued=token.glued)], 1
    if token.text not in book.real:
        parts = _without(token, book) or _compound(token, book)
        if parts:
            return parts, 1
        for other in _other_languages(token, language):
            match = lexicon(other).words.get(token.text)
            if match is not None and any(sense.what in CONTENT for sense in match):
                found = Match(match, None, 0.85)
                return [_item(token.text, token.start, token.end, found, other, token.glued)], 1
    return [Item(token.text, token.start, token.end, (), language, glued=token.glued)], 1


def _other_languages(token: Token, language: str) -> Iterable[str]:
    """Languages that may have lent the word; short plain words are too often something else."""
    if token.script == "latin" and len(token.text) >= 5:
        return (name for name in LATIN if name != language)
    return ()


def _item(text: str, start: int, end: int, match: Match, language: str, glued: bool) -> Item:
    return Item(text, start, end, match.senses, language, match.plural, match.confidence, False, match.is_dual, glued)


def _compound(token: Token, book: Lexicon) -> list[Item]:
    """Two known words written as one ("Hafenstadt", "harbortown"), where the language makes such words."""
    word = token.text
    if "compounds" not in book.grammar or len(word) < 7 or len(word) > 40 or token.end - token.start < len(word):
        return []
    for cut in range(len(word) - 3, 2, -1):
        second = book.find(word[cut:])
        if second is None or not _is_content(second):
            continue
        head = word[:cut]
        for joint in ("", *book.grammar.get("joint", ())):
            stem = head[: len(head) - len(joint)] if joint else head
            if head.endswith(joint) and len(stem) >= 3:
                first = Match(book.words[stem], None, 1.0) if stem in book.words else book.find(stem)
                if first is not None and _is_content(first):
                    split_at = min(token.start + cut, token.end)
                    return [
                        replace_confidence(_item(head, token.start, split_at, first, book.language, token.glued), 0.9),
                        replace_confidence(_item(word[cut:], split_at, token.end, second, book.language, True), 0.9),
                    ]
    return []


def _without(token: Token, book: Lexicon) -> list[Item]:
    """A noun with an ending that denies it ("treeless", "autofrei")."""
    for ending in book.grammar.get("without", ()):
        head = token.text[: len(token.text) - len(ending)]
        match = book.find(head) if token.text.endswith(ending) and len(head) >= 3 else None
        if match is not None and any(sense.what in ("thing", "place", "weather", "wind") for sense in match.senses):
            cut = min(token.start + len(head), token.end)
            noun = _item(head, token.start, cut, match, book.language, token.glued)
            return [noun, Item(ending, cut, token.end, (Sense("not-after", "-"),), book.language, glued=True)]
    return []


def replace_confidence(item: Item, confidence: float) -> Item:
    """The item with another confidence."""
    item.confidence = confidence
    return item


def _is_content(match: Match) -> bool:
    return any(sense.what in CONTENT and sense.what not in ("mood", "side") for sense in match.senses)


def _read_mark(token: Token, language: str) -> list[Item]:
    """The item of a number or mark; none for marks that say nothing."""
    if token.shape == "number":
        sense = Sense("digits", token.text)
    elif token.shape == "clock":
        sense = Sense("clock", token.text)
    elif token.shape == "stop":
        sense = BREAK
    elif token.shape == "symbol":
        senses = lexicon("emoji").words.get(token.text, (Sense("symbol", token.text),))
        return [Item(token.text, token.start, token.end, senses, language)]
    else:
        found = _MARKS.get(token.text)
        if found is None:
            return []
        sense = found
    return [Item(token.text, token.start, token.end, (sense,), language, glued=token.glued)]
