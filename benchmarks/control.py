"""What ambient life costs: a tick of the embedded engine with its minds, for 10 and for 100 agents, as one ratio.

    python benchmarks/control.py TOWN

Half are cars as far as the town has lanes for them, the rest walk. Prints CPU milliseconds a tick (median of the runs)
of minds and engine, and the cost of 100 as a multiple of that of 10.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from bridge.control import Ambient, Town
from bridge.engines import open_engine
from bridge.formats.scene_folder import read_scene

WARM_UP_TICKS, TICKS, RUNS = 250, 500, 3


def measured(town: Town, agents: int) -> tuple[int, float, float]:
    """How many there are, and CPU ms a tick of their minds and of the engine."""
    ambient = Ambient(town, seed=0, vehicles=agents // 2, pedestrians=agents)
    walkers = agents - len(ambient.traffic.names)
    ambient = Ambient(town, seed=0, vehicles=agents // 2, pedestrians=walkers)
    with open_engine("embedded") as engine:
        engine.load(town.scene)
        engine.reset(seed=0)
        state = engine.edit(ambient.spawns())
        while state.tick < WARM_UP_TICKS:
            state = engine.step(ambient.act(state))
        minds, steps = [], []
        for _ in range(RUNS):
            mind_s = step_s = 0.0
            for _ in range(TICKS):
                begun = time.process_time()
                actions = ambient.act(state)
                thought = time.process_time()
                state = engine.step(actions)
                mind_s, step_s = mind_s + thought - begun, step_s + time.process_time() - thought
            minds.append(1e3 * mind_s / TICKS)
            steps.append(1e3 * step_s / TICKS)
    return len(ambient.names), float(np.median(minds)), float(np.median(steps))


def main() -> None:
    """Prints the table."""
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("town", type=Path)
    town = Town(read_scene(flags.parse_args().town))
    print(f"{'agents':>7}{'minds ms':>10}{'engine ms':>11}{'both ms':>9}")
    both = []
    for agents in (10, 100):
        there, minds, steps = measured(town, agents)
        both.append(minds + steps)
        print(f"{there:>7}{minds:>10.2f}{steps:>11.2f}{both[-1]:>9.2f}", flush=True)
    print(f"100 agents cost {both[1] / both[0]:.2f} times what 10 do")


if __name__ == "__main__":
    main()
