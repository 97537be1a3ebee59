"""The faults of a network: one clear message or another try, nothing half-written, an end."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import played_faults as play
from hotspots.errors import SourceError
from hotspots.sources.police_uk.live import Fetched, fetch_answers, fetch_publication, last_updated
from hotspots.sources.web import FILE, ZIP, StatusError, Web, fetch_file
from played_web import QUICK, PlayedWeb

AGAIN = "until then the last good data is used"
FORCE = "mannin"
LAMPS = b"id,easting,northing\n" + b"".join(b"%d,300000,400000\n" % n for n in range(20_000))
HOMELY = shapely.box(-4.6, 54.1, -4.4, 54.2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own for what is fetched."""
    made = tmp_path / "fetched"
    made.mkdir()
    return made


def street_files(months: list[str]) -> dict[str, bytes]:
    chance = np.random.default_rng(1)
    return {
        f"{month}/{month}-{force}-street.csv": f"{month} {force}\n".encode() + chance.bytes(999)
        for month in months
        for force in ("elsewhere", FORCE)
    }


def fetched_publication(
    web: Web, played: PlayedWeb, folder: Path, *, publication: str = "2026-07"
) -> Fetched:
    fetched = fetch_publication(
        web,
        played.base_url,
        publication=publication,
        force=FORCE,
        months=None,
        into=folder / f"{publication}.zip",
        known=None,
        whole_into=folder / "whole.zip",
    )
    assert fetched is not None
    return fetched


def crimes(n: int) -> list[dict[str, Any]]:
    chance = np.random.default_rng(2)
    return [
        {
            "id": number,
            "category": "burglary",
            "month": "2026-07",
            "location": {
                "latitude": str(round(chance.uniform(54.1, 54.2), 6)),
                "longitude": str(round(chance.uniform(-4.6, -4.4), 6)),
            },
        }
        for number in range(n)
    ]


def failing(ask: Callable[[], object], *, within_s: float = 4.0) -> str:
    """Return the one message of a failure, which names an address and what to do, and comes."""
    started = time.monotonic()
    with pytest.raises(SourceError) as caught:
        ask()
    assert time.monotonic() - started < within_s
    message = str(caught.value)
    assert message.startswith(("http://127.0.0.1:", "https://"))
    assert "\n" not in message
    assert "Traceback" not in message
    return message


def test_fault_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    with Web(["data.police.uk"], limits=QUICK) as web:
        message = failing(lambda: last_updated(web, "https://data.police.uk"))
        assert web.n_requests == QUICK.tries
    assert message.startswith("https://data.police.uk/api/crime-last-updated: ")
    assert "cannot be reached, as without a network" in message
    assert AGAIN in message


def test_fault_name_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with Web(["data.police.uk"], limits=QUICK) as web:
        message = failing(lambda: last_updated(web, "https://data.police.uk"))
        assert web.n_requests == QUICK.tries
    assert "the name of the host was not found" in message
    assert AGAIN in message


def test_fault_connect_time_out() -> None:
    with play.deaf_host() as host, Web([host], limits=QUICK) as web:
        message = failing(lambda: last_updated(web, f"http://{host}"))
        assert web.n_requests == QUICK.tries
    assert "no connection within the time allowed" in message


def test_fault_stall(played_web: PlayedWeb, folder: Path) -> None:
    url = played_web.publish_file("/lamps.csv", LAMPS)
    played_web.fail("/lamps.csv", play.stall(0), for_ever=True)
    with played_web.web() as web:
        message = failing(lambda: fetch_file(web, url, into=folder / "lamps"))
        assert web.n_requests == QUICK.tries
    assert "the source stopped sending" in message
    assert not list(folder.iterdir())


def test_fault_reset_at_half(played_web: PlayedWeb, folder: Path) -> None:
    url = played_web.publish_file("/lamps.csv", LAMPS)
    played_web.fail("/lamps.csv", play.reset(0.5), play.stall(0.5))
    with played_web.web() as web:
        fetch_file(web, url, into=folder / "lamps")
    assert (folder / "lamps").read_bytes() == LAMPS
    assert [path.name for path in folder.iterdir()] == ["lamps"]
    first, *later = played_web.requests
    assert "range" not in first.headers
    assert all(seen.status == 206 for seen in later)


def test_fault_429_once(played_web: PlayedWeb) -> None:
    played_web.set_last_updated("2026-07")
    path = "/api/crime-last-updated"
    played_web.fail(path, play.status(429, Retry_After="0"))
    with played_web.web() as web:
        assert last_updated(web, played_web.base_url) == "2026-07"
    assert [seen.status for seen in played_web.requests] == [429, 200]


