"""The functions that the plug-in's C++ header declares for Python, as Unreal exposes them: names in snake_case.

A reference that is no const is not given but comes back, after what is returned.
"""

import re
from pathlib import Path

from tests.unreal_plugin.unreal_api import Signature

HEADER = Path(__file__).parents[2] / "unreal_plugin/Source/SimBridgeEditor/Public/SimBridgeEditorLibrary.h"
_TYPES = {"FString": "str", "FName": "Name", "int32": "int", "FVector": "Vector", "float": "float", "bool": "bool"}


def library_functions() -> dict[str, Signature]:
    """Signatures by Python name."""
    text = HEADER.read_text(encoding="utf-8")
    found = {}
    for match in re.finditer(r"UFUNCTION\([^)]*\)\s*static ([\w*]+) (\w+)\(([^)]*)\);", text):
        given, returned = [], [_python(match[1])]
        for parameter in (part.strip() for part in match[3].split(",")):
            kind, name = parameter.rsplit(" ", 1)
            if kind.endswith("&") and not kind.startswith("const "):
                returned.append(_python(kind))
            else:
                given.append((_snake(name), _python(kind), False))
        returns = returned[0] if len(returned) == 1 else f"Tuple[{', '.join(returned)}]"
        found[_snake(match[2])] = Signature(tuple(given), returns, True)
    return found


def _python(kind: str) -> str:
    bare = kind.replace("const ", "").rstrip("&* ")
    inner = re.fullmatch(r"TArray<(\w+)>", bare)
    if inner:
        return f"Array[{_TYPES[inner[1]]}]"
    return _TYPES.get(bare, bare[1:])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
