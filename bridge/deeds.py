"""What a client wants done on the wire, in words that the sync and the asyncio client carry out."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar


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


@dataclass(frozen=True)
class Collect:
    """One request, many answers: all of them in a list."""

    method: str
    request: Any
    timeout_s: float


@dataclass(frozen=True)
class Exchange:
    """The next request and answer of the conversation of steps."""

    request: Any
    timeout_s: float


Deed = Unary | Upload | Collect | Exchange
T = TypeVar("T")
Talk = Generator[Deed, Any, T]
