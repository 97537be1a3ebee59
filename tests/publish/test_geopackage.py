"""The GeoPackage opens in QGIS with its layers and styles."""

from __future__ import annotations

import errno
import xml.etree.ElementTree as ET
from pathlib import Path

import publication_builders as builders
import pyogrio
import pytest

from hotspots.errors import PublishError
from hotspots.publish import cells, exchange, geopackage

LAYERS = ["hotspots", "points", "lamps", "districts"]


def write(folder: Path, *, n_lamps: int = 50) -> Path:
    publication = builders.publication(n_lamps=n_lamps)
    path = folder / "hotspots.gpkg"
    geopackage.write(publication, exchange.shared(cells.prepare(publication)), path)
    return path


def test_layers_read_back_in_metres(tmp_path: Path) -> None:
    publication = builders.publication(n_lamps=50)
    path = write(tmp_path)
    assert pyogrio.list_layers(path)[:, 0].tolist() == [*LAYERS, geopackage.STYLES]
    wanted = [publication.hotspots, publication.points, publication.lamps, publication.districts]
    for layer, table in zip(LAYERS, wanted, strict=True):
        found = pyogrio.read_dataframe(path, layer=layer)
        assert len(found) == len(table)
        assert found.crs.to_epsg() == 27700
    assert set(exchange.COLUMNS) <= set(pyogrio.read_dataframe(path, layer="hotspots").columns)


def test_styles_are_where_qgis_looks_and_name_the_layers(tmp_path: Path) -> None:
    styles = pyogrio.read_dataframe(write(tmp_path), layer=geopackage.STYLES)
    assert styles["f_table_name"].tolist() == LAYERS
    assert styles["useAsDefault"].all()
    for text in styles["styleQML"]:
        assert ET.fromstring(text.split("\n", 1)[1]).tag == "qgis"  # noqa: S314 -- our own file


@pytest.mark.parametrize("n_lamps", [0, 50])
def test_the_same_tables_give_the_same_bytes(tmp_path: Path, n_lamps: int) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    once = write(tmp_path / "a", n_lamps=n_lamps).read_bytes()
    assert once == write(tmp_path / "b", n_lamps=n_lamps).read_bytes()
    assert b"2025-08-03T00:00:00" in once


def test_the_clock_and_the_disk_are_given_back(tmp_path: Path) -> None:
    write(tmp_path)
    for option in ("OGR_CURRENT_DATE", "OGR_SQLITE_SYNCHRONOUS", "OGR_SQLITE_JOURNAL"):
        assert pyogrio.get_gdal_config_option(option) is None


def test_a_full_disk_is_called_that_whatever_gdal_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise pyogrio.errors.FeatureError("no such table")

    asked: list[int] = []

    def no_room(_: Path, data: bytes) -> int:
        asked.append(len(data))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pyogrio, "write_dataframe", refuse)
    with pytest.raises(PublishError, match=r"hotspots\.gpkg: GDAL could not .*no such table"):
        write(tmp_path)
    assert not [*tmp_path.iterdir()], "the room was only tried"
    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path)
    assert asked == [16 * 2**20]


def test_months_are_text_and_styles_the_default(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert (
        pyogrio.read_dataframe(path, layer="points")["first_month"]
        .str.fullmatch(r"\d{4}-\d\d")
        .all()
    )
    styles = pyogrio.read_dataframe(path, layer=geopackage.STYLES)
    assert styles["f_geometry_column"].unique().tolist() == ["geom"]
    assert styles["ui"].isna().all()
    assert styles["update_time"].dt.strftime("%Y-%m-%d %H:%M").unique().tolist() == [
        "2025-08-03 00:00"
    ]
