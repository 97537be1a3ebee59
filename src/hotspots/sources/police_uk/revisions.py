"""
What changed in a force-month that was published again.

Rows with a Crime ID are compared by it, an id that stands n times before and m times after having
n rows to lose and m to gain. Rows without one are compared as multisets of what they say, so
equal rows count as often as they occur, and one that changed is one removed and one added. What a
row says is its crime type and its place: coordinates and text. LSOA codes are left out, for a new
vintage renames them without anything having happened.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from hotspots.schema import REVISIONS
from hotspots.sources.police_uk.rows import READABLE
from hotspots.sources.police_uk.texts import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.sources.police_uk.duplicates import Reading

    Codes = NDArray[np.int64]

_FACTS = ("crime_type", "longitude", "latitude", "location")


def compare(ordered: Sequence[Reading]) -> pd.DataFrame:
    """
    Compare each publication of a force-month with the one before it.

    Parameters
    ----------
    ordered : sequence of Reading
        As ``duplicates.oldest_first`` gives them.

    Returns
    -------
    DataFrame
        ``schema.REVISIONS``; empty if every force-month was published once. Rows that could not
        be read, and those of British Transport Police, are in neither count.
    """
    published: dict[tuple[str, str], list[Reading]] = defaultdict(list)
    for reading in ordered:
        member = reading.member
        if member.is_street and member.month is not None:
            published[member.force or "", member.month].append(reading)
    found = [
        {
            "force": force,
            "month": pd.Timestamp(f"{month}-01"),
            "older": older.member.file,
            "newer": newer.member.file,
            **differences(older.batch.readable, newer.batch.readable),
        }
        for (force, month), readings in sorted(published.items())
        for older, newer in pairwise(readings)
    ]
    table = pd.DataFrame(found, columns=REVISIONS.names)
    return table.astype({column.name: column.dtype for column in REVISIONS.columns})


def differences(before: pa.Table, after: pa.Table) -> dict[str, int]:
    """
    Count what changed between two publications of the same month.

    Parameters
    ----------
    before, after : pyarrow.Table
        ``READABLE`` rows.

    Returns
    -------
    dict of str to int
        ``rows_before``, ``rows_after``, ``added``, ``removed``, ``changed`` (the same Crime ID,
        another place or type) and ``outcome_changed`` (the same place and type, another outcome);
        ``rows_after = rows_before + added - removed``.
    """
    names = ("crime_id", *_FACTS, "outcome")
    tables = [READABLE.empty_table(), before, after]
    both = pa.concat_tables([each.select(names) for each in tables]).unify_dictionaries()
    is_after = np.arange(both.num_rows) >= before.num_rows
    facts = _joined([_codes(both[name]) for name in _FACTS])
    crime = _codes(both["crime_id"])
    # A row without a Crime ID is its own facts, so it stays, comes or goes, but never changes.
    subject = np.where(crime >= 0, crime, crime.max(initial=0) + 1 + facts)
    fact = _joined([subject, facts])
    everything = _joined([fact, _codes(both["outcome"])])
    same_subject, same_fact, same_all = (
        _in_common(codes, is_after) for codes in (subject, fact, everything)
    )
    n_before, n_after = before.num_rows, after.num_rows
    return {
        "rows_before": n_before,
        "rows_after": n_after,
        "added": n_after - same_subject,
        "removed": n_before - same_subject,
        "changed": same_subject - same_fact,
        "outcome_changed": same_fact - same_all,
    }


def _codes(column: pa.ChunkedArray) -> Codes:
    """Give each value of a column a number, equal values the same; -1 where there is none."""
    encoded = whole(column)
    if not isinstance(encoded, pa.DictionaryArray):
        encoded = encoded.dictionary_encode()
    codes: Codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _joined(columns: Sequence[Codes]) -> Codes:
    """Give each combination of values of several columns a number from 0."""
    joined = columns[0]
    for codes in columns[1:]:
        pair = (joined + 1) * (codes.max(initial=0) + 2) + codes + 1
        _, joined = np.unique(pair, return_inverse=True)
    return joined


def _in_common(codes: Codes, is_after: NDArray[np.bool_]) -> int:
    """Count the members that two multisets of numbers share."""
    size = int(codes.max(initial=0)) + 1
    before = np.bincount(codes[~is_after], minlength=size)
    return int(np.minimum(before, np.bincount(codes[is_after], minlength=size)).sum())
