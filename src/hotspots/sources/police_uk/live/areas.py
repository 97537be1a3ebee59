"""Areas that the API can be asked about: few corners, and small enough for its answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    from shapely.geometry import Polygon
    from shapely.geometry.base import BaseGeometry

_METRES_PER_DEGREE = 111_320.0
_PARTS_MAX = 20
_FIRST_TOLERANCE = 0.0001
_A_LITTLE_MORE = 1.1
_PROBE_DEGREES = 0.0005


def outlines(shape: BaseGeometry, *, max_corners: int) -> list[Polygon]:
    """
    Return outlines of few corners that together cover a shape.

    Parameters
    ----------
    shape : polygon or multipolygon, EPSG:4326
        What is to be covered. Holes are covered too.
    max_corners : int
        Corners of an outline. Where there are more, the shape is grown a little and simplified
        by as much, so that nothing of it is lost.
    """
    found = _outer(shape)
    tolerance = _FIRST_TOLERANCE
    while len(found) > _PARTS_MAX or any(n_corners(part) > max_corners for part in found):
        grown = shape.buffer(tolerance * _A_LITTLE_MORE, quad_segs=2)
        found = _outer(grown.simplify(tolerance))
        tolerance *= 2
    return found


def quarters(area: Polygon) -> list[Polygon]:
    """Return the parts of an area in the four quarters of the box around it, outlines only."""
    west, south, east, north = area.bounds
    x, y = (west + east) / 2, (south + north) / 2
    boxes = (
        shapely.box(west, south, x, y),
        shapely.box(x, south, east, y),
        shapely.box(west, y, x, north),
        shapely.box(x, y, east, north),
    )
    whole = shapely.make_valid(area)
    return [part for box in boxes for part in _outer(whole.intersection(box))]


def size_m(area: Polygon) -> float:
    """Return the longer side of the box around an area, in metres."""
    west, south, east, north = area.bounds
    across = (east - west) * math.cos(math.radians((south + north) / 2))
    return float(max(across, north - south) * _METRES_PER_DEGREE)


def probe(area: Polygon) -> Polygon:
    """Return a tiny area inside another."""
    return area.representative_point().buffer(_PROBE_DEGREES, quad_segs=1).envelope


def n_corners(area: Polygon) -> int:
    """Return how many corners an outline has, the closing one not counted twice."""
    return len(area.exterior.coords) - 1


def as_text(area: Polygon) -> str:
    """Return an outline as the API reads it: ``latitude,longitude`` by corner."""
    return ":".join(f"{y:.6f},{x:.6f}" for x, y in area.exterior.coords[:-1])


def _outer(shape: BaseGeometry) -> list[Polygon]:
    parts = shapely.get_parts(shapely.get_parts(shape))
    polygons = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return [shapely.Polygon(part.exterior) for part in polygons]
