"""A comparison's report: one HTML file that needs nothing else; the verdict first, then films, curves, failures and rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.compare_worlds import films, sections, verdict
from evaluation.compare_worlds.study import YARDSTICK, Study, onsets, plain
from evaluation.measures.means import mean_known
from evaluation.pages import document, figure

EMBEDDED_BYTES = 12_000_000
"""Strips of frames up to this size, all together, travel inside the page."""
_COLUMNS, _WORST = 8, 4


@dataclass(frozen=True, eq=False)
class Shown:
    """An episode to look at: frames (t,v,H,W,3) of the engine and of dreams, the first the last moment seen.

    `note` says who acted, `names` what the dreams' files are called.
    """

    episode: str
    note: str
    truth: NDArray[np.uint8]
    dreams: Mapping[str, NDArray[np.uint8]]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Contents:
    """All that the report tells. `shown` has the worst episodes first, then others; `not_run` are sentences on what was left out; `notes` say who acted, by episode;
    `judges` is the section on what judges say, "" without."""

    title: str
    setting: str
    study: Study
    shown: Sequence[Shown]
    failures: Sequence[Mapping[str, Any]]
    not_run: Sequence[str]
    manifest: Mapping[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)
    judges: str = ""


def write_page(path: Path, contents: Contents) -> None:
    """Writes the page."""
    shared, own = files("evaluation") / "page", files("evaluation.compare_worlds") / "page"
    study = contents.study
    content = [sections.trouble(contents.failures, contents.not_run), _method(contents)]
    if study.values:
        content = [
            sections.by_horizon(study), _films(contents), _gallery(contents), sections.by_view(study),
            sections.measured(study), sections.succeeded(study), contents.judges, sections.ablated(study),
            sections.rows(study, contents.notes), *content,
        ]  # fmt: skip
    page = Template((shared / "report.html").read_text(encoding="utf-8")).substitute(
        title=escape(contents.title),
        kicker=escape(contents.title),
        headline=escape(verdict.headline(study)),
        findings=_findings(contents),
        setting=escape(contents.setting),
        sections="\n".join(section for section in content if section),
        style=(shared / "report.css").read_text(encoding="utf-8") + (own / "compare.css").read_text(encoding="utf-8"),
        script=(shared / "report.js").read_text(encoding="utf-8") + (own / "player.js").read_text(encoding="utf-8"),
    )
    path.write_text(page, encoding="utf-8")


def _findings(contents: Contents) -> str:
    looks = {"good": " class=decided", "bad": " class=trouble", "trouble": " class=trouble", "open": ""}
    found = [f"<li{looks[one.kind]}>{escape(one.text)}.</li>" for one in verdict.findings(contents.study)]
    if contents.failures:
        many = len(contents.failures)
        told = f"{many} dream{'s' * (many > 1)} could not be finished and {'are' if many > 1 else 'is'} left out"
        found.append(f'<li class=trouble>{told}: see <a href="#trouble">what failed</a>.</li>')
    return "".join(found)


def _films(contents: Contents) -> str:
    """The player, with as many episodes as travel well."""
    study, shown = contents.study, [one for one in contents.shown if one.dreams]
    if not shown:
        return ""
    strays = onsets(study, study.model) if {YARDSTICK, study.model} <= study.values.keys() else None
    episodes, left = [], EMBEDDED_BYTES
    for one in shown:
        told = _episode(study, one)
        size = len(told["truth"]) + sum(len(dream["strip"]) for dream in told["dreams"].values())
        if size <= left:
            index = study.episodes.index(one.episode)
            if strays is not None and np.isfinite(strays[index]) and study.model in told["dreams"]:
                told["dreams"][study.model]["onset"] = int(np.searchsorted(study.horizons_s, strays[index]) + 1)
            episodes.append(told)
            left -= size
    if not episodes:
        return ""
    height, width = shown[0].truth.shape[2:4]
    told = {
        "views": list(study.views), "width": width, "height": height, "frame_s": float(np.diff(study.horizons_s, prepend=0.0).mean()),
        "measure": study.primary.label, "yardstick": YARDSTICK, "gain": films.GAIN, "palette": films.palette().tolist(),
        "colours": {label: sections.colour(study, label) for label in sections.dreaming(study)}, "episodes": episodes,
        "first": min(_WORST, len(episodes) - 1),
    }  # fmt: skip
    packed = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("</", "<\\/")
    many = len(study.views)
    widest = f"{min(many * 15, 58)}rem"
    text = (
        f"Three rows of one moment: the engine, the dream, and how far they are apart ({films.GAIN:g} times as strong, the largest of the "
        "three colours). The line below is the measure of this episode; the dashed line is where the dream first becomes farther "
        f"off than {YARDSTICK}. The model’s films are in the folder films/ too."
    )
    return (
        f"<section id=films><h2>Engine, dream, difference</h2><p class=explained>{text}</p>"
        f'<div class=player><script type="application/json">{packed}</script>'
        "<div class=controls><label>Episode <select class=episodes></select></label>"
        "<label>Dreamer <select class=dreamers></select></label><button type=button class=play>▶ Play</button></div>"
        f'<div class="stage{"" if many > 1 else " single"}" style="--columns:{many};--widest:{widest}"></div>'
        '<div class=scrub><svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true"></svg>'
        '<input type=range min=0 step=1 value=0 aria-label="moment"></div><p class=readout></p></div></section>'
    )


def _episode(study: Study, shown: Shown) -> dict[str, Any]:
    """One episode as the player takes it."""
    index, moments = study.episodes.index(shown.episode), len(shown.truth)

    def line(label: str) -> list[float | None]:
        return plain(study.by_episode(label, study.primary.name)[index, : moments - 1])

    dreams = {label: {"strip": films.strip(frames), "curve": line(label)} for label, frames in shown.dreams.items()}
    return {
        "id": shown.episode,
        "name": f"{shown.episode}{f' ({shown.note})' if shown.note else ''}",
        "frames": moments,
        "times_s": [0.0, *study.horizons_s[: moments - 1].round(3).tolist()],
        "truth": films.strip(shown.truth),
        "yardstick": line(YARDSTICK) if YARDSTICK in study.values else None,
        "dreams": dreams,
    }


def _gallery(contents: Contents) -> str:
    """The episodes that went worst in the model's dream, each in the view where it is farthest off."""
    study = contents.study
    if study.model not in study.values:
        return ""
    strays = onsets(study, study.model) if YARDSTICK in study.values and study.model != YARDSTICK else None
    pieces = []
    for shown in [one for one in contents.shown if study.model in one.dreams][:_WORST]:
        index, moments = study.episodes.index(shown.episode), len(shown.truth)
        values = study.values[study.model][study.primary.name][index, : moments - 1]
        sign = 1.0 if study.primary.better == "more" else -1.0
        view = (
            int(np.argmin(np.nan_to_num(mean_known(sign * values, axis=0), nan=np.inf)))
            if values.shape[1] == len(study.views)
            else 0
        )
        at = np.unique(np.linspace(1, moments - 1, min(_COLUMNS, moments - 1)).round().astype(int))
        sheet = films.rows_at(shown.truth[:, view], shown.dreams[study.model][:, view], at.tolist())
        onset = None if strays is None else strays[index]
        first = None if onset is None or not np.isfinite(onset) else int(np.searchsorted(study.horizons_s, onset) + 1)
        marked = next((t for t in at.tolist() if first is not None and t >= first), None)
        times = "".join(
            f"<span{' class=onset' if t == marked else ''}>{study.horizons_s[t - 1]:.1f} s</span>" for t in at.tolist()
        )
        names = f"<div class=names><span>engine</span><span>{escape(study.model)}</span><span>difference</span></div>"
        picture = f'<img alt="engine, dream and difference of {escape(shown.episode)}" src="{films.packed(sheet)}">'
        content = f"<div class=scroll><div class=rows>{names}{picture}<div class=times>{times}</div></div></div>"
        pieces.append(figure(content, _caption(contents, shown, index, view, onset)))
    if not pieces:
        return ""
    text = (
        "The episodes in which the dream loses most against what nothing but the last picture would give (by its mean over the "
        "episode), worst first, each in the view where it is farthest off. A red time is the first one shown at or after the dream strays."
    )
    return (
        f"<section class=gallery><h2>Where it goes wrong</h2><p class=explained>{text}</p>{''.join(pieces)}</section>"
    )


