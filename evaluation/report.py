"""The report: one HTML file that needs nothing else, with the verdict first, then what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation import words
from evaluation.compare import Comparison
from evaluation.maps import TownMap, points
from evaluation.metrics import METRICS, Metric
from evaluation.pages import document, figure, film, inlined, table
from evaluation.plots import Strip, strips

EMBEDDED_BYTES = 12_000_000
"""Films up to this size, all together, travel inside the page."""
_OPEN_ROWS = 60


@dataclass(frozen=True, eq=False)
class Shown:
    """One episode to look at: whose, which seed, its agents' ways (k,3) of time [s] and place [m], films and stills."""

    policy: str
    seed: int
    traces: Mapping[str, NDArray[np.float64]]
    films: Sequence[tuple[Path, str]] = ()
    """Files with what each shows."""
    stills: Sequence[tuple[Path, str]] = ()


@dataclass(frozen=True, eq=False)
class Contents:
    """All that the report tells. `notes` are sentences for the reader, of films that could not be made, say."""

    title: str
    setting: str
    comparison: Comparison
    records: Sequence[Mapping[str, Any]]
    failures: Sequence[Mapping[str, Any]]
    manifest: Mapping[str, Any]
    town: TownMap | None = None
    shown: Sequence[Shown] = ()
    notes: Sequence[str] = ()


