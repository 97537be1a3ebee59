"""What visits noted inside polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.environment.supplied import NOT_SUPPLIED, Measure, missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.environment.supplied import Surroundings

UNIT = "observations"


def observed(polygons: NDArray[np.object_], around: Surroundings) -> list[Measure]:
    """
    Count what visits noted.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        EPSG:27700.
    around : Surroundings

    Returns
    -------
    list of Measure
        ``field_n`` and, for each kind that was noted anywhere, ``field_<kind>_n``. Missing where
        nothing at all was noted: nobody may have looked there.
    """
    n, table = len(polygons), around.observations
    if table.empty or not n:
        return [Measure("field_n", UNIT, NOT_SUPPLIED, missing(n))]
    owner, row = shapely.STRtree(table.geometry.to_numpy()).query(polygons, predicate="intersects")
    every = np.bincount(owner, minlength=n).astype(float)
    seen = every > 0
    source = ", ".join(sorted(set(table["source"])))
    found = [Measure("field_n", UNIT, source, np.where(seen, every, np.nan))]
    kinds = table["kind"].to_numpy()
    for kind in sorted(set(kinds)):
        count = np.bincount(owner, kinds[row] == kind, minlength=n)
        name = f"field_{kind.replace(' ', '_')}_n"
        found.append(Measure(name, UNIT, source, np.where(seen, count, np.nan)))
    return found
