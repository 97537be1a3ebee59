"""The GeoPackage for QGIS: four layers in EPSG:27700, each with a style that opens with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio

from hotspots import schema
from hotspots.errors import PublishError
from hotspots.publish import assets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

    from hotspots.publish.publication import Publication

_ROOM_BYTES = 16 * 2**20
"""With less than this left, a layer that could not be written found the disk full."""

STYLES = "layer_styles"
"""The table in which QGIS looks for styles."""

_GEOMETRY = {
    "hotspots": "MultiPolygon",
    "points": "Point",
    "lamps": "Point",
    "districts": "MultiPolygon",
}
_DISTRICT_COLUMNS = ["area_code", "name", "area_m2", "geometry"]


def write(publication: Publication, hotspots: gpd.GeoDataFrame, path: Path) -> None:
    """
    Write the layers ``hotspots``, ``points``, ``lamps`` and ``districts``, and their styles.

    Parameters
    ----------
    publication : Publication
    hotspots : GeoDataFrame, EPSG:27700
        From ``exchange.shared``, so that every file says the same.
    path : Path
        File to write; the same bytes for the same tables.

    Raises
    ------
    OSError
        If there is no room for it.
    PublishError
        If GDAL cannot write it for another reason.
    """
    layers = {
        "hotspots": hotspots,
        "points": publication.points.sort_values("point_id"),
        "lamps": publication.lamps.sort_values("lamp_id"),
        "districts": publication.districts[_DISTRICT_COLUMNS],
    }
    with _plain_faults(path), _options(publication.made_on):
        for name, table in layers.items():
            pyogrio.write_dataframe(
                _plain(table),
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                geometry_type=_GEOMETRY[name],
                promote_to_multi=_GEOMETRY[name].startswith("Multi"),
            )
        pyogrio.write_dataframe(
            _styles(publication.made_on), path, layer=STYLES, append=True, FID="id"
        )


@contextmanager
def _plain_faults(path: Path) -> Iterator[None]:
    """Find out why GDAL could not write: its own words differ by the statement that failed."""
    try:
        yield
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        try:
            _need_room(path.with_suffix(".partial"))
        except OSError as full:
            raise full from error
        msg = f"{path.name}: GDAL could not write it ({error}); run again."
        raise PublishError(msg) from error


def _need_room(probe: Path) -> None:
    """Write as much as a layer may need, and take it away again."""
    try:
        probe.write_bytes(bytes(_ROOM_BYTES))
    finally:
        probe.unlink(missing_ok=True)


@contextmanager
def _options(made_on: dt.date) -> Iterator[None]:
    """Make GDAL write ``made_on`` where it would read the clock, and not wait for the disk."""
    options = {
        "OGR_CURRENT_DATE": _instant(made_on),
        # A draft like every other file of a run: what is cut short is made again.
        "OGR_SQLITE_SYNCHRONOUS": "OFF",
        "OGR_SQLITE_JOURNAL": "OFF",
    }
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(options))


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"


def _plain(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give months as text, ``YYYY-MM``: a GeoPackage would make moments of them."""
    months = {
        name: table[name].dt.strftime("%Y-%m")
        for name in table.columns
        if str(table[name].dtype) == schema.MONTH
    }
    return table.assign(**months)


def _styles(made_on: dt.date) -> pd.DataFrame:
    names = list(_GEOMETRY)
    empty = [""] * len(names)
    return pd.DataFrame(
        {
            "f_table_catalog": empty,
            "f_table_schema": empty,
            "f_table_name": names,
            "f_geometry_column": ["geom"] * len(names),
            "styleName": names,
            "styleQML": [assets.static(f"{name}.qml") for name in names],
            "styleSLD": empty,
            "useAsDefault": [True] * len(names),
            "description": ["Made with the maps"] * len(names),
            "owner": empty,
            "ui": pd.Series([None] * len(names), dtype="str"),
            "update_time": pd.to_datetime([_instant(made_on)] * len(names)).as_unit("ms"),
        }
    )
