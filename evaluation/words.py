"""Numbers and findings in words: what the report, the terminal and people say of a comparison."""

from evaluation import stats
from evaluation.compare import LEAST_PAIRS, Comparison, Paired
from evaluation.metrics import Metric
from evaluation.stats import Estimate

SURE = "95 %"


def number(value: float, metric: Metric, *, signed: bool = False) -> str:
    """A value as people read it: three digits or so, rates in per cent, with a proper minus and no unit."""
    value = 100 * value if metric.how == "rate" else value
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 or metric.how == "rate" else 2
    text = f"{size:,.{digits}f}"
    is_nothing = not text.strip("0.,")
    sign = "" if is_nothing else "−" if value < 0 else "+" if signed else ""
    return f"{sign}{text}"


def with_unit(text: str, metric: Metric, *, is_difference: bool = False) -> str:
    """The text with the metric's unit where people expect it; differences of rates are in percentage points."""
    if metric.unit == "$":
        return f"{text[0]}${text[1:]}" if text[:1] in "−+" else f"${text}"
    unit = "points" if metric.how == "rate" and is_difference else metric.unit
    return f"{text} {unit}".rstrip()


def interval(estimate: Estimate, metric: Metric, *, signed: bool = False) -> str:
    """ "95 % interval 3.1 to 5.2", or that there is none."""
    if estimate.low is None or estimate.high is None:
        return "no interval from one episode"
    return f"{SURE} interval {bounds(estimate, metric, signed=signed)}"


def bounds(estimate: Estimate, metric: Metric, *, signed: bool = False) -> str:
    """ "3.1 to 5.2"; nothing where there is no interval."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{number(estimate.low, metric, signed=signed)} to {number(estimate.high, metric, signed=signed)}"


def headline(comparison: Comparison) -> str:
    """The verdict in one sentence."""
    if not comparison.ranking:
        return "No episode was finished: there is nothing to compare."
    best, metric = comparison.ranking[0], comparison.primary
    if len(comparison.ranking) == 1:
        found = comparison.estimates[best][metric.name]
        value = with_unit(number(found.value, metric), metric)
        return f"{best}: {metric.label.lower()} {value} ({interval(found, metric)}, n = {found.n})."
    rivals = [comparison.pair(metric.name, best, other) for other in comparison.ranking[1:]]
    beaten = [pair.second for pair in rivals if pair is not None and pair.is_decided]
    tied = [name for name in comparison.ranking[1:] if name not in beaten]
    label = metric.label.lower()
    few = max((pair.estimate.n for pair in rivals if pair is not None), default=0)
    if few < LEAST_PAIRS:
        return f"{best} leads in {label}, but {few} paired seed{'s' * (few != 1)} cannot tell: ask for {LEAST_PAIRS} or more."
    if not beaten:
        return f"No policy is shown to be best in {label}: {best} leads, but not beyond chance."
    if tied:
        return f"{best} beats {joined(beaten)} in {label}; it cannot be told apart from {joined(tied)}."
    return f"{best} is best in {label}: it beats {joined(beaten)}."


def difference(pair: Paired, metric: Metric, *, p_value: float | None = None) -> str:
    """One pair of policies in a sentence: by how much, how surely, over how many seeds."""
    first, second, estimate = pair.first, pair.second, pair.estimate
    size = with_unit(number(abs(estimate.value), metric), metric, is_difference=True)
    way = "more" if estimate.value >= 0 else "less"
    p = stats_p(pair.p_value if p_value is None else p_value)
    told = (
        f"{first} has {size} {way} than {second}"
        if pair.is_decided
        else f"{first} and {second} cannot be told apart: {with_unit(number(estimate.value, metric, signed=True), metric, is_difference=True)}"
    )
    return (
        f"{told} ({interval(estimate, metric, signed=True)}; n = {estimate.n} paired seed{'s' * (estimate.n != 1)}; "
        f"{pair.wins} won, {pair.ties} tied, {pair.losses} lost; sign test p {p})"
    )


def findings(comparison: Comparison) -> list[str]:
    """The best policy against each other one in the first metric; probabilities corrected for their number (Holm)."""
    if len(comparison.ranking) < 2:
        return []
    best, *others = comparison.ranking
    pairs = [pair for other in others if (pair := comparison.pair(comparison.primary.name, best, other)) is not None]
    adjusted = stats.holm([pair.p_value for pair in pairs])
    return [difference(pair, comparison.primary, p_value=p) for pair, p in zip(pairs, adjusted, strict=True)]


def stats_p(value: float) -> str:
    """ "= 0.03" or "< 0.001"."""
    return "< 0.001" if value < 0.001 else f"= {value:.3f}" if value < 0.1 else f"= {value:.2f}"


def joined(names: list[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
