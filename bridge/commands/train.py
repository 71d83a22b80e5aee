"""Trains a world model on clips that `simbridge collect` made; killed and started again, it goes on where it was.

Examples:
  simbridge train ctrl-world --data data/panda
  simbridge train ctrl-world --data data/panda --minutes 60 --out out/my-ctrl-world
  simbridge train geodrive --data data/drive --geodrive.batch 16

Flags of the model's training have its name before a dot: `simbridge train ctrl-world --ctrl-world.help`."""

import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path

import tyro

from bridge.commands import plugin_flags

PLUGINS = ("model",)
"""What else has flags here."""


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge train`."""

    model: tyro.conf.Positional[str]
    """Which world model; those that learn nothing cannot be trained."""
    data: Path
    """A folder of clips."""
    out: Path | None = None
    """Where checkpoints and weights go; out/train-MODEL if left out."""
    minutes: float | None = None
    """About how long, in wall-clock time; the model's own number of steps if left out."""
    seed: int | None = None
    """The seed of everything random; the model's own if left out."""


def run(config: Config, flags: plugin_flags.Flags) -> int:
    """Trains, with lines on stderr, and prints where the weights are."""
    from bridge.errors import InvalidInput
    from bridge.plugins import load

    module = load("world_models", config.model, what="world model")
    name = config.model.rpartition(".")[2].replace("_", "-")
    if not hasattr(module, "train"):
        raise InvalidInput(
            f"World model '{name}' learns nothing, so it cannot be trained. Train ctrl-world or geodrive."
        )
    plugin_flags.check(flags, [name])
    given = {"minutes": config.minutes, "seed": config.seed}
    said = {config.model: flags.get(name, ())}
    training = plugin_flags.config("world_models", config.model, what="world model", flags=said, form="Training")
    known = {field.name for field in fields(training)}
    training = replace(training, **{key: value for key, value in given.items() if value is not None and key in known})
    if config.minutes is not None and config.minutes <= 0:
        raise InvalidInput(f"--minutes is {config.minutes:g}. Give more than 0, or leave it out.")
    out = config.out or Path("out") / f"train-{name}"
    print(module.train(training, config.data, out, lambda line: print(line, file=sys.stderr, flush=True)))
    return 0
