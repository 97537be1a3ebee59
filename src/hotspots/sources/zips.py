"""Zips opened safely: members are streamed by name, never extracted, within fixed bounds."""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self

from hotspots.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType
    from typing import IO

MEMBER_MAX_BYTES = 256 * 2**20
TOTAL_MAX_BYTES = 4 * 2**30
RATIO_MAX = 100
MEMBERS_MAX = 65_535

HEADS = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of a zip, and of one without members."""

DATA_SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".geojson", ".json", ".gpkg",
)  # fmt: skip
"""Endings of the files that can be read out of a zip that holds nothing else of use."""

_ASIDE_NAME = re.compile(
    r"(?:.*[^a-z])?(?:read[ _-]?me|licen[cs]e|metadata|notes|terms|about|sources)(?:[^a-z].*)?"
)
_RATIO_FROM_BYTES = 2**20  # a short table of like rows packs that well without harm
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_END_64_PLACE = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_COMMENT_MAX = 65_535
_ENCRYPTED = 0x1
_SIZES_FOLLOW = 0x8
_IN_64 = 0xFFFFFFFF
_UNIX = 3
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip


class Archive:
    """
    A zip whose directory was checked before anything in it is read.

    Parameters
    ----------
    path : Path
        The zip.
    label : str or None
        What messages call it; None uses the path.

    Raises
    ------
    InputError
        If it is not a zip, damaged or empty, has bytes before its start or after its end, or
        if a member repeats a name, shares bytes with another, is a link or has a name that
        would leave the folder. These make the whole zip suspect, whichever member is wanted.
    """

    def __init__(self, path: Path, label: str | None = None) -> None:
        self.label = str(path) if label is None else label
        try:
            n_members = _stated_members(path, self.label)
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise InputError(_not_a_zip(path, self.label)) from error
        except OSError as error:
            raise InputError(
                f"{self.label} cannot be opened ({error.strerror}). Check its name and rights."
            ) from error
        try:
            self._members = self._checked(n_members)
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
        Refuse, before any is read, members too big alone or together, or not to be read.

        Raises
        ------
        InputError
            If a member is encrypted, above 256 MiB, or above 1 MiB and more than 100 times its
            packed size, is packed by an unusual method, or says of itself other things than the
            directory does; or if together they are above 4 GiB.
        """
        total = packed = 0
        for name in names:
            info = self._members[name]
            total += info.file_size
            packed += info.compress_size
            self._refuse_unreadable(name, info)
            self._refuse_contradiction(name, info)
        if total > max(_RATIO_FROM_BYTES, RATIO_MAX * packed):
            raise InputError(
                f"{self.label}: the members to read unpack from {packed:,} to {total:,} bytes; the "
                f"limit is {RATIO_MAX} times. Check what the zip holds."
            )
        if total > TOTAL_MAX_BYTES:
            raise InputError(
                f"{self.label}: the members to read unpack to {total:,} bytes; the limit is 4 GiB. "
                "Name one force, or give fewer months in one zip."
            )

    def read(self, name: str) -> bytes:
        """Return the bytes of the member ``name``, its checksum verified."""
        info = self._members[name]
        data = self._taken(name, info.file_size + 1)
        if len(data) != info.file_size:
            self._refuse(name, f"holds {len(data):,} bytes where {info.file_size:,} are stated")
        return data

    def peek(self, name: str, n_bytes: int) -> bytes:
        """Return no more than the first ``n_bytes`` of a member."""
        return self._taken(name, n_bytes)

    def _taken(self, name: str, n_bytes: int) -> bytes:
        try:
            # No more than the directory promised: a member that lies about its size fails here.
            with self._zip.open(self._members[name]) as stream:
                return stream.read(n_bytes)
        except (*_DAMAGE, OSError) as error:
            raise InputError(
                f"{self.label}: {name} is damaged: it does not unpack to what the directory of the "
                "zip states. Download the zip again."
            ) from error

    def _checked(self, n_members: int) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if not infos:
            raise InputError(f"{self.label} is an empty zip. Download it again.")
        if len(infos) != n_members:
            raise InputError(
                f"{self.label}: the zip states {n_members:,} members and lists {len(infos):,}. "
                "Download it again."
            )
        self._refuse_overlaps(infos)
        members: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        for info in infos:
            # Some Windows tools write backslashes; they part folders there too.
            name = info.filename.replace("\\", "/")
            self._refuse_unsafe(name, info)
            if name.endswith("/"):
                continue
            # Two names that a disk of Windows or a Mac takes for one are one.
            alike = unicodedata.normalize("NFC", str(PurePosixPath(name))).casefold()
            if alike in seen:
                self._refuse(name, "is there twice")
            seen.add(alike)
            members[name] = info
        if not members:
            raise InputError(f"{self.label} is a zip of empty folders. Download it again.")
        return members

    def _refuse_unsafe(self, name: str, info: zipfile.ZipInfo) -> None:
        parts = name.split("/")
        shown = name.encode("unicode_escape").decode()
        if any(ord(letter) < ord(" ") for letter in info.orig_filename):
            self._refuse(shown, "has a name with a control character")
        if name.startswith("/") or parts[0].endswith(":") or parts[0][1:2] == ":":
            self._refuse(shown, "has an absolute name")
        if ".." in parts:
            self._refuse(shown, "has a name that leads out of the zip")
        kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "link" if kind == stat.S_IFLNK else "device or pipe"
            self._refuse(shown, f"is a {what}, not a file")

    def _refuse_unreadable(self, name: str, info: zipfile.ZipInfo) -> None:
        size, packed = info.file_size, info.compress_size
        if info.flag_bits & _ENCRYPTED:
            self._refuse(name, "is encrypted", "Supply it without a password.")
        if size > MEMBER_MAX_BYTES:
            self._refuse(name, f"unpacks to {size:,} bytes; the limit is 256 MiB")
        if size > max(_RATIO_FROM_BYTES, RATIO_MAX * packed):
            self._refuse(
                name,
                f"unpacks from {packed:,} to {size:,} bytes; "
                f"the limit is {RATIO_MAX} times, and real files stay below 10",
            )
        if info.compress_type not in _METHODS:
            self._refuse(name, f"is packed by method {info.compress_type}, not by deflate")

    def _refuse_contradiction(self, name: str, info: zipfile.ZipInfo) -> None:
        """Refuse a member whose own header says other things than the directory of the zip."""
        stream = self._zip.fp
        if stream is None:
            raise InputError(f"{self.label} was closed. Open it again.")
        stream.seek(info.header_offset)
        head = stream.read(_LOCAL_HEADER.size)
        if len(head) < _LOCAL_HEADER.size or head[:4] != HEADS[0]:
            self._refuse(name, "does not stand where the directory says")
        _, _, flags, method, _, _, crc, packed, size, n_name, n_extra = _LOCAL_HEADER.unpack(head)
        if (flags ^ info.flag_bits) & _ENCRYPTED or method != info.compress_type:
            self._refuse(name, "is packed in another way than the directory says")
        is_stated = not flags & _SIZES_FOLLOW and _IN_64 not in (packed, size)
        if is_stated and (crc, packed, size) != (info.CRC, info.compress_size, info.file_size):
            self._refuse(name, f"states {size:,} bytes where the directory has {info.file_size:,}")
        end = info.header_offset + _LOCAL_HEADER.size + n_name + n_extra + info.compress_size
        if end > self._limits[info.header_offset]:
            self._refuse(name, "shares bytes with another member")

    def _refuse_overlaps(self, infos: list[zipfile.ZipInfo]) -> None:
        ordered = sorted(infos, key=lambda info: info.header_offset)
        ends = [
            info.header_offset + _LOCAL_HEADER.size + len(info.orig_filename) + info.compress_size
            for info in ordered
        ]
        starts = [info.header_offset for info in ordered[1:]] + [self._zip.start_dir]
        self._limits = {
            info.header_offset: start for info, start in zip(ordered, starts, strict=True)
        }
        for info, end, start in zip(ordered, ends, starts, strict=True):
            if end > start:
                self._refuse(info.filename, "shares bytes with another member")

    def _refuse(self, name: str, what: str, fix: str = "") -> None:
        fix = fix or "Download it again from its publisher, or zip the files anew."
        raise InputError(f"{self.label}: {name} {what}, so the zip was refused. {fix}")


