"""What clients written for Unreal get from the gateway, and what worlds in Unreal get from the engine; each beside its limit.

python benchmarks/unreal.py [gateway ...] [--town FOLDER] [--rounds 3] [--json FILE]

Each section is a module, benchmarks/unreal_NAME.py, that says what it measures and beside which rivals, all in one run; the
best round counts, since what disturbs a round makes it slower. Nothing else should run meanwhile: the load before each
section is told. It ends with status 1 if a limit is missed.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SECTIONS = ("gateway", "engine")


class Found(NamedTuple):
    """One line of the table; `least` and `most` are what it may be, None for what has no limit."""

    what: str
    value: float
    least: float | None = None
    most: float | None = None

    def holds(self) -> bool:
        """Whether the limit is kept."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all if left out")
    parser.add_argument("--town", type=Path, help="a town's folder; a rainy harbor town is made if left out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table: dict[str, list[Found]] = {}
    with tempfile.TemporaryDirectory() as folder:
        town = options.town or town_made(Path(folder) / "town")
        for name in options.sections or SECTIONS:
            print(f"{name}; load before it {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            table[name] = importlib.import_module(f"benchmarks.unreal_{name}").measured(town, options.rounds)
            for row in table[name]:
                print(f"  {row.what:66} {row.value:11,.2f}  {limit(row)}".rstrip())
    if options.json:
        told = {name: [{**row._asdict(), "holds": row.holds()} for row in rows] for name, rows in table.items()}
        options.json.write_text(json.dumps(told, indent=1))
    raise SystemExit(not all(row.holds() for rows in table.values() for row in rows))


def limit(row: Found) -> str:
    """A row's limit in words, and whether it is missed."""
    bounds = [f"{sign} {bound:g}" for sign, bound in ((">=", row.least), ("<=", row.most)) if bound is not None]
    return " ".join(bounds) + ("" if row.holds() else "  MISSED")


def town_made(folder: Path) -> Path:
    """A generated town on disk."""
    from bridge.formats.scene_folder import write_scene
    from scene_gen.pipeline import make_town

    write_scene(make_town("a rainy harbor town", seed=0).scene, folder)
    return folder


if __name__ == "__main__":
    main()
