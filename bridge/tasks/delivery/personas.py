"""Who couriers are: the five factors of personality, as parameters for their policies; the task itself ignores them."""

from typing import Literal

from bridge.control.seeds import stream

FACTORS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")


def persona(kind: Literal["random", "even"], seed: int, name: str) -> dict[str, float]:
    """A courier's Big Five, each 0 to 1: drawn for (seed, name) around the middle, or all 0.5."""
    if kind == "even":
        return dict.fromkeys(FACTORS, 0.5)
    drawn = stream(seed, name, "persona").beta(2.0, 2.0, len(FACTORS))
    return {factor: round(float(value), 3) for factor, value in zip(FACTORS, drawn, strict=True)}
