"""The report's words, plots and maps; and that the page holds together in a browser."""

import numpy as np
import pytest

from evaluation.compare import compare
from evaluation.maps import town_map
from evaluation.metrics import METRICS
from evaluation.plots import Strip, label, strips, ticks
from evaluation.report import Contents, Shown, write_report
from evaluation.words import difference, findings, headline, number, with_unit
from tests.bridge.browser import found_chromium, opened
from tests.scenes import tiny_scene

PROFIT = next(metric for metric in METRICS if metric.name == "profit")
RATE = next(metric for metric in METRICS if metric.name == "success_rate")


def results(seeds=20, **offsets):
    luck = np.random.default_rng(0).normal(0, 10, (seeds, 3))
    return compare(
        {
            name: {s: [{"agent": "a", "profit": luck[s, 0] + offset + luck[s, 1 + i % 2] / 20}] for s in range(seeds)}
            for i, (name, offset) in enumerate(offsets.items())
        }
    )


def test_the_verdict_names_the_best_and_whom_it_beats():
    assert headline(results(greedy=5.0, random=0.0)) == "greedy is best in profit per courier: it beats random."
    close = headline(results(auction=5.01, greedy=5.0, random=0.0))
    assert "beats random" in close
    assert "cannot be told apart from" in close
    assert "not beyond chance" in headline(results(a=0.0, b=0.0))


def test_a_few_seeds_decide_nothing_however_far_apart():
    assert headline(results(seeds=5, greedy=50.0, random=0.0)) == (
        "greedy leads in profit per courier, but 5 paired seeds cannot tell: ask for 6 or more."
    )


def test_nothing_finished_and_one_policy_alone_have_their_own_sentences():
    assert headline(compare({"a": {}})) == "No episode was finished: there is nothing to compare."
    assert headline(results(greedy=5.0)).startswith("greedy: profit per courier $")


def test_a_difference_comes_with_its_interval_number_and_test():
    (told,) = findings(results(greedy=5.0, random=0.0))
    assert told.startswith("greedy has $4.9")
    for part in ("more than random", "95 % interval +", "n = 20 paired seeds", "20 won, 0 tied, 0 lost", "p < 0.001"):
        assert part in told
    pair = results(a=0.0, b=0.0).pairs[0]
    assert "cannot be told apart" in difference(pair, PROFIT)


def test_numbers_are_written_as_people_read_them():
    assert number(1234.5, PROFIT) == "1,234"
    assert number(-0.126, PROFIT, signed=True) == "−0.13"
    assert number(0.001, PROFIT, signed=True) == "0.00"
    assert number(0.756, RATE) == "75.6"
    assert with_unit("−3.10", PROFIT) == "−$3.10"
    assert with_unit("+4.0", RATE, is_difference=True) == "+4.0 points"


@pytest.mark.parametrize(("low", "high"), [(-3.0, 7.0), (0.0, 1.0), (812.0, 40_000.0), (-0.004, 0.002)])
def test_ticks_are_few_round_and_within_the_axis(low, high):
    found = ticks(low, high)
    assert 3 <= len(found) <= 9
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in found)
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0])
    assert float(label(found[1], found).replace("−", "-").replace(",", "")) == pytest.approx(found[1])


def test_a_plot_escapes_names_and_survives_a_sample_of_one():
    drawn = strips([Strip("<a&b>", "n = 1", (3.0,), 3.0, None, None, 0)], axis="Profit ($)")
    assert "&lt;a&amp;b&gt;" in drawn
    assert "<a&b>" not in drawn


def test_the_map_has_north_up_and_keeps_to_what_it_is_around():
    sheet = town_map(tiny_scene())
    north, south = sheet.at(np.array([[0.0, 50.0], [0.0, -50.0]]))[:, 1]
    assert north < south
    assert {"water", "street", "kerb"} <= {shape.look for shape in sheet.shapes}
    crop = town_map(tiny_scene(), around=[np.array([[-5.0, 0.0], [5.0, 0.0]])])
    assert crop.width_m == 60.0
    assert all((crop.at(np.array([x, 0.0])) >= 0).all() and crop.at(np.array([x, 0.0]))[0] <= 60.0 for x in (-5, 5))
    assert crop.picture(120).size == (120, 120)


@pytest.mark.browser
@pytest.mark.skipif(found_chromium() is None, reason="no Chromium here")
def test_the_page_is_whole_asks_for_nothing_and_its_table_sorts(tmp_path):
    comparison = results(seeds=8, greedy=5.0, random=0.0)
    records = [
        {"policy": policy, "seed": seed, "wall_s": 1.0} for policy in ("greedy", "random") for seed in range(8)
    ]  # fmt: skip
    way = np.array([[t, -10.0 + t, 0.0] for t in range(20)], dtype=float)
    shown = [Shown(policy, 0, {"a": way}) for policy in ("greedy", "random")]
    contents = Contents(
        "Delivery in Tiny",
        "8 seeds",
        comparison,
        records,
        [],
        {"versions": {"python": "3"}},
        town_map(tiny_scene()),
        shown,
    )
    write_report(tmp_path / "report.html", contents)
    with opened(found_chromium(), (tmp_path / "report.html").as_uri(), tmp_path / "profile") as page:
        page.wait_for("document.readyState === 'complete' && document.querySelectorAll('svg.map').length === 3")
        column = "[...document.querySelectorAll('#episodes tbody tr')].map(r => Number(r.cells[2].textContent.replace('−', '-')))"
        page.run("document.querySelectorAll('#episodes th button')[2].click()")
        values = page.run(column)
        assert values == sorted(values)
        page.run("document.querySelectorAll('#episodes th button')[2].click()")
        assert page.run(column) == values[::-1]
        assert page.complaints == []
        assert [url for url in page.requested if not url.startswith(("file:", "data:"))] == []
        assert page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
