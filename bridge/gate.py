"""How many calls may be under way at once: who has too many is refused, and everybody else is served as before."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from bridge.errors import OverQuota

HEALTH_CALLS = 64
"""Calls for health that one peer has under way at once; they are counted apart from all others."""


class Gate:
    """Counts calls by peer; lives on the event loop. `limit` is that of one peer, `total` that of all together."""

    def __init__(self, *, limit: int, total: int):
        self.limit, self.total = limit, total
        self._inside: Counter[tuple[str, bool]] = Counter()
        self._all = 0

    def __len__(self) -> int:
        """How many are inside, those for health as well."""
        return self._inside.total()

    @contextlib.contextmanager
    def passed(self, peer: str, *, is_health: bool) -> Iterator[None]:
        """A call from a peer, as gRPC names it. Raises OverQuota where it is one too many."""
        key = (_host(peer), is_health)
        limit = HEALTH_CALLS if is_health else self.limit
        if self._inside[key] >= limit:
            raise OverQuota(f"{limit} calls from {key[0]} are under way; this server takes no more at once. End some.")
        if not is_health and self._all >= self.total:
            raise OverQuota(f"{self.total} calls are under way; this server takes no more at once. Try again later.")
        self._inside[key] += 1
        self._all += not is_health
        try:
            yield
        finally:
            self._all -= not is_health
            self._inside[key] -= 1
            if not self._inside[key]:
                del self._inside[key]


def _host(peer: str) -> str:
    """The computer of a peer: "ipv4:192.0.2.1:4711" without its port; all who use a Unix socket are one."""
    return peer.rpartition(":")[0] if peer.startswith(("ipv4:", "ipv6:")) else peer.partition(":")[0]
