"""What a frame costs: CPU milliseconds of colour, depth, ids and normals at 640x480, beside MuJoCo's own renderer.

python benchmarks/renderer.py [--frames 20] [--prompt "a rainy harbor town"] [--json FILE] [--no-mujoco]
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from math import atan2, radians
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.typing import NDArray

from bridge.errors import RendererUnavailable
from bridge.frames import look_at
from bridge.scene import Scene
from bridge.types import Camera, Pose

PROMPT = "a rainy harbor town"
WIDTH, HEIGHT, FOV_Y_RAD = 640, 480, radians(55)
LIMIT_MS = 60.0
TIMES_CHEAPER = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=20, help="frames a view; the median counts")
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--json", help="write the rows there as well")
    parser.add_argument("--no-mujoco", action="store_true", help="leave MuJoCo's renderer out")
    options = parser.parse_args()
    os.environ.setdefault("MUJOCO_GL", "egl")  # read when mujoco is first imported
    from scene_gen.pipeline import make_town

    scene = make_town(options.prompt, seed=0).scene
    cameras = viewpoints(scene)
    triangles = sum(len(part.mesh.triangles) for part in scene.parts)
    counts = f"{len(scene.buildings)} buildings, {triangles:,} triangles of parts"
    print(f"{options.prompt}: {counts}, {sum(len(g.names) for g in scene.placements):,} placements")
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, median of {options.frames}"
    )
    rows = {name: timed_renderer(name, scene, cameras, options.frames) for name in ("gl", "rays")}
    if not options.no_mujoco:
        rows["mujoco"] = timed_mujoco(scene, cameras, options.frames)
    show(rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


def viewpoints(scene: Scene) -> dict[str, Camera]:
    """A street at eye level, the quay from the water and the whole town from the air."""
    middle = np.mean([building.footprint.mean(axis=0) for building in scene.buildings], axis=0)
    half = (scene.bounds[2] - scene.bounds[0]) / 2

    def ground(xy: NDArray) -> float:
        return max([float(scene.terrain.height_at(xy)), *(water.level_m for water in scene.waters)])

    def camera(name: str, eye: NDArray, height: float, target: NDArray, target_height: float) -> Camera:
        position, quat = look_at([*eye, ground(eye) + height], [*target, ground(target) + target_height])
        return Camera(name, WIDTH, HEIGHT, FOV_Y_RAD, Pose(position, quat))

    driven = [street for street in scene.roads.streets if street.kind in ("main", "street")]
    line = min(driven, key=lambda street: float(np.linalg.norm(street.centreline[0, :2] - middle))).centreline
    corner = middle - [0.55 * half, 0.65 * half]
    cameras = {
        "street": camera("street", line[0, :2], 1.7, line[len(line) // 2, :2], 2.5),
        "drone": camera("drone", corner, 70.0, middle, 5.0),
    }
    boats = [group.poses[:, :2] for group in scene.placements if scene.assets[group.asset].semantic == "boat"]
    if boats:
        moored = np.concatenate(boats).mean(axis=0)
        away = (moored - middle) / np.linalg.norm(moored - middle)
        cameras["quay"] = camera("quay", moored + 35 * away, 5.0, middle, 4.0)
    return cameras


def medians(draw: Callable[[Camera], object], cameras: dict[str, Camera], frames: int) -> dict[str, float]:
    """CPU milliseconds a frame by view, over all threads, after two frames to warm up."""
    result = {}
    for name, camera in cameras.items():
        spent = []
        for _ in range(frames + 2):
            start = time.process_time()
            draw(camera)
            spent.append((time.process_time() - start) * 1e3)
        result[name] = statistics.median(spent[2:])
    return result


def timed_renderer(name: str, scene: Scene, cameras: dict[str, Camera], frames: int) -> dict[str, float] | None:
    """One of our renderers with all four modalities; None where it cannot be had."""
    from bridge.render import open_renderer

    try:
        renderer = open_renderer(name)
    except RendererUnavailable as error:
        print(error)
        return None
    start = time.process_time()
    renderer.load(scene)
    load_ms = (time.process_time() - start) * 1e3
    spent = medians(lambda camera: renderer.observe([camera]), cameras, frames)
    renderer.close()
    return {"load": load_ms, **spent}


def timed_mujoco(scene: Scene, cameras: dict[str, Camera], frames: int) -> dict[str, float]:
    """MuJoCo's renderer of the same town with colour, depth and ids, which are three passes there."""
    import mujoco

    from bridge.formats.mjcf import mjcf

    document = mjcf(scene, visuals=True)
    start = time.process_time()
    model = mujoco.MjModel.from_xml_string(document.xml, document.files)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    model.vis.global_.fovy = np.degrees(FOV_Y_RAD)
    renderer = mujoco.Renderer(model, HEIGHT, WIDTH, max_geom=model.ngeom + 100)
    load_ms = (time.process_time() - start) * 1e3

    def draw(camera: Camera) -> None:
        view = _free_camera(camera)
        for switch in (lambda: None, renderer.enable_depth_rendering, renderer.enable_segmentation_rendering):
            switch()
            renderer.update_scene(data, view)
            renderer.render()
            renderer.disable_depth_rendering()
            renderer.disable_segmentation_rendering()

    spent = medians(draw, cameras, max(frames // 4, 3))
    renderer.close()
    return {"load": load_ms, **spent}


def _free_camera(camera: Camera) -> object:
    """MuJoCo's camera at the same place that looks the same way."""
    import mujoco

    from bridge.frames import matrix_from_quat

    forward = matrix_from_quat(camera.mount_from_camera.quat_wxyz)[:, 2]
    free = mujoco.MjvCamera()
    free.lookat[:] = camera.mount_from_camera.position + forward
    free.distance = 1.0
    free.azimuth = np.degrees(atan2(forward[1], forward[0]))
    free.elevation = np.degrees(np.arcsin(forward[2]))
    return free


def show(rows: dict[str, dict[str, float] | None]) -> None:
    """The table, with the mean over views and what it was meant to be."""
    measured = {name: row for name, row in rows.items() if row}
    views = [view for view in next(iter(measured.values())) if view != "load"]
    print(f"\n{'CPU ms a frame':16}" + "".join(f"{view:>10}" for view in [*views, "mean", "load"]))
    means = {}
    for name, row in measured.items():
        means[name] = statistics.mean(row[view] for view in views)
        print(
            f"{name:16}" + "".join(f"{row[view]:10.1f}" for view in views) + f"{means[name]:10.1f}{row['load']:10.0f}"
        )
    if "gl" in means:
        print(f"\ngl: {means['gl']:.1f} ms of {LIMIT_MS:.0f} ms allowed, all four modalities with shadows")
    if "gl" in means and "mujoco" in means:
        print(f"MuJoCo needs {means['mujoco'] / means['gl']:.1f} times as much for three (wanted: {TIMES_CHEAPER:.0f})")


if __name__ == "__main__":
    main()
