"""The map as it was known at the end of each month: points seen, their ground, their counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from hotspots import cluster, intensity, points

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

LEAST_RADIUS_M = 50.0
"""A hotspot reaches at least this far around each of its points (METHODS §4)."""


@dataclass(frozen=True)
class PointList:
    """
    One list of map points, with all that its neighbourhoods need.

    Attributes
    ----------
    list_id : str
    ids : Index of str, shape (n_points,)
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    first_month : DatetimeIndex, shape (n_points,)
    counts : CountMatrix
        Of the months in which the list was in force.
    near : csr_matrix
        Distances within the DBSCAN radius.
    kernels : tuple of csr_matrix
        Of ``intensity.biweight_kernels``.
    exposure : array of float64, shape (n_points,), optional
        What is exposed to crime in each catchment, such as addresses, if supplied.
    """

    list_id: str
    ids: pd.Index
    xy: NDArray[np.float64]
    first_month: pd.DatetimeIndex
    counts: points.CountMatrix
    near: sparse.csr_matrix
    kernels: tuple[sparse.csr_matrix, ...]
    exposure: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Frame:
    """
    A list as known at the end of a month; arrays are those of the list and change with time.

    Attributes
    ----------
    at : PointList
    before : tuple of PointList
        Earlier lists, oldest first.
    month : Timestamp
        The month at whose end it is known.
    seen : array of bool, shape (n_points,)
    cells : array of Polygon, shape (n_points,)
        Catchments; missing where not seen yet.
    area_m2 : array of float64, shape (n_points,)
        Of the catchments; zero where not seen yet.
    reach : array of float64, shape (n_points, DIRECTIONS)
        Of the catchments widened to 50 m about their point.
    """

    at: PointList
    before: tuple[PointList, ...]
    month: pd.Timestamp
    seen: NDArray[np.bool_]
    cells: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    reach: NDArray[np.float64]

    @cached_property
    def neighbourhood(self) -> intensity.Neighbourhood:
        """What the backgrounds of all sets over the points seen share."""
        exposure = None if self.at.exposure is None else self.at.exposure[self.seen]
        return intensity.Neighbourhood.of(self.at.xy[self.seen], exposure=exposure)

    def polygon(self, members: NDArray[np.int64]) -> shapely.Geometry:
        """Join the catchments of some points, widened to 50 m about each."""
        discs = points.discs(self.at.xy[members], LEAST_RADIUS_M)
        return shapely.union_all([*self.cells[members], *discs])

    def landing(self, older: PointList) -> NDArray[np.int64]:
        """Return the seen point nearest to each point of an earlier list, or -1 (METHODS §2)."""
        seen = np.flatnonzero(self.seen)
        nearest = points.nearest_within(older.xy, self.at.xy[seen], reach_m=points.REBASE_REACH_M)
        return np.where(nearest >= 0, seen[nearest], -1)

    def _landed(
        self, older: PointList, months: NDArray[np.bool_], groups: Sequence[Sequence[str]]
    ) -> NDArray[np.float64]:
        """Sum months of an earlier list at the seen points nearest to its own."""
        landing = self.landing(older)
        lands = np.flatnonzero(landing >= 0)
        cells = (np.ones(len(lands)), (landing[lands], lands))
        onto = sparse.csr_matrix(cells, shape=(len(self.seen), len(landing)))
        return np.asarray(onto @ older.counts.sums(months, groups).astype(np.float64))

    def window_counts(
        self, length: int, groups: Sequence[Sequence[str]], *, end: pd.Timestamp | None = None
    ) -> tuple[NDArray[np.float64], int, bool]:
        """
        Sum a window, earlier lists re-based.

        Parameters
        ----------
        length : int
            Calendar months in the window.
        groups : sequence of sequences of crime types
        end : Timestamp, optional
            Last month of the window, inclusive; the month of the frame if not given.

        Returns
        -------
        counts : array of float64, shape (n_points, n_groups)
        months_observed : int
        is_rebased : bool
            Whether months of an earlier list are among them.
        """
        end = self.month if end is None else end
        months = points.window_months(self.at.counts.months, end=end, length=length)
        months &= np.asarray(self.at.counts.months <= self.month)
        total = self.at.counts.sums(months, groups).astype(np.float64)
        observed = int(months.sum())
        is_rebased = False
        for older in self.before:
            months = points.window_months(older.counts.months, end=end, length=length)
            if not months.any():
                continue
            total += self._landed(older, months, groups)
            observed += int(months.sum())
            is_rebased = True
        return total, observed, is_rebased

    def earlier_counts(
        self, length: int, groups: Sequence[Sequence[str]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Sum all that was recorded before a window that ends with the month of the frame.

        Parameters
        ----------
        length : int
            Calendar months in the window.
        groups : sequence of sequences of crime types

        Returns
        -------
        own : array of float64, shape (n_points, n_groups)
            On the list in force.
        rebased : array of float64, shape (n_points, n_groups)
            On earlier lists, moved to the nearest seen point.
        """
        start = self.month - pd.DateOffset(months=length - 1)
        months = np.asarray(self.at.counts.months < start)
        own = self.at.counts.sums(months, groups).astype(np.float64)
        rebased = np.zeros_like(own)
        for older in self.before:
            rebased += self._landed(older, np.asarray(older.counts.months < start), groups)
        return own, rebased


