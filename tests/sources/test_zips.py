"""Zips that are damaged or built to do harm are refused before they are read."""

from __future__ import annotations

import copy
import io
import re
import stat
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from hotspots.errors import InputError
from hotspots.sources import zips as subject
from hotspots.sources.police_uk import read
from hotspots.sources.zips import Archive

if TYPE_CHECKING:
    from pathlib import Path

NAME = "2025-01/2025-01-mannin-street.csv"


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return path


def test_a_sound_zip_gives_its_members(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"x/": b"", "x/a.csv": b"one", "b.csv": b""})
    with Archive(path, "a.zip") as opened:
        opened.admit(opened.names)
        assert opened.names == ("x/a.csv", "b.csv")
        assert opened.read("x/a.csv") == b"one"
        assert opened.read("b.csv") == b""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html>503 Service Unavailable</html>", "is not a zip"),
        (b"", "is an empty file"),
        (b"PK\x03\x04 and then the line went dead", "damaged zip, most likely a download cut"),
        (b"PK\x05\x06" + bytes(18), "is an empty zip"),
    ],
)
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "2025-01.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"^{re.escape(str(path))} .*{message[3:]}"):
        read([path], force="mannin")


def test_a_zip_without_the_suffix_is_still_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "download"
    path.write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError, match="damaged zip"):
        read([path], force="mannin")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"wards.geojson": b"{}"})
    with pytest.raises(InputError, match=r"a\.zip holds no file of police\.uk.*wards\.geojson"):
        read([path], force="mannin")


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        target.writestr(NAME, b"Crime ID,Month")
    path.write_bytes(path.read_bytes().replace(b"Crime ID,Month", b"Crime ID,Monty"))
    with pytest.raises(InputError, match=f"a.zip: {NAME} is damaged"):
        read([path], force="mannin")


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/../../x.csv", "/etc/x.csv", "C:/x.csv", "c:x.csv", "..\\x.csv"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: b"", name: b""})
    with pytest.raises(InputError, match=r"a\.zip: .*x\.csv has a(n absolute)? name"):
        Archive(path, "a.zip")


def test_backslashes_part_folders(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME.replace("/", "\\"): b"1"})
    with Archive(path, "a.zip") as opened:
        assert opened.names == (NAME,)
        assert opened.read(NAME) == b"1"


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: b"secret"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with (
        Archive(path, "a.zip") as opened,
        pytest.raises(InputError, match=f"{NAME} is encrypted.*without a password"),
    ):
        opened.admit([NAME])


def test_a_member_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(NAME, b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            target.writestr(NAME, b"2")
    with pytest.raises(InputError, match="is there twice"):
        Archive(path, "a.zip")


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(NAME, b"0" * 1000)
        twin = copy.copy(target.filelist[0])
        twin.filename = twin.orig_filename = NAME.replace("mannin", "westin")
        target.filelist.append(twin)
    with pytest.raises(InputError, match="shares bytes with another member"):
        Archive(path, "a.zip")


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: bytes(10_000_000)})
    with pytest.raises(InputError, match=r"unpacks from .* to 10,000,000 bytes; the limit is 100"):
        read([path], force="mannin")


def test_a_bomb_that_is_not_wanted_is_not_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: b"1", "b.csv": bytes(10_000_000)})
    with Archive(path, "a.zip") as opened:
        opened.admit([NAME])
        assert opened.read(NAME) == b"1"


def test_members_too_big_alone_or_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": b"0123456789", "b.csv": b"0123456789"})
    with Archive(path, "a.zip") as opened:
        monkeypatch.setattr(subject, "TOTAL_MAX_BYTES", 20)
        opened.admit(opened.names)
        monkeypatch.setattr(subject, "TOTAL_MAX_BYTES", 19)
        with pytest.raises(InputError, match="read unpack to 20 bytes; the limit is 4 GiB"):
            opened.admit(opened.names)
        monkeypatch.setattr(subject, "MEMBER_MAX_BYTES", 10)
        opened.admit(["a.csv"])
        monkeypatch.setattr(subject, "MEMBER_MAX_BYTES", 9)
        with pytest.raises(InputError, match=r"a\.csv unpacks to 10 bytes; the limit is 256 MiB"):
            opened.admit(opened.names)


