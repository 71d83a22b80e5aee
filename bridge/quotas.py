"""How much one server gives: the numbers that every request is held against before anything is allocated."""

from dataclasses import dataclass

from bridge.errors import OverQuota


@dataclass(frozen=True)
class Quotas:
    """Limits of a server. `pixels` is that of one call: cameras times modalities times width times height."""

    request_bytes: int = 64 << 20
    upload_bytes: int = 1 << 30
    pixels: int = 1 << 25
    agents: int = 1024
    instances: int = 200_000
    ticks: int = 100_000
    changes: int = 10_000
    sessions: int = 64
    commands: int = 256
    """Commands that wait for the engine at once."""
    calls: int = 512
    """Calls that one peer (a computer, by its address) has under way at once."""
    all_calls: int = 2048
    """The same for all peers together. Calls for health are counted apart, so that they are answered all the same."""


def check(found: int, limit: int, what: str, path: str) -> None:
    """Raises OverQuota when more is asked for than is given."""
    if found > limit:
        raise OverQuota(
            f"{path}: {found:,} {what}; this server gives at most {limit:,} a call. Ask for less at a time."
        )
