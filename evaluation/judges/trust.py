"""What the judges that come with the package were found not to see (evaluation.judges.calibration)."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from evaluation.judges.tampering import MEANT

MOST = 0.8
"""The share of episodes in which an error has to be seen."""
FEWEST = 4
"""Of fewer episodes nothing is said."""


@lru_cache(maxsize=1)
def calibrations() -> Mapping[str, Any]:
    """The table that comes with the package, by task, error and judge. Empty where none comes."""
    source = files("evaluation.judges") / "weights" / "calibration.json"
    return json.loads(source.read_text(encoding="utf-8"))["tasks"] if source.is_file() else {}


def blind(name: str, task: str) -> tuple[str, ...] | None:
    """The errors that a judge is there to see and does not; None where it was not calibrated for the task on enough episodes."""
    table = calibrations().get(task, {})
    meant = MEANT.get(task, {}).get(name, ())
    rows = {error: table[error][name] for error in meant if name in table.get(error, {})}
    known = {error: row for error, row in rows.items() if row["n"] >= FEWEST}
    return tuple(error for error, row in known.items() if not row["is_seen"]) if known else None
