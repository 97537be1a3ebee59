"""Crime about places: what the map points near them had, beside circles as large elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.spatial import cKDTree

from hotspots.naming import street_names
from hotspots.pipeline.surroundings import points_in_force
from hotspots.publish.site import LEAST_ALIKE
from hotspots.schema import ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

ALIKE = (0.5, 1.5)
"""A similar place has between these times as many map points about it."""


@dataclass(frozen=True)
class Circles:
    """Circles about the map points of a district: middles, map points in them, incidents."""

    xy: NDArray[np.float64]
    n_points: NDArray[np.int64]
    counts: NDArray[np.int64]


class Vicinity:
    """
    The map points of an area, ready to be counted about any place.

    Parameters
    ----------
    points : GeoDataFrame
        ``schema.POINTS``: those of every list, as each month counts at the list it used.
    counts, coverage : DataFrame
        ``schema.COUNTS`` and ``schema.COVERAGE``.
    months : DatetimeIndex
        The months shown.
    window_start, window_end : Timestamp
        First and last month of the window.
    """

    def __init__(
        self,
        points: gpd.GeoDataFrame,
        counts: pd.DataFrame,
        coverage: pd.DataFrame,
        *,
        months: pd.DatetimeIndex,
        window_start: pd.Timestamp,
        window_end: pd.Timestamp,
    ) -> None:
        points = points.sort_values("point_id", ignore_index=True)
        self.types = (ALL_CRIME, *_types(counts))
        self.xy: NDArray[np.float64] = points.get_coordinates().to_numpy()
        self.street = street_names(points["location"])
        self._district = points["district_code"].to_numpy(dtype=object)
        ids = pd.Index(points["point_id"])
        self.is_now = np.zeros(len(ids), dtype=bool)
        self.is_now[ids.get_indexer(pd.Index(points_in_force(points, coverage)["point_id"]))] = True
        self._tree = cKDTree(self.xy)
        point = ids.get_indexer(pd.Index(counts["point_id"].astype("str")))
        month = months.get_indexer(pd.DatetimeIndex(counts["month"]))
        kind = pd.Index(self.types[1:]).get_indexer(pd.Index(counts["crime_type"].astype("str")))
        n, shown = counts["n"].to_numpy(), (point >= 0) & (month >= 0)
        point, month, kind, n = (each[shown] for each in (point, month, kind, n))
        inside = (months >= window_start) & (months <= window_end)
        recent = inside[month]
        self.year = self._by_type(point[recent], kind[recent], n[recent])
        self.whole = self._by_type(point, kind, n)
        shape = (len(points), len(months))
        self._by_month = sparse.csr_matrix((n, (point, month)), shape=shape, dtype=np.int64)
        self._circles: dict[tuple[str, float], Circles] = {}
        self._wholes: dict[str, tuple[NDArray[np.int64], int]] = {}

    def _by_type(
        self, point: NDArray[np.int64], kind: NDArray[np.int64], n: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Count by map point and type; the first column is the sum of all."""
        found = np.zeros((len(self.xy), len(self.types)), dtype=np.int64)
        np.add.at(found, (point, kind + 1), n)
        found[:, 0] = found.sum(axis=1)
        return found

    def inside(self, zone: shapely.Polygon) -> NDArray[np.int64]:
        """Return the map points, of every list, that lie in a zone."""
        west, south, east, north = zone.bounds
        middle, reach_m = (
            ((west + east) / 2, (south + north) / 2),
            np.hypot(east - west, north - south) / 2,
        )
        near = np.sort(np.array(self._tree.query_ball_point(middle, reach_m + 1), dtype=np.int64))
        shapely.prepare(zone)
        x, y = self.xy[near].T
        found: NDArray[np.int64] = near[shapely.intersects_xy(zone, x, y)]
        return found

    def series(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the incidents of some map points by month."""
        return np.asarray(self._by_month[members].sum(axis=0), dtype=np.int64).reshape(-1)

    def compare(
        self, zone: shapely.Polygon, members: NDArray[np.int64], district_code: str
    ) -> tuple[pd.DataFrame, int]:
        """
        Count a zone by type, beside its district and similar places.

        Parameters
        ----------
        zone : Polygon
            EPSG:27700.
        members : array of int
            Map points inside, of ``inside``.
        district_code : str

        Returns
        -------
        DataFrame, int
            ``crime`` and ``n_alike`` of ``publish.site.Site``.
        """
        n_points = int(self.is_now[members].sum())
        here = self.year[members].sum(axis=0)
        every, n_all = self._whole(district_code)
        circles = self._around(district_code, float(np.sqrt(zone.area / np.pi)))
        low, high = (n_points * each for each in ALIKE)
        alike = (circles.n_points >= low) & (circles.n_points <= high) & (n_points > 0)
        alike &= ~shapely.intersects_xy(zone, *circles.xy.T)
        n_alike = int(alike.sum())
        there = circles.counts[alike]
        is_enough = n_alike >= LEAST_ALIKE
        nothing = np.full(len(self.types), np.nan)
        below = (
            (there < here).mean(axis=0) + (there == here).mean(axis=0) / 2 if is_enough else nothing
        )
        table = pd.DataFrame(
            {
                "year": here,
                "whole": self.whole[members].sum(axis=0),
                "district": every * (n_points / n_all) if n_all else nothing,
                "typical": np.median(there, axis=0) if is_enough else nothing,
                "below": below,
            },
            index=pd.Index(self.types, name="crime_type"),
        )
        return table, n_alike

    def _whole(self, district_code: str) -> tuple[NDArray[np.int64], int]:
        """Count the window by type in a district, and its map points in force; kept as well."""
        if district_code not in self._wholes:
            inside = self._district == district_code
            n_points = int((inside & self.is_now).sum())
            self._wholes[district_code] = self.year[inside].sum(axis=0), n_points
        return self._wholes[district_code]

    def _around(self, district_code: str, radius_m: float) -> Circles:
        """Count circles about every map point in force of a district; kept for the next place."""
        key = (district_code, round(radius_m, 1))
        if key not in self._circles:
            own = np.flatnonzero((self._district == district_code) & self.is_now)
            middles = self.xy[own]
            pairs = (
                cKDTree(middles).sparse_distance_matrix(self._tree, radius_m, output_type="ndarray")
                if len(own)
                else np.zeros(0, dtype=[("i", int), ("j", int)])
            )
            shape = (len(own), len(self.xy))
            ones = np.ones(len(pairs), dtype=np.int64)
            near = sparse.csr_matrix((ones, (pairs["i"], pairs["j"])), shape=shape)
            self._circles[key] = Circles(
                middles, near @ self.is_now.astype(np.int64), near @ self.year
            )
        return self._circles[key]

    def points_of(self, members: NDArray[np.int64]) -> pd.DataFrame:
        """List map points of the list in force, with their incidents of the window and street."""
        now = members[self.is_now[members]]
        x, y = self.xy[now].T
        n, street = self.year[now, 0], self.street.iloc[now].to_numpy(dtype=object)
        return pd.DataFrame({"x": x, "y": y, "n": n, "street": street})

    def by_street(self, members: NDArray[np.int64]) -> pd.DataFrame:
        """Count the incidents of some map points by named street and type; see ``Site.streets``."""
        street = self.street.iloc[members]
        named = members[street.notna().to_numpy()]
        code, names = pd.factorize(self.street.iloc[named], sort=True)
        parts = []
        for table in (self.year, self.whole):
            total = np.zeros((len(names), len(self.types) - 1), dtype=np.int64)
            np.add.at(total, code, table[named, 1:])
            parts.append(total.ravel())
        found = pd.DataFrame(
            {
                "street": np.repeat(np.asarray(names, dtype=object), len(self.types) - 1),
                "crime_type": np.tile(np.array(self.types[1:], dtype=object), len(names)),
                "year": parts[0],
                "whole": parts[1],
            }
        )
        return found[found["whole"] > 0].reset_index(drop=True)


def _types(counts: pd.DataFrame) -> list[str]:
    """List the crime types in the order of police.uk, then any that it does not know."""
    seen = set(counts["crime_type"].astype("str").unique())
    return [*(each for each in CRIME_TYPES if each in seen), *sorted(seen - set(CRIME_TYPES))]
