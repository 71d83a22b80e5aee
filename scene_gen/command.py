"""What `scenegen` does: understand, plan, build, check, draw and write one folder, all of it or nothing."""

import hashlib
import json
import platform
import re
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyascii import anyascii

from bridge import plugins
from bridge.errors import OutputExists, UsageError
from bridge.scene import Scene
from scene_gen.brief import Brief
from scene_gen.onward import Server

if TYPE_CHECKING:
    from scene_gen.cli import Config
    from scene_gen.plan.artefacts import Plan

WIDTH = 13
PNG: dict[str, Any] = {"compress_type": zlib.Z_RLE}
"""Run lengths after PNG's own filters: a rendered picture gets 5 % larger than at level 6, in a fifth of the time."""


class Progress:
    """Lines on stderr: a spinner while a step runs on a terminal, plain lines off it, nothing when quiet."""

    def __init__(self, *, quiet: bool):
        self.quiet = quiet
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times a step, with a spinner on a terminal."""
        start = time.perf_counter()
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console

            with Console(stderr=True).status(name):
                yield
        else:
            yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)

    def planned(self, plan: "Plan") -> None:
        """Says what is going to be built."""
        from scene_gen.plan.describe import describe

        self.say("plan", describe(plan))
        for note in plan.notes:
            self.note(note)

    def say(self, name: str, text: str) -> None:
        """One line about a step that is done."""
        if not self.quiet:
            print(f"{name:<{WIDTH}}{text}" if name else text, file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """Something worth knowing about the step before."""
        self.say("", f"{'':<{WIDTH}}note: {text}")


def make_folder(config: "Config", arguments: list[str]) -> int:
    """Writes the town's folder and says where it is. Returns 0, or 1 if a check failed."""
    from scene_gen.pipeline import town_of
    from scene_gen.understand import describe as describe_brief
    from scene_gen.understand import understand

    if config.seed < 0:
        raise UsageError(f"--seed is {config.seed}; it must be 0 or more.")
    server = Server(config.to, tls_ca=config.tls_ca, token_file=config.token_file)
    exporters = _exporters(config.export)
    inputs = _inputs(config)
    if not config.prompt.strip() and inputs.plan is None and inputs.lattice is None and inputs.osm is None:
        raise UsageError('There is no prompt. Say what the town should be: scenegen "a rainy harbor town"')
    progress = Progress(quiet=config.quiet)
    with progress.step("understand"):
        brief = understand(config.prompt)
    out = config.out or Path("out") / f"{slug(config.prompt, brief)}-{config.seed}"
    _refuse_to_overwrite(out, force=config.force)
    server.check()
    progress.say("understood", describe_brief(brief))
    for note in brief.notes:
        progress.note(note)
    town = town_of(brief, seed=config.seed, planner=config.planner, inputs=inputs, watch=progress)
    plan, scene, report = town.plan, replace(town.scene, name=out.name), town.report
    progress.say("town", describe_town(scene))
    for note in scene.provenance.notes:
        progress.note(note)
    progress.say("checks", report.summary() + (f", {_things(len(report.repairs))} mended" if report.repairs else ""))
    for check in report.failed:
        for finding in check.findings[:5]:
            progress.say("", f"{'':<{WIDTH}}{check.name}: {finding.name} {finding.found}. {finding.fix}")
        if len(check.findings) > 5:
            progress.say("", f"{'':<{WIDTH}}... and {len(check.findings) - 5} more, see manifest.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        folder = Path(scratch) / out.name
        folder.mkdir()
        from scene_gen.plan.store import write_plan

        write_plan(plan, folder / "plan.json")
        for name, export in exporters.items():
            with progress.step(f"export {name}"):
                export(scene, folder)
        drawn_by = draw_pictures(scene, folder, config, progress)
        manifest = _manifest(config, arguments, plan, scene, report, folder, progress, drawn_by)
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
        if out.exists():
            shutil.rmtree(out) if out.is_dir() else out.unlink()
        folder.rename(out)
    if config.json:
        print(json.dumps(manifest, ensure_ascii=False))
    else:
        print(f"{out}/", flush=True)
        names = sorted(item.name + ("/" if item.is_dir() else "") for item in out.iterdir())
        progress.say("", "  " + " ".join(names))
        if (out / "preview.png").is_file():
            progress.say("", f"Look at it: {out / 'preview.png'}")
    if config.to and report.passed:
        with progress.step("load"):
            progress.say("loaded", f"at {config.to}, on engine {server.take(scene, seed=config.seed)}")
    elif config.to:
        print(f"A check failed, so that the town was not loaded at {config.to}.", file=sys.stderr)
    return 0 if report.passed else 1


def slug(prompt: str, brief: Brief | None = None) -> str:
    """A folder name for a prompt: its first words in plain letters, else the kinds of place it names, else "town".

    Other scripts are written in Latin letters: what everybody can type, on Windows, macOS and Linux alike, and what no
    archive or file system composes anew.
    """
    words = "-".join(word for token in prompt[:400].split() for word in _latin(token))
    if len(re.sub(r"[^a-z]", "", words)) < 3:
        words = "-".join(read.value for read in (brief.places if brief else ())) or "town"
    return words[:48].strip("-")


def _latin(token: str) -> list[str]:
    """A word in small Latin letters; of scripts without spaces, the sounds that it is made of."""
    plain = anyascii(token)
    if not re.search(r"[A-Za-z]", token):
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", plain)
    return re.findall(r"[a-z0-9]+", plain.lower())


def describe_town(scene: Scene) -> str:
    """One line of counts: "214 buildings · 3.1 km of streets · 6 piers · 14 boats · 412 trees · 96 lamps"."""
    import numpy as np

    length = sum(float(np.linalg.norm(np.diff(s.centreline, axis=0), axis=1).sum()) for s in scene.roads.streets)
    counts: dict[str, int] = {}
    for row in scene.instances():
        key = {"pier": "piers", "bridge": "bridges"}.get(row.kind) or {
            "boat": "boats", "tree": "trees", "lamp": "lamps", "vehicle": "vehicles", "person": "people", "animal": "animals",
        }.get(row.semantic)  # fmt: skip
        if key:
            counts[key] = counts.get(key, 0) + 1
    order = ("bridges", "piers", "boats", "trees", "lamps", "vehicles", "people", "animals")
    parts = [f"{len(scene.buildings)} buildings", f"{length / 1000:.1f} km of streets"]
    return " · ".join(
        parts + [f"{counts[key]} {key if counts[key] != 1 else _one(key)}" for key in order if key in counts]
    )


def _one(plural: str) -> str:
    return {"people": "person"}.get(plural, plural.removesuffix("s"))


def draw_pictures(scene: Scene, folder: Path, config: "Config", progress: Progress) -> str:
    """preview.png, map.png and, if asked for, turntable.mp4; returns the renderer's name."""
    from scene_gen.pictures.map import draw_map

    with progress.step("map"):
        draw_map(scene).save(folder / "map.png", **PNG)
    if config.renderer == "none":
        return "none"
    from PIL import Image

    from bridge.render import open_renderer
    from scene_gen.pictures.hero import hero_camera

    with progress.step("preview"):
        renderer = open_renderer(config.renderer, quality="high")
        try:
            renderer.load(scene)
            camera = hero_camera(scene)
            (frame,) = renderer.observe([camera], ("rgb",))
            assert frame.rgb is not None
            Image.fromarray(frame.rgb).save(folder / "preview.png", **PNG)
            if config.turntable:
                from scene_gen.pictures.turntable import film

                film(scene, renderer, camera, folder / "turntable.mp4")
            return renderer.name
        finally:
            renderer.close()


def _exporters(asked: tuple[str, ...]) -> dict[str, Any]:
    """The export functions by name, our own format first; wrong names fail here, before any work."""
    available = plugins.plugins("scene_gen.export")
    names = [part for name in asked for part in name.split(",") if part]
    if names == ["all"]:
        names = list(available)
    elif names == ["none"]:
        names = []
    chosen = ["json", *sorted(set(names) - {"json"})]
    made = {}
    for name in chosen:
        module = plugins.load("scene_gen.export", name, what="export format")
        made[name] = module.make(module.Config()).export
    return made


def _inputs(config: "Config") -> Any:
    from scene_gen.pipeline import Inputs

    plan = lattice = heights = osm = None
    if config.from_ is not None:
        brought = {
            "--size-m": config.size_m,
            "--lattice": config.lattice,
            "--heightmap": config.heightmap,
            "--osm": config.osm,
        }
        if clash := [flag for flag, value in brought.items() if value is not None]:
            raise UsageError(
                f"--from brings a finished plan, so {' and '.join(clash)} would do nothing. Leave one or the other out."
            )
        from scene_gen.plan.store import read_plan

        plan = read_plan(config.from_)
    if config.lattice is not None:
        from scene_gen.sources.sketch import read_lattice

        lattice = read_lattice(config.lattice)
    if config.heightmap is not None:
        from scene_gen.sources.height_map import read_height_map

        heights = read_height_map(config.heightmap, range_m=config.height_range_m)
    if config.osm is not None:
        from scene_gen.sources.osm import read_osm

        osm = read_osm(config.osm)
    return Inputs(plan=plan, lattice=lattice, heights=heights, osm=osm, size_m=config.size_m, assets=config.assets)


def _refuse_to_overwrite(out: Path, *, force: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not force:
        raise OutputExists(f"{out} is there already. Replace it with --force, or choose another folder with --out.")
    if not (out / "manifest.json").is_file():
        raise OutputExists(
            f"{out} is not a town (it has no manifest.json), so --force leaves it alone. Choose another --out."
        )


def _manifest(
    config: "Config", arguments: list[str], plan: Any, scene: Scene, report: Any, folder: Path, progress: Progress, drawn_by: str
) -> dict[str, Any]:  # fmt: skip
    import numpy as np

    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "schema": 1,
        "command": ["scenegen", *arguments],
        "prompt": config.prompt,
        "seed": config.seed,
        "planner": plan.planner,
        "renderer": drawn_by,
        "town": describe_town(scene),
        "understood": asdict(plan.brief),
        "notes": [*plan.brief.notes, *plan.notes, *scene.provenance.notes],
        "report": report.as_json(),
        "scene_digest": scene.digest(),
        "layer_digests": scene.layer_digests(),
        "files": {
            path.relative_to(folder).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in files
        },
        "versions": {
            "simbridge": scene.provenance.simbridge,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "times": {"finished_unix_s": round(time.time(), 3), "step_s": progress.seconds},
    }


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"
