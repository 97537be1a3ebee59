"""Records onto the map: which lie in the area, on which points, and how many on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from hotspots import points
from hotspots.crs import BNG, lonlat_to_bng
from hotspots.schema import COUNTS, CRIME_TYPES, INCIDENTS, POINTS, SET_ASIDE
from hotspots.sources.police_uk.texts import sorted_rows, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.police_uk import PoliceRecords

    Codes = NDArray[np.int64]

EDGE_M = 250.0
"""A record this far outside the districts still counts as inside: outlines are simplified and
map points lie on their edges (FACTS §1: 0.2 % of rows lie further out)."""


@dataclass(frozen=True)
class Spots:
    """
    The different places of some records.

    Attributes
    ----------
    of : array of int64, shape (n_records,)
        Number of each record's spot.
    longitude, latitude : array of float64, shape (n_spots,)
        Degrees.
    xy : array of float64, shape (n_spots, 2)
        Metres, EPSG:27700.
    """

    of: Codes
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    xy: NDArray[np.float64]

    @classmethod
    def among(cls, records: pd.DataFrame) -> Spots:
        """Tell places apart by six decimals, as police.uk publishes them."""
        x, y = (records[name].to_numpy() for name in ("longitude", "latitude"))
        keys = np.rint(x * 1e6).astype(np.int64) * 2**32 + np.rint(y * 1e6).astype(np.int64)
        of, found = pd.factorize(keys)
        first = np.empty(len(found), np.int64)
        first[of[::-1]] = np.arange(len(of))[::-1]  # the last one assigned is the first row
        x, y = x[first], y[first]
        return cls(of, x, y, lonlat_to_bng(x, y))

    def only(self, rows: NDArray[np.bool_]) -> Spots:
        """Return the spots of some of the records, numbered as they were."""
        return replace(self, of=self.of[rows])


@dataclass(frozen=True)
class Ids:
    """
    Ids of records.

    Attributes
    ----------
    of : Series of str, shape (n_records,)
        Each record's id.
    rows : array of int64, shape (n_records,)
        Records in the order of their ids.
    """

    of: pd.Series[str]
    rows: Codes

    @classmethod
    def among(cls, police: PoliceRecords) -> Ids:
        """Make the ids of all records and sort them."""
        ids = police.incident_ids()
        return cls(ids, sorted_rows(whole(pa.array(ids, pa.string())), np.arange(len(ids))))


@dataclass(frozen=True)
class Placed:
    """
    Records on their map points.

    Attributes
    ----------
    records : DataFrame
        ``schema.RECORDS`` with ``list_id`` and ``point_id``.
    lists : Series of str, indexed by month
        List of map points that each month uses.
    months : DatetimeIndex
        Months with records, in order.
    point, month, kind : array of int64, shape (n_records,)
        Number of the row in ``points``, in ``months`` and in ``schema.CRIME_TYPES``.
    points : DataFrame
        ``point_id``, ``list_id``, ``longitude``, ``latitude``, ``first_month`` by ``point_id``.
    xy : array of float64, shape (n_points, 2)
        Metres, EPSG:27700.
    """

    records: pd.DataFrame
    lists: pd.Series[str]
    months: pd.DatetimeIndex
    point: Codes
    month: Codes
    kind: Codes
    points: pd.DataFrame
    xy: NDArray[np.float64]

    def kept(self) -> pd.Series[int]:
        """Count the records by month and crime type; none is no row."""
        cells = self.month * len(CRIME_TYPES) + self.kind
        n = np.bincount(cells, minlength=len(self.months) * len(CRIME_TYPES))
        index = pd.MultiIndex.from_product(
            [self.months, list(CRIME_TYPES)], names=["month", "crime_type"]
        )
        counts = pd.Series(n, index=index, name="kept")
        return counts[counts > 0]

    def incidents(self, ids: Ids, stays: NDArray[np.bool_]) -> pd.DataFrame:
        """
        Return the records as ``schema.INCIDENTS``.

        Parameters
        ----------
        ids : Ids
            Of all records that were read.
        stays : array of bool, shape (n_read,)
            Which of those are the records.
        """
        rows = ids.rows[stays[ids.rows]]
        number = np.cumsum(stays) - 1
        named = self.records.take(number[rows])
        return named.assign(incident_id=ids.of.array.take(rows))[INCIDENTS.names]

    def counts(self) -> pd.DataFrame:
        """Count the records of each point, month and type as ``schema.COUNTS``."""
        n_types = len(CRIME_TYPES)
        cells = (self.point * len(self.months) + self.month) * n_types + self.kind
        cell, n = np.unique(cells, return_counts=True)
        table = pd.DataFrame(
            {
                "point_id": _named(cell // (len(self.months) * n_types), self.points["point_id"]),
                "month": self.months[cell // n_types % len(self.months)],
                "crime_type": _named(cell % n_types, CRIME_TYPES),
                "n": n,
            }
        )
        return table[COUNTS.names]

    def most_frequent(self, column: str) -> pd.Series[str]:
        """Give each point its most frequent text; ties go to the first in alphabetical order."""
        codes, texts = _coded(self.records[column])
        known = codes >= 0
        cell, n = np.unique(self.point[known] * len(texts) + codes[known], return_counts=True)
        point, text = np.divmod(cell, max(len(texts), 1))
        starts = np.flatnonzero(np.diff(point, prepend=-1))
        most = np.maximum.reduceat(n, starts) if len(n) else n
        is_most = n == np.repeat(most, np.diff(starts, append=len(n)))
        owner, first = np.unique(point[is_most], return_index=True)
        found = np.full(len(self.points), -1)
        found[owner] = text[is_most][first]
        return pd.Series(texts.array.take(found, allow_fill=True), dtype="str")


def set_apart(
    records: pd.DataFrame, near: BaseGeometry, *, until: pd.Timestamp | None = None
) -> tuple[NDArray[np.bool_], Spots, pd.DataFrame]:
    """
    Part records into those in the area and time asked for, and the rest with reasons.

    Parameters
    ----------
    records : DataFrame
        ``schema.RECORDS``.
    near : shapely geometry
        The area, EPSG:27700; up to ``EDGE_M`` outside it still counts as inside.
    until : Timestamp, optional
        Last month asked for.

    Returns
    -------
    stays : array of bool, shape (n_records,)
        Records in the area and time.
    spots : Spots
        Their places.
    excluded : DataFrame
        The others, as ``schema.SET_ASIDE``.
    """
    spots = Spots.among(records)
    is_inside = _are_inside(spots, near)
    is_late = (
        np.zeros(len(records), dtype=bool)
        if until is None
        else (records["month"] > until).to_numpy()
    )
    apart = records[~is_inside | is_late]
    reasons = np.where(
        is_late[~is_inside | is_late],
        f"after the last month asked for, {until:%Y-%m}" if until is not None else "",
        f"more than {EDGE_M:.0f} m outside the districts",
    )
    excluded = pd.DataFrame(
        {
            "file": apart["file"],
            "line": apart["line"],
            "status": "excluded",
            "reason": reasons,
            "column": "Longitude, Latitude",
            "value": [
                f"{x:.6f}, {y:.6f}"
                for x, y in zip(apart["longitude"], apart["latitude"], strict=True)
            ],
            "month": apart["month"],
            "crime_type": apart["crime_type"],
        }
    ).astype({column.name: column.dtype for column in SET_ASIDE.columns})
    stays = is_inside & ~is_late
    return stays, spots.only(stays), excluded


def recount(account: pd.DataFrame, excluded: pd.DataFrame) -> pd.DataFrame:
    """Move rows that were set apart from kept to excluded, file by file, in ``schema.ACCOUNT``."""
    name = account["file"].where(account["member"] == "", account["file"] + "/" + account["member"])
    moved = name.map(excluded["file"].value_counts()).fillna(0).astype("int64")
    return account.assign(kept=account["kept"] - moved, excluded=account["excluded"] + moved)


def _are_inside(spots: Spots, near: BaseGeometry) -> NDArray[np.bool_]:
    ground = shapely.buffer(near, EDGE_M)
    shapely.prepare(ground)
    inside: NDArray[np.bool_] = shapely.contains_xy(ground, spots.xy)[spots.of]
    return inside


def place(records: pd.DataFrame, spots: Spots) -> Placed:
    """Give each record its list and its map point."""
    n_spots = len(spots.longitude)
    month, months = pd.factorize(records["month"], sort=True)
    months = pd.DatetimeIndex(months).rename("month")
    pairs, _ = _numbered(month * n_spots + spots.of)
    when, spot = np.divmod(pairs, n_spots)
    lists = points.detect_lists(pd.DataFrame({"month": months[when], "point": spot}))
    list_code, list_names = pd.factorize(lists.loc[months], sort=True)
    keys, number = _numbered(list_code[month] * n_spots + spots.of)
    on_list, at = np.divmod(keys, n_spots)
    table = pd.DataFrame(
        {
            "list_id": pd.Series(list_names, dtype="str").take(on_list).to_numpy(),
            "longitude": spots.longitude[at],
            "latitude": spots.latitude[at],
        }
    ).astype({"list_id": "str"})
    ids = points.point_ids(table["list_id"], table["longitude"], table["latitude"])
    table.insert(0, "point_id", ids)
    order = ids.array.argsort()
    place_of = np.empty(len(order), np.int64)
    place_of[order] = np.arange(len(order))
    point = place_of[number]
    table = table.take(order).reset_index(drop=True)
    first = np.full(len(table), len(months))
    np.minimum.at(first, point, month)
    table["first_month"] = months[first]
    types, names = _coded(records["crime_type"])
    kind = pd.Index(CRIME_TYPES).get_indexer(names)[types]
    named = records.assign(
        list_id=_named(list_code[month], list_names), point_id=_named(point, table["point_id"])
    )
    return Placed(named, lists, months, point, month, kind, table, spots.xy[at][order])


def _numbered(keys: Codes) -> tuple[Codes, Codes]:
    """Return the different keys, small numbers, in order, and where in them each key is."""
    is_there = np.zeros(keys.max(initial=-1) + 1, dtype=bool)
    is_there[keys] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[keys]


def _named(codes: Codes, names: Iterable[str]) -> pd.Categorical:
    words = names.array if isinstance(names, pd.Series | pd.Index) else [*names]
    return pd.Categorical.from_codes(codes, pd.Index(words, dtype="str"))


def _coded(texts: pd.Series) -> tuple[Codes, pd.Index[str]]:
    """Return the place of each text, -1 where it is missing, and the texts in order."""
    held = texts.astype("category").cat
    ordered = held.categories.sort_values()
    codes = held.set_categories(ordered).cat.codes.to_numpy()
    return codes.astype(np.int64), ordered


def points_table(placed: Placed, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make one row for each map point, with its most frequent text and the areas it lies in."""
    table = placed.points.assign(location=placed.most_frequent("location"))
    xy = np.round(placed.xy, 2)
    published = placed.most_frequent("lsoa_code")
    for level in ("district", "ward", "lsoa11", "lsoa21"):
        layer = areas[areas["level"] == level]
        if level.startswith("lsoa"):
            # The publisher's own code was made with unsimplified boundaries.
            is_known = published.isin(layer["area_code"])
            code = published.where(is_known)
            code[~is_known] = area_at(layer, xy[~is_known]).to_numpy()
        else:
            code = area_at(layer, xy)
        table[f"{level}_code"] = code.astype("str")
    dtypes = {column.name: column.dtype for column in POINTS.columns}
    framed = gpd.GeoDataFrame(table.astype(dtypes), geometry=shapely.points(xy), crs=BNG)
    return framed[POINTS.names]


