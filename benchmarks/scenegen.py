"""How long towns take: medians of CPU seconds over runs, each in a fresh process, with peak memory.

python benchmarks/scenegen.py [--runs 5] [--json FILE] [--only NAME ...]
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PROMPT = "a rainy harbor town"
LIMITS = {
    "build, default town": ("cpu_s", 2.0),
    "whole command, default town": ("wall_s", 10.0),
    "build, 5,000 buildings": ("cpu_s", 30.0),
}
SIMWORLD = "for scale: SimWorld's public generator, layout only: 2.4, 15.8, 40.8 CPU s for 77, 251, 430 buildings"


def build_town(prompt: str, size_m: float | None, trees: float = 1.0) -> dict:
    """Plans and builds in this process after imports; returns CPU seconds of the build and what came out."""
    from dataclasses import replace

    from scene_gen.build.town import build
    from scene_gen.pipeline import Inputs, make_plan
    from scene_gen.understand import understand

    plan = make_plan(understand(prompt), seed=0, planner="rules", inputs=Inputs(size_m=size_m))
    if trees != 1.0:
        plan = replace(plan, look=replace(plan.look, trees_density=plan.look.trees_density * trees))
    start = time.process_time()
    scene = build(plan, seed=0)
    cpu = time.process_time() - start
    counted = sum(len(g.names) for g in scene.placements if scene.assets[g.asset].semantic == "tree")
    return {"cpu_s": cpu, "buildings": len(scene.buildings), "trees": counted}


def run_command() -> dict:
    """The whole command with all exports and pictures, as a user runs it."""
    with tempfile.TemporaryDirectory() as folder:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "scene_gen.cli", PROMPT, "--quiet", "--out", f"{folder}/town"]
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1):
            raise SystemExit(f"scenegen failed with {done.returncode}")
        town = json.loads((Path(folder) / "town" / "manifest.json").read_text("utf-8"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_s": cpu, "wall_s": wall, "steps": town["times"]["step_s"]}


CASES = {
    "build, default town": lambda: build_town(PROMPT, None),
    "whole command, default town": run_command,
    "build, 500 buildings": lambda: build_town("a town", 600),
    "build, 5,000 buildings": lambda: build_town("a town", 2050),
    "build, forest": lambda: build_town("a village in a forest", 1600),
    "build, forest, 50,000 trees more": lambda: build_town("a village in a forest", 1600, trees=3.6),
}


def measure(name: str, runs: int) -> dict:
    """Medians over fresh processes, one warm-up not counted."""
    rows = []
    for _ in range(runs + 1):
        done = subprocess.run([sys.executable, __file__, "--case", name], capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    rows = rows[1:]
    figures = {
        key: statistics.median(row[key] for row in rows) for key in rows[0] if isinstance(rows[0][key], (int, float))
    }
    return {**figures, "runs": runs, "steps": rows[-1].get("steps", {})}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        row = CASES[options.case]()
        scale = 1 if platform.system() == "Darwin" else 1024
        who = resource.RUSAGE_CHILDREN if "steps" in row else resource.RUSAGE_SELF
        row["peak_mb"] = resource.getrusage(who).ru_maxrss * scale / 1e6
        print(json.dumps(row))
        return
    table = {name: measure(name, options.runs) for name in options.only or CASES}
    print(f"{'case':<34}{'CPU s':>8}{'wall s':>8}{'MB':>7}{'buildings':>11}{'trees':>8}  limit")
    for name, row in table.items():
        key, limit = LIMITS.get(name, ("", 0.0))
        verdict = f"{key} ≤ {limit:g}: {'yes' if row[key] <= limit else 'NO'}" if key else ""
        wall, cells = row.get("wall_s"), [row.get("buildings"), row.get("trees")]
        print(
            f"{name:<34}{row['cpu_s']:>8.2f}{f'{wall:.2f}' if wall else '':>8}{row['peak_mb']:>7.0f}"
            f"{f'{cells[0]:.0f}' if cells[0] else '':>11}{f'{cells[1]:.0f}' if cells[1] else '':>8}  {verdict}"
        )
    if {"build, 500 buildings", "build, 5,000 buildings"} <= set(table):
        small, large = table["build, 500 buildings"], table["build, 5,000 buildings"]
        ratio, times = large["cpu_s"] / small["cpu_s"], large["buildings"] / small["buildings"]
        print(f"{times:.1f} times the buildings cost {ratio:.1f} times the CPU (limit 12 for ten times)")
    if {"build, forest", "build, forest, 50,000 trees more"} <= set(table):
        few, many = table["build, forest"], table["build, forest, 50,000 trees more"]
        print(
            f"{many['trees'] - few['trees']:.0f} more trees cost {many['cpu_s'] - few['cpu_s']:.2f} CPU s (limit 2 for 50,000)"
        )
    print(SIMWORLD)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1), "utf-8")


if __name__ == "__main__":
    main()
