"""Which measure sees which error: engine episodes with errors of known size, measured. `python -m evaluation.measures.calibration --out DIR`.

For every edit and measure: the rank correlation of the measure with the edit's size within an episode (Spearman, the median over episodes), and
from which size on it is above its floor, what it says of the unedited episode. A measure that does not rise (below RISES), or is not
above its floor even for the largest edit in most episodes, is not to be trusted for that error, and reports say so.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from evaluation.measures.edits import EditKind, Stage, edits
from evaluation.measures.means import mean_known
from evaluation.measures.measuring import Row, measure
from evaluation.measures.registry import GROUPS, MEASURES, USUAL

Array = NDArray[np.float64]
RISES, MOST = 0.8, 0.8
"""A measure rises if its median rank correlation is at least this; "most" episodes are so many of them."""
_EQUAL = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What a measure makes of an edit: its mean at size 0 and at every size, the median rank correlation (of "better less" turned so that
    worse is more; None where it never changes), and the least size that is above the floor in most episodes, None if none is."""

    measure: str
    edit: str
    unit: str
    sizes: tuple[float, ...]
    values: tuple[float, ...]
    spearman: float | None
    seen_from: float | None
    is_trusted: bool


def spearman(a: Array, b: Array) -> float | None:
    """The rank correlation of two series (n,), ties sharing their ranks; None where one never changes."""
    x, y = (rankdata(one) - (len(one) + 1) / 2 for one in (a, b))
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return None if spread == 0 else float(x @ y) / spread


def verdict(name: str, edit: EditKind, table: Array) -> Verdict:
    """A verdict from the mean measurement of every episode at size 0 and each size of the edit: (episodes, 1 + sizes), nan unknown."""
    worse = -table if MEASURES[name].better == "more" else table
    known = ~np.isnan(worse).any(axis=1)
    sizes = np.array([0.0, *edit.sizes])
    found = [spearman(sizes, np.round(row, 9)) for row in worse[known]]
    rises = (
        float(np.median([0.0 if one is None else one for one in found])) if any(o is not None for o in found) else None
    )
    above = (
        (worse[known][:, 1:] > worse[known][:, :1] + _EQUAL).mean(axis=0) if known.any() else np.zeros(len(edit.sizes))
    )
    seen = [size for size, share in zip(edit.sizes, above, strict=True) if share >= MOST]
    is_trusted = rises is not None and rises >= RISES and bool(above[-1] >= MOST)
    values = tuple(round(float(one), 6) for one in mean_known(table))
    return Verdict(name, edit.name, edit.unit, tuple(edit.sizes), values, rises, seen[0] if seen else None, is_trusted)


def calibrated(stages: Iterable[Stage], *, wanted: Sequence[str] = USUAL) -> list[Verdict]:
    """Verdicts of all measures on all edits, over engine episodes of one task. An episode that an edit cannot be made in (too few things
    that rest) counts for the others alone."""
    tables: dict[tuple[str, str], list[list[float]]] = {}
    kinds: dict[str, EditKind] = {}
    for stage in stages:
        print(f"{stage.task}, seed {stage.seed}", file=sys.stderr)
        truth = stage.true.clip
        own = _means(measure(truth, stage.prediction(), stage.now, wanted=wanted))
        for edit in edits(stage.task):
            if edit.name in ("shift", "remove", "paint") and len(stage.resting()) < max(edit.sizes if edit.unit == "things" else [1]):  # fmt: skip
                continue
            kinds[edit.name] = edit
            rows = [own] + [
                _means(measure(truth, edit.made(stage, size), stage.now, wanted=wanted)) for size in edit.sizes
            ]
            for name in own:
                if MEASURES[name].better != "neither":
                    tables.setdefault((edit.name, name), []).append([row.get(name, float("nan")) for row in rows])
    return [verdict(name, kinds[edit], np.array(table)) for (edit, name), table in tables.items()]


def document(verdicts: Mapping[str, Sequence[Verdict]], *, command: Sequence[str], episodes: int) -> dict:
    """Verdicts by task as a JSON document, by task, edit and measure."""
    tasks = {
        task: {
            edit: {one.measure: asdict(one) for one in rows if one.edit == edit}
            for edit in dict.fromkeys(r.edit for r in rows)
        }
        for task, rows in verdicts.items()
    }
    return {"schema": "simbridge/calibration@1", "command": list(command), "episodes": episodes, "tasks": tasks}


def markdown(verdicts: Mapping[str, Sequence[Verdict]]) -> str:
    """The table for people: by task, measures down and edits across; a number is the rank correlation, bold where it is to be trusted."""
    lines = ["Spearman's rank correlation of each measure with the size of an error put into engine episodes; after the", "slash the least size that is told from no error in most episodes. Bold is to be trusted, · never changes.", ""]  # fmt: skip
    for task, rows in verdicts.items():
        kinds = list(dict.fromkeys((one.edit, one.unit) for one in rows))
        lines += [f"## {task}", "", f"| Measure | {' | '.join(f'{name} [{unit}]' for name, unit in kinds)} |", "|---" * (len(kinds) + 1) + "|"]  # fmt: skip
        for name in dict.fromkeys(one.measure for one in rows):
            own = {one.edit: one for one in rows if one.measure == name}
            lines.append(f"| {MEASURES[name].label} | " + " | ".join(_cell(own.get(edit)) for edit, _ in kinds) + " |")
        lines.append("")
    return "\n".join(lines)


def _cell(one: Verdict | None) -> str:
    if one is None or one.spearman is None:
        return "·"
    text = f"{one.spearman:.2f}" + ("" if one.seen_from is None else f" / {one.seen_from:g}")
    return f"**{text}**" if one.is_trusted else text


def _means(row: Row) -> dict[str, float]:
    return {name: float(mean_known(value.ravel())) for name, value in row.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m evaluation.measures.calibration", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder for calibration.json and calibration.md")
    parser.add_argument("--tasks", nargs="+", default=["manipulate"], choices=["manipulate", "drive"])
    parser.add_argument("--town", default="", help="the town to drive in, a scene folder; the hamlet without")
    parser.add_argument("--episodes", type=int, default=6)
    parser.add_argument("--frames", type=int, default=14)
    parser.add_argument("--now", type=int, default=3, help="how many frames are the past, less one")
    parser.add_argument("--seed", type=int, default=9000, help="seeds of episodes count from here")
    parser.add_argument("--wanted", nargs="+", default=list(USUAL), help=f"measures or groups: {', '.join(GROUPS)}")
    told = parser.parse_args(given)
    verdicts = {}
    for task in told.tasks:
        town = told.town if task == "drive" else ""
        stages = [Stage(task, told.seed + i, told.frames, told.now, town) for i in range(told.episodes)]
        verdicts[task] = calibrated(stages, wanted=told.wanted)
    told.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(verdicts, command=given, episodes=told.episodes), indent=1)
    (told.out / "calibration.json").write_text(text + "\n", encoding="utf-8")
    (told.out / "calibration.md").write_text(markdown(verdicts), encoding="utf-8")
    print(told.out / "calibration.md")


if __name__ == "__main__":
    main()
