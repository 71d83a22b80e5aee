"""Policies ranked on the engine and in dreams: an oracle ranks as the engine does; what is finished stays; the page says it all."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.cli import main
from bridge.engines.embedded import Config as Engine
from bridge.errors import InvalidInput
from bridge.tasks.manipulate import Config, make
from evaluation import rank_trial
from evaluation.rank import rank, tabled, trials
from evaluation.rank_policies import contenders
from evaluation.rank_present import present
from evaluation.rank_results import results
from evaluation.rank_table import concluded, read_table, told
from evaluation.rank_trial import RankTrial, limited, usual_way_m, value_of
from evaluation.rank_words import findings, headline
from world_models.dream import Settings
from world_models.oracle import Config as Oracle

GOLDEN = Path(__file__).parents[1] / "golden" / "ctrlworld_table3.csv"
FRAMES = 6
TASK = limited("manipulate", Config(skill="reach"), FRAMES * 0.3)
SCENE = make(TASK).place()
PATTERN = RankTrial(
    "dream", "", "", None, 0, "manipulate", TASK, "", SCENE.digest(), FRAMES, 0.3, "embedded", Engine(), "oracle", Oracle(), "", Settings(),
)  # fmt: skip
TRIED: list[str] = []


def pretended(trial: RankTrial) -> dict:
    """An episode that was not run: the dream says of every second seed what the engine does not."""
    real = float(trial.seed < trial.policy_config.rung)
    value = 1.0 - real if trial.world == "dream" and trial.seed % 2 and trial.policy_config.rung < 4 else real
    return {"value": value, "head": None, "trust": None, "imagined": 3, "simulated_s": 1.0, "wall_s": 0.1, "errors": 0}


def in_this_process(work, specs, **_):
    """What the pool does, without processes."""
    from evaluation.pool import Done

    _, _, name = work.partition(":")
    function = pretended if name == "pretended" else rank_trial.run
    for index, spec in enumerate(specs):
        TRIED.append(spec.key)
        yield Done(index, function(spec), "", 1)


@pytest.fixture
def here(monkeypatch):
    """Trials run in this process, which is quicker for a few."""
    TRIED.clear()
    monkeypatch.setattr("evaluation.rank.pool.run", in_this_process)
    yield
    rank_trial._opened.cache_clear()


def test_an_oracle_ranks_as_the_engine_does(here, tmp_path):
    who = contenders("ladder-00,ladder-14,ladder-23", "manipulate")
    found = rank(who, trials(who, range(3), PATTERN), tmp_path, workers=1, timeout_s=60.0)
    np.testing.assert_array_equal(found.real, found.model)
    assert found.real[0].mean() > found.real[2].mean() == 0.0
    document = present(
        found, results(found, resamples=50, draws=5), PATTERN, tmp_path, SCENE, command=["simbridge"], workers=1
    )
    measures = document["verdicts"]["state"]["measures"]
    assert measures["pearson"]["value"] == pytest.approx(1.0)
    assert measures["mmrv"]["value"] == measures["bias"]["value"] == 0.0
    assert document["verdicts"]["state"]["episodes_agree"] == 1.0


def test_what_is_finished_is_not_run_again_and_an_engine_episode_serves_every_model(here, tmp_path):
    who = contenders("ladder:3", "manipulate")
    first = rank(who, trials(who, range(4), PATTERN), tmp_path, workers=1, timeout_s=60.0, run="x:pretended")
    assert len(TRIED) == 3 * 4 * 2
    again = rank(who, trials(who, range(5), PATTERN), tmp_path, workers=1, timeout_s=60.0, run="x:pretended")
    assert len(TRIED) == 3 * 5 * 2
    np.testing.assert_array_equal(again.real[:, :4], first.real)
    other = replace(PATTERN, model="copy-last", model_config=None)
    rank(who, trials(who, range(5), other), tmp_path, workers=1, timeout_s=60.0, run="x:pretended")
    assert len(TRIED) == 3 * 5 * 2 + 3 * 5


def records(k: int = 6, n: int = 10) -> tuple[tuple, list[dict]]:
    """Rates that rise from policy to policy, and a dream that is wrong about a tenth of episodes."""
    who, random = contenders(f"ladder:{k}", "manipulate"), np.random.default_rng(0)
    found = []
    for index, one in enumerate(who):
        for seed in range(n):
            real = float(random.random() < (index + 0.5) / k)
            dream = real if random.random() < 0.9 else 1.0 - real
            for world, value in (("engine", real), ("dream", dream)):
                head = 0.8 * value if world == "dream" else None
                found.append({"policy": one.label, "seed": seed, "world": world, "value": value, "head": head, "failure": "", "wall_s": 0.1})  # fmt: skip
    return who, found


def test_a_seed_that_somebody_did_not_finish_is_left_out_for_all():
    who, rows = records()
    rows[1] |= {"failure": "EngineFailed: it broke"}
    found = tabled(who, rows)
    assert found.left_out == (0,)
    assert found.real.shape == found.model.shape == (6, 9)
    assert [row["failure"] for row in found.failures] == ["EngineFailed: it broke"]
    with pytest.raises(InvalidInput, match="it broke"):
        tabled(who, [{**row, "failure": "EngineFailed: it broke"} for row in rows])


def test_the_page_tells_the_verdict_all_numbers_and_what_they_are_not(tmp_path):
    who, rows = records()
    found = tabled(who, rows)
    document = present(
        found, results(found, resamples=60, draws=5), PATTERN, tmp_path, SCENE, command=["simbridge", "rank"], workers=2
    )
    page = (tmp_path / "report.html").read_text()
    assert document["verdict"].startswith("oracle")
    assert "the expert" in page
    for said in ("Engine against dream", "MMRV", "Spearman", "What limits it", "betting", "not a robot", "Ctrl-World"):
        assert said in page
    assert "http" not in page.replace("http://www.w3.org", ""), "it needs nothing from elsewhere"
    assert json.loads((tmp_path / "results.json").read_text())["tables"]["engine"] == found.real.tolist()
    assert set(document["verdicts"]) == {"state", "head"}
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {"results.json", "report.html"} <= set(manifest["files"])
    assert manifest["configuration"]["world_model"] == "oracle"


def test_the_same_episodes_give_the_same_results():
    who, rows = records()
    first, second = (results(tabled(who, rows), resamples=40, draws=4) for _ in range(2))
    assert first == second


def test_a_drive_is_worth_its_way_less_what_it_did_on_it():
    usual = usual_way_m(8.0)
    assert usual == pytest.approx(0.5 * 1.4 * 4.0**2 + 5.6 * 4.0)
    row = {
        "progress": 0.25,
        "left_m": 0.5 * usual * 3,
        "off_road_m": 0.0,
        "wrong_lane_m": 0.0,
        "driven_m": 20.0,
        "penalty": 1.0,
    }
    assert value_of("drive", row, 8.0) == pytest.approx(0.5)
    assert value_of("drive", {**row, "penalty": 0.6, "wrong_lane_m": 5.0}, 8.0) == pytest.approx(0.5 * 0.6 * 0.75)
    assert value_of("drive", {**row, "progress": 1.0, "left_m": 0.0}, 8.0) == 1.0
    with pytest.raises(InvalidInput, match="delivery"):
        value_of("delivery", {}, 8.0)


def test_a_model_that_says_the_same_of_all_is_said_to_tell_none_apart():
    who, rows = records()
    found = results(
        tabled(who, [{**row, "value": 0.0} if row["world"] == "dream" else row for row in rows]), resamples=20, draws=2
    )
    assert headline(found, "sleepy").startswith("sleepy tells no two policies apart")
    assert "none" not in "".join(findings(found))


def test_ladders_rungs_and_other_policies_are_named_together():
    assert [one.label for one in contenders("ladder:2,manipulate-expert,ladder-07", "manipulate")] == ["ladder-00", "ladder-23", "manipulate-expert", "ladder-07"]  # fmt: skip
    assert len(contenders("ladder:20", "drive")) == 20
    with pytest.raises(InvalidInput, match="named twice"):
        contenders("ladder-07,ladder-07", "drive")
    with pytest.raises(InvalidInput, match="no rung 77"):
        contenders("ladder-77,ladder-01", "drive")


def test_the_command_reproduces_the_published_table(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["rank", "--table", str(GOLDEN), "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    success = found["success"]
    assert found["instruction following"]["measures"]["pearson"]["value"] == pytest.approx(0.968, abs=5e-4)
    assert success["measures"]["pearson"]["value"] == pytest.approx(0.832, abs=5e-4)
    assert success["measures"]["mmrv_as_printed"]["value"] == pytest.approx(0.241, abs=1e-3)
    assert success["mmrv_mean_over_tasks"] == pytest.approx(0.019, abs=5e-4)
    assert success["policy_means"]["measures"]["mmrv"]["value"] == 0.0


def test_the_table_in_csv_is_the_one_in_json():
    table = np.array(json.loads(GOLDEN.with_suffix(".json").read_text()))
    rows = read_table(GOLDEN)
    told_rows = [[row.real, row.model] for row in rows]
    np.testing.assert_array_equal(
        told_rows, np.concatenate([table[..., :2].reshape(-1, 2), table[..., 2:].reshape(-1, 2)])
    )
    assert "Pearson" in told(concluded(rows[:21]))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "policy,real\nx,1\n", "row 1: model is missing"),
        ("a.json", '[{"real": 1, "model": "much"}]', "have to be numbers"),
        ("a.json", "{}", "holds no rows"),
        ("a.json", "nothing", "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_place(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidInput, match=said):
        read_table(tmp_path / name)


def test_a_command_without_a_model_or_with_one_of_another_task_says_so(capsys):
    for arguments in (["rank"], ["rank", "--world-model", "oracel"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "No --world-model was named" in said
    assert "Did you mean 'oracle'" in said
