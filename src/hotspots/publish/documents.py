"""Every document of an area, written together into an empty folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.errors import PublishError
from hotspots.publish import publication

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hotspots.publish.publication import Publication
    from hotspots.publish.site import Site


def write(ready: Publication, folder: Path, *, sites: Iterable[Site] = ()) -> None:
    """
    Write the pages and files of ``ready``: the same bytes for the same publication.

    Parameters
    ----------
    ready : Publication
        Tables in any row order that keeps to their schemas; not modified.
    folder : Path
        An empty folder, or one to be made. Gets ``index.html``, a page for each district,
        ``changes.html``, ``hotspots.gpkg``, ``hotspots.geojson`` and ``hotspots.csv``.
    sites : iterable of Site
        Hotspots to make a site sheet of, in ``sites``.

    Raises
    ------
    SchemaError, CRSError
        If a table is not what ``hotspots.schema`` says.
    PublishError
        If the folder holds anything, or a page would load something from elsewhere.
    """
    # Folium and what else draws take half a second, and a run without pages needs none of it.
    from hotspots.publish import changes, exchange, geopackage, page, page_data

    publication.check(ready)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise PublishError(f"{folder.name}: not empty; pages are only written to a new folder.")
    sheet = page_data.prepare(ready, with_sheet=_write_sites(ready, sites, folder / "sites"))
    for name, html in page.pages(sheet):
        _write(folder / name, html)
    _write(folder / "changes.html", changes.changes_html(ready))
    table = exchange.shared(sheet.cells)
    exchange.write_csv(table, folder / "hotspots.csv")
    exchange.write_geojson(table, folder / "hotspots.geojson")
    geopackage.write(ready, table, folder / "hotspots.gpkg")


def _write_sites(ready: Publication, sites: Iterable[Site], folder: Path) -> frozenset[str]:
    """Write the site sheets, and return the ids of their hotspots."""
    from hotspots.publish import site_sheet

    written = []
    for name, html in site_sheet.site_pages(ready, sites):
        folder.mkdir(exist_ok=True)
        _write(folder / name, html)
        written.append(name.removesuffix(".html"))
    return frozenset(written)


def _write(path: Path, html: str) -> None:
    path.write_text(html, encoding="utf-8", newline="\n")
