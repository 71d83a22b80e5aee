"""Policies that meet in one episode: half of the agents are a rival's, and the others are compared."""

import json

import pytest

from bridge.cli import main
from bridge.errors import InvalidInput
from bridge.formats.scene_folder import write_scene
from evaluation.trial import Trial, compared_rows
from tests.bridge.embedded_town import embedded_town


def trial(seed: int, rival: str = "", policy: str = "greedy") -> Trial:
    return Trial("town", "digest", "delivery", policy, seed, rival=rival)


def test_against_a_rival_every_second_agent_is_ones_own_and_seeds_take_turns():
    agents = ("a", "b", "c", "d")
    assert trial(0).own(agents) == agents
    assert trial(0, "greedy").own(agents) == ("a", "c")
    assert trial(1, "greedy").own(agents) == ("b", "d")


def test_a_rival_makes_another_episode_of_it_and_none_leaves_it_as_it_was():
    assert len({trial(0).key, trial(0, "greedy").key, trial(0, "auction").key}) == 3
    assert not any(name.startswith("rival") for name in trial(0).document())
    assert trial(0, "greedy").document()["rival_config"] == {"rest_to_pct": 80.0}


def test_who_earns_more_than_rivals_in_the_same_market_leads_by_that_much():
    rows = {name: {"profit": profit} for name, profit in (("a", 9.0), ("b", 2.0), ("c", 5.0), ("d", 4.0))}
    assert compared_rows(rows, ("a", "c")) == {"a": {"profit": 9.0, "lead": 6.0}, "c": {"profit": 5.0, "lead": 2.0}}
    assert compared_rows(rows, tuple(rows)) == rows
    timed = {"a": {"time_s": 3.0}, "b": {"time_s": 4.0}}
    assert compared_rows(timed, ("a",)) == {"a": {"time_s": 3.0}}


def test_nobody_has_a_rival_alone():
    with pytest.raises(InvalidInput, match="too few for two policies"):
        trial(0, "greedy").own(("a",))


def test_the_command_keeps_the_rows_of_those_who_are_compared(tmp_path, capsys):
    write_scene(embedded_town(), tmp_path / "quay")
    flags = (
        tmp_path / "quay", "--policies", "greedy,auction", "--against", "planner", "--planner.most-orders", 2,
        "--seeds", 2, "--workers", 1, "--engine", "kinematic", "--delivery.agents", 3, "--hours", 0.01,
        "--vehicles", 0, "--pedestrians", 0, "--films", "none", "--record", "none", "--out", tmp_path / "out",
    )  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *map(str, flags)])
    assert ended.value.code == 0, capsys.readouterr().err
    rows = [json.loads(line) for line in (tmp_path / "out" / "episodes.jsonl").read_text().splitlines()]
    assert [len(row["rows"]) for row in rows] == [2, 2, 1, 1]
    episode = json.loads((tmp_path / "out" / "episodes" / rows[0]["file"]).read_text())
    assert sorted(episode["policies"].values()) == ["greedy", "greedy", "planner"]
    assert all("lead" in row and row["profit"] == 0.0 for row in rows[0]["rows"].values())
    assert {row["ended"] for row in rows} == {"over"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["configuration"]["rival_config"]["most_orders"] == 2
    assert "half of the agents each" in (tmp_path / "out" / "report.html").read_text()
