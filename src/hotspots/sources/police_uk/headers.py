"""The heading of a file of police.uk: what the file is, and how its text is coded and parted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from hotspots.errors import InputError

STREET = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
"""The columns of a street CSV; ``outcomes`` and ``stop-and-search`` files have others."""

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_BY_PLAIN = {re.sub(r"\W+", "", name.casefold()): name for name in STREET}
_TELLING = 8  # columns of a street CSV; one that lacks some is still meant as one
_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_VALUE_MAX = 200
_ODD_MOST = 0.1  # of the letters of a heading, before it is taken for no text
_AS_PUBLISHED = "Give the file as data.police.uk published it."
_LONG_ID = re.compile("[0-9a-fA-F]{32,}")
_OTHER_KINDS = {"outcometype": "outcomes", "objectofsearch": "stop-and-search"}


@dataclass(frozen=True)
class Heading:
    """
    The first line of a street CSV.

    Attributes
    ----------
    names : tuple of str
        Columns; those of ``STREET`` as it spells them.
    delimiter : str
        What parts them.
    """

    names: tuple[str, ...]
    delimiter: str


def decoded(data: bytes, file: str) -> tuple[bytes, bool]:
    """
    Return text as UTF-8 without a byte order mark, and whether it was UTF-16.

    Raises
    ------
    InputError
        If the mark says UTF-16 and the rest is not, or if there are zero bytes in the heading.
    """
    if data.startswith(_UTF_16_MARKS):
        try:
            return data.decode("utf-16").encode(), True
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file}: begins as UTF-16 text, but is not ({error.reason}). Save it as UTF-8."
            ) from error
    text = data.removeprefix(_UTF_8_MARK)
    first = text[:_VALUE_MAX]
    if b"\0" in first.partition(b"\n")[0]:
        # Every other byte of Latin letters in UTF-16 is zero.
        is_text = any(not any(first[start::2]) and all(first[1 - start :: 2]) for start in (0, 1))
        raise InputError(
            f"{file}, line 1: found zero bytes; it is UTF-16 text without a mark that says so. "
            "Save it as UTF-8."
            if is_text
            else f"{file}, line 1: found zero bytes, so this is no text. {_AS_PUBLISHED}"
        )
    return text, False


def kind_of_head(head: bytes) -> str | None:
    """
    Say what kind of police.uk file begins with ``head``, by its heading.

    Returns
    -------
    str or None
        ``street``, ``outcomes``, ``stop-and-search``, ``answer`` (of the API), or None if the
        text begins like none of these.
    """
    try:
        text, _ = decoded(head[: len(head) // 2 * 2], "")
    except InputError:
        return None
    start = text.lstrip()
    if start[:1] == b"[":
        return "answer" if b'"category"' in start and b'"month"' in start else None
    line = re.split(rb"[\r\n]", text, maxsplit=1)[0].decode("utf-8", "replace")
    for delimiter in DELIMITERS:
        names = _names(line, delimiter)
        plain = {_plain(name) for name in names}
        other = next((kind for name, kind in _OTHER_KINDS.items() if name in plain), None)
        if other and len(names) > 1:
            return other
        if len(set(STREET) & set(names)) >= _TELLING:
            return "street"
    return None


def heading(line: bytes, file: str) -> Heading:
    """
    Read the first line of a street CSV.

    Raises
    ------
    InputError
        If it lacks a column or names one twice.
    """
    text = line.decode("utf-8", "replace")
    other = _other_thing(text)
    if other:
        raise InputError(f"{file}, line 1: {other}")
    readings = {delimiter: _names(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda each: len(set(STREET) & set(readings[each])))
    found = readings[delimiter]
    missing = [name for name in STREET if name not in found]
    if missing:
        raise InputError(
            f"{file}, line 1: no column {', '.join(missing)}; found {_seen(found)}. {_AS_PUBLISHED}"
        )
    twice = [name for name, times in Counter(found).items() if name and times > 1]
    if twice:
        raise InputError(f"{file}, line 1: column {twice[0]} is there twice. Remove one of them.")
    return Heading(tuple(found), delimiter)


def _names(line: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [_BY_PLAIN.get(_plain(name), name.strip()) for name in row]


def _plain(name: str) -> str:
    return re.sub(r"\W+", "", name.casefold())


def _other_thing(line: str) -> str:
    """Say what begins with a first line that is no row of names at all, and what to do."""
    start = line.strip()
    if not start:
        return f"found an empty line where the heading should be. {_AS_PUBLISHED}"
    if start[0] == "<":
        return "found a web page, no table. Download the file again; its publisher may be busy."
    if start[0] in "{[":
        return "found JSON, no table. Download the file again, or give it the ending .json."
    n_odd = sum(not (letter.isprintable() or letter == "\t") for letter in start[:_VALUE_MAX])
    n_odd += start[:_VALUE_MAX].count("\ufffd")
    if n_odd > _ODD_MOST * len(start[:_VALUE_MAX]):
        return f"found bytes that are no text. {_AS_PUBLISHED}"
    return ""


def _seen(found: list[str]) -> str:
    plain = {_plain(name) for name in found}
    kind = next((kind for name, kind in _OTHER_KINDS.items() if name in plain), None)
    if kind:
        return f"the columns of {kind}, not of street-level crime"
    # A line that is no heading may be a row, and hold what must not be shown.
    return _LONG_ID.sub("…", ", ".join(found))[:_VALUE_MAX]
