"""What is here of an area and how fresh it is; nothing is written and no network is used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hotspots import __version__, schema, store
from hotspots.errors import DataMissingError, HotspotsError, InputError
from hotspots.pipeline import inputs as run_inputs
from hotspots.pipeline.folders import COMPLETE, MANIFEST, REPORTS, Folders
from hotspots.pipeline.raw_inputs import labels, resolve
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from hotspots.settings import Settings

FREE, HELD, UNKNOWN = "free", "held", "unknown"
"""States of the lock: nobody works on the area, a run does, or the lock may not be looked at."""

_NAMED = 3
"""Files named in a reason; the others are counted."""


@dataclass(frozen=True)
class Data:
    """
    The months there are.

    Attributes
    ----------
    first, last : str
        Months with records, ``YYYY-MM``.
    missing : tuple of str
        Months between them without any.
    age_days : int
        Days since the end of the last month.
    is_stale : bool
        Whether that is more than ``publish.stale_after_days``.
    """

    first: str
    last: str
    missing: tuple[str, ...]
    age_days: int
    is_stale: bool


@dataclass(frozen=True)
class Refreshed:
    """
    The last refresh.

    Attributes
    ----------
    made_on : str
        The day printed on the pages.
    written_at : str
        When the manifest was written, UTC, to the second.
    version, code, run_id : str
        Of the program, the hash of its files, and of the run.
    until : str or None
    """

    made_on: str
    written_at: str
    version: str
    code: str
    run_id: str
    until: str | None


@dataclass(frozen=True)
class Status:
    """
    What is here of an area.

    Attributes
    ----------
    area_id, area : str
    folder : Path
        Where the outputs go.
    today : date
    data : Data or None
        None before the first refresh.
    refreshed : Refreshed or None
    reasons : tuple of str
        Why the next refresh would make something new; empty if it would not.
    problem : str
        Why the next refresh would fail with what is here; empty if nothing is known.
    asks : tuple of str
        Sources that the next refresh asks for news, which only the network can tell.
    not_refreshed : tuple of str
        Sources that could not be used at the last refresh.
    hotspots : dict of crime group to dict of label to number
    reports : tuple of str
        Quarters that there are reports of.
    disk_bytes : dict of folder to bytes
    lock : str
    is_cut_short : bool
        Whether a run was killed and left something that the next one takes up or clears away.
    damaged : tuple of str
        What could not be read.
    """

    area_id: str
    area: str
    folder: Path
    today: dt.date
    data: Data | None = None
    refreshed: Refreshed | None = None
    reasons: tuple[str, ...] = ()
    problem: str = ""
    asks: tuple[str, ...] = ()
    not_refreshed: tuple[str, ...] = ()
    hotspots: dict[str, dict[str, int]] = field(default_factory=dict)
    reports: tuple[str, ...] = ()
    disk_bytes: dict[str, int] = field(default_factory=dict)
    lock: str = FREE
    is_cut_short: bool = False
    damaged: tuple[str, ...] = ()

    @property
    def is_lacking(self) -> bool:
        """Whether data is missing, cannot be used or is stale."""
        return self.data is None or self.data.is_stale or bool(self.problem)


def status(settings_file: Path, *, out: Path | None = None, today: dt.date | None = None) -> Status:
    """
    Look at what is here of an area.

    Parameters
    ----------
    settings_file : Path
    out : Path, optional
        As for a refresh.
    today : date, optional
        The day to count ages to; the day it is, UTC, if not given.

    Raises
    ------
    SettingsError
        If the settings cannot be used; whatever else is missing or damaged is told.
    """
    settings = load(settings_file)
    folders = Folders.of(settings_file, settings.area.id, out)
    day = today or dt.datetime.now(tz=dt.UTC).date()
    manifest = folders.manifest()
    reasons, problem = _next(settings, settings_file.resolve().parent, folders, manifest)
    damaged: list[str] = []
    return Status(
        settings.area.id, settings.area.name, folders.base, day,
        _data(settings, folders, day, damaged) if manifest else None,
        _refreshed(folders, manifest) if manifest else None,
        reasons, problem, _asks(settings),
        tuple(manifest["not_refreshed"]) if manifest else (),
        _hotspots(folders, damaged) if manifest else {},
        _reports(folders),
        {"raw": _size(folders.raw), "processed": _size(folders.processed),
         "maps": _size(folders.maps)},
        _lock(folders.lock), _is_cut_short(folders), tuple(damaged),
    )  # fmt: skip


# The next refresh


def _next(
    settings: Settings, home: Path, folders: Folders, manifest: dict[str, Any] | None
) -> tuple[tuple[str, ...], str]:
    """Say why the next refresh would make something new, and why it would fail."""
    try:
        local = resolve(settings, store.RawStore(folders.raw))
        found = run_inputs.gather(local, home)
    except (DataMissingError, InputError) as error:
        return (), str(error)
    if manifest is None:
        is_there = (folders.maps / MANIFEST).exists()
        return ("the manifest is damaged" if is_there else "nothing was made yet",), ""
    record = run_inputs.settings_record(settings, home)
    files = [file.record() for file in found]
    run_id = run_inputs.fingerprint(record, found, until=None)[:16]
    reasons = [*_changes(manifest, record, files)]
    if manifest["run_id"] != run_id and not reasons:
        reasons = ["the program is another than that of the last refresh"]
    return (*reasons, *_left_over(folders, manifest)), ""


def _changes(
    manifest: Mapping[str, Any], record: dict[str, Any], files: list[dict[str, Any]]
) -> Iterator[str]:
    if manifest["until"] is not None:
        yield f"the last refresh ended with {manifest['until']} (--until)"
    if manifest["version"] != __version__:
        yield f"the program was {manifest['version']} and is {__version__}"
    elif manifest.get("code") != run_inputs.code_hash():
        yield "the program is another than that of the last refresh"
    before = manifest["settings"]
    keys = sorted(key for key in {*before, *record} if before.get(key) != record.get(key))
    if keys:
        yield f"settings changed: {', '.join(keys)}"
    then = {(file["kind"], file["file"]): file["sha256"] for file in manifest["inputs"]}
    now = {(file["kind"], file["file"]): file["sha256"] for file in files}
    for words, names in (
        ("new files", now.keys() - then.keys()),
        ("files that are gone", then.keys() - now.keys()),
        ("changed files", {key for key in now.keys() & then.keys() if now[key] != then[key]}),
    ):
        if names:
            yield f"{words}: {_some(sorted(name for _, name in names))}"


def _left_over(folders: Folders, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say what else the next refresh would put right."""
    lacking = folders.lacking(manifest)
    if lacking:
        yield f"outputs that are gone or of another size: {_some(lacking)}"
    if (folders.draft / COMPLETE).exists():
        yield "a run was killed before it could say what it came to"
    if manifest["not_refreshed"]:
        yield "the pages say that a source was down"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _asks(settings: Settings) -> tuple[str, ...]:
    police = () if settings.police_uk.files else (str(settings.police_uk.url),)
    layers = (str(layer.url) for layer in labels(settings).values())
    return tuple(dict.fromkeys((*police, *layers)))


