"""The MD5 sums that the archive page states beside its links."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from hotspots.sources.web import PAGE

if TYPE_CHECKING:
    from hotspots.sources.web import Web

_ARCHIVE = re.compile(r"(?:.*/)?(20\d\d-(?:0[1-9]|1[0-2]))\.zip")
_MD5 = re.compile(r"\b[0-9a-f]{32}\b", re.IGNORECASE)


class _Page(HTMLParser):
    """Notes each archive's link, and the first MD5 sum that follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.sums: dict[str, str] = {}
        self._month: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("href") if tag == "a" else None
        if link is None or not link.partition("?")[0].endswith(".zip"):
            return
        match = _ARCHIVE.fullmatch(link.partition("?")[0])
        self._month = match[1] if match else None

    def handle_data(self, data: str) -> None:
        match = _MD5.search(data)
        if match and self._month:
            self.sums.setdefault(self._month, match[0].lower())
            self._month = None


def checksums(web: Web, base_url: str) -> dict[str, str]:
    """
    Return the MD5 sum of each archive that the page states one for, by publication month.

    Raises
    ------
    SourceError
        If the page cannot be had.
    """
    page = _Page()
    page.feed(web.get(f"{base_url}/data/archive/", expect=PAGE).body.decode(errors="replace"))
    page.close()
    return page.sums
