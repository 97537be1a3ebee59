"""What a site sheet tells of: one place, the ground about it, and what is known of that ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import shapely
    from numpy.typing import NDArray

RADIUS_M = 250.0
"""Radius about a place where nobody names another."""

HOTSPOT_COLUMNS = (
    "hotspot_id", "crime_group", "name", "rank", "label", "class", "n", "born", "geometry",
)  # fmt: skip
"""What a sheet asks of a hotspot, in the order of ``Touched``."""

LEAST_ALIKE = 30
"""With fewer similar places a sheet does not compare with them, and says so."""


@dataclass(frozen=True)
class Place:
    """
    A place that somebody asks about.

    Attributes
    ----------
    slug : str
        Names the file: letters, digits and hyphens.
    title : str
        What the place is called.
    shape : Point, Polygon or MultiPolygon
        EPSG:27700.
    radius_m : float
        The vicinity reaches so far: about a point or the middle of a hotspot, or beyond the edge
        of a polygon.
    kind : str
        ``point``, ``hotspot`` or ``area``.
    hotspot_id : str
        The hotspot that it is about, if any.
    """

    slug: str
    title: str
    shape: shapely.Geometry
    radius_m: float = RADIUS_M
    kind: str = "point"
    hotspot_id: str = ""

    @property
    def middle(self) -> shapely.Point:
        """The middle of the place."""
        return self.shape.centroid

    @property
    def zone(self) -> shapely.Polygon:
        """The ground that counts as its vicinity."""
        about = self.shape if self.kind == "area" else self.middle
        return about.buffer(self.radius_m, quad_segs=16)


class Touched(NamedTuple):
    """A hotspot that the vicinity touches, as ``schema.HOTSPOTS`` has it."""

    hotspot_id: str
    group: str
    name: str
    rank: int
    label: str
    kind: str
    n: int
    born: pd.Timestamp
    shape: shapely.Polygon


@dataclass(frozen=True)
class Reading:
    """One measure of what stands in the vicinity: as ``schema.ENVIRONMENT`` has it."""

    name: str
    unit: str
    source: str
    value: float


@dataclass(frozen=True)
class Site:
    """
    A place and what is known of its vicinity, ready to be told; small numbers are not hidden yet.

    Attributes
    ----------
    place : Place
    district, district_slug : str
        Name of the district, and what its page is called.
    covered : float
        Share of the vicinity that lies in the area.
    n_points : int
        Map points of the list in force in the vicinity.
    crime : DataFrame, indexed by crime type, all crime first
        ``year`` and ``whole``: incidents of the window and of all months shown; ``district``: in
        the window for as many map points anywhere in the district; ``typical``: median of the
        similar places; ``below``: share of these with fewer, ties counted half. The last two
        are missing where ``n_alike`` is under ``LEAST_ALIKE``.
    n_alike : int
        Similar places: circles as large about map points of the district outside the vicinity
        that hold from half to one and a half times as many map points.
    series : array of int64
        Incidents of each of ``Publication.months``; 0 where the month is missing.
    points : DataFrame
        Map points in and about the vicinity: ``x``, ``y`` (metres, EPSG:27700), ``n`` incidents
        of the window, ``street`` (may be missing).
    streets : DataFrame
        ``street``, ``crime_type``, ``year``, ``whole``: incidents near each street that has a
        name in the vicinity.
    hotspots : GeoDataFrame
        Rows and the columns of ``HOTSPOT_COLUMNS`` of the hotspots that the vicinity touches.
    lamps, places, lines : GeoDataFrame
        Street lights, places and lengths of street of the vicinity, as their schemas have them.
    readings : tuple of Reading
        Lighting, deprivation, places and visits, measured over the vicinity.
    """

    place: Place
    district: str
    district_slug: str
    covered: float
    n_points: int
    crime: pd.DataFrame
    n_alike: int
    series: NDArray[np.int64]
    points: pd.DataFrame
    streets: pd.DataFrame
    hotspots: gpd.GeoDataFrame
    lamps: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    readings: tuple[Reading, ...]
