"""Who acts in collected episodes: a mix of those who do well, those who nearly do, and those who do not try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from bridge.control.seeds import stream
from bridge.errors import InvalidInput, UnknownName
from bridge.plugins import plugins, unknown_name
from policies import careless, clumsy, restless


@dataclass(frozen=True)
class Behaviour:
    """A policy under a name of its own, and its part of the episodes; shares need not add up to 1."""

    name: str
    policy: str
    config: Any = None
    share: float = 1.0


def _hand(name: str, share: float, **config: Any) -> Behaviour:
    return Behaviour(name, "clumsy", clumsy.Config(**config), share)


def _wheel(name: str, share: float, **config: Any) -> Behaviour:
    return Behaviour(name, "careless", careless.Config(**config), share)


MIXES: Mapping[str, tuple[Behaviour, ...]] = MappingProxyType(
    {
        "manipulate": (
            _hand("expert", 0.40),
            _hand("drifts-5mm", 0.10, drift_m=0.005),
            _hand("drifts-10mm", 0.10, drift_m=0.010),
            _hand("drifts-15mm", 0.10, drift_m=0.015),
            _hand("grasps-20mm-aside", 0.02, fault="aside", off_m=0.02),
            _hand("grasps-30mm-aside", 0.02, fault="aside", off_m=0.03),
            _hand("grasps-40mm-aside", 0.02, fault="aside", off_m=0.04),
            _hand("lets-go-early", 0.05, fault="early"),
            _hand("lets-go-70mm-beside", 0.02, fault="beside", off_m=0.07),
            _hand("takes-another", 0.03, fault="other"),
            Behaviour("sweeps", "restless", restless.Config("sweep"), 0.04),
            Behaviour("moves-about", "restless", restless.Config("about"), 0.10),
        ),
        "drive": (
            _wheel("expert", 0.35),
            _wheel("unsteady-10", 0.08, fault="unsteady", amount=0.10),
            _wheel("unsteady-25", 0.08, fault="unsteady", amount=0.25),
            _wheel("fast-140", 0.07, fault="fast", amount=1.4),
            _wheel("fast-190", 0.07, fault="fast", amount=1.9),
            _wheel("cuts-corners", 0.08, fault="cuts", amount=20.0),
            _wheel("left-of-lane", 0.05, fault="aside", amount=2.5),
            _wheel("right-of-lane", 0.03, fault="aside", amount=-1.8),
            _wheel("brakes-for-nothing", 0.06, fault="brakes"),
            _wheel("blind", 0.06, fault="blind"),
            _wheel("aimless", 0.07, fault="aimless"),
        ),
    }
)
"""What is collected unless it is said otherwise, by task."""


_UNFIT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "reach": ("grasps", "lets-go", "takes"),
        "push": ("grasps", "lets-go"),
        "drawer": ("lets-go", "takes", "sweeps"),
    }
)
"""What means nothing to a skill, by how its name begins: nothing to let go, nothing else to take."""


def mix(
    task: str, names: Sequence[str] = (), configs: Mapping[str, Any] | None = None, *, skill: str = ""
) -> tuple[Behaviour, ...]:
    """The behaviours of these names: those of the task's mix, or any policy, with its Config of `configs`, in equal parts;
    without names all of the mix that means something to the skill. Raises InvalidInput and UnknownName.
    """
    if task not in MIXES:
        raise InvalidInput(f"World models know the tasks {', '.join(MIXES)}, not '{task}'.")
    known = {one.name: one for one in MIXES[task]}
    found = []
    for name in names:
        if name not in known and "." not in name and name not in (others := plugins("policies")):
            raise UnknownName(unknown_name("behaviour or policy", name, (*known, *others)))
        one = known.get(name) or Behaviour(name, name, (configs or {}).get(name))
        found.append(replace(one, share=1.0))
    return tuple(found) or tuple(one for one in MIXES[task] if not one.name.startswith(_UNFIT.get(skill, ())))


def drawn(behaviours: Sequence[Behaviour], seed: int) -> Behaviour:
    """Who acts in the episode of a seed: the same for the same seed, however many episodes there are."""
    lot = float(stream(seed, "collect", "behaviour").random()) * sum(one.share for one in behaviours)
    for one in behaviours:
        lot -= one.share
        if lot < 0:
            return one
    return behaviours[-1]
