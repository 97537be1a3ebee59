"""Small numbers: which cells of a published table are hidden, so that none can be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

VIOLENCE = "Violence and sexual offences"
VIOLENCE_LIMIT = 5
OTHER_LIMIT = 3

SHOWN = 0
FEWER = 1
NOT_SHOWN = 2
WITHHELD = 3


def limit_of(crime_type: str) -> int:
    """Return the smallest count of ``crime_type`` that is printed as it is."""
    return VIOLENCE_LIMIT if crime_type == VIOLENCE else OTHER_LIMIT


def hide(
    counts: NDArray[np.int64], limits: NDArray[np.int64], exempt: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """
    Say how each cell of a table is printed when the total of every row is known.

    A cell from one to its limit less one is hidden. Where the total, the printed cells and the
    limits would still give a hidden cell away, the smallest printed cells of its row are hidden
    too, one by one. Where even that is not enough, the whole row is withheld.

    Parameters
    ----------
    counts : array of int64, shape (n_rows, n_cells)
        Counts, 0 for none. Zeros are printed.
    limits : array of int64, shape (n_rows, n_cells) or one that broadcasts to it
        Smallest count printed as it is.
    exempt : array of bool, shape (n_rows, n_cells)
        Cells that are published elsewhere anyway, and so never hidden.

    Returns
    -------
    array of int8, shape (n_rows, n_cells)
        ``SHOWN``, ``FEWER`` (than its limit), ``NOT_SHOWN`` (hidden to protect another) or
        ``WITHHELD`` (as is its whole row).
    """
    limits = np.broadcast_to(limits, counts.shape)
    state = np.zeros(counts.shape, dtype=np.int8)
    state[(counts > 0) & (counts < limits) & ~exempt] = FEWER
    # Smallest first; a stable order makes ties fall to the first column, always.
    order = np.argsort(counts, axis=1, kind="stable")
    for _ in range(counts.shape[1]):
        exposed = _rows_exposed(counts, limits, state)
        free = (state == SHOWN) & (counts > 0) & ~exempt & exposed[:, np.newaxis]
        if not free.any():
            break
        ranked = np.take_along_axis(free, order, axis=1)
        rows = np.flatnonzero(ranked.any(axis=1))
        state[rows, order[rows, ranked[rows].argmax(axis=1)]] = NOT_SHOWN
    hopeless = _rows_exposed(counts, limits, state)
    state[hopeless[:, np.newaxis] & (counts > 0) & ~exempt] = WITHHELD
    return state


def _rows_exposed(
    counts: NDArray[np.int64], limits: NDArray[np.int64], state: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Say in which rows a reader could pin a hidden small cell to one value from the total."""
    hidden = state != SHOWN
    rest = np.where(hidden, counts, 0).sum(axis=1, keepdims=True)
    least = np.where(state == FEWER, 1, np.where(hidden, limits, 0))
    # A cell hidden for another's sake can hold anything that the total still allows.
    most = np.where(state == FEWER, limits - 1, np.where(hidden, rest, 0))
    low = np.maximum(least, rest - (most.sum(axis=1, keepdims=True) - most))
    high = np.minimum(most, rest - (least.sum(axis=1, keepdims=True) - least))
    exposed: NDArray[np.bool_] = np.any((state == FEWER) & (low >= high), axis=1)
    return exposed
