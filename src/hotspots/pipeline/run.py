"""One run over one area: where it reads and writes, what is done already, and its lock."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots import store
from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline import inputs as run_inputs
from hotspots.pipeline.folders import COMPLETE, MANIFEST, REPORTS, Folders
from hotspots.pipeline.raw_inputs import News, files_named, labels, resolve
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from hotspots.pipeline.fetch import Shared
    from hotspots.pipeline.inputs import InputFile
    from hotspots.settings import Settings

_WHOSE = "run.json"
"""In a draft: the run that it belongs to; without it nobody takes the draft up."""


@dataclass(frozen=True)
class Outcome:
    """
    What a run came to.

    Attributes
    ----------
    is_new : bool
        Whether anything was published; False if nothing had changed.
    area_id : str
    maps_folder : Path
    to_open : tuple of Path
        Pages for people, the overview first.
    account : DataFrame
        ``schema.ACCOUNT``.
    hotspots : dict of crime group to number of hotspots
    notes : tuple of str
    not_refreshed : tuple of str
        Sources that could not be used, and why; the last good data of them still counts.
    """

    is_new: bool
    area_id: str
    maps_folder: Path
    to_open: tuple[Path, ...]
    account: pd.DataFrame
    hotspots: dict[str, int]
    notes: tuple[str, ...]
    not_refreshed: tuple[str, ...] = ()

    def rows_by_file(self) -> pd.DataFrame:
        """Return rows in and what became of them, for each input file and in ``total``."""
        by_file = self.account.groupby("file", sort=False).sum(numeric_only=True)
        by_file.loc["total"] = by_file.sum()
        return by_file.rename(columns={"rows_in": "in"})


@dataclass(frozen=True)
class Run:
    """
    A run that holds the lock of its area.

    Attributes
    ----------
    settings : Settings
        With a local file in the place of everything that was fetched.
    home : Path
        Folder of the settings file.
    settings_record : dict
        The settings as the manifest shows them.
    inputs : tuple of InputFile
    until : str or None
        Last month to use, ``YYYY-MM``.
    run_id : str
        The first 16 digits of the fingerprint.
    processed_folder, maps_folder : Path
        Where the last good outputs are.
    draft_folder : Path
        Where this run writes until it is complete.
    is_current : bool
        Whether the last good outputs come from exactly these inputs.
    said : tuple of str
        What a person should know of this run and not of its outputs: where they go, what was
        fetched.
    not_refreshed : tuple of str
        Sources that could not be used, and why.
    is_forced : bool
        Whether it was asked for even if nothing changed, and whatever it says of the last one.
    """

    settings: Settings
    home: Path
    settings_record: dict[str, Any]
    inputs: tuple[InputFile, ...]
    until: str | None
    run_id: str
    processed_folder: Path
    maps_folder: Path
    draft_folder: Path
    is_current: bool
    said: tuple[str, ...] = ()
    not_refreshed: tuple[str, ...] = ()
    is_forced: bool = False

    @property
    def area_id(self) -> str:
        """The area's id."""
        return self.settings.area.id

    @property
    def draft_tables(self) -> Path:
        """Tables of this run."""
        return self.draft_folder / "processed"

    @property
    def draft_maps(self) -> Path:
        """Pages of this run."""
        return self.draft_folder / "maps"

    def is_done(self, stage: str) -> bool:
        """Say whether a killed run finished a stage of this very run, and left its files whole."""
        made = store.read_json(self.draft_folder / f"{stage}.done")
        return isinstance(made, dict) and made.items() <= self._made().items()

    def mark_done(self, stage: str) -> None:
        """Note that a stage is finished, and what the draft holds now."""
        store.write_json(self._made(), self.draft_folder / f"{stage}.done")

    def _made(self) -> dict[str, str]:
        """Hash every file that the stages so far have made."""
        files = [path for path in self.draft_folder.rglob("*") if path.is_file()]
        return {
            path.relative_to(self.draft_folder).as_posix(): store.sha256(path)
            for path in files
            if path.suffix not in {".done", ".partial"} and path.name != _WHOSE
        }

    def outcome(self) -> Outcome:
        """Say what there is now, from the published manifest and tables."""
        from hotspots import schema

        manifest = store.read_json(self.maps_folder / MANIFEST)
        pages = [self.maps_folder / page for page in manifest["pages"]]
        account = store.read_table(schema.ACCOUNT, self.processed_folder)
        return Outcome(
            not self.is_current, self.area_id, self.maps_folder, tuple(pages), account,
            dict(manifest["hotspots"]), (*self.said, *manifest["notes"]), self.not_refreshed,
        )  # fmt: skip


