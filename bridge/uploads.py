"""A scene on its way to a server: a folder under the server's own root, or files in pieces, checked before use."""

import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from bridge.address import CHUNK_BYTES
from bridge.errors import DamagedData, InvalidInput, NotAllowed
from bridge.formats.scene_folder import FILES
from bridge.quotas import check
from bridge.v1 import engine_service_pb2 as pb


def pieces(source: pb.SceneSource, files: Mapping[str, bytes]) -> Iterator[pb.LoadSceneRequest]:
    """What a client sends to load a scene: the source, then its files piece by piece, each with its checksum."""
    yield pb.LoadSceneRequest(source=source)
    for name, content in files.items():
        crc = 0
        for start in range(0, max(len(content), 1), CHUNK_BYTES):
            piece = content[start : start + CHUNK_BYTES]
            crc, is_last = zlib.crc32(piece, crc), start + CHUNK_BYTES >= len(content)
            yield pb.LoadSceneRequest(
                chunk=pb.Chunk(file=name, data=piece, is_last=is_last, crc32=crc if is_last else 0)
            )


def folder_under(root: Path | None, path: str) -> Path:
    """The folder that a client means by a path. Raises NotAllowed for whatever leaves the root."""
    if root is None:
        raise NotAllowed("source.path: this server loads no folders of its own. Upload the scene instead.")
    if "\\" in path or ":" in path or "\0" in path or PurePosixPath(path).is_absolute():
        raise NotAllowed(f"source.path is '{path[:200]}'; expected a folder's name under the server's root.")
    base = root.resolve()
    found = (base / path).resolve()
    if not found.is_relative_to(base):
        raise NotAllowed(f"source.path is '{path[:200]}', which leaves the server's root. Name a folder under it.")
    if not found.is_dir():
        raise InvalidInput(f"source.path is '{path[:200]}'; there is no such folder under the server's root.")
    return found


class Upload:
    """Files that arrive in pieces, in a folder of their own under `place` that is gone afterwards; a context manager."""

    def __init__(self, place: Path, *, files: int, size: int, limit: int):
        if not 1 <= files <= len(FILES):
            raise InvalidInput(f"source.upload.files is {files}; a scene has {len(FILES)}: {', '.join(FILES)}.")
        check(size, limit, "bytes", "source.upload.bytes")
        self._files, self._size, self._received = files, size, 0
        self._whole: set[str] = set()
        self._folder = tempfile.TemporaryDirectory(prefix="upload-", dir=place, ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)
        self._name, self._file, self._crc = "", None, 0

    def __enter__(self) -> "Upload":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        self._folder.cleanup()

    async def receive(self, parts: AsyncIterator[Any]) -> Path:
        """The folder, when all files have come whole."""
        async for part in parts:
            if part.WhichOneof("part") != "chunk":
                raise InvalidInput("part: the source was named already; expected chunks of its files.")
            self.add(part.chunk.file, part.chunk.data, is_last=part.chunk.is_last, crc32=part.chunk.crc32)
        if self._file is not None or len(self._whole) != self._files or self._received != self._size:
            raise InvalidInput(
                f"The upload ended after {len(self._whole)} of {self._files} files and {self._received:,} of "
                f"{self._size:,} bytes. The world is as it was; upload again."
            )
        return self.path

    def add(self, name: str, piece: bytes, *, is_last: bool, crc32: int) -> None:
        """Takes a piece of a file; pieces of one file come one after another."""
        if name not in FILES:
            raise InvalidInput(f"chunk.file is '{name[:80]}'; expected one of {', '.join(FILES)}.")
        if name in self._whole or (self._file is not None and name != self._name):
            raise InvalidInput(f"chunk.file is '{name}', which is not the file under way, or came already.")
        self._received += len(piece)
        if self._received > self._size:
            raise InvalidInput(f"chunk.data: more bytes came than the {self._size:,} of source.upload.bytes.")
        if self._file is None:
            self._name, self._file, self._crc = name, (self.path / name).open("wb"), 0
        self._file.write(piece)
        self._crc = zlib.crc32(piece, self._crc)
        if is_last:
            self._file.close()
            self._file = None
            if self._crc != crc32:
                raise DamagedData(
                    f"'{name}' has the CRC {self._crc:08x} after {(self.path / name).stat().st_size:,} bytes; "
                    f"{crc32:08x} was announced. Upload again."
                )
            self._whole.add(name)
