"""Layers of an ArcGIS server, such as the boundaries of ONS Open Geography, fetched whole."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hotspots.errors import SettingsError, SourceError
from hotspots.sources.web import JSON
from hotspots.sources.web.trouble import AGAIN, address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hotspots.sources.web import Web

_LAYER = re.compile(r"https?://[^?#]+/(?:FeatureServer|MapServer)/\d+")
_PAGE_MAX = 2_000
_GET_MAX_CHARACTERS = 1_500
_ATTEMPTS = 2
_FEATURES_MAX = 1_000_000


@dataclass(frozen=True)
class LayerFetched:
    """
    A layer that was fetched.

    Attributes
    ----------
    n_features : int
        Features written; as many as the server counts.
    last_edited : str or None
        When the layer was changed last, ISO 8601 in UTC; None if the server does not say.
    n_pages : int
        Pages that it came in.
    """

    n_features: int
    last_edited: str | None
    n_pages: int


@dataclass(frozen=True)
class _Layer:
    url: str
    id_field: str
    page_size: int
    last_edited: str | None


def is_layer(url: str) -> bool:
    """Say whether an address is that of an ArcGIS layer, and not of a file."""
    return _LAYER.fullmatch(_plain(url)) is not None


def last_edited(web: Web, url: str) -> str | None:
    """
    Return when a layer was changed last, ISO 8601 in UTC; None if its server does not say.

    Raises
    ------
    SourceError
        If the server cannot be reached, or refuses.
    """
    return _layer(web, _plain(url)).last_edited


def fetch_layer(
    web: Web,
    url: str,
    *,
    where: str,
    fields: Sequence[str] | None,
    bbox_lonlat: tuple[float, float, float, float] | None,
    into: Path,
) -> LayerFetched:
    """
    Fetch a layer, all of it or nothing.

    Parameters
    ----------
    web : Web
        Asks.
    url : str
        Address of the layer, ending in ``/FeatureServer/<number>``.
    where : str
        Condition in SQL as ArcGIS reads it; empty takes all.
    fields : sequence of str or None
        Columns; None takes all.
    bbox_lonlat : tuple of 4 floats or None
        West, south, east and north in degrees; features that touch this box.
    into : Path
        The GeoJSON to write, EPSG:4326; the same features give the same bytes.

    Raises
    ------
    SettingsError
        If the address is not that of a layer.
    SourceError
        If the server cannot be reached, refuses, or twice gives other features than it counts;
        then nothing is written.
    """
    plain = _plain(url)
    if not is_layer(plain):
        msg = (
            f"{address(plain)}: expected the address of an ArcGIS layer, ending in "
            "/FeatureServer/<number>. Correct `url` in the settings."
        )
        raise SettingsError(msg)
    layer = _layer(web, plain)
    asked = {"where": where.strip() or "1=1", **_touching(bbox_lonlat)}
    columns = "*" if fields is None else ",".join(dict.fromkeys([layer.id_field, *fields]))
    for _ in range(_ATTEMPTS):
        n_wanted = _count(web, layer, asked)
        features, n_pages = _pages(web, layer, {**asked, "outFields": columns}, n_wanted)
        if len(features) == n_wanted:
            _write(into, [features[name] for name in sorted(features)])
            return LayerFetched(n_wanted, layer.last_edited, n_pages)
    msg = (
        f"{address(plain)}: the server counts {n_wanted:,} features and gives {len(features):,} "
        f"different ones, twice over. {AGAIN}"
    )
    raise SourceError(msg)


def _plain(url: str) -> str:
    """Return an address without query, and without the slash or ``/query`` it may end in."""
    return re.split(r"[?#]", url.strip(), maxsplit=1)[0].rstrip("/").removesuffix("/query")


def _layer(web: Web, url: str) -> _Layer:
    about = _asked(web, url, {"f": "json"})
    fields = about.get("fields")
    id_field = about.get("objectIdField") or next(
        (
            field.get("name")
            for field in (fields if isinstance(fields, list) else [])
            if isinstance(field, dict) and field.get("type") == "esriFieldTypeOID"
        ),
        None,
    )
    if not isinstance(id_field, str) or not id_field or not id_field.isprintable():
        msg = f"{address(url)}: the server describes no layer with ids there. Check the address."
        raise SourceError(msg)
    stated = about.get("maxRecordCount")
    size = stated if isinstance(stated, int) and 0 < stated < _PAGE_MAX else _PAGE_MAX
    info = about.get("editingInfo")
    edited = info.get("lastEditDate") if isinstance(info, dict) else None
    return _Layer(url, id_field, size, _date(edited))


def _date(milliseconds: Any) -> str | None:  # noqa: ANN401
    try:
        return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _touching(bbox: tuple[float, float, float, float] | None) -> dict[str, str]:
    if bbox is None:
        return {}
    return {
        "geometry": ",".join(f"{side:.6f}" for side in bbox),
        "geometryType": "esriGeometryEnvelope",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
    }


def _count(web: Web, layer: _Layer, asked: dict[str, str]) -> int:
    found = _asked(web, f"{layer.url}/query", {**asked, "returnCountOnly": "true", "f": "json"})
    count = found.get("count")
    if not isinstance(count, int) or not 0 <= count <= _FEATURES_MAX:
        msg = (
            f"{address(layer.url)}: expected a number of features up to {_FEATURES_MAX:,}, found "
            f"{count!r:.30}. Narrow it by `where` in the settings, or run it again later."
        )
        raise SourceError(msg)
    return count


def _pages(
    web: Web, layer: _Layer, asked: dict[str, str], n_wanted: int
) -> tuple[dict[int, dict[str, Any]], int]:
    """Return the features by id; a page may be shorter than asked for, but brings something new."""
    features: dict[int, dict[str, Any]] = {}
    n_seen = n_pages = 0
    while n_seen < n_wanted:
        page = {
            **asked,
            "f": "geojson",
            "outSR": "4326",
            "returnGeometry": "true",
            "orderByFields": layer.id_field,
            "resultOffset": str(n_seen),
            "resultRecordCount": str(layer.page_size),
        }
        found = _asked(web, f"{layer.url}/query", page).get("features")
        if not isinstance(found, list):
            msg = f"{address(layer.url)}: expected GeoJSON, found something else. {AGAIN}"
            raise SourceError(msg)
        n_before = len(features)
        features |= {_id(layer, feature): feature for feature in found}
        if len(features) == n_before:
            break
        n_pages += 1
        n_seen += len(found)
    return features, n_pages


def _id(layer: _Layer, feature: Any) -> int:  # noqa: ANN401
    held = feature if isinstance(feature, dict) else {}
    properties = held.get("properties")
    found = properties.get(layer.id_field) if isinstance(properties, dict) else None
    found = held.get("id") if found is None else found
    if not isinstance(found, int) or held.get("type") != "Feature":
        msg = f"{address(layer.url)}: the server gives a feature without its id. {AGAIN}"
        raise SourceError(msg)
    return found


def _asked(web: Web, url: str, params: dict[str, str]) -> dict[str, Any]:
    """Return a JSON object; an error that comes as a success is one all the same."""
    if sum(len(value) for value in params.values()) > _GET_MAX_CHARACTERS:
        found = web.post(url, params, expect=JSON).json()
    else:
        found = web.get(url, params=params, expect=JSON).json()
    if not isinstance(found, dict):
        msg = f"{address(url)}: expected a JSON object, found something else. {AGAIN}"
        raise SourceError(msg)
    if "error" in found:
        error = found["error"]
        said = error.get("message") if isinstance(error, dict) else error
        msg = (
            f"{address(url)}: the server refuses the question ({str(said)[:200]}). Check `url`, "
            "`where` and the columns of this layer in the settings."
        )
        raise SourceError(msg)
    return found


def _write(into: Path, features: list[dict[str, Any]]) -> None:
    draft = into.with_name(into.name + ".partial")
    draft.parent.mkdir(parents=True, exist_ok=True)
    collection = {"type": "FeatureCollection", "features": features}
    # In ASCII, for JSON can write half a letter, which UTF-8 cannot.
    text = json.dumps(collection, separators=(",", ":"))
    try:
        draft.write_text(text + "\n", encoding="utf-8", newline="\n")
        draft.replace(into)
    finally:
        draft.unlink(missing_ok=True)
