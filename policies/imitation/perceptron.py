"""A small network of two hidden layers in NumPy: what an arm does next, of what it is told; learned anew or further, kept in a file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from policies.imitation.arm_deeds import CHUNK, FEATURES, STEP

Array = NDArray[np.float64]
Rows = tuple[Array, Array]
"""What was told (n, FEATURES) and what was decided (n, CHUNK * STEP)."""
_GRIPS = np.arange(STEP - 1, CHUNK * STEP, STEP)
_NAMES = ("into", "bias", "onto", "second", "out", "last")


@dataclass(frozen=True, eq=False)
class Perceptron:
    """Weights: `into` (FEATURES, h), `bias` (h,), `onto` (h, h), `second` (h,), `out` (h, CHUNK * STEP), `last` (CHUNK * STEP,)."""

    into: Array
    bias: Array
    onto: Array
    second: Array
    out: Array
    last: Array

    def __call__(self, rows: Array) -> Array:
        """What it would decide (n, CHUNK * STEP) given rows (n, FEATURES); grippers as chances of being closed."""
        inner = np.tanh(rows @ self.into + self.bias)
        found = np.tanh(inner @ self.onto + self.second) @ self.out + self.last
        found[:, _GRIPS] = _chance(found[:, _GRIPS])
        return found

    @property
    def digest(self) -> str:
        """Which weights these are."""
        hasher = hashlib.sha256()
        for name in _NAMES:
            hasher.update(np.ascontiguousarray(getattr(self, name), dtype=np.float32).tobytes())
        return hasher.hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Writes the weights (.npz), all of them or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        with draft.open("wb") as file:
            np.savez_compressed(file, **{name: getattr(self, name).astype(np.float32) for name in _NAMES})
        draft.replace(path)


def load(path: Path) -> Perceptron:
    """Reads weights. Raises InvalidInput for a file that is none, or whose rows are of another width."""
    if not path.is_file():
        raise InvalidInput(
            f"There are no weights at {path}. `simbridge improve --fresh` learns some from demonstrations."
        )
    try:
        with np.load(path, allow_pickle=False) as kept:
            found = Perceptron(*(kept[name].astype(np.float64) for name in _NAMES))
    except (ValueError, KeyError, OSError) as error:
        raise InvalidInput(
            f"{path} holds no weights of the policy `arm-cloning` ({error}). Learn them anew."
        ) from error
    if found.into.shape[0] != FEATURES or found.out.shape[1] != CHUNK * STEP:
        raise InvalidInput(
            f"{path} has weights for {found.into.shape[0]} numbers in and {found.out.shape[1]} out; by now these are {FEATURES} and "
            f"{CHUNK * STEP}. Learn them anew."
        )
    return found


def fresh(rng: np.random.Generator, *, hidden: int = 96) -> Perceptron:
    """Weights that know nothing."""

    def drawn(rows: int, columns: int) -> Array:
        return rng.normal(0.0, rows**-0.5, (rows, columns))

    out = 0.1 * drawn(hidden, CHUNK * STEP)
    return Perceptron(
        drawn(FEATURES, hidden), np.zeros(hidden), drawn(hidden, hidden), np.zeros(hidden), out, np.zeros(CHUNK * STEP)
    )


def trained(
    network: Perceptron,
    data: Sequence[tuple[Rows, float]],
    *,
    rng: np.random.Generator,
    steps: int,
    rate: float,
    batch: int = 128,
) -> Perceptron:
    """The network after so many steps on batches drawn from several sets of rows, each with its share of every batch.

    Squared error of ways and turns, cross-entropy of the gripper; Adam with decoupled weight decay, the rate falling to nothing as a
    cosine. Raises InvalidInput where there is no row to learn from.
    """
    sets = [(rows, share) for rows, share in data if len(rows[0]) and share > 0]
    if not sets:
        raise InvalidInput("There is not one decision to learn from. Give demonstrations, or a lower threshold.")
    whole = sum(share for _, share in sets)
    counts = [max(round(batch * share / whole), 1) for _, share in sets]
    weights = [getattr(network, name).copy() for name in _NAMES]
    first, second = [[np.zeros_like(one) for one in weights] for _ in range(2)]
    for step in range(1, steps + 1):
        picks = [rng.integers(0, len(rows[0]), count) for (rows, _), count in zip(sets, counts, strict=True)]
        told = np.concatenate([rows[0][pick] for (rows, _), pick in zip(sets, picks, strict=True)])
        done = np.concatenate([rows[1][pick] for (rows, _), pick in zip(sets, picks, strict=True)])
        now = rate * 0.5 * (1.0 + np.cos(np.pi * (step - 1) / steps))
        for index, slope in enumerate(_slopes(told, done, weights)):
            first[index] = 0.9 * first[index] + 0.1 * slope
            second[index] = 0.999 * second[index] + 0.001 * slope**2
            move = (first[index] / (1 - 0.9**step)) / (np.sqrt(second[index] / (1 - 0.999**step)) + 1e-8)
            weights[index] = weights[index] - now * (move + 1e-3 * weights[index])
    return Perceptron(*weights)


def error(network: Perceptron, rows: Rows) -> float:
    """The root mean square error of ways and turns on rows, in the network's units."""
    kept = np.setdiff1d(np.arange(CHUNK * STEP), _GRIPS)
    return float(np.sqrt(np.mean((network(rows[0]) - rows[1])[:, kept] ** 2)))


def _slopes(told: Array, done: Array, weights: list[Array]) -> tuple[Array, ...]:
    """The gradient of the mean loss by the weights."""
    into, bias, onto, second, out, last = weights
    inner = np.tanh(told @ into + bias)
    deeper = np.tanh(inner @ onto + second)
    found = deeper @ out + last
    wrong = 2.0 * (found - done)
    wrong[:, _GRIPS] = 0.2 * (_chance(found[:, _GRIPS]) - done[:, _GRIPS])
    wrong /= len(told)
    back = (wrong @ out.T) * (1.0 - deeper**2)
    far = (back @ onto.T) * (1.0 - inner**2)
    return told.T @ far, far.sum(axis=0), inner.T @ back, back.sum(axis=0), deeper.T @ wrong, wrong.sum(axis=0)


def _chance(odds: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
