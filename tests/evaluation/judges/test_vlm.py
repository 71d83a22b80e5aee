"""A vision-language model as a judge: what it is shown, what its answers mean, and servers that stall, fail and talk rubbish."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import UsageError
from evaluation.judges.vlm import QUESTIONS, Asked, Config, judged
from tests.policies.stand_in import StandIn, fails, says, stalls

pytest.importorskip("httpx2", reason="httpx2 is not installed: pip install simbridge[llm]")


def answer(**words):
    said = {name: words.get(name, "yes") for name in QUESTIONS["manipulate"]}
    return json.dumps({name: {"answer": word, "reason": f"it is {word}"} for name, word in said.items()})


def episodes(count=2):
    rng = np.random.default_rng(0)
    one = lambda: rng.integers(0, 256, (5, 3, 16, 16, 3), dtype=np.uint8)  # noqa: E731
    return [Asked(f"seed-{i}", "Put the red cube into the bowl.", one(), one()) for i in range(count)]


def config(server, **more):
    return Config(base_url=server.base_url, frames=3, longest_px=64, **{"timeout_s": 20.0} | more)


def test_engine_and_dream_are_asked_the_same_and_not_told_apart():
    with StandIn(says(answer(physics="no"))) as server:
        found = judged("manipulate", episodes(), config(server))
    assert found.ended == ""
    assert {(who, said["physics"].is_yes, said["physics"].reason) for pair in found.said.values() for who, said in pair.items()} == {("engine", False, "it is no"), ("dream", False, "it is no")}  # fmt: skip
    texts = {
        json.dumps([part for part in asked["messages"][1]["content"] if part["type"] == "text"])
        for asked in server.asked
    }
    assert len(server.asked) == 4
    assert len(texts) == 1
    told = json.dumps(server.asked[0]["messages"][0]) + texts.pop()
    assert not any(word in told for word in ("engine", "dream", "imagined", "model"))


def test_known_errors_are_shown_among_the_others():
    (one,) = episodes(1)
    wrong = replace(one, checks={"wrong instruction": ("instruction", "Put the blue cube into the bowl.", one.engine)})
    with StandIn(says(answer())) as server:
        found = judged("manipulate", [wrong], config(server))
    assert set(found.said["seed-0"]) == {"engine", "dream", "wrong instruction"}
    assert sum("blue cube" in json.dumps(asked["messages"]) for asked in server.asked) == 1


def test_three_moments_are_shown_as_one_picture_each():
    with StandIn(says(answer())) as server:
        judged("manipulate", episodes(1), config(server))
    pictures = [part for part in server.asked[0]["messages"][1]["content"] if part["type"] == "image_url"]
    assert len(pictures) == 3
    assert all(part["image_url"]["url"].startswith("data:image/jpeg;base64,") for part in pictures)


def test_the_same_seed_asks_in_the_same_order():
    orders = []
    for _ in range(2):
        with StandIn(says(answer())) as server:
            judged("manipulate", episodes(4), config(server), seed=3)
        orders.append([asked["messages"] for asked in server.asked])
    assert orders[0] == orders[1]


def test_a_server_that_stalls_is_asked_no_more_after_three_failures():
    with StandIn(stalls) as server:
        found = judged("manipulate", episodes(4), config(server, timeout_s=0.05))
    assert found.said == {}
    assert found.ended == "3 failures in a row"
    assert found.tally["faults"]["timeout"] >= 3


@pytest.mark.parametrize(
    "text", ["The video is nice.", '{"instruction": {"answer": "perhaps"}}', answer(consistency="maybe"), "[]"]
)
def test_rubbish_is_counted_and_is_no_opinion(text):
    with StandIn(says(text)) as server:
        found = judged("manipulate", episodes(2), config(server))
    assert found.said == {}
    assert found.tally["invalid"] == 3
    assert found.ended == "3 failures in a row"


def test_one_bad_answer_costs_one_opinion():
    with StandIn(says("what?"), says(answer())) as server:
        found = judged("manipulate", episodes(2), config(server))
    assert sum(len(pair) for pair in found.said.values()) == 3


def test_answers_in_prose_around_the_json_and_bare_words_are_read():
    with StandIn(says('Sure! ```json\n{"instruction": "Yes.", "physics": true, "consistency": "NO"}\n```')) as server:
        found = judged("manipulate", episodes(1), config(server))
    assert [one.is_yes for one in found.said["seed-0"]["dream"].values()] == [True, True, False]


def test_no_more_calls_are_made_than_the_budget_has():
    with StandIn(says(answer())) as server:
        found = judged("manipulate", episodes(4), config(server, most_calls=3))
    assert len(server.asked) == 3
    assert found.ended == "no calls left"


def test_a_server_that_refuses_the_key_ends_it():
    with StandIn(fails(401)) as server:
        assert judged("manipulate", episodes(3), config(server)).ended == "3 failures in a row"


def test_without_an_endpoint_nobody_can_be_asked():
    with pytest.raises(UsageError, match=r"--vlm\.base-url"):
        judged("manipulate", episodes(), Config())