def is_zip(head: bytes) -> bool:
    """Say whether the first bytes of a file are those of a zip."""
    return head.startswith(HEADS)


def only_member(path: Path) -> tuple[str, bytes] | None:
    """
    Return the name and bytes of the only data file in a zip.

    Parameters
    ----------
    path : Path
        The zip. What goes with data (a read-me, a licence, a picture, what a Mac adds) does
        not count.

    Returns
    -------
    tuple of (str, bytes) or None
        None if there is no file of ``DATA_SUFFIXES``, or more than one.

    Raises
    ------
    InputError
        If the zip is damaged or unsafe.
    """
    with Archive(path) as archive:
        found = data_members(archive.names)
        if len(found) != 1:
            return None
        archive.admit(found)
        return found[0], archive.read(found[0])


def data_members(names: Iterable[str]) -> list[str]:
    """Return those ``names`` of members that are data, and not what goes with data."""
    seen = [name for name in names if not is_litter(name)]
    data = [name for name in seen if name.lower().endswith(DATA_SUFFIXES)]
    if len(data) < 2:  # noqa: PLR2004 - one file is the data, whatever it is called
        return data
    return [name for name in data if not _ASIDE_NAME.fullmatch(PurePosixPath(name).stem.casefold())]


def is_litter(name: str) -> bool:
    """Say whether a member is what a Mac or Windows adds by itself."""
    last = PurePosixPath(name).name
    is_hidden = last.startswith(".") or last.lower() in {"thumbs.db", "desktop.ini"}
    return is_hidden or name.startswith("__MACOSX/")


