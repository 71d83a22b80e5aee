"""The command: one folder, all of it or nothing; the same seed, the same bytes; errors that say what to do."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scene_gen.cli import Config, run
from scene_gen.command import slug

SMALL = {"size_m": 260.0, "export": ("none",), "renderer": "none", "quiet": True}


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("towns") / "village"
    config = Config(
        "a small fishing village in the fog", out=folder, **{**SMALL, "export": ("all",), "renderer": "auto"}
    )
    assert run(config, ["..."]) in (0, 1)
    return folder


def test_a_town_has_everything_for_every_engine(town):
    names = {path.name for path in town.iterdir()}
    assert {"preview.png", "map.png", "plan.json", "scene.json", "geometry.npz", "scene.usda", "scene.glb", "scene.xml",
            "unreal", "manifest.json"} <= names  # fmt: skip


def test_every_check_of_it_passes(town):
    report = json.loads((town / "manifest.json").read_text("utf-8"))["report"]
    assert [check["name"] for check in report["checks"] if not check["passed"]] == []


def test_the_same_seed_gives_the_same_bytes(town, tmp_path):
    again = tmp_path / "village"
    config = Config(
        "a small fishing village in the fog", out=again, **{**SMALL, "export": ("all",), "renderer": "auto"}
    )
    run(config, ["..."])
    assert digests(again) == digests(town)


def test_another_seed_gives_another_town(town, tmp_path):
    run(Config("a small fishing village in the fog", seed=1, out=tmp_path / "village", **SMALL), ["..."])
    assert digests(tmp_path / "village")["geometry.npz"] != digests(town)["geometry.npz"]


def test_the_manifest_names_every_file_with_its_digest(town):
    listed = json.loads((town / "manifest.json").read_text("utf-8"))["files"]
    assert {name: row["sha256"] for name, row in listed.items()} == digests(town)


def test_a_plan_can_be_built_again_in_another_weather(town, tmp_path):
    config = Config("at night, in snow", from_=town / "plan.json", out=tmp_path / "snow", **{**SMALL, "size_m": None})
    assert run(config, ["..."]) in (0, 1)
    before, after = (json.loads((folder / "scene.json").read_text("utf-8")) for folder in (town, tmp_path / "snow"))
    assert after["provenance"]["lattice"] == before["provenance"]["lattice"]
    assert after["environment"]["snow_cover"] > 0.3
    assert after["environment"]["lamps_lit"]


def test_a_plan_comes_with_its_own_size(town, tmp_path, capsys):
    config = Config("at night", from_=town / "plan.json", out=tmp_path / "town", size_m=300.0, export=("none",))
    assert run(config, ["..."]) == 2
    assert "--size-m would do nothing" in capsys.readouterr().err


def test_a_town_is_not_overwritten_without_force(town, capsys):
    assert run(Config("a town", out=town, **SMALL), ["..."]) == 2
    assert "--force" in capsys.readouterr().err


def test_a_folder_that_is_no_town_is_not_overwritten_at_all(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run(Config("a town", out=tmp_path, force=True, **SMALL), ["..."]) == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert "is not a town" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"prompt": "  "}, "There is no prompt"),
        ({"seed": -1}, "--seed is -1"),
        ({"export": ("usb",)}, "Did you mean 'usd'?"),
        ({"planner": "rulez"}, "Did you mean 'rules'?"),
        ({"from_": Path("nowhere.json")}, "nowhere.json"),
        ({"heightmap": Path("nowhere.png")}, "nowhere.png"),
        ({"lattice": Path("nowhere.txt")}, "nowhere.txt"),
        ({"osm": Path("nowhere.osm")}, "nowhere.osm"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_says_what_to_do(tmp_path, capsys, change, complaint):
    out = tmp_path / "town"
    config = Config(**{"prompt": "a town", "out": out, **SMALL, "size_m": None, **change})
    assert run(config, ["..."]) == 2
    assert complaint in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a rainy harbor town", "a-rainy-harbor-town"),
        ("Köln & Ωμέγα", "koln-omega"),
        ("Straße in Tromsø", "strasse-in-tromso"),
        ("下雨的港口", "xia-yu-de-gang-kou"),
        ("деревня под снегом", "derevnya-pod-snegom"),
        ("雨の港町", "yuno-gang-ting"),
        ("비 오는 항구 마을", "bi-oneun-hang-gu-ma-eul"),
        ("गाँव", "gamv"),
        ("قرية", "qryh"),
        ("?!", "town"),
        ("con", "con"),
        ("../../etc", "etc"),
    ],
)
def test_folder_names_are_plain(prompt, name):
    assert slug(prompt) == name


def test_help_imports_nothing_heavy():
    code = "import sys, scene_gen.cli; print([m for m in ('numpy', 'shapely', 'mujoco', 'pxr', 'moderngl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
