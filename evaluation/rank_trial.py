"""One policy on one seed, on the engine or in a dream of it that begins at the same first moment: what it is known by, and how it went."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Literal

from bridge.control import Town
from bridge.control.seeds import stream
from bridge.digest import digest
from bridge.errors import EngineFailed, InvalidInput
from bridge.tasks.default_town import scene_for
from bridge.tasks.task import PlacedTask
from evaluation.rollout import rollout
from evaluation.trial import made, plain

World = Literal["engine", "dream"]
PULLS_AWAY_M_S2, STREET_M_S = 1.4, 5.6
"""How a calm driver pulls away, and 20 km/h: what the way of a drive is held against."""


@dataclass(frozen=True)
class RankTrial:
    """Everything that decides how an episode goes. `label` is what its policy is called; configs are those of the plug-ins.

    Both worlds end after `frames` of `frame_s`. In the "dream" `model` imagines what follows the first moment; `weights` says
    which it has learned. `town` is the folder of a scene, "" the task's own place or the hamlet.
    """

    world: World
    label: str
    policy: str
    policy_config: Any
    seed: int
    task: str
    task_config: Any
    town: str
    town_digest: str
    frames: int
    frame_s: float
    engine: str = "embedded"
    engine_config: Any = None
    model: str = ""
    model_config: Any = None
    weights: str = ""
    dream: Any = None

    @property
    def key(self) -> str:
        """The same for two trials that are the same episode; an episode of the engine does not depend on the model."""
        told = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("town", "label")}
        if self.world == "engine":
            told = {name: value for name, value in told.items() if name not in ("model", "model_config", "weights", "dream")}  # fmt: skip
        return digest(json.loads(json.dumps(told, sort_keys=True, default=plain)))[:24]


def run(trial: RankTrial) -> dict[str, Any]:
    """Runs a trial's episode: `value` is the verdict by state, 0 to 1, `head` the model's own where it has one.

    Scene, engine and model stay for the next trial in the same process. Raises EngineFailed where either gave up on the way.
    """
    task, scene, town, engine = _opened(replace(trial, label="", policy="", policy_config=None, seed=0))
    (agent,) = task.agents(scene)
    if trial.world == "dream" and isinstance(task, PlacedTask):
        engine.instruction = task.setup(scene, stream(trial.seed, "task"))[2].get(agent, "")
    begun_s = time.perf_counter()
    try:
        result = rollout(
            task, scene, engine, {agent: made("policies", trial.policy, "policy", trial.policy_config)}, seed=trial.seed,
            town=town, names={agent: trial.label},
        )  # fmt: skip
    except BaseException:
        _opened.cache_clear()
        engine.close()
        raise
    if result.ended == "engine":
        _opened.cache_clear()
        engine.close()
        raise EngineFailed(f"At {result.simulated_s:.1f} s of the episode: {result.failure}")
    row = result.rows[agent]
    film = engine.film if trial.world == "dream" else ()
    heads = [shot.success for shot in film if shot.success is not None]
    trusts = [shot.trust for shot in film if shot.trust is not None]
    return {
        "value": value_of(trial.task, row, trial.frames * trial.frame_s),
        "head": max(heads) if heads else None,
        "trust": sum(trusts) / len(trusts) if trusts else None,
        "imagined": sum(not shot.is_seen for shot in film),
        "simulated_s": result.simulated_s,
        "wall_s": round(time.perf_counter() - begun_s, 3),
        "errors": row.get("mind_errors", 0) + row.get("mind_timeouts", 0),
    }


def value_of(task: str, row: Mapping[str, Any], lasts_s: float) -> float:
    """How well it went, 0 to 1. manipulate: whether the errand was done. drive: the way made along the route, as a share of what one
    makes who pulls away calmly and keeps 20 km/h, at most 1; times what infractions leave, and the share of the way on its lane.

    Penalties are the task's (bridge.tasks.drive.config). Raises InvalidInput for other tasks.
    """
    if task == "manipulate":
        return float(bool(row.get("success", False)))
    if task == "drive":
        done = float(row["progress"])
        way_m = float(row["left_m"]) * done / (1.0 - done) if done < 1.0 else float("inf")
        astray = (float(row["off_road_m"]) + float(row["wrong_lane_m"])) / max(float(row["driven_m"]), 1.0)
        return min(way_m / usual_way_m(lasts_s), 1.0) * float(row["penalty"]) * (1.0 - min(astray, 1.0))
    raise InvalidInput(
        f"The task '{task}' has no verdict that a dream could give. Rank policies of 'manipulate' or 'drive'."
    )


def usual_way_m(lasts_s: float) -> float:
    """The way from standstill [m] of who pulls away calmly and keeps 20 km/h."""
    pulls_s = min(STREET_M_S / PULLS_AWAY_M_S2, lasts_s)
    return 0.5 * PULLS_AWAY_M_S2 * pulls_s**2 + STREET_M_S * (lasts_s - pulls_s)


def limited(task: str, config: Any, lasts_s: float) -> Any:
    """The task's config with episodes that end after so long. Raises InvalidInput for tasks that cannot be ranked."""
    if task == "manipulate":
        return replace(config, limit_s=lasts_s)
    if task == "drive":
        return replace(config, spare_s=lasts_s, slow_m_s=1e9)
    raise InvalidInput(f"The task '{task}' cannot be dreamt. Rank policies of 'manipulate' or 'drive'.")


@lru_cache(maxsize=2)
def _opened(trial: RankTrial) -> tuple[Any, Any, Any, Any]:
    """The task, the scene, what is known of its ways, and an engine or a dream that has loaded it; whoever acts, on any seed."""
    task = made("bridge.tasks", trial.task, "task", trial.task_config)
    scene = scene_for(task, trial.town or None)
    if scene.digest() != trial.town_digest:
        raise InvalidInput(
            f"{trial.town or 'The place of the task'} changed meanwhile: its digest was {trial.town_digest[:12]} and is "
            f"{scene.digest()[:12]}. Start again with the town as it is now."
        )
    engine = made("bridge.engines", trial.engine, "engine", trial.engine_config)
    try:
        if trial.world == "dream":
            from world_models.dream import DreamEngine

            model = made("world_models", trial.model, "world model", trial.model_config)
            (agent,) = task.agents(scene)
            engine = DreamEngine(engine, model, agent, settings=trial.dream)
        engine.load(scene)
        return task, scene, Town(scene), engine
    except BaseException:
        engine.close()
        raise
