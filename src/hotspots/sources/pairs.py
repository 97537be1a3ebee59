"""Pairs of columns with coordinates: told by their headings, and row by row by their size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.crs import lonlat_to_bng
from hotspots.sources.columns import by_plain_name, plain
from hotspots.sources.figures import Figures, figures

if TYPE_CHECKING:
    from collections.abc import Sequence

EASTING_M = (5_000.0, 660_000.0)
"""Eastings of Great Britain, metres, EPSG:27700, inclusive."""

NORTHING_M = (5_000.0, 1_225_000.0)
"""Northings of Great Britain, metres, EPSG:27700, inclusive."""

_LONGITUDE = (-9.0, 2.0)
_LATITUDE = (49.5, 61.0)
_ENOUGH = 0.5
_MOSTLY = 0.8
_TURNED_M = 100_000.0
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
    ("east", "north"),
    ("eastingm", "northingm"),
    ("eastingx", "northingy"),
    ("xeasting", "ynorthing"),
    ("osgbeasting", "osgbnorthing"),
    ("bngx", "bngy"),
    ("osgbx", "osgby"),
    ("coordx", "coordy"),
)
_DEGREE_PAIRS = (
    ("longitude", "latitude"),
    ("long", "lat"),
    ("lon", "lat"),
    ("lng", "lat"),
    ("geolong", "geolat"),
    ("wgs84longitude", "wgs84latitude"),
    ("longitudewgs84", "latitudewgs84"),
    ("decimallongitude", "decimallatitude"),
)
_OTHER_PAIRS = (("x", "y"), ("pointx", "pointy"), ("xcord", "ycord"), ("xcords", "ycords"))
_SRID = r"^SRID=(?:27700|4326|4258)\s*;"
_WKT = ("wkt", "geometry", "geom", "thegeom", "wktgeometry", "shape")


@dataclass(frozen=True)
class Pair:
    """
    Two columns, one axis each, and what each row of them can be by its size.

    Metres and degrees of Great Britain are far apart, and so are its longitudes and latitudes:
    each row tells by itself which of them it is, whatever the headings say. ``is_grid`` is what
    the headings say; None if they say nothing.
    """

    across: str
    up: str
    first: Figures
    second: Figures
    is_grid: bool | None

    def _between(self, first: tuple[float, float], second: tuple[float, float]) -> pd.Series[bool]:
        one, other = self.first.number.to_numpy(), self.second.number.to_numpy()
        found = (one >= first[0]) & (one <= first[1]) & (other >= second[0]) & (other <= second[1])
        return pd.Series(found, self.first.number.index)

    @cached_property
    def metres(self) -> pd.Series[bool]:
        """Rows in metres, easting first."""
        return self._between(EASTING_M, NORTHING_M)

    @cached_property
    def degrees(self) -> pd.Series[bool]:
        """Rows in degrees, longitude first."""
        return self._between(_LONGITUDE, _LATITUDE)

    @cached_property
    def turned_degrees(self) -> pd.Series[bool]:
        """Rows in degrees, latitude first."""
        return self._between(_LATITUDE, _LONGITUDE)

    @cached_property
    def turned_metres(self) -> pd.Series[bool]:
        """Rows in metres whose first number is too large for any easting: northing first."""
        is_north = (float(np.nextafter(EASTING_M[1], np.inf)), NORTHING_M[1])
        return self._between(is_north, EASTING_M)

    @cached_property
    def first_fits(self) -> pd.Series[bool]:
        """Rows whose first number can be what most first numbers are."""
        first = self.first.number
        if self.is_metric:
            return first.between(*EASTING_M)
        return first.between(*_LONGITUDE) | first.between(*_LATITUDE)

    @cached_property
    def filled(self) -> pd.Series[bool]:
        """Rows with two numbers that are not both zero."""
        first, second = self.first.number, self.second.number
        return first.notna() & second.notna() & ~(first.eq(0) & second.eq(0))

    @cached_property
    def placed(self) -> pd.Series[bool]:
        """Rows that can lie in Great Britain in one of these ways."""
        return self.metres | self.degrees | self.turned_degrees | self.turned_metres

    @cached_property
    def is_metric(self) -> bool:
        """Whether the rows are mostly in metres; in doubt what the headings say."""
        n_metres = int((self.metres | self.turned_metres).sum())
        n_degrees = int((self.degrees | self.turned_degrees).sum())
        return self.is_grid is not False if n_metres == n_degrees else n_metres > n_degrees

    @cached_property
    def is_turned(self) -> bool:
        """Whether the rows are mostly in degrees with the latitude first."""
        return int(self.turned_degrees.sum()) > int(self.degrees.sum())


def is_heading(values: Sequence[str]) -> bool:
    """Say whether the values of a row are headings with coordinates among them."""
    names = {plain(value) for value in values if value}
    pairs = (*_GRID_PAIRS, *_DEGREE_PAIRS, *_OTHER_PAIRS)
    return any(names.issuperset(pair) for pair in pairs) or not names.isdisjoint(_WKT)


def recognised(table: pd.DataFrame) -> list[Pair]:
    """Return every pair of columns that may be coordinates, the preferred ones first."""
    headings = by_plain_name(list(table.columns))
    found = []
    for names, is_grid in ((_GRID_PAIRS, True), (_DEGREE_PAIRS, False), (_OTHER_PAIRS, None)):
        for across, up in names:
            if across in headings and up in headings:
                found.append(pair_of(table, headings[across], headings[up], is_grid=is_grid))
    return [*found, *(_from_text(table, headings[name]) for name in _WKT if name in headings)]


def pair_of(table: pd.DataFrame, across: str, up: str, *, is_grid: bool | None) -> Pair:
    """Return two columns as a pair; ``is_grid`` is what their headings say."""
    return Pair(across, up, figures(table[across]), figures(table[up]), is_grid)


def _from_text(table: pd.DataFrame, name: str) -> Pair:
    """Return a column of points in well-known text as a pair."""
    text = table[name].str.replace(_SRID, "", regex=True)
    points = shapely.from_wkt(text.to_numpy(dtype=object), on_invalid="ignore")
    is_point = shapely.get_type_id(points) == shapely.GeometryType.POINT
    is_point &= ~shapely.is_empty(points)  # an empty point has no x to ask for
    places = np.where(is_point, points, None)
    x = pd.Series(shapely.get_x(places), table.index)
    y = pd.Series(shapely.get_y(places), table.index)
    none = pd.Series(False, table.index)
    return Pair(name, name, Figures(x, none, none), Figures(y, none, none), None)


def n_placed(pair: Pair) -> int:
    """Return how many rows a pair can place."""
    return int(pair.placed.sum())


def best_of(pairs: Sequence[Pair]) -> Pair:
    """Return the pair that places most rows; metres if they place at least half as many."""
    best = max(pairs, key=n_placed)
    enough = n_placed(best) * _ENOUGH
    grids = [pair for pair in pairs if pair.is_metric and n_placed(pair) >= enough]
    return max(grids, key=n_placed, default=best)


def in_metres(pair: Pair) -> tuple[pd.Series[float], pd.Series[float], pd.Series[bool]]:
    """
    Put each row of a pair on the British National Grid.

    Returns
    -------
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700; missing outside Great Britain.
    turned : Series of bool
        Rows in metres that give the northing first.
    """
    x, y = pair.first.number.where(pair.metres), pair.second.number.where(pair.metres)
    turned = pair.turned_metres
    is_stray = turned.sum() < pair.filled.sum() * _MOSTLY
    if turned.any() and is_stray:
        # Of a few rows only where that puts them among the others.
        off = np.hypot(pair.second.number - x.median(), pair.first.number - y.median())
        turned = turned & (off <= _TURNED_M)
    x, y = x.mask(turned, pair.second.number), y.mask(turned, pair.first.number)
    is_degrees = pair.degrees | pair.turned_degrees
    if is_degrees.any():
        first, second = pair.first.number[is_degrees], pair.second.number[is_degrees]
        is_turned = pair.turned_degrees[is_degrees]
        degrees = np.array(
            [first.mask(is_turned, second), second.mask(is_turned, first)], dtype=np.float64
        )
        xy = lonlat_to_bng(degrees[0], degrees[1])
        x = x.fillna(pd.Series(xy[:, 0], first.index))
        y = y.fillna(pd.Series(xy[:, 1], first.index))
    inside = x.between(*EASTING_M) & y.between(*NORTHING_M)
    return x.where(inside), y.where(inside), turned
