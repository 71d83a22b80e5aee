"""What an improvement in imagination comes to: rates, paired differences, how far dreams' verdicts are to be believed, and it all in words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from bridge.control.seeds import stream
from evaluation.improve import BEFORE, DREAMS, ENGINE, PLACEBO, UNFILTERED, Improved
from evaluation.stats import Estimate, holm, mean, rate, sign_test
from evaluation.words import stats_p

PAIRS = (
    (DREAMS, BEFORE),
    (DREAMS, PLACEBO),
    (DREAMS, UNFILTERED),
    (DREAMS, ENGINE),
    (ENGINE, BEFORE),
    (PLACEBO, BEFORE),
)
"""What is held against what, seed by seed; the first is what it is about."""
_TITLES = {
    BEFORE: "The policy before",
    DREAMS: "Learning from dreams called successes",
    UNFILTERED: "Learning from as many unfiltered dreams",
    ENGINE: "Learning from as many successes of the engine",
    PLACEBO: "Learning longer from demonstrations alone",
}
_BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def results(found: Improved) -> dict[str, Any]:
    """All numbers as a JSON document; rates are shares, differences shares of seeds."""
    study = found.study
    arms = {arm: _rate([record["success"] for record in records]) for arm, records in found.measured.items()}
    pairs = [pair for pair in (_pair(found, *names) for names in PAIRS) if pair is not None]
    for pair, p in zip(pairs, holm([pair["p"] for pair in pairs]), strict=True):
        pair["p_holm"] = p
    document = {
        "schema": "simbridge/improve@1",
        "task": "manipulate",
        "skill": str(getattr(study.pattern.task_config, "skill", "")),
        "world_model": study.pattern.model,
        "model_weights": study.pattern.model_weights,
        "judge": study.judge,
        "at_least": study.at_least,
        "seeds": study.seeds,
        "arms": {
            arm: {**asdict(estimate), "learned_from": found.learned[arm], "weights": found.weights[arm]}
            for arm, estimate in arms.items()
        },
        "pairs": pairs,
        "demonstrations": sum(record["success"] for record in found.demonstrated),
        "dreams": len(found.dreamt),
        "kept": len(found.kept),
        "successes_by_state": sum(record["success"] for record in found.dreamt),
        "checks": _checks(found),
        "failures": len(found.failures),
    }
    return {**document, "verdict": verdict(document), "findings": findings(document)}


def verdict(document: Mapping[str, Any]) -> str:
    """What came out, in one sentence."""
    arms, model = document["arms"], document["world_model"]
    if DREAMS not in arms:
        return f"Nothing was learned in the dreams of {model}: not one of {document['dreams']} was called a success"
    before, after = arms[BEFORE]["value"], arms[DREAMS]["value"]
    pair = _named(document, DREAMS, BEFORE)
    way = "better" if pair["value"] > 0 else "worse"
    moved = f"from {_percent(before)} to {_percent(after)} on the engine"
    if not pair["is_decided"]:
        return f"Learning from dreams of {model} made no difference that can be told: {moved}"
    placebo = _named(document, DREAMS, PLACEBO)
    if way == "better" and placebo is not None and not placebo["is_decided"]:
        return f"The policy got better, {moved}, but no more so than by learning longer from demonstrations alone"
    return f"Learning from dreams of {model} made the policy {way}: {moved}"


def findings(document: Mapping[str, Any]) -> list[str]:
    """The differences in sentences, and what explains them."""
    told = [_sentence(pair) for pair in document["pairs"]]
    checks = document["checks"]
    if checks["called"] is not None:
        right = checks["called"]
        told.append(
            f"Of the {right['n']} dreams that were learned from, {_percent(right['value'])} succeed when their actions are done again on the "
            f"engine ({_bounds(right)}); of {checks['all']['n']} drawn by lot {_percent(checks['all']['value'])} do"
        )
        told.append(_why(document))
    elif checks["all"] is not None:
        told.append(
            f"Not one dream was learned from; of {checks['all']['n']} drawn by lot {_percent(checks['all']['value'])} succeed when their "
            "actions are done again on the engine"
        )
    if document["failures"]:
        told.append(
            f"{document['failures']} episodes could not be finished and are left out; the same command tries them again"
        )
    return told


def _why(document: Mapping[str, Any]) -> str:
    """What limits it, as far as the numbers say."""
    checks, arms = document["checks"], document["arms"]
    ceiling = _named(document, ENGINE, BEFORE)
    right, base = checks["called"], checks["all"]
    if ceiling is not None and not ceiling["is_decided"]:
        return (
            f"As many true successes of the engine ({arms[ENGINE]['learned_from'][0]}) do not lift the policy for sure either, so that the "
            "amount or the kind of what is learned, not the dream alone, limits it"
        )
    if right["low"] is not None and right["low"] > base["value"]:
        return "The filter keeps what works more often than chance would, so that what it keeps is worth more than dreams at large"
    return "The filter is not shown to keep what works more often than chance would: that is where the dream departs from the engine"


def _checks(found: Improved) -> dict[str, Any]:
    """What dreams are called against what the same actions come to on the engine."""
    both = []
    for number in found.drawn:
        if number in found.checked:
            dream = found.dreamt[number]
            chance = max(dream["head"]) if dream["head"] else float(dream["success"])
            both.append((number in found.kept, bool(dream["success"]), chance, bool(found.checked[number]["success"])))
    bins = []
    for low, high in pairwise(_BINS):
        inside = [
            (chance, real) for _, _, chance, real in both if low <= chance < high or (high == 1.0 and chance == 1.0)
        ]
        if inside:
            bins.append(
                {
                    "from": low,
                    "to": high,
                    "said": sum(c for c, _ in inside) / len(inside),
                    **asdict(_rate([r for _, r in inside])),
                }
            )
    return {
        "all": _told([real for *_, real in both]),
        "called": _told([bool(found.checked[number]["success"]) for number in found.kept if number in found.checked]),
        "not_called": _told([real for is_called, _, _, real in both if not is_called]),
        "state_says_done": _told([real for _, by_state, _, real in both if by_state]),
        "calibration": bins,
    }


def _pair(found: Improved, first: str, other: str) -> dict[str, Any] | None:
    """One arm held against another, seed by seed; None where one of them is not there."""
    if first not in found.measured or other not in found.measured:
        return None
    a, b = ({record["seed"]: bool(record["success"]) for record in found.measured[arm]} for arm in (first, other))
    differences = [float(a[seed]) - float(b[seed]) for seed in sorted(a.keys() & b.keys())]
    estimate = mean(differences, stream(found.study.seed, "improve", "bootstrap", first, other))
    if estimate is None:
        return None
    is_decided = estimate.low is not None and estimate.high is not None and (estimate.low > 0 or estimate.high < 0)
    return {
        "first": first,
        "other": other,
        **asdict(estimate),
        "won": sum(value > 0 for value in differences),
        "lost": sum(value < 0 for value in differences),
        "p": sign_test(differences),
        "is_decided": is_decided,
    }


def _named(document: Mapping[str, Any], first: str, other: str) -> Any:
    return next((pair for pair in document["pairs"] if (pair["first"], pair["other"]) == (first, other)), None)


def _sentence(pair: Mapping[str, Any]) -> str:
    names = f"{_title(pair['first'])} against {_title(pair['other'])[0].lower()}{_title(pair['other'])[1:]}"
    told = "" if pair["is_decided"] else ", which does not tell them apart"
    interval = "no interval from one seed"
    if pair["low"] is not None:
        interval = f"95 % interval {_points(pair['low'])} to {_points(pair['high'])}"
    return (
        f"{names}: {_points(pair['value'])} points{told} ({interval}; n = {pair['n']} paired seeds; {pair['won']} won, {pair['lost']} lost; "
        f"sign test p {stats_p(pair['p_holm'])})"
    )


def _title(arm: str) -> str:
    return _TITLES[arm]


def _rate(values: Sequence[bool]) -> Estimate:
    found = rate([float(value) for value in values], [1.0] * len(values))
    assert found is not None
    return found


def _told(values: Sequence[bool]) -> dict[str, Any] | None:
    return asdict(_rate(values)) if values else None


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(share: float) -> str:
    size = f"{abs(100 * share):.1f}"
    return size if not size.strip("0.") else f"{'−' if share < 0 else '+'}{size}"


def _bounds(estimate: Mapping[str, Any]) -> str:
    return f"95 % interval {100 * estimate['low']:.0f} to {100 * estimate['high']:.0f}"
