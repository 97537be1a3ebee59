"""A file on the network read by pieces, as if it lay here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Self

from hotspots.errors import SourceError
from hotspots.sources.web.trouble import AGAIN, address

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx
    from _typeshed import WriteableBuffer

    from hotspots.sources.web.answers import Marks
    from hotspots.sources.web.client import Web

BLOCK_BYTES = 2**20
"""The smallest piece that is asked for."""

GAP_BYTES = 2**18
"""Pieces closer together than this are asked for as one."""

PIECE_MAX_BYTES = 2**26
"""No piece is longer than this."""

HELD_MAX_BYTES = 2**30
"""Pieces of one file that together are longer than this are refused."""


class RangeFile(io.RawIOBase):
    """
    A read-only, seekable file whose bytes are fetched when they are read, in few big pieces.

    ``fetch`` says beforehand what will be read. All pieces are of one edition of the file.

    Parameters
    ----------
    web : Web
        Asks for the pieces.
    url : httpx.URL
        Where the file is, after redirects.
    marks : Marks
        Of the edition; its length must be known.
    tail : bytes
        The last bytes of the file.
    """

    def __init__(self, web: Web, url: httpx.URL, marks: Marks, tail: bytes) -> None:
        super().__init__()
        self.url = url
        self.marks = marks
        self.length = marks.length or 0
        self._web = web
        self._at = 0
        self._tail = tail
        self._n_held = len(tail)
        self._pieces = [(self.length - len(tail), tail)] if tail else []

    @classmethod
    def open(cls, web: Web, url: str, *, known: Marks | None = None) -> Self | None:
        """
        Open a file by its last piece, where a zip has its directory.

        Parameters
        ----------
        web : Web
            Asks.
        url : str
            The address.
        known : Marks, optional
            Of the edition that is here already.

        Returns
        -------
        RangeFile or None
            None if the file is still the one that is known.

        Raises
        ------
        RangesIgnoredError
            If the source gives no pieces.
        SourceError
            If the file cannot be had.
        """
        tail = web.span(url, first=None, n_bytes=BLOCK_BYTES, known=known)
        return None if tail.is_unchanged else cls(web, tail.url, tail.marks, tail.body)

    def again(self, web: Web) -> Self:
        """
        Open the same edition for another reader without asking: it holds the last piece alone.

        Parameters
        ----------
        web : Web
            Asks for the other pieces.
        """
        return type(self)(web, self.url, self.marks, self._tail)

    def fetch(self, spans: Iterable[tuple[int, int]]) -> None:
        """
        Fetch what will be read soon, neighbours together.

        Parameters
        ----------
        spans : iterable of (int, int)
            First byte and end, not included, of each.

        Raises
        ------
        ChangedError
            If the file is another one now.
        SourceError
            If a piece cannot be had.
        """
        missing = sorted(span for span in spans if not self._holding(*span))
        together: list[tuple[int, int]] = []
        for first, end in missing:
            if (
                together
                and first - together[-1][1] <= GAP_BYTES
                and end - together[-1][0] <= PIECE_MAX_BYTES
            ):
                together[-1] = (together[-1][0], max(together[-1][1], end))
            else:
                together.append((first, end))
        for first, end in together:
            self._fetch(first, end)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that any place in it can be read."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """
        Go to a place.

        Raises
        ------
        ValueError
            If it lies before the file.
        """
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.length}[whence]
        if start + offset < 0:
            msg = f"Place {start + offset} lies before the file."
            raise ValueError(msg)
        self._at = start + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` and return how many bytes that took; fewer only at the end."""
        target = memoryview(buffer).cast("B")
        end = min(self._at + len(target), self.length)
        n_bytes = max(0, end - self._at)
        done = 0
        while done < n_bytes:
            first = self._at + done
            held = self._holding(first, first + 1)
            if held is None:
                longest = min(max(n_bytes - done, BLOCK_BYTES), PIECE_MAX_BYTES)
                held = self._fetch(first, min(first + longest, self.length))
            start, piece = held
            taken = piece[first - start : end - start]
            target[done : done + len(taken)] = taken
            done += len(taken)
        self._at += n_bytes
        return n_bytes

    def _holding(self, first: int, end: int) -> tuple[int, bytes] | None:
        """Return the piece that holds all of a span."""
        return next(
            (
                (start, piece)
                for start, piece in self._pieces
                if start <= first and end <= start + len(piece)
            ),
            None,
        )

    def _fetch(self, first: int, end: int) -> tuple[int, bytes]:
        self._n_held += end - first
        if self._n_held > HELD_MAX_BYTES:
            msg = (
                f"{address(self.url)}: over {HELD_MAX_BYTES // 2**20} MiB of the file would have "
                f"to be read, so it was refused. {AGAIN}"
            )
            raise SourceError(msg)
        answer = self._web.span(self.url, first=first, n_bytes=end - first, whole=self.marks)
        self._pieces.append((first, answer.body))
        return self._pieces[-1]
