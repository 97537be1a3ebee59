"""
What was published twice.

Publications are ordered by month: the later of the ``YYYY-MM`` in the name of the zip (or of the
folder, for plain files) and the newest month it holds; ties go by that name, the last one being
the newest. Of a force-month in several publications only the newest is kept, whole. Of a Crime
ID that comes again, within a month or across months, the record of the newest publication is
kept, then of the later month, then of the later line. Records of the API carry ids of their own,
anti-social behaviour included, and are compared by these first. Answers name no force, so none
takes the place of another whole. Rows without any id are never compared: equal rows are separate
incidents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotspots.errors import InputError
from hotspots.schema import ASB
from hotspots.sources.police_uk.rows import READABLE
from hotspots.sources.police_uk.texts import last_equal, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.sources.police_uk.find import Member
    from hotspots.sources.police_uk.rows import Batch

_MONTH_IN_NAME = re.compile(r"(?<!\d)20\d\d-(?:0[1-9]|1[0-2])(?!\d)")

SOURCE = pa.field("source", pa.int32())
"""Position of a row's member among the members read."""


@dataclass(frozen=True)
class Reading:
    """A member and its rows."""

    member: Member
    batch: Batch


@dataclass(frozen=True)
class Repeats:
    """
    For each row the one that is kept in its stead, or -1.

    Attributes
    ----------
    by_api_id, by_crime_id : array of int64, shape (n_rows,)
        Found by the API's record id, and among the rest by the Crime ID.
    """

    by_api_id: NDArray[np.int64]
    by_crime_id: NDArray[np.int64]

    @property
    def is_repeat(self) -> NDArray[np.bool_]:
        """Rows that come again further down."""
        found: NDArray[np.bool_] = (self.by_api_id >= 0) | (self.by_crime_id >= 0)
        return found


def oldest_first(readings: Iterable[Reading]) -> list[Reading]:
    """Order ``readings`` by publication, the newest last; then by month, file and member."""
    readings = list(readings)
    newest = {reading.member.publication: "" for reading in readings}
    for reading in readings:
        member = reading.member
        named = _MONTH_IN_NAME.findall(member.publication_name)
        months = [newest[member.publication], *named, _newest_month(reading)]
        newest[member.publication] = max(months)

    def place(reading: Reading) -> tuple[str, ...]:
        member = reading.member
        published = (newest[member.publication], member.publication_name, member.publication)
        return (*published, member.month or "", member.label, member.name)

    return sorted(readings, key=place)


def superseded(ordered: Sequence[Reading]) -> dict[int, int]:
    """
    Find the force-months that were published again.

    Parameters
    ----------
    ordered : sequence of Reading
        As ``oldest_first`` gives them.

    Returns
    -------
    dict of int to int
        Position of a superseded member to that of the newest member of its force-month.
    """
    newest = {
        (reading.member.force, reading.member.month): place
        for place, reading in enumerate(ordered)
        if reading.member.is_street
    }
    latest = {
        place: newest[reading.member.force, reading.member.month]
        for place, reading in enumerate(ordered)
        if reading.member.is_street
    }
    return {place: last for place, last in latest.items() if place != last}


def together(ordered: Sequence[Reading], newer: Mapping[int, int]) -> pa.Table:
    """
    Put the rows of all members that were not superseded into one table.

    Parameters
    ----------
    ordered : sequence of Reading
        As ``oldest_first`` gives them.
    newer : mapping of int to int
        As ``superseded`` gives it.

    Returns
    -------
    pyarrow.Table
        ``READABLE`` and ``source``, the position in ``ordered``. By publication, month, file,
        member and line, the newest last; one chunk a column.
    """
    tables = [READABLE.append(SOURCE).empty_table()]
    for place, reading in enumerate(ordered):
        if place not in newer:
            rows = reading.batch.readable
            tables.append(rows.append_column(SOURCE, with_source(place, rows.num_rows)))
    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    if all(reading.member.is_street for reading in ordered):
        return table  # a CSV holds one month, so its rows lie in order already
    names = [reading.member.publication for reading in ordered]
    publication = np.cumsum([False] + [a != b for a, b in pairwise(names)])
    months = table["month"].to_numpy().astype(np.int64)
    order = np.lexsort((months, publication[table["source"].to_numpy()]))
    return table.take(pa.array(order)).combine_chunks()


def with_source(place: int, n_rows: int) -> pa.Array:
    """Return the column ``source`` of ``n_rows`` rows of the member at ``place``."""
    return pa.repeat(pa.scalar(place, SOURCE.type), n_rows)


def find_repeats(rows: pa.Table, ordered: Sequence[Reading]) -> Repeats:
    """
    Find the records of ``rows`` that come again further down.

    Parameters
    ----------
    rows : pyarrow.Table
        As ``together`` gives it.
    ordered : sequence of Reading
        As ``oldest_first`` gives them.

    Raises
    ------
    InputError
        If crimes of a month are there both as CSV and as API answers, and anti-social behaviour
        of that month too: it has no id in the CSV, so it would count twice.
    """
    by_api_id = last_equal(whole(rows["api_id"]))
    crime_id = whole(rows["crime_id"])
    if (by_api_id >= 0).any():
        crime_id = pc.if_else(pa.array(by_api_id < 0), crime_id, pa.scalar(None, pa.string()))
    by_crime_id = last_equal(crime_id)
    _refuse_both_ways(rows, by_crime_id, ordered)
    return Repeats(by_api_id, by_crime_id)


def _refuse_both_ways(table: pa.Table, kept: NDArray[np.int64], ordered: Sequence[Reading]) -> None:
    files = [reading.member.file for reading in ordered]
    is_street = np.array([reading.member.is_street for reading in ordered])
    source = table["source"].to_numpy()
    if is_street[source].all() or not is_street[source].any():
        return
    month = table["month"].to_numpy()
    lost = np.flatnonzero(kept >= 0)
    won = kept[lost]
    both = (is_street[source[lost]] != is_street[source[won]]) & (month[lost] == month[won])
    is_asb = pc.equal(table["crime_type"].cast(pa.string()), ASB).to_numpy()
    by_csv = np.unique(month[is_asb & is_street[source]])
    by_api = np.unique(month[is_asb & ~is_street[source]])
    twice = both & np.isin(month[lost], np.intersect1d(by_csv, by_api))
    if twice.any():
        first = np.flatnonzero(twice)[0]
        when = np.datetime_as_string(month[lost[first]], unit="M")
        raise InputError(
            f"{when} is there both in {files[source[lost[first]]]} and in "
            f"{files[source[won[first]]]}: anti-social behaviour has no Crime ID to tell that a "
            "CSV and an API answer mean the same incident. Give that month in one form only."
        )


def _newest_month(reading: Reading) -> str:
    if reading.member.month is not None:
        return reading.member.month
    newest = pc.max(reading.batch.readable["month"]).as_py()
    return "" if newest is None else f"{newest:%Y-%m}"
