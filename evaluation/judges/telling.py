"""What judges say, for people: a section of HTML, and a sentence or two for the findings."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

import numpy as np

from evaluation.judges import consistency, physics
from evaluation.judges.instruction import GRADES
from evaluation.judges.judging import JUDGES
from evaluation.judges.summing import Pair, Summary
from evaluation.judges.trust import MOST, blind
from evaluation.judges.vlm import QUESTIONS, VLM_CHECKS, Opinions
from evaluation.pages import table
from evaluation.stats import Estimate, rate
from evaluation.words import joined


def section(
    task: str, model: str, summaries: Mapping[str, Summary], opinions: Opinions | None = None, success: Mapping[str, bool] | None = None
) -> str:  # fmt: skip
    """The section of a report, "" where no judge says anything: everybody by all judges, then the model's grades and laws by themselves."""
    summaries = {label: one for label, one in summaries.items() if one.n}
    if not summaries and opinions is None:
        return ""
    pieces = [_overview(task, summaries)] if summaries else []
    if model in summaries:
        pieces += [_confused(model, summaries[model]), _lawful(model, summaries[model])]
    if opinions is not None:
        pieces.append(_opinions(task, model, opinions, success or {}))
    left = {name: why for one in summaries.values() for name, why in one.left_out.items()}
    notes = [f"<li>{escape(JUDGES[name])} is not judged: {escape(why)}.</li>" for name, why in left.items()]
    notes += [f"<li class=trouble>{escape(text)}</li>" for text in cautions(task)]
    lead = (
        "".join(f"<li>{escape(one)}.</li>" for one in sentences(model, summaries[model])) if model in summaries else ""
    )
    lead = f"<ul class=findings>{lead}</ul>" if lead else ""
    notes_html = f"<ul class=findings>{''.join(notes)}</ul>" if notes else ""
    text = (
        "What the dreams show, judged by itself and held against the same judge on the engine’s own pictures (in brackets): was it done, does it "
        "keep to physics, is it one solid world, and can one see in it what the body does. Where nothing happens no law is broken and every view "
        "agrees: read these beside what was done. Intervals are 95 % over episodes."
    )
    return (
        f"<section id=judges><h2>Judges</h2><p class=explained>{text}</p>{lead}{''.join(pieces)}{notes_html}</section>"
    )


def cautions(task: str) -> list[str]:
    """What judges were found not to see, in sentences."""
    found = []
    for name, label in JUDGES.items():
        missed = blind(name, task)
        if missed is None:
            found.append(f"{label} was not calibrated for this task: nobody knows which errors it does not see.")
        elif missed:
            found.append(
                f"{label}: in calibration it could not tell engine episodes from ones with {joined(list(missed))}."
            )
    return found


def unseen(opinions: Opinions) -> list[str]:
    """The errors in engine episodes that a vision-language model did not see in most of them, in sentences."""
    found = []
    for error, question in VLM_CHECKS.items():
        said = [not pair[error][question].is_yes and pair["engine"][question].is_yes for pair in opinions.said.values() if {error, "engine"} <= set(pair)]  # fmt: skip
        if said and sum(said) < MOST * len(said):
            found.append(
                f"It could not tell engine episodes from ones with {error}: it did in {sum(said)} of {len(said)}."
            )
    return found


def results(task: str, summaries: Mapping[str, Summary], opinions: Opinions | None = None) -> dict[str, Any]:
    """The same as a JSON document."""
    told: dict[str, Any] = {
        "by_dreamer": {label: _plain(asdict(one)) for label, one in summaries.items()},
        "cautions": cautions(task),
    }
    if opinions is not None:
        told["vlm"] = {"said": {e: {who: {q: asdict(o) for q, o in one.items()} for who, one in pair.items()} for e, pair in opinions.said.items()}, "tally": dict(opinions.tally), "ended": opinions.ended, "cautions": unseen(opinions)}  # fmt: skip
    return told


def sentences(model: str, found: Summary) -> list[str]:
    """The findings on a model, without a full stop."""
    told = []
    if found.graded is not None and found.graded.agreed is not None:
        agreed = found.graded.agreed
        told.append(
            f"{model}’s pictures show the instruction as far followed as the engine says in {_percent(agreed)} of {agreed.n} episodes"
        )
    if found.adherence is not None:
        told.append(
            f"{model} keeps to the laws of physics in {found.adherence.dream.value:.0%} of moments, the engine in {found.adherence.engine.value:.0%}"
        )
    return told


def _overview(task: str, summaries: Mapping[str, Summary]) -> str:
    heads, rows = ["Judge", *summaries], []

    def add(label: str, what: str, cells: Sequence[str]) -> None:
        if any(cells):
            rows.append(
                [
                    f"{escape(label)}<small>{escape(what)}</small>",
                    *(cell or "<span class=faint>–</span>" for cell in cells),
                ]
            )

    own = list(summaries.values())
    add("Instruction: graded as the engine grades", "share of episodes (engine’s pictures read alike)", [
        "" if one.graded is None or one.graded.agreed is None else _estimate(one.graded.agreed, percent=True, beside=one.graded.agreed_read) for one in own
    ])  # fmt: skip
    add("Instruction: grade less the engine’s", "0 nothing, 1 something else, 2 begun, 3 done", [
        "" if one.graded is None or one.graded.gap is None else _estimate(one.graded.gap, signed=True) for one in own
    ])  # fmt: skip
    add("Instruction: graded so by the places it tells", "share of episodes, of models that tell places", ["" if one.told is None else _estimate(one.told, percent=True) for one in own])  # fmt: skip
    add(
        "Physics: moments that keep to a law",
        "mean of the laws (engine)",
        ["" if one.adherence is None else _pair(one.adherence, percent=True) for one in own],
    )
    for name, label in consistency.LABELS.items():
        add(f"3D: {label[0].lower()}{label[1:]}", f"{consistency.UNITS[name]}, less is better (engine)", [
            _pair(one.consistency[name]) if name in one.consistency else "" for one in own
        ])  # fmt: skip
    for name in dict.fromkeys(name for one in own for name in one.recognised):
        add(f"Recognised: {name}", "share of moments (engine’s pictures), balanced below", [
            "" if name not in one.recognised else f"{one.recognised[name].dream:.0%} ({one.recognised[name].engine:.0%})"
            f"<small>{one.recognised[name].dream_balanced:.0%} ({one.recognised[name].engine_balanced:.0%})</small>" for one in own
        ])  # fmt: skip
    return table(heads, rows, numbers=range(1, len(heads)))


