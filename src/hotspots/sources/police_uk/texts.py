"""Long ids compared and sorted by their first bytes, and in full only where these agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PREFIX_BYTES = 8


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return ``column`` as one array, without a copy if it lies in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def sorted_rows(texts: pa.Array) -> NDArray[np.int64]:
    """
    Return the order that sorts ``texts`` by their UTF-8 bytes.

    Parameters
    ----------
    texts : pyarrow.Array of string, length n
        None of them null.

    Returns
    -------
    array of int64, shape (n,)
        Row numbers in sorted order; equal texts in any order.
    """
    order, tied = _by_prefix(texts, np.arange(len(texts)))
    unsettled = order[tied]
    order[tied] = unsettled[pc.sort_indices(texts.take(pa.array(unsettled))).to_numpy()]
    return order


def last_equal(texts: pa.Array) -> NDArray[np.int64]:
    """
    Find for each text the last row that has the same.

    Parameters
    ----------
    texts : pyarrow.Array of string, length n
        May hold nulls, which equal nothing.

    Returns
    -------
    array of int64, shape (n,)
        That row, or -1 where the row itself is the last, or null.
    """
    valid = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False))
    order, tied = _by_prefix(texts, valid)
    rows = np.sort(order[tied])
    encoded = texts.take(pa.array(rows)).dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    last = np.zeros(len(encoded.dictionary), np.int64)
    last[codes] = rows  # where an index repeats, numpy keeps what was assigned last
    found = np.full(len(texts), -1, np.int64)
    again = last[codes] != rows
    found[rows[again]] = last[codes][again]
    return found


def _by_prefix(
    texts: pa.Array, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Sort ``rows`` by the first bytes of their text; say which share these with a neighbour."""
    keys = _prefixes(texts, rows)
    by_key = np.argsort(keys, kind="stable")
    same = np.diff(keys[by_key]) == 0
    tied = np.append(same, False) | np.append(False, same) if len(rows) else np.zeros(0, bool)
    return rows[by_key], tied


def _prefixes(texts: pa.Array, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the first eight bytes of each text as a number, the first byte weighing most."""
    keys = np.zeros(len(rows), np.uint64)
    if not len(rows):
        return keys
    _, offset_bytes, text_bytes = texts.cast(pa.string()).buffers()
    offsets = np.frombuffer(offset_bytes, np.int32)[texts.offset :]
    starts, ends = offsets[rows], offsets[rows + 1]
    data = np.frombuffer(text_bytes, np.uint8)
    data = data if len(data) else np.zeros(1, np.uint8)
    for place in range(_PREFIX_BYTES):
        at = starts + place
        byte = np.where(at < ends, data[np.minimum(at, len(data) - 1)], 0)
        keys = (keys << np.uint64(8)) | byte.astype(np.uint64)
    return keys