@contextmanager
def session(
    settings_file: Path,
    *,
    out: Path | None = None,
    until: str | None = None,
    force: bool = False,
    offline: bool = False,
    news: News | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Run]:
    """
    Open a run: read the settings, take the lock, fetch what is new, look at the inputs.

    Parameters
    ----------
    settings_file : Path
    out : Path, optional
        Folder for ``data/processed`` and ``maps``; beside the settings file if not given, or the
        current folder where that one is read-only.
    until : str, optional
        ``YYYY-MM``: work as if the data ended there.
    force : bool
        Run even if nothing changed.
    offline : bool
        Use no network: only what is here.
    news : News, optional
        What ``look`` came to; then no other look is taken.
    say : callable
        Told what is being fetched.

    Raises
    ------
    SettingsError, DataMissingError, InputError, LockedError
    HotspotsError
        If the outputs cannot be written, here or in what is done with the run.
    """
    settings = load(settings_file)
    if until is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", until):
        msg = f"--until {until!r} is not a month; write it as YYYY-MM, such as 2025-03."
        raise SettingsError(msg)
    home = settings_file.resolve().parent
    folders = Folders.of(settings_file, settings.area.id, out)
    with store.plain_errors(folders.base), store.lock(folders.lock):
        was_cut_short = _mend(folders)
        raw = store.RawStore(folders.raw)
        if news is None:
            news = News() if offline else _fetched(settings, raw, say)
        local = _local(settings, raw, news)
        raw.require_whole(files_named(local))
        found = run_inputs.gather(local, home)
        record = run_inputs.settings_record(settings, home)
        run_id = run_inputs.fingerprint(record, found, until=until)[:16]
        # A run that died before it could say what it came to is done again: someone is told.
        is_done = not (force or was_cut_short) and _is_published(folders, run_id, news, offline)
        if force or is_done or store.read_json(folders.draft / _WHOSE) != run_id:
            _discard(folders.draft)
        yield Run(
            local, home, record, found, until, run_id, folders.processed, folders.maps,
            folders.draft, is_done, tuple(filter(None, (folders.moved, *news.fetched))),
            tuple(news.not_refreshed), force,
        )  # fmt: skip


@dataclass(frozen=True)
class Published:
    """
    The last good outputs of an area, held by its lock.

    Attributes
    ----------
    settings : Settings
    home : Path
        Folder of the settings file.
    processed_folder, maps_folder : Path
    draft_folder : Path
        Where something may be made before it is put in place.
    manifest : dict
    """

    settings: Settings
    home: Path
    processed_folder: Path
    maps_folder: Path
    draft_folder: Path
    manifest: dict[str, Any]


@contextmanager
def published(settings_file: Path, *, out: Path | None = None) -> Iterator[Published]:
    """
    Hold the last good outputs of an area, so that no refresh replaces them meanwhile.

    Parameters
    ----------
    settings_file : Path
    out : Path, optional
        As for a refresh.

    Raises
    ------
    DataMissingError
        If there was no refresh before.
    SettingsError, LockedError
    HotspotsError
        If something cannot be written.
    """
    settings = load(settings_file)
    home = settings_file.resolve().parent
    folders = Folders.of(settings_file, settings.area.id, out)
    with store.plain_errors(folders.base), store.lock(folders.lock):
        _mend(folders)
        manifest = store.read_json(folders.maps / MANIFEST)
        if not isinstance(manifest, dict):
            msg = f"{folders.maps}: nothing is published there; run `hotspots refresh` first."
            raise DataMissingError(msg)
        draft = folders.processed.with_name(f".{folders.name}.report")
        yield Published(settings, home, folders.processed, folders.maps, draft, manifest)