def _stated_members(path: Path, label: str) -> int:
    """Return how many members the end of the zip states; refuse bytes outside the zip."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _END.size - _COMMENT_MAX))
        tail = stream.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            raise zipfile.BadZipFile
        _, disk, _, _, n_members, n_bytes, offset, n_comment = _END.unpack_from(tail, at)
        start = size - len(tail) + at
        if n_members == 0xFFFF or _IN_64 in (n_bytes, offset):  # noqa: PLR2004 - of the format
            n_members, n_bytes, offset, start = _stated_in_64(stream, start)
        stream.seek(0)
        head = stream.read(4)
    after = len(tail) - at - _END.size - n_comment
    if after:
        what = f"{after:,} bytes stand after its end" if after > 0 else "its end is cut off"
        raise InputError(f"{label}: the zip is damaged: {what}. Download it again.")
    if offset + n_bytes != start or not is_zip(head):
        raise InputError(
            f"{label}: the zip is damaged: other bytes stand before it or inside it. "
            "Download it again."
        )
    if disk:
        raise InputError(f"{label} is one part of a zip in several. Supply it in one piece.")
    if n_members > MEMBERS_MAX:
        raise InputError(
            f"{label} holds {n_members:,} members; the limit is {MEMBERS_MAX:,}. "
            "Zip the files that are needed anew."
        )
    return int(n_members)


def _stated_in_64(stream: IO[bytes], end: int) -> tuple[int, int, int, int]:
    """Return members, size, place and end of the directory as a ZIP64 states them."""
    stream.seek(max(0, end - _END_64_PLACE.size))
    mark, _, place, _ = _END_64_PLACE.unpack(stream.read(_END_64_PLACE.size))
    stream.seek(min(place, end))
    record = _END_64.unpack(stream.read(_END_64.size))
    if mark != b"PK\x06\x07" or record[0] != b"PK\x06\x06":
        raise zipfile.BadZipFile
    n_members, n_bytes, offset = record[7:10]
    return n_members, n_bytes, offset, place


def _not_a_zip(path: Path, label: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        return f"{label} is an empty file. Download it again."
    if head.startswith(b"PK"):
        return f"{label} is a damaged zip, most likely a download cut short. Download it again."
    return (
        f"{label} is not a zip. Download it again; if a page says why it is not there, wait for "
        "the publisher to put it back."
    )
