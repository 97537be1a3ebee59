"""The area of a settings file, to judge a council's file by before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from hotspots import settings as reading
from hotspots.errors import HotspotsError
from hotspots.pipeline.tables import crime_sets
from hotspots.sources import boundaries

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry


def area_of(path: Path) -> BaseGeometry | None:
    """
    Return the area that a settings file is about.

    Parameters
    ----------
    path : Path
        The settings file.

    Returns
    -------
    shapely geometry or None
        The districts, or what other areas there are, as one shape, EPSG:27700; None if the
        settings name no outlines that are files here.

    Raises
    ------
    HotspotsError
        If the settings or an outline cannot be read.
    """
    layers = [layer for layer in reading.load(path).boundaries if layer.file is not None]
    wanted = [layer for layer in layers if layer.level == "district"] or layers[:1]
    shapes = [
        shape
        for layer in wanted
        for file in reading.expand(layer.file or "")
        for shape in boundaries.read(
            file, level=layer.level, code=layer.code, name=layer.name, is_whole=layer.is_whole
        ).table.geometry
    ]
    return shapely.union_all(shapes) if shapes else None


def groups_of(path: Path) -> tuple[str, ...]:
    """Return the crime groups of a settings file; none if there is no such file that loads."""
    if not path.exists():
        return ()
    try:
        return tuple(each.name for each in crime_sets(reading.load(path).crime_groups))
    except HotspotsError:
        return ()


def area_if_any(path: Path) -> BaseGeometry | None:
    """Return the area of a settings file if there is one and all of it can be read."""
    if not path.exists():
        return None
    try:
        return area_of(path)
    except HotspotsError:
        return None
