"""Polygons that an analyst brings to be scored, in the order in which they would be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.sources import boundaries, vector

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

ORDER_COLUMNS = ("rank", "order", "priority")
"""Columns that say which polygon comes first, in any case; 1 is first."""


@dataclass(frozen=True)
class PolygonFile:
    """
    One file of polygons, read.

    Attributes
    ----------
    shapes : array of Polygon or MultiPolygon
        EPSG:27700; best first where the file has an order, else in that of the file.
    order_column : str or None
        The column that ordered them.
    notes : tuple of str
        What was put right or left out, and what a person should look at, in words.
    """

    shapes: NDArray[np.object_]
    order_column: str | None
    notes: tuple[str, ...]


def read(path: Path, *, area: BaseGeometry | None = None) -> PolygonFile:
    """
    Read polygons from a geographic file.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, shapefile or a zip with one of these.
    area : shapely geometry, optional
        EPSG:27700; polygons that lie wholly outside it are left out.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged or of another kind, its place is not certain, it holds shapes that are no
        polygons, or none of them lies in the area.
    """
    found = vector.read(path)
    if found.is_assumed:
        msg = (
            f"{path}: the file states no coordinate reference system; its numbers look like "
            "British National Grid metres. If they are, save it again with EPSG:27700 stated (a "
            "shapefile does so in its .prj)."
        )
        raise InputError(msg)
    geometry, repairs = boundaries.polygons(path, found.table.geometry)
    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    kept = ~shapely.is_missing(shapes)
    notes = [*found.repairs, *repairs]
    if not kept.all():
        notes.append(f"{int((~kept).sum()):,} features have no shape; left out")
    if area is not None:
        shapely.prepare(area)
        away = kept & ~shapely.intersects(area, shapes)
        kept &= ~away
        if away.any():
            notes.append(f"{int(away.sum()):,} polygons lie outside the area; left out")
    if not kept.any():
        msg = (
            f"{path}: none of its {len(shapes):,} features is a polygon in the area of the "
            "settings; supply polygons of that area."
        )
        raise InputError(msg)
    column, order, doubt = _order(found.table[kept].drop(columns=geometry.name or "geometry"))
    return PolygonFile(shapes[kept][order], column, (*notes, *doubt))


def _order(table: pd.DataFrame) -> tuple[str | None, NDArray[np.int64], tuple[str, ...]]:
    """Find the column of the order, and the rows in it."""
    as_is = np.arange(len(table))
    named = {str(name).strip().lower(): str(name) for name in reversed(list(table.columns))}
    column = next((named[each] for each in ORDER_COLUMNS if each in named), None)
    if column is None:
        return None, as_is, ()
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
    if np.isnan(values).any():
        n = int(np.isnan(values).sum())
        doubt = f"{n:,} values of {column!r} are no numbers, so polygons go by their incidents"
        return None, as_is, (doubt,)
    return column, np.argsort(values, kind="stable"), ()
