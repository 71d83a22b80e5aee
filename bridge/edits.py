"""What edits have made of a scene since its reset: for whoever comes to a world that somebody else edits."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bridge.engine import Change, Hide, Move, Paint, Remove, Resize, Spawn, Weather
from bridge.scene import Instance


@dataclass(eq=False)
class ByOthers:
    """What was done at the engine by others than the server's clients: with which `changes`, in their order.

    `have_reset`: before that they began the world anew, as a reset does.
    """

    have_reset: bool = False
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Edits:
    """How a world differs from the scene that was loaded, at one `epoch` and `revision` (see bridge.types.WorldState).

    `changes`, made in their order on the scene as it was loaded, lead to what it is now; bodies that a state names are
    where the state says. `weather` is whole: weather and hour as they are now, whoever made them. `instances` are what
    label images show besides what the scene began with: all that was spawned, what is gone again included.
    """

    changes: tuple[Change, ...]
    weather: Weather
    epoch: int = 0
    revision: int = 0
    instances: tuple[Instance, ...] = ()


class Ledger:
    """Keeps the sum of all batches of changes: as long as what differs, however often it was changed."""

    def __init__(self) -> None:
        self._removed: dict[str, Remove] = {}
        self._spawned: dict[str, Spawn] = {}
        self._moved: dict[str, Move] = {}
        self._resized: dict[str, Resize] = {}
        self._hidden: dict[str, Hide] = {}
        self._painted: dict[str, Paint] = {}
        self.rows: dict[str, str] = {}
        """Everything that was ever spawned, with its asset, in the order in which label images number it."""
        self.weather = Weather()
        """The last that was said of each of its fields."""

    def take(self, changes: Sequence[Change]) -> None:
        """Adds a batch that was made."""
        fresh: dict[str, str] = {}
        for change in changes:
            match change:
                case Spawn(name):
                    self._spawned[name] = change
                    fresh[name] = change.asset
                case Move(name, pose) if name in self._spawned:
                    self._spawned[name] = replace(self._spawned[name], pose=pose)
                case Move(name):
                    self._moved[name] = change
                case Resize(name, scale) if name in self._spawned:
                    self._spawned[name] = replace(self._spawned[name], scale=scale)
                case Resize(name):
                    self._resized[name] = change
                case Hide(name, True):
                    self._hidden[name] = change
                case Hide(name):
                    self._hidden.pop(name, None)
                case Paint(name):
                    self._painted[name] = change
                case Remove(name):
                    fresh.pop(name, None)
                    self._moved.pop(name, None)
                    for said in (self._resized, self._hidden, self._painted):
                        said.pop(name, None)
                    if self._spawned.pop(name, None) is None:
                        self._removed[name] = change
                case Weather():
                    said = {key: value for key, value in vars(change).items() if value is not None}
                    self.weather = replace(self.weather, **said)
        for name, asset in fresh.items():
            self.rows.setdefault(name, asset)

    def changes(self) -> tuple[Change, ...]:
        """The sum, in an order in which it can be made."""
        of_things = (self._removed, self._spawned, self._moved, self._resized, self._hidden, self._painted)
        sky = () if self.weather == Weather() else (self.weather,)
        return (*(change for changes in of_things for change in changes.values()), *sky)
