"""Delimited text as councils send it: any common encoding, delimiter and line end."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from hotspots.errors import InputError, cut
from hotspots.sources import plain_text
from hotspots.sources.plain_text import SPOILED
from hotspots.sources.sheet import Grid, heading_at, sheet_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hotspots.sources.plain_text import Text
    from hotspots.sources.sheet import Heading, Sheet

_SAMPLE_LINES = 50
_HEADING_LINES = 40
_ROW_LIKE = 50
_DELIMITERS = (",", "\t", ";", "|")
_DELIMITER_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_NO_ROWS = pd.DataFrame({"n": [], "text": pd.Series([], dtype="str"), "line": []})
_QUOTED = re.compile('"[^"]*"')
_SAYS_DELIMITER = re.compile(r'"?sep=[,;\t|]"?', re.IGNORECASE)


def read(
    path: Path,
    *,
    columns: Sequence[str] | None = None,
    is_heading: Heading | None = None,
    data: bytes | None = None,
) -> Sheet:
    """
    Read a delimited text file, plain or gzipped.

    Parameters
    ----------
    path : Path
        UTF-8 (a byte order mark is tolerated), UTF-16 with one, or Windows-1252;
        separated by commas, tabs, semicolons or bars, whichever the lines agree on.
        In tab-separated text a quotation mark is an ordinary character.
    columns : sequence of str or None
        Names of the columns of a file without a heading; None if it has one.
    is_heading : callable or None
        Says whether values are headings that the caller knows, so that lines of a title
        above them can be left out. None takes the first line.
    data : bytes or None
        The bytes of the file if they are at hand.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is empty, damaged, too large, not delimited text, if a quotation mark
        that is never closed swallows rows, or other headings follow inside.
    """
    found = plain_text.read(path, data)
    lines = found.text.split("\n")
    if _SAYS_DELIMITER.fullmatch(lines[0].strip()):
        lines[0] = ""
    delimiter = _delimiter(path, lines)
    headings, skipped = list(columns or ()), 0
    if columns is None:
        headings, skipped = _take_heading(path, lines, delimiter, is_heading)
    rows, broken = _parse(path, lines, delimiter, len(headings))
    if _all_end_with(delimiter, rows, broken):
        headings.append("")
        rows, broken = _parse(path, lines, delimiter, len(headings))
    _refuse_swallowed(path, rows, broken, delimiter)
    rows = rows.apply(_unwrap) if delimiter == "\t" else rows
    blank = frozenset(number for number, line in enumerate(lines, 1) if not line.strip())
    return sheet_of(
        path,
        Grid(headings, rows, broken, blank, found.spoiled),
        parted=lambda text: next(_reader(text, delimiter), []),
        is_heading=is_heading,
        has_heading=columns is None,
        repairs=_repairs(found, skipped, lines),
    )


def _repairs(found: Text, skipped: int, lines: Sequence[str]) -> tuple[str, ...]:
    # The heading and what stands above it were blanked out, so that only rows are left.
    recoded = sum(bool(lines[number - 1].strip()) for number in found.recoded)
    counts = {
        "rows are not UTF-8 and were read as Windows-1252": recoded,
        "rows were read as UTF-16": sum(map(bool, lines)) if found.is_utf16 else 0,
        "lines above the headings were left out": skipped,
    }
    return tuple(f"{n:,} {what}" for what, n in counts.items() if n)


def _delimiter(path: Path, lines: Sequence[str]) -> str:
    """Return the delimiter on whose number most lines agree; a tie goes to the more frequent."""
    head = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    sample = [_QUOTED.sub("", line[: 2**16]) for line in head]

    def agreement(delimiter: str) -> tuple[float, int]:
        counts = Counter(line.count(delimiter) for line in sample)
        n, usual = max(((n, count) for count, n in counts.items()), default=(0, 0))
        return (n / len(sample) if usual else 0.0, usual)

    best = max(_DELIMITERS, key=agreement)
    if agreement(best)[1] == 0:
        expected = ", ".join(_DELIMITER_NAMES.values())
        seen = f" ({head[0][:60]!r})" if head else ""
        msg = (
            f"{path}, line 1: found one column only{seen}; "
            f"expected columns parted by {expected}. Save the table as CSV (UTF-8)."
        )
        raise InputError(msg)
    return best


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(
        io.StringIO(text),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
    )


def _take_heading(
    path: Path, lines: list[str], delimiter: str, is_heading: Heading | None
) -> tuple[list[str], int]:
    """Return the headings and the number of lines of a title; blank both out of ``lines``."""
    reader = csv.reader(
        (line + "\n" for line in lines),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
    )
    rows, ends = [], []
    try:
        for row in islice(reader, _HEADING_LINES):
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error as error:
        if not any(map(any, rows)):
            msg = (
                f"{path}, line 1: the heading cannot be read ({cut(error)}); save it again as CSV."
            )
            raise InputError(msg) from None
    at = heading_at(rows, is_heading)
    if not any(value.strip() for value in rows[at]):
        msg = (
            f"{path}, line 1: the first {len(rows)} rows hold no text; save the table again as "
            "CSV with its headings."
        )
        raise InputError(msg)
    start = ends[at - 1] if at else 0
    skipped = sum(bool(line.strip()) for line in lines[:start])
    if any(SPOILED in value for value in rows[at]):
        msg = (
            f"{path}, line {start + 1}: the headings hold bytes that are neither UTF-8 nor "
            "Windows-1252 text; save the table as CSV (UTF-8)."
        )
        raise InputError(msg)
    _refuse_swallowed(path, pd.DataFrame([rows[at]], index=[start + 1]), _NO_ROWS, delimiter)
    lines[: ends[at]] = [""] * ends[at]
    return [" ".join(value.strip().strip('"').split()) for value in rows[at]], skipped


def _parse(
    path: Path, lines: Sequence[str], delimiter: str, width: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Split the text into rows.

    Returns
    -------
    rows : DataFrame of str, indexed by line
        Rows of ``width`` values, most blank lines among them.
    broken : DataFrame with columns record, n, text and line
        Rows of another number of values.
    """
    misshapen: list[tuple[int, int, str]] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        misshapen.append((row.number, row.actual_columns, row.text))
        return "skip"

    names = [str(position) for position in range(width)]
    data = "\n".join(lines).encode()
    # In one block and one thread, so that the handler is told record numbers.
    reading = arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1)
    parsing = arrow_csv.ParseOptions(
        delimiter=delimiter,
        quote_char=False if delimiter == "\t" else '"',
        newlines_in_values=delimiter != "\t",
        ignore_empty_lines=False,
        invalid_row_handler=note,
    )
    types = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    try:
        rows = arrow_csv.read_csv(pa.BufferReader(data), reading, parsing, types).to_pandas()
    except pa.ArrowInvalid as error:
        found = f"the text cannot be split into rows ({cut(error)})"
        msg = f"{path}: {found}; save the table again as CSV."
        raise InputError(msg) from None
    broken = pd.DataFrame(misshapen, columns=["record", "n", "text"])
    broken = broken.astype({"record": "int64", "n": "int64", "text": "str"})
    return _with_lines(rows, broken)


