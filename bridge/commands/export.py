"""Writes a recording in a format of others: a LeRobot dataset to train on, or a .rrd to look at in Rerun.

Examples: simbridge export run.mcap --to lerobot --out dataset; simbridge export run.mcap --to rrd --out run.rrd
"""

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge export`, in order of use."""

    recording: Annotated[Positional[Path], arg(metavar="FILE")]
    """A recording."""
    to: str
    """lerobot, rrd, or a dotted module of your own."""
    out: Path
    """The folder or file to write, which must not be there yet."""
    agent: str = ""
    """lerobot: whose states and actions; the one that was told most without it."""
    every_ticks: int = 0
    """lerobot: ticks between rows; the longest step without it."""
    actions: Literal["told", "done"] = "told"
    """lerobot: an action is what the agent was told, or how it then moved."""


def run(config: Config) -> int:
    """Exports, and says what was written."""
    from bridge.plugins import load
    from bridge.recording.reader import Recording

    module = load("bridge.recording.exporters", config.to, what="format")
    known = {field.name for field in fields(module.Config)}
    exporter = module.make(module.Config(**{key: value for key, value in vars(config).items() if key in known}))
    with Recording(config.recording) as recording:
        written = exporter.export(recording, config.out)
    print(config.out)
    files = "1 file" if len(written) == 1 else f"{len(written)} files"
    print(f"{files}, {sum(path.stat().st_size for path in written):,} bytes.", file=sys.stderr)
    return 0
