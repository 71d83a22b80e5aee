"""What a language model did and cost in one episode, counted."""

from dataclasses import asdict, dataclass, field


@dataclass
class Tally:
    """Counts of one episode. `seconds` and `lost_s` are wall-clock time of calls with and without an answer.

    `invalid` answers could not be used as they came, `repairs` of them were mended here, `corrections` asked again;
    `matched` targets were near misses. `fallbacks` counts decisions that the model did not take, by reason.
    """

    decisions: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: int = 0
    """Answers without a count of tokens, which were estimated as a quarter of their characters."""
    cost: float = 0.0
    seconds: float = 0.0
    lost_s: float = 0.0
    retries: int = 0
    concessions: int = 0
    repairs: int = 0
    matched: int = 0
    invalid: int = 0
    corrections: int = 0
    timeouts: int = 0
    refusals: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    """Calls without an answer, by kind (timeout, unreachable, dropped, busy, ...)."""
    fallbacks: dict[str, int] = field(default_factory=dict)
    last_fault: str = ""

    def fault(self, kind: str, why: str) -> None:
        """Counts a call without an answer."""
        self.faults[kind] = self.faults.get(kind, 0) + 1
        self.timeouts += kind == "timeout"
        self.refusals += kind == "refusal"
        self.last_fault = why

    def fell_back(self, reason: str) -> None:
        """Counts a decision that the model did not take."""
        self.fallbacks[reason] = self.fallbacks.get(reason, 0) + 1

    def spend(self, prompt_tokens: int, completion_tokens: int, prompt_price: float, completion_price: float) -> None:
        """Adds tokens, and their cost at prices a million."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.cost += (prompt_tokens * prompt_price + completion_tokens * completion_price) / 1e6

    def report(self) -> dict[str, object]:
        """All counts, as a JSON document."""
        return asdict(self)
