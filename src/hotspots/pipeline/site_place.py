"""The place that somebody asks about: a point, a hotspot or an outline, in the area or refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.crs import lonlat_to_bng
from hotspots.errors import InputError, SettingsError
from hotspots.naming import street_names
from hotspots.publish.site import RADIUS_M, Place
from hotspots.sources import polygons

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hotspots.publish import Publication

RADII_M = (50.0, 1000.0)
"""Radii that a sheet is made for: smaller ones hold a map point or two, larger ones a town."""

LARGEST_M = 2000.0
"""A site further across than this is no site: the page of the district is about such ground."""

NAMED_WITHIN_M = 500.0
"""A place is called after the nearest street, if any map point so near names one."""

_LONGITUDES, _LATITUDES = (-9.0, 3.0), (49.0, 62.0)


def at_point(
    content: Publication, easting: float, northing: float, *, radius_m: float = RADIUS_M
) -> Place:
    """
    Name the place at a point.

    Parameters
    ----------
    content : Publication
        The area.
    easting, northing : float
        Metres, EPSG:27700.
    radius_m : float

    Raises
    ------
    InputError
        If it lies in no district of the area.
    SettingsError
        If the radius is out of bounds.
    """
    _require_radius(radius_m)
    point = shapely.Point(round(easting), round(northing))
    given = f"{easting:.8g},{northing:.8g}"
    hint = ""
    if _is_lonlat(easting, northing) or _is_lonlat(northing, easting):
        hint = " These look like degrees: use --lonlat, longitude first."
    elif _is_inside(content, shapely.Point(northing, easting)):
        hint = f" With the numbers the other way round it would: --at {northing:.0f},{easting:.0f}."
    _require_inside(content, point, f"The point {given}", hint)
    slug = f"{point.x:.0f}-{point.y:.0f}{_radius_slug(radius_m)}"
    return Place(slug, _title(content, point), point, radius_m)


def at_lonlat(
    content: Publication, longitude: float, latitude: float, *, radius_m: float = RADIUS_M
) -> Place:
    """Name the place at a longitude and latitude, degrees; see ``at_point``."""
    given = f"{longitude:g},{latitude:g}"
    if not _is_lonlat(longitude, latitude):
        is_turned = _is_lonlat(latitude, longitude)
        hint = f" Longitude comes first: --lonlat {latitude:g},{longitude:g}." if is_turned else ""
        msg = f"--lonlat {given} is not in Great Britain.{hint}"
        raise InputError(msg)
    (easting, northing), *_ = lonlat_to_bng(np.array([longitude]), np.array([latitude]))
    return at_point(content, float(easting), float(northing), radius_m=radius_m)


def at_hotspot(content: Publication, hotspot_id: str, *, radius_m: float = RADIUS_M) -> Place:
    """
    Name the place of a hotspot of the latest window.

    Raises
    ------
    SettingsError
        If there is no such hotspot, or the radius is out of bounds.
    """
    _require_radius(radius_m)
    hotspots = content.hotspots
    found = hotspots[hotspots["hotspot_id"] == hotspot_id]
    if found.empty:
        msg = (
            f"--hotspot {hotspot_id} is none of the {len(hotspots):,} hotspots published; "
            "hotspots.csv lists them."
        )
        raise SettingsError(msg)
    return _of_hotspot(found.iloc[0], radius_m)


def hotspot_places(content: Publication, *, crime_group: str | None = None) -> list[Place]:
    """Name the places of the hotspots of one crime group, or of all of them, by id."""
    rows = content.hotspots.sort_values("hotspot_id")
    if crime_group is not None:
        rows = rows[rows["crime_group"] == crime_group]
    return [_of_hotspot(row, RADIUS_M) for _, row in rows.iterrows()]


def in_file(content: Publication, path: Path, *, radius_m: float = RADIUS_M) -> Place:
    """
    Name the place that a file outlines, such as the red line of an application.

    Parameters
    ----------
    content : Publication
        The area.
    path : Path
        GeoJSON, GeoPackage or shapefile of polygons; more than one are taken together.
    radius_m : float

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it cannot be used, lies outside the area or is too large for a site.
    SettingsError
        If the radius is out of bounds.
    """
    _require_radius(radius_m)
    area = shapely.union_all(content.districts.geometry.to_numpy())
    shape = shapely.union_all(polygons.read(path, area=area).shapes)
    west, south, east, north = shape.bounds
    across_m = float(np.hypot(east - west, north - south))
    if across_m > LARGEST_M:
        msg = (
            f"{path}: the site is {across_m:,.0f} m across, and a sheet is about at most "
            f"{LARGEST_M:,.0f} m. Outline the site alone, or use the page of the district."
        )
        raise InputError(msg)
    _require_inside(content, shape.centroid, f"{path}: the middle of the site")
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:60] or "site"
    slug = f"area-{name}{_radius_slug(radius_m)}"
    return Place(slug, _title(content, shape.centroid), shape, radius_m, "area")


def _of_hotspot(row: pd.Series, radius_m: float) -> Place:
    slug = f"{row['hotspot_id']}{_radius_slug(radius_m)}"
    return Place(slug, row["name"], row["geometry"], radius_m, "hotspot", row["hotspot_id"])


def _require_radius(radius_m: float) -> None:
    low, high = RADII_M
    if not low <= radius_m <= high:
        msg = f"--radius {radius_m:g}: a sheet is made for {low:g} to {high:g} metres."
        raise SettingsError(msg)


def _radius_slug(radius_m: float) -> str:
    return "" if radius_m == RADIUS_M else f"-{radius_m:g}m".replace(".", "-")


def _is_lonlat(longitude: float, latitude: float) -> bool:
    (west, east), (south, north) = _LONGITUDES, _LATITUDES
    return west <= longitude <= east and south <= latitude <= north


def _is_inside(content: Publication, point: shapely.Point) -> bool:
    return bool(content.districts.intersects(point).any())


def _require_inside(content: Publication, point: shapely.Point, what: str, hint: str = "") -> None:
    if _is_inside(content, point):
        return
    apart_m = float(content.districts.distance(point).min())
    away = f"{apart_m / 1000:,.1f} km" if apart_m >= 1000 else f"{apart_m:,.0f} m"  # noqa: PLR2004 - metres below one kilometre
    msg = f"{what} lies in no district of {content.area_name}; the nearest is {away} away.{hint}"
    raise InputError(msg)


def _title(content: Publication, point: shapely.Point) -> str:
    """Call a place after the nearest street that a map point names, and the district."""
    district = content.districts[content.districts.intersects(point)]["name"].iloc[0]
    near = content.points[content.points.dwithin(point, NAMED_WITHIN_M)]
    named = near.assign(street=street_names(near["location"])).dropna(subset="street")
    if named.empty:
        return f"{point.x:.0f}, {point.y:.0f}, {district}"
    apart = named.distance(point).to_numpy()
    nearest = np.lexsort([named["street"].to_numpy(dtype=object), apart])[0]
    return f"{named['street'].iloc[nearest]}, {district}"
