"""What a shift costs: 8 scripted couriers against the clock, and 64 against 8, with everyday life and without pictures.

    python benchmarks/delivery.py TOWN [--policy greedy] [--hours 0.5] [--engine kinematic] [--detail near]

Prints simulated seconds a second of CPU time (one process, all of it: engine, streets, task, minds; setting the episode
up not counted), and what 64 couriers cost as a multiple of 8. `--detail` is the embedded engine's.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bridge.control import Town
from bridge.engines import open_engine
from bridge.formats.scene_folder import read_scene
from bridge.plugins import load
from bridge.tasks import delivery
from evaluation import EpisodeResult, Life, rollout


def measured(
    town: Town, couriers: int, policy: str, hours: float, engine: str, seed: int, **options: str
) -> tuple[EpisodeResult, float]:
    """The result of a shift, and its CPU seconds from the first step to the last."""
    task = delivery.make(delivery.Config(agents=couriers, hours=hours))
    module = load("policies", policy, what="policy")
    marks: list[float] = []
    with open_engine(engine, **options) as opened:  # type: ignore[attr-defined]
        opened.load(town.scene)
        minds = {agent: module.make(module.Config()) for agent in task.agents(town.scene)}
        result = rollout(
            task, town.scene, opened, minds, seed=seed, hours=hours, ambient=Life(10, 20), town=town,
            on_step=lambda state, outcomes: marks.append(time.process_time()),
        )  # fmt: skip
    return result, marks[-1] - marks[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints both ratios."""
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("town", type=Path)
    flags.add_argument("--policy", default="greedy")
    flags.add_argument("--hours", type=float, default=0.5)
    flags.add_argument("--engine", default="kinematic")
    flags.add_argument("--couriers", type=int, nargs=2, default=(8, 64))
    flags.add_argument("--detail", choices=("near", "full"))
    told = flags.parse_args(arguments)
    town = Town(read_scene(told.town))
    costs, options = [], {"detail": told.detail} if told.detail else {}
    print(f"{'couriers':>9}{'simulated s':>13}{'CPU s':>9}{'x real time':>13}{'delivered':>11}{'collisions':>12}")
    for couriers in told.couriers:
        result, cpu_s = measured(town, couriers, told.policy, told.hours, told.engine, seed=0, **options)
        done, hits = (sum(row[key] for row in result.rows.values()) for key in ("delivered", "collisions"))
        costs.append(cpu_s / result.simulated_s)
        print(
            f"{couriers:>9}{result.simulated_s:>13.0f}{cpu_s:>9.2f}{result.simulated_s / cpu_s:>13.1f}{done:>11}{hits:>12}",
            flush=True,
        )
    few, many = told.couriers
    print(f"{few} couriers: {1 / costs[0]:.0f} times real time (wanted: 100)")
    print(f"{many} couriers cost {costs[1] / costs[0]:.2f} times what {few} do (wanted: at most 10)")


if __name__ == "__main__":
    main()
