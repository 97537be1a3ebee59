"""The list of reports: there before the first one, and the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspots.pipeline import reports_index

if TYPE_CHECKING:
    from pathlib import Path


def made(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "index.html").write_text("", encoding="utf-8")
    reports_index.write(folder)
    return (folder / "index.html").read_text(encoding="utf-8")


def test_before_the_first_report_the_list_says_how_to_make_one(tmp_path: Path) -> None:
    assert "hotspots report" in made(tmp_path / "reports")


@pytest.mark.parametrize("names", [("2024-Q4", "2025-Q1"), ("2023-24-Q4", "2024-25-Q1")])
def test_reports_are_listed_with_the_latest_first(tmp_path: Path, names: tuple[str, str]) -> None:
    html = made(tmp_path, *names, ".hidden", "notes")
    assert -1 < html.find(f'href="{names[1]}/index.html"') < html.find(f"{names[0]}/index.html")
    assert html.count("<li>") == 2


def test_the_list_is_never_written_in_place(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "kept.html").hardlink_to(tmp_path / "index.html")
    before = (tmp_path / "kept.html").read_bytes()
    assert "2025-Q1" in made(tmp_path, "2025-Q1")
    assert (tmp_path / "kept.html").read_bytes() == before
