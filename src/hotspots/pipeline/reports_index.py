"""
The list of quarterly reports, which pages can link to before there are any.

Reports are made later than the pages of a refresh. A link to a list that is always there, and is
written anew with each report, breaks neither the pages nor "nothing new".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.errors import SettingsError
from hotspots.pipeline.quarters import Quarter
from hotspots.publish.quarters import quarters_html

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.pipeline.quarters import Years

INDEX = "index.html"

_YEARS: tuple[Years, ...] = ("calendar", "financial")


def index_html(folder: Path) -> str:
    """Return the page for the reports that a folder holds."""
    found = [_quarter(path.parent.name) for path in folder.glob(f"[!.]*/{INDEX}")]
    known = sorted((each for each in found if each), key=lambda each: each.start, reverse=True)
    return quarters_html([(each.name, each.title) for each in known])


def write(folder: Path) -> None:
    """Write the page into the folder of the reports, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{INDEX}.partial"  # never in place: the file may be linked from elsewhere
    draft.write_text(index_html(folder), encoding="utf-8", newline="\n")
    draft.replace(folder / INDEX)


def _quarter(name: str) -> Quarter | None:
    for years in _YEARS:
        try:
            quarter = Quarter.named(name, years)
        except SettingsError:
            continue
        if quarter.name == name:
            return quarter
    return None
