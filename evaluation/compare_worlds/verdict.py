"""What is concluded, in sentences: how far ahead a model is better than a baseline, when it strays, what that rests on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.compare import LEAST_PAIRS
from evaluation.compare_worlds.bands import Band
from evaluation.compare_worlds.study import YARDSTICK, Agreement, Measure, Study, agreement, curve, gain, onsets
from evaluation.words import joined

SOUND_DB = 35.0
"""The PSNR that the engine posing as a world model has to reach, or the harness itself is at fault."""
LOOKED_AT_S = 2.0
"""The horizon that sentences give numbers for, or the nearest there is."""


@dataclass(frozen=True)
class Finding:
    """A sentence with how it is meant: "good" and "bad" are decided, "open" is not, "trouble" is about the comparison itself."""

    text: str
    kind: str


@dataclass(frozen=True)
class Reach:
    """Over which horizons a gain is decided: the first run of better ones and of worse ones, as (from, to) [s].

    `ends_s` are the first horizon and the last that enough episodes reach, `n` how many there are at most.
    """

    better_s: tuple[float, float] | None
    worse_s: tuple[float, float] | None
    ends_s: tuple[float, float]
    n: int

    @property
    def from_the_first(self) -> bool:
        """Whether the better run begins at the first horizon."""
        return self.better_s is not None and self.better_s[0] == self.ends_s[0]


def reach(gains: Band, horizons_s: NDArray[np.float64]) -> Reach:
    """Where the interval of the mean gain leaves zero out, over at least LEAST_PAIRS episodes."""
    enough = gains.n >= LEAST_PAIRS
    last = int(np.flatnonzero(enough)[-1]) if enough.any() else len(horizons_s) - 1

    def told(run: tuple[int, int] | None) -> tuple[float, float] | None:
        return None if run is None else (float(horizons_s[run[0]]), float(horizons_s[run[1]]))

    better, worse = _run(enough & (gains.low > 0)), _run(enough & (gains.high < 0))
    ends = (float(horizons_s[0]), float(horizons_s[last]))
    return Reach(told(better), told(worse), ends, int(gains.n.max(initial=0)))


def _run(holds: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The first stretch over which something holds: its first and last index."""
    if not holds.any():
        return None
    first = int(np.argmax(holds))
    after = np.flatnonzero(~holds[first:])
    return first, first + int(after[0]) - 1 if len(after) else len(holds) - 1


def outdone(label: str, other: str, found: Reach, measure: Measure) -> tuple[str, str]:
    """The sentence, without its end, on whether one is nearer to the engine than another; and its kind."""
    if found.n < LEAST_PAIRS:
        many = f"{found.n} episode{'s' * (found.n != 1)}"
        return f"{many} cannot tell {label} from {other}: ask for {LEAST_PAIRS} or more", "open"
    nearer = f"{label} is nearer to the engine than {other} in {measure.label}"
    farther = f"{label} is farther from the engine than {other} in {measure.label}"
    if found.better_s is None:
        if found.worse_s is None:
            return (
                f"{label} is not shown to be nearer to the engine than {other} in {measure.label} at any horizon",
                "open",
            )
        return f"{farther} {_span(found.worse_s, found)}, and nowhere nearer", "bad"
    if found.worse_s is not None and _lasts(found.worse_s) > _lasts(found.better_s):
        return f"{farther} {_span(found.worse_s, found)}, and nearer only {_span(found.better_s, found)}", "bad"
    rest = f", and farther {_span(found.worse_s, found)}" if found.worse_s is not None else ""
    if not rest and not found.from_the_first:
        rest = ", and not before"
    return f"{nearer} {_span(found.better_s, found)}{rest}", "good"


def _span(run: tuple[float, float], found: Reach) -> str:
    """ "at every horizon up to 5.7 s", "from 0.9 s on", "from 0.9 to 2.1 s" or "at 0.3 s"."""
    (start, end), (first, last) = run, found.ends_s
    if start == end:
        return f"at {seconds(start)}"
    if start == first:
        return f"at every horizon up to {seconds(end)}"
    return f"from {seconds(start)} on" if end >= last else f"from {_plain_s(start)} to {seconds(end)}"


def _lasts(run: tuple[float, float]) -> float:
    return run[1] - run[0]


def headline(study: Study) -> str:
    """The verdict in one sentence."""
    if not study.episodes or study.model not in study.values:
        return f"No episode of {study.model} was finished: there is nothing to compare."
    if YARDSTICK not in study.values or study.model == YARDSTICK:
        found = curve(study, study.model, study.primary)
        at = looked_at(study, found)
        alone = "" if study.model == YARDSTICK else f"; no {YARDSTICK} was there to hold it against"
        return f"{study.model}: {_at(found, at, study)}{alone}."
    found = reach(gain(study, study.model, YARDSTICK, study.primary), study.horizons_s)
    text, _ = outdone(study.model, YARDSTICK, found, study.primary)
    return f"{text[0].upper() if text[0].isdigit() else text[0]}{text[1:]}."


def findings(study: Study) -> list[Finding]:
    """What the headline rests on, and what else was found; sentences about the comparison itself come last."""
    model, told = study.model, []
    if model not in study.values or not study.episodes:
        return []
    for other in [label for label in study.labelled("baseline") if label != model and label in study.values]:
        gains = gain(study, model, other, study.primary)
        text, kind = outdone(model, other, reach(gains, study.horizons_s), study.primary)
        told.append(Finding(f"{text}: {_at(gains, looked_at(study, gains), study, is_difference=True)}", kind))
    if model != YARDSTICK and YARDSTICK in study.values:
        told.append(_onset(study))
    if (success := agreement(study, model)) is not None:
        told.append(_success(model, success))
    if study.task == "manipulate" and success is None:
        told.append(
            Finding(f"{model} says nothing of success, so its verdicts cannot be held against the engine's", "open")
        )
    for label in study.labelled("check"):
        if label in study.values:
            told.append(_check(study, label))
    return told


