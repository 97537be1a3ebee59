"""Zips that are damaged or built to do harm, each in its right class, whatever they hold."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from hotspots.errors import InputError
from hotspots.pipeline.check import check
from hotspots.sources import zips

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
ROW = (
    "{:064x},2024-01,Anytown Police,Anytown Police,-2.7,53.76,On or near High Street,E01012571,"
    "Anytown 001A,Burglary,Under investigation,"
)
NAME = "2024-01/2024-01-anytown-street.csv"
OTHER = "2024-01/2024-01-nextown-street.csv"
LINES = [HEADER, *(ROW.format(number) for number in range(20)), ""]
STREET = "\n".join(LINES).encode()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> bytearray:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return bytearray(packed.getvalue())


def sound() -> bytearray:
    return zipped((NAME, STREET))


def with_field(mark: bytes, offset: int, value: int, size: str) -> bytearray:
    """Return the sound zip with one number of its headers changed."""
    data = sound()
    struct.pack_into(f"<{size}", data, data.index(mark) + offset, value)
    return data


def central(offset: int, value: int, size: str) -> bytearray:
    return with_field(b"PK\x01\x02", offset, value, size)


def local(offset: int, value: int, size: str) -> bytearray:
    return with_field(b"PK\x03\x04", offset, value, size)


def end(offset: int, value: int, size: str) -> bytearray:
    return with_field(b"PK\x05\x06", offset, value, size)


def special(kind: int) -> bytearray:
    member = zipfile.ZipInfo("2024-01/link")
    member.create_system = 3
    member.external_attr = (kind | 0o777) << 16
    return zipped((NAME, STREET), (member, b"/etc/passwd"))


def overlapping() -> bytearray:
    """Two entries of the directory that share one local member."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, STREET)
        twin = zipfile.ZipInfo(OTHER)
        for field in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
            setattr(twin, field, getattr(archive.filelist[0], field))
        archive.filelist.append(twin)
    return bytearray(packed.getvalue())


def flipped() -> bytearray:
    data = zipped((NAME, STREET), method=0)
    data[data.index(b"Burglary")] ^= 1
    return data


def renamed_inside() -> bytearray:
    data = sound()
    at = data.index(NAME.encode())
    data[at : at + len(NAME)] = OTHER.encode()
    return data


def twice() -> bytearray:
    data = zipped((NAME, STREET), (OTHER, STREET))
    return bytearray(bytes(data).replace(OTHER.encode(), NAME.encode()))


def null_in_name() -> bytearray:
    return bytearray(bytes(zipped((NAME + "?x", STREET))).replace(b".csv?x", b".csv\0x"))


class Case(NamedTuple):
    """A zip, and what is to become of it."""

    title: str
    data: Callable[[], bytes | bytearray]
    says: str
    verdict: str = "refuse"


