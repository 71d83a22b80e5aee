"""Runs a shift of couriers in a town and says what each of them earned.

Examples:
  simbridge deliver out/a-rainy-harbor-town-0 --couriers 8 --policy greedy --hours 2
  simbridge deliver out/a-rainy-harbor-town-0 --engine kinematic --couriers 64 --policy auction
  simbridge deliver "a foggy hill town" --policy llm --llm.base-url http://localhost:8000/v1 --llm.model qwen3

A prompt in place of a town is made into one first. Flags of the policy, the task and the engine have their name before
a dot: --llm.model, --delivery.setting cooperative."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tyro.conf import Positional, arg

from bridge.commands import engine_flags, plugin_flags
from bridge.commands.detail import for_a_shift
from bridge.commands.earnings import table, troubles

if TYPE_CHECKING:
    from bridge.types import WorldState
    from evaluation.result import EpisodeResult

PLUGINS = ("policy", "task", "engine")
"""What else has flags here."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge deliver`, in order of use. Exit code 1 if the engine failed before the shift was over."""

    town: Annotated[Positional[str], arg(metavar="TOWN")]
    """A town's folder as scenegen writes it, or a prompt to make one of."""
    couriers: int = 8
    """How many work."""
    policy: str = "greedy"
    """Who drives them: a name from `simbridge policies`, or a dotted module of your own."""
    hours: float = 2.0
    """How long the shift is, in simulated time."""
    seed: int = 0
    """Another number, another shift; the same number, the same one."""
    engine: str = "embedded"
    """Who runs the town: a name from `simbridge engines`; kinematic is the fastest. The embedded one moves by physics only
    whom something is near, unless you say --embedded.detail full, which takes ten times as long."""
    engine_address: str = ""
    """Where an engine, or a renderer, is that is another program (unreal, unrealcv): host:port or unix:/path."""
    engine_token_file: Path | None = None
    """A file with the token that it asks for."""
    address: str = ""
    """A running simbridge server instead; its world is replaced by the town."""
    vehicles: int = 10
    """Cars in the streets besides."""
    pedestrians: int = 20
    """People in the streets besides."""
    out: Path | None = None
    """The folder for results.json and manifest.json. Default: out/deliver-TOWN-POLICY-SEED."""
    record: bool = False
    """Also write episode.mcap, a recording to view and to replay."""
    force: bool = False
    """Replace the results that are already in the folder."""
    json: bool = False
    """Print the results as JSON on stdout."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Runs the shift, writes the folder and prints the table."""
    from bridge.errors import InvalidInput, OutputExists

    if config.couriers < 1 or not 0 < config.hours <= 24 or config.vehicles < 0 or config.pedestrians < 0:
        raise InvalidInput(
            f"Given were --couriers {config.couriers}, --hours {config.hours:g}, --vehicles {config.vehicles}, "
            f"--pedestrians {config.pedestrians}. Give at least one courier, some time up to 24 hours, no negative number."
        )
    if config.address and (config.engine_address or config.engine_token_file):
        raise InvalidInput("--address is a server, which has its engine. Leave --engine-address and its token out.")
    plugin_flags.check(flags, [config.policy, "delivery", config.engine])
    mind = plugin_flags.config("policies", config.policy, what="policy", flags=flags)
    task = plugin_flags.config("bridge.tasks", "delivery", what="task", flags=flags)
    engine = plugin_flags.config("bridge.engines", config.engine, what="engine", flags=flags)
    engine = engine_flags.addressed(config.engine, engine, config.engine_address, config.engine_token_file)
    engine = for_a_shift(config.engine, engine, flags)
    task = replace(task, agents=config.couriers, hours=config.hours)
    folder = _folder(config)
    out = config.out or Path("out") / f"deliver-{folder.name}-{config.policy}-{config.seed}"
    if (out / "results.json").exists() and not config.force:
        raise OutputExists(f"{out} holds the results of another shift. Add --force to replace them, or name --out.")
    _open(out)
    _make(config, folder)
    result = _shift(config, folder, out, mind, task, engine)
    document = _write(out, result, config, {"policy": asdict(mind), "task": asdict(task), "engine": asdict(engine)})
    if config.json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(table(result.rows))
        print("".join(f"{line}\n" for line in troubles(document)), end="")
        print(out / "results.json")
    if result.failure:
        print(f"The engine failed after {result.simulated_s:.0f} s: {result.failure}", file=sys.stderr)
    return 1 if result.ended == "engine" else 0


