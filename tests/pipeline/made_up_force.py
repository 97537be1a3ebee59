"""A made-up force in the sea that publishes month by month, for tests that play many nights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

import builders
from hotspots import crs

FORCE = "mannin"
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
NEW_LIST_FROM = "2024-07"
"""Month from which the force uses another list of map points."""

N_POINTS, N_ROWS = 120, 90
_TYPES = ("Burglary", "Anti-social behaviour", "Vehicle crime")


@dataclass(frozen=True)
class Row:
    """One published record, and whether it has coordinates."""

    crime_id: str
    month: str
    point: int
    crime_type: str
    is_located: bool = True
    outcome: str = "Under investigation"

    def line(self) -> str:
        lon, lat = _lonlat(self.month)[self.point]
        place = f"{lon:.6f},{lat:.6f},On or near Heron Street,E01990001,Mannin 001A"
        nowhere = ",,No Location,,"
        outcome = "" if self.crime_type == "Anti-social behaviour" else self.outcome
        return (
            f"{self.crime_id},{self.month},Mannin Police,Mannin Police,"
            f"{place if self.is_located else nowhere},{self.crime_type},{outcome},"
        )


def month_rows(month: str) -> list[Row]:
    """What happened in a month: the same whenever it is asked for."""
    rng = np.random.default_rng(int(month.replace("-", "")))
    busy = rng.integers(0, 8, N_ROWS)  # a few points where it keeps coming back
    quiet = rng.integers(0, N_POINTS, N_ROWS)
    points = np.where(rng.random(N_ROWS) < 0.5, busy, quiet)
    kinds = rng.integers(0, len(_TYPES), N_ROWS)
    return [
        Row(
            "" if _TYPES[kind] == "Anti-social behaviour" else _crime_id(month, number),
            month,
            int(point),
            _TYPES[kind],
            is_located=number % 15 != 0 or _TYPES[kind] == "Anti-social behaviour",
        )
        for number, (point, kind) in enumerate(zip(points, kinds, strict=True))
    ]


def street_csv(rows: Iterable[Row]) -> bytes:
    """The rows as police.uk publishes them."""
    return ("\n".join([HEADER, *(row.line() for row in rows)]) + "\n").encode()


def members(months: dict[str, list[Row]]) -> dict[str, bytes]:
    """Members of an archive, with a file of a neighbour that nobody asked for."""
    own = {f"{m}/{m}-{FORCE}-street.csv": street_csv(rows) for m, rows in months.items()}
    others = {f"{m}/{m}-elsewhere-street.csv": street_csv([]) for m in months}
    return own | others


def months_to(last: str, n: int = 12) -> list[str]:
    """The months up to and with ``last``, oldest first."""
    return [f"{month:%Y-%m}" for month in pd.date_range(end=f"{last}-01", periods=n, freq="MS")]


def districts() -> gpd.GeoDataFrame:
    """The one district that holds every map point."""
    west, south = builders.SEA_EASTING - 500, builders.SEA_NORTHING - 500
    table = pd.DataFrame({"LAD24CD": ["E07999001"], "LAD24NM": ["Mannin"]})
    square = shapely.box(west, south, west + 2_500, south + 2_500)
    return gpd.GeoDataFrame(table, geometry=[square], crs=crs.BNG)


def _crime_id(month: str, number: int) -> str:
    return hashlib.sha256(f"{month} {number}".encode()).hexdigest()


def _lonlat(month: str) -> NDArray[np.float64]:
    seed = 1 if month < NEW_LIST_FROM else 2
    return _LISTS[seed]


def _degrees(seed: int) -> NDArray[np.float64]:
    xy = builders.street_points(N_POINTS, seed=seed)
    shown = gpd.GeoSeries(shapely.points(xy), crs=crs.BNG).to_crs("EPSG:4326")
    return np.column_stack([shown.x, shown.y])


_LISTS = {seed: _degrees(seed) for seed in (1, 2)}
