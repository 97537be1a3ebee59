"""Where a row of a council file lies: its coordinate columns, told by heading and by value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.crs import lonlat_to_bng
from hotspots.errors import InputError
from hotspots.sources.columns import candidates, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

KEYS = ("easting", "northing", "longitude", "latitude")
"""Keys by which the settings may name coordinate columns."""

EASTING_M = (5_000.0, 660_000.0)
"""Eastings of Great Britain, metres, EPSG:27700, inclusive."""

NORTHING_M = (5_000.0, 1_225_000.0)
"""Northings of Great Britain, metres, EPSG:27700, inclusive."""

_LONGITUDE = (-9.0, 2.0)
_LATITUDE = (49.5, 61.0)
_ENOUGH = 0.5
_NONE = "there is no coordinate"
_AWAY = "the coordinate is outside Great Britain"
_GRID_PAIRS = (
    ("easting", "northing"),
    ("eastings", "northings"),
    ("featcenteast", "featcentnorth"),
    ("assetxcords", "assetycords"),
    ("assetxcoords", "assetycoords"),
    ("bngeasting", "bngnorthing"),
    ("oseasting", "osnorthing"),
    ("gridrefeasting", "gridrefnorthing"),
    ("xcoordinate", "ycoordinate"),
    ("xcoord", "ycoord"),
    ("geox", "geoy"),
)
_DEGREE_PAIRS = (("longitude", "latitude"), ("long", "lat"), ("lon", "lat"), ("lng", "lat"))
_OTHER_PAIRS = (("x", "y"), ("pointx", "pointy"))
_WKT = ("wkt", "geometry", "geom", "thegeom", "wktgeometry", "shape")


@dataclass(frozen=True)
class Located:
    """
    Where the rows of a file lie.

    Attributes
    ----------
    x, y : Series of float64, indexed like the rows
        Easting and northing in metres, EPSG:27700; missing where there is a fault.
    reason, column, value : Series of str, indexed like the rows
        Why a row cannot be placed, and the column and value at fault; missing where it can.
    columns : dict of str to str
        Key to the column that was used.
    repairs : tuple of str
        What was put right, in words.
    """

    x: pd.Series[float]
    y: pd.Series[float]
    reason: pd.Series[str]
    column: pd.Series[str]
    value: pd.Series[str]
    columns: dict[str, str]
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fault:
    """Rows that share a fault, and the column and values to show for it."""

    rows: pd.Series[bool]
    reason: str
    column: str
    value: pd.Series[str]


@dataclass(frozen=True)
class _Pair:
    """Two columns, one axis each, and the values they have as numbers."""

    across: str
    up: str
    x: pd.Series[float]
    y: pd.Series[float]
    is_grid: bool
    is_swapped: bool = False

    @property
    def n_inside(self) -> int:
        """Rows that lie in Great Britain when the pair is read this way."""
        limits = (EASTING_M, NORTHING_M) if self.is_grid else (_LONGITUDE, _LATITUDE)
        return int((self.x.between(*limits[0]) & self.y.between(*limits[1])).sum())

    @property
    def filled(self) -> pd.Series[bool]:
        """Rows with two numbers that are not both zero."""
        return self.x.notna() & self.y.notna() & ~(self.x.eq(0) & self.y.eq(0))


def locate(file: str, table: pd.DataFrame, columns: Mapping[str, str], *, fix: str) -> Located:
    """
    Find the coordinates of a table of text and put them on the British National Grid.

    Eastings and northings are preferred to degrees. Degrees whose headings are swapped are
    told by their values. A column of points in well-known text will also do.

    Parameters
    ----------
    file : str
        The file, for messages.
    table : DataFrame of str
        Values of the file.
    columns : mapping of str to str
        Columns that the settings name, by the ``KEYS``; all others are recognised.
    fix : str
        What to do if no coordinates are found, one sentence.

    Raises
    ------
    InputError
        If no two columns hold coordinates in Great Britain.
    """
    named = _named(file, table, columns)
    pairs = named or _recognised(table)
    if not pairs:
        msg = (
            f"{file}: cannot tell which columns hold the coordinates; "
            f"the file has {listed(table.columns)}. {fix}"
        )
        raise InputError(msg)
    best = max(pairs, key=lambda pair: pair.n_inside)
    grids = [pair for pair in pairs if pair.is_grid and pair.n_inside >= best.n_inside * _ENOUGH]
    best = max(grids, key=lambda pair: pair.n_inside, default=best)
    # A column that the settings name is believed as long as one row bears it out.
    needed = 1 if named else max(1, int(best.filled.sum() * _ENOUGH))
    if best.n_inside < needed:
        row = int(best.filled.to_numpy().argmax())
        seen = f"{table[best.across].iloc[row]!r}, {table[best.up].iloc[row]!r}"
        msg = (
            f"{file}: the columns {best.across!r} and {best.up!r} hold no places in Great Britain, "
            "neither as British National Grid metres nor as degrees "
            f"({best.n_inside} of {len(table)} rows; an example is {seen}). {fix}"
        )
        raise InputError(msg)
    return _placed(table, best)


def numbers(values: pd.Series[str]) -> pd.Series[float]:
    """Return text as float64, missing where it is no finite number; "521,537" is a number."""
    bare = values.where(
        ~values.str.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?"), values.str.replace(",", "")
    )
    found = pd.to_numeric(bare, errors="coerce").astype("float64")
    return found.where(np.isfinite(found))


def _named(file: str, table: pd.DataFrame, columns: Mapping[str, str]) -> list[_Pair]:
    """Return the pair that the settings name, if they do; half a pair is an error."""
    for across, up in (("easting", "northing"), ("longitude", "latitude")):
        named = [key for key in (across, up) if key in columns]
        if len(named) == 1:
            other = up if named == [across] else across
            msg = f"{file}: the settings name a column for {named[0]} but none for {other}; add it."
            raise InputError(msg)
        if named:
            return _readings(table, columns[across], columns[up], grid=across == "easting")
    return []


def _recognised(table: pd.DataFrame) -> list[_Pair]:
    """Return every way to read a pair of columns as coordinates, the preferred ones first."""
    headings = list(table.columns)
    found = []
    for names, grid in ((_GRID_PAIRS, True), (_DEGREE_PAIRS, False), (_OTHER_PAIRS, None)):
        for across, up in names:
            pair = candidates(headings, [across, up])
            if len(pair) == 2:  # noqa: PLR2004 - a pair
                found += _readings(table, pair[0], pair[1], grid=grid)
    for name in candidates(headings, _WKT):
        found += _from_text(table, name)
    return found


def _readings(table: pd.DataFrame, across: str, up: str, *, grid: bool | None) -> list[_Pair]:
    x, y = numbers(table[across]), numbers(table[up])
    return _ways(across, up, x, y, grid=grid)


def _ways(
    across: str, up: str, x: pd.Series[float], y: pd.Series[float], *, grid: bool | None
) -> list[_Pair]:
    ways = [] if grid is False else [_Pair(across, up, x, y, is_grid=True)]
    if grid is not True:
        ways.append(_Pair(across, up, x, y, is_grid=False))
        ways.append(_Pair(up, across, y, x, is_grid=False, is_swapped=True))
    return ways


def _from_text(table: pd.DataFrame, name: str) -> list[_Pair]:
    """Return the ways to read a column of points in well-known text."""
    points = shapely.from_wkt(table[name].to_numpy(dtype=object), on_invalid="ignore")
    is_point = shapely.get_type_id(points) == shapely.GeometryType.POINT
    is_point &= ~shapely.is_empty(points)  # an empty point has no x to ask for
    places = np.where(is_point, points, None)
    x = pd.Series(shapely.get_x(places), table.index)
    y = pd.Series(shapely.get_y(places), table.index)
    return _ways(name, name, x, y, grid=None)


def _placed(table: pd.DataFrame, pair: _Pair) -> Located:
    """Project the pair if need be and find the rows that cannot be placed."""
    x, y = pair.x, pair.y
    if not pair.is_grid:
        known = x.between(-180, 180) & y.between(-90, 90)
        degrees = np.array([x.where(known), y.where(known)], dtype=np.float64)
        xy = lonlat_to_bng(degrees[0], degrees[1])
        x, y = pd.Series(xy[:, 0], table.index), pd.Series(xy[:, 1], table.index)
    keys = KEYS[:2] if pair.is_grid else KEYS[2:]
    across, up = table[pair.across], table[pair.up]
    faults = [
        _Fault(across.eq(""), _NONE, pair.across, across),
        _Fault(up.eq(""), _NONE, pair.up, up),
        _Fault(pair.x.isna(), "the coordinate is not a number", pair.across, across),
        _Fault(pair.y.isna(), "the coordinate is not a number", pair.up, up),
        _Fault(pair.x.eq(0) & pair.y.eq(0), "the coordinate is zero", pair.across, across),
        _Fault(~x.between(*EASTING_M), _AWAY, pair.across, across),
        _Fault(~y.between(*NORTHING_M), _AWAY, pair.up, up),
    ]
    columns = dict(zip(keys, (pair.across, pair.up), strict=True))
    return _judged(x, y, faults, columns, (_swapped(pair),) if pair.is_swapped else ())


def _swapped(pair: _Pair) -> str:
    if pair.across == pair.up:
        return f"the points in {pair.across!r} give the latitude first; read by their values"
    return (
        f"the columns {pair.up!r} and {pair.across!r} are headed the wrong way round; "
        "read by their values"
    )


def from_points(geometry: gpd.GeoSeries) -> Located:
    """
    Take the coordinates of shapes that should be points.

    Parameters
    ----------
    geometry : GeoSeries, EPSG:27700
        Shapes of a geographic file; all but points are faults.
    """
    kind = pd.Series(geometry.geom_type, geometry.index, dtype="str").fillna("nothing")
    is_point = kind.eq("Point") & ~geometry.is_empty
    places = geometry.where(is_point)
    x, y = places.x.astype("float64"), places.y.astype("float64")
    shown = x.round(1).astype("str") + " " + y.round(1).astype("str")
    faults = [
        _Fault(geometry.isna() | geometry.is_empty, _NONE, "geometry", kind),
        _Fault(~is_point, "the shape is not a point", "geometry", kind),
        _Fault(~x.between(*EASTING_M), _AWAY, "geometry", shown),
        _Fault(~y.between(*NORTHING_M), _AWAY, "geometry", shown),
    ]
    return _judged(x, y, faults, dict.fromkeys(KEYS[:2], "geometry"), ())


def _judged(
    x: pd.Series[float],
    y: pd.Series[float],
    faults: Sequence[_Fault],
    columns: dict[str, str],
    repairs: tuple[str, ...],
) -> Located:
    """Keep the places without a fault, and of the others the first fault."""
    reason = pd.Series(pd.NA, x.index, dtype="str")
    column, value = reason.copy(), reason.copy()
    for fault in reversed(faults):
        reason = reason.mask(fault.rows, fault.reason)
        column = column.mask(fault.rows, fault.column)
        value = value.mask(fault.rows, fault.value)
    fine = reason.isna()
    return Located(x.where(fine), y.where(fine), reason, column, value, columns, repairs)
