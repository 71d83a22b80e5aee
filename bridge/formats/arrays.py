"""NumPy archives whose bytes depend on their arrays alone, and a reader that trusts nothing.

The writer fixes order, times and attributes of the zip's members. The reader takes only the members it was told to
expect, of the type and number of dimensions it was told, never unpickles, and bounds what it unpacks.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bridge.errors import InvalidInput

MAX_BYTES = 2 << 30
"""The most that all arrays of one archive may take, unpacked."""


def npz_bytes(arrays: Mapping[str, NDArray], *, level: int = 1) -> bytes:
    """An .npz archive of the arrays, in the order given; the same arrays give the same bytes. Level 0 is unpacked."""
    method = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system, member.external_attr, member.compress_type = 3, 0o644 << 16, method
            little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
            content = io.BytesIO()
            npy.write_array(content, little, version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getbuffer(), compresslevel=level)
    return buffer.getvalue()


def read_npz(data: bytes, expected: Mapping[str, tuple[str, int]], *, name: str) -> dict[str, NDArray]:
    """The arrays of an archive, read-only; `expected` gives each one's dtype and number of dimensions.

    `name` is what messages call the archive. Raises InvalidInput for anything else than exactly those arrays.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {member.filename: member for member in archive.infolist()}
            _check_members(archive.infolist(), expected, name)
            return {key: _array(archive, members[f"{key}.npy"], *form, name=name) for key, form in expected.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(
            f"{name} is damaged ({error}). Generate the town again, or copy the folder again."
        ) from error


def _check_members(members: list[zipfile.ZipInfo], expected: Mapping[str, tuple[str, int]], name: str) -> None:
    found = [member.filename for member in members]
    wanted = {f"{key}.npy" for key in expected}
    strange = sorted(set(found) - wanted)
    if strange:
        raise InvalidInput(f"{name} holds '{strange[0][:80]}', which does not belong there. It was not opened.")
    missing = sorted(wanted - set(found))
    if missing or len(found) != len(wanted):
        what = f"lacks '{missing[0]}'" if missing else "holds an array twice"
        raise InvalidInput(f"{name} {what}. Generate the town again.")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_BYTES:
        raise InvalidInput(
            f"{name} would unpack to {unpacked / 1e9:.1f} GB; at most {MAX_BYTES / 1e9:.1f} GB are read."
        )


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, dtype: str, dimensions: int, *, name: str) -> NDArray:
    place = f"{name}: {member.filename}"
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise InvalidInput(f"{place} unpacks to another size than it says. The file is damaged.")
    header = io.BytesIO(content)
    try:
        version = npy.read_magic(header)
        if version != (1, 0):
            raise ValueError(f"version {version}")
        shape, fortran, found = npy.read_array_header_1_0(header)
    except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise InvalidInput(f"{place} has no readable header ({error}).") from error
    if found != np.dtype(dtype) or len(shape) != dimensions or fortran or any(side < 0 for side in shape):
        raise InvalidInput(f"{place} holds {found} of shape {shape}; expected {dtype} with {dimensions} dimensions.")
    size = int(np.prod(np.array(shape, dtype=object))) * found.itemsize if shape else found.itemsize
    if size != len(content) - header.tell():
        raise InvalidInput(f"{place} holds {len(content) - header.tell()} bytes; its shape {shape} needs {size}.")
    array = np.frombuffer(content, dtype=found, offset=header.tell()).reshape(shape).astype(np.dtype(dtype), copy=False)
    array.setflags(write=False)
    return array
