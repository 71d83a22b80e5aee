"""Which policy is better: paired by seed, with the interval of the difference."""

import numpy as np
import pytest

from bridge.errors import UnknownName
from evaluation.compare import compare

NOISE = np.random.default_rng(0).normal(0.0, 30.0, 20).tolist()
"""How generous each seed's town is to everybody."""


def episodes(offset: float, seeds=range(20)):
    return {
        seed: [{"agent": "a", "profit": NOISE[seed] + offset + 0.1 * (seed % 5), "collisions": seed % 3}]
        for seed in seeds
    }


def test_pairs_see_a_small_difference_that_the_intervals_of_two_means_hide():
    found = compare({"greedy": episodes(0.0), "auction": episodes(2.0)})
    greedy, auction = (found.estimates[policy]["profit"] for policy in ("greedy", "auction"))
    assert greedy.high > auction.low
    pair = found.pair("profit", "greedy", "auction")
    assert (pair.first, pair.second) == ("auction", "greedy")
    assert pair.estimate.value == pytest.approx(2.0)
    assert pair.is_decided
    assert (pair.wins, pair.ties, pair.losses) == (20, 0, 0)
    assert pair.p_value == pytest.approx(2 / 2**20)


def test_policies_that_do_the_same_are_not_told_apart():
    found = compare({"a": episodes(0.0), "b": episodes(0.0)})
    pair = found.pair("profit", "a", "b")
    assert not pair.is_decided
    assert (pair.wins, pair.ties, pair.losses, pair.p_value) == (0, 20, 0, 1.0)


def test_only_seeds_that_both_have_finished_are_paired():
    found = compare({"a": episodes(1.0, range(10)), "b": episodes(0.0, range(5, 15))})
    pair = found.pair("profit", "a", "b")
    assert [seed for seed, _ in pair.differences] == [5, 6, 7, 8, 9]
    assert found.estimates["a"]["profit"].n == 10


def test_less_is_better_where_the_metric_says_so():
    careful = {seed: [{"agent": "a", "collisions": 1}] for seed in range(5)}
    wild = {seed: [{"agent": "a", "collisions": 4}] for seed in range(5)}
    found = compare({"wild": wild, "careful": careful})
    assert found.ranking == ("careful", "wild")
    assert found.pair("collisions", "careful", "wild").wins == 5


def test_a_policy_without_an_episode_is_listed_and_not_ranked():
    found = compare({"a": episodes(0.0), "never": {}})
    assert found.policies == ("a", "never")
    assert found.ranking == ("a",)
    assert found.pair("profit", "a", "never") is None


def test_ranking_by_another_metric_and_by_one_that_is_not_there():
    results = {"a": episodes(0.0), "b": episodes(1.0)}
    assert compare(results, primary="collisions").primary.name == "collisions"
    with pytest.raises(UnknownName, match="Did you mean 'collisions'"):
        compare(results, primary="collision")


def test_the_same_seed_gives_the_same_intervals_whatever_else_is_compared():
    alone = compare({"a": episodes(0.0)}, seed=4)
    among = compare({"b": episodes(1.0), "a": episodes(0.0)}, seed=4)
    assert alone.estimates["a"] == among.estimates["a"]
