"""What the grammar works on: the sentence as a list of items, each a word or phrase with its possible meanings."""

from dataclasses import dataclass

from scene_gen.brief import Source
from scene_gen.understand.lexicon import Sense, lexicon

BREAK = Sense("break", "")
"""The end of a sentence or clause: . ! ? ; and a new line."""
COMMA = Sense("comma", "")

NOUNS = ("thing", "place", "agent")
AS_ADJECTIVE = {"wood": "wooden"}
"""Materials whose adjective is another word."""
DESCRIBING = ("attribute", "material", "style", "density", "size")


@dataclass(slots=True, eq=False)
class Item:
    """A word, phrase or mark: `text` folded, [start, end) in the prompt; the grammar fills in the rest.

    `senses` empty: not understood. `bounds` is the count read from it, or the count that applies to a noun.
    """

    text: str
    start: int
    end: int
    senses: tuple[Sense, ...] = ()
    language: str = "en"
    plural: bool | None = None
    confidence: float = 1.0
    guessed: bool = False
    is_dual: bool = False
    glued: bool = False
    quantity: float | None = None
    is_vague: bool = False
    """A count of which a word like "many" says only the least."""
    bounds: tuple[int, int | None] | None = None
    is_indefinite: bool = False
    is_definite: bool = False
    is_negated: bool = False
    is_used: bool = False
    is_modifier: bool = False
    """A noun in front of another noun, as "harbor" in "harbor town"."""
    is_forests: bool = False
    """A kind of tree in front of a forest, as in "pine forest"."""
    in_relation: bool = False
    is_fabric: bool = False
    """What the place is built of, as "cabins" in "a village of cabins"."""
    is_object: bool = False
    """Something else is near it, on it ...: it must be there, however many."""
    attributes: tuple[str, ...] = ()
    described_by: tuple["Item", ...] = ()
    position: int = 0
    """Its index in the sentence's list of items."""
    instruction: tuple[int, int] | None = None
    """For an agent, the stretch of the prompt that says what it is to do."""
    vehicle: str = ""
    """What an agent moves on; on a vehicle's own noun, "-": it is no thing of its own."""

    kinds: frozenset[str] = frozenset()
    """What kinds of word the senses are of, derived from them."""

    def __post_init__(self) -> None:
        self.kinds = frozenset([sense.what for sense in self.senses])

    def is_a(self, *whats: str) -> bool:
        """Whether the item can be one of these kinds of word."""
        return not self.kinds.isdisjoint(whats)

    def means(self, senses: tuple[Sense, ...]) -> None:
        """Give the item these meanings instead."""
        self.senses = senses
        self.__post_init__()

    def value(self, what: str) -> str:
        """What the item means as that kind of word; "" if it is none."""
        return next((sense.value for sense in self.senses if sense.what == what), "")

    @property
    def is_own_plural(self) -> bool:
        """Whether its table lists the word as singular and as plural, as English has it with "sheep"."""
        told = lexicon(self.language).words.get(self.text, ())
        own = any(sense.what == "thing" and sense.plural is None for sense in told)
        return own and "plural" in lexicon(self.language).grammar and not self.guessed

    @property
    def is_noun(self) -> bool:
        """Whether it names a kind of place, a thing or an agent."""
        return not self.kinds.isdisjoint(NOUNS)

    def source(self, prompt: str, *, confidence: float = 1.0) -> Source:
        """The words of the prompt it came from."""
        sure = round(self.confidence * confidence, 3)
        return Source(prompt[self.start : self.end], self.start, self.end, sure, self.guessed)


def grammar(language: str, rule: str, default: str = "before") -> str:
    """A rule of a language's table with one value, such as where adjectives stand."""
    return next(iter(lexicon(language).grammar.get(rule, ())), default)


def span_source(prompt: str, *items: Item, confidence: float = 1.0) -> Source:
    """The words from the first to the last of the items."""
    start, end = min(item.start for item in items), max(item.end for item in items)
    sure = round(min(item.confidence for item in items) * confidence, 3)
    return Source(prompt[start:end], start, end, sure, any(item.guessed for item in items))
