"""
The lines of a street CSV before they are parsed: put right where that is certain, else set aside.

A line of the file is a row, and a single stray quotation mark must not swallow the rows after it.
So a line whose quotation marks do not pair is a row with the few lines after it only if together
they have exactly the fields of the heading, and is set aside by itself otherwise. Every line keeps
its number.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from hotspots.sources.police_uk.headers import Heading

FIRST_LINE = 2
"""Number of the first line after the header."""

_JOINED_MAX = 3
_PIECE_BYTES = 2**18


@dataclass(frozen=True)
class Lines:
    """
    The lines of a street CSV, each in its place.

    Attributes
    ----------
    text : bytes
        UTF-8; lines that are damaged, or went into the row before them, are blank.
    damaged : mapping of int to (str, str)
        Why a line cannot be a row, and its text.
    recoded : set of int
        Lines that were Windows-1252.
    joined : set of int
        Lines that took in the lines after them, a line break in quotation marks between them.
    """

    text: bytes
    damaged: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    recoded: frozenset[int] = frozenset()
    joined: frozenset[int] = frozenset()


def tidied(text: bytes, head: Heading) -> Lines:
    """Set aside the lines that would harm their neighbours, and put right what is certain."""
    if b'"' not in text and b"\0" not in text and _is_utf8(text):
        return Lines(text)
    tidying = _Tidying(text.split(b"\n"), head)
    for line in range(FIRST_LINE, len(tidying.lines) + 1):
        tidying.look_at(line)
    return tidying.result()


class _Tidying:
    """What is known of the lines while they are looked at, the first one first."""

    def __init__(self, lines: list[bytes], head: Heading) -> None:
        self.lines = lines
        self._head = head
        self._well_quoted = _well_quoted(head.delimiter)
        self._damaged: dict[int, tuple[str, str]] = {}
        self._recoded: set[int] = set()
        self._joined: set[int] = set()
        self._taken: set[int] = set()

    def look_at(self, line: int) -> None:
        """Put the line right, or set it aside, if it is not taken or sound."""
        row = self.lines[line - 1].removesuffix(b"\r")
        if line in self._taken or (b'"' not in row and b"\0" not in row and _is_utf8(row)):
            return
        utf_8 = _as_utf8(row)
        if utf_8 is None:
            found = row.decode("utf-8", "replace")
            self._damaged[line] = ("neither UTF-8 nor Windows-1252 text", found)
        elif b"\0" in row:
            self._damaged[line] = ("zero bytes in the text", utf_8.replace(b"\0", b"").decode())
        elif b'"' in row and not self._well_quoted.fullmatch(utf_8):
            self._join(line, utf_8)
        elif utf_8 != row:
            self.lines[line - 1] = utf_8
            self._recoded.add(line)

    def result(self) -> Lines:
        """Return the lines as they are now, without those set aside or taken in."""
        gone = self._damaged.keys() | self._taken
        for line in gone:
            self.lines[line - 1] = b""
        # A last line without an end would vanish with its text; this keeps it a line.
        end = b"\n" if len(self.lines) in gone else b""
        text = b"\n".join(self.lines) + end
        return Lines(text, self._damaged, frozenset(self._recoded), frozenset(self._joined))

    def _join(self, line: int, row: bytes) -> None:
        """Make one row of the line and those after it, or set it aside."""
        whole = row
        for after in range(line + 1, min(line + _JOINED_MAX, len(self.lines)) + 1):
            more = _as_utf8(self.lines[after - 1].removesuffix(b"\r"))
            if more is None:
                break
            whole += b" " + more
            if self._is_one_row(whole):
                self.lines[line - 1] = whole
                self._joined.add(line)
                self._taken.update(range(line + 1, after + 1))
                return
        self._damaged[line] = ("quotation marks that do not pair", row.decode())

    def _is_one_row(self, text: bytes) -> bool:
        if b"\0" in text or not self._well_quoted.fullmatch(text):
            return False
        n_marks = len(self._head.names) - 1
        # Two rows that each lost a mark in the same column pair as well; they are still two.
        if text.count(self._head.delimiter.encode()) >= 2 * n_marks:
            return False
        row = next(csv.reader([text.decode()], delimiter=self._head.delimiter))
        return len(row) == n_marks + 1


def blank_lines(text: bytes, ends: NDArray[np.int64]) -> tuple[set[int], int]:
    """Return the numbers of the lines without any text, and how many lines there are."""
    if not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    lengths = np.diff(ends) - 1
    ends_in_return = np.frombuffer(text, np.uint8)[ends[1:] - 1] == ord("\r")
    blank = np.flatnonzero((lengths == 0) | ((lengths == 1) & ends_in_return))
    return set((blank + FIRST_LINE).tolist()), len(ends)


def with_line_feeds(text: bytes) -> tuple[bytes, NDArray[np.int64]]:
    """
    Put a line feed for each carriage return that ends a line by itself.

    Returns
    -------
    text : bytes
        The same if it has no such carriage return.
    ends : array of int64
        As ``line_ends`` gives them.
    """
    ends = line_ends(text)
    if _has_lone_return(text, ends):
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        ends = line_ends(text)
    return text, ends


def line_ends(text: bytes) -> NDArray[np.int64]:
    """Return where the line feeds stand."""
    found = [np.flatnonzero(piece == ord("\n")) + start for piece, start in _pieces(text)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _well_quoted(delimiter: str) -> re.Pattern[bytes]:
    mark = re.escape(delimiter.encode())
    value = rb'(?:[^"' + mark + rb']*|"(?:[^"]|"")*")'
    return re.compile(value + rb"(?:" + mark + value + rb")*")


def _as_utf8(row: bytes) -> bytes | None:
    """Return a row as UTF-8 if it is that or Windows-1252, else None."""
    if _is_utf8(row):
        return row
    try:
        return row.decode("cp1252").encode()
    except UnicodeDecodeError:
        return None


def _is_utf8(text: bytes) -> bool:
    try:
        text.isascii() or text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_lone_return(text: bytes, ends: NDArray[np.int64]) -> bool:
    if b"\r" not in text:
        return False
    n_returns = sum(np.count_nonzero(piece == ord("\r")) for piece, _ in _pieces(text))
    letters = np.frombuffer(text, np.uint8)
    return bool(n_returns != np.count_nonzero(letters[ends[ends > 0] - 1] == ord("\r")))


def _pieces(text: bytes) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Give the letters in pieces, each with its place: working on a whole file takes memory."""
    letters = np.frombuffer(text, np.uint8)
    for start in range(0, len(letters), _PIECE_BYTES):
        yield letters[start : start + _PIECE_BYTES], start
