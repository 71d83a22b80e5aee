"""Free text turned into skills by rule: what is told is done in its order, what is not understood is said, never guessed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.verbs import usage
from policies.words import plan
from policies.words.phrases import PHRASES, duration_s, meaning, number, percent
from policies.words.rules import RULES
from tests.policies.seen import NOTES, seen

AT_HOME = seen(carrying=("order-7",))
"""Carries order-7, which goes to 2 Elm Lane; order-7 is ready at the Harbor Cafe otherwise."""


def told(text: str, observation=AT_HOME) -> list[str]:
    """The skills of a text, each as one line; the test fails if a part is not understood."""
    steps = plan(text, observation)
    assert steps.not_understood == ()
    return [" ".join(part for part in (skill.verb, skill.target, skill.text) if part) for skill in steps.skills]


TO_ELM = ["go_to 2 Elm Lane", "drop_off order-7"]
REST = ["go_to bench-4", 'rest {"to_pct": 100.0}']
FETCH = ["go_to 8 Mill Lane", "pick_up_order order-7"]


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("take the parcel to 2 Elm Lane, then rest", TO_ELM + REST),
        ("Please deliver order-7 and then take a break until full.", TO_ELM + REST),
        ("Rest after delivering order-7", TO_ELM + REST),
        ("before you rest, drop off the food", TO_ELM + REST),
        ("after delivering the soup, rest to 80 %", TO_ELM + ["go_to bench-4", 'rest {"to_pct": 80.0}']),
        ("deliver everything; finally sleep", TO_ELM + REST),
        ("bring it to 2 elm lane", TO_ELM),
        ("leave the order at the door of 2 Elm Lane", ["go_to 2 Elm Lane", 'drop_off order-7 {"method": "door"}']),
        ("deliver order-7 in person", ["go_to 2 Elm Lane", 'drop_off order-7 {"method": "hand"}']),
        ('say "the bakery is closed"', ['say {"text": "the bakery is closed", "to": "all"}']),
        ("go to 14 Quay Street", ["go_to 14 Quay Street"]),
        ("walk over to the harbor cafe", ["go_to 8 Mill Lane"]),
        ("go to Fish and Chips, Harbor Cafe and 99 Unknown Road", ["go_to 3 Mill Lane", "go_to 8 Mill Lane", "go_to 99 Unknown Road"]),
        ("head to 12.5, -3 and wait 2 minutes", ["go_to 12.5,-3", 'wait {"s": 120.0}']),
        ("drive to 14 Quay Street", ['set_transport {"mode": "car"}', "go_to 14 Quay Street"]),
        ("go to 14 Quay Street by scooter", ['set_transport {"mode": "scooter"}', "go_to 14 Quay Street"]),
        ("walk to 14 Quay Street", ["go_to 14 Quay Street"]),
        ("take the bus to 14 Quay Street", ['ride_bus {"to": "14 Quay Street"}']),
        ("switch to the scooter", ['set_transport {"mode": "scooter"}']),
        ("follow courier-2", ["follow courier-2"]),
        ("bid 9.50 on order-12 and $8 on order-13", ['bid order-12 {"price": 9.5}', 'bid order-13 {"price": 8.0}']),
        ("place a bid of nine for the order from Fish and Chips", ['bid order-12 {"price": 9.0}']),
        ("accept order-12 and decline order-13", ["accept order-12", "decline order-13"]),
        ("take order-13", ["accept order-13"]),
        ("accept request-3", ["accept_request request-3"]),
        ("confirm request-3", ["confirm_request request-3"]),
        ("look at the orders", ["view_orders"]),
        ("share order-7 with courier-2", ['share order-7 {"with": "courier-2"}']),
        ("hand order-7 over to courier-2", ['hand_over order-7 {"to": "courier-2"}']),
        ("give the parcel to courier-2", ['hand_over order-7 {"to": "courier-2"}']),
        ("take over order-12", ["take_over order-12"]),
        ('post a request "my battery is empty" for $5', ['post_request {"bounty": 5.0, "text": "my battery is empty"}']),
        ("buy two energy drinks and a coffee",
         ["go_to 8 Mill Lane", 'buy {"item": "energy drink"}', 'buy {"item": "energy drink"}', 'buy {"item": "coffee"}']),
        ("buy an energy drink at Fish and Chips", ["go_to 3 Mill Lane", 'buy {"item": "energy drink"}']),
        ("drink the coffee", ['use {"item": "coffee"}']),
        ("charge the scooter to 80 percent", ["go_to charger-1", 'charge {"to_pct": 80.0}']),
        ("recharge", ["go_to charger-1", 'charge {"to_pct": 100.0}']),
        ("go to the nearest charging station", ["go_to charger-1"]),
        ("rent a car and return the rental", ["go_to rental-1", "rent", "return_rental"]),
        ("rest for half an hour", ["go_to bench-4", 'wait {"s": 1800.0}']),
        ("wait until 13:30", ['wait {"s": 5400.0}']),
        ('tell courier-2 "order-12 is mine"', ['say courier-2 {"text": "order-12 is mine", "to": "courier-2"}']),
        ('say "hello, and welcome" to courier-2', ['say courier-2 {"text": "hello, and welcome", "to": "courier-2"}']),
        ("get off", ["dismount"]),
        ("sit down on bench-4, then stand up", ["go_to bench-4", "sit bench-4", "stand"]),
    ],
)  # fmt: skip
def test_a_text_is_turned_into_skills(text, skills):
    assert told(text) == skills


def test_what_is_not_carried_yet_is_fetched_first():
    assert told("deliver order-7", seen()) == FETCH + TO_ELM
    assert told("pick up the parcel", seen()) == FETCH


def test_what_was_done_before_counts_for_what_comes_after():
    assert told("grab the soup, bring it to the customer and come back to the harbor cafe", seen()) == [
        *FETCH,
        *TO_ELM,
        "go_to 8 Mill Lane",
    ]
    assert told("pick order-7 up and drop it off at 2 Elm Lane by scooter", seen()) == [
        *FETCH, 'set_transport {"mode": "scooter"}', *TO_ELM]  # fmt: skip
    assert told("buy a coffee and drink it", seen()) == [
        "go_to 8 Mill Lane",
        'buy {"item": "coffee"}',
        'use {"item": "coffee"}',
    ]
    assert told("go to the harbor cafe to fetch order-7", seen()) == FETCH


def test_what_somebody_shall_be_told_is_not_done_oneself():
    assert told("tell courier-2 that I am late, and to pick up order-12") == [
        'say courier-2 {"text": "I am late, and to pick up order-12", "to": "courier-2"}'
    ]


def test_who_is_there_already_does_not_go_there():
    notes = json.loads(json.dumps(NOTES))
    notes["me"]["near"] = "8 Mill Lane"
    assert told("fetch order-7", seen(notes=notes)) == ["pick_up_order order-7"]


def test_a_thing_of_the_world_is_carried_by_hand():
    world = seen(notes={"things": ["crate-3"]}, verbs={})
    assert told("bring crate-3 to 14 Quay Street", world) == [
        "go_to crate-3",
        "pick_up crate-3",
        "go_to 14 Quay Street",
        "put_down",
    ]
    assert told("put it down", seen(notes={}, verbs={}, holding=("crate-3",))) == ["put_down"]
    assert told("take it to 14 Quay Street", seen(notes={}, verbs={}, holding=("crate-3",))) == [
        "go_to 14 Quay Street",
        "put_down",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("don't go to 14 Quay Street", "what not to do"),
        ("if it rains, go to 14 Quay Street", "conditions"),
        ("walk 100 m north", "no place called '100 m north'"),
        ("go to the moon", "no place called 'the moon'"),
        ("dance the tango", "no verb"),
        ("deliver order-99", "no order of that kind"),
        ("bid on order-12", "how much"),
        ("bid 5", "no open order"),
        ("share order-7 with nobody-9", "nobody called"),
        ("buy a unicorn", "sell 'a unicorn'"),
        ("buy 5000 coffees", "5000 is no number"),
        ("charge to 400 %", "400 % is no level"),
        ("take the parcel to the moon", "no place called 'the moon'"),
    ],
)
def test_what_is_not_understood_is_said_with_the_reason(text, reason):
    steps = plan(text, AT_HOME)
    assert steps.skills == ()
    assert len(steps.not_understood) == 1
    assert reason in steps.not_understood[0]


def test_an_address_that_was_not_shown_is_left_to_who_knows_the_map():
    assert told("go to 15 Quay Street") == ["go_to 15 Quay Street"]  # never 14 or 16, however near
    assert told("go to 15 Quay Stret") == ["go_to 15 quay stret"]


def test_the_rest_is_done_where_a_part_is_not_understood():
    steps = plan("sing a song, then go to 14 Quay Street", AT_HOME)
    assert [skill.target for skill in steps.skills] == ["14 Quay Street"]
    assert steps.not_understood == ("'sing a song': begins with no verb that is known",)


def test_what_the_task_has_no_verb_for_is_not_told():
    steps = plan("buy a coffee", seen(verbs={}))
    assert steps.skills == ()
    assert "nobody can buy here" in steps.not_understood[0]


def test_every_meaning_has_a_rule():
    assert set(PHRASES) == set(RULES)


@pytest.mark.parametrize("form", ["deliver", "delivering", "delivered", "delivers"])
def test_a_verb_is_known_in_its_forms(form):
    assert meaning(f"{form} it")[0] == "deliver"


@pytest.mark.parametrize(
    ("words", "value"), [("twenty five", 25), ("$9.50", 9.5), ("a hundred", 100), ("two hundred", 200), ("none", None)]
)
def test_numbers_are_read_in_digits_and_words(words, value):
    assert number(words) == value


def test_times_and_levels_are_read():
    assert [duration_s(words) for words in ("10 minutes", "half an hour", "90s", "2 h", "long")] == [
        600.0,
        1800.0,
        90.0,
        7200.0,
        None,
    ]
    assert [percent(words) for words in ("to 80 %", "until full", "half full", "now")] == [80.0, 100.0, 50.0, None]


WORDS = st.sampled_from(
    ["go", "to", "take", "the", "parcel", "order-7", "order-12", "14 Quay Street", "and", ",", "then", "rest", "until", "full", "bid",
     "9.5", "on", "buy", "coffee", "with", "courier-2", "before", "after", "if", "not", "wait", "minutes", "charge", '"', "it", "all"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=20).map(" ".join) | st.text(max_size=100))
def test_any_text_comes_to_skills_that_can_be_told(text):
    steps = plan(text, AT_HOME)
    for skill in steps.skills:
        assert skill.verb in usage(AT_HOME)
        assert isinstance(json.loads(skill.text or "{}"), dict)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12).map(" ".join))
def test_no_text_is_passed_over_in_silence(text):
    steps = plan(text, AT_HOME)
    content = set(text.split()) - {
        "and",
        ",",
        "then",
        "to",
        "it",
        "all",
        "the",
        '"',
        "not",
        "full",
        "on",
        "with",
        "after",
        "before",
    }
    assert steps.skills or steps.not_understood or not content
