"""What a tick of the embedded engine costs beside MuJoCo's bare steps of the same model, and loading and memory.

python benchmarks/embedded.py [--seconds 10] [--prompt "a rainy harbor town"] [--json FILE]

Times are processor time. The town keeps 30 movers (20 on foot, 10 on wheels, all told to go) and 20 loose things; nothing sleeps. Bare steps and
ticks with state hash take turns, so that other load on the machine strikes both; the median of the ratios counts.
"""

import argparse
import json
import platform
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import mujoco

from bridge.engine import Action, Drive, Velocity
from bridge.engines import open_engine
from bridge.engines.embedded.compile import SUBSTEPS
from bridge.engines.embedded.roster import role_of
from bridge.scene import Scene

ON_FOOT, ON_WHEELS, LOOSE, ROUNDS, WANTED = 20, 10, 20, 10, 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to measure, in all")
    parser.add_argument("--prompt", default="a rainy harbor town")
    parser.add_argument("--json", help="write the numbers there as well")
    options = parser.parse_args()
    from scene_gen.pipeline import make_town

    town = make_town(options.prompt, seed=0).scene
    rows = {
        "load_whole_town_s": statistics.median(load_s(town) for _ in range(3)),
        **rates(peopled(town), options.seconds),
        "memory_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(f"{options.prompt}: {len(town.instances()):,} instances; {platform.processor() or platform.machine()}")
    for name, value in rows.items():
        print(f"{name:24} {value:10.3f}")
    print(f"ticks beside bare steps: {rows['ratio']:.2f}, wanted >= {WANTED}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


def peopled(town: Scene) -> Scene:
    """The town with so many of each role and no more; what stands stays."""
    left = {"walker": ON_FOOT, "wheels": ON_WHEELS, "free": LOOSE, "boat": 0}
    groups = []
    for group in town.placements:
        role = role_of(town.assets[group.asset])
        count = min(len(group.names), left.get(role, len(group.names)))
        if role in left:
            left[role] -= count
        if count:
            kept = replace(group, names=group.names[:count], poses=group.poses[:count], scale=group.scale[:count])
            groups.append(kept)
    return replace(town, placements=tuple(groups), agents=())


def load_s(town: Scene) -> float:
    """Seconds that a fresh engine takes to load a town."""
    with open_engine("embedded") as engine:
        return timed(lambda: engine.load(town))


def rates(town: Scene, seconds: float) -> dict[str, float]:
    """Ticks and bare ticks' worth of steps a second, and their ratio."""
    with open_engine("embedded", sleeps=False, reserve=0) as engine:
        engine.load(town)
        names = engine.reset(seed=0).names
        roles = {name: role_of(town.assets[g.asset]) for g in town.placements for name in g.names}
        actions = {name: Action(Velocity(1.2, 0.0, 0.3)) for name in names if roles[name] == "walker"}
        actions |= {name: Action(Drive(0.4, 0.3)) for name in names if roles[name] == "wheels"}
        assert len(actions) == ON_FOOT + ON_WHEELS
        for _ in range(50):
            engine.step(actions)
        world = engine._world
        data = mujoco.MjData(world.model)
        bare, ticks = [], []

        def tick() -> None:
            engine.step(actions)
            engine.state_hash()

        count = max(1, int(seconds / (4 * ROUNDS * timed(tick))))
        for _ in range(ROUNDS):
            mujoco.mj_copyData(data, world.model, world.data)
            bare.append(count / timed(lambda: mujoco.mj_step(world.model, data, nstep=SUBSTEPS * count)))
            ticks.append(count / timed(lambda: [tick() for _ in range(count)]))
        return {
            "bodies": float(len(names)),
            "geoms": float(world.model.ngeom),
            "contacts": float(world.data.ncon),
            "bare_ticks_per_cpu_s": statistics.median(bare),
            "ticks_per_cpu_s": statistics.median(ticks),
            "ratio": statistics.median(t / b for t, b in zip(ticks, bare, strict=True)),
        }


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time that some work takes: other programs on the machine count less."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
