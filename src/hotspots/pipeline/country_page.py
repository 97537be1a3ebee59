"""How every force of a folder stands, for the page that leads to them and for other programs."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots import store
from hotspots.errors import HotspotsError
from hotspots.pipeline.folders import Folders
from hotspots.publish.national import ForceRow, index_html
from hotspots.schema import ALL_CRIME
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hotspots.pipeline.one_area import Result

RECORD = "national.json"
"""Beside the page: the same in figures, and what the next run must know of forces it leaves out."""


def write_index(
    settings_files: Sequence[Path], results: Sequence[Result], *, out: Path | None = None
) -> Path:
    """
    Write the page of all forces, unless it would be as it is.

    Parameters
    ----------
    settings_files : sequence of Path
        Of every force, whether it was refreshed this time or not.
    results : sequence of Result
        Of those that were.
    out : Path, optional
        As for a refresh.

    Returns
    -------
    Path
        ``maps/index.html``.
    """
    maps = Folders.of(settings_files[0], "", out).maps.resolve()
    with store.plain_errors(maps), store.lock(maps / ".index.lock", waits=True):
        before = _before(store.read_json(maps / RECORD))
        now = {each.area_id: each for each in results}
        rows = [_row(file, now, before, out) for file in settings_files]
        record = {"forces": [_as_record(row) for row in rows]}
        html = index_html(rows)
        page = maps / "index.html"
        if not page.exists() or page.read_text(encoding="utf-8") != html:
            draft = page.with_name(f".{page.name}.partial")
            draft.write_text(html, encoding="utf-8", newline="\n")
            draft.replace(page)
        if store.read_json(maps / RECORD) != record:
            store.write_json(record, maps / RECORD)
    return page


def _row(
    file: Path, now: Mapping[str, Result], before: Mapping[str, Any], out: Path | None
) -> ForceRow:
    """Say how one force stands: from its manifest, and from this run or the last one it was in."""
    try:
        settings = load(file)
    except HotspotsError as error:
        words = _without_folder(str(error), file)
        return ForceRow(file.stem, file.stem, is_failed=True, troubles=(words,))
    area_id, name = settings.area.id, settings.area.name
    result, earlier = now.get(area_id), before.get(area_id, {})
    if result is not None:
        is_failed = result.is_failed
        said = (*([result.message] if result.message else []), *result.not_refreshed)
        troubles = tuple(_without_folder(words, file) for words in said)
    else:
        is_failed = bool(earlier.get("is_failed"))
        troubles = tuple(map(str, earlier.get("troubles", ())))
    folders = Folders.of(file, area_id, out)
    manifest = folders.manifest()
    if manifest is None:
        return ForceRow(area_id, name, is_failed=is_failed, troubles=troubles)
    records_to = pd.Timestamp(f"{manifest['data_months'][-1]}-01")
    made_on = dt.date.fromisoformat(manifest["made_on"])
    age_days = (made_on - (records_to + pd.DateOffset(months=1)).date()).days
    return ForceRow(
        area_id, name, records_to, made_on, _by_label(folders.processed), is_failed, troubles,
        age_days > settings.publish.stale_after_days,
    )  # fmt: skip


def _without_folder(words: str, file: Path) -> str:
    """Name files from the folder of the settings on: the page may be given away."""
    return words.replace(f"{file.parent}{os.sep}", "")


def _by_label(processed: Path) -> dict[str, int]:
    """Count the hotspots of all crime by label."""
    columns = ["crime_group", "label"]
    table = pd.read_parquet(processed / "hotspots.parquet", columns=columns)
    found = table.loc[table["crime_group"] == ALL_CRIME, "label"].value_counts()
    return {str(label): int(n) for label, n in found.items()}


def _as_record(row: ForceRow) -> dict[str, Any]:
    return {
        "area": row.area_id,
        "name": row.name,
        "page": f"{row.area_id}/index.html" if row.is_published else None,
        "records_to": None if row.records_to is None else f"{row.records_to:%Y-%m}",
        "made_on": row.made_on.isoformat() if row.made_on else None,
        "hotspots": dict(row.hotspots),
        "is_failed": row.is_failed,
        "is_stale": row.is_stale,
        "troubles": list(row.troubles),
    }


def _before(record: object) -> dict[str, Any]:
    """Read what the last run noted; a damaged note is none."""
    forces = record.get("forces") if isinstance(record, dict) else None
    return {
        str(each["area"]): each
        for each in (forces if isinstance(forces, list) else [])
        if isinstance(each, dict) and "area" in each
    }
