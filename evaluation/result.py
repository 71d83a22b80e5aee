"""What is left of an episode: a row of numbers for each agent, what happened when, where everybody went, and hashes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Happening:
    """Something that happened to an agent, or ("") to all: `kind` in a word, `details` as a JSON document."""

    time_s: float
    agent: str
    kind: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class EpisodeResult:
    """One episode. `rows` holds by agent what the task said last and what the rollout counted (see `COUNTED`).

    `events` are in order of time; `traces` by agent (k,3): time [s], x and y [m], thinned. `ended` says why it ended:
    "over" (for all agents), "time" or "engine" (it failed; `failure` says how). `state_hash` is the engine's last.
    `reports` are what policies counted themselves, by agent: calls, tokens, cost, fallbacks of a language model.
    Seconds of wall clock and CPU differ from run to run, everything else but reports is the same for the same seeds.
    """

    scene: str
    scene_digest: str
    task: str
    engine: str
    seed: int
    policies: Mapping[str, str]
    ticks: int
    simulated_s: float
    rows: Mapping[str, Mapping[str, Any]]
    events: tuple[Happening, ...]
    traces: Mapping[str, NDArray[np.float64]]
    ended: str
    failure: str
    state_hash: int
    wall_s: float
    cpu_s: float
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def digest(self) -> str:
        """The same for two runs that went the same way, wherever the engine ran."""
        told = [[e.time_s, e.agent, e.kind, e.details] for e in self.events]
        text = json.dumps([self.scene_digest, self.seed, self.ticks, self.rows, told], sort_keys=True, default=_plain)
        hasher = hashlib.sha256(text.encode())
        for name, trace in sorted(self.traces.items()):
            hasher.update(name.encode() + np.ascontiguousarray(trace).tobytes())
        return hasher.hexdigest()[:16]

    def document(self) -> dict[str, Any]:
        """All of it as a JSON document."""
        told = [{"time_s": e.time_s, "agent": e.agent, "kind": e.kind, **e.details} for e in self.events]
        document = {
            "scene": self.scene, "scene_digest": self.scene_digest, "task": self.task, "engine": self.engine,
            "seed": self.seed, "policies": dict(self.policies), "ticks": self.ticks, "simulated_s": self.simulated_s,
            "ended": self.ended, "failure": self.failure, "digest": self.digest(),
            "state_hash": f"{self.state_hash:016x}", "wall_s": round(self.wall_s, 3), "cpu_s": round(self.cpu_s, 3),
            "rows": self.rows, "reports": self.reports, "events": told,
            "traces": {name: np.round(trace, 2).tolist() for name, trace in self.traces.items()},
        }  # fmt: skip
        return json.loads(json.dumps(document, default=_plain))


COUNTED = {
    "reward": "the task's rewards, added up",
    "terminated": "whether the task was over for the agent",
    "truncated": "whether its time was",
    "moved_m": "the way it made, on foot or riding [m]",
    "decisions": "how often its policy was asked",
    "refused": "decisions that the task, control or the engine refused",
    "skills_failed": "skills begun that came to nothing",
    "mind_errors": "decisions that ended in an exception of the policy",
    "mind_timeouts": "decisions that did not come in time",
}
"""What the rollout adds to every row."""


def _plain(value: Any) -> Any:
    """NumPy's numbers, sets and tuples as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
