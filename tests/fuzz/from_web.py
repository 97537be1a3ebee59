"""Sources on the network that answer with damaged files, without a network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest import mock

import httpx
import shapely

from fuzz.mutate import Chance
from hotspots.sources import arcgis
from hotspots.sources.police_uk import live
from hotspots.sources.police_uk.live.checksums import checksums
from hotspots.sources.web import Limits, Web, client
from hotspots.sources.web.limits import Clock

HOST = "data.example"
BASE = f"https://{HOST}"
MONTH = "2024-01"
AREA = shapely.box(-2.71, 53.75, -2.69, 53.77)

DATE = b'{"date": "2024-01-01"}'
DATES = b'[{"date": "2024-01", "stop-and-search": ["kent"]}, {"date": "2023-12"}]'
FORCES = b'[{"id": "kent", "name": "Kent Police"}, {"id": "surrey", "name": "Surrey Police"}]'
PAGE = (
    b'<!DOCTYPE html><html><body><ul><li><a href="/data/archive/2024-01.zip">January 2024</a> '
    b'(1.6 GB) <span class="md5">d41d8cd98f00b204e9800998ecf8427e</span></li>'
    b'<li><a href="/data/archive/2023-12.zip">December</a> &amp; MD5: '
    b"0123456789abcdef0123456789abcdef</li></ul></body></html>"
)
ABOUT = json.dumps(
    {
        "objectIdField": "OBJECTID",
        "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}, {"name": "LAD24CD"}],
        "maxRecordCount": 2000,
        "editingInfo": {"lastEditDate": 1_700_000_000_000},
    }
).encode()
FEATURES = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": number,
                "properties": {"OBJECTID": number, "LAD24CD": f"E0700011{number}"},
                "geometry": {"type": "Point", "coordinates": [-2.7, 53.7]},
            }
            for number in (1, 2)
        ],
    }
).encode()


def read_web(path: Path, chance: Chance) -> bool:
    """Ask a source that answers with the file; which source, its name tells."""
    data = path.read_bytes()
    kind = path.stem

    def answer(request: httpx.Request) -> httpx.Response:
        return _answer(request, kind, data)

    clock = Clock(sleep=lambda _: None)
    limits = Limits(requests_per_s=1e9, deadline_s=5.0)
    # Not the client of a run: reading the certificates for it takes longer than all else.
    answering = httpx.Client(transport=httpx.MockTransport(answer))
    with (
        mock.patch.object(client, "_client", return_value=answering),
        Web([HOST], limits=limits, clock=clock) as web,
    ):
        _ask(web, kind, path.parent, chance)
    return True


def _ask(web: Web, kind: str, folder: Path, chance: Chance) -> None:
    into = folder / "fetched"
    if kind == "date":
        live.last_updated(web, BASE)
    elif kind == "dates":
        live.months_available(web, BASE)
    elif kind == "forces":
        live.forces(web, BASE)
    elif kind == "page":
        checksums(web, BASE)
    elif kind == "answers":
        live.fetch_answers(web, BASE, polygon=AREA, month=MONTH, into=into)
    elif kind == "archive":
        live.fetch_publication(
            web,
            BASE,
            publication=MONTH,
            force="lancashire",
            months=chance.choice((None, {MONTH})),
            into=into,
            known=None,
            whole_into=folder / "whole",
        )
    else:
        url = f"{BASE}/x/FeatureServer/0"
        arcgis.last_edited(web, url)
        arcgis.fetch_layer(web, url, where="", fields=None, bbox_lonlat=None, into=into)


def _answer(request: httpx.Request, kind: str, data: bytes) -> httpx.Response:
    if kind == "archive":
        return _piece(request, data)
    sound = {"about": ABOUT, "features": FEATURES, "count": b'{"count": 2}'}
    if kind in sound:
        asked = "features" if "f=geojson" in str(request.url) else "about"
        asked = "count" if "returnCountOnly" in str(request.url) else asked
        data = data if asked == kind else sound[asked]
    html = kind == "page"
    return httpx.Response(
        200, content=data, headers={"Content-Type": "text/html" if html else "application/json"}
    )


def _piece(request: httpx.Request, data: bytes) -> httpx.Response:
    """Answer as a server that knows ranges, but not with the page of sums."""
    if not request.url.path.endswith(".zip"):
        return httpx.Response(200, content=PAGE, headers={"Content-Type": "text/html"})
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
    headers = {"Content-Type": "application/zip", "ETag": '"1"'}
    if asked is None or not data:
        return httpx.Response(200, content=data, headers=headers)
    first = int(asked[1]) if asked[1] else max(0, len(data) - int(asked[2]))
    end = min(len(data), int(asked[2]) + 1) if asked[1] and asked[2] else len(data)
    if first >= end:
        headers["Content-Range"] = f"bytes */{len(data)}"
        return httpx.Response(416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(data)}"
    return httpx.Response(206, content=data[first:end], headers=headers)
