"""`hotspots status`: true of what is here, and of what the next refresh would do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from hotspots import pipeline, store
from hotspots.pipeline.status import status
from pipeline.standing_area import Standing, flip, standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOON = dt.date(2024, 5, 1)


@pytest.fixture
def area(county: Path, refreshed: pipeline.Outcome, tmp_path: Path) -> Standing:
    return standing(county, refreshed, tmp_path / "area")


def test_all_that_is_here_is_told(area: Standing, refreshed: pipeline.Outcome) -> None:
    area.keep()
    area.report("2023-Q4")
    area.report("2024-Q1")

    found = status(area.settings, today=SOON)

    assert found.area == "Saltmarrow"
    assert found.data is not None
    assert (found.data.first, found.data.last) == ("2021-04", "2024-03")
    assert found.data.missing == ("2021-09", "2022-05")
    assert (found.data.age_days, found.data.is_stale) == (30, False)
    assert found.refreshed is not None
    assert found.refreshed.run_id == store.read_json(area.folders.maps / "manifest.json")["run_id"]
    assert len(found.refreshed.code) == 64
    drawn = {group: sum(labels.values()) for group, labels in found.hotspots.items()}
    assert drawn == {group: n for group, n in refreshed.hotspots.items() if n}
    assert found.reports == ("2023-Q4", "2024-Q1")
    assert min(found.disk_bytes.values()) > 0
    assert (found.lock, found.is_cut_short, found.damaged) == ("free", False, ())
    assert (found.reasons, found.problem, found.is_lacking) == ((), "", False)


def test_data_is_stale_after_the_days_of_the_settings(area: Standing) -> None:
    for today, is_stale in ((dt.date(2024, 6, 30), False), (dt.date(2024, 7, 1), True)):
        found = status(area.settings, today=today)
        assert found.data is not None
        assert (found.data.age_days > 90) is found.data.is_stale is is_stale
        assert found.is_lacking is is_stale


def more(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, encoding="utf-8")


CHANGES: dict[str, tuple[Callable[[Standing], object], str]] = {
    "nothing": (lambda _: None, ""),
    "a comment": (lambda area: more(area.settings, "# words\n"), ""),
    "a setting": (
        lambda area: more(area.settings, "[clustering]\nmax_width_m = 300\n"),
        "settings changed: clustering",
    ),
    "an input": (
        lambda area: more(area.settings.parent / "inputs/places/schools.csv", "\n"),
        "changed files: inputs/places/schools.csv",
    ),
    "a new file": (
        lambda area: (area.settings.parent / "inputs/police_uk/new.zip").write_bytes(b"x"),
        "new files: inputs/police_uk/new.zip",
    ),
    "a file less": (
        lambda area: (area.settings.parent / "inputs/police_uk/2022-08.zip").unlink(),
        "files that are gone: inputs/police_uk/2022-08.zip",
    ),
    "a lost page": (
        lambda area: (area.folders.maps / "index.html").unlink(),
        "outputs that are gone or of another size: maps/index.html",
    ),
    "a flipped byte": (lambda area: flip(area.folders.maps / "index.html"), ""),
    "a damaged manifest": (
        lambda area: (area.folders.maps / "manifest.json").write_text("{"),
        "the manifest is damaged",
    ),
    "no outputs": (
        lambda area: area.folders.maps.rename(area.folders.base / "away"),
        "nothing was",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_status_foretells_whether_the_next_refresh_makes_something(
    area: Standing, what: str
) -> None:
    change, words = CHANGES[what]
    change(area)
    found = status(area.settings, today=SOON)
    assert words in "; ".join(found.reasons)
    with pipeline.session(area.settings) as run:
        assert run.is_current is (not found.reasons)
        assert run.is_current is (not words)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("version", "0.0.1", "the program was 0.0.1"),
        ("code", "0" * 64, "the program is another"),
        ("until", "2024-01", "ended with 2024-01"),
        ("run_id", "0" * 16, "the program is another"),
        ("not_refreshed", ["x: down"], "a source was down"),
    ],
)
def test_the_reason_is_named(area: Standing, key: str, value: object, words: str) -> None:
    path = area.folders.maps / "manifest.json"
    store.write_json(store.read_json(path) | {key: value}, path)
    found = status(area.settings, today=SOON)
    assert words in "; ".join(found.reasons)
    if key == "not_refreshed":
        assert found.not_refreshed == ("x: down",)


def test_before_anything_was_made(county: Path, tmp_path: Path) -> None:
    found = status(county, out=tmp_path, today=SOON)
    assert (found.data, found.refreshed, found.hotspots, found.reports) == (None, None, {}, ())
    assert found.reasons == ("nothing was made yet",)
    assert found.is_lacking
    assert list(tmp_path.iterdir()) == [], "to look writes nothing"


def test_missing_inputs_and_damaged_tables_are_told_and_no_failure(area: Standing) -> None:
    (area.settings.parent / "inputs/boundaries/wards.geojson").unlink()
    flip(area.folders.processed / "hotspots.parquet")
    (area.folders.processed / "coverage.parquet").unlink()
    found = status(area.settings, today=SOON)
    assert "wards.geojson" in found.problem
    assert found.is_lacking
    assert found.data is None
    assert any("coverage" in each for each in found.damaged)


def test_a_held_lock_and_a_killed_run_are_seen(area: Standing) -> None:
    with store.lock(area.folders.lock):
        assert status(area.settings).lock == "held"
    assert status(area.settings).lock == "free"
    area.folders.draft.mkdir()
    assert status(area.settings).is_cut_short
    store.write_json("x", area.folders.draft / "complete.json")
    assert "killed" in "; ".join(status(area.settings).reasons)


def test_sources_that_only_the_network_knows_are_named(tmp_path: Path) -> None:
    settings = tmp_path / "hotspots.toml"
    settings.write_text(
        '[area]\nid = "a"\nname = "A"\npolice_force = "a"\n[[boundaries]]\nlevel = "district"\n'
        'url = "https://example.gov.uk/d.geojson"\ncode = "c"\nname = "n"\n',
        encoding="utf-8",
    )
    found = status(settings)
    assert found.asks == ("https://data.police.uk", "https://example.gov.uk/d.geojson")
    assert "nothing is here yet" in found.problem
