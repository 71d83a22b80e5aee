"""The page of a ranking: the verdict first, then policies on a plane, all numbers, what holds them up and what limits them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from evaluation import rank_words
from evaluation.pages import document, figure, table
from evaluation.rank_plots import Point, scatter
from evaluation.rank_table import LABELS, number

_STYLE = """
.plane .whisker { stroke: currentColor; opacity: .45; stroke-width: 1.5; fill: none; }
.plane .equal { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }
.plane .fit { stroke: var(--c1); stroke-width: 2; fill: none; }
.plane .left { text-anchor: end; }
.plane .mark { fill: var(--soft); font-size: 11px; }
.plane { max-width: 50rem; margin: 0 auto; }
.shares { display: flex; height: 1.6rem; border-radius: 4px; overflow: hidden; }
.shares span { display: block; background: currentColor; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; padding: 0; margin: .6rem 0 0; font-size: .92rem; }
.key li { color: var(--ink); }
"""
_PARTS = {
    "shared": ("shared by all policies", 0), "stretch": ("a straight line would take away", 1), "own": ("of single policies", 3),
    "chance": ("what so few seeds make by chance", 7),
}  # fmt: skip
_VERDICTS = {"state": "by state, as the task judges", "head": "by the model's own success head"}


@dataclass(frozen=True, eq=False)
class Page:
    """All that the page tells: the results document, whose dreams, what the value is called, and the manifest."""

    title: str
    model: str
    value: str
    setting: str
    results: Mapping[str, Any]
    manifest: Mapping[str, Any]


def write_page(path: Path, page: Page) -> None:
    """Writes it; it needs nothing beside it."""
    folder = files("evaluation") / "page"
    template = Template((folder / "report.html").read_text(encoding="utf-8"))
    found = page.results
    sections = [
        _plane(page), _numbers(found), _support(found), _policies(found), _limits(found), _powered(found), _trouble(found),
        _is_not(page), _method(page),
    ]  # fmt: skip
    path.write_text(
        template.substitute(
            title=escape(page.title), kicker=escape(page.title), headline=escape(found["verdict"]),
            findings="".join(f"<li>{escape(line)}</li>" for line in found["findings"]), setting=escape(page.setting),
            sections="\n".join(section for section in sections if section),
            style=(folder / "report.css").read_text(encoding="utf-8") + _STYLE,
            script=(folder / "report.js").read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )  # fmt: skip


def _plane(page: Page) -> str:
    found = page.results
    rows = found["by_policy"]
    marks = [row["policy"].removeprefix("ladder-") for row in rows]
    drawn = []
    for verdict, judged in found["verdicts"].items():
        side = "dream" if verdict == "state" else "head"
        points = [
            Point(mark, f"{row['policy']}{': ' + row['words'] if row['words'] else ''}", _triple(row["engine"]), _triple(row[side]))
            for mark, row in zip(marks, rows)
        ]  # fmt: skip
        slope, intercept = (judged["measures"][name]["value"] for name in ("slope", "intercept"))
        line = None if slope is None else (slope, intercept)
        plot = scatter(
            points, across=f"{page.value} on the engine", up=f"{page.value} in the dream ({verdict})", line=line
        )
        caption = (
            f"Each point is a policy, judged {_VERDICTS[verdict]}; bars are 95 % intervals over seeds. On the dashed line both say "
            "the same; the other line is fitted by least squares."
        )
        drawn.append(figure(plot, caption))
    return f"<section><h2>Engine against dream</h2>{''.join(drawn)}</section>"


def _triple(estimate: Mapping[str, Any]) -> tuple[float, float, float]:
    value = estimate["value"]
    return value, *(value if estimate[end] is None else min(max(estimate[end], 0.0), 1.0) for end in ("low", "high"))  # type: ignore[return-value]


def _numbers(found: Mapping[str, Any]) -> str:
    drawn = []
    for verdict, judged in found["verdicts"].items():
        rows = []
        for name, one in judged["measures"].items():
            fisher = judged["fisher_pearson"] if name == "pearson" else None
            cells = [LABELS[name], number(one["value"]), *(_bounds(one[level]) for level in ("both", "policies", "seeds")), _bounds(fisher)]  # fmt: skip
            rows.append(cells)
        heads = ["Measure", "Value", "95 %, policies and seeds", "policies alone", "seeds alone", "Fisher's z"]
        drawn.append(f"<h3>Judged {_VERDICTS[verdict]}</h3>{table(heads, rows, numbers=range(1, 6))}")
    text = (
        "Intervals are of the bootstrap (percentiles): policies drawn anew say how far the number would hold for other policies of "
        "this kind, seeds drawn anew how sure it is for these. MMRV is SIMPLER's mean maximum rank violation, as its code computes it "
        "(&gt;) and as its paper prints it (&lt;); they differ by ties. Bias, slope and intercept are of the dream against the engine."
    )
    return f"<section><h2>All numbers</h2><p class=explained>{text}</p>{''.join(drawn)}</section>"


def _bounds(ends: Sequence[float | None] | None) -> str:
    return "" if ends is None or ends[0] is None else f"{number(ends[0], 2)} to {number(ends[1], 2)}"


def _support(found: Mapping[str, Any]) -> str:
    judged = found["verdicts"]["state"]
    rows = []
    for name in ("pearson", "spearman"):
        floor = judged["permutation"][name]
        kind = "all orders" if floor["is_exact"] else f"{floor['orders']:,} orders drawn"
        most = judged["leverage"][name][:3]
        rows.append(
            [LABELS[name], number(judged["measures"][name]["value"]), f"{_p(floor['p_value'])} <small>{kind}</small>", _p(floor["least_p"]),
             "<br>".join(f"{number(one['without'])} without {escape(one['policy'])}" for one in most)]
        )  # fmt: skip
    heads = ["Correlation", "Value", "p by permutation", "1/k!, the least p", "Without the policies that matter most"]
    ceiling = found["self_agreement"]
    text = (
        "How easily would shuffled verdicts correlate as well, and does the number stand on one policy? "
        + ("" if ceiling is None else f"The engine's two halves of the seeds, stepped up to all of them (Spearman-Brown), correlate to {number(ceiling)}: no model can be expected to do better.")
    )  # fmt: skip
    return (
        f"<section><h2>What holds it up</h2><p class=explained>{text}</p>{table(heads, rows, numbers=(1,))}</section>"
    )


def _p(value: float | None) -> str:
    return "none" if value is None else "&lt; 0.0001" if value < 1e-4 else f"{value:.2g}"


def _policies(found: Mapping[str, Any]) -> str:
    has_head = "head" in found["verdicts"]
    rows = []
    for row in sorted(found["by_policy"], key=lambda one: -one["engine"]["value"]):
        cells = [escape(row["policy"]), escape(row["words"]), _estimate(row["engine"]), _estimate(row["dream"])]
        cells += [_estimate(row["head"])] if has_head else []
        rows.append([*cells, _estimate(row["bias"], signed=True), f"{100 * row['agree']:.0f} %"])
    heads = [
        "Policy",
        "What it is",
        "Engine",
        "Dream",
        *(["Success head"] if has_head else []),
        "Bias",
        "Episodes alike",
    ]
    text = (
        "Means over seeds with their 95 % intervals below them; bias is dream less engine, seed by seed. A head sorts."
    )
    content = table(heads, rows, name="policies", is_sortable=True, numbers=range(2, len(heads)))
    return f"<section><h2>Policy by policy</h2><p class=explained>{text}</p>{content}</section>"


def _estimate(one: Mapping[str, Any], *, signed: bool = False) -> str:
    def text(value: float) -> str:
        return (f"{value:+.2f}" if signed else f"{value:.2f}").replace("-", "−")

    told = "" if one["low"] is None else f"<small>{text(one['low'])} to {text(one['high'])}</small>"
    return f"{text(one['value'])}{told}"


def _limits(found: Mapping[str, Any]) -> str:
    errors = found["verdicts"]["state"]["errors"]
    whole = sum(errors[name] for name in _PARTS)
    if whole <= 1e-12:
        return "<section><h2>What limits it</h2><p>Dream and engine say the same of every policy.</p></section>"
    bars, keys = [], []
    for name, (words, colour) in _PARTS.items():
        share = errors[name] / whole
        bars.append(f'<span class="c{colour}" style="width:{100 * share:.2f}%"></span>')
        keys.append(f'<li><span class="swatch c{colour}"></span>{100 * share:.0f} % {words}</li>')
    worst = sorted(found["by_policy"], key=lambda row: -abs(row["bias"]["value"]))[:5]
    told = "; ".join(f"{escape(row['policy'])}{' (' + escape(row['words']) + ')' if row['words'] else ''} {row['bias']['value']:+.2f}".replace("-0.", "−0.") for row in worst)  # fmt: skip
    text = f"Of the mean squared difference between the two judges (its root is {number(whole**0.5)}), so much is"
    return (
        f"<section><h2>What limits it</h2><p>{text}</p><div class=shares>{''.join(bars)}</div><ul class=key>{''.join(keys)}</ul>"
        f"<p class=explained>A bias that all share, or a line takes away, leaves the order as it is; what single policies have of their own "
        f"spoils it. Most biased: {told}.</p></section>"
    )


def _powered(found: Mapping[str, Any]) -> str:
    part = found["prediction_powered"]
    if not part["coverage"]:
        return ""
    rows = [
        [f"{one['n']} + {one['m']}", one["method"], f"{100 * one['covered']:.1f} %", f"{100 * one['covered_alone']:.1f} %",
         number(one["width"]), number(one["width_alone"]), number(one["power"], 2), number(one["saved"], 1)]
        for one in part["coverage"]
    ]  # fmt: skip
    heads = ["Episodes", "Method", "Holds", "engine alone", "Width", "engine alone", "Weight", "Saved"]
    first = table(heads, rows, numbers=range(2, 8))
    own = [
        [escape(one["policy"]), number(one["truth"], 2), f"{number(one['value'], 2)}<small>{_bounds([one['low'], one['high']])}</small>",
         _bounds(one["alone"]), _bounds(one["betting"]), number(one["power"], 2)]
        for one in part["by_policy"]
    ]  # fmt: skip
    n, m = part["by_policy"][0]["n"], part["by_policy"][0]["m"]
    second = table(["Policy", "All engine episodes", "Powered (plus)", "engine alone", "Powered (betting)", "Weight"], own, numbers=range(1, 6))  # fmt: skip
    text = (
        "Prediction-powered inference takes many dreams and a few engine episodes for one rate: the pairs say how wrong dreams are. "
        "“normal” is PPI++ (arXiv 2311.01453), “student” the same with Student's quantile, “plus” that with four made-up pairs besides (as Agresti and Coull do for rates), “betting” valid for any number of "
        "episodes (arXiv 2010.09686) and wider. How often an interval holds the truth was measured by drawing from all episodes here, whose mean "
        "is the truth then; 95 % is promised. Episodes are those on the engine and those dreamt besides; the weight is how much dreams were listened to. Saved are episodes that the engine alone would have needed besides for the same "
        "width; where it is below 0 dreams did harm."
    )
    return (
        f"<section><h2>Few engine episodes and many dreams</h2><p class=explained>{text}</p>{first}"
        f"<details><summary>Policy by policy, the first {n} seeds on the engine and {m} more dreamt</summary>{second}</details></section>"
    )


def _trouble(found: Mapping[str, Any]) -> str:
    if not found["failures"]:
        return ""
    rows = [[escape(row["policy"]), str(row["seed"]), escape(row["world"]), escape(row["failure"].splitlines()[0])] for row in found["failures"]]  # fmt: skip
    left = ", ".join(map(str, found["left_out_seeds"]))
    return f"<section id=trouble><h2>What failed</h2><p>Seeds {left} are left out for all policies.</p>{table(['Policy', 'Seed', 'World', 'Why'], rows)}</section>"


def _is_not(page: Page) -> str:
    rows = [[escape(cell) for cell in row] for row in rank_words.ANCHORS]
    content = table(["Source", "Judge in question", "Against real robots"], rows)
    return f"<section><h2>What this is not</h2><p>{escape(rank_words.LED[page.results['task']])}</p><p>{escape(rank_words.IS_NOT)}</p><p class=explained>{escape(rank_words.FEW)}</p>{content}</section>"


def _method(page: Page) -> str:
    return (
        "<section><h2>How it was made</h2><p class=explained>Every policy had the same seeds, and each episode of the dream begins at the same first "
        "moment as that on the engine, which ends as late as the dream does.</p>"
        f"<details><summary>Command, versions, configuration</summary>{document(dict(page.manifest))}</details></section>"
    )
