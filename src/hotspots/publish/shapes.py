"""Geometry for pages: degrees as whole numbers of 0.00001, each the step from the one before."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots import crs

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS_PER_DEGREE = 100_000
"""Five decimals of a degree: about one metre north, 0.6 m east."""

Shape = list[list[list[int]]]
"""Polygons, each a list of rings, each ``[lon, lat, step east, step north, …]``, not closed."""


def degrees(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Project geometry from EPSG:27700 to EPSG:4326."""
    return crs.shapes_to_display(geometry)


def encode_polygons(polygons: NDArray[np.object_], *, tolerance_m: float = 0) -> list[Shape]:
    """
    Encode polygons for a page.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        EPSG:27700. Not modified.
    tolerance_m : float
        Corners that move the outline less than this are left out.

    Returns
    -------
    list of Shape, length n
    """
    simple = shapely.simplify(polygons, tolerance_m) if tolerance_m else polygons
    parts, owner = shapely.get_parts(degrees(simple), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    shapes: list[Shape] = [[] for _ in range(len(polygons))]
    last = -1
    for line, index in zip(_steps(rings), part.tolist(), strict=True):
        if index != last:
            shapes[owner[index]].append([])
            last = index
        shapes[owner[index]][-1].append(line)
    return shapes


def encode_outlines(polygons: NDArray[np.object_], *, tolerance_m: float) -> list[list[int]]:
    """
    Encode the outer rings of areas that share borders, simplified so that the borders stay shared.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        EPSG:27700. Not modified.
    tolerance_m : float
        Square root of the area a corner may take away.

    Returns
    -------
    list of lists of int
        One per outer ring, as in ``Shape``.
    """
    if not len(polygons):
        return []
    simple = shapely.coverage_simplify(polygons, tolerance_m)
    rings = shapely.get_exterior_ring(shapely.get_parts(degrees(simple)))
    return _steps(rings[~shapely.is_empty(rings)])


def encode_lines(lines: NDArray[np.object_]) -> list[list[int]]:
    """
    Encode lines for a page.

    Parameters
    ----------
    lines : array of LineString
        EPSG:27700. Not modified.

    Returns
    -------
    list of lists of int
        One per line, ``[lon, lat, step east, step north, …]``; one that is a single place is
        left out.
    """
    kept = lines[shapely.length(lines) > 0]
    return _steps(degrees(kept), is_closed=False) if len(kept) else []


def encode_points(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> list[int]:
    """Encode places, in degrees, as one run of steps; near places should follow each other."""
    places = np.rint(np.column_stack([longitude, latitude]) * STEPS_PER_DEGREE).astype(np.int64)
    found: list[int] = np.diff(places, axis=0, prepend=0).ravel().tolist()
    return found


def _steps(rings: NDArray[np.object_], *, is_closed: bool = True) -> list[list[int]]:
    """Encode each ring or line; the last place of a ring, equal to its first, is left out."""
    if not len(rings):
        return []
    places, ring = shapely.get_coordinates(rings, return_index=True)
    whole = np.rint(places * STEPS_PER_DEGREE).astype(np.int64)
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    steps = np.diff(whole, axis=0, prepend=0)
    steps[starts] = whole[starts]
    flat = steps.ravel().tolist()
    edges = [*(2 * starts).tolist(), len(flat)]
    last = 2 if is_closed else 0
    return [flat[first : after - last] for first, after in itertools.pairwise(edges)]


def bounds(polygons: NDArray[np.object_]) -> list[list[float]]:
    """Return ``[[south, west], [north, east]]`` in degrees around polygons of EPSG:27700."""
    west, south, east, north = shapely.total_bounds(degrees(polygons))
    return [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]


def centres(polygons: NDArray[np.object_]) -> list[list[float]]:
    """Return ``[lon, lat]`` of a place inside each polygon of EPSG:27700, five decimals."""
    inside = degrees(shapely.point_on_surface(polygons))
    found: list[list[float]] = np.round(shapely.get_coordinates(inside), 5).tolist()
    return found


def near_first(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.int64]:
    """Order places so that neighbours follow each other: by bands of 0.01° north, then east."""
    order: NDArray[np.int64] = np.lexsort([latitude, longitude, np.floor(latitude * 100)])
    return order
