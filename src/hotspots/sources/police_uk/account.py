"""The three tables of an ingest: records kept, rows set aside, and the account that balances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hotspots import schema
from hotspots.errors import SchemaError
from hotspots.schema import ASB
from hotspots.sources.police_uk.duplicates import SOURCE, with_source
from hotspots.sources.police_uk.rows import ASIDE
from hotspots.sources.police_uk.texts import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.schema import Schema
    from hotspots.sources.police_uk.duplicates import Reading, Repeats

    Mask = NDArray[np.bool_]

_STATUSES = ("unlocated", "excluded", "duplicate", "quarantined")
_CONTENT = (
    "month",
    "crime_type",
    "longitude",
    "latitude",
    "location",
    "lsoa_code",
    "outcome",
    "reported_by",
)
_OFFENCE = ("crime_id", "api_id", "crime_type")
_ASIDE = ASIDE.append(SOURCE)


@dataclass(frozen=True)
class Kept:
    """
    Rows neither published again nor without coordinates, in their order.

    Attributes
    ----------
    rows : pyarrow.Table
        ``READABLE`` and ``source``.
    shares_id : array of bool, shape (n_rows,)
        Offences whose Crime ID is that of another offence too.
    """

    rows: pa.Table
    shares_id: Mask

    def incident_ids(self) -> pa.Array:
        """Return the Crime ID of each row, or the API's id, or one made where a row has neither."""
        ids = whole(self.rows["crime_id"])
        if self.rows["api_id"].null_count < len(self.rows):
            api_ids = pc.binary_join_element_wise("api", whole(self.rows["api_id"]), "-")
            ids = pc.coalesce(ids, api_ids)
        shared = pa.array(self.shares_id)
        told = _told_apart(self.rows.select(_OFFENCE).filter(shared))
        ids = pc.replace_with_mask(ids, shared, told)
        has_none = ids.is_null()
        made = _made_ids(self.rows.select(_CONTENT).filter(has_none))
        return pc.replace_with_mask(ids, has_none, made)


def kept(rows: pa.Table, repeats: Repeats) -> Kept:
    """Return those of the ``rows`` that are kept."""
    stays = ~(repeats.is_repeat | _is_unlocated(rows))
    return Kept(rows.filter(pa.array(stays)), repeats.shares_id[stays])


def aside(
    rows: pa.Table, repeats: Repeats, ordered: Sequence[Reading], newer: Mapping[int, int]
) -> pa.Table:
    """
    Return every row that is not kept, and why.

    Parameters
    ----------
    rows : pyarrow.Table
        As ``duplicates.together`` gives it.
    repeats : Repeats
        Which of them come again.
    ordered : sequence of Reading
        The members, oldest publication first.
    newer : mapping of int to int
        Superseded members, and the member that took their place.

    Returns
    -------
    pyarrow.Table
        ``ASIDE`` and ``source``, one chunk a column.
    """
    unlocated = np.flatnonzero(_is_unlocated(rows) & ~repeats.is_repeat)
    tables = [
        *_of_members(ordered, newer),
        _repeats(rows, repeats.by_api_id, "id", "api_id", ordered),
        _repeats(rows, repeats.by_crime_id, "Crime ID", "crime_id", ordered),
        _set_aside(rows, unlocated, "unlocated", pa.scalar("no coordinates"), None, None),
    ]
    return pa.concat_tables(tables).combine_chunks()


def balance(records: pa.Table, aside: pa.Table, ordered: Sequence[Reading]) -> pd.DataFrame:
    """
    Count what became of the rows of each member.

    Parameters
    ----------
    records, aside : pyarrow.Table
        Rows kept and rows set aside, each with its ``source``.
    ordered : sequence of Reading
        The members.

    Returns
    -------
    DataFrame
        ``schema.ACCOUNT``.

    Raises
    ------
    SchemaError
        If the parts do not add up to the rows read: a fault of this program, never of the data.
    """
    n = len(ordered)
    source = aside["source"].to_numpy()
    account = pd.DataFrame(
        {
            "file": [reading.member.label for reading in ordered],
            "member": [reading.member.name for reading in ordered],
            "rows_in": np.array([reading.batch.rows_in for reading in ordered], np.int64),
            "kept": np.bincount(records["source"].to_numpy(), minlength=n),
        }
        | {
            status: np.bincount(source[pc.equal(aside["status"], status).to_numpy()], minlength=n)
            for status in _STATUSES
        }
    )
    parts = account[["kept", *_STATUSES]].sum(axis=1)
    wrong = account[parts != account["rows_in"]]
    if len(wrong):
        first = wrong.iloc[0]
        raise SchemaError(
            f"The account of {first['file']} {first['member']} does not balance: "
            f"{first['rows_in']} rows read, {parts[wrong.index[0]]} accounted for. "
            "Nothing was written; please report this with the file."
        )
    return account.sort_values(list(schema.ACCOUNT.key), ignore_index=True)


def records_table(records: pa.Table, ordered: Sequence[Reading]) -> pd.DataFrame:
    """Return the rows kept as ``schema.RECORDS``, texts that repeat as categories."""
    return _frame(records.append_column("file", _files(records, ordered)), schema.RECORDS)


