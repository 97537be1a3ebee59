"""Plain files of police.uk: read whole, unpacked if gzipped, within fixed bounds."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING

from hotspots.errors import InputError
from hotspots.sources.zips import MEMBER_MAX_BYTES, RATIO_MAX

if TYPE_CHECKING:
    from pathlib import Path

_GZIP = b"\x1f\x8b"
_RATIO_FROM_BYTES = 2**20


def read_plain(path: Path, label: str) -> bytes:
    """
    Return the bytes of the file ``path``, gunzipped if it is gzipped.

    Raises
    ------
    InputError
        If it cannot be read, is above 256 MiB, or is a gzip that is damaged or unpacks to more
        than 100 times its size.
    """
    try:
        size = path.stat().st_size
        if size > MEMBER_MAX_BYTES:
            raise InputError(_too_big(label, f"has {size:,} bytes"))
        return unpacked(path.read_bytes(), label)
    except OSError as error:
        raise InputError(
            f"{label} cannot be read ({error.strerror}). Check its name and rights."
        ) from error


def unpacked(data: bytes, label: str) -> bytes:
    """
    Return ``data``, gunzipped if it is gzipped.

    Raises
    ------
    InputError
        If the gzip is damaged or unpacks to more than 256 MiB or 100 times its size.
    """
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            text = stream.read(MEMBER_MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{label}: the gzip file is damaged or cut short. Download it again."
        ) from error
    if len(text) > MEMBER_MAX_BYTES:
        raise InputError(_too_big(label, "unpacks to more than one file may have"))
    if len(text) > max(_RATIO_FROM_BYTES, RATIO_MAX * len(data)):
        raise InputError(
            f"{label} unpacks from {len(data):,} to {len(text):,} bytes; the limit is {RATIO_MAX} "
            "times. Unpack it and check what it holds."
        )
    return text


def _too_big(label: str, what: str) -> str:
    return f"{label} {what}; the limit for one file is 256 MiB. Give one month of one force a file."