def _onset(study: Study) -> Finding:
    """When the dream strays, over episodes."""
    first, for_good = (onsets(study, study.model, for_good=wanted) for wanted in (False, True))
    first, for_good = first[~np.isnan(first)], for_good[~np.isnan(for_good)]
    if not len(first):
        return Finding(f"Nothing can be said of when {study.model} strays", "open")
    end, many = seconds(float(study.horizons_s[-1])), len(first)
    never, lost = int(np.isinf(first).sum()), int(np.isfinite(for_good).sum())
    if never == many:
        return Finding(
            f"In none of {many} episodes does it stray (is farther off than {YARDSTICK}) within {end}", "good"
        )
    text = (
        f"It strays (is farther off than {YARDSTICK}) first {_median(first)} in the median of {many} episodes and never "
        f"within {end} in {never}; for good, to the end, in {lost} of them"
    )
    return Finding(f"{text}, {_median(for_good)} in the median" if 2 * lost > many else text, "open")


def _median(times_s: NDArray[np.float64]) -> str:
    """ "after 2.1 s" or "not at all": the lower median, so that it is one of the times."""
    middle = float(np.sort(times_s)[(len(times_s) - 1) // 2])
    return "not at all" if np.isinf(middle) else f"after {seconds(middle)}"


def _success(model: str, found: Agreement) -> Finding:
    many = found.both + found.neither + found.only_dream + found.only_engine
    agreed = found.both + found.neither
    text = (
        f"On success {model} says what the engine says in {agreed} of {many} episodes "
        f"(95 % interval {percent(found.agreed.low)} to {percent(found.agreed.high)})"
    )
    if found.balanced is None:
        only = "succeeded" if found.both + found.only_engine else "failed"
        return Finding(f"{text}; all episodes {only}, so that this says little", "open")
    text += f"; balanced accuracy {percent(found.balanced)}"
    if found.only_dream or found.only_engine:
        text += f"; it dreamt {found.only_dream} success{'es' * (found.only_dream != 1)} that did not happen and missed {found.only_engine}"
    return Finding(text, "good" if found.balanced > 0.5 and (found.agreed.low or 0.0) > 0.5 else "open")


def _check(study: Study, label: str) -> Finding:
    """Whether the engine posing as a world model comes out as the engine, by PSNR."""
    psnr = next((one for one in study.measures if one.name == "psnr"), None)
    if psnr is None:
        return Finding(f"{label}, the check of the harness, was not measured by PSNR", "open")
    means = curve(study, label, psnr).mean
    least = float(means[np.isfinite(means)].min(initial=np.inf))
    if least >= SOUND_DB:
        return Finding(
            f"The harness is sound: {label} comes out as the engine, PSNR {number(least)} dB at its worst", "good"
        )
    text = f"{label} should come out as the engine, and has a PSNR of {number(least)} dB at its worst: trust no number here"
    return Finding(text, "trouble")


def is_sound(study: Study) -> bool:
    """Whether no check of the harness failed."""
    return all(found.kind != "trouble" for found in findings(study))


def looked_at(study: Study, found: Band) -> int:
    """The index of the horizon to give a number for: the one nearest to LOOKED_AT_S that has enough episodes."""
    known = np.flatnonzero(found.n >= max(2, int(found.n.max(initial=0)) // 2))
    if not len(known):
        return 0
    return int(known[np.argmin(np.abs(study.horizons_s[known] - LOOKED_AT_S))])


def _at(found: Band, index: int, study: Study, *, is_difference: bool = False) -> str:
    """A number of a curve with its interval: "+3.1 dB at 2.1 s (95 % interval +2.0 to +4.2, n = 20)"."""
    measure, many = study.primary, int(found.n[index])
    unit = f" {measure.unit}" if measure.unit else ""
    value = number(float(found.mean[index]), signed=is_difference)
    name = "" if is_difference else f"{measure.label} "
    text = f"{name}{value}{unit} at {seconds(float(study.horizons_s[index]))}"
    if np.isnan(found.low[index]):
        return f"{text} (n = {many})"
    low, high = (number(float(end), signed=is_difference) for end in (found.low[index], found.high[index]))
    return f"{text} (95 % interval {low} to {high}, n = {many})"


def number(value: float, *, signed: bool = False) -> str:
    """A value as people read it: three digits or so, with a proper minus."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    text = (
        f"{size:.0f}"
        if size >= 100
        else f"{size:.1f}"
        if size >= 10
        else f"{size:.2f}"
        if size >= 0.1
        else f"{size:.3f}"
    )
    sign = "" if not text.strip("0.") else "−" if value < 0 else "+" if signed else ""
    return f"{sign}{text}"


def percent(share: float | None) -> str:
    """A share in per cent."""
    return "–" if share is None else f"{100 * share:.0f} %"


def _plain_s(value: float) -> str:
    return f"{value:.1f}"


def seconds(value: float) -> str:
    """ "2.1 s"."""
    return f"{_plain_s(value)} s"


def conditions(study: Study) -> str:
    """Who was compared, for the line below the findings."""
    others = [
        label for label in (one.label for one in study.dreamers) if label != study.model and label in study.values
    ]
    return joined([study.model, *others])
