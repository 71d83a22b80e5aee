"""An episode: what was told to a world from its reset on, and what followed; frames stay in the recording.

Frames and units are those of bridge.types.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridge.engine import Actions, Change, EngineInfo
from bridge.types import WorldState


@dataclass(frozen=True, eq=False)
class Reset:
    """How an episode began. `seed` is None where nobody saw its reset: it can be shown, but not run again.

    `policies` names who acted, by agent; `state_hash` is None for engines that have none.
    """

    seed: int | None
    state: WorldState
    state_hash: int | None = None
    task: str = ""
    policies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Step:
    """What agents were told, for how many ticks, and the state after them."""

    actions: Actions
    ticks: int
    state: WorldState
    state_hash: int | None = None


@dataclass(frozen=True, eq=False)
class Edit:
    """What was changed between two ticks, and the state afterwards."""

    changes: Sequence[Change]
    state: WorldState
    state_hash: int | None = None


Event = Reset | Step | Edit


@dataclass(frozen=True, eq=False)
class Episode:
    """From one reset to the next. `is_whole` says whether every event is there up to the last one that is known of.

    `recording` is the file that holds the frames, and `first` the number of the episode's reset among its events.
    """

    scene_digest: str
    engine: EngineInfo
    begin: Reset
    events: tuple[Step | Edit, ...]
    is_whole: bool = True
    recording: Path | None = None
    first: int = 0

    @property
    def seed(self) -> int | None:
        """What the world was reset with."""
        return self.begin.seed

    @property
    def task(self) -> str:
        """What the agents were to do."""
        return self.begin.task

    @property
    def policies(self) -> Mapping[str, str]:
        """Who acted, by agent."""
        return self.begin.policies

    @property
    def ticks(self) -> int:
        """How long it lasted."""
        return self.states()[-1].tick - self.begin.state.tick

    def states(self) -> tuple[WorldState, ...]:
        """The state after the reset, and after each event."""
        return (self.begin.state, *(event.state for event in self.events))

    def __iter__(self) -> Iterator[Event]:
        yield self.begin
        yield from self.events
