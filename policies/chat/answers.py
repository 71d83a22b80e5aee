"""What a model's text means: JSON wherever it stands, mended where it is broken, held against verbs and names."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.chat.names import nearest, point

_LENGTHS = {"thought": 300, "target": 80, "say": 200, "note": 120}
"""Characters of the strings of an answer that is held to a schema: all of them fit into a few hundred tokens."""
_FREE = frozenset({"wait", "stand", "dismount", "put_down", "say"})
"""Verbs whose target, if any, is not held against known names."""
_NEEDS_TARGET = frozenset({"go_to", "follow", "board"})
_MOST_SAID, _MOST_ARGS = 500, 4_000
_MOST_MENDED, _MOST_BRACES = 6_000, 60
"""Characters and brackets of what is mended: broken text that nests deeply takes the mender minutes."""
_REFUSING = re.compile(
    r"\W*(i'?m (very )?sorry|sorry\b|i can(?:no|')?t|i am (unable|not able)|i won'?t|as an ai)", re.I
)


@dataclass(frozen=True)
class Answer:
    """A decision. `was_mended`: its text was no JSON as it came; `was_matched`: its verb or target was a near miss."""

    verb: str
    target: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    say: str = ""
    thought: str = ""
    note: str = ""
    was_mended: bool = False
    was_matched: bool = False


class Unusable(Exception):
    """An answer that cannot be used; the message says to the model what is wrong with it. `is_refusal`: it will not."""

    def __init__(self, why: str, *, is_refusal: bool = False) -> None:
        super().__init__(why)
        self.is_refusal = is_refusal


def schema(verbs: Mapping[str, str]) -> dict[str, Any]:
    """The JSON schema of an answer that may use these verbs and the arguments that their usage names ({"price"})."""
    step = step_schema(verbs)["properties"]
    strings = {name: {"type": "string", "maxLength": longest} for name, longest in _LENGTHS.items()}
    return closed({"thought": strings["thought"], **step, "say": strings["say"], "note": strings["note"]})


def step_schema(verbs: Mapping[str, str]) -> dict[str, Any]:
    """The JSON schema of verb, target and arguments alone."""
    value = {"anyOf": [{"type": "number"}, {"type": "string", "maxLength": 80}]}
    braces = " ".join(part for line in verbs.values() for part in re.findall(r"\{([^{}]*)\}", line))
    args = dict.fromkeys(dict.fromkeys(re.findall(r"(?<!: )(?<!:)\"(\w+)\"", braces)), value)
    return closed({
        "verb": {"type": "string", "enum": sorted(verbs)},
        "target": {"type": "string", "maxLength": _LENGTHS["target"]},
        "args": closed(args, required=()) if args else {"type": "object"},
    })  # fmt: skip


def closed(properties: Mapping[str, Any], *, required: Sequence[str] | None = None) -> dict[str, Any]:
    """The JSON schema of an object with these properties and no others, all of them required if nothing else is said."""
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False}


def read_answer(text: str, verbs: Sequence[str], known: Sequence[str], *, told: str = "") -> Answer:
    """The decision in a model's text. `known` names and any that occur in `told` may be targets. Raises Unusable."""
    document, was_mended = document_in(text, "verb")
    verb, target, args, was_matched = read_step(document, verbs, known, told=told)
    return Answer(
        verb,
        target,
        args,
        one_line(document.get("say"), _MOST_SAID),
        one_line(document.get("thought"), 1000),
        one_line(document.get("note"), 300),
        was_mended,
        was_matched,
    )


def read_step(
    document: Mapping[str, Any], verbs: Sequence[str], known: Sequence[str], *, told: str = ""
) -> tuple[str, str, Mapping[str, Any], bool]:
    """Verb, target and arguments of a step, and whether one of them was a near miss. Raises Unusable."""
    verb, near_verb = _verb(document.get("verb"), verbs)
    target, near_target = _target(document.get("target"), verb, known, told)
    return verb, target, _arguments(document.get("args")), near_verb or near_target


