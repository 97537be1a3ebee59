"""Small made-up towns for tests: map points, counts and whole tables, in metres or as published."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from hotspots import points as point_tools
from hotspots.crs import BNG
from hotspots.schema import COUNTS, POINTS

SEA_EASTING, SEA_NORTHING = 230_000.0, 430_000.0
"""A place in the Irish Sea, so that no test town stands for a real one."""


def street_points(n: int, *, seed: int, spacing_m: float = 70.0) -> NDArray[np.float64]:
    """Points about ``spacing_m`` apart on a shaken grid; eastings and northings in metres."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(n)))
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)[:n]
    shaken = grid * spacing_m + rng.uniform(-0.45, 0.45, (n, 2)) * spacing_m
    return np.asarray(shaken + np.array([SEA_EASTING, SEA_NORTHING]))


def town_counts(n: int, *, seed: int, mean: float = 3.0) -> NDArray[np.float64]:
    """Counts as uneven as recorded crime: negative binomial, many zeros and a few busy points."""
    rng = np.random.default_rng(seed)
    return rng.negative_binomial(0.4, 0.4 / (0.4 + mean), n).astype(float)


def points_table(
    xy: NDArray[np.float64],
    *,
    list_id: str = "list-2024-01",
    first_month: str = "2024-01-01",
    location: str = "On or near Heron Street",
) -> gpd.GeoDataFrame:
    """A table of map points that keeps to ``schema.POINTS``."""
    table = pd.DataFrame(
        {
            "point_id": [f"{list_id.removeprefix('list-')}:{i:05d}" for i in range(len(xy))],
            "list_id": list_id,
            "location": location,
            "longitude": -4.6,
            "latitude": 53.7,
            "district_code": "E07999001",
            "ward_code": None,
            "lsoa11_code": None,
            "lsoa21_code": "E01990001",
            "first_month": pd.Timestamp(first_month),
        }
    ).astype({column.name: column.dtype for column in POINTS.columns})
    return gpd.GeoDataFrame(table, geometry=shapely.points(xy), crs=BNG)


def counts_table(
    point_ids: list[str], months: list[str], n: NDArray[np.number], crime_type: str
) -> pd.DataFrame:
    """Counts of one type, ``n`` points by months; cells of none are left out."""
    row, column = np.nonzero(n)
    table = pd.DataFrame(
        {
            "point_id": np.array(point_ids)[row],
            "month": pd.to_datetime(np.array(months)[column]),
            "crime_type": crime_type,
            "n": n[row, column],
        }
    )
    return table.astype({column.name: column.dtype for column in COUNTS.columns})


def near(xy: NDArray[np.float64], *, eps_m: float) -> sparse.csr_matrix:
    """Neighbour distances within a radius."""
    return point_tools.neighbour_distances(xy, radius_m=eps_m)
