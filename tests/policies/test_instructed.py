"""Who does what it is told in words: one skill after another, failures said aloud, a model or rules as its planner."""

import json

from bridge.engine import Action, Skill
from policies.chat.config import Config as Model
from policies.instructed import Config, make
from policies.words import Instructed, Steps, plan
from tests.policies.seen import seen
from tests.policies.stand_in import StandIn, fails, says


def begun(policy: Instructed, instruction: str = "") -> Instructed:
    policy.reset(seed=0, agent="courier-1", instruction=instruction)
    return policy


def line(action: Action) -> str:
    assert isinstance(action.motion, Skill)
    return f"{action.motion.verb} {action.motion.target}".strip()


def two_walks(text, observation) -> Steps:
    return Steps((Skill("go_to", "a"), Skill("go_to", "b")), ())


def test_an_instruction_is_carried_out_step_by_step_and_then_it_waits():
    agent = begun(make(Config()), "take order-7 to 2 Elm Lane, then rest")
    carrying = seen(carrying=("order-7",))
    acts = [line(agent.act(carrying)) for _ in range(5)]
    assert acts == ["go_to 2 Elm Lane", "drop_off order-7", "go_to bench-4", "rest", "wait"]
    assert agent.report()["done"] == acts[:4]
    assert agent.report()["left"] == 0


def test_who_is_woken_in_the_middle_goes_on():
    agent = begun(Instructed(two_walks), "go")
    acts = [line(agent.act(seen(doing=doing))) for doing in ("", "go_to a", "go_to a", "", "go_to b")]
    assert acts == ["go_to a", "go_to a", "go_to a", "go_to b", "go_to b"]
    assert agent.report()["done"] == ["go_to a"]


def test_a_failure_is_said_aloud_and_ends_the_rest():
    agent = begun(Instructed(two_walks), "go")
    agent.act(seen())
    after = agent.act(seen(failure="no way there"))
    assert line(after) == "wait"
    assert after.say == "I could not go_to a: no way there."
    assert agent.report()["failed"] == ["go_to a: no way there"]


def test_after_a_failure_the_rest_may_be_done_all_the_same():
    agent = begun(Instructed(two_walks, on_failure="skip"), "go")
    agent.act(seen())
    assert line(agent.act(seen(failure="no way there"))) == "go_to b"


def test_a_failure_may_be_met_by_one_more_try():
    agent = begun(Instructed(two_walks, on_failure="retry"), "go")
    acts = [line(agent.act(seen(failure=failure))) for failure in ("", "blocked", "blocked", "blocked")]
    assert acts == ["go_to a", "go_to a", "go_to b", "go_to b"]
    assert agent.report()["failed"] == ["go_to a: blocked"]


def test_what_is_not_understood_is_said_aloud():
    agent = begun(make(Config()), "sing a song, then rest")
    assert agent.act(seen()).say == "I do not understand 'sing a song': begins with no verb that is known."


def test_a_new_instruction_takes_the_place_of_the_old():
    agent = begun(make(Config()), "go to 14 Quay Street, then rest")
    agent.act(seen())
    assert (
        line(agent.act(seen(instruction="go to 16 Quay Street", doing="go_to 14 Quay Street")))
        == "go_to 16 Quay Street"
    )
    assert line(agent.act(seen(instruction="go to 16 Quay Street"))) == "wait"


def test_only_masters_are_obeyed():
    agent = begun(make(Config(masters=("boss",))), "")
    assert line(agent.act(seen(heard=[("courier-2", "go to 14 Quay Street")]))) == "wait"
    assert line(agent.act(seen(heard=[("boss", "go to 14 Quay Street")]))) == "go_to 14 Quay Street"


def test_words_are_spoken_where_the_task_has_no_verb_for_it():
    agent = begun(make(Config()), 'say "hello"')
    action = agent.act(seen(verbs={}))
    assert (line(action), action.say) == ("wait", "hello")


PLANNED = {
    "steps": [
        {"verb": "go_to", "target": "14 quay street", "args": {}},
        {"verb": "bid", "target": "order-12", "args": {"price": 9}},
    ],
    "not_understood": ["sing"],
}


def by_model(server: StandIn, **more) -> Instructed:
    return make(Config(planner="llm", llm=Model(base_url=server.base_url, model="toy", retries=0, **more)))


def test_a_model_plans_with_the_same_interface():
    with StandIn(says(json.dumps(PLANNED))) as server:
        agent = begun(by_model(server), "Geh zur 14 Quay Street, biete 9 für order-12 und sing")
        first, second = agent.act(seen()), agent.act(seen())
        report = agent.report()
        agent.close()
    assert [line(first), line(second)] == ["go_to 14 Quay Street", "bid order-12"]
    assert second.motion.text == '{"price": 9}'
    assert first.say == "I do not understand sing."
    assert report["planner"]["calls"] == 1
    assert "Instruction: Geh zur" in server.asked[0]["messages"][1]["content"]


def test_a_plan_that_cannot_be_used_is_asked_for_again():
    wrong = {"steps": [{"verb": "go_to", "target": "the moon", "args": {}}], "not_understood": []}
    with StandIn(says(json.dumps(wrong)), says("```json\n" + json.dumps(PLANNED) + "\n```")) as server:
        agent = begun(by_model(server), "go on")
        assert line(agent.act(seen())) == "go_to 14 Quay Street"
        assert 'there is no "the moon"' in server.asked[1]["messages"][-1]["content"]
        agent.close()


def test_where_no_model_answers_the_rules_plan():
    with StandIn(fails(500)) as server:
        agent = begun(by_model(server), "go to 14 Quay Street")
        assert line(agent.act(seen())) == "go_to 14 Quay Street"
        assert agent.report()["planner"]["fallbacks"] == {"server error": 1}
        agent.close()


def test_rules_and_models_are_planners_alike():
    assert plan("rest", seen()).skills[-1].verb == "rest"
