"""Every limit of the bridge and the embedded engine in one table: what was found, what is wanted, whether it holds.

python benchmarks/bridge.py [--rivals PYTHON] [--rounds 3] [--json FILE]

Runs benchmarks/wire.py, embedded.py and loading.py one after another and reads their numbers. Rivals, dm_env_rpc and the
unrealcv client, are installed from PyPI into an environment of their own, out/rivals, unless `--rivals` names a Python that
has them. Nothing else should run meanwhile: the load before each part is told. It ends with status 1 if a limit is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RIVALS = ("dm-env-rpc", "unrealcv", "numpy")
Rows = dict[str, float]


class Limit(NamedTuple):
    """One line of the table."""

    what: str
    found: float
    wanted: float
    is_most: bool
    """Whether `wanted` is the most that it may be; else the least."""

    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.found <= self.wanted if self.is_most else self.found >= self.wanted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=Path, help="a Python that has dm-env-rpc and unrealcv; made if left out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rivals = options.rivals or rivals_made(Path("out/rivals"))
    rounds = str(options.rounds)
    limits = of_wire(numbers("wire", "--rounds", rounds, "--seconds", "0.5", "--rivals", str(rivals)))
    limits += of_embedded(numbers("embedded"))
    limits += of_loading(numbers("loading", "--rounds", rounds))
    print(f"\n{'':52} {'found':>8}  {'wanted':>8}")
    for limit in limits:
        bound = f"{'<=' if limit.is_most else '>='} {limit.wanted:g}"
        print(f"{limit.what:52} {limit.found:8.3f}  {bound:>8}  {'' if limit.holds() else 'MISSED'}".rstrip())
    if options.json:
        options.json.write_text(json.dumps([{**limit._asdict(), "holds": limit.holds()} for limit in limits], indent=1))
    raise SystemExit(not all(limit.holds() for limit in limits))


def rivals_made(folder: Path) -> Path:
    """The Python of an environment that has the rivals; made if it is not there."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *RIVALS], check=True)
    return python.absolute()


def numbers(name: str, *options: str) -> dict:
    """What a benchmark writes with --json; what it prints is shown."""
    if hasattr(os, "getloadavg"):
        print(f"\n{name}.py, load {os.getloadavg()[0]:.2f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        script = ROOT / "benchmarks" / f"{name}.py"
        subprocess.run([sys.executable, script, *options, "--json", path], check=True)
        return json.loads(path.read_text("utf-8"))


def of_wire(rows: dict[str, Rows]) -> list[Limit]:
    """Steps, frames and the loop of an agent."""
    rate = {name: row["per_s"] for name, row in rows.items()}
    return [
        Limit("step over UDS, 200 bytes, p50 [ms]", rows["step"]["p50_ms"], 0.5, is_most=True),
        Limit("shared frames / raw TCP", rate["frame, shared"] / rate["raw TCP frame"], 0.7, is_most=False),
        Limit("shared frames / dm_env_rpc", rate["frame, shared"] / rate["dm_env_rpc frame"], 10, is_most=False),
        Limit(
            "JPEG frames over TCP / unrealcv npy",
            rate["frame, JPEG q90, TCP"] / rate["unrealcv npy frame"],
            2,
            is_most=False,
        ),
        Limit("agent loop, bridge / here", rate["agent loop, bridge"] / rate["agent loop, here"], 0.85, is_most=False),
    ]


def of_embedded(rows: Rows) -> list[Limit]:
    """Ticks, crowds and cameras, in processor time; cameras by the clock as well."""
    return [
        Limit("ticks / bare mj_step", rows["ratio"], 0.5, is_most=False),
        Limit("100 agents / 10", rows["crowd_ratio"], 4, is_most=True),
        Limit("seven cameras / one, CPU", rows["camera_ratio"], 5, is_most=True),
        Limit("seven cameras / one, clock", rows["camera_ratio_wall"], 5, is_most=True),
    ]


def of_loading(rows: dict[str, float]) -> list[Limit]:
    """A large town over gRPC."""
    return [Limit("loading 10,000 instances over gRPC [s]", rows["whole"], 3, is_most=True)]


if __name__ == "__main__":
    main()