# What there is


def _data(settings: Settings, folders: Folders, today: dt.date, damaged: list[str]) -> Data | None:
    from hotspots.pipeline import alerts
    from hotspots.pipeline.coverage import observed

    coverage = _table(schema.COVERAGE, folders, damaged)
    if coverage is None:
        return None
    every = coverage[coverage["crime_type"] == schema.ALL_CRIME]
    there = every.loc[observed(every), "month"]
    if there.empty:
        return None
    lost = sorted(set(every["month"]) - set(there))
    age_days = alerts.age_days(there.max(), on=today)
    return Data(
        f"{there.min():%Y-%m}",
        f"{there.max():%Y-%m}",
        tuple(f"{month:%Y-%m}" for month in lost if there.min() < month < there.max()),
        age_days,
        age_days > settings.publish.stale_after_days,
    )


def _hotspots(folders: Folders, damaged: list[str]) -> dict[str, dict[str, int]]:
    table = _table(schema.HOTSPOTS, folders, damaged)
    if table is None or table.empty:
        return {}
    return {
        str(group): {str(label): int(n) for label, n in labels.value_counts().sort_index().items()}
        for group, labels in table.groupby("crime_group")["label"]
    }


def _table(wanted: schema.Schema, folders: Folders, damaged: list[str]) -> pd.DataFrame | None:
    try:
        return store.read_table(wanted, folders.processed)
    except HotspotsError as error:
        damaged.append(str(error))
        return None


def _refreshed(folders: Folders, manifest: Mapping[str, Any]) -> Refreshed:
    written = (folders.maps / MANIFEST).stat().st_mtime
    return Refreshed(
        manifest["made_on"],
        dt.datetime.fromtimestamp(written, tz=dt.UTC).isoformat(timespec="seconds"),
        manifest["version"],
        manifest.get("code", ""),
        manifest["run_id"],
        manifest["until"],
    )


def _reports(folders: Folders) -> tuple[str, ...]:
    made = (folders.maps / REPORTS).glob("[!.]*/index.html")
    return tuple(sorted(path.parent.name for path in made))


def _size(folder: Path) -> int:
    return sum(map(_size_of, folder.rglob("*")))


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # a refresh put something else in its place just now
        return 0


def _lock(path: Path) -> str:
    try:
        return HELD if store.is_locked(path) else FREE
    except OSError:
        return UNKNOWN


def _is_cut_short(folders: Folders) -> bool:
    lasts = (
        folder.with_name(f".{folder.name}.last") for folder in (folders.processed, folders.maps)
    )
    return folders.draft.exists() or any(last.exists() for last in lasts)
