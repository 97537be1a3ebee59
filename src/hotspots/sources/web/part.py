"""A download in progress: what is here of it, and of which edition of the file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from hotspots.errors import SourceError
from hotspots.sources.web.answers import Expected, Marks, content_range
from hotspots.sources.web.trouble import AGAIN, PassingError, address

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

_PARTIAL = 206


class Part:
    """
    The first bytes of a file, which a later try, or a later run, adds to.

    Parameters
    ----------
    path : Path
        The file. Beside it, until it is whole, lies a note of the marks that it had at its
        source; without that note it cannot be gone on with, and is begun anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.with_name(path.name + ".marks.json")
        self.marks = self._noted()
        self.n_bytes = path.stat().st_size if path.is_file() and self.marks.validator else 0

    def rest_of(self) -> dict[str, str]:
        """Return the headers that ask for what is missing; none if all of it is."""
        if not self.n_bytes or self.marks.validator is None:
            return {}
        return {"Range": f"bytes={self.n_bytes}-", "If-Range": self.marks.validator}

    def go_on(self, response: httpx.Response, expect: Expected) -> bool:
        """
        Make ready to add a response's body; False if it adds nothing.

        Raises
        ------
        PassingError
            If it is a piece that does not fit; then the part is dropped, to begin anew.
        SourceError
            If the file is longer than is accepted.
        """
        marks = Marks.of(response)
        if response.status_code == _PARTIAL:
            span = content_range(response)
            if span is None or span[0] != self.n_bytes or not self.marks.is_of(marks):
                raise self._begun_anew(response.url)
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(b"")
            self.n_bytes = 0
            self.marks = marks
            self._note.write_text(json.dumps(marks.noted()), encoding="utf-8")
        if (marks.length or 0) > expect.max_bytes:
            self._refuse_length(response.url, expect)
        return True

    def add(self, chunk: bytes, url: httpx.URL, expect: Expected) -> None:
        """
        Add bytes.

        Raises
        ------
        SourceError
            If they are not what was expected, or too many.
        """
        if self.n_bytes == 0:
            try:
                expect.check(url, chunk)
            except SourceError:
                self.drop()
                raise
        if self.n_bytes + len(chunk) > expect.max_bytes:
            self._refuse_length(url, expect)
        with self._path.open("ab") as file:
            file.write(chunk)
        self.n_bytes += len(chunk)

    def settle(self, response: httpx.Response) -> None:
        """
        Judge the answer that there is no more: either the part is the whole, or it is wrong.

        Raises
        ------
        PassingError
            If the part is no longer of the file at the source; it is dropped, to begin anew.
        SourceError
            If the file is of another length than was stated.
        """
        span = content_range(response)
        if span is None or span[2] != self.n_bytes:
            raise self._begun_anew(response.url)

    def require_length(self, url: httpx.URL) -> None:
        """
        Compare the length with the one that was stated.

        Raises
        ------
        SourceError
            If it differs; then the part is dropped.
        """
        stated = self.marks.length
        if stated is not None and stated != self.n_bytes:
            found = self.n_bytes
            self.drop()
            msg = (
                f"{address(url)}: the source states {stated:,} bytes and sends {found:,}; the "
                f"download was dropped. {AGAIN}"
            )
            raise SourceError(msg)

    def finish(self, url: httpx.URL, *, md5: str | None) -> None:
        """
        Call the file whole, if its MD5 sum is the published one.

        Raises
        ------
        SourceError
            If it is not; then the part is dropped.
        """
        if md5 is not None and (found := _md5(self._path)) != md5.lower():
            self.drop()
            msg = (
                f"{address(url)}: the MD5 sum is {found}, and the publisher states {md5}; the "
                f"download was dropped. {AGAIN}"
            )
            raise SourceError(msg)
        self._note.unlink(missing_ok=True)

    def drop(self) -> None:
        """Remove what is here."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.n_bytes = 0
        self.marks = Marks()

    def _begun_anew(self, url: httpx.URL) -> PassingError:
        self.drop()
        msg = f"{address(url)}: the rest of the download does not fit what is here. {AGAIN}"
        return PassingError(SourceError(msg))

    def _refuse_length(self, url: httpx.URL, expect: Expected) -> None:
        self.drop()
        msg = (
            f"{address(url)}: more than {expect.max_bytes:,} bytes, the limit for {expect.kind}. "
            "Check the address in the settings."
        )
        raise SourceError(msg)

    def _noted(self) -> Marks:
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Marks()
        return Marks.read(noted if isinstance(noted, dict) else None)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
