"""The parts of a comparison's report, each a piece of HTML: curves, tables, rows; "" where there is nothing to show."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from evaluation.compare_worlds import verdict
from evaluation.compare_worlds.bands import Band
from evaluation.compare_worlds.plots import Line, curves, legend
from evaluation.compare_worlds.study import ALL, YARDSTICK, Measure, Study, agreement, curve, gain, onsets
from evaluation.measures.means import mean_known
from evaluation.pages import figure, table

_OPEN_ROWS = 60


def colour(study: Study, label: str) -> int:
    """The number of a dreamer's colour: the model's is the first."""
    return [one.label for one in study.dreamers].index(label)


def dreaming(study: Study) -> list[str]:
    """Dreamers with results, in order."""
    return [one.label for one in study.dreamers if one.label in study.values]


def by_horizon(study: Study) -> str:
    """The primary measure for everybody, and its gain over the yardstick."""
    labels = dreaming(study)
    if not labels or not len(study.horizons_s):
        return ""
    measure = study.primary
    names = legend([(one.label, colour(study, one.label), one.what) for one in study.dreamers if one.label in labels])
    shown = [label for label in labels if study.dreamer(label).role != "check"]
    lines = [_line(study, label, curve(study, label, measure)) for label in shown or labels]
    way = "higher is nearer to the engine" if measure.better == "more" else "lower is nearer to the engine"
    plot = curves(lines, study.horizons_s, axis=f"{measure.label}{_unit(measure)}")
    text = f"{escape(measure.label)}, mean over {_views(study)} and episodes; {way}. Bands are 95 % intervals over episodes."
    pieces = [names, figure(plot, text + _checks(study))]
    if YARDSTICK in labels and len(labels) > 1:
        rivals = [label for label in shown if label != YARDSTICK]
        lines = [_line(study, label, gain(study, label, YARDSTICK, measure)) for label in rivals]
        plot = curves(
            lines,
            study.horizons_s,
            axis=f"Gain over {YARDSTICK}{_unit(measure)}",
            zero=("nearer to the engine", "farther"),
        )
        text = (
            f"The same episodes, dream by dream: how much nearer to the engine each is than {YARDSTICK}. A band wholly above "
            "the line is a decided gain."
        )
        pieces.append(figure(plot, text))
    return f"<section><h2>How near, by horizon</h2>{''.join(pieces)}</section>"


def _checks(study: Study) -> str:
    told = []
    for label in study.labelled("check"):
        if label in study.values:
            means = curve(study, label, study.primary).mean
            low = float(means[np.isfinite(means)].min(initial=np.inf))
            told.append(
                f"{escape(label)}, the check of the harness, is off the scale: {verdict.number(low)} {study.primary.unit} at its worst"
            )
    return f" {'; '.join(told)}." if told else ""


def by_view(study: Study) -> str:
    """The primary measure in each view by itself."""
    if len(study.views) < 2 or not study.primary.by_view:
        return ""
    pieces = []
    shown = [label for label in dreaming(study) if study.dreamer(label).role in ("model", "baseline")]
    for view in study.views:
        lines = [_line(study, label, curve(study, label, study.primary, view)) for label in shown]
        plot = curves(lines, study.horizons_s, axis=f"{study.primary.label}{_unit(study.primary)}", size=(330, 250))
        pieces.append(f"<figure><h3>{escape(view)}</h3>{plot}</figure>")
    return f"<section><h2>View by view</h2><div class=smalls>{''.join(pieces)}</div></section>"


def measured(study: Study) -> str:
    """Every measure at one horizon, dreamer by dreamer; and its curves."""
    labels = dreaming(study)
    if not labels:
        return ""
    probe = curve(study, labels[0], study.primary)
    at = verdict.looked_at(study, probe)
    rows, smalls = [], []
    for measure in study.measures:
        mark = ' <span class=mark title="see below">†</span>' if measure.caution else ""
        way = "higher is nearer" if measure.better == "more" else "lower is nearer"
        cells = [f"{escape(measure.label)}{mark}<small>{way}</small>", escape(measure.unit)]
        lines = []
        for label in labels:
            band = curve(study, label, measure)
            is_better = label != YARDSTICK and YARDSTICK in study.values and _is_gain(study, label, measure, at)
            cells.append(_cell(band, at, is_better=is_better))
            if study.dreamer(label).role != "check":
                lines.append(_line(study, label, band))
        if (floor := study.floor(measure, at)) is not None:
            cells[0] += f"<small>the engine itself: {verdict.number(floor)}</small>"
        rows.append(cells)
        if measure is not study.primary and any(np.isfinite(line.band.mean).any() for line in lines):
            plot = curves(lines, study.horizons_s, axis=f"{measure.label}{_unit(measure)}", size=(330, 240))
            smalls.append(f"<figure><h3>{escape(measure.label)}{mark}</h3>{plot}</figure>")
    heads = ["Measure", "Unit", *labels]
    text = (
        f"Means {verdict.seconds(float(study.horizons_s[at]))} after the last moment seen, 95 % intervals over episodes below. "
        f"Bold is decidedly nearer to the engine than {YARDSTICK} on the same episodes, each row judged by itself."
    )
    cautions = "".join(
        f"<li class=trouble>† {escape(m.label)}: {escape(m.caution)}</li>" for m in study.measures if m.caution
    )
    marks = f"<ul class=findings>{cautions}</ul>" if cautions else ""
    more = (
        f"<details><summary>Their curves</summary><div class=smalls>{''.join(smalls)}</div></details>" if smalls else ""
    )
    content = table(heads, rows, numbers=range(2, len(heads)))
    return f"<section><h2>Everything measured</h2><p class=explained>{text}</p>{content}{marks}{more}</section>"


def _is_gain(study: Study, label: str, measure: Measure, at: int) -> bool:
    found = verdict.reach(gain(study, label, YARDSTICK, measure), study.horizons_s)
    here = float(study.horizons_s[at])
    return found.better_s is not None and found.better_s[0] <= here <= found.better_s[1]


def succeeded(study: Study) -> str:
    """What dreams say of success beside what the engine says."""
    rows = []
    for label in dreaming(study):
        found = agreement(study, label)
        if found is None:
            continue
        many = found.both + found.neither + found.only_dream + found.only_engine
        rows.append(
            [
                f'<span class="swatch c{colour(study, label) % 8}"></span>{escape(label)}',
                str(found.both), str(found.neither), str(found.only_dream), str(found.only_engine),
                f"{found.both + found.neither} of {many}<small>{verdict.percent(found.agreed.low)} to {verdict.percent(found.agreed.high)}</small>",
                verdict.percent(found.balanced),
            ]
        )  # fmt: skip
    if not rows:
        return ""
    heads = ["Dreamer", "Both succeed", "Both fail", "Only the dream", "Only the engine", "Agreed", "Balanced accuracy"]
    text = (
        "Success at an episode's last imagined moment: the engine's is the task's own, read from the state; a dream's is what "
        "its model gives a probability of one half or more. Intervals are Wilson's. Balanced accuracy is the mean over the "
        "engine's successes and failures; one half is what guessing gives."
    )
    return f"<section><h2>Success, in the dream and in the engine</h2><p class=explained>{text}</p>{table(heads, rows, numbers=range(1, 7))}</section>"


def ablated(study: Study) -> str:
    """The model beside its variants, each without something."""
    variants = [label for label in study.labelled("variant") if label in study.values]
    if not variants or study.model not in study.values:
        return ""
    at = verdict.looked_at(study, curve(study, study.model, study.primary))
    last = int(np.flatnonzero(np.isfinite(curve(study, study.model, study.primary).mean))[-1])
    rows = []
    for label in (study.model, *variants):
        cells = [
            f'<span class="swatch c{colour(study, label) % 8}"></span>{escape(label)}<small>{escape(study.dreamer(label).what)}</small>'
        ]
        cells += [_cell(curve(study, label, measure), at) for measure in study.measures[:4]]
        if label == study.model:
            cells += ["<span class=faint>–</span>"] * 2
        else:
            gains = gain(study, study.model, label, study.primary)
            cells += [_cell(gains, index, signed=True, is_better=bool(gains.low[index] > 0)) for index in (at, last)]
        rows.append(cells)
    when, end = (verdict.seconds(float(study.horizons_s[index])) for index in (at, last))
    heads = [
        "Variant",
        *(f"{m.label}{_unit(m)}" for m in study.measures[:4]),
        f"Whole model's gain at {when}",
        f"at {end}",
    ]
    text = (
        f"Means at {when} with 95 % intervals. The last columns say by how much {study.primary.label} of the whole model is "
        "better than the variant's on the same episodes; bold where the interval leaves zero out."
    )
    return f"<section><h2>What each part is worth</h2><p class=explained>{escape(text)}</p>{table(heads, rows, numbers=range(1, len(heads)))}</section>"


def rows(study: Study, notes: Mapping[str, str]) -> str:
    """Every episode, one a row, sortable; `notes` say who acted in it."""
    labels = [label for label in dreaming(study) if study.dreamer(label).role != "check"]
    if not labels:
        return ""
    measure, model = study.primary, study.model if study.model in study.values else labels[0]
    strays = onsets(study, model) if YARDSTICK in study.values and model != YARDSTICK else None
    told = study.foretold.get(model)
    content = []
    for index, episode in enumerate(study.episodes):
        moments = int(np.isfinite(study.by_episode(model, measure.name)[index]).sum())
        truth = study.success[index][np.isfinite(study.success[index])]
        dream = None if told is None else told[index][np.isfinite(told[index])]
        cells = [escape(episode), escape(notes.get(episode, "")), str(moments)]
        cells.append("" if not len(truth) else "yes" if truth[-1] >= 0.5 else "no")
        cells.append("" if dream is None or not len(dream) else f"{dream[-1]:.2f}")
        for label in labels:
            values = study.by_episode(label, measure.name)[index]
            cells.append(verdict.number(float(mean_known(values))) if np.isfinite(values).any() else "")
        if strays is not None:
            cells.append(
                "" if np.isnan(strays[index]) else "never" if np.isinf(strays[index]) else f"{strays[index]:.1f}"
            )
        content.append(cells)
    heads = ["Episode", "Who acted", "Moments", "Success", f"{model} says"]
    heads += [f"{label}, mean {measure.label}" for label in labels]
    heads += ["Strays after (s)"] if strays is not None else []
    state = " open" if len(content) <= _OPEN_ROWS else ""
    shown = table(heads, content, name="episodes", is_sortable=True, numbers=[2, *range(4, len(heads))])
    return (
        f"<section><h2>Every episode</h2><details{state}><summary>{len(content)} episodes, one a row</summary>{shown}"
        "</details></section>"
    )


def trouble(failures: Sequence[Mapping[str, Any]], not_run: Sequence[str]) -> str:
    """What failed, and what was not run."""
    pieces = []
    if failures:
        cells = [
            [escape(r["episode"]), escape(r["dreamer"]), str(r["tries"]), f"<pre>{escape(r['failure'])}</pre>"]
            for r in failures
        ]
        pieces.append("<p>These came to nothing, each more than once. The same command tries them again.</p>")
        pieces.append(table(["Episode", "Dreamer", "Tries", "Why"], cells, numbers=(2,)))
    if not_run:
        pieces.append(f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in not_run)}</ul>")
    if not pieces:
        pieces.append("<p>Nothing failed, and everything that was asked for was run.</p>")
    return f"<section id=trouble><h2>What failed or was not run</h2>{''.join(pieces)}</section>"


def _line(study: Study, label: str, band: Band) -> Line:
    return Line(label, band, colour(study, label), is_lesser=study.dreamer(label).role != "model")


def _cell(band: Band, at: int, *, signed: bool = False, is_better: bool = False) -> str:
    if not np.isfinite(band.mean[at]):
        return "<span class=faint>–</span>"
    look = " class=best" if is_better else ""
    bounds = ""
    if np.isfinite(band.low[at]):
        low, high = (verdict.number(float(end), signed=signed) for end in (band.low[at], band.high[at]))
        bounds = f"<small>{low} to {high}</small>"
    return f"<span{look}>{verdict.number(float(band.mean[at]), signed=signed)}</span>{bounds}"


def _unit(measure: Measure) -> str:
    return f" ({measure.unit})" if measure.unit else ""


def _views(study: Study) -> str:
    return ALL if len(study.views) > 1 else "the one view"
