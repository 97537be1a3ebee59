from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hotspots.errors import DataMissingError, InputError
from hotspots.pipeline import inputs
from hotspots.settings import load


@pytest.fixture
def copy(county: Path, tmp_path: Path) -> Path:
    shutil.copytree(county.parent, tmp_path / "county")
    return tmp_path / "county" / county.name


def _print(settings_file: Path, until: str | None = None) -> str:
    settings, home = load(settings_file), settings_file.parent
    record = inputs.settings_record(settings, home)
    return inputs.fingerprint(record, inputs.gather(settings, home), until=until)


def test_every_file_of_the_settings_is_hashed_once(county: Path) -> None:
    found = inputs.gather(load(county), county.parent)
    names = [(each.kind, each.name) for each in found]
    assert len(names) == len(set(names))
    kinds = {each.kind for each in found}
    layers = {"boundaries", "deprivation", "lighting", "places", "streets", "field"}
    assert kinds >= {"police_uk", *layers}
    assert all(name.startswith("inputs/") for _, name in names), "relative to the settings"


def test_the_place_of_the_folder_does_not_matter(county: Path, copy: Path) -> None:
    assert _print(county) == _print(copy)


def test_any_change_makes_another_fingerprint(copy: Path) -> None:
    before = _print(copy)
    assert _print(copy, until="2023-12") != before
    pubs = copy.parent / "inputs" / "places" / "pubs.tsv"
    pubs.write_bytes(pubs.read_bytes() + b"\n")
    changed = _print(copy)
    assert changed != before
    copy.write_text(copy.read_text().replace("months = 36", "months = 24"))
    assert _print(copy) != changed


def test_a_file_that_changes_under_way_stops_the_run(copy: Path) -> None:
    found = inputs.gather(load(copy), copy.parent)
    inputs.require_unchanged(found)
    found[0].path.write_bytes(b"other")
    with pytest.raises(InputError, match="changed while the run was reading it; run again"):
        inputs.require_unchanged(found)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy.parent / "inputs" / "places" / "pubs.tsv").unlink()
    with pytest.raises(DataMissingError, match=r"pubs\.tsv"):
        inputs.gather(load(copy), copy.parent)
