"""Who is ranked: `ladder:20` for rungs spread over a ladder, `ladder-07` for one of them, or policies by name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.errors import InvalidInput
from bridge.plugins import check_name
from policies import ladder
from policies.rungs.steps import STEPS, picked

_LADDER = re.compile(r"ladder:(\d+)")
_RUNG = re.compile(r"ladder-(\d+)")


@dataclass(frozen=True)
class Contender:
    """A policy under the name it has in results, with what it is in words; `config` None is its usual one."""

    label: str
    policy: str
    config: Any = None
    words: str = ""


def contenders(
    spec: str, task: str, configs: Mapping[str, Any] | None = None, *, least: int = 2
) -> tuple[Contender, ...]:
    """Those that a list with commas names, `configs` by the name of a policy. Raises InvalidInput for fewer than `least` or a name
    twice, and UnknownName.
    """
    found: list[Contender] = []
    for name in (part.strip() for part in spec.split(",") if part.strip()):
        if many := _LADDER.fullmatch(name):
            found += [_rung(task, rung) for rung in picked(task, int(many[1]))]
        elif one := _RUNG.fullmatch(name):
            found.append(_rung(task, int(one[1])))
        else:
            check_name("policies", name, what="policy")
            found.append(Contender(name.rpartition(".")[2], name, (configs or {}).get(name)))
    labels = [one.label for one in found]
    if len(found) < least or len(set(labels)) < len(labels):
        raise InvalidInput(
            f"The policies '{spec}' are {len(found)}, or one of them is named twice. Name at least {least}, each once: ladder:20, or "
            "names with commas between."
        )
    return tuple(found)


def _rung(task: str, rung: int) -> Contender:
    if task not in STEPS or rung >= len(STEPS[task]):
        picked(task, 2)  # says which ladders there are
        raise InvalidInput(f"The ladder of '{task}' has no rung {rung}. Choose 0 to {len(STEPS[task]) - 1}.")
    return Contender(f"ladder-{rung:02d}", "ladder", ladder.Config(rung, task), STEPS[task][rung].words)  # type: ignore[arg-type]


def words_of(found: Sequence[Contender]) -> dict[str, str]:
    """What each is in words, by label."""
    return {one.label: one.words for one in found}