def write_report(path: Path, contents: Contents) -> None:
    """Writes the page. What films and stills it shows lie at or below the page's folder."""
    page = files("evaluation") / "page"
    template = Template((page / "report.html").read_text(encoding="utf-8"))
    sections = [
        _policies(contents), _differences(contents), _measures(contents), _maps(contents), _films(contents, path.parent),
        _trouble(contents), _episodes(contents), _method(contents),
    ]  # fmt: skip
    path.write_text(
        template.substitute(
            title=escape(contents.title),
            kicker=escape(contents.title),
            headline=escape(words.headline(contents.comparison)),
            findings=_findings(contents),
            setting=escape(contents.setting),
            sections="\n".join(section for section in sections if section),
            style=(page / "report.css").read_text(encoding="utf-8"),
            script=(page / "report.js").read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )


def _colour(contents: Contents, policy: str) -> int:
    return contents.comparison.policies.index(policy)


def _order(contents: Contents) -> tuple[str, ...]:
    """Policies, the best first; those without an episode last."""
    ranking = contents.comparison.ranking
    return (*ranking, *(policy for policy in contents.comparison.policies if policy not in ranking))


def _findings(contents: Contents) -> str:
    comparison = contents.comparison
    found = []
    for other, sentence in zip(comparison.ranking[1:], words.findings(comparison)):
        pair = comparison.pair(comparison.primary.name, comparison.ranking[0], other)
        found.append(f"<li{' class=decided' if pair and pair.is_decided else ''}>{escape(sentence)}.</li>")
    if contents.failures:
        count = len(contents.failures)
        told = f"{count} episode{'s' if count > 1 else ''} could not be finished and {'are' if count > 1 else 'is'} left out"
        found.append(f'<li class=trouble>{told}: see <a href="#trouble">what failed</a>.</li>')
    return "".join([*found, *(f"<li class=trouble>{escape(note)}</li>" for note in contents.notes)])


def _policies(contents: Contents) -> str:
    comparison = contents.comparison
    if not comparison.ranking:
        return ""
    metric = comparison.primary
    rows = []
    for policy in comparison.ranking:
        estimate = comparison.estimates[policy][metric.name]
        note = f"{words.number(estimate.value, metric)}  (n = {estimate.n})"
        dots = tuple(comparison.values[policy][metric.name].values())
        rows.append(Strip(policy, note, dots, estimate.value, estimate.low, estimate.high, _colour(contents, policy)))
    plot = strips(rows, axis=_axis(metric), scale=_scale(metric))
    kind = (
        "Wilson's interval, at the design effect of agents that share an episode"
        if metric.how == "rate"
        else "a bootstrap interval (BCa, 10,000 resamples)"
    )
    caption = f"{escape(metric.label)}: small dots are episodes, the large one is the mean, the bar {kind}, 95 %."
    return f"<section><h2>How each policy did</h2>{figure(plot, caption)}</section>"


def _differences(contents: Contents) -> str:
    comparison = contents.comparison
    if len(comparison.ranking) < 2:
        return ""
    best, metric = comparison.ranking[0], comparison.primary
    rows = []
    for other in comparison.ranking[1:]:
        pair = comparison.pair(metric.name, best, other)
        if pair is not None:
            note = f"{pair.wins} won, {pair.ties} tied, {pair.losses} lost"
            dots = tuple(value for _, value in pair.differences)
            estimate = pair.estimate
            colour = _colour(contents, other)
            rows.append(Strip(f"{best} − {other}", note, dots, estimate.value, estimate.low, estimate.high, colour))
    if not rows:
        return ""
    plot = strips(
        rows,
        axis=f"Difference in {metric.label[0].lower() + metric.label[1:]}{_bracket(metric, is_difference=True)}",
        zero=("less", "more"),
        scale=_scale(metric),
    )
    caption = (
        f"The same seed means the same town, the same orders and the same passers-by for every policy, so {escape(best)} is "
        "held against each other one seed by seed. A bar (95 %, bootstrap BCa of the mean difference) that does not touch "
        "the line at 0 tells the two apart."
    )
    return f"<section><h2>Seed by seed</h2>{figure(plot, caption)}</section>"


def _measures(contents: Contents) -> str:
    comparison, order = contents.comparison, _order(contents)
    rows = []
    for metric in comparison.metrics:
        estimates = [row[metric.name].value for row in comparison.estimates.values() if metric.name in row]
        if metric not in METRICS and not any(estimates):
            continue  # a column of the task's own that nobody has used
        cells = [f"{escape(metric.label)}<small>{_wanted(metric)}</small>", escape(metric.unit)]
        leader = _leader(comparison, metric)
        for policy in order:
            found = comparison.estimates.get(policy, {}).get(metric.name)
            if found is None:
                cells.append("<span class=faint>–</span>")
                continue
            look = " class=best" if policy == leader else ""
            told = "" if found.low is None else f"<small>{words.bounds(found, metric)}</small>"
            cells.append(f"<span{look}>{words.number(found.value, metric)}</span>{told}")
        rows.append(cells)
    heads = ["Measure", "Unit", *order]
    text = (
        "Means over episodes with their 95 % intervals below them. The best of a row is bold where it is told apart from "
        "every other policy, seed by seed; each row is judged by itself. What only this task counts, and is zero "
        "throughout, is left out."
    )
    content = table(heads, rows, numbers=range(2, len(heads)))
    return f"<section><h2>Everything measured</h2><p class=explained>{text}</p>{content}</section>"


def _leader(comparison: Comparison, metric: Metric) -> str:
    """The policy that is shown to be best in a metric; "" if none is."""
    if metric.better == "neither":
        return ""
    known = [policy for policy in comparison.ranking if metric.name in comparison.estimates[policy]]
    for policy in known:
        pairs = [comparison.pair(metric.name, policy, other) for other in known if other != policy]
        leads = [
            pair is not None
            and pair.is_decided
            and ((pair.estimate.value > 0) == (pair.first == policy)) == (metric.better == "more")
            for pair in pairs
        ]
        if leads and all(leads):
            return policy
    return ""


def _maps(contents: Contents) -> str:
    town = contents.town
    if town is None or not contents.shown:
        return ""
    box = f'viewBox="0 0 {town.width_m:.0f} {town.height_m:.0f}"'
    base = (
        f'<svg class="map" width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
        f'<symbol id="town" {box}>{town.svg()}</symbol></defs></svg>'
    )
    maps = []
    for shown in contents.shown:
        colour = f"c{_colour(contents, shown.policy) % 8}"
        ways = "".join(_trace(town, trace, colour) for _, trace in sorted(shown.traces.items()))
        use = f'<use href="#town" width="{town.width_m:.0f}" height="{town.height_m:.0f}"/>'
        drawn = f'<svg class="map" {box} role="img" aria-label="ways of {escape(shown.policy)}">{use}{ways}</svg>'
        walked = sum(float(np.hypot(*np.diff(t[:, 1:3], axis=0).T).sum()) for t in shown.traces.values())
        told = f"<b class={colour}>{escape(shown.policy)}</b>, seed {shown.seed}: {len(shown.traces)} agents, {walked / 1000:.2f} km"
        maps.append(figure(drawn, told))
    text = "One seed, every policy: rings are where agents began, dots where they ended; north is up."
    return f"<section><h2>Where they went</h2><p class=explained>{text}</p>{base}<div class=row>{''.join(maps)}</div></section>"


def _trace(town: TownMap, trace: NDArray[np.float64], colour: str) -> str:
    """An agent's way with where it began and ended; places nearer than half a metre to the last one are left out."""
    if not len(trace):
        return ""
    ring = town.at(trace[:, 1:3])
    kept = [0]
    for index in range(1, len(ring)):
        if np.hypot(*(ring[index] - ring[kept[-1]])) > 0.5:
            kept.append(index)
    path, width = points(ring[kept]), max(town.width_m / 260, 0.6)
    (x0, y0), (x1, y1) = ring[0], ring[-1]
    return (
        f'<path class="trace halo" style="stroke-width:{2.2 * width:.1f}" d="M{path}"/>'
        f'<path class="trace {colour}" style="stroke-width:{width:.1f}" d="M{path}"/>'
        f'<circle class="start {colour}" cx="{x0:.1f}" cy="{y0:.1f}" r="{1.7 * width:.1f}"/>'
        f'<circle class="end {colour}" cx="{x1:.1f}" cy="{y1:.1f}" r="{1.9 * width:.1f}"/>'
    )


def _films(contents: Contents, root: Path) -> str:
    left, pieces, stills = EMBEDDED_BYTES, [], []
    films = [one for shown in contents.shown for one in shown.films]
    for path, told in sorted(
        films, key=lambda one: not one[0].stem.endswith("-map")
    ):  # those of one shape side by side
        pieces.append(figure(film(path, root, most_bytes=left), escape(told)))
        left -= path.stat().st_size if path.stat().st_size <= left else 0
    for shown in contents.shown:
        stills += [
            figure(f'<img alt="{escape(told)}" src="{inlined(path)}">', escape(told)) for path, told in shown.stills
        ]
    if not pieces and not stills:
        return ""
    frames = f"<div class=frames>{''.join(stills)}</div>" if stills else ""
    return f"<section><h2>What it looked like</h2>{frames}<div class=row>{''.join(pieces)}</div></section>"


def _trouble(contents: Contents) -> str:
    if not contents.failures:
        return "<section id=trouble><h2>What failed</h2><p>Nothing: every episode was finished.</p></section>"
    rows = [
        [escape(r["policy"]), str(r["seed"]), str(r["tries"]), f"<pre>{escape(r['failure'])}</pre>"]
        for r in contents.failures
    ]
    told = "These episodes came to nothing, each more than once. They are in no number above; the same command tries them again."
    content = table(["Policy", "Seed", "Tries", "Why"], rows, numbers=(1, 2))
    return f"<section id=trouble><h2>What failed</h2><p>{told}</p>{content}</section>"


def _episodes(contents: Contents) -> str:
    comparison = contents.comparison
    if not contents.records:
        return ""
    heads = [f"{metric.label}{_bracket(metric)}" for metric in comparison.metrics]
    rows = []
    for record in contents.records:
        policy, seed = record["policy"], record["seed"]
        swatch = f'<span class="swatch c{_colour(contents, policy) % 8}"></span>'
        values = [comparison.values[policy][metric.name].get(seed) for metric in comparison.metrics]
        told = ["" if v is None else words.number(v, m) for v, m in zip(values, comparison.metrics, strict=True)]
        rows.append([f"{swatch}{escape(policy)}", str(seed), *told, f"{record.get('wall_s', 0.0):.1f}"])
    heads = ["Policy", "Seed", *heads, "Wall clock (s)"]
    content = table(heads, rows, name="episodes", is_sortable=True, numbers=range(1, len(heads)))
    state = " open" if len(rows) <= _OPEN_ROWS else ""
    return (
        f"<section><h2>Every episode</h2><details{state}><summary>{len(rows)} episodes, one a row</summary>{content}"
        "</details></section>"
    )


def _method(contents: Contents) -> str:
    told = (
        "An episode is one observation. Policies are paired by seed. Means have 95 % bootstrap intervals, bias-corrected and "
        "accelerated (BCa, 10,000 resamples, seeded); rates have Wilson's, with trials divided by their design effect, since "
        "agents in one episode share their luck. The sign test is exact and two-sided; in the verdict its probabilities are "
        "corrected for the number of comparisons (Holm). Intervals of single rows are not corrected."
    )
    facts = {name: value for name, value in contents.manifest.items() if name != "files"}
    return f"<section><h2>How it was done</h2><p>{told}</p>{document(facts)}</section>"


def _axis(metric: Metric) -> str:
    return f"{metric.label}{_bracket(metric)}"


def _bracket(metric: Metric, *, is_difference: bool = False) -> str:
    unit = "percentage points" if is_difference and metric.how == "rate" else metric.unit
    return f" ({unit})" if unit else ""


def _scale(metric: Metric) -> float:
    return 100.0 if metric.how == "rate" else 1.0


def _wanted(metric: Metric) -> str:
    return {"more": "more is better", "less": "less is better", "neither": ""}[metric.better]
