"""Every document of a quarter's reports, written into a folder."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.publish import exchange, report_docx, report_html, report_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from hotspots.publish.report import Quarterly

TABLES = "tables"
"""Folder of the tables for other programs."""


def write(
    quarterly: Quarterly,
    folder: Path,
    *,
    only: Collection[str] = (),
    earlier: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """
    Write the reports of a quarter: the same bytes for the same reports.

    Parameters
    ----------
    quarterly : Quarterly
    folder : Path
        Reports of other places that are there stay, and are linked.
    only : collection of str
        Slugs of the reports to write; all if empty.
    earlier : sequence of str
        Names of the other quarters that have reports.
    say : callable
        Told which report is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [each for each in quarterly.reports if not only or each.slug in only]
    for report in wanted:
        say(f"writing the report of {report.name}")
        html = report_html.report_html(quarterly, report)
        _write(folder / f"{report.slug}.html", html.encode("utf-8"))
        _write(folder / f"{report.slug}.xlsx", report_xlsx.report_xlsx(quarterly, report))
        _write(folder / f"{report.slug}.docx", report_docx.report_docx(quarterly, report))
    made = [
        (each.name, each.slug)
        for each in quarterly.reports
        if (folder / f"{each.slug}.html").exists()
    ]
    _write(folder / "index.html", report_html.index_html(quarterly, made, earlier).encode("utf-8"))
    _tables(quarterly, folder / TABLES)


def _tables(quarterly: Quarterly, folder: Path) -> None:
    """Write the tables of all places, tidy, for Power BI and the like."""
    folder.mkdir(exist_ok=True)
    for name, table in quarterly.tables.items():
        data = table.data.drop(columns=[c for c in ("types", "geometry") if c in table.data])
        if "quarter" not in data:
            data.insert(0, "quarter", quarterly.quarter)
        months = [c for c in data if pd.api.types.is_datetime64_any_dtype(data[c])]
        _write(folder / f"{name}.parquet", _parquet(data))
        plain = data.assign(**{str(c): data[c].dt.strftime("%Y-%m") for c in months})
        texts = [c for c in plain if plain[c].dtype in ("str", "object")]
        safe = plain.assign(**{str(c): exchange.harmless(plain[c].astype("object")) for c in texts})
        text = io.StringIO()
        safe.to_csv(text, index=False, lineterminator="\r\n")
        _write(folder / f"{name}.csv", text.getvalue().encode("utf-8"))


def _parquet(data: pd.DataFrame) -> bytes:
    made = io.BytesIO()
    data.to_parquet(made, index=False, compression="zstd")
    return made.getvalue()


def _write(path: Path, content: bytes) -> None:
    # Never in place: a file of an older report may be linked from elsewhere.
    draft = path.with_name(f"{path.name}.partial")
    draft.write_bytes(content)
    draft.replace(path)
