"""Behaviour cloning of scripted couriers: labels, gradients, training, and that what was learned earns something."""

import json

import numpy as np
import pytest

from bridge.engine import Action, Skill
from bridge.errors import InvalidInput
from policies import cloning, greedy
from policies.courier.atlas import Atlas
from policies.courier.situation import read
from policies.imitation import train
from policies.imitation.choices import KINDS, WIDTH, choices, features, label
from policies.imitation.scorer import Scorer, _slopes, agreement, load, trained
from policies.wrappers import Written
from tests.policies.market import Market
from tests.policies.seen import NOTES, seen
from tests.policies.test_scripted import profits


def options():
    now, atlas = read(seen()), Atlas()
    assert now is not None
    atlas.learn(now)
    return now, atlas, choices(now, atlas)


def test_choices_are_all_that_can_be_done_next():
    _, _, found = options()
    assert [(one.kind, one.order) for one in found] == [
        ("wait", ""), ("rest", ""), ("take", "order-12"), ("take", "order-13"), ("fetch", "order-7"),
    ]  # fmt: skip


def test_a_row_tells_its_kind_and_nothing_out_of_bounds():
    now, atlas, found = options()
    rows = features(now, atlas, found)
    assert rows.shape == (5, WIDTH)
    assert [KINDS[int(np.argmax(row[: len(KINDS)]))] for row in rows] == [one.kind for one in found]
    assert np.abs(rows).max() <= 5.0


@pytest.mark.parametrize(("verb", "target", "expected"), [
    ("bid", "order-13", 3), ("accept", "order-12", 2), ("go_to", "8 Mill Lane", 4), ("go_to", "bench-4", 1),
    ("pick_up_order", "order-7", 4), ("wait", "", 0), ("rest", "", 1), ("say", "", None), ("bid", "order-99", None),
])  # fmt: skip
def test_an_action_is_labelled_with_the_choice_it_carries_out(verb, target, expected):
    now, _, found = options()
    assert label(Action(Skill(verb, target)), now, found) == expected


def test_gradients_are_those_of_small_differences():
    random = np.random.default_rng(0)
    batch = [(random.normal(size=(n, WIDTH)), n - 1) for n in (2, 5, 3)]
    weights = [random.normal(size=(WIDTH, 4)), random.normal(size=4), random.normal(size=4)]

    def loss(at):
        total = 0.0
        for rows, taken in batch:
            scores = Scorer(*at).scores(rows)
            total += np.log(np.exp(scores).sum()) - scores[taken]
        return total / len(batch)

    for index, slope in enumerate(_slopes(batch, weights)):
        for place in list(np.ndindex(slope.shape))[::7]:
            up, down = ([one.copy() for one in weights] for _ in range(2))
            up[index][place] += 1e-6
            down[index][place] -= 1e-6
            assert slope[place] == pytest.approx((loss(up) - loss(down)) / 2e-6, abs=1e-6)


def test_a_rule_is_learned_from_examples():
    random = np.random.default_rng(1)
    told = random.normal(size=(300, 4, WIDTH))
    decisions = [(rows, int(np.argmax(rows[:, 7] - np.abs(rows[:, 3])))) for rows in told]
    scorer = trained(decisions[:200], seed=0)
    assert agreement(scorer, decisions[200:]) > 0.75
    again = trained(decisions[:200], seed=0)
    np.testing.assert_array_equal(scorer.into, again.into)


def test_decisions_written_down_train_a_policy_that_works(tmp_path, capsys):
    minds = {f"courier-{i}": Written(greedy.make(greedy.Config()), tmp_path / f"{i}.jsonl") for i in (1, 2, 3)}
    Market(minds, seed=5, hours=0.5).run()
    for mind in minds.values():
        mind.close()
    out = tmp_path / "weights.npz"
    files = [str(tmp_path / f"{i}.jsonl") for i in (1, 2, 3)]
    assert train.main([*files, "--out", str(out), "--epochs", "20"]) == 0
    assert "of other files" in capsys.readouterr().err
    policy = cloning.make(cloning.Config(weights=str(out)))
    policy.reset(seed=0, agent="courier-1", instruction="")
    assert isinstance(policy.act(seen()).motion, Skill)


def test_decisions_without_notes_teach_nothing_and_are_said_to(tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"time_s": 0, "agent": "a", "action": {}}) + "\n")
    assert train.main([str(path), "--out", str(tmp_path / "w.npz")]) == 2
    assert "--noisy.write-to" in capsys.readouterr().err


def test_weights_of_another_width_are_refused(tmp_path):
    Scorer(np.zeros((3, 4)), np.zeros(4), np.zeros(4)).save(tmp_path / "w.npz")
    with pytest.raises(InvalidInput, match="Train it anew"):
        load(tmp_path / "w.npz")
    with pytest.raises(InvalidInput, match="There are no weights"):
        cloning.make(cloning.Config(weights=str(tmp_path / "none.npz")))


def test_what_comes_with_the_package_changes_with_what_is_observed():
    policy = cloning.make(cloning.Config())
    policy.reset(seed=0, agent="courier-1", instruction="")
    tired = {**NOTES["me"], "energy_pct": 12.0, "owns_scooter": False}
    fresh = {**tired, "energy_pct": 99.0}
    told = [policy.act(seen(notes={**NOTES, "me": me})).motion for me in (tired, fresh)]
    assert told[0] != told[1]


def test_a_clone_earns_more_than_chance():
    gap = profits(["cloning"] * 2, 3).mean(axis=1) - profits(["random"] * 2, 3).mean(axis=1)
    assert (gap > 0).all()