def test_fault_429_for_ever(played_web: PlayedWeb) -> None:
    played_web.fail("/api/*", play.status(429, Retry_After="3600"), for_ever=True)
    with played_web.web() as web:
        message = failing(lambda: last_updated(web, played_web.base_url))
    assert "asks for fewer requests (status 429)" in message
    assert AGAIN in message
    assert len(played_web.requests) == QUICK.tries


def test_fault_503_twice(played_web: PlayedWeb) -> None:
    played_web.set_last_updated("2026-07")
    played_web.fail("/api/crime-last-updated", play.status(503), play.status(503))
    with played_web.web() as web:
        assert last_updated(web, played_web.base_url) == "2026-07"
    assert [seen.status for seen in played_web.requests] == [503, 503, 200]


def test_fault_503_for_ever(played_web: PlayedWeb, folder: Path) -> None:
    played_web.publish_crimes("2026-07", crimes(10))
    played_web.fail("/api/*", play.status(503), for_ever=True)
    with played_web.web() as web:
        message = failing(lambda: last_updated(web, played_web.base_url))
        assert "down or too busy (status 503)" in message
        assert len(played_web.requests) == QUICK.tries
        played_web.forget()
        message = failing(
            lambda: fetch_answers(
                web, played_web.base_url, polygon=HOMELY, month="2026-07", into=folder / "a.zip"
            )
        )
    assert "the API is down" in message
    assert len(played_web.requests) == 4  # the area and a tiny one, each with one more try
    assert not list(folder.iterdir())


def test_fault_503_for_size(played_web: PlayedWeb, folder: Path) -> None:
    played_web.publish_crimes("2026-07", crimes(400))
    played_web.crimes_max = 50
    with played_web.web() as web:
        fetched = fetch_answers(
            web, played_web.base_url, polygon=HOMELY, month="2026-07", into=folder / "a.zip"
        )
    assert fetched.n_records == 400
    assert fetched.n_areas > 8
    assert len(played_web.requests) < 100


def test_fault_400_for_length(played_web: PlayedWeb, folder: Path) -> None:
    played_web.publish_crimes("2026-07", crimes(40))
    coast = shapely.Point(-4.5, 54.15).buffer(0.2, quad_segs=40)
    played_web.fail("/api/crimes-street/all-crime", play.status(400))
    with played_web.web() as web:
        fetched = fetch_answers(
            web, played_web.base_url, polygon=coast, month="2026-07", into=folder / "a.zip"
        )
    assert fetched.n_records == 40
    sent = [seen.form["poly"].count(":") + 1 for seen in played_web.requests]
    assert sent[0] > sent[-1]  # asked again with fewer corners

    played_web.fail("/api/crimes-street/all-crime", play.status(400), for_ever=True)
    with played_web.web() as web:
        message = failing(
            lambda: fetch_answers(
                web, played_web.base_url, polygon=coast, month="2026-07", into=folder / "b.zip"
            )
        )
    assert "even a tiny area gives status 400" in message
    assert [path.name for path in folder.iterdir()] == ["a.zip"]


def test_fault_404_newest_month(played_web: PlayedWeb, folder: Path) -> None:
    played_web.publish_archive("2026-06", street_files(["2026-05", "2026-06"]))
    with played_web.web() as web:
        newest = fetched_publication(web, played_web, folder)
        assert newest.is_published is False
        assert "not published yet" in newest.notes[0]
        assert not list(folder.iterdir())
        assert fetched_publication(web, played_web, folder, publication="2026-06").is_published
    assert len(played_web.requests) < 8


def test_fault_404_old_month(played_web: PlayedWeb, folder: Path) -> None:
    played_web.publish_archive("2026-07", street_files(["2026-07"]))
    with played_web.web() as web:
        assert fetched_publication(web, played_web, folder).members
        old = fetched_publication(web, played_web, folder, publication="2023-07")
    assert old.is_published is False
    assert old.members == ()
    assert [path.name for path in folder.iterdir()] == ["2026-07.zip"]
    # The object store may say 403 for what it does not have; the site itself may not.
    played_web.fail("/store/archive/2026-07.zip", play.status(403))
    played_web.fail("/data/archive/2026-07.zip", play.FINE, play.status(403))
    with played_web.web() as web:
        assert not fetched_publication(web, played_web, folder).is_published
        message = failing(lambda: fetched_publication(web, played_web, folder))
    assert "refuses access (status 403)" in message


