"""A street layer: lines in, everything else set aside and counted."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from hotspots import schema
from hotspots.errors import InputError
from hotspots.sources import streets

E, N = 353_000.0, 429_000.0
NEAR = shapely.box(E - 100, N - 100, E + 1_000, N + 1_000)


def _layer(path: Path, shapes: list[object], crs: str = "EPSG:27700", **columns: object) -> Path:
    table = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:27700").to_crs(crs)
    table.to_file(path)
    return path


def _line(x: float = 0.0) -> shapely.LineString:
    return shapely.LineString([(E + x, N), (E + x + 100, N + 20)])


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("roads.gpkg", "EPSG:27700"),
        ("roads.gpkg", "EPSG:4326"),
        ("roads.geojson", "EPSG:4326"),
        ("roads.shp.zip", "EPSG:27700"),
    ],
)
def test_lines_are_read_from_every_format(tmp_path: Path, name: str, crs: str) -> None:
    path = _layer(
        tmp_path / name, [_line(), _line(200)], crs, id=["b", "a"], name1=["Tern Row", None]
    )
    found = streets.read(path, near=NEAR)
    schema.check(found.table, schema.STREETS)
    assert found.table["street_id"].tolist() == ["a", "b"]
    assert found.table["name"].fillna("none").tolist() == ["none", "Tern Row"]
    assert found.table.geometry.length.tolist() == pytest.approx([101.98, 101.98], abs=0.5)
    assert found.columns == {"street_id": "id", "name": "name1"}
    assert found.account.iloc[0][["rows_in", "kept"]].tolist() == [2, 2]


def test_what_is_no_line_or_far_away_is_set_aside_and_counted(tmp_path: Path) -> None:
    shapes = [_line(), shapely.Point(E, N), None, _line(60_000), _line(1_550), _line(1_450)]
    path = _layer(tmp_path / "roads.gpkg", shapes, usrn=["1", "2", "3", "4", "5", "6"])
    found = streets.read(path, near=NEAR)
    account = found.account.iloc[0]
    assert account[["rows_in", "kept", "excluded", "quarantined"]].tolist() == [6, 2, 2, 2]
    assert found.set_aside["line"].tolist() == [2, 3, 4, 5]
    assert found.set_aside["status"].tolist() == [
        "quarantined", "quarantined", "excluded", "excluded",
    ]  # fmt: skip


def test_ids_that_repeat_or_lack_are_told_apart(tmp_path: Path) -> None:
    path = _layer(tmp_path / "roads.gpkg", [_line(), _line(5), _line(9)], road=["x", "x", ""])
    assert streets.read(path).table["street_id"].tolist() == ["1", "2", "3"]
    path = _layer(tmp_path / "usrn.gpkg", [_line(), _line(5), _line(9)], usrn=["7", "7", ""])
    assert streets.read(path).table["street_id"].tolist() == ["7", "7#2", "line-3"]


def test_layers_without_lines_or_without_a_reference_system_are_refused(tmp_path: Path) -> None:
    points = _layer(tmp_path / "points.gpkg", [shapely.Point(E, N)], id=["1"])
    with pytest.raises(InputError, match=r"expected streets as lines.*Point"):
        streets.read(points)
    bare = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "LineString", "coordinates": [[E, N], [E + 9, N]]},
            }
        ],
    }
    path = tmp_path / "bare.geojson"
    path.write_text(json.dumps(bare))
    with pytest.raises(InputError, match="states no coordinate reference system"):
        streets.read(path)


def test_a_layer_cut_short_is_refused_unless_it_is_whole(tmp_path: Path) -> None:
    path = _layer(tmp_path / "roads.gpkg", [_line(i) for i in range(1_000)], id=range(1_000))
    with pytest.raises(InputError, match="1,000"):
        streets.read(path)
    assert len(streets.read(path, is_whole=True).table) == 1_000
