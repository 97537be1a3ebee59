"""A refreshed sample county that may be changed, for tests that look at how it stands."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots import store
from hotspots.pipeline import reports_index
from hotspots.pipeline.folders import Folders

if TYPE_CHECKING:
    from hotspots import pipeline


@dataclass(frozen=True)
class Standing:
    """Settings, inputs and outputs in one folder."""

    settings: Path
    folders: Folders

    @property
    def raw(self) -> store.RawStore:
        return store.RawStore(self.folders.raw)

    def keep(self, content: bytes = b"as received", label: str = "wards") -> store.RawFile:
        draft = self.raw.draft(label)
        draft.write_bytes(content)
        origin = store.Origin(
            "https://example.gov.uk/wards", "2024-05-06T07:08:09+00:00", "OGL", "Anytown"
        )
        return self.raw.keep(draft, source="layers", label=label, suffix=".csv", origin=origin)

    def report(self, quarter: str = "2024-Q1", run_id: str = "a run") -> Path:
        """Write what stands for a quarter's reports, listed."""
        folder = self.folders.maps / "reports" / quarter
        folder.mkdir(parents=True)
        (folder / "index.html").write_text("a report", encoding="utf-8")
        files = {"index.html": store.sha256(folder / "index.html")}
        made = {"files": files, "run_id": run_id, "made_on": "2024-05-06", "version": "0"}
        store.write_json(made | {"code": "c", "population": ["p"]}, folder / "report.json")
        reports_index.write(folder.parent)
        return folder


def standing(county: Path, refreshed: pipeline.Outcome, folder: Path) -> Standing:
    """Copy the sample county and what a refresh made of it into one folder."""
    shutil.copytree(county.parent, folder)
    base = refreshed.maps_folder.parents[1]
    shutil.copytree(base / "maps", folder / "maps")
    shutil.copytree(base / "data", folder / "data", dirs_exist_ok=True)
    settings = folder / county.name
    return Standing(settings, Folders.of(settings, refreshed.area_id, None))


def flip(path: Path) -> None:
    """Change one byte in the middle of a file; its size stays."""
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
