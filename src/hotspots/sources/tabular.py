"""Delimited text as councils send it: any common encoding, delimiter and line end."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from hotspots.errors import InputError
from hotspots.sources import plain_text
from hotspots.sources.rows import aside, together, unique

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SAMPLE_LINES = 50
_EXCERPT = 200
_ROW_LIKE = 50
_DELIMITERS = (",", "\t", ";", "|")
_DELIMITER_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}


@dataclass(frozen=True)
class Sheet:
    """
    The rows of one text file, every value as the text that stood there.

    Attributes
    ----------
    table : DataFrame of str, shape (n_rows, n_columns)
        Values without the blanks around them; an empty value is ``""``. Columns are
        named as in the file; a repeated or empty heading gets a number.
    line : Series of int64, indexed like ``table``
        Line of the file on which the row starts, 1 for the first.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        Rows that are empty or have the wrong number of values.
    rows_in : int
        Rows read, the heading and blank lines not counted.
    repairs : tuple of str
        What was put right, in words.
    """

    table: pd.DataFrame
    line: pd.Series[int]
    set_aside: pd.DataFrame
    rows_in: int
    repairs: tuple[str, ...] = ()


def read(path: Path, *, columns: Sequence[str] | None = None) -> Sheet:
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

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is empty, damaged, too large, not delimited text, or if a quotation mark
        that is never closed swallows rows.
    """
    text, repairs = plain_text.read(path)
    delimiter = _delimiter(path, text)
    headings = _headings(path, text, delimiter) if columns is None else list(columns)
    rows, broken = _parse(path, text, delimiter, len(headings))
    _refuse_swallowed(path, rows, broken, delimiter)
    rows = rows.apply(lambda values: values.str.strip())
    if delimiter == "\t":
        rows = rows.apply(_unwrap)
    rows.columns = pd.Index(headings, dtype="str")
    is_blank_line = pd.Series(text.split("\n"), dtype="str").str.strip().eq("")
    return _sheet(path, rows, broken, is_blank_line, repairs, has_heading=columns is None)


def _delimiter(path: Path, text: str) -> str:
    """Return the delimiter on whose number most lines agree; a tie goes to the more frequent."""
    head = text[: 2**20].split("\n")[:_SAMPLE_LINES]
    sample = pd.Series([line for line in head if line.strip()], dtype="str")
    sample = sample.str.replace('"[^"]*"', "", regex=True)

    def agreement(delimiter: str) -> tuple[float, int]:
        counts = sample.str.count(f"[{delimiter}]")
        usual = int(counts.mode().iloc[-1])
        return (float(counts.eq(usual).mean()) if usual else 0.0, usual)

    best = max(_DELIMITERS, key=agreement)
    if agreement(best)[1] == 0:
        expected = ", ".join(_DELIMITER_NAMES.values())
        msg = (
            f"{path}, line 1: found one column only ({sample.iloc[0][:60]!r}); "
            f"expected columns parted by {expected}. Save the table as CSV (UTF-8)."
        )
        raise InputError(msg)
    return best


def _headings(path: Path, text: str, delimiter: str) -> list[str]:
    """Return the headings, repeated and empty ones numbered so that each is one of a kind."""
    lines = csv.reader(
        io.StringIO(text),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
    )
    try:
        found = next(row for row in lines if row)
    except csv.Error as error:
        msg = f"{path}, line 1: the heading cannot be read ({error}); save the table again as CSV."
        raise InputError(msg) from None
    names = pd.Series(found, dtype="str").str.strip().str.strip('"').str.split().str.join(" ")
    names = names.mask(names.eq(""), "column " + (pd.Series(names.index) + 1).astype("str"))
    repeats = names.groupby(names).cumcount()
    numbered = names + " (" + (repeats + 1).astype("str") + ")"
    return unique(names.where(repeats.eq(0), numbered)).tolist()


