from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotspots.errors import DataMissingError, InputError
from hotspots.sources import plain_text
from hotspots.sources.plain_text import Text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    # The name says nothing: content tells what a file is.
    return tmp_path / "table"


def read(file: Path, data: bytes) -> Text:
    file.write_bytes(data)
    return plain_text.read(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_the_letters_are_the_same_however_they_were_coded(
    file: Path, encoding: str, *, is_packed: bool
) -> None:
    data = "name,note\nCafé Ýr,£5\n".encode(encoding)
    found = read(file, gzip.compress(data, mtime=0) if is_packed else data)
    assert found.text == "name,note\nCafé Ýr,£5\n"
    assert found.is_utf16 == (encoding == "utf-16")
    assert found.recoded == (frozenset({2}) if encoding == "cp1252" else frozenset())
    assert not found.spoiled


def test_lines_of_two_encodings_are_each_read_in_their_own(file: Path) -> None:
    found = read(file, "id,é\r\n1,Café\r\n".encode() + "2,Café\r\n3,x".encode("cp1252"))
    assert found.text == "id,é\n1,Café\n2,Café\n3,x"
    assert (found.recoded, found.spoiled) == (frozenset({3}), frozenset())


def test_the_end_mark_of_old_programs_is_no_row(file: Path) -> None:
    assert read(file, b"a,b\n1,2\n\x1a").text == "a,b\n1,2\n"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe" + "a,é\n".encode("utf-16-le"), b"\xfe\xff" + "a,é\n".encode("utf-16-be")]
)
def test_both_byte_orders_of_utf_16(file: Path, data: bytes) -> None:
    assert read(file, data) == Text("a,é\n", is_utf16=True)


def test_line_ends_become_line_feeds_and_other_separators_stay(file: Path) -> None:
    found = read(file, "a\r\nb\rc\n\r\nd\u2028e\x0bf\u0085g".encode())
    assert found.text == "a\nb\nc\n\nd\u2028e\x0bf\u0085g"


_LETTERS = st.characters(codec="utf-8", exclude_characters="\x00\r\x1a<{[\ufeff")


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(_LETTERS), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_comes_back_as_it_was_written(file: Path, text: str, encoding: str) -> None:
    text = "id," + text
    assert read(file, text.encode(encoding)) == Text(text, is_utf16=encoding == "utf-16")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("byte", [b"\x00", b"\x81"])
def test_a_stray_byte_spoils_its_line_only(file: Path, byte: bytes, end: bytes) -> None:
    found = read(file, end.join([b"a,b", b"1,2", b"3," + byte, b"4,5"]))
    assert found.text == "a,b\n1,2\n3,\ufffd\n4,5"
    assert found.spoiled == frozenset({3})


@pytest.mark.parametrize("byte", [b"\x00", b"\x81"])
def test_what_is_spoiled_at_its_start_or_in_most_lines_is_no_text(file: Path, byte: bytes) -> None:
    with pytest.raises(InputError, match="line 2: found bytes that are neither UTF-8 nor"):
        read(file, b"\na," + byte + b"\n1,2\n" + b"3,4\n" * 9)
    with pytest.raises(InputError, match="line 2: found bytes that are neither"):
        read(file, b"a,b\n" + (b"1," + byte + b"\n") * 5)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "the file is empty"),
        (b" \r\n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (b"<?xml version='1.0'?><KML/>", "found KML; save the layer as GeoJSON"),
        (b"<gml/>", "found GML; save the layer as GeoJSON"),
        (b'{"error": 500}', "found JSON with an error message of a server; ask the server again"),
        (b"[1]", "found JSON; download the table itself"),
        (b"PK\x03\x04rest", "found a zip file or an Excel workbook"),
        (gzip.compress(b"PK\x03\x04rest", mtime=0), "found a zip file or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "found an old Excel workbook"),
        (b"SQLite format 3\x00rest", "found a GeoPackage or SQLite database"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "found a PNG picture"),
        (b"\xff\xd8\xffrest", "found a JPEG picture"),
        (b"%PDF-1.7", "found a PDF document"),
        (b"PAR1rest", "found a Parquet file"),
        (b"\x1f\x8b", "the gzip file is damaged"),
        (b"\x1f\x8b\x08\x00broken", "the gzip file is damaged"),
        (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20, "the gzip file is damaged"),
        (b"\x1f\x8b\x07\x00of another method", "the gzip file is damaged"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9], "the gzip file is damaged"),
        (b"<!DOCTYPE html><p>", "found a web page or XML"),
        (b"\xef\xbb\xbf\r\n<xml>", "found a web page or XML"),
        (b'{"type": "FeatureCollection"}', "found JSON"),
        (b"[1, 2]", "found JSON"),
        (b"GIF89a", "found a GIF picture"),
        (b"{\\rtf1", "found a text document"),
        (b"\x00\x01\x00\x00Standard Jet DB", "found an Access database"),
        (b"Rar!\x1a\x07", "found a RAR archive"),
        ("a,b".encode("utf-32"), "line 1: found bytes that are neither"),
        ("a,b".encode("utf-16") + b"\n", "line 1: found bytes that are neither"),
        ("a,b\n1,2\n".encode("utf-16-le"), "line 1: found bytes that are neither"),
    ],
)
def test_what_is_no_text_gets_one_clear_message(file: Path, data: bytes, found: str) -> None:
    with pytest.raises(InputError, match=found) as caught:
        read(file, data)
    assert str(file) in str(caught.value)


