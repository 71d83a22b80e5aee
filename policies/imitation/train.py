"""Trains the policy `cloning` on decisions that were written down: python -m policies.imitation.train FILES... --out FILE

The files are those that `--policy noisy --noisy.policy planner --noisy.level none --noisy.write-to FOLDER` writes.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, SimbridgeError
from bridge.observation import Observation
from bridge.types import Pose
from policies.courier.atlas import Atlas
from policies.courier.situation import read
from policies.deeds import Deed, deeds
from policies.imitation.choices import choices, features, label
from policies.imitation.scorer import agreement, trained

Decision = tuple[NDArray[np.float64], int]


def decisions(told: Iterable[Deed]) -> list[Decision]:
    """What of written decisions can be learned from: those with a choice between things. Time going back is a new shift."""
    atlases: dict[str, tuple[float, Atlas]] = {}
    found: list[Decision] = []
    for deed in told:
        seen = Observation(0, deed.time_s, deed.agent, Pose(np.zeros(3)), np.zeros(6), notes=deed.notes)
        now = read(seen)
        if now is None:
            continue
        since_s, atlas = atlases.get(deed.agent, (0.0, Atlas()))
        atlas = Atlas() if deed.time_s < since_s else atlas
        atlases[deed.agent] = deed.time_s, atlas
        atlas.learn(now)
        options = choices(now, atlas)
        taken = label(deed.action, now, options)
        if taken is not None and len(options) > 1:
            found.append((features(now, atlas, options), taken))
    return found


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m policies.imitation.train", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="decisions, a JSON document a line")
    parser.add_argument("--out", type=Path, required=True, help="where to write the weights (.npz)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=60)
    told = parser.parse_args(arguments)
    try:
        by_file = [decisions(deeds(path)) for path in told.files]
        kept = max(len(by_file) // 5, 1) if len(by_file) > 1 else 0
        learned = [one for file in by_file[kept:] for one in file]
        if not learned:
            raise InvalidInput("The files hold no decision with its notes. Write some with --noisy.write-to.")
        scorer = trained(learned, seed=told.seed, epochs=told.epochs)
    except SimbridgeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    scorer.save(told.out)
    unseen = [one for file in by_file[:kept] for one in file]
    print(
        f"{len(learned)} decisions learned, {agreement(scorer, learned):.1%} of them made the same way", file=sys.stderr
    )
    if unseen:
        print(f"{len(unseen)} of other files, {agreement(scorer, unseen):.1%} made the same way", file=sys.stderr)
    print(told.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
