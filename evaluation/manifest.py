"""What an evaluation was made with: command, versions, machine, town, configuration, and digests of what it wrote."""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("simbridge", "numpy", "scipy", "mujoco", "shapely", "pillow", "av", "mcap")


def manifest(
    *, command: Sequence[str], configuration: Mapping[str, Any], town: Mapping[str, Any], folder: Path
) -> dict[str, Any]:
    """The document; keys are never in it, since no flag takes one. `files` are those that `folder` holds now."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {
        "schema": "simbridge/evaluation@1",
        "command": list(command),
        "versions": {"python": platform.python_version(), **versions()},
        "machine": machine(),
        "town": dict(town),
        "configuration": dict(configuration),
        "files": {path.relative_to(folder).as_posix(): _digest(path) for path in files},
    }


def versions() -> dict[str, str]:
    """The versions of the packages that decide what comes out; those that are not installed are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """What it ran on, without a name or a user."""
    return {"system": platform.platform(), "processor": _processor(), "cores": os.cpu_count() or 1}


def write(path: Path, document: Any) -> None:
    """A JSON document in a file, all of it or nothing."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(draft, path)


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
