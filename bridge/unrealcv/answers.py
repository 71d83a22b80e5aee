"""Answers read: numbers, words and JSON out of what an UnrealCV server says, and its refusals told apart."""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedData, EngineFailed

_ERROR = b"error"


def refusal(answer: bytes) -> str:
    """Why the server refused, "" if it did not."""
    if not answer.startswith(_ERROR):
        return ""
    return answer[len(_ERROR) :].decode("utf-8", "replace").strip() or "it did not say why"


def is_unknown(answer: bytes) -> bool:
    """Whether the server does not know the command at all; older ones say it in other words."""
    said = refusal(answer)
    return said.startswith(("No handler found", "Can not find a handler"))


def text(line: str, answer: bytes) -> str:
    """What was said. Raises EngineFailed for a refusal."""
    if said := refusal(answer):
        raise EngineFailed(f"Unreal refused '{line[:160]}': {said}")
    return answer.decode("utf-8", "replace").strip()


def all_ok(lines: Sequence[str], answers: Sequence[bytes]) -> None:
    """Raises EngineFailed for the first refusal."""
    for line, answer in zip(lines, answers, strict=True):
        text(line, answer)


def numbers(line: str, answer: bytes, count: int) -> NDArray[np.float64]:
    """So many finite numbers, shape (count,). Raises EngineFailed for a refusal, DamagedData for anything else."""
    said = text(line, answer)
    try:
        found = [float(word) for word in said.split()]
    except ValueError:
        found = []
    if len(found) != count or not all(map(math.isfinite, found)):
        raise DamagedData(f"Unreal answered '{line[:160]}' with {said[:80]!r}; expected {count} numbers.")
    return np.array(found)


def rows(lines: Sequence[str], answers: Sequence[bytes], count: int) -> NDArray[np.float64]:
    """Numbers of many answers, shape (lines, count): read at once where all is well."""
    try:
        table = np.array(b" ".join(answers).split(), dtype=np.float64)
    except ValueError:
        table = np.zeros(0)
    if table.size == count * len(lines) and np.isfinite(table).all():
        return table.reshape(-1, count)
    return np.array([numbers(line, answer, count) for line, answer in zip(lines, answers, strict=True)]).reshape(
        -1, count
    )


def members(line: str, answer: bytes) -> Mapping[str, str]:
    """What a blueprint's function gave: names and values. Raises EngineFailed for a refusal, DamagedData for no JSON."""
    said = text(line, answer)
    if said == "ok":
        return {}
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DamagedData(f"Unreal answered '{line[:160]}' with {said[:80]!r}; expected JSON.")
    return {str(key): str(value) for key, value in found.items()}


def color(line: str, answer: bytes) -> tuple[int, int, int]:
    """Red, green and blue of "(R=255,G=0,B=127,A=255)"."""
    said = text(line, answer)
    found = dict(piece.split("=", 1) for piece in said.strip("()").split(",") if "=" in piece)
    try:
        red, green, blue = (int(found[key]) for key in "RGB")
    except (KeyError, ValueError):
        raise DamagedData(f"Unreal answered '{line[:160]}' with {said[:80]!r}; expected (R=..,G=..,B=..).") from None
    return red, green, blue
