"""Raw files: kept once, exactly as received, with where they came from; never written to again."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from hotspots.errors import InputError
from hotspots.store.files import lock, read_json, sha256, write_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_DRAFTS, _NOTES, _ORIGIN, _LOCK = ".drafts", ".notes", ".origin.json", ".keep.lock"
_LONGEST_PART = 80
_READ_ONLY = 0o444
_OURS = re.compile(r".+-\d{2,}-[0-9a-f]{12}(?:\.[a-z0-9]+)*(?<!\.origin\.json)")


@dataclass(frozen=True)
class Origin:
    """
    Where a raw file came from.

    Attributes
    ----------
    url : str
    fetched_at : str
        ISO 8601, UTC, whole seconds.
    licence : str
        The line to print.
    publisher : str
    """

    url: str
    fetched_at: str
    licence: str
    publisher: str = ""


@dataclass(frozen=True)
class RawFile:
    """
    One edition of a raw file.

    Attributes
    ----------
    path : Path
    source : str
        Who it is from, such as ``police_uk``.
    label : str
        What it is of that source, such as ``2025-06-lancashire``.
    edition : int
        From 1; the next one begins when the source gives other content under the same label.
    size_bytes : int
    sha256 : str
    origin : Origin
    """

    path: Path
    source: str
    label: str
    edition: int
    size_bytes: int
    sha256: str
    origin: Origin


class RawStore:
    """
    The folder of raw files.

    A file is ``<source>/<label>-<edition>-<hash><suffix>``, read-only, and beside it
    ``….origin.json`` says where it came from. It is kept once that record is in place. Areas may
    share a store: two that keep files at the same moment wait for each other.

    Parameters
    ----------
    folder : Path
        Such as ``data/raw``; made when the first file comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def draft(self, name: str) -> Path:
        """
        Give the place of a download that is not finished, which survives a kill.

        Parameters
        ----------
        name : str
            The same name gives the same place, so that a download can go on where it stopped.

        Returns
        -------
        Path
            Its folder is there; the file only if something was written to it.
        """
        drafts = self.folder / _DRAFTS
        drafts.mkdir(parents=True, exist_ok=True)
        return drafts / _part(name)

    def keep(self, draft: Path, *, source: str, label: str, suffix: str, origin: Origin) -> RawFile:
        """
        Keep a finished download for good.

        Parameters
        ----------
        draft : Path
            From `draft`; it is moved, not copied.
        source, label : str
        suffix : str
            Such as ``.zip``.
        origin : Origin

        Returns
        -------
        RawFile
            A new edition; or the newest one if that has the same content, which stays as it is.

        Raises
        ------
        InputError
            If the record of an earlier edition is damaged.
        """
        digest = sha256(draft)
        with self._alone():
            self._take_up()
            return self._keep(draft, digest, source, label, suffix, origin)

    def _keep(
        self, draft: Path, digest: str, source: str, label: str, suffix: str, origin: Origin
    ) -> RawFile:
        editions = self.files(source, label)
        if editions and editions[-1].sha256 == digest:
            return _again(draft, editions[-1])
        edition = editions[-1].edition + 1 if editions else 1
        ending = re.findall("[a-z0-9]+", suffix.casefold())
        name = ".".join([f"{_part(label)}-{edition:02d}-{digest[:12]}", *ending])
        path = self.folder / _part(source) / name
        new = RawFile(path, source, label, edition, draft.stat().st_size, digest, origin)
        record = self.draft(name).with_name(f"{_part(source)}-{name}{_ORIGIN}")
        write_json(_as_record(new), record)
        _move(draft, path)
        record.replace(_origin_of(path))
        return new

    def files(self, source: str, label: str | None = None) -> tuple[RawFile, ...]:
        """
        List what is kept of a source.

        Parameters
        ----------
        source : str
        label : str, optional
            Only the editions of this one.

        Returns
        -------
        tuple of RawFile
            By label, then edition, oldest first; also those whose file is missing or changed,
            see `require_whole`.

        Raises
        ------
        InputError
            If a record is damaged.
        """
        records = (self.folder / _part(source)).glob(f"*{_ORIGIN}")
        found = [_from_record(path) for path in records]
        wanted = (file for file in found if label is None or file.label == label)
        return tuple(sorted(wanted, key=lambda file: (file.label, file.edition)))

    def newest(self, source: str, label: str) -> RawFile | None:
        """Return the last edition kept under a label, or None where there is none."""
        return next(reversed(self.files(source, label)), None)

    def require_whole(self, only: Collection[Path] | None = None) -> None:
        """
        Make sure that every kept file is there as it was received.

        Parameters
        ----------
        only : collection of Path, optional
            Look at these alone; others than kept files among them are left alone.

        Raises
        ------
        InputError
            Naming the first that is missing or changed, or that has lost its record.
        """
        self._finish()
        for source in self._sources():
            for record in sorted(source.glob(f"*{_ORIGIN}")):
                file = _from_record(record)
                if only is None or file.path in only:
                    _require_whole(file)
            for path in sorted(source.iterdir()):
                if (only is None or path in only) and _has_lost_its_record(path):
                    raise InputError(_unrecorded(path))

    def look(self) -> Iterator[tuple[RawFile | None, str]]:
        """
        Hold every kept file against its record, and against the hash that its name bears.

        Nothing is written and nothing raised.

        Yields
        ------
        file, fault : RawFile or None, str
            None where there is no record, or a damaged one; the fault is empty where all is well.
        """
        for source in self._sources():
            records = sorted(source.glob(f"*{_ORIGIN}"))
            for record in records:
                yield _looked_at(record)
            recorded = {record.name.removesuffix(_ORIGIN) for record in records}
            for path in sorted(source.iterdir()):
                is_record = path.name.endswith(_ORIGIN)
                if path.name not in recorded and not is_record and path.name[0] != ".":
                    yield None, _unrecorded(path)

    def note(self, key: str, value: dict[str, Any]) -> None:
        """
        Write down a small fact about a source, in the place of the last one of that name.

        Parameters
        ----------
        key : str
            Such as the URL that it is about.
        value : dict
            What JSON can hold, such as an ETag and when it was seen.
        """
        write_json(value, self._note(key))

    def noted(self, key: str) -> dict[str, Any] | None:
        """Return what was last noted under a name; None if nothing was or it is damaged."""
        value = read_json(self._note(key))
        return value if isinstance(value, dict) else None

    def _note(self, key: str) -> Path:
        return self.folder / _NOTES / f"{_part(key)}.json"

    def _sources(self) -> list[Path]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path for path in found if path.is_dir() and path.name[0] != ".")

    def _alone(self) -> AbstractContextManager[None]:
        """Keep others that share the store waiting; what needs it takes a moment."""
        return lock(self.folder / _LOCK, waits=True)

    def _finish(self) -> None:
        """Take up what a killed run left, if anything; a store that is whole is not written to."""
        if any((self.folder / _DRAFTS).glob(f"*{_ORIGIN}")):
            with self._alone():
                self._take_up()

    def _take_up(self) -> None:
        """Put the record beside a file that a killed run had moved but not yet recorded."""
        for record in sorted((self.folder / _DRAFTS).glob(f"*{_ORIGIN}")):
            path = self._recorded(record)
            if path and path.exists():
                path.chmod(_READ_ONLY)
                record.replace(_origin_of(path))
            else:
                record.unlink()

    def _recorded(self, record: Path) -> Path | None:
        """Return the file that a draft of a record is about; None if it is damaged."""
        value = read_json(record)
        if isinstance(value, dict):
            source, name = str(value.get("source")), str(value.get("file"))
            if record.name == f"{_part(source)}-{name}{_ORIGIN}":
                return self.folder / _part(source) / name
        return None  # the kill came while it was written


