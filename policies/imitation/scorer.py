"""A small network that scores choices, in NumPy: two layers and a softmax over the choices of one decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from policies.imitation.choices import WIDTH

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scorer:
    """Weights: `into` (WIDTH, h), `bias` (h,), `out` (h,)."""

    into: Array
    bias: Array
    out: Array

    def scores(self, rows: Array) -> Array:
        """A number for each row of choices (n, WIDTH): (n,)."""
        return np.tanh(rows @ self.into + self.bias) @ self.out

    def save(self, path: Path) -> None:
        """Writes the weights (.npz)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path, into=self.into.astype(np.float32), bias=self.bias.astype(np.float32), out=self.out.astype(np.float32)
        )


def load(path: Path) -> Scorer:
    """Reads weights. Raises InvalidInput for a file that is none, or whose rows are of another width."""
    if not path.is_file():
        raise InvalidInput(
            f"There are no weights at {path}. Train some: python -m policies.imitation.train DECISIONS... --out {path}"
        )
    try:
        with np.load(path, allow_pickle=False) as kept:
            found = Scorer(*(kept[name].astype(np.float64) for name in ("into", "bias", "out")))
    except (ValueError, KeyError, OSError) as error:
        raise InvalidInput(f"{path} holds no weights of the policy `cloning` ({error}). Train it anew.") from error
    hidden = found.bias.shape
    if found.into.shape != (WIDTH, *hidden) or found.out.shape != hidden:
        raise InvalidInput(
            f"{path} has weights for {found.into.shape[0]} numbers a choice, and a choice has {WIDTH} by now. Train it anew."
        )
    return found


def trained(
    decisions: Sequence[tuple[Array, int]], *, seed: int, hidden: int = 24, epochs: int = 60, rate: float = 0.01
) -> Scorer:
    """A scorer that makes the decisions likely: each is the rows of its choices (n, WIDTH) and which one was taken.

    Cross-entropy over each decision's choices, Adam, batches of 64 decisions; a little weight decay.
    """
    random = np.random.default_rng(seed)
    weights = [random.normal(0, WIDTH**-0.5, (WIDTH, hidden)), np.zeros(hidden), random.normal(0, hidden**-0.5, hidden)]
    first, second = [[np.zeros_like(one) for one in weights] for _ in range(2)]
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(decisions))
        for begin in range(0, len(order), 64):
            batch = [decisions[i] for i in order[begin : begin + 64]]
            step += 1
            for i, slope in enumerate(_slopes(batch, weights)):
                slope = slope + 1e-4 * weights[i]
                first[i] = 0.9 * first[i] + 0.1 * slope
                second[i] = 0.999 * second[i] + 0.001 * slope**2
                weights[i] = weights[i] - rate * (first[i] / (1 - 0.9**step)) / (
                    np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8
                )
    return Scorer(*weights)


def agreement(scorer: Scorer, decisions: Sequence[tuple[Array, int]]) -> float:
    """The share of decisions that a scorer would make the same way."""
    return float(np.mean([int(np.argmax(scorer.scores(rows))) == taken for rows, taken in decisions]))


def _slopes(batch: Sequence[tuple[Array, int]], weights: list[Array]) -> tuple[Array, Array, Array]:
    """The gradient of the mean cross-entropy by the weights."""
    into, bias, out = weights
    rows = np.concatenate([rows for rows, _ in batch])
    begins = np.cumsum([0, *(len(one) for one, _ in batch[:-1])])
    group = np.repeat(np.arange(len(batch)), [len(one) for one, _ in batch])
    inner = np.tanh(rows @ into + bias)
    scores = inner @ out
    scores = np.exp(scores - np.maximum.reduceat(scores, begins)[group])
    error = scores / np.add.reduceat(scores, begins)[group]
    error[begins + np.array([taken for _, taken in batch])] -= 1.0
    error /= len(batch)
    back = error[:, None] * out * (1.0 - inner**2)
    return rows.T @ back, back.sum(axis=0), inner.T @ error
