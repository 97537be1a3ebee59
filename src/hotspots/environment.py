"""
What stands at a hotspot: street lights, deprivation and places, each measure with its source.

These are descriptions. Whether any of them goes with crime is a question for ``risk``. A measure
whose data was not supplied, or does not reach the hotspot, is missing and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from hotspots.schema import ENVIRONMENT, check

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOT_SUPPLIED = "not supplied"

LIT_WITHIN_M = 30.0
"""Ground further than this from a lamp counts as dark (METHODS §8)."""

LIGHTING_REACH_M = 250.0
"""A hotspot further than this from every lamp is taken to lie outside the inventory."""

PLACE_RINGS_M = (100, 250)
"""Radii within which places are counted (METHODS §8)."""

DOMAIN_SOURCE = "English Indices of Deprivation"
PLACES_SOURCE = "the lists of places supplied"

_LIGHTING = (
    ("lamps_n", "lamps"),
    ("lamps_per_ha", "lamps/ha"),
    ("nearest_lamp_m", "m"),
    ("dark_share", "share"),
)


@dataclass(frozen=True)
class Surroundings:
    """
    What was supplied about an area; an empty table means that nothing was.

    Attributes
    ----------
    lamps, places : GeoDataFrame, EPSG:27700
        ``schema.LAMPS`` and ``schema.PLACES``.
    deprivation : DataFrame
        ``schema.DEPRIVATION``.
    """

    lamps: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    deprivation: pd.DataFrame


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
    parts = [
        _lighting(hotspots, around.lamps),
        _deprivation(members, points, around.deprivation),
        _places(hotspots, around.places),
    ]
    long = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    long.insert(0, "subject", "hotspot")
    long = long.astype({c.name: c.dtype for c in ENVIRONMENT.columns})[ENVIRONMENT.names]
    ordered = long.sort_values([*ENVIRONMENT.key], ignore_index=True)
    return check(ordered, ENVIRONMENT)


def _rows(
    ids: pd.Series, measure: str, value: NDArray[np.float64], unit: str, source: str
) -> pd.DataFrame:
    table = pd.DataFrame({"subject_id": ids.array, "measure": measure, "value": value})
    table["unit"] = unit
    table["source"] = np.where(np.isnan(value), NOT_SUPPLIED, source)
    return table


def _lighting(hotspots: gpd.GeoDataFrame, lamps: gpd.GeoDataFrame) -> pd.DataFrame:
    """Lighting of each hotspot, named by the authorities that supplied it."""
    ids = hotspots["hotspot_id"]
    source = ", ".join(sorted(set(lamps["authority"]))) if len(lamps) else NOT_SUPPLIED
    values = lighting_values(hotspots.geometry.to_numpy(), lamps.geometry.to_numpy())
    parts = [_rows(ids, name, values[name], unit, source) for name, unit in _LIGHTING]
    return pd.concat(parts, ignore_index=True)


def lighting_values(
    polygons: NDArray[np.object_], lamps: NDArray[np.object_]
) -> dict[str, NDArray[np.float64]]:
    """
    Measure the lighting of polygons.

    Parameters
    ----------
    polygons : array of Polygon, shape (n,)
        EPSG:27700.
    lamps : array of Point, shape (m,)
        EPSG:27700.

    Returns
    -------
    dict of arrays of float64, shape (n,)
        ``lamps_n`` lamps inside; ``lamps_per_ha``; ``nearest_lamp_m``, mean over the ground on a
        10 m grid; ``dark_share``, part of that ground further than 30 m from a lamp. Missing
        where no lamp stands within 250 m.
    """
    missing = np.full(len(polygons), np.nan)
    if not len(lamps) or not len(polygons):
        return {name: missing.copy() for name, _ in _LIGHTING}
    inside = shapely.STRtree(lamps).query(polygons, predicate="intersects")[0]
    count = np.bincount(inside, minlength=len(polygons)).astype(float)
    places, owner = _ground(polygons)
    distance, _ = cKDTree(shapely.get_coordinates(lamps)).query(places)
    ground = np.bincount(owner, minlength=len(polygons))
    mean = np.bincount(owner, distance, minlength=len(polygons)) / ground
    dark = np.bincount(owner, distance > LIT_WITHIN_M, minlength=len(polygons)) / ground
    nearest = np.full(len(polygons), np.inf)
    np.minimum.at(nearest, owner, distance)
    known = nearest <= LIGHTING_REACH_M
    values = (count, count / (shapely.area(polygons) / 1e4), mean, dark)
    return {
        name: np.where(known, value, np.nan)
        for (name, _), value in zip(_LIGHTING, values, strict=True)
    }


def _ground(
    polygons: NDArray[np.object_], *, step_m: float = 10.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Lay a grid of places over each polygon, its inner point included; return places and owner."""
    places, owners = [], []
    for i, polygon in enumerate(polygons):
        west, south, east, north = shapely.bounds(polygon)
        x, y = np.meshgrid(
            np.arange(west + step_m / 2, east, step_m), np.arange(south + step_m / 2, north, step_m)
        )
        grid = np.column_stack([x.ravel(), y.ravel()])
        shapely.prepare(polygon)
        grid = grid[shapely.contains_xy(polygon, grid)]
        centre = shapely.get_coordinates(shapely.point_on_surface(polygon))
        places.append(np.vstack([grid, centre]))
        owners.append(np.full(len(places[-1]), i))
    return np.vstack(places), np.concatenate(owners)


