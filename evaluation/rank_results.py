"""What is concluded of a ranking: all measures with their intervals, what holds them up, and what few engine episodes would have done."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from evaluation import stats
from evaluation.prediction_coverage import coverage
from evaluation.prediction_powered import METHODS, powered
from evaluation.rank import Ranking
from evaluation.ranking import MEASURES, fisher_interval, leverage, measures, permutation_floor
from evaluation.ranking_bootstrap import RESAMPLES, bootstrap, errors, self_agreement

Array = NDArray[np.float64]
SHARES = (0.2, 0.4)
"""What part of the seeds the engine runs where dreams have the rest, for prediction-powered inference."""


def results(ranking: Ranking, *, seed: int = 0, resamples: int = RESAMPLES, draws: int = 40) -> dict[str, Any]:
    """The document of results.json. `seed` is that of bootstraps and draws."""
    verdicts = {"state": ranking.model}
    if ranking.head is not None:
        verdicts["head"] = ranking.head
    return plain(
        {
            "schema": "simbridge/ranking@1",
            "policies": len(ranking.labels),
            "seeds": list(ranking.seeds),
            "left_out_seeds": list(ranking.left_out),
            "self_agreement": self_agreement(ranking.real, stream(seed, "rank", "halves")),
            "verdicts": {
                name: judged(ranking, table, stream(seed, "rank", name), resamples=resamples)
                for name, table in verdicts.items()
            },
            "prediction_powered": prediction_powered(ranking, seed=seed, draws=draws),
            "by_policy": [_policy(ranking, index) for index in range(len(ranking.labels))],
            "failures": list(ranking.failures),
        }
    )


def judged(ranking: Ranking, table: Array, rng: np.random.Generator, *, resamples: int) -> dict[str, Any]:
    """Everything about one verdict of the model's."""
    real, model = ranking.real.mean(axis=1), table.mean(axis=1)
    found = bootstrap(ranking.real, table, rng, level="both", resamples=resamples)
    policies = bootstrap(ranking.real, table, rng, level="policies", resamples=resamples)
    seeds = bootstrap(ranking.real, table, rng, level="seeds", resamples=resamples)
    pearson = found["pearson"].value
    return {
        "measures": {
            name: {
                "value": found[name].value,
                "both": [found[name].low, found[name].high],
                "policies": [policies[name].low, policies[name].high],
                "seeds": [seeds[name].low, seeds[name].high],
                "undefined": found[name].undefined,
            }
            for name in MEASURES
        },
        "fisher_pearson": fisher_interval(pearson, len(real)),
        "leverage": {
            name: [asdict(one) for one in leverage(ranking.labels, real, model, measure=name)]
            for name in ("pearson", "spearman")
        },
        "permutation": {
            name: asdict(permutation_floor(real, model, rng, measure=name)) for name in ("pearson", "spearman")
        },
        "distinct": [len(np.unique(real.round(9))), len(np.unique(model.round(9)))],
        "episodes_agree": float((np.abs(ranking.real - table) < 0.5).mean()),
        "errors": asdict(errors(ranking.real, table)),
    }


def prediction_powered(ranking: Ranking, *, seed: int, draws: int) -> dict[str, Any]:
    """What a share of the engine's episodes and all dreams would have said, and how often such intervals hold."""
    count = len(ranking.seeds)
    sizes = sorted({max(int(round(share * count)), 2) for share in SHARES} - {count})
    found: dict[str, Any] = {"coverage": [], "by_policy": []}
    for n in (size for size in sizes if size < count):
        for method in METHODS:
            rng = stream(seed, "rank", "coverage", n, method)
            one = coverage(ranking.real, ranking.model, rng, n=n, m=count - n, method=method, draws=draws)
            found["coverage"].append({**asdict(one), "saved": one.saved})
    n = next((size for size in sizes if size < count), 0)
    for index, label in enumerate(ranking.labels if n else ()):
        y, f = ranking.real[index], ranking.model[index]
        one = powered(y[:n], f[:n], f[n:], method="plus")
        sure = powered(y[:n], f[:n], f[n:], method="betting")
        found["by_policy"].append(
            {
                "policy": label, "n": n, "m": count - n, "truth": float(y.mean()), "value": one.value, "low": one.low,
                "high": one.high, "alone": list(one.classical), "power": one.power, "saved": one.saved,
                "betting": [sure.low, sure.high], "betting_alone": list(sure.classical),
            }
        )  # fmt: skip
    return found


def _policy(ranking: Ranking, index: int) -> dict[str, Any]:
    label = ranking.labels[index]
    real, model = ranking.real[index], ranking.model[index]
    rng = stream(0, "rank", "policy", label)
    row: dict[str, Any] = {
        "policy": label, "words": ranking.words.get(label, ""), "engine": estimate(real, rng), "dream": estimate(model, rng),
        "bias": _estimate(stats.mean((model - real).tolist(), rng)), "agree": float((np.abs(real - model) < 0.5).mean()),
    }  # fmt: skip
    if ranking.head is not None:
        row["head"] = estimate(ranking.head[index], rng)
    return row


def estimate(values: Array, rng: np.random.Generator) -> dict[str, Any]:
    """The mean with its interval: Wilson's for what is only 0 or 1, else by bootstrap."""
    if np.isin(values, (0.0, 1.0)).all():
        return _estimate(stats.rate(values.tolist(), [1.0] * len(values)))
    return _estimate(stats.mean(values.tolist(), rng))


def _estimate(found: stats.Estimate | None) -> dict[str, Any]:
    assert found is not None
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}


def table_results(real: Sequence[float], model: Sequence[float], names: Sequence[str], *, seed: int = 0) -> dict[str, Any]:  # fmt: skip
    """All numbers of a table of means, of which no episodes are known: policies alone are drawn anew."""
    x, y = np.asarray(real, dtype=np.float64), np.asarray(model, dtype=np.float64)
    found = measures(x, y)
    drawn = bootstrap(x[:, None], y[:, None], stream(seed, "rank", "table"), level="policies")
    return plain(
        {
            "n": len(x),
            "measures": {name: {"value": found[name], "policies": [drawn[name].low, drawn[name].high]} for name in MEASURES},
            "fisher_pearson": fisher_interval(found["pearson"], len(x)),
            "leverage": {
                name: [asdict(one) for one in leverage(tuple(names), x, y, measure=name)] for name in ("pearson", "spearman")
            },
            "permutation": {
                name: asdict(permutation_floor(x, y, stream(seed, "rank", "orders", name), measure=name))
                for name in ("pearson", "spearman")
            },
        }
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A document that JSON has words for: what is no number is None."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value
