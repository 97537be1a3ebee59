"""The rows of one table as text, whichever file they stood in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import InputError
from hotspots.sources.plain_text import SPOILED
from hotspots.sources.rows import aside, together, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Heading = Callable[[Sequence[str]], bool]
"""Says whether the values of a row are headings that its caller knows."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_EXCERPT = 200
_TITLE_CELLS = 2
_MOST_HEADINGS = 1_000


@dataclass(frozen=True)
class Sheet:
    """
    The rows of one table, every value as the text that stood there.

    Attributes
    ----------
    table : DataFrame of str, shape (n_rows, n_columns)
        Values without the blanks around them; an empty value is ``""``. Columns are
        named as in the file; a repeated or empty heading gets a number.
    line : Series of int64, indexed like ``table``
        Line of the file on which the row starts, 1 for the first.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        Rows that are empty, repeat the headings, hold bytes that are no text, or have
        the wrong number of values.
    rows_in : int
        Rows read, the heading and blank lines not counted.
    repairs : tuple of str
        What was put right, in words, each with its count first.
    padded : mapping of str to Series of bool, indexed like ``table``
        Of the columns with such values: which had blanks around them as fixed-width exports do.
    warnings : tuple of str
        What a person should look at, in words.
    """

    table: pd.DataFrame
    line: pd.Series[int]
    set_aside: pd.DataFrame
    rows_in: int
    repairs: tuple[str, ...] = ()
    padded: Mapping[str, pd.Series[bool]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """
    The raw rows under a heading.

    Attributes
    ----------
    headings : sequence of str
        As they stand; they may repeat or be empty.
    rows : DataFrame of str, shape (n_rows, n_headings), indexed by line
        Raw values; its columns are numbered from 0.
    broken : DataFrame with columns n, text and line
        Rows of another number of values.
    blank : frozenset of int
        Lines without anything on them, which are no rows.
    spoiled : frozenset of int
        Lines with bytes that are no text.
    """

    headings: Sequence[str]
    rows: pd.DataFrame
    broken: pd.DataFrame
    blank: frozenset[int] = frozenset()
    spoiled: frozenset[int] = frozenset()


def heading_at(rows: Sequence[Sequence[str]], is_heading: Heading | None) -> int:
    """
    Return the place of the headings among the first rows of a file.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows, at least one.
    is_heading : callable or None
        Says whether a row is headings that the caller knows.

    Returns
    -------
    int
        The first row with a value, or a later one that ``is_heading`` if all above it are
        but lines of a title, which fill hardly a cell; the first of all where none has a value.
    """
    filled = [sum(bool(value.strip()) for value in row) for row in rows]
    first = next((place for place, n in enumerate(filled) if n), 0)
    if is_heading is None or is_heading(rows[first]):
        return first
    for place in range(first + 1, len(rows)):
        if is_heading(rows[place]):
            most = max(_TITLE_CELLS, filled[place] // 2)
            return place if max(filled[first:place]) <= most else first
    return first


def numbered(headings: Iterable[str]) -> list[str]:
    """Return the headings, repeated and empty ones numbered so that each is one of a kind."""
    seen: Counter[str] = Counter()
    names = []
    for place, heading in enumerate(headings, 1):
        name = heading or f"column {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique(pd.Series(names, dtype="str")).tolist()


def sheet_of(
    path: Path,
    grid: Grid,
    *,
    parted: Callable[[str], Sequence[str]],
    is_heading: Heading | None,
    has_heading: bool = True,
    repairs: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Sheet:
    """
    Part the rows into those with values and those that cannot be used.

    Parameters
    ----------
    path : Path
        The file, for messages.
    grid : Grid
        Its rows.
    parted : callable
        Gives the values of the text of a broken row.
    is_heading : callable or None
        Says whether values are headings that the caller knows.
    has_heading : bool, default True
        Whether the headings stand in the file.
    repairs : tuple of str
        What was put right so far.
    warnings : tuple of str
        What a person should look at so far.

    Raises
    ------
    InputError
        If no row is left, or other headings follow inside.
    """
    names = numbered(grid.headings)
    rows = pd.DataFrame(
        {name: grid.rows[place].str.strip() for name, place in zip(names, grid.rows, strict=True)}
    )
    lines = rows.index.to_series()
    # A blank line has one empty value, so it may also have been seen as a misshapen row.
    broken = grid.broken.loc[grid.broken["text"].str.strip().ne("")]
    hollow = (rows == "").all(axis=1)
    again = pd.Series(False, rows.index)
    if has_heading:
        again = (rows == list(grid.headings)).all(axis=1) & ~hollow
        _refuse_other_headings(path, rows.loc[~again], broken, parted, is_heading)
    is_spoiled = _spoiled(rows, grid.spoiled)
    fine = ~hollow & ~again & ~is_spoiled
    empty_lines = lines[hollow & ~lines.isin(grid.blank)]
    rows_in = int((~hollow).sum()) + len(empty_lines) + len(broken)
    if not fine.any():
        _refuse_nothing(path, rows.shape[1], broken)
    width = f"expected {rows.shape[1]} values, found "
    pieces = [
        aside(path.name, empty_lines, status="excluded", reason="the row is empty"),
        aside(
            path.name,
            lines[again],
            status="quarantined",
            reason="the headings come again here, as in files pasted together",
        ),
        aside(
            path.name,
            lines[is_spoiled & ~again],
            status="quarantined",
            reason="the row holds bytes that are no text",
            **_first_spoiled(rows.loc[is_spoiled & ~again]),
        ),
        aside(
            path.name,
            broken["line"],
            status="quarantined",
            reason=width + broken["n"].astype("str"),
            value=broken["text"].str.slice(0, _EXCERPT),
        ),
    ]
    kept = pd.RangeIndex(int(fine.sum()))
    return Sheet(
        rows.loc[fine].set_axis(kept),
        lines[fine].set_axis(kept).astype("int64"),
        together(pieces),
        rows_in,
        repairs,
        _padded(grid.rows.set_axis(names, axis=1).loc[fine].set_axis(kept)),
        warnings,
    )


def _refuse_nothing(path: Path, width: int, broken: pd.DataFrame) -> None:
    found = "no rows"
    if len(broken):
        found = f"no row of {width} values (the first has {broken['n'].iloc[0]})"
    msg = f"{path}: found {found} under the heading; check the file and its delimiter."
    raise InputError(msg)


def _refuse_other_headings(
    path: Path,
    rows: pd.DataFrame,
    broken: pd.DataFrame,
    parted: Callable[[str], Sequence[str]],
    is_heading: Heading | None,
) -> None:
    """Refuse a second table below the first: its values stand under the wrong headings."""
    if is_heading is None:
        return
    worded = ~rows.iloc[:, 0].str.contains(r"\d")
    at = [
        line
        for line, *values in rows[worded].head(_MOST_HEADINGS).itertuples()
        if is_heading(values) and not _has_number(values)
    ]
    short = broken[~broken["text"].str.contains(r"\d\d")].head(_MOST_HEADINGS)
    at += [
        line
        for line, text in zip(short["line"], short["text"], strict=True)
        if is_heading(parted(text)) and not _has_number(parted(text))
    ]
    if at:
        msg = (
            f"{path}, line {min(at)}: other headings start here, as in files pasted together; "
            "save each table as a file of its own."
        )
        raise InputError(msg)


def _has_number(values: Sequence[str]) -> bool:
    return any(_NUMBER.fullmatch(value) for value in values)


def _spoiled(rows: pd.DataFrame, spoiled: frozenset[int]) -> pd.Series[bool]:
    found = pd.Series(False, rows.index)
    for name in rows.columns if spoiled else ():
        found |= rows[name].str.contains(SPOILED)
    return found


def _first_spoiled(rows: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """Return of each row the first column with bytes that are no text, and its value."""
    if rows.empty:
        return {}
    at = rows.apply(lambda values: values.str.contains(SPOILED)).idxmax(axis=1).astype("str")
    values = [rows.loc[line, name][:_EXCERPT] for line, name in at.items()]
    return {"column": at, "value": pd.Series(values, rows.index, dtype="str")}


def _padded(raw: pd.DataFrame) -> dict[str, pd.Series[bool]]:
    """Tell the values with blanks after them, or several before; one before is but a style."""
    found = {}
    for name in raw.columns:
        values = raw[name]
        if values.eq(values.str.strip()).all():
            continue
        is_padded = values.str.endswith((" ", "\t", "\u00a0")) | values.str.startswith(
            ("  ", "\t", "\u00a0")
        )
        is_padded &= values.str.strip().ne("")
        if is_padded.any():
            found[str(name)] = is_padded
    return found
