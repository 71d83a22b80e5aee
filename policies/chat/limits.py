"""When a model is not asked: its budget is spent, or its server has failed so often that it is left alone for a while."""

from dataclasses import dataclass

from policies.chat.config import Config
from policies.chat.tally import Tally

_LONGEST = 20.0
"""How many times the first pause the longest is."""


def spent(config: Config, tally: Tally) -> str:
    """Which budget of an episode is used up: "calls", "tokens", "cost" or "lost time"; "" while there is some left."""
    if tally.calls >= config.most_calls:
        return "calls"
    if tally.prompt_tokens + tally.completion_tokens >= config.most_tokens:
        return "tokens"
    if config.most_cost is not None and tally.cost >= config.most_cost:
        return "cost"
    return "lost time" if tally.lost_s >= config.most_lost_s else ""


@dataclass
class Breaker:
    """A circuit breaker on simulated time: the same failures at the same moments give the same pauses.

    After `after` failures in a row it opens for `pause_s`; then one attempt is let through, and each that fails doubles
    the pause. A server that names a time itself (`retry_after_s`) is left alone that long at least.
    """

    after: int
    pause_s: float
    failures: int = 0
    opened: int = 0
    closed_until_s: float = float("-inf")

    def lets_through(self, now_s: float) -> bool:
        """Whether to ask at this simulated time."""
        return now_s >= self.closed_until_s

    def succeeded(self) -> None:
        """The server answered."""
        self.failures = 0
        self.opened = 0

    def failed(self, now_s: float, *, retry_after_s: float = 0.0) -> None:
        """There was no answer to be had."""
        self.failures += 1
        pause_s = retry_after_s
        if self.failures >= self.after:
            pause_s = max(pause_s, self.pause_s * min(2.0**self.opened, _LONGEST))
            self.opened += 1
        if pause_s > 0:
            self.closed_until_s = now_s + min(pause_s, self.pause_s * _LONGEST)