def _part(text: str) -> str:
    """Make one part of a path of any text; other texts give other parts, on any file system."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.casefold()).strip("-._")
    if plain and plain == text and len(plain) <= _LONGEST_PART:
        return plain
    mark = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{plain[:_LONGEST_PART]}-{mark}".lstrip("-")


def _move(draft: Path, path: Path) -> None:
    """Put a finished download in its place, every byte of it on the disk first."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(path)
    path.chmod(_READ_ONLY)


def _again(draft: Path, kept: RawFile) -> RawFile:
    """Drop a download that is kept already, or use it to bring back a file that was deleted."""
    if kept.path.exists():
        draft.unlink()
    else:
        _move(draft, kept.path)
    return kept


def _origin_of(path: Path) -> Path:
    return path.with_name(path.name + _ORIGIN)


def _as_record(file: RawFile) -> dict[str, Any]:
    return {
        "file": file.path.name,
        "source": file.source,
        "label": file.label,
        "edition": file.edition,
        "bytes": file.size_bytes,
        "sha256": file.sha256,
        **asdict(file.origin),
    }


def _from_record(record: Path) -> RawFile:
    value = read_json(record)
    path = record.with_name(record.name.removesuffix(_ORIGIN))
    try:
        if value["file"] != path.name:
            raise ValueError  # noqa: TRY301 - as damaged as a record that lacks the name
        return RawFile(
            path=path,
            source=str(value["source"]),
            label=str(value["label"]),
            edition=int(value["edition"]),
            size_bytes=int(value["bytes"]),
            sha256=str(value["sha256"]),
            origin=Origin(*(str(value[field.name]) for field in fields(Origin))),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        msg = (
            f"{record}: the record of a raw file is damaged. Put it back from a backup, or delete "
            f"it and {path.name} to fetch them again."
        )
        raise InputError(msg) from None


def _looked_at(record: Path) -> tuple[RawFile | None, str]:
    try:
        file = _from_record(record)
    except InputError as error:
        return None, str(error)
    try:
        _require_whole(file)
    except InputError as error:
        return file, str(error)
    if f"-{file.sha256[:12]}" not in file.path.name:
        fix = f"Delete it and {record.name} to fetch it again."
        return file, f"{file.path}: its name bears another hash than its content. {fix}"
    return file, ""


def _has_lost_its_record(path: Path) -> bool:
    return bool(_OURS.fullmatch(path.name)) and not _origin_of(path).exists()


def _unrecorded(path: Path) -> str:
    if _has_lost_its_record(path):
        return (
            f"{_origin_of(path)}: the record of {path.name} is missing. Put it back from a backup, "
            "or delete the file as well to fetch it again."
        )
    return f"{path}: this file was not put here by a refresh, and nothing reads it; move it away."


def _require_whole(file: RawFile) -> None:
    try:
        is_whole = file.path.stat().st_size == file.size_bytes and sha256(file.path) == file.sha256
    except OSError as error:
        found = f"this raw file is missing or cannot be read ({error.strerror})"
    else:
        if is_whole:
            return
        found = "this raw file is not as it was received"
    msg = (
        f"{file.path}: {found}. It came from {file.origin.url} on {file.origin.fetched_at}. Put it "
        f"back from a backup; or delete it and {_origin_of(file.path).name} to fetch it again."
    )
    raise InputError(msg)
