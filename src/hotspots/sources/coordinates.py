"""Where a row of a council file lies: its coordinate columns, told by heading and by value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.sources import mistaken
from hotspots.sources.columns import irish_words, is_named_irish, listed
from hotspots.sources.pairs import (
    EASTING_M,
    NORTHING_M,
    best_of,
    in_metres,
    n_placed,
    pair_of,
    recognised,
)
from hotspots.sources.plausible import Evidence, judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.pairs import Pair

KEYS = ("easting", "northing", "longitude", "latitude")
"""Keys by which the settings may name coordinate columns."""

_ENOUGH = 0.5
_SHOWN = 60
_NONE = "there is no coordinate"
_AWAY = "the coordinate is outside Great Britain"


class NoCoordinatesError(InputError):
    """No columns of a table are recognised as coordinates."""


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
    status : Series of str, indexed like the rows
        Part of the row account of a row that cannot be placed: ``quarantined``, or
        ``excluded`` if it lies outside the area.
    columns : dict of str to str
        Key to the column that was used.
    repairs : tuple of str
        What was put right, in words, each with its count first.
    warnings : tuple of str
        What a person should look at, in words.
    """

    x: pd.Series[float]
    y: pd.Series[float]
    reason: pd.Series[str]
    column: pd.Series[str]
    value: pd.Series[str]
    status: pd.Series[str]
    columns: dict[str, str]
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fault:
    """Rows that share a fault, and the column and values to show for it."""

    rows: pd.Series[bool]
    reason: str
    column: str
    value: pd.Series[str]


def locate(
    file: str,
    table: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    fix: str,
    near: BaseGeometry | None = None,
    is_local: bool = False,
) -> Located:
    """
    Find the coordinates of a table of text and put them on the British National Grid.

    Eastings and northings are preferred to degrees. What a row holds is told by its values
    where the headings are wrong: degrees of exchanged axes, metres under the headings of
    degrees, degrees under those of metres. A column of points in well-known text will also do.

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
    near : shapely geometry or None
        The area of the settings, EPSG:27700; rows well outside it are excluded.
    is_local : bool, default False
        The file is of one authority, so that a few rows far from all others are wrong.

    Raises
    ------
    InputError
        If no two columns hold coordinates in Great Britain, or those that do are not of it.
    """
    named = _named(file, table, columns)
    pairs = named or recognised(table)
    if not pairs:
        msg = (
            f"{file}: cannot tell which columns hold the coordinates; "
            f"the file has {listed(table.columns)}. {fix}"
        )
        raise NoCoordinatesError(msg)
    best = best_of(pairs)
    placed = n_placed(best)
    # A column that the settings name is believed as long as one row bears it out.
    needed = 1 if named else max(1, int(best.filled.sum() * _ENOUGH))
    if placed < needed:
        row = int(best.filled.to_numpy().argmax())
        names = list(dict.fromkeys([best.across, best.up]))
        seen = ", ".join(repr(table[name].iloc[row][:_SHOWN]) for name in names)
        what = f"columns {names[0]!r} and {names[-1]!r} hold"
        words, to_do = mistaken.told(table, best) or ("", fix)
        msg = (
            f"{file}: the {what if len(names) > 1 else f'column {names[0]!r} holds'} no places in "
            "Great Britain, neither as British National Grid metres nor as degrees "
            f"({placed} of {len(table)} rows; an example is {seen})"
            f"{'; ' if words else ''}{words}. {to_do}"
        )
        raise InputError(msg)
    others = [] if named else [pair for pair in pairs if pair is not best and pair.placed.any()]
    other = in_metres(max(others, key=n_placed))[:2] if others else None
    is_irish_name = is_named_irish(PurePath(file).name)
    evidence = Evidence(other, near, irish_words(table), is_irish_name, is_local)
    return _placed(file, table, best, evidence)


