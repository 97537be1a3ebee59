from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from hotspots import settings as settings_of_areas
from hotspots.errors import DataMissingError
from hotspots.pipeline import raw_inputs
from hotspots.store import Origin, RawFile, RawStore
from pipeline import made_up_force as mannin

ORIGIN = Origin("https://example.org/x", "2024-01-01T00:00:00+00:00", "made up")


def _publish(raw: RawStore, publication: str, months: list[str]) -> RawFile:
    draft = raw.draft(f"{publication}.zip")
    with zipfile.ZipFile(draft, "w") as archive:
        for month in months:
            archive.writestr(f"{month}/{month}-{mannin.FORCE}-street.csv", publication)
    label = f"{publication}-{mannin.FORCE}"
    return raw.keep(draft, source="police_uk", label=label, suffix=".zip", origin=ORIGIN)


SETTINGS = """
[area]
id = "mannin"
name = "Mannin"
police_force = "mannin"
[[boundaries]]
level = "lsoa21"
url = "https://example.org/lsoa/FeatureServer/0"
code = "LSOA21CD"
name = "LSOA21NM"
[[boundaries]]
level = "district"
file = "districts.geojson"
code = "LAD24CD"
name = "LAD24NM"
[[lighting]]
authority = "Mannin & Sons"
url = "https://example.org/lights.csv"
licence = "made up"
[[lighting]]
authority = "Mannin, Sons"
url = "https://example.org/more.csv"
licence = "made up"
"""


@pytest.fixture
def settings(tmp_path: Path) -> settings_of_areas.Settings:
    path = tmp_path / "hotspots.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return settings_of_areas.load(path)


def test_layers_by_address_have_labels_of_their_own(
    settings: settings_of_areas.Settings,
) -> None:
    assert list(raw_inputs.labels(settings)) == [
        "mannin-boundaries-lsoa21",
        "mannin-lighting-mannin-sons",
        "mannin-lighting-mannin-sons-2",
    ]


def test_what_was_never_fetched_is_named(
    settings: settings_of_areas.Settings, tmp_path: Path
) -> None:
    with pytest.raises(DataMissingError, match=r"nothing is here yet of https://example\.org/lsoa"):
        raw_inputs.resolve(settings, RawStore(tmp_path / "raw"))


def test_fetched_layers_and_dropped_downloads_stand_in_for_addresses(
    settings: settings_of_areas.Settings, tmp_path: Path
) -> None:
    raw = RawStore(tmp_path / "raw")
    for label in raw_inputs.labels(settings):
        draft = raw.draft(label)
        draft.write_text(label, encoding="utf-8")
        raw.keep(draft, source="layers", label=label, suffix=".csv", origin=ORIGIN)
    fetched = _publish(raw, "2024-01", ["2024-01"])
    dropped = raw.folder / "by hand" / "2023-12-mannin-street.csv"
    dropped.parent.mkdir()
    dropped.write_bytes(mannin.street_csv([]))
    (raw.folder / "lights.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    local = raw_inputs.resolve(settings, raw)
    assert local.police_uk.files == (str(fetched.path), str(dropped))
    assert all(layer.url is None for layer in (*local.boundaries, *local.lighting))
    named = raw_inputs.files_named(local)
    assert {fetched.path, dropped, tmp_path / "districts.geojson"} <= named


def test_of_what_was_fetched_the_force_s_own_is_read(
    settings: settings_of_areas.Settings, tmp_path: Path
) -> None:
    raw = RawStore(tmp_path / "raw")
    for label in ("2024-01-mannin", "2024-01-other", "2024-01-mannin-answers", "2024-02-mannin"):
        for content in ("old", "new"):
            draft = raw.draft(label)
            draft.write_text(content + label, encoding="utf-8")
            raw.keep(draft, source="police_uk", label=label, suffix=".zip", origin=ORIGIN)

    def read(found: settings_of_areas.Settings) -> list[str]:
        return [path.name.rpartition("-")[0] for path in raw_inputs._fetched(found, raw)]

    def told(area: dict[str, object], police: dict[str, object]) -> settings_of_areas.Settings:
        changed = {
            "area": settings.area.model_copy(update=area),
            "police_uk": settings.police_uk.model_copy(update=police),
        }
        return settings.model_copy(update=changed)

    both = ["2024-01-mannin-01", "2024-01-mannin-02", "2024-02-mannin-01", "2024-02-mannin-02"]
    assert read(settings) == both
    assert read(told({"police_force": None}, {})) == both
    other = ["2024-01-other-01", "2024-01-other-02"]
    assert read(told({"police_force": "other"}, {})) == other
    assert read(told({"id": "elsewhere"}, {})) == both
    assert read(told({"police_force": "other"}, {"source": "api"})) == ["2024-01-mannin-answers-02"]


def test_downloads_are_told_by_content_or_if_damaged_by_name(tmp_path: Path) -> None:
    raw = RawStore(tmp_path / "raw")
    assert [*raw_inputs._dropped(raw)] == []
    for name in (
        "2024-01.zip",
        "x.zip",
        "2024-1.zip",
        ".hidden/2024-01.zip",
        "police_uk/2024-01.zip",
        "a/2024-02.CSV",
        "2024-01.txt",
        "layers/2024-01.zip",
    ):
        path = raw.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PK\x03\x04 damaged")
    found = [path.relative_to(raw.folder).as_posix() for path in raw_inputs._dropped(raw)]
    assert found == ["2024-01.zip", "a/2024-02.CSV"]


def test_of_records_fetched_two_publications_of_a_month_are_read(
    settings: settings_of_areas.Settings, tmp_path: Path
) -> None:
    raw = RawStore(tmp_path / "raw")
    _publish(raw, "2024-01", ["2024-01"])
    assert raw_inputs._police(settings, raw).publications == 2
    named = settings.police_uk.model_copy(update={"publications": 5})
    asked = settings.model_copy(update={"police_uk": named})
    assert raw_inputs._police(asked, raw).publications == 5
