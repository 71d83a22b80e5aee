"""The rungs by task, from the expert to no aim, each with its fault; and how a ladder of fewer is picked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bridge.errors import InvalidInput
from policies.rungs.arm import HandFaults
from policies.rungs.car import DriverFaults


@dataclass(frozen=True)
class Step:
    """One rung: what it is in words, and what goes wrong on it."""

    words: str
    faults: HandFaults | DriverFaults


def _hand(words: str, **faults) -> Step:
    return Step(words, HandFaults(**faults))


def _driver(words: str, **faults) -> Step:
    return Step(words, DriverFaults(**faults))


STEPS: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "manipulate": (
            _hand("the expert"),
            _hand("shakes by 4 mm", shake_m=0.004),
            _hand("shakes by 6 mm", shake_m=0.006),
            _hand("shakes by 7 mm", shake_m=0.007),
            _hand("shakes by 8 mm", shake_m=0.008),
            _hand("shakes by 10 mm", shake_m=0.01),
            _hand("shakes by 20 mm", shake_m=0.02),
            _hand("10 mm aside", aside_m=(0.01, 0.0, 0.0)),
            _hand("20 mm aside", aside_m=(0.014, 0.014, 0.0)),
            _hand("26 mm aside", aside_m=(0.0185, 0.0185, 0.0)),
            _hand("30 mm aside", aside_m=(0.021, 0.021, 0.0)),
            _hand("0.2 s late", late=2),
            _hand("0.3 s late", late=3),
            _hand("0.35 m/s at most", speed_m_s=0.35),
            _hand("0.3 m/s at most", speed_m_s=0.3),
            _hand("grips weakly", grip=0.38),
            _hand("lets go after 1.2 s", holds_s=1.2),
            _hand("lets go after 1.5 s", holds_s=1.5),
            _hand("mixes up a quarter", mixes_up=0.25),
            _hand("mixes up a half", mixes_up=0.5),
            _hand("mixes up three quarters", mixes_up=0.75),
            _hand("stops in a half", stops=0.5),
            _hand("stops in most", stops=0.85),
            _hand("aimless", aimless=True),
        ),
        "drive": (
            _driver("the expert"),
            _driver("hurries at 1.6 of the pace", pace=1.6, pulls_m_s2=3.0),
            _driver("sees no light", unseen=("signal",)),
            _driver("sees nobody", unseen=("ahead", "junction", "crossing")),
            _driver("jerks by a third", jerks=0.33),
            _driver("jerks by all", jerks=1.0),
            _driver("jerks by twice all", jerks=2.0),
            _driver("weaves by 0.25", weaves=0.25),
            _driver("weaves by 0.75", weaves=0.75),
            _driver("weaves by 1", weaves=1.0),
            _driver("0.8 s late", late=8),
            _driver("1.6 s late", late=16),
            _driver("0.5 of the pace", pace=0.5),
            _driver("0.4 of the pace", pace=0.4),
            _driver("0.3 of the pace", pace=0.3),
            _driver("0.2 of the pace", pace=0.2),
            _driver("0.1 of the pace", pace=0.1),
            _driver("2 m left", aside_m=2.0),
            _driver("3 m left", aside_m=3.0),
            _driver("2.5 m right", aside_m=-2.5),
            _driver("brakes at times", brakes_hz=0.2),
            _driver("brakes often", brakes_hz=1.0),
            _driver("brakes always", brakes_hz=5.0),
            _driver("aimless", aimless=True),
        ),
    }
)
"""Spread so that some do nearly everything, some nothing, and the rest lie between."""


def picked(task: str, count: int) -> tuple[int, ...]:
    """The numbers of `count` rungs of a task's ladder, evenly spread, the first and the last among them. Raises InvalidInput."""
    if task not in STEPS:
        raise InvalidInput(f"There is no ladder for the task '{task}'. There are ladders for {' and '.join(STEPS)}.")
    most = len(STEPS[task])
    if not 2 <= count <= most:
        raise InvalidInput(
            f"A ladder of {count} was asked for, and that of '{task}' has {most} rungs. Ask for 2 to {most}."
        )
    return tuple(int(rung) for rung in np.round(np.linspace(0, most - 1, count)))
