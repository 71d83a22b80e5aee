"""`simbridge evaluate`: a town in, a verdict and a folder out."""

import json

import pytest

from bridge.cli import main
from bridge.errors import InvalidInput
from bridge.formats.scene_folder import write_scene
from tests.bridge.embedded_town import embedded_town


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town") / "quay"
    write_scene(embedded_town(), folder)
    return folder


def ran(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *map(str, arguments)])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_policies_are_run_and_judged_and_what_is_finished_stays(town, tmp_path, capsys):
    flags = (
        town, "--task", "navigate", "--policies", "route,tests.evaluation.wandering", "--seeds", 2, "--workers", 1,
        "--engine", "kinematic", "--vehicles", 0, "--pedestrians", 0, "--films", "none", "--out", tmp_path / "out",
        "--navigate.least-m", 4, "--navigate.limit-s", 20,
    )  # fmt: skip
    code, said, told = ran(capsys, *flags)
    assert code == 0, told
    lines = [line for line in told.splitlines() if line.startswith("[")]
    assert [line.endswith(" left") for line in lines] == [True, True, True, False]
    assert lines[-1].startswith("[4/4]")
    assert said.splitlines()[-1] == str(tmp_path / "out" / "report.html")
    rows = (tmp_path / "out" / "episodes.jsonl").read_text()
    assert len(list((tmp_path / "out" / "episodes").glob("*.mcap"))) == 2
    code, said, told = ran(capsys, *flags, "--json")
    assert code == 0
    assert " left" not in told, "nothing was run"
    results = json.loads(said)
    assert results["estimates"]["route"]["success"]["n"] == 2
    assert {episode["policy"] for episode in results["episodes"]} == {"route", "wandering"}
    assert (tmp_path / "out" / "episodes.jsonl").read_text() == rows


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--policies", "rout"), "Did you mean 'route'"),
        (("--policies", "route,route"), "Name each policy once"),
        (("--policies", "route", "--llm.model", "x"), "--llm.… was given"),
        (("--policies", "route", "--seeds", 0), "at least one seed"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_run(town, tmp_path, capsys, flags, message):
    code, _, told = ran(capsys, town, "--task", "navigate", "--out", tmp_path / "out", *flags)
    assert code == 2
    assert message in told
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(town, tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    code, _, told = ran(capsys, town, "--task", "navigate", "--policies", "route", "--out", tmp_path)
    assert code == 2
    assert "holds something that is no evaluation" in told


def test_a_task_with_a_place_of_its_own_needs_no_town(tmp_path, capsys):
    flags = ("--policies", "random", "--seeds", 1, "--workers", 1, "--films", "none", "--manipulate.limit-s", 1)
    code, _, told = ran(capsys, "--task", "manipulate", *flags, "--out", tmp_path / "out")
    assert code == 0, told
    assert "[1/1] random, seed 0: 1 s simulated" in told


def test_a_town_without_the_arm_that_a_task_is_about_is_refused(town, tmp_path, capsys):
    code, _, told = ran(capsys, town, "--task", "manipulate", "--policies", "random", "--out", tmp_path / "out")
    assert code == 2
    assert "is about panda, which" in told
    assert "Leave the town out" in told
    assert not (tmp_path / "out").exists()


def test_shifts_last_half_an_hour_unless_told_otherwise(town, tmp_path, capsys, monkeypatch):
    trials = []

    def seen(found, *rest, **named):
        trials.extend(found)
        raise InvalidInput("enough")

    monkeypatch.setattr("evaluation.evaluate.evaluate", seen)
    for flags in ((), ("--hours", 2), ("--delivery.hours", 3)):
        ran(capsys, town, "--policies", "random", "--seeds", 1, "--out", tmp_path / "out", *flags)
    assert [trial.task_config.hours for trial in trials] == [0.5, 2.0, 3.0]
    assert [trial.hours for trial in trials] == [0.5, 2.0, None]
