"""What a file is, how it was understood and what it would drop, before it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.errors import DataMissingError, HotspotsError
from hotspots.pipeline.understand import KINDS, READERS, ROWS, kind_of, parted

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.pipeline.understand import Understood

UNKNOWN = "unknown"
LISTED = 20
"""Rows listed for each reason; the others are counted."""

JSON_KEYS = ("file", "kind", "verdict", "rows", "columns", "repairs", "problems", "warnings")

_SIDECARS = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qmd", ".xml"})
_SHOWN_OF_POLICE = frozenset(
    {"Month", "Longitude", "Latitude", "Crime type", "LSOA code", "month", "category",
     "location.longitude", "location.latitude", "location_type"}
)  # fmt: skip
_LONG_ID = re.compile(r"[0-9a-fA-F]{32,}")
_FIXES = {
    "quarantined": "Correct it in the file or ask the publisher; until then the row is not used.",
    "excluded": "Nothing to do if that is right: the row is counted, not used.",
    "duplicate": "Nothing to do: the newest publication of the record is used.",
    "unlocated": "Nothing to do: the row is counted, but not on the map.",
}


@dataclass(frozen=True)
class Record:
    """
    What is to be said of one file.

    Attributes
    ----------
    file : str
        The path, as given.
    kind : str
        ``police``, ``boundaries``, ``deprivation``, ``lighting``, ``places`` or ``unknown``.
    verdict : str
        ``refuse`` if it cannot be used, ``quarantine`` if rows of it cannot, ``repair`` if
        something was put right, else ``accept``.
    rows : dict of str to int
        The row account, by ``ROWS``; ``in`` is the sum of the others. Zero if refused.
    columns : tuple of dict
        Our ``name``, the column ``found``, and how ``sure``: ``recognised`` or ``likely``.
    repairs : tuple of dict
        ``what`` was put right, and the ``count`` of rows.
    problems : tuple of dict
        ``line``, ``column``, ``found``, ``reason`` and ``fix``: why the file is refused, or the
        first ``LISTED`` rows not used for each reason. No Crime ID is among them.
    warnings : tuple of str
        What a person should look at.
    dropped : tuple of (str, str, int)
        Status, reason and number of the rows not used, all of them.
    settings : tuple of str
        Lines to paste into the settings file.
    """

    file: str
    kind: str
    verdict: str
    rows: dict[str, int]
    columns: tuple[dict[str, str], ...] = ()
    repairs: tuple[dict[str, Any], ...] = ()
    problems: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    dropped: tuple[tuple[str, str, int], ...] = ()
    settings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints; reasons of which not all rows are listed are warned of."""
        more = tuple(
            f"{n:,} rows are {status}: {reason}; the first {LISTED} are listed"
            for status, reason, n in self.dropped
            if n > LISTED
        )
        found = {key: getattr(self, key) for key in JSON_KEYS}
        return found | {"warnings": (*self.warnings, *more)}


def check(path: Path, *, kind: str | None = None) -> tuple[Record, ...]:
    """
    Say what a file is and what would become of it.

    Parameters
    ----------
    path : Path
        A file, or a folder of which each file is checked by itself.
    kind : str or None
        What it is, one of ``KINDS``; None recognises it by its content and name.

    Returns
    -------
    tuple of Record
        One for each file, in the order of their paths.

    Raises
    ------
    DataMissingError
        If there is no such file, or no file in the folder.
    """
    files = _files(path)
    if not files:
        msg = f"{path}: there is no such file, or no file in that folder; check its name."
        raise DataMissingError(msg)
    return tuple(_check_file(file, kind) for file in files)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.exists() else []
    found = sorted(each for each in path.rglob("*") if each.is_file() and each.name[0] != ".")
    shapefiles = {each.with_suffix("") for each in found if each.suffix.lower() == ".shp"}
    return [
        each
        for each in found
        if each.suffix.lower() not in _SIDECARS
        or not {each.with_suffix(""), each.with_suffix("").with_suffix("")} & shapefiles
    ]


