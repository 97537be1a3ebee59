"""One force's street files out of a monthly archive, without the rest of it."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hotspots.errors import SourceError, cut
from hotspots.sources.police_uk.live.checksums import checksums
from hotspots.sources.police_uk.live.opened import Opened, Whole
from hotspots.sources.web import (
    ZIP,
    ChangedError,
    Marks,
    RangeFile,
    RangesIgnoredError,
    StatusError,
)
from hotspots.sources.web.trouble import AGAIN
from hotspots.sources.zips import MEMBER_MAX_BYTES, RATIO_MAX, TOTAL_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path
    from typing import IO

    from hotspots.sources.web import Web

_STREET = re.compile(
    r"(?P<month>20\d\d-(?:0[1-9]|1[0-2]))/(?P=month)-(?P<force>[a-z-]+)-street\.csv"
)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_LOCAL_HEADER_BYTES = 30
_SLACK_BYTES = 256
_NEVER = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_GONE = frozenset({404, 410})
_FORBIDDEN = 403


@dataclass(frozen=True)
class Fetched:
    """
    What a publication holds of a force.

    Attributes
    ----------
    publication : str
        Month of the archive, YYYY-MM.
    url : str
        Its address.
    is_published : bool
        False if there is no such archive, or not yet; then all else is empty.
    members : tuple of str
        Members of the zip that was written; none if the archive has nothing of the force, and
        then no zip was written.
    absent_months : tuple of str
        Months that the archive holds, of those that were wanted, without a file of the force.
    marks : dict
        By what a re-supplied archive is told; to be handed in as ``known`` next time.
    notes : tuple of str
        What a person should know, in words.
    """

    publication: str
    url: str
    is_published: bool
    members: tuple[str, ...] = ()
    absent_months: tuple[str, ...] = ()
    marks: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wanted:
    """What is wanted of an archive, and where it is to be written."""

    label: str
    force: str
    months: frozenset[str] | None
    into: Path

    def has_month(self, month: str) -> bool:
        return self.months is None or month in self.months


def fetch_publication(
    web: Web,
    base_url: str,
    *,
    publication: str,
    force: str,
    months: Collection[str] | None,
    into: Path,
    known: Mapping[str, Any] | None,
    whole_into: Path | None,
    opened: Opened | None = None,
) -> Fetched | None:
    """
    Fetch the street files of one force from a monthly archive.

    Only the archive's directory and those files are moved, by byte range. Where the source
    ignores ranges, the whole archive is downloaded to ``whole_into``, which can be gone on with
    another day, and removed when it was read.

    Parameters
    ----------
    web : Web
        Asks.
    base_url : str
        Where police.uk is.
    publication : str
        Month of the archive, YYYY-MM.
    force : str
        Force id as in the names of the members.
    months : collection of str or None
        Data months that are wanted; None wants all.
    into : Path
        The zip to write; the same files give the same bytes.
    known : mapping or None
        Marks of the archive that was fetched last time.
    whole_into : Path or None
        Where a whole archive may be put; None forbids it.
    opened : Opened, optional
        Archives that were opened for other forces, and are not asked for again.

    Returns
    -------
    Fetched or None
        None if the archive is still the one that is known; then no data was moved.

    Raises
    ------
    SourceError
        If the archive cannot be had, changes under way more than once, or holds a file that is
        damaged or unsafe to unpack; then nothing is written.
    """
    url = f"{base_url}/data/archive/{publication}.zip"
    wanted = _Wanted(url, force, None if months is None else frozenset(months), into)
    marks = Marks.read(known)
    with ExitStack() as stack:
        at_hand = opened or stack.enter_context(Opened())
        return _fetched(web, base_url, wanted, publication, marks, whole_into, at_hand)


def _fetched(
    web: Web,
    base_url: str,
    wanted: _Wanted,
    publication: str,
    marks: Marks,
    whole_into: Path | None,
    opened: Opened,
) -> Fetched | None:
    url = wanted.label
    try:
        try:
            fetched = _by_pieces(web, wanted, publication, marks, opened)
        except ChangedError:  # re-supplied this very moment; a second time is no accident
            opened.forget(url)
            fetched = _by_pieces(web, wanted, publication, marks, opened)
        except RangesIgnoredError:
            if whole_into is None:
                raise
            fetched = _as_a_whole(web, base_url, wanted, publication, marks, whole_into, opened)
    except StatusError as error:
        if error.status in _GONE or (error.status == _FORBIDDEN and error.is_elsewhere):
            # An object store that keeps its list to itself says 403 for what it does not have.
            note = f"{url} is not there (status {error.status}): not published yet, or withdrawn."
            return Fetched(publication, url, is_published=False, notes=(note,))
        raise
    return fetched


def _by_pieces(
    web: Web, wanted: _Wanted, publication: str, known: Marks, opened: Opened
) -> Fetched | None:
    if opened.whole(wanted.label):
        raise RangesIgnoredError(wanted.label)
    file = opened.pieces(web, wanted.label, known)
    if file is None:
        return None
    with file:
        return _taken(file, wanted, publication, file.marks, ())


def _as_a_whole(
    web: Web,
    base_url: str,
    wanted: _Wanted,
    publication: str,
    known: Marks,
    path: Path,
    opened: Opened,
) -> Fetched | None:
    whole = opened.whole(wanted.label)
    if whole is None:
        whole = _downloaded(web, base_url, wanted, publication, known, path)
        if whole is None:
            return None
        opened.keep_whole(wanted.label, whole)
    elif known.is_of(whole.marks):
        return None
    with whole.path.open("rb") as file:
        return _taken(file, wanted, publication, whole.marks, whole.notes)


def _downloaded(
    web: Web, base_url: str, wanted: _Wanted, publication: str, known: Marks, path: Path
) -> Whole | None:
    notes = ["The source ignores byte ranges, so the whole archive was downloaded."]
    md5 = None
    try:
        md5 = checksums(web, base_url).get(publication)
    except SourceError as error:
        notes.append(f"The page of MD5 sums could not be had: {error}")
    if md5 is None:
        notes.append("No MD5 sum is published for it; only its length was compared.")
    answer = web.download(wanted.label, path, expect=ZIP, md5=md5, known=known)
    return None if answer.is_unchanged else Whole(path, answer.marks, tuple(notes))


def _taken(
    file: RangeFile | IO[bytes],
    wanted: _Wanted,
    publication: str,
    marks: Marks,
    notes: tuple[str, ...],
) -> Fetched:
    """Take the force's members out of an archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            streets = {info.filename: match for info in infos if (match := _match(info))}
            members = [
                info
                for info in infos
                if info.filename in streets
                and streets[info.filename]["force"] == wanted.force
                and wanted.has_month(streets[info.filename]["month"])
            ]
            members.sort(key=lambda info: info.filename)
            spans = _spans(infos, members, archive.start_dir, wanted.label)
            if isinstance(file, RangeFile):
                file.fetch(spans)
            if members:
                _write(archive, members, wanted)
    except _DAMAGE as error:
        msg = f"{wanted.label}: the archive is damaged or cut short ({cut(error)}). {AGAIN}"
        raise SourceError(msg) from error
    held = {match["month"] for match in streets.values() if wanted.has_month(match["month"])}
    there = {streets[info.filename]["month"] for info in members}
    if not members:
        forces = sorted({match["force"] for match in streets.values()})
        named = ", ".join(forces[:50]) or "none"
        notes = (*notes, f"The archive has no street file of {wanted.force}; forces: {named}.")
    return Fetched(
        publication,
        wanted.label,
        is_published=True,
        members=tuple(info.filename for info in members),
        absent_months=tuple(sorted(held - there)),
        marks=marks.noted(),
        notes=notes,
    )


