"""Two hundred seeds of the default prompt: no crash, no failed check, two hundred different towns.

python benchmarks/seeds.py [--seeds 200] [--first 0] [--workers 2] [--json FILE]
"""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

PROMPT = "a rainy harbor town"


def one(seed: int) -> dict:
    """Makes and judges the town of one seed."""
    from scene_gen.pipeline import make_town

    start = time.process_time()
    try:
        town = make_town(PROMPT, seed=seed)
    except Exception as error:  # a crash is a result here: it is counted and printed whole
        return {"seed": seed, "crash": f"{type(error).__name__}: {error}", "failed": [], "lattice": []}
    failed = [f"{check.name}: {f.name} {f.found}" for check in town.report.failed for f in check.findings]
    return {
        "seed": seed,
        "crash": "",
        "failed": failed,
        "repairs": len(town.report.repairs),
        "buildings": len(town.scene.buildings),
        "lattice": list(town.plan.lattice),
        "digest": town.scene.digest(),
        "cpu_s": time.process_time() - start,
    }


def mean_hamming(lattices: list[list[str]]) -> float:
    """Mean share of cells in which two lattices differ, over all pairs."""
    letters = np.array([[ord(letter) for row in lattice for letter in row] for lattice in lattices])
    pairs = [np.mean(letters[i] != letters[j]) for i in range(len(letters)) for j in range(i)]
    return float(np.mean(pairs)) if pairs else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        for row in pool.map(one, range(options.first, options.first + options.seeds)):
            rows.append(row)
            if row["crash"] or row["failed"]:
                print(f"seed {row['seed']}: {row['crash'] or '; '.join(row['failed'][:4])}", flush=True)
    good = [row for row in rows if not row["crash"]]
    print(
        f"{len(rows)} seeds: {len(rows) - len(good)} crashes, {sum(bool(row['failed']) for row in good)} with a failed check"
    )
    print(
        f"{len({row['digest'] for row in good})} different towns, mean Hamming distance {mean_hamming([r['lattice'] for r in good]):.2f}"
    )
    counts = np.array([row["buildings"] for row in good])
    print(f"buildings {counts.min()} to {counts.max()}, median {np.median(counts):.0f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), "utf-8")


if __name__ == "__main__":
    main()
