"""One file of a council or publisher, by its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from hotspots.sources.web.answers import FILE, Answer, Marks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from hotspots.sources.web.client import Web

_SUFFIXES = frozenset(
    {".csv", ".geojson", ".gpkg", ".json", ".tsv", ".txt", ".xls", ".xlsx", ".zip", ".gz"}
)
_BY_TYPE = {
    "application/geo+json": ".geojson",
    "application/geopackage+sqlite3": ".gpkg",
    "application/json": ".geojson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/x-zip-compressed": ".zip",
    "application/zip": ".zip",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
_STATED_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)", re.IGNORECASE)


@dataclass(frozen=True)
class FileFetched:
    """
    A file that was fetched.

    Attributes
    ----------
    suffix : str
        What its name ends in, with the dot, told by its stated name, its address or its type;
        ``.csv`` where none of them says.
    marks : dict
        By what the next edition is told; to be handed in as ``known`` next time.
    n_bytes : int
        Its size.
    """

    suffix: str
    marks: dict[str, Any]
    n_bytes: int


def fetch_file(
    web: Web, url: str, *, into: Path, known: Mapping[str, Any] | None = None
) -> FileFetched | None:
    """
    Fetch a file if it is not the one that is known.

    Parameters
    ----------
    web : Web
        Asks.
    url : str
        The address.
    into : Path
        Where to; a download that was broken off is gone on with.
    known : mapping, optional
        Marks of the edition that is here already.

    Returns
    -------
    FileFetched or None
        None if the source has the same edition still; then ``into`` is not there.

    Raises
    ------
    SourceError
        If the file cannot be had, or is a web page.
    """
    answer = web.download(url, into, expect=FILE, known=Marks.read(known))
    if answer.is_unchanged:
        return None
    return FileFetched(_suffix(url, answer), answer.marks.noted(), answer.n_bytes)


def _suffix(url: str, answer: Answer) -> str:
    stated = _STATED_NAME.search(answer.headers.get("content-disposition", ""))
    names = [unquote(stated[1]) if stated else "", url.partition("?")[0], answer.url.path]
    found = (PurePosixPath(name.strip()).suffix.lower() for name in names)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return next((suffix for suffix in found if suffix in _SUFFIXES), _BY_TYPE.get(kind, ".csv"))
