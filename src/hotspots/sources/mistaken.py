"""What coordinates most likely are that hold no places in Great Britain, and what to do then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.sources.pairs import EASTING_M, NORTHING_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from hotspots.sources.pairs import Pair

_MOST = 0.9
_MERCATOR_X, _MERCATOR_Y = (-1_050_000.0, 250_000.0), (6_300_000.0, 8_700_000.0)
_ITM_X, _ITM_Y = (400_000.0, 800_000.0), (500_000.0, 1_000_000.0)
_EAST, _LATITUDE = (2.0, 9.0), (49.5, 61.0)
_MILLI = 1_000.0
_SHAPES = r"(?i)\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POLYGON|LINESTRING)"
_MINUTES = r".*\d\s*[°ºd]\s*\d+.*.*"
_ASK = "Ask the publisher for the coordinates."
_AREAS = (
    "they are areas or lines, not points",
    "Save the layer as GeoJSON or a GeoPackage if it is one of areas.",
)
_SEXAGESIMAL = ("they are degrees, minutes and seconds", "Write them as decimal degrees.")
_MERCATOR = (
    "they look like Web Mercator (EPSG:3857)",
    "Save the table with British National Grid metres (EPSG:27700), for example with QGIS.",
)
_MILLIMETRES = ("they look like millimetres", "Divide them by 1,000, or save them as metres.")
_NO_SIGN = (
    "they lie east of Great Britain, as longitudes do that lost their minus sign",
    "Give the longitudes with their signs.",
)
_IRISH = (
    "they look like Irish Transverse Mercator",
    "Supply a file of an area in England or Wales.",
)


def told(table: pd.DataFrame, pair: Pair) -> tuple[str, str] | None:
    """
    Tell what the coordinates of a pair of columns are instead of places in Great Britain.

    Parameters
    ----------
    table : DataFrame of str
        Values of the file.
    pair : Pair
        Its columns.

    Returns
    -------
    tuple of (str, str) or None
        A clause that says what they are, and a sentence that says what to do; None if nothing
        is likely.
    """
    text = table[pair.across]
    n = int(text.ne("").sum())
    if not n:
        return "all of them are empty", _ASK
    return next((said for rows, said in _likely(text, pair) if int(rows.sum()) >= _MOST * n), None)


def _likely(text: pd.Series[str], pair: Pair) -> Iterator[tuple[pd.Series[bool], tuple[str, str]]]:
    x, y = pair.first.number, pair.second.number
    yield x.eq(0) & y.eq(0), ("all of them are zero", _ASK)
    yield text.str.match(_SHAPES), _AREAS
    yield text.str.fullmatch(_MINUTES), _SEXAGESIMAL
    for across, up in ((x, y), (y, x)):
        yield across.between(*_MERCATOR_X) & up.between(*_MERCATOR_Y), _MERCATOR
        in_metres = (across / _MILLI).between(*EASTING_M) & (up / _MILLI).between(*NORTHING_M)
        yield in_metres, _MILLIMETRES
        yield across.between(*_EAST) & up.between(*_LATITUDE), _NO_SIGN
        yield across.between(*_ITM_X) & up.between(*_ITM_Y), _IRISH