def test_an_unusual_method_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as target:
        target.writestr(NAME, b"1")
    with pytest.raises(InputError, match="packed by method 14"):
        read([path], force="mannin")


def test_the_bounds_are_those_that_the_messages_state() -> None:
    assert (subject.MEMBER_MAX_BYTES, subject.TOTAL_MAX_BYTES) == (268_435_456, 4_294_967_296)
    assert (subject.RATIO_MAX, subject.MEMBERS_MAX) == (100, 65_535)


def test_what_cannot_be_opened_is_told_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.zip cannot be opened \(Is a directory\)"):
        Archive(tmp_path, "a.zip")


def test_a_zip_of_several_parts_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: b"1"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x05\x06") + 4] = 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="is one part of a zip in several"):
        Archive(path, "a.zip")


@pytest.mark.parametrize(("cut", "words"), [(-1, "its end is cut off"), (1, "1 bytes stand after")])
def test_a_zip_ends_where_it_says(tmp_path: Path, cut: int, words: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(NAME, b"1")
        target.comment = b"note"
    data = path.read_bytes()
    path.write_bytes(data[:cut] if cut < 0 else data + b"x")
    with pytest.raises(InputError, match=words):
        Archive(path, "a.zip")


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": b"1", "b.csv": b"2"})
    monkeypatch.setattr(subject, "MEMBERS_MAX", 2)
    assert Archive(path, "a.zip").names == ("a.csv", "b.csv")
    monkeypatch.setattr(subject, "MEMBERS_MAX", 1)
    with pytest.raises(InputError, match="holds 2 members; the limit is 1"):
        Archive(path, "a.zip")


def in_64(path: Path, mark: bytes = b"PK\x06\x07") -> Path:
    """Write a zip whose directory is stated the way that very large ones have it."""
    data = zipped(path, {NAME: b"1"}).read_bytes()
    end = data.index(b"PK\x05\x06")
    n_members, n_bytes, offset = struct.unpack_from("<H2L", data, end + 10)
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, n_members, n_bytes, offset
    )
    place = struct.pack("<4sLQL", mark, 0, end, 1)
    short = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:end] + record + place + short)
    return path


def test_a_directory_stated_as_in_large_zips_is_read(tmp_path: Path) -> None:
    with Archive(in_64(tmp_path / "a.zip"), "a.zip") as opened:
        assert opened.read(NAME) == b"1"
    with pytest.raises(InputError, match="is a damaged zip"):
        Archive(in_64(tmp_path / "b.zip", b"PK\x06\x08"), "b.zip")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (6, "is packed in another way than the directory says"),
        (8, "is packed in another way than the directory says"),
        (22, "states .* bytes where the directory has 1"),
        (14, "states 1 bytes where the directory has 1"),
        (27, "shares bytes with another member"),
        (28, "shares bytes with another member"),
        (29, "shares bytes with another member"),
    ],
)
def test_a_member_whose_own_heading_says_otherwise_is_refused(
    tmp_path: Path, at: int, words: str
) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: b"1"})
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=words), Archive(path, "a.zip") as opened:
        opened.admit([NAME])


def test_a_short_member_may_pack_as_well_as_it_likes(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": bytes(2**20), "b.csv": bytes(2**20 + 1)})
    with Archive(path, "a.zip") as opened:
        opened.admit(["a.csv"])
        with pytest.raises(InputError, match=r"b\.csv unpacks from .* the limit is 100 times, and"):
            opened.admit(["b.csv"])


def test_members_may_unpack_to_as_often_their_size_as_the_limit_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.csv", b"0123456789")
        target.writestr("b.csv", b"0123456789")
    monkeypatch.setattr(subject, "_RATIO_FROM_BYTES", 0)
    with Archive(path, "a.zip") as opened:
        monkeypatch.setattr(subject, "RATIO_MAX", 1)
        opened.admit(opened.names)
        monkeypatch.setattr(subject, "_RATIO_FROM_BYTES", 19)
        monkeypatch.setattr(subject, "RATIO_MAX", 0)
        with pytest.raises(InputError, match="read unpack from 20 to 20 bytes; the limit is 0 tim"):
            opened.admit(opened.names)


def test_members_lie_apart_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.csv", b"0123456789")
        target.writestr("b.csv", b"0123456789")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 20] += 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.zip: a\.csv shares bytes with another member"):
        Archive(path, "a.zip")


