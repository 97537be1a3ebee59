"""The files other programs read: CSV for spreadsheets, GeoJSON for maps. EPSG:4326."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.publish import shapes
from hotspots.publish.texts import clean

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.publish.cells import Cells

COLUMNS = (
    "hotspot_id", "crime_group", "rank", "score", "label", "class", "n", "n_points", "area_m2",
    "width_m", "window_start", "window_end", "name", "district", "district_code", "streets",
    "months_observed", "expected", "p_family", "q", "types", "harm", "is_harm_rounded",
    "rank_harm", "rank_sqrt_harm", "is_one_event", "is_frequency_desert", "is_recurring",
    "windows_hot", "windows_seen", "window_months", "chance_hot", "born", "trend_per_year",
    "trend_low", "trend_high", "trend_p", "own_share", "is_rebased", "list_id",
)  # fmt: skip
"""Columns of every exchange file, in order; the geometry follows."""

_MONTHS = ("window_start", "window_end", "born")
_DECIMALS = {
    "score": 3, "area_m2": 0, "width_m": 0, "harm": 0, "trend_per_year": 6, "trend_low": 6,
    "trend_high": 6, "trend_p": 4, "own_share": 3, "expected": 2, "p_family": 4, "q": 4,
    "chance_hot": 3,
}  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_DEGREE_DECIMALS = 6


def shared(cells: Cells) -> gpd.GeoDataFrame:
    """
    Reduce the hotspots to what any file may hold: small numbers hidden, figures rounded, clean.

    Returns
    -------
    GeoDataFrame, EPSG:27700
        ``COLUMNS`` and the geometry; months as text, ``YYYY-MM``.
    """
    table = cells.hotspots[[*COLUMNS, "geometry"]].round(_DECIMALS)
    months = {name: table[name].dt.strftime("%Y-%m") for name in _MONTHS}
    table = table.assign(**months)
    texts = {name: table[name].map(clean, "ignore") for name in _text_columns(table)}
    return table.assign(**texts)


def write_csv(table: gpd.GeoDataFrame, path: Path) -> None:
    """
    Write the hotspots for a spreadsheet: UTF-8, commas, ``CR LF``.

    A text that a spreadsheet would take for a formula (it starts with ``=``, ``+``, ``-``, ``@``,
    a tab or a line break) gets an apostrophe in front. Numbers are left alone.

    Parameters
    ----------
    table : GeoDataFrame
        From ``shared``.
    path : Path
        File to write.
    """
    degrees = _degrees(table)
    inside = shapely.get_coordinates(shapely.point_on_surface(degrees))
    plain = table.drop(columns="geometry").assign(
        longitude=inside[:, 0].round(_DEGREE_DECIMALS),
        latitude=inside[:, 1].round(_DEGREE_DECIMALS),
        geometry=shapely.to_wkt(degrees, rounding_precision=_DEGREE_DECIMALS),
    )
    safe = plain.assign(**{name: harmless(plain[name]) for name in _text_columns(plain)})
    text = io.StringIO()
    safe.to_csv(text, index=False, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    path.write_bytes(text.getvalue().encode("utf-8"))


def write_geojson(table: gpd.GeoDataFrame, path: Path) -> None:
    """
    Write the hotspots by RFC 7946: degrees, six decimals, outer rings anticlockwise.

    Parameters
    ----------
    table : GeoDataFrame
        From ``shared``.
    path : Path
        File to write.
    """
    plain = table.drop(columns="geometry").astype("object")
    records = plain.where(plain.notna(), None).to_dict("records")
    geometry = shapely.to_geojson(_degrees(table))
    features = [
        f'{{"type":"Feature","properties":{_json(properties)},"geometry":{shape}}}'
        for properties, shape in zip(records, geometry, strict=True)
    ]
    body = ",\n".join(features)
    path.write_text(
        f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8", newline="\n"
    )


def _degrees(table: gpd.GeoDataFrame) -> NDArray[np.object_]:
    found = shapes.degrees(table.geometry.to_numpy())
    rounded = shapely.transform(found, lambda xy: np.round(xy, _DEGREE_DECIMALS))
    oriented: NDArray[np.object_] = shapely.orient_polygons(rounded)
    return oriented


def _text_columns(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if table[name].dtype in ("str", "object")]


def harmless(text: pd.Series[str]) -> pd.Series[str]:
    """Put an apostrophe before what a spreadsheet would run; spaces in front do not hide it."""
    starts = text.astype("str").str.lstrip(" ").str.startswith(_FORMULA_STARTS).fillna(False)
    return text.where(~starts, "'" + text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
