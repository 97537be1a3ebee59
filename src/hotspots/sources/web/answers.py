"""What a source sent: its marks, its body, and whether it is what was expected."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from hotspots.errors import SourceError
from hotspots.sources.web.trouble import AGAIN, address

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

_MIB = 2**20
_HEAD_BYTES = 512
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")


@dataclass(frozen=True)
class Expected:
    """
    What a body should be.

    Attributes
    ----------
    kind : str
        As messages name it.
    max_bytes : int
        More than this is refused, whatever the source says about its length.
    opens_with : tuple of bytes
        What a body of this kind begins with; empty where anything may.
    is_page : bool
        HTML is what is wanted; otherwise it is a sign of an error page.
    """

    kind: str
    max_bytes: int
    opens_with: tuple[bytes, ...] = ()
    is_page: bool = False

    def check(self, url: httpx.URL, body: bytes) -> None:
        """
        Look at the beginning of a body.

        Raises
        ------
        SourceError
            If it is a web page or XML, or begins unlike its kind.
        """
        head = body[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
        found = ""
        if not self.is_page and head.startswith(b"<"):
            is_html = b"<html" in head.lower() or b"<!doctype html" in head.lower()
            found = "a web page (HTML)" if is_html else "XML"
        elif self.opens_with and not body.startswith(self.opens_with):
            found = "something else" if body else "nothing"
        if found:
            msg = (
                f"{address(url)}: expected {self.kind}, found {found}; it may be a notice of an "
                f"outage, or the address leads to a page about the data. {AGAIN}"
            )
            raise SourceError(msg)


JSON = Expected("JSON", 256 * _MIB)
PAGE = Expected("a web page", 16 * _MIB, is_page=True)
ZIP = Expected("a zip", 4096 * _MIB, opens_with=(b"PK\x03\x04", b"PK\x05\x06"))
FILE = Expected("a file of data", 2048 * _MIB)


@dataclass(frozen=True)
class Marks:
    """
    By what a file is told from its next edition, as its server states them.

    Attributes
    ----------
    etag, last_modified : str or None
        The headers of these names.
    length : int or None
        Bytes of the whole file.
    """

    etag: str | None = None
    last_modified: str | None = None
    length: int | None = None

    @classmethod
    def read(cls, noted: Mapping[str, Any] | None) -> Self:
        """Return marks from a note; what is missing or of another type is unknown."""
        noted = noted or {}
        texts = (noted.get("etag"), noted.get("last_modified"))
        etag, modified = (text if isinstance(text, str) and text else None for text in texts)
        length = noted.get("length")
        return cls(etag, modified, length if isinstance(length, int) else None)

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """Return the marks that a response carries."""
        headers = response.headers
        span = content_range(response)
        stated = headers.get("content-length", "")
        is_plain = "content-encoding" not in headers and response.is_success
        length = int(stated) if stated.isdecimal() and is_plain else None
        return cls(
            headers.get("etag") or None,
            headers.get("last-modified") or None,
            span[2] if span else length,
        )

    def noted(self) -> dict[str, Any]:
        """Return the marks as a note."""
        return asdict(self)

    @property
    def validator(self) -> str | None:
        """The mark by which a server tells for certain whether bytes are of the same file."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified

    def unless_same(self) -> dict[str, str]:
        """Return the headers that ask for a file only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}

    def only_same(self) -> dict[str, str]:
        """Return the header that asks for a file only if it has not changed."""
        if self.etag and not self.etag.startswith("W/"):
            return {"If-Match": self.etag}
        return {"If-Unmodified-Since": self.last_modified} if self.last_modified else {}

    def is_of(self, other: Marks) -> bool:
        """Say whether two sets of marks, as far as they are known, are of the same file."""
        if self.length is not None and other.length is not None and self.length != other.length:
            return False
        if self.etag and other.etag:
            return self.etag.removeprefix("W/") == other.etag.removeprefix("W/")
        return bool(self.last_modified) and self.last_modified == other.last_modified


@dataclass(frozen=True)
class Head:
    """What is known of a file before it is fetched: its marks, and whether pieces can be had."""

    marks: Marks
    has_ranges: bool


@dataclass(frozen=True)
class Answer:
    """
    What a source sent.

    Attributes
    ----------
    url : httpx.URL
        Where it came from in the end, after redirects.
    marks : Marks
        By what the next edition will be told.
    is_unchanged : bool
        The source says that nothing changed; there is no body.
    body : bytes
        The body; empty for a download, which is in its file.
    n_bytes : int
        Size of the body or of the finished file.
    headers : mapping of str to str
        Further headers.
    """

    url: httpx.URL
    marks: Marks
    is_unchanged: bool
    body: bytes
    n_bytes: int
    headers: Mapping[str, str]

    def json(self) -> Any:  # noqa: ANN401 - whatever JSON can hold
        """
        Return the body as JSON.

        Raises
        ------
        SourceError
            If it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            msg = f"{address(self.url)}: expected JSON, found what cannot be read as such. {AGAIN}"
            raise SourceError(msg) from error


def content_range(response: httpx.Response) -> tuple[int, int, int] | None:
    """Return first byte, last byte and whole length that a response states; -1 where none."""
    match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if match is None:
        return None
    first, last, length = match.groups()
    return int(first or -1), int(last or -1), int(length)