def numbers(values: pd.Series[str]) -> pd.Series[float]:
    """Return text as float64, missing where it is no finite number; "521,537" is a number."""
    found = pd.to_numeric(values, errors="coerce").astype("float64")
    odd = values[found.isna()]
    parted = odd[odd.str.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?").astype("bool")]
    if len(parted):
        bare = pd.to_numeric(parted.str.replace(",", ""), errors="coerce")
        found = found.fillna(bare.astype("float64"))
    return found.where(np.isfinite(found))


def _named(file: str, table: pd.DataFrame, columns: Mapping[str, str]) -> list[Pair]:
    """Return the pair that the settings name, if they do; half a pair is an error."""
    for across, up in (("easting", "northing"), ("longitude", "latitude")):
        named = [key for key in (across, up) if key in columns]
        if len(named) == 1:
            other = up if named == [across] else across
            msg = f"{file}: the settings name a column for {named[0]} but none for {other}; add it."
            raise InputError(msg)
        if named:
            return [pair_of(table, columns[across], columns[up], is_grid=across == "easting")]
    return []


def _placed(file: str, table: pd.DataFrame, pair: Pair, evidence: Evidence) -> Located:
    """Place every row, find those that cannot be placed, and say what was put right."""
    x, y, turned = in_metres(pair)
    first, second = pair.first, pair.second
    across, up = table[pair.across], table[pair.up]
    rounded = "the coordinate was rounded by a spreadsheet"
    faults = [
        _Fault(across.eq(""), _NONE, pair.across, across),
        _Fault(up.eq(""), _NONE, pair.up, up),
        _Fault(first.number.isna(), "the coordinate is not a number", pair.across, across),
        _Fault(second.number.isna(), "the coordinate is not a number", pair.up, up),
        _Fault(first.number.eq(0) & second.number.eq(0), "the coordinate is zero", pair.across,
               across),
        _Fault(first.is_rounded, rounded, pair.across, across),
        _Fault(second.is_rounded, rounded, pair.up, up),
        _Fault(x.isna() & ~pair.first_fits, _AWAY, pair.across, across),
        _Fault(x.isna(), _AWAY, pair.up, up),
    ]  # fmt: skip
    found = _judged(x, y, faults, _keys(pair))
    is_metres = (pair.metres | turned) & found.reason.isna()
    seen = judge(file, found.x, found.y, is_metres, evidence)
    shown = across if pair.across == pair.up else across + ", " + up
    found = _with(found, seen.x, seen.y, seen.reason, seen.status, pair.across, shown)
    repairs = (*_repairs(pair, turned, found.reason.isna()), *seen.repairs)
    return replace(found, repairs=repairs, warnings=tuple(seen.warnings))


def _keys(pair: Pair) -> dict[str, str]:
    if pair.is_metric:
        return dict(zip(KEYS[:2], (pair.across, pair.up), strict=True))
    columns = (pair.up, pair.across) if pair.is_turned else (pair.across, pair.up)
    return dict(zip(KEYS[2:], columns, strict=True))


def _repairs(pair: Pair, turned: pd.Series[bool], kept: pd.Series[bool]) -> tuple[str, ...]:
    """Say of the rows kept which are not what the headings, or the other rows, say."""
    where = f"{pair.across!r} and {pair.up!r}" if pair.across != pair.up else repr(pair.across)
    in_degrees = pair.degrees | pair.turned_degrees
    is_grid = pair.is_metric if pair.is_grid is None else pair.is_grid
    strange = in_degrees if is_grid else pair.metres | turned
    counts = {
        f"rows have {'degrees' if is_grid else 'British National Grid metres'} in {where}, "
        "which are not such columns otherwise; read by their size": strange,
        f"rows have latitude and longitude the wrong way round in {where}; read by their "
        "values": pair.turned_degrees & ~strange,
        f"rows have easting and northing the wrong way round in {where}; read by their "
        "values": turned & ~strange,
        f"rows have coordinates in {where} written with separators or signs; read as plain "
        "numbers": pair.first.is_mended | pair.second.is_mended,
    }
    return tuple(
        f"{int((rows & kept).sum()):,} {what}"
        for what, rows in counts.items()
        if (rows & kept).any()
    )


def from_points(
    file: str,
    geometry: gpd.GeoSeries,
    *,
    fault: pd.Series[str] | None = None,
    is_grid: bool = False,
    near: BaseGeometry | None = None,
    is_local: bool = False,
) -> Located:
    """
    Take the coordinates of shapes that should be points.

    Parameters
    ----------
    file : str
        The file, for messages.
    geometry : GeoSeries, EPSG:27700
        Shapes of a geographic file; all but points are faults.
    fault : Series of str, indexed like ``geometry``, or None
        Why a feature has no shape, where its reader knows.
    is_grid : bool, default False
        The file does not state that its coordinates are of the British National Grid.
    near : shapely geometry or None
        The area of the settings, EPSG:27700; points well outside it are excluded.
    is_local : bool, default False
        The file is of one authority, so that a few points far from all others are wrong.

    Raises
    ------
    InputError
        If the points as a whole cannot be places in Great Britain.
    """
    geometry, n_single = _points(geometry)
    kind = pd.Series(geometry.geom_type, geometry.index, dtype="str").fillna("nothing")
    is_point = kind.eq("Point") & ~geometry.is_empty
    places = geometry.where(is_point)
    x, y = places.x.astype("float64"), places.y.astype("float64")
    shown = x.round(1).astype("str") + " " + y.round(1).astype("str")
    known = pd.Series(pd.NA, x.index, dtype="str") if fault is None else fault
    faults = [
        *(_Fault(known.eq(words), words, "geometry", kind) for words in known.dropna().unique()),
        _Fault(geometry.isna() | geometry.is_empty, _NONE, "geometry", kind),
        _Fault(~is_point, "the shape is not a point", "geometry", kind),
        _Fault(~x.between(*EASTING_M), _AWAY, "geometry", shown),
        _Fault(~y.between(*NORTHING_M), _AWAY, "geometry", shown),
    ]
    found = _judged(x, y, faults, dict.fromkeys(KEYS[:2], "geometry"))
    is_metres = pd.Series(is_grid, x.index)
    seen = judge(file, found.x, found.y, is_metres, Evidence(near=near, is_local=is_local))
    found = _with(found, seen.x, seen.y, seen.reason, seen.status, "geometry", shown)
    words = f"{n_single:,} features are a MultiPoint of one point each; taken as points"
    repairs = (*((words,) if n_single else ()), *seen.repairs)
    return replace(found, repairs=repairs, warnings=tuple(seen.warnings))


def _points(geometry: gpd.GeoSeries) -> tuple[gpd.GeoSeries, int]:
    """Return the shapes, those of several points that have but one as that point."""
    shapes = geometry.to_numpy()
    is_single = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT
    is_single &= shapely.get_num_geometries(shapes) == 1
    if not is_single.any():
        return geometry, 0
    parts = np.where(is_single, shapely.get_geometry(shapes, 0), shapes)
    return gpd.GeoSeries(parts, geometry.index, crs=geometry.crs), int(is_single.sum())


def _judged(
    x: pd.Series[float], y: pd.Series[float], faults: Sequence[_Fault], columns: dict[str, str]
) -> Located:
    """Keep the places without a fault, and of the others the first fault."""
    reason = pd.Series(pd.NA, x.index, dtype="str")
    column, value = reason.copy(), reason.copy()
    for fault in reversed([fault for fault in faults if fault.rows.any()]):
        reason = reason.mask(fault.rows, fault.reason)
        column = column.mask(fault.rows, fault.column)
        value = value.mask(fault.rows, fault.value)
    fine = reason.isna()
    status = pd.Series(pd.NA, x.index, dtype="str").mask(~fine, "quarantined")
    return Located(x.where(fine), y.where(fine), reason, column, value, status, columns)


def _with(
    found: Located,
    x: pd.Series[float],
    y: pd.Series[float],
    reason: pd.Series[str],
    status: pd.Series[str],
    column: str,
    shown: pd.Series[str],
) -> Located:
    """Add what was judged of the places as a whole to what is wrong with each by itself."""
    more = reason.notna()
    return replace(
        found,
        x=x.where(~more),
        y=y.where(~more),
        reason=found.reason.mask(more, reason),
        column=found.column.mask(more, column),
        value=found.value.mask(more, shown),
        status=found.status.mask(more, status),
    )
