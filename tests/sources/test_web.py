"""The client: whom it asks, how fast, how patiently, and what it takes for an answer."""

from __future__ import annotations

import errno
import gzip
import itertools
import ssl
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

import played_faults as play
from hotspots.errors import SourceError
from hotspots.sources.web import (
    FILE,
    JSON,
    ZIP,
    Clock,
    Expected,
    Limits,
    StatusError,
    Web,
)
from hotspots.sources.web.judging import judge, onward_of
from hotspots.sources.web.limits import Pace, Patience
from hotspots.sources.web.trouble import (
    PASSING_STATUSES,
    ChangedError,
    PassingError,
    of_status,
    of_transport,
)
from played_web import QUICK, PlayedWeb

DATA = bytes(range(256)) * 40


@dataclass
class Stopped:
    """A clock that only goes on when someone sleeps."""

    at_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        start = datetime(2026, 9, 1, tzinfo=UTC)
        return Clock(
            monotonic=lambda: self.at_s,
            sleep=self._sleep,
            now=lambda: start + timedelta(seconds=self.at_s),
        )

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at_s += seconds


# Pace and patience


def test_no_more_than_five_requests_start_in_any_second() -> None:
    stopped = Stopped()
    pace = Pace(5, stopped.clock())
    starts = []
    for busy_s in [0.0, 0.0, 0.5, 0.0, 0.1, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0]:
        pace.wait()
        starts.append(stopped.at_s)
        stopped.at_s += busy_s
    for start in starts:
        assert sum(start <= other < start + 0.999 for other in starts) <= 5
    assert starts[0] == 0


def test_requests_are_as_far_apart_as_the_pace_says() -> None:
    stopped = Stopped(at_s=100.0)
    pace = Pace(5, stopped.clock())
    for _ in range(3):
        pace.wait()
    assert stopped.slept == [pytest.approx(0.2), pytest.approx(0.2)]
    stopped.at_s += 60  # and a long rest saves nothing up
    pace.wait()
    pace.wait()
    assert stopped.slept[2:] == [pytest.approx(0.2)]


def test_every_request_keeps_to_the_pace(played_web: PlayedWeb) -> None:
    stopped = Stopped()
    url = played_web.publish_file("/a", DATA)
    limits = replace(QUICK, requests_per_s=4)
    with Web(played_web.hosts, limits=limits, clock=stopped.clock()) as web:
        for n in range(1, 4):
            assert web.get(url, expect=FILE).body == DATA
            assert (web.n_requests, web.n_bytes) == (n, n * len(DATA))
    assert stopped.slept == [pytest.approx(0.25)] * 2


def test_unless_told_otherwise_a_source_is_asked_gently() -> None:
    usual = Limits()
    assert usual.requests_per_s == 5
    assert (usual.connect_s, usual.stall_s) == (10, 30)
    assert (usual.deadline_s, usual.download_deadline_s) == (5 * 60, 3 * 60 * 60)
    assert (usual.tries, usual.pause_s, usual.pause_max_s, usual.hops) == (4, 1, 120, 5)
    with Web(["data.police.uk"]) as web:
        assert web._limits == usual
        assert web._clock == Clock()


def test_no_wait_is_longer_than_the_time_that_is_left() -> None:
    waits = []

    def busy(request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"])
        stopped.at_s += 7
        return httpx.Response(503, request=request)

    stopped = Stopped()
    limits = Limits(connect_s=5, stall_s=6, deadline_s=10, tries=2, pause_s=0)
    with Web(["127.0.0.1"], limits=limits, clock=stopped.clock()) as web:
        web._client = httpx.Client(transport=httpx.MockTransport(busy))
        with pytest.raises(StatusError):
            web.get("http://127.0.0.1/a", expect=JSON)
    assert [(each["connect"], each["read"]) for each in waits] == [(5, 6), (3, pytest.approx(3))]


def test_a_request_after_the_deadline_waits_for_next_to_nothing() -> None:
    waits = []

    def noted(request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"])
        return httpx.Response(404, request=request)

    with Web(["127.0.0.1"], limits=Limits(deadline_s=0), clock=Stopped().clock()) as web:
        web._client = httpx.Client(transport=httpx.MockTransport(noted))
        with pytest.raises(StatusError):
            web.get("http://127.0.0.1/a", expect=JSON)
    assert [each["read"] for each in waits] == [0.001]


def tried(patience: Patience, *, retry_after: str = "") -> int:
    n_tries = 0

    def once() -> None:
        nonlocal n_tries
        n_tries += 1
        raise PassingError(SourceError("busy"), retry_after=retry_after)

    with pytest.raises(PassingError):
        patience.tries()(once)
    return n_tries


def test_pauses_grow_with_some_chance_in_them() -> None:
    stopped = Stopped()
    limits = Limits(tries=5, pause_s=1, pause_max_s=6)
    assert tried(Patience(limits, stopped.clock(), deadline_s=1000)) == 5
    assert len(stopped.slept) == 4
    for slept, least in zip(stopped.slept, [1, 2, 4, 6], strict=True):
        assert least <= slept <= least + 1


@pytest.mark.parametrize(
    ("asked", "pause_s"),
    [
        ("7", 7),
        ("86400", 120),
        ("Tue, 01 Sep 2026 00:00:30 GMT", 30),
        ("Mon, 31 Aug 2026 00:00:00 GMT", 0),
    ],
)
def test_a_pause_that_the_source_asks_for_is_made_within_limits(asked: str, pause_s: float) -> None:
    stopped = Stopped()
    patience = Patience(Limits(tries=2), stopped.clock(), deadline_s=1000)
    assert tried(patience, retry_after=asked) == 2
    assert stopped.slept == [pytest.approx(pause_s)]


def test_an_unreadable_pause_is_replaced_by_ours() -> None:
    stopped = Stopped()
    patience = Patience(Limits(tries=2), stopped.clock(), deadline_s=1000)
    tried(patience, retry_after="soon")
    assert 1 <= stopped.slept[0] <= 2


def test_a_pause_that_would_end_after_the_deadline_is_not_made() -> None:
    stopped = Stopped()
    patience = Patience(Limits(tries=9), stopped.clock(), deadline_s=10)
    assert tried(patience, retry_after="60") == 1
    assert not stopped.slept


def test_tries_that_get_further_do_not_count_but_end_all_the_same() -> None:
    stopped = Stopped()
    patience = Patience(Limits(tries=2, pause_s=0.1), stopped.clock(), deadline_s=10_000)
    n_tries = 0

    def once() -> None:
        nonlocal n_tries
        n_tries += 1
        patience.reached(n_tries)
        raise PassingError(SourceError("broken off"))

    with pytest.raises(PassingError):
        patience.tries()(once)
    assert n_tries == 20


# Whom it asks


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.org/a?key=secret", "example.org is not among the allowed hosts"),
        ("https://data.police.uk.example.org/a", "is not among the allowed hosts"),
        ("https://data.police.uk:8443/a", "data.police.uk:8443 is not among the allowed hosts"),
        ("http://data.police.uk/a", "only https is used"),
        ("ftp://data.police.uk/a", "only https is used"),
        ("https://someone:secret@data.police.uk/a", "a user's name or password"),
        ("https://[::1/a", "is no address"),
    ],
)
def test_what_is_not_on_the_list_is_never_asked(url: str, found: str) -> None:
    with Web(["data.police.uk"]) as web:
        with pytest.raises(SourceError) as caught:
            web.get(url, expect=JSON)
        assert web.n_requests == 0
    assert found in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_redirect_is_followed_on_the_list_and_not_in_rings(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/new.csv", DATA)
    played_web.fail("/old.csv", play.redirect("/new.csv"))
    played_web.fail("/ring.csv", play.redirect("/ring.csv"), for_ever=True)
    played_web.fail("/lost.csv", play.status(302))
    with played_web.web() as web:
        answer = web.get(f"{played_web.base_url}/old.csv", expect=FILE)
        assert (answer.body, str(answer.url)) == (DATA, url)
        with pytest.raises(SourceError, match="more than 5 redirects"):
            web.get(f"{played_web.base_url}/ring.csv", expect=FILE)
        with pytest.raises(SourceError, match="redirects to no address"):
            web.get(f"{played_web.base_url}/lost.csv", expect=FILE)
        played_web.fail("/form", play.redirect("/new.csv"))
        with pytest.raises(SourceError, match="would forget the question"):
            web.post(f"{played_web.base_url}/form", {"a": "b"}, expect=JSON)


@pytest.mark.parametrize("n_hops", [5, 6])
def test_five_redirects_are_followed_and_no_sixth(played_web: PlayedWeb, n_hops: int) -> None:
    played_web.publish_file("/0", DATA)
    for n in range(n_hops):
        played_web.fail(f"/{n + 1}", play.redirect(f"/{n}"))
    url = f"{played_web.base_url}/{n_hops}"
    with played_web.web() as web:
        if n_hops == 5:
            assert web.get(url, expect=FILE).body == DATA
        else:
            with pytest.raises(SourceError, match="more than 5 redirects"):
                web.get(url, expect=FILE)
        assert web.n_requests == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(played_web: PlayedWeb, status: int) -> None:
    played_web.publish_file("/new", DATA)
    played_web.fail("/old", play.status(status, Location="/new"))
    with played_web.web() as web:
        assert web.get(f"{played_web.base_url}/old", expect=FILE).body == DATA


def test_the_proxy_of_the_system_is_never_used_for_this_machine(
    played_web: PlayedWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    played_web.set_last_updated("2026-07")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{play.closed_host()}")
    with played_web.web() as web:
        url = f"{played_web.base_url}/api/crime-last-updated"
        assert web.get(url, expect=JSON).json() == {"date": "2026-07-01"}
    refused = pytest.raises(SourceError, match="the host refuses the connection")
    with Web(["data.police.uk"], limits=QUICK) as web, refused:
        web.get("https://data.police.uk/api/forces", expect=JSON)


def test_a_proxy_that_makes_no_sense_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy")
    with pytest.raises(SourceError, match="Correct HTTPS_PROXY"):
        Web(["data.police.uk"])


def test_nobody_listening_is_one_sentence() -> None:
    host = play.closed_host()
    with Web([host], limits=QUICK) as web, pytest.raises(SourceError) as caught:
        web.get(f"http://{host}/a", expect=JSON)
    assert "the host refuses the connection" in str(caught.value)


# What it takes for an answer


@pytest.mark.parametrize(
    ("expect", "data", "found"),
    [
        (JSON, b"<?xml version='1.0'?><Error/>", "expected JSON, found XML"),
        (JSON, b"\xef\xbb\xbf\n <html>", "found a web page"),
        (ZIP, b"not a zip at all", "expected a zip, found something else"),
        (ZIP, b"", "expected a zip, found nothing"),
        (FILE, b"<!doctype HTML><p>", "found a web page"),
        (Expected("a note", 10), b"far too long", "the limit is 10 bytes"),
    ],
)
def test_a_body_of_another_kind_is_refused(
    played_web: PlayedWeb, expect: Expected, data: bytes, found: str
) -> None:
    url = played_web.publish_file("/a", data)
    with played_web.web() as web, pytest.raises(SourceError, match=found):
        web.get(url, expect=expect)


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b"\xff\xfe", b""])
def test_what_is_no_json_is_one_sentence(played_web: PlayedWeb, data: bytes) -> None:
    url = played_web.publish_file("/a", data)
    with played_web.web() as web, pytest.raises(SourceError, match="cannot be read as such"):
        web.get(url, expect=JSON).json()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418])
def test_a_status_that_will_not_pass_is_not_tried_again(played_web: PlayedWeb, status: int) -> None:
    played_web.fail("/a", play.status(status), for_ever=True)
    with played_web.web() as web, pytest.raises(StatusError) as caught:
        web.get(f"{played_web.base_url}/a?key=secret", expect=JSON)
    assert caught.value.status == status
    assert f"status {status}" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(played_web.requests) == 1


def test_trouble_that_passes_is_tried_again(played_web: PlayedWeb) -> None:
    assert sorted(PASSING_STATUSES) == [408, 425, 429, 500, 502, 503, 504]
    url = played_web.publish_file("/a", DATA)
    for status in sorted(PASSING_STATUSES):
        played_web.fail("/a", play.status(status), play.status(status))
        with played_web.web() as web:
            assert web.get(url, expect=FILE).body == DATA
            assert web.n_requests == 3
            played_web.fail("/a", play.status(status))
            with pytest.raises(StatusError):
                web.get(url, expect=FILE, tries=1)
            assert web.n_requests == 4


@pytest.mark.parametrize(
    ("status", "found", "fix"),
    [
        (400, "does not understand the question", "the conditions of this source"),
        (401, "wants a password", "Only sources without a password"),
        (403, "refuses access", "Check that the address is public"),
        (404, "nothing at this address", "may have moved it"),
        (410, "is gone", "Look for its new address"),
        (418, "answers with status 418", "Run it again later"),
        (429, "asks for fewer requests", "Run it again later"),
        (503, "is down or too busy", "Run it again later"),
    ],
)
def test_each_status_says_what_it_means_and_what_to_do(status: int, found: str, fix: str) -> None:
    words = str(of_status(httpx.URL("https://a/b?key=secret"), status, is_elsewhere=False))
    assert words.startswith("https://a/b: ")
    assert found in words
    assert f"status {status}" in words
    assert fix in words


@pytest.mark.parametrize(("given", "told"), [("self-signed", "self-signed"), ("", "not verified")])
def test_why_a_certificate_is_not_trusted_is_told(given: str, told: str) -> None:
    refused = ssl.SSLCertVerificationError()
    refused.verify_message = given
    error = httpx.ConnectError("no")
    error.__cause__ = refused
    found = of_transport(httpx.URL("https://data.police.uk/a"), error)
    assert isinstance(found, SourceError)
    assert f"cannot be trusted ({told})" in str(found)


def test_a_body_of_the_size_of_the_cap_is_taken(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/a", b"x" * 10)
    with played_web.web() as web:
        assert web.get(url, expect=Expected("a note", 10)).n_bytes == 10
        with pytest.raises(SourceError, match="the limit is 9 bytes"):
            web.get(url, expect=Expected("a note", 9))


def test_of_a_body_over_the_cap_the_rest_is_not_received(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/a", DATA * 1_000)
    with played_web.web() as web:
        with pytest.raises(SourceError, match="the limit is 10 bytes"):
            web.get(url, expect=Expected("a note", 10))
        assert web.n_bytes < len(DATA) * 500


def test_a_slow_drip_ends_at_the_deadline(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/a", DATA * 1_000)
    ticks = itertools.count()
    hurried = Clock(monotonic=lambda: float(next(ticks)))
    with Web(played_web.hosts, limits=replace(QUICK, deadline_s=20), clock=hurried) as web:
        with pytest.raises(SourceError, match="the time allowed is over"):
            web.get(url, expect=FILE)
        assert 0 < web.n_bytes < len(DATA) * 1_000


def test_a_body_that_unpacks_to_too_much_is_refused(played_web: PlayedWeb) -> None:
    packed = gzip.compress(bytes(10_000_000), mtime=0)
    played_web.fail("/bomb", replace(play.body(packed), headers={"Content-Encoding": "gzip"}))
    url = f"{played_web.base_url}/bomb"
    with played_web.web() as web, pytest.raises(SourceError, match="the limit is 1,000,000"):
        web.get(url, expect=Expected("JSON", 1_000_000))
    played_web.fail("/bomb", replace(play.body(b"no gzip"), headers={"Content-Encoding": "gzip"}))
    with played_web.web() as web, pytest.raises(SourceError, match="packed in a damaged way"):
        web.get(url, expect=JSON)


def test_an_answer_that_is_known_already_has_no_body(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/a.json", b"{}")
    with played_web.web() as web:
        first = web.get(url, expect=JSON)
        again = web.get(url, expect=JSON, known=first.marks)
        assert (first.is_unchanged, again.is_unchanged, again.body) == (False, True, b"")
        played_web.publish_file("/a.json", b"[]")
        assert not web.get(url, expect=JSON, known=first.marks).is_unchanged


@pytest.mark.parametrize(
    ("status", "is_followed"), [(301, False), (302, False), (303, False), (307, True), (308, True)]
)
def test_a_form_is_sent_on_only_where_it_is_kept(status: int, *, is_followed: bool) -> None:
    request = httpx.Request("POST", "https://a/b")
    response = httpx.Response(status, headers={"Location": "/c"}, request=request)
    if is_followed:
        found = onward_of(response, asked=request.url, method="POST")
        assert str(found) == "https://a/c"
    else:
        with pytest.raises(SourceError, match="would forget the question"):
            onward_of(response, asked=request.url, method="POST")


@pytest.mark.parametrize("status", [200, 206, 300, 304, 305, 306, 309, 404])
def test_other_statuses_lead_nowhere(status: int) -> None:
    request = httpx.Request("GET", "https://a/b")
    response = httpx.Response(status, headers={"Location": "/c"}, request=request)
    assert onward_of(response, asked=request.url, method="GET") is None


def test_some_statuses_may_be_different_in_a_moment() -> None:
    request = httpx.Request("GET", "https://a/b")
    passing, changed = set(), set()
    for status in range(400, 600):
        response = httpx.Response(status, headers={"Retry-After": "7"}, request=request)
        with pytest.raises((PassingError, ChangedError, StatusError)) as caught:
            judge(response, asked=request.url)
        if isinstance(caught.value, PassingError):
            passing.add((status, caught.value.retry_after))
        elif isinstance(caught.value, ChangedError):
            changed.add(status)
    assert passing == {(status, "7") for status in (408, 425, 429, 500, 502, 503, 504)}
    assert changed == {412}


@pytest.mark.parametrize(
    ("status", "is_piece", "is_fine"),
    [
        (200, False, True),
        (304, False, True),
        (200, True, True),
        (206, True, True),
        (416, True, True),
        (206, False, False),
        (416, False, False),
        (201, False, False),
        (199, False, False),
        (205, True, False),
        (207, True, False),
    ],
)
def test_a_piece_is_an_answer_only_where_one_was_asked_for(
    status: int, *, is_piece: bool, is_fine: bool
) -> None:
    headers = {"Range": "bytes=0-0"} if is_piece else {}
    request = httpx.Request("GET", "https://a/b", headers=headers)
    response = httpx.Response(status, request=request)
    if is_fine:
        judge(response, asked=request.url)
    else:
        with pytest.raises(StatusError) as caught:
            judge(response, asked=request.url)
        assert caught.value.status == status
        assert not caught.value.is_elsewhere


def test_a_status_of_another_host_is_told_as_that() -> None:
    response = httpx.Response(403, request=httpx.Request("GET", "https://a/b"))
    with pytest.raises(StatusError) as caught:
        judge(response, asked=httpx.URL("https://c/b"))
    assert caught.value.is_elsewhere


def test_passing_statuses_are_few() -> None:
    assert sorted(PASSING_STATUSES) == [408, 425, 429, 500, 502, 503, 504]


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN])
def test_a_host_that_cannot_be_reached_is_told_as_that(number: int) -> None:
    error = httpx.ConnectError("no")
    error.__cause__ = OSError(number, "no")
    found = of_transport(httpx.URL("https://a/b"), error)
    assert "the host cannot be reached, as without a network" in str(found)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectTimeout("no"), "no connection within the time allowed"),
        (httpx.ReadTimeout("no"), "the source stopped sending"),
        (httpx.ProxyError("no"), "the proxy of the environment refuses the connection"),
        (httpx.ConnectError("no"), "the host refuses the connection"),
        (httpx.ReadError("no"), "the connection broke off before the end of the answer"),
        (httpx.DecodingError("no"), "the answer is packed in a damaged way"),
    ],
)
def test_each_trouble_of_a_connection_is_told(error: httpx.RequestError, words: str) -> None:
    found = of_transport(httpx.URL("https://a/b"), error)
    assert words in str(found)
    assert isinstance(found, PassingError) is not isinstance(error, httpx.DecodingError)


def test_a_pause_just_as_long_as_the_time_left_is_made() -> None:
    stopped = Stopped()
    patience = Patience(Limits(tries=2), stopped.clock(), deadline_s=60)
    assert tried(patience, retry_after="60") == 2
    assert stopped.slept == [60]
    assert patience.left_s == 0


def test_only_a_try_that_gets_further_than_any_before_counts_anew() -> None:
    stopped = Stopped()
    patience = Patience(Limits(tries=2, pause_s=0.1), stopped.clock(), deadline_s=10_000)
    reached = iter([5, 5, 5])
    n_tries = 0

    def once() -> None:
        nonlocal n_tries
        n_tries += 1
        patience.reached(next(reached))
        raise PassingError(SourceError("broken off"))

    with pytest.raises(PassingError):
        patience.tries()(once)
    assert n_tries == 2
