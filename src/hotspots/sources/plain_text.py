"""The text of a file, whatever it was packed with and however its letters were coded."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, InputError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 256 * 2**20
"""Largest text taken, after unpacking."""

MAX_RATIO = 100
"""Largest ratio of unpacked to packed size, once the text is over a mebibyte."""

SPOILED = "\ufffd"
"""What stands in the text for a byte that is no letter."""

_GZIP = b"\x1f\x8b"
_BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
_DOS_END = "\x1a"
_MOST = 0.5
_HEAD = 2_000
_TAR, _TAR_AT = b"ustar", 257
_SIGNATURES = (
    (b"PK\x03\x04", "a zip file or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3\x00", "a GeoPackage or SQLite database"),
    (b"\x00\x01\x00\x00Standard", "an Access database"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"PAR1", "a Parquet file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
)


@dataclass(frozen=True)
class Text:
    """
    The text of a file.

    Attributes
    ----------
    text : str
        With plain line feeds.
    is_utf16 : bool
        Whether it was UTF-16, as its byte order mark says.
    recoded : frozenset of int
        Lines that are no UTF-8 and were read as Windows-1252.
    spoiled : frozenset of int
        Lines with bytes that are no letters in either; ``SPOILED`` stands for each.
    """

    text: str
    is_utf16: bool = False
    recoded: frozenset[int] = frozenset()
    spoiled: frozenset[int] = frozenset()


def unpack(path: Path) -> bytes:
    """
    Return the bytes of a file, gunzipped if it is gzipped (told by content, not by name).

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged or unpacks to more than ``MAX_BYTES`` or ``MAX_RATIO`` allow.
    """
    try:
        packed_size = path.stat().st_size
        with path.open("rb") as raw:
            is_gzip = raw.read(len(_GZIP)) == _GZIP
            raw.seek(0)
            stream = gzip.GzipFile(fileobj=raw) if is_gzip else raw
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        msg = f"{path}: there is no such file; check the path in the settings."
        raise DataMissingError(msg) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        msg = f"{path}: the gzip file is damaged or cut short; download it again."
        raise InputError(msg) from None
    except OSError as error:
        msg = f"{path}: the file cannot be read ({error.strerror}); check its name and rights."
        raise InputError(msg) from None
    if len(data) > MAX_BYTES or len(data) > max(2**20, packed_size * MAX_RATIO):
        limit = f"{MAX_BYTES // 2**20} MiB, or {MAX_RATIO} times its packed size"
        msg = f"{path}: the file unpacks to more than {limit}; unpack it and check what it holds."
        raise InputError(msg)
    return data


def read(path: Path, data: bytes | None = None) -> Text:
    """
    Return the text of a file, plain or gzipped, with plain line feeds.

    Parameters
    ----------
    path : Path
        The file.
    data : bytes or None
        Its bytes if they are at hand, such as those of a zip's member.

    Returns
    -------
    Text
        Decoded from UTF-8 (with or without a byte order mark), UTF-16 with one, or else
        line by line from UTF-8 or Windows-1252.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is empty, damaged, too large, or not delimited text.
    """
    data = unpack(path) if data is None else data
    found = next((name for magic, name in _SIGNATURES if data.startswith(magic)), None)
    if data[_TAR_AT:].startswith(_TAR):
        msg = f"{path}: expected delimited text, found a tar archive; unpack it, and name a file."
        raise InputError(msg)
    if found:
        msg = f"{path}: expected delimited text, found {found}; save the table as CSV (UTF-8)."
        raise InputError(msg)
    read_text = _without_zeros(_decode(data))
    _refuse_binary(path, read_text)
    start = read_text.text.lstrip()[:1]
    if not start:
        msg = f"{path}: the file is empty; supply it again."
        raise InputError(msg)
    if start in {"<", "{", "["}:
        kind, to_do = _other_text(read_text.text[:_HEAD].casefold())
        msg = f"{path}: expected delimited text, found {kind}; {to_do}."
        raise InputError(msg)
    return read_text


def _other_text(head: str) -> tuple[str, str]:
    """Return what text that is no table is, and what to do then."""
    if "<kml" in head or "<gml" in head:
        kind = "KML" if "<kml" in head else "GML"
        return kind, "save the layer as GeoJSON or a GeoPackage, for example with QGIS"
    if head.lstrip().startswith("<"):
        return "a web page or XML", "download the table itself"
    if '"error"' in head:
        return "JSON with an error message of a server", "ask the server again for the table"
    return "JSON", "download the table itself"


def _decode(data: bytes) -> Text:
    if data.startswith(_BYTE_ORDER):
        return _utf16(data)
    try:
        return Text(_plain_lines(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        return _line_by_line(data)


def _utf16(data: bytes) -> Text:
    try:
        return Text(_plain_lines(data.decode("utf-16")), is_utf16=True)
    except UnicodeDecodeError:
        text = _plain_lines(data.decode("utf-16", errors="replace"))
    lines = enumerate(text.split("\n"), 1)
    spoiled = frozenset(number for number, line in lines if SPOILED in line)
    return Text(text, is_utf16=True, spoiled=spoiled)


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip(_DOS_END)


def _line_by_line(data: bytes) -> Text:
    """Decode each line by itself: registers are pasted together from sources of both kinds."""
    recoded, spoiled, lines = set(), set(), []
    whole = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for number, line in enumerate(whole.split(b"\n"), 1):
        try:
            lines.append(line.decode())
            continue
        except UnicodeDecodeError:
            pass
        try:
            lines.append(line.decode("cp1252"))
            recoded.add(number)
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
            spoiled.add(number)
    text = "\n".join(lines).rstrip(_DOS_END)
    return Text(text, recoded=frozenset(recoded), spoiled=frozenset(spoiled))


def _without_zeros(found: Text) -> Text:
    """Mark the lines with zero bytes, which no text has."""
    if "\x00" not in found.text:
        return found
    lines = enumerate(found.text.split("\n"), 1)
    zeros = frozenset(number for number, line in lines if "\x00" in line)
    text = found.text.replace("\x00", SPOILED)
    return Text(text, found.is_utf16, found.recoded - zeros, found.spoiled | zeros)


def _refuse_binary(path: Path, found: Text) -> None:
    """Refuse what has bytes that are no letters in its first line or in most lines."""
    if not found.spoiled:
        return
    first = min(found.spoiled)
    lines = found.text.split("\n")
    is_heading = not any(line.strip() for line in lines[: first - 1])
    if is_heading or len(found.spoiled) > _MOST * len(lines):
        msg = (
            f"{path}, line {first}: found bytes that are neither UTF-8 nor Windows-1252 text; "
            "save the table as CSV (UTF-8)."
        )
        raise InputError(msg)
