"""What an evaluation leaves for people and programs: report.html, results.json, films and manifest.json."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bridge.errors import RendererUnavailable, Unavailable
from bridge.scene import Scene
from evaluation import manifest, words
from evaluation.evaluate import STORE, Evaluation
from evaluation.maps import town_map
from evaluation.report import Contents, Shown, write_report

Say = Callable[[str], None]
_FOLLOW_S, _STILLS = 16.0, 4


@dataclass(frozen=True)
class Wishes:
    """What is wanted beside the numbers, and how it was asked for; `map_s` is how long a film of the map lasts."""

    films: Literal["all", "map", "none"] = "all"
    map_s: float = 24.0
    command: Sequence[str] = ()
    workers: int = 1


def present(found: Evaluation, folder: Path, scene: Scene, wishes: Wishes, *, say: Say) -> dict[str, Any]:
    """Writes everything into the folder; the document of results.json. `say` hears what takes long."""
    results = _results(found)
    manifest.write(folder / "results.json", results)
    documents = _documents(found, folder / "episodes")
    notes: list[str] = []
    shown = [
        Shown(
            policy,
            document["seed"],
            {a: np.asarray(t, dtype=np.float64).reshape(-1, 3) for a, t in document["traces"].items()},
            *_pictures(found, policy, document, folder, scene, wishes, notes, say),
        )
        for policy, document in documents.items()
    ]
    ways = [trace[:, 1:3] for one in shown for trace in one.traces.values()]
    facts = _facts(found, folder, scene, wishes)
    trial = found.trials[0]
    seeds = sorted({one.seed for one in found.trials})
    title = f"{trial.task.capitalize()} in {scene.name}"
    contents = Contents(
        title, _setting(found, len(seeds), documents), found.comparison, found.records, found.failures, facts,
        town_map(scene, around=ways) if shown else None, shown, tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    write_report(folder / "report.html", contents)
    manifest.write(folder / "manifest.json", _facts(found, folder, scene, wishes))
    return results


def _results(found: Evaluation) -> dict[str, Any]:
    """Everything that was concluded, as a JSON document."""
    comparison = found.comparison
    return {
        "schema": "simbridge/evaluation-results@1",
        "verdict": words.headline(comparison),
        "findings": words.findings(comparison),
        "rank_by": comparison.primary.name if comparison.metrics else "",
        "ranking": list(comparison.ranking),
        "metrics": {metric.name: asdict(metric) for metric in comparison.metrics},
        "estimates": {
            policy: {name: asdict(estimate) for name, estimate in of.items()}
            for policy, of in comparison.estimates.items()
        },
        "pairs": [{**asdict(pair), "is_decided": pair.is_decided} for pair in comparison.pairs],
        "episodes": [
            {
                **record,
                "measures": {m.name: v for m in comparison.metrics if (v := _value(found, record, m.name)) is not None},
            }
            for record in found.records
        ],
        "failures": list(found.failures),
    }


def _value(found: Evaluation, record: Mapping[str, Any], metric: str) -> float | None:
    return found.comparison.values[record["policy"]][metric].get(record["seed"])


def _documents(found: Evaluation, folder: Path) -> dict[str, Any]:
    """By policy the document of one episode, all of the first seed that every policy has finished, else its own first."""
    by_policy: dict[str, dict[int, Mapping[str, Any]]] = {}
    for record in found.records:
        by_policy.setdefault(record["policy"], {})[record["seed"]] = record
    common = sorted(set.intersection(*map(set, by_policy.values()))) if by_policy else []
    chosen = {policy: records[common[0] if common else min(records)] for policy, records in by_policy.items()}
    return {
        policy: json.loads((folder / record["file"]).read_text(encoding="utf-8")) | {"recording": record["recording"]}
        for policy, record in chosen.items()
        if record.get("file")
    }


def _pictures(
    found: Evaluation, policy: str, document: Mapping[str, Any], folder: Path, scene: Scene, wishes: Wishes, notes: list[str],
    say: Say,
) -> tuple[list[tuple[Path, str]], list[tuple[Path, str]]]:  # fmt: skip
    """Films and stills of an episode, with what they show; what is missing for one is noted."""
    from evaluation.films import FPS, follow_film, follow_pictures, keep_poster, map_film

    if wishes.films == "none":
        return [], []
    films: list[tuple[Path, str]] = []
    stills: list[tuple[Path, str]] = []
    videos, seed = folder / "videos", document["seed"]
    try:
        say(f"film of {policy}, seed {seed}: map")
        path = videos / f"{policy}-seed-{seed}-map.mp4"
        map_film(scene, document, path, lasts_s=wishes.map_s)
        keep_poster(path)
        films.append((path, f"{policy}, seed {seed}: the whole episode from above."))
        is_best = found.comparison.ranking[:1] == (policy,)
        if wishes.films == "all" and is_best and document["recording"]:
            say(f"film of {policy}, seed {seed}: camera")
            recording = folder / "episodes" / document["recording"]
            agent, from_s = _moment(document)
            path = videos / f"{policy}-seed-{seed}-{agent}.mp4"
            follow_film(recording, agent, path, from_s=from_s, lasts_s=_FOLLOW_S)
            keep_poster(path)
            films.append((path, f"{agent} with {policy}, seed {seed}, from {from_s:.0f} s on, as fast as it went."))
            step_s = max((float(document["simulated_s"]) - from_s) / _STILLS, 0.05)
            taken = follow_pictures(recording, agent, from_s=from_s, lasts_s=_STILLS / FPS, speed=step_s * FPS)
            for number, seen in enumerate(taken):
                stills.append(
                    (_still(videos, agent, policy, number, seen.rgb), f"{agent} with {policy} at {seen.time_s:.0f} s")
                )
    except (Unavailable, RendererUnavailable) as error:
        notes.append(f"Some films are missing. {error}")
        say(f"no film: {error}")
    return films, stills


def _still(folder: Path, agent: str, policy: str, number: int, rgb: Any) -> Path:
    from PIL import Image

    path = folder / f"{policy}-{agent}-{number}.jpg"
    Image.fromarray(rgb).save(path, quality=84)
    return path


def _moment(document: Mapping[str, Any]) -> tuple[str, float]:
    """Whom to follow and from when [s]: the agent that most happens to, or that goes farthest, a little before the first."""
    happened = [
        event for event in document["events"] if event["agent"] in document["traces"] and event["kind"] != "refused"
    ]
    traces = {agent: np.asarray(trace).reshape(-1, 3) for agent, trace in document["traces"].items()}

    def worth(agent: str) -> tuple[int, float]:
        way = traces[agent][:, 1:3]
        return sum(e["agent"] == agent for e in happened), float(np.hypot(*np.diff(way, axis=0).T).sum())

    agent = max(sorted(traces), key=worth)
    way = traces[agent]
    moving = np.flatnonzero(np.hypot(*np.diff(way[:, 1:3], axis=0).T) > 0.3)
    start_s = float(way[moving[0], 0]) if len(moving) else 0.0
    return agent, max(start_s - float(way[0, 0]) - 1.0, 0.0)


def _setting(found: Evaluation, seeds: int, documents: Mapping[str, Any]) -> str:
    trial = found.trials[0]
    document = next(iter(documents.values()), None)
    agents = f"{len(document['rows'])} agents for {document['simulated_s'] / 60:.0f} min" if document else "no episode"
    told = f"{seeds} seed{'s' * (seeds != 1)}, {agents} each, on engine {document['engine'] if document else trial.engine}; "
    if trial.rival:
        told += f"half of the agents each are {trial.rival}'s, and the others are compared; "
    return (
        told
        + f"{trial.vehicles} vehicles and {trial.pedestrians} pedestrians besides. Every policy had the same seeds."
    )


def _facts(found: Evaluation, folder: Path, scene: Scene, wishes: Wishes) -> dict[str, Any]:
    trial = found.trials[0].document()
    policies = {one.label: one.document()["policy_config"] for one in {t.label: t for t in found.trials}.values()}
    configuration = {
        **{name: value for name, value in trial.items() if not name.startswith("policy") and name not in ("town", "seed", "town_digest")},
        "policies": policies,
        "seeds": sorted({one.seed for one in found.trials}),
        "workers": wishes.workers,
        "episodes": {"asked for": len(found.trials), "finished": len(found.records), "failed": len(found.failures)},
        "rows": STORE,
    }  # fmt: skip
    town = {
        "folder": trial["town"], "name": scene.name, "digest": scene.digest(), "prompt": scene.provenance.prompt,
        "seed": scene.provenance.seed, "planner": scene.provenance.planner,
    }  # fmt: skip
    return manifest.manifest(command=wishes.command, configuration=configuration, town=town, folder=folder)
