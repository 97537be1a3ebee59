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

    Returns
    -------
    array of float64, shape (...)
        Metres; never less than the true width, and at most 0.5 % more.
    """
    half = DIRECTIONS // 2
    return np.asarray((reach[..., :half] + reach[..., half:]).max(axis=-1) * _WIDTH_MARGIN)
