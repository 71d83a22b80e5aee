"""All judges that need no endpoint, on one dream: what they say of it and of the engine's own episode, as a JSON document."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bridge.errors import Unavailable
from evaluation.judges.consistency import consistency
from evaluation.judges.instruction import followed
from evaluation.judges.physics import adherence
from evaluation.judges.recognition import Score, recognised
from evaluation.measures.case import Case

JUDGES: Mapping[str, str] = {
    "instruction": "Instruction following", "physics": "Physics adherence", "consistency": "3D consistency",
    "recognition": "Action and character recognition",
}  # fmt: skip
"""What is judged, by name, in the order of reports."""


def judge(case: Case) -> dict[str, Any]:
    """What every judge says, by its name; `left_out` says why the others say nothing. Of several samples the first is judged."""
    verdicts: dict[str, Callable[[Case], Any]] = {
        "instruction": _instruction, "physics": _physics, "consistency": _consistency, "recognition": _recognition,
    }  # fmt: skip
    found: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for name, verdict in verdicts.items():
        try:
            said = verdict(case)
        except Unavailable as error:
            left_out[name] = str(error)
            continue
        if said:
            found[name] = said
        else:
            left_out[name] = _WHY[name]
    return found | {"left_out": left_out}


_WHY = {
    "instruction": "nothing in these episodes can be graded: an instruction that names two things at a table, or a camera on a car with the engine's depth",
    "physics": "the dream tells no places of things, and none can be read in its pictures",
    "consistency": "nothing is located in these pictures, and there is no depth",
    "recognition": "no net comes for pictures of this task and size",
}  # fmt: skip


def _instruction(case: Case) -> dict[str, Any] | None:
    found = followed(case)
    return None if found is None else asdict(found)


def _physics(case: Case) -> dict[str, Any]:
    return {name: asdict(kept) for name, kept in adherence(case).items()}


def _consistency(case: Case) -> dict[str, Any]:
    return {name: asdict(one) for name, one in consistency(case).items() if one.n}


def _recognition(case: Case) -> dict[str, Any] | None:
    dream, engine = recognised(case, case.prediction.rgb[0]), recognised(case, case.truth.rgb)
    if dream is None or engine is None:
        return None
    return {name: {"dream": _told(dream[name]), "engine": _told(engine[name])} for name in dream if dream[name].n}


def _told(one: Score) -> dict[str, Any]:
    return {"n": one.n, "accuracy": one.accuracy, "confusion": one.confusion.tolist()}
