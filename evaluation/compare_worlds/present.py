"""What a comparison leaves for people and programs: report.html, results.json, films and manifest.json."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bridge.errors import Unavailable
from evaluation import manifest
from evaluation.compare_worlds import films, verdict
from evaluation.compare_worlds.compare import STORE, Found
from evaluation.compare_worlds.dreams import clip_of, kept
from evaluation.compare_worlds.judged import judged
from evaluation.compare_worlds.page import Contents, Shown, write_page
from evaluation.compare_worlds.study import ALL, YARDSTICK, Study, agreement, curve, gain, onsets, plain, worst
from evaluation.judges.vlm import Config as VlmConfig
from world_models.views import FRAME_S

_WORST, _OTHERS = 4, 4
"""How many episodes are shown: those that went worst, and others spread from there to the best."""


@dataclass(frozen=True)
class Wishes:
    """How it was asked for: whether films are wanted, the command, how many processes, and what was left out and why."""

    films: bool = True
    command: Sequence[str] = ()
    workers: int = 1
    not_run: Sequence[str] = ()
    town: Mapping[str, Any] | None = None
    setting: str = ""
    vlm: VlmConfig | None = None


def present(
    found: Found, folder: Path, wishes: Wishes, failures: Sequence[Mapping[str, Any]], *, say: Callable[[str], None]
) -> dict[str, Any]:
    """Writes everything into the folder; the document of results.json. `say` hears what takes long."""
    study = found.study
    not_run = list(wishes.not_run)
    judges = judged(found, folder, wishes.vlm, say=say)
    results = _results(found, failures, not_run) | ({} if judges is None else {"judges": judges.document()})
    manifest.write(folder / "results.json", results)
    shown = _shown(found, folder)
    if wishes.films:
        try:
            _films(study, shown, folder / "films", say)
        except Unavailable as error:
            not_run.append(f"Films are missing. {error}")
            say(f"no films: {error}")
    title = f"{study.model} beside the engine: {study.task}"
    town = dict(wishes.town or {})
    facts = manifest.manifest(
        command=wishes.command, configuration=_configuration(found, wishes), town=town, folder=folder
    )
    contents = Contents(title, wishes.setting, study, shown, failures, not_run, facts, _notes(found), "" if judges is None else judges.html())  # fmt: skip
    write_page(folder / "report.html", contents)
    facts = manifest.manifest(
        command=wishes.command, configuration=_configuration(found, wishes), town=town, folder=folder
    )
    manifest.write(folder / "manifest.json", facts)
    return results


def _results(found: Found, failures: Sequence[Mapping[str, Any]], not_run: Sequence[str]) -> dict[str, Any]:
    """Everything that was concluded, as a JSON document."""
    study = found.study
    labels = list(study.values)
    rivals = [label for label in labels if label != YARDSTICK] if YARDSTICK in labels else []
    views = [ALL, *study.views] if len(study.views) > 1 else [ALL]

    def told(band: Any) -> dict[str, Any]:
        return {"mean": plain(band.mean), "low": plain(band.low), "high": plain(band.high), "n": band.n.tolist()}

    return {
        "schema": "simbridge/world-comparison@1",
        "verdict": verdict.headline(study),
        "findings": [asdict(one) for one in verdict.findings(study)],
        "task": study.task,
        "model": study.model,
        "dreamers": [asdict(one) for one in study.dreamers],
        "judged_by": study.primary.name,
        "measures": {one.name: asdict(one) for one in study.measures},
        "horizons_s": plain(study.horizons_s),
        "curves": {
            label: {
                one.name: {view: told(curve(study, label, one, view)) for view in (views if one.by_view else [ALL])}
                for one in study.measures
            }
            for label in labels
        },
        f"gains_over_{YARDSTICK}": {
            label: {one.name: told(gain(study, label, YARDSTICK, one)) for one in study.measures} for label in rivals
        },
        "strays_after_s": {
            label: dict(zip(study.episodes, plain(onsets(study, label)), strict=True)) for label in rivals
        },
        "success": {label: asdict(said) for label in labels if (said := agreement(study, label)) is not None},
        "frames_a_second": {label: _median(of) for label, of in study.speed.items()},
        "episodes": [
            {"episode": episode, "dreamer": dreamer, **record}
            for (episode, dreamer), record in found.records.items()
        ],
        "failures": list(failures),
        "not_run": list(not_run),
    }  # fmt: skip


def _shown(found: Found, folder: Path) -> list[Shown]:
    """The episodes that went worst in the model's dreams, then some others on the way to the best."""
    study, plan = found.study, found.plan
    if study.model not in study.values:
        return []
    order = worst(study, study.model, most=len(study.episodes))
    rest = order[_WORST:]
    others = (
        [rest[i] for i in np.unique(np.linspace(0, len(rest) - 1, min(_OTHERS, len(rest))).round().astype(int))]
        if rest
        else []
    )
    shown = []
    for index in (*order[:_WORST], *others):
        source = found.sources[index]
        clip = clip_of(replace(source, recording=""))
        dreams, names = {}, {}
        first = clip.seen.rgb[plan.seen - 1 : plan.seen]
        for label in study.values:
            record = found.records.get((source.name, label))
            if record is not None:
                names[label] = Path(record["file"]).stem
                dreams[label] = np.concatenate([first, kept(folder / "dreams" / record["file"])])
        many = len(dreams[study.model])
        truth = clip.seen.rgb[plan.seen - 1 : plan.seen - 1 + many]
        shown.append(Shown(source.name, clip.policy, truth, dreams, names))
    return shown


def _films(study: Study, shown: Sequence[Shown], folder: Path, say: Callable[[str], None]) -> None:
    """A film of every shown episode for the model and its variants; the page has all dreamers."""
    frame_s, filmed = FRAME_S[study.task], study.labelled("model", "variant")
    for one in shown:
        for label in (label for label in one.dreams if label in filmed):
            path = folder / f"{one.names[label]}.mp4"
            if path.exists():
                continue
            say(f"film: {path.name}")
            times_s = [0.0, *study.horizons_s[: len(one.truth) - 1].tolist()]
            draft = path.with_name(f".{path.name}.part.mp4")
            films.write_film(films.film_pictures(one.truth, one.dreams[label], ("engine", label), study.views, times_s), draft, frame_s=frame_s)  # fmt: skip
            draft.replace(path)


def _notes(found: Found) -> dict[str, str]:
    return {source.name: clip_of(replace(source, recording="")).policy for source in found.sources}


def _configuration(found: Found, wishes: Wishes) -> dict[str, Any]:
    plan = found.plan
    return {
        "task": plan.task,
        "moments seen": plan.seen,
        "horizon": plan.horizon,
        "keyframe every": plan.keyframe_every or "never",
        "ways of others given": plan.is_told_others,
        "dreamers": {
            mind.label: {
                "plug-in": mind.plugin, "weights": mind.weights or "none",
                **(plain_config(mind.config) if mind.config is not None else {}),
                **({"told that the body stays": True} if mind.stays else {}),
            }
            for mind in plan.minds
        },
        "episodes": len(found.sources),
        "frames a second": {label: _median(of) for label, of in found.study.speed.items()},
        "workers": wishes.workers,
        "rows": STORE,
    }  # fmt: skip


def _median(values: Any) -> float:
    known = values[np.isfinite(values)]
    return round(float(np.median(known)), 2) if len(known) else 0.0


def plain_config(config: Any) -> dict[str, Any]:
    """A plug-in's config as a JSON document."""
    if not is_dataclass(config) or isinstance(config, type):
        return {}
    return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(config).items()}
