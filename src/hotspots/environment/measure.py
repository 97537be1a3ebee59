"""All measures of hotspots, as rows, and of map points, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.environment.deprivation import deciles, main_lsoa, vintage
from hotspots.environment.field import observed
from hotspots.environment.lighting import lighting
from hotspots.environment.near import exposed, near
from hotspots.environment.streets import streets
from hotspots.environment.supplied import NOT_SUPPLIED, Measure
from hotspots.schema import ENVIRONMENT, check

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.environment.supplied import Surroundings


def measure_hotspots(
    hotspots: gpd.GeoDataFrame,
    members: pd.DataFrame,
    points: gpd.GeoDataFrame,
    around: Surroundings,
) -> pd.DataFrame:
    """
    Measure what stands at each hotspot.

    Parameters
    ----------
    hotspots : GeoDataFrame, EPSG:27700
        ``schema.HOTSPOTS``.
    members : DataFrame
        ``schema.MEMBERS``.
    points : GeoDataFrame, EPSG:27700
        ``schema.POINTS``.
    around : Surroundings

    Returns
    -------
    DataFrame
        ``schema.ENVIRONMENT``, sorted by key.
    """
    ids, polygons = hotspots["hotspot_id"], hotspots.geometry.to_numpy()
    lsoa = main_lsoa(ids, members, points, around.deprivation)
    found = [
        *_of_polygons(polygons, around),
        *deciles(lsoa, around.deprivation),
        *near(polygons, around),
        *observed(polygons, around),
    ]
    long = pd.concat([_rows(ids, measure) for measure in found], ignore_index=True)
    long.insert(0, "subject", "hotspot")
    long = long.astype({c.name: c.dtype for c in ENVIRONMENT.columns})[ENVIRONMENT.names]
    ordered = long.sort_values([*ENVIRONMENT.key], ignore_index=True)
    return check(ordered, ENVIRONMENT)


def measure_points(
    points: gpd.GeoDataFrame, catchments: NDArray[np.object_], around: Surroundings
) -> pd.DataFrame:
    """
    Measure what stands at each map point, by the same names as at hotspots.

    Parameters
    ----------
    points : GeoDataFrame, EPSG:27700
        Rows of ``schema.POINTS``, of one list.
    catchments : array of Polygon, aligned with ``points``
        EPSG:27700.
    around : Surroundings

    Returns
    -------
    DataFrame of float64, indexed by point_id
        One column for each measure but for what visits noted; missing where the data was not
        supplied or does not reach. Distances to places and counts near are from the map point,
        all else is of its catchment.
    """
    lsoa = points[f"{vintage(around.deprivation)}_code"]
    found = [
        *_of_polygons(catchments, around),
        *deciles(lsoa, around.deprivation),
        *near(points.geometry.to_numpy(), around),
    ]
    index = pd.Index(points["point_id"], name="point_id")
    return pd.DataFrame({each.name: each.value for each in found}, index=index)


def _of_polygons(polygons: NDArray[np.object_], around: Surroundings) -> list[Measure]:
    lights = lighting(polygons, around)
    lamps_n = next(each.value for each in lights if each.name == "lamps_n")
    return [*lights, *streets(polygons, around, lamps_n), *exposed(polygons, around)]


def _rows(ids: pd.Series, measure: Measure) -> pd.DataFrame:
    table = pd.DataFrame({"subject_id": ids.array, "measure": measure.name, "value": measure.value})
    table["unit"] = measure.unit
    table["source"] = np.where(np.isnan(measure.value), NOT_SUPPLIED, measure.source)
    return table
