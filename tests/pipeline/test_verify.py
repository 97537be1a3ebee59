"""`hotspots verify`: silent while all holds, and no change to any kind of file goes unseen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from hotspots import pipeline, store
from hotspots.errors import DataMissingError, LockedError
from hotspots.pipeline import site, site_place
from hotspots.pipeline.verify import verify
from pipeline.standing_area import Standing, flip, standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def area(county: Path, refreshed: pipeline.Outcome, tmp_path: Path) -> Standing:
    return standing(county, refreshed, tmp_path / "area")


def faults(area: Standing) -> list[tuple[str, str]]:
    home = area.folders.base
    return [
        (each.what.removeprefix(f"{home}/"), each.found) for each in verify(area.settings).faults
    ]


def test_all_holds_after_a_refresh_a_report_and_a_sheet(area: Standing) -> None:
    area.keep()
    area.report()
    sheet = site.write_sheet(
        area.settings, lambda content: site_place.at_point(content, 231_850, 428_350)
    )
    hotspot = json.loads((area.folders.maps / "hotspots.geojson").read_text("utf-8"))["features"][0]
    site.write_sheet(
        area.settings,
        lambda content: site_place.at_hotspot(content, hotspot["properties"]["hotspot_id"]),
    )
    steps: list[tuple[int, int]] = []

    found = verify(area.settings, step=lambda done, total: steps.append((done, total)))

    assert found.faults == ()
    assert found.checked["outputs"] > 30
    assert found.checked["inputs"] > 10
    assert found.checked["raw files"] == 1
    assert found.checked["reports"] == 2
    assert found.checked["site sheets"] >= 1
    assert [done for done, _ in steps] == list(range(1, sum(found.checked.values()) + 1))
    flip(sheet.path)
    assert faults(area) == [
        (f"maps/saltmarrow/sites/{sheet.path.name}", "it is not as it was made")
    ]


def edited(area: Standing, key: str, value: object) -> None:
    path = area.folders.maps / "manifest.json"
    manifest = store.read_json(path)
    store.write_json(manifest | {key: value}, path)


OUTPUTS: dict[str, tuple[str, str]] = {
    "a page": ("maps/saltmarrow/kelderwick.html", "it is not as it was made"),
    "a list": ("maps/saltmarrow/hotspots.csv", "it is not as it was made"),
    "a map layer": ("maps/saltmarrow/hotspots.gpkg", "it is not as it was made"),
    "a table": ("data/processed/saltmarrow/lamps.parquet", "it is not as it was made"),
    "records": ("inputs/police_uk/2023-07.zip", "it is not as it was made"),
    "a council's file": ("inputs/lighting/kelderwick_lights.csv", "it is not as it was made"),
}


@pytest.mark.parametrize("what", OUTPUTS)
def test_a_flipped_byte_and_a_lost_file_are_found(area: Standing, what: str) -> None:
    name, words = OUTPUTS[what]
    flip(area.folders.base / name)
    assert (name, words) in faults(area)
    (area.folders.base / name).unlink()
    assert faults(area) == [(name, "it is gone")]


@pytest.mark.parametrize(
    "name",
    [
        "maps/saltmarrow/extra.html",
        "maps/saltmarrow/sites/extra.html",
        "data/processed/saltmarrow/extra.parquet",
        "data/processed/saltmarrow/old/extra.parquet",
    ],
)
def test_a_file_that_no_list_has_is_found(area: Standing, name: str) -> None:
    path = area.folders.base / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x", encoding="utf-8")
    assert faults(area) == [(name, "no list has it")]


@pytest.mark.parametrize("key", ["run_id", "made_on", "notes", "hotspots", "scores", "new"])
def test_an_edited_manifest_is_found(area: Standing, key: str) -> None:
    edited(area, key, "other")
    assert faults(area) == [
        ("maps/saltmarrow/manifest.json", "it was changed after it was written")
    ]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"outputs": []}', '{"outputs": [1], "inputs": [], "settings": {}}']
)
def test_a_damaged_manifest_is_found(area: Standing, content: str) -> None:
    path = area.folders.maps / "manifest.json"
    path.write_text(content, encoding="utf-8")
    assert faults(area) == [("maps/saltmarrow/manifest.json", "it is damaged")]


def test_a_manifest_without_a_seal_is_of_an_older_version(area: Standing) -> None:
    path = area.folders.maps / "manifest.json"
    manifest = store.read_json(path)
    del manifest["seal"]
    store.write_json(manifest, path)
    assert "bears no seal" in faults(area)[0][1]


def renamed(file: store.RawFile) -> None:
    """Give a raw file, in its name and its record, another hash."""
    other = file.path.name.replace(file.sha256[:12], "0" * 12)
    record = file.path.with_name(f"{file.path.name}.origin.json")
    store.write_json(
        store.read_json(record) | {"file": other}, record.with_name(f"{other}.origin.json")
    )
    file.path.rename(file.path.with_name(other))
    record.unlink()


RAW: dict[str, tuple[Callable[[store.RawFile], object], str]] = {
    "flipped": (lambda file: flip(file.path), "not as it was received"),
    "lost": (lambda file: file.path.unlink(), "missing or cannot be read"),
    "unrecorded": (
        lambda file: file.path.with_name(f"{file.path.name}.origin.json").unlink(),
        "the record of .* is missing",
    ),
    "damaged record": (
        lambda file: file.path.with_name(f"{file.path.name}.origin.json").write_text("{"),
        "the record of a raw file is damaged",
    ),
    "named otherwise": (renamed, "its name bears another hash"),
    "beside it": (
        lambda file: file.path.with_name("mine.csv").write_text("x"),
        "not put here by a refresh",
    ),
}


@pytest.mark.parametrize("what", RAW)
def test_what_happened_to_a_raw_file_is_found(area: Standing, what: str) -> None:
    change, words = RAW[what]
    file = area.keep()
    assert verify(area.settings).faults == ()
    change(file)
    (fault,) = verify(area.settings).faults
    assert re.search(words, fault.found)
    assert fault.fix
    assert "\n" not in f"{fault.what}{fault.found}{fault.fix}"


def test_what_happened_to_a_report_is_found(area: Standing) -> None:
    folder = area.report()
    name = "maps/saltmarrow/reports/2024-Q1"
    (folder / "mine.docx").write_text("x", encoding="utf-8")
    flip(folder / "index.html")
    assert faults(area) == [
        (f"{name}/index.html", "it is not as it was made"),
        (f"{name}/mine.docx", "no report lists it"),
    ]
    (folder / "report.json").write_text("{", encoding="utf-8")
    assert faults(area) == [(f"{name}/report.json", "the list of these reports is damaged or gone")]
    (folder.parent / "index.html").unlink()
    assert ("maps/saltmarrow/reports/index.html", "it is gone") in faults(area)
    (folder.parent / "mine.txt").write_text("x", encoding="utf-8")
    assert (f"{name.removesuffix('2024-Q1')}mine.txt", "no report lists it") in faults(area)


def test_nothing_is_verified_before_a_refresh_or_while_one_runs(area: Standing) -> None:
    with store.lock(area.folders.lock), pytest.raises(LockedError, match="verify when it"):
        verify(area.settings)
    with pytest.raises(LockedError, match="replaced it meanwhile"):
        verify(area.settings, step=lambda *_: edited(area, "notes", ["x"]))
    (area.folders.maps / "manifest.json").unlink()
    with pytest.raises(DataMissingError, match="run `hotspots refresh` first"):
        verify(area.settings)
