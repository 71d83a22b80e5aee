"""`simbridge deliver`: a shift by one command, its table, its folder, and what it says to wrong words."""

import json
import re
import socket

import pytest

from bridge.cli import main
from bridge.commands.earnings import table, troubles
from bridge.formats.scene_folder import write_scene
from tests.bridge.control.towns import hamlet


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("towns") / "hamlet"
    write_scene(hamlet().scene, folder)
    return folder


def ran(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["deliver", *map(str, arguments)])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


SHORT = ("--couriers", 2, "--policy", "route", "--hours", 0.01, "--engine", "kinematic", "--pedestrians", 2)


def test_a_shift_leaves_its_results_and_a_manifest(capsys, town, tmp_path):
    code, said, told = ran(capsys, town, *SHORT, "--out", tmp_path / "shift", "--delivery.setting", "cooperative")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()[:4]] == ["courier", "courier-1", "courier-2", "all"]
    assert "0.01 h on engine kinematic" in told
    results = json.loads((tmp_path / "shift/results.json").read_text())
    assert results["simulated_s"] == pytest.approx(36.0)
    assert set(results["rows"]) == {"courier-1", "courier-2"}
    assert results["policies"] == {"courier-1": "route", "courier-2": "route"}
    manifest = json.loads((tmp_path / "shift/manifest.json").read_text())
    assert manifest["configuration"]["task flags"]["setting"] == "cooperative"
    assert "results.json" in manifest["files"]


@pytest.mark.parametrize(("flags", "detail"), [((), "near"), (("--embedded.detail", "full"), "full")])
def test_on_the_embedded_engine_a_shift_is_in_near_detail_unless_told(capsys, town, tmp_path, flags, detail):
    short = (*SHORT[:5], 0.001, "--pedestrians", 0, "--vehicles", 0)
    code, _, told = ran(capsys, town, *short, "--out", tmp_path, *flags)
    assert code == 0
    results, manifest = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("results", "manifest"))
    assert ("in near detail" in results["engine"]) == ("in near detail" in told) == (detail == "near")
    assert manifest["configuration"]["engine flags"]["detail"] == detail


def test_results_are_not_replaced_unasked_and_the_same_seed_gives_the_same(capsys, town, tmp_path):
    code, first, _ = ran(capsys, town, *SHORT, "--out", tmp_path, "--json")
    assert code == 0
    code, _, said = ran(capsys, town, *SHORT, "--out", tmp_path)
    assert code == 2
    assert "--force" in said
    code, again, _ = ran(capsys, town, *SHORT, "--out", tmp_path, "--json", "--force")
    assert json.loads(first)["digest"] == json.loads(again)["digest"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "rout"), "Did you mean 'route'?"),
        (("--couriers", 0), "at least one courier"),
        (("--hours", -1), "some time up to 24 hours"),
        (("--hours", "nan"), "some time up to 24 hours"),
        (("--hours", 25), "some time up to 24 hours"),
        (("--llm.model", "x"), "plug-in"),
    ],
)
def test_wrong_words_are_answered_before_anything_is_loaded(capsys, town, tmp_path, arguments, said):
    code, _, told = ran(capsys, town, *SHORT, "--out", tmp_path / "none", *arguments)
    assert code == 2
    assert said in told
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_said_before_a_town_is_made(capsys, tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("something")
    code, _, told = ran(capsys, "a foggy hill town", *SHORT, "--out", tmp_path / where)
    assert code == 2
    assert "Nothing can be written to" in told
    assert "--out" in told
    assert not (tmp_path / "out").exists()


def test_more_couriers_than_a_town_has_room_for_are_counted(capsys, town, tmp_path):
    code, _, told = ran(capsys, town, *SHORT, "--couriers", 5000, "--out", tmp_path)
    assert code == 1
    assert re.search(r"has room for \d+ couriers, and 5000 were asked for", told)


def test_a_server_that_is_not_there_is_said_with_what_to_do(capsys, town, tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else gets it meanwhile
        code, _, told = ran(capsys, town, *SHORT, "--address", f"127.0.0.1:{held.getsockname()[1]}", "--out", tmp_path)
    assert code == 3
    assert "simbridge serve TOWN" in told


def test_what_is_neither_a_town_nor_a_prompt_is_said_to_be(capsys, tmp_path):
    code, _, told = ran(capsys, tmp_path / "nowhere", *SHORT)
    assert code == 2
    assert "There is no town at" in told


def test_the_table_shows_what_is_missing_as_a_dash():
    row = {"profit": 3.5, "delivered": 1, "failed": 0, "on_time": 1, "stars_mean": None, "moved_m": 1234.0}
    row |= {"refused": 2, "collisions": 0}
    assert table({"ann": row}).splitlines()[1].split() == ["ann", "3.50", "1", "0", "1", "-", "1.23", "2", "0"]


def test_policies_that_fail_are_told_of_beside_the_table():
    events = [{"kind": "mind errors", "agent": "ann", "why": "KeyError: 'pay'"}] * 2
    rows = {"ann": {"mind_errors": 2, "mind_timeouts": 0}, "bob": {"mind_errors": 0, "mind_timeouts": 0}}
    said = list(troubles({"reports": {}, "rows": rows, "events": events}))
    assert said == ["The policy of ann raised 2 times, and the agent waited: KeyError: 'pay'"]