def document_in(text: str, key: str) -> tuple[dict[str, Any], bool]:
    """The object with a key in a text, and whether it had to be found or mended. Raises Unusable."""
    try:
        found = json.loads(text, parse_constant=_no_number)
        if isinstance(found, dict):
            return found, False
    except (ValueError, RecursionError):
        pass
    spoken = re.sub(r"<think>.*?(</think>|$)", "", text, flags=re.S)
    for candidate in _candidates(spoken, key):
        found = _mended(candidate)
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, dict) and key in found:
            return found, True
    if "{" not in spoken and _REFUSING.match(spoken):
        raise Unusable("you refused", is_refusal=True)
    raise Unusable(f'there is no JSON object with "{key}" in your answer')


def _candidates(text: str, key: str) -> list[str]:
    """Stretches of a text that may be the object: fenced blocks, then from the last braces that hold the key."""
    text = text[-_MOST_MENDED:]
    fenced = re.findall(r"```(?:json)?\s*(.*?)```", text, flags=re.S | re.I)
    opened = [match.start() for match in re.finditer(rf"\{{(?=[^{{}}]{{0,2000}}?[\"']?{key}[\"']?\s*:)", text)]
    return [*reversed(fenced), *(text[start:] for start in reversed(opened[-4:])), text]


def _mended(text: str) -> Any:
    """What a broken JSON text was meant to be; "" where nothing can be made of it."""
    import json_repair

    if len(text) > _MOST_MENDED or text.count("{") + text.count("[") > _MOST_BRACES:
        return ""
    try:
        return json_repair.loads(text, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError):
        return ""


def _no_number(constant: str) -> float:
    raise Unusable(f"{constant} is no number of JSON")


def _verb(said: Any, verbs: Sequence[str]) -> tuple[str, bool]:
    if not isinstance(said, str) or not said.strip():
        raise Unusable(f'"verb" is missing; give one of {", ".join(verbs)}')
    verb = re.sub(r"[\s-]+", "_", said.strip().casefold()).strip("_\"'.()")
    if verb in verbs:
        return verb, verb != said
    squeezed = {one.replace("_", ""): one for one in verbs}
    near = squeezed.get(verb.replace("_", "")) or nearest(verb, verbs)
    if not near:
        raise Unusable(f'"{said[:40]}" is no verb here; give one of {", ".join(verbs)}')
    return near, True


def _target(said: Any, verb: str, known: Sequence[str], told: str) -> tuple[str, bool]:
    if isinstance(said, (list, tuple)) and all(isinstance(one, (int, float)) for one in said):
        said = ",".join(f"{one:g}" for one in said)
    if isinstance(said, (int, float)) and not isinstance(said, bool) and math.isfinite(said):
        said = f"{said:g}"
    if said is not None and not isinstance(said, str):
        raise Unusable(f'"target" is a {type(said).__name__}; give a name, an address, a point "x,y" or ""')
    target = one_line(said, 120).strip().rstrip(".")
    if not target:
        if verb in _NEEDS_TARGET:
            raise Unusable(f'"{verb}" needs a "target": a name, an address or a point "x,y"')
        return "", False
    if verb in _FREE or target in known or point(target) is not None:
        return target, False
    near = nearest(target, known)
    was_told = len(target) > 3 and target.casefold() in told.casefold()
    if not known or (was_told and near.casefold() != target.casefold()):
        return target, False
    if not near:
        some = ", ".join(known[:40])
        raise Unusable(f'there is no "{target}" that you know of; names you know: {some}')
    return near, near != target


def _arguments(said: Any) -> Mapping[str, Any]:
    if isinstance(said, str) and said.strip():
        said = _mended(said) or said
    if said in (None, "", [], {}):
        return {}
    if not isinstance(said, dict):
        raise Unusable(f'"args" is a {type(said).__name__}; give an object, {{}} where a verb needs none')
    try:
        length = len(json.dumps(said, allow_nan=False))
    except (ValueError, RecursionError):
        raise Unusable('"args" holds what is no JSON number') from None
    if length > _MOST_ARGS:
        raise Unusable(f'"args" has {length} characters; {_MOST_ARGS} are the most')
    return said


def one_line(said: Any, longest: int) -> str:
    """A string on one line, without control characters."""
    if not isinstance(said, str):
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said[: 4 * longest]).split())[
        :longest
    ]
