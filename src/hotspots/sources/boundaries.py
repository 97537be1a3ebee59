"""Districts, wards, LSOAs and force areas from a file of shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.schema import AREAS, check
from hotspots.sources import vector
from hotspots.sources.columns import listed

if TYPE_CHECKING:
    from pathlib import Path

_POLYGONS = frozenset({"Polygon", "MultiPolygon"})
_GRID = shapely.box(0, 0, 700_000, 1_300_000)


def read(path: Path, *, level: str, code: str, name: str) -> gpd.GeoDataFrame:
    """
    Read areas of one level, dissolved by their code.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, shapefile or a zip with one shapefile; polygons in any stated
        coordinate reference system.
    level : str
        Kind of area; see ``schema.AREAS``.
    code, name : str
        Columns that hold the ONS code and the name. Rows that share a code become one
        area, so districts can be read from a file of LSOAs.

    Returns
    -------
    GeoDataFrame, ``schema.AREAS``, EPSG:27700
        Valid polygons sorted by ``area_code``; shapes that touch themselves are repaired,
        keeping polygons only. ``district_code`` is missing throughout.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, states no CRS, lacks a column, has a blank code
        or name, two names for one code, or shapes that are no areas of Great Britain.
    """
    shapes = vector.read(path, wanted=[code, name])
    missing = [column for column in dict.fromkeys([code, name]) if column not in shapes.columns]
    if missing:
        held = listed(column for column in shapes.columns if column != shapes.geometry.name)
        msg = (
            f"{path}: found no column {listed(missing)}; the file has {held}. "
            "Correct `code` and `name` of this boundary in the settings."
        )
        raise InputError(msg)
    labels = pd.DataFrame(
        {"area_code": _text(path, shapes, code), "name": _text(path, shapes, name)}
    )
    _refuse_second_names(path, labels, name)
    polygons = _polygons(path, shapes.geometry)
    areas = gpd.GeoDataFrame(labels, geometry=polygons, crs=shapes.crs)
    # Neighbours may overlap by a hair after simplification, so their union is worked out in full.
    areas = areas.dissolve(by="area_code", as_index=False, sort=True, method="unary")
    areas["geometry"] = _mended(areas.geometry)
    areas["level"] = level
    areas["district_code"] = pd.Series(pd.NA, areas.index, dtype="str")
    areas["area_m2"] = areas.area
    areas = areas[AREAS.names].astype({column.name: column.dtype for column in AREAS.columns})
    return check(areas, AREAS)


def _text(path: Path, shapes: gpd.GeoDataFrame, column: str) -> pd.Series[str]:
    """Return a column as text without blanks around it; an empty value is refused."""
    text = vector.text(shapes[column])
    empty = text.eq("")
    if empty.any():
        first = int(empty.to_numpy().argmax()) + 1
        msg = (
            f"{path}, feature {first}, column {column!r}: the value is empty "
            f"({int(empty.sum())} of {len(text)} are). Fill it, or name another column."
        )
        raise InputError(msg)
    return text


def _refuse_second_names(path: Path, labels: pd.DataFrame, column: str) -> None:
    names = labels.groupby("area_code")["name"].nunique()
    if (names > 1).any():
        worst = names.idxmax()
        msg = (
            f"{path}, column {column!r}: the code {worst!r} has {names.max()} different names. "
            "Name the column that goes with the code in the settings."
        )
        raise InputError(msg)


def _polygons(path: Path, geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the shapes as valid polygons, or refuse the first that is none."""
    absent = geometry.isna() | geometry.is_empty
    alien = ~absent & ~geometry.geom_type.isin(_POLYGONS)
    flat = geometry.force_2d()
    away = ~absent & ~alien & ~flat.intersects(_GRID)
    for fault, found in (
        (absent, "the feature has no shape"),
        (alien, "the shape is not a polygon"),
        (away, "the shape lies outside Great Britain; its coordinates may be swapped"),
    ):
        _refuse_first(path, fault, geometry, found)
    mended = _mended(flat)
    _refuse_first(path, mended.is_empty, geometry, "the polygon has no area")
    return mended


def _refuse_first(path: Path, fault: pd.Series[bool], geometry: gpd.GeoSeries, found: str) -> None:
    if fault.any():
        first = int(fault.to_numpy().argmax())
        kind = geometry.geom_type.iloc[first] or "nothing"
        msg = (
            f"{path}, feature {first + 1}: {found} (found {kind}; {int(fault.sum())} of "
            f"{len(geometry)} features). Supply the boundaries as polygons with a CRS."
        )
        raise InputError(msg)


def _mended(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return valid shapes; by this method a repair leaves polygons only, no lines or points."""
    shapes = geometry.to_numpy().copy()
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return gpd.GeoSeries(shapes, index=geometry.index, crs=geometry.crs)
