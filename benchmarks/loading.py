"""How long a large town takes from a client over gRPC into the embedded engine in its supervised process.

python benchmarks/loading.py [--instances 10000] [--size-m 1300] [--rounds 3] [--json FILE]

The town is generated, then cut to just so many instances. The whole is what a client waits. Below are its parts as this
process does them alone, in processor time: the client makes the town's files (unpacked, as for a server on its own computer),
server and worker read them at the same time, and the worker's engine takes the town without waiting for the server.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import bridge
from benchmarks.wire import started
from bridge.engines import open_engine
from bridge.formats.scene_folder import read_scene, scene_files, write_scene
from bridge.scene import Scene

WANTED_S = 3.0


def town_of(count: int, size_m: float) -> Scene:
    """A generated town with just so many instances: things that were placed last are left out."""
    from scene_gen.pipeline import Inputs, build, make_catalog, make_plan, understand

    inputs = Inputs(size_m=size_m)
    plan = make_plan(understand("a rainy harbor town"), seed=0, planner="rules", inputs=inputs)
    town = build(plan, seed=0, catalog=make_catalog(inputs))
    surplus, kept = len(town.instances()) - count, []
    if surplus < 0:
        raise SystemExit(f"{size_m:g} m give {len(town.instances()):,} instances; ask for a larger --size-m.")
    for group in reversed(town.placements):
        left = max(len(group.names) - surplus, 0)
        surplus -= len(group.names) - left
        if left:
            kept.append(replace(group, names=group.names[:left], poses=group.poses[:left], scale=group.scale[:left]))
    if surplus:
        raise SystemExit(f"The town has {surplus:,} instances more that are not placed; ask for a smaller --size-m.")
    return replace(town, placements=tuple(reversed(kept)))


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """How long some work takes, by that clock."""
    start = clock()
    work()
    return clock() - start


def parts(town: Scene, folder: Path) -> dict[str, float]:
    """The same, step by step, in this process [CPU s]."""
    write_scene(town, folder, is_packed=False)
    with open_engine("embedded") as engine:
        return {
            "write": seconds(lambda: scene_files(town, is_packed=False)),
            "read": seconds(lambda: read_scene(folder)),
            "engine": seconds(lambda: engine.load(town)),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=10_000)
    parser.add_argument("--size-m", type=float, default=1300.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    town = town_of(options.instances, options.size_m)
    kept: list[subprocess.Popen] = []
    with tempfile.TemporaryDirectory() as place:
        try:
            with bridge.connect(started("embedded", "localhost:0", kept)) as engine:
                whole = [seconds(lambda: engine.load(town), time.perf_counter) for _ in range(options.rounds)]
        finally:
            for process in kept:
                process.terminate()
                process.wait(30)
        alone = [parts(town, Path(place) / str(number)) for number in range(options.rounds)]
        size = sum(path.stat().st_size for path in (Path(place) / "0").iterdir())
    rows = {"whole": statistics.median(whole)}
    rows |= {name: statistics.median(row[name] for row in alone) for name in alone[0]}
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.rounds} rounds")
    print(f"{len(town.instances()):,} instances, {len(town.buildings):,} buildings, {size / 1e6:.1f} MB")
    for name, value in rows.items():
        print(f"{name:8} {value:7.2f} {'s' if name == 'whole' else 'CPU s'}")
    print(f"loading over gRPC {rows['whole']:.2f} s, wanted <= {WANTED_S:g}; each round {[round(s, 2) for s in whole]}")
    if options.json:
        options.json.write_text(json.dumps(rows | {"rounds": whole}, indent=1), "utf-8")


if __name__ == "__main__":
    main()
