"""
A local web that plays police.uk, its object store, an ArcGIS server and councils.

``PlayedWeb`` listens on 127.0.0.1 only, on one port as the site and on another as the store that
the site redirects to. It is filled by ``publish_…``, spoilt by ``fail``, and remembers what it
was asked in ``requests``::

    with PlayedWeb() as played, played.web() as web:
        played.set_last_updated("2026-07")
        played.publish_archive("2026-07", {"2026-07/2026-07-mannin-street.csv": b"..."})
        played.fail("/api/crime-last-updated", faults.status(503), faults.status(503))
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import socket
import ssl
import struct
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import shapely

from hotspots.sources.web import Limits, Web
from played_faults import FINE, Fault
from played_layers import PlayedLayer, queried

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

QUICK = Limits(
    requests_per_s=2_000.0,
    connect_s=0.3,
    stall_s=0.3,
    deadline_s=5.0,
    download_deadline_s=5.0,
    tries=3,
    pause_s=0.001,
    pause_max_s=0.05,
)
"""Limits under which a fault takes milliseconds."""

_FIRST_CHANGE = 1_767_225_600  # 2026-01-01, from which each publication is a day later


@dataclass(frozen=True)
class Seen:
    """One request that was made."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    status: int
    n_bytes: int


@dataclass(frozen=True)
class _Thing:
    """Something at an address: bytes with marks."""

    data: bytes
    modified: str
    kind: str

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'