def _check_file(path: Path, kind: str | None) -> Record:
    claimed = kind or UNKNOWN
    try:
        claimed = kind or kind_of(path)
        return _record(path, READERS[claimed](path))
    except HotspotsError as error:
        shown = claimed if claimed in KINDS else UNKNOWN
        return _refused(path, shown, str(error))


def _record(path: Path, found: Understood) -> Record:
    repairs = tuple(_repair(words, found.rows["in"]) for words in found.repairs)
    dropped = _dropped(found.set_aside)
    warnings = [_masked(words) for words in found.warnings]
    if not found.rows["in"]:
        warnings.append("the file holds no rows")
    verdict = "repair" if repairs else "accept"
    return Record(
        str(path),
        found.kind,
        "quarantine" if found.rows["quarantined"] else verdict,
        found.rows,
        columns=found.columns,
        repairs=repairs,
        problems=_problems(found.set_aside, path, is_police=found.kind == "police"),
        warnings=tuple(warnings),
        dropped=dropped,
        settings=found.settings,
    )


def _repair(words: str, rows_in: int) -> dict[str, Any]:
    """Part the count from the words of a repair; one without a count is of the whole file."""
    counted = re.match(r"([\d,]+) (.+)", words, re.DOTALL) or re.search(r"([\d,]+) rows\b", words)
    if counted is None:
        return {"what": _masked(words), "count": rows_in}
    what = counted[2] if counted.re.groups > 1 else words
    return {"what": _masked(what), "count": int(counted[1].replace(",", ""))}


def _reason_group(set_aside: pd.DataFrame) -> pd.Series[str]:
    """Return the reasons without what differs from row to row, such as a line."""
    return set_aside["reason"].str.replace(r"\S*\d\S*", "…", regex=True)


def _dropped(set_aside: pd.DataFrame) -> tuple[tuple[str, str, int], ...]:
    reasons = set_aside[["status"]].assign(reason=_reason_group(set_aside))
    counts = reasons.value_counts(sort=False).sort_index().reset_index()
    return tuple(
        (str(status), _masked(str(reason)), int(n))
        for status, reason, n in counts.itertuples(index=False)
    )


def _problems(
    set_aside: pd.DataFrame, path: Path, *, is_police: bool
) -> tuple[dict[str, Any], ...]:
    first = set_aside.groupby(["status", _reason_group(set_aside)], sort=False).head(LISTED)
    found = first["value"].where(first["value"].notna(), None)
    if is_police:
        # A misshapen row, and the value of a duplicate, hold a Crime ID.
        found = found.where(first["column"].isin(_SHOWN_OF_POLICE), None)
    member = first["file"].str.removeprefix(path.name).str.lstrip("/")
    return tuple(
        {
            "line": int(line),
            "column": None if pd.isna(column) else str(column),
            "found": None if pd.isna(value) else _masked(str(value)),
            "reason": _masked(f"{reason} (in {inside})" if inside else str(reason)),
            "fix": _FIXES[status],
        }
        for line, column, value, reason, status, inside in zip(
            first["line"], first["column"], found, first["reason"], first["status"], member,
            strict=True,
        )
    )  # fmt: skip


def _refused(path: Path, kind: str, message: str) -> Record:
    name = str(path) if message.startswith(str(path)) else ""
    words = _masked(message.removeprefix(name))
    line = re.search(r"\b(?:line|feature) (\d+)", words)
    column = re.search(r"\bcolumns? '([^']+)'", words)
    found = re.search(r"\bfound ([^;]+?)(?:[;.]\s|$)", words)
    reason, fix = parted(words)
    problem = {
        "line": int(line[1]) if line else None,
        "column": column[1] if column else None,
        "found": found[1] if found else None,
        "reason": f"{name}{reason}",
        "fix": fix,
    }
    return Record(str(path), kind, "refuse", dict.fromkeys(ROWS, 0), problems=(problem,))


def _masked(words: str) -> str:
    """Take out what may be a Crime ID; a file read as what it is not can bring one anywhere."""
    return _LONG_ID.sub("…", words)
