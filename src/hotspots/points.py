"""
Map points: their lists, catchments, neighbours and counts.

police.uk moves every incident to the nearest point of a fixed list, so an area's crime is a
matrix of map points by months by crime types. Everything that analysis needs of the ground is
here: which list a month uses, the catchment of each point, who its neighbours are, and how
many incidents it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from scipy import sparse
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHARE_WITH_LAST_MONTH = 0.15
SHARE_WITH_ALL_BEFORE = 0.50
"""A list is new where a month shares fewer of its points than both of these (METHODS §2)."""

CATCHMENT_CAP_M = 100.0
"""A catchment reaches no further than this from its point (METHODS §2)."""

REBASE_REACH_M = 150.0
"""An old point's incidents move to the nearest new point no further than this (METHODS §2)."""

_DEGREES = pa.decimal128(9, 6)  # which spells all six decimals


def detect_lists(seen: pd.DataFrame) -> pd.Series:
    """
    Say which list of map points each month uses, from the data alone.

    Parameters
    ----------
    seen : DataFrame
        Columns ``month`` and ``point``, the number of its place from 0; rows may repeat, any order.

    Returns
    -------
    Series of str, indexed by month in order
        List of each month, named ``list-YYYY-MM`` after its first month. A list begins where a
        month shares under 15 % of its points with the month before it and under half with all
        points seen before.
    """
    point = seen["point"].to_numpy()
    n_points = int(point.max(initial=-1)) + 1
    number, every = pd.factorize(seen["month"], sort=True)
    pairs = np.sort(number * n_points + point)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    lists: dict[pd.Timestamp, str] = {}
    known, last = np.zeros(n_points, dtype=bool), np.zeros(n_points, dtype=bool)
    current = ""
    for place, month in enumerate(pd.DatetimeIndex(every)):
        first, end = np.searchsorted(pairs, [place * n_points, (place + 1) * n_points])
        here = pairs[first:end] - place * n_points
        is_new = last[here].sum() < SHARE_WITH_LAST_MONTH * len(here) and (
            known[here].sum() < SHARE_WITH_ALL_BEFORE * len(here)
        )
        if is_new or not current:
            current = f"list-{month:%Y-%m}"
        lists[month] = current
        known[here] = True
        last[:] = False
        last[here] = True
    months = pd.DatetimeIndex(list(lists)).as_unit("ms")
    return pd.Series(list(lists.values()), index=months, name="list_id", dtype="str")


def point_ids(list_id: pd.Series, longitude: pd.Series, latitude: pd.Series) -> pd.Series:
    """
    Name each map point by its list and published coordinates, so that no later month renames it.

    Parameters
    ----------
    list_id : Series of str
    longitude, latitude : Series of float64
        Degrees; six decimals are kept, as police.uk publishes them.

    Returns
    -------
    Series of str, indexed like ``list_id``
    """
    x, y = (
        pd.Series(pa.array(degrees.round(6)).cast(_DEGREES).cast(pa.string()), dtype="str")
        for degrees in (longitude, latitude)
    )
    places = (x + "," + y).set_axis(list_id.index)
    return list_id.str.removeprefix("list-") + ":" + places