def _parse(path: Path, text: str, delimiter: str, width: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Split ``text`` into rows.

    Returns
    -------
    rows : DataFrame of str, indexed by line
        Rows of ``width`` values, the heading and most blank lines among them.
    broken : DataFrame with columns record, n, text and line
        Rows of another number of values.
    """
    misshapen: list[tuple[int, int, str]] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        misshapen.append((row.number, row.actual_columns, row.text))
        return "skip"

    names = [str(position) for position in range(width)]
    data = text.encode()
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
        msg = f"{path}: the text cannot be split into rows ({error}); save the table again as CSV."
        raise InputError(msg) from None
    broken = pd.DataFrame(misshapen, columns=["record", "n", "text"])
    broken = broken.astype({"record": "int64", "n": "int64", "text": "str"})
    return _with_lines(rows, broken)


def _with_lines(rows: pd.DataFrame, broken: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Work out on which line each row starts, though values may hold line breaks."""
    is_broken = np.zeros(len(rows) + len(broken), dtype=bool)
    is_broken[broken["record"].to_numpy() - 1] = True
    length = np.ones(len(is_broken), dtype="int64")
    breaks = rows.apply(lambda values: values.str.count("\n")).sum(axis=1)
    length[~is_broken] += breaks.to_numpy(dtype="int64")
    length[is_broken] += broken["text"].str.count("\n").to_numpy(dtype="int64")
    start = np.cumsum(length) - length + 1
    rows = rows.set_index(pd.Index(start[~is_broken], name="line"))
    return rows, broken.assign(line=start[is_broken])


def _refuse_swallowed(path: Path, rows: pd.DataFrame, broken: pd.DataFrame, delimiter: str) -> None:
    """Refuse a file where a value holds whole rows, because a quotation mark is not closed."""
    n_delimiters = min(max(rows.shape[1] - 1, 1), _ROW_LIKE)
    row_like = rf"\n[^\n]*(?:[{delimiter}][^\n{delimiter}]*){{{n_delimiters}}}"
    inside = rows.apply(lambda values: values.str.contains(row_like)).any(axis=1)
    in_broken = broken["text"].str.contains(row_like)
    lines = [*rows.index[inside], *broken.loc[in_broken, "line"]]
    if lines:
        msg = (
            f"{path}, line {min(lines)}: a quotation mark opens here and swallows the rows after "
            "it; remove the mark or double it, or save the table again as CSV."
        )
        raise InputError(msg)


def _sheet(
    path: Path,
    rows: pd.DataFrame,
    broken: pd.DataFrame,
    is_blank_line: pd.Series[bool],
    repairs: tuple[str, ...],
    *,
    has_heading: bool,
) -> Sheet:
    """Part the rows into those with values, empty ones and misshapen ones."""
    hollow = (rows == "").all(axis=1)
    lines = rows.index.to_series()
    hollow_lines = lines[hollow & ~is_blank_line.iloc[lines - 1].to_numpy()]
    # A blank line has one empty value, so it may also have been seen as a misshapen row.
    broken = broken.loc[broken["text"].str.strip().ne("")]
    rows = rows.loc[~hollow].iloc[1 if has_heading else 0 :]
    rows_in = len(rows) + len(hollow_lines) + len(broken)
    if rows.empty:
        found = "no rows"
        if len(broken):
            n = broken["n"].iloc[0]
            found = f"no row of {rows.shape[1]} values (the first has {n})"
        msg = f"{path}: found {found} under the heading; check the file and its delimiter."
        raise InputError(msg)
    reason = f"expected {rows.shape[1]} values, found " + broken["n"].astype("str")
    excerpt = broken["text"].str.slice(0, _EXCERPT)
    set_aside = together(
        [
            aside(path.name, hollow_lines, status="excluded", reason="the row is empty"),
            aside(path.name, broken["line"], status="quarantined", reason=reason, value=excerpt),
        ]
    )
    line = rows.index.to_series(index=pd.RangeIndex(len(rows))).astype("int64")
    return Sheet(rows.reset_index(drop=True), line, set_aside, rows_in, repairs)


def _unwrap(values: pd.Series[str]) -> pd.Series[str]:
    """Take off the quotation marks a spreadsheet wraps round a tab-separated value."""
    wrapped = values.str.fullmatch('"(?:[^"]|"")*"')
    bare = values.str.slice(1, -1).str.replace('""', '"', regex=False).str.strip()
    return values.where(~wrapped, bare)
