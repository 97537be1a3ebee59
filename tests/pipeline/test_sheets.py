"""Site sheets that somebody asked for outlive the pages that they were made beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspots import pipeline, store
from hotspots.pipeline import sheets, site, site_place
from hotspots.pipeline.verify import verify
from pipeline.standing_area import standing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    """Pages beside which two sheets were asked for, and a draft of those that follow."""
    for name in ("maps", "draft"):
        (tmp_path / name / sheets.SITES).mkdir(parents=True)
    return tmp_path / "maps"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / sheets.SITES / name
    path.write_text(text, encoding="utf-8")
    return path


def test_sheets_are_carried_with_their_list(maps: Path) -> None:
    draft = maps.with_name("draft")
    sheets.note(maps, write(maps, "quay.html", "a quay"))
    sheets.note(maps, write(maps, "HS-1.html", "a hotspot, then"))
    write(maps, "HS-2.html", "of the refresh before")
    write(draft, "HS-1.html", "a hotspot, now")
    sheets.carry(maps, draft)
    found = {path.name: path.read_text() for path in (draft / sheets.SITES).glob("*.html")}
    assert found == {"quay.html": "a quay", "HS-1.html": "a hotspot, now"}
    assert sheets.listed(draft) == {"quay.html": store.sha256(maps / sheets.SITES / "quay.html")}


def test_only_what_lies_there_is_carried(maps: Path) -> None:
    draft = maps.with_name("draft")
    outside = maps.with_name("secret.html")
    outside.write_text("not a sheet")
    known = {"../../secret.html": "0", "gone.html": "0"}
    store.write_json(known, maps / sheets.SITES / sheets.SHEETS)
    sheets.carry(maps, draft)
    assert list((draft / sheets.SITES).iterdir()) == []
    (maps / sheets.SITES / sheets.SHEETS).write_text("[1, 2")
    assert sheets.listed(maps) == {}
    sheets.carry(maps, draft)
    sheets.carry(maps.with_name("no maps yet"), draft)
    assert list((draft / sheets.SITES).iterdir()) == []


def test_a_refresh_keeps_a_sheet_that_was_asked_for(
    county: Path, refreshed: pipeline.Outcome, tmp_path: Path
) -> None:
    area = standing(county, refreshed, tmp_path / "area")
    sheet = site.write_sheet(
        area.settings, lambda content: site_place.at_point(content, 231_850, 428_350)
    )
    before = sheet.path.read_bytes()
    pipeline.refresh(area.settings, force=True, say=lambda _: None)
    assert sheet.path.read_bytes() == before
    assert verify(area.settings).faults == ()
