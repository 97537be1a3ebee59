"""
What was published twice, and what only looks so.

Publications are ordered by month: the later of the ``YYYY-MM`` in the name of the zip (or of the
folder, for plain files) and the newest month it holds; ties go by that name, the last one being
the newest. Of a force-month in several publications only the newest is kept, whole. Answers name
no force, so none takes the place of another whole.

A row of the API carries an id of its own, anti-social behaviour included: a row whose id comes
again is a duplicate. Under one Crime ID the newest publication holds, in it the latest month, and
what the same Crime ID says elsewhere is a duplicate. Within that publication and month

- rows of different crime types are different offences of one event, and all are kept;
- rows of one type are different offences in answers of the API, whose own ids tell them apart;
- rows of one type in a CSV are one record published twice, of which the later line is kept.

Measured: in Barnet's answers of 2016 to 2018, 2,871 rows beyond the first bear a Crime ID seen
before. All lie in the same month and place as the first, 48 to 98 in every month, more than half
of them violence, which is counted by victim; 630 are of another type and many of another outcome
("Offender sent to prison" beside "Defendant found not guilty"). None of it looks like a loading
fault. In Lancashire's CSVs 4,179 rows come again within a month, nearly all in four months of
2020, on neighbouring lines, two thirds of them equal in every column, and one of another type:
a loading fault. Rows without any id are never compared: equal rows are separate incidents.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotspots.errors import InputError
from hotspots.schema import ASB, CRIME_TYPES
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
    shares_id : array of bool, shape (n_rows,)
        Offences whose Crime ID is that of another offence too.
    """

    by_api_id: NDArray[np.int64]
    by_crime_id: NDArray[np.int64]
    shares_id: NDArray[np.bool_]

    @property
    def is_repeat(self) -> NDArray[np.bool_]:
        """Rows that come again further down."""
        found: NDArray[np.bool_] = (self.by_api_id >= 0) | (self.by_crime_id >= 0)
        return found


def oldest_first(readings: Iterable[Reading]) -> list[Reading]:
    """Order ``readings`` by publication, the newest last; then by month, file and member."""
    readings = list(readings)
    when = publication_months((each.member, _newest_month(each)) for each in readings)

    def place(reading: Reading) -> tuple[str, ...]:
        member = reading.member
        published = (when[member.publication], member.publication_name, member.publication)
        return (*published, member.month or "", member.label, member.name)

    return sorted(readings, key=place)


def publication_months(members: Iterable[tuple[Member, str]]) -> dict[str, str]:
    """
    Say of which month each publication is.

    Parameters
    ----------
    members : iterable of (Member, str)
        Each with the newest month in it, ``YYYY-MM`` or empty.

    Returns
    -------
    dict of str to str
        Publication to the latest ``YYYY-MM`` of its name and its members; empty if none says.
    """
    found: dict[str, str] = {}
    for member, month in members:
        named = _MONTH_IN_NAME.findall(member.publication_name)
        found[member.publication] = max([found.get(member.publication, ""), *named, month])
    return found


def needed(members: Sequence[Member], *, each: int) -> list[Member]:
    """
    Leave out the street CSVs of which so many later publications hold the same month.

    Parameters
    ----------
    members : sequence of Member
    each : int
        Publications wanted of every force-month: one counts, two also show what was revised.

    Returns
    -------
    list of Member
        In their order; all members that are no street CSV, or of no stated month, among them.
    """
    when = publication_months((member, member.month or "") for member in members)
    newest_first = sorted(
        (member for member in members if member.is_street and member.month),
        key=lambda member: (when[member.publication], member.publication_name, member.publication),
        reverse=True,
    )
    times: Counter[tuple[str | None, str | None]] = Counter()
    outdated = set()
    for member in newest_first:
        times[member.force, member.month] += 1
        if times[member.force, member.month] > each:
            outdated.add(member)
    return [member for member in members if member not in outdated]


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
    named = {
        place: (reading.member.force, reading.member.month)
        for place, reading in enumerate(ordered)
        if reading.member.is_street and reading.member.month is not None
    }
    newest = {force_month: place for place, force_month in named.items()}
    latest = {place: newest[force_month] for place, force_month in named.items()}
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
    table = pa.concat_tables(tables).combine_chunks()
    if all(reading.member.is_street for reading in ordered):
        return table  # a CSV holds one month, so its rows lie in order already
    names = [reading.member.publication for reading in ordered]
    publication = np.cumsum([False] + [a != b for a, b in pairwise(names)])
    months = table["month"].to_numpy().astype(np.int64)
    order = np.lexsort((months, publication[table["source"].to_numpy()]))
    return table.take(pa.array(order)).combine_chunks()


def without_rows(ordered: Sequence[Reading], newer: Mapping[int, int]) -> list[Reading]:
    """Return the members without the rows that ``together`` copied, to make room."""
    return [
        each
        if place in newer
        else replace(each, batch=replace(each.batch, readable=READABLE.empty_table()))
        for place, each in enumerate(ordered)
    ]


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
    newest = last_equal(crime_id)
    _refuse_both_ways(rows, newest, ordered)
    by_crime_id, shares_id = _without_other_offences(rows, newest, ordered)
    return Repeats(by_api_id, by_crime_id, shares_id)


def _without_other_offences(
    rows: pa.Table, newest: NDArray[np.int64], ordered: Sequence[Reading]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Take the other offences of an event out of what came again; say which rows share an id."""
    again = np.flatnonzero(newest >= 0)
    source = rows["source"].to_numpy()
    month = rows["month"].to_numpy()
    is_street = np.array([each.member.is_street for each in ordered])
    origins = [f"{each.member.is_street} {each.member.publication}" for each in ordered]
    _, origin = np.unique(origins, return_inverse=True)
    last = newest[again]
    alongside = (origin[source[again]] == origin[source[last]]) & (month[again] == month[last])
    here = np.union1d(again[alongside], last[alongside])
    event = np.where(newest[here] >= 0, newest[here], here)
    types = whole(rows["crime_type"]).indices.to_numpy()[here].astype(np.int64)
    # An answer's row is an offence by itself; in a CSV one is what bears the same type.
    offence = np.where(is_street[source[here]], types, len(CRIME_TYPES) + np.arange(len(here)))
    found = newest.copy()
    found[here] = _last_of_each(event * (len(CRIME_TYPES) + len(here)) + offence, here)
    shares_id = np.zeros(len(newest), bool)
    is_kept = found[here] < 0
    n_kept = np.bincount(event[is_kept], minlength=1)
    shares_id[here[is_kept]] = n_kept[event[is_kept]] > 1
    return found, shares_id


def _last_of_each(keys: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of the ascending ``rows`` the last one with its key, or -1 if it is that."""
    _, group = np.unique(keys, return_inverse=True)
    last = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    last[group] = rows  # where an index repeats, numpy keeps what was assigned last
    return np.where(last[group] == rows, -1, last[group])


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
