"""Stand-ins on the way to a better policy: episodes whose outcome is decided by their seed alone, and a world model that is always surer."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge.control.seeds import stream
from evaluation import pool
from evaluation.improve_episode import Roll
from policies.imitation.arm_deeds import ArmDeeds
from tests.world_models.scripted import Scripted

UPRIGHT = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Config:
    """Nothing to choose."""


def make(config: Config) -> Scripted:
    """A world model in which nothing moves and the chance of success grows by a tenth a frame."""
    return Scripted()


def crew(work: str, specs: Sequence[Roll], *, workers: int, timeout_s: float) -> Generator[pool.Done, None, None]:
    """Runs what `run` says instead, in this process."""
    for index, roll in enumerate(specs):
        yield pool.Done(index, run(roll), "", 1)


def idle_crew(work: str, specs: Sequence[Roll], *, workers: int, timeout_s: float) -> Generator[pool.Done, None, None]:
    """Who is not to be given any work."""
    assert not specs
    yield from ()


def run(roll: Roll) -> dict:
    """Experts succeed; of others, even seeds do. Dreams say so with 0.9, and trust themselves the less the later the seed."""
    if roll.deeds:
        deeds(roll.seed).save(Path(roll.deeds))
    is_done = roll.policy == "manipulate-expert" or roll.seed % 2 == 0
    is_dream = roll.world == "dream"
    return {
        "success": is_done,
        "done_s": 0.6 if is_done else None,
        "left_m": 0.01 * (roll.seed % 7),
        "times_s": [0.3, 0.6, 0.9] if is_dream else [],
        "head": ([0.1, 0.9, 0.9] if is_done else [0.1, 0.9, 0.1]) if is_dream else [],
        "trust": 1.0 / (1 + roll.seed % 100) if is_dream else None,
        "decisions": 8,
        "simulated_s": 0.9,
        "wall_s": 0.0,
    }


def deeds(seed: int) -> ArmDeeds:
    """Eight decisions drawn from a seed."""
    rng, d = stream(seed, "improving"), 8
    tool = np.column_stack([rng.uniform(0.3, 0.6, (d, 3)), np.tile([0.0, 1.0, 0.0, 0.0], (d, 1))])
    objects = np.tile([0.5, 0.1, 0.0, *UPRIGHT, 0.4, -0.1, 0.0, *UPRIGHT], (d, 1))
    target = rng.uniform(0.3, 0.6, (d, 3))
    return ArmDeeds(np.linspace(0.0, 0.1 * (d - 1), d), tool, np.zeros(d), objects, target, np.zeros(d), np.zeros(d))
