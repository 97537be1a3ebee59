"""Archives that were opened for one force and are at hand for the next, so that all share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from hotspots.sources.web import RangeFile

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.sources.web import Marks, Web


@dataclass(frozen=True)
class Whole:
    """
    An archive that was downloaded as a whole.

    Attributes
    ----------
    path : Path
    marks : Marks
        Of its edition.
    notes : tuple of str
        What a person should know, in words.
    """

    path: Path
    marks: Marks
    notes: tuple[str, ...]


class Opened:
    """
    What one look at police.uk has asked already: its newest month, and archives that it opened.

    Of an archive read by pieces the directory is held, and nothing of any force. One that had to
    be downloaded as a whole stays until the look ends. Use it as a context.

    Attributes
    ----------
    newest : dict of address to str
        Newest month of police.uk there, YYYY-MM.
    """

    def __init__(self) -> None:
        self.newest: dict[str, str] = {}
        self._pieces: dict[str, RangeFile] = {}
        self._wholes: dict[str, Whole] = {}
        self._unchanged: dict[str, Marks] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for whole in self._wholes.values():
            whole.path.unlink(missing_ok=True)
        self._wholes.clear()

    def pieces(self, web: Web, url: str, known: Marks) -> RangeFile | None:
        """
        Open an archive as ``RangeFile.open`` does, asking only for what nobody asked before.

        Parameters
        ----------
        web : Web
            Asks.
        url : str
            The address.
        known : Marks
            Of the edition that is here already.

        Returns
        -------
        RangeFile or None
            None if the archive is still the one that is known.
        """
        held = self._pieces.get(url)
        if held is not None:
            return None if known.is_of(held.marks) else held.again(web)
        if url in self._unchanged and known.is_of(self._unchanged[url]):
            return None
        file = RangeFile.open(web, url, known=known)
        if file is None:
            self._unchanged[url] = known
            return None
        self._pieces[url] = file
        return file.again(web)

    def forget(self, url: str) -> None:
        """Forget an archive that has become another one."""
        self._pieces.pop(url, None)
        self._unchanged.pop(url, None)

    def whole(self, url: str) -> Whole | None:
        """Return an archive that was downloaded as a whole, if it was."""
        return self._wholes.get(url)

    def keep_whole(self, url: str, whole: Whole) -> None:
        """Keep a whole archive until the look ends."""
        self._wholes[url] = whole
