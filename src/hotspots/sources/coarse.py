"""Coordinates that say too little: many rows on one point, or numbers rounded too far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.crs import BNG, WGS84

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_ROWS = 20
_SAMPLE = 1_000
_MOST = 0.95
_HALF = 0.5
_STEP_M = 1_000.0
_STEP_DEG = 0.01
_SAME_M = 0.01
_SAME_DEG = 1e-6


def doubts(x: pd.Series[float], y: pd.Series[float]) -> tuple[str, ...]:
    """
    Warn of places that are too coarse to be what they say.

    Parameters
    ----------
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700; missing where there is no place.

    Returns
    -------
    tuple of str
        Half or more of the rows on one point, all coordinates on whole kilometres, or on
        hundredths of a degree; nothing of fewer than 20 rows.
    """
    places = pd.DataFrame({"x": x, "y": y}).dropna()
    if len(places) < _LEAST_ROWS:
        return ()
    counts = places.value_counts()
    (east, north), n = counts.index[0], int(counts.iloc[0])
    if n >= len(places) * _HALF:
        words = (
            f"{n:,} of {len(places):,} rows lie on one and the same point, easting {east:,.0f}, "
            f"northing {north:,.0f}; ask the publisher whether that is their place"
        )
        return (words,)
    some = places.iloc[:: max(1, len(places) // _SAMPLE)]
    unit = _rounded_to(some)
    if not unit:
        return ()
    return (f"the coordinates are rounded to {unit}, too coarse to say which street",)


def _rounded_to(places: pd.DataFrame) -> str:
    if _are_multiples(places.to_numpy(), _STEP_M, _SAME_M):
        return "whole kilometres"
    points = gpd.GeoSeries(gpd.points_from_xy(places["x"], places["y"]), crs=BNG).to_crs(WGS84)
    degrees = np.column_stack([points.x, points.y])
    return "hundredths of a degree" if _are_multiples(degrees, _STEP_DEG, _SAME_DEG) else ""


def _are_multiples(values: NDArray[np.float64], step: float, same: float) -> bool:
    off = np.abs(values - np.round(values / step) * step)
    return bool((off <= same).all(axis=1).mean() >= _MOST)
