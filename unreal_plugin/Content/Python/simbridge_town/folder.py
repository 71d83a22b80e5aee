"""A town's unreal/ folder on disk: its files read once and checked for version, frame and presence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import InvalidTown, NewerTown
from .reading import read_json

FORMAT = 1
"""The version of the folder that this importer reads; folders that name none are of version 1."""
_FRAME = "Unreal: centimetres, left-handed"


@dataclass(frozen=True)
class TownFolder:
    """The parsed files of one folder; `path` is the folder itself."""

    path: Path
    landscape: dict[str, Any]
    transforms: dict[str, Any]
    materials: dict[str, Any]
    level: dict[str, Any]

    def file(self, name: str, where: str) -> Path:
        """A file in the folder. Raises InvalidTown where it is missing or lies outside."""
        path = self.path / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise InvalidTown(f"{where} names '{name}', which lies outside {self.path}. Export the town again.")
        if not path.is_file():
            raise InvalidTown(f"{where} names '{name}', but {path} is not there. Export the town again.")
        return path


def read_town(path: str | Path) -> TownFolder:
    """The folder of a town: `path` is TOWN/unreal, or TOWN itself. Raises InvalidTown or NewerTown."""
    given = Path(path)
    root = given / "unreal" if (given / "unreal" / "level.json").is_file() else given
    if not root.is_dir():
        raise InvalidTown(
            f"{given} is no folder. Give the whole path of the unreal/ that scenegen wrote, with forward slashes."
        )
    if not (root / "level.json").is_file():
        raise InvalidTown(
            f"{root} has no level.json, so it is not the unreal/ folder of a town. "
            'Make one with: scenegen "a rainy harbor town"'
        )
    level = read_json(root / "level.json")
    version = level.get("format", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InvalidTown(f"{root / 'level.json'} is of format {version!r}; a whole number from 1 on was expected.")
    if version > FORMAT:
        raise NewerTown(
            f"{root} is of format {version}; this plug-in reads up to {FORMAT}. "
            "Install the plug-in that came with that simbridge: simbridge unreal install PROJECT.uproject --replace"
        )
    transforms = read_json(root / "transforms.json")
    for name, content in (("level.json", level), ("transforms.json", transforms)):
        if not str(content.get("frame", "")).startswith(_FRAME):
            raise InvalidTown(
                f"{root / name} is in the frame {content.get('frame')!r}; '{_FRAME} ...' was expected. Export again."
            )
    return TownFolder(
        root, read_json(root / "heightmap.json"), transforms, read_json(root / "materials.json"), level
    )  # fmt: skip
