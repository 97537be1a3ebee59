"""The lighting of polygons: how many lamps, how far apart, how much ground lies far from any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from hotspots.environment import ground, regimes
from hotspots.environment.supplied import NOT_SUPPLIED, Measure, missing, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hotspots.environment.supplied import Surroundings

LIT_WITHIN_M = (30.0, 20.0)
"""Ground further than this from a lamp counts as dark (METHODS §8)."""

LIGHTING_REACH_M = 250.0
"""A place further than this from every lamp is taken to lie outside the inventory."""

LEAST_SAID = 0.5
"""A share or mean is missing unless this share of the lamps inside says anything."""

LEAST_LAMPS = 3
"""A spacing is missing with fewer lamps inside: two on one column would make it."""

_DAYS = 365.25

UNITS = {
    "lamps_n": "lamps",
    "lamps_per_ha": "lamps/ha",
    "nearest_lamp_m": "m",
    "dark_share": "share",
    "dark_share_20m": "share",
    "lamp_spacing_m": "m",
    "dimmed_share": "share",
    "part_night_share": "share",
    "faulty_share": "share",
    "wattage_w": "W",
    "lamp_age_years": "years",
}
"""Measures and their units."""


def lighting(polygons: NDArray[np.object_], around: Surroundings) -> list[Measure]:
    """
    Measure the lighting of polygons, all of ``UNITS``.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon, shape (n,)
        EPSG:27700.
    around : Surroundings

    Returns
    -------
    list of Measure
        Missing where no lamp stands within 250 m. Shares and means are over the lamps inside
        that say anything of it, and missing if fewer than half of them do.
    """
    lamps = around.lamps
    source = _source(lamps, around.inventory)
    values = lighting_values(polygons, lamps.geometry.to_numpy())
    if len(lamps) and len(polygons):
        owner, lamp = _inside(polygons, lamps.geometry.to_numpy())
        known = ~np.isnan(values["lamps_n"])
        for name, said in _of_lamps(lamps, around.inventory).items():
            values[name] = np.where(known, _mean_said(owner, said[lamp], len(polygons)), np.nan)
    nothing = missing(len(polygons))
    return [Measure(name, UNITS[name], source, values.get(name, nothing)) for name in UNITS]


def lighting_values(
    polygons: NDArray[np.object_], lamps: NDArray[np.object_]
) -> dict[str, NDArray[np.float64]]:
    """
    Measure how polygons are lit by where the lamps stand.

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
        10 m grid; ``dark_share`` and ``dark_share_20m``, part of that ground further than 30 or
        20 m from a lamp; ``lamp_spacing_m``, median distance of the lamps inside to the next one,
        missing with fewer than three. All missing where no lamp stands within 250 m.
    """
    n = len(polygons)
    names = list(UNITS)[:6]
    if not len(lamps) or not n:
        return {name: missing(n) for name in names}
    owner, lamp = _inside(polygons, lamps)
    count = np.bincount(owner, minlength=n).astype(float)
    xy = shapely.get_coordinates(lamps)
    nearest, mean, dark, dark_20 = _darkness(polygons, xy)
    spacing = pd.Series(_next_lamp_m(xy)[lamp]).groupby(owner).median().reindex(range(n))
    values = (
        count,
        count / (shapely.area(polygons) / 1e4),
        mean,
        dark,
        dark_20,
        np.where(count >= LEAST_LAMPS, spacing, np.nan),
    )
    known = nearest <= LIGHTING_REACH_M
    return {name: np.where(known, value, np.nan) for name, value in zip(names, values, strict=True)}


def _inside(
    polygons: NDArray[np.object_], lamps: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each polygon with the lamps in it."""
    owner, lamp = shapely.STRtree(lamps).query(polygons, predicate="intersects")
    return owner, lamp


def _darkness(
    polygons: NDArray[np.object_], lamps_xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Least and mean distance of the ground to a lamp, and its shares further than the limits."""
    tree = cKDTree(lamps_xy)
    found = np.empty((2 + len(LIT_WITHIN_M), len(polygons)))
    for part, places, owner in ground.chunks(polygons):
        n = part.stop - part.start
        distance, _ = tree.query(places)
        number = np.bincount(owner, minlength=n)
        least = np.full(n, np.inf)
        np.minimum.at(least, owner, distance)
        found[0, part] = least
        found[1, part] = np.bincount(owner, distance, minlength=n) / number
        for i, limit_m in enumerate(LIT_WITHIN_M, start=2):
            found[i, part] = np.bincount(owner, distance > limit_m, minlength=n) / number
    return tuple(found)


def _next_lamp_m(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each lamp to the nearest one that stands elsewhere; two on a column are one."""
    places, place = np.unique(xy, axis=0, return_inverse=True)
    if len(places) == 1:
        return missing(len(xy))
    distance, _ = cKDTree(places).query(places, k=2)
    apart: NDArray[np.float64] = distance[place.reshape(-1), 1]
    return apart


def _of_lamps(
    lamps: pd.DataFrame, inventory: Mapping[str, pd.Timestamp]
) -> dict[str, NDArray[np.float64]]:
    """Give what the register says of each lamp, missing where it says nothing certain."""
    newest = lamps.groupby(lamps["authority"].astype("str"))["installed"].max()
    looked = newest.index.map(lambda name: inventory.get(name, newest[name]))
    day = lamps["authority"].astype("str").map(dict(zip(newest.index, looked, strict=True)))
    age = (pd.to_datetime(day) - lamps["installed"]).dt.days.to_numpy(dtype=float) / _DAYS
    return {
        "dimmed_share": regimes.dimmed(lamps),
        "part_night_share": regimes.part_night(lamps),
        "faulty_share": regimes.faulty(lamps),
        "wattage_w": lamps["wattage_w"].to_numpy(dtype=float),
        "lamp_age_years": np.where(age >= 0, age, np.nan),
    }


def _mean_said(owner: NDArray[np.int64], said: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Average over the lamps that say anything; missing where fewer than half do."""
    known = ~np.isnan(said)
    speaking = np.bincount(owner, known.astype(float), minlength=n)
    mean = ratio(np.bincount(owner, np.where(known, said, 0.0), minlength=n), speaking)
    share = ratio(speaking, np.bincount(owner, minlength=n).astype(float))
    return np.where(share >= LEAST_SAID, mean, np.nan)


def _source(lamps: pd.DataFrame, inventory: Mapping[str, pd.Timestamp]) -> str:
    """Name the authorities, each with the date of its inventory as far as it is known."""
    if lamps.empty:
        return NOT_SUPPLIED
    newest = lamps.groupby(lamps["authority"].astype("str"))["installed"].max().sort_index()
    told = []
    for name, last in newest.items():
        if str(name) in inventory:
            told.append(f"{name} (inventory of {inventory[str(name)]:%B %Y})")
        else:
            told.append(str(name) if pd.isna(last) else f"{name} (newest lamp of {last:%Y})")
    return ", ".join(told)