def set_aside_table(aside: pa.Table, ordered: Sequence[Reading]) -> pd.DataFrame:
    """Return the rows set aside as ``schema.SET_ASIDE``, sorted by file and line."""
    place_of = np.argsort(np.argsort([reading.member.file for reading in ordered]))
    by_file = place_of[aside["source"].to_numpy()]
    order = np.lexsort((aside["line"].to_numpy(), by_file))
    table = aside.append_column("file", _files(aside, ordered)).take(pa.array(order))
    return _frame(table, schema.SET_ASIDE).astype({"file": "str"})


def _is_unlocated(rows: pa.Table) -> NDArray[np.bool_]:
    # Half a coordinate was quarantined, so one stands for both.
    unlocated: NDArray[np.bool_] = rows["longitude"].is_null().to_numpy()
    return unlocated


def _of_members(ordered: Sequence[Reading], newer: Mapping[int, int]) -> Iterator[pa.Table]:
    yield _ASIDE.empty_table()
    for place, reading in enumerate(ordered):
        table = reading.batch.aside
        table = table.append_column(SOURCE, with_source(place, table.num_rows))
        if place not in newer:
            yield table
            continue
        again = pa.scalar(f"this month is published again in {ordered[newer[place]].member.file}")
        rows = reading.batch.readable
        rows = rows.append_column(SOURCE, with_source(place, rows.num_rows))
        for each in (rows, table):
            yield _set_aside(each, np.arange(each.num_rows), "duplicate", again, None, None)


def _repeats(
    rows: pa.Table,
    kept_row: NDArray[np.int64],
    column: str,
    values: str,
    ordered: Sequence[Reading],
) -> pa.Table:
    again = np.flatnonzero(kept_row >= 0)
    winners = rows.select(["source", "line"]).take(pa.array(kept_row[again]))
    reason = pc.binary_join_element_wise(
        f"the same {column} comes again in ",
        _files(winners, ordered).cast(pa.string()),
        ", line ",
        winners["line"].cast(pa.string()),
        "",
    )
    return _set_aside(rows, again, "duplicate", reason, column, values)


def _set_aside(
    rows: pa.Table,
    which: NDArray[np.int64],
    status: str,
    reason: pa.Scalar | pa.ChunkedArray,
    column: str | None,
    values: str | None,
) -> pa.Table:
    n = len(which)
    taken = rows.take(pa.array(which, pa.int64()))
    columns = {
        "line": taken["line"],
        "status": pa.repeat(status, n),
        "reason": pa.repeat(reason, n) if isinstance(reason, pa.Scalar) else reason,
        "column": pa.repeat(pa.scalar(column, pa.string()), n),
        "value": taken[values] if values else pa.nulls(n, pa.string()),
        "month": taken["month"],
        "crime_type": taken["crime_type"].cast(pa.string()),
        "source": taken["source"],
    }
    return pa.table([columns[name] for name in _ASIDE.names], schema=_ASIDE)


def _files(rows: pa.Table, ordered: Sequence[Reading]) -> pa.DictionaryArray:
    names = pa.array([reading.member.file for reading in ordered], pa.string()).dictionary_encode()
    place = names.indices.take(whole(rows["source"]))
    return pa.DictionaryArray.from_arrays(place, names.dictionary)


def _told_apart(records: pa.Table) -> pa.Array:
    """Return Crime IDs that offences share, with the API's id or the type's number."""
    number = whole(records["crime_type"]).indices.cast(pa.string())
    by_type = pc.binary_join_element_wise("type", number, "")
    offence = pc.coalesce(whole(records["api_id"]), by_type)
    return pc.binary_join_element_wise(whole(records["crime_id"]), offence, "-")


def _made_ids(records: pa.Table) -> pa.Array:
    """Return the hash of each row and a number among equal ones."""
    # Categories are hashed as their text, so the result is the same in every run; equal rows get
    # running numbers, and which of them gets which does not matter.
    hashes = pd.util.hash_pandas_object(records.to_pandas(), index=False)
    numbers = hashes.groupby(hashes, sort=False).cumcount()
    hexes = np.frombuffer(hashes.to_numpy().astype(">u8").tobytes().hex().encode(), "S16")
    months, month = np.unique(records["month"].to_numpy(), return_inverse=True)
    month_names = pa.array(np.datetime_as_string(months, unit="M"))
    is_asb = pc.equal(records["crime_type"].cast(pa.string()), ASB)
    return pc.binary_join_element_wise(
        pc.if_else(is_asb, "asb", "crime").combine_chunks(),
        month_names.take(pa.array(month)),
        pa.array(hexes).cast(pa.string()),
        pa.array(numbers.to_numpy()).cast(pa.string()),
        "-",
    )


def _frame(table: pa.Table, wanted: Schema) -> pd.DataFrame:
    """Return columns in pandas, texts that repeat as categories of ``str``."""
    columns = [whole(table[name]) for name in wanted.names]
    spelt = [
        # Of no categories at all, pandas could not tell that they are text.
        pa.nulls(len(column), pa.string()) if _has_no_words(column) else column
        for column in columns
    ]
    frame: pd.DataFrame = pa.table(spelt, wanted.names).to_pandas()
    return frame


def _has_no_words(column: pa.Array) -> bool:
    return isinstance(column, pa.DictionaryArray) and not len(column.dictionary)