class Unseekable(io.RawIOBase):
    """A stream that cannot go back, so that sizes can follow a member only."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


def test_sizes_may_follow_a_member_and_be_those_of_large_ones(tmp_path: Path) -> None:
    stream, path = Unseekable(), tmp_path / "a.zip"
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("a.csv", b"0123456789")
    path.write_bytes(stream.data)
    with Archive(path, "a.zip") as opened:
        opened.admit(["a.csv"])
        assert opened.read("a.csv") == b"0123456789"
    with zipfile.ZipFile(path, "w") as target, target.open("a.csv", "w", force_zip64=True) as one:
        one.write(b"0123456789")
    with Archive(path, "a.zip") as opened:
        opened.admit(["a.csv"])
        assert opened.read("a.csv") == b"0123456789"


def test_a_note_may_be_as_long_as_the_format_allows(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: b"1"})
    with zipfile.ZipFile(path, "a") as target:
        target.comment = b"x" * 65_535
    assert Archive(path, "a.zip").names == (NAME,)


@pytest.mark.parametrize(("letter", "is_refused"), [("\x1f", True), (" ", False), ("\t", True)])
def test_names_hold_no_letters_that_control(
    tmp_path: Path, letter: str, *, is_refused: bool
) -> None:
    path = zipped(tmp_path / "a.zip", {f"a{letter}b.csv": b"1"})
    if is_refused:
        with pytest.raises(InputError, match="has a name with a control character"):
            Archive(path, "a.zip")
    else:
        assert Archive(path, "a.zip").names == ("a b.csv",)


@pytest.mark.parametrize(
    ("system", "kind", "words"),
    [
        (3, stat.S_IFLNK, "is a link, not a file"),
        (3, stat.S_IFIFO, "is a device or pipe, not a file"),
        (3, stat.S_IFREG, ""),
        (3, stat.S_IFDIR, ""),
        (0, stat.S_IFLNK, ""),
    ],
)
def test_members_are_files(tmp_path: Path, system: int, kind: int, words: str) -> None:
    member = zipfile.ZipInfo("a.csv")
    member.create_system, member.external_attr = system, (kind | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(member, b"1")
    if words:
        with pytest.raises(InputError, match=words):
            Archive(path, "a.zip")
    else:
        assert Archive(path, "a.zip").names == ("a.csv",)


@pytest.mark.parametrize(
    ("names", "data"),
    [
        (["notes.csv"], ["notes.csv"]),
        (["notes.csv", "a.csv"], ["a.csv"]),
        (["a.csv", "b.csv", "a.png"], ["a.csv", "b.csv"]),
        (["x/Thumbs.db", "._a.csv", "__MACOSX/a.csv", "a.CSV"], ["a.CSV"]),
        (["knots.csv", "a.csv"], ["knots.csv", "a.csv"]),
    ],
)
def test_what_goes_with_data_is_told_from_it(names: list[str], data: list[str]) -> None:
    assert subject.data_members(names) == data


def test_a_wrong_disk_name_is_told_by_its_colon(tmp_path: Path) -> None:
    assert Archive(zipped(tmp_path / "a.zip", {"ab:c.csv": b"1"}), "a").names == ("ab:c.csv",)
    with pytest.raises(InputError, match="has an absolute name"):
        Archive(zipped(tmp_path / "b.zip", {"disk:/c.csv": b"1"}), "b")
