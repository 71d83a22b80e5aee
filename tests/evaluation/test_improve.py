"""A policy improved in imagination: what is learned from which dreams, what is measured, and what is said of it."""

from dataclasses import replace

import pytest

from bridge.errors import InvalidInput
from bridge.tasks import manipulate
from evaluation import improve_episode
from evaluation.improve import (
    ARMS,
    BEFORE,
    DREAMS,
    ENGINE,
    HELD_OUT,
    PLACEBO,
    STARTED,
    UNFILTERED,
    Study,
    chosen,
    improve,
)
from evaluation.improve_episode import Roll, called
from evaluation.improve_report import write_report
from evaluation.improve_results import findings, results, verdict
from policies import arm_cloning, manipulate_expert
from policies.imitation.arm_deeds import read_deeds
from tests.evaluation import improving

PATTERN = Roll("dream", "", None, 0, task_config=manipulate.Config(), model="imagined", frames=3)
STUDY = Study(PATTERN, arm_cloning.Config(), dreams=10, seeds=6, demonstrations=3, steps=20, checks=4, learners=2)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("improved")
    return folder, improve(STUDY, folder, workers=1, timeout_s=60.0, crew=improving.crew)


def dream(**changed):
    told = {
        "seed": 0,
        "success": True,
        "done_s": 0.9,
        "times_s": [0.3, 0.6, 0.9],
        "head": [0.1, 0.8, 0.9],
        "trust": 0.5,
    }
    return {**told, **changed}


def test_a_dream_is_called_a_success_when_the_head_is_sure_for_two_frames():
    assert called(dream(), at_least=0.7, judge="head") == 0.6
    assert called(dream(), at_least=0.85, judge="head") is None  # one frame alone is none
    assert called(dream(done_s=None), at_least=0.7, judge="head") == 0.6
    assert called(dream(), at_least=0.85, judge="state") == 0.9
    assert called(dream(), at_least=0.7, judge="both") == 0.9
    assert called(dream(done_s=None), at_least=0.7, judge="both") is None


def test_a_model_without_a_head_is_judged_by_the_state():
    assert called(dream(head=[]), at_least=0.7, judge="head") == 0.9
    assert called(dream(head=[], done_s=None), at_least=0.7, judge="head") is None


def test_only_the_most_trusted_dreams_are_learned_from():
    dreamt = [dream(trust=trust) for trust in (0.9, 0.2, 0.8, 0.4)]
    assert chosen(STUDY, dreamt) == [0, 1, 2, 3]
    assert chosen(replace(STUDY, trusted=0.5), dreamt) == [0, 2]
    assert chosen(replace(STUDY, trusted=0.5), [dream(trust=None)] * 2) == [0, 1]


def test_every_arm_is_measured_on_the_same_held_out_seeds(done):
    _, found = done
    assert tuple(found.measured) == ARMS
    wanted = list(range(HELD_OUT, HELD_OUT + STUDY.seeds))
    assert all([record["seed"] for record in records] == wanted for records in found.measured.values())
    learned_from = {record["seed"] for record in (*found.dreamt, *found.demonstrated, *found.on_engine)}
    assert learned_from.isdisjoint(wanted)


def test_the_controls_learn_from_as_many_episodes_and_the_placebo_from_none(done):
    _, found = done
    assert found.kept == [number for number in range(10) if (STARTED + number) % 2 == 0]
    episodes = {arm: count for arm, (count, _) in found.learned.items()}
    assert episodes == {BEFORE: 0, DREAMS: 5, UNFILTERED: 5, ENGINE: 5, PLACEBO: 0}
    trained = {digest for arm in ARMS for digest in found.weights[arm]}
    assert (
        found.weights[DREAMS] == found.weights[ENGINE]
    )  # in these stand-ins the dream is right, and so is what is learned
    assert len(trained) == 1 + 2 * (len(ARMS) - 2)  # they did learn, and each of the others something else


def test_what_was_decided_after_success_is_not_learned(done):
    _, found = done
    # called and done at 0.6 s: of eight decisions those at 0, 0.1 ... 0.6 s
    assert found.learned[DREAMS] == found.learned[ENGINE] == (5, 35)
    assert found.learned[UNFILTERED] == (5, 40)


def test_what_is_finished_is_not_run_again_and_comes_to_the_same(done):
    folder, found = done
    again = improve(STUDY, folder, workers=1, timeout_s=60.0, crew=improving.idle_crew)
    assert results(again) == results(found)


def test_near_failures_begin_where_the_policy_fails_the_nearest_first(tmp_path):
    study = replace(STUDY, dreams=3, starts="near-failures", checks=0)
    found = improve(study, tmp_path, workers=1, timeout_s=60.0, crew=improving.crew)
    odd = [STARTED + i for i in range(6) if (STARTED + i) % 2]
    assert sorted(record["seed"] for record in found.dreamt) == odd
    assert set(found.measured) == {BEFORE, PLACEBO}  # not one of them succeeds, so that nothing was learned from them
    document = results(found)
    assert "not one of 3" in document["verdict"]
    write_report(tmp_path / "report.html", found, document, {})


