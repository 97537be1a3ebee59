"""Metres in, degrees out: British National Grid for work, longitude and latitude for display."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer

from hotspots.errors import CRSError, cut

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

BNG = "EPSG:27700"
"""British National Grid, metres: the only system that analysis sees."""

WGS84 = "EPSG:4326"
"""Longitude and latitude, degrees: what sources give and pages show."""


def to_bng(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Reproject ``table`` to British National Grid metres; refuse one that states no CRS."""
    if table.crs is None:
        msg = f"The table states no coordinate reference system; say which one before using {BNG}."
        raise CRSError(msg)
    return table.to_crs(BNG)


def to_display(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Reproject ``table`` to longitude and latitude for a page or an exchange file."""
    require_bng(table, "table to display")
    return table.to_crs(WGS84)


def shapes_to_display(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """
    Reproject shapes of British National Grid to longitude and latitude, without a table.

    Parameters
    ----------
    shapes : array of shapely geometry, shape (n,)
        EPSG:27700. Not modified.

    Returns
    -------
    array of shapely geometry, shape (n,)
        The same as ``to_display`` gives, EPSG:4326.
    """
    longitude, latitude = _inverse().transform(*shapely.get_coordinates(shapes).T)
    places = np.column_stack([longitude, latitude])
    found: NDArray[np.object_] = shapely.set_coordinates(shapes.copy(), places)
    return found


def require_bng(table: gpd.GeoDataFrame, name: str) -> None:
    """
    Raise unless ``table`` is in British National Grid metres.

    Raises
    ------
    CRSError
        Naming the table, the system found and the way out.
    """
    if table.crs != BNG:
        found = "none" if table.crs is None else cut(table.crs.to_string())
        msg = f"{name}: expected {BNG}, got {found}; reproject with crs.to_bng() first."
        raise CRSError(msg)


def lonlat_to_bng(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Project longitudes and latitudes to eastings and northings.

    Parameters
    ----------
    longitude, latitude : array of float64, shape (n,)
        Degrees, EPSG:4326, longitude first.

    Returns
    -------
    array of float64, shape (n, 2)
        Easting and northing in metres, EPSG:27700; infinite where outside the grid's reach.
    """
    easting, northing = _transformer().transform(longitude, latitude)
    return np.column_stack([easting, northing])


@cache
def _transformer() -> Transformer:
    # Making one takes longer than projecting a small file does.
    return Transformer.from_crs(WGS84, BNG, always_xy=True)


@cache
def _inverse() -> Transformer:
    return Transformer.from_crs(BNG, WGS84, always_xy=True)
