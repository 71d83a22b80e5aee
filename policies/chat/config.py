"""What a user may choose about a language model that drives an agent; the fields are flags (--llm.model)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Config:
    """Flags of the policy `llm`. A key is never one of them: it stays in the environment and out of every manifest."""

    model: str = ""
    """Name of the model, as the server knows it; needed unless the server has only one."""
    base_url: str = ""
    """Where the server is, with /v1; else $OPENAI_BASE_URL, else http://localhost:8000/v1."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable that holds the key; servers on this computer need none."""
    temperature: float = 0.2
    max_tokens: int = 400
    """Tokens of one answer at most."""
    schema: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How the server is asked for JSON; one that refuses is asked the next weaker way."""
    stream: bool = False
    """Takes answers in pieces, for gateways that cut connections on which nothing is heard."""
    timeout_s: float = 30.0
    """Wall-clock time of one call."""
    decision_s: float = 60.0
    """Wall-clock time of one decision, with repeated calls and the second question after a wrong answer."""
    answer_s: float = 30.0
    """Simulated time after which an answer is too old to be followed (pace real-time)."""
    pace: Literal["lockstep", "real-time"] = "lockstep"
    """Whether the world waits for an answer, or goes on while the agent waits or follows its fallback."""
    retries: int = 2
    """Calls repeated after a fault of server or network."""
    most_calls: int = 400
    """Calls an episode at most; then the fallback takes over."""
    most_tokens: int = 2_000_000
    most_cost: float | None = None
    """Money an episode at most, in the currency of the prices."""
    most_lost_s: float = 300.0
    """Wall-clock time an episode may lose to calls without an answer; then the fallback takes over."""
    prompt_price: float = 0.0
    """Price of a million tokens of prompt."""
    completion_price: float = 0.0
    """Price of a million tokens of answer."""
    remember: int = 8
    """Decisions told again word for word; earlier ones are counted up."""
    notes_chars: int = 12_000
    """Characters of the task's notes at most; long lists are cut, and it is said by how much."""
    fallback: str = ""
    """Policy that decides while the model does not; without one the agent waits."""
    wait_s: float = 10.0
    """Simulated time an agent waits where it has no answer and no fallback."""
    breaker_after: int = 3
    """Decisions without an answer, one after another, after which the server is left alone."""
    breaker_s: float = 30.0
    """Simulated time it is left alone first; doubled each time it is still down, up to twenty times that."""
