"""What was supplied about an area, and what a measure of it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hotspots.schema import OBSERVATIONS, STREETS, empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

NOT_SUPPLIED = "not supplied"


@dataclass(frozen=True)
class Surroundings:
    """
    What was supplied about an area; an empty table means that nothing was.

    Attributes
    ----------
    lamps, places : GeoDataFrame, EPSG:27700
        ``schema.LAMPS`` and ``schema.PLACES``.
    deprivation : DataFrame
        ``schema.DEPRIVATION``.
    streets, observations : GeoDataFrame, EPSG:27700
        ``schema.STREETS`` and ``schema.OBSERVATIONS``.
    exposure : str or None
        Kind of place that crime is measured against, such as addresses.
    inventory : mapping of str to Timestamp
        Lighting authority to the month of its inventory, where the settings say it.
    """

    lamps: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    deprivation: pd.DataFrame
    streets: pd.DataFrame = field(default_factory=lambda: empty(STREETS))
    observations: pd.DataFrame = field(default_factory=lambda: empty(OBSERVATIONS))
    exposure: str | None = None
    inventory: Mapping[str, pd.Timestamp] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """
    One measure of several places.

    Attributes
    ----------
    name, unit, source : str
        As ``schema.ENVIRONMENT`` has them.
    value : array of float64, shape (n,)
        Missing where the data was not supplied or does not reach.
    """

    name: str
    unit: str
    source: str
    value: NDArray[np.float64]


def missing(n: int) -> NDArray[np.float64]:
    """Return ``n`` missing values."""
    return np.full(n, np.nan)


def ratio(over: NDArray[np.number], under: NDArray[np.number]) -> NDArray[np.float64]:
    """Divide; missing where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(under > 0, over / under, np.nan))
