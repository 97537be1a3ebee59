"""Plain files of police.uk are unpacked within bounds."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from hotspots.errors import InputError
from hotspots.sources.police_uk import archive as subject
from hotspots.sources.police_uk import read

if TYPE_CHECKING:
    from pathlib import Path


def test_a_gzip_is_unpacked_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(b"text")
    assert subject.read_plain(path, "plain.csv") == b"text"
    path.write_bytes(gzip.compress(b"text", mtime=0))
    assert subject.read_plain(path, "plain.csv") == b"text"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(b"text", mtime=0)[:-6], "damaged or cut short"),
        (
            gzip.compress(bytes(2**22), mtime=0),
            "unpacks from .* to 4,194,304 bytes; the limit is 100",
        ),
    ],
)
def test_a_cut_gzip_and_a_bomb_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^a.csv.gz.*{message}"):
        subject.unpacked(data, "a.csv.gz")


def test_a_short_text_of_like_rows_packs_well_without_harm() -> None:
    assert len(subject.unpacked(gzip.compress(bytes(2**20), mtime=0), "a")) == 2**20
    with pytest.raises(InputError, match="the limit is 100"):
        subject.unpacked(gzip.compress(bytes(2**20 + 1), mtime=0), "a")


def test_a_plain_file_too_big_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_bytes(b"0123456789")
    monkeypatch.setattr(subject, "MEMBER_MAX_BYTES", 9)
    with pytest.raises(InputError, match=r"street\.csv has 10 bytes; the limit"):
        read([path], force="mannin")


def test_a_gzip_that_unpacks_to_more_than_a_file_may_have_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subject, "MEMBER_MAX_BYTES", 2**20)
    assert len(subject.unpacked(gzip.compress(bytes(2**20), mtime=0), "a")) == 2**20
    found = "unpacks to more than one file may have; the limit for one file is 256 MiB"
    with pytest.raises(InputError, match=found):
        subject.unpacked(gzip.compress(bytes(2**20 + 1), mtime=0), "a")


def test_a_plain_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^raw cannot be read \(Is a directory\)"):
        subject.read_plain(tmp_path, "raw")


def test_a_file_as_large_as_the_limit_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(b"0123456789")
    monkeypatch.setattr(subject, "MEMBER_MAX_BYTES", 10)
    assert subject.read_plain(path, "plain.csv") == b"0123456789"


def test_a_gzip_may_unpack_to_as_often_its_size_as_the_limit_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = gzip.compress(b"0123456789" * 1_000, mtime=0)
    monkeypatch.setattr(subject, "_RATIO_FROM_BYTES", 0)
    monkeypatch.setattr(subject, "RATIO_MAX", 10_000 / len(data))
    assert len(subject.unpacked(data, "a")) == 10_000
    monkeypatch.setattr(subject, "RATIO_MAX", 9_999 / len(data))
    with pytest.raises(InputError, match=rf"^a unpacks from {len(data)} to 10,000 bytes; the"):
        subject.unpacked(data, "a")