def _caption(contents: Contents, shown: Shown, index: int, view: int, onset: float | None) -> str:
    study = contents.study
    value = float(mean_known(study.by_episode(study.model, study.primary.name)[index]))
    told = [
        f"<b>{escape(shown.episode)}</b>{f', {escape(shown.note)}' if shown.note else ''}, {escape(study.views[view])}"
    ]
    told.append(f"mean {escape(study.primary.label)} {verdict.number(value)} {escape(study.primary.unit)}")
    if onset is not None and not np.isnan(onset):
        told.append("never strays" if np.isinf(onset) else f"strays after {verdict.seconds(float(onset))}")
    foretold, truth = study.foretold.get(study.model), study.success[index][np.isfinite(study.success[index])]
    if foretold is not None and len(truth) and np.isfinite(foretold[index]).any():
        says = foretold[index][np.isfinite(foretold[index])][-1]
        told.append(f"engine: {'success' if truth[-1] >= 0.5 else 'no success'}, dream gives it {says:.2f}")
    button = f' <button type=button class=to-film data-episode="{escape(shown.episode)}">see the film</button>'
    return "; ".join(told) + button


def _method(contents: Contents) -> str:
    told = (
        "Every dream begins at the same moment of the same engine episode and is told the way the body really took (open loop): the "
        "model sees nothing of the engine afterwards, unless it is said to begin anew every few moments. An episode is one "
        "observation; means have 95 % bootstrap intervals over episodes (BCa, 4,000 resamples, seeded, the same resamples for "
        "all horizons). “At every horizon up to …” tests the horizons in their order and stops at the first that is not decided, "
        "which needs no correction for their number; other rows and horizons are judged each by itself. A model strays at the "
        f"first horizon at which its dream is farther from the engine than {YARDSTICK}. Nothing is decided with fewer than six episodes."
    )
    facts = {name: value for name, value in contents.manifest.items() if name != "files"}
    return f"<section><h2>How it was done</h2><p>{told}</p>{document(facts)}</section>"
