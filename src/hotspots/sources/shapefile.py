"""The parts of a shapefile: whole, agreeing with each other, and in a zip of our own."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from hotspots.errors import InputError
from hotspots.sources import zips
from hotspots.sources.columns import listed
from hotspots.sources.plain_text import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MARK = b"\x00\x00\x27\x0a"
"""First bytes of a .shp."""

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED_PARTS = _PARTS[:3]
_HEADER_BYTES = 100
_RECORD_BYTES = 8
_DBF_HEADER = struct.Struct("<xxxxLHH")


def beside(path: Path) -> dict[str, bytes]:
    """
    Return the parts of a shapefile that lie beside its .shp in a folder, by their ending.

    Raises
    ------
    InputError
        If they are too big together.
    """
    found = {
        entry.suffix.lower(): entry
        for entry in sorted(path.parent.iterdir())
        if entry.stem == path.stem and entry.suffix.lower() in _PARTS
    }
    size = sum(entry.stat().st_size for entry in found.values())
    if size > MAX_BYTES:
        msg = f"{path}: the shapefile is over {MAX_BYTES // 2**20} MiB; cut it to the area first."
        raise InputError(msg)
    return {suffix: entry.read_bytes() for suffix, entry in found.items()}


def zipped(path: Path) -> dict[str, bytes]:
    """
    Return the parts of the only shapefile in a zip, by their ending.

    Raises
    ------
    InputError
        If the zip is damaged or unsafe, or holds no shapefile or several.
    """
    with zips.Archive(path) as archive:
        chosen = _chosen(path, [name for name in archive.names if not zips.is_litter(name)])
        archive.admit(chosen.values())
        return {suffix: archive.read(name) for suffix, name in chosen.items()}


def _chosen(path: Path, members: list[str]) -> dict[str, str]:
    names = [PurePosixPath(name) for name in members]
    shapes = sorted(str(name) for name in names if name.suffix.lower() == ".shp")
    if not shapes:
        held = listed(members[:5])
        msg = (
            f"{path}: expected a zip with one shapefile or one table, found no .shp in it (it "
            f"holds {held}). Unpack it and name the file inside."
        )
        raise InputError(msg)
    if len(shapes) > 1:
        msg = (
            f"{path}: expected one shapefile in the zip, found {len(shapes)}: {listed(shapes)}. "
            "Unpack the zip and name the .shp you want in the settings."
        )
        raise InputError(msg)
    stem = PurePosixPath(shapes[0]).with_suffix("")
    return {
        name.suffix.lower(): member
        for name, member in zip(names, members, strict=True)
        if name.suffix.lower() in _PARTS and name.with_suffix("") == stem
    }


def refuse_broken(path: Path, parts: Mapping[str, bytes]) -> None:
    """
    Make sure that a shapefile is whole.

    Raises
    ------
    InputError
        If a part is missing, shorter than its header says, or has another number of records
        than the others.
    """
    missing = [suffix for suffix in _NEEDED_PARTS if suffix not in parts]
    if missing:
        msg = f"{path}: the shapefile lacks its {' and '.join(missing)}; supply all its parts."
        raise InputError(msg)
    for suffix in (".shp", ".shx"):
        head = parts[suffix][:_HEADER_BYTES]
        if len(head) < _HEADER_BYTES or not head.startswith(MARK):
            raise InputError(_broken(path, f"its {suffix} does not begin as one"))
        stated, held = 2 * int.from_bytes(head[24:28], "big"), len(parts[suffix])
        if held < stated:
            raise InputError(_broken(path, f"its {suffix} has {held:,} of {stated:,} bytes"))
    n_shapes = (len(parts[".shx"]) - _HEADER_BYTES) // _RECORD_BYTES
    n_rows, n_head, n_row = _dbf(path, parts[".dbf"])
    if n_shapes != n_rows:
        raise InputError(_broken(path, f"it has {n_shapes:,} shapes and {n_rows:,} rows"))
    if len(parts[".dbf"]) < n_head + n_rows * n_row:
        raise InputError(_broken(path, f"its .dbf does not hold the {n_rows:,} rows it states"))
    _refuse_shapes_beyond(path, parts, n_shapes)


def _refuse_shapes_beyond(path: Path, parts: Mapping[str, bytes], n_shapes: int) -> None:
    index = struct.unpack_from(f">{2 * n_shapes}l", parts[".shx"], _HEADER_BYTES)
    size = len(parts[".shp"])
    for number, (start, length) in enumerate(zip(index[::2], index[1::2], strict=True), start=1):
        if start < 0 or length < 0 or 2 * (start + length) + _RECORD_BYTES > size:
            raise InputError(_broken(path, f"feature {number} lies beyond the end of its .shp"))


def _dbf(path: Path, data: bytes) -> tuple[int, int, int]:
    """Return rows, bytes of the heading and bytes of a row."""
    if len(data) < _DBF_HEADER.size:
        raise InputError(_broken(path, "its .dbf has no heading"))
    n_rows, n_head, n_row = _DBF_HEADER.unpack_from(data)
    return n_rows, n_head, n_row


def encoding(path: Path, parts: Mapping[str, bytes]) -> tuple[str | None, int]:
    """
    Say how the text of a shapefile is coded.

    Returns
    -------
    encoding : str or None
        None leaves it to what the file states.
    n_rows : int
        Rows whose text is not what the file states or should be, and is read as Windows-1252.
    """
    n_rows, n_head, n_row = _dbf(path, parts[".dbf"])
    body = parts[".dbf"][n_head : n_head + n_rows * n_row]
    stated = parts.get(".cpg", b"").decode("ascii", "replace").strip().upper()
    if body.isascii() or stated not in {"", "UTF-8", "UTF8", "65001"}:
        return None, 0
    if not stated and parts[".dbf"][29]:
        return None, 0  # the heading of the .dbf names a code page
    if _is_utf_8(body):
        return "UTF-8", 0
    rows = [body[start : start + n_row] for start in range(0, len(body), max(n_row, 1))]
    return "CP1252", sum(not _is_utf_8(row) for row in rows)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of the parts under names of our own, so that nothing else in theirs counts."""
    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w") as archive:
        for suffix, data in parts.items():
            archive.writestr(f"layer{suffix}", data)
    return clean.getvalue()


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _broken(path: Path, what: str) -> str:
    return f"{path}: the shapefile is damaged or cut short: {what}. Supply all its parts again."
