"""Where an area's files are: what is published of it, what is kept, and where a run works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots import store

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = "manifest.json"

REPORTS = "reports"
"""Folder of the maps that holds the quarterly reports."""

COMPLETE = "complete.json"
"""In a draft: says that it is whole, so that what is left to do is to put it in place."""


_KEYS = frozenset(
    {"inputs", "made_on", "not_refreshed", "outputs", "run_id", "settings", "until", "version"}
)
_FILES = {"inputs": {"file", "kind", "sha256"}, "outputs": {"bytes", "file", "folder", "sha256"}}
"""What a manifest cannot be read without."""


@dataclass(frozen=True)
class Folders:
    """
    The folders of one area.

    Attributes
    ----------
    name : str
        Id of the area.
    base : Path
        Below it are ``data/processed`` and ``maps``.
    raw : Path
        Files kept exactly as received; one folder for all areas.
    moved : str
        What to say if outputs do not go beside the settings file though nobody chose so.
    """

    name: str
    base: Path
    raw: Path
    moved: str = ""

    @classmethod
    def of(cls, settings_file: Path, area_id: str, out: Path | None) -> Folders:
        """
        Choose the folders of the area of a settings file.

        Parameters
        ----------
        settings_file : Path
        area_id : str
        out : Path or None
            Base of the outputs; if not given beside the settings file, or the current folder
            where that one is read-only.
        """
        home = settings_file.resolve().parent
        if out is not None:
            return cls(area_id, out.resolve(), home / "data" / "raw")
        if not store.is_read_only(home):
            return cls(area_id, home, home / "data" / "raw")
        here = Path.cwd()
        moved = (
            f"The folder of the settings file is read-only, so outputs go to {here}; or use --out."
        )
        return cls(area_id, here, here / "data" / "raw", moved)

    @property
    def processed(self) -> Path:
        """Tables of the last refresh."""
        return self.base / "data" / "processed" / self.name

    @property
    def maps(self) -> Path:
        """Pages and files of the last refresh."""
        return self.base / "maps" / self.name

    @property
    def draft(self) -> Path:
        """Where a run writes until it is complete."""
        return self.processed.with_name(f".{self.name}.draft")

    @property
    def lock(self) -> Path:
        """The lock of the area."""
        return self.processed.with_name(f".{self.name}.lock")

    def manifest(self) -> dict[str, Any] | None:
        """Return the manifest of the last refresh; None if there is none or it is damaged."""
        found = store.read_json(self.maps / MANIFEST)
        if not isinstance(found, dict) or not found.keys() >= _KEYS:
            return None
        is_sound = isinstance(found["settings"], dict) and all(
            isinstance(found[part], list)
            and all(isinstance(file, dict) and file.keys() >= keys for file in found[part])
            for part, keys in _FILES.items()
        )
        return found if is_sound else None

    def of_output(self, output: Mapping[str, Any]) -> Path:
        """Return where an output of the manifest is."""
        folder: Path = {"maps": self.maps, "processed": self.processed}[output["folder"]]
        return folder / str(output["file"])

    def lacking(self, manifest: Mapping[str, Any]) -> list[str]:
        """Name the outputs of a manifest that are not there any more, or of another size."""
        return [
            f"{output['folder']}/{output['file']}"
            for output in manifest["outputs"]
            if not (path := self.of_output(output)).is_file()
            or path.stat().st_size != output["bytes"]
        ]