def test_fault_redirect_off_the_allow_list(played_web: PlayedWeb, folder: Path) -> None:
    away = f"http://localhost:{played_web.base_url.rpartition(':')[2]}/lamps.csv"
    url = played_web.publish_file("/lamps.csv?key=secret", LAMPS)
    for location in (away, "https://example.org/lamps.csv?key=secret", "file:///etc/passwd"):
        played_web.fail("/lamps.csv", play.redirect(location))
        with played_web.web() as web:
            message = failing(partial(fetch_file, web, url, into=folder / "lamps"))
            assert web.n_requests == 1
        assert "the source redirects to " in message
        assert "secret" not in message
        assert ("not among the allowed hosts" in message) == location.startswith("http")
    assert not list(folder.iterdir())


def test_fault_html_with_status_200(played_web: PlayedWeb, folder: Path) -> None:
    url = played_web.publish_file("/lamps.csv", LAMPS)
    played_web.publish_archive("2026-07", street_files(["2026-07"]))
    for path in ("/lamps.csv", "/api/*", "/store/*"):
        played_web.fail(path, play.html(), for_ever=True)
    with played_web.web() as web:
        for ask in (
            lambda: last_updated(web, played_web.base_url),
            lambda: fetch_file(web, url, into=folder / "lamps"),
            lambda: fetched_publication(web, played_web, folder),
        ):
            assert "found a web page (HTML)" in failing(ask)
    assert not list(folder.iterdir())


def test_fault_wrong_length(played_web: PlayedWeb, folder: Path) -> None:
    url = played_web.publish_file("/lamps.csv", LAMPS)
    played_web.fail("/lamps.csv", play.longer(100), for_ever=True)
    with played_web.web() as web:
        message = failing(lambda: fetch_file(web, url, into=folder / "lamps"))
    length = len(LAMPS)
    assert f"states {length + 100:,} bytes and sends {length:,}" in message
    assert len(played_web.requests) <= QUICK.tries
    assert not list(folder.iterdir())

    played_web.set_last_updated("2026-07")
    played_web.fail("/api/*", play.longer(5), for_ever=True)
    with played_web.web() as web:
        message = failing(lambda: last_updated(web, played_web.base_url))
    assert "broke off before the end" in message


def test_fault_wrong_md5(played_web: PlayedWeb, folder: Path) -> None:
    data = played_web.publish_archive("2026-07", street_files(["2026-07"]))
    played_web.publish_archive_bytes("2026-07", data, md5="0" * 32)
    played_web.fail("/store/*", play.ranges_ignored(), for_ever=True)
    with played_web.web() as web:
        message = failing(lambda: fetched_publication(web, played_web, folder))
    assert f"the publisher states {'0' * 32}" in message
    assert not list(folder.iterdir())


def test_fault_ranges_ignored(played_web: PlayedWeb, folder: Path) -> None:
    played_web.publish_archive("2026-07", street_files(["2026-06", "2026-07"]))
    with played_web.web() as web:
        by_pieces = fetched_publication(web, played_web, folder)
        pieces = (folder / "2026-07.zip").read_bytes()
        played_web.fail("/store/*", play.ranges_ignored(), for_ever=True)
        whole = fetched_publication(web, played_web, folder)
    assert replace(whole, notes=()) == by_pieces
    assert "ignores byte ranges" in whole.notes[0]
    assert (folder / "2026-07.zip").read_bytes() == pieces
    assert [path.name for path in folder.iterdir()] == ["2026-07.zip"]


def test_fault_bad_certificate() -> None:
    with PlayedWeb(tls=True) as played, played.web() as web:
        played.set_last_updated("2026-07")
        message = failing(lambda: last_updated(web, played.base_url))
        assert web.n_requests == 1  # no second try will make it good
        assert not played.requests
    assert "the certificate of the source cannot be trusted" in message
    assert "SSL_CERT_FILE" in message


def test_a_download_killed_half_way_goes_on_in_the_next_run(
    played_web: PlayedWeb, folder: Path
) -> None:
    url = played_web.publish_file("/big.zip", b"PK\x05\x06" + LAMPS, "application/zip")
    played_web.fail("/big.zip", play.reset(0.5), play.status(404))
    with played_web.web() as web, pytest.raises(StatusError):
        web.download(url, folder / "big.zip", expect=ZIP)
    held = (folder / "big.zip").stat().st_size
    assert 0 < held < len(LAMPS)
    played_web.forget()
    with played_web.web() as web:
        web.download(url, folder / "big.zip", expect=FILE)
    assert (folder / "big.zip").read_bytes() == b"PK\x05\x06" + LAMPS
    assert played_web.requests[0].headers["range"] == f"bytes={held}-"
