"""Places of each kind: how far the nearest one is, and how many stand near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.environment.supplied import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.environment.supplied import Surroundings

PLACE_RINGS_M = (100, 250)
"""Radii within which places are counted (METHODS §8)."""

PLACES_SOURCE = "the lists of places supplied"

_CHUNK = 2_000


def near(shapes: NDArray[np.object_], around: Surroundings) -> list[Measure]:
    """
    Measure how near places of each kind are.

    Parameters
    ----------
    shapes : array of Polygon or Point, shape (n,)
        EPSG:27700; distances are from the edge of a polygon.
    around : Surroundings
        What crime is measured against is counted by ``exposed`` and not here.

    Returns
    -------
    list of Measure
        For each kind ``nearest_<kind>_m`` and ``<kind>_within_<100 or 250>m``.
    """
    found = []
    for kind, here in around.places.groupby("kind", sort=True):
        if kind == around.exposure:
            continue
        tree = shapely.STRtree(here.geometry.to_numpy())
        (owner, _), apart = tree.query_nearest(shapes, return_distance=True, all_matches=False)
        nearest = np.full(len(shapes), np.nan)
        nearest[owner] = apart
        found.append(Measure(f"nearest_{kind}_m", "m", PLACES_SOURCE, nearest))
        for ring_m in PLACE_RINGS_M:
            count = _within(shapes, tree, ring_m)
            found.append(Measure(f"{kind}_within_{ring_m}m", "places", PLACES_SOURCE, count))
    return found


def _within(
    shapes: NDArray[np.object_], tree: shapely.STRtree, ring_m: float
) -> NDArray[np.float64]:
    """Count what lies near each shape, some shapes at a time."""
    count = np.zeros(len(shapes))
    for first in range(0, len(shapes), _CHUNK):
        part = shapes[first : first + _CHUNK]
        owner = tree.query(part, predicate="dwithin", distance=ring_m)[0]
        count[first : first + _CHUNK] = np.bincount(owner, minlength=len(part))
    return count


def exposed(polygons: NDArray[np.object_], around: Surroundings) -> list[Measure]:
    """Count the places inside that crime is measured against, if the settings name their kind."""
    if around.exposure is None:
        return []
    here = around.places[around.places["kind"] == around.exposure]
    tree = shapely.STRtree(here.geometry.to_numpy())
    count = _within(polygons, tree, 0.0)
    return [Measure("exposure_n", str(around.exposure), PLACES_SOURCE, count)]
