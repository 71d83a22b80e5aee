"""What a world in Unreal costs through the engine `unreal`: loading, spawning, lockstep, frames; against simbridge-fake-ue.

The program is that of SIMBRIDGE_FAKE_UE, or the one on PATH. Its world and its pictures are small and simple: what is
measured is the way there, the plug-in's core at its end, and nothing of Unreal.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from json import loads
from pathlib import Path

import numpy as np

from benchmarks.unreal import Found
from bridge.conformance import proving_ground
from bridge.engine import Action, Spawn, Velocity
from bridge.engines import open_engine
from bridge.formats.scene_folder import read_scene
from bridge.types import Pose

MOST, STEPS, FRAMES = 10_000, 2_000, 100


def measured(town: Path, rounds: int) -> list[Found]:
    """The lines of the table."""
    program = os.environ.get("SIMBRIDGE_FAKE_UE") or shutil.which("simbridge-fake-ue")
    if not program:
        sys.exit("simbridge-fake-ue is not on PATH. Build it of unreal_plugin, or name it in SIMBRIDGE_FAKE_UE.")
    with tempfile.TemporaryDirectory() as folder:
        at = ["--unix", f"{folder}/far"]
        with subprocess.Popen([program, *at], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                return _measured(loads(process.stdout.readline())["address"], town, rounds)
            finally:
                process.terminate()


def _measured(address: str, town: Path, rounds: int) -> list[Found]:
    scene, ground = read_scene(town), proving_ground()
    side = np.arange(100) * 0.6 - 30
    batch = [
        Spawn(f"crate-{100 * row + column + 2}", "crate", Pose(np.array([side[row], side[column], 20.0])))
        for row in range(100)
        for column in range(MOST // 100)
    ]
    with open_engine("unreal", engine_address=address) as engine:
        load_s = min(_took(lambda: engine.load(scene)) for _ in range(rounds))
        town_agents = len(engine.reset(seed=0).names)
        in_town = max(_rate(lambda: engine.step({}), STEPS // 4) for _ in range(rounds))
        engine.load(ground)
        walk = {"walker-1": Action(Velocity(0.5, yaw_rate_rad_s=0.4))}
        engine.reset(seed=0)
        steps = max(_rate(lambda: engine.step(walk), STEPS) for _ in range(rounds))
        spawn_s = []
        for _ in range(rounds):
            engine.reset(seed=0)
            spawn_s.append(_took(lambda: engine.edit(batch)))
        engine.reset(seed=0)
        frames = max(_rate(lambda: engine.observe(["walker-1/front"], ["segmentation"]), FRAMES) for _ in range(rounds))
    return [
        Found(f"a town of {len(scene.instances()):,} instances is loaded [s]", load_s, most=5.0),
        Found(f"{MOST:,} instances spawned in one batch [s]", min(spawn_s), most=0.5),
        Found("lockstep steps a second, two walkers", steps, least=2000),
        Found(f"lockstep steps a second, a town with {town_agents} bodies that move", in_town),
        Found("640x480 label pictures a second, by shared memory", frames),
    ]


def _took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _rate(work: Callable[[], object], times: int) -> float:
    return times / _took(lambda: [work() for _ in range(times)])
