"""Tables of what others measured: read from JSON or CSV, and all numbers of them in words for a terminal."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bridge.errors import InvalidInput
from evaluation.rank_results import table_results
from evaluation.ranking import mmrv, mmrv_as_printed

_COLUMNS = ("real", "model")
LABELS = {
    "pearson": "Pearson", "spearman": "Spearman", "kendall": "Kendall tau-b", "mmrv": "MMRV", "mmrv_as_printed": "MMRV, as printed",
    "pairwise_accuracy": "Pairwise accuracy", "bias": "Bias", "rmse": "RMSE", "slope": "Slope", "intercept": "Intercept",
}  # fmt: skip
"""What measures are called."""


@dataclass(frozen=True)
class Row:
    """A policy's value by the judge that is believed and by the model; `task` and `measure` "" where there is one of them only."""

    policy: str
    real: float
    model: float
    task: str = ""
    measure: str = ""

    @property
    def name(self) -> str:
        """What it is called beside others."""
        return f"{self.policy}, {self.task}" if self.task else self.policy


def read_table(path: Path) -> tuple[Row, ...]:
    """The rows of a CSV with a head line, or a JSON list of objects, with "real" and "model", and where there are such "policy", "task" and
    "measure". Raises InvalidInput.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        found: Any = json.loads(text) if path.suffix == ".json" else list(csv.DictReader(text.splitlines()))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read as a table ({error}). Give a .csv with a head line, or a .json list of objects.") from error  # fmt: skip
    if not isinstance(found, list) or not found:
        raise InvalidInput(f"{path} holds no rows. Give a list of objects, each with 'real' and 'model'.")
    return tuple(_row(path, number, one) for number, one in enumerate(found, start=1))


def _row(path: Path, number: int, one: Any) -> Row:
    missing = [name for name in _COLUMNS if not isinstance(one, Mapping) or one.get(name) in (None, "")]
    if missing:
        raise InvalidInput(
            f"{path}, row {number}: {' and '.join(missing)} is missing. Each row has 'real' and 'model', as numbers."
        )
    try:
        real, model = float(one["real"]), float(one["model"])
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{path}, row {number}: 'real' and 'model' have to be numbers ({error}).") from error
    told = {name: str(one.get(name) or "") for name in ("task", "measure")}
    return Row(str(one.get("policy") or f"policy-{number}"), real, model, **told)


def concluded(rows: Sequence[Row], *, seed: int = 0) -> dict[str, Any]:
    """All numbers, by measure: of all rows at once, of policies' means over tasks, and MMRV by task and its mean over them."""
    found: dict[str, Any] = {}
    for measure in dict.fromkeys(row.measure for row in rows):
        mine = [row for row in rows if row.measure == measure]
        one = table_results([r.real for r in mine], [r.model for r in mine], [r.name for r in mine], seed=seed)
        tasks = list(dict.fromkeys(row.task for row in mine))
        if len(tasks) > 1:
            one |= _by_task(mine, tasks, seed)
        found[measure or "all"] = one
    return found


def _by_task(rows: Sequence[Row], tasks: Sequence[str], seed: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    parts = [[row for row in rows if row.task == task] for task in tasks]
    if all(len(part) > 1 for part in parts):
        values = [([row.real for row in part], [row.model for row in part]) for part in parts]
        found["mmrv_by_task"] = {task: mmrv(*pair) for task, pair in zip(tasks, values)}
        found["mmrv_mean_over_tasks"] = float(np.mean([mmrv(*pair) for pair in values]))
        found["mmrv_as_printed_mean_over_tasks"] = float(np.mean([mmrv_as_printed(*pair) for pair in values]))
    policies = list(dict.fromkeys(row.policy for row in rows))
    means = [[np.mean([getattr(r, side) for r in rows if r.policy == name]) for name in policies] for side in _COLUMNS]
    if len(policies) > 1:
        found["policy_means"] = table_results(
            [float(v) for v in means[0]], [float(v) for v in means[1]], policies, seed=seed
        )
    return found


def told(found: Mapping[str, Any]) -> str:
    """The document of `concluded` in lines for people."""
    lines: list[str] = []
    for measure, one in found.items():
        lines += [f"{measure}: {one['n']} pairs of real and model", *_numbers(one)]
        if "mmrv_mean_over_tasks" in one:
            lines.append(
                f"  MMRV task by task, mean {number(one['mmrv_mean_over_tasks'])} (as printed {number(one['mmrv_as_printed_mean_over_tasks'])})"
            )
        if "policy_means" in one:
            lines += [f"  means over tasks of {one['policy_means']['n']} policies", *(f"  {line}" for line in _numbers(one["policy_means"]))]  # fmt: skip
        lines.append("")
    return "\n".join(lines).rstrip()


def _numbers(one: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, row in one["measures"].items():
        low, high = row["policies"]
        drawn = f"  bootstrap {number(low)} to {number(high)}" if low is not None else ""
        fisher = one["fisher_pearson"] if name == "pearson" else None
        drawn += f"; Fisher z {number(fisher[0])} to {number(fisher[1])}" if fisher else ""
        lines.append(f"  {LABELS[name]:<20}{number(row['value']):>8}{drawn}")
    floor = one["permutation"]["spearman"]
    kind = "exact" if floor["is_exact"] else f"{floor['orders']} orders drawn"
    lines.append(
        f"  By chance: Spearman p = {floor['p_value']:.2g} ({kind}), and no less than 1/k! = {floor['least_p']:.2g}"
    )
    if one["leverage"]["pearson"]:
        most = one["leverage"]["pearson"][0]
        lines.append(f"  Pearson without {most['policy']}: {number(most['without'])} (the one that matters most)")
    return lines


def number(value: float | None, digits: int = 3) -> str:
    """A number with a proper minus; "none" for what is not defined."""
    return "none" if value is None else f"{value:.{digits}f}".replace("-", "−")
