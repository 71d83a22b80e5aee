"""What a ranking leaves for people and programs: report.html, results.json and manifest.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge.scene import Scene
from evaluation import manifest, rank_words
from evaluation.rank import STORE, Ranking
from evaluation.rank_report import Page, write_page
from evaluation.rank_trial import RankTrial
from evaluation.trial import plain

_VALUES = {"manipulate": "Success rate", "drive": "Drive score"}


def present(
    ranking: Ranking,
    results: Mapping[str, Any],
    pattern: RankTrial,
    folder: Path,
    scene: Scene,
    *,
    command: Sequence[str],
    workers: int,
) -> dict[str, Any]:
    """Writes everything into the folder; the document of results.json, with the verdict and findings in words."""
    document = {
        "verdict": rank_words.headline(results, pattern.model),
        "findings": rank_words.findings(results),
        "task": pattern.task,
        "world_model": pattern.model,
        **results,
        "tables": {"engine": ranking.real.tolist(), "dream": ranking.model.tolist()}
        | ({"head": ranking.head.tolist()} if ranking.head is not None else {}),
    }
    manifest.write(folder / "results.json", document)
    facts = _facts(ranking, pattern, folder, scene, command, workers)
    lasts_s = pattern.frames * pattern.frame_s
    walls = {
        world: [row["wall_s"] for row in ranking.records if row["world"] == world] for world in ("engine", "dream")
    }
    each = {world: sum(values) / len(values) for world, values in walls.items()}
    setting = (
        f"{len(ranking.labels)} policies on {len(ranking.seeds)} seeds each, {lasts_s:g} s at most ({pattern.frames} frames of {pattern.frame_s:g} s), on "
        f"engine {pattern.engine} ({each['engine']:.2f} s an episode) and in dreams of {pattern.model} ({each['dream']:.2f} s an episode)."
    )
    write_page(
        folder / "report.html",
        Page(
            f"{pattern.model} beside the engine: {pattern.task} in {scene.name}", pattern.model, _VALUES[pattern.task], setting, document, facts,
        ),
    )  # fmt: skip
    manifest.write(folder / "manifest.json", _facts(ranking, pattern, folder, scene, command, workers))
    return document


def _facts(
    ranking: Ranking, pattern: RankTrial, folder: Path, scene: Scene, command: Sequence[str], workers: int
) -> dict[str, Any]:
    configuration = {
        "task": pattern.task, "task_config": pattern.task_config, "frames": pattern.frames, "frame_s": pattern.frame_s,
        "engine": pattern.engine, "engine_config": pattern.engine_config, "world_model": pattern.model,
        "world_model_config": pattern.model_config, "weights": pattern.weights, "dream": pattern.dream,
        "policies": dict(ranking.words), "seeds": list(ranking.seeds), "workers": workers,
        "episodes": {"finished": len(ranking.records), "failed": len(ranking.failures)}, "rows": STORE,
    }  # fmt: skip
    town = {"folder": pattern.town, "name": scene.name, "digest": scene.digest(), "prompt": scene.provenance.prompt, "seed": scene.provenance.seed}  # fmt: skip
    told = json.loads(json.dumps(configuration, default=plain))
    return manifest.manifest(command=command, configuration=told, town=town, folder=folder)