def _match(info: zipfile.ZipInfo) -> re.Match[str] | None:
    return _STREET.fullmatch(info.filename)


def _spans(
    infos: list[zipfile.ZipInfo], members: list[zipfile.ZipInfo], end: int, label: str
) -> list[tuple[int, int]]:
    """Return where members lie, after a check of all that the directory says about them."""
    repeated = len({info.filename for info in members}) < len(members)
    if repeated or sum(info.file_size for info in members) > TOTAL_MAX_BYTES:
        found = "holds a street file twice" if repeated else "unpacks to more than 4 GiB"
        msg = f"{label}: the archive {found}, so it was refused. {AGAIN}"
        raise SourceError(msg)
    starts = sorted({info.header_offset for info in infos} | {end})
    following = dict(pairwise(starts))
    spans = []
    for info in members:
        _refuse_unsafe(info, label)
        first = info.header_offset
        least = first + _LOCAL_HEADER_BYTES + len(info.orig_filename.encode()) + info.compress_size
        if least > following.get(first, -1):
            _refuse(info, label, "shares bytes with another member")
        spans.append((first, min(following[first], least + len(info.extra) + _SLACK_BYTES)))
    return spans


def _refuse_unsafe(info: zipfile.ZipInfo, label: str) -> None:
    if info.flag_bits & _ENCRYPTED:
        _refuse(info, label, "is encrypted")
    if info.compress_type not in _METHODS:
        _refuse(info, label, f"is packed by method {info.compress_type}, not by deflate")
    if info.file_size > MEMBER_MAX_BYTES:
        _refuse(info, label, f"unpacks to {info.file_size:,} bytes; the limit is 256 MiB")
    if info.file_size > RATIO_MAX * info.compress_size:
        found = f"unpacks from {info.compress_size:,} to {info.file_size:,} bytes"
        _refuse(info, label, f"{found}; the limit is {RATIO_MAX} times")


def _refuse(info: zipfile.ZipInfo, label: str, what: str) -> None:
    msg = f"{label}: {cut(info.filename)} {what}, so the archive was refused. {AGAIN}"
    raise SourceError(msg)


def _write(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], wanted: _Wanted) -> None:
    """Write a zip of the members, without dates, so that the same files give the same bytes."""
    draft = wanted.into.with_name(wanted.into.name + ".partial")
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as target:
            for info in members:
                target.writestr(_undated(info.filename), _read(archive, info, wanted.label))
        draft.replace(wanted.into)
    finally:
        draft.unlink(missing_ok=True)


def _undated(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NEVER)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = _READABLE
    return info


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str) -> bytes:
    """Return the bytes of a member, its checksum verified; never more than it promised."""
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except _DAMAGE as error:
        msg = f"{label}: {cut(info.filename)} is damaged ({cut(error)}). {AGAIN}"
        raise SourceError(msg) from error
    if len(data) != info.file_size:
        _refuse(info, label, f"holds {len(data):,} bytes where {info.file_size:,} are stated")
    return data
