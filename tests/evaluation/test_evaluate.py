"""An evaluation: every episode once, whatever is interrupted; the verdict and the report over what was finished."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.evaluate import evaluate
from evaluation.present import Wishes, present
from evaluation.trial import Trial
from tests.evaluation.episodes import trials
from tests.scenes import tiny_scene

RUN = "tests.evaluation.episodes:invented"


def evaluated(folder: Path, wanted: list[Trial], **options):
    return evaluate(wanted, folder, run=RUN, **{"workers": 2, "timeout_s": 60.0, **options})


def runs(folder: Path) -> Counter[str]:
    return Counter((folder / "episodes" / "runs.txt").read_text().splitlines())


def test_the_better_policy_is_told_by_pairs_although_luck_is_larger(tmp_path):
    found = evaluated(tmp_path, trials(tmp_path))
    assert found.comparison.ranking == ("route", "wandering")
    pair = found.comparison.pair("profit", "route", "wandering")
    assert pair.estimate.value == pytest.approx(3.0)
    assert (pair.is_decided, pair.wins, pair.losses) == (True, 8, 0)


def test_what_is_finished_is_not_run_again_and_more_seeds_run_only_what_is_new(tmp_path):
    evaluated(tmp_path, trials(tmp_path, seeds=2))
    evaluated(tmp_path, trials(tmp_path, seeds=2))
    found = evaluated(tmp_path, trials(tmp_path, seeds=3))
    assert len(found.records) == 6
    assert set(runs(tmp_path).values()) == {1}


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_an_evaluation_killed_on_the_way_goes_on_where_it_was(tmp_path):
    script = (
        "from pathlib import Path\nfrom evaluation.evaluate import evaluate\nfrom tests.evaluation.episodes import trials\n"
        f"folder = Path({str(tmp_path)!r})\n"
        f"if __name__ == '__main__':\n    evaluate(trials(folder), folder, workers=1, timeout_s=60.0, run={RUN!r})\n"
    )
    (tmp_path / "episodes").mkdir()
    (tmp_path / "episodes" / "fatal").write_text("5")
    (tmp_path / "script.py").write_text(script)
    root = str(Path(__file__).parents[2])
    killed = subprocess.run(
        [sys.executable, tmp_path / "script.py"], env={**os.environ, "PYTHONPATH": root}, timeout=300
    )
    assert killed.returncode == -9
    before = runs(tmp_path)
    assert before["route 5"] == 1
    assert before.total() == 11
    found = evaluated(tmp_path, trials(tmp_path))
    assert len(found.records) == 16
    again = {run for run, count in runs(tmp_path).items() if count > 1}
    assert again == {"route 5"}


def test_an_episode_that_cannot_be_finished_is_named_left_out_and_tried_again_next_time(tmp_path):
    (tmp_path / "episodes").mkdir()
    (tmp_path / "episodes" / "deadly").write_text("1")
    found = evaluated(tmp_path, trials(tmp_path, seeds=3))
    assert [(r["policy"], r["seed"], r["tries"]) for r in found.failures] == [("route", 1, 2), ("wandering", 1, 2)]
    assert all("exit code 9" in r["failure"] for r in found.failures)
    assert found.comparison.estimates["route"]["profit"].n == 2
    (tmp_path / "episodes" / "deadly").unlink()
    assert len(evaluated(tmp_path, trials(tmp_path, seeds=3)).failures) == 0


def test_an_episode_is_known_by_what_decides_how_it_goes_and_by_nothing_else():
    from policies.route import Config

    trial = Trial("here", "0" * 64, "navigate", "route", 3)
    assert replace(trial, town="there", folder="elsewhere", is_recorded=True).key == trial.key
    assert replace(trial, policy_config=Config()).key == trial.key
    others = [
        replace(trial, town_digest="1" * 64), replace(trial, seed=4), replace(trial, policy_config=Config(retries=5)),
        replace(trial, vehicles=1), replace(trial, hours=1.0), replace(trial, policy="tests.evaluation.wandering"),
    ]  # fmt: skip
    assert len({trial.key, *(one.key for one in others)}) == 7


def test_the_folder_holds_report_results_films_and_manifest(tmp_path):
    pytest.importorskip("av")
    (tmp_path / "episodes").mkdir()
    (tmp_path / "episodes" / "deadly").write_text("7")
    found = evaluated(tmp_path, trials(tmp_path))
    said: list[str] = []
    results = present(
        found,
        tmp_path,
        tiny_scene(),
        Wishes(films="map", map_s=0.5, command=["simbridge", "evaluate"]),
        say=said.append,
    )
    assert results["ranking"] == ["route", "wandering"]
    assert json.loads((tmp_path / "results.json").read_text()) == json.loads(json.dumps(results))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["configuration"]["episodes"] == {"asked for": 16, "finished": 14, "failed": 2}
    assert {"report.html", "results.json", "videos/route-seed-0-map.mp4"} <= manifest["files"].keys()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for told in ("route is best in profit per courier", "n = 7 paired seeds", "2 episodes could not be finished",
                 "exit code 9", "data:video/mp4;base64,", "sign test p", "invented 1"):  # fmt: skip
        assert told in page
    assert "http" not in page.replace("http://www.w3.org/", "")
