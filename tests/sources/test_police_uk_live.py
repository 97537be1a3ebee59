"""police.uk over the network: what exists, and one force out of an archive."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import played_faults as play
from hotspots.errors import SourceError
from hotspots.sources.police_uk import live
from hotspots.sources.police_uk.live import publications
from hotspots.sources.police_uk.live.checksums import checksums
from hotspots.sources.web import RangeFile, StatusError, Web
from hotspots.sources.web import ranges as ranges_module
from played_web import PlayedWeb

FORCE = "mannin"
MONTHS = ("2026-05", "2026-06", "2026-07")
KINDS = ("street", "outcomes", "stop-and-search")
HEADINGS = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)


def name_of(month: str, force: str = FORCE, kind: str = "street") -> str:
    return f"{month}/{month}-{force}-{kind}.csv"


def national(
    months: tuple[str, ...] = MONTHS, forces: tuple[str, ...] = ("avon", FORCE)
) -> dict[str, bytes]:
    """Members of an archive; each a little different, and hardly packable."""
    chance = np.random.default_rng(1)
    return {
        name_of(month, force, kind): HEADINGS.encode() + chance.bytes(500).hex().encode()
        for month in months
        for force in forces
        for kind in KINDS
    }


def fetched(played: PlayedWeb, into: Path, **changes: Any) -> live.Fetched:  # noqa: ANN401
    found = maybe_fetched(played, into, **changes)
    assert found is not None
    return found


def maybe_fetched(
    played: PlayedWeb,
    into: Path,
    *,
    force: str = FORCE,
    months: tuple[str, ...] | None = None,
    known: dict[str, Any] | None = None,
    by: Web | None = None,
) -> live.Fetched | None:
    with ExitStack() as stack:
        web = by or stack.enter_context(played.web())
        return live.fetch_publication(
            web,
            played.base_url,
            publication="2026-07",
            force=force,
            months=months,
            into=into,
            known=known,
            whole_into=None,
        )


@pytest.fixture
def web(played_web: PlayedWeb) -> Iterator[Web]:
    """A client of the played web, for many questions."""
    with played_web.web() as client:
        yield client


# What exists


def test_what_exists_is_asked_of_the_api(played_web: PlayedWeb) -> None:
    played_web.set_last_updated("2026-07")
    played_web.set_months(["2026-06", "2026-07"])
    played_web.set_forces({FORCE: "Mannin Constabulary"})
    with played_web.web() as web:
        assert live.last_updated(web, played_web.base_url) == "2026-07"
        assert live.months_available(web, played_web.base_url) == ("2026-07", "2026-06")
        assert live.forces(web, played_web.base_url) == {FORCE: "Mannin Constabulary"}
        assert web.n_requests == 3


@pytest.mark.parametrize(
    "answer", [b"{}", b"[]", b'{"date": 5}', b'{"date": "2026-13-01"}', b'{"date": "latest"}']
)
def test_a_newest_month_that_is_none_is_refused(played_web: PlayedWeb, answer: bytes) -> None:
    played_web.fail("/api/crime-last-updated", play.body(answer))
    with played_web.web() as web, pytest.raises(SourceError, match="expected a date such as"):
        live.last_updated(web, played_web.base_url)


@pytest.mark.parametrize("answer", [b"{}", b"[5]", b'[{"month": "2026-07"}]'])
def test_months_in_another_shape_are_refused(played_web: PlayedWeb, answer: bytes) -> None:
    played_web.fail("/api/*", play.body(answer), for_ever=True)
    with played_web.web() as web:
        for ask in (live.months_available, live.forces):
            with pytest.raises(SourceError, match="expected a list with a"):
                ask(web, played_web.base_url)


@pytest.mark.parametrize(
    ("newest", "months", "archives"),
    [
        ("2026-07", 1, ("2026-07",)),
        ("2026-07", 36, ("2026-07",)),
        ("2026-07", 37, ("2026-07", "2023-07")),
        ("2026-07", 72, ("2026-07", "2023-07")),
        ("2026-07", 73, ("2026-07", "2023-07", "2020-07")),
        ("2026-07", 111, ("2026-07", "2023-07", "2020-07", "2017-07")),
        ("2026-07", 145, ("2026-07", "2023-07", "2020-07", "2017-07", "2017-04")),
        ("2026-07", 999, ("2026-07", "2023-07", "2020-07", "2017-07", "2017-04")),
        ("2020-04", 37, ("2020-04", "2017-04")),
        ("2020-03", 99, ("2020-03", "2017-04")),
        ("2017-04", 77, ("2017-04",)),
        ("2013-01", 20, ("2013-01",)),
    ],
)
def test_the_fewest_archives_hold_the_months(
    newest: str, months: int, archives: tuple[str, ...]
) -> None:
    assert live.publications_for(newest, months) == archives


# One force out of an archive


def test_only_the_street_files_of_the_force_come(played_web: PlayedWeb, tmp_path: Path) -> None:
    members = national()
    played_web.publish_archive("2026-07", members)
    found = fetched(played_web, tmp_path / "a.zip")
    wanted = tuple(name_of(month) for month in MONTHS)
    assert found.is_published
    assert (found.members, found.absent_months, found.notes) == (wanted, (), ())
    with zipfile.ZipFile(tmp_path / "a.zip") as written:
        assert {name: written.read(name) for name in written.namelist()} == {
            name: members[name] for name in wanted
        }
        infos = written.infolist()
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100644}


@pytest.mark.parametrize(
    ("path", "status", "is_said"),
    [
        ("/store/archive/2026-07.zip", 403, True),
        ("/store/archive/2026-07.zip", 404, True),
        ("/store/archive/2026-07.zip", 410, True),
        ("/store/archive/2026-07.zip", 401, False),
        ("/data/archive/2026-07.zip", 404, True),
        ("/data/archive/2026-07.zip", 403, False),
    ],
)
def test_what_is_not_published_is_told_from_what_is_refused(
    played_web: PlayedWeb, tmp_path: Path, path: str, status: int, *, is_said: bool
) -> None:
    played_web.publish_archive("2026-07", national())
    played_web.fail(path, play.status(status), for_ever=True)
    if is_said:
        found = fetched(played_web, tmp_path / "a.zip")
        assert (found.is_published, found.members) == (False, ())
        assert f"status {status}" in found.notes[0]
    else:
        with pytest.raises(StatusError):
            fetched(played_web, tmp_path / "a.zip")


def test_the_same_files_give_the_same_bytes(played_web: PlayedWeb, tmp_path: Path) -> None:
    members = national()
    played_web.publish_archive("2026-07", members)
    first = fetched(played_web, tmp_path / "a.zip")
    played_web.publish_archive("2026-07", dict(reversed(members.items())) | {"new.csv": b"x"})
    second = fetched(played_web, tmp_path / "b.zip")
    assert first.marks != second.marks
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_months_can_be_chosen_and_missing_ones_are_named(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    members = national()
    del members[name_of("2026-06")]
    played_web.publish_archive("2026-07", members)
    assert fetched(played_web, tmp_path / "a.zip").absent_months == ("2026-06",)
    some = fetched(played_web, tmp_path / "b.zip", months=("2026-06", "2026-07", "2020-01"))
    assert some.members == (name_of("2026-07"),)
    assert some.absent_months == ("2026-06",)  # 2020-01 is in no archive of this month


def test_a_force_that_is_absent_is_said_and_nothing_is_written(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    played_web.publish_archive("2026-07", national())
    found = fetched(played_web, tmp_path / "a.zip", force="greater-mannin")
    assert (found.members, found.absent_months) == ((), MONTHS)
    assert found.notes == (
        f"The archive has no street file of greater-mannin; forces: avon, {FORCE}.",
    )
    assert not list(tmp_path.iterdir())


def test_an_archive_that_is_known_moves_no_data(played_web: PlayedWeb, tmp_path: Path) -> None:
    played_web.publish_archive("2026-07", national())
    marks = fetched(played_web, tmp_path / "a.zip").marks
    played_web.forget()
    assert maybe_fetched(played_web, tmp_path / "b.zip", known=marks) is None
    assert [seen.status for seen in played_web.requests] == [302, 304]
    assert sum(seen.n_bytes for seen in played_web.requests) == 0
    played_web.publish_archive("2026-07", national(MONTHS[1:]))
    assert fetched(played_web, tmp_path / "b.zip", known=marks).members


def test_an_archive_supplied_anew_under_way_is_read_again(
    played_web: PlayedWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges_module, "BLOCK_BYTES", 3_000)
    played_web.publish_archive("2026-07", national())
    newer = national(("2026-06", "2026-07"))
    names = itertools.count()
    n_wanted = 1
    fetch = RangeFile.fetch

    def changing(file: RangeFile, spans: Any) -> None:  # noqa: ANN401
        nonlocal n_wanted
        if n_wanted:
            n_wanted -= 1
            played_web.publish_archive("2026-07", {**newer, f"{next(names)}.csv": b""})
        fetch(file, spans)

    monkeypatch.setattr(RangeFile, "fetch", changing)
    assert fetched(played_web, tmp_path / "a.zip").members == tuple(
        name_of(month) for month in MONTHS[1:]
    )
    n_wanted = 2
    with pytest.raises(SourceError, match="changed while it was read"):
        fetched(played_web, tmp_path / "b.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def with_directory(change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """Return an archive whose directory lies about the first member of the force."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in national().items():
            archive.writestr(name, data)
        change(archive.getinfo(name_of(MONTHS[0])))
    return packed.getvalue()


