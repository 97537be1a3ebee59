"""One run over one area: where it reads and writes, what is done already, and its lock."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots import store
from hotspots.errors import SettingsError
from hotspots.pipeline import inputs as run_inputs
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from hotspots.pipeline.inputs import InputFile
    from hotspots.settings import Settings

MANIFEST = "manifest.json"

_WHOSE = "run.json"
"""In a draft: the run that it belongs to; without it nobody takes the draft up."""

_COMPLETE = "complete.json"
"""In a draft: says that it is whole, so that what is left to do is to put it in place."""


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
    """

    is_new: bool
    area_id: str
    maps_folder: Path
    to_open: tuple[Path, ...]
    account: pd.DataFrame
    hotspots: dict[str, int]
    notes: tuple[str, ...]

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
    moved_note : str
        Said where outputs could not go beside the settings file; else empty.
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
    moved_note: str

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
        notes = tuple(note for note in (self.moved_note, *manifest["notes"]) if note)
        return Outcome(
            not self.is_current, self.area_id, self.maps_folder, tuple(pages), account,
            dict(manifest["hotspots"]), notes,
        )  # fmt: skip


@contextmanager
def session(
    settings_file: Path,
    *,
    out: Path | None = None,
    until: str | None = None,
    force: bool = False,
) -> Iterator[Run]:
    """
    Open a run: read the settings, take the lock, look at the inputs.

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
    base, moved_note = _base(home, out)
    processed = base / "data" / "processed"
    with store.plain_errors(base), store.lock(processed / f".{settings.area.id}.lock"):
        yield _open(settings, home, base, until, force=force, moved_note=moved_note)


def _base(home: Path, out: Path | None) -> tuple[Path, str]:
    """Choose the folder that outputs go to, and what to say of the choice."""
    if out is not None:
        return out.resolve(), ""
    if not store.is_read_only(home):
        return home, ""
    here = Path.cwd()
    note = f"The folder of the settings file is read-only, so outputs go to {here}; or use --out."
    return here, note


def _open(
    settings: Settings, home: Path, base: Path, until: str | None, *, force: bool, moved_note: str
) -> Run:
    area = settings.area.id
    processed = base / "data" / "processed" / area
    maps = base / "maps" / area
    draft = processed.with_name(f".{area}.draft")
    was_cut_short = _mend(draft, processed, maps)
    found = run_inputs.gather(settings, home)
    record = run_inputs.settings_record(settings, home)
    run_id = run_inputs.fingerprint(record, found, until=until)[:16]
    # A run that died before it could say what it came to is done again, so that someone is told.
    is_current = not (force or was_cut_short) and _is_published(maps, processed, run_id)
    if force or is_current or store.read_json(draft / _WHOSE) != run_id:
        _discard(draft)
    return Run(
        settings, home, record, found, until, run_id, processed, maps, draft, is_current, moved_note
    )


def _mend(draft: Path, processed: Path, maps: Path) -> bool:
    """Undo or finish what a run killed in its last step left; say whether it was complete."""
    store.restore_folder(processed)
    store.restore_folder(maps)
    is_complete = (draft / _COMPLETE).exists()
    if is_complete:
        _put_in_place(draft, processed, maps)
    return is_complete


def _is_published(maps: Path, processed: Path, run_id: str) -> bool:
    """Say whether the last good outputs are of this run and all of them are still there."""
    manifest = store.read_json(maps / MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("run_id") != run_id:
        return False
    folders = {"maps": maps, "processed": processed}
    return all(
        (folders[output["folder"]] / output["file"]).is_file()
        and (folders[output["folder"]] / output["file"]).stat().st_size == output["bytes"]
        for output in manifest["outputs"]
    )


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
    store.write_json(run.run_id, run.draft_folder / _COMPLETE)
    _put_in_place(run.draft_folder, run.processed_folder, run.maps_folder)


def _put_in_place(draft: Path, processed: Path, maps: Path) -> None:
    for part, final in ((draft / "processed", processed), (draft / "maps", maps)):
        if part.exists():  # else it is in place already
            store.replace_folder(part, final)
    _discard(draft)


def _discard(draft: Path) -> None:
    """Remove a draft; a kill on the way leaves nothing that a later run would take up."""
    for mark in (_WHOSE, _COMPLETE):
        (draft / mark).unlink(missing_ok=True)
    shutil.rmtree(draft, ignore_errors=True)
