"""
One street CSV of police.uk, read by line.

A line of the file is a row: a line break inside quotation marks is not a thing police.uk
publishes, and taking one for text would let a single stray mark swallow the rows after it. So a
line whose quotation marks do not pair is quarantined by itself, and every other line keeps its
number. Lines end in LF, CR LF or CR; blank lines are passed over and counted nowhere.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from hotspots.errors import InputError
from hotspots.schema import CRIME_TYPES
from hotspots.sources.police_uk.rows import (
    ASIDE,
    BTP,
    WORDS,
    Batch,
    Dialect,
    Fault,
    are_in_range,
    sift,
)
from hotspots.sources.police_uk.texts import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

HEADER = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
"""The columns of a street CSV; ``outcomes`` and ``stop-and-search`` files have others."""

_READ = {
    "Crime ID": ("crime_id", pa.string()),
    "Month": ("month", WORDS),
    "Reported by": ("reported_by", WORDS),
    "Longitude": ("longitude", None),
    "Latitude": ("latitude", None),
    "Location": ("location", WORDS),
    "LSOA code": ("lsoa_code", WORDS),
    "Crime type": ("crime_type", WORDS),
    "Last outcome category": ("outcome", WORDS),
}

# Until April 2013 the types were fewer. Only a change of name can be undone: the API kept one
# category, violent-crime, through the renaming, so the publisher takes the two for the same.
# A type that was split later cannot be divided after the fact, and half of it would be wrong.
_DIALECT = Dialect(
    types={name: name for name in CRIME_TYPES} | {"Violent crime": "Violence and sexual offences"},
    refused_types={
        "Public disorder and weapons": "a type used until April 2013, split since into Public "
        "order and Possession of weapons; which of them this is cannot be known"
    },
    month="Month",
    crime_type="Crime type",
    longitude="Longitude",
    latitude="Latitude",
)

_BOM = b"\xef\xbb\xbf"
_WELL_QUOTED = re.compile(rb'(?:[^",]*|"(?:[^"]|"")*")(?:,(?:[^",]*|"(?:[^"]|"")*"))*')
_VALUE_MAX = 200
_FIRST_LINE = 2  # the header is line 1


def read_street(data: bytes, *, file: str, month: str) -> Batch:
    """
    Read one street CSV.

    Parameters
    ----------
    data : bytes
        The file, UTF-8, with or without a byte order mark.
    file : str
        What messages call it.
    month : str
        ``YYYY-MM`` of its name; rows of another month are quarantined.

    Returns
    -------
    Batch
        A row a line that is not blank; ``rows_in`` is counted from the line ends, apart from
        what became of the rows.

    Raises
    ------
    InputError
        If the header lacks a column, names one twice, or the file cannot be parsed at all.
    """
    text = data.removeprefix(_BOM)
    if _has_lone_return(text):
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    header = _header(text.partition(b"\n")[0].removesuffix(b"\r"), file)
    text, damaged = _without_damaged(text)
    blank, n_lines = _blank_lines(text)
    published, uneven = _parse(text, header, file)
    lines = np.delete(np.arange(_FIRST_LINE, n_lines + 1), np.array([*uneven], int) - _FIRST_LINE)
    if len(lines) != published.num_rows:
        raise InputError(
            f"{file}: {n_lines} lines gave {published.num_rows + len(uneven)} rows, so its line "
            "numbers cannot be trusted. Save it as UTF-8 text with one row a line."
        )
    published = published.append_column("line", pa.array(lines))
    if blank:
        is_row = ~np.isin(lines, list(blank))
        published = published.filter(pa.array(is_row)).combine_chunks()
    batch = _sift(published, month)
    faults = _faulty(
        damaged
        | {
            line: (f"{found} fields where the header has {len(header)}", row)
            for line, (found, row) in uneven.items()
        }
    )
    rows_in = n_lines - 1 - len(blank - damaged.keys())
    return Batch(batch.readable, pa.concat_tables([batch.aside, faults]), rows_in)


def _header(head: bytes, file: str) -> list[str]:
    found = next(csv.reader([head.decode("utf-8", "replace")]), [])
    missing = [name for name in HEADER if name not in found]
    if missing:
        raise InputError(
            f"{file}, line 1: no column {', '.join(missing)}; found "
            f"{', '.join(found)[:_VALUE_MAX] or 'an empty line'}. Give the file as data.police.uk "
            "published it."
        )
    twice = [name for name, times in Counter(found).items() if times > 1]
    if twice:
        raise InputError(f"{file}, line 1: column {twice[0]} is there twice. Remove one of them.")
    return found


def _without_damaged(text: bytes) -> tuple[bytes, dict[int, tuple[str, str]]]:
    """Blank the lines that would harm their neighbours; return reason and text by line."""
    if b'"' not in text and _is_utf8(text):
        return text, {}
    lines = text.split(b"\n")
    damaged: dict[int, tuple[str, str]] = {}
    for line, ended in enumerate(lines[1:], start=_FIRST_LINE):
        row = ended.removesuffix(b"\r")
        if not _is_utf8(row):
            damaged[line] = ("not UTF-8 text", row.decode("utf-8", "replace"))
        elif b'"' in row and not _WELL_QUOTED.fullmatch(row):
            damaged[line] = ("quotation marks that do not pair", row.decode())
    for line in damaged:
        lines[line - 1] = b""
    # A last line without an end would vanish with its text; this keeps it a line.
    end = b"\n" if len(lines) in damaged else b""
    return b"\n".join(lines) + end, damaged


def _is_utf8(text: bytes) -> bool:
    try:
        text.isascii() or text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_lone_return(text: bytes) -> bool:
    returns = text.count(b"\r")
    if not returns:
        return False
    ends = _line_ends(text)
    before = np.frombuffer(text, np.uint8)[ends[ends > 0] - 1]
    return bool(returns != np.count_nonzero(before == ord("\r")))


def _blank_lines(text: bytes) -> tuple[set[int], int]:
    """Return the numbers of the lines without any text, and how many lines there are."""
    ends = _line_ends(text)
    if not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    lengths = np.diff(ends) - 1
    ends_in_return = np.frombuffer(text, np.uint8)[ends[1:] - 1] == ord("\r")
    blank = np.flatnonzero((lengths == 0) | ((lengths == 1) & ends_in_return))
    return set((blank + _FIRST_LINE).tolist()), len(ends)


def _line_ends(text: bytes) -> NDArray[np.int64]:
    ends: NDArray[np.int64] = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    return ends


def _parse(
    text: bytes, header: list[str], file: str
) -> tuple[pa.Table, dict[int, tuple[int, str]]]:
    """Parse with coordinates as numbers, or as text where one of them is not in order."""
    body = pa.py_buffer(text).slice(text.find(b"\n") + 1 or len(text))
    if not body.size:
        nothing = {name: pa.nulls(0, kind or pa.float64()) for name, kind in _READ.values()}
        return pa.table(nothing | {"api_id": pa.nulls(0, pa.string())}), {}
    try:
        published, uneven = _parse_as(body, header, pa.float64())
        coordinates = [whole(published[name]) for name in ("longitude", "latitude")]
        if are_in_range(*coordinates):
            return published, uneven
        return _parse_as(body, header, pa.string())
    except pa.ArrowInvalid:
        try:
            return _parse_as(body, header, pa.string())
        except pa.ArrowInvalid as error:
            raise InputError(f"{file} cannot be read as CSV: {error}.") from error


def _parse_as(
    body: pa.Buffer, header: list[str], coordinate: pa.DataType
) -> tuple[pa.Table, dict[int, tuple[int, str]]]:
    uneven: dict[int, tuple[int, str]] = {}

    def note(row: pa_csv.InvalidRow) -> str:
        uneven[row.number + 1] = (row.actual_columns, row.text)  # the header is not in the body
        return "skip"

    table = pa_csv.read_csv(
        body,
        # Row numbers are known only to a single thread; members are read side by side instead.
        read_options=pa_csv.ReadOptions(
            use_threads=False, column_names=header, block_size=body.size + 1
        ),
        parse_options=pa_csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=note),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(_READ),
            column_types={name: kind or coordinate for name, (_, kind) in _READ.items()},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    table = table.rename_columns([name for name, _ in _READ.values()])
    return table.append_column("api_id", pa.nulls(table.num_rows, pa.string())), uneven


def _sift(published: pa.Table, month: str) -> Batch:
    is_btp = pc.fill_null(pc.equal(published["reported_by"].cast(pa.string()), BTP), False)
    reason = f"reported by {BTP}, whose records carry no place in the force"
    fault = Fault(is_btp.to_numpy(), "excluded", reason, "Reported by", "reported_by")
    return sift(published, _DIALECT, month=month, more=[fault])


def _faulty(faults: Mapping[int, tuple[str, str]]) -> pa.Table:
    """Return the quarantined lines that never became rows."""
    n = len(faults)
    return pa.table(
        [
            pa.array(faults, pa.int64()),
            pa.repeat("quarantined", n),
            pa.array([reason for reason, _ in faults.values()], pa.string()),
            pa.nulls(n, pa.string()),
            pa.array([row[:_VALUE_MAX] for _, row in faults.values()], pa.string()),
            pa.nulls(n, pa.timestamp("ms")),
            pa.nulls(n, pa.string()),
        ],
        schema=ASIDE,
    )
