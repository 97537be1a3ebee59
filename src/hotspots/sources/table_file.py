"""A table in whatever file councils send it: delimited text, a workbook, or a zip of one text."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, InputError
from hotspots.sources import excel, tabular, zips

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hotspots.sources.sheet import Heading, Sheet

_TEXTS = frozenset({".csv", ".tsv", ".txt"})
_BOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})


def is_packed_table(path: Path) -> bool:
    """
    Say whether a file is a workbook, or a zip of one table, by its content.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is a damaged or unsafe zip, or cannot be read.
    """
    if excel.is_workbook(_here(path)):
        return True
    with path.open("rb") as raw:
        if not zips.is_zip(raw.read(4)):
            return False
    with zips.Archive(path) as archive:
        data = zips.data_members(archive.names)
        is_shapefile = any(name.lower().endswith(".shp") for name in archive.names)
    return len(data) == 1 and not is_shapefile and _suffix(data[0]) in _TEXTS | _BOOKS


def read(
    path: Path,
    *,
    columns: Sequence[str] | None = None,
    is_heading: Heading | None = None,
) -> Sheet:
    """
    Read a table of text, whichever file it is in.

    Parameters
    ----------
    path : Path
        Delimited text (also gzipped, or the only one in a zip) or a workbook.
    columns : sequence of str or None
        Names of the columns of a file without a heading; None if it has one.
    is_heading : callable or None
        Says whether values are headings that the caller knows.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, unsafe, too large, of another kind, or cannot be told.
    """
    if not is_packed_table(path):
        return tabular.read(path, columns=columns, is_heading=is_heading)
    if excel.is_workbook(path):
        return excel.read(path, columns=columns, is_heading=is_heading)
    member = zips.only_member(path)
    if member is None or _suffix(member[0]) in _BOOKS:
        msg = f"{path}: the zip holds a workbook; unpack it and name the workbook itself."
        raise InputError(msg)
    try:
        return tabular.read(path, columns=columns, is_heading=is_heading, data=member[1])
    except InputError as error:
        # The text of the message is about the file in the zip, so it says which.
        msg = str(error).replace(str(path), f"{path}: {member[0]} in it", 1)
        raise InputError(msg) from None


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _here(path: Path) -> Path:
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError:
        msg = f"{path}: there is no such file; check the path in the settings."
        raise DataMissingError(msg) from None
    except OSError as error:
        msg = f"{path}: the file cannot be read ({error.strerror}); check its name and rights."
        raise InputError(msg) from None
