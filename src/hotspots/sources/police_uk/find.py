"""Which members of the given files and folders are records of police.uk, and which are wanted."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, InputError
from hotspots.sources.police_uk.given import given_files, labelled
from hotspots.sources.police_uk.headers import kind_of_head
from hotspots.sources.zips import Archive, is_litter, is_zip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import ExitStack

    from hotspots.sources.police_uk.given import GivenFile

_CSV_NAME = re.compile(
    r"(?P<month>20\d\d-(?:0[1-9]|1[0-2]))-(?P<force>[a-z]+(?:-[a-z]+)*?)"
    r"-(?P<kind>street|outcomes|stop-and-search)\.csv(?:\.gz)?",
    re.IGNORECASE,
)
_MONTH_FOLDER = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_TABLES = (".csv", ".txt", ".tsv")
_WORKBOOK = frozenset({"[Content_Types].xml", "_rels/.rels"})
_NAMED_AT_MOST = 5
_PEEK_BYTES = 65_536
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Member:
    """
    One file of records: a member of a zip, or a plain file.

    Attributes
    ----------
    path : Path
        The zip, or the plain file.
    label : str
        Its name in tables and messages, unique among all given.
    name : str
        Member of the zip; empty for a plain file.
    publication : str
        What it was published with: the zip, or the folder of the download.
    publication_name : str
        Name of that zip or folder, without the folders above.
    force, month : str or None
        As the name of a street CSV states them; None for an API answer, and for a street CSV of
        another name until its rows tell.
    is_answer : bool
        It is JSON that may be an API answer, not a street CSV.
    is_named : bool
        The name of a street CSV says its force and month.
    is_given : bool
        The zip or file was given by name, not found in a folder, so it must hold records.
    shown_path : str
        Path of the zip or file as it was given.
    """

    path: Path
    label: str
    name: str
    publication: str
    publication_name: str
    force: str | None = None
    month: str | None = None
    is_answer: bool = False
    is_named: bool = True
    is_given: bool = False
    shown_path: str = ""

    @property
    def shown(self) -> str:
        """File and member, as messages about them name them."""
        path = self.shown_path or self.label
        return f"{path}/{self.name}" if self.name else path

    @property
    def file(self) -> str:
        """File and member, as records name them."""
        return f"{self.label}/{self.name}" if self.name else self.label

    @property
    def is_street(self) -> bool:
        """A street CSV; otherwise a JSON file that may be an API answer."""
        return not self.is_answer


@dataclass(frozen=True)
class Found:
    """Members to read, the zips they lie in (opened), and what was left alone, in words."""

    members: tuple[Member, ...]
    archives: Mapping[str, Archive]
    ignored: tuple[str, ...]
    other_months: frozenset[str] = frozenset()  # that street files of other forces are there for


@dataclass
class _Search:
    """What a search has come across so far."""

    force: str | None
    members: list[Member] = field(default_factory=list)
    archives: dict[str, Archive] = field(default_factory=dict)
    forces: set[str] = field(default_factory=set)
    answers: int = 0
    other_months: set[str] = field(default_factory=set)
    zips_inside: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    other_forces: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def find(files: Sequence[Path], *, force: str | None, opened: ExitStack) -> Found:
    """
    Look through ``files`` and say which members are to be read.

    Parameters
    ----------
    files : sequence of Path
        Zips, CSV and JSON files, and folders, which are searched to any depth.
    force : str or None
        Force id as in police.uk file names; only its street CSVs are wanted. None wants the
        street CSVs of every force, and every JSON file that may be an API answer.
    opened : ExitStack
        Takes over the closing of the zips.

    Returns
    -------
    Found
        Members in the order of their labels; the order of ``files`` does not matter.

    Raises
    ------
    DataMissingError
        If a path is not there, or nothing in the files is wanted.
    InputError
        If a zip is unsafe or damaged, or a file given by name is not of police.uk.
    """
    if not files:
        raise DataMissingError(
            "No police.uk files were given. Name zips, CSVs or folders of them in police_uk.files."
        )
    search = _Search(force)
    for file, label in labelled(given_files(files)):
        _look_into(file, label, search, opened)
    if not search.members:
        raise DataMissingError(_nothing_wanted(search, files))
    search.members.sort(key=lambda member: (member.label, member.name))
    other_months = frozenset(search.other_months)
    return Found(tuple(search.members), search.archives, _in_words(search), other_months)


def _look_into(file: GivenFile, label: str, search: _Search, opened: ExitStack) -> None:
    name = file.path.name
    head = _head(file)
    if name.lower().endswith(".zip") or is_zip(head):
        _look_into_zip(file, label, search, opened)
        return
    home = file.path.parent
    if _MONTH_FOLDER.fullmatch(home.name):
        home = home.parent
    origin = (str(home), home.name)
    if _consider(name, file, label, "", origin, search):
        return
    if _consider_content(head, file, label, "", origin, search):
        return
    if file.is_given:
        raise InputError(_unknown(file.shown))
    search.skipped[label]["other"] += 1


def _look_into_zip(file: GivenFile, label: str, search: _Search, opened: ExitStack) -> None:
    archive = opened.enter_context(Archive(file.path, file.shown))
    before = len(search.members)
    origin = (str(file.path), file.path.name)
    names = archive.names
    known = [_consider(name, file, label, name, origin, search) for name in names]
    if not any(known):
        known = [_consider_inside(archive, name, file, label, origin, search) for name in names]
    if not any(known) and file.is_given:
        raise InputError(_nothing_of_police(file.shown, names))
    others = [name for name, is_known in zip(names, known, strict=True) if not is_known]
    zips_inside = [name for name in others if name.lower().endswith(".zip")]
    if len(others) > len(zips_inside):
        search.skipped[label]["other"] += len(others) - len(zips_inside)
    if zips_inside:
        search.zips_inside[label] = zips_inside
    archive.admit(member.name for member in search.members[before:])
    search.archives[label] = archive


def _consider(
    name: str,
    file: GivenFile,
    label: str,
    member: str,
    origin: tuple[str, str],
    search: _Search,
) -> bool:
    """Note what ``name`` is, and say whether it is a file of police.uk at all."""
    last = PurePosixPath(name).name
    if last.lower().endswith(".json") and not last.startswith("."):
        search.answers += 1
        if search.force is not None:
            search.skipped[label]["JSON"] += 1
        else:
            search.members.append(
                Member(
                    file.path,
                    label,
                    member,
                    *origin,
                    is_answer=True,
                    is_given=file.is_given,
                    shown_path=file.shown,
                )
            )
        return True
    match = _CSV_NAME.fullmatch(last)
    if match is None:
        return False
    month, force, kind = (match[part].lower() for part in ("month", "force", "kind"))
    if kind != "street":
        search.skipped[label][kind] += 1
        return True
    search.forces.add(force)
    if search.force not in (None, force):
        search.other_forces[label][force] += 1
        search.other_months.add(month)
    else:
        search.members.append(
            Member(file.path, label, member, *origin, force, month, shown_path=file.shown)
        )
    return True


def _consider_inside(
    archive: Archive,
    name: str,
    file: GivenFile,
    label: str,
    origin: tuple[str, str],
    search: _Search,
) -> bool:
    """Note what a member is whose name does not say, if it is a table."""
    if is_litter(name) or not name.lower().endswith(_TABLES):
        return False
    archive.admit([name])
    head = archive.peek(name, _PEEK_BYTES)
    return _consider_content(head, file, label, name, origin, search)


def _consider_content(
    head: bytes, file: GivenFile, label: str, member: str, origin: tuple[str, str], search: _Search
) -> bool:
    """Note what a file is by its heading, and say whether it is of police.uk at all."""
    kind = kind_of_head(head)
    if kind is None:
        return False
    if kind == "answer":
        search.answers += 1
    if kind == "street" or (kind == "answer" and search.force is None):
        is_answer = kind == "answer"
        search.members.append(
            Member(
                file.path,
                label,
                member,
                *origin,
                is_answer=is_answer,
                is_named=is_answer,
                is_given=file.is_given,
                shown_path=file.shown,
            )
        )
    else:
        search.skipped[label]["JSON" if kind == "answer" else kind] += 1
    return True


def _head(file: GivenFile) -> bytes:
    """Return the first bytes of a file, unpacked if it is gzipped."""
    try:
        with file.path.open("rb") as stream:
            head = stream.read(_PEEK_BYTES)
    except OSError as error:
        raise InputError(
            f"{file.shown} cannot be read ({error.strerror}). Check its name and rights."
        ) from error
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _PEEK_BYTES)
    except zlib.error:
        return b""  # whoever reads it whole says what is wrong


def _in_words(search: _Search) -> tuple[str, ...]:
    words = []
    for label, forces in search.other_forces.items():
        names = sorted(forces)
        of = ", ".join(names) if len(names) <= _NAMED_AT_MOST else f"{len(names)} other forces"
        words.append(f"{label}: {_files_of('street', forces.total())} of {of}")
    for label, kinds in search.skipped.items():
        for kind, number in kinds.items():
            name = "names" if number == 1 else "name"
            why = f", which {name} no force" if kind == "JSON" else ""
            words.append(f"{label}: {_files_of(kind, number)}{why}")
    for label, names in search.zips_inside.items():
        what, them = ("a zip", "it") if len(names) == 1 else ("zips", "them")
        words.append(
            f"{label}: {_listed(names)}, {what} inside the zip, not opened; unpack {them} to use "
            f"{them}"
        )
    return tuple(sorted(words))


def _files_of(kind: str, number: int) -> str:
    return f"{number:,} {kind} file{'s' if number != 1 else ''}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")


def _nothing_wanted(search: _Search, files: Sequence[Path]) -> str:
    where = _listed([path.name for path in files])
    if search.force is None:
        others = Counter[str]()
        for kinds in search.skipped.values():
            others.update(kinds)
        held = ", ".join(_files_of(kind, n) for kind, n in sorted(others.items()))
        return (
            f"No street-level records in {where}: found {held or 'nothing'}, but no "
            "YYYY-MM-<force>-street.csv and no saved API answer. Add a download from "
            "data.police.uk to police_uk.files."
        )
    if search.forces:
        return (
            f"No street file of the force '{search.force}' in {where}; forces there: "
            f"{', '.join(sorted(search.forces))}. Correct area.police_force in the settings, or "
            f"add a download of {search.force}."
        )
    if search.answers:
        return (
            f"No street file of the force '{search.force}' in {where}, only JSON files, which "
            "name no force. Leave area.police_force out of the settings to read API answers."
        )
    return (
        f"No street file of the force '{search.force}' in {where}, nor of any other force. Add a "
        "download from data.police.uk to police_uk.files."
    )


def _nothing_of_police(shown: str, names: Sequence[str]) -> str:
    if set(names) >= _WORKBOOK:
        return f"{shown} is an Excel workbook, no zip of police.uk. Save its sheet as CSV."
    return (
        f"{shown} holds no file of police.uk (YYYY-MM-<force>-street.csv, or saved API answers in "
        f"JSON); it holds {_listed(names)}. Unpack it and check each file by itself, or give "
        "another zip."
    )


def _unknown(shown: str) -> str:
    return (
        f"{shown} is not recognised as a file of police.uk: neither its name nor its first line "
        "is that of a street CSV, and it is no zip and no saved API answer. Give the file as "
        "data.police.uk published it."
    )