def _folder(config: Config) -> Path:
    """The town's folder: the one that was named, or the one that a town of the prompt is made in."""
    from bridge.errors import InvalidInput

    folder = Path(config.town)
    if folder.is_dir():
        return folder
    if "/" in config.town or os.sep in config.town or " " not in config.town.strip():
        raise InvalidInput(
            f"There is no town at {config.town}. Name a town's folder, or give a prompt of several words."
        )
    base = Path("out") / "-".join("".join(c if c.isalnum() else " " for c in config.town.lower()).split())
    return base.with_name(f"{base.name[:60]}-{config.seed}")


def _open(out: Path) -> None:
    """Makes the folder for the results. Raises InvalidInput where nothing can be written, before there is something to."""
    from bridge.errors import InvalidInput

    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise InvalidInput(
            f"Nothing can be written to {out}: {error.strerror}. Name another folder with --out."
        ) from error


def _make(config: Config, folder: Path) -> None:
    """The town of a prompt, made by scenegen in a process of its own, unless it is there. Raises InvalidInput."""
    from bridge.errors import InvalidInput

    if (folder / "scene.json").exists():
        if folder != Path(config.town):
            print(f"The town in {folder} is there already.", file=sys.stderr)
        return
    if folder == Path(config.town):
        raise InvalidInput(f"There is no scene.json in {folder}. A town is a folder that scenegen has written.")
    command = [sys.executable, "-m", "scene_gen.cli", config.town, "--seed", str(config.seed), "--export", "none"]
    done = subprocess.run([*command, "--out", str(folder)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise InvalidInput(f"scenegen could not make a town of '{config.town}' (exit code {done.returncode}).")


def _shift(config: Config, folder: Path, out: Path, mind: Any, task: Any, engine: Any) -> "EpisodeResult":
    """The shift itself."""
    from bridge.formats.scene_folder import read_scene
    from bridge.plugins import load
    from bridge.tasks import delivery
    from bridge.tasks.episodes import closing_on_error
    from evaluation.rollout import Life, rollout

    scene, made = read_scene(folder), delivery.make(task)
    policies = load("policies", config.policy, what="policy")
    minds = {agent: policies.make(mind) for agent in made.agents(scene)}
    if config.address:
        from bridge.client import connect

        opened: Any = connect(config.address)
    else:
        opened = load("bridge.engines", config.engine, what="engine").make(engine)
    if config.record:
        (out / "episode.mcap").unlink(missing_ok=True)
    progress = Progress(3600.0 * config.hours)
    with closing_on_error(opened):
        result = rollout(
            made, scene, opened, minds, seed=config.seed, ambient=Life(config.vehicles, config.pedestrians),
            hours=config.hours, record=out / "episode.mcap" if config.record else None, on_step=progress,
            names=dict.fromkeys(minds, config.policy),
        )  # fmt: skip
    opened.close()
    progress.end(result)
    return result


def _write(out: Path, result: "EpisodeResult", config: Config, plugins: Mapping[str, Any]) -> dict[str, Any]:
    """results.json and the manifest; keys are never flags, so none is in it."""
    from evaluation.manifest import manifest, write

    document = result.document()
    write(out / "results.json", document)
    settings = {**{name: str(v) if isinstance(v, Path) else v for name, v in asdict(config).items()}, **{
        f"{what} flags": told for what, told in plugins.items()
    }}  # fmt: skip
    town = {"name": result.scene, "digest": result.scene_digest}
    settings = json.loads(json.dumps(settings, default=str))
    write(out / "manifest.json", manifest(command=sys.argv, configuration=settings, town=town, folder=out))
    return document


class Progress:
    """How far the shift is, on stderr: one line that changes on a terminal, ten lines off it."""

    def __init__(self, whole_s: float) -> None:
        self._whole_s, self._shown, self._is_terminal = whole_s, 0, sys.stderr.isatty()

    def __call__(self, state: "WorldState", outcomes: Mapping[str, Any]) -> None:
        """Called after every step."""
        parts = 200 if self._is_terminal else 10
        done = int(parts * state.time_s / self._whole_s)
        if done > self._shown:
            self._shown = done
            line = f"{state.time_s / 3600:.2f} of {self._whole_s / 3600:g} h"
            print(
                f"\r{line}" if self._is_terminal else line,
                end="" if self._is_terminal else "\n",
                file=sys.stderr,
                flush=True,
            )

    def end(self, result: "EpisodeResult") -> None:
        """The last line."""
        pace = result.simulated_s / max(result.cpu_s, 1e-9)
        start = "\r" if self._is_terminal else ""
        print(
            f"{start}{result.simulated_s / 3600:.2f} h on engine {result.engine} in {result.wall_s:.0f} s ({pace:.0f} "
            "simulated seconds a CPU second).", file=sys.stderr,
        )  # fmt: skip
