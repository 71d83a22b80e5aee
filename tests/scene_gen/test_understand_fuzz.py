"""Any text gives a Brief whose sources lie inside the prompt, the same one every time."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from scene_gen.brief import PLACES, Brief, Source
from scene_gen.kinds import KINDS
from scene_gen.understand import describe, understand
from scene_gen.understand.lexicon import LANGUAGES, lexicon

WORDS = sorted({word for name in LANGUAGES for word in lexicon(name).words})
SMALL_CHANGES = st.sampled_from([" ", ", ", ". ", " and ", " no ", " 3 ", "-", " of ", "\n", "の", "的", " в ", "، "])
SENTENCES = st.lists(st.one_of(st.sampled_from(WORDS), SMALL_CHANGES, st.text(max_size=6)), max_size=25).map(" ".join)


def sources(value: object) -> Iterator[Source]:
    if isinstance(value, Source):
        yield value
    elif is_dataclass(value):
        for item in fields(value):
            yield from sources(getattr(value, item.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from sources(item)


def check(brief: Brief, prompt: str) -> None:
    assert brief.prompt == prompt
    for source in sources(brief):
        assert 0 <= source.start < source.end <= len(prompt)
        assert prompt[source.start : source.end] == source.words
        assert 0.0 <= source.confidence <= 1.0
    assert {read.value for read in (*brief.places, *brief.not_places)} <= set(PLACES)
    for thing in brief.things:
        assert thing.kind in KINDS
        assert thing.least >= 0
        assert thing.most is None or thing.most >= thing.least
    assert "\n" not in describe(brief)


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_brief_with_sources_inside_it(prompt: str):
    check(understand(prompt, encoder="none"), prompt)


@given(SENTENCES)
@settings(max_examples=250, deadline=None)
def test_any_heap_of_known_words_gives_a_brief_with_sources_inside_it(prompt: str):
    brief = understand(prompt, encoder="none")
    check(brief, prompt)
    assert understand(prompt, encoder="none") == brief
