"""Which members of the given files and folders are records of police.uk, and which are wanted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, InputError
from hotspots.sources.police_uk.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import ExitStack

_CSV_NAME = re.compile(
    r"(?P<month>20\d\d-(?:0[1-9]|1[0-2]))-(?P<force>[a-z]+(?:-[a-z]+)*?)"
    r"-(?P<kind>street|outcomes|stop-and-search)\.csv"
)
_MONTH_FOLDER = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_SUFFIXES = frozenset({".csv", ".json", ".zip"})
_NAMED_AT_MOST = 5


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
        As the name of a street CSV states them; None for an API answer.
    is_given : bool
        The zip or file was given by name, not found in a folder, so it must hold records.
    """

    path: Path
    label: str
    name: str
    publication: str
    publication_name: str
    force: str | None = None
    month: str | None = None
    is_given: bool = False

    @property
    def file(self) -> str:
        """File and member, as records name them."""
        return f"{self.label}/{self.name}" if self.name else self.label

    @property
    def is_street(self) -> bool:
        """A street CSV; otherwise a JSON file that may be an API answer."""
        return self.month is not None


@dataclass(frozen=True)
class Found:
    """Members to read, the zips they lie in (opened), and what was left alone, in words."""

    members: tuple[Member, ...]
    archives: Mapping[str, Archive]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    path: Path
    parts: tuple[str, ...]  # what the label is made of: the last part alone, if that is enough
    keep: int  # parts of it that the label always has
    is_given: bool


@dataclass
class _Search:
    """What a search has come across so far."""

    force: str | None
    members: list[Member] = field(default_factory=list)
    archives: dict[str, Archive] = field(default_factory=dict)
    forces: set[str] = field(default_factory=set)
    answers: int = 0
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
    for file, label in _labelled(_files(files)):
        _look_into(file, label, search, opened)
    if not search.members:
        raise DataMissingError(_nothing_wanted(search, files))
    search.members.sort(key=lambda member: (member.label, member.name))
    return Found(tuple(search.members), search.archives, _in_words(search))


def _files(given: Iterable[Path]) -> list[_File]:
    files: dict[Path, _File] = {}
    for path in given:
        real = path.resolve()
        if real.is_dir():
            inside = (each for each in real.rglob("*") if each.suffix.lower() in _SUFFIXES)
            for each in inside:
                if each.is_file():
                    depth = len(each.relative_to(real).parts)
                    files.setdefault(each, _File(each, each.parts, depth, is_given=False))
        elif real.is_file():
            files[real] = _File(real, real.parts, 1, is_given=True)
        else:
            raise DataMissingError(f"{path} is not there. Correct police_uk.files in the settings.")
    return [files[path] for path in sorted(files)]


def _labelled(files: Sequence[_File]) -> Iterator[tuple[_File, str]]:
    """Give each file the shortest end of its path that no other file shares."""
    labels = {file.path: "/".join(file.parts[-file.keep :]) for file in files}
    keep = {file.path: file.keep for file in files}
    while True:
        times = Counter(labels.values())
        clashing = [file for file in files if times[labels[file.path]] > 1]
        if not clashing:
            break
        for file in clashing:
            keep[file.path] += 1
            labels[file.path] = "/".join(file.parts[-keep[file.path] :])
    return ((file, labels[file.path]) for file in files)


def _look_into(file: _File, label: str, search: _Search, opened: ExitStack) -> None:
    name = file.path.name
    if name.lower().endswith(".zip") or _starts_like_zip(file.path, label):
        _look_into_zip(file, label, search, opened)
        return
    home = file.path.parent
    if _MONTH_FOLDER.fullmatch(home.name):
        home = home.parent
    if not _consider(name, file, label, "", (str(home), home.name), search):
        if file.is_given:
            raise InputError(_unknown(label))
        search.skipped[label]["other"] += 1


def _look_into_zip(file: _File, label: str, search: _Search, opened: ExitStack) -> None:
    archive = opened.enter_context(Archive(file.path, label))
    before = len(search.members)
    origin = (str(file.path), file.path.name)
    known = [_consider(name, file, label, name, origin, search) for name in archive.names]
    if not any(known) and file.is_given:
        raise InputError(
            f"{label} holds no file of police.uk (YYYY-MM-<force>-street.csv, or saved API "
            f"answers in JSON); it holds {_listed(archive.names)}. Give another zip."
        )
    others = len(known) - sum(known)
    if others:
        search.skipped[label]["other"] += others
    archive.admit(member.name for member in search.members[before:])
    search.archives[label] = archive


def _consider(
    name: str,
    file: _File,
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
            search.members.append(Member(file.path, label, member, *origin, is_given=file.is_given))
        return True
    match = _CSV_NAME.fullmatch(last)
    if match is None:
        return False
    if match["kind"] != "street":
        search.skipped[label][match["kind"]] += 1
        return True
    search.forces.add(match["force"])
    if search.force not in (None, match["force"]):
        search.other_forces[label][match["force"]] += 1
    else:
        search.members.append(
            Member(file.path, label, member, *origin, match["force"], match["month"])
        )
    return True


def _starts_like_zip(path: Path, label: str) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise InputError(f"{label} cannot be read ({error.strerror}).") from error


def _in_words(search: _Search) -> tuple[str, ...]:
    words = []
    for label, forces in search.other_forces.items():
        names = sorted(forces)
        of = ", ".join(names) if len(names) <= _NAMED_AT_MOST else f"{len(names)} other forces"
        words.append(f"{label}: {_files_of('street', forces.total())} of {of}")
    for label, kinds in search.skipped.items():
        for kind, number in kinds.items():
            why = ", which name no force" if kind == "JSON" and number > 1 else ""
            why = ", which names no force" if kind == "JSON" and number == 1 else why
            words.append(f"{label}: {_files_of(kind, number)}{why}")
    return tuple(sorted(words))


def _files_of(kind: str, number: int) -> str:
    return f"{number:,} {kind} file{'s' if number != 1 else ''}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")


def _nothing_wanted(search: _Search, files: Sequence[Path]) -> str:
    where = _listed([path.name for path in files])
    if search.force is None:
        return (
            f"No street-level records in {where}: no YYYY-MM-<force>-street.csv and no saved API "
            "answer. Add a download from data.police.uk to police_uk.files."
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


def _unknown(label: str) -> str:
    return (
        f"{label} is not recognised as a file of police.uk. Street CSVs keep the name "
        "YYYY-MM-<force>-street.csv they were published with; saved API answers end in .json; "
        "downloads are zips."
    )
