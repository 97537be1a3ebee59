"""What the public message of each ward rests on: a quarter beside that of the year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.pipeline.coverage import observed
from hotspots.pipeline.quarters import MONTHS
from hotspots.publish.ward_messages import WardFacts, message

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.pipeline.quarters import Quarter

QUIET = 10
"""With fewer incidents in the quarter nothing is said of kinds, parts or change."""

LEAST_OF_A_KIND = 5
"""A crime type is named from so many incidents on: the limit of small numbers of violence."""

SPREAD = 2.0
"""Variance of counts from year to year over that of chance; as for the control limits, at least."""

PARTS = ("east", "north", "west", "south")


def ward_messages(
    counts: pd.DataFrame,
    points: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    coverage: pd.DataFrame,
    quarter: Quarter,
) -> pd.DataFrame:
    """
    Write the message of every ward.

    Parameters
    ----------
    counts, points, areas, coverage : DataFrame
        Each to its schema; months after the quarter cut off.
    quarter : Quarter

    Returns
    -------
    DataFrame
        ``area_code`` of the district, ``ward_code``, ``ward`` and ``message``, by code; no rows
        where no wards were supplied.
    """
    wards = areas[areas["level"] == "ward"].sort_values("area_code")
    place = points.set_index("point_id")[["ward_code", "list_id", "geometry"]]
    here = counts.join(place, on="point_id")
    earlier = quarter.before(4)
    known = coverage.loc[observed(coverage), ["month", "list_id"]].drop_duplicates("month")
    spans = [known[known["month"].isin(each.months)] for each in (quarter, earlier)]
    is_alike = all(len(each) == MONTHS for each in spans)
    now, then = (here[here["month"].isin(each.months)] for each in (quarter, earlier))
    rows = []
    for row in wards.itertuples():
        code, name, shape = row.area_code, row.name, row.geometry
        own, before = (each[each["ward_code"] == code] for each in (now, then))
        n, n_before = int(own["n"].sum()), int(before["n"].sum())
        kinds = own.groupby("crime_type", observed=True)["n"].sum()
        kinds = kinds[kinds >= LEAST_OF_A_KIND].sort_values(ascending=False, kind="stable")
        facts = WardFacts(
            ward=str(name),
            span=quarter.title,
            year_before=earlier.title,
            change=change(n, n_before) if is_alike else None,
            is_quiet=n < QUIET or kinds.empty,
            kinds=tuple(kinds.index),
            part=busiest_part(own, np.array([shape.centroid.x, shape.centroid.y])),
        )
        said = {"ward_code": code, "ward": name, "message": message(facts)}
        rows.append({"area_code": row.district_code, **said})
    columns = ["area_code", "ward_code", "ward", "message"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def change(n: int, before: int) -> str:
    """Say whether a count differs from another by more than such counts do (95 %)."""
    limit = 1.96 * np.sqrt(SPREAD * (n + before))
    if abs(n - before) <= limit:
        return "as many"
    return "more" if n > before else "fewer"


def busiest_part(own: pd.DataFrame, centre: NDArray[np.float64]) -> str | None:
    """Name the part of a ward, by bearing from its middle, with half of the incidents or more."""
    if own.empty:
        return None
    east, north = (shapely.get_coordinates(own["geometry"].to_numpy()) - centre).T
    bearing = np.arctan2(north, east)
    part = np.rint(bearing / (np.pi / 2)).astype(int) % len(PARTS)
    n = np.bincount(part, own["n"].to_numpy(), minlength=len(PARTS))
    return PARTS[int(n.argmax())] if n.max() >= n.sum() / 2 else None
