"""What a tick of the embedded engine costs beside MuJoCo's bare steps; crowds, cameras, loading and memory.

python benchmarks/embedded.py [--seconds 10] [--prompt "a rainy harbor town"] [--json FILE]

Times are processor time, but those that end in _wall, medians, and _calm, the least by the clock. The town keeps 30 movers (20 on foot, 10 on wheels, all told to
go) and 20 loose things; nothing sleeps. Bare steps and ticks with state hash take turns, so that other load on the
machine strikes both; the median of the ratios counts.
Crowds are 10 and 100 people who all walk, ticks taking turns; cameras are 320x240 at the eyes of people, one or seven a tick.
llvmpipe rasterises in as many threads as there are cores, or as LP_NUM_THREADS says; the clock hangs on it.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Drive, Velocity
from bridge.engines import open_engine
from bridge.engines.embedded.cameras import camera_named
from bridge.engines.embedded.compile import SUBSTEPS
from bridge.engines.embedded.roster import MOVING, role_of
from bridge.frames import pose_array
from bridge.scene import NODE_KINDS, Placements, Scene
from bridge.types import Camera

ON_FOOT, ON_WHEELS, LOOSE, ROUNDS, WANTED = 20, 10, 20, 10, 0.5
FEW, MANY, MOST_DEARER, CAMERAS, MOST_CAMERAS = 10, 100, 4.0, 7, 5.0


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
        **crowds(town, options.seconds),
        **cameras(town),
        "memory_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(f"{options.prompt}: {len(town.instances()):,} instances; {platform.processor() or platform.machine()}")
    for name, value in rows.items():
        print(f"{name:24} {value:10.3f}")
    print(f"ticks beside bare steps: {rows['ratio']:.2f}, wanted >= {WANTED}")
    print(f"{MANY} agents beside {FEW}: {rows['crowd_ratio']:.2f}, wanted <= {MOST_DEARER}")
    wall, calm = rows["camera_ratio_wall"], rows["camera_ratio_calm"]
    print(
        f"{CAMERAS} cameras beside one, wanted <= {MOST_CAMERAS}: processor time {rows['camera_ratio']:.2f},", end=" "
    )
    threads = os.environ.get("LP_NUM_THREADS", os.cpu_count())
    print(f"clock {wall:.2f} (calmest {calm:.2f}), load {os.getloadavg()[0]:.1f}, llvmpipe threads: {threads}")
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


def crowd(town: Scene, count: int, **options: Any) -> tuple[Any, dict[str, Action]]:
    """An engine with so many people, who stand where people spawn or walk, and what they are told."""
    empty = {name for group in town.placements if role_of(town.assets[group.asset]) in MOVING for name in group.names}
    kept = tuple(group for group in town.placements if not set(group.names) & empty)
    person = next(asset.name for asset in town.assets.values() if asset.semantic == "person")
    walks = [NODE_KINDS.index(kind) for kind in ("sidewalk", "square", "quay", "path")]
    places = town.navigation.nodes[np.isin(town.navigation.node_kind, walks)]
    chosen = places[np.linspace(0, len(places) - 1, count).astype(int)]
    people = Placements(
        person, tuple(f"p-{index}" for index in range(count)), pose_array(chosen, 0.0), np.ones((count, 3))
    )
    engine: Any = open_engine("embedded", reserve=0, **options)
    engine.load(replace(town, placements=(*kept, people), agents=()))
    engine.reset(seed=0)
    actions = {name: Action(Velocity(1.2, 0.0, 0.3)) for name in people.names}
    for _ in range(50):
        engine.step(actions)
    return engine, actions


def crowds(town: Scene, seconds: float) -> dict[str, float]:
    """Processor time of ticks with few and with many agents, and how much dearer the many are."""
    runs = [crowd(town, count) for count in (FEW, MANY)]

    def ticks(which: int, count: int) -> float:
        engine, actions = runs[which]
        return timed(lambda: [(engine.step(actions), engine.state_hash()) for _ in range(count)]) / count

    count = max(1, int(seconds / (4 * ROUNDS * ticks(1, 3))))
    pairs = [(ticks(0, count), ticks(1, count)) for _ in range(ROUNDS)]
    for engine, _ in runs:
        engine.close()
    return {
        f"tick_of_{FEW}_ms": 1e3 * statistics.median(few for few, _ in pairs),
        f"tick_of_{MANY}_ms": 1e3 * statistics.median(many for _, many in pairs),
        "crowd_ratio": statistics.median(many / few for few, many in pairs),
    }


def cameras(town: Scene) -> dict[str, float]:
    """Time of one picture a tick (of each camera in turn), of all, and how much dearer all are.

    Medians of processor time and of the clock's; least of the clock's, when the machine was calmest.
    """
    engine, actions = crowd(town, CAMERAS)
    named = [replace(camera_named(engine._world, f"{name}/front", {}), width=320, height=240) for name in actions]
    modalities = ("rgb", "depth", "segmentation")

    def look(which: Sequence[Camera]) -> NDArray[np.float64]:
        engine.step(actions)
        start = time.perf_counter()
        spent = timed(lambda: engine.observe(which, modalities))
        return np.array([spent, time.perf_counter() - start])

    look(named)
    rounds = np.array([[*(look([one]) for one in named), look(named)] for _ in range(ROUNDS)])
    engine.close()
    singles, several = 1e3 * rounds[:, :-1], 1e3 * rounds[:, -1]
    one = singles.mean(axis=1)
    rows = {"camera_ms": one, f"{CAMERAS}_cameras_ms": several, "camera_ratio": several / one}
    medians = {name: np.median(values, axis=0).tolist() for name, values in rows.items()}
    least_one, least = float(singles[..., 1].min(axis=0).mean()), float(several[:, 1].min())
    calm = {"camera_ms": least_one, f"{CAMERAS}_cameras_ms": least, "camera_ratio": least / least_one}
    return {
        name + clock: value
        for name, both in medians.items()
        for clock, value in zip(("", "_wall", "_calm"), (*both, calm[name]), strict=True)
    }


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time that some work takes: other programs on the machine count less."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
