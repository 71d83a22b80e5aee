"""Runs a recording again on a real engine and says whether every state is the same, or where it left and by how much.

Ends with 1 where it diverged. Example: simbridge replay run.mcap
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge replay`."""

    recording: Annotated[Positional[Path], arg(metavar="FILE")]
    """A recording."""
    engine: str = "embedded"
    """Who runs it again: a name from `simbridge engines`, or a dotted module of your own."""
    town: Path | None = None
    """The town's folder, where the recording does not hold the town."""
    robot: str = ""
    """The description's file of a robot of your own that was there, if it is not where it was then."""
    any_version: bool = False
    """Compare even if the engine or its version is not the one that was recorded."""
    json: bool = False
    """Say the verdict as JSON on stdout."""


def run(config: Config) -> int:
    """Runs it again, and says what came of it."""
    from bridge.engines import open_engine
    from bridge.formats.scene_folder import read_scene
    from bridge.recording.again import elsewhere, options_of, run_again
    from bridge.recording.reader import Recording

    scene = None if config.town is None else read_scene(config.town)
    with Recording(config.recording) as recording:
        options = options_of(recording, config.engine) | ({"robot": config.robot} if config.robot else {})
        engine = open_engine(config.engine, **options)
        try:
            found = run_again(recording, engine, scene=scene, is_any_version_taken=config.any_version)
        finally:
            engine.close()
        is_finished, other = recording.is_finished, elsewhere(recording)
    left = found.divergence
    if config.json:
        print(
            json.dumps(vars(found) | {"is_finished": is_finished, "divergence": None if left is None else vars(left)})
        )
    elif left is not None:
        print(f"Diverged at tick {left.tick} of episode {left.episode}: {left.what}.")
    else:
        hashes = "every state hash the same" if found.hashes else "every state the same (there are no hashes)"
        print(f"{found.ticks} ticks, {hashes}.")
    if left is not None and other:
        print(f"It was recorded elsewhere: {other}. Last bits may depend on that.", file=sys.stderr)
    if not is_finished:
        print(
            "The recording was cut off: what came after these ticks is lost. `simbridge recover` makes a whole file of it.",
            file=sys.stderr,
        )
    for line in found.skipped:
        print(f"Not run again: {line}.", file=sys.stderr)
    return 0 if found.is_same else 1
