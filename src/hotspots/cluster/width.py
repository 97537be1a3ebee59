"""How wide a union of shapes is, from how far each of them reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIRECTIONS = 32
"""Directions in which the reach of a shape is kept; even, so that each has its opposite."""

_ANGLES = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
_UNIT = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
# The true width lies between two kept directions at worst; this makes the estimate an upper bound.
_WIDTH_MARGIN = 1 / np.cos(np.pi / DIRECTIONS)

_PAIRS_AT_ONCE = 2048


def reaches(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """
    How far each shape reaches in each of ``DIRECTIONS`` directions.

    Parameters
    ----------
    shapes : array of Polygon, shape (n,)

    Returns
    -------
    array of float64, shape (n, DIRECTIONS)
        Greatest projection of a corner on each direction, in metres. The reach of a union is the
        maximum of its parts' reaches.
    """
    corners, index = shapely.get_coordinates(shapes, return_index=True)
    if not len(shapes):
        return np.empty((0, DIRECTIONS))
    starts = np.searchsorted(index, np.arange(len(shapes)))
    return np.asarray(np.maximum.reduceat(corners @ _UNIT.T, starts, axis=0))


def disc_reaches(xy: NDArray[np.float64], radius_m: float) -> NDArray[np.float64]:
    """
    How far a disc about each place reaches in each of ``DIRECTIONS`` directions.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Metres.
    radius_m : float

    Returns
    -------
    array of float64, shape (n, DIRECTIONS)
    """
    return np.asarray(xy @ _UNIT.T + radius_m)


def widths(reach: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Greatest distance between two corners, from reaches.

    Parameters
    ----------
    reach : array of float64, shape (..., DIRECTIONS)
        Or of some of them, each with its opposite half the row away: no more than the whole gives.

    Returns
    -------
    array of float64, shape (...)
        Metres; of all directions never less than the true width, and at most 0.5 % more.
    """
    half = reach.shape[-1] // 2
    return np.asarray((reach[..., :half] + reach[..., half:]).max(axis=-1) * _WIDTH_MARGIN)


def union_widths(
    reach: NDArray[np.float64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """
    Widths of the unions of pairs of shapes.

    Parameters
    ----------
    reach : array of float64, shape (n, DIRECTIONS)
    a, b : array of int64, shape (n_pairs,)
        Rows of ``reach``.

    Returns
    -------
    array of float64, shape (n_pairs,)
        Those of ``widths``.
    """
    width = np.empty(len(a))
    # Some pairs at a time: they stay in the processor's cache, which takes half the time or less.
    for start in range(0, len(a), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        both = reach.take(a[some], axis=0)
        np.maximum(both, reach.take(b[some], axis=0), out=both)
        width[some] = widths(both)
    return width
