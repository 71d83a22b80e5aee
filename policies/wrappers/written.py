"""Writes down what a policy perceived and decided, for replaying it and for learning from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from bridge.engine import Action
from bridge.observation import Observation
from policies.deeds import Deed, line
from policies.policy import Policy, report_of


class Written:
    """A Policy that adds a line to `path` for each decision of `inner`; `notes` says whether with what it perceived."""

    def __init__(self, inner: Policy, path: str | Path, *, notes: bool = True) -> None:
        self._inner, self._path, self._notes = inner, Path(path), notes
        self._file: TextIO | None = None

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode; its lines are added to those before."""
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        """The inner policy's action."""
        action = self._inner.act(observation)
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a", encoding="utf-8")
        notes = dict(observation.notes) if self._notes else {}
        self._file.write(line(Deed(observation.time_s, observation.agent, action, notes)))
        return action

    def report(self) -> Mapping[str, Any]:
        """What the inner policy counted."""
        return report_of(self._inner)

    def close(self) -> None:
        """Closes the file and the inner policy."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._inner.close()
