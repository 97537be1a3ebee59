"""The text of a file, whatever it was packed with and however its letters were coded."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, InputError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 256 * 2**20
"""Largest text taken, after unpacking."""

MAX_RATIO = 100
"""Largest ratio of unpacked to packed size, once the text is over a mebibyte."""

_GZIP = b"\x1f\x8b"
_SIGNATURES = (
    (b"PK\x03\x04", "a zip file or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3\x00", "a GeoPackage or SQLite database"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
)


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


def read(path: Path) -> tuple[str, tuple[str, ...]]:
    """
    Return the text of a file, plain or gzipped, with plain line feeds.

    Returns
    -------
    text : str
        Decoded from UTF-8 (with or without a byte order mark), UTF-16 with one, or else
        from Windows-1252.
    repairs : tuple of str
        What was put right, in words.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is empty, damaged, too large, or not delimited text.
    """
    data = unpack(path)
    found = next((name for magic, name in _SIGNATURES if data.startswith(magic)), None)
    if found:
        msg = f"{path}: expected delimited text, found {found}; save the table as CSV (UTF-8)."
        raise InputError(msg)
    text, repairs = _decode(path, data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        msg = (
            f"{path}, line {line}: found a zero byte, so this is not text; "
            "save the table as CSV (UTF-8)."
        )
        raise InputError(msg)
    start = text.lstrip()[:1]
    if not start:
        msg = f"{path}: the file is empty; supply it again."
        raise InputError(msg)
    if start in {"<", "{", "["}:
        kind = "a web page or XML" if start == "<" else "JSON"
        msg = f"{path}: expected delimited text, found {kind}; download the table itself."
        raise InputError(msg)
    return text, repairs


def _decode(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16"), ()
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), ("read as Windows-1252, because it is not UTF-8",)
    except UnicodeDecodeError as error:
        before = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        msg = (
            f"{path}, line {line}: the byte 0x{data[error.start]:02x} is neither UTF-8 nor "
            "Windows-1252 text; save the table as CSV (UTF-8)."
        )
        raise InputError(msg) from None
