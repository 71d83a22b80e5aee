"""A trial: one policy on one seed of one task in one town on one engine; what it is known by, and how it is run."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bridge.digest import digest
from bridge.errors import EngineFailed, InvalidInput
from bridge.plugins import load


@dataclass(frozen=True)
class Trial:
    """Everything that decides how an episode goes, and where it is kept.

    All agents have the policy; or, against a `rival`, every second one, and the others have the rival's: then the rows of
    the policy's own agents alone are kept, and the seed says whether they are the first, third ... or the second, fourth ...
    of all agents. `town` "" is the task's own place, or the hamlet. Configs are those of the plug-ins, None for one as it
    is. `hours` None lets the task say when it is over; `vehicles` and `pedestrians` are ambient
    life. `folder` gets the episode's document, and its recording if `is_recorded`; neither is part of what it is.
    """

    town: str
    town_digest: str
    task: str
    policy: str
    seed: int
    engine: str = "embedded"
    task_config: Any = None
    policy_config: Any = None
    engine_config: Any = None
    hours: float | None = None
    vehicles: int = 0
    pedestrians: int = 0
    folder: str = ""
    is_recorded: bool = False
    rival: str = ""
    rival_config: Any = None

    @property
    def key(self) -> str:
        """The same for two trials that are the same episode, wherever the town and the results lie."""
        told = {name: value for name, value in self.document().items() if name != "town"}
        return digest(told)[:24]

    def document(self) -> dict[str, Any]:
        """What decides how it goes, as a JSON document; configs whole, with what was left as it is."""
        told = {item.name: getattr(self, item.name) for item in fields(self)}
        del told["folder"], told["is_recorded"]
        parts = [("bridge.tasks", "task"), ("policies", "policy"), ("bridge.engines", "engine"), ("policies", "rival")]
        if not self.rival:
            del told["rival"], told["rival_config"]
            parts.pop()
        for room, what in parts:
            told[f"{what}_config"] = _config(room, told[what], what, told[f"{what}_config"])
        return json.loads(json.dumps(told, sort_keys=True, default=plain))

    @property
    def label(self) -> str:
        """What its policy is called in results: the last part of a dotted name."""
        return self.policy.rpartition(".")[2]

    @property
    def name(self) -> str:
        """Its file name, without suffix."""
        return f"{self.label}-seed-{self.seed}-{self.key[:8]}"

    def own(self, agents: Sequence[str]) -> tuple[str, ...]:
        """Those of the agents that have the policy: all, or against a rival every second one. Raises InvalidInput where
        that is nobody, or all.
        """
        if not self.rival:
            return tuple(agents)
        if len(agents) < 2:
            raise InvalidInput(
                f"The task '{self.task}' has {len(agents)} agent here, too few for two policies in one episode. "
                "Ask for more agents, or leave out --against."
            )
        return tuple(agents[self.seed % 2 :: 2])


def run(trial: Trial) -> dict[str, Any]:
    """Runs a trial's episode and writes its document; what the store keeps of it.

    The town, and an engine that holds it, are kept for the next trial in the same process. Raises EngineFailed where the
    engine gave up on the way, and whatever loading and setting up raise.
    """
    from evaluation.rollout import Life, rollout

    at_home = None if trial.town else (trial.task, trial.task_config)
    scene, town, engine, _ = world(trial.town, trial.town_digest, trial.engine, trial.engine_config, at_home)
    task = made("bridge.tasks", trial.task, "task", trial.task_config)
    path = Path(trial.folder) / f"{trial.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    recording = path.with_suffix(".mcap") if trial.is_recorded else None
    if recording is not None:
        recording.unlink(missing_ok=True)  # left by an attempt that did not end
    agents, own = task.agents(scene), trial.own(task.agents(scene))
    policies = {agent: trial.policy if agent in own else trial.rival for agent in agents}
    configs = {agent: trial.policy_config if agent in own else trial.rival_config for agent in agents}
    life = Life(trial.vehicles, trial.pedestrians) if trial.vehicles + trial.pedestrians else None
    try:
        result = rollout(
            task, scene, engine, {agent: made("policies", name, "policy", configs[agent]) for agent, name in policies.items()},
            seed=trial.seed, ambient=life, hours=trial.hours, record=recording, town=town,
            names=policies,
        )  # fmt: skip
    except BaseException:
        world.cache_clear()
        engine.close()
        raise
    if result.ended == "engine":
        world.cache_clear()
        engine.close()
        raise EngineFailed(f"At {result.simulated_s:.1f} s of the episode: {result.failure}")
    document = result.document()
    _write(path, document)
    kept = ("rows", "ended", "simulated_s", "wall_s", "cpu_s", "digest", "state_hash")
    return {
        **{name: document[name] for name in kept},
        "rows": compared_rows(document["rows"], own),
        "file": path.name,
        "recording": recording.name if recording is not None else "",
    }


def compared_rows(rows: Mapping[str, Mapping[str, Any]], own: Sequence[str]) -> dict[str, Any]:
    """The rows of those who have the policy; where others earn in the same market, with how much more one earned than they."""
    kept, others = {agent: rows[agent] for agent in own}, [row for agent, row in rows.items() if agent not in own]
    if not others or not all("profit" in row for row in rows.values()):
        return kept
    theirs = sum(row["profit"] for row in others) / len(others)
    return {agent: {**row, "lead": round(row["profit"] - theirs, 6)} for agent, row in kept.items()}


@lru_cache(maxsize=1)
def world(
    town: str, town_digest: str, engine: str, engine_config: Any, at_home: tuple[str, Any] | None
) -> tuple[Any, Any, Any, Any]:
    """The scene (without a town: where the task, by name and config, is `at_home`), what is known of its ways, an engine that has loaded it, and what that said of it; checked to be the one that was meant."""
    from bridge.control import Town
    from bridge.formats.scene_folder import read_scene
    from bridge.tasks.default_town import scene_for

    scene = scene_for(made("bridge.tasks", at_home[0], "task", at_home[1])) if at_home else read_scene(Path(town))
    if scene.digest() != town_digest:
        raise InvalidInput(
            f"{town or 'The place of the task'} changed while it was evaluated: its digest was {town_digest[:12]} and is {scene.digest()[:12]}. "
            "Start again with the town as it is now."
        )
    opened = made("bridge.engines", engine, "engine", engine_config)
    try:
        loaded = opened.load(scene)
        return scene, Town(scene), opened, loaded
    except BaseException:
        opened.close()
        raise


def made(room: str, name: str, what: str, config: Any) -> Any:
    """What a plug-in makes of its config, or of the usual one. Raises UnknownName."""
    module = load(room, name, what=what)
    return module.make(module.Config() if config is None else config)


def _config(room: str, name: str, what: str, config: Any) -> Any:
    return load(room, name, what=what).Config() if config is None else config


def plain(value: Any) -> Any:
    """Configs and what is in them, as JSON has them."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _write(path: Path, document: Any) -> None:
    """All of a document or nothing."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    os.replace(draft, path)
