"""Stage: what stands at hotspots and map points, and what is unusual about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from hotspots import environment, explain, schema
from hotspots.pipeline.associate import factor_tables
from hotspots.pipeline.tables import crime_sets
from hotspots.points import catchments

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from hotspots.pipeline.associate import Untested
    from hotspots.settings import Settings

READS = (
    schema.HOTSPOTS, schema.MEMBERS, schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.LAMPS,
    schema.PLACES, schema.DEPRIVATION, schema.STREETS, schema.OBSERVATIONS,
)  # fmt: skip
"""Tables that ``measured`` asks for."""


@dataclass(frozen=True)
class Measured:
    """
    What stands at hotspots, and what of it goes with crime.

    Attributes
    ----------
    environment, factors, unusual : DataFrame
        ``schema.ENVIRONMENT``, ``schema.FACTORS`` and ``schema.UNUSUAL``.
    untested : tuple of Untested
        What could not be tested, and why.
    """

    environment: pd.DataFrame
    factors: pd.DataFrame
    unusual: pd.DataFrame
    untested: tuple[Untested, ...]


def measured(settings: Settings, tables: Mapping[str, pd.DataFrame]) -> Measured:
    """
    Measure hotspots and the map points in force, compare them, and test what goes with crime.

    Parameters
    ----------
    settings : Settings
    tables : mapping of str to DataFrame
        Name to table, those of ``READS``.
    """
    around = surroundings(settings, tables)
    hotspots, members = tables["hotspots"], tables["members"]
    points: gpd.GeoDataFrame = tables["points"]
    at_hotspots = environment.measure_hotspots(hotspots, members, points, around)
    now = points_in_force(points, tables["coverage"])
    cells = catchments(now.get_coordinates().to_numpy())
    at_points = environment.measure_points(now, cells, _found_there(settings, around))
    sets = crime_sets(settings.crime_groups)
    exposure = at_points["exposure_n"].to_numpy() if settings.clustering.exposure else None
    factors, untested = factor_tables(points, tables["counts"], at_points, sets, exposure)
    found = explain.unusual(hotspots, members, at_hotspots, explain.Places(now, at_points))
    return Measured(at_hotspots, factors, explain.with_evidence(found, factors), untested)


def surroundings(
    settings: Settings, tables: Mapping[str, pd.DataFrame]
) -> environment.Surroundings:
    """Put together what was supplied about an area."""
    return environment.Surroundings(
        lamps=tables["lamps"],
        places=tables["places"],
        deprivation=tables["deprivation"],
        streets=tables["streets"],
        observations=tables["observations"],
        exposure=settings.clustering.exposure,
        inventory={
            entry.authority: pd.Timestamp(f"{entry.inventory_date}-01")
            for entry in settings.lighting
            if entry.inventory_date
        },
    )


def _found_there(settings: Settings, around: environment.Surroundings) -> environment.Surroundings:
    """Leave out what stands there because of crime: a camera near crime explains none of it."""
    answers = {layer.kind for layer in settings.places if layer.is_response}
    return replace(around, places=around.places[~around.places["kind"].isin(answers)])


def points_in_force(points: gpd.GeoDataFrame, coverage: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the map points of the list that the last observed month uses, sorted by id."""
    known = coverage.dropna(subset="list_id")
    last = known.sort_values("month")["list_id"].iloc[-1]
    own = points[points["list_id"] == last]
    return own.sort_values("point_id", ignore_index=True)