def point_lists(
    table: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    coverage: pd.DataFrame,
    *,
    eps_m: float,
    exposed_xy: NDArray[np.float64] | None = None,
) -> tuple[PointList, ...]:
    """
    Set up every list of map points, oldest first.

    Parameters
    ----------
    table : GeoDataFrame
        ``schema.POINTS``.
    counts : DataFrame
        ``schema.COUNTS``.
    coverage : DataFrame
        ``schema.COVERAGE``; says which list was in force in which month.
    eps_m : float
        DBSCAN radius in metres.
    exposed_xy : array of float64, shape (n, 2), optional
        Where what is exposed to crime stands, EPSG:27700; each counts one in the catchment that
        it lies in.
    """
    in_force = coverage.dropna(subset="list_id").drop_duplicates("month")
    types = sorted(counts["crime_type"].unique())
    lists = []
    for list_id, months in in_force.groupby("list_id", sort=True)["month"]:
        own = table[table["list_id"] == list_id].sort_values("point_id")
        ids = pd.Index(own["point_id"])
        xy = own.get_coordinates().to_numpy()
        distances = points.neighbour_distances(xy, radius_m=max(intensity.RADII_M))
        matrix = points.CountMatrix.from_counts(
            counts, point_ids=ids, months=pd.DatetimeIndex(months.sort_values()), types=types
        )
        near = cluster.within(distances, eps_m=eps_m)
        kernels = intensity.biweight_kernels(distances)
        first = pd.DatetimeIndex(own["first_month"])
        exposure = None if exposed_xy is None else _exposure(exposed_xy, xy)
        lists.append(PointList(str(list_id), ids, xy, first, matrix, near, kernels, exposure))
    return tuple(lists)


def _exposure(exposed_xy: NDArray[np.float64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count what stands in each catchment; what no catchment holds is left out."""
    at = points.nearest_within(exposed_xy, xy, reach_m=points.CATCHMENT_CAP_M)
    return np.bincount(at[at >= 0], minlength=len(xy)).astype(np.float64)


def frames(
    lists: Sequence[PointList], *, wanted: Collection[pd.Timestamp] | None = None
) -> Iterator[Frame]:
    """
    Walk through the observed months, one frame each, in order.

    Nothing in a frame depends on later months. Its arrays are brought up to date in place for
    the next frame of the same list, so use each frame before taking the next.

    Parameters
    ----------
    lists : sequence of PointList
        Oldest first.
    wanted : collection of Timestamp, optional
        Months to stop at; all of them if not given.
    """
    for i, at in enumerate(lists):
        n = len(at.ids)
        cells = np.full(n, None, dtype=object)
        area_m2, reach = np.zeros(n), np.zeros((n, cluster.DIRECTIONS))
        months = [month for month in at.counts.months if wanted is None or month in wanted]
        for month, grown in zip(months, _ahead(_growth(at, months)), strict=True):
            cells[grown.touched] = grown.cells
            area_m2[grown.touched] = grown.area_m2
            reach[grown.touched] = grown.reach
            yield Frame(at, tuple(lists[:i]), month, grown.seen, cells, area_m2, reach)


@dataclass(frozen=True)
class _Growth:
    """The points seen by a month's end, and the catchments that it changed."""

    seen: NDArray[np.bool_]
    touched: NDArray[np.int64]
    cells: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    reach: NDArray[np.float64]


def _growth(at: PointList, months: Sequence[pd.Timestamp]) -> Iterator[_Growth]:
    """Bring the catchments of a list up to date, month by month."""
    cells = np.full(len(at.ids), None, dtype=object)
    furthest_m = np.zeros(len(at.ids))
    known = np.zeros(len(at.ids), dtype=bool)
    for month in months:
        seen = np.asarray(at.first_month <= month)
        new, known = seen & ~known, seen
        touched = points.grow_catchments(cells, furthest_m, at.xy, seen=seen, new=new)
        own = cells[touched]
        discs = cluster.disc_reaches(at.xy[touched], LEAST_RADIUS_M)
        reach = np.maximum(cluster.reaches(own), discs)
        yield _Growth(seen, touched, own, shapely.area(own), reach)


def _ahead(steps: Iterator[_Growth]) -> Iterator[_Growth]:
    """Work out each step in a thread while the one before is used: geometry leaves Python free."""
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(next, steps, None)
        while (step := upcoming.result()) is not None:
            upcoming = pool.submit(next, steps, None)
            yield step
