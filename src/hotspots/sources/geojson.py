"""GeoJSON, read by the letter: what it says, what it lacks, and where it is broken."""

from __future__ import annotations

import contextlib
import json
import math
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape

from hotspots.errors import InputError
from hotspots.sources.whereabouts import Unplaced

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CRS_NAME = re.compile(r"(?:urn:ogc:def:crs:)?(?P<authority>EPSG|OGC):(?:[\d.]*:)?(?P<code>\w+)")
_LONLAT = ("CRS84", "4326")
_RINGS = {"Polygon": 1, "MultiPolygon": 2}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MARK = "\ufeff"
_ESRI = ("geometryType", "spatialReference", "fieldAliases")
_UNUSABLE = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError,
    shapely.errors.ShapelyError,
)  # fmt: skip
_HOW_TO_SAVE = "Save the layer again as GeoJSON or a GeoPackage, for example with QGIS."


def read(path: Path, data: bytes) -> Unplaced:
    """
    Read the features of a GeoJSON file.

    Parameters
    ----------
    path : Path
        What messages call it.
    data : bytes
        UTF-8, UTF-16 with a byte order mark, or else Windows-1252.

    Returns
    -------
    Unplaced
        A row a feature, values as text; degrees are understood where no CRS is stated.

    Raises
    ------
    InputError
        If it is no JSON or no GeoJSON, has no features, states a CRS that is not known, or says
        that the server cut it short.
    """
    text, coded = _text(path, data)
    features, crs = _features(path, _parsed(path, text))
    n_unclosed = sum(_is_unclosed(feature.get("geometry")) for feature in features)
    shapes, faults = _shapes(features)
    table = _table(features)
    repairs = []
    if coded == "cp1252":
        odd = table.apply(lambda values: values.map(_is_odd, na_action="ignore").eq(True))
        n = int(odd.any(axis=1).sum())
        repairs.append(f"{n:,} features have text that is not UTF-8; read as Windows-1252")
    elif coded == "utf-16":
        repairs.append(f"{len(features):,} features of UTF-16 text were read, as its mark says")
    if n_unclosed:
        repairs.append(f"{n_unclosed:,} features have a ring that does not close; it was closed")
    return Unplaced(table, shapes, faults, crs, "EPSG:4326", tuple(repairs))


def _text(path: Path, data: bytes) -> tuple[str, str]:
    try:
        if data.startswith(_UTF_16):
            return data.decode("utf-16").removeprefix(_MARK), "utf-16"
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = (
            f"{path}, line {line}: the byte 0x{data[error.start]:02x} is neither UTF-8 nor "
            f"Windows-1252 text. {_HOW_TO_SAVE}"
        )
        raise InputError(msg) from None