class PlayedWeb:
    """
    Servers of a played web; a context manager.

    Parameters
    ----------
    tls : bool
        Speak https, with a certificate of an authority that nobody knows; its certificate is
        in ``ca_file``.

    Attributes
    ----------
    requests : list of Seen
        What was asked, in order of answering.
    crimes_max : int
        More crimes in an area than this give status 503.
    has_md5_page : bool
        Whether the archive page states MD5 sums.
    """

    def __init__(self, *, tls: bool = False) -> None:
        self.requests: list[Seen] = []
        self.crimes_max = 10_000
        self.has_md5_page = True
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._faults: dict[str, list[Fault]] = {}
        self._for_ever: dict[str, Fault] = {}
        self._things: dict[str, _Thing] = {}
        self._archives: dict[str, str] = {}
        self._md5: dict[str, str] = {}
        self._crimes: dict[str, list[dict[str, Any]]] = {}
        self._layers: dict[str, PlayedLayer] = {}
        self._n_changes = 0
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file: Path | None = None
        self._site, self._store = self._server(tls=tls), self._server(tls=tls)
        self._scheme = "https" if tls else "http"

    @property
    def base_url(self) -> str:
        """Address of the site, without a slash at the end."""
        return f"{self._scheme}://127.0.0.1:{self._site.server_port}"

    @property
    def store_url(self) -> str:
        """Address of the object store."""
        return f"{self._scheme}://127.0.0.1:{self._store.server_port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts to allow: site and store."""
        return tuple(urlsplit(url).netloc for url in (self.base_url, self.store_url))

    @property
    def paths(self) -> list[str]:
        """Paths that were asked for, in order."""
        return [seen.path for seen in self.requests]

    def web(self, limits: Limits = QUICK) -> Web:
        """Return a client that is allowed to ask this web, impatient unless told otherwise."""
        return Web(self.hosts, limits=limits)

    def close(self) -> None:
        """Stop listening."""
        self._is_over.set()
        for server in (self._site, self._store):
            server.shutdown()
            server.server_close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # What there is

    def set_last_updated(self, month: str) -> None:
        """Let the API say which month is the newest."""
        self._api("/api/crime-last-updated", {"date": f"{month}-01"})

    def set_months(self, months: Sequence[str]) -> None:
        """Let the API say which months it can be asked about; newest first."""
        dates = [{"date": month, "stop-and-search": []} for month in months]
        self._api("/api/crimes-street-dates", dates)

    def set_forces(self, forces: Mapping[str, str]) -> None:
        """Let the API say which forces there are, id to name."""
        found = [{"id": force, "name": name} for force, name in forces.items()]
        self._api("/api/forces", found)

    def publish_archive(self, month: str, members: Mapping[str, bytes]) -> bytes:
        """Publish a monthly archive, or supply it anew; its bytes are returned."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return self.publish_archive_bytes(month, packed.getvalue())

    def publish_archive_bytes(self, month: str, data: bytes, *, md5: str | None = None) -> bytes:
        """Publish a monthly archive as it is; ``md5`` is what the page states."""
        path = f"/store/archive/{month}.zip"
        self._put(path, data, "application/zip")
        self._archives[month] = path
        self._md5[month] = md5 or hashlib.md5(data, usedforsecurity=False).hexdigest()
        return data

    def withdraw_archive(self, month: str) -> None:
        """Take a monthly archive away."""
        self._things.pop(self._archives.pop(month))
        self._md5.pop(month)

    def publish_crimes(self, month: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Let ``crimes-street`` know a month; records as the API gives them."""
        self._crimes[month] = [dict(record) for record in records]

    def publish_layer(
        self,
        name: str,
        features: Any,  # noqa: ANN401 - GeoJSON features, or a table of shapes
        *,
        id_field: str = "FID",
        page_size: int = 2_000,
        edited: int | None = None,
    ) -> str:
        """Publish an ArcGIS layer from GeoJSON features or a GeoDataFrame; return its address."""
        if hasattr(features, "to_geo_dict"):
            features = features.to_crs("EPSG:4326").to_geo_dict()["features"]
        self._n_changes += 1
        changed = (_FIRST_CHANGE + 86_400 * self._n_changes) * 1000
        held = [
            {
                "type": "Feature",
                "id": number,
                "geometry": feature["geometry"],
                "properties": {id_field: number, **feature["properties"]},
            }
            for number, feature in enumerate(json.loads(json.dumps(features)), start=1)
        ]
        self._layers[name] = PlayedLayer(id_field, held, page_size, edited or changed)
        return f"{self.base_url}/arcgis/rest/services/{name}/FeatureServer/0"

    def publish_file(self, path: str, data: bytes, kind: str = "text/csv") -> str:
        """Publish a file on the site, or supply it anew; return its address."""
        self._put(path, data, kind)
        return self.base_url + path

    def fail(self, path: str, *faults: Fault, for_ever: bool = False) -> None:
        """
        Let the next requests for a path go wrong, one fault each.

        With ``for_ever`` the last fault stays; the path may then end in ``*``.
        """
        with self._lock:
            self._faults[path] = list(faults)
            self._for_ever.pop(path, None)
            if for_ever:
                self._for_ever[path] = faults[-1]

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()
            self._for_ever.clear()

    def forget(self) -> None:
        """Forget what was asked."""
        self.requests.clear()

    # How it answers

    def _api(self, path: str, found: Any) -> None:  # noqa: ANN401
        self._put(path, json.dumps(found).encode(), "application/json")

    def _put(self, path: str, data: bytes, kind: str) -> None:
        self._n_changes += 1
        modified = formatdate(_FIRST_CHANGE + 86_400 * self._n_changes, usegmt=True)
        self._things[path] = _Thing(data, modified, kind)

    def fault_of(self, path: str) -> Fault:
        """Return what goes wrong with the next answer for a path."""
        with self._lock:
            if self._faults.get(path):
                return self._faults[path].pop(0)
            for pattern, fault in self._for_ever.items():
                if path == pattern or (
                    pattern.endswith("*") and path.startswith(pattern.removesuffix("*"))
                ):
                    return fault
        return FINE

    def thing_at(self, path: str, asked: dict[str, str], *, is_form: bool) -> _Thing | int | str:
        """Return what is at a path: a thing, a status, or an address to redirect to."""
        archive = re.fullmatch(r"/data/archive/(.+)\.zip", path)
        if archive:
            there = self._archives.get(archive[1])
            return self.store_url + there if there else 404
        if path == "/data/archive/":
            return _Thing(self._archive_page(), "", "text/html")
        if path == "/api/crimes-street/all-crime":
            return self._crimes_in(asked, is_form=is_form)
        layer = re.fullmatch(r"/arcgis/rest/services/(.+)/FeatureServer/0(/query)?", path)
        if layer:
            return self._of_layer(layer[1], asked, is_query=bool(layer[2]))
        return self._things.get(path, 404)

    def _archive_page(self) -> bytes:
        rows = [
            f'<tr><td><a href="/data/archive/{month}.zip">{month}</a></td><td>{len(month)} GB</td>'
            f"<td><code>\n  {self._md5[month]}\n</code></td></tr>"
            for month in sorted(self._archives, reverse=True)
        ]
        table = "".join(rows if self.has_md5_page else [])
        return f"<!DOCTYPE html><html><body><table>{table}</table></body></html>".encode()

    def _crimes_in(self, asked: dict[str, str], *, is_form: bool) -> _Thing | int:
        if not is_form and sum(len(value) for value in asked.values()) > 4_000:
            return 400
        if "date" not in asked or "poly" not in asked:
            return 400
        corners = [pair.split(",") for pair in asked["poly"].split(":")]
        area = shapely.make_valid(shapely.Polygon([(float(x), float(y)) for y, x in corners]))
        found = [
            record
            for record in self._crimes.get(asked["date"], [])
            if area.intersects(
                shapely.Point(
                    float(record["location"]["longitude"]), float(record["location"]["latitude"])
                )
            )
        ]
        if len(found) > self.crimes_max:
            return 503
        return _Thing(json.dumps(found).encode(), "", "application/json")

    def _of_layer(self, name: str, asked: dict[str, str], *, is_query: bool) -> _Thing | int:
        layer = self._layers.get(name)
        if layer is None:
            found: Any = {"error": {"code": 400, "message": "Invalid URL", "details": []}}
        elif not is_query:
            found = {
                "name": name,
                "objectIdField": layer.id_field,
                "maxRecordCount": layer.page_size,
                "editingInfo": {"lastEditDate": layer.edited},
            }
        else:
            found = queried(layer, asked)
        return _Thing(json.dumps(found).encode(), "", "application/json")

    def wait_till_over(self, seconds: float) -> None:
        """Do nothing until the web is closed, or for some seconds."""
        self._is_over.wait(seconds)

    def _server(self, *, tls: bool) -> _Server:
        server = _Server(("127.0.0.1", 0), _handler(self))
        if tls:
            server.socket = self._secured(server.socket)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def _secured(self, bare: socket.socket) -> socket.socket:
        import trustme

        authority = trustme.CA()
        self.ca_file = Path(self._folder.name) / "authority.pem"
        authority.cert_pem.write_to_path(str(self.ca_file), append=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        return context.wrap_socket(bare, server_side=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: that clients go away is what the tests are about."""


def _handler(played: PlayedWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        web = played

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: PlayedWeb
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Keep the log in ``requests`` instead."""

    def do_GET(self) -> None:
        self._answer({})

    def do_HEAD(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer(_flat(sent.decode()))

    def _answer(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        self._asked = (parts.path, _flat(parts.query), form)
        fault = self.web.fault_of(parts.path)
        if fault.kind == "status":
            self._send(fault.status, dict(fault.headers), b"", FINE)
        elif fault.kind == "redirect":
            self._send(302, {"Location": fault.location}, b"", FINE)
        elif fault.kind == "body":
            self._send(200, dict(fault.headers), fault.body, FINE)
        else:
            asked = {**self._asked[1], **form}
            found = self.web.thing_at(parts.path, asked, is_form=self.command == "POST")
            if isinstance(found, int):
                self._send(found, {}, b"", fault)
            elif isinstance(found, str):
                self._send(302, {"Location": found}, b"", fault)
            else:
                self._send_thing(found, fault)

    def _send_thing(self, thing: _Thing, fault: Fault) -> None:
        headers = {"Content-Type": thing.kind, "Accept-Ranges": "bytes"}
        if thing.modified:
            headers |= {"ETag": thing.etag, "Last-Modified": thing.modified}
        if self._has_the_same(thing):
            self._send(304, headers, b"", fault)
            return
        if self.headers.get("if-match", thing.etag) != thing.etag:
            self._send(412, headers, b"", fault)
            return
        span = self._span(thing) if fault.kind != "whole" else None
        if span is None:
            self._send(200, headers, thing.data, fault)
        elif span[0] >= span[1]:
            self._send(416, {"Content-Range": f"bytes */{len(thing.data)}"}, b"", fault)
        else:
            stated = f"bytes {span[0]}-{span[1] - 1}/{len(thing.data)}"
            part = thing.data[span[0] : span[1]]
            self._send(206, {**headers, "Content-Range": stated}, part, fault)

    def _has_the_same(self, thing: _Thing) -> bool:
        if "if-none-match" in self.headers:
            return self.headers["if-none-match"] == thing.etag
        since = self.headers.get("if-modified-since")
        return bool(thing.modified) and since == thing.modified

    def _span(self, thing: _Thing) -> tuple[int, int] | None:
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        if_range = self.headers.get("if-range", thing.etag)
        if asked is None or if_range not in {thing.etag, thing.modified}:
            return None
        length = len(thing.data)
        if not asked[1]:
            return max(0, length - int(asked[2])), length
        return int(asked[1]), min(int(asked[2] or length) + bool(asked[2]), length)

    def _send(self, code: int, headers: dict[str, str], data: bytes, fault: Fault) -> None:
        stated = len(data) + (fault.n if fault.kind == "longer" and data else 0)
        n_sent = len(data)
        if fault.kind in {"stall", "reset"}:
            n_sent = int(len(data) * fault.share)
        path, query, form = self._asked
        sent = {name.lower(): value for name, value in self.headers.items()}
        self.web.requests.append(Seen(self.command, path, query, form, sent, code, n_sent))
        if fault.kind == "stall" and fault.share == 0:
            self.web.wait_till_over(5)
            self.close_connection = True
            return
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(stated))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:n_sent])
            self.wfile.flush()
        self._spoil(fault, is_short=stated > len(data))

    def _spoil(self, fault: Fault, *, is_short: bool) -> None:
        if fault.kind == "stall":
            self.web.wait_till_over(5)
        if fault.kind == "reset":
            # What was sent may reach the other side; what is lost is the rest.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if fault.kind in {"stall", "reset"} or is_short:
            self.close_connection = True


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
