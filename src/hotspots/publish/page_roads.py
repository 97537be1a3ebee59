"""The streets of the base map: pale lines, as many and as fine as a page has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.publish import shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STEPS_MOST = 45_000
"""Corners of streets that a page has room for: some 350 kB."""

_TOLERANCES_M = (2.0, 5.0, 10.0)


def roads(
    lines: NDArray[np.object_],
    hotspots: NDArray[np.object_],
    *,
    within: shapely.Geometry | None,
    reaches_m: Sequence[float] = (1_000.0, 500.0, 250.0, 100.0, 0.0),
) -> list[list[int]]:
    """
    Choose the streets of a page.

    Parameters
    ----------
    lines : array of LineString or MultiLineString
        EPSG:27700. Not modified.
    hotspots : array of Polygon
        EPSG:27700.
    within : shapely geometry or None
        Streets that touch it are drawn if there is room; if None, only those near hotspots.
    reaches_m : sequence of float
        Distances from the hotspots to try where there is not, the widest first.

    Returns
    -------
    list of lists of int
        As ``shapes.encode_lines``; empty without streets, or where even those that run through
        hotspots are too many.
    """
    if not len(lines):
        return []
    tree = shapely.STRtree(lines)
    if within is not None:
        shapely.prepare(within)
        inside = np.unique(tree.query(within, predicate="intersects"))
        found = _encode(lines[inside])
        if found is not None:
            return found
    for reach_m in reaches_m:
        near = np.unique(tree.query(hotspots, predicate="dwithin", distance=reach_m)[1])
        found = _encode(lines[near])
        if found is not None:
            return found
    return []


def _encode(lines: NDArray[np.object_]) -> list[list[int]] | None:
    """Encode lines as finely as there is room for; None if there is none."""
    if shapely.get_num_geometries(lines).sum() * 2 > STEPS_MOST:
        return None
    for tolerance_m in _TOLERANCES_M:
        simple = shapely.simplify(shapely.get_parts(lines), tolerance_m)
        if shapely.get_num_coordinates(simple).sum() <= STEPS_MOST:
            return shapes.encode_lines(simple)
    return None