def test_the_ratio_counts_once_the_text_is_over_a_mebibyte(file: Path) -> None:
    small = b"1,2\n" * 2**18
    assert len(read(file, gzip.compress(small, mtime=0)).text) == len(small) == 2**20
    with pytest.raises(InputError, match="unpacks to more than 256 MiB, or 100 times"):
        read(file, gzip.compress(small + b"\n", mtime=0))


def test_a_text_of_the_largest_size_is_taken_and_one_byte_more_is_not(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "MAX_BYTES", 8)
    assert read(file, b"a,b\n1,2\n").text == "a,b\n1,2\n"
    for data in (b"a,b\n1,22\n", gzip.compress(b"a,b\n1,22\n", mtime=0)):
        with pytest.raises(InputError, match="unpacks to more than"):
            read(file, data)


def test_unpacked_bytes_are_untouched(file: Path) -> None:
    data = bytes(range(256))
    for packed in (
        data,
        gzip.compress(data, mtime=0),
        gzip.compress(data[:99], mtime=0) + gzip.compress(data[99:], mtime=0),
    ):
        file.write_bytes(packed)
        assert plain_text.unpack(file) == data


def test_a_missing_file_a_folder_and_a_path_through_a_file(file: Path) -> None:
    with pytest.raises(DataMissingError, match="no such file"):
        plain_text.read(file)
    with pytest.raises(InputError, match=r"cannot be read \(.*directory\)"):
        plain_text.read(file.parent)
    file.write_bytes(b"a,b\n")
    with pytest.raises(InputError, match="cannot be read"):
        plain_text.read(file / "table.csv")


@pytest.mark.parametrize(("at", "kind"), [(1_996, "KML"), (1_997, "a web page or XML")])
def test_the_beginning_of_a_text_tells_what_it_is(file: Path, at: int, kind: str) -> None:
    with pytest.raises(InputError, match=f"found {kind}"):
        read(file, b"<" + b" " * (at - 1) + b"<kml>")


@pytest.mark.parametrize(("at", "is_tar"), [(256, False), (257, True), (258, False)])
def test_a_tar_archive_is_told_by_its_mark(file: Path, at: int, *, is_tar: bool) -> None:
    data = b"a,b\n" + b"1" * (at - 4) + b"ustar,2\n"
    if is_tar:
        with pytest.raises(InputError, match="found a tar archive; unpack it"):
            read(file, data)
    else:
        assert read(file, data).text == data.decode()


@pytest.mark.parametrize(("n_spoiled", "is_read"), [(3, True), (4, False)])
def test_half_the_lines_may_be_spoiled(file: Path, n_spoiled: int, *, is_read: bool) -> None:
    lines = [b"a,b", *[b"1,2"] * (5 - n_spoiled), *[b"3,\x81"] * n_spoiled]
    if is_read:
        assert len(read(file, b"\n".join(lines)).spoiled) == n_spoiled
    else:
        with pytest.raises(InputError, match="line 3: found bytes that are neither UTF-8 nor"):
            read(file, b"\n".join(lines))


@pytest.mark.parametrize(
    ("magic", "kind"),
    [
        (b"II*\x00", "a TIFF picture"),
        (b"MM\x00*", "a TIFF picture"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"BZh9", "a bzip2 archive"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    ],
)
def test_packed_files_and_pictures_are_told(file: Path, magic: bytes, kind: str) -> None:
    with pytest.raises(InputError, match=f"expected delimited text, found {kind}; save the table"):
        read(file, magic + b"rest")
