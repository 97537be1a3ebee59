"""A grid of places over polygons, laid in one go for many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

STEP_M = 10.0
"""Distance between places of the grid."""

CHUNK = 400_000
"""Places laid at a time, so that memory stays bounded."""


def chunks(
    polygons: NDArray[np.object_], *, step_m: float = STEP_M, most: int = CHUNK
) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.int64]]]:
    """
    Lay a grid of places over each polygon, its inner point included, some polygons at a time.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        Metres, EPSG:27700.
    step_m : float
        Distance between places; the grid of a polygon begins half a step inside its box.
    most : int
        Places of boxes in one chunk; a polygon that needs more has one to itself.

    Yields
    ------
    part : slice
        The polygons of the chunk.
    places : array of float64, shape (m, 2)
    owner : array of int64, shape (m,)
        Polygon of each place, counted from the first of the chunk.
    """
    bounds = shapely.bounds(polygons)
    sides = np.ceil((bounds[:, 2:] - bounds[:, :2] - step_m / 2) / step_m)
    sides = np.maximum(sides, 0).astype(np.int64)
    ends = np.cumsum(sides.prod(axis=1))
    first = 0
    while first < len(polygons):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + most, side="right")))
        part = slice(first, last)
        yield part, *_lay(polygons[part], bounds[part, :2], sides[part], step_m)
        first = last


def _lay(
    polygons: NDArray[np.object_],
    corner: NDArray[np.float64],
    sides: NDArray[np.int64],
    step_m: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    number = sides.prod(axis=1)
    owner = np.repeat(np.arange(len(polygons)), number)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    across = sides[owner, 0]
    steps = np.column_stack([place % np.maximum(across, 1), place // np.maximum(across, 1)])
    grid = corner[owner] + step_m / 2 + step_m * steps
    shapely.prepare(polygons)
    inside = shapely.contains_xy(polygons[owner], grid[:, 0], grid[:, 1])
    centre = shapely.get_coordinates(shapely.point_on_surface(polygons))
    return (
        np.vstack([grid[inside], centre]),
        np.concatenate([owner[inside], np.arange(len(polygons))]),
    )
