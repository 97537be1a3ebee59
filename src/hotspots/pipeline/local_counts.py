"""What was reported in each district and near each of its streets, to set hotspots beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from hotspots.naming import PREFIX, street_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.pipeline.tables import CrimeSet

ONE_STREET_M = 300.0
"""Map points that name the same street within this distance of each other are of one street."""

_SHOPS = ("shopping area", "supermarket")
"""Kinds of place that police.uk names in place of a street, and that are streets of shops."""

HOMES = "Burglary"
"""Counted near streets only: a list of homes to protect has no use for a shopping centre."""

STREET_COLUMNS = (
    "district_code", "street", "street_number", "crime_type", "year", "whole", "hotspot_id",
)  # fmt: skip


def district_totals(
    counts: pd.DataFrame, points: pd.DataFrame, sets: Sequence[CrimeSet]
) -> dict[tuple[str, str], int]:
    """
    Count the incidents of each district by crime set.

    Parameters
    ----------
    counts : DataFrame
        ``schema.COUNTS`` of the window.
    points : DataFrame
        ``schema.POINTS``.
    sets : sequence of CrimeSet

    Returns
    -------
    dict of (district code, crime set) to int
    """
    own = counts[["crime_type", "n"]].astype({"crime_type": "str"})
    own["code"] = counts["point_id"].map(points.set_index("point_id")["district_code"])
    by_type = own.pivot_table(
        index="code", columns="crime_type", values="n", aggfunc="sum", fill_value=0
    )
    return {
        (str(code), each.name): int(n)
        for each in sets
        for code, n in by_type.reindex(columns=list(each.types), fill_value=0).sum(axis=1).items()
    }


def street_counts(
    counts: pd.DataFrame,
    points: gpd.GeoDataFrame,
    hotspots: pd.DataFrame,
    members: pd.DataFrame,
    *,
    types: Sequence[str],
    window_start: pd.Timestamp,
) -> pd.DataFrame:
    """
    Count the incidents near each street that has a name.

    Parameters
    ----------
    counts : DataFrame
        ``schema.COUNTS`` of the months shown.
    points : GeoDataFrame, EPSG:27700
        ``schema.POINTS``.
    hotspots, members : DataFrame
        ``schema.HOTSPOTS`` and ``schema.MEMBERS``.
    types : sequence of str
        Crime types to count.
    window_start : Timestamp

    Returns
    -------
    DataFrame
        ``STREET_COLUMNS``, by district, street and type: incidents of the window and of all
        months, and the first in rank of that type's hotspots with a map point of the street,
        empty if there is none. A name may come again in a district, further away.
    """
    named = _named(points)
    if named.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in STREET_COLUMNS})
    number = pd.Series(_street_numbers(named), index=named["point_id"].to_numpy())
    about = named.groupby(number.to_numpy())[["district_code", "street"]].first()
    own = counts[counts["crime_type"].isin(types)]
    shops = named.loc[named["is_shops"], "point_id"]
    own = own[~(own["point_id"].isin(shops) & (own["crime_type"] == HOMES))]
    own = own.assign(number=own["point_id"].map(number)).dropna(subset="number")
    key = [own["number"].astype("int64").rename("street_number"), own["crime_type"].astype("str")]
    whole = own["n"].groupby(key).sum()
    year = own["n"].where(own["month"] >= window_start, 0).groupby(key).sum()
    table = pd.DataFrame({"year": year, "whole": whole}).reset_index()
    table = table.join(about, on="street_number")
    ranked = members.merge(hotspots[["crime_group", "hotspot_id", "rank"]])
    ranked = ranked.assign(number=ranked["point_id"].map(number)).sort_values("rank")
    first = ranked.drop_duplicates(["number", "crime_group"])
    ids = first.set_index(["number", "crime_group"])["hotspot_id"]
    keys = pd.MultiIndex.from_frame(table[["street_number", "crime_type"]])
    table["hotspot_id"] = pd.Series(ids.reindex(keys).to_numpy(), dtype="object").fillna("")
    order = ["district_code", "street", "street_number", "crime_type"]
    return table.sort_values(order, ignore_index=True)[list(STREET_COLUMNS)]


def _named(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give map points their street; those for shops without one, a street near by."""
    plain = points["location"].str.removeprefix(PREFIX.strip()).str.strip().str.casefold()
    named = points.assign(street=street_names(points["location"]), is_shops=plain.isin(_SHOPS))
    has = named["street"].notna()
    kind = plain.where(named["is_shops"])
    shops = named[kind.notna()]
    if has.any() and len(shops):
        known = named[has]
        away, at = cKDTree(known.get_coordinates()).query(shops.get_coordinates())
        near = known["street"].to_numpy(dtype=object)[at] + " (" + kind.dropna() + ")"
        named.loc[shops.index, "street"] = near.where(away <= ONE_STREET_M)
    return named.dropna(subset="street")


def _street_numbers(named: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give each map point the number of its street: points of one name that lie together."""
    code = named.groupby(["district_code", "street"], sort=True).ngroup().to_numpy()
    xy = named.get_coordinates().to_numpy()
    # Streets of other names lie a long way up, so that one search serves them all.
    apart = np.column_stack([xy, code * (10 * ONE_STREET_M)])
    pairs = cKDTree(apart).query_pairs(ONE_STREET_M, output_type="ndarray")
    joined = sparse.coo_matrix(
        (np.ones(len(pairs), dtype=bool), pairs.T), shape=(len(named), len(named))
    )
    _, number = connected_components(joined, directed=False)
    # The numbering must not follow the order of the rows.
    order = np.lexsort([xy[:, 1], xy[:, 0], code])
    _, first = np.unique(number[order], return_index=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    street: NDArray[np.int64] = rank[number]
    return street
