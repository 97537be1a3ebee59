"""The street layer of the sample county, and what a visit noted there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.sample.streets import to_degrees
from hotspots.sample.truth import PLANTED, POORLY_LIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.sample.streets import Streets

_CORNERS = 5

_SEEN_AT = {
    "Tallow Row": ("Recessed doorway", "Graffiti", "Litter", "Alleyway"),
    "Fulmar Parade": ("Recessed doorway", "Poor sight line", "Alleyway"),
    "Gloamside Road": ("Street light out", "Overgrown hedge", "Escape route", "Low fence"),
    "Peatcutter Street": ("Poor sight line", "Overgrown hedge", "Street light out"),
}
"""Planted street to what a visit noted there, in an officer's own words."""

_TIMES = 3


def street_lines(streets: Streets) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Return ids and names of all streets, and their lines in longitude and latitude."""
    n = len(streets.name)
    street = np.repeat(np.arange(n), _CORNERS)
    share = np.tile(np.linspace(0, 1, _CORNERS), n)
    degrees = to_degrees(streets.along(street, share)).reshape(n, _CORNERS, 2)
    table = pd.DataFrame({"id": [f"ST{i:05d}" for i in range(1, n + 1)], "name1": streets.name})
    return table, np.asarray(shapely.linestrings(degrees))


def observations(rng: np.random.Generator) -> pd.DataFrame:
    """Return what a visit noted at four of the planted places, each thing a few times."""
    rows = []
    for spot in PLANTED:
        for seen in _SEEN_AT.get(spot.street, ()) * _TIMES:
            east, north = rng.normal(0, spot.radius_m / 3, 2)
            rows.append((seen, spot.easting + east, spot.northing + north))
    rows.append(("Street light out", POORLY_LIT.easting + 200, POORLY_LIT.northing))
    table = pd.DataFrame(rows, columns=["Observation", "Easting", "Northing"])
    table["Easting"] = np.rint(table["Easting"]).astype(np.int64)
    table["Northing"] = np.rint(table["Northing"]).astype(np.int64)
    table.insert(0, "Ref", [f"V{number:03d}" for number in range(1, len(table) + 1)])
    table["Date noted"] = [f"{day:02d}/02/2024" for day in rng.integers(1, 29, len(table))]
    table["Note"] = "seen from the pavement"
    return table