def lying(**changes: int) -> Callable[[zipfile.ZipInfo], None]:
    def change(info: zipfile.ZipInfo) -> None:
        for name, value in changes.items():
            setattr(info, name, value)

    return change


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"flag_bits": 1}, "is encrypted"),
        ({"compress_type": 12}, "is packed by method 12"),
        ({"file_size": 300 * 2**20}, "the limit is 256 MiB"),
        ({"file_size": 200_000}, "the limit is 100 times"),
        ({"compress_size": 100_000}, "shares bytes with another member"),
        ({"CRC": 5}, "is damaged"),
        ({"file_size": 1_000}, "is damaged|holds"),
        ({"header_offset": 3}, "is damaged|shares bytes"),
    ],
)
def test_a_directory_that_lies_is_refused(
    played_web: PlayedWeb, tmp_path: Path, changes: dict[str, int], found: str
) -> None:
    played_web.publish_archive_bytes("2026-07", with_directory(lying(**changes)))
    with pytest.raises(SourceError, match=found):
        fetched(played_web, tmp_path / "a.zip")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n_more", [0, 1])
def test_a_member_may_end_where_the_next_begins_and_no_byte_later(
    played_web: PlayedWeb, tmp_path: Path, n_more: int
) -> None:
    def longer(info: zipfile.ZipInfo) -> None:
        info.compress_size += n_more

    played_web.publish_archive_bytes("2026-07", with_directory(longer))
    if n_more:
        with pytest.raises(SourceError, match="shares bytes with another member"):
            fetched(played_web, tmp_path / "a.zip")
    else:
        assert fetched(played_web, tmp_path / "a.zip").members


