"""Streets as lines: what the ground measures of a street layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.crs import BNG
from hotspots.errors import InputError
from hotspots.schema import SET_ASIDE, STREETS, check
from hotspots.sources import cut_short, vector
from hotspots.sources.columns import candidates, telling
from hotspots.sources.layer import LayerFile
from hotspots.sources.rows import account, aside, together, unique

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

EDGE_M = 500.0
"""A street further than this outside the area is excluded."""

_NAMES = (
    "name", "name1", "streetname", "roadname", "roadnametoid", "designatedname", "fullstreet",
    "streetdescription", "street", "road",
)  # fmt: skip
_IDS = ("streetid", "usrn", "identifier", "id", "osmid", "toid", "objectid", "fid")
_LINES = ("LineString", "MultiLineString")


def read(path: Path, *, near: BaseGeometry | None = None, is_whole: bool = False) -> LayerFile:
    """
    Read the lines of a street layer.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, shapefile or a zip with one of these.
    near : shapely geometry or None
        The area of the settings, EPSG:27700; streets more than 500 m outside it are excluded.
    is_whole : bool, default False
        Somebody made sure that a layer of exactly 1,000 or 2,000 lines is not cut short.

    Returns
    -------
    LayerFile
        Table ``schema.STREETS``. A feature that is no line, or has no shape, is quarantined; the
        account is exact.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, cut short, of another kind, states no coordinate reference system, or
        has no line.
    """
    found = vector.read(path)
    if found.is_assumed:
        msg = (
            f"{path}: the layer states no coordinate reference system; its numbers look like "
            "British National Grid metres. If they are, save it again with EPSG:27700 stated (a "
            "shapefile does so in its .prj)."
        )
        raise InputError(msg)
    cut_short.refuse(path, len(found.table), is_whole=is_whole)
    geometry = found.table.geometry
    table = pd.DataFrame(found.table.drop(columns=geometry.name)).apply(vector.text)
    shapes = np.asarray(shapely.force_2d(geometry.to_numpy()), dtype=object)
    kind = pd.Series(geometry.geom_type, geometry.index, dtype="str").fillna("nothing")
    is_line = (kind.isin(_LINES) & ~geometry.is_empty).to_numpy(dtype=bool)
    if not is_line.any():
        msg = (
            f"{path}: expected streets as lines, but no feature is one; the first is "
            f"{kind.iloc[0]}. Save the layer as lines, or name another file."
        )
        raise InputError(msg)
    kept = is_line & _is_near(shapes, near)
    away = is_line & ~kept
    set_aside = _set_aside(path, kind, found.fault, bad=~is_line, away=away)
    streets, columns, warnings = _table(table, shapes, kept)
    return LayerFile(
        check(streets, STREETS),
        set_aside,
        account(path.name, rows_in=len(table), kept=len(streets), set_aside=set_aside),
        found.repairs,
        warnings,
        columns,
    )


def _is_near(shapes: NDArray[np.object_], near: BaseGeometry | None) -> NDArray[np.bool_]:
    if near is None:
        return np.ones(len(shapes), dtype=bool)
    shapely.prepare(near)
    return np.asarray(shapely.dwithin(near, shapes, EDGE_M))


def _table(
    table: pd.DataFrame, shapes: NDArray[np.object_], kept: NDArray[np.bool_]
) -> tuple[gpd.GeoDataFrame, dict[str, str], tuple[str, ...]]:
    """Return the streets kept, how their columns were understood, and what to look at."""
    headings = list(table.columns)
    id_column = telling(table, candidates(headings, _IDS))
    name_column = next(iter(candidates(headings, _NAMES)), None)
    line = pd.Series(table.index + 1, table.index).astype("str")
    ids = table[id_column].mask(table[id_column].eq(""), "line-" + line) if id_column else line
    names = pd.Series(pd.NA, table.index, dtype="str")
    if name_column:
        names = table[name_column].where(table[name_column].ne(""))
    streets = gpd.GeoDataFrame(
        {"street_id": unique(ids[kept]).astype("str"), "name": names[kept].astype("str")},
        geometry=shapes[kept],
        crs=BNG,
    )
    understood = {"street_id": id_column, "name": name_column}
    columns = {key: column for key, column in understood.items() if column}
    warnings = () if kept.any() else ("no street lies in the area",)
    return streets.sort_values("street_id", ignore_index=True), columns, warnings


def _set_aside(
    path: Path,
    kind: pd.Series[str],
    fault: pd.Series[str],
    *,
    bad: NDArray[np.bool_],
    away: NDArray[np.bool_],
) -> pd.DataFrame:
    line = pd.Series(kind.index + 1, kind.index, dtype="int64")
    reason = fault.fillna("the shape is not a line")
    parts = [
        aside(
            path.name, line[bad], status="quarantined", reason=reason[bad], column="geometry",
            value=kind[bad],
        ),
        aside(
            path.name, line[away], status="excluded", reason="outside the area",
            column="geometry",
        ),
    ]  # fmt: skip
    return check(together(parts), SET_ASIDE)