CASES = (
    Case("sound", sound, "", "accept"),
    Case("stored, not deflated", lambda: zipped((NAME, STREET), method=0), "", "accept"),
    Case(
        "what a Mac adds",
        lambda: zipped((NAME, STREET), ("__MACOSX/._x.csv", b"\0\1"), (".DS_Store", b"\0")),
        "2 other files",
        "accept",
    ),
    Case(
        "an unwanted member with a bomb",
        lambda: zipped((NAME, STREET), ("x.bin", bytes(10**7))),
        "",
        "accept",
    ),
    Case("a comment", lambda: zipped((NAME, STREET))[:-2] + b"\5\0hello", "", "accept"),
    Case("backslashes", lambda: zipped((NAME.replace("/", "\\"), STREET)), "", "accept"),
    Case("empty", lambda: b"", "empty"),
    Case("a web page", lambda: b"<html>503</html>", "is not a zip"),
    Case("cut at half", lambda: sound()[: len(sound()) // 2], "download cut short"),
    Case("cut by a byte", lambda: sound()[:-1], "download cut short"),
    Case("without members", zipped, "is an empty zip"),
    Case("of empty folders", lambda: zipped(("a/", b"")), "zip of empty folders"),
    Case("bytes before", lambda: b"#!/bin/sh\n" + sound(), "other bytes stand before it"),
    Case("bytes after", lambda: sound() + b"\0" * 40, "40 bytes stand after its end"),
    Case("a flipped byte", flipped, "is damaged"),
    Case("a name that leads up", lambda: zipped((NAME, STREET), ("../x", b"")), "leads out"),
    Case("a deep name that leads up", lambda: zipped(("a/../../x.csv", STREET)), "leads out"),
    Case("up with backslashes", lambda: zipped(("..\\x.csv", STREET)), "leads out"),
    Case("an absolute name", lambda: zipped(("/etc/x.csv", STREET)), "absolute name"),
    Case("a drive", lambda: zipped(("C:\\x.csv", STREET)), "absolute name"),
    Case("a network name", lambda: zipped(("\\\\host\\x.csv", STREET)), "absolute name"),
    Case("a zero byte in a name", null_in_name, "control character"),
    Case("a link", lambda: special(stat.S_IFLNK), "is a link"),
    Case("a device", lambda: special(stat.S_IFCHR), "is a device or pipe"),
    Case("encrypted", lambda: central(8, 1, "H"), "is encrypted"),
    Case("a bomb by ratio", lambda: zipped((NAME, bytes(10**7))), "the limit is 100"),
    Case("a bomb by overlap", overlapping, "shares bytes with another"),
    Case("a size too small", lambda: central(24, 10, "L"), "states"),
    Case("a size too big", lambda: central(24, len(STREET) + 1, "L"), "states"),
    Case("a packed size too big", lambda: central(20, 10**6, "L"), "shares bytes with another"),
    Case("a local size that differs", lambda: local(22, 10, "L"), "states 10 bytes"),
    Case("a local method that differs", lambda: local(8, 0, "H"), "packed in another way"),
    Case("a local name that differs", renamed_inside, "is damaged"),
    Case("a wrong place", lambda: central(42, 7, "L"), "shares bytes"),
    Case("a wrong checksum", lambda: central(16, 7, "L"), "states"),
    Case("a count that lies", lambda: end(10, 7, "H"), "states 7 members and lists 1"),
    Case("a directory that lies", lambda: end(16, 7, "L"), "other bytes stand before it"),
    Case("one part of several", lambda: end(4, 3, "H"), "one part of a zip in several"),
    Case("sixty-four bits that lie", lambda: end(10, 0xFFFF, "H"), "damaged zip"),
    Case("the same name twice", twice, "is there twice"),
    Case(
        "the same name in capitals",
        lambda: zipped((NAME, STREET), (NAME.upper(), STREET)),
        "is there twice",
    ),
    Case("an unusual method", lambda: zipped((NAME, STREET), method=14), "by method 14"),
    Case("a zip in a zip", lambda: zipped(("in.zip", bytes(sound()))), "holds no file of police"),
    Case("pictures only", lambda: zipped(("a.png", b"x")), "holds no file of police.uk"),
)


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_each_zip_gets_its_class(tmp_path: Path, case: Case) -> None:
    path = tmp_path / "2024-01.zip"
    path.write_bytes(case.data())
    (found,) = check(path)
    (told,) = check(path, kind="police")
    words = str(found.as_json())
    assert found.verdict == told.verdict == case.verdict
    assert case.says in words
    if case.verdict == "refuse":
        assert found.problems[0]["fix"]
        assert "2024-01.zip" in found.problems[0]["reason"]
    else:
        assert found.rows["kept"] == 20


@pytest.mark.parametrize(
    ("members", "only"),
    [
        ({"lights.csv": b"1"}, "lights.csv"),
        ({"a/lights.CSV": b"1", "a/README.txt": b"2", "a/licence.pdf": b"3"}, "a/lights.CSV"),
        ({"wards.geojson": b"{}", "__MACOSX/._wards.geojson": b""}, "wards.geojson"),
        ({"metadata.xlsx": b"1"}, "metadata.xlsx"),
        ({"a.csv": b"1", "b.csv": b"2"}, None),
        ({"a.png": b"1"}, None),
    ],
)
def test_the_only_data_file_is_found(
    tmp_path: Path, members: dict[str, bytes], only: str | None
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(*members.items()))
    expected = None if only is None else (only, members[only])
    assert zips.only_member(path) == expected


def test_a_bad_member_counts_only_if_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = zipped(("locked.csv", b"1"), ("open.csv", b"2"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with zips.Archive(path, "a.zip") as opened:
        opened.admit(["open.csv"])
        assert opened.read("open.csv") == b"2"
        assert opened.peek("open.csv", 0) == b""
        with pytest.raises(InputError, match=r"a\.zip: locked\.csv is encrypted"):
            opened.admit(["locked.csv"])
