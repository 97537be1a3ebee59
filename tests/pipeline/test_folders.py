"""Where the files of an area are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspots import store
from hotspots.pipeline.folders import Folders

if TYPE_CHECKING:
    from pathlib import Path

SOUND: dict[str, object] = {
    "inputs": [{"file": "a", "kind": "k", "sha256": "0"}],
    "outputs": [{"bytes": 1, "file": "a", "folder": "maps", "sha256": "0"}],
    "made_on": "2024-05-06", "not_refreshed": [], "run_id": "r", "settings": {}, "until": None,
    "version": "1",
}  # fmt: skip


def test_outputs_go_beside_the_settings_or_where_they_are_sent(tmp_path: Path) -> None:
    beside = Folders.of(tmp_path / "hotspots.toml", "anytown", None)
    assert beside.processed == tmp_path / "data/processed/anytown"
    assert beside.maps == tmp_path / "maps/anytown"
    sent = Folders.of(tmp_path / "hotspots.toml", "anytown", tmp_path / "out")
    assert sent.maps == tmp_path / "out/maps/anytown"
    assert sent.raw == beside.raw == tmp_path / "data/raw"
    assert sent.moved == beside.moved == ""


def test_a_read_only_home_sends_everything_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    home.chmod(0o555)
    found = Folders.of(home / "hotspots.toml", "anytown", None)
    home.chmod(0o755)
    assert found.base == here
    assert found.raw == here / "data/raw"
    assert "--out" in found.moved


@pytest.mark.parametrize(
    "change",
    [{"outputs": {}}, {"inputs": [1]}, {"outputs": [{"file": "a"}]}, {"settings": None}],
)
def test_a_manifest_that_cannot_be_worked_with_is_none(
    tmp_path: Path, change: dict[str, object]
) -> None:
    folders = Folders("anytown", tmp_path, tmp_path)
    assert folders.manifest() is None
    store.write_json(SOUND, folders.maps / "manifest.json")
    assert folders.manifest() == SOUND
    store.write_json(SOUND | change, folders.maps / "manifest.json")
    assert folders.manifest() is None


def test_outputs_that_are_gone_or_grew_are_lacking(tmp_path: Path) -> None:
    folders = Folders("anytown", tmp_path, tmp_path)
    assert folders.lacking(SOUND) == ["maps/a"]
    folders.maps.mkdir(parents=True)
    (folders.maps / "a").write_text("x", encoding="utf-8")
    assert folders.lacking(SOUND) == []
    (folders.maps / "a").write_text("xx", encoding="utf-8")
    assert folders.lacking(SOUND) == ["maps/a"]
