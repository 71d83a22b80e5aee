"""What is being done, told from states, and read in video by a small net whose NumPy pass is that of torch."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bridge.errors import DamagedFile, InvalidInput
from bridge.frames import quat_from_yaw
from bridge.imagination import Past
from evaluation.judges.action_net import HIDDEN, SIZES, WIDTHS, ActionNet, inputs, load, save, shipped
from evaluation.judges.deeds import QUESTIONS, deeds
from evaluation.judges.recognition import done, recognised, said, score
from evaluation.judges.summing import kappa
from evaluation.judges.tampering import truth
from tests.evaluation.judges.tables import clip


def words(task, seen):
    return {
        name: [QUESTIONS[task][name][code] if code >= 0 else "" for code in codes]
        for name, codes in deeds(task, seen).items()
    }


def test_a_pick_and_place_has_its_phases_in_order():
    found = words("manipulate", clip().seen)
    order = [
        phase for before, phase in zip(["", *found["phase"]], found["phase"], strict=False) if phase not in ("", before)
    ]
    assert order == ["reach", "grasp", "carry", "release", "reach"] or order == ["reach", "grasp", "carry", "release"]
    assert found["held"][1:-1] == ["nothing"] * 2 + ["red-cube"] * 7 + ["nothing"]


def test_a_hand_that_closed_on_nothing_holds_nothing():
    seen = replace(clip().seen, gripper=np.ones(12))
    assert set(words("manipulate", seen)["held"]) == {"", "nothing"}


def test_an_arm_without_a_gripper_is_refused():
    with pytest.raises(InvalidInput, match="no gripper"):
        deeds("manipulate", replace(clip().seen, gripper=None))


def ride(speeds, yaw_rate=0.0):
    """A car with these speeds [m/s], one a moment of 0.4 s."""
    many = len(speeds)
    yaw = 0.4 * yaw_rate * np.arange(many)
    steps = 0.4 * np.asarray(speeds, float)[:, None] * np.stack([np.cos(yaw), np.sin(yaw), 0 * yaw], axis=1)
    body = np.concatenate([np.cumsum(steps, axis=0), quat_from_yaw(yaw)], axis=1)
    return Past(0.4 * np.arange(many), (), np.zeros((many, 1, 96, 160, 3), np.uint8), body)


@pytest.mark.parametrize(("rate", "word"), [(0.3, "left"), (0.0, "straight"), (-0.3, "right")])
def test_a_car_turns_as_its_yaw_does(rate, word):
    assert set(words("drive", ride([5.0] * 8, rate))["turning"][2:-2]) == {word}


@pytest.mark.parametrize(("speeds", "word"), [(np.arange(8.0), "speeding up"), (8 - np.arange(8.0), "braking"), ([5.0] * 8, "steady"), ([0.0] * 8, "standing")])  # fmt: skip
def test_a_car_changes_its_pace_as_its_speed_does(speeds, word):
    assert words("drive", ride(speeds))["pace"][3] == word


def random_net(task):
    rng = np.random.default_rng(0)
    weights, widths = {}, WIDTHS[task]
    for layer, (fan_in, out) in enumerate(pairwise(widths), start=1):
        weights[f"conv{layer}.weight"] = rng.standard_normal((out, fan_in, 3, 3)) / np.sqrt(9 * fan_in)
        weights[f"conv{layer}.bias"] = rng.standard_normal(out)
    height, width = (side // 2 ** (len(widths) - 1) for side in SIZES[task])
    weights["hidden.weight"] = rng.standard_normal((HIDDEN, widths[-1] * height * width)) / 30
    weights["hidden.bias"] = rng.standard_normal(HIDDEN)
    for name, answers in QUESTIONS[task].items():
        weights[f"{name}.weight"], weights[f"{name}.bias"] = (
            rng.standard_normal((len(answers), HIDDEN)),
            rng.standard_normal(len(answers)),
        )
    return ActionNet(task, {name: value.astype(np.float32) for name, value in weights.items()})


@pytest.mark.parametrize("task", sorted(QUESTIONS))
def test_the_pass_in_numpy_is_that_of_torch(task):
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install simbridge[world-models]")
    from evaluation.judges.training import net_of, network

    net = network(task).eval()
    given = np.random.default_rng(1).standard_normal((WIDTHS[task][0], *SIZES[task])).astype(np.float32)
    scores = {name: one[0].detach().softmax(-1).numpy() for name, one in net(torch.from_numpy(given)[None]).items()}
    for name, shares in net_of(net, task).answers(given).items():
        np.testing.assert_allclose(shares, scores[name], atol=1e-5)


def test_a_net_survives_its_file(tmp_path):
    net = random_net("manipulate")
    save(net, tmp_path / "net.npz")
    again, given = load(tmp_path / "net.npz"), np.ones((27, 32, 32), np.float32)
    np.testing.assert_allclose(again.answers(given)["phase"], net.answers(given)["phase"], atol=0.02)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "none.npz").write_bytes(b"PK nothing")
    with pytest.raises(DamagedFile, match="no net"):
        load(tmp_path / "none.npz")


def test_three_moments_of_three_views_go_in_at_half_their_size():
    rgb = np.zeros((5, 3, 64, 64, 3), np.uint8)
    rgb[2, 1, ..., 0] = 255
    given = inputs("manipulate", rgb)
    assert given.shape == (3, 27, 32, 32)
    assert [int(one.argmax()) for one in given.reshape(3, 27, -1).max(axis=2)] == [21, 12, 3]


def test_moments_at_the_edge_are_neither_done_nor_said():
    case = truth(clip(), 1)
    views = np.zeros((len(case), 3, 64, 64, 3), np.uint8)
    last = replace(case.last, rgb=views[:1])
    assert said(random_net("manipulate"), last, views)["phase"][-1] == -1
    assert done(case)["phase"][-1] == -1
    assert done(case)["phase"][0] >= 0


def test_pictures_of_another_size_are_not_recognised():
    assert recognised(truth(clip(), 1), truth(clip(), 1).truth.rgb, net=random_net("manipulate")) is None


def test_scores_count_each_answer_alike_where_they_are_balanced():
    """Four of four zeros and one of two ones: 5 of 6, balanced (1 + 1/2) / 2."""
    found = score(np.array([0, 0, 0, 0, 1, 0, 1]), np.array([0, 0, 0, 0, 1, 1, -1]), 2)
    assert (found.n, found.accuracy, found.balanced) == (6, pytest.approx(5 / 6), pytest.approx(0.75))


def test_kappa_is_1_of_the_same_and_0_of_chance():
    assert kappa(np.diag([2, 0, 3, 1])) == 1.0
    assert kappa(np.full((4, 4), 2)) == pytest.approx(0.0)
    assert kappa(np.diag([5, 0, 0, 0])) is None


@pytest.mark.parametrize("task", sorted(QUESTIONS))
def test_what_ships_answers_every_question(task):
    net = shipped(task)
    assert net is not None
    for name, shares in net.answers(np.zeros((WIDTHS[task][0], *SIZES[task]), np.float32)).items():
        assert len(shares) == len(QUESTIONS[task][name])
        assert shares.sum() == pytest.approx(1.0)
