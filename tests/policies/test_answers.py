"""What a model's text means: JSON in any wrapping, near misses mended, wrong names never guessed at."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.chat.answers import Answer, Unusable, read_answer, schema
from policies.chat.names import known_names, nearest, point
from policies.verbs import usage
from tests.policies.seen import seen
from tests.policies.stand_in import decision

VERBS = tuple(usage(seen()))
KNOWN = known_names(seen())
WANTED = ("go_to", "14 Quay Street")


def read(text: str, **more) -> Answer:
    return read_answer(text, VERBS, KNOWN, **more)


def test_a_proper_answer_is_read_as_it_is():
    answer = read(decision("bid", "order-12", say="mine", price=9.5))
    assert (answer.verb, answer.target, answer.args, answer.say) == ("bid", "order-12", {"price": 9.5}, "mine")
    assert not answer.was_mended
    assert not answer.was_matched


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"verb": "go_to", "target": "14 Quay Street"}\n```',
        'I will walk there.\n\n{"verb": "go_to", "target": "14 Quay Street"}\n\nThat is best.',
        "{'verb': 'go_to', 'target': '14 Quay Street',}",
        '{verb: "go_to", target: "14 Quay Street"}',
        '{"verb": "go_to", "target": "14 Quay Street", "args": {',
        '{"verb": "go_to", // on foot\n "target": "14 Quay Street"}',
        '<think>{"verb": "rest"} or rather not</think>{"verb": "go_to", "target": "14 Quay Street"}',
        '{"verb": "rest"} — no, better: {"verb": "go_to", "target": "14 Quay Street"}',
        '[{"verb": "go_to", "target": "14 Quay Street"}]',
    ],
)
def test_broken_json_is_mended(text):
    answer = read(text)
    assert (answer.verb, answer.target) == WANTED
    assert answer.was_mended


@pytest.mark.parametrize("verb", ["Go To", "goto", "GO-TO", "go_to()", "go_tp"])
def test_a_verb_may_be_written_in_many_ways(verb):
    assert read(json.dumps({"verb": verb, "target": "14 Quay Street"})).verb == "go_to"


@pytest.mark.parametrize(
    ("target", "meant"),
    [("14 quay street", "14 Quay Street"), ("14 Quay St", "14 Quay Street"), ("Habor Caffe", "Harbor Cafe"),
     ("order 12", "order-12"), ([3, 4.5], "3,4.5"), ("(12.5, -3)", "(12.5, -3)")],
)  # fmt: skip
def test_a_target_that_is_clearly_meant_is_taken(target, meant):
    assert read(json.dumps({"verb": "go_to", "target": target})).target == meant


@pytest.mark.parametrize("target", ["15 Quay Street", "the moon", "order-99", "", None, {"x": 1}, True, "nan,1"])
def test_a_target_that_is_none_is_said_to_be_none(target):
    with pytest.raises(Unusable):
        read(json.dumps({"verb": "go_to", "target": target}))


def test_what_the_instruction_names_may_be_a_target_unseen():
    text = json.dumps({"verb": "go_to", "target": "9 Hill Road"})
    assert read(text, told="Go to 9 Hill Road.").target == "9 Hill Road"


@pytest.mark.parametrize(
    "args", ["[1]", '"price"', '{"price": NaN}', '{"price": Infinity}', '{"text": "' + "x" * 5000 + '"}']
)
def test_arguments_are_an_object_of_sound_and_short_values(args):
    with pytest.raises(Unusable):
        read(f'{{"verb": "bid", "target": "order-12", "args": {args}}}')


def test_what_is_said_is_one_short_line():
    said = read(json.dumps({"verb": "wait", "say": "one\ntwo\x07" + "x" * 1000})).say
    assert said.startswith("one two x")
    assert len(said) == 500


def test_the_schema_lists_the_verbs_and_fits_what_is_read():
    wanted = schema(usage(seen()))
    assert wanted["properties"]["verb"]["enum"] == sorted(VERBS)
    arguments = set(wanted["properties"]["args"]["properties"])
    assert {"price", "to_pct", "mode"} <= arguments
    assert "scooter" not in arguments  # an example of a value, not a name
    assert set(json.loads(decision("wait"))) == set(wanted["required"]) == set(wanted["properties"])


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400) | st.text(alphabet='{}[]":,verbtagogo_ \\n0', max_size=200))
def test_no_text_at_all_is_more_than_unusable(text):
    try:
        answer = read(text)
    except Unusable:
        return
    assert answer.verb in VERBS


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["verb", "target", "args", "say"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_no_document_at_all_is_more_than_unusable(document):
    try:
        answer = read(json.dumps(document))
    except Unusable:
        return
    json.dumps(dict(answer.args), allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300))
def test_another_number_is_another_name(mine, theirs):
    found = nearest(f"{mine} Quay Stret", [f"{theirs} Quay Street", f"order-{theirs}"])
    assert found == (f"{theirs} Quay Street" if mine == theirs else "")


def test_of_two_names_as_near_none_is_taken():
    assert nearest("courier", ["couriers", "courierx"]) == ""


def test_names_are_all_that_was_shown_and_the_goods_of_shops():
    assert {
        "14 Quay Street",
        "Fish and Chips",
        "order-7",
        "request-3",
        "courier-2",
        "charger-1",
        "energy drink",
    } <= set(KNOWN)


def test_points_are_two_or_three_finite_numbers():
    assert point("1.5, -2") == (1.5, -2.0)
    assert point("(1,2,3)") == (1.0, 2.0)
    assert point("14 Quay Street, Harbor") is None
    assert point("inf,2") is None
