"""What a model is shown fits into its window, and holds nothing that a chat template would obey."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.commands import policies
from bridge.engine import VERBS
from policies.chat.prompt import compact, fitted, plain
from policies.verbs import WORLD

NOTES = st.recursive(
    st.integers() | st.floats(-1e6, 1e6) | st.text(max_size=12) | st.just("3 more left out"),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


def test_long_lists_are_cut_and_say_by_how_much():
    notes = {"me": "courier-1", "orders": [{"id": f"order-{i}"} for i in range(200)]}
    cut = fitted(notes, 500)
    kept = cut["orders"][:-1]
    assert kept == notes["orders"][: len(kept)]
    assert cut["orders"][-1] == f"{200 - len(kept)} more left out"
    assert len(kept) > 5
    assert cut["me"] == "courier-1"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=5), NOTES, max_size=5), st.integers(50, 2000))
def test_notes_never_take_more_than_their_share(notes, most):
    cut = fitted(notes, most)
    text = cut if isinstance(cut, str) else json.dumps(cut, ensure_ascii=False, separators=(",", ":"))
    assert len(text) <= most + len("… (cut)")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_a_text_made_plain_opens_no_tag(text):
    shown = plain(text)
    assert "<|" not in shown
    assert "</" not in shown
    assert plain(shown) == shown


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=5), NOTES, max_size=5))
def test_what_is_shown_is_json(document):
    json.loads(compact(document))


def test_numbers_are_told_to_a_hundredth():
    assert compact({"pay": 8.123456, "at": (1.0, 2.005)}) == '{"pay":8.12,"at":[1.0,2.0]}'


def test_every_verb_of_engines_has_a_line_on_its_use():
    assert set(WORLD) == set(VERBS)


def test_the_command_lists_every_policy(capsys):
    assert policies.run(policies.Config(json=True)) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"llm", "vlm"} <= set(found)
    assert all(found.values())
    assert "policy" not in found