def test_a_member_that_is_there_twice_is_refused(played_web: PlayedWeb, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name_of("2026-07"), b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(name_of("2026-07"), b"two")
    played_web.publish_archive_bytes("2026-07", packed.getvalue())
    with pytest.raises(SourceError, match="holds a street file twice"):
        fetched(played_web, tmp_path / "a.zip")


def test_an_archive_that_unpacks_to_too_much_is_refused(
    played_web: PlayedWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publications, "TOTAL_MAX_BYTES", 1_000)
    played_web.publish_archive("2026-07", national())
    with pytest.raises(SourceError, match="unpacks to more than 4 GiB"):
        fetched(played_web, tmp_path / "a.zip")


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"PK\x03\x04" + bytes(5_000)])
def test_what_is_no_archive_is_one_sentence(
    played_web: PlayedWeb, tmp_path: Path, data: bytes
) -> None:
    played_web.publish_archive_bytes("2026-07", data)
    with pytest.raises(SourceError, match=r"damaged or cut short|only whole files|another piece"):
        fetched(played_web, tmp_path / "a.zip")


def test_mutated_archives_are_taken_whole_or_refused(
    played_web: PlayedWeb, tmp_path: Path, web: Web
) -> None:
    chance = np.random.default_rng(5)
    sound = played_web.publish_archive("2026-07", national(MONTHS[:2]))
    members = national(MONTHS[:2])
    n_refused = 0
    for number in range(100):
        data = bytearray(sound)
        for place in chance.integers(len(data) - 1_200, len(data), size=3):
            data[place] = chance.integers(256)
        played_web.publish_archive_bytes("2026-07", bytes(data))
        into = tmp_path / f"{number}.zip"
        try:
            found = fetched(played_web, into, by=web)
        except SourceError:
            n_refused += 1
            assert not into.exists()
            continue
        if found.members:
            with zipfile.ZipFile(into) as written:
                assert all(written.read(name) == members[name] for name in found.members)
    assert n_refused > 10


