"""Files on disk: hashes, JSON, the lock, and folders that change all at once."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from hotspots.errors import HotspotsError, LockedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(value: Any, path: Path) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Write ``value`` as indented JSON with sorted keys, all at once."""
    draft = path.with_name(path.name + ".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    draft.write_text(text + "\n", encoding="utf-8", newline="\n")
    draft.replace(path)


def read_json(path: Path) -> Any:  # noqa: ANN401
    """Return what a JSON file holds, or None where there is no such file or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return None


@contextmanager
def lock(path: Path, *, waits: bool = False) -> Iterator[None]:
    """
    Hold the lock of an area, so that two runs never write the same files.

    The operating system lets go of it when a run dies, so a lock is never left behind.

    Parameters
    ----------
    path : Path
    waits : bool
        Wait for another run to let go of it, however long that takes.

    Raises
    ------
    LockedError
        At once, if another run holds it and this one does not wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    held = filelock.FileLock(path)
    try:
        held.acquire(timeout=-1 if waits else 0)
    except filelock.Timeout as busy:
        msg = f"Another run is working on this area (lock {path}); wait for it to end."
        raise LockedError(msg) from busy
    try:
        yield
    finally:
        held.release()


def is_locked(path: Path) -> bool:
    """
    Say whether a run holds the lock of an area; the file of the lock stays when it lets go.

    Asking takes the lock for a moment, where nobody holds it.

    Raises
    ------
    OSError
        If the file of the lock may not be opened.
    """
    if not path.exists():
        return False
    asked = filelock.FileLock(path)
    try:
        asked.acquire(timeout=0)
    except filelock.Timeout:
        return True
    asked.release()
    return False


def replace_folders(finals: Mapping[Path, Path]) -> None:
    """
    Put finished folders in the place of the last ones: all of them, or none where that fails.

    A kill on the way leaves a last folder under ``.<name>.last``; ``restore_folder`` brings it
    back.

    Parameters
    ----------
    finals : mapping of Path to Path
        Where each finished folder is, and where it goes.
    """
    with ExitStack() as undo:
        for draft, final in finals.items():
            last = _last(final)
            shutil.rmtree(last, ignore_errors=True)
            final.parent.mkdir(parents=True, exist_ok=True)
            # What would undo a step is there before the step: a signal may end us in between.
            undo.callback(_move_back, last, final)
            if final.exists():
                final.replace(last)
            undo.callback(_move_back, final, draft)
            draft.replace(final)
        undo.pop_all()
    for final in finals.values():
        shutil.rmtree(_last(final), ignore_errors=True)


def carry_folder(source: Path, target: Path) -> None:
    """
    Have the files of a folder in another place too, if there is such a folder.

    Files that are never written in place: links to them will do, where links can be made.
    """
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:  # not on every file system
        shutil.copy2(source, target)


def restore_folder(final: Path) -> None:
    """Bring back the last good folder, or remove what is left of it, after a run was killed."""
    last = _last(final)
    if final.exists():
        shutil.rmtree(last, ignore_errors=True)
    elif last.exists():
        last.replace(final)


def _move_back(moved: Path, first: Path) -> None:
    if moved.exists() and not first.exists():
        moved.replace(first)


def _last(final: Path) -> Path:
    return final.with_name(f".{final.name}.last")


def is_read_only(folder: Path) -> bool:
    """
    Say whether a folder is not meant to be written to.

    Its permission bits count even for a user who could override them.
    """
    return not folder.stat().st_mode & 0o222 or not os.access(folder, os.W_OK)


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """
    Say in plain words what the system would not give us while writing to a folder.

    Raises
    ------
    HotspotsError
        For a full disk, a file below ``folder`` that may not be written, and too little memory.
    """
    try:
        yield
    except MemoryError as error:
        msg = (
            "There is not enough memory for this area; close other programs, or give it fewer "
            "months or files. What was published before is untouched."
        )
        raise HotspotsError(msg) from error
    except OSError as error:
        if error.errno in _NO_ROOM:  # what was written may not be named: pyarrow does not
            msg = f"{folder}: the disk is full ({error.strerror}); make room and run again."
            raise HotspotsError(msg) from error
        if error.errno in _NO_RIGHT and Path(str(error.filename or folder)).is_relative_to(folder):
            msg = (
                f"{error.filename or folder}: cannot be written ({error.strerror}); close what "
                "has it open, give yourself the right to write it, or choose another --out."
            )
            raise HotspotsError(msg) from error
        raise
