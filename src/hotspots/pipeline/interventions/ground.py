"""Areas of interventions, and what was reported in them month by month on every point list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from hotspots import points
from hotspots.pipeline.frames import LEAST_RADIUS_M

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Listed:
    """
    A list of map points and the counts of its months.

    Attributes
    ----------
    ids : Index of str, shape (n_points,)
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    first_month : DatetimeIndex, shape (n_points,)
    counts : CountMatrix
    """

    ids: pd.Index
    xy: NDArray[np.float64]
    first_month: pd.DatetimeIndex
    counts: points.CountMatrix

    def polygon(self, members: NDArray[np.int64], *, before: pd.Timestamp) -> BaseGeometry:
        """Join the catchments of some points as known before a month, widened to 50 m."""
        seen = np.asarray(self.first_month < before)
        seen[members] = True
        index = np.flatnonzero(seen)
        near = points.nearest_within(
            self.xy[index], self.xy[members], reach_m=2 * points.CATCHMENT_CAP_M
        )
        context = index[near >= 0]
        only = np.searchsorted(context, np.sort(members))
        cells = points.catchments(self.xy[context], only=only)
        discs = points.discs(self.xy[members], LEAST_RADIUS_M)
        return shapely.union_all([*cells, *discs])


@dataclass(frozen=True)
class Records:
    """
    All that was reported, by list.

    Attributes
    ----------
    lists : tuple of Listed
        Oldest first.
    months : DatetimeIndex
        Observed months of all lists, in order.
    types : tuple of str
    """

    lists: tuple[Listed, ...]
    months: pd.DatetimeIndex
    types: tuple[str, ...]

    @classmethod
    def of(cls, table: gpd.GeoDataFrame, counts: pd.DataFrame, coverage: pd.DataFrame) -> Records:
        """Set up from ``schema.POINTS``, ``schema.COUNTS`` and ``schema.COVERAGE``."""
        in_force = coverage.dropna(subset="list_id").drop_duplicates("month")
        types = tuple(sorted(counts["crime_type"].unique()))
        lists = []
        for list_id, months in in_force.groupby("list_id", sort=True)["month"]:
            own = table[table["list_id"] == list_id].sort_values("point_id")
            ids = pd.Index(own["point_id"])
            matrix = points.CountMatrix.from_counts(
                counts, point_ids=ids, months=pd.DatetimeIndex(months.sort_values()), types=types
            )
            xy = own.get_coordinates().to_numpy()
            lists.append(Listed(ids, xy, pd.DatetimeIndex(own["first_month"]), matrix))
        every = [stamp for each in lists for stamp in each.counts.months]
        return cls(tuple(lists), pd.DatetimeIndex(every), types)

    def basis(self, start: pd.Timestamp) -> Basis:
        """Look at all lists from the one in force before a month."""
        before = [each for each in self.lists if (each.counts.months < start).any()]
        at = before[-1] if before else self.lists[0]
        landings = tuple(
            np.arange(len(at.ids))
            if each is at
            else points.nearest_within(each.xy, at.xy, reach_m=points.REBASE_REACH_M)
            for each in self.lists
        )
        return Basis(self, at, landings)

    def hotspot(
        self, past: pd.DataFrame, hotspot_id: str, *, before: pd.Timestamp
    ) -> BaseGeometry | None:
        """Draw a hotspot as on the last map before a month, from ``schema.PAST_MAPS``."""
        rows = past[(past["hotspot_id"] == hotspot_id) & (past["window_end"] < before)]
        if rows.empty:
            return None
        last = rows.loc[rows["window_end"] == rows["window_end"].max(), "point_id"]
        for each in self.lists:
            members = each.ids.get_indexer(pd.Index(last))
            if (members >= 0).all():
                return each.polygon(np.sort(members).astype(np.int64), before=before)
        return None


@dataclass(frozen=True)
class Basis:
    """
    The list in force before an action, with the points of every list moved to it.

    Attributes
    ----------
    records : Records
    at : Listed
    landings : tuple of array of int64
        Of each list, the point of ``at`` that each of its points counts for: the nearest within
        150 m, or -1.
    """

    records: Records
    at: Listed
    landings: tuple[NDArray[np.int64], ...]

    def within(self, shape: BaseGeometry, *, reach_m: float = 0.0) -> NDArray[np.bool_]:
        """Say which points lie in a shape or so near to it."""
        shapely.prepare(shape)
        places = shapely.points(self.at.xy)
        if not reach_m:
            return np.asarray(shapely.intersects(shape, places))
        return np.asarray(shapely.dwithin(places, shape, reach_m))

    def labels_on(self, label: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Give the points of every list the label of the point that they count for, or -1."""
        return [np.where(landing >= 0, label[landing], -1) for landing in self.landings]

    def by_region(self, label: NDArray[np.int64], n_regions: int) -> NDArray[np.float64]:
        """
        Count incidents by region, month and type.

        Parameters
        ----------
        label : array of int64, shape (n_points,)
            Region of each point of ``at``, or -1.
        n_regions : int

        Returns
        -------
        array of float64, shape (n_regions, n_months, n_types)
        """
        parts = []
        lists = self.records.lists
        for each, own in zip(lists, self.labels_on(label), strict=True):
            rows = np.flatnonzero(own >= 0)
            ones = np.ones(len(rows))
            pick = sparse.csr_matrix((ones, (own[rows], rows)), shape=(n_regions, len(own)))
            counts = (pick @ each.counts.values).toarray()
            parts.append(counts.reshape(n_regions, len(each.counts.months), -1))
        return np.concatenate(parts, axis=1)

    def by_point(self, months: NDArray[np.bool_], types: tuple[str, ...]) -> NDArray[np.float64]:
        """Count incidents of some types over some months at each point of ``at``."""
        total, start = np.zeros(len(self.at.ids)), 0
        for each, landing in zip(self.records.lists, self.landings, strict=True):
            n = len(each.counts.months)
            own = each.counts.sums(months[start : start + n], [types])[:, 0]
            lands = landing >= 0
            np.add.at(total, landing[lands], own[lands])
            start += n
        return total

    def everywhere(self) -> NDArray[np.float64]:
        """Count incidents of the whole area, shape (n_months, n_types)."""
        parts = [
            np.asarray(each.counts.values.sum(axis=0), dtype=np.float64).reshape(
                len(each.counts.months), -1
            )
            for each in self.records.lists
        ]
        return np.concatenate(parts)

    def is_own(self) -> NDArray[np.bool_]:
        """Say which months are on this very list."""
        return np.concatenate(
            [np.full(len(each.counts.months), each is self.at) for each in self.records.lists]
        )
