"""Areas of interventions: shapes in a file of their own, text of shapes, circles about a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.crs import lonlat_to_bng
from hotspots.errors import InputError
from hotspots.sources import boundaries, vector
from hotspots.sources.columns import by_plain_name, listed
from hotspots.sources.rows import account, aside, together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

ROLES = ("action", "comparison")
"""What a shape can be: the area of an intervention, or the one to compare it with."""

WIDEST_M = 20_000.0
"""No intervention's area is wider: a register of places, not of counties."""

_RADIUS_M = (10.0, 2_000.0)
_GRID = shapely.box(0, 0, 700_000, 1_300_000)
_DEGREES = shapely.box(-9, 49, 2, 61)


@dataclass(frozen=True)
class Shapes:
    """
    Shapes by intervention and role, and the account of their file.

    Attributes
    ----------
    by_id : dict of (id, role) to geometry
        EPSG:27700.
    set_aside, account : DataFrame
        ``schema.SET_ASIDE`` and ``schema.ACCOUNT``; the line is the number of the feature.
    repairs : tuple of str
    """

    by_id: dict[tuple[str, str], BaseGeometry]
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...] = ()

    @classmethod
    def none(cls) -> Shapes:
        """Return no shapes."""
        return cls({}, pd.DataFrame(), pd.DataFrame())

    def of(self, intervention_id: str, role: str) -> BaseGeometry | None:
        """Return the shape of an intervention, if there is one."""
        return self.by_id.get((intervention_id, role))


def read(path: Path) -> Shapes:
    """
    Read areas from a geographic file.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage or zipped shapefile of polygons with a column ``intervention_id`` (or
        ``id``) and maybe ``role``: action, which is meant if it is empty, or comparison. Several
        polygons of one id and role are one area.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, its place is not certain, or has no column of ids.
    """
    found = vector.read(path)
    if found.is_assumed:
        msg = (
            f"{path}: the file states no coordinate reference system; save it again with "
            "EPSG:27700 stated (a shapefile does so in its .prj)."
        )
        raise InputError(msg)
    names = by_plain_name([str(each) for each in found.table.columns])
    column = names.get("interventionid") or names.get("id")
    if column is None:
        msg = (
            f"{path}: found no column intervention_id; the file has {listed(found.table.columns)}. "
            "Add one with the ids of the register."
        )
        raise InputError(msg)
    ids = vector.text(found.table[column])
    roles = pd.Series(ROLES[0], ids.index, dtype="str")
    if "role" in names:
        given = vector.text(found.table[names["role"]]).str.casefold()
        roles = given.where(given.ne(""), ROLES[0])
    geometry, repairs = boundaries.polygons(path, found.table.geometry)
    return _by_id(path, ids, roles, geometry.to_numpy(), (*found.repairs, *repairs))


def _by_id(
    path: Path,
    ids: pd.Series[str],
    roles: pd.Series[str],
    shapes: NDArray[np.object_],
    repairs: tuple[str, ...],
) -> Shapes:
    line = pd.Series(np.arange(1, len(ids) + 1), ids.index, dtype="int64")
    faults = {
        "it has no shape with an area": pd.Series(shapely.is_missing(shapes), ids.index),
        "it has no intervention_id; fill it": ids.eq(""),
        f"its role is none of {', '.join(ROLES)}": ~roles.isin(ROLES),
    }
    left = pd.Series(False, ids.index)
    parts = []
    for reason, is_fault in faults.items():
        rows = is_fault & ~left
        parts.append(aside(path.name, line[rows], status="quarantined", reason=reason))
        left |= rows
    kept = pd.DataFrame({"id": ids, "role": roles, "at": range(len(ids))})[~left]
    by_id = {
        (str(own), str(role)): shapely.union_all(shapes[rows["at"].to_numpy()])
        for (own, role), rows in kept.groupby(["id", "role"], sort=True)
    }
    set_aside = together(parts)
    counts = account(path.name, rows_in=len(ids), kept=len(kept), set_aside=set_aside)
    return Shapes(by_id, set_aside, counts, repairs)


def written_area(row: Mapping[str, str]) -> BaseGeometry:
    """
    Make an area of what a row of a register says.

    Parameters
    ----------
    row : mapping of str to str
        ``wkt``; or ``radius_m`` with ``easting`` and ``northing`` or ``longitude`` and
        ``latitude``.

    Returns
    -------
    shapely geometry
        A polygon or several, EPSG:27700.

    Raises
    ------
    ValueError
        Saying what was found and what to do.
    """
    if row.get("wkt"):
        return _polygon(row["wkt"])
    radius_m = _number(row, "radius_m")
    low, high = _RADIUS_M
    if not low <= radius_m <= high:
        msg = f"a radius of {radius_m:g} m; expected {low:g} to {high:g} metres"
        raise ValueError(msg)
    if row.get("easting") or row.get("northing"):
        at = shapely.Point(_number(row, "easting"), _number(row, "northing"))
    else:
        at = _on_grid(shapely.Point(_number(row, "longitude"), _number(row, "latitude")))
    if not shapely.intersects(at, _GRID):
        msg = "the point lies outside Great Britain; check which number is the easting"
        raise ValueError(msg)
    return shapely.buffer(at, radius_m, quad_segs=8)


def _number(row: Mapping[str, str], name: str) -> float:
    text = row.get(name, "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = f"{name} is {text[:40]!r}, no number; write metres or degrees in figures"
        raise ValueError(msg)
    return value


def _polygon(wkt: str) -> BaseGeometry:
    try:
        shape = shapely.from_wkt(wkt)
    except shapely.errors.GEOSException:
        msg = "it is no well-known text of a shape; write POLYGON ((x y, x y, ...))"
        raise ValueError(msg) from None
    if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.is_empty:
        msg = "it is no polygon; draw the area, or give a point with radius_m"
        raise ValueError(msg)
    if not shape.is_valid:
        msg = f"the polygon is not valid ({shapely.is_valid_reason(shape)[:80]}); draw it again"
        raise ValueError(msg)
    placed = shapely.force_2d(shape)
    if shapely.covers(_DEGREES, placed):
        placed = _on_grid(placed)
    x0, y0, x1, y1 = placed.bounds
    if not shapely.covers(_GRID, placed) or max(x1 - x0, y1 - y0) > WIDEST_M:
        msg = (
            f"the polygon is not within Great Britain or wider than {WIDEST_M / 1000:g} km; write "
            "it in metres of EPSG:27700 or in longitude and latitude"
        )
        raise ValueError(msg)
    return placed


def _on_grid(shape: BaseGeometry) -> BaseGeometry:
    """Take degrees, longitude first, to metres."""
    return shapely.transform(shape, lambda xy: lonlat_to_bng(xy[:, 0], xy[:, 1]))
