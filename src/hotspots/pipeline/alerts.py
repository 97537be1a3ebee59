"""What to know before a trend is read: changes in the records that no change in crime makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.pipeline.coverage import LEAST_MONTHS, USUAL_MONTHS, observed
from hotspots.publish.words import day, many, month, percent, spans
from hotspots.schema import ALERTS, ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence

    from hotspots.sources.police_uk import Supply

    Alert = tuple[str, pd.Timestamp, str, str]

FALL_TO_ONE_IN = 10
"""A volume that falls by nine tenths or more is an alert: recording changed, not crime."""

LEAST_USUAL = 20.0
"""Where fewer incidents than this are usual, chance alone could make a gap."""

UNLOCATED_RISE = 3.0
UNLOCATED_LEAST = 0.05
"""Records lost their places where both: so many times the usual share, and at least this share.
Lancashire lost 12 to 15 % from May to September 2021, and 4 % in the median."""

BIG_REVISION = 0.01
"""A revision is an alert if it moved at least this share of the month's rows."""

_VINTAGE = (
    "Records name small areas (LSOA) of {new} from {month} on, of {old} before. Areas of both "
    "years share a code only where their outline stayed."
)
_LIST = (
    "The list of map points is another from {month} on. Hardly any point is in both: compare areas "
    "across that month, not points."
)
_HEADER_ONLY = "The file of {} holds no records: unknown, not free of crime."
_SHORT = "{}: far fewer records than in the months around, as if not all were published."
_ABSENT = "Other forces published {}, this one did not: unknown, not free of crime."

_SUBJECT_MOST = 60


def find(
    coverage: pd.DataFrame,
    revisions: pd.DataFrame,
    *,
    supplies: Sequence[Supply],
    other_months: Collection[str],
    unknown_types: pd.DataFrame,
    vintages: pd.Series[str],
) -> pd.DataFrame:
    """
    Find what a reader of a trend should know; the age of the data is ``stale``'s.

    Parameters
    ----------
    coverage, revisions : DataFrame
        ``schema.COVERAGE`` and ``schema.REVISIONS``.
    supplies : sequence of Supply
        The street CSVs that were read.
    other_months : collection of str
        Months, ``YYYY-MM``, for which other forces published something.
    unknown_types : DataFrame
        ``month`` and ``value`` of each row quarantined for its crime type.
    vintages : Series of str, indexed by month
        LSOA vintage that the records of each month use.

    Returns
    -------
    DataFrame
        ``schema.ALERTS``, one row for each kind and subject.
    """
    known = coverage[observed(coverage)]
    rows = _by_type(known)
    found = [
        *_volumes(rows),
        *_types(rows),
        *_unknown_types(unknown_types),
        *_columns(supplies),
        *_unlocated(known),
        *_changes(vintages, "lsoa vintage", _VINTAGE),
        *_lists(known),
        *_states(coverage, other_months),
        *_revisions(revisions),
    ]
    return table(found)


def stale(last: pd.Timestamp, *, made_on: dt.date, after_days: int) -> pd.DataFrame:
    """
    Say whether the newest month is old.

    Parameters
    ----------
    last : Timestamp
        Newest month with records.
    made_on : date
    after_days : int
        Age in days, counted from the end of that month, above which it is.
    """
    days = age_days(last, on=made_on)
    words = (
        f"The newest records are of {month(last)}, {days:,} days before {day(made_on)}. "
        "What came after is not here."
    )
    return table([("stale", last, ALL_CRIME, words)] if days > after_days else [])


def age_days(last: pd.Timestamp, *, on: dt.date) -> int:
    """Return the days from the end of a month to a day."""
    return (on - (last + pd.DateOffset(months=1)).date()).days


def table(found: Collection[Alert]) -> pd.DataFrame:
    """Return alerts as ``schema.ALERTS``, sorted, each once."""
    frame = pd.DataFrame(found, columns=ALERTS.names).drop_duplicates([*ALERTS.key])
    frame = frame.astype({column.name: column.dtype for column in ALERTS.columns})
    return frame.sort_values([*ALERTS.key], ignore_index=True)


def _by_type(known: pd.DataFrame) -> pd.DataFrame:
    """Return rows by month (all observed ones) and crime type."""
    rows = known.pivot_table(index="month", columns="crime_type", values="rows_in", aggfunc="sum")
    return rows.fillna(0).sort_index()


def _volumes(rows: pd.DataFrame) -> Iterator[Alert]:
    """Months with at most a tenth of the median of the months before them."""
    before = rows.rolling(USUAL_MONTHS, min_periods=LEAST_MONTHS).median().shift()
    fell = (rows * FALL_TO_ONE_IN <= before) & (before >= LEAST_USUAL)
    for subject in map(str, rows.columns):
        months = list(rows.index[fell[subject]])
        if months:
            first = months[0]
            words = (
                f"{subject}: {rows[subject][first]:,.0f} records in {month(first)}, against a "
                f"usual {before[subject][first]:,.0f} in the months before"
            )
            later = f"; as low in {spans(months[1:])}" if months[1:] else ""
            yield "volume", months[-1], subject, f"{words}{later}."


