"""The heading of a file of police.uk."""

from __future__ import annotations

import pytest

from hotspots.errors import InputError
from hotspots.sources.police_uk.headers import STREET, decoded, heading, kind_of_head

LINE = ",".join(STREET)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_heading_is_known_however_it_is_coded_and_cut(coding: str) -> None:
    data = LINE.encode(coding)
    assert kind_of_head(data) == "street"
    assert kind_of_head(data + b"x") == "street", "a letter cut in two"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (",".join(STREET[:8]), "street"),
        (",".join(STREET[:7]), None),
        (";".join(STREET), "street"),
        ("\t".join(STREET), "street"),
        ("|".join(STREET), "street"),
        ("crime-id, MONTH ," + ",".join(STREET[2:8]), "street"),
        ("Crime ID,Outcome type", "outcomes"),
        ("Type,Object of search", "stop-and-search"),
        ("Outcome type", None),
        ("\n" + LINE, None),
        (LINE + "\r1,2", "street"),
        (' [{"category": 1, "month": 2}]', "answer"),
        ('[{"category": 1}]', None),
        ('[{"month": 1}]', None),
        ('{"category": 1, "month": 2}', None),
        ("", None),
    ],
)
def test_the_first_line_says_what_a_file_is(text: str, kind: str | None) -> None:
    assert kind_of_head(text.encode() + b"\n") == kind


def test_zero_bytes_are_looked_for_in_the_heading_alone() -> None:
    assert decoded(b"a\n\0", "f") == (b"a\n\0", False)
    far = b"a" * 200
    assert decoded(far + b"\0", "f") == (far + b"\0", False)
    with pytest.raises(InputError, match=r"^f, line 1: found zero bytes, so this is no text"):
        decoded(far[:199] + b"\0", "f")
    for data in (b"a\0b\0", b"\0a\0b"):
        with pytest.raises(InputError, match="it is UTF-16 text without a mark"):
            decoded(data, "f")
    for data in (b"a\0\0b", b"ab\0\0", b"a\0bc"):
        with pytest.raises(InputError, match="so this is no text"):
            decoded(data, "f")


def test_text_of_utf_16_is_told_from_what_only_begins_so() -> None:
    assert decoded("aé".encode("utf-16"), "f") == ("aé".encode(), True)
    with pytest.raises(InputError, match=r"^f: begins as UTF-16 text, but is not \(truncated"):
        decoded(b"\xff\xfea", "f")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (" \n", "found an empty line where the heading should be"),
        ("<html>", "found a web page"),
        ("{}", "found JSON"),
        ("[1]", "found JSON"),
        ("a\x01" + "b" * 8, None),
        ("a\x01" + "b" * 7, "found bytes that are no text"),
        ("a\tb", None),
        ("a" * 180 + "\x01" * 20, None),
        ("a" * 179 + "\x01" * 21, "found bytes that are no text"),
        ("a" * 200 + "\x01" * 90, None),
        (",".join(STREET[1:]), "no column Crime ID; found Month, Reported by"),
        ("Crime ID,Outcome type", ".*; found the columns of outcomes, not of street-level crime"),
        (LINE + ",Month", "column Month is there twice"),
        ("x" * 300, f".*; found {'x' * 200}\\. Give"),
        ("0123456789abcdefABCDEF0123456789,b", ".*; found …, b"),
        ("0123456789abcdefABCDEF012345678,b", ".*; found 0123456789abcdefABCDEF012345678, b"),
    ],
)
def test_a_line_that_is_no_heading_is_told(line: str, words: str | None) -> None:
    with pytest.raises(InputError, match=f"^f, line 1: {words or 'no column'}"):
        heading(line.encode(), "f")


def test_odd_bytes_are_counted_as_letters_that_are_none() -> None:
    with pytest.raises(InputError, match="bytes that are no text"):
        heading(b"ab\xff", "f")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_are_named_as_published(delimiter: str) -> None:
    line = delimiter.join([*STREET, "", "", " More "])
    found = heading(line.upper().encode() + b"\r\n", "f")
    assert found.names == (*STREET, "", "", "MORE")
    assert found.delimiter == delimiter
