"""The manifest: what went in, what came out, and how, so that every output can be traced."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from hotspots import __version__, schema, store
from hotspots.errors import InputError
from hotspots.pipeline import foretold
from hotspots.pipeline.folders import MANIFEST
from hotspots.pipeline.inputs import code_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from hotspots.pipeline.run import Run
    from hotspots.publish import Publication

_PARTS = ("kept", "unlocated", "excluded", "duplicate", "quarantined")


def made_on(run: Run) -> dt.date:
    """
    Return the day to print as "made on".

    The day on which these very inputs were first published here, so that making the same
    outputs again gives the same bytes; otherwise today.
    """
    manifest = store.read_json(run.maps_folder / MANIFEST)
    if isinstance(manifest, dict) and manifest.get("run_id") == run.run_id:
        day: str = manifest["made_on"]
        # A day before the data it shows is from a clock that had been set back.
        if day >= manifest["data_months"][-1]:
            return dt.date.fromisoformat(day)
    return dt.datetime.now(tz=dt.UTC).date()


def write_manifest(run: Run, content: Publication, *, made_on: dt.date, notes: list[str]) -> None:
    """Write ``manifest.json`` beside the pages of a draft, with the hash of every output."""
    account = store.read_table(schema.ACCOUNT, run.draft_tables)
    drawn = content.hotspots["crime_group"].value_counts()
    found = {
        "run_id": run.run_id,
        "version": __version__,
        "code": code_hash(),
        "made_on": made_on.isoformat(),
        "area": {"id": content.area_id, "name": content.area_name},
        "until": run.until,
        "data_months": [f"{month:%Y-%m}" for month in content.data_months],
        "window": [f"{content.window_start:%Y-%m}", f"{content.window_end:%Y-%m}"],
        "settings": run.settings_record,
        "parameters": dict(content.method),
        "inputs": [file.record() for file in run.inputs],
        "row_account": row_account(account),
        "hotspots": {name: int(drawn.get(name, 0)) for name in content.crime_groups},
        "scores": foretold.record(store.read_table(schema.SCORES, run.draft_tables)),
        "notes": notes,
        "not_refreshed": list(run.not_refreshed),
        "alerts": _alerts(content.alerts),
        "districts": _districts(content.areas),
        "pages": [
            "index.html",
            *(f"{slug}.html" for slug in content.districts["slug"]),
            "changes.html",
        ],
        "outputs": [
            *_outputs(run.draft_tables, "processed"),
            *_outputs(run.draft_maps, "maps"),
        ],
    }
    store.write_json(found | {"seal": seal(found)}, run.draft_maps / MANIFEST)


def seal(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest's content, its own seal left out."""
    content = {key: value for key, value in manifest.items() if key != "seal"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def require_districts(run: Run, areas: pd.DataFrame) -> None:
    """
    Make sure that no district of the last good outputs has gone from the boundaries.

    Parameters
    ----------
    run : Run
        Not asked where it is forced, or where the settings name other boundaries than before.
    areas : DataFrame
        ``schema.AREAS`` of this run.

    Raises
    ------
    InputError
        Naming the districts that are missing; the last good outputs stay.
    """
    manifest = store.read_json(run.maps_folder / MANIFEST)
    if run.is_forced or not isinstance(manifest, dict):
        return
    settings = manifest.get("settings")
    named = settings.get("boundaries") if isinstance(settings, dict) else None
    if named != run.settings_record["boundaries"]:
        return
    here = {each["code"] for each in _districts(areas)}
    gone = [each for each in manifest.get("districts", []) if each["code"] not in here]
    if gone:
        files = [layer["file"] or layer["url"] for layer in named if layer["level"] == "district"]
        names = ", ".join(f"{each['name']} ({each['code']})" for each in gone)
        msg = (
            f"{', '.join(files)}: {names} is no longer among the districts, though the outputs "
            "there are now have it. Put the whole file back; if it is meant, run "
            "hotspots refresh --force."
        )
        raise InputError(msg)


def write_alerts(run: Run, made_on: dt.date) -> None:
    """Add the age of the data to the alerts that reading found, and store them all."""
    from hotspots.pipeline import alerts

    coverage = store.read_table(schema.COVERAGE, run.draft_tables)
    age = alerts.stale(
        coverage.dropna(subset="list_id")["month"].max(),
        made_on=made_on,
        after_days=run.settings.publish.stale_after_days,
    )
    found = store.read_table(schema.ALERTS, run.draft_folder)
    both = alerts.table([*found.itertuples(index=False), *age.itertuples(index=False)])
    store.write_table(both, schema.ALERTS, run.draft_tables)


def row_account(account: pd.DataFrame) -> dict[str, Any]:
    """
    Nest the row account: total, then files, then their members.

    Parameters
    ----------
    account : DataFrame
        ``schema.ACCOUNT``.

    Returns
    -------
    dict
        ``total`` and, for each of ``files``, ``rows`` as {in, kept, unlocated, excluded,
        duplicate, quarantined}.
    """
    files = []
    for name, rows in account.groupby("file", sort=True):
        members = [
            {"member": row["member"], "rows": _rows(rows.loc[[i]])}
            for i, row in rows.iterrows()
            if row["member"]
        ]
        files.append({"file": name, "rows": _rows(rows), "members": members})
    return {"total": _rows(account), "files": files}


def _rows(account: pd.DataFrame) -> dict[str, int]:
    total = account[["rows_in", *_PARTS]].sum()
    return {"in": int(total["rows_in"]), **{part: int(total[part]) for part in _PARTS}}


def _alerts(alerts: pd.DataFrame) -> list[dict[Any, Any]]:
    months = alerts["month"].dt.strftime("%Y-%m")
    return alerts.assign(month=months).to_dict("records")


def _districts(areas: pd.DataFrame) -> list[dict[str, str]]:
    found = areas[areas["level"] == "district"].sort_values("area_code")
    return [
        {"code": code, "name": name}
        for code, name in zip(found["area_code"], found["name"], strict=True)
    ]


def _outputs(folder: Path, name: str) -> list[dict[str, Any]]:
    return [
        {
            "folder": name,
            "file": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": store.sha256(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    ]
