"""Every document of an area, written together into an empty folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.errors import PublishError
from hotspots.publish import changes, exchange, geopackage, page, page_data, publication

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.publish.publication import Publication


def write(ready: Publication, folder: Path) -> None:
    """
    Write the pages and files of ``ready``: the same bytes for the same publication.

    Parameters
    ----------
    ready : Publication
        Tables in any row order that keeps to their schemas; not modified.
    folder : Path
        An empty folder, or one to be made. Gets ``index.html``, a page for each district,
        ``changes.html``, ``hotspots.gpkg``, ``hotspots.geojson`` and ``hotspots.csv``.

    Raises
    ------
    SchemaError, CRSError
        If a table is not what ``hotspots.schema`` says.
    PublishError
        If the folder holds anything, or a page would load something from elsewhere.
    """
    publication.check(ready)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise PublishError(f"{folder.name}: not empty; pages are only written to a new folder.")
    sheet = page_data.prepare(ready)
    _write(folder / "index.html", page.force_html(sheet))
    for number, slug in enumerate(sheet.districts["slug"]):
        _write(folder / f"{slug}.html", page.district_html(sheet, number))
    _write(folder / "changes.html", changes.changes_html(ready))
    table = exchange.shared(sheet.cells)
    exchange.write_csv(table, folder / "hotspots.csv")
    exchange.write_geojson(table, folder / "hotspots.geojson")
    geopackage.write(ready, table, folder / "hotspots.gpkg")


def _write(path: Path, html: str) -> None:
    path.write_text(html, encoding="utf-8", newline="\n")