def _parsed(path: Path, text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        msg = (
            f"{path}, line {error.lineno}, column {error.colno}: the file is damaged or cut short: "
            f"not JSON ({error.msg}). Download it again, whole."
        )
    except RecursionError:
        msg = f"{path}: the file is damaged: its brackets nest too deeply. {_HOW_TO_SAVE}"
    except ValueError:
        msg = f"{path}: the file is damaged: it holds a number too long to read. {_HOW_TO_SAVE}"
    raise InputError(msg) from None


def _features(path: Path, content: Any) -> tuple[list[dict[str, Any]], CRS | None]:  # noqa: ANN401
    if not isinstance(content, dict):
        msg = f"{path}: expected GeoJSON, found JSON of another kind. {_HOW_TO_SAVE}"
        raise InputError(msg)
    _refuse_other_kinds(path, content)
    features = [content] if content.get("type") == "Feature" else content.get("features")
    if not isinstance(features, list):
        msg = (
            f"{path}: expected GeoJSON, a FeatureCollection, found JSON of the type "
            f"{str(content.get('type'))[:40]!r}. {_HOW_TO_SAVE}"
        )
        raise InputError(msg)
    if not features:
        msg = f"{path}: found a layer without features; supply the file again."
        raise InputError(msg)
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            msg = f"{path}, feature {number}: found something that is no feature. {_HOW_TO_SAVE}"
            raise InputError(msg)
    return features, _crs(path, content.get("crs"))


def _refuse_other_kinds(path: Path, content: dict[str, Any]) -> None:
    inner = content.get("properties")
    notes = (content, inner) if isinstance(inner, dict) else (content,)
    if any(each.get("exceededTransferLimit") is True for each in notes):
        msg = (
            f"{path}: the file says exceededTransferLimit, so the server cut it short; "
            "download the whole layer, not one page of it."
        )
        raise InputError(msg)
    found = None
    if content.get("type") == "Topology":
        found = "TopoJSON"
    elif any(key in content for key in _ESRI):
        found = "JSON of ArcGIS (ask its server for f=geojson)"
    elif "error" in content and "features" not in content:
        error = content["error"]
        said = error.get("message") if isinstance(error, dict) else error
        msg = (
            f"{path}: expected GeoJSON, found an error message of a server ({str(said)[:100]!r}). "
            "Ask the server again for the layer; it did not give it."
        )
        raise InputError(msg)
    if found:
        msg = f"{path}: expected GeoJSON, found {found}. {_HOW_TO_SAVE}"
        raise InputError(msg)


def _crs(path: Path, stated: Any) -> CRS | None:  # noqa: ANN401
    """Return the CRS that the file states, if its name is one of a public list."""
    if stated is None:
        return None
    inner = stated.get("properties") if isinstance(stated, dict) else None
    name = inner.get("name") if isinstance(inner, dict) else None
    match = _CRS_NAME.fullmatch(name) if isinstance(name, str) else None
    if match:
        code = "4326" if match["code"] in _LONLAT else match["code"]
        with contextlib.suppress(CRSError):
            return CRS.from_authority("EPSG", code)
    msg = (
        f"{path}: the file states a coordinate reference system that is not known "
        f"({str(name)[:60]!r}). Save it again with EPSG:27700 or EPSG:4326."
    )
    raise InputError(msg)


def _table(features: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the properties as text, exactly as they stood: a long number keeps its digits."""
    rows = [
        {_whole(name): value for name, value in found.items()}
        if isinstance(found := feature.get("properties"), dict)
        else {}
        for feature in features
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [_plain(row.get(name)) for row in rows] for name in names}
    if "id" not in columns and any("id" in feature for feature in features):
        columns["id"] = [_plain(feature.get("id")) for feature in features]
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)), dtype="str")


def _plain(value: Any) -> str | None:  # noqa: ANN401
    if isinstance(value, str):
        return _whole(value)
    if value is None:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _whole(text: str) -> str:
    """Mark half letters, which JSON can write but no text holds."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_odd(value: str) -> bool:
    return not value.isascii()


def _shapes(features: Sequence[dict[str, Any]]) -> tuple[np.ndarray[Any, Any], list[str | None]]:
    shapes = np.full(len(features), None, dtype=object)
    faults: list[str | None] = [None] * len(features)
    places = []
    spots = []
    for number, feature in enumerate(features):
        geometry = feature.get("geometry")
        spot = _spot(geometry)
        if spot is not None:
            places.append(number)
            spots.append(spot)
        elif geometry is not None:
            shapes[number] = _shape(geometry)
            if shapes[number] is None:
                faults[number] = "its coordinates are not in order"
    if places:
        shapes[places] = shapely.points(np.array(spots, dtype="float64"))
    return shapes, faults


def _has_text(coordinates: Any) -> bool:  # noqa: ANN401
    """Say whether there is text among coordinates, which would be taken for numbers in silence."""
    level = [coordinates]
    while level:  # a level at a time: outlines have millions of numbers
        kinds = set(map(type, level))
        if str in kinds:
            return True
        deeper = level if kinds == {list} else [each for each in level if isinstance(each, list)]
        level = [*chain.from_iterable(deeper)]
    return False


def _shape(geometry: Any) -> shapely.Geometry | None:  # noqa: ANN401
    """Return a shape; None if its coordinates are not all numbers, or not as many as it needs."""
    try:
        with np.errstate(invalid="ignore"):
            found = None if _has_text(geometry.get("coordinates")) else shape(_dense(geometry))
    except _UNUSABLE:
        return None
    is_sound = found is not None and np.isfinite(shapely.get_coordinates(found)).all()
    return found if is_sound else None


def _dense(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return polygons with their rings as arrays, from which shapes are made much faster."""
    rings: list[Any]
    match geometry.get("type"):
        case "Polygon":
            rings = [np.array(ring) for ring in geometry["coordinates"]]
        case "MultiPolygon":
            rings = [[np.array(ring) for ring in part] for part in geometry["coordinates"]]
        case _:
            return geometry
    return geometry | {"coordinates": rings}


def _spot(geometry: Any) -> tuple[float, float] | None:  # noqa: ANN401
    """Return the coordinates of a sound point; the many in a file of lamps are read at once."""
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [int() | float() as x, int() | float() as y, *_]:
                try:
                    return float(x), float(y)
                except OverflowError:
                    return None  # and the general way says what is wrong
    return None


def _is_unclosed(geometry: Any) -> bool:  # noqa: ANN401
    depth = _RINGS.get(str(geometry.get("type"))) if isinstance(geometry, dict) else None
    if depth is None:
        return False
    try:
        rings = geometry["coordinates"]
        if depth > 1:
            rings = [ring for part in rings for ring in part]
        return any(ring[0] != ring[-1] for ring in rings)
    except _UNUSABLE:
        return False
