"""The settings file that `hotspots init` writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hotspots import settings
from hotspots.errors import SettingsError
from hotspots.settings import catalogue, writing


@pytest.mark.parametrize("force", catalogue.forces(), ids=lambda force: force.id)
def test_the_settings_of_every_force_load_as_they_stand(
    force: catalogue.Force, tmp_path: Path
) -> None:
    path = tmp_path / "an area" / "hotspots.toml"
    writing.write_settings(force, path)
    found = settings.load(path)
    assert (found.area.id, found.area.police_force) == (force.id, force.id)
    assert found.police_uk.files == ()
    levels = {layer.level: layer for layer in found.boundaries}
    assert list(levels) == ["district", "lsoa21", "lsoa11"]
    assert re.findall(r"'(\w+)'", levels["district"].where or "") == list(force.districts)
    assert all(layer.url and layer.file is None for layer in found.boundaries)
    assert (found.deprivation is not None) == force.is_in_england


def test_the_names_of_columns_are_those_of_the_sources(tmp_path: Path) -> None:
    writing.write_settings(catalogue.force("gwent"), tmp_path / "x.toml")
    for layer in settings.load(tmp_path / "x.toml").boundaries:
        source = catalogue.source_of(layer.url or "")
        assert source is not None
        assert (layer.code, layer.name) == source.columns


def test_the_file_says_in_words_which_districts_and_which_licence() -> None:
    text = writing.settings_text(catalogue.force("lancashire"))
    assert "# E06000008 Blackburn with Darwen" in text
    assert "Contains OS data © Crown copyright" in text
    assert "hotspots check" in text


def test_the_commented_examples_are_valid_too(tmp_path: Path) -> None:
    text = writing.settings_text(catalogue.force("lancashire"))
    keys = r"\[|authority|file|licence|url|is_whole|is_response|kind|hosts|source"
    shown = re.sub(rf"(?m)^# (?={keys})", "", text)
    (tmp_path / "hotspots.toml").write_text(shown, encoding="utf-8")
    found = settings.load(tmp_path / "hotspots.toml")
    assert [bool(layer.url) for layer in found.lighting] == [False, True]
    assert [(layer.kind, layer.is_response) for layer in found.places] == [
        ("pub", False), ("Neighbourhood Watch", True),
    ]  # fmt: skip
    assert [layer.licence[:12] for layer in found.streets] == ["Contains OS "]
    assert [entry.source for entry in found.field_observations] == ["Street audit team"]
    assert found.fetch.hosts == ("opendata-files.example.gov.uk",)
    assert found.notify is not None
    assert str(found.notify.file).endswith("notifications.jsonl")


def test_a_settings_file_is_replaced_only_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "hotspots.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="--force"):
        writing.write_settings(catalogue.force("kent"), path)
    assert path.read_text(encoding="utf-8") == "mine"
    writing.write_settings(catalogue.force("kent"), path, replace=True)
    assert settings.load(path).area.id == "kent"
    assert [each.name for each in tmp_path.iterdir()] == ["hotspots.toml"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        writing.write_settings(catalogue.force("kent"), tmp_path / "file" / "hotspots.toml")


def test_many_forces_are_tested_against_fewer_maps_and_say_so(tmp_path: Path) -> None:
    writing.write_settings(catalogue.force("kent"), tmp_path / "one.toml")
    [many] = writing.write_many([catalogue.force("kent")], tmp_path)
    one = settings.load(tmp_path / "one.toml")
    assert one.clustering.simulations == 999
    assert settings.load(many).clustering.simulations == writing.SIMULATIONS_OF_MANY == 199
    assert "take these lines out" in many.read_text(encoding="utf-8")