def _types(rows: pd.DataFrame) -> Iterator[Alert]:
    """Crime types that came or went, where chance alone would hardly leave so long a gap."""
    for subject in (name for name in CRIME_TYPES if name in rows.columns):
        counts = rows[subject].to_numpy()
        seen = np.flatnonzero(counts > 0)
        if not len(seen):
            continue
        first, after = seen[0], seen[-1] + 1
        if counts[first:].mean() * first >= LEAST_USUAL:
            since = rows.index[first]
            yield "new type", since, subject, f"{subject} first appears in {month(since)}."
        usual = counts[max(0, after - USUAL_MONTHS) : after].mean()
        if usual * (len(counts) - after) >= LEAST_USUAL:
            gone = rows.index[after]
            words = f"{subject} has no records from {month(gone)} on, after {usual:,.0f} a month."
            yield "vanished type", gone, subject, words


def _unknown_types(rows: pd.DataFrame) -> Iterator[Alert]:
    for value, months in rows.groupby("value")["month"]:
        subject, since = str(value)[:_SUBJECT_MOST], months.min()
        words = (
            f"A crime type that is not known, '{subject}', stands in "
            f"{many(len(months), 'record')} from {month(since)} on. They were set aside, so counts "
            "are too low."
        )
        yield "new type", since, subject, words


def _columns(supplies: Sequence[Supply]) -> Iterator[Alert]:
    first: dict[str, str] = {}
    for supply in supplies:
        for name in supply.new_columns:
            first[name] = min(first.get(name, supply.month), supply.month)
    for name, when in sorted(first.items()):
        subject, since = name[:_SUBJECT_MOST], pd.Timestamp(f"{when}-01")
        words = (
            f"The files have a column '{subject}' from {month(since)} on that police.uk did not "
            "publish before. It is not used; look whether recording changed with it."
        )
        yield "new column", since, subject, words


def _unlocated(known: pd.DataFrame) -> Iterator[Alert]:
    total = known[known["crime_type"] == ALL_CRIME].set_index("month").sort_index()
    share = total["unlocated"] / total["rows_in"].where(total["rows_in"] > 0)
    usual = share.median()
    lost = share[(share >= UNLOCATED_LEAST) & (share > UNLOCATED_RISE * usual)]
    if len(lost) and len(share) >= LEAST_MONTHS:
        words = (
            f"Up to {percent(lost.max())} of the records of {spans(list(lost.index))} have no "
            f"place, against a usual {percent(usual)}. On the map these months look too quiet."
        )
        yield "unlocated", lost.index[-1], ALL_CRIME, words


def _lists(known: pd.DataFrame) -> Iterator[Alert]:
    lists = known.dropna(subset="list_id").drop_duplicates("month").set_index("month")["list_id"]
    yield from _changes(lists.str.removeprefix("list-"), "point list", _LIST)


def _changes(state: pd.Series[str], kind: str, sentence: str) -> Iterator[Alert]:
    """Tell the months in which a state is another than in the month before."""
    ordered = state.sort_index()
    previous = ordered.shift()
    for when in ordered.index[previous.notna() & (ordered != previous)]:
        words = sentence.format(month=month(when), old=previous[when], new=ordered[when])
        yield kind, when, ordered[when], words


def _states(coverage: pd.DataFrame, other_months: Collection[str]) -> Iterator[Alert]:
    total = coverage[coverage["crime_type"] == ALL_CRIME].sort_values("month")
    force = str(total["force"].iloc[0]) if len(total) else ""
    elsewhere = total["month"].dt.strftime("%Y-%m").isin(list(other_months))
    states = {
        "header only": (total["is_header_only"], _HEADER_ONLY),
        "short": (total["is_short"], _SHORT),
        "force absent": (total["is_missing"] & elsewhere, _ABSENT),
    }
    for kind, (rows, words) in states.items():
        months = list(total.loc[rows, "month"])
        if months:
            yield kind, months[-1], force, words.format(spans(months))


def _revisions(revisions: pd.DataFrame) -> Iterator[Alert]:
    for row in revisions.to_dict("records"):
        moved = row["added"] + row["removed"] + row["changed"]
        if moved > 0 and moved >= BIG_REVISION * row["rows_before"]:
            words = (
                f"{month(row['month'])} was published again: {many(row['added'], 'record')} came, "
                f"{row['removed']:,} went and {row['changed']:,} have another place or type."
            )
            yield "revised", row["month"], row["force"], words
