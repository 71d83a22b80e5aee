"""`simbridge compare`: episodes in, a verdict, a page with films and a folder out."""

import json
import re

import pytest

from bridge.cli import main
from tests.bridge.browser import found_chromium, opened
from tests.evaluation.worlds import clip, data_set

FADING = "tests.evaluation.dreaming"


def ran(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *map(str, arguments)])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    clips = [clip(seed=seed, moments=6 + seed % 2, done_from=4 if seed % 2 else None) for seed in range(7)]
    return data_set(tmp_path_factory.mktemp("data"), *clips)


@pytest.fixture(scope="module")
def compared(tmp_path_factory, data):
    """A comparison over made-up episodes: its folder."""
    out = tmp_path_factory.mktemp("compared") / "out"
    with pytest.raises(SystemExit) as ended:
        main([
            "compare", "--world-model", FADING, "--data", str(data), "--episodes", "7", "--out", str(out), "--workers", "1",
            "--baselines", "copy-last,no-action", "--variants", "fade=0.3", "--measures", "psnr,ssim",
        ])  # fmt: skip
    assert ended.value.code == 0
    return out


def test_the_engine_runs_episodes_and_the_oracle_dreams_them_as_they_were(tmp_path, capsys):
    flags = ("--world-model", "copy-last", "--baselines", "oracle", "--episodes", 2, "--horizon", 3, "--workers", 1)
    flags = (*flags, "--no-films", "--out", tmp_path / "out")
    code, said, told = ran(capsys, *flags)
    assert code == 0, told
    assert "[2/2] seed-200001, engine: 5 moments" in told
    assert "The harness is sound: oracle comes out as the engine" in said
    assert said.splitlines()[-1] == str(tmp_path / "out" / "report.html")
    rows = (tmp_path / "out" / "dreams.jsonl").read_text()
    code, said, told = ran(capsys, *flags, "--json")
    assert code == 0
    assert "imagined" not in told, "nothing is dreamt twice"
    assert (tmp_path / "out" / "dreams.jsonl").read_text() == rows
    results = json.loads(said)
    assert min(results["curves"]["oracle"]["psnr"]["all views"]["mean"]) > 40
    assert results["curves"]["copy-last"]["psnr"]["wrist"]["n"] == [2, 2, 2]


def test_everything_that_is_concluded_is_in_the_results(compared):
    results = json.loads((compared / "results.json").read_text())
    assert results["verdict"].startswith("dreaming is ")
    assert [one["label"] for one in results["dreamers"]] == ["dreaming", "dreaming fade=0.3", "copy-last", "no-action"]
    assert results["curves"]["copy-last"]["psnr"]["all views"]["n"] == [7, 7, 7, 7, 3]
    assert results["success"]["dreaming"]["only_dream"] == 4
    assert len(results["episodes"]) == 4 * 7
    assert set(results["judges"]["by_dreamer"]) == set(results["curves"])
    assert any("oracle" in line for line in results["not_run"]) is False, "it was not asked for"
    manifest = json.loads((compared / "manifest.json").read_text())
    assert {"report.html", "results.json", "dreams.jsonl"} <= manifest["files"].keys()
    films = list((compared / "films").glob("*.mp4"))
    assert len(films) == 2 * 7
    assert all(film.stat().st_size > 1000 for film in films)


def test_the_page_needs_nothing_else(compared):
    page = (compared / "report.html").read_text()
    assert re.findall(r"""(?:src|href)=["']?(?!data:|#)[^"'\s>]+""", page) == []
    assert "@import" not in page
    assert "url(" not in page
    for part in (
        "How near, by horizon",
        "Engine, dream, difference",
        "Where it goes wrong",
        "Judges",
        "What each part is worth",
    ):
        assert part in page


