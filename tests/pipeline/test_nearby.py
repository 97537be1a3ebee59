"""The area of the settings that `hotspots check` judges by."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapely import Point

from hotspots.errors import SettingsError
from hotspots.pipeline.nearby import area_if_any, area_of


def test_the_districts_of_the_settings_are_the_area(county: Path) -> None:
    area = area_of(county)
    assert area is not None
    assert area.contains(Point(228_000, 431_000))
    assert not area.contains(Point(353_000, 429_000))
    again = area_if_any(county)
    assert again is not None
    assert again.equals(area)


def test_settings_without_outlines_here_have_no_area(tmp_path: Path) -> None:
    path = tmp_path / "hotspots.toml"
    path.write_text(
        '[area]\nid = "a"\nname = "A"\n[police_uk]\nfiles = ["*.zip"]\n[[boundaries]]\n'
        'level = "district"\nurl = "https://example.org/areas"\ncode = "c"\nname = "n"\n'
    )
    assert area_of(path) is None


def test_settings_that_are_not_there_or_wrong_are_no_hindrance_unless_named(tmp_path: Path) -> None:
    path = tmp_path / "hotspots.toml"
    assert area_if_any(path) is None
    path.write_text("[area")
    assert area_if_any(path) is None
    with pytest.raises(SettingsError):
        area_of(path)
