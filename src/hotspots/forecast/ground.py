"""Map points with their catchments, and the areas that catchments share with tiles."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from hotspots.forecast.clip import shared_with_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOWHERE = -1
"""Unit or tile of a point that is in none."""

LEAST_SPILL_M2 = 0.01
"""Smaller overlaps are rounding errors of areas of thousands of square metres."""

_COLUMN = np.int64(1) << 32
_is_not = np.frompyfunc(operator.is_not, 2, 1)


@dataclass(frozen=True)
class MapPoints:
    """
    The map points of a list, as known at an origin.

    Attributes
    ----------
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    cells : array of Polygon, shape (n_points,)
        Catchments; missing where a point was not seen yet, and such points are nowhere.
    """

    xy: NDArray[np.float64]
    cells: NDArray[np.object_]

    @cached_property
    def seen(self) -> NDArray[np.int64]:
        """Points with a catchment."""
        return np.flatnonzero(~shapely.is_missing(self.cells))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(self.xy[self.seen]))

    def without(self, known: MapPoints) -> MapPoints:
        """Return the same list with those points alone seen that were not among others."""
        cells = self.cells.copy()
        cells[known.seen] = None
        return MapPoints(self.xy, cells)

    def inside(self, shapes: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return pairs of a shape and a point seen that lies in it, edges included."""
        holder, found = self._tree.query(shapes, predicate="intersects")
        return holder, self.seen[found]

    def near(
        self, wanted: NDArray[np.int64], *, reach_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return pairs of a row of ``wanted`` and a point seen within reach of it, itself too."""
        tree = cKDTree(self.xy[self.seen])
        near = tree.query_ball_point(self.xy[wanted], reach_m, return_sorted=True)
        at = np.repeat(np.arange(len(wanted)), [len(each) for each in near])
        found = np.array([row for each in near for row in each], dtype=np.int64)
        return at, self.seen[found]

    def changed_since(self, before: MapPoints) -> NDArray[np.bool_]:
        """Mark the points whose catchment is not the very same object any more."""
        return np.asarray(_is_not(self.cells, before.cells), dtype=bool)


@dataclass(frozen=True)
class Spills:
    """
    Where catchments reach beyond the tile of their point.

    Attributes
    ----------
    point : array of int64, shape (n_spills,)
    key : array of int64, shape (n_spills,)
        What the tile it reaches into is known by; -1 where that is none.
    m2 : array of float64, shape (n_spills,)
        How much of the catchment lies there.
    """

    point: NDArray[np.int64]
    key: NDArray[np.int64]
    m2: NDArray[np.float64]

    def renewed(self, changed: NDArray[np.bool_], by: Spills) -> Spills:
        """Return these spills with those of changed points replaced."""
        kept = ~changed[self.point]
        pairs = zip((self.point, self.key, self.m2), (by.point, by.key, by.m2), strict=True)
        return Spills(*(np.concatenate([old[kept], new]) for old, new in pairs))


def square_keys(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each square of a grid, counted east and north from the origin, one number."""
    return np.asarray(places[:, 0] * _COLUMN + places[:, 1])


def square_spills(points: MapPoints, wanted: NDArray[np.int64], *, size_m: float) -> Spills:
    """
    Find which squares of a grid catchments reach into.

    Parameters
    ----------
    points : MapPoints
    wanted : array of int64
        Points to do this for, all of them seen.
    size_m : float
        Side of a square; corners lie on multiples of it.
    """
    home = np.floor(points.xy[wanted] / size_m).astype(np.int64)
    bounds = np.floor(shapely.bounds(points.cells[wanted]) / size_m).astype(np.int64)
    low, wide = bounds[:, :2], bounds[:, 2:] - bounds[:, :2] + 1
    n_over = wide.prod(axis=1)
    owner = np.repeat(np.arange(len(wanted)), n_over)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(n_over) - n_over, n_over)
    over = low[owner] + np.column_stack([nth % wide[owner, 0], nth // wide[owner, 0]])
    away = (over != home[owner]).any(axis=1)
    owner, over = owner[away], over[away]
    boxes = np.hstack([over, over + 1]) * size_m
    m2 = shared_with_boxes(points.cells[wanted], owner, boxes)
    kept = m2 > LEAST_SPILL_M2
    return Spills(wanted[owner[kept]], square_keys(over[kept]), m2[kept])


def area_spills(
    points: MapPoints,
    wanted: NDArray[np.int64],
    *,
    tile: NDArray[np.int64],
    shapes: NDArray[np.object_],
) -> Spills:
    """
    Find which areas catchments reach into.

    Parameters
    ----------
    points : MapPoints
    wanted : array of int64
        Points to do this for, all of them seen and in an area.
    tile : array of int64, shape (n_points,)
        Area of each point.
    shapes : array of Polygon or MultiPolygon, shape (n_tiles,)
        They do not overlap.
    """
    shapely.prepare(shapes)
    cells = points.cells
    over = wanted[~shapely.contains(shapes[tile[wanted]], cells[wanted])]
    near, other = shapely.STRtree(shapes).query(cells[over], predicate="intersects")
    shared = shapely.area(shapely.intersection(cells[over[near]], shapes[other]))
    # What no area holds, such as sea, is charged as well.
    rest = shapely.area(cells[over]) - np.bincount(near, shared, minlength=len(over))
    away = (other != tile[over[near]]) & (shared > LEAST_SPILL_M2)
    sea = rest > LEAST_SPILL_M2
    return Spills(
        np.concatenate([over[near][away], over[sea]]),
        np.concatenate([other[away], np.full(int(sea.sum()), NOWHERE)]),
        np.concatenate([shared[away], rest[sea]]),
    )
