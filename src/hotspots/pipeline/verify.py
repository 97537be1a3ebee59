"""Every output, input and raw file held against its hash, and nothing there that nobody lists."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots import store
from hotspots.errors import DataMissingError, LockedError
from hotspots.pipeline import reports_index, sheets
from hotspots.pipeline.agreement import Fault, disagreements
from hotspots.pipeline.folders import MANIFEST, REPORTS, Folders
from hotspots.pipeline.inputs import code_hash
from hotspots.pipeline.manifest import seal
from hotspots.pipeline.report import RECORD
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Step = Callable[[int, int], None]

_AGAIN = "Run hotspots refresh --force to make the outputs again."
_REPORT_AGAIN = "Run hotspots report --quarter {} to make it again."
_LIST_AGAIN = "Run hotspots report, which writes the list of reports anew."
_MOVE = "Move it away if it is yours; nothing reads it."


@dataclass(frozen=True)
class Verified:
    """
    What became of looking at everything.

    Attributes
    ----------
    area_id : str
    maps_folder : Path
    checked : dict of str to int
        How many of each kind were looked at.
    faults : tuple of Fault
        What does not hold, and what to do; none if all holds.
    """

    area_id: str
    maps_folder: Path
    checked: dict[str, int]
    faults: tuple[Fault, ...]


class _Look:
    """One look at an area: what is wrong so far, and how many were looked at."""

    def __init__(self, folders: Folders, total: int, step: Step) -> None:
        self.folders = folders
        self.checked: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self._total, self._step = total, step

    def saw(self, kind: str) -> None:
        """Count one."""
        self.checked[kind] += 1
        self._step(self.checked.total(), self._total)

    def blame(self, what: Path | str, found: str, fix: str) -> None:
        """Note that something does not hold."""
        self.faults.append(Fault(str(what), found, fix))

    def hold(self, path: Path, sha256: object, kind: str, fix: str) -> None:
        """Hold a file against its hash."""
        self.saw(kind)
        try:
            found = "" if store.sha256(path) == sha256 else "it is not as it was made"
        except FileNotFoundError:
            found = "it is gone"
        except OSError as error:
            found = f"it cannot be read ({error.strerror})"
        if found:
            self.blame(path, found, fix)


def verify(
    settings_file: Path,
    *,
    out: Path | None = None,
    step: Step = lambda _done, _total: None,
) -> Verified:
    """
    Look whether everything of an area is as its manifest says; nothing is written.

    Parameters
    ----------
    settings_file : Path
    out : Path, optional
        As for a refresh.
    step : callable
        Told after each file how many were looked at, and how many there are.

    Raises
    ------
    DataMissingError
        If there was no refresh.
    LockedError
        If a refresh is at work, or ended meanwhile.
    SettingsError
    """
    folders = Folders.of(settings_file, load(settings_file).area.id, out)
    if not (folders.maps / MANIFEST).exists():
        msg = f"{folders.maps}: nothing is published there; run `hotspots refresh` first."
        raise DataMissingError(msg)
    _require_quiet(folders)
    before = store.sha256(folders.maps / MANIFEST)
    manifest = folders.manifest()
    look = _Look(folders, _total(folders, manifest), step)
    _manifest(look, manifest)
    if manifest is not None:
        _outputs(look, manifest)
        _inputs(look, manifest, settings_file.resolve().parent)
    _raw(look)
    _reports(look)
    _sheets(look, manifest)
    if manifest is not None:
        _index_of_reports(look, manifest)
        _unlisted(look, manifest)
        look.faults += disagreements(folders, manifest)
    _require_same(folders, before)
    return Verified(folders.name, folders.maps, dict(look.checked), tuple(look.faults))


def _require_quiet(folders: Folders) -> None:
    try:
        is_held = store.is_locked(folders.lock)
    except OSError:  # a copy that may not be written to: nobody refreshes it
        return
    if is_held:
        msg = f"A run is working on this area (lock {folders.lock}); verify when it has ended."
        raise LockedError(msg)


def _require_same(folders: Folders, before: str) -> None:
    path = folders.maps / MANIFEST
    if not path.exists() or store.sha256(path) != before:
        msg = f"{path}: a refresh replaced it meanwhile; verify again."
        raise LockedError(msg)


def _total(folders: Folders, manifest: Mapping[str, Any] | None) -> int:
    listed = len(manifest["outputs"]) + len(manifest["inputs"]) if manifest else 0
    records = sum(1 for _ in folders.raw.glob("[!.]*/*.origin.json"))
    reports = sum(1 for path in (folders.maps / REPORTS).rglob("*") if path.name != RECORD)
    return 1 + listed + records + reports


def _manifest(look: _Look, manifest: Mapping[str, Any] | None) -> None:
    path = look.folders.maps / MANIFEST
    look.saw("manifest")
    if manifest is None:
        look.blame(path, "it is damaged", _AGAIN)
    elif "seal" not in manifest:
        look.blame(path, "it is of an older version and bears no seal", _AGAIN)
    elif manifest["seal"] != seal(manifest):
        look.blame(path, "it was changed after it was written", _AGAIN)


def _outputs(look: _Look, manifest: Mapping[str, Any]) -> None:
    for output in manifest["outputs"]:
        if output["folder"] in {"maps", "processed"}:
            look.hold(look.folders.of_output(output), output["sha256"], "outputs", _AGAIN)


def _inputs(look: _Look, manifest: Mapping[str, Any], home: Path) -> None:
    for file in manifest["inputs"]:
        fix = "Put it back from a backup; or run hotspots refresh to make outputs of what is there."
        look.hold(home / str(file["file"]), file["sha256"], "inputs", fix)


def _raw(look: _Look) -> None:
    for file, fault in store.RawStore(look.folders.raw).look():
        look.saw("raw files")
        if fault:
            what, _, rest = fault.partition(": ")
            found, _, fix = rest.partition(". " if ". " in rest else "; ")
            look.blame(what if file is None else file.path, found, fix or _MOVE)


def _reports(look: _Look) -> None:
    for folder in sorted((look.folders.maps / REPORTS).glob("[!.]*")):
        fix = _REPORT_AGAIN.format(folder.name)
        if folder.name == reports_index.INDEX:
            continue
        if not folder.is_dir():
            look.blame(folder, "no report lists it", _MOVE)
            continue
        record = store.read_json(folder / RECORD)
        files = record.get("files") if isinstance(record, dict) else None
        if not isinstance(files, dict):
            look.blame(folder / RECORD, "the list of these reports is damaged or gone", fix)
            continue
        for name, sha256 in files.items():
            look.hold(folder / name, sha256, "reports", fix)
        for path in _files(folder):
            if path.relative_to(folder).as_posix() not in {*files, RECORD}:
                look.blame(path, "no report lists it", _MOVE)


def _index_of_reports(look: _Look, manifest: Mapping[str, Any]) -> None:
    """Hold the list of reports against those that are there, which the same code lists alike."""
    folder = look.folders.maps / REPORTS
    if manifest.get("code") == code_hash():
        page = reports_index.index_html(folder).encode()
        path = folder / reports_index.INDEX
        look.hold(path, hashlib.sha256(page).hexdigest(), "reports", _LIST_AGAIN)


def _sheets(look: _Look, manifest: Mapping[str, Any] | None) -> None:
    """Hold the sheets that somebody asked for against their list."""
    own = _of_refresh(manifest)
    for name, sha256 in sheets.listed(look.folders.maps).items():
        if f"{sheets.SITES}/{name}" not in own:
            fix = "Run hotspots site to make it again."
            look.hold(look.folders.maps / sheets.SITES / name, sha256, "site sheets", fix)


def _of_refresh(manifest: Mapping[str, Any] | None) -> set[str]:
    outputs = manifest["outputs"] if manifest else ()
    return {str(output["file"]) for output in outputs if output["folder"] == "maps"}


def _unlisted(look: _Look, manifest: Mapping[str, Any]) -> None:
    folders = look.folders
    tables = {str(out["file"]) for out in manifest["outputs"] if out["folder"] == "processed"}
    asked_for = (sheets.SHEETS, *sheets.listed(folders.maps))
    listed = {
        *(folders.processed / name for name in tables),
        *(folders.maps / name for name in (MANIFEST, *_of_refresh(manifest))),
        *(folders.maps / sheets.SITES / name for name in asked_for),
    }
    for path in (*_files(folders.processed), *_files(folders.maps)):
        is_report = path.is_relative_to(folders.maps / REPORTS)
        if path not in listed and not is_report:
            look.blame(path, "no list has it", _MOVE)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
