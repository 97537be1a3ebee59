"""Long ids compared and sorted by their first bytes, and in full only where these agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD_BYTES = 8


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return ``column`` as one array, without a copy if it lies in one piece."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


PRINTED = bytes(range(ord("!"), ord("~") + 1))
"""The letters of ASCII that can be seen."""


def has_only(texts: pa.Array, letters: bytes) -> bool:
    """
    Say whether the texts are of some letters of ASCII alone, by a look at them all at once.

    Of a slice it looks at what lies around it too.
    """
    found = texts.buffers()[2]
    return found is None or not found.to_pybytes().translate(None, letters)


def sorted_rows(texts: pa.Array, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Return some ``rows`` in the order that sorts their texts by their UTF-8 bytes.

    Parameters
    ----------
    texts : pyarrow.Array of string
    rows : array of int64, shape (n,)
        Row numbers; none of their texts null.

    Returns
    -------
    array of int64, shape (n,)
        The rows in sorted order; equal texts in any order.
    """
    order = rows.copy()
    open_at = np.arange(len(rows))  # where rows are alike as far as they were compared
    group = np.zeros(len(rows), np.uint64)  # rows that are alike share a number
    n_bytes = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    n_compared = 0
    while len(here := order[open_at]) and n_compared < n_bytes[here].max():
        # Looked up as they lie in memory, which is much faster than in the order found so far.
        as_they_lie = np.argsort(here)
        here, group = here[as_they_lie], group[as_they_lie]
        # The number of the group and as many bytes as there is room for, sorted as one number.
        room = (64 - int(group.max()).bit_length()) // 8
        words = _words(texts, here, n_compared)
        keys = (group << np.uint64(8 * room)) | (words >> np.uint64(64 - 8 * room))
        by_key = np.argsort(keys)
        order[open_at] = here[by_key]
        differs = np.diff(keys[by_key]) != 0
        is_open = ~(np.append(True, differs) & np.append(differs, True))
        group = np.append(0, np.cumsum(differs))[is_open].astype(np.uint64)
        open_at = open_at[is_open]
        n_compared += room
    # What is left differs at most in zero bytes at its end, which were also filled in.
    order[open_at] = here[np.lexsort((n_bytes[here], group))]
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
    keys = _words(texts, valid, 0)
    by_key = np.argsort(keys)
    same = np.diff(keys[by_key]) == 0
    tied = np.append(same, False) | np.append(False, same) if len(valid) else np.zeros(0, bool)
    rows = np.sort(valid[by_key[tied]])
    encoded = texts.take(pa.array(rows)).dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    last = np.zeros(len(encoded.dictionary), np.int64)
    last[codes] = rows  # where an index repeats, numpy keeps what was assigned last
    found = np.full(len(texts), -1, np.int64)
    again = last[codes] != rows
    found[rows[again]] = last[codes][again]
    return found


def _words(texts: pa.Array, rows: NDArray[np.int64], skip_bytes: int) -> NDArray[np.uint64]:
    """Return eight bytes of each text as a number, the first weighing most; zeros past its end."""
    words = np.zeros(len(rows), np.uint64)
    if not len(rows):
        return words
    _, offset_bytes, text_bytes = texts.cast(pa.string()).buffers()
    offsets = np.frombuffer(offset_bytes, np.int32)[texts.offset :]
    starts = offsets[rows] + skip_bytes
    n_bytes = np.clip(offsets[rows + 1] - starts, 0, _WORD_BYTES)
    data = np.frombuffer(text_bytes, np.uint8) if text_bytes else np.zeros(0, np.uint8)
    is_full = n_bytes == _WORD_BYTES
    if is_full.any():
        # Eight bytes from each place of the text, read as one number: a view, not a copy.
        shape = (len(data) - _WORD_BYTES + 1,)
        eights = np.ndarray(shape, ">u8", data, strides=(1,))
        if is_full.all():
            return eights[starts].astype(np.uint64)
        words[is_full] = eights[starts[is_full]]
    for place in range(_WORD_BYTES - 1):
        longer = np.flatnonzero(~is_full & (n_bytes > place))
        weight = np.uint64(8 * (_WORD_BYTES - 1 - place))
        words[longer] |= data[starts[longer] + place].astype(np.uint64) << weight
    return words
