"""What recording costs: CPU and bytes a 640x480 frame, CPU a state of a town, and how much slower the engine's steps are.

python benchmarks/recording.py [--frames 300] [--rounds 5] [--json FILE]

Frames and states are prepared, not computed. CPU is that of the process, all threads; the caller's share is what the
engine's own thread spends where steps come 10 ms apart, as an engine's do. Medians over rounds.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

HEIGHT, WIDTH, BODIES = 480, 640, 50
CAMERA = "courier-1/front"


class Prepared:
    """An engine whose answers are ready: states of 50 bodies, and frames with slopes and grain."""

    def __init__(self) -> None:
        from wire import prepared_picture

        from bridge.engine import EngineInfo
        from bridge.types import Camera, Pose

        self.info = EngineInfo("prepared", "1", capabilities=("rgb", "depth", "segmentation"))
        self.camera = Camera(CAMERA, WIDTH, HEIGHT, 1.0, Pose(np.zeros(3)))
        self.tick = 0
        self.names = tuple(f"body-{i}" for i in range(BODIES))
        self.random = np.random.default_rng(0)
        self.picture = prepared_picture()
        rows, columns = np.mgrid[:HEIGHT, :WIDTH]
        self.depth = (2 + rows / 40 + np.sin(columns / 90)).astype(np.float32)
        self.ids = (columns // 40 + 16 * (rows // 60)).astype(np.int32)

    def load(self, scene: Any) -> Any:
        from bridge.engine import Loaded

        return Loaded(("courier-1",), {CAMERA: self.camera})

    def reset(self, *, seed: int) -> Any:
        self.tick = 0
        return self._state()

    def step(self, actions: Any, ticks: int = 1) -> Any:
        self.tick += ticks
        return self._state()

    def edit(self, changes: Any) -> Any:
        return self._state()

    def observe(self, cameras: Any, modalities: Any = ()) -> Any:
        from bridge.types import Frame

        arrays = {"rgb": self.picture, "depth": self.depth, "segmentation": self.ids}
        return tuple(Frame(CAMERA, self.tick, **{kind: arrays[kind] for kind in modalities}) for _ in cameras)

    def state_hash(self) -> int:
        return self.tick

    def close(self) -> None:
        pass

    def _state(self) -> Any:
        from bridge.types import WorldState

        poses = self.random.normal(size=(BODIES, 7))
        return WorldState(self.tick, self.tick * 0.02, self.names, poses, self.random.normal(size=(BODIES, 6)))


def run(make: Callable[[Path], Any], frames: int, folder: Path) -> dict[str, float]:
    """Rate [1/s], CPU ms and kB for each step, once all is on disk; and the caller's ms when it is not in a hurry."""
    hurried = take(make, frames, folder, pause_s=0.0)
    return hurried | {"caller_ms": take(make, frames // 3, folder, pause_s=0.01)["caller_ms"]}


def take(make: Callable[[Path], Any], frames: int, folder: Path, *, pause_s: float) -> dict[str, float]:
    from bridge.engine import Action, Velocity

    path = folder / "a.mcap"
    path.unlink(missing_ok=True)
    engine = make(path)
    engine.load(None)
    engine.reset(seed=0)
    told = {"courier-1": Action(Velocity(1.0))}
    cpu, start, mine = time.process_time(), time.perf_counter(), 0.0
    for _ in range(frames):
        before = time.perf_counter()
        engine.step(told)
        mine += time.perf_counter() - before
        if pause_s:
            time.sleep(pause_s)
    engine.close()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    size = path.stat().st_size if path.exists() else 0
    return {
        "per_s": frames / wall,
        "cpu_ms": cpu / frames * 1e3,
        "caller_ms": mine / frames * 1e3,
        "kb": size / frames / 1e3,
    }


def cases() -> dict[str, Callable[[Path], Any]]:
    """What is measured, by name."""
    from bridge.recording import record

    def with_frames(*kinds: str) -> Callable[[Path], Any]:
        return lambda path: record(Prepared(), path, cameras=[CAMERA], modalities=kinds)  # type: ignore[arg-type]

    return {
        "not recorded": lambda path: Prepared(),
        "states alone": lambda path: record(Prepared(), path),
        "and rgb (JPEG q90)": with_frames("rgb"),
        "and depth": with_frames("depth"),
        "and segmentation": with_frames("segmentation"),
        "and all three": with_frames("rgb", "depth", "segmentation"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=300, help="steps in each take")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for name, make in cases().items():
                found.setdefault(name, []).append(run(make, options.frames, Path(folder)))
    rows = {
        name: {key: statistics.median(take[key] for take in takes) for key in takes[0]} for name, takes in found.items()
    }
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.rounds} x {options.frames} steps"
    )
    print("| 640x480, 50 bodies | steps/s | CPU ms a step | ms on the engine's thread | kB a step |")
    print("|---|---|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {row['per_s']:.0f} | {row['cpu_ms']:.2f} | {row['caller_ms']:.3f} | {row['kb']:.1f} |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), "utf-8")


if __name__ == "__main__":
    main()
