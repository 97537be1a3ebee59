"""Site sheets that somebody asked for: listed with their hashes, kept when pages are renewed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hotspots import store

if TYPE_CHECKING:
    from pathlib import Path

SITES = "sites"
"""Folder of the maps that holds the site sheets."""

SHEETS = "sheets.json"
"""In it: the sheets that were asked for, which no manifest has, and their hashes."""


def listed(maps: Path) -> dict[str, str]:
    """Return the sheets that were asked for, and the hash of each; none if the list is damaged."""
    found = store.read_json(maps / SITES / SHEETS)
    return found if isinstance(found, dict) else {}


def note(maps: Path, sheet: Path) -> None:
    """List a sheet that was just written among those of ``maps``."""
    known = listed(maps) | {sheet.name: store.sha256(sheet)}
    store.write_json(known, maps / SITES / SHEETS)


def carry(maps: Path, draft: Path) -> None:
    """
    Have the sheets that were asked for beside new pages too, as they were made.

    One that the refresh made itself of the same place is newer, and stays in its stead.

    Parameters
    ----------
    maps, draft : Path
        Folder of the pages as they are, and of those that take their place.
    """
    known = listed(maps)
    asked = [path for path in (maps / SITES).glob("*.html") if path.name in known]
    kept = [path for path in asked if not (draft / SITES / path.name).exists()]
    if not kept:
        return
    (draft / SITES).mkdir(exist_ok=True)
    for path in kept:
        shutil.copy2(path, draft / SITES / path.name)
    store.write_json({path.name: known[path.name] for path in kept}, draft / SITES / SHEETS)
