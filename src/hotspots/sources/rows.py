"""What becomes of the rows of a file: rows set aside, and the account that adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.schema import ACCOUNT, SET_ASIDE, empty

if TYPE_CHECKING:
    from collections.abc import Sequence


def aside(
    file: str,
    line: pd.Series[int],
    *,
    status: str,
    reason: str | pd.Series[str],
    column: str | pd.Series[str] | None = None,
    value: pd.Series[str] | None = None,
) -> pd.DataFrame:
    """
    Return rows set aside as ``schema.SET_ASIDE``, without month and crime type.

    Parameters
    ----------
    file : str
        Name of the input file.
    line : Series of int64
        Line of each row; the other Series are indexed like it.
    status : str
        Part of the row account they count under.
    reason, column, value : str or Series of str
        Why, and the column and value at fault if there is one.
    """
    if line.empty:
        return empty(SET_ASIDE)
    given = {
        "file": file, "line": line, "status": status, "reason": reason, "column": column,
        "value": value,
    }  # fmt: skip
    table = pd.DataFrame({name: given.get(name) for name in SET_ASIDE.names}, index=line.index)
    return table.astype({entry.name: entry.dtype for entry in SET_ASIDE.columns}).reset_index(
        drop=True
    )


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of ``schema.SET_ASIDE`` as one, sorted by file and line."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty(SET_ASIDE)
    return pd.concat(filled).sort_values(["file", "line"], kind="stable", ignore_index=True)


def account(file: str, *, rows_in: int, kept: int, set_aside: pd.DataFrame) -> pd.DataFrame:
    """Return the account of one plain file: one row of ``schema.ACCOUNT``."""
    parts = ("unlocated", "excluded", "duplicate", "quarantined")
    n = set_aside["status"].value_counts()
    counts = {part: int(n.get(part, 0)) for part in parts}
    row = {"file": file, "member": "", "rows_in": rows_in, "kept": kept, **counts}
    return pd.DataFrame(
        {entry.name: pd.Series([row[entry.name]], dtype=entry.dtype) for entry in ACCOUNT.columns}
    )


def unique(names: pd.Series[str]) -> pd.Series[str]:
    """Return ``names`` with ``#2``, ``#3`` … after the second, third … of those that repeat."""
    while (again := names.duplicated()).any():
        number = (names.groupby(names).cumcount() + 1).astype("str")
        names = names.where(~again, names + "#" + number)
    return names
