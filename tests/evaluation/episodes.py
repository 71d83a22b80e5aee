"""Episodes for tests of evaluations: invented in an instant, with the scores that policy and seed say."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.trial import Trial


def invented(trial: Trial) -> dict[str, Any]:
    """An episode as `evaluation.trial.run` tells it; `route` earns 3 more than anybody else. Notes that it was run.

    The file `deadly` in the folder makes the process of the seed in it die; `fatal` names a seed whose parent is killed.
    """
    folder = Path(trial.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "runs.txt").open("a", encoding="utf-8") as file:
        file.write(f"{trial.label} {trial.seed}\n")
    if _names(folder / "deadly", trial.seed):
        os._exit(9)
    if _names(folder / "fatal", trial.seed):
        (folder / "fatal").unlink()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    luck = float(np.random.default_rng(trial.seed).normal(0.0, 20.0))
    profit = luck + (3.0 if trial.label == "route" else 0.0) + 0.01 * trial.seed
    rows = {f"courier-{i}": {"profit": profit + i, "delivered": 3, "failed": i % 2} for i in (1, 2)}
    walk = [[float(t), 10.0 * np.cos(t / 9) + trial.seed, 10.0 * np.sin(t / 9)] for t in range(60)]
    document = {
        "task": trial.task, "engine": "invented 1", "seed": trial.seed, "policies": dict.fromkeys(rows, trial.label),
        "simulated_s": 60.0, "rows": rows, "traces": {"courier-1": walk, "courier-2": [[t, y, x] for t, x, y in walk]},
        "events": [{"time_s": 30.0, "agent": "courier-1", "kind": "delivered", "order": "order-1"}],
    }  # fmt: skip
    path = folder / f"{trial.name}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return {"rows": rows, "ended": "over", "simulated_s": 60.0, "wall_s": 0.5, "file": path.name, "recording": ""}


def _names(path: Path, seed: int) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8").strip() == str(seed)


def trials(
    folder: Path, *, policies: tuple[str, ...] = ("route", "tests.evaluation.wandering"), seeds: int = 8
) -> list[Trial]:
    """Trials of policies on seeds, paired, for `invented`."""
    return [
        Trial("nowhere", "0" * 64, "navigate", policy, seed, folder=str(folder / "episodes"))
        for seed in range(seeds)
        for policy in policies
    ]
