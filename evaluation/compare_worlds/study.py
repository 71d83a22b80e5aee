"""What all dreams of all episodes come to: curves by horizon, differences episode by episode, onsets and verdicts on success."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from evaluation.compare_worlds.bands import Band, band
from evaluation.measures.means import mean_known
from evaluation.stats import Estimate, rate

Array = NDArray[np.float64]
Role = Literal["model", "variant", "baseline", "check"]
ALL = "all views"
YARDSTICK = "copy-last"
"""What every model has to be better than."""


@dataclass(frozen=True)
class Measure:
    """A number for how near a dream is: its unit, which way is better, and `caution` where calibration found it wanting.

    `beside` names the number of the engine's own episode that it cannot be expected to beat, "" where there is none.
    """

    name: str
    label: str
    unit: str
    better: Literal["more", "less"]
    by_view: bool = True
    caution: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Dreamer:
    """Who dreams: `label` in results, its part, and what it is in a line."""

    label: str
    role: Role
    what: str = ""


@dataclass(frozen=True, eq=False)
class Study:
    """All dreams of `episodes` (e of them, by name), at the same n horizons and in the same v views.

    `horizons_s` (n,) is the time since the last moment seen. `values` by dreamer and measure: (e,n,v), or (e,n,1) where a
    measure knows no views, NaN where there is none. `success` (e,n) is the engine's, 1 or 0 and NaN past its end;
    `foretold` by dreamer (e,n) the probability the dream gives it, for those that give one; `trust` likewise. `speed`
    by dreamer (e,): frames imagined a second.
    """

    task: str
    model: str
    dreamers: Sequence[Dreamer]
    measures: Sequence[Measure]
    views: Sequence[str]
    horizons_s: Array
    episodes: Sequence[str]
    values: Mapping[str, Mapping[str, Array]]
    success: Array
    foretold: Mapping[str, Array] = field(default_factory=dict)
    trust: Mapping[str, Array] = field(default_factory=dict)
    speed: Mapping[str, Array] = field(default_factory=dict)
    seed: int = 0

    @property
    def primary(self) -> Measure:
        """What the verdict goes by."""
        return self.measures[0]

    def floor(self, measure: Measure, at: int) -> float | None:
        """What the engine's own episodes come to in a measure at a horizon; None where nothing is beside it."""
        tables = [of[measure.beside] for of in self.values.values() if measure.beside in of]
        return None if not tables else float(mean_known(mean_known(tables[0], axis=2)[:, at]))

    def dreamer(self, label: str) -> Dreamer:
        """The one of that name."""
        return next(one for one in self.dreamers if one.label == label)

    def labelled(self, *roles: Role) -> list[str]:
        """Names of those of a role, in order."""
        return [one.label for one in self.dreamers if one.role in roles]

    def by_episode(self, label: str, measure: str, view: str = ALL) -> Array:
        """Values (e,n): of one view, or their mean over the views."""
        found = self.values[label][measure]
        return mean_known(found, axis=2) if view == ALL or found.shape[2] == 1 else found[:, :, self.views.index(view)]

    def gains(self, label: str, other: str, measure: Measure, view: str = ALL) -> Array:
        """How much better (e,n) one is than another, in the measure's unit: positive is better."""
        gap = self.by_episode(label, measure.name, view) - self.by_episode(other, measure.name, view)
        return gap if measure.better == "more" else -gap


@lru_cache(maxsize=4096)
def curve(study: Study, label: str, measure: Measure, view: str = ALL) -> Band:
    """The mean by horizon, with its interval over episodes."""
    return band(study.by_episode(label, measure.name, view), stream(study.seed, "band", label, measure.name, view))


@lru_cache(maxsize=4096)
def gain(study: Study, label: str, other: str, measure: Measure, view: str = ALL) -> Band:
    """By how much one is better than another on the same episodes, by horizon, with its interval."""
    rng = stream(study.seed, "gain", label, other, measure.name, view)
    return band(study.gains(label, other, measure, view), rng)


def onsets(study: Study, label: str, other: str = YARDSTICK, *, for_good: bool = False) -> Array:
    """When hallucination sets in, by episode (e,) [s]: the first horizon at which the dream is farther from the engine
    than `other` in the primary measure, or with `for_good` the first from which on it stays so; inf where it never is,
    NaN for an episode that one of them lacks.
    """
    gains = study.gains(label, other, study.primary)
    found = np.full(len(gains), np.nan)
    for episode, row in enumerate(gains):
        if not np.isfinite(row).any():
            continue
        known = np.flatnonzero(np.isfinite(row))
        worse = row[known] < 0
        if for_good:
            better = np.flatnonzero(~worse)
            worse[: better[-1] + 1 if len(better) else 0] = False
        found[episode] = study.horizons_s[known[np.argmax(worse)]] if worse.any() else np.inf
    return found


@dataclass(frozen=True)
class Agreement:
    """How a dream's verdict on success goes with the engine's: counts of episodes at their last shared moment, and rates.

    `balanced` is the mean of the rates over successes and over failures, None where the engine has only one of them.
    """

    both: int
    neither: int
    only_dream: int
    only_engine: int
    agreed: Estimate
    balanced: float | None


def agreement(study: Study, label: str) -> Agreement | None:
    """Whether the dream ends as the episode did; None for a dreamer that says nothing of success."""
    told = study.foretold.get(label)
    if told is None:
        return None
    ends: list[tuple[bool, bool]] = []
    for truth, dream in zip(study.success, told, strict=True):
        known = np.flatnonzero(np.isfinite(truth) & np.isfinite(dream))
        if len(known):
            ends.append((bool(truth[known[-1]] >= 0.5), bool(dream[known[-1]] >= 0.5)))
    if not ends:
        return None
    both, neither = ends.count((True, True)), ends.count((False, False))
    only_dream, only_engine = ends.count((False, True)), ends.count((True, False))
    agreed = rate([float(a == b) for a, b in ends], [1.0] * len(ends))
    assert agreed is not None  # there are episodes
    done, undone = both + only_engine, neither + only_dream
    balanced = (both / done + neither / undone) / 2 if done and undone else None
    return Agreement(both, neither, only_dream, only_engine, agreed, balanced)


def worst(study: Study, label: str, *, most: int) -> list[int]:
    """Which episodes went worst in a dream, the worst first: by its mean gain over the yardstick, or its mean value."""
    if label != YARDSTICK and YARDSTICK in study.values:
        merits = study.gains(label, YARDSTICK, study.primary)
    else:
        sign = 1.0 if study.primary.better == "more" else -1.0
        merits = sign * study.by_episode(label, study.primary.name)
    known = [index for index in range(len(merits)) if np.isfinite(merits[index]).any()]
    return sorted(known, key=lambda index: float(mean_known(merits[index])))[:most]


def plain(values: Any) -> Any:
    """Numbers as JSON has them: NaN is null and infinity "never"."""
    if isinstance(values, np.ndarray):
        return [plain(value) for value in values.tolist()]
    if isinstance(values, list):
        return [plain(value) for value in values]
    if isinstance(values, float):
        return None if np.isnan(values) else "never" if np.isinf(values) else round(values, 6)
    return values
