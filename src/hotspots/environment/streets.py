"""Streets inside polygons: how much of them, and the longest stretch between two lamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.environment.supplied import NOT_SUPPLIED, Measure, missing, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.environment.supplied import Surroundings

STREETS_REACH_M = 250.0
"""A place further than this from every street is taken to lie outside the layer."""

LAMP_AT_STREET_M = 15.0
"""A lamp lights a street if it stands within this distance of its line."""

_STEP_M = 10.0

SOURCE = "the street layer supplied"

UNITS = {
    "street_m": "m",
    "street_m_per_ha": "m/ha",
    "lamps_per_100m_street": "lamps/100 m",
    "longest_gap_m": "m",
}
"""Measures and their units."""


def streets(
    polygons: NDArray[np.object_], around: Surroundings, lamps_n: NDArray[np.float64]
) -> list[Measure]:
    """
    Measure the streets of polygons, all of ``UNITS``.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        EPSG:27700.
    around : Surroundings
    lamps_n : array of float64, shape (n,)
        Lamps inside; missing outside the inventory.

    Returns
    -------
    list of Measure
        Missing without a street layer and where none of its streets lies within 250 m. The
        longest gap is the longest stretch of a street that runs through the polygon between one
        lamp and the next within 15 m of its line, or the end of the line.
    """
    n = len(polygons)
    lines = around.streets.geometry.to_numpy()
    if not len(lines) or not n:
        return [Measure(name, unit, NOT_SUPPLIED, missing(n)) for name, unit in UNITS.items()]
    tree = shapely.STRtree(lines)
    length = _length_inside(polygons, lines, tree)
    near = np.zeros(n, dtype=bool)
    near[tree.query_nearest(polygons, max_distance=STREETS_REACH_M, all_matches=False)[0]] = True
    length = np.where(near, length, np.nan)
    gap = _longest_gap(polygons, lines, around.lamps.geometry.to_numpy())
    values = (
        length,
        length / (shapely.area(polygons) / 1e4),
        ratio(lamps_n, length / 100),
        np.where(np.isnan(lamps_n), np.nan, gap),
    )
    return [
        Measure(name, unit, SOURCE, value)
        for (name, unit), value in zip(UNITS.items(), values, strict=True)
    ]


def _length_inside(
    polygons: NDArray[np.object_], lines: NDArray[np.object_], tree: shapely.STRtree
) -> NDArray[np.float64]:
    owner, line = tree.query(polygons, predicate="intersects")
    inside = shapely.length(shapely.intersection(lines[line], polygons[owner]))
    return np.bincount(owner, inside, minlength=len(polygons)).astype(float)


def _longest_gap(
    polygons: NDArray[np.object_], lines: NDArray[np.object_], lamps: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Find the longest gap of the streets in each polygon; missing where none runs through it."""
    if not len(lamps):
        return missing(len(polygons))
    parts = shapely.get_parts(lines)
    here = np.unique(shapely.STRtree(polygons).query(parts, predicate="intersects")[0])
    parts = parts[here]
    street, place, gap = _gaps(parts, lamps)
    places = shapely.line_interpolate_point(parts[street], place)
    owner, found = shapely.STRtree(places).query(polygons, predicate="intersects")
    longest = pd.Series(gap[found]).groupby(owner).max()
    return longest.reindex(range(len(polygons))).to_numpy(dtype=float)


def _gaps(
    parts: NDArray[np.object_], lamps: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """
    Give places along streets, and the length of the gap between lamps that each lies in.

    Returns
    -------
    street : array of int64
        Street of each place, one every 10 m.
    place : array of float64
        Metres along it.
    gap : array of float64
        Metres from the last lamp, or the start, to the next one, or the end.
    """
    length = shapely.length(parts)
    near, lamp = shapely.STRtree(lamps).query(parts, predicate="dwithin", distance=LAMP_AT_STREET_M)
    along = shapely.line_locate_point(parts[near], lamps[lamp])
    # Lamps and ends of all streets in one row, so that one search serves them all.
    start = np.concatenate([[0.0], np.cumsum(length + 1)])[:-1]
    stops = np.sort(np.concatenate([start, start + length, start[near] + along]))
    number = np.maximum(1, np.ceil(length / _STEP_M)).astype(np.int64)
    street = np.repeat(np.arange(len(parts)), number)
    step = np.arange(len(street)) - np.repeat(np.cumsum(number) - number, number)
    place = (step + 0.5) * (length / number)[street]
    after = np.searchsorted(stops, start[street] + place)
    gap = stops[after] - stops[after - 1]
    return street, place, gap