@dataclass(frozen=True)
class CountMatrix:
    """
    Incidents as a sparse matrix of map points by (month, crime type).

    Attributes
    ----------
    point_ids : Index of str, shape (n_points,)
    months : DatetimeIndex, shape (n_months,)
        Observed months in order; a missing month is not among them.
    types : tuple of str
    values : csr_matrix of int64, shape (n_points, n_months * n_types)
        Column of month ``i`` and type ``j``: ``i * n_types + j``.
    """

    point_ids: pd.Index
    months: pd.DatetimeIndex
    types: tuple[str, ...]
    values: sparse.csr_matrix

    @classmethod
    def from_counts(
        cls,
        counts: pd.DataFrame,
        *,
        point_ids: pd.Index,
        months: pd.DatetimeIndex,
        types: Sequence[str],
    ) -> CountMatrix:
        """
        Build the matrix from a table that keeps to ``schema.COUNTS``.

        Rows of points, months or types that are not asked for are left out.
        """
        row = point_ids.get_indexer(pd.Index(counts["point_id"]))
        month = months.get_indexer(pd.DatetimeIndex(counts["month"]))
        kind = pd.Index(types).get_indexer(pd.Index(counts["crime_type"]))
        asked = (row >= 0) & (month >= 0) & (kind >= 0)
        cells = (row[asked], (month * len(types) + kind)[asked])
        shape = (len(point_ids), len(months) * len(types))
        values = sparse.coo_matrix((counts["n"].to_numpy()[asked], cells), shape=shape).tocsr()
        return cls(point_ids, months, tuple(types), values)

    def sums(self, months: NDArray[np.bool_], groups: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """
        Sum incidents over months and over groups of types.

        Parameters
        ----------
        months : array of bool, shape (n_months,)
            Months to sum over.
        groups : sequence of sequences of crime types

        Returns
        -------
        array of int64, shape (n_points, n_groups)
        """
        member = np.array([[t in group for group in groups] for t in self.types], dtype=np.int64)
        selector = sparse.csr_matrix(np.kron(months.astype(np.int64)[:, None], member))
        summed: NDArray[np.int64] = (self.values @ selector).toarray()
        return summed

    def by_month(self, group: Sequence[str]) -> NDArray[np.int64]:
        """
        Sum each month over a group of types.

        Returns
        -------
        array of int64, shape (n_points, n_months)
        """
        member = sparse.csr_matrix(np.array([[t in group] for t in self.types], dtype=np.int64))
        selector = sparse.kron(sparse.identity(len(self.months), dtype=np.int64), member)
        summed: NDArray[np.int64] = (self.values @ selector).toarray()
        return summed

    def moved(self, source: NDArray[np.int64], target: NDArray[np.int64]) -> sparse.csr_matrix:
        """Return the values with rows ``source`` added to rows ``target``; other rows are empty."""
        n = self.values.shape[0]
        ones = np.ones(len(source), dtype=np.int64)
        return sparse.csr_matrix((ones, (target, source)), shape=(n, n)) @ self.values


def nearest_within(
    from_xy: NDArray[np.float64], to_xy: NDArray[np.float64], *, reach_m: float
) -> NDArray[np.int64]:
    """
    Find the nearest target of each place.

    Parameters
    ----------
    from_xy, to_xy : array of float64, shape (n, 2) and (m, 2)
        Metres, EPSG:27700.
    reach_m : float
        Furthest distance, inclusive.

    Returns
    -------
    array of int64, shape (n,)
        Index into ``to_xy``, or -1 where none is within reach.
    """
    if not len(to_xy) or not len(from_xy):
        return np.full(len(from_xy), -1, dtype=np.int64)
    # cKDTree's bound excludes the distance itself; the next float makes it inclusive.
    bound = np.nextafter(reach_m, np.inf)
    _, index = cKDTree(to_xy).query(from_xy, distance_upper_bound=bound)
    return np.where(index == len(to_xy), -1, index).astype(np.int64)


def neighbour_distances(xy: NDArray[np.float64], *, radius_m: float) -> sparse.csr_matrix:
    """
    Distances between each two points within a radius, each point to itself left out.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    radius_m : float
        Inclusive.

    Returns
    -------
    csr_matrix of float64, shape (n_points, n_points)
        Symmetric, indices sorted; a distance of zero is stored, not dropped.
    """
    n = len(xy)
    if n == 0:
        return sparse.csr_matrix((0, 0), dtype=np.float64)
    # Cutting space in the middle builds the tree in half the time of cutting points by halves.
    tree = cKDTree(xy, leafsize=16, balanced_tree=False, compact_nodes=False)
    # As the matrix keeps them.
    one, other = tree.query_pairs(radius_m, output_type="ndarray").T.astype(np.int32)
    east, north = xy[one, 0] - xy[other, 0], xy[one, 1] - xy[other, 1]
    apart = np.sqrt(east * east + north * north)
    cells = (np.append(one, other), np.append(other, one))
    # No pair comes twice, so nothing is added up: the rows are only put in order.
    return sparse.csr_matrix((np.concatenate([apart, apart]), cells), shape=(n, n))


def catchments(
    xy: NDArray[np.float64],
    *,
    cap_m: float = CATCHMENT_CAP_M,
    only: NDArray[np.int64] | None = None,
) -> NDArray[np.object_]:
    """
    Give each point the ground nearer to it than to any other point, capped at a distance.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700; no two points the same.
    cap_m : float
        Radius of the cap, drawn as a polygon of 32 corners.
    only : array of int64, optional
        Points whose catchments are wanted; all of them if not given.

    Returns
    -------
    array of Polygon, shape (n_points,) or that of ``only``
        They do not overlap.
    """
    wanted = np.arange(len(xy)) if only is None else only
    if len(xy) < 2:  # noqa: PLR2004 - a single point has no neighbour to share ground with
        return discs(xy[wanted], cap_m)
    frame = shapely.box(*(xy.min(axis=0) - 3 * cap_m), *(xy.max(axis=0) + 3 * cap_m))
    # A line through all points holds the same corners as a set of points, and is made at once.
    collection = shapely.voronoi_polygons(shapely.linestrings(xy), extend_to=frame, ordered=True)
    cells = np.asarray(shapely.get_parts(collection))[wanted]
    is_over = furthest_corner(cells, xy[wanted]) > cap_m
    cells[is_over] = shapely.intersection(cells[is_over], discs(xy[wanted[is_over]], cap_m))
    return cells


def discs(xy: NDArray[np.float64], radius_m: float, *, corners: int = 32) -> NDArray[np.object_]:
    """
    Draw a regular polygon of a given radius about each place.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Metres, EPSG:27700.
    radius_m : float
        Distance of its corners.
    corners : int

    Returns
    -------
    array of Polygon, shape (n,)
    """
    angle = 2 * np.pi * np.arange(corners) / corners
    ring = radius_m * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(shapely.polygons(xy[:, None, :] + ring[None, :, :]))


def furthest_corner(shapes: NDArray[np.object_], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance in metres from each place to the furthest corner of its own shape."""
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    apart = np.hypot(*(corners - xy[owner]).T)
    starts = np.searchsorted(owner, np.arange(len(shapes)))
    return np.asarray(np.maximum.reduceat(apart, starts))


def grow_catchments(
    cells: NDArray[np.object_],
    furthest_m: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    seen: NDArray[np.bool_],
    new: NDArray[np.bool_],
    cap_m: float = CATCHMENT_CAP_M,
) -> NDArray[np.int64]:
    """
    Bring catchments up to date after points were seen for the first time, in place.

    A new point takes ground from another only if it lies nearer than twice the furthest corner
    of that one's cell, and a cell depends only on points within twice the cap; so the result
    equals working out all cells anew.

    Parameters
    ----------
    cells : array of Polygon, shape (n_points,)
        Catchments of the points seen so far; changed in place.
    furthest_m : array of float64, shape (n_points,)
        Distance from each point to the furthest corner of its cell; changed in place.
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    seen, new : array of bool, shape (n_points,)
        Points seen by now, and those among them that are new.
    cap_m : float

    Returns
    -------
    array of int64
        Points whose catchment was worked out anew.
    """
    if not new.any():
        return np.empty(0, dtype=np.int64)
    index = np.flatnonzero(seen)
    to_new, _ = cKDTree(xy[new]).query(xy[index])
    touched = index[(to_new <= 2 * furthest_m[index]) | new[index]]
    to_touched, _ = cKDTree(xy[touched]).query(xy[index])
    context = index[to_touched <= 2 * cap_m]
    wanted = np.searchsorted(context, touched)
    cells[touched] = catchments(xy[context], cap_m=cap_m, only=wanted)
    furthest_m[touched] = furthest_corner(cells[touched], xy[touched])
    return np.asarray(touched)


def window_months(months: pd.DatetimeIndex, *, end: pd.Timestamp, length: int) -> NDArray[np.bool_]:
    """
    Mark the observed months of a window.

    Parameters
    ----------
    months : DatetimeIndex
        Observed months.
    end : Timestamp
        Last month of the window, inclusive.
    length : int
        Calendar months in the window, missing ones included.

    Returns
    -------
    array of bool, shape (n_months,)
    """
    start = end - pd.DateOffset(months=length - 1)
    return np.asarray((months >= start) & (months <= end))


def missing_months(months: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the calendar months between the first and the last observed one that have no data."""
    gaps = [
        pd.date_range(a, b, freq="MS", inclusive="neither") for a, b in pairwise(months) if a < b
    ]
    stamps = [stamp for gap in gaps for stamp in gap]
    return pd.DatetimeIndex(stamps, dtype="datetime64[ms]")