def test_wrong_numbers_are_refused():
    with pytest.raises(InvalidInput, match="at least 1"):
        replace(STUDY, dreams=0)
    with pytest.raises(InvalidInput, match="at_least"):
        replace(STUDY, at_least=1.0)


def document_of(*, dreams, placebo, engine, decided=("dreams",)):
    arms = {BEFORE: 0.4, DREAMS: dreams, PLACEBO: placebo, ENGINE: engine}
    pairs = [
        {"first": first, "other": other, "value": arms[first] - arms[other], "low": 0.0, "high": 0.1, "n": 100, "won": 1, "lost": 1,
         "p": 0.5, "p_holm": 0.5, "is_decided": f"{first}/{other}" in decided}
        for first, other in ((DREAMS, BEFORE), (DREAMS, PLACEBO), (ENGINE, BEFORE))
    ]  # fmt: skip
    share = {"value": 0.3, "low": 0.2, "high": 0.4, "n": 50}
    checks = {"all": share, "called": {**share, "value": 0.35, "low": 0.25}, "calibration": []}
    told = {
        arm: {"value": value, "low": 0.0, "high": 1.0, "n": 100, "learned_from": (30, 900)}
        for arm, value in arms.items()
    }
    return {"world_model": "m", "dreams": 10, "arms": told, "pairs": pairs, "checks": checks, "failures": 0}


def test_the_verdict_says_what_came_out_and_no_more():
    both = (f"{DREAMS}/{BEFORE}", f"{DREAMS}/{PLACEBO}")
    assert "made the policy better" in verdict(document_of(dreams=0.6, placebo=0.4, engine=0.7, decided=both))
    assert "made the policy worse" in verdict(document_of(dreams=0.2, placebo=0.4, engine=0.7, decided=both))
    assert "no difference that can be told" in verdict(document_of(dreams=0.45, placebo=0.4, engine=0.7, decided=()))
    assert "no more so than" in verdict(document_of(dreams=0.6, placebo=0.55, engine=0.7, decided=both[:1]))


def test_what_limits_it_is_said():
    weak_ceiling = findings(document_of(dreams=0.4, placebo=0.4, engine=0.41, decided=()))[-1]
    assert "true successes of the engine (30) do not lift" in weak_ceiling
    blind = findings(document_of(dreams=0.4, placebo=0.4, engine=0.8, decided=(f"{ENGINE}/{BEFORE}",)))[-1]
    assert "not shown to keep what works" in blind


def test_the_page_says_what_came_out(done, tmp_path):
    _, found = done
    document = results(found)
    assert {name: one["value"] for name, one in document["arms"].items()} == dict.fromkeys(ARMS, 0.5)
    assert document["checks"]["called"]["value"] == 1.0  # even seeds succeed in both worlds
    (low,) = document["checks"]["calibration"]  # all stand-ins are said to succeed with 0.9 at most
    assert (low["from"], low["to"], low["said"], low["n"]) == (0.8, 1.0, pytest.approx(0.9), 4)
    bins = [low, {**low, "from": 0.0, "to": 0.2}]
    document = {**document, "checks": {**document["checks"], "calibration": bins}}
    write_report(tmp_path / "report.html", found, document, {"seed": 0})
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert document["verdict"] in page
    assert all(arm in page for arm in ARMS)
    assert "0 to 20 %" in page


def test_the_expert_is_watched_on_the_engine_and_its_actions_done_again_succeed(tmp_path):
    kept = tmp_path / "expert.npz"
    roll = Roll(
        "engine", "manipulate-expert", manipulate_expert.Config(), 1, task_config=manipulate.Config(), deeds=str(kept)
    )
    first = improve_episode.run(roll)
    assert first["success"]
    assert len(read_deeds(kept)) == first["decisions"] > 30
    again = improve_episode.run(
        replace(roll, policy="again", policy_config=None, again=str(kept), again_digest="x", deeds="")
    )
    assert again["success"]
    assert abs(again["done_s"] - first["done_s"]) < 0.31


def test_a_dream_keeps_what_the_model_says_of_every_frame(tmp_path):
    roll = Roll(
        "dream", "arm-cloning", arm_cloning.Config(explores_m=0.01), 1, task_config=manipulate.Config(),
        model=improving.__name__, model_config=improving.Config(), frames=4, deeds=str(tmp_path / "dream.npz"),
    )  # fmt: skip
    record = improve_episode.run(roll)
    assert record["head"] == [0.1, 0.2, 0.3, 0.4]  # a tenth more each frame
    assert record["times_s"] == [0.3, 0.6, 0.9, 1.2]
    assert record["trust"] == 0.5
    assert not record["success"]  # nothing moves in these dreams
    assert len(read_deeds(tmp_path / "dream.npz")) == 12


def test_an_episode_is_known_by_what_decides_it_and_not_by_where_it_is_kept():
    roll = replace(PATTERN, policy="arm-cloning", policy_config=arm_cloning.Config(weights="a.npz"), weights_digest="1")
    assert roll.key == replace(roll, policy_config=arm_cloning.Config(weights="b.npz"), label="x", deeds="y").key
    assert (
        len(
            {
                roll.key,
                replace(roll, weights_digest="2").key,
                replace(roll, seed=1).key,
                replace(roll, model_weights="w").key,
            }
        )
        == 4
    )
