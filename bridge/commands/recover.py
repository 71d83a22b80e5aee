"""Makes a whole recording of one that was cut off (power, kill -9, a full disk) or damaged, beside it.

Ends with 1 where bytes in the middle are lost. Example: simbridge recover run.mcap
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge recover`."""

    recording: Annotated[Positional[Path], arg(metavar="FILE")]
    """A recording; it stays as it is."""
    out: Path | None = None
    """Where the whole one goes, instead of NAME.recovered.mcap beside it."""
    json: bool = False
    """Say what was kept as JSON on stdout."""


def run(config: Config) -> int:
    """Recovers, and says how much was kept and what was not."""
    from bridge.recording.recovery import recover

    found = recover(config.recording, config.out)
    if config.json:
        rows = [vars(row) for row in found.damage]
        print(json.dumps(vars(found) | {"path": str(found.path) if found.path else None, "damage": rows}))
    elif found.path is not None:
        print(found.path)
    if found.path is None:
        print(f"{config.recording} is whole: {found.ticks} ticks. Nothing was written.", file=sys.stderr)
        return 0
    print(f"Kept {found.ticks} ticks, {found.events} events, {found.messages} messages.", file=sys.stderr)
    if found.cut_bytes:
        print(f"Left out {found.cut_bytes:,} bytes of a last chunk that is not whole.", file=sys.stderr)
    for row in found.damage:
        print(f"Damaged: {row.size:,} bytes from byte {row.offset:,}: {row.why}.", file=sys.stderr)
    if found.lost:
        print(f"{found.lost} messages between those that are kept are lost.", file=sys.stderr)
    return 1 if found.damage or found.lost else 0