def _all_end_with(delimiter: str, rows: pd.DataFrame, broken: pd.DataFrame) -> bool:
    """Tell whether every row has one value more than the headings, an empty one at its end."""
    filled = broken.loc[broken["text"].str.strip().ne("")]
    if filled.empty or not (rows == "").all(axis=None):
        return False
    is_longer = filled["n"].eq(rows.shape[1] + 1)
    return bool((is_longer & filled["text"].str.rstrip(" \n").str.endswith(delimiter)).all())


def _with_lines(rows: pd.DataFrame, broken: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Work out on which line each row starts, though values may hold line breaks."""
    is_broken = np.zeros(len(rows) + len(broken), dtype=bool)
    is_broken[broken["record"].to_numpy() - 1] = True
    length = np.ones(len(is_broken), dtype="int64")
    for name in rows:
        length[~is_broken] += rows[name].str.count("\n").to_numpy(dtype="int64")
    length[is_broken] += broken["text"].str.count("\n").to_numpy(dtype="int64")
    start = np.cumsum(length) - length + 1
    rows = rows.set_index(pd.Index(start[~is_broken], name="line"))
    return rows, broken.assign(line=start[is_broken])


def _refuse_swallowed(path: Path, rows: pd.DataFrame, broken: pd.DataFrame, delimiter: str) -> None:
    """Refuse a file where a value holds whole rows, because a quotation mark is not closed."""
    n_delimiters = min(max(rows.shape[1] - 1, 1), _ROW_LIKE)
    row_like = rf"\n[^\n]*(?:[{delimiter}][^\n{delimiter}]*){{{n_delimiters}}}"
    lines = []
    for values in (*(rows[name] for name in rows), broken.set_index("line")["text"]):
        # Hardly any value holds a line break, which is looked for faster by itself.
        several = values[values.str.contains("\n", regex=False)]
        if len(several):
            lines += several.index[several.str.contains(row_like)].tolist()
    if lines:
        msg = (
            f"{path}, line {min(lines)}: a quotation mark opens here and swallows the rows after "
            "it; remove the mark or double it, or save the table again as CSV."
        )
        raise InputError(msg)


def _unwrap(values: pd.Series[str]) -> pd.Series[str]:
    """Take off the quotation marks a spreadsheet wraps round a tab-separated value."""
    wrapped = values.str.fullmatch('"(?:[^"]|"")*"')
    bare = values.str.slice(1, -1).str.replace('""', '"', regex=False).str.strip()
    return values.where(~wrapped, bare)
