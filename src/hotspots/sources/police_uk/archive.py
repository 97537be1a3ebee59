"""Zips opened safely: members are streamed by name, never extracted, within fixed bounds."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING, Self

from hotspots.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

MEMBER_MAX_BYTES = 256 * 2**20
TOTAL_MAX_BYTES = 4 * 2**30
RATIO_MAX = 100

_LOCAL_HEADER_BYTES = 30
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)


class Archive:
    """
    A zip whose directory was checked before anything in it is read.

    Parameters
    ----------
    path : Path
        The zip.
    label : str
        What messages call it.

    Raises
    ------
    InputError
        If it is not a zip, damaged or empty, or if a member is encrypted, repeats a name,
        shares bytes with another or has a name that would leave the folder.
    """

    def __init__(self, path: Path, label: str) -> None:
        self.label = label
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise InputError(_not_a_zip(path, label)) from error
        except OSError as error:
            raise InputError(f"{label} cannot be opened ({error.strerror}).") from error
        try:
            self._members = self._checked()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members, folders left out, with ``/`` between parts, in zip order."""
        return tuple(self._members)

    def admit(self, names: Iterable[str]) -> None:
        """
        Refuse, before any is read, members too big alone or together.

        Raises
        ------
        InputError
            If a member is above 256 MiB or unpacks to more than 100 times its packed size,
            if together they are above 4 GiB, or if one is packed by an unusual method.
        """
        total = 0
        for name in names:
            info = self._members[name]
            total += info.file_size
            if info.file_size > MEMBER_MAX_BYTES:
                self._refuse(
                    name,
                    f"unpacks to {info.file_size / 2**20:,.0f} MiB; "
                    f"the limit is {MEMBER_MAX_BYTES // 2**20} MiB",
                )
            if info.file_size > RATIO_MAX * info.compress_size:
                self._refuse(
                    name,
                    f"unpacks from {info.compress_size:,} to {info.file_size:,} bytes; "
                    f"the limit is {RATIO_MAX} times, and real files stay below 10",
                )
            if info.compress_type not in _METHODS:
                self._refuse(name, f"is packed by method {info.compress_type}, not by deflate")
        if total > TOTAL_MAX_BYTES:
            raise InputError(
                f"{self.label}: the members to read unpack to {total / 2**30:.1f} GiB; "
                f"the limit is {TOTAL_MAX_BYTES // 2**30} GiB. Name one force, or give fewer "
                "months in one zip."
            )

    def read(self, name: str) -> bytes:
        """Return the bytes of the member ``name``, its checksum verified."""
        info = self._members[name]
        try:
            # No more than the directory promised: a member that lies about its size fails here.
            with self._zip.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except (*_DAMAGE, OSError) as error:
            raise InputError(
                f"{self.label}: {name} is damaged ({error}). Download the zip again."
            ) from error
        if len(data) != info.file_size:
            self._refuse(name, f"holds {len(data):,} bytes where {info.file_size:,} are stated")
        return data

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if not infos:
            raise InputError(f"{self.label} is an empty zip. Download it again.")
        self._refuse_overlaps(infos)
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            # Some Windows tools write backslashes; they part folders there too.
            name = info.filename.replace("\\", "/")
            self._refuse_unsafe(name, info)
            if name.endswith("/"):
                continue
            if name in members:
                self._refuse(name, "is there twice")
            members[name] = info
        if not members:
            raise InputError(f"{self.label} is a zip of empty folders. Download it again.")
        return members

    def _refuse_unsafe(self, name: str, info: zipfile.ZipInfo) -> None:
        parts = name.split("/")
        if name.startswith("/") or parts[0].endswith(":") or parts[0][1:2] == ":":
            self._refuse(name, "has an absolute name")
        if ".." in parts:
            self._refuse(name, "has a name that leads out of the zip")
        if info.flag_bits & _ENCRYPTED:
            self._refuse(name, "is encrypted")

    def _refuse_overlaps(self, infos: list[zipfile.ZipInfo]) -> None:
        ordered = sorted(infos, key=lambda info: info.header_offset)
        ends = [
            info.header_offset + _LOCAL_HEADER_BYTES + len(info.orig_filename) + info.compress_size
            for info in ordered
        ]
        starts = [info.header_offset for info in ordered[1:]] + [self._zip.start_dir]
        for info, end, start in zip(ordered, ends, starts, strict=True):
            if end > start:
                self._refuse(info.filename, "shares bytes with another member")

    def _refuse(self, name: str, what: str) -> None:
        raise InputError(
            f"{self.label}: {name} {what}, so the zip was refused. "
            "Download it again from data.police.uk, or zip the CSV files anew."
        )


def read_plain(path: Path, label: str) -> bytes:
    """
    Return the bytes of the file ``path``.

    Raises
    ------
    InputError
        If it cannot be read or is above 256 MiB.
    """
    try:
        size = path.stat().st_size
        if size > MEMBER_MAX_BYTES:
            raise InputError(
                f"{label} has {size / 2**20:,.0f} MiB; the limit for one file is "
                f"{MEMBER_MAX_BYTES // 2**20} MiB. Give one month of one force a file."
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{label} cannot be read ({error.strerror}).") from error


def _not_a_zip(path: Path, label: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        return f"{label} is an empty file. Download it again."
    if head.startswith(b"PK"):
        return f"{label} is a damaged zip, most likely a download cut short. Download it again."
    return (
        f"{label} is not a zip. Give a zip of police.uk CSV files, as data.police.uk offers it, "
        "or the CSV files themselves."
    )
