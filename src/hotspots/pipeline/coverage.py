"""Which months are known, and how well: missing, empty, short and revised ones told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.schema import ALL_CRIME, COVERAGE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from hotspots.sources.police_uk import Supply

SHORT_SHARE = 2 / 3
"""A month is short below this share of the usual. Of 42 real months of Lancashire, those of the
lockdowns among them, none had less than 81 % of it; half a published month has about 50 %."""

SHORT_DEVIATIONS = 4.0
"""And only if chance alone (Poisson) would hardly ever make it: small areas vary more."""

USUAL_MONTHS = 6
"""The usual is the median of this many observed months nearest to it, within as many months: one
odd month cannot move it, and seasons and slow trends hardly do."""

LEAST_MONTHS = 3
"""With fewer months to compare with, nothing is said to be unusual."""


def observed(coverage: pd.DataFrame) -> pd.Series[bool]:
    """Say which rows of ``schema.COVERAGE`` are of months that hold any record."""
    return ~(coverage["is_missing"] | coverage["is_header_only"])


def by_month(
    kept: pd.Series[int],
    unlocated: pd.DataFrame,
    *,
    lists: pd.Series[str],
    supplies: Sequence[Supply],
    other_months: Collection[str],
    revisions: pd.DataFrame,
    until: pd.Timestamp | None,
    force: str,
) -> pd.DataFrame:
    """
    Count rows kept and unlocated by month and type, with a row for each month without any.

    Parameters
    ----------
    kept : Series of int, indexed by ``month`` and ``crime_type``
        Records kept.
    unlocated : DataFrame
        Records without coordinates: ``month`` and ``crime_type``.
    lists : Series of str, indexed by month
        List of map points that each month uses.
    supplies : sequence of Supply
        The street CSVs that were read.
    other_months : collection of str
        Months, ``YYYY-MM``, for which other forces published something.
    revisions : DataFrame
        ``schema.REVISIONS``.
    until : Timestamp, optional
        Last month to speak of.
    force : str
        What the column ``force`` says.

    Returns
    -------
    DataFrame
        ``schema.COVERAGE``, from the first month supplied to the last one anybody supplied.
    """
    lost = unlocated.groupby(["month", "crime_type"]).size()
    counts = pd.concat([kept.rename("kept"), lost.rename("unlocated")], axis=1)
    table = counts.fillna(0).reset_index()
    total = table.groupby("month")[["kept", "unlocated"]].sum().reset_index()
    empty = _months({each.month for each in supplies if each.is_newest})
    others = _months(other_months)
    first = min([*total["month"], *empty])
    last = max([*total["month"], *empty, *others])
    every = pd.date_range(first, last, freq="MS", unit="ms")
    bare = pd.DataFrame({"month": every.difference(pd.DatetimeIndex(total["month"]))})
    bare = bare.assign(kept=0, unlocated=0)
    total = pd.concat([total, bare], ignore_index=True).assign(crime_type=ALL_CRIME)
    both = pd.concat([table, total], ignore_index=True)
    if until is not None:
        both = both[both["month"] <= until].reset_index(drop=True)
    both["rows_in"] = both["kept"] + both["unlocated"]
    return _flagged(both, lists, supplies, revisions).assign(force=force).pipe(_typed)


def _months(months: Collection[str]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(sorted(f"{month}-01" for month in months)).as_unit("ms")


def _flagged(
    table: pd.DataFrame,
    lists: pd.Series[str],
    supplies: Sequence[Supply],
    revisions: pd.DataFrame,
) -> pd.DataFrame:
    """Add what is known of each month, the same in all its rows."""
    month = table["month"]
    rows = table[table["crime_type"] == ALL_CRIME].set_index("month")["rows_in"]
    # Of several forces, one may have an empty file where another has rows.
    full = {each.month for each in supplies if each.is_newest and each.rows_in}
    empty = {each.month for each in supplies if each.is_newest and not each.rows_in} - full
    bare = set(rows.index[rows == 0])
    is_header_only = month.isin(_months(empty)) & month.isin(bare)
    is_missing = month.isin(bare) & ~month.isin(_months(empty | full))
    known = rows[~rows.index.isin(month[is_header_only | is_missing])].sort_index()
    moved = revisions[["added", "removed", "changed"]].sum(axis=1) > 0
    return table.assign(
        is_missing=is_missing,
        is_header_only=is_header_only,
        is_short=month.isin(known.index[are_short(known)]),
        is_revised=month.isin(revisions.loc[moved, "month"]),
        list_id=month.map(lists),
    )


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    dtypes = {column.name: column.dtype for column in COVERAGE.columns}
    return table.astype(dtypes)[COVERAGE.names].sort_values([*COVERAGE.key], ignore_index=True)


def are_short(rows: pd.Series[int]) -> NDArray[np.bool_]:
    """
    Say which months have far fewer rows than the months around them.

    Parameters
    ----------
    rows : Series of int
        Rows by month, observed months only, in order.
    """
    usual = usual_around(rows)
    lacking = usual - rows.to_numpy()
    short: NDArray[np.bool_] = (rows.to_numpy() < SHORT_SHARE * usual) & (
        lacking > SHORT_DEVIATIONS * np.sqrt(usual)
    )
    return short


def usual_around(rows: pd.Series[int]) -> NDArray[np.float64]:
    """Return the median of the nearest other months of each month; NaN where they are few."""
    months = pd.DatetimeIndex(rows.index)
    number = (months.year * 12 + months.month).to_numpy()
    away = np.abs(number[:, None] - number[None, :])
    values = rows.to_numpy(dtype=np.float64)
    usual = np.full(len(rows), np.nan)
    for i, distance in enumerate(away):
        near = np.flatnonzero((distance > 0) & (distance <= USUAL_MONTHS))
        near = near[np.argsort(distance[near], kind="stable")][:USUAL_MONTHS]
        if len(near) >= LEAST_MONTHS:
            usual[i] = np.median(values[near])
    return usual
