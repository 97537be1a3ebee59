"""What a file is, how it was understood and what it would drop, before it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.errors import DataMissingError, HotspotsError
from hotspots.pipeline.understand import KINDS, READERS, kind_of, parted
from hotspots.pipeline.understood import ROWS
from hotspots.sources.layer import Given

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.pipeline.understood import Understood

UNKNOWN = "unknown"
LISTED = 20
"""Rows listed for each reason; the others are counted."""

JSON_KEYS = ("file", "kind", "verdict", "rows", "columns", "repairs", "problems", "warnings")

_SIDECARS = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qmd", ".xml"})
_SHOWN_OF_POLICE = frozenset(
    {"Month", "Longitude", "Latitude", "Crime type", "LSOA code", "month", "category",
     "location.longitude", "location.latitude", "location_type", "Reported by", "Falls within",
     "Longitude, Latitude"}
)  # fmt: skip
_LONG_ID = re.compile(r"[0-9a-fA-F]{32,}")
_ONE = re.compile(r"(?P<thing>\w+)s(?P<where>(?: in '[^']*')?) (?P<verb>have|are|were|hold)\b")
_OF_ONE = {"have": "has", "are": "is", "were": "was", "hold": "holds"}
_FIXES = {
    "quarantined": "Correct it in the file or ask the publisher; until then the row is not used.",
    "excluded": "Nothing to do if that is right: the row is counted, not used.",
    "duplicate": "Nothing to do: what is there twice is used once.",
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
        One of ``KINDS``, or ``unknown``.
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
        Status, reason and number of the rows not used, all of them. Reasons that differ in a
        number or name only are one, worded as of the first of these rows.
    settings : tuple of str
        Lines to paste into the settings file.
    examples : tuple of dict
        The first of the problems for each reason.
    row_is : str
        What ``line`` counts: ``line``, or ``feature`` in a geographic file.
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
    examples: tuple[dict[str, Any], ...] = ()
    row_is: str = "line"

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints; reasons of which not all rows are listed are warned of."""
        more = tuple(
            f"{n:,} rows are {status} (such as: {reason}); the first {LISTED} are listed"
            for status, reason, n in self.dropped
            if n > LISTED
        )
        found = {key: getattr(self, key) for key in JSON_KEYS}
        return found | {"warnings": (*self.warnings, *more)}


def check(path: Path, *, kind: str | None = None, given: Given | None = None) -> tuple[Record, ...]:
    """
    Say what a file is and what would become of it.

    Parameters
    ----------
    path : Path
        A file, or a folder of which each file is checked by itself.
    kind : str or None
        What it is, one of ``KINDS``; None recognises it by its content and name.
    given : Given or None
        What else is known: the area of the settings, and that the file is whole.

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
    return tuple(_check_file(file, kind, given or Given()) for file in files)


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


def _check_file(path: Path, kind: str | None, given: Given) -> Record:
    claimed = kind or UNKNOWN
    try:
        claimed = kind or kind_of(path)
        return _record(path, READERS[claimed](path, given))
    except HotspotsError as error:
        shown = claimed if claimed in KINDS else UNKNOWN
        return _refused(path, shown, str(error))


def _record(path: Path, found: Understood) -> Record:
    repairs = tuple(_repair(words, found.rows["in"]) for words in found.repairs)
    warnings = [_counted(_masked(words)) for words in found.warnings]
    if not found.rows["in"]:
        warnings.append("the file holds no rows")
    elif found.kind != "police" and not found.rows["kept"]:
        warnings.append("no row of the file is used")
    verdict = "repair" if repairs else "accept"
    return Record(
        str(path),
        found.kind,
        "quarantine" if found.rows["quarantined"] else verdict,
        found.rows,
        columns=tuple({**each, "found": _masked(each["found"])} for each in found.columns),
        repairs=repairs,
        problems=_problems(found, path, LISTED),
        warnings=tuple(warnings),
        dropped=_dropped(found.set_aside),
        settings=found.settings,
        examples=_problems(found, path, 1),
        row_is=found.row_is,
    )


def _repair(words: str, rows_in: int) -> dict[str, Any]:
    """Part the count from the words of a repair; one without a count is of the whole file."""
    counted = re.match(r"([\d,]+) (.+)", words, re.DOTALL) or re.search(r"([\d,]+) rows\b", words)
    if counted is None:
        return {"what": _masked(words), "count": rows_in}
    n = int(counted[1].replace(",", ""))
    what = counted[2] if counted.re.groups > 1 else words
    return {"what": _masked(_of_one(what) if n == 1 else what), "count": n}


def _counted(words: str) -> str:
    """Put words that begin with "1 rows have" into the singular."""
    return f"1 {_of_one(words[2:])}" if words.startswith("1 ") else words


def _of_one(what: str) -> str:
    found = _ONE.match(what)
    if found is None:
        return what
    start = f"{found['thing']}{found['where']} {_OF_ONE[found['verb']]}"
    return (start + what[found.end() :]).replace("those rows are", "that row is")


def _reason_group(set_aside: pd.DataFrame) -> pd.Series[str]:
    """Return the reasons without what differs from row to row, such as a number or a value."""
    quoted = set_aside["reason"].str.replace(r"'[^']*'", "…", regex=True)
    return quoted.str.replace(r"\S*\d\S*", "…", regex=True).rename("group")


def _dropped(set_aside: pd.DataFrame) -> tuple[tuple[str, str, int], ...]:
    found = set_aside.groupby(["status", _reason_group(set_aside)])["reason"]
    counts = found.agg(["first", "size"]).reset_index("status")
    return tuple(
        (str(status), _masked(str(reason)), int(n))
        for status, reason, n in counts.itertuples(index=False)
    )


def _problems(understood: Understood, path: Path, n_listed: int) -> tuple[dict[str, Any], ...]:
    """Return the first rows not used for each reason."""
    rows = understood.set_aside
    first = rows.groupby(["status", _reason_group(rows)], sort=False).head(n_listed)
    found = first["value"].where(first["value"].notna(), None)
    if understood.kind == "police":
        # A misshapen row, and the value of a duplicate, hold a Crime ID.
        found = found.where(first["column"].isin(_SHOWN_OF_POLICE), None)
    member = first["file"].str.removeprefix(path.name).str.lstrip("/")
    return tuple(
        {
            "line": int(line),
            "column": None if pd.isna(column) else str(column),
            "found": None if pd.isna(value) else _masked(str(value)),
            "reason": _masked(f"{reason}{_where(understood.row_is, line, inside)}"),
            "fix": _FIXES[status],
        }
        for line, column, value, reason, status, inside in zip(
            first["line"], first["column"], found, first["reason"], first["status"], member,
            strict=True,
        )
    )  # fmt: skip


def _where(row_is: str, line: int, member: str) -> str:
    if row_is != "line":
        return f" ({row_is} {line})"
    return f" (in {member})" if member else ""


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
    """
    Take out what nobody should see, for a file read as what it is not can bring it anywhere.

    That is what may be a Crime ID, and characters that move a terminal's cursor or change its
    colours.
    """
    printable = "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in words)
    return _LONG_ID.sub("…", " ".join(printable.split("\n")))