def processed_folder(settings: Settings, settings_file: Path, out: Path | None) -> Path:
    """Return the folder of the tables of an area's last refresh, whether there was one or not."""
    return Folders.of(settings_file, settings.area.id, out).processed


def look(
    settings_file: Path,
    *,
    out: Path | None = None,
    shared: Shared | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> News:
    """
    Fetch what is new for an area and do nothing with it, so that a session need not look.

    Parameters
    ----------
    settings_file, out, say
        As for ``session``.
    shared : Shared, optional
        What was fetched for other areas; it is not asked for again.

    Raises
    ------
    SettingsError, InputError
    HotspotsError
        If nothing can be written there.
    """
    settings = load(settings_file)
    raw = store.RawStore(Folders.of(settings_file, settings.area.id, out).raw)
    return _fetched(settings, raw, say, shared)


def _fetched(
    settings: Settings,
    raw: store.RawStore,
    say: Callable[[str], None],
    shared: Shared | None = None,
) -> News:
    """Look for news, unless everything is named as a local file."""
    if settings.police_uk.files and not labels(settings):
        return News()
    from hotspots.pipeline.fetch import fetch

    # Areas that share a store take turns, so that sources are asked no faster for many of them.
    with store.plain_errors(raw.folder), store.lock(raw.folder / ".fetch.lock", waits=True):
        return fetch(settings, raw, shared=shared, say=say)


def _local(settings: Settings, raw: store.RawStore, news: News) -> Settings:
    """Put local files in the place of what is fetched; say why where there are none."""
    try:
        return resolve(settings, raw)
    except DataMissingError as error:
        raise DataMissingError("\n  ".join([str(error), *news.not_refreshed])) from error


def _mend(folders: Folders) -> bool:
    """Undo or finish what a run killed in its last step left; say whether it was complete."""
    store.restore_folder(folders.processed)
    store.restore_folder(folders.maps)
    is_complete = (folders.draft / COMPLETE).exists()
    if is_complete:
        _put_in_place(folders.draft, folders.processed, folders.maps)
    return is_complete


def _is_published(folders: Folders, run_id: str, news: News, offline: bool) -> bool:  # noqa: FBT001 - private
    """Say whether the last good outputs are of this run and all of them are still there."""
    manifest = store.read_json(folders.maps / MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("run_id") != run_id:
        return False
    if manifest.get("not_refreshed") and not (news.not_refreshed or offline):
        return False  # its pages still say that a source was down
    return not folders.lacking(manifest)


def begin(run: Run) -> None:
    """Make the draft folder of a run, or take up the one that a killed run left."""
    run.draft_tables.mkdir(parents=True, exist_ok=True)
    store.write_json(run.run_id, run.draft_folder / _WHOSE)


def complete(run: Run) -> None:
    """
    Put the finished tables and pages in the place of the last good ones.

    Once the draft is marked as complete, the next start finishes what a kill interrupts, so that
    tables and pages never stay of two runs.
    """
    from hotspots.pipeline import reports_index, sheets

    # No outputs of a refresh, and not in its manifest: one more of them makes nothing new.
    store.carry_folder(run.maps_folder / REPORTS, run.draft_maps / REPORTS)
    reports_index.write(run.draft_maps / REPORTS)
    sheets.carry(run.maps_folder, run.draft_maps)
    store.write_json(run.run_id, run.draft_folder / COMPLETE)
    _put_in_place(run.draft_folder, run.processed_folder, run.maps_folder)


def _put_in_place(draft: Path, processed: Path, maps: Path) -> None:
    finals = {draft / "processed": processed, draft / "maps": maps}
    # A part that is not there is in place already.
    store.replace_folders({part: final for part, final in finals.items() if part.exists()})
    _discard(draft)


def _discard(draft: Path) -> None:
    """Remove a draft; a kill on the way leaves nothing that a later run would take up."""
    for mark in (_WHOSE, COMPLETE):
        (draft / mark).unlink(missing_ok=True)
    shutil.rmtree(draft, ignore_errors=True)