def test_the_page_of_md5_sums_is_read(played_web: PlayedWeb) -> None:
    page = (
        '<ul><li><a href="/">Home</a> 00000000000000000000000000000000'
        '<li><a href="/data/archive/2026-07.zip?x=1">July</a> 1.7 GB <code>\n'
        f"  {'AB' * 16}\n</code><li><a href='https://x/2026-06.zip'>June</a>"
        f'<a href="/data/archive/latest.zip">newest</a> {"0" * 32}</ul><a>'
    )
    played_web.fail("/data/archive/", play.body(page.encode()))
    with played_web.web() as web:
        assert checksums(web, played_web.base_url) == {"2026-07": "ab" * 16}


@pytest.mark.parametrize("is_down", [True, False])
def test_without_a_page_of_md5_sums_the_length_has_to_do(
    *, played_web: PlayedWeb, tmp_path: Path, is_down: bool
) -> None:
    played_web.publish_archive("2026-07", national())
    played_web.has_md5_page = False
    if is_down:
        played_web.fail("/data/archive/", play.status(500), for_ever=True)
    played_web.fail("/store/*", play.ranges_ignored(), for_ever=True)
    known = None
    for _ in range(2):
        with played_web.web() as web:
            found = live.fetch_publication(
                web,
                played_web.base_url,
                publication="2026-07",
                force=FORCE,
                months=None,
                into=tmp_path / "a.zip",
                known=known,
                whole_into=tmp_path / "whole.zip",
            )
        if known is None:
            assert found is not None
            assert (
                found.notes[-1] == "No MD5 sum is published for it; only its length was compared."
            )
            assert (
                any("page of MD5 sums could not be had" in note for note in found.notes) is is_down
            )
            known = found.marks
        else:
            assert found is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


# How many requests


