"""The command `scenegen`: a sentence in, a folder with a town out. Heavy imports wait until there is work to do."""

import gc
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from tyro.conf import Positional, arg

DESCRIPTION = """A sentence becomes a complete, checked 3D town on disk, with a picture of it.

Examples:
  scenegen "a rainy harbor town"
  scenegen "a snowy mountain village with a church on the hill, at night" --seed 7 --size-m 500
  scenegen "a foggy hill town" --to localhost:50051
  scenegen "the same at dusk, in fog" --from out/a-rainy-harbor-town-0/plan.json --out out/foggy

Exit codes: 0 done, 1 a check failed, 2 wrong usage, 3 something is missing here, 130 interrupted."""


@dataclass(frozen=True)
class Config:
    """Flags of `scenegen`, in order of use."""

    prompt: Annotated[Positional[str], arg(metavar="PROMPT")] = ""
    """What the town should be, in any of twelve languages. "" rebuilds the plan given by --from as it is."""
    seed: int = 0
    """Another number, another town; the same number, the same bytes."""
    size_m: float | None = None
    """Side of the square map [m], 240 to 6000. Default: from the words, else 512."""
    out: Path | None = None
    """The town's folder itself. Default: out/PROMPT-SEED."""
    export: tuple[str, ...] = ("all",)
    """Formats beside scene.json: usd gltf mjcf unreal ..., "all" or "none"."""
    planner: str = "rules"
    """Who plans: a name from scene_gen/plan, or a dotted module of your own."""
    from_: Annotated[Path | None, arg(name="from")] = None
    """A plan.json to build. With a PROMPT its weather, hour, season and style are changed, its lattice is kept."""
    heightmap: Path | None = None
    """A height map: PNG (16 bit), GeoTIFF or npy."""
    height_range_m: tuple[float, float] | None = None
    """Heights [m] of black and white in a PNG height map."""
    lattice: Path | None = None
    """A drawn plan: 32 lines of 32 letters, or a PNG sketch."""
    osm: Path | None = None
    """An OpenStreetMap extract (.osm, .pbf or Overpass JSON) whose streets and houses become the town."""
    assets: Path | None = None
    """A folder with your own glb or obj files and a manifest.json, used instead of the built-in kit."""
    renderer: Literal["auto", "gl", "rays", "none"] = "auto"
    """Who draws: gl (EGL), rays (Embree), or none for no pictures."""
    to: str = ""
    """A running simbridge server (host:port or unix:/path) that loads the town as well, whatever its engine."""
    tls_ca: Path | None = None
    """With --to: the authority (PEM) that signed the server's certificate."""
    token_file: Path | None = None
    """With --to: a file with the token that the server asks for."""
    turntable: bool = False
    """Also write turntable.mp4, a flight around the town (needs the extra `video`)."""
    force: bool = False
    """Replace the town that is already in the folder."""
    json: bool = False
    """Print the manifest on stdout instead of the folder's path."""
    quiet: bool = False
    """No progress on stderr."""


def main(argv: list[str] | None = None) -> None:
    """Parses, runs, and ends the process with an exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments:
        arguments = ["--help"]
    config = tyro.cli(
        Config, args=arguments, prog="scenegen", description=DESCRIPTION, config=(tyro.conf.OmitArgPrefixes,)
    )
    sys.exit(run(config, arguments))


def run(config: Config, arguments: list[str]) -> int:
    """The exit code of one run; errors that the project raises on purpose end as one message on stderr."""
    gc.set_threshold(100_000, 20)  # A town is many small things that live to the end; looking through them costs 5 %.
    from bridge.errors import SimbridgeError
    from scene_gen.command import make_folder

    try:
        return make_folder(config, arguments)
    except SimbridgeError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Interrupted; nothing was written.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141


if __name__ == "__main__":
    main()
