"""How much faster two workers evaluate than one, on idle cores: wall clock of the same episodes, as one ratio.

    python benchmarks/evaluate.py TOWN
    python benchmarks/evaluate.py TOWN --task delivery --engine kinematic --policies route --seeds 8 --hours 0.25

Rounds take turns (one worker, two, two, one ...), each in a new folder, without films or recordings; the time includes
starting the processes and loading the town in each. Prints every round and the ratio of the medians. Cores that are
not idle are told by the load before each round.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bridge.formats.scene_folder import read_scene
from evaluation.evaluate import evaluate
from evaluation.trial import Trial


def trials(chosen: argparse.Namespace, folder: Path) -> list[Trial]:
    """Every policy on every seed."""
    digest = read_scene(chosen.town).digest()
    return [
        Trial(
            str(chosen.town), digest, chosen.task, policy, seed, engine=chosen.engine, hours=chosen.hours,
            vehicles=chosen.vehicles, pedestrians=chosen.pedestrians, folder=str(folder / "episodes"),
        )
        for seed in range(chosen.seeds)
        for policy in chosen.policies.split(",")
    ]  # fmt: skip


def measured(chosen: argparse.Namespace, workers: int) -> float:
    """Seconds of wall clock for all episodes. Raises RuntimeError where one of them failed."""
    with tempfile.TemporaryDirectory(prefix="simbridge-evaluate-") as place:
        wanted = trials(chosen, Path(place))
        begun = time.perf_counter()
        found = evaluate(wanted, Path(place), workers=workers, timeout_s=3600.0)
        lasted_s = time.perf_counter() - begun
    if found.failures:
        raise RuntimeError(f"{len(found.failures)} episodes failed; the first: {found.failures[0]['failure']}")
    return lasted_s


def main() -> None:
    """Prints the rounds and the ratio."""
    flags = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    flags.add_argument("town", type=Path)
    flags.add_argument("--task", default="navigate")
    flags.add_argument("--engine", default="embedded")
    flags.add_argument("--policies", default="route")
    flags.add_argument("--seeds", type=int, default=12)
    flags.add_argument("--hours", type=float, default=None)
    flags.add_argument("--vehicles", type=int, default=10)
    flags.add_argument("--pedestrians", type=int, default=20)
    flags.add_argument("--rounds", type=int, default=2)
    chosen = flags.parse_args()
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for number in range(chosen.rounds):
        for workers in (1, 2) if number % 2 == 0 else (2, 1):
            load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
            seconds[workers].append(measured(chosen, workers))
            print(
                f"round {number + 1}, {workers} worker(s): {seconds[workers][-1]:.1f} s (load before: {load})",
                flush=True,
            )
    one, two = (statistics.median(seconds[workers]) for workers in (1, 2))
    print(f"2 workers are {one / two:.2f} times as fast as 1 ({os.cpu_count()} cores)")


if __name__ == "__main__":
    main()
