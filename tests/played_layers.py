"""How the played ArcGIS server answers a query."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass
class PlayedLayer:
    id_field: str
    features: list[dict[str, Any]]
    page_size: int
    edited: int


def queried(layer: PlayedLayer, asked: dict[str, str]) -> dict[str, Any]:
    """Answer a query of a layer, one page of it."""
    where = asked.get("where", "")
    keep = _condition(where)
    if keep is None:
        return {"error": {"code": 400, "message": "Invalid query parameters", "details": [where]}}
    found = [feature for feature in layer.features if keep(feature["properties"])]
    if "geometry" in asked:
        box = shapely.box(*(float(side) for side in asked["geometry"].split(",")))
        found = [
            feature
            for feature in found
            if shapely.from_geojson(json.dumps(feature["geometry"])).intersects(box)
        ]
    if asked.get("returnCountOnly") == "true":
        return {"count": len(found)}
    first = int(asked.get("resultOffset", "0"))
    n = min(int(asked.get("resultRecordCount", "9999")), layer.page_size)
    page = found[first : first + n]
    if asked.get("outFields", "*") != "*":
        wanted = asked["outFields"].split(",")
        page = [
            {**feature, "properties": {name: feature["properties"][name] for name in wanted}}
            for feature in page
        ]
    more = {"properties": {"exceededTransferLimit": True}} if len(found) > first + n else {}
    return {"type": "FeatureCollection", "features": page, **more}


def _condition(where: str) -> Callable[[Mapping[str, Any]], bool] | None:
    """Return a test for the few conditions that are played; None for any other."""
    if where == "1=1":
        return lambda _: True
    one_of = re.fullmatch(r"(\w+) IN \((.*)\)", where)
    if one_of:
        values = set(re.findall(r"'([^']*)'", one_of[2]))
        return lambda row: str(row.get(one_of[1])) in values
    like = re.fullmatch(r"(\w+) LIKE '([^%]*)%'", where)
    if like:
        return lambda row: str(row.get(like[1])).startswith(like[2])
    return None
