"""The lights of a district page, and the stretches and ground that lie far from any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from hotspots.environment.lighting import LIGHTING_REACH_M, LIT_WITHIN_M
from hotspots.publish import shapes
from hotspots.publish.page_layers import nearest_hotspots

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

LAMPS_MOST = 20_000
LAMP_REACHES_M = (150, 75, 25)
"""Above so many lamps, a district page keeps those this near to its hotspots."""

DARK_M = LIT_WITHIN_M[0]
"""What lies further than this from every listed lamp is drawn as dark, as the measure has it."""

STREETS_WITHIN_M = 100.0
"""Streets are looked at inside hotspots and this far around them."""

LEAST_STRETCH_M = 20.0
LEAST_GROUND_M2 = 100.0
"""What is shorter or smaller is a gap of the drawing rather than of the lights."""

_STEP_M = 5.0


def lamps(
    table: gpd.GeoDataFrame, district: shapely.Geometry, hotspots: NDArray[np.object_]
) -> dict[str, Any]:
    """
    Choose the street lights of a district page: all, or those near its hotspots.

    Parameters
    ----------
    table : GeoDataFrame, EPSG:27700
        ``schema.LAMPS``.
    district : shapely geometry
        EPSG:27700.
    hotspots : array of Polygon
        EPSG:27700.

    Returns
    -------
    dict
        ``lamps``: None, or ``at`` (as ``shapes.encode_points``), ``reach_m`` and ``all``.
    """
    every = table.geometry.to_numpy()
    if not len(every):
        return {"lamps": None}
    shapely.prepare(district)
    inside = every[shapely.intersects_xy(district, shapely.get_coordinates(every))]
    kept, reach_m = nearest_hotspots(inside, hotspots, most=LAMPS_MOST, reaches_m=LAMP_REACHES_M)
    longitude, latitude = shapely.get_coordinates(shapes.degrees(inside[kept])).T
    order = shapes.near_first(longitude, latitude)
    at = shapes.encode_points(longitude[order], latitude[order])
    return {"lamps": {"at": at, "reach_m": reach_m, "all": len(inside)}}


def dark(
    table: gpd.GeoDataFrame, streets: NDArray[np.object_], hotspots: NDArray[np.object_]
) -> dict[str, Any]:
    """
    Find where no lamp is listed near: stretches of street if streets are given, else ground.

    Parameters
    ----------
    table : GeoDataFrame, EPSG:27700
        ``schema.LAMPS``.
    streets : array of LineString or MultiLineString
        EPSG:27700.
    hotspots : array of Polygon
        EPSG:27700.

    Returns
    -------
    dict
        ``dark``: None without lamps or hotspots, else ``lines`` and ``areas`` (one of them
        empty) and the distance ``reach_m``.
    """
    if table.empty or not len(hotspots):
        return {"dark": None}
    points = table.geometry.to_numpy()
    ground = shapely.union_all(hotspots)
    lines: list[list[int]] = []
    areas: list[shapes.Shape] = []
    if len(streets):
        about = np.unique(
            shapely.STRtree(streets).query(ground, predicate="dwithin", distance=STREETS_WITHIN_M)
        )
        within = shapely.intersection(streets[about], ground.buffer(STREETS_WITHIN_M))
        lines = shapes.encode_lines(stretches(within, shapely.get_coordinates(points)))
    else:
        areas = shapes.encode_polygons(unlit(ground, points), tolerance_m=2)
    return {
        "dark": {
            "lines": lines,
            "areas": areas,
            "reach_m": int(DARK_M),
        }
    }


def stretches(streets: NDArray[np.object_], lamps_xy: NDArray[np.float64]) -> NDArray[np.object_]:
    """
    Cut from streets what lies further than 30 m from every lamp, looking every 5 m.

    Parameters
    ----------
    streets : array of LineString or MultiLineString
        EPSG:27700.
    lamps_xy : array of float64, shape (m, 2)
        EPSG:27700.

    Returns
    -------
    array of LineString
        None where no lamp stands within 250 m: that lies outside the lists.
    """
    parts = shapely.get_parts(streets)
    parts = shapely.segmentize(parts[shapely.length(parts) > 0], _STEP_M)
    places, line = shapely.get_coordinates(parts, return_index=True)
    if not len(places):
        return np.array([], dtype=object)
    away, _ = cKDTree(lamps_xy).query(places, distance_upper_bound=LIGHTING_REACH_M)
    is_dark = (away > DARK_M) & np.isfinite(away)
    changes = np.flatnonzero((np.diff(is_dark) != 0) | (np.diff(line) != 0)) + 1
    run = np.zeros(len(places), dtype=np.int64)
    run[changes] = 1
    run = np.cumsum(run)
    kept = is_dark & (np.bincount(run)[run] > 1)
    _, number = np.unique(run[kept], return_inverse=True)
    found: NDArray[np.object_] = shapely.linestrings(places[kept], indices=number)
    is_long: NDArray[np.bool_] = shapely.length(found) >= LEAST_STRETCH_M
    simple: NDArray[np.object_] = shapely.simplify(found[is_long], 1)
    return simple


def unlit(ground: shapely.Geometry, points: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut from ground what lies further than 30 m from every lamp; EPSG:27700."""
    tree = shapely.STRtree(points)
    near = points[np.unique(tree.query(ground, predicate="dwithin", distance=LIGHTING_REACH_M))]
    if not len(near):
        return np.array([], dtype=object)
    listed = shapely.union_all(shapely.buffer(near, LIGHTING_REACH_M, quad_segs=4))
    lit = shapely.union_all(shapely.buffer(near, DARK_M, quad_segs=6))
    parts: NDArray[np.object_] = shapely.get_parts(
        shapely.difference(shapely.intersection(ground, listed), lit)
    )
    is_large: NDArray[np.bool_] = shapely.area(parts) >= LEAST_GROUND_M2
    return parts[is_large]
