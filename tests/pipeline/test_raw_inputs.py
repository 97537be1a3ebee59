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
