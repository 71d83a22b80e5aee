"""What a client wants done on the wire, in words that the sync and the asyncio client carry out."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


@dataclass(frozen=True)
class Unary:
    """One request, one answer."""

    method: str
    request: Any
    timeout_s: float
    waits_for_server: bool = False


@dataclass(frozen=True)
class Upload:
    """Many requests, one answer."""

    method: str
    requests: Iterable[Any]
    timeout_s: float


class TakesFrames(Protocol):
    """Who makes frames of the parts that answers have them in, while the answer comes. It raises nothing."""

    def begin(self) -> None:
        """An answer begins, or another attempt at it: what was taken before is void."""
        ...

    def take(self, part: Any) -> None:
        """The next FramePart."""
        ...


@dataclass(frozen=True)
class Look:
    """One ObserveRequest; the frames of its answers are all that they have, and `frames` are told of them."""

    request: Any
    timeout_s: float
    frames: TakesFrames


@dataclass(frozen=True)
class Exchange:
    """The next request and answer of the conversation of steps. `frames` are told of those in the answer, if there are any."""

    request: Any
    timeout_s: float
    frames: TakesFrames | None = None


Deed = Unary | Upload | Look | Exchange
T = TypeVar("T")
Talk = Generator[Deed, Any, T]
