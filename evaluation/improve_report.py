"""The page of an improvement in imagination: what came out first, then the arms, the differences, and how far dreams were right."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from evaluation.improve import BEFORE, DREAMS, ENGINE, PLACEBO, UNFILTERED, Improved
from evaluation.pages import document, figure, table
from evaluation.plots import Strip, strips


def write_report(path: Path, found: Improved, results: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    """Writes the page, which needs nothing else."""
    page = files("evaluation") / "page"
    template = Template((page / "report.html").read_text(encoding="utf-8"))
    study = found.study
    setting = (
        f"Task manipulate, skill {results['skill']}. {results['dreams']} dreams of {results['world_model']}"
        f"{' (' + results['model_weights'] + ')' if results['model_weights'] else ''}, {study.pattern.frames} frames of "
        f"{study.pattern.frame_s:g} s; the policy explores by {1000 * study.explores_m:g} mm. Measured on the engine, "
        f"{study.seeds} seeds that nothing was learned from, the same for every arm."
    )
    told = "".join(f"<li>{escape(sentence)}.</li>" for sentence in results["findings"])
    sections = [
        _arms(found, results),
        _differences(results),
        _right(results),
        _table(results),
        _method(study, manifest),
    ]
    path.write_text(
        template.substitute(
            title="Improved in imagination",
            kicker="Improved in imagination",
            headline=escape(results["verdict"]),
            findings=told,
            setting=escape(setting),
            sections="\n".join(section for section in sections if section),
            style=(page / "report.css").read_text(encoding="utf-8"),
            script=(page / "report.js").read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )


def _arms(found: Improved, results: Mapping[str, Any]) -> str:
    rows = []
    for colour, (arm, one) in enumerate(results["arms"].items()):
        note = f"{100 * one['value']:.1f} %  (n = {one['n']})"
        dots = tuple(float(record["success"]) for record in found.measured[arm])
        rows.append(Strip(arm, note, dots, one["value"], one["low"], one["high"], colour))
    plot = strips(rows, axis="Success on the engine (%)", scale=100.0)
    caption = "Small dots are held-out seeds, the large one is their rate, the bar Wilson's interval, 95 %."
    return f"<section><h2>How each policy did</h2>{figure(plot, caption)}</section>"


def _differences(results: Mapping[str, Any]) -> str:
    rows = [
        Strip(
            pair["first"], f"− {pair['other']}: {pair['won']} won, {pair['lost']} lost", (), pair["value"], pair["low"], pair["high"], index
        )
        for index, pair in enumerate(results["pairs"])
    ]  # fmt: skip
    if not rows:
        return ""
    plot = strips(rows, axis="Difference in success (percentage points)", zero=("less", "more"), scale=100.0)
    caption = (
        "Arms are held against each other on the same seeds. A bar (95 %, bootstrap BCa of the mean difference) that does not touch the "
        "line at 0 tells the two apart."
    )
    return f"<section><h2>Seed by seed</h2>{figure(plot, caption)}</section>"


def _right(results: Mapping[str, Any]) -> str:
    checks = results["checks"]
    if checks["all"] is None:
        return ""
    names = {
        "called": "learned from: called successes", "all": "drawn by lot", "not_called": "of these, not learned from",
        "state_says_done": "of these, done by the imagined state",
    }  # fmt: skip
    rows = [
        [escape(name), str(checks[key]["n"]), _rate(checks[key])]
        for key, name in names.items()
        if checks[key] is not None
    ]
    text = (
        "The same actions done again on the engine from the same first moment. What is called a success has to succeed there more often "
        "than dreams drawn by lot, or the filter is worth nothing."
    )
    content = table(["Dreams", "n", "Succeed on the engine"], rows, numbers=(1, 2))
    more = ""
    if len(checks["calibration"]) > 1:
        told = [
            [
                f"{100 * one['from']:.0f} to {100 * one['to']:.0f} %",
                str(one["n"]),
                f"{100 * one['said']:.0f} %",
                _rate(one),
            ]
            for one in checks["calibration"]
        ]
        heads = ["Highest probability in the dream", "n", "Said", "Succeed on the engine"]
        more = table(heads, told, numbers=(1, 2, 3))
    return f"<section><h2>How far dreams were right</h2><p class=explained>{text}</p>{content}{more}</section>"


def _table(results: Mapping[str, Any]) -> str:
    rows = []
    for arm, one in results["arms"].items():
        episodes, decisions = one["learned_from"]
        rows.append(
            [
                escape(arm),
                _rate(one),
                str(episodes),
                f"{decisions:,}",
                "<br>".join(f"<code>{name}</code>" for name in one["weights"]),
            ]
        )
    heads = ["Arm", "Success on the engine", "Episodes", "Decisions", "Weights"]
    text = "All arms but the first learn for the same number of steps; episodes are those beside the demonstrations."
    content = table(heads, rows, numbers=(1, 2, 3))
    return f"<section><h2>What each learned from</h2><p class=explained>{text}</p>{content}</section>"


def _method(study: Any, manifest: Mapping[str, Any]) -> str:
    told = (
        f"Every arm but '{BEFORE}' goes on from the same weights for {study.steps} steps of Adam, {study.learners} times with other luck, "
        f"measured by turns; {100 * study.share:.0f} % of each batch are demonstrations. '{DREAMS}' learns from dreams that were called "
        f"successes, '{UNFILTERED}' from as many drawn by lot. '{ENGINE}' learns from successes of the same exploring policy from the same "
        f"starts on the engine, as many as dreams were kept or as there are: what a perfect dream would give. '{PLACEBO}' learns as long "
        "from the demonstrations alone. One seed is one observation; sign tests are exact, two-sided and corrected for their number (Holm)."
    )
    facts = {name: value for name, value in manifest.items() if name != "files"}
    return f"<section><h2>How it was done</h2><p>{escape(told)}</p>{document(facts)}</section>"


def _rate(one: Mapping[str, Any]) -> str:
    return f"{100 * one['value']:.1f} %<small>{100 * one['low']:.1f} to {100 * one['high']:.1f}</small>"