def area_at(areas: gpd.GeoDataFrame, xy: NDArray[np.float64]) -> pd.Series:
    """
    Say in which area each place lies, or which is nearest to it.

    Parameters
    ----------
    areas : GeoDataFrame
        ``schema.AREAS``.
    xy : array of float64, shape (n, 2)
        Places, metres, EPSG:27700.

    Returns
    -------
    Series of str, length n
        ``area_code``; the lowest where areas share an edge or are as near. Missing if there are
        no areas.
    """
    if areas.empty or not len(xy):
        return pd.Series([None] * len(xy), dtype="str")
    ordered = areas.sort_values("area_code", ignore_index=True)
    shapes = ordered.geometry.to_numpy()
    shapely.prepare(shapes)
    found = np.full(len(xy), len(ordered))
    by_east = np.argsort(xy[:, 0])
    east, north = xy[by_east].T
    west_m, south_m, east_m, north_m = shapely.bounds(shapes).T
    first = np.searchsorted(east, west_m)
    after = np.searchsorted(east, east_m, side="right")
    for area in reversed(range(len(shapes))):  # the lowest code is the last to be written
        here = slice(first[area], after[area])
        in_box = (north[here] >= south_m[area]) & (north[here] <= north_m[area])
        near = np.flatnonzero(in_box) + first[area]
        inside = shapely.intersects_xy(shapes[area], east[near], north[near])
        found[by_east[near[inside]]] = area
    outside = np.flatnonzero(found == len(ordered))
    if len(outside):
        places = shapely.points(xy[outside])
        near, area = shapely.STRtree(shapes).query_nearest(places, all_matches=True)
        np.minimum.at(found, outside[near], area)
    return pd.Series(ordered["area_code"].to_numpy()[found], dtype="str")


def vintages(placed: Placed, areas: gpd.GeoDataFrame) -> pd.Series[str]:
    """Say which LSOA vintage each month's records use, as far as their codes tell."""
    codes = {
        year: set(areas.loc[areas["level"] == level, "area_code"])
        for year, level in (("2011", "lsoa11"), ("2021", "lsoa21"))
    }
    code, texts = _coded(placed.records["lsoa_code"])
    known = code >= 0
    pairs, _ = _numbered(placed.month[known] * len(texts) + code[known])
    when, text = np.divmod(pairs, max(len(texts), 1))
    only = {"2011": codes["2011"] - codes["2021"], "2021": codes["2021"] - codes["2011"]}
    told = pd.DataFrame({year: pd.Index(texts).isin(names)[text] for year, names in only.items()})
    by_month = told.groupby(placed.months[when]).sum()
    told_apart = by_month[by_month.sum(axis=1) > 0] if all(codes.values()) else by_month.iloc[:0]
    return told_apart.idxmax(axis=1).astype("str")
