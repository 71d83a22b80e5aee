"""Which judge sees which error: engine episodes, and the same tampered with. `python -m evaluation.judges.calibration --data DIR --out FILE`.

A judge sees an error if it says worse of most tampered episodes than of the same untouched (as evaluation.measures.calibration asks of measures). One
that cannot tell an episode from one with an error that it is there to see is marked so wherever it speaks.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.judges.judging import JUDGES, judge
from evaluation.judges.tampering import TAMPERINGS, truth
from evaluation.judges.trust import MOST
from world_models.clips import Clip, read_clips


def worth(said: Mapping[str, Any]) -> dict[str, float]:
    """What judges say of a dream as one number each, more being better."""
    found: dict[str, float] = {}
    if "instruction" in said and said["instruction"]["dream"] is not None:
        found["instruction"] = float(said["instruction"]["dream"])
    if "physics" in said:
        found["physics"] = float(np.mean([one["dream"] for one in said["physics"].values()]))
    if "consistency" in said:
        found["consistency"] = -float(next(iter(said["consistency"].values()))["dream"])
    if said.get("recognition"):
        found["recognition"] = float(np.mean([one["dream"]["accuracy"] for one in said["recognition"].values()]))
    return found


def calibrated(clips: Sequence[Clip], *, now: int = 1) -> dict[str, dict[str, dict[str, Any]]]:
    """By error and judge: in which share of how many episodes it is seen, and whether that is most of them."""
    seen: dict[tuple[str, str], list[bool]] = {}
    for clip in clips:
        print(f"{clip.task}, seed {clip.seed}", file=sys.stderr, flush=True)
        own = worth(judge(truth(clip, now)))
        for error, tampered in TAMPERINGS.items():
            case = tampered(clip, now)
            for name, value in ({} if case is None else worth(judge(case))).items():
                if name in own:
                    seen.setdefault((error, name), []).append(value < own[name])
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (error, name), told in seen.items():
        share = float(np.mean(told))
        found.setdefault(error, {})[name] = {"n": len(told), "share": share, "is_seen": share >= MOST}
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m evaluation.judges.calibration", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of shards, from an engine")
    parser.add_argument("--out", type=Path, required=True, help="the calibration.json to write")
    parser.add_argument("--episodes", type=int, default=8, help="how many of each folder, the first")
    told = parser.parse_args(given)
    tasks, counts = {}, {}
    for folder in told.data:
        clips = [clip for _, clip in zip(range(told.episodes), read_clips(folder), strict=False)]
        tasks[clips[0].task], counts[clips[0].task] = calibrated(clips), len(clips)
    text = json.dumps({"schema": "simbridge/judges@1", "episodes": counts, "tasks": tasks}, indent=1)
    told.out.parent.mkdir(parents=True, exist_ok=True)
    told.out.write_text(text + "\n", encoding="utf-8")
    print(told.out)
    for task, table in tasks.items():
        for error, row in table.items():
            print(task, error, {JUDGES[name]: f"{one['share']:.2f} of {one['n']}" for name, one in row.items()})


if __name__ == "__main__":
    main()