def test_a_first_fetch_asks_once_for_each_month_and_a_quiet_night_thrice(
    played_web: PlayedWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # About 4,500 members in the proportions of the real archive: the directory is 1 in 4,000.
    months = tuple(f"{2023 + (6 + n) // 12}-{(6 + n) % 12 + 1:02d}" for n in range(36))
    forces = (*(f"force-{chr(97 + n // 7)}{chr(97 + n % 7)}" for n in range(41)), FORCE)
    monkeypatch.setattr(ranges_module, "GAP_BYTES", 2_000)
    data = played_web.publish_archive("2026-07", national(months, forces))
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 4_536
    played_web.set_last_updated("2026-07")
    with played_web.web() as web:
        assert live.last_updated(web, played_web.base_url) == "2026-07"
    first = fetched(played_web, tmp_path / "a.zip")
    assert len(first.members) == 36
    assert len(played_web.requests) <= 1 + 2 + 36
    assert sum(seen.n_bytes for seen in played_web.requests) < 0.5 * len(data)
    played_web.forget()
    with played_web.web() as web:
        assert live.last_updated(web, played_web.base_url) == "2026-07"
    assert maybe_fetched(played_web, tmp_path / "b.zip", known=first.marks) is None
    assert [seen.status for seen in played_web.requests] == [200, 302, 304]


# What a directory may say


def member(name: str, first: int, size: int = 10, packed: int = 10, **more: Any) -> zipfile.ZipInfo:  # noqa: ANN401
    info = zipfile.ZipInfo(name)
    info.header_offset, info.file_size, info.compress_size = first, size, packed
    for key, value in more.items():
        setattr(info, key, value)
    return info


MIB = 2**20


@pytest.mark.parametrize(
    ("size", "packed", "words"),
    [
        (256 * MIB, 256 * MIB, ""),
        (256 * MIB + 1, 256 * MIB, "unpacks to 268,435,457 bytes; the limit is 256 MiB"),
        (1_000, 10, ""),
        (1_001, 10, "unpacks from 10 to 1,001 bytes; the limit is 100 times"),
        (0, 0, ""),
        (1, 0, "unpacks from 0 to 1 bytes; the limit is 100 times"),
    ],
)
def test_a_member_unpacks_within_bounds(size: int, packed: int, words: str) -> None:
    info = member("a.csv", 0, size, packed)
    if words:
        with pytest.raises(SourceError, match=rf"^x: a\.csv {words}, so the archive was refused"):
            publications._refuse_unsafe(info, "x")
    else:
        publications._refuse_unsafe(info, "x")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flag_bits": 1}, "is encrypted"),
        ({"flag_bits": 0x808}, ""),
        ({"compress_type": 12}, "is packed by method 12, not by deflate"),
        ({"compress_type": 8}, ""),
        ({"compress_type": 0}, ""),
    ],
)
def test_a_member_is_packed_plainly(changes: dict[str, int], words: str) -> None:
    info = member("a.csv", 0, **changes)
    if words:
        with pytest.raises(SourceError, match=words):
            publications._refuse_unsafe(info, "x")
    else:
        publications._refuse_unsafe(info, "x")


def spans(*infos: zipfile.ZipInfo, end: int) -> list[tuple[int, int]]:
    return publications._spans(list(infos), list(infos), end, "x")


def test_members_lie_apart_and_are_fetched_with_a_little_more() -> None:
    # A header of 30 bytes, a name of 5 and 10 bytes of content.
    assert spans(member("a.csv", 0), member("b.csv", 45), end=90) == [(0, 45), (45, 90)]
    assert spans(member("a.csv", 0), end=1_000) == [(0, 45 + 256)]
    assert spans(member("a.csv", 7, extra=b"1234"), end=1_000) == [(7, 7 + 45 + 4 + 256)]
    for ends in ((44, 90), (45, 89)):
        with pytest.raises(SourceError, match="shares bytes with another member"):
            spans(member("a.csv", 0), member("b.csv", ends[0]), end=ends[1])
    with pytest.raises(SourceError, match="holds a street file twice"):
        spans(member("a.csv", 0), member("a.csv", 45), end=90)


@pytest.mark.parametrize(("more", "is_taken"), [(0, True), (1, False)])
def test_an_archive_unpacks_to_four_gibibytes_at_most(more: int, *, is_taken: bool) -> None:
    size = 256 * MIB
    infos = [member(f"{n:05d}", n * (size + 99), size, size) for n in range(16)]
    infos.append(member("extra", 16 * (size + 99), more, more))
    if is_taken:
        assert len(spans(*infos, end=17 * (size + 99))) == 17
    else:
        with pytest.raises(SourceError, match="unpacks to more than 4 GiB"):
            spans(*infos, end=17 * (size + 99))


def test_fifty_forces_are_named(played_web: PlayedWeb, tmp_path: Path) -> None:
    forces = tuple(f"force-{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(51))
    members = {name_of("2026-07", force): b"x" for force in forces}
    played_web.publish_archive("2026-07", members)
    found = fetched(played_web, tmp_path / "a.zip")
    assert found.notes[0].endswith(f"forces: {', '.join(forces[:50])}.")


def test_members_are_written_without_a_date() -> None:
    info = publications._undated("a.csv")
    assert info.date_time == (1980, 1, 1, 0, 0, 0)
    assert (info.create_system, info.external_attr) == (3, 0o100644 << 16)
    assert info.compress_type == zipfile.ZIP_DEFLATED
