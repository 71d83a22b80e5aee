"""The towns that tasks run in: a folder, a scene, or the hamlet that comes with the package.

The hamlet is `scene_gen.generate("two couriers in a small harbor village, no animals", seed=3, size_m=160)` with the
coarsest mesh of each thing, its corners rounded to 4 mm.
"""

import tempfile
import zipfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from bridge.formats.scene_folder import read_scene
from bridge.scene import Scene
from bridge.tasks.task import PlacedTask, Task

_FILES = ("scene.json", "geometry.npz")


def scene_for(task: Task[Any], town: Scene | Path | str | None = None) -> Scene:
    """The scene that a task runs in: a town that is given, else its own place, else the hamlet. Raises InvalidInput."""
    return task.place() if town is None and isinstance(task, PlacedTask) else town_scene(town)


def town_scene(town: Scene | Path | str | None = None) -> Scene:
    """The scene of a town: given, read from its folder, or the hamlet. Raises InvalidInput."""
    if isinstance(town, Scene):
        return town
    if town is not None:
        return read_scene(Path(town))
    with tempfile.TemporaryDirectory() as folder, as_file(files("bridge.tasks") / "towns" / "hamlet.zip") as packed:
        with zipfile.ZipFile(packed) as archive:
            for name in _FILES:
                archive.extract(name, folder)
        return read_scene(Path(folder))