def test_films_go_as_fast_as_what_they_show(compared):
    import av

    with av.open(str(next((compared / "films").glob("*.mp4")))) as film:
        video = film.streams.video[0]
        assert float(video.average_rate) == pytest.approx(1 / 0.3, rel=1e-3)
        assert sum(1 for _ in film.decode(video)) in (5, 6)  # the last moment seen, and all imagined


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--world-model", "copy-lost"), "Did you mean 'copy-last'"),
        (("--world-model", "copy-last", "--episodes", 0), "--episodes 0 cannot be"),
        (("--world-model", "copy-last", "--baselines", "constant"), "No world model named 'constant'"),
        (("--world-model", "copy-last", "--measures", "psrn"), "Did you mean 'psnr'"),
        (("--world-model", FADING, "--variants", "fad=1"), "Did you mean 'fade'"),
        (("--world-model", "copy-last", "--llm.model", "x"), "--llm.… was given"),
        (("--world-model", "copy-last", "--policy", "nobody"), "policy named 'nobody'"),
        (("--world-model", "copy-last", "--vlm.model", "x"), "A judge needs --vlm.base-url"),
        (("--world-model", "copy-last", "--vlm.frame", "2"), "The flags --vlm.… cannot be used"),
        (("--world-model", "copy-last", "--no-judges", "--vlm.model", "x"), "--vlm.… was given"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_run(tmp_path, capsys, flags, message):
    code, _, told = ran(capsys, *flags, "--out", tmp_path / "out")
    assert code == 2
    assert message in told
    assert not (tmp_path / "out").exists()


def test_a_data_set_of_another_task_or_an_oracle_without_an_engine_are_refused(tmp_path, data, capsys):
    flags = ("--world-model", "copy-last", "--task", "drive", "--baselines", "copy-last")
    code, _, told = ran(capsys, *flags, "--data", data, "--out", tmp_path / "out")
    assert code == 2
    assert "no episode of the task 'drive', only of manipulate" in told
    code, _, told = ran(
        capsys, "--world-model", "copy-last", "--baselines", "oracle", "--data", data, "--out", tmp_path / "o"
    )
    assert code == 2
    assert "a data set does not hold" in told


def test_a_folder_of_something_else_is_left_alone(tmp_path, data, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    code, _, told = ran(capsys, "--world-model", "copy-last", "--data", data, "--out", tmp_path)
    assert code == 2
    assert "holds something that is no comparison" in told


def test_a_dream_that_cannot_be_finished_is_told_and_left_out(tmp_path, capsys):
    short = data_set(tmp_path / "data", clip(moments=6), clip(seed=1, moments=2))
    flags = (
        "--world-model",
        "copy-last",
        "--baselines",
        "copy-last",
        "--data",
        short,
        "--workers",
        1,
        "--no-films",
        "--measures",
        "psnr",
    )
    code, _, told = ran(capsys, *flags, "--out", tmp_path / "out")
    assert code == 1
    assert "FAILED after 2 tries" in told
    page = (tmp_path / "out" / "report.html").read_text()
    assert "1 dream could not be finished and is left out" in page
    assert "has 2 moments, too few to see 2" in page


@pytest.mark.browser
@pytest.mark.skipif(found_chromium() is None, reason="no Chromium here")
def test_the_page_plays_scrubs_and_fits(compared, tmp_path):
    with opened(found_chromium(), (compared / "report.html").as_uri(), tmp_path / "profile") as page:
        page.wait_for("document.readyState === 'complete' && document.querySelector('.player').dataset.shown")
        assert page.run("document.querySelectorAll('.stage canvas').length") == 9
        pixels = "(n) => [...document.querySelectorAll('.stage canvas')[n].getContext('2d').getImageData(0, 0, 64, 64).data].join()"
        scrub = "(n) => { const s = document.querySelector('.scrub input'); s.value = n; s.dispatchEvent(new Event('input')); }"
        page.run(f"({scrub})(0)")
        first = page.run(f"({pixels})(0)")
        assert page.run("document.querySelector('.readout').textContent") == "0.0 s: the last moment that was seen"
        page.run(f"({scrub})(4)")
        assert page.run(f"({pixels})(0)") != first, "the engine went on"
        faded = page.run(f"({pixels})(3)")
        assert "1.2 s: PSNR" in page.run("document.querySelector('.readout').textContent")
        page.run(
            "(() => { const d = document.querySelector('.dreamers'); d.value = 'copy-last'; d.dispatchEvent(new Event('change')); })()"
        )
        page.wait_for("document.querySelector('.player').dataset.shown.endsWith('copy-last')")
        assert page.run(f"({pixels})(3)") != faded, "another dreamer dreams something else"
        page.run(f"({scrub})(0)")
        page.run("document.querySelector('.play').click()")
        page.wait_for("Number(document.querySelector('.scrub input').value) > 0")
        page.run("document.querySelector('.play').click()")
        assert page.complaints == []
        assert [url for url in page.requested if not url.startswith(("file:", "data:"))] == []
        assert page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
