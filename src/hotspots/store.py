"""Files of an area on disk: tables, hashes, the lock, and folders that change all at once."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from hotspots.errors import DataMissingError, HotspotsError, LockedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from hotspots.schema import Schema

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}


def write_table(table: pd.DataFrame, schema: Schema, folder: Path) -> Path:
    """
    Write ``table`` sorted by its key, or leave the previous file untouched.

    Returns
    -------
    Path
        ``<folder>/<schema.name>.parquet``; GeoParquet where the schema has a geometry.
    """
    from hotspots.schema import check

    path = folder / f"{schema.name}.parquet"
    draft = path.with_suffix(".partial")
    ordered = check(table, schema).sort_values([*schema.key], ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    ordered[schema.names].to_parquet(draft, index=False, compression="zstd")
    draft.replace(path)
    return path


def read_table(schema: Schema, folder: Path) -> pd.DataFrame:
    """
    Read the table of ``schema`` from a folder.

    Raises
    ------
    DataMissingError
        If the file is not there.
    SchemaError
        If it does not keep to the schema.
    """
    import geopandas as gpd
    import pandas as pd

    from hotspots.schema import check

    path = folder / f"{schema.name}.parquet"
    if not path.exists():
        msg = f"{path}: the table {schema.name} is not there; run `hotspots refresh` first."
        raise DataMissingError(msg)
    table = gpd.read_parquet(path) if schema.geometry else pd.read_parquet(path)
    return check(table, schema)


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
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """
    Hold the lock of an area, so that two runs never write the same files.

    The operating system lets go of it when a run dies, so a lock is never left behind.

    Raises
    ------
    LockedError
        At once, if another run holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    held = filelock.FileLock(path)
    try:
        held.acquire(timeout=0)
    except filelock.Timeout as busy:
        msg = f"Another run is working on this area (lock {path}); wait for it to end."
        raise LockedError(msg) from busy
    try:
        yield
    finally:
        held.release()


def replace_folder(draft: Path, final: Path) -> None:
    """
    Put a finished folder in the place of the last one.

    A kill between the two renames leaves the last folder under ``<name>.last``;
    ``restore_folder`` brings it back.
    """
    last = _last(final)
    shutil.rmtree(last, ignore_errors=True)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.replace(last)
    draft.replace(final)
    shutil.rmtree(last, ignore_errors=True)


def restore_folder(final: Path) -> None:
    """Bring back the last good folder, or remove what is left of it, after a run was killed."""
    last = _last(final)
    if final.exists():
        shutil.rmtree(last, ignore_errors=True)
    elif last.exists():
        last.replace(final)


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
    Say in plain words that the system would not let us write to a folder.

    Raises
    ------
    HotspotsError
        For a full disk, and for a file below ``folder`` that may not be written.
    """
    try:
        yield
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
