"""Binary glTF as far as the importer needs it: which meshes a file has, of which materials, and the same file renamed.

Interchange names an asset after its mesh (or after the file, where the file has one mesh) and a material slot after its
material, and turns what no asset may be called into something else. Files are therefore handed over under names that
need no turning, so that the assets can be found again whatever the engine's version does with odd ones.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import InvalidTown

_MAGIC, _VERSION, _JSON, _BINARY = 0x46546C67, 2, 0x4E4F534A, 0x004E4942


@dataclass(frozen=True)
class Glb:
    """A .glb taken apart: its JSON document and its binary chunk."""

    path: Path
    document: dict[str, Any]
    binary: bytes

    def meshes(self) -> dict[str, tuple[str, ...]]:
        """Materials of each mesh, in the order of its primitives, by the name of the node that shows it."""
        materials = [str(material.get("name", "")) for material in self.document.get("materials", [])]
        found: dict[str, tuple[str, ...]] = {}
        for node in self.document.get("nodes", []):
            if "mesh" not in node:
                continue
            name = str(node.get("name", ""))
            if not name or name in found:
                raise InvalidTown(f"{self.path} has two nodes named '{name}', or one without a name. Export again.")
            primitives = self.document["meshes"][node["mesh"]]["primitives"]
            found[name] = tuple(materials[primitive["material"]] for primitive in primitives)
        return found


def read_glb(path: Path) -> Glb:
    """The file taken apart. Raises InvalidTown where it is not one whole binary glTF 2.0."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidTown(f"{path} cannot be read: {error}. Export the town again.") from error
    if len(content) < 20 or struct.unpack_from("<II", content) != (_MAGIC, _VERSION):
        raise InvalidTown(f"{path} is no binary glTF 2.0. Export the town again.")
    if struct.unpack_from("<I", content, 8)[0] != len(content):
        raise InvalidTown(
            f"{path} is {len(content)} bytes long; its header says {struct.unpack_from('<I', content, 8)[0]}. "
            "Export the town again."
        )
    chunks: dict[int, bytes] = {}
    offset = 12
    while offset + 8 <= len(content):
        size, kind = struct.unpack_from("<II", content, offset)
        if offset + 8 + size > len(content):
            raise InvalidTown(f"{path} has a chunk that reaches beyond its end. Export the town again.")
        chunks.setdefault(kind, content[offset + 8 : offset + 8 + size])
        offset += 8 + size
    try:
        document = json.loads(chunks[_JSON])
        found = Glb(path, document, chunks.get(_BINARY, b""))
        found.meshes()
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise InvalidTown(f"{path} is damaged: {type(error).__name__} {error}. Export the town again.") from error
    return found


def renamed(glb: Glb, meshes: Mapping[str, str], materials: Mapping[str, str]) -> bytes:
    """The same file with its nodes, their meshes and its materials under other names; every name has to be given."""
    document = json.loads(json.dumps(glb.document))
    for material in document.get("materials", []):
        material["name"] = materials[material["name"]]
    for node in document.get("nodes", []):
        if "mesh" in node:
            node["name"] = meshes[node["name"]]
            document["meshes"][node["mesh"]]["name"] = node["name"]
    text = json.dumps(document, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), _JSON) + text
    if glb.binary:
        chunks += struct.pack("<II", len(glb.binary), _BINARY) + glb.binary
    return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks
