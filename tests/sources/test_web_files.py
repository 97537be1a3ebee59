"""Files over the network: their marks, downloads that go on, and reading by pieces."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import played_faults as play
from hotspots.errors import SourceError
from hotspots.sources.web import (
    FILE,
    JSON,
    ZIP,
    ChangedError,
    Expected,
    Marks,
    RangeFile,
    RangesIgnoredError,
    StatusError,
    Web,
    fetch_file,
)
from hotspots.sources.web import ranges as ranges_module
from hotspots.sources.web.answers import content_range
from hotspots.sources.web.judging import span_length
from hotspots.sources.web.part import Part
from played_web import QUICK, PlayedWeb

DATA = bytes(range(256)) * 40


# Marks


def test_marks_survive_a_note_and_a_damaged_one_is_unknown() -> None:
    marks = Marks('"a"', "Tue, 01 Sep 2026 00:00:00 GMT", 5)
    assert Marks.read(marks.noted()) == marks
    assert Marks.read({"etag": 7, "last_modified": "", "length": "5"}) == Marks()
    assert Marks.read(None) == Marks()


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (Marks('"a"'), Marks('W/"a"'), True),
        (Marks('"a"'), Marks('"b"'), False),
        (Marks('"a"', length=1), Marks('"a"', length=2), False),
        (Marks('"a"', "x"), Marks(None, "x"), True),
        (Marks(None, "x"), Marks(None, "y"), False),
        (Marks(length=1), Marks(length=1), False),
        (Marks(), Marks(), False),
    ],
)
def test_marks_of_the_same_file(*, one: Marks, other: Marks, is_same: bool) -> None:
    assert one.is_of(other) is is_same
    assert other.is_of(one) is is_same


def test_only_a_strong_mark_says_that_bytes_are_the_same() -> None:
    assert Marks('"a"', "x").validator == '"a"'
    assert Marks('W/"a"', "x").validator == "x"
    assert Marks('W/"a"').validator is None
    assert Marks('W/"a"', "x").only_same() == {"If-Unmodified-Since": "x"}
    assert Marks('"a"', "x").only_same() == {"If-Match": '"a"'}
    assert Marks('W/"a"', "x").unless_same() == {"If-None-Match": 'W/"a"', "If-Modified-Since": "x"}


def test_size_and_marks_cost_one_request(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/a", DATA)
    with played_web.web() as web:
        head = web.size_and_marks(url)
        assert (head.marks.length, head.has_ranges) == (len(DATA), True)
        played_web.fail("/a", play.ranges_ignored())
        whole = web.size_and_marks(url)
        assert (whole.marks.length, whole.has_ranges) == (len(DATA), False)
        assert web.n_requests == 2
        assert web.n_bytes == 0


def test_no_answer_is_taken_beyond_its_cap() -> None:
    assert [kind.max_bytes // 2**20 for kind in (JSON, ZIP, FILE)] == [256, 4096, 2048]


# Downloads


def test_a_part_of_an_older_edition_is_not_added_to(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_file("/a", DATA)
    played_web.fail("/a", play.reset(0.5), play.status(404))
    with played_web.web() as web:
        with pytest.raises(StatusError):
            web.download(url, tmp_path / "a", expect=FILE)
        played_web.publish_file("/a", DATA[::-1])
        answer = web.download(url, tmp_path / "a", expect=FILE)
    assert (tmp_path / "a").read_bytes() == DATA[::-1]
    assert answer.n_bytes == len(DATA)
    assert played_web.requests[-1].status == 200


def test_a_part_without_its_note_is_begun_anew(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_file("/a", DATA)
    (tmp_path / "a").write_bytes(b"something of someone")
    with played_web.web() as web:
        web.download(url, tmp_path / "a", expect=FILE)
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize("note", ["", "[]", '{"etag": 5}', "{"])
def test_a_damaged_note_begins_anew(played_web: PlayedWeb, tmp_path: Path, note: str) -> None:
    url = played_web.publish_file("/a", DATA)
    (tmp_path / "a").write_bytes(DATA[:9])
    (tmp_path / "a.marks.json").write_text(note)
    with played_web.web() as web:
        web.download(url, tmp_path / "a", expect=FILE)
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_part_that_is_the_whole_already_moves_no_data(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    url = played_web.publish_file("/a", DATA)
    with played_web.web() as web:
        marks = web.size_and_marks(url).marks
        (tmp_path / "a").write_bytes(DATA)
        (tmp_path / "a.marks.json").write_text(json.dumps(marks.noted()))
        web.download(url, tmp_path / "a", expect=FILE)
        assert web.n_bytes == 0
    assert (tmp_path / "a").read_bytes() == DATA
    assert not (tmp_path / "a.marks.json").exists()


def test_a_download_over_the_cap_is_refused_and_dropped(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    url = played_web.publish_file("/a", DATA)
    with played_web.web() as web, pytest.raises(SourceError, match="the limit for a note"):
        web.download(url, tmp_path / "a", expect=Expected("a note", 100))
    assert not list(tmp_path.iterdir())


def test_a_right_md5_is_accepted_in_capitals_too(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_file("/a", b"hello")
    with played_web.web() as web:
        web.download(url, tmp_path / "a", expect=FILE, md5="5D41402ABC4B2A76B9719D911017C592")
    assert (tmp_path / "a").read_bytes() == b"hello"


def test_a_download_of_another_length_is_dropped(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_file("/a", DATA)
    (tmp_path / "a").write_bytes(DATA + b"more")
    with played_web.web() as web:
        marks = web.size_and_marks(url).marks
        (tmp_path / "a.marks.json").write_text(json.dumps(marks.noted()))
        web.download(url, tmp_path / "a", expect=FILE)
    assert (tmp_path / "a").read_bytes() == DATA
    part = Part(tmp_path / "b")
    (tmp_path / "b").write_bytes(DATA)
    part.marks, part.n_bytes = Marks('"b"', None, 9), 8
    with pytest.raises(SourceError, match="states 9 bytes and sends 8; the download was dropped"):
        part.require_length(httpx.URL(url))
    assert (part.n_bytes, part.marks, part.rest_of()) == (0, Marks(), {})
    assert not (tmp_path / "b").exists()
    part.require_length(httpx.URL(url))


def test_a_download_of_another_md5_is_dropped(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_file("/a", b"hello")
    with played_web.web() as web, pytest.raises(SourceError, match="the MD5 sum is 5d41402abc4b"):
        web.download(url, tmp_path / "a", expect=FILE, md5="0" * 32)
    assert not list(tmp_path.iterdir())


def test_a_download_that_opens_as_something_else_is_dropped(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    url = played_web.publish_file("/a", b"<html>sorry")
    with played_web.web() as web, pytest.raises(SourceError, match="expected a zip"):
        web.download(url, tmp_path / "a", expect=ZIP)
    assert not list(tmp_path.iterdir())


def test_only_the_rest_of_a_download_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DATA[:9])
    (tmp_path / "a.marks.json").write_text(json.dumps(Marks('"a"').noted()))
    assert Part(tmp_path / "a").rest_of() == {"Range": "bytes=9-", "If-Range": '"a"'}
    (tmp_path / "a").write_bytes(b"")
    assert Part(tmp_path / "a").rest_of() == {}


# Files by address


def test_a_file_is_fetched_once_until_it_changes(played_web: PlayedWeb, tmp_path: Path) -> None:
    url = played_web.publish_file("/lamps.csv", b"id\n1\n")
    with played_web.web() as web:
        first = fetch_file(web, url, into=tmp_path / "lamps")
        assert first is not None
        (tmp_path / "lamps").unlink()
        assert fetch_file(web, url, into=tmp_path / "lamps", known=first.marks) is None
        assert not list(tmp_path.iterdir())
        played_web.publish_file("/lamps.csv", b"id\n1\n2\n")
        second = fetch_file(web, url, into=tmp_path / "lamps", known=first.marks)
    assert second is not None
    assert (first.suffix, second.suffix) == (".csv", ".csv")
    assert second.marks != first.marks
    assert (tmp_path / "lamps").read_bytes() == b"id\n1\n2\n"


@pytest.mark.parametrize(
    ("path", "kind", "suffix"),
    [
        ("/lamps.GeoJSON", "text/plain", ".geojson"),
        ("/download", "application/zip; charset=binary", ".zip"),
        ("/export.php", "text/csv", ".csv"),
        ("/data", "application/octet-stream", ".csv"),
        ("/data", "Application/Geo+JSON;charset=utf-8", ".geojson"),
    ],
)
def test_the_kind_of_a_file_is_told(
    played_web: PlayedWeb, tmp_path: Path, path: str, kind: str, suffix: str
) -> None:
    url = played_web.publish_file(path, DATA, kind)
    with played_web.web() as web:
        fetched = fetch_file(web, url + "?format=x.pdf", into=tmp_path / "a")
    assert fetched is not None
    assert fetched.suffix == suffix


def test_a_stated_name_tells_the_kind_of_a_file(played_web: PlayedWeb, tmp_path: Path) -> None:
    stated = {"Content-Disposition": 'attachment; filename="street lights.xlsx"'}
    played_web.fail("/get", replace(play.body(DATA), headers=stated))
    with played_web.web() as web:
        fetched = fetch_file(web, f"{played_web.base_url}/get", into=tmp_path / "a")
    assert fetched is not None
    assert fetched.suffix == ".xlsx"


def test_an_address_that_redirects_tells_the_kind_before_where_it_leads(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    played_web.publish_file("/blob/7.php", DATA, "application/octet-stream")
    played_web.fail("/lamps.geojson", play.redirect("/blob/7.php"))
    url = f"{played_web.base_url}/lamps.geojson?as=file"
    with played_web.web() as web:
        fetched = fetch_file(web, url, into=tmp_path / "a")
    assert fetched is not None
    assert fetched.suffix == ".geojson"


# Files by pieces


def opened(web: Web, url: str) -> RangeFile:
    file = RangeFile.open(web, url)
    assert file is not None
    return file


def test_a_file_read_by_pieces_is_the_file(
    played_web: PlayedWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges_module, "BLOCK_BYTES", 1_000)
    monkeypatch.setattr(ranges_module, "GAP_BYTES", 100)
    url = played_web.publish_file("/a", DATA)
    with played_web.web() as web, opened(web, url) as file:
        assert (file.readable(), file.seekable(), file.length) == (True, True, len(DATA))
        assert file.seek(-5, 2) == len(DATA) - 5
        assert file.read() == DATA[-5:]
        assert web.n_requests == 1  # the last piece came with the opening
        file.fetch([(0, 50), (100, 200), (5_000, 5_010), (len(DATA) - 9, len(DATA))])
        assert web.n_requests == 3
        for first, n_bytes in [(10, 30), (150, 50), (5_000, 10), (190, 3_000), (0, 10**9)]:
            file.seek(first)
            assert file.read(n_bytes) == DATA[first : first + n_bytes]
        file.seek(3)
        assert file.seek(4, 1) == 7
        assert file.tell() == 7
        with pytest.raises(ValueError, match="before the file"):
            file.seek(-1)
        assert file.seek(len(DATA) + 5) == len(DATA) + 5
        assert file.read(5) == b""


def test_a_file_that_changes_under_way_is_noticed(
    played_web: PlayedWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges_module, "BLOCK_BYTES", 1_000)
    url = played_web.publish_file("/a", DATA)
    with played_web.web() as web, opened(web, url) as file:
        played_web.publish_file("/a", DATA[::-1])
        with pytest.raises(ChangedError, match="changed while it was read"):
            file.read(10)
        assert played_web.requests[-1].status == 412


def test_whole_files_for_pieces_are_not_received(played_web: PlayedWeb) -> None:
    url = played_web.publish_file("/a", DATA)
    played_web.fail("/a", play.ranges_ignored())
    with played_web.web() as web:
        with pytest.raises(RangesIgnoredError):
            RangeFile.open(web, url)
        assert web.n_bytes == 0


def test_too_many_pieces_are_refused(
    played_web: PlayedWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges_module, "BLOCK_BYTES", 1_000)
    monkeypatch.setattr(ranges_module, "HELD_MAX_BYTES", 3_000)
    url = played_web.publish_file("/a", DATA)
    refused = pytest.raises(SourceError, match="would have to be read")
    with played_web.web() as web, opened(web, url) as file, refused:
        file.read(5_000)


def test_a_rest_that_does_not_fit_begins_anew(tmp_path: Path) -> None:
    asked = []

    def odd(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("range"))
        if asked[-1] is None:
            return httpx.Response(200, headers={"ETag": '"a"'}, content=DATA, request=request)
        status = 206 if len(asked) == 1 else 416
        stated = {"Content-Range": "bytes 0-9/10", "ETag": '"a"'}
        return httpx.Response(status, headers=stated, content=DATA[:10], request=request)

    for _ in range(2):
        (tmp_path / "a").write_bytes(DATA[:9])
        (tmp_path / "a.marks.json").write_text(json.dumps(Marks('"a"').noted()))
        with Web(["127.0.0.1"], limits=QUICK) as web:
            web._client = httpx.Client(transport=httpx.MockTransport(odd))
            web.download("http://127.0.0.1/a", tmp_path / "a", expect=FILE)
        assert (tmp_path / "a").read_bytes() == DATA
    assert asked == ["bytes=9-", None, "bytes=9-", None]


def test_a_download_without_a_stated_length_is_capped_too(tmp_path: Path) -> None:
    def unstated(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([DATA[:60], DATA[60:120]]), request=request)

    with Web(["127.0.0.1"], limits=QUICK) as web:
        web._client = httpx.Client(transport=httpx.MockTransport(unstated))
        with pytest.raises(SourceError, match="the limit for a note"):
            web.download("http://127.0.0.1/a", tmp_path / "a", expect=Expected("a note", 100))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ("bytes 5-9/100", (5, 9, 100)),
        ("bytes */100", (-1, -1, 100)),
        ("bytes 5-9/*", None),
        ("", None),
    ],
)
def test_what_piece_a_response_is(stated: str, found: tuple[int, int, int] | None) -> None:
    assert content_range(httpx.Response(206, headers={"Content-Range": stated})) == found


def test_another_piece_than_asked_for_is_refused() -> None:
    def odd(request: httpx.Request) -> httpx.Response:
        stated = {"Content-Range": "bytes 5-9/100", "ETag": '"a"'}
        return httpx.Response(206, headers=stated, content=b"12345", request=request)

    with Web(["127.0.0.1"], limits=QUICK) as web:
        web._client = httpx.Client(transport=httpx.MockTransport(odd))
        with pytest.raises(SourceError, match="another piece of the file"):
            web.span("http://127.0.0.1/a", first=0, n_bytes=5)
        assert web.span("http://127.0.0.1/a", first=5, n_bytes=5).body == b"12345"
        with pytest.raises(ChangedError):
            web.span("http://127.0.0.1/a", first=5, n_bytes=5, whole=Marks('"b"', None, 100))


@pytest.mark.parametrize(
    ("stated", "first", "n_bytes", "is_it"),
    [
        ("bytes 0-4/5", None, 9, True),  # more than there is was asked for
        ("bytes 1-4/5", None, 4, True),
        ("bytes 0-3/5", None, 4, False),
        ("bytes 3-4/5", 3, 9, True),
        ("bytes 3-5/6", 3, 2, False),
        ("bytes 2-4/6", 3, 2, False),
    ],
)
def test_a_piece_ends_where_the_file_does(
    stated: str, first: int | None, n_bytes: int, *, is_it: bool
) -> None:
    response = httpx.Response(
        206, headers={"Content-Range": stated}, request=httpx.Request("GET", "https://a/b")
    )
    if is_it:
        length = span_length(response, first=first, n_bytes=n_bytes, whole=None)
        low, high = stated.removeprefix("bytes ").partition("/")[0].split("-")
        assert length == int(high) - int(low) + 1
    else:
        with pytest.raises(SourceError, match="another piece of the file"):
            span_length(response, first=first, n_bytes=n_bytes, whole=None)


def held(web: Any, *, length: int, tail: bytes = b"") -> RangeFile:  # noqa: ANN401
    return RangeFile(web, httpx.URL("https://a/b"), Marks('"a"', None, length), tail)


class Noted:
    """Gives any piece, and notes which were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def span(self, _: httpx.URL, *, first: int, n_bytes: int, whole: Marks) -> Any:  # noqa: ANN401
        assert whole.etag == '"a"'
        self.asked.append((first, first + n_bytes))
        return SimpleNamespace(body=bytes(n_bytes))


@pytest.mark.parametrize(
    ("spans", "asked"),
    [
        ([(0, 10), (2**18 + 10, 2**18 + 20)], [(0, 2**18 + 20)]),
        ([(0, 10), (2**18 + 11, 2**18 + 20)], [(0, 10), (2**18 + 11, 2**18 + 20)]),
        ([(0, 2**26 - 9), (2**26 - 8, 2**26)], [(0, 2**26)]),
        ([(0, 2**26 - 9), (2**26 - 8, 2**26 + 1)], [(0, 2**26 - 9), (2**26 - 8, 2**26 + 1)]),
        ([(5, 30), (0, 50)], [(0, 50)]),
        ([(10, 20), (0, 9)], [(0, 20)]),
        ([(2**27 - 3, 2**27 - 1)], []),
    ],
)
def test_neighbouring_pieces_are_asked_for_as_one(
    spans: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    web = Noted()
    held(web, length=2**27, tail=b"12345").fetch(spans)
    assert web.asked == asked


def test_what_is_read_is_fetched_by_large_pieces() -> None:
    web = Noted()
    file = held(web, length=2**28)
    assert len(file.read(5)) == 5
    assert web.asked == [(0, 2**20)]
    file.seek(2**20 - 2)
    assert len(file.read(2**20 + 7)) == 2**20 + 7
    assert web.asked[1:] == [(2**20, 2**21 + 5)]
    file.seek(2**28 - 3)
    assert len(file.read(9)) == 3
    assert web.asked[2:] == [(2**28 - 3, 2**28)]


def test_a_gibibyte_of_pieces_is_held() -> None:
    file = held(Noted(), length=2**40, tail=b"12345")
    file._n_held = 2**30 - 9
    file.fetch([(0, 9)])
    with pytest.raises(SourceError, match="over 1024 MiB of the file would have to be read"):
        file.fetch([(20, 21)])


def test_the_tail_of_a_file_counts_among_what_is_held() -> None:
    file = held(Noted(), length=2**31, tail=b"12345")
    assert file._n_held == 5
    assert file._pieces == [(2**31 - 5, b"12345")]
    assert held(Noted(), length=9)._pieces == []


@pytest.mark.parametrize(("at", "found"), [(507, "a web page"), (508, "XML")])
def test_the_first_half_kibibyte_of_a_body_is_looked_at(at: int, found: str) -> None:
    body = (b"<!--" + b" " * at)[:at] + b"<html"
    with pytest.raises(SourceError, match=found):
        FILE.check(httpx.URL("https://a/b"), body)


@pytest.mark.parametrize(("n_noted", "is_asked"), [(9, True), (0, False)])
def test_a_part_without_a_mark_is_begun_anew(
    tmp_path: Path, n_noted: int, *, is_asked: bool
) -> None:
    (tmp_path / "a").write_bytes(DATA[:n_noted])
    marks = Marks(None, "yesterday") if is_asked else Marks()
    (tmp_path / "a.marks.json").write_text(json.dumps(marks.noted()))
    assert bool(Part(tmp_path / "a").rest_of()) is is_asked


def test_a_part_takes_bytes_up_to_its_cap(tmp_path: Path) -> None:
    url, note = httpx.URL("https://a/b"), Expected("a note", 10, (b"01",))
    part = Part(tmp_path / "a")
    part.add(b"01234", url, note)
    part.add(b"56789", url, note)
    assert part.n_bytes == 10
    with pytest.raises(SourceError, match="more than 10 bytes, the limit for a note"):
        part.add(b"x", url, note)
    assert part.n_bytes == 0
    with pytest.raises(SourceError, match="expected a note"):
        Part(tmp_path / "b").add(b"x", url, note)


@pytest.mark.parametrize(("length", "is_taken"), [(10, True), (11, False), (None, True)])
def test_a_stated_length_is_held_against_the_cap(
    tmp_path: Path, length: int | None, *, is_taken: bool
) -> None:
    headers = {} if length is None else {"Content-Length": str(length)}
    response = httpx.Response(200, headers=headers, request=httpx.Request("GET", "https://a/b"))
    part = Part(tmp_path / "a")
    if is_taken:
        assert part.go_on(response, Expected("a note", 10))
    else:
        with pytest.raises(SourceError, match="more than 10 bytes"):
            part.go_on(response, Expected("a note", 10))


@pytest.mark.parametrize(
    ("stated", "length"),
    [("bytes 0-4/5", 5), ("bytes 1234567890-123456789012345678/123456789012345678", None)],
)
def test_lengths_that_are_stated(stated: str, length: int | None) -> None:
    found = content_range(httpx.Response(206, headers={"Content-Range": stated}))
    assert found is not None
    assert found[2] == (length or 123456789012345678)


def test_the_last_byte_that_is_held_is_not_fetched_again() -> None:
    web = Noted()
    file = held(web, length=10, tail=b"12345")
    file.seek(9)
    assert file.read(1) == b"5"
    file.fetch([(5, 10), (9, 10)])
    assert web.asked == []