def _confused(model: str, found: Summary) -> str:
    if found.graded is None:
        return ""
    heads = ["The engine says", *GRADES]
    rows = [
        [escape(name), *(str(count) if count else "<span class=faint>0</span>" for count in counts)]
        for name, counts in zip(GRADES, found.graded.dream, strict=True)
    ]
    kappa = "not defined here" if found.graded.kappa is None else f"{found.graded.kappa:.2f}"
    caption = f"Episodes by the engine’s grade (down) and by what {escape(model)}’s pictures show (across). Weighted kappa {kappa}."
    return f"<h3>What was done</h3>{table(heads, rows, numbers=range(1, 5))}<p class=explained>{caption}</p>"


def _lawful(model: str, found: Summary) -> str:
    if not found.laws:
        return ""
    rows = [
        [
            escape(physics.LABELS.get(name, name)),
            _estimate(pair.dream, percent=True),
            f"{pair.engine.value:.0%}",
            _estimate(pair.difference, percent=True, signed=True),
        ]
        for name, pair in found.laws.items()
    ]
    return f"<h3>Law by law</h3>{table(['Law', model, 'Engine', 'Difference'], rows, numbers=(1, 2, 3))}"


def _opinions(task: str, model: str, opinions: Opinions, success: Mapping[str, bool]) -> str:
    rows = []
    for name, question in QUESTIONS[task].items():
        cells = [f"{escape(question)}"]
        for who in ("engine", "dream"):
            said = [one[who][name].is_yes for one in opinions.said.values() if who in one]
            found = rate([float(yes) for yes in said], [1.0] * len(said))
            cells.append("<span class=faint>–</span>" if found is None else _estimate(found, percent=True))
        both = [
            pair["engine"][name].is_yes == pair["dream"][name].is_yes
            for pair in opinions.said.values()
            if {"engine", "dream"} <= set(pair)
        ]
        agreed = rate([float(same) for same in both], [1.0] * len(both))
        cells.append("<span class=faint>–</span>" if agreed is None else _estimate(agreed, percent=True))
        rows.append(cells)
    known = [
        (pair["engine"]["instruction"].is_yes, success[name])
        for name, pair in opinions.said.items()
        if "engine" in pair and name in success
    ]
    tally = opinions.tally
    told = [
        f"{tally['calls']} calls, {tally['invalid']} answers that could not be used, {sum(tally['faults'].values())} calls without one"
    ]
    if opinions.ended:
        told.append(f"not all was asked: {escape(opinions.ended)}")
    if known and task == "manipulate":
        right = sum(said == true for said, true in known)
        told.append(f"of the engine’s episodes it told {right} of {len(known)} rightly as done or not")
    missed = "".join(f"<li class=trouble>{escape(text)}</li>" for text in unseen(opinions))
    missed = f"<ul class=findings>{missed}</ul>" if missed else ""
    reasons = "".join(
        f"<li>{escape(name)}, {who}: {escape(one.reason)}</li>"
        for name, pair in list(opinions.said.items())[:6]
        for who, said in pair.items()
        for one in [said["instruction"]]
        if one.reason
    )
    more = f"<details><summary>Some of its reasons</summary><ul>{reasons}</ul></details>" if reasons else ""
    heads = ["A vision-language model, asked of both alike", "Engine: yes", f"{model}: yes", "The same of both"]
    return f"<h3>By a vision-language model</h3>{table(heads, rows, numbers=(1, 2, 3))}<p class=explained>{'; '.join(told)}.</p>{missed}{more}"


def _estimate(one: Estimate, *, percent: bool = False, signed: bool = False, beside: Estimate | None = None) -> str:
    def shown(value: float) -> str:
        return f"{value:{'+' if signed else ''}.0%}" if percent else f"{value:{'+' if signed else ''}.3g}"

    engine = "" if beside is None else f" ({shown(beside.value)})"
    bounds = "" if one.low is None or one.high is None else f"<small>{shown(one.low)} to {shown(one.high)}</small>"
    return f"{shown(one.value)}{engine}{bounds}"


def _pair(one: Pair, *, percent: bool = False) -> str:
    return _estimate(one.dream, percent=percent, beside=one.engine)


def _percent(one: Estimate) -> str:
    bounds = "" if one.low is None or one.high is None else f" ({one.low:.0%} to {one.high:.0%})"
    return f"{one.value:.0%}{bounds}"


def _plain(value: Any) -> Any:
    """Arrays as lists, nan as None."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and not np.isfinite(value) else value
