"""The three tables of an ingest: records kept, rows set aside, and the account that balances."""

from __future__ import annotations

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
from hotspots.sources.police_uk.texts import sorted_rows, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.sources.police_uk.duplicates import Reading, Repeats

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
_ASIDE = ASIDE.append(SOURCE)


def kept(rows: pa.Table, repeats: Repeats) -> pa.Table:
    """Return the ``rows`` that are neither published again nor without coordinates."""
    return rows.filter(pa.array(~(repeats.is_repeat | _is_unlocated(rows)))).combine_chunks()


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
    """Return the rows kept as ``schema.RECORDS``, sorted by ``incident_id``."""
    ids = _incident_ids(records)
    order = pa.array(sorted_rows(ids))
    columns = {
        "incident_id": ids,
        "file": _files(records, ordered),
        **{name: records[name] for name in records.column_names},
    }
    table = pa.table([columns[name] for name in schema.RECORDS.names], schema.RECORDS.names)
    return _frame(table.take(order))


def set_aside_table(aside: pa.Table, ordered: Sequence[Reading]) -> pd.DataFrame:
    """Return the rows set aside as ``schema.SET_ASIDE``, sorted by file and line."""
    place_of = np.argsort(np.argsort([reading.member.file for reading in ordered]))
    by_file = place_of[aside["source"].to_numpy()]
    order = np.lexsort((aside["line"].to_numpy(), by_file))
    table = aside.append_column("file", _files(aside, ordered)).select(schema.SET_ASIDE.names)
    return _frame(table.take(pa.array(order)))


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
    names = pa.array([reading.member.file for reading in ordered], pa.string())
    return pa.DictionaryArray.from_arrays(whole(rows["source"]), names)


def _incident_ids(records: pa.Table) -> pa.Array:
    """Return the Crime ID, or the API's id, or a hash of the row and a number among equals."""
    ids = whole(records["crime_id"])
    if records["api_id"].null_count < len(records):
        api_ids = pc.binary_join_element_wise("api", whole(records["api_id"]), "-")
        ids = pc.coalesce(ids, api_ids)
    is_without = ids.is_null()
    without = np.flatnonzero(is_without.to_numpy(zero_copy_only=False))
    if not len(without):
        return ids
    return pc.replace_with_mask(ids, is_without, _made_ids(records.take(pa.array(without))))


def _made_ids(records: pa.Table) -> pa.Array:
    # Categories are hashed as their text, so the result is the same in every run; equal rows get
    # running numbers, and which of them gets which does not matter.
    hashes = pd.util.hash_pandas_object(records.select(_CONTENT).to_pandas(), index=False)
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


def _frame(table: pa.Table) -> pd.DataFrame:
    """Return ``table`` in pandas, texts as ``str`` and not as categories."""
    plain = pa.schema(
        [
            (each.name, pa.large_string() if _is_text(each.type) else each.type)
            for each in table.schema
        ]
    )
    frame: pd.DataFrame = table.cast(plain).to_pandas()
    return frame


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind))