def _deprivation(
    members: pd.DataFrame, points: gpd.GeoDataFrame, deprivation: pd.DataFrame
) -> pd.DataFrame:
    """Deciles of the LSOA in which most of a hotspot's incidents lie; described, not ranked."""
    vintage = deprivation["vintage"].iloc[0] if len(deprivation) else "lsoa21"
    lsoa = points.set_index("point_id")[f"{vintage}_code"]
    where = members.assign(lsoa_code=members["point_id"].map(lsoa))
    total = where.groupby(["hotspot_id", "lsoa_code"])["n"].sum().reset_index()
    ordered = total.sort_values(by=["hotspot_id", "n", "lsoa_code"], ascending=[True, False, True])
    top = ordered.drop_duplicates("hotspot_id").set_index("hotspot_id")["lsoa_code"]
    ids = pd.Series(members["hotspot_id"].unique())
    deciles = deprivation.pivot_table(index="lsoa_code", columns="domain", values="decile")
    source = f"{DOMAIN_SOURCE}, LSOAs of 20{vintage.removeprefix('lsoa')}"
    parts = []
    for domain in deciles.columns if len(deciles) else ["imd"]:
        decile = top.reindex(ids).map(deciles[domain]) if len(deciles) else pd.Series(index=ids)
        value = decile.to_numpy(dtype=float)
        parts.append(_rows(ids, f"{domain}_decile", value, "decile, 1 most deprived", source))
    return pd.concat(parts, ignore_index=True)


def _places(hotspots: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Distance to the nearest place of each kind and how many stand near, from the polygon."""
    ids = hotspots["hotspot_id"]
    polygons = hotspots.geometry.to_numpy()
    parts = [pd.DataFrame(columns=["subject_id", "measure", "value", "unit", "source"])]
    for kind, here in places.groupby("kind", sort=True):
        tree = shapely.STRtree(here.geometry.to_numpy())
        (owner, _), apart = tree.query_nearest(polygons, return_distance=True, all_matches=False)
        nearest = np.full(len(polygons), np.nan)
        nearest[owner] = apart
        parts.append(_rows(ids, f"nearest_{kind}_m", nearest, "m", PLACES_SOURCE))
        for ring_m in PLACE_RINGS_M:
            found = tree.query(polygons, predicate="dwithin", distance=ring_m)[0]
            count = np.bincount(found, minlength=len(polygons)).astype(float)
            parts.append(_rows(ids, f"{kind}_within_{ring_m}m", count, "places", PLACES_SOURCE))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
